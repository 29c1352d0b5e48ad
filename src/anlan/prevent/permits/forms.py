"""Forms of special works: asking for permits, and one small form for each thing that may be done, usable with one thumb."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.kernel.access import Actor
from anlan.prevent.permits import queries, rules
from anlan.prevent.permits.models import Permit

MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        **more,
    )


def _number(label: Any, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}), **more)


def _text(label: Any, *, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=2000, **more)


def shown(moment: datetime | None) -> str:
    """A moment as its input takes it."""
    return timezone.localtime(moment).strftime(MOMENT) if moment is not None else ""


class DraftForm(ResourceForm):
    """The analysis of a work: what, where, when, with which dangers. The permits it needs follow from it."""

    enterprise_id = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("作业内容"), max_length=200, help_text=_("一句话，如：更换 2#反应釜循环水管法兰"))
    location = forms.CharField(
        label=_("作业地点及部位"), max_length=160, help_text=_("写明装置、设备位号；同一地点的其他作业会自动提示冲突")
    )
    kinds = forms.MultipleChoiceField(label=_("涉及的特殊作业"), widget=forms.CheckboxSelectMultiple)
    planned_from = _moment(_("计划开始"))
    planned_until = _moment(_("计划结束"), help_text=_("超过标准时限的，作业票自动截到时限，之后须重新办理"))
    day_only = forms.BooleanField(
        label=_("只在工作日白天作业"), required=False, help_text=_("夜间、公休日和节假日停工；不选则按规定升级管理")
    )
    applicant_unit = forms.CharField(label=_("作业申请单位"), max_length=120)
    work_unit = forms.CharField(label=_("作业单位"), max_length=120)
    contractor = forms.BooleanField(label=_("承包商作业"), required=False)
    workers = forms.CharField(label=_("作业人员及证书编号"), max_length=300, required=False)
    method = forms.CharField(label=_("作业方式或原有介质"), max_length=160, required=False, help_text=_("动火写方式，受限空间写原有介质"))
    hazards = _text(_("风险辨识结果"), rows=3, help_text=_("作业危害分析：可能发生什么、怎样防"))
    fire_area = forms.BooleanField(label=_("在火灾爆炸危险场所"), required=False)
    running_unit = forms.BooleanField(label=_("在运行的装置、设备、管道上（含带压不置换）"), required=False)
    tank_dike = forms.BooleanField(label=_("在重大危险源罐区防火堤内（有易燃易爆介质）"), required=False)
    pipe_rack = forms.BooleanField(label=_("在管廊上"), required=False)
    stopped_and_purged = forms.BooleanField(
        label=_("装置全部停车、置换并隔离，且经生产或安全负责人批准"), required=False, help_text=_("批准人写入风险辨识结果")
    )
    height_metres = _number(_("作业高度（m）"), min_value=0, max_value=1000)
    height_factor = forms.BooleanField(label=_("有 GB 30871 8.1.2 所列危险因素"), required=False)
    height_special = forms.BooleanField(label=_("雨雪、带电、悬空或接触冷热物体"), required=False)
    slope_over_45 = forms.BooleanField(label=_("坡度大于 45°"), required=False)
    load_tonnes = _number(_("吊物质量（t）"), min_value=0, max_value=10000)
    depth_metres = _number(_("动土深度（m）"), min_value=0, max_value=100)
    buried_hazardous_pipes = forms.BooleanField(label=_("地下有危险介质管道"), required=False)
    temp_power_special = forms.BooleanField(label=_("临时用电特殊情况（最长 30 天）"), required=False)
    opens_vessel = forms.BooleanField(label=_("设备或管道敞开"), required=False, help_text=_("附近动火会按冲突提示"))
    longitude = _number(_("经度"))
    latitude = _number(_("纬度"))
    exercise = forms.BooleanField(label=_("演练"), required=False)

    FACTS = (
        "fire_area", "running_unit", "tank_dike", "pipe_rack", "stopped_and_purged", "height_metres", "height_factor", "height_special",
        "slope_over_45", "load_tonnes", "depth_metres", "buried_hazardous_pipes", "temp_power_special", "opens_vessel",
    )  # fmt: skip
    GROUPS = (
        (_("动火作业"), ("fire_area", "running_unit", "tank_dike", "pipe_rack", "stopped_and_purged")),
        (_("高处作业"), ("height_metres", "height_factor", "height_special", "slope_over_45")),
        (_("吊装、动土与临时用电"), ("load_tonnes", "depth_metres", "buried_hazardous_pipes", "temp_power_special")),
        (_("受限空间与盲板"), ("opens_vessel",)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(code, gettext(label)) for code, label in rules.KINDS.items()]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the verb takes: facts gathered under ``facts``."""
        cleaned = dict(self.cleaned_data)
        cleaned["facts"] = {name: cleaned.pop(name) for name in self.FACTS}
        return cleaned


class ActForm(ResourceForm):
    """Base: a form of one thing that may be done upon a permit, for one actor."""

    def __init__(self, *args: Any, permit: Permit, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permit, self.actor = permit, actor
        self.settle()

    def settle(self) -> None:
        """Choices and first values that depend on the permit."""


class ConfirmForm(ActForm):
    """Nothing to fill in."""


class ReasonForm(ActForm):
    reason = _text(_("理由"), help_text=_("将写入办理记录和审计日志。"))


class GasForm(ActForm):
    point = forms.CharField(label=_("取样部位"), max_length=120, required=False)
    gas_name = forms.CharField(label=_("代表性气体"), max_length=60, required=False)
    combustible = _number(_("可燃气体（% 体积）"))
    lel = _number(_("该气体爆炸下限（% 体积）"), help_text=_("不知道可留空，按较严的 0.2% 判定"))
    oxygen = _number(_("氧含量（% 体积）"))
    rich = forms.BooleanField(label=_("富氧环境"), required=False)
    toxic_name = forms.CharField(
        label=_("有毒气体名称"), max_length=60, required=False, widget=forms.TextInput(attrs={"list": "toxic-names"})
    )
    toxic_value = _number(_("有毒气体浓度（mg/m³）"))
    toxic_limit = _number(_("接触限值（mg/m³）"), help_text=_("列表中的气体可留空"))
    sampled_at = _moment(_("取样时间"), required=False, help_text=_("留空为现在；断网时留空，按实际点“登记”的时间记"))

    def values(self) -> dict[str, Any]:
        """What the verb takes: the toxic gas as a list."""
        cleaned = dict(self.cleaned_data)
        name, value, limit = (cleaned.pop(f"toxic_{part}") for part in ("name", "value", "limit"))
        cleaned["toxics"] = [(name, value, limit)] if name and value is not None else []
        return cleaned

    def clean(self) -> dict[str, Any]:
        """A name without a concentration, or the other way round, is no reading."""
        values = super().clean() or {}
        if bool(values.get("toxic_name")) != (values.get("toxic_value") is not None):
            self.add_error("toxic_value", gettext("有毒气体的名称和浓度须一起填写。"))
        return values


class ApproveForm(ActForm):
    leader_name = forms.CharField(label=_("作业负责人"), max_length=60)
    supervisor_name = forms.CharField(label=_("监护人"), max_length=60)
    supervisor_id = forms.TypedChoiceField(
        label=_("监护人账号"), required=False, coerce=str, empty_value=None, help_text=_("选了账号，报警和到期会直接通知本人")
    )
    briefed_by_name = forms.CharField(label=_("安全交底人"), max_length=60)
    briefed_to_name = forms.CharField(label=_("接受交底人"), max_length=60)
    opinion = forms.CharField(label=_("审批意见"), max_length=300, required=False)
    password = forms.CharField(
        label=_("签字（本人登录密码）"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("须在现场签字；手机允许时同时记录位置"),
    )
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput(attrs={"data-position": "longitude"}))
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput(attrs={"data-position": "latitude"}))
    accuracy = forms.FloatField(required=False, widget=forms.HiddenInput(attrs={"data-position": "accuracy"}))

    def settle(self) -> None:
        found = queries.colleagues(self.permit.enterprise_id)
        self.fields["supervisor_id"].choices = [("", gettext("不选")), *((str(key), name) for key, name in found)]  # type: ignore[attr-defined]


class PauseForm(ActForm):
    cause = forms.ChoiceField(label=_("暂停原因"))

    def settle(self) -> None:
        self.fields["cause"].choices = [(code, gettext(rules.PAUSES[code])) for code in rules.PAUSES_BY_PEOPLE]  # type: ignore[attr-defined]


class ResumeForm(ActForm):
    supervisor_present = forms.BooleanField(label=_("监护人已在现场"), required=False)


class OwnRuleForm(ResourceForm):
    """How long the enterprise lets permits of one kind last."""

    kind = forms.ChoiceField(label=_("作业类别"))
    hours = forms.IntegerField(label=_("有效时间（小时）"), min_value=1, max_value=720)
    basis = forms.CharField(label=_("依据的企业制度"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, gettext(label)) for code, label in rules.KINDS.items()]  # type: ignore[attr-defined]


FORMS: dict[str, type[ActForm]] = {
    "test": GasForm,
    "approve": ApproveForm,
    "return": ReasonForm,
    "start": ConfirmForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "finish": ConfirmForm,
    "note_finish": ConfirmForm,
    "accept": ConfirmForm,
    "reject": ReasonForm,
    "stop": ReasonForm,
    "release": ReasonForm,
    "cancel": ReasonForm,
}
"""The form of every move and act that is offered as a button; measures and conflicts have parts of the page of their own."""
OFFLINE = ("test", "pause", "finish")
"""What a phone may do without a network: it is kept there and sent later. A signature and the start of work need the node."""
