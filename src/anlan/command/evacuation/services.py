"""Verbs of evacuation: prepare, order, call, move, shelter, let back, end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.evacuation import door, queries, rules
from anlan.command.evacuation.models import Evacuation, Group, LeftPlace, OpenedShelter, ReturnWave, Vehicle
from anlan.command.incidents import door as incidents
from anlan.command.judgement import door as judgement
from anlan.ground.facilities import door as facilities
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day


def prepare(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Evacuation:
    """Prepare an evacuation: ``title``, ``grounds``, and ``incident_id`` or ``run_id`` of a judgement where there is one.

    A run fills in the area, the places with their people at this hour, and the shelters. Raises ``NotFound``, ``NotPermitted``, ``NoArea`` when a
    run is given in whose zones nobody is counted.
    """
    row = Evacuation(
        state=rules.PREPARED,
        opened_at=now,
        title=str(values.get("title", "")).strip(),
        grounds=str(values.get("grounds", "")).strip() or _(rules.GROUNDS),
        place_code=values.get("place_code") or actor.place_code,
        exercise=bool(values.get("exercise")),
        prepared_by_name=actor.name,
    )
    if values.get("incident_id"):
        incident = incidents.incident(values["incident_id"], actor)
        row.incident_id, row.place_code, row.exercise = incident.id, incident.place_code[:6], incident.exercise
        row.title = row.title or _("{title}：人员疏散").format(title=incident.title)
    found = judgement.area_to_leave(values["run_id"], now, actor) if values.get("run_id") else None
    if found is not None:
        if not found.places:
            raise rules.NoArea
        row.run_id, row.area = UUID(str(values["run_id"])), [list(each) for each in found.area]
        row.title = row.title or _("{title}：人员疏散").format(title=found.title)
    with change(actor, "evacuation.prepare", now=now, place_code=row.place_code) as gathered:
        row.save(force_insert=True)
        gathered.subject = row
        open_case(row, actor=actor, now=now)
        if found is not None:
            for shelter_id in found.shelters:
                _open(row, facilities.facility(shelter_id), now)
            for each in found.places:
                _place(row, _values_of(each), each.people, actor, now)
        gathered.announce(_changed(row, now))
    return row


def _values_of(each: judgement.PlaceToLeave) -> dict[str, Any]:
    return {
        "name": each.name,
        "place_code": each.place_code,
        "longitude": each.longitude,
        "latitude": each.latitude,
        "facility_id": each.facility_id,
        "shelter_id": each.shelter_id,
        "clerk_name": each.contact_name,
        "clerk_phone": each.contact_phone,
    }


def add_place(row: Evacuation, values: Mapping[str, Any], people: int, *, actor: Actor, now: datetime) -> LeftPlace:
    """One more place that is left, with the people counted there. Raises ``NotPermitted``, ``NotOrdered`` when the evacuation is over."""
    _not_over(row)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        made = _place(row, values, people, actor, now)
        gathered.facts.update({"place": made.name, "people": people})
        gathered.announce(_changed(row, now))
    return made


def _place(row: Evacuation, values: Mapping[str, Any], people: int, actor: Actor, now: datetime) -> LeftPlace:
    number = row.places.count() + 1
    made = LeftPlace.objects.create(evacuation=row, number=number, **{"place_code": row.place_code, **values})
    counted = Group.objects.create(place=made, code=_fresh_code(), name=made.name, counted=True)
    if people:
        _write(row, counted, rules.Step("", rules.HOME, people), actor, now)
    return made


def enter_group(place: LeftPlace, values: Mapping[str, Any], people: int, *, actor: Actor, now: datetime) -> Group:
    """Enter a household or class by name: ``name``, ``phone``, ``address``, ``needs``, ``remark``.

    They are taken out of those who were only counted at the place as far as there are such, so that nobody counts twice. Raises ``NobodyMoves``,
    ``NoSuchNeed``, ``NotOrdered``.
    """
    row = place.evacuation
    _not_over(row)
    if people < 1:
        raise rules.NobodyMoves
    known = rules.needs(law_day(now))
    for need in values.get("needs", ()):
        if need not in known:
            raise rules.NoSuchNeed(need=need)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        counted = Group.objects.select_for_update().get(place=place, counted=True)
        named = {name: values.get(name, "") for name in ("name", "phone", "address", "remark")}
        made = Group.objects.create(place=place, code=_fresh_code(), needs=list(values.get("needs", ())), **named)
        among = min(people, counted.home)
        if among:
            _write(row, counted, rules.Step(rules.HOME, "", among), actor, now, note=_("按户登记：{name}").format(name=made.name))
        _write(row, made, rules.Step("", rules.HOME, people), actor, now)
        gathered.facts.update({"group": str(made.pk), "people": people})
        gathered.announce(_changed(row, now))
    return made


def recount(group: Group, people: int, reason: str, *, actor: Actor, now: datetime) -> Group:
    """Correct how many belong to a group, with the reason; who has already left is not struck off. Raises ``NoReason``, ``NotSoMany``."""
    if not reason.strip():
        raise rules.NoReason
    row = group.place.evacuation
    _not_over(row)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        locked = Group.objects.select_for_update().get(pk=group.pk)
        more = people - locked.people
        step = rules.Step("", rules.HOME, more) if more > 0 else rules.Step(rules.HOME, "", -more)
        _write(row, locked, step, actor, now, note=reason.strip()[:200])
        gathered.facts.update({"group": str(group.pk), "people": people, "reason": reason.strip()})
        gathered.announce(_changed(row, now))
    return locked


# --- the order and its end -------------------------------------------------------------------------------------------------------


def order(row: Evacuation, *, actor: Actor, now: datetime) -> Evacuation:
    """Order the evacuation. Raises ``NoArea`` when nobody is entered, ``WrongState``, ``NotPermitted``."""
    people = queries.account(row).total
    if not people:
        raise rules.NoArea

    def event(locked: Evacuation, _move: Move, _gathered: Change) -> Event:
        return door.EvacuationOrdered(**_about(locked, now), people=people)

    return advance(row, "order", actor=actor, now=now, fields={"ordered_at": now, "ordered_by_name": actor.name}, event=event)


def confirm_empty(row: Evacuation, *, actor: Actor, now: datetime) -> Evacuation:
    """Say that everybody is accounted for. Raises ``PeopleUnaccounted`` with how many are not, and where."""
    lines = [line for line in queries.place_lines(row) if line.account.unaccounted]
    if lines:
        told = "、".join(f"{line.place.name} {line.account.unaccounted}" for line in lines[:5])
        raise rules.PeopleUnaccounted(count=sum(line.account.unaccounted for line in lines), places=told)
    return advance(row, "empty", actor=actor, now=now, fields={"emptied_at": now, "emptied_by_name": actor.name}, event=_moved(now))


def reopen(row: Evacuation, reason: str, *, actor: Actor, now: datetime) -> Evacuation:
    """Somebody is inside after all. Raises ``ReasonRequired``."""
    return advance(row, "reopen", actor=actor, now=now, reason=reason, fields={"emptied_at": None}, event=_moved(now))


def drop(row: Evacuation, reason: str, *, actor: Actor, now: datetime) -> Evacuation:
    """Do not carry out what was prepared. Raises ``ReasonRequired``."""
    return advance(row, "drop", actor=actor, now=now, reason=reason)


def close(row: Evacuation, note: str, *, actor: Actor, now: datetime) -> Evacuation:
    """End the evacuation. Raises ``PeopleAway`` while people are at shelters or on their way."""
    found = queries.account(row)
    away = found.where[rules.SHELTERED] + found.unaccounted
    if away:
        raise rules.PeopleAway(count=away)

    def event(locked: Evacuation, _move: Move, _gathered: Change) -> Event:
        return door.EvacuationClosed(**_about(locked, now))

    return advance(row, "close", actor=actor, now=now, fields={"closing_note": note.strip()}, event=event)


# --- calls and movements ---------------------------------------------------------------------------------------------------------


def note_call(group: Group, call: str, *, actor: Actor, now: datetime) -> Group:
    """What was heard of a group. Raises ``NotOrdered``, ``UnknownCode`` for a word that is none of ``rules.CALLS``."""
    row = _running(group)
    if call not in rules.CALLS:
        raise rules.UnknownCode(code=call)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        group.call, group.called_at, group.called_by_name = call, now, actor.name
        group.save(update_fields=["call", "called_at", "called_by_name"])
        gathered.facts.update({"group": str(group.pk), "call": call})
        gathered.announce(_changed(row, now))
    return group


def move(
    group: Group,
    source: str,
    target: str,
    people: int,
    *,
    actor: Actor,
    now: datetime,
    shelter: OpenedShelter | None = None,
    left_shelter: OpenedShelter | None = None,
    vehicle: Vehicle | None = None,
    note: str = "",
    key: str = "",
) -> Group:
    """Take ``people`` of a group from one whereabouts to another. A ``key`` that was seen before changes nothing.

    Raises ``NotOrdered``, ``NotSoMany``, ``NobodyMoves``, ``NoReturnYet`` for a return without an allowed wave.
    """
    row = _running(group)
    if target == rules.RETURNED and not group.place.waves.filter(state=rules.ALLOWED).exists():
        raise rules.NoReturnYet(place=group.place.name)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        locked = Group.objects.select_for_update().get(pk=group.pk)
        if key and row.movements.filter(key=key).exists():
            return locked
        if source == rules.SHELTERED and left_shelter is None:
            left_shelter = _shelter_of(locked, people)
        shelters = {"shelter": shelter, "left_shelter": left_shelter, "vehicle": vehicle}
        _write(row, locked, rules.Step(source, target, people), actor, now, note=note, key=key, **shelters)
        gathered.facts.update({"group": str(group.pk), "source": source, "target": target, "people": people})
        gathered.announce(_changed(row, now))
        _tell_shelters(row, (shelter, left_shelter), gathered, now)
    return locked


def arrive(
    row: Evacuation, code: str, shelter: OpenedShelter, *, actor: Actor, now: datetime, people: int | None = None, key: str = ""
) -> Group:
    """A slip was scanned at a shelter: its people have arrived, all who are not accounted for unless ``people`` says how many.

    Whoever stands at the door is let in: more people than beds is shown, never refused. Raises ``BadCode``, ``UnknownCode``, ``NotSoMany``.
    """
    read = rules.read_code(code)
    group = Group.objects.select_related("place").filter(code=read, place__evacuation=row).first()
    if group is None:
        raise rules.UnknownCode(code=read)
    _running(group)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        locked = Group.objects.select_for_update().get(pk=group.pk)
        if key and row.movements.filter(key=key).exists():
            return locked
        here = sum(locked.where[each] for each in rules.UNACCOUNTED)
        asked = here if people is None else people
        if asked > here or asked < 1:
            raise rules.NotSoMany(where=rules.WHERE[rules.HOME], have=here, asked=asked)
        for number, (source, some) in enumerate(_taken(locked, asked)):
            step = rules.Step(source, rules.SHELTERED, some)
            _write(row, locked, step, actor, now, shelter=shelter, key=f"{key}:{number}" if key and number else key)
        gathered.facts.update({"group": str(group.pk), "shelter": shelter.name, "people": asked})
        gathered.announce(_changed(row, now))
        _tell_shelters(row, (shelter,), gathered, now)
    return locked


def walk_in(place: LeftPlace, shelter: OpenedShelter, people: int, *, actor: Actor, now: datetime, note: str = "", key: str = "") -> Group:
    """People of a place come to a shelter without a slip: they are of those only counted there; more than were counted are entered as found."""
    row = place.evacuation
    counted = Group.objects.select_related("place").get(place=place, counted=True)
    _running(counted)
    if people < 1:
        raise rules.NobodyMoves
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        locked = Group.objects.select_for_update().get(pk=counted.pk)
        if key and row.movements.filter(key=key).exists():
            return locked
        more = people - sum(locked.where[each] for each in rules.UNACCOUNTED)
        if more > 0:
            _write(row, locked, rules.Step("", rules.HOME, more), actor, now, note=_("到达人数多于登记人数"))
        for number, (source, some) in enumerate(_taken(locked, people)):
            step = rules.Step(source, rules.SHELTERED, some)
            _write(row, locked, step, actor, now, shelter=shelter, note=note, key=f"{key}:{number}" if key and number else key)
        gathered.facts.update({"place": place.name, "shelter": shelter.name, "people": people})
        gathered.announce(_changed(row, now))
        _tell_shelters(row, (shelter,), gathered, now)
    return locked


def _taken(group: Group, people: int) -> list[tuple[str, int]]:
    """From where ``people`` come: those on the way first, then those not heard of, then the missing."""
    found, left = [], people
    for source in (rules.MOVING, rules.HOME, rules.MISSING):
        some = min(left, getattr(group, source))
        if some:
            found.append((source, some))
            left -= some
    return found


def return_all(place: LeftPlace, *, actor: Actor, now: datetime) -> int:
    """Everybody of a place who is at a shelter goes home. Returns how many. Raises ``NoReturnYet``, ``NobodyMoves`` when nobody is at a shelter."""
    gone = 0
    with transaction.atomic():
        for group in place.groups.filter(sheltered__gt=0).select_related("place"):
            for shelter, here in _at_shelters(group):
                move(group, rules.SHELTERED, rules.RETURNED, here, actor=actor, now=now, left_shelter=shelter)
                gone += here
    if not gone:
        raise rules.NobodyMoves
    return gone


def _at_shelters(group: Group) -> list[tuple[OpenedShelter, int]]:
    """How many of a group are at which shelter, most first, by its lines in the book."""
    found: dict[UUID, int] = {}
    for shelter_id, left_id, people in group.movements.values_list("shelter_id", "left_shelter_id", "people"):
        for key, sign in ((shelter_id, 1), (left_id, -1)):
            if key is not None:
                found[key] = found.get(key, 0) + sign * people
    rows = OpenedShelter.objects.in_bulk(list(found))
    return sorted(((rows[key], people) for key, people in found.items() if people > 0), key=lambda pair: -pair[1])


def _shelter_of(group: Group, people: int) -> OpenedShelter:
    """The shelter that ``people`` of a group leave. Raises ``NotSoMany`` when no single one holds so many of them."""
    held = _at_shelters(group)
    fitting = [shelter for shelter, here in held if here >= people]
    if not fitting:
        raise rules.NotSoMany(where=rules.WHERE[rules.SHELTERED], have=held[0][1] if held else 0, asked=people)
    return fitting[0]


# --- shelters, vehicles, waves ---------------------------------------------------------------------------------------------------


def open_shelter(row: Evacuation, *, actor: Actor, now: datetime, facility_id: UUID | None = None, **values: Any) -> OpenedShelter:
    """Open a shelter: one of the facilities, or a hall found on the spot (``name``, ``beds``, ``contact_name``, ``contact_phone``)."""
    _not_over(row)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        if facility_id is not None:
            made = _open(row, facilities.facility(facility_id, actor), now)
        else:
            made = OpenedShelter.objects.create(evacuation=row, opened_at=now, **{"place_code": row.place_code, **values})
        gathered.facts["shelter"] = made.name
        gathered.announce(_changed(row, now))
    return made


def _open(row: Evacuation, facility: facilities.Facility, now: datetime) -> OpenedShelter:
    made, _fresh = OpenedShelter.objects.get_or_create(
        evacuation=row,
        facility_id=facility.id,
        defaults={
            "name": facility.name,
            "place_code": facility.place_code,
            "longitude": facility.longitude,
            "latitude": facility.latitude,
            "beds": facility.capacity,
            "before": facility.occupied or 0,
            "contact_name": facility.contact_name,
            "contact_phone": facility.contact_phone,
            "opened_at": now,
        },
    )
    return made


def add_vehicle(row: Evacuation, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Vehicle:
    """Put a vehicle to a place: ``name``, ``seats``, ``driver_phone``, ``place_id``, ``resource_id``."""
    _not_over(row)
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        made = Vehicle.objects.create(evacuation=row, **values)
        gathered.facts["vehicle"] = made.name
        gathered.announce(_changed(row, now))
    return made


def depart(vehicle: Vehicle, group: Group, people: int, *, actor: Actor, now: datetime, key: str = "") -> Group:
    """People of a group get aboard and leave: they are on the way."""
    if key and vehicle.evacuation.movements.filter(key=key).exists():
        return group
    with change(actor, "evacuation.record", now=now, record=vehicle.evacuation):
        found = move(group, rules.HOME, rules.MOVING, people, actor=actor, now=now, vehicle=vehicle, key=key)
        vehicle.trips, vehicle.carried = vehicle.trips + 1, vehicle.carried + people
        vehicle.save(update_fields=["trips", "carried"])
    return found


def propose_return(row: Evacuation, places: Iterable[LeftPlace], grounds: str, *, actor: Actor, now: datetime) -> ReturnWave:
    """Ask that the people of some places may go back, with what makes it safe. Raises ``NoReason``, ``NoArea`` without a place."""
    chosen = list(places)
    if not grounds.strip():
        raise rules.NoReason
    if not chosen:
        raise rules.NoArea
    with change(actor, "evacuation.record", now=now, record=row) as gathered:
        made = ReturnWave.objects.create(
            evacuation=row,
            state=rules.PROPOSED,
            opened_at=now,
            exercise=row.exercise,
            place_code=row.place_code,
            classification=row.classification,
            number=row.waves.count() + 1,
            grounds=grounds.strip(),
            proposed_by_id=actor.account_id,
            proposed_by_name=actor.name,
        )
        made.places.set(chosen)
        open_case(made, actor=actor, now=now)
        gathered.facts.update({"wave": made.number, "places": [each.name for each in chosen]})
        gathered.announce(_changed(row, now))
    return made


def allow_return(wave: ReturnWave, *, actor: Actor, now: datetime) -> ReturnWave:
    """Let the people of a wave back. Raises ``FourEyes`` for the one who proposed it."""
    return advance(wave, "allow", actor=actor, now=now, fields={"decided_by_name": actor.name, "decided_at": now}, event=_wave_moved(now))


def refuse_return(wave: ReturnWave, reason: str, *, actor: Actor, now: datetime) -> ReturnWave:
    """Do not let them back yet."""
    fields = {"decided_by_name": actor.name, "decided_at": now}
    return advance(wave, "refuse", actor=actor, now=now, reason=reason, fields=fields, event=_wave_moved(now))


# --- inside ----------------------------------------------------------------------------------------------------------------------


def _write(
    row: Evacuation, group: Group, step: rules.Step, actor: Actor, now: datetime, *, key: str = "", note: str = "", **where: Any
) -> None:
    """One line of the book and the columns it changes, inside the transaction of a verb. The group is locked by the verb, or just made."""
    rules.check_step(group.where, step)
    for name, sign in ((step.source, -1), (step.target, 1)):
        if name:
            setattr(group, name, getattr(group, name) + sign * step.people)
    group.save(update_fields=[each for each in (step.source, step.target) if each])
    row.movements.create(
        group=group,
        key=key or None,
        at=now,
        source=step.source,
        target=step.target,
        people=step.people,
        note=note,
        author_id=actor.account_id,
        author_name=actor.name,
        **where,
    )
    for name, sign in (("shelter", 1), ("left_shelter", -1)):
        shelter: OpenedShelter | None = where.get(name)
        if shelter is not None:
            locked = OpenedShelter.objects.select_for_update().get(pk=shelter.pk)
            locked.people = max(0, locked.people + sign * step.people)
            locked.save(update_fields=["people"])
            shelter.people = locked.people


def _tell_shelters(row: Evacuation, shelters: Iterable[OpenedShelter | None], gathered: Change, now: datetime) -> None:
    for shelter in shelters:
        if shelter is not None and shelter.facility_id is not None:
            told = door.ShelterFilled(
                subject_id=row.pk,
                place_code=row.place_code,
                at=now,
                exercise=row.exercise,
                facility_id=str(shelter.facility_id),
                people=shelter.before + shelter.people,
            )
            gathered.announce(told)


def _fresh_code() -> str:
    while True:
        code = rules.new_code()
        if not Group.objects.filter(code=code).exists():
            return code


def _running(group: Group) -> Evacuation:
    row = group.place.evacuation
    if row.state not in rules.LIVE:
        raise rules.NotOrdered
    return row


def _not_over(row: Evacuation) -> None:
    if row.is_closed:
        raise rules.NotOrdered


def _about(row: Evacuation, now: datetime) -> dict[str, Any]:
    return {"subject_id": row.pk, "place_code": row.place_code, "at": now, "exercise": row.exercise, "title": row.title}


def _changed(row: Evacuation, now: datetime) -> door.EvacuationChanged:
    return door.EvacuationChanged(**_about(row, now))


def _moved(now: datetime) -> Any:
    return lambda locked, _move, _gathered: _changed(locked, now)


def _wave_moved(now: datetime) -> Any:
    return lambda locked, _move, _gathered: _changed(locked.evacuation, now)
