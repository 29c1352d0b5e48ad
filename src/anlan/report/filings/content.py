"""What a report holds: cleaning of what was typed, the check of its completeness, and its judgement by the rules of its day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.geo import Point
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.report.filings import queries, refusals, rules
from anlan.report.filings.models import Filing

COUNTS = rules.CASUALTY_FIELDS
TEXTS = ("title", "location", "unit_profile", "scene", "brief_course", "measures_taken", "other", "reporter_phone")
FLAGS = ("serious_pollution", "key_facility_threatened", "other_near_miss")
MAY_BE_UNKNOWN = ("unit_profile", "scene", "brief_course", *COUNTS, "direct_loss", "measures_taken")

# What a version keeps and a supplement may change.
REPORTED = (
    "title",
    "kind",
    "occurred_at",
    "location",
    "longitude",
    "latitude",
    *TEXTS[2:7],
    *COUNTS,
    "direct_loss",
    *FLAGS,
    "impact",
    "accident_type",
    "type_final",
    "loss_unknown",
    "unknown",
)


class KindUnknown(Refusal):
    code = "filing_kind_unknown"
    sentence = N_("“{value}”不是可报送的事件类别，请从列表中选择。")
    status = 422


class PlaceUnknown(Refusal):
    code = "filing_place_unknown"
    sentence = N_("行政区划代码“{value}”不在现行代码表中，请选择发生地的县（市、区）。")
    status = 422


class TypeUnknown(Refusal):
    code = "filing_type_unknown"
    sentence = N_("“{value}”不是{standard}中的事故类型；发生时间更改后请重新选择。")
    status = 422


class NotAnAccident(Refusal):
    code = "filing_not_an_accident"
    sentence = N_("“{kind}”不是生产安全事故，不按事故类型分类，请把事故类型留空。")
    status = 422


class Needed(Refusal):
    code = "filing_field_needed"
    sentence = N_("请填写“{field}”。")
    status = 422


def clean(values: Mapping[str, Any], *, now: datetime, partial: bool = False) -> dict[str, Any]:
    """Check and return the values given; unknown names are left out. ``partial`` asks for nothing that is not given.

    Raises ``Invalid`` naming every wrong field.
    """
    wrong: dict[str, Refusal | str] = {}
    out: dict[str, Any] = {name: str(values[name]).strip() for name in TEXTS if name in values}
    out |= {name: bool(values[name]) for name in FLAGS if name in values}
    out |= {name: values[name] for name in ("source", "exercise", "alarm_id", "classification") if values.get(name) is not None}
    _clean_times(values, out, wrong, now=now, partial=partial)
    _clean_where(values, out, wrong, partial=partial)
    if values.get("impact") in rules.IMPACTS:
        out["impact"] = values["impact"]
    out |= {name: values[name] for name in ("accident_type", "type_final", "loss_unknown") if values.get(name) is not None}
    for name in (*COUNTS, "direct_loss"):
        if name in values:
            value = values[name]
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                wrong[name] = refusals.NotANumberOfPeople(field=_label(name))
            else:
                out[name] = value
    if "unknown" in values:
        declared = [name for name in values["unknown"] if name in MAY_BE_UNKNOWN]
        # A figure that is given is known, whatever the box says.
        out["unknown"] = [name for name in declared if out.get(name, None) in (None, "")]
    if not partial and not out.get("title"):
        wrong["title"] = Needed(field=_label("title"))
    if "kind" in values or not partial:
        day = law_day(out.get("occurred_at") or now)
        if values.get("kind") not in {row.code for row in queries.event_kinds(day)}:
            wrong["kind"] = KindUnknown(value=values.get("kind") or "")
        else:
            out["kind"] = values["kind"]
    if wrong:
        raise Invalid(fields=wrong)
    return out


MUST_STAND = ("title", "location", "kind", "place_code")


def clean_so_far(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What of a form that is still being typed can be kept: fields that are wrong, and empty ones that must not be, are left out."""
    given = {name: value for name, value in values.items() if value != "" or name not in MUST_STAND}
    try:
        clean_values = clean(given, now=now, partial=True)
    except Invalid as refusal:
        clean_values = clean({name: value for name, value in given.items() if name not in refusal.fields}, now=now, partial=True)
    day = law_day(clean_values.get("occurred_at") or now)
    known = {row.code for row in queries.accident_types(day)} if queries.types_of_kind(clean_values.get("kind", ""), day) else set()
    return clean_values if clean_values.get("accident_type", "") in known else {**clean_values, "accident_type": ""}


def _clean_times(values: Mapping[str, Any], out: dict[str, Any], wrong: dict[str, Refusal | str], *, now: datetime, partial: bool) -> None:
    for name in ("occurred_at", "known_at"):
        value = values.get(name)
        if value is None:
            if name == "occurred_at" and not partial:
                wrong[name] = Needed(field=_label(name))
            continue
        if value > now:
            wrong[name] = refusals.InTheFuture(field=_label(name))
        out[name] = value
    if not partial and "known_at" not in out:
        out["known_at"] = now


def _clean_where(values: Mapping[str, Any], out: dict[str, Any], wrong: dict[str, Refusal | str], *, partial: bool) -> None:
    if values.get("enterprise_id"):
        try:
            found = enterprises.enterprise(values["enterprise_id"])
        except NotFound as refusal:
            wrong["enterprise_id"] = refusal
        else:
            out["enterprise_id"] = found.id
    code = values.get("place_code")
    if code:
        if not places.exists(code):
            wrong["place_code"] = PlaceUnknown(value=code)
        out["place_code"] = code
    elif not partial:
        wrong["place_code"] = Needed(field=_label("place_code"))
    if values.get("longitude") is not None and values.get("latitude") is not None:
        try:
            point = Point(values["longitude"], values["latitude"])
        except Refusal as refusal:
            wrong["longitude"] = refusal
        else:
            out |= {"longitude": point.longitude, "latitude": point.latitude}
    if not partial and not out.get("location"):
        wrong["location"] = Needed(field=_label("location"))


def field_label(name: str) -> Any:
    """Label of a field of the filing, translated when it is shown."""
    return cast("Any", Filing._meta.get_field(name)).verbose_name


def _label(name: str) -> str:
    return str(field_label(name))


def apply(filing: Filing, clean_values: Mapping[str, Any]) -> None:
    """Put cleaned values on a filing."""
    for name, value in clean_values.items():
        setattr(filing, name, value)


def require_type(filing: Filing) -> None:
    """Refuse a type of accident that the standard of the day of the event does not have, or that the kind of event cannot have. Raises ``Invalid``."""
    filing.type_final = filing.type_final and filing.accident_type != ""
    if not filing.accident_type:
        return
    day = law_day(filing.occurred_at)
    rows = queries.accident_types(day)
    if queries.types_of_kind(filing.kind, day) is None:
        raise Invalid(fields={"accident_type": NotAnAccident(kind=summary_kind(filing.kind))})
    if filing.accident_type not in {row.code for row in rows}:
        raise Invalid(fields={"accident_type": TypeUnknown(value=filing.accident_type, standard=rows[0].standard if rows else "GB 6441")})


def summary_kind(code: str) -> str:
    """Name of a kind of event in a sentence of a refusal."""
    row = queries.every_kind().get(code)
    return code if row is None else row.name_zh


def values_of(filing: Filing) -> dict[str, Any]:
    """The reported content as plain JSON values, for versions."""
    out: dict[str, Any] = {}
    for name in REPORTED:
        value = getattr(filing, name)
        # One moment has one spelling, whatever time zone it was typed in.
        out[name] = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return out


def clean_told(told: Mapping[str, Any], occurred_at: datetime, now: datetime) -> dict[str, Any]:
    """Values of a version that another node wrote, as they are put on a filing: of the kinds and lengths that a filing keeps.

    Raises ``Invalid``, naming what is wrong, and ``TypeError``, ``ValueError`` for what is not even of the kind of a value.
    """
    # The clock of the other node may be ahead of ours.
    values = clean({**told, "occurred_at": occurred_at}, now=max(now, occurred_at), partial=True)
    try:
        Filing(**values).clean_fields(exclude={field.name for field in Filing._meta.concrete_fields} - values.keys())
    except ValidationError as wrong:
        raise Invalid(fields={name: "；".join(words) for name, words in wrong.message_dict.items()}) from wrong
    return values


def enterprise_named(uscc: str) -> UUID | None:
    """The enterprise with this credit code, where this node keeps its file."""
    found = enterprises.by_uscc(uscc) if uscc else None
    return found.id if found is not None else None


def levels_of(filing: Filing) -> tuple[rules.AccidentLevel, ...]:
    """Accident levels of the day of the event."""
    return queries.accident_levels(law_day(filing.occurred_at))


def consequences(filing: Filing) -> rules.Consequences:
    """What the event did as far as the filing says; a figure left empty is unknown."""
    counts = {name: getattr(filing, name) for name in (*COUNTS, "direct_loss")}
    values: dict[str, Any] = {name: value or 0 for name, value in counts.items()}
    values |= {name: getattr(filing, name) for name in FLAGS}
    unknown = {name for name, value in counts.items() if value is None}
    # A sum of which parts are missing is a lower bound: the level it gives is provisional.
    unknown |= {"direct_loss"} if filing.loss_unknown else set()
    return rules.Consequences(**values, unknown=frozenset(unknown))


def judgement_fields(filing: Filing) -> dict[str, Any]:
    """Level fields of a filing as judged now, and the standards by which its type and its loss are counted."""
    judged, day = queries.judge(consequences(filing), filing.occurred_at), law_day(filing.occurred_at)
    of_work = queries.types_of_kind(filing.kind, day) is not None
    types, items = queries.accident_types(day), queries.loss_items(day)
    return {
        "type_standard": types[0].standard if of_work and types else "",
        "loss_standard": items[0].standard if of_work and items else "",
        "level_code": judged.code,
        "forecast_code": judged.forecast,
        "reporting_code": judged.reporting_code,
        "provisional": judged.provisional,
    }


def judge_into(filing: Filing) -> None:
    """Judge a filing and keep the result on it."""
    apply(filing, judgement_fields(filing))


def require_complete(filing: Filing) -> None:
    """Refuse a report that lacks what art. 12 asks for and does not say so. Raises ``ContentMissing``."""
    day = law_day(filing.occurred_at)
    values = {row.field: getattr(filing, row.field) for row in queries.required_content(day)}
    lacking = rules.missing_content(values, frozenset(filing.unknown), queries.required_content(day))
    if lacking:
        raise refusals.ContentMissing(
            fields="、".join(row.name_zh for row in lacking),
            article=f"{lacking[0].source}第十二条" if "第十二条" in lacking[0].article else lacking[0].source,
            names=[row.field for row in lacking],
        )


def not_known_for_flash(filing: Filing) -> list[str]:
    """What a telephone flash should tell (Order 21 art. 10) and nobody knows yet."""
    return [row.field for row in queries.flash_content(law_day(filing.occurred_at)) if getattr(filing, row.field) in (None, "")]


def prefill_from_enterprise(enterprise_id: UUID | str, actor: Actor) -> dict[str, Any]:
    """Values of a new report that follow from the enterprise. Raises ``NotFound``."""
    found = enterprises.enterprise(enterprise_id, actor)
    profile = [found.name, _("统一社会信用代码 {code}").format(code=found.uscc)]
    if found.legal_representative:
        profile.append(_("法定代表人 {name}").format(name=found.legal_representative))
    if found.staff_count:
        profile.append(_("从业人员 {count} 人").format(count=found.staff_count))
    if found.major_level:
        profile.append(_("有{level}级重大危险源").format(level="一二三四"[found.major_level - 1]))
    return {
        "enterprise_id": found.id,
        "place_code": found.place_code,
        "location": found.registered_address or found.name,
        "longitude": found.longitude,
        "latitude": found.latitude,
        "unit_profile": "；".join(profile),
    }
