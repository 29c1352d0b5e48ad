"""Forms of the roster, of a rota and of a swap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.command.duty import queries, rules
from anlan.command.duty.models import Rota
from anlan.ground.people import door as people
from anlan.kernel.access import Actor

DATETIME = "%Y-%m-%dT%H:%M"
PATTERNS = {"around_the_clock": _("一班制（24 小时）"), "day_and_night": _("两班制（白班、夜班）")}
"""Names of the patterns of ``turns.csv``."""
SWAPS_OFFERED = 200
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


def errors_of(form: forms.Form) -> list[tuple[str, str]]:
    """Names of inputs with what is wrong with each, for the summary above a form."""
    found = [("", str(error)) for error in form.non_field_errors()]
    labels: dict[str, Any] = form.fields
    return found + [
        (name, f"{labels[name].label}：{error}") for name, errors in form.errors.items() if name != "__all__" for error in errors
    ]


def pattern_label(code: str) -> str:
    """What a pattern is called; its code when nobody named it."""
    return str(PATTERNS.get(code, code))


class RotaForm(forms.Form):
    """A rota: its days, its pattern, and for each person a number in the order of turns (empty: takes none)."""

    name = forms.CharField(label=_("名称"), max_length=80)
    pattern = forms.ChoiceField(label=_("班制"), choices=list(PATTERNS.items()))
    starts_on = forms.DateField(label=_("起始日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("截止日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    rest_hours = forms.IntegerField(label=_("两班最短间隔（小时）"), min_value=0, max_value=168)

    def __init__(self, *args: Any, row: Rota | None, place_code: str, now: datetime, **kwargs: Any) -> None:
        today = timezone.localtime(now).date()
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        start: dict[str, Any] = {
            "starts_on": first,
            "ends_on": (first + timedelta(days=32)).replace(day=1) - timedelta(days=1),
            "rest_hours": 24,
        }
        if row is not None:
            start = {name: getattr(row, name) for name in ("name", "pattern", "starts_on", "ends_on", "rest_hours")}
        super().__init__(*args, initial=start, label_suffix="", **kwargs)
        self._queues: dict[str, list[str]] = row.queues if row is not None else {}
        self.people = self._rows(place_code, now)

    def _rows(self, place_code: str, now: datetime) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
        """Each person's name with his inputs: name of the input, label, value, kind; ``""`` for a kind that his post does not allow."""
        may = {kind: {str(each.account_id): each.name for each in queries.candidates(kind, place_code, now)} for kind in rules.SHIFT_KINDS}
        everybody = {key: name for people_of in may.values() for key, name in people_of.items()}
        return [
            (
                name,
                [
                    (f"q-{kind}-{key}" if key in may[kind] else "", str(_(label)), self._number(kind, key), kind)
                    for kind, label in rules.SHIFT_KINDS.items()
                ],
            )
            for key, name in everybody.items()
        ]

    def _number(self, kind: str, key: str) -> str:
        if self.is_bound:
            return str(self.data.get(f"q-{kind}-{key}", ""))
        queue = self._queues.get(kind, [])
        return str(queue.index(key) + 1) if key in queue else ""

    def clean(self) -> dict[str, Any]:
        """Add ``queues``: ids of accounts by kind of shift in the order of their numbers."""
        values: dict[str, Any] = dict(super().clean() or {})
        numbered: dict[str, list[tuple[float, UUID]]] = {kind: [] for kind in rules.SHIFT_KINDS}
        for _name, inputs in self.people:
            for input_name, _label, text, kind in inputs:
                if input_name and text.strip():
                    if not text.strip().isdigit():
                        raise forms.ValidationError(_("轮值顺序请填整数，不轮值留空。"))
                    numbered[kind].append((int(text), UUID(input_name.removeprefix(f"q-{kind}-"))))
        values["queues"] = {kind: [who for _number, who in sorted(queue)] for kind, queue in numbered.items()}
        return values


class SwapForm(forms.Form):
    """Which of one's shifts somebody else is to take, and for which of his."""

    shift_id = forms.ChoiceField(label=_("我的班次"))
    of = forms.ChoiceField(label=_("请谁值守"), required=False, help_text=_("只请人代班时选人；对换班次时不必选。"))
    in_return_id = forms.ChoiceField(label=_("对换班次"), required=False)
    why = forms.CharField(label=_("事由"), max_length=200, required=False)

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        fields: dict[str, Any] = self.fields
        mine = queries.shifts_of(actor.account_id, now).filter(starts_at__gt=now)[:SWAPS_OFFERED]
        others = queries.shifts(None).filter(place_code=actor.place_code, starts_at__gt=now).exclude(account_id=actor.account_id)
        self._owners = {str(each.pk): each for each in others[:SWAPS_OFFERED]}
        colleagues = {str(each.account_id): each.name for each in queries.candidates("officer", actor.place_code, now)}
        colleagues.pop(str(actor.account_id), None)
        fields["shift_id"].choices = [(str(each.pk), self._told(each)) for each in mine]
        fields["of"].choices = [("", "—"), *colleagues.items()]
        fields["in_return_id"].choices = [
            ("", _("不对换，只请代班")),
            *((key, f"{each.account.display_name} {self._told(each)}") for key, each in self._owners.items()),
        ]

    @staticmethod
    def _told(shift: Any) -> str:
        starts, ends = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
        return f"{starts:%Y-%m-%d %H:%M} – {ends:%m-%d %H:%M} {_(rules.SHIFT_KINDS[shift.kind])}"

    def clean(self) -> dict[str, Any]:
        """Identities; whoever's shift is wanted in return is the one who is asked."""
        values: dict[str, Any] = dict(super().clean() or {})
        wanted = self._owners.get(values.get("in_return_id", ""))
        if wanted is None and not values.get("of"):
            raise forms.ValidationError(_("请选择代班人，或选择对换班次。"))
        return {
            "shift_id": UUID(values["shift_id"]) if values.get("shift_id") else None,
            "of": wanted.account_id if wanted is not None else UUID(values["of"]),
            "in_return_id": wanted.pk if wanted is not None else None,
            "why": values.get("why", ""),
        }
