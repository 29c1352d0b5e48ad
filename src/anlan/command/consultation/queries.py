"""Reads of consultations: who may see one, who sits in it, what became of the invitations and of the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.command.consultation import rules
from anlan.command.consultation.door import ConsultationSummary
from anlan.command.consultation.models import Consultation, Decision, Item, Seat
from anlan.command.contact import door as contact
from anlan.command.incidents import door as incidents
from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import scope_condition

VIEW = "consultation.view"
P = TypeVar("P", bound=Model)
KEEPER = system_actor("consultation")


def consultations(actor: Actor | None) -> QuerySet[Consultation]:
    """Consultations of one's own jurisdiction, and those to which one is invited, newest first."""
    rows = Consultation.objects.all()
    if actor is None:
        return rows
    own = scope_condition(actor, VIEW, enterprise=None)
    if own is None and not actor.may_somewhere(VIEW):
        return rows.none()
    highest = max(grant.classification for grant in actor.scopes(VIEW))
    invited = Q(pk__in=Seat.objects.filter(_mine(actor)).values("consultation_id"), classification__lte=int(highest))
    return rows.filter(invited if own is None else own | invited)


def _mine(actor: Actor) -> Q:
    """Seats of an actor: his own, that of the post at exactly his place, of his organisation, of his enterprise."""
    mine = Q(account_id=actor.account_id)
    if actor.enterprise_id is not None:
        return mine | Q(key=f"enterprise:{actor.enterprise_id}")
    mine |= Q(key=f"duty:{actor.place_code}")
    return mine if actor.organisation_id is None else mine | Q(organisation_id=actor.organisation_id)


def consultation(consultation_id: UUID | str, actor: Actor | None) -> Consultation:
    """One consultation. Raises ``NotFound``."""
    found = consultations(actor).filter(pk=consultation_id).first()
    if found is None:
        raise NotFound(what=str(consultation_id))
    return found


def seat_of(row: Consultation, actor: Actor) -> Seat | None:
    """The seat of an actor: his own before that of his post or bureau."""
    found = list(row.seats.filter(_mine(actor)))
    return next((each for each in found if each.account_id == actor.account_id), found[0] if found else None)


def item(row: Consultation, item_id: UUID | str) -> Item:
    """One item of the agenda. Raises ``NotFound``."""
    return _part(row.items.filter(pk=item_id), item_id)


def seat(row: Consultation, seat_id: UUID | str) -> Seat:
    """One seat. Raises ``NotFound``."""
    return _part(row.seats.filter(pk=seat_id), seat_id)


def decision(row: Consultation, decision_id: UUID | str) -> Decision:
    """One decision. Raises ``NotFound``."""
    return _part(row.decisions.filter(pk=decision_id), decision_id)


def _part(rows: QuerySet[P], part_id: UUID | str) -> P:
    found = rows.first()
    if found is None:
        raise NotFound(what=str(part_id))
    return found


@dataclass(frozen=True)
class DecisionLine:
    """A decision with the state it is in: that of its task where it is one."""

    decision: Decision
    state: str
    address: str
    open: bool
    late: bool


def decision_lines(row: Consultation, actor: Actor | None, now: datetime) -> list[DecisionLine]:
    """Every decision of a consultation, in order, as it stands now."""
    return [_line(each, actor, now) for each in row.decisions.select_related("item")]


def _line(each: Decision, actor: Actor | None, now: datetime) -> DecisionLine:
    if each.revoked_at is not None:
        return DecisionLine(each, _("已撤销"), "", False, False)
    if each.task_id is None:
        done = each.done_at is not None
        return DecisionLine(each, _("已办结") if done else _("办理中"), "", not done, not done and now > each.due)
    try:
        task = incidents.task(each.task_id, actor, now)
    except NotFound:
        return DecisionLine(each, _("已作为事件任务下达"), "", False, False)
    return DecisionLine(each, task.state_label, task.address, False, task.late)


def replies(row: Consultation, actor: Actor) -> dict[str, contact.Receipt]:
    """What became of the invitation by key of the seat, as far as ``actor`` sees what the bureau has sent; the newest notice counts."""
    if not actor.may_somewhere("contact.view"):
        return {}
    found: dict[str, contact.Receipt] = {}
    for notice in reversed(contact.about(row.pk, actor)):
        for line in notice.lines:
            # A post was told as whoever was on duty; one of them who confirms answers for it.
            known = found.get(line.key)
            if known is None or known.confirmed_at is None or line.confirmed_at is not None:
                found[line.key] = line
    return found


def files(row: Consultation, actor: Actor) -> list[evidence.ExhibitSummary]:
    """Files on the table, for everybody who sits in the consultation, up to his own class of information."""
    highest = max((grant.classification for grant in actor.scopes(VIEW)), default=Classification.PUBLIC)
    return [each for each in evidence.list_for(row._meta.label_lower, row.pk, KEEPER) if each.classification <= highest]


def waiting_for(actor: Actor, now: datetime) -> QuerySet[Consultation]:
    """Consultations that begin or go on and to which an actor is invited, the next first."""
    seats = Seat.objects.filter(_mine(actor), attendance="invited").values("consultation_id")
    return consultations(actor).filter(pk__in=seats, state__in=(rules.CALLED, rules.RUNNING)).order_by("starts_at")


def address(consultation_id: UUID) -> str:
    """Address of the consultation's page."""
    return reverse("consultation:detail", args=[consultation_id])


def summary(row: Consultation) -> ConsultationSummary:
    """A consultation as other rooms see it."""
    return ConsultationSummary(
        row.pk,
        row.title,
        row.state,
        row.get_state_label(),
        row.place_code,
        row.incident_id,
        row.bulletin_id,
        row.starts_at,
        row.chair_name,
        row.decisions.filter(revoked_at=None).count(),
        row.edition,
        row.exercise,
        address(row.pk),
    )
