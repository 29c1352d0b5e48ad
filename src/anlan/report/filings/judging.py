"""What a page shows of the law while a report is written, and what an actor may do with a filing now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from anlan.kernel.access import Actor
from anlan.kernel.levels import Level
from anlan.ledger import clocks
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, content, merging, queries, rules, summaries
from anlan.report.filings.forms import FilingForm
from anlan.report.filings.models import Filing


def judged_form(form: FilingForm, actor: Actor, now: datetime, *, filing: Filing | None = None, key: UUID | None = None) -> dict[str, Any]:
    """Level, reasons and duties of what stands in a form, complete or not: context of ``filings/_judgement.html``. ``key``: the draft that holds it."""
    form.is_valid()
    values: dict[str, Any] = form.cleaned_data if form.is_bound else _typed(form)
    occurred = values.get("occurred_at") or (filing.occurred_at if filing is not None else now)
    known = values.get("known_at") or (filing.known_at if filing is not None else now)
    place = values.get("place_code") or (filing.place_code if filing is not None else actor.place_code)
    seen = Filing(**{name: values.get(name) for name in (*content.COUNTS, "direct_loss")})
    for name in content.FLAGS:
        setattr(seen, name, bool(values.get(name)))
    judged = queries.judge(content.consequences(seen), occurred)
    levels = queries.accident_levels(law_day(occurred))
    code = judged.reporting_code
    return {
        "judged": judged,
        "level_label": _label(judged),
        "level_colour": summaries.level_colour(code),
        "reasons": judged.reasons or judged.near_miss,
        "criterion_labels": {name: str(FilingForm.base_fields[name].label) for name, _low, _high in rules.LEVEL_CRITERIA},
        "up_to": chain.Bureau(top(rules.report_up_to(code, levels), place), place).name,
        "duties": _duties(code, values, actor, place, occurred, known) if filing is None else [],
        "has_rules": bool(levels),
        "type_odd": odd_type(values.get("accident_type") or "", values.get("kind") or "", law_day(occurred)),
        "alike": merging.shown(merging.proposals(merging.told_in(values, actor, now), actor, but=Filing(id=key), limit=3))
        if filing is None
        else [],
    }


def odd_type(code: str, kind: str, day: date) -> str:
    """The type as it is shown where it rarely goes with the kind of event: for a person to look at again, no refusal."""
    going = queries.types_of_kind(kind, day)
    return summaries.type_label(code) if code and (going is None or (going.codes and code not in going.codes)) else ""


def _typed(form: FilingForm) -> dict[str, Any]:
    """Values of an unbound form as the fields would clean them; what cannot be cleaned is left out."""
    bound = FilingForm({name: form[name].value() for name in form.fields if form[name].value() is not None}, **form_kind(form))
    bound.is_valid()
    return bound.cleaned_data


def form_kind(form: FilingForm) -> dict[str, Any]:
    """How the form was made, to make another like it."""
    return {"actor": form.actor, "supplement": "known_at" not in form.fields}


def _label(judged: rules.Judgement) -> str:
    seen = Filing(
        level_code=judged.code,
        forecast_code=judged.forecast,
        reporting_code=judged.reporting_code,
        provisional=judged.provisional,
    )
    return summaries.level_label(seen)


def top(level: Level, place: str) -> Level:
    """The level, or the next above it that exists for the place."""
    above = chain.level_above(Level(level + 1), place) if level < Level.COUNTY else None
    return above if above is not None else level


def _duties(code: str, values: dict[str, Any], actor: Actor, place: str, occurred: datetime, known: datetime) -> list[dict[str, Any]]:
    """Deadlines that the writer himself runs under, nearest first."""
    sender = "ENTERPRISE" if actor.enterprise_id is not None else Level(min(actor.level, Level.COUNTY)).name
    english = get_language() == "en"
    day = law_day(occurred)
    owed = rules.duties(
        queries.reporting_steps(day),
        level_code=code,
        sender=sender,
        place_code=place,
        event=queries.event_kind(values.get("kind") or "", day),
        impact=values.get("impact") or "",
        source=values.get("source") or "",
    )
    found = [
        {
            "label": row.label_en if english else row.label_zh,
            "until": until,
            "article": f"{row.source}{row.article}",
            "status": row.status,
        }
        for row in owed
        if (until := rules.due(row, known)) is not None
    ]
    return sorted(found, key=lambda row: row["until"])


def possible(filing: Filing, actor: Actor) -> dict[str, bool]:
    """What ``actor`` may do with ``filing`` as it stands; the services check again."""
    moves = {move.code for move in available_moves(filing, actor)}
    bureau = actor.enterprise_id is None
    level = Level(min(actor.level, Level.COUNTY))
    alive = filing.state != rules.DRAFT and not filing.is_closed

    def may(action: str) -> bool:
        return actor.may(
            action,
            place_code=filing.place_code,
            enterprise_id=filing.enterprise_id,
            classification=filing.classification,
        )

    waiting = queries.to_sign(filing, actor.level).exists()
    holds = filing.state == rules.RECEIVED and filing.holder_level == actor.level and bureau
    flash = bureau and alive and owed_flash(filing, actor) is not None
    return {
        "submit": "submit" in moves,
        "edit": filing.state == rules.DRAFT and may("filings.create"),
        "receive": waiting and bureau and alive and may("filings.receive"),
        "report_up": holds and "report_up" in moves and chain.level_above(level, filing.place_code) is not None,
        "flash": flash and may("filings.report_up"),
        "direct": bureau and alive and level > Level.NATION and may("filings.report_up"),
        "supplement": alive and may("filings.supplement"),
        "instruct": alive and bureau and may("filings.instruct"),
        "close": "close" in moves and filing.versions.filter(kind=rules.FINAL).exists(),
        "withdraw": bool(moves & {"withdraw", "discard"}),
    }


def owed_flash(filing: Filing, actor: Actor) -> rules.ReportingStep | None:
    """The telephone flash that the reader's bureau owes next, if any."""
    rows = {row.code: row for row in queries.flash_duties(actor.level, law_day(filing.occurred_at))}
    owed = clocks.for_subject(filing).filter(rule_code__in=rows, met_at__isnull=True).exclude(state="cancelled").first()
    return rows[owed.rule_code] if owed is not None else None
