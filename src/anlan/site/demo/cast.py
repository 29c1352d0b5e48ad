"""The people of the demonstration: who sits where. Names are invented; the places are real."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.kernel.access import system_actor
from anlan.kernel.words import N_

NATION, PROVINCE, CITY = "000000", "370000", "370100"
PLANT_COUNTY, NEIGHBOUR_COUNTY = "370114", "370112"
"""章丘区 holds the plant of the drill; 历城区 is its neighbour and must see nothing of it."""
PLANT_TOWN = "370114001"
"""The township of the village beside the plant."""

COUNTIES = ("370102", "370103", "370104", "370105", "370112", "370113", "370114", "370115", "370116", "370117", "370124", "370126")

PLANT_NAME = "示范氯碱有限公司"

DEMONSTRATION = system_actor(N_("演示数据"))
"""Who writes what the demonstration begins with; pages show the name in the reader's language."""
DEMONSTRATION_BUREAU = system_actor(N_("演示监管部门"))
"""Who answers it for a bureau, where four eyes are needed."""


@dataclass(frozen=True)
class Part:
    """One role: an account, its post, and what a visitor can try with it."""

    username: str
    name: str
    kind: str
    place_code: str
    label_zh: str
    label_en: str
    purpose_zh: str
    purpose_en: str
    group: str
    of_plant: bool = False
    team: bool = False


GROUPS = {
    "county": (N_("县级（章丘区）"), "County (Zhangqiu)"),
    "city": (N_("市级（济南市）"), "City (Jinan)"),
    "above": (N_("省级和国家"), "Province and nation"),
    "enterprise": (N_("企业"), "Enterprise"),
    "field": (N_("队伍和大屏"), "Teams and wallboard"),
    "admin": (N_("系统、安全、审计管理员"), "System, security and audit administrators"),
}


def _part(
    username: str, name: str, kind: str, place: str, label: tuple[str, str], purpose: tuple[str, str], group: str, **more: bool
) -> Part:
    return Part(username, name, kind, place, label[0], label[1], purpose[0], purpose[1], group, **more)


PARTS: tuple[Part, ...] = (
    _part("county.duty", "程安", "duty_officer", PLANT_COUNTY, ("县值班员", "County duty officer"),
          ("接报警、报信息、起草预警", "Takes alarms, reports, drafts warnings"), "county"),
    _part("county.leader", "林恪", "duty_leader", PLANT_COUNTY, ("县带班领导", "County leader on duty"),
          ("启动响应、签发报告", "Starts the response, signs reports"), "county"),
    _part("county.approver", "苏敏", "approver", PLANT_COUNTY, ("县预警审批人", "County approver"),
          ("审批并发布预警", "Approves and publishes warnings"), "county"),
    _part("county.inspector", "何正", "inspector", PLANT_COUNTY, ("县执法人员", "County inspector"),
          ("查企业、看危险源", "Looks into enterprises and hazard sources"), "county"),
    _part("county.clerk", "马静", "bureau_clerk", PLANT_COUNTY, ("县业务人员", "County records clerk"),
          ("维护企业档案、导入表格", "Keeps the enterprise file, imports sheets"), "county"),
    _part("village.clerk", "孟兰", "duty_officer", PLANT_TOWN, ("镇村值班员", "Village duty officer"),
          ("叫应没有收到预警的人", "Calls whom no warning reached"), "county"),
    _part("town.leader", "姚启", "duty_leader", PLANT_TOWN, ("镇带班领导", "Township leader on duty"),
          ("村里叫不到的人，派人到户", "Sends somebody to the door"), "county"),
    _part("neighbour.duty", "陈旭", "duty_officer", NEIGHBOUR_COUNTY, ("邻县值班员（历城区）", "Neighbour county's duty officer"),
          ("看不到章丘区的任何数据", "Sees nothing of Zhangqiu"), "county"),
    _part("city.duty", "高远", "duty_officer", CITY, ("市值班员", "City duty officer"),
          ("接收县级报告、继续上报", "Receives county reports, reports on"), "city"),
    _part("city.leader", "宋哲", "duty_leader", CITY, ("市带班领导", "City leader on duty"),
          ("批示、启动市级响应", "Gives instructions, starts the city's response"), "city"),
    _part("city.approver", "唐宁", "approver", CITY, ("市预警审批人", "City approver"),
          ("审批市级预警", "Approves the city's warnings"), "city"),
    _part("province.duty", "梁博", "duty_officer", PROVINCE, ("省值班员", "Provincial duty officer"),
          ("接收市级报告", "Receives reports of cities"), "above"),
    _part("province.leader", "郑岳", "duty_leader", PROVINCE, ("省带班领导", "Provincial leader on duty"),
          ("对重大信息作出批示", "Gives instructions on grave reports"), "above"),
    _part("nation.duty", "韩立", "duty_officer", NATION, ("国家值班员", "National duty officer"),
          ("接收直报和省级报告", "Receives direct and provincial reports"), "above"),
    _part("plant.manager", "罗平", "enterprise_manager", PLANT_COUNTY, ("企业安全管理员", "Enterprise safety manager"),
          ("示范氯碱：维护档案、报告事故", "Chlor-alkali plant: keeps its file, reports accidents"), "enterprise", of_plant=True),
    _part("plant.operator", "许刚", "enterprise_operator", PLANT_COUNTY, ("企业中控员", "Control-room operator"),
          ("示范氯碱：盯守并首先确认报警", "Chlor-alkali plant: watches and acknowledges alarms first"), "enterprise", of_plant=True),
    _part("team.captain", "邵勇", "rescue_team", PLANT_COUNTY, ("救援队长", "Rescue team captain"),
          ("接受任务、反馈进展", "Accepts tasks, reports progress"), "field", team=True),
    _part("wall.city", "市指挥大厅", "wallboard", CITY, ("大屏", "Wallboard"),
          ("长时间在线，只能看", "Stays on for long, can only look"), "field"),
    _part("admin.system", "系统管理员甲", "system_admin", CITY, ("系统管理员", "System administrator"),
          ("管账号和机构，看不到业务数据", "Keeps accounts and organisations, sees no business data"), "admin"),
    _part("admin.security", "安全管理员乙", "security_admin", CITY, ("安全管理员", "Security administrator"),
          ("授权和策略，不能给自己授权", "Grants posts, never to itself"), "admin"),
    _part("admin.audit", "审计管理员丙", "audit_admin", CITY, ("审计管理员", "Audit administrator"),
          ("看审计日志、校验哈希链", "Reads the audit log, verifies the chain"), "admin"),
)  # fmt: skip

BUREAUS: tuple[tuple[str, str], ...] = (
    (NATION, "国家应急管理部门（演示）"),
    (PROVINCE, "山东省应急管理厅（演示）"),
    (CITY, "济南市应急管理局（演示）"),
)

TEAM_NAME = "章丘区危险化学品应急救援队（演示）"
