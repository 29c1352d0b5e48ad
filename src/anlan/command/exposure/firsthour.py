"""The ranked list of the first hour: whom to tell, by which number, what to do, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext

from anlan.command.exposure import rules
from anlan.command.exposure.door import Enterprise, ExposedZone, Facility, Hazard, Line
from anlan.ground.enterprises import door as enterprises
from anlan.ground.facilities import door as facilities
from anlan.ground.organisations import door as organisations
from anlan.ground.population import door as population
from anlan.kernel.access import Actor

MOST_LINES = 200


def ranked(
    here: tuple[Facility, ...],
    plants: tuple[Enterprise, ...],
    hazards: tuple[Hazard, ...],
    homes: Sequence[tuple[ExposedZone, population.PeopleInside]],
    *,
    actor: Actor | None,
    at: datetime,
) -> tuple[Line, ...]:
    """All lines, the earliest call first; the enterprise where it happened before everybody. Equal scores: the nearer, then by name.

    ``homes``: each zone, worst first, with the people of the part of it that lies in no worse one.
    """
    figures = rules.figures(at.astimezone(facilities.BEIJING).date())
    dangers: dict[UUID, list[Hazard]] = defaultdict(list)
    for hazard in hazards:
        dangers[hazard.enterprise_id].append(hazard)
    lines = [_facility(each, figures) for each in here]
    lines += [_plant(each, dangers.get(each.id, []), figures, actor) for each in plants]
    told = {each.name for each in here}
    for zone, people in homes:
        lines += _houses(people, zone, told, figures)
    lines.sort(key=lambda line: (-line.score, line.distance_m or 0.0, line.who))
    return tuple(replace(line, rank=number) for number, line in enumerate(lines[:MOST_LINES], 1))


def _facility(each: Facility, figures: dict[str, float]) -> Line:
    doing, why = _doing_at(each, figures)
    reasons = [facilities.reason(each.kind)]
    if why:
        reasons.append(gettext(why))
    if each.people is None and each.role != "none":
        reasons.append(gettext(rules.REASON_UNCOUNTED))
    return Line(
        rank=0,
        subject="facility",
        subject_id=each.id,
        place_code=each.place_code,
        who=each.name,
        contact_name=each.contact_name,
        phone=each.contact_phone,
        people=each.people,
        zone=each.zone,
        distance_m=each.distance_m,
        direction=each.direction,
        arrival_s=each.arrival_s,
        doing=doing,
        reasons=tuple(reasons),
        score=rules.score(figures, severity=each.severity, arrival_s=each.arrival_s, priority=_priority(each), people=each.people),
    )


def _priority(each: Facility) -> int:
    """An empty facility is told last of its zone: pupils are not at school by night."""
    return 4 if each.people == 0 and each.role != "none" else each.priority


def _doing_at(each: Facility, figures: dict[str, float]) -> tuple[str, str]:
    if each.kind == "shelter":
        return rules.KEEP_SHUT, ""
    if each.role == "none":
        return rules.STOP_INTAKE, ""
    if each.people == 0:
        return rules.STAND_BY, ""
    return rules.doing(each.effect, each.severity, each.arrival_s, rules.needed_s(figures, each.role, each.way_out_m))


def _plant(each: Enterprise, dangers: list[Hazard], figures: dict[str, float], actor: Actor | None) -> Line:
    contact, phone = _contact(each.id, actor)
    if each.is_source:
        doing, reasons = rules.SECURE, [gettext(rules.REASON_SOURCE)]
    elif dangers and each.severity < rules.SLIGHT:
        number = len(dangers)
        told = ngettext("%(number)s 处危险源", "%(number)s 处危险源", number) % {"number": number}
        doing, reasons = rules.SECURE, [gettext(rules.REASON_HAZARD), told]
    else:
        needed = rules.needed_s(figures, "staff", 0.0)
        doing, why = rules.doing(each.effect, each.severity, each.arrival_s, needed)
        reasons = [gettext(rules.REASON_STAFF), *([gettext(why)] if why else [])]
    if each.staff is None:
        reasons.append(gettext(rules.REASON_UNCOUNTED))
    priority = 1 if each.is_source else 2 if dangers else 4
    score = rules.score(figures, severity=each.severity, arrival_s=each.arrival_s, priority=priority, people=each.staff)
    return Line(
        rank=0,
        subject="enterprise",
        subject_id=each.id,
        place_code=each.place_code,
        who=each.name,
        contact_name=contact,
        phone=phone,
        people=each.staff,
        zone=each.zone,
        distance_m=each.distance_m,
        direction=each.direction,
        arrival_s=each.arrival_s,
        doing=doing,
        reasons=tuple(reasons),
        # Where it happened nobody waits for a score: they know most and are nearest.
        score=1.0 + score if each.is_source else score,
    )


def _contact(enterprise_id: UUID, actor: Actor | None) -> tuple[str, str]:
    """Whom to call; the number in full only for those who may see it."""
    if actor is None:
        return "", ""
    rows = enterprises.contacts_of(enterprise_id, actor)
    first = min(rows, key=lambda row: _CALLED.get(row.role, 9), default=None)
    return ("", "") if first is None else (first.name, first.phone)


_CALLED = {"control_room": 0, "emergency": 1, "safety_director": 2, "safety_manager": 3, "principal": 4}
"""Who of an enterprise is called first: the room that is always manned. Project default."""


def _houses(people: population.PeopleInside, zone: ExposedZone, told: set[str], figures: dict[str, float]) -> list[Line]:
    """Residents of a zone, less its worse ones, whom no line of a village reaches, by county or township: its bureau tells them."""
    by_place: dict[tuple[str, str], float] = defaultdict(float)
    for share in people.by_place:
        if share.method != "counted" and not (share.method == "settlement" and share.name in told):
            by_place[share.place_code, share.name] += share.people
    bureaus = organisations.bureaus_of({code for code, _ in by_place})
    found = []
    for (code, name), number in by_place.items():
        if number < 1:
            continue
        bureau = bureaus.get(code)
        doing, why = rules.doing(zone.effect, zone.severity, None, rules.needed_s(figures, "settlement", 0.0))
        reasons = (gettext(rules.REASON_HOUSES), *((gettext(why),) if why else ()))
        found.append(
            Line(
                rank=0,
                subject="place",
                subject_id=None,
                place_code=code,
                who=gettext("%(place)s其他居民") % {"place": name},
                contact_name=bureau.name if bureau is not None else "",
                phone=bureau.duty_phone if bureau is not None else "",
                people=population.rounded(number),
                zone=zone.code,
                distance_m=None,
                direction="",
                arrival_s=zone.arrival_s,
                doing=doing,
                reasons=reasons,
                score=rules.score(figures, severity=zone.severity, arrival_s=zone.arrival_s, priority=3, people=number),
            )
        )
    return found
