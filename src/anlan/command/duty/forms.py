"""The roster's form."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.command.duty import rules
from anlan.ground.people import door as people
from anlan.kernel.access import Actor

DATETIME = "%Y-%m-%dT%H:%M"
_ON_DUTY = ("duty_officer", "duty_leader")


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[DATETIME, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )


class ShiftForm(forms.Form):
    """One shift: who of those who hold a duty post here, in which capacity, from when to when."""

    account_id = forms.ChoiceField(label=_("值班人"))
    kind = forms.ChoiceField(label=_("班次类型"), choices=[(k, _(v)) for k, v in rules.SHIFT_KINDS.items()])
    post = forms.CharField(label=_("岗位"), max_length=64, required=False)
    starts_at = _moment(_("开始"))
    ends_at = _moment(_("结束"))

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        start = timezone.localtime(now).replace(hour=8, minute=30, second=0, microsecond=0)
        kwargs.setdefault(
            "initial",
            {
                "starts_at": start.strftime(DATETIME),
                "ends_at": (start + timedelta(days=1)).strftime(DATETIME),
                "kind": "officer",
            },
        )
        super().__init__(*args, label_suffix="", **kwargs)
        holders = {h.account_id: h for kind in _ON_DUTY for h in people.holders_of(kind, actor.place_code, now=now)}
        fields: dict[str, Any] = self.fields
        fields["account_id"].choices = [(str(key), h.name) for key, h in holders.items()]
