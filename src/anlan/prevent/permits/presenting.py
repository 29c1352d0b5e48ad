"""What the page of a permit shows: facts, lines of the form, samples, conflicts, alarms, what may be done now, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.flow import Move
from anlan.ledger.flows import available_acts, available_moves, steps
from anlan.ledger.sources import law_day
from anlan.prevent.permits import grading, queries, rules, validity
from anlan.prevent.permits.forms import FORMS, OFFLINE, ActForm
from anlan.prevent.permits.models import MeasureAnswer, Permit

_NOT_BUTTONS = ("confirm", "analyse", "spoil", "hold", "expire", "edit", "mark", "answer")


@dataclass(frozen=True)
class Offer:
    """Something that may be done now, with its form. ``bare``: nothing to fill in, one press does it."""

    code: str
    label: str
    form: ActForm
    danger: bool
    next: bool
    offline: bool
    bare: bool
    open: bool
    errors: list[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """One line of the form's measures with its answer."""

    number: int
    text: str
    other: bool
    answer: MeasureAnswer | None
    label: str


def offers(permit: Permit, actor: Actor, bound: tuple[str, ActForm] | None = None) -> list[Offer]:
    """Forms of what the actor may do now; what was refused stands open with what was typed, also where it is offered no more."""
    moves = [move for move in available_moves(permit, actor) if move.code not in _NOT_BUTTONS]
    acts = [act for act in available_acts(permit, actor) if act.code in FORMS and _sensible(permit, act)]
    found = []
    if bound is not None and bound[0] not in {move.code for move in (*moves, *acts)}:
        found.append(_offer(rules.FLOW.move(bound[0]), bound[1], forward=False, refused=True))
    for move in (*acts, *moves) if permit.state != rules.ANALYSED else (*moves, *acts):
        refused = bound is not None and bound[0] == move.code
        form = bound[1] if bound is not None and refused else FORMS[move.code](permit=permit, actor=actor, prefix=move.code)
        found.append(
            _offer(move, form, forward=move in moves and not move.danger and move.code not in ("return", "reject"), refused=refused)
        )
    return found


def _sensible(permit: Permit, act: Move) -> bool:
    grade = queries.grade(permit.grade_code)
    if act.code == "test":
        return grade.gas or permit.gas_tests.exists()
    if act.code == "release":
        return permit.pause_kind == rules.STOPPED
    return act.code != "note_finish" or (permit.started_at is not None and permit.finished_at is None)


def _offer(move: Move, form: ActForm, *, forward: bool, refused: bool) -> Offer:
    errors = [(f"{move.code}-{name}" if name != "__all__" else name, text) for name, text in form.summary()] if refused else []
    return Offer(
        code=move.code,
        label=gettext(move.label),
        form=form,
        danger=move.danger,
        next=forward,
        offline=move.code in OFFLINE,
        bare=not form.fields,
        open=refused,
        errors=errors,
    )


def lines(permit: Permit) -> list[Line]:
    """The form's lines in order, each with its answer."""
    given = {row.number: row for row in permit.answers.all()}
    found = []
    for line in queries.measures(permit.kind, permit.opened_at):
        answer = given.get(line.number)
        label = gettext(rules.ANSWERS[answer.answer]) if answer is not None else gettext("未填")
        found.append(Line(line.number, line.text_zh, line.other, answer, label))
    return found


def page(permit: Permit, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything the page shows but the forms."""
    grade, base = queries.grade(permit.grade_code), queries.grade(permit.base_grade_code)
    law = queries.law(now)
    hindrance = validity.obstacle(queries.standing(permit), law, now) if permit.state in rules.LIVE_STATES else None
    where = {"place_code": permit.place_code, "enterprise_id": permit.enterprise_id, "classification": permit.classification}
    answered = lines(permit)
    return {
        "permit": permit,
        "tone": queries.tone(permit),
        "kind": gettext(rules.KINDS[permit.kind]),
        "grade": grade,
        "grade_label": queries.worded(grade),
        "base_label": queries.worded(base) if base.code != grade.code else "",
        "approver": queries.worded(grade, "approver"),
        "reasons": "、".join(gettext(grading.REASONS[each]) for each in permit.upgrade_reasons),
        "place": places.full_name(permit.place_code),
        "running": permit.state in rules.LIVE_STATES,
        "hindrance": sentence(hindrance) if hindrance is not None else "",
        "siblings": [queries.summary(row) for row in queries.of_work(permit.work_id) if row.pk != permit.pk],
        "lines": answered,
        "answered": sum(each.answer is not None for each in answered),
        "answers": [(code, gettext(label)) for code, label in rules.ANSWERS.items()],
        "may_mark": permit.state == rules.DRAFTED and actor.may("permits.confirm", **where),
        "may_answer": permit.state in (*rules.BEFORE_APPROVAL, *rules.LIVE_STATES) and actor.may("permits.draft", **where),
        "samples": [(row, describe_sample(row)) for row in permit.gas_tests.all()[:30]],
        "toxic_names": [row.name_zh for row in queries.toxic_limits(now)],
        "conflicts": queries.conflicts_of(permit, now),
        "nearby": queries.parameter_row("nearby_metres"),
        "alarms": list(permit.alarms.all()[:10]),  # type: ignore[attr-defined]
        "timeline": [(step, _move_label(step.move)) for step in reversed(list(steps(permit)))],
        "kept_until": validity.kept_until(permit.closed_at, queries.parameter("permit_months", now)) if permit.closed_at else None,
        "video": grade.code == "hot_work-special",
        "calendar_known": queries.calendar(now).known(law_day(permit.valid_from)),
        "now": now,
    }


def describe_sample(row: Any) -> str:
    """The readings of one sample in one line."""
    parts = []
    if row.combustible is not None:
        parts.append(gettext("可燃 %(value)s%%") % {"value": f"{row.combustible:g}"})
    if row.oxygen is not None:
        parts.append(gettext("氧 %(value)s%%") % {"value": f"{row.oxygen:g}"})
    parts += [f"{name} {value:g} mg/m³" for name, value, _limit in row.toxics]
    return " · ".join(parts) or "—"


def _move_label(code: str) -> str:
    return gettext("申请") if code == "open" else gettext(rules.FLOW.move(code).label)
