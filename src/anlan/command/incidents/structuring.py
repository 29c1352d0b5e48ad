"""Who commands: the groups of a plan filled from rota, posts and units, changed with their history, and handed to a level above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.incidents import rota, rules
from anlan.command.incidents.announcing import changed
from anlan.command.incidents.models import CommandPost, CommandTransfer, Incident
from anlan.command.plans import door as plans
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import level_of
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case

_SHIFTS = {"duty_leader": "leader", "duty_officer": "officer"}


@dataclass(frozen=True)
class Holder:
    """Who fills a post: an account, a unit, or nobody (``how`` is then ``plan``)."""

    how: str = "plan"
    account_id: UUID | None = None
    organisation_id: UUID | None = None
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Line:
    """One group of the structure now: its holder, who held it before, and the groups under it."""

    post: CommandPost
    before: tuple[CommandPost, ...] = ()
    below: tuple[Line, ...] = field(default=())


def fill(incident: Incident, plan_id: UUID | None, level: str, *, actor: Actor, now: datetime) -> int:
    """Add the plan's groups that the incident has not yet, each with whoever fills it now; how many. Call inside a ``change``.

    A group that nobody fills is added as vacant: a gap is shown, not hidden. Whoever commands already keeps his post.
    """
    known = set(incident.posts.values_list("group", flat=True))
    groups = plans.structure(plan_id, level) if plan_id is not None else ()
    fresh = [group for group in groups if group.code not in known]
    for number, group in enumerate(fresh, len(known)):
        holder = _find(group.filled_by, incident, now)
        _begin(incident, group.code, group.name, holder, actor=actor, now=now, order=number, parent=group.parent or "", plan=group)
    return len(fresh)


def _begin(
    incident: Incident,
    group: str,
    name: str,
    holder: Holder,
    *,
    actor: Actor,
    now: datetime,
    order: int,
    parent: str = "",
    plan: plans.PlanGroup | None = None,
    reason: str = "",
) -> CommandPost:
    return CommandPost.objects.create(
        incident=incident,
        order=order,
        group=group,
        group_name=name,
        parent=parent,
        duties=plan.duties if plan is not None else "",
        filled_by=plan.filled_by if plan is not None else "",
        account_id=holder.account_id,
        organisation_id=holder.organisation_id,
        holder=holder.name,
        phone=holder.phone,
        how=holder.how,
        reason=reason,
        since=now,
        by_id=actor.account_id,
        by_name=actor.name,
    )


def _find(filled_by: str, incident: Incident, now: datetime) -> Holder:
    """Who fills what a plan calls ``filled_by``: a kind of post (code or label) by rota, then by who holds it; else a unit by name or kind."""
    place = incident.place_code[:6]
    kinds = people.post_kinds()
    kind = next((code for code, label in kinds.items() if filled_by in (code, label)), "")
    if kind:
        found = rota.on_duty(place, now, _SHIFTS.get(kind, "")) if kind in _SHIFTS else ()
        if found:
            return Holder("rota", found[0].account_id, None, found[0].name, found[0].phone)
        held = people.holders_of(kind, place, now=now)
        return Holder("plan", held[0].account_id, held[0].organisation_id, held[0].name, held[0].phone) if held else Holder()
    return _unit(filled_by, place) or Holder()


def _unit(filled_by: str, place: str) -> Holder | None:
    named = [row for row in organisations.below(place) if row.name and row.name in filled_by]
    ofkind = [row for code, label in organisations.KINDS.items() if filled_by in (code, label) for row in organisations.find(code, place)]
    found = next(iter(named or ofkind), None)
    return Holder("plan", None, found.id, found.name, found.duty_phone) if found is not None else None


def structure(incident: Incident) -> tuple[Line, ...]:
    """The command structure now as a tree, with who held each post before."""
    rows = list(incident.posts.order_by("order", "since"))
    before: dict[str, list[CommandPost]] = {}
    for row in rows:
        if row.until is not None:
            before.setdefault(row.group, []).append(row)
    present = [row for row in rows if row.until is None]
    codes = {row.group for row in present}

    def below(parent: str) -> tuple[Line, ...]:
        return tuple(
            Line(row, tuple(before.get(row.group, ())), below(row.group))
            for row in present
            if (row.parent if row.parent in codes and row.parent != row.group else "") == parent
        )

    return below("")


def appoint(incident: Incident, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> CommandPost:
    """Give a group to somebody else, or add a group: ``group`` (code; a new one when unknown), ``group_name``, ``account_id`` or
    ``organisation_id`` or a plain ``holder`` with ``phone``, ``reason``, ``parent``.

    Who held it before stays in the history. Raises ``AlreadyHolds``, ``IncidentClosed``.
    """
    if incident.is_closed:
        raise rules.IncidentClosed
    holder = _named(values)
    with change(actor, "incidents.appoint", now=now, record=incident) as gathered:
        post = _replace(incident, values, holder, actor=actor, now=now)
        gathered.facts.update({"group": post.group, "holder": post.holder, "reason": post.reason})
        gathered.announce(changed(incident, now))
    return post


def _named(values: Mapping[str, Any]) -> Holder:
    account_id, organisation_id = values.get("account_id"), values.get("organisation_id")
    if account_id is not None:
        return Holder("appointed", account_id, None, people.account_name(account_id), people.phone_of(account_id))
    unit = organisations.organisation(organisation_id) if organisation_id is not None else None
    if unit is not None:
        return Holder("appointed", None, unit.id, unit.name, unit.duty_phone)
    return Holder("appointed", None, None, str(values.get("holder", "")).strip(), str(values.get("phone", "")).strip())


def _replace(incident: Incident, values: Mapping[str, Any], holder: Holder, *, actor: Actor, now: datetime) -> CommandPost:
    group = str(values["group"])
    held = incident.posts.select_for_update().filter(group=group, until=None).first()
    if held is not None and (held.account_id, held.organisation_id, held.holder) == (
        holder.account_id,
        holder.organisation_id,
        holder.name,
    ):
        raise rules.AlreadyHolds(who=held.holder, group=held.group_name)
    name = held.group_name if held is not None else str(values.get("group_name") or group)
    order = held.order if held is not None else incident.posts.values("group").distinct().count()
    parent = held.parent if held is not None else str(values.get("parent") or "")
    if held is not None:
        held.until = now
        held.save(update_fields=["until"])
    made = _begin(
        incident, group, name, holder, actor=actor, now=now, order=order, parent=parent, reason=str(values.get("reason", "")).strip()
    )
    if held is not None:
        made.duties, made.filled_by = held.duties, held.filled_by
        made.save(update_fields=["duties", "filled_by"])
    return made


# --- command handed to a level above -----------------------------------------------------------------------------------------------


def offer_command(incident: Incident, to_organisation_id: UUID, note: str, *, actor: Actor, now: datetime) -> CommandTransfer:
    """Offer the command to a bureau above, with the note of what it takes over. Raises ``NotAbove``, ``IncidentClosed``."""
    if incident.is_closed:
        raise rules.IncidentClosed
    target = organisations.organisation(to_organisation_id)
    own = organisations.organisation(incident.organisation_id) if incident.organisation_id is not None else None
    if target is None or level_of(target.place_code) >= level_of(own.place_code if own is not None else incident.place_code):
        raise rules.NotAbove(organisation=target.name if target is not None else "")
    transfer = CommandTransfer(
        incident=incident,
        state=rules.OFFERED,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        enterprise_id=incident.enterprise_id,
        from_organisation_id=incident.organisation_id,
        to_organisation_id=to_organisation_id,
        note=note.strip(),
        offered_by_id=actor.account_id,
        offered_by_name=actor.name,
    )
    with change(actor, "incidents.appoint", now=now, record=incident) as gathered:
        transfer.save(force_insert=True)
        open_case(transfer, actor=actor, now=now)
        gathered.facts.update({"transfer": str(transfer.pk), "to": target.name})
        gathered.announce(changed(incident, now))
    return transfer


def take_command(transfer: CommandTransfer, *, actor: Actor, now: datetime) -> CommandTransfer:
    """Take the command that was offered to one's own bureau: the bureau answers for the incident from now on.

    Raises ``NotOffered`` for another bureau's people.
    """
    incident = transfer.incident
    _refuse_strangers(transfer, actor)

    def hand(locked: CommandTransfer, _move: Move, gathered: Change) -> None:
        locked.answered_by_name = actor.name
        locked.save(update_fields=["answered_by_name"])
        top = incident.posts.filter(until=None, parent="").order_by("order").first()
        values = {
            "group": top.group if top is not None else rules.COMMANDER,
            "group_name": _(rules.COMMANDER_NAME),
            "reason": locked.note,
        }
        holder = Holder("transfer", actor.account_id, None, actor.name, people.phone_of(actor.account_id))
        _replace(incident, values, holder, actor=actor, now=now)
        incident.organisation_id = locked.to_organisation_id
        incident.save(update_fields=["organisation_id"])
        gathered.facts["note"] = locked.note

    return advance(transfer, "take", actor=actor, now=now, after=hand, event=_told(now))


def turn_down(transfer: CommandTransfer, reason: str, *, actor: Actor, now: datetime) -> CommandTransfer:
    """Leave the command where it is, with the reason. Raises ``NotOffered``."""
    _refuse_strangers(transfer, actor)
    return advance(transfer, "turn_down", actor=actor, now=now, reason=reason, event=_told(now))


def withdraw(transfer: CommandTransfer, reason: str, *, actor: Actor, now: datetime) -> CommandTransfer:
    """Take the offer back, with the reason."""
    return advance(transfer, "withdraw", actor=actor, now=now, reason=reason, event=_told(now))


def _refuse_strangers(transfer: CommandTransfer, actor: Actor) -> None:
    if actor.organisation_id != transfer.to_organisation_id:
        raise rules.NotOffered(organisation=transfer.to_organisation.name)


def _told(now: datetime) -> Any:
    def event(locked: CommandTransfer, _move: Move, _gathered: Change) -> Event:
        return changed(locked.incident, now)

    return event
