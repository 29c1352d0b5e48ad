"""The node's navigation, by task. A page that no room serves yet, or that the actor may not open, has no entry."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk.navigation import Page, Task

TASKS: tuple[Task, ...] = (
    Task("map", _("一张图"), (Page(_("一张图"), "desk:map", "map.view"), Page(_("大屏"), "wallboard:wall", "wallboard.view"))),
    Task(
        "duty",
        _("值班"),
        (
            Page(_("值班台"), "duty:desk", "duty.view"),
            Page(_("未关闭报警"), "alarms:desk", "alarms.view"),
            Page(_("报警"), "desk:alarms-list", "alarms.view"),
            Page(_("报警统计"), "alarms:statistics", "alarms.view"),
            Page(_("信息报送"), "desk:filings-list", "filings.view"),
            Page(_("值班日志"), "duty:log", "duty.view"),
            Page(_("值班表"), "duty:roster", "duty.view"),
            Page(_("我的待办"), "desk:todo"),
        ),
    ),
    Task(
        "warning",
        _("预警"),
        (Page(_("预警信息"), "desk:bulletins-list", "bulletins.view"), Page(_("发布渠道"), "desk:channels-list", "channels.view")),
    ),
    Task(
        "incident",
        _("事件"),
        (
            Page(_("突发事件"), "desk:incidents-list", "incidents.view"),
            Page(_("协同标绘"), "desk:plotting-list", "plotting.view"),
            Page(_("研判"), "desk:judgements-list", "judgement.view"),
            Page(_("现场单元"), "desk:field-units-list", "field.view"),
            Page(_("未登记终端"), "field:strangers", "field.enrol"),
        ),
    ),
    Task(
        "enterprise",
        _("企业与隐患"),
        (
            Page(_("企业"), "desk:enterprises-list", "enterprises.view"),
            Page(_("证照"), "desk:certificates-list", "enterprises.view"),
            Page(_("危险源"), "desk:risksources-list", "risksources.view"),
            Page(_("重大危险源单元"), "desk:hazard-units-list", "hazardsources.view"),
            Page(_("重大危险源备案"), "desk:hazard-filings-list", "hazardsources.view"),
            Page(_("今日排查"), "risks:today", "risks.check"),
            Page(_("风险四色图"), "desk:risk-objects-list", "risks.view"),
            Page(_("风险分级管控清单"), "desk:risk-events-list", "risks.view"),
            Page(_("隐患排查任务"), "desk:risk-checks-list", "risks.view"),
            Page(_("事故隐患"), "desk:dangers-list", "dangers.view"),
            Page(_("隐患分布"), "dangers:regions", "dangers.view"),
            Page(_("隐患统计分析表"), "desk:danger-reports-list", "dangers.view"),
            Page(_("特殊作业票"), "desk:permits-list", "permits.view"),
            Page(_("作业冲突"), "permits:conflicts", "permits.view"),
            Page(_("安全承诺公告"), "desk:commitments-list", "commitments.view"),
            Page(_("承诺公告情况"), "permits:commitment_regions", "commitments.view"),
            Page(_("设备"), "desk:devices-list", "devices.view"),
            Page(_("测点"), "desk:sensors-list", "devices.view"),
            Page(_("实时测点"), "monitor:points", "devices.view"),
            Page(_("多点对比"), "monitor:compare", "devices.view"),
            Page(_("检测规则"), "desk:criteria-list", "criteria.view"),
            Page(_("工艺单元"), "desk:units-list", "units.view"),
            Page(_("视频墙"), "video:wall", "video.view"),
            Page(_("摄像机"), "desk:cameras-list", "video.view"),
            Page(_("视频平台"), "desk:videoplatforms-list", "video.manage"),
            Page(_("隔离数据"), "stream:quarantine", "devices.view"),
            Page(_("数据完整性"), "desk:completeness-list", "completeness.view"),
            Page(_("数据缺口"), "desk:gaps-list", "completeness.view"),
            Page(_("监测巡查"), "patrol:league", "patrol.view"),
            Page(_("监测抽查"), "desk:patrols-list", "patrol.view"),
            Page(_("数据保存期限"), "completeness:retention", "completeness.view"),
        ),
    ),
    Task(
        "resource",
        _("资源与预案"),
        (
            Page(_("预案"), "desk:plans-list", "plans.view"),
            Page(_("化学品"), "desk:chemicals-list", "chemicals.view"),
            Page(_("行业包"), "packs:list", "packs.view"),
            Page(_("模型目录"), "modelling:list", "models.view"),
            Page(_("机构与队伍"), "desk:organisations-list", "organisations.view"),
            Page(_("路网与封路"), "roads:overview", "roads.view"),
            Page(_("封路"), "desk:road-closures-list", "roads.view"),
            Page(_("重要防护目标"), "desk:facilities-list", "facilities.view"),
            Page(_("人口数据"), "desk:population-list", "population.view"),
            Page(_("行政区划"), "places:list", "places.view"),
        ),
    ),
    Task(
        "system",
        _("账号与安全"),
        (
            Page(_("账号"), "desk:accounts-list", "people.view"),
            Page(_("岗位权限"), "people:permissions", "people.view"),
            Page(_("安全策略"), "people:policy", "people.view"),
            Page(_("接口凭证"), "people:keys", "people.issue_key"),
            Page(_("审计日志"), "people:audit", "audit.view"),
        ),
    ),
)
