"""Forms of hidden dangers: registering one on a phone, and one small form for each move and act of the flow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor
from anlan.kernel.levels import parent_code
from anlan.prevent.dangers import judging, queries, rules
from anlan.prevent.dangers.models import Danger

MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        **more,
    )


def _text(label: Any, *, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=4000, **more)


def shown(moment: datetime | None) -> str:
    """A moment as its input takes it."""
    return timezone.localtime(moment).strftime(MOMENT) if moment is not None else ""


class ReportForm(ResourceForm):
    """What was seen, where, when; everything else comes from the enterprise."""

    enterprise_id = forms.UUIDField(label=_("企业"), widget=forms.HiddenInput)
    title = forms.CharField(label=_("看到了什么"), max_length=120, help_text=_("一句话，如：3#储罐紧急切断阀未投用"))
    location = forms.CharField(label=_("部位或设备"), max_length=160, help_text=_("写明装置、罐号或区域；同一部位一年内再次出现会自动提示"))
    description = _text(_("详细情况"), rows=3, required=False)
    found_at = _moment(_("发现时间"))
    source = forms.ChoiceField(label=_("来源"))
    sector = forms.ChoiceField(label=_("行业领域"))
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))
    source_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    exercise = forms.BooleanField(label=_("演练"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = rules.BUREAU_SOURCES if actor.enterprise_id is not None else ()
        sources = [(code, gettext(label)) for code, label in rules.SOURCES.items() if code not in hidden]
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
        self.fields["sector"].choices = [(code, gettext(label)) for code, label in rules.SECTORS.items()]  # type: ignore[attr-defined]


class ActForm(ResourceForm):
    """Base: a form of one move or act upon a danger, for one actor."""

    def __init__(self, *args: Any, danger: Danger, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.danger, self.actor = danger, actor
        self.settle()

    def settle(self) -> None:
        """Choices and first values that depend on the danger."""

    def first(self, **values: Any) -> None:
        """Values shown where nothing was typed yet."""
        for name, value in values.items():
            self.fields[name].initial = value


class ConfirmForm(ActForm):
    """Nothing to fill in."""


class ReasonForm(ActForm):
    reason = _text(_("理由"), help_text=_("将写入办理记录和审计日志。"))


class GradeForm(ActForm):
    grade = forms.ChoiceField(label=_("隐患等级"))
    criterion = forms.ChoiceField(label=_("判定标准条款"), required=False)
    reason = _text(_("判定理由"), required=False, help_text=_("没有对应条款而判为重大隐患，或重新判定时必填"))

    def settle(self) -> None:
        judged_by = judging.of(self.danger)
        names = {each.code: queries.worded(each, "name") for each in judged_by.lists}
        groups: dict[str, list[tuple[str, str]]] = {}
        for item in judged_by.criteria:
            heading = f"{names[item.list]} · {item.group_zh}" if item.group_zh else names[item.list]
            groups.setdefault(heading, []).append((item.code, f"{item.article}　{item.text_zh[:80]}"))
        self.fields["grade"].choices = [("", gettext("请选择")), *((k, gettext(v)) for k, v in rules.GRADES.items())]  # type: ignore[attr-defined]
        self.fields["criterion"].choices = [("", gettext("不适用任何条款")), *groups.items()]  # type: ignore[attr-defined]
        self.first(grade=self.danger.grade, criterion=self.danger.criterion)


class OrderForm(ActForm):
    order_text = _text(_("整改要求"), rows=3)
    order_basis = forms.CharField(label=_("法律依据"), max_length=300, help_text=_("如：安全生产法第四十一条、第六十五条"))
    deadline = _moment(_("整改期限"))


class StartForm(ActForm):
    responsible_name = forms.CharField(label=_("责任人"), max_length=60)
    measures = _text(_("整改措施"))
    funds_yuan = forms.DecimalField(label=_("整改资金（元）"), min_value=0, max_digits=14, decimal_places=2, required=False)
    contingency = _text(_("应急预案"), required=False)
    plan_goal = _text(_("治理的目标和任务"), required=False)
    plan_method = _text(_("采取的方法和措施"), required=False)
    plan_funds = _text(_("经费和物资的落实"), required=False)
    plan_organization = _text(_("负责治理的机构和人员"), required=False)
    plan_deadline = _text(_("治理的时限和要求"), required=False)
    plan_safety = _text(_("安全措施和应急预案"), required=False)

    def settle(self) -> None:
        if self.danger.grade != rules.MAJOR:
            for name in ("funds_yuan", "contingency", *(f"plan_{part}" for part in rules.PLAN_PARTS)):
                del self.fields[name]
            return
        self.first(**{f"plan_{part}": self.danger.plan.get(part, "") for part in rules.PLAN_PARTS})

    def clean(self) -> dict[str, Any]:
        """The parts of the plan gathered under ``plan``."""
        values = super().clean() or {}
        values["plan"] = {part: values.pop(f"plan_{part}", "") for part in rules.PLAN_PARTS}
        return values


class OutcomeForm(ActForm):
    outcome = _text(_("整改情况"), rows=3)


class VerifyForm(ActForm):
    verdict = _text(_("验收意见"))


class SendBackForm(ReasonForm):
    deadline = _moment(_("新的整改期限"), required=False, help_text=_("不填则原期限不变"))


class ReportUpForm(ActForm):
    situation = _text(_("隐患的现状及其产生原因"))
    harm = _text(_("隐患的危害程度和整改难易程度分析"))
    plan = _text(_("隐患的治理方案"))

    def settle(self) -> None:
        self.first(
            situation=self.danger.situation or self.danger.description, harm=self.danger.harm, plan=self.danger.plan.get("method", "")
        )


class ExtensionForm(ReasonForm):
    wanted = _moment(_("申请延至"))


class DecideForm(ActForm):
    approve = forms.TypedChoiceField(
        label=_("审批"), coerce=lambda value: value == "yes", choices=[("yes", _("同意")), ("no", _("不同意"))]
    )
    note = _text(_("审批意见"), required=False)


class UntilForm(ReasonForm):
    until = _moment(_("截止时间"))


class HandOverForm(ReasonForm):
    organisation_id = forms.TypedChoiceField(label=_("接收部门"), required=False, coerce=str, empty_value=None)
    handed_to = forms.CharField(label=_("平台外接收单位"), max_length=120, required=False, help_text=_("接收部门不在列表中时填写"))

    def settle(self) -> None:
        code: str | None = self.danger.place_code[:6]
        found = []
        while code is not None:
            found += organisations.find("emergency_bureau", code)
            code = parent_code(code)
        self.fields["organisation_id"].choices = [("", gettext("请选择")), *((str(each.id), each.name) for each in found)]  # type: ignore[attr-defined]


class PublishForm(ActForm):
    public_text = _text(_("公开内容"), rows=3, help_text=_("不得含姓名、电话、证件号等个人信息"))

    def settle(self) -> None:
        self.first(public_text=self.danger.public_text)


class RewardForm(ActForm):
    rule_code = forms.ChoiceField(label=_("举报事项"))
    tip_number = forms.CharField(label=_("举报受理编号"), max_length=40, help_text=_("只记编号，不记举报人信息"))
    fine_yuan = forms.DecimalField(label=_("罚款金额（元）"), min_value=0, max_digits=14, decimal_places=2, required=False)
    deaths = forms.IntegerField(label=_("核实的瞒报死亡人数"), min_value=1, max_value=9999, required=False)
    employee = forms.BooleanField(label=_("举报人为本单位从业人员"), required=False)

    def settle(self) -> None:
        rows = queries.rewards(self.danger.found_at)
        self.fields["rule_code"].choices = [(row.code, queries.worded(row, "subject")) for row in rows]  # type: ignore[attr-defined]


FORMS: dict[str, type[ActForm]] = {
    "grade": GradeForm,
    "regrade": GradeForm,
    "order": OrderForm,
    "start": StartForm,
    "fix_at_once": OutcomeForm,
    "rectify": OutcomeForm,
    "verify": VerifyForm,
    "send_back": SendBackForm,
    "close": ConfirmForm,
    "cancel": ReasonForm,
    "report_up": ReportUpForm,
    "ask_extension": ExtensionForm,
    "decide_extension": DecideForm,
    "suspend": UntilForm,
    "resume": ReasonForm,
    "hand_over": HandOverForm,
    "list": UntilForm,
    "ask_acceptance": ConfirmForm,
    "delist": ReasonForm,
    "publish": PublishForm,
    "reward": RewardForm,
}
"""The form of every move and act."""
WITH_PICTURES = ("fix_at_once", "rectify")
