"""People on scene: who went into which sector, who reports in time, who came out, and the roll when the signal to leave is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.command.dispatch import door, queries, rules
from anlan.command.dispatch.models import AllOut, Presence, Sector
from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor, Classification
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day

_KEPT = ("unit", "phone", "resource_id")


def minutes(code: str, now: datetime) -> timedelta:
    """A figure of this room in force now."""
    return timedelta(minutes=rules.TABLES.parameter(code, law_day(now)))


def enter(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Presence:
    """Register that somebody goes in: ``who``, ``sector`` (its name; a new one is made), as wished ``zone``, ``people``, ``unit``, ``phone``,
    ``check_minutes`` of a new sector, ``resource_id``, ``check_by``: they must report earlier than the sector asks.

    Raises ``AlreadyInside``, ``SectorCleared`` while a signal to leave holds there.
    """
    incident = incidents.incident(incident_id, actor)
    who = str(values["who"]).strip()
    with change(actor, "dispatch.account", now=now, place_code=incident.place_code) as gathered:
        sector = _sector(incident, values, now)
        if queries.standing_signal(incident.id, sector) is not None:
            raise rules.SectorCleared(sector=sector.name)
        held = Presence.objects.filter(incident_id=incident.id, who=who, state=rules.INSIDE).select_related("sector").first()
        if held is not None:
            raise rules.AlreadyInside(who=who, sector=held.sector.name)
        presence = Presence.objects.create(
            incident_id=incident.id,
            sector=sector,
            who=who,
            people=values.get("people") or 1,
            state=rules.INSIDE,
            exercise=incident.exercise,
            opened_at=now,
            place_code=incident.place_code,
            classification=incident.classification,
            entered_at=now,
            entered_by_name=actor.name,
            check_by=_due(sector, values.get("check_by"), now),
            **{name: values[name] for name in _KEPT if values.get(name)},
        )
        gathered.subject = presence
        open_case(presence, actor=actor, now=now)
        gathered.announce(_changed(presence, incident.title, now))
    return presence


def _sector(incident: incidents.IncidentSummary, values: Mapping[str, Any], now: datetime) -> Sector:
    asked = values.get("check_minutes") or rules.TABLES.parameter("check_minutes", law_day(now))
    found, _new = Sector.objects.get_or_create(
        incident_id=incident.id,
        name=str(values["sector"]).strip(),
        defaults={
            "place_code": incident.place_code,
            "classification": incident.classification,
            "zone": values.get("zone") or "hot",
            "check_minutes": asked,
        },
    )
    return found


def _due(sector: Sector, by: datetime | None, now: datetime) -> datetime:
    """When they must report: by the sector's interval, or earlier where whoever leads them says so."""
    usual = now + timedelta(minutes=sector.check_minutes)
    return usual if by is None else min(usual, by)


def check_in(presence: Presence, *, actor: Actor, now: datetime, by: datetime | None = None) -> Presence:
    """They were heard of and are well: the timer starts anew (``by``: to run out earlier). One that was late is kept as late."""

    def restart(locked: Presence, _move: Move, _gathered: Change) -> None:
        locked.check_by = _due(locked.sector, by, now)
        locked.checked_at, locked.rings = now, 0
        locked.missed = _answered(locked.missed, now, actor.name)
        locked.save(update_fields=["check_by", "checked_at", "rings", "missed"])

    return advance(presence, "check_in", actor=actor, now=now, after=restart, event=_told(now))


def leave(presence: Presence, note: str = "", *, actor: Actor, now: datetime) -> Presence:
    """They came out, or were accounted for elsewhere (``note``). The last one of a roll ends the signal by himself."""

    def close_roll(locked: Presence, _move: Move, _gathered: Change) -> None:
        locked.left_note, locked.missed = note.strip(), _answered(locked.missed, now, actor.name)
        locked.save(update_fields=["left_note", "missed"])
        for signal in AllOut.objects.filter(incident_id=locked.incident_id, state=rules.SIGNALLED):
            if str(locked.pk) in signal.roll and not queries.unaccounted(signal).exists():
                advance(signal, "account", actor=actor, now=now, event=_told(now))

    return advance(presence, "leave", actor=actor, now=now, after=close_roll, event=_told(now))


def signal(incident_id: UUID, reason: str, sector: Sector | None = None, *, actor: Actor, now: datetime) -> AllOut:
    """Everybody out, of one sector or of all: the roll is who is inside now. Nobody inside: the signal is accounted for at once."""
    incident = incidents.incident(incident_id, actor)
    with change(actor, "dispatch.signal", now=now, place_code=incident.place_code) as gathered:
        inside = Presence.objects.filter(incident_id=incident.id, state=rules.INSIDE)
        inside = inside if sector is None else inside.filter(sector=sector)
        given = AllOut.objects.create(
            incident_id=incident.id,
            sector=sector,
            reason=reason.strip(),
            state=rules.SIGNALLED,
            exercise=incident.exercise,
            opened_at=now,
            place_code=incident.place_code,
            classification=incident.classification,
            signalled_by_name=actor.name,
            roll=[str(key) for key in inside.values_list("pk", flat=True)],
            account_by=now + minutes("all_out_minutes", now),
        )
        gathered.subject = given
        open_case(given, actor=actor, now=now)
        gathered.announce(_changed(given, incident.title, now))
    return given if given.roll else advance(given, "account", actor=actor, now=now, event=_told(now))


def revoke(given: AllOut, reason: str, *, actor: Actor, now: datetime) -> AllOut:
    """Take a signal back, with the reason."""
    return advance(given, "revoke", actor=actor, now=now, reason=reason, event=_told(now))


def _answered(missed: list[dict[str, str]], now: datetime, by: str) -> list[dict[str, str]]:
    return [each if each.get("at") else {**each, "at": now.isoformat(), "by": by} for each in missed]


def _changed(record: Presence | AllOut, title: str, now: datetime) -> door.SceneChanged:
    return door.SceneChanged(
        subject_id=record.incident_id,
        place_code=record.place_code,
        classification=Classification(record.classification),
        at=now,
        exercise=record.exercise,
        title=title,
    )


def _told(now: datetime) -> Any:
    def event(locked: Presence | AllOut, _move: Move, _gathered: Change) -> door.SceneChanged:
        return _changed(locked, str(locked), now)

    return event
