"""Verbs of mine rescue: open, draw the network, squads, entries, reports from underground, recall, times in which nobody goes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.command.dispatch import door as dispatch
from anlan.command.incidents import door as incidents
from anlan.command.minerescue import air, apparatus, door, network, queries, rules
from anlan.command.minerescue.models import Airway, Entry, Hold, MinePlace, Operation, Report, Squad
from anlan.command.minerescue.picture import picture
from anlan.command.resources import door as resources
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, Classification
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.sense.devices import door as devices

SECTOR = "井下"
"""The sector of the scene in which everybody underground is kept: its timers ring, its signal calls them all out."""
SUBJECT = "minerescue.operation"


def open_operation(incident_id: UUID, disaster: str, *, actor: Actor, now: datetime) -> Operation:
    """Open mine rescue for an incident at a mine; the network of the mine's last operation is taken over.

    Raises ``NotFound``, ``NotAMine``, ``AlreadyOpen``, ``NotPermitted``.
    """
    incident = incidents.incident(incident_id, actor)
    mine = enterprises.enterprise(incident.enterprise_id) if incident.enterprise_id else None
    if mine is None or mine.sector_code not in rules.MINES:
        raise rules.NotAMine
    if Operation.objects.filter(incident_id=incident.id).exists():
        raise rules.AlreadyOpen
    before = Operation.objects.filter(enterprise_id=mine.id).order_by("-opened_at").first()
    row = Operation(
        state=rules.RUNNING,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        title=_("{title}：矿山救护").format(title=incident.title)[:120],
        incident_id=incident.id,
        enterprise_id=mine.id,
        disaster=disaster,
        opened_by_name=actor.name,
    )
    with change(actor, "minerescue.record", now=now, place_code=incident.place_code, enterprise_id=mine.id) as gathered:
        row.save(force_insert=True)
        gathered.subject = row
        open_case(row, actor=actor, now=now)
        if before is not None:
            _draw(row, *queries.network(before))
        gathered.announce(_changed(row, now))
    return row


def draw(row: Operation, text: str, kinds: Sequence[tuple[str, str]] = (), *, actor: Actor, now: datetime) -> None:
    """Set the network as a text says it (:mod:`network`). Raises ``BadNetwork``, ``TwoBases``, ``UnknownSensor``, ``PlaceInUse``."""
    spots, ways = network.read(text, kinds)
    known = _codes(row)
    placed = []
    for spot in spots:
        for code in spot.sensors:
            if code not in known:
                raise rules.UnknownSensor(code=code)
        placed.append(network.Spot(spot.name, spot.kind, spot.x, spot.y, spot.minutes, tuple(known[code] for code in spot.sensors)))
    with _running(row, "minerescue.record", actor, now) as gathered:
        _draw(row, placed, ways)
        gathered.facts.update({"places": len(spots), "airways": len(ways)})


def written(row: Operation) -> str:
    """The network as text, sensors by their codes."""
    codes = {each: code for code, each in _codes(row).items()}
    spots, ways = queries.network(row)
    named = [network.Spot(s.name, s.kind, s.x, s.y, s.minutes, tuple(codes[each] for each in s.sensors if each in codes)) for s in spots]
    return network.write(named, ways)


def _codes(row: Operation) -> dict[str, str]:
    """Sensors of the mine by what they may be called: their own code where it is the only one, device and code always."""
    found: dict[str, str] = {}
    doubled = set()
    for each in devices.sensors_of(row.enterprise_id):
        found[f"{each.device_code}/{each.code}"] = str(each.id)
        if each.code in found:
            doubled.add(each.code)
        found[each.code] = str(each.id)
    return {code: key for code, key in found.items() if code not in doubled}


def _draw(row: Operation, spots: Sequence[network.Spot], ways: Sequence[network.Way]) -> None:
    kept = {spot.name for spot in spots}
    gone = row.places.exclude(name__in=kept)
    used = gone.filter(Q(reports__isnull=False) | Q(pk__in=row.entries.values("place"))).first()
    if used is not None:
        raise rules.PlaceInUse(place=used.name)
    row.airways.all().delete()
    gone.delete()
    places = {}
    for number, spot in enumerate(spots):
        told = {"kind": spot.kind, "x": spot.x, "y": spot.y, "minutes": spot.minutes, "sensor_ids": list(spot.sensors), "number": number}
        places[spot.name], _new = MinePlace.objects.update_or_create(operation=row, name=spot.name, defaults=told)
    Airway.objects.bulk_create(Airway(operation=row, start=places[way.start], end=places[way.end], metres=way.metres) for way in ways)


# --- squads ------------------------------------------------------------------------------------------------------------------------


def keep_squad(row: Operation, values: Mapping[str, Any], squad: Squad | None = None, *, actor: Actor, now: datetime) -> Squad:
    """Enter a squad, or correct it: ``name``, ``members``, ``duty``; as wished ``unit``, ``phone``, ``full_pressure``, ``rated_minutes``, ``resource_id``
    of a team on record, which is taken for the operation.

    Raises ``SquadTwice``, ``AlreadyUnderground``, ``OperationEnded``, and what taking a resource raises (``AlreadyCommitted``, ``OutOfService``).
    """
    day = law_day(now)
    name = str(values["name"]).strip()
    if row.squads.filter(name=name).exclude(pk=squad.pk if squad else None).exists():
        raise rules.SquadTwice(squad=name)
    _not_inside(squad)
    with _running(row, "minerescue.record", actor, now) as gathered:
        kept = squad or Squad(operation=row, joined_at=now)
        kept.name, kept.members, kept.duty = name, list(values["members"]), values.get("duty") or rules.RESERVE
        kept.unit, kept.phone = values.get("unit") or kept.unit, values.get("phone") or ""
        kept.full_pressure = values.get("full_pressure") or rules.tenth("full_pressure", day)
        kept.rated_minutes = values.get("rated_minutes") or rules.TABLES.parameter("rated_minutes", day)
        if values.get("resource_id"):
            told = {"subject_type": SUBJECT, "subject_id": row.pk, "title": row.title, "exercise": row.exercise}
            team = resources.commit(values["resource_id"], actor=actor, now=now, **told)
            kept.resource_id, kept.unit = team.id, team.name
        kept.save()
        gathered.facts.update({"squad": kept.name, "people": len(kept.members), "duty": kept.duty})
    return kept


def set_duty(row: Operation, squad: Squad, duty: str, *, actor: Actor, now: datetime) -> None:
    """A squad stands by at the base, rests, or has left. Raises ``AlreadyUnderground``, ``OperationEnded``."""
    _not_inside(squad)
    with _running(row, "minerescue.record", actor, now) as gathered:
        squad.duty = duty
        squad.save(update_fields=["duty"])
        gathered.facts.update({"squad": squad.name, "duty": duty})


def _not_inside(squad: Squad | None) -> None:
    if squad is not None and squad.entries.filter(state__in=rules.UNDERGROUND).exists():
        raise rules.AlreadyUnderground(squad=squad.name)


# --- in and out --------------------------------------------------------------------------------------------------------------------


def findings(
    row: Operation, squad: Squad, place: MinePlace, pressures: Sequence[float], trip: timedelta, limits: apparatus.Limits, now: datetime
) -> tuple[rules.Finding, ...]:
    """Everything that speaks against a squad going to a place now, gravest first."""
    base = row.places.filter(kind="base").first()
    airways = [(each.start.name, each.end.name, each.metres or 1.0) for each in row.airways.select_related("start", "end")]
    names = air.way(base.name, place.name, airways) if base is not None else (place.name,)
    standby = queries.standby(row, squad)
    wish = rules.Wish(
        pressures=pressures,
        members=len(squad.members),
        standby=standby.name if standby is not None else "",
        base=base.name if base is not None else "",
        trip=trip,
        on_the_way=picture(row, now, trip).of([name for name in names if base is None or name != base.name]),
        out_by=limits.out_by,
        held=tuple((queries.hold_name(each.kind, now), each.until) for each in queries.holds(row, now)),
    )
    return rules.against(wish, rules.Demands.on(law_day(now)), now)


def enter(row: Operation, squad: Squad, place: MinePlace, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Entry:
    """Let a squad go in: ``purpose``, ``pressures`` (MPa by member), ``trip_minutes``, ``turn_rule``; ``grounds`` of the commander against what speaks against it.

    Raises ``EntryRefused`` (``codes``), ``AlreadyUnderground``, ``SquadAway``, ``OperationEnded``, and ``SectorCleared`` while a recall holds.
    """
    _not_inside(squad)
    if squad.duty == rules.AWAY:
        raise rules.SquadAway(squad=squad.name)
    pressures, trip = [float(each) for each in values["pressures"]], timedelta(minutes=int(values["trip_minutes"]))
    limits = apparatus.at_entry(pressures or [0.0], _apparatus(squad), rules.figures(values["turn_rule"], law_day(now)), now)
    found = findings(row, squad, place, pressures, trip, limits, now)
    against = [each for each in found if each.blocks]
    grounds = str(values.get("grounds") or "").strip()
    if against and not (grounds and pressures and _commands(row, actor)):
        raise rules.EntryRefused(reasons=in_words(against), codes=tuple(each.code for each in against))
    standby = queries.standby(row, squad)
    with _running(row, "minerescue.record", actor, now) as gathered:
        told = {"who": squad.name, "unit": squad.unit, "phone": squad.phone, "people": len(squad.members), "sector": SECTOR}
        check = {"check_minutes": rules.TABLES.parameter("report_minutes", law_day(now)), "check_by": _next(limits, rules.INSIDE, now)}
        entry = Entry(
            operation=row,
            state=rules.INSIDE,
            exercise=row.exercise,
            opened_at=now,
            place_code=row.place_code,
            classification=row.classification,
            squad=squad,
            standby_name=standby.name if standby is not None else "",
            place=place,
            purpose=str(values["purpose"]).strip(),
            trip_minutes=values["trip_minutes"],
            turn_rule=values["turn_rule"],
            members=squad.members,
            pressures=pressures,
            turn_pressure=limits.turn_pressure,
            turn_at=limits.turn_at,
            out_by=limits.out_by,
            lowest=min(pressures),
            reported_at=now,
            findings=[{"code": each.code, "sentence": each.sentence, "facts": each.facts, "blocks": each.blocks} for each in found],
            grounds=grounds if against else "",
            allowed_by_name=actor.name if against else "",
            presence_id=dispatch.enter(row.incident_id, {**told, **check}, actor=actor, now=now),
        )
        entry.save(force_insert=True)
        open_case(entry, actor=actor, now=now)
        squad.duty = rules.RESERVE
        squad.save(update_fields=["duty"])
        gathered.facts.update({"entry": str(entry.pk), "squad": squad.name, "place": place.name, "against": [each.code for each in found]})
    return entry


def in_words(found: Sequence[rules.Finding]) -> str:
    """Findings as one sentence in the reader's language."""
    return "；".join(_(each.sentence).format(**each.facts) for each in found)


def turn(entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    """The squad has turned back."""

    def note(locked: Entry, _move: Move, gathered: Change) -> None:
        locked.turned_at = now
        locked.save(update_fields=["turned_at"])
        dispatch.check_in(locked.presence_id, actor=actor, now=now, by=_next(_limits(locked), rules.RETURNING, now))
        gathered.announce(_changed(locked.operation, now))

    return advance(entry, "turn", actor=actor, now=now, after=note)


def leave(entry: Entry, pressures: Sequence[float] = (), note: str = "", *, actor: Actor, now: datetime) -> Entry:
    """The squad is out, with what its apparatus shows."""

    def settle(locked: Entry, _move: Move, gathered: Change) -> None:
        locked.left_pressures, locked.left_note = list(pressures), note.strip()[:200]
        locked.save(update_fields=["left_pressures", "left_note"])
        dispatch.leave(locked.presence_id, note, actor=actor, now=now)
        gathered.announce(_changed(locked.operation, now))

    return advance(entry, "leave", actor=actor, now=now, after=settle)


# --- what is told from underground -------------------------------------------------------------------------------------------------


def report(row: Operation, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Report:
    """Write down what was told: ``at``, as wished ``place``, ``entry``, quantities of :data:`air.QUANTITIES`, ``pressures``, ``note``, ``replaces``.

    A report of a squad starts its timer anew and reckons its time from its pressures. Raises ``NothingReported``, ``ImpossibleAir``, ``NotYet``,
    ``OperationEnded``.
    """
    at, place, entry, pressures = values.get("at") or now, values.get("place"), values.get("entry"), list(values.get("pressures") or ())
    told = {name: float(values[name]) for name in air.QUANTITIES if values.get(name) is not None}
    note = str(values.get("note") or "").strip()
    _check_report(row, at, entry, told, bool(told and place) or bool(pressures) or bool(note), now)
    with _running(row, "minerescue.record", actor, now) as gathered:
        made = Report.objects.create(
            operation=row,
            place=place,
            entry=entry,
            replaces=values.get("replaces"),
            at=at,
            pressures=pressures,
            note=note,
            author_id=actor.account_id,
            author_name=actor.name,
            written_at=now,
            **told,
        )
        gathered.facts.update({"report": str(made.pk), "place": place.name if place else "", **told})
        if entry is not None and entry.state in rules.UNDERGROUND and at >= entry.reported_at:
            _heard(entry, pressures, at, actor, now)
        if place is not None and air.state(_sample(told), rules.tenth("margin", law_day(now))) in air.DANGEROUS:
            inside = queries.summary(row, now).people
            gathered.announce(door.GasDangerous(**_about(row, now), place=place.name, report_id=str(made.pk), inside=inside))
    return made


def _check_report(row: Operation, at: datetime, entry: Entry | None, told: Mapping[str, float], anything: bool, now: datetime) -> None:
    if not anything:
        raise rules.NothingReported
    if at > now or at < (entry.opened_at if entry is not None else row.opened_at):
        raise rules.NotYet
    sample = _sample(told)
    if not sample.possible:
        burning = sum(sample.fuel)
        raise rules.ImpossibleAir(fuel=f"{burning:.3g}", most=f"{max(air.most_oxygen(burning), 0.0):.3g}")


def _sample(told: Mapping[str, float]) -> air.Air:
    return air.Air(**{name: told[name] for name in air.GASES if name in told})


def _heard(entry: Entry, pressures: Sequence[float], at: datetime, actor: Actor, now: datetime) -> None:
    locked = Entry.objects.select_for_update(of=("self",)).select_related("squad").get(pk=entry.pk)
    locked.reported_at = at
    if pressures:
        asked = rules.figures(locked.turn_rule, law_day(locked.opened_at))
        limits = apparatus.on_the_way(locked.pressures, locked.opened_at, pressures, at, _apparatus(locked.squad), asked)
        locked.lowest, locked.turn_at, locked.out_by = min(pressures), limits.turn_at, limits.out_by
    locked.save(update_fields=["reported_at", "lowest", "turn_at", "out_by"])
    dispatch.check_in(locked.presence_id, actor=actor, now=now, by=_next(_limits(locked), locked.state, now))


def _limits(entry: Entry) -> apparatus.Limits:
    return apparatus.Limits(entry.turn_pressure, entry.turn_at, entry.out_by)


def _next(limits: apparatus.Limits, state: str, now: datetime) -> datetime:
    """Until when the squad must be heard of again: its interval, and never later than it must turn, or be out once it has turned."""
    until = limits.turn_at if state == rules.INSIDE else limits.out_by
    return min(now + rules.minutes("report_minutes", law_day(now)), max(until, now))


# --- nobody goes in ----------------------------------------------------------------------------------------------------------------


def recall(row: Operation, reason: str, *, actor: Actor, now: datetime) -> int:
    """Call everybody out; how many squads that are. Nobody can be registered in until the last one is accounted for."""
    if not reason.strip():
        raise rules.NoGrounds
    with _running(row, "minerescue.record", actor, now) as gathered:
        called = row.entries.filter(state__in=rules.UNDERGROUND, recalled_at=None).update(recalled_at=now)
        dispatch.call_out(row.incident_id, SECTOR, reason.strip(), actor=actor, now=now)
        gathered.facts.update({"recalled": called, "reason": reason.strip()})
    return called


def forbid(row: Operation, kind: str, note: str = "", minutes: int | None = None, *, actor: Actor, now: datetime) -> Hold:
    """Something happened after which nobody goes in for ``minutes`` (by the table where not given); by the table everybody is called out too."""
    rule = rules.hold_rules(law_day(now))[kind]
    with _running(row, "minerescue.command", actor, now) as gathered:
        until = now + timedelta(minutes=rule.minutes if minutes is None else minutes)
        made = Hold.objects.create(operation=row, kind=kind, since=now, until=until, note=note.strip()[:200], author_name=actor.name)
        gathered.facts.update({"hold": kind, "until": until.isoformat()})
        if rule.recall and queries.underground(row):
            recall(row, queries.hold_name(kind, now), actor=actor, now=now)
    return made


def lift(row: Operation, hold: Hold, grounds: str, *, actor: Actor, now: datetime) -> None:
    """Let squads in again before the time is over, with the grounds. Raises ``NoGrounds``."""
    if not grounds.strip():
        raise rules.NoGrounds
    with _running(row, "minerescue.command", actor, now) as gathered:
        hold.lifted_at, hold.lifted_by_name, hold.lifted_grounds = now, actor.name, grounds.strip()[:300]
        hold.save(update_fields=["lifted_at", "lifted_by_name", "lifted_grounds"])
        gathered.facts.update({"lifted": hold.kind, "grounds": hold.lifted_grounds})


def end(row: Operation, note: str, *, actor: Actor, now: datetime) -> Operation:
    """End the operation; teams taken for it are free again. Raises ``StillUnderground``, ``MissingFields``."""
    inside = queries.underground(row)
    if inside:
        raise rules.StillUnderground(squads="、".join(each.squad.name for each in inside))

    def free(locked: Operation, _move: Move, gathered: Change) -> None:
        for each in resources.held_by(SUBJECT, locked.pk, None, at=now):
            resources.release(each.id, subject_type=SUBJECT, subject_id=locked.pk, actor=actor, now=now)
        gathered.announce(_changed(locked, now))

    return advance(row, "end", actor=actor, now=now, fields={"closing_note": note.strip()}, after=free)


# --- what they share ------------------------------------------------------------------------------------------------------------------


@contextmanager
def _running(row: Operation, action: str, actor: Actor, now: datetime) -> Iterator[Change]:
    """One mutation of an operation that has not ended, announced. Raises ``OperationEnded``, ``NotPermitted``."""
    with change(actor, action, now=now, record=row) as gathered:
        if row.is_closed:
            raise rules.OperationEnded
        gathered.announce(_changed(row, now))
        yield gathered


def _commands(row: Operation, actor: Actor) -> bool:
    return actor.may("minerescue.command", place_code=row.place_code, classification=row.classification, enterprise_id=row.enterprise_id)


def _apparatus(squad: Squad) -> apparatus.Apparatus:
    return apparatus.Apparatus(squad.full_pressure, squad.rated_minutes)


def _about(row: Operation, now: datetime) -> dict[str, Any]:
    told = {"subject_id": row.pk, "place_code": row.place_code, "at": now, "exercise": row.exercise, "title": row.title}
    return told | {"classification": Classification(row.classification)}


def _changed(row: Operation, now: datetime) -> door.MineRescueChanged:
    return door.MineRescueChanged(**_about(row, now))
