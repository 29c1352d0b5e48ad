"""Verbs of an incident's books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from anlan.command.casebook import door, rules
from anlan.command.casebook.models import Cost, Decision, Person, Statement
from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor, Classification
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case

_PERSON = ("name", "sex", "age", "role", "unit", "hospital", "note", "family_name", "family_phone")


def _where(incident: incidents.IncidentSummary) -> dict[str, Any]:
    return {"incident_id": incident.id, "place_code": incident.place_code, "classification": incident.classification}


def _changed(
    where: Mapping[str, Any], book: str, now: datetime, exercise: bool, statement: Statement | None = None
) -> door.CasebookChanged:
    return door.CasebookChanged(
        subject_id=where["incident_id"],
        place_code=where["place_code"],
        classification=Classification(where["classification"]),
        at=now,
        exercise=exercise,
        book=book,
        statement_id=str(statement.pk) if statement is not None else "",
        state=statement.state if statement is not None else "",
    )


def _label(model: type[Person | Decision], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def enter_person(incident_id: UUID, state: str, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Person:
    """Enter somebody hurt, missing or dead, in the state he is in; what is unknown stays empty. Raises ``NotFound`` for an unknown state."""
    incident = incidents.incident(incident_id, actor)
    rules.PERSON_FLOW.state(state)
    with change(actor, "casebook.people", now=now, place_code=incident.place_code) as gathered:
        last = Person.objects.select_for_update().filter(incident_id=incident.id).order_by("-number").first()
        person = Person.objects.create(
            **_where(incident),
            number=1 + (last.number if last is not None else 0),
            state=state,
            worst=state if state in (rules.LIGHT, rules.SERIOUS) else "",
            exercise=incident.exercise,
            opened_at=now,
            **{name: values[name] for name in _PERSON if values.get(name) not in (None, "")},
        )
        gathered.subject = person
        open_case(person, actor=actor, now=now)
        gathered.announce(_changed(_where(incident), "people", now, incident.exercise))
    return person


def move_person(person: Person, move: str, reason: str = "", hospital: str = "", *, actor: Actor, now: datetime) -> Person:
    """What became of somebody (moves of ``rules.PERSON_FLOW``)."""

    def worse(locked: Person, made: Move, _gathered: Change) -> None:
        if made.target == rules.SERIOUS or (made.target == rules.LIGHT and not locked.worst):
            locked.worst = made.target
        locked.hospital = hospital.strip() or locked.hospital
        locked.save(update_fields=["worst", "hospital"])

    def event(locked: Person, _made: Move, _gathered: Change) -> Event:
        return _changed(_of(locked), "people", now, locked.exercise)

    return advance(person, move, actor=actor, now=now, reason=reason, after=worse, event=event)


def _of(row: Person | Statement) -> dict[str, Any]:
    return {"incident_id": row.incident_id, "place_code": row.place_code, "classification": row.classification}


def tell_family(person: Person, name: str, phone: str, *, actor: Actor, now: datetime) -> Person:
    """The family was told: by whom and when is kept; telling again keeps the first hour. Raises ``NothingSaid`` without a name."""
    if not name.strip():
        raise rules.NothingSaid(what=_label(Person, "family_name"))
    with change(actor, "casebook.people", now=now, record=person) as gathered:
        person.family_name, person.family_phone = name.strip(), phone.strip()
        if person.family_told_at is None:
            person.family_told_at, person.family_told_by = now, actor.name
        person.save(update_fields=["family_name", "family_phone", "family_told_at", "family_told_by"])
        gathered.announce(_changed(_of(person), "people", now, person.exercise))
    return person


def decide(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Decision:
    """Keep a decision: ``text``, ``grounds``; as wished ``facts``, ``options``, ``decided_by`` (else the actor). Raises ``NothingSaid``."""
    incident = incidents.incident(incident_id, actor)
    for name in ("text", "grounds"):
        if not str(values.get(name, "")).strip():
            raise rules.NothingSaid(what=_label(Decision, name))
    with change(actor, "casebook.decide", now=now, place_code=incident.place_code) as gathered:
        made = Decision.objects.create(
            **_where(incident),
            at=now,
            by_id=actor.account_id,
            by_name=actor.name,
            decided_by=str(values.get("decided_by") or actor.name),
            **{name: str(values.get(name) or "").strip() for name in ("text", "grounds", "facts", "options")},
        )
        gathered.subject = made
        gathered.announce(_changed(_where(incident), "decisions", now, incident.exercise))
    return made


def draft_statement(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Statement:
    """Draft what is to be said (``audience``, ``title``, ``body``, as wished ``spokesperson``)."""
    incident = incidents.incident(incident_id, actor)
    with change(actor, "casebook.state", now=now, place_code=incident.place_code) as gathered:
        made = Statement.objects.create(
            **_where(incident),
            state=rules.DRAFT,
            exercise=incident.exercise,
            opened_at=now,
            drafted_by_id=actor.account_id,
            drafted_by_name=actor.name,
            spokesperson=values.get("spokesperson") or "",
            **{name: values[name] for name in ("audience", "title", "body")},
        )
        gathered.subject = made
        open_case(made, actor=actor, now=now)
        gathered.announce(_changed(_where(incident), "statements", now, incident.exercise, made))
    return made


def move_statement(statement: Statement, move: str, reason: str = "", spokesperson: str = "", *, actor: Actor, now: datetime) -> Statement:
    """``submit``, ``approve`` (by another than the writer), ``send_back``, ``issue``, ``drop``."""
    fields: dict[str, Any] = {}
    if move == "approve":
        fields = {"approved_by_name": actor.name, "approved_at": now}
    elif move == "issue":
        fields = {"issued_at": now, **({"spokesperson": spokesperson.strip()} if spokesperson.strip() else {})}

    def event(locked: Statement, _made: Move, _gathered: Change) -> Event:
        return _changed(_of(locked), "statements", now, locked.exercise, locked)

    return advance(statement, move, actor=actor, now=now, fields=fields, reason=reason, event=event)


def enter_cost(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Cost:
    """Enter an item of cost: ``kind``, ``item``, ``amount`` (yuan; negative takes away), ``standing``, as wished ``borne_by``
    (unit, government, others), ``payer``, ``document``.

    Raises ``NoAmount``.
    """
    incident = incidents.incident(incident_id, actor)
    amount: Decimal = values["amount"]
    if not amount or not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise rules.NoAmount
    with change(actor, "casebook.cost", now=now, place_code=incident.place_code) as gathered:
        made = Cost.objects.create(
            **_where(incident),
            at=now,
            by_id=actor.account_id,
            by_name=actor.name,
            amount=amount,
            **{name: values[name] for name in ("kind", "item", "standing")},
            **{name: values.get(name) or "" for name in ("payer", "document", "borne_by")},
        )
        gathered.subject = made
        gathered.announce(_changed(_where(incident), "cost", now, incident.exercise))
    return made
