"""What the page of a danger shows: facts in words, rounds with their pictures, the timeline, and the forms of what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from anlan.ground.evidence import door as evidence
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.flows import available_acts, available_moves, steps
from anlan.prevent.dangers import judging, queries, rules
from anlan.prevent.dangers.forms import FORMS, WITH_PICTURES, ActForm
from anlan.prevent.dangers.models import Danger, Extension, Rectification, RewardRecord


@dataclass(frozen=True)
class Offer:
    """A move or act that may be done now, with its form. ``next``: it carries the danger forward; ``open``: its form stands open."""

    code: str
    label: str
    form: ActForm
    danger: bool
    pictures: bool
    next: bool
    open: bool
    errors: list[tuple[str, str]]


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    title: str
    text: str
    who: str
    tone: str = ""


@dataclass(frozen=True)
class Round:
    """One round of removal with its pictures."""

    record: Rectification
    pictures: tuple[evidence.ExhibitSummary, ...]


def offers(danger: Danger, actor: Actor, bound: tuple[str, ActForm] | None = None) -> list[Offer]:
    """Forms of what the actor may do now; the one that was refused stands open with what was typed."""
    moves = available_moves(danger, actor)
    acts = [act for act in available_acts(danger, actor) if _sensible(danger, act)]
    offered = [move for move in (*moves, *acts) if not (move.code == "fix_at_once" and danger.grade == rules.MAJOR)]
    found = []
    if bound is not None and bound[0] not in {move.code for move in offered}:
        # What was refused is offered no more (somebody was faster): it is shown all the same, with what was typed.
        found.append(_offer(rules.FLOW.move(bound[0]), bound[1], forward=False, refused=True))
    for move in offered:
        refused = bound is not None and bound[0] == move.code
        form = bound[1] if bound is not None and refused else FORMS[move.code](danger=danger, actor=actor, prefix=move.code)
        found.append(_offer(move, form, forward=move in moves and not move.danger, refused=refused))
    return found


def _offer(move: Move, form: ActForm, *, forward: bool, refused: bool) -> Offer:
    errors = [(f"{move.code}-{name}" if name != "__all__" else name, text) for name, text in form.summary()] if refused else []
    return Offer(move.code, gettext(move.label), form, move.danger, move.code in WITH_PICTURES, forward, refused, errors)


def _sensible(danger: Danger, act: Move) -> bool:
    """Whether an act makes sense as the danger stands; what is left out here the verbs refuse too."""
    listed = danger.listed_level is not None and danger.delisted_at is None
    stopped = danger.suspended_at is not None and danger.resumed_at is None
    major = danger.grade == rules.MAJOR
    waiting = danger.extensions.filter(decided_at__isnull=True).exists()
    sensible = {
        "report_up": major and danger.reported_up_at is None,
        "ask_extension": not waiting,
        "decide_extension": waiting,
        "suspend": major and not stopped,
        "resume": stopped,
        "list": major,
        "ask_acceptance": listed and danger.acceptance_asked_at is None,
        "delist": listed,
        "publish": major,
        "reward": danger.source == rules.TIP and not RewardRecord.objects.filter(danger=danger).exists(),
    }
    return sensible.get(act.code, True)


def page(danger: Danger, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything the template shows of a danger but its forms."""
    item = judging.item(danger.criterion, danger.found_at) if danger.criterion else None
    sees_evidence = actor.may_somewhere("evidence.view")
    before = evidence.list_for(danger._meta.label_lower, danger.pk, actor) if sees_evidence else ()
    rounds = [
        Round(row, evidence.list_for(row._meta.label_lower, row.pk, actor) if sees_evidence else ())
        for row in danger.rounds.order_by("number")
    ]
    return {
        "danger": danger,
        "tone": rules.STATE_TONES[danger.state],
        "grade_tone": "grey" if danger.closed_at else rules.GRADE_TONES.get(danger.grade, "grey"),
        "grade_label": queries.grade_label(danger.grade),
        "criterion": item,
        "judged_by": [(queries.worded(row, "name"), row.document, queries.worded(row, "note")) for row in judging.of(danger).lists],
        "criterion_list": judging.list_of(item, danger),
        "place": places.full_name(danger.place_code),
        "overdue": danger.overdue or rules.is_overdue(danger.state, danger.deadline, now),
        "running": danger.state in rules.WORKING_STATES and danger.deadline is not None,
        "listed": danger.listed_level is not None and danger.delisted_at is None,
        "suspended": danger.suspended_at is not None and danger.resumed_at is None,
        "plan": [(gettext(label), danger.plan.get(part, "")) for part, label in rules.PLAN_PARTS.items()] if danger.plan else [],
        "before": [picture for picture in before if picture.is_picture],
        "rounds": rounds,
        "extensions": list(danger.extensions.all()),
        "timeline": timeline(danger),
        "clocks": clocks.for_subject(danger),
        "like": list(queries.like(danger, queries.parameter("repeat_months", danger.found_at)).filter(_seen(actor))[:5]),
        "reward": RewardRecord.objects.filter(danger=danger).first(),
        "may_pay": actor.may(
            "dangers.reward", place_code=danger.place_code, enterprise_id=danger.enterprise_id, classification=danger.classification
        ),
        "sees_evidence": sees_evidence,
        "evidence": evidence.panel_context(danger, actor) if sees_evidence else {},
        "now": now,
    }


def _seen(actor: Actor) -> Any:
    from django.db.models import Q

    return Q(pk__in=queries.dangers(actor).values("pk"))


def timeline(danger: Danger) -> list[Happening]:
    """Everything that happened to a danger, newest first: moves and acts, extensions, steps of escalation."""
    found = [Happening(step.at, _move_label(step.move), step.reason, step.actor_name) for step in steps(danger)]
    found += [_extension(row) for row in danger.extensions.all()]
    words = queries.every_step()
    for row in danger.escalations.all():
        label = queries.worded(words[row.step]) if row.step in words else row.step
        told = "、".join(row.names) if row.names else gettext("该级没有在岗人员，未能告知，请上一级关注")
        found.append(
            Happening(row.at, label, gettext("已告知：%(names)s") % {"names": told} if row.names else told, gettext("系统"), "red")
        )
    return sorted(found, key=lambda line: line.at, reverse=True)


def _move_label(code: str) -> str:
    if code == "open":
        return gettext("登记")
    return gettext(rules.FLOW.move(code).label)


def _extension(row: Extension) -> Happening:
    wanted = f"{row.wanted.astimezone(queries.periods.CHINA):%Y-%m-%d %H:%M}"
    return Happening(row.asked_at, gettext("申请延至 %(until)s") % {"until": wanted}, row.reason, row.asked_by_name)
