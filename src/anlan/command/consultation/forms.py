"""Forms of consultations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.consultation import rules
from anlan.kernel import clock
from anlan.ledger.sources import law_day

DATETIME = "%Y-%m-%dT%H:%M"
CHANNELS = (("page", _("页面")), ("sms", _("短信")), ("voice", _("语音外呼")), ("email", _("电子邮件")))


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[DATETIME, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )


def _area(label: Any, rows: int, longest: int, *, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows}))


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class CallForm(_Form):
    """A new consultation; who is invited is read apart (``to``)."""

    title = forms.CharField(label=_("会商名称"), max_length=120)
    starts_at = _moment(_("会商时间"))
    venue = forms.CharField(label=_("会商地点"), max_length=120, required=False)
    online = forms.BooleanField(label=_("视频会商（邀请中附会议链接）"), required=False)
    chair = forms.ChoiceField(label=_("主持人"), required=False)
    chair_name = forms.CharField(label=_("或主持人姓名、职务"), max_length=100, required=False)
    agenda = _area(_("议程（每行一项）"), 7, 4000, help_text=_("可在“｜”后写汇报单位或人员。"))
    channels = forms.MultipleChoiceField(label=_("通知渠道"), choices=CHANNELS, widget=forms.CheckboxSelectMultiple)
    exercise = forms.BooleanField(label=_("演练"), required=False)

    def __init__(self, *args: Any, chairs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["chair"].choices = [("", _("未指定账号（由有签发权限的人员签发）")), *chairs]


class DecisionForm(_Form):
    """Who does what by when, and why."""

    text = forms.CharField(label=_("议定事项"), max_length=200)
    seat = forms.ChoiceField(label=_("责任单位或人员"), required=False)
    assignee = forms.CharField(label=_("或其他责任单位"), max_length=120, required=False)
    due = _moment(_("完成时限"))
    grounds = _area(_("依据和理由"), 2, 1000)
    item = forms.ChoiceField(label=_("所属议题"), required=False)

    def __init__(self, *args: Any, seats: list[tuple[str, str]], items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["seat"].choices, fields["item"].choices = [("", "—"), *seats], [("", "—"), *items]


class VoiceForm(_Form):
    """What somebody said, or did not agree with."""

    kind = forms.ChoiceField(label=_("类别"))
    text = _area(_("内容"), 2, 4000)
    item = forms.ChoiceField(label=_("所属议题"), required=False)
    who = forms.CharField(label=_("发言人（代记时填写）"), max_length=160, required=False)

    def __init__(self, *args: Any, items: list[tuple[str, str]], keeps: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [(code, _(label)) for code, label in rules.VOICES.items()]
        fields["item"].choices = [("", "—"), *items]
        if not keeps:
            del fields["who"]


class ItemForm(_Form):
    """One more item of the agenda."""

    title = forms.CharField(label=_("议题"), max_length=200)
    speaker = forms.CharField(label=_("汇报单位或人员"), max_length=120, required=False)


class ReferenceForm(_Form):
    """A page of this platform."""

    address = forms.CharField(label=_("页面地址"), max_length=500, help_text=_("以“/”开头，例如研判、信息报送、预警或风险态势页面。"))
    title = forms.CharField(label=_("名称"), max_length=160, required=False)


class RescheduleForm(_Form):
    """Another hour, and why."""

    starts_at = _moment(_("新的会商时间"))
    reason = forms.CharField(label=_("改期原因"), max_length=300)


def templates() -> list[tuple[str, str, str]]:
    """Standing agendas to choose from: code, name and the titles, one a line, in the reader's language."""
    english = get_language() == "en"
    return [
        (
            code,
            rows[0].name_en if english else rows[0].name_zh,
            "\n".join(each.title_en if english else each.title_zh for each in rows),
        )
        for code, rows in rules.agendas(law_day(clock.now())).items()
    ]
