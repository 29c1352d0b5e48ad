"""Forms of contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.command.contact import rules

MOST_KEYS = 2000
_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class _Telling(_Form):
    """What every way of telling shares. ``whom`` is read apart: its keys may be named by other pages."""

    title = forms.CharField(label=_("标题"), max_length=120)
    channels = forms.MultipleChoiceField(
        label=_("渠道"), choices=list(rules.CHANNELS.items()), widget=forms.CheckboxSelectMultiple, initial=["page", "sms", "voice"]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["channels"].choices = [(code, _(label)) for code, label in rules.CHANNELS.items()]
        self.order_fields(["title", "body"])


class NoticeForm(_Telling):
    """A notice or a circular."""

    body = forms.CharField(label=_("内容"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=10_000)
    together = forms.BooleanField(label=_("各渠道同时发送（不选则按顺序，无确认才换下一个）"), required=False)
    ask_receipt = forms.BooleanField(label=_("要求签收"), required=False, initial=True)
    ask_answer = forms.BooleanField(label=_("要求书面反馈"), required=False)
    conference = forms.BooleanField(label=_("附会议链接，邀请接收人加入会议"), required=False)
    due_at = forms.DateTimeField(label=_("反馈截止"), required=False, widget=_TIME)
    exercise = forms.BooleanField(label=_("演练"), required=False)


class RollForm(_Telling):
    """A roll call: now, later, or at moments drawn within a window."""

    begins_at = forms.DateTimeField(label=_("开始时间（不填为立即）"), required=False, widget=_TIME)
    ends_at = forms.DateTimeField(label=_("随机窗口结束（不填为同时点名）"), required=False, widget=_TIME)
    exercise = forms.BooleanField(label=_("演练"), required=False)


class GroupForm(_Form):
    """A group's name and who may use it."""

    name = forms.CharField(label=_("分组名称"), max_length=60)
    shared = forms.BooleanField(label=_("共享给本地其他人员"), required=False)


class AnswerForm(_Form):
    """What a receiver answers."""

    answer = forms.CharField(label=_("反馈内容"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    whereabouts = forms.CharField(label=_("所在位置"), required=False, max_length=120)
