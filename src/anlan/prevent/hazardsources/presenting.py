"""What pages and the calculation sheet say of a unit, in the language of the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk.refusals import sentence
from anlan.desk.resource.declare import Tone
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.population import door as population
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger import clocks
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import grading, inventory, queries, reassessing, refusals, rules, surroundings, tables
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Assessment, Filing, HazardUnit, Reassessment


@dataclass(frozen=True)
class Member:
    """A hazard source of the unit as panels of other rooms expect their subject."""

    pk: UUID
    name: str
    place_code: str
    enterprise_id: UUID
    classification: int


def english() -> bool:
    """Whether the reader reads English."""
    return get_language() == "en"


def level_told(is_major: bool | None, level: int | None) -> str:
    """The outcome in words."""
    if is_major is None:
        return _("未评估")
    return _(rules.LEVELS[level]) if level is not None else _("不构成重大危险源")


def tone_of(unit: HazardUnit) -> Tone:
    """Colour by level; what is no major hazard source green, what was never assessed grey."""
    if unit.is_major is None:
        return "grey"
    return rules.LEVEL_TONES[unit.major_level] if unit.major_level is not None else "green"  # type: ignore[return-value]


def state_told(state: str) -> str:
    """The state of a filing in words."""
    return _(rules.FLOW.state(state).label) if state else _("未备案")


def steps_told(steps: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines of the sheet; ``steps`` as kept, or fresh from a reckoning."""
    told = []
    for step in steps:
        row = step if isinstance(step, dict) else step.__dict__
        told.append(
            {
                **row,
                "row": row["row_en"] if english() else row["row_zh"],
                "basis": _basis(row["basis"]),
                "beta_basis": _basis(row["beta_basis"]),
                "mixture_told": _(inventory.MIXTURES[row["mixture"]]) if row["mixture"] else "",
                "unverified": row["status"] != "verified",
            }
        )
    return told


def _basis(text: str) -> str:
    return text.replace("表", "Table ") if english() else text


def outcome(found: grading.Reckoning) -> dict[str, Any]:
    """A trial in words: the sums of what could be read, and what follows where all could."""
    return {
        "steps": steps_told(found.steps),
        "complete": found.complete,
        "s": grading.shown(found.s),
        "sum_beta": grading.shown(found.sum_beta),
        "alpha": f"{found.alpha.normalize():f}",
        "people": found.people,
        "r": grading.shown(found.r),
        "level": level_told(found.is_major, found.level) if found.complete else _("清单未填全，不能定级"),
        "tone": rules.LEVEL_TONES.get(found.level or 0, "grey" if not found.complete else "green"),
        "at_least_major": found.is_major and not found.complete,
    }


@dataclass(frozen=True)
class Row:
    """One line of the form: as typed, and what is wrong with it. ``picks``: rows of Table 1 to choose from, as (number, words)."""

    number: int
    line: Line
    problem: str
    picks: tuple[tuple[int, str], ...]


def rows_of(lines: Sequence[Line], refused: Sequence[refusals.LineRefused], now: datetime) -> list[Row]:
    """Lines with their problems beside them."""
    problems = {int(str(each.facts["line"])): each for each in refused}
    held = tables.on(law_day(now))
    rows = []
    for number, line in enumerate(lines, 1):
        why = problems.get(number)
        rows.append(Row(number, line, sentence(why) if why is not None else "", _picks(why, held)))
    return rows


def _picks(why: Refusal | None, held: tables.Tables) -> tuple[tuple[int, str], ...]:
    named: list[int] = []
    match why:
        case refusals.SeveralRows():
            named = [int(str(seq)) for seq in why.facts["seqs"]]  # type: ignore[attr-defined]
        case refusals.ConditionUnclear():
            named = [int(str(why.facts["seq"]))]
        case _:
            return ()
    told = [(seq, f"{seq} {_name(held.by_seq[seq])} {held.by_seq[seq].critical_t.normalize():f} t") for seq in named]
    return (*told, (tables.NONE_OF_THEM, _("都不是（按表2类别）")))


def _name(row: tables.NamedRow) -> str:
    return row.name_en if english() else row.name_zh


def triggers_told() -> list[tuple[str, str, str]]:
    """The six occasions: code, wording of the article, source with its number."""
    return [(row.code, row.name_en if english() else row.name_zh, row.article) for row in tables.triggers()]


def waiting_told(rows: Sequence[Reassessment]) -> list[dict[str, Any]]:
    """What asks to assess anew, with what the figures of today would give."""
    told = []
    for row in rows:
        trial = row.trial
        words = ""
        if trial and trial.get("complete"):
            level = level_told(True, trial["level"]) if trial["level"] is not None else _("不构成重大危险源")
            words = _("按现有数据试算：S = {s}，R = {r}，{level}").format(s=trial["s"], r=trial["r"], level=level)
        elif trial:
            words = _("清单未填全，不能试算")
        told.append({"trigger": _(rules.TRIGGERS[row.trigger]), "reason": reassessing.said(row, _), "trial": words, "row": row})
    return told


def people_told(row: Assessment) -> str:
    """How the people of an assessment are known."""
    if row.people_source == rules.TYPED:
        return _(rules.PEOPLE_SOURCES[rules.TYPED])
    methods = "、".join(_(population.METHODS[each]) for each in row.people_basis.get("methods", ()) if each in population.METHODS)
    outline = _(rules.OUTLINES[row.people_basis["outline"]])
    return "；".join(part for part in (_(rules.PEOPLE_SOURCES[rules.ESTIMATED]), outline, methods) if part)


def estimated(unit: HazardUnit, actor: Actor, now: datetime) -> dict[str, Any]:
    """The estimate of people within 500 m for the page, or why there is none."""
    try:
        found = surroundings.estimate(unit, actor, now)
    except (refusals.PeopleNotKnown, refusals.PlaceNotKnown) as refusal:
        return {"refused": sentence(refusal)}
    return {"people": found.people, "outline": _(rules.OUTLINES[found.basis["outline"]]), "places": found.basis["places"]}


def offers(filing: Filing | None, actor: Actor) -> list[dict[str, Any]]:
    """Buttons of a filing for this actor."""
    if filing is None:
        return []
    moves = [move for move in available_moves(filing, actor) if move.code not in rules.BY_THE_NODE]
    return [
        {
            "code": move.code,
            "label": _(move.label),
            "reason": move.reason_required,
            "contact": move.code == "submit",
            "receipt": move.code == "accept",
            "danger": move.danger,
            "url": reverse("hazardsources:move", args=[filing.pk, move.code]),
        }
        for move in moves
    ]


def page(unit: HazardUnit, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything the page of a unit shows but the panels of other rooms."""
    scope: dict[str, Any] = {"place_code": unit.place_code, "enterprise_id": unit.enterprise_id, "classification": unit.classification}
    assessments = list(unit.assessments.select_related("inventory")[:50])
    newest = assessments[0] if assessments else None
    version = queries.newest_inventory(unit.pk)
    lines = queries.lines_of(version)
    trial = queries.reckon(lines, newest.people if newest else 0, now)
    filings = list(queries.filings(actor).filter(unit=unit).order_by("-opened_at")[:20])
    members = queries.sources_of(unit.pk)
    return {
        "unit": unit,
        "enterprise": enterprises.enterprise(unit.enterprise_id),
        "place": places.full_name(unit.place_code),
        "level": level_told(unit.is_major, unit.major_level),
        "tone": tone_of(unit),
        "filing_told": state_told(unit.filing_state),
        "filing_tone": rules.STATE_TONES.get(unit.filing_state, "grey"),
        "waiting": waiting_told(list(queries.open_reassessments(unit.pk))),
        "late": unit.next_due_on is not None and unit.next_due_on <= law_day(now),
        "members": members,
        "answers": {row.id: row for row in risksources.answers_of(row.id for row in members)}.values(),
        "inventory": version,
        "rows": rows_of(lines, trial.refused, now),
        "incomplete": bool(trial.refused),
        "stale": newest is not None and version is not None and newest.inventory_id != version.pk,
        "assessment": newest,
        "steps": steps_told(newest.sheet["steps"]) if newest else [],
        "people_told": people_told(newest) if newest else "",
        "assessments": [(row, level_told(row.is_major, row.level)) for row in assessments],
        "versions": list(unit.inventories.all()[:50]),
        "filings": [(row, row.get_state_label()) for row in filings],
        "filing": filings[0] if filings else None,
        "offers": offers(filings[0] if filings else None, actor),
        "clocks": clocks.for_subject(filings[0]) if filings else [],
        "triggers": triggers_told(),
        "declared": [(code, _(rules.TRIGGERS[code])) for code in rules.DECLARED],
        "shows_phone": actor.may("enterprises.view_contacts", **scope),
        "may_change": actor.may("hazardsources.register", **scope),
        "may_write": actor.may("hazardsources.inventory", **scope),
        "may_assess": actor.may("hazardsources.assess", **scope),
        "may_declare": actor.may("hazardsources.declare", **scope) and unit.assessed_at is not None,
    }
