"""The report form: it parses what a tired officer types; whether it may go out is judged by the services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.levels import Level
from anlan.ledger.sources import law_day
from anlan.report.filings import content, queries, rules, summaries
from anlan.report.filings.models import Filing

DATETIME = "%Y-%m-%dT%H:%M"
TEN_THOUSAND = Decimal(10_000)


def _moment(name: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=content.field_label(name),
        input_formats=[DATETIME, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )


def _count(name: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=content.field_label(name),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _text(name: str, rows: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=content.field_label(name),
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def place_choices(actor: Actor) -> list[tuple[str, str]]:
    """Places where an event may be reported by ``actor``: the counties of his place, or a county and its townships.

    Empty for the nation, where the code is typed.
    """
    if actor.level is Level.NATION:
        return []
    own = places.place(actor.place_code)
    rows = list(places.children(actor.place_code))
    if actor.level is Level.PROVINCE:
        rows = [county for city in rows for county in (city, *places.children(city.code))]
    found = [(row.code, row.name) for row in rows]
    return [(own.code, own.name), *found] if own is not None else found


class FilingForm(forms.Form):
    """One report. With ``supplement`` the facts that cannot change (place, enterprise, source, exercise) are not asked."""

    kind = forms.ChoiceField(label=_("事件类别"))
    title = forms.CharField(label=_("标题"), max_length=120, help_text=_("写明单位和事由，如：某某公司液氯泄漏"))
    occurred_at = _moment("occurred_at")
    known_at = _moment("known_at")
    place_code = forms.ChoiceField(label=_("发生地"))
    location = forms.CharField(label=_("发生地点"), max_length=200)
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    enterprise_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    alarm_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    unit_profile = _text("unit_profile", 2)
    scene = _text("scene", 3)
    brief_course = _text("brief_course", 3)
    deaths = _count("deaths")
    serious_injured = _count("serious_injured")
    injured = _count("injured")
    missing = _count("missing")
    trapped = _count("trapped")
    endangered = _count("endangered")
    evacuated = _count("evacuated")
    direct_loss = forms.DecimalField(
        label=_("初步估计直接经济损失（万元）"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=4,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    serious_pollution = forms.BooleanField(label=_("对环境造成严重污染"), required=False)
    key_facility_threatened = forms.BooleanField(label=_("危及重要场所和设施安全"), required=False)
    other_near_miss = forms.BooleanField(label=_("其他较大涉险情形"), required=False)
    impact = forms.ChoiceField(label=_("社会影响"), required=False, choices=[(code, _(label)) for code, label in rules.IMPACTS.items()])
    accident_type = forms.ChoiceField(
        label=_("事故类型"), required=False, help_text=_("按最先发生的诱发事件选择；尚不清楚时留空，认定前为初步类型")
    )
    type_final = forms.BooleanField(label=_("事故类型已认定"), required=False)
    measures_taken = _text("measures_taken", 3)
    other = _text("other", 2)
    unknown = forms.MultipleChoiceField(label=_("暂不清楚"), required=False, widget=forms.CheckboxSelectMultiple)
    source = forms.ChoiceField(label=_("信息来源"))
    reporter_phone = forms.CharField(label=_("报告人联系电话"), max_length=32, required=False)
    exercise = forms.BooleanField(label=_("演练"), required=False)

    FIXED = ("known_at", "place_code", "enterprise_id", "alarm_id", "source", "exercise", "reporter_phone")

    def __init__(self, *args: Any, actor: Actor, supplement: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.guesses: list[tuple[str, str]] = []
        english = get_language() == "en"
        day = law_day(clock.now())
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [(row.code, row.name_en if english else row.name_zh) for row in queries.event_kinds(day)]
        fields["accident_type"].choices = self._types(day)
        fields["unknown"].choices = [(name, name) for name in content.MAY_BE_UNKNOWN]
        sources = {k: v for k, v in rules.SOURCES.items() if (k == rules.SOURCE_ENTERPRISE) == (actor.enterprise_id is not None)}
        fields["source"].choices = [(code, _(label)) for code, label in sources.items()]
        choices = place_choices(actor)
        if choices:
            fields["place_code"].choices = choices
        else:
            fields["place_code"] = forms.RegexField(r"^\d{6}(\d{3})?$", label=_("发生地区划代码"), help_text=_("6 位或 9 位区划代码"))
        for name in self.FIXED if supplement else ("type_final",):
            del fields[name]

    def _types(self, today: date) -> list[tuple[str, Any]]:
        """Types of the standard of the day of the event: those that go with the kind first, the others below."""
        # Not by ``self[name]``: a field that was read once keeps the label that it had then.
        told = self.data if self.is_bound else self.initial
        occurred, kind = str(told.get("occurred_at") or "")[:10], str(told.get("kind") or "")
        try:
            day = date.fromisoformat(occurred)
        except ValueError:
            day = today
        going = queries.types_of_kind(kind, day)
        codes = going.codes if going is not None else ()
        rows = [(row.code, summaries.type_label(row.code)) for row in queries.accident_types(day)]
        fitting = [row for row in rows if row[0] in codes]
        return [("", gettext("未分类")), *([(gettext("与事件类别相符"), fitting)] if fitting else []), (gettext("全部类型"), rows)]

    def clean_direct_loss(self) -> int | None:
        """Ten thousand yuan as typed, to yuan."""
        value = self.cleaned_data.get("direct_loss")
        return None if value is None else yuan(value)

    def mark_guesses(self, guesses: Iterable[tuple[str, str]]) -> None:
        """Mark fields that hold what was only guessed, in their labels and for their look: name of the field and why. Before the form is read."""
        for name, why in guesses:
            field = self.fields.get(name)
            if field is None:
                continue
            label = str(field.label or gettext("事故单位"))
            self.guesses.append((label, why))
            field.label = gettext("{label}（推测）").format(label=label)
            field.widget.attrs |= {"data-guess": "", "title": why}

    def declare_empty_unknown(self) -> None:
        """Count every item left empty as "not known yet": what is not known at three in the morning must not hold up the report."""
        cleaned = self.cleaned_data
        cleaned["unknown"] = [name for name in content.MAY_BE_UNKNOWN if cleaned.get(name) in (None, "")]

    @property
    def enterprise_name(self) -> str:
        """Name of the enterprise the report is about, for display."""
        value = self["enterprise_id"].value() if "enterprise_id" in self.fields else None
        return enterprises.names([value]).get(value, "") if value else ""

    @property
    def declared_unknown(self) -> set[str]:
        """Fields whose "not known yet" box is ticked."""
        return set(self["unknown"].value() or [])


class InstructionForm(forms.Form):
    """An instruction, who carries it out and until when."""

    text = forms.CharField(label=_("批示内容"), widget=forms.Textarea(attrs={"rows": 2}))
    given_by = forms.CharField(label=_("批示人"), max_length=100, required=False)
    to_level = forms.ChoiceField(label=_("承办层级"), required=False)
    due = forms.DateTimeField(
        label=_("办理时限"),
        required=False,
        input_formats=[DATETIME],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        below = [(str(int(level)), str(gettext(level.label))) for level in Level if actor.level <= level <= Level.COUNTY]
        fields: dict[str, Any] = self.fields
        fields["to_level"].choices = [("", gettext("当前办理单位")), *below]


class LossForm(forms.Form):
    """One item of the ledger of losses; an empty amount says that it is not known."""

    item = forms.ChoiceField(label=_("损失项目"))
    amount = forms.DecimalField(
        label=_("金额（万元）"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=4,
        help_text=_("不清楚时留空"),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    source = forms.CharField(label=_("来源"), max_length=200, required=False, help_text=_("如票据、评估报告、企业财务"))

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        rows = queries.loss_items(law_day(filing.occurred_at))
        groups = ((rules.DIRECT, gettext("直接经济损失")), (rules.INDIRECT, gettext("间接经济损失（不计入等级）")))
        fields["item"].choices = [
            (label, [(row.code, f"{row.code} {summaries.named(row)}") for row in rows if row.standing == standing])
            for standing, label in groups
        ]

    @property
    def entry(self) -> dict[str, tuple[int | None, str]]:
        """What was typed, CNY."""
        amount = self.cleaned_data["amount"]
        return {self.cleaned_data["item"]: (None if amount is None else yuan(amount), self.cleaned_data["source"])}


def yuan(ten_thousands: Decimal) -> int:
    """Ten thousand yuan as typed, to yuan."""
    return int((ten_thousands * TEN_THOUSAND).to_integral_value())


def initial_of(filing: Filing) -> dict[str, Any]:
    """Form values of a filing as it stands."""
    values = {name: getattr(filing, name) for name in FilingForm.base_fields if hasattr(filing, name)}
    for name in ("occurred_at", "known_at"):
        values[name] = timezone.localtime(getattr(filing, name)).strftime(DATETIME)
    if filing.direct_loss is not None:
        values["direct_loss"] = (Decimal(filing.direct_loss) / TEN_THOUSAND).normalize().to_eng_string()
    return values
