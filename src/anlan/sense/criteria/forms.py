"""Forms of detection rules: one per kind, built from the words of :mod:`wording`; rows of conditions, indicators and inputs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.criteria import catalogue, rules, wording
from anlan.sense.criteria.models import Criterion
from anlan.sense.criteria.points import PointBook
from anlan.sense.criteria.services import Scope
from anlan.sense.criteria.wording import Ask
from anlan.sense.devices import door as devices

ROWS_SHOWN, MOST_ROWS = 3, 64
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_MOMENT = "%Y-%m-%dT%H:%M"


def in_language(chinese: str, english: str) -> str:
    """The one of two words that the reader reads."""
    return english if get_language() == "en" else chinese


class _PointField(forms.CharField):
    def __init__(self, book: PointBook, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._book = book
        self.widget.attrs.update({"list": "known-points", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self._book.channel(text)
        except Refusal as refusal:
            raise ValidationError(sentence(refusal), code=refusal.code) from refusal

    def prepare_value(self, value: Any) -> Any:
        return self._book.name(value) if isinstance(value, int) else value


class _PointsField(_PointField):
    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> Any:
        text = forms.CharField.clean(self, value)
        found, wrong = [], []
        for line in text.replace("，", "\n").replace(",", "\n").splitlines():
            if line.strip():
                try:
                    found.append(self._book.channel(line))
                except Refusal as refusal:
                    wrong.append(sentence(refusal))
        if wrong:
            raise ValidationError(wrong[:5])
        return found

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(self._book.name(each) for each in value) if isinstance(value, list | tuple) else value


def _field(ask: Ask, book: PointBook) -> forms.Field:
    told: dict[str, Any] = {"label": ask.label, "required": ask.required, "help_text": ask.help, "initial": ask.initial}
    number = forms.NumberInput({"step": "any", "inputmode": "decimal"})
    match ask.how:
        case wording.SECONDS:
            return forms.FloatField(min_value=0, max_value=31_536_000, widget=number, **told)
        case wording.COUNT:
            return forms.IntegerField(min_value=0, max_value=30_000, **told)
        case wording.CHOICE:
            return forms.ChoiceField(choices=ask.choices, **told)
        case wording.POINT:
            return _PointField(book, max_length=140, **told)
        case wording.POINTS:
            return _PointsField(book, max_length=5000, **told)
        case wording.TEXT:
            return forms.CharField(max_length=500, **told)
        case "flag":
            return forms.BooleanField(**told)
        case _:
            return forms.FloatField(widget=number, **told)


class RowForm(ResourceForm):
    """One row of conditions, indicators or inputs; an empty row is none."""

    def __init__(self, *args: Any, asks: tuple[Ask, ...], book: PointBook, **kwargs: Any) -> None:
        kwargs.setdefault("empty_permitted", True)
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        for ask in asks:
            self.fields[ask.name] = _field(ask, book)

    def has_changed(self) -> bool:
        """Whether the point or the name is filled in: presets alone are no row."""
        return any(str(self[name].value() or "").strip() for name in ("channel", "name") if name in self.fields)


class ScopeForm(ResourceForm):
    """Which points: one by one, by class, by hazard source."""

    points = forms.CharField()
    sensor_classes = forms.MultipleChoiceField(label=_("测点类别"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}))
    risk_sources = forms.MultipleChoiceField(label=_("危险源"), required=False, widget=forms.SelectMultiple(attrs={"size": 4}))

    def __init__(self, *args: Any, actor: Actor, enterprise_id: UUID | None, book: PointBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"] = _PointsField(
            book,
            label=_("测点"),
            required=False,
            max_length=40_000,
            help_text=_("每行一个，写作“设备编号/测点编号”；也可只选类别或危险源。"),
        )
        named = [(each.code, f"{in_language(each.name_zh, each.name_en)}（{each.unit}）") for each in devices.sensor_classes()]
        self.fields["sensor_classes"].choices = named  # type: ignore[attr-defined]
        sources = risksources.of_enterprise(enterprise_id, actor) if enterprise_id is not None else ()
        self.fields["risk_sources"].choices = [(str(each.id), each.name) for each in sources]  # type: ignore[attr-defined]
        if not sources:
            del self.fields["risk_sources"]
        self.groups = dict.fromkeys(self.fields, gettext("监视哪些测点"))

    def scope(self) -> Scope:
        """What was named."""
        data = self.cleaned_data
        return Scope(tuple(data.get("points") or ()), tuple(data.get("sensor_classes") or ()), tuple(data.get("risk_sources") or ()))


class RuleForm(ResourceForm):
    """A rule of one kind: name, level, parameters, hours where the kind has them, basis and dates."""

    name = forms.CharField(label=_("规则名称"), max_length=120)
    level = forms.TypedChoiceField(label=_("报警级别"), coerce=int, choices=list(rules.LEVELS.items()), initial=3)
    source = forms.CharField(label=_("依据"), max_length=300, help_text=_("标准、规程或设计文件的名称与编号；没有的写明“本单位规定”。"))
    article = forms.CharField(label=_("条款"), max_length=120, required=False)
    status = forms.ChoiceField(label=_("核实情况"), choices=list(rules.STATUSES.items()), initial="unverified")
    effective_from = forms.DateField(label=_("生效日期"), required=False, widget=_DATE, help_text=_("不填即启用之日。"))
    effective_to = forms.DateField(label=_("失效日期"), required=False, widget=_DATE)
    note = forms.CharField(label=_("说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kind: str, book: PointBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self._asks = kind, wording.ASKS[kind]
        self.fields["level"].choices = [(level, _(label)) for level, label in rules.LEVELS.items()]  # type: ignore[attr-defined]
        self.fields["status"].choices = [(status, _(label)) for status, label in rules.STATUSES.items()]  # type: ignore[attr-defined]
        self.groups = {"name": gettext("规则"), "level": gettext("规则")}
        for ask in self._asks:
            self.fields[ask.name] = _field(ask, book)
            self.groups[ask.name] = gettext("判定条件")
        if kind == "COMBINED":
            self._add_hours()
        if kind == "COLOURS":
            # The colour decides the level.
            del self.fields["level"]
        for name in ("source", "article", "status", "effective_from", "effective_to", "note"):
            self.groups[name] = gettext("依据与日期")
        self.order_fields(["name", "level", *[ask.name for ask in self._asks], "hours_since", "hours_until", "weekdays"])

    def _add_hours(self) -> None:
        clock = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self.fields["hours_since"] = forms.TimeField(label=_("每天从"), required=False, widget=clock, help_text=_("不填即全天。"))
        self.fields["hours_until"] = forms.TimeField(label=_("每天到"), required=False, widget=clock)
        self.fields["weekdays"] = forms.TypedMultipleChoiceField(
            label=_("星期"),
            required=False,
            coerce=int,
            choices=wording.WEEKDAYS,
            widget=forms.CheckboxSelectMultiple,
            initial=list(range(7)),
        )
        self.groups |= dict.fromkeys(("hours_since", "hours_until", "weekdays"), gettext("监视时间"))

    def parameters(self) -> dict[str, Any]:
        """Plain parameters of the kind, without the rows; empty ones are left out."""
        data = self.cleaned_data
        found = {ask.name: data[ask.name] for ask in self._asks if data.get(ask.name) not in (None, "")}
        if self.kind == "COMBINED":
            since, until, weekdays = data.get("hours_since"), data.get("hours_until"), data.get("weekdays") or []
            if since or until or len(weekdays) < 7:
                found["hours"] = {"since": _minute(since, 0), "until": _minute(until, 1440), "weekdays": weekdays}
        return found

    def texts(self) -> dict[str, Any]:
        """Name, basis, dates."""
        data = self.cleaned_data
        return {name: data[name] for name in ("name", "source", "article", "status", "note", "effective_from", "effective_to")}


def _minute(given: time | None, empty: int) -> int:
    return empty if given is None else given.hour * 60 + given.minute


def initial_of(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the form shows them."""
    found = {ask.name: parameters[ask.name] for ask in wording.ASKS[kind] if parameters.get(ask.name) is not None}
    if hours := parameters.get("hours"):
        since, until = hours.get("since", 0), hours.get("until", 1440)
        found["hours_since"] = time(since // 60, since % 60)
        found["hours_until"] = time(until // 60, until % 60) if until < 1440 else None
        found["weekdays"] = hours.get("weekdays", list(range(7)))
    return found


def rows_of(kind: str, parameters: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the parameters as the form shows them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, _label, _asks in wording.ROWS.get(kind, ()):
        given = parameters.get(name) or []
        if isinstance(given, Mapping):
            given = [{"name": key, "channel": channel} for key, channel in given.items()]
        found[name] = [dict(row) for row in given]
    return found


def formsets(
    kind: str, book: PointBook, data: Any = None, initial: Mapping[str, list[dict[str, Any]]] | None = None, more: int = 0
) -> list[tuple[str, Any, forms.BaseFormSet]]:
    """Rows of a kind as (name, label, formset); ``more``: empty rows beyond the usual."""
    found = []
    for name, label, asks in wording.ROWS.get(kind, ()):
        made = forms.formset_factory(RowForm, extra=ROWS_SHOWN + more, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 10)
        given = (initial or {}).get(name)
        found.append((name, label, made(data, initial=given, prefix=name, form_kwargs={"asks": asks, "book": book})))
    return found


def rows_from(sets: list[tuple[str, Any, forms.BaseFormSet]]) -> dict[str, Any]:
    """The rows filled in, as parameters."""
    found: dict[str, Any] = {}
    for name, _label, formset in sets:
        rows = [{k: v for k, v in form.cleaned_data.items() if v not in (None, "")} for form in formset if form.has_changed()]
        found[name] = {row["name"]: row["channel"] for row in rows} if name == "inputs" else rows
    return found


class BeginForm(ResourceForm):
    """Which kind of rule, and whose."""

    kind = forms.ChoiceField(label=_("规则类别"))
    enterprise = forms.CharField(
        label=_("企业"),
        required=False,
        max_length=200,
        help_text=_("统一社会信用代码或企业全称。不填即为本级管辖区域的规则，只能按类别指定测点。"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor
        written = [(kind, _(label)) for kind, label in rules.KINDS.items() if kind not in rules.LEARNT]
        self.fields["kind"].choices = written  # type: ignore[attr-defined]

    def clean_enterprise(self) -> UUID | None:
        """The enterprise meant."""
        return find_enterprise(self.cleaned_data["enterprise"], self._actor)


class ApplyForm(ScopeForm):
    """A template applied: whose, and at which points."""

    enterprise = forms.CharField(label=_("企业"), required=False, max_length=200, help_text=_("统一社会信用代码或企业全称。"))

    def __init__(self, *args: Any, actor: Actor, enterprise_id: UUID | None, template: catalogue.Template, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, enterprise_id=enterprise_id, **kwargs)
        self._actor = actor
        if template.sensor_class:
            self.fields["sensor_classes"].initial = [template.sensor_class]
        self.order_fields(["enterprise"])
        self.groups["enterprise"] = gettext("哪家企业")

    def clean_enterprise(self) -> UUID | None:
        """The enterprise meant."""
        return find_enterprise(self.cleaned_data["enterprise"], self._actor)


def find_enterprise(text: str, actor: Actor) -> UUID | None:
    """The enterprise that ``text`` names by code or full name. Raises ``ValidationError``."""
    text = text.strip()
    if not text:
        return None
    found = enterprises.by_uscc(text, actor)
    if found is not None:
        return found.id
    named = [each for each in enterprises.search(text, actor) if text in (each.name, each.short_name)]
    if len(named) == 1:
        return named[0].id
    raise ValidationError(_("没有找到这家企业，或名称不唯一；请填写统一社会信用代码。"))


class SuppressForm(ResourceForm):
    """Until when, where and why a rule raises nothing."""

    since = forms.DateTimeField(label=_("开始时间"), required=False, input_formats=[_MOMENT], help_text=_("不填即现在。"))
    until = forms.DateTimeField(label=_("结束时间"), input_formats=[_MOMENT])
    points = forms.CharField()
    reason = forms.CharField(label=_("事由"), max_length=300)

    def __init__(self, *args: Any, book: PointBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
        self.fields["points"] = _PointsField(
            book, label=_("测点"), required=False, max_length=40_000, help_text=_("不填即该规则的全部测点。")
        )


class ReplayForm(ResourceForm):
    """Which stretch of history."""

    since = forms.DateTimeField(label=_("开始时间"), input_formats=[_MOMENT])
    until = forms.DateTimeField(label=_("结束时间"), input_formats=[_MOMENT])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)


def initial_from(row: Criterion) -> dict[str, Any]:
    """Present values of a rule for its form."""
    names = ("name", "level", "source", "article", "status", "note", "effective_from", "effective_to")
    return {**{name: getattr(row, name) for name in names}, **initial_of(row.kind, row.parameters)}
