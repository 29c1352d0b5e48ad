"""From keys to people: who is meant by a key at this moment. A post is whoever is on duty there now; a post with nobody says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from anlan.command.contact import rules
from anlan.command.contact.door import DutyTeller
from anlan.command.contact.models import Contact, Group
from anlan.command.contact.rules import Reachable
from anlan.command.resources import door as resources
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.errors import NotFound

duty_tellers: list[DutyTeller] = []
PLANT_POSTS = ("enterprise_manager", "enterprise_principal")
"""Who of an enterprise is told of a notice to it, in this order."""


def everybody(keys: Iterable[str], now: datetime) -> list[Reachable]:
    """Everybody who is meant, nobody twice. Raises ``BadKey``."""
    return rules.each_once(person for key in keys for person in of_key(key, now))


def of_key(key: str, now: datetime) -> Iterator[Reachable]:
    """Whom one key means. An id that is no longer there means nobody."""
    kind, name = rules.parse_key(key)
    if kind == "duty":
        yield from on_duty(name, now)
    elif kind == "group":
        group = Group.objects.filter(pk=name).first()
        for member in group.members if group is not None else ():
            if not member.startswith("group:"):
                yield from of_key(member, now)
    else:
        found = {"account": _account, "organisation": _organisation, "contact": _contact, "enterprise": _enterprise, "resource": _resource}[
            kind
        ](UUID(name), now)
        if found is not None:
            yield found


def on_duty(place_code: str, now: datetime) -> list[Reachable]:
    """Who is on duty at a place; one entry that says ``nobody`` when the post is empty."""
    told = [person for teller in duty_tellers for person in teller(place_code, now)]
    if told:
        return told
    bureau = organisations.bureau_of(place_code)
    own = bureau is not None and bureau.place_code == place_code
    return [
        Reachable(
            f"duty:{place_code}",
            bureau.name if bureau is not None and own else places.place_name(place_code),
            place_code,
            organisation_id=bureau.id if bureau is not None and own else None,
            nobody=True,
        )
    ]


def _account(account_id: UUID, now: datetime) -> Reachable | None:
    found = people.staff_member(account_id, now=now)
    return None if found is None else of_staff(found)


def of_staff(found: people.Staff) -> Reachable:
    """A member of staff as somebody who can be told."""
    return Reachable(
        f"account:{found.account_id}",
        found.name,
        found.place_code,
        found.post_name,
        found.phone,
        found.email,
        found.account_id,
        enterprise_id=found.enterprise_id,
    )


def _organisation(organisation_id: UUID, _now: datetime) -> Reachable | None:
    found = organisations.organisation(organisation_id)
    if found is None or not found.in_use:
        return None
    return Reachable(f"organisation:{found.id}", found.name, found.place_code, phone=found.duty_phone, organisation_id=found.id)


def _contact(contact_id: UUID, _now: datetime) -> Reachable | None:
    row = Contact.objects.filter(pk=contact_id).first()
    if row is None:
        return None
    return Reachable(
        f"contact:{row.pk}", row.name, row.place_code, " ".join(part for part in (row.unit, row.duty) if part), row.phone, row.email
    )


def _enterprise(enterprise_id: UUID, now: datetime) -> Reachable | None:
    """An enterprise: its safety manager is called, anybody of it may confirm. Without anybody it is told in the page alone when someone comes."""
    found = enterprises.enterprises([enterprise_id]).get(enterprise_id)
    if found is None:
        return None
    holder = next((each for kind in PLANT_POSTS for each in people.holders_in_enterprise(kind, enterprise_id, now=now)), None)
    return Reachable(
        f"enterprise:{enterprise_id}",
        found.name,
        found.place_code,
        f"{holder.post_name} {holder.name}" if holder is not None else "",
        holder.phone if holder is not None else "",
        account_id=holder.account_id if holder is not None else None,
        enterprise_id=enterprise_id,
        nobody=holder is None,
    )


def _resource(resource_id: UUID, now: datetime) -> Reachable | None:
    """Whoever is in charge of an emergency resource; an expert himself."""
    try:
        found = resources.resource(resource_id, None, at=now)
    except NotFound:
        return None
    return of_resource(found)


def of_resource(found: resources.ResourceSummary) -> Reachable:
    """A resource as somebody who can be told."""
    name = found.contact_name or found.name
    post = " ".join(part for part in (found.name if name != found.name else "", found.owner_name) if part)
    return Reachable(f"resource:{found.id}", name, found.place_code, post, found.contact_phone or found.duty_phone)


def as_invited(keys: Iterable[str], now: datetime) -> list[Reachable]:
    """One line for each key, groups by their members: a post stays the post, whoever is on duty there when it is told. Raises ``BadKey``."""
    found: dict[str, Reachable] = {}
    for key in keys:
        kind, name = rules.parse_key(key)
        group = Group.objects.filter(pk=name).first() if kind == "group" else None
        for member in group.members if group is not None else [key]:
            whose = _post(member) if member.startswith("duty:") else next(iter(of_key(member, now)), None)
            if whose is not None:
                found.setdefault(member, whose)
    return list(found.values())


def _post(key: str) -> Reachable:
    place_code = rules.parse_key(key)[1]
    bureau = organisations.bureau_of(place_code)
    own = bureau if bureau is not None and bureau.place_code == place_code else None
    name = own.name if own is not None else places.place_name(place_code)
    return Reachable(key, name, place_code, phone=own.duty_phone if own else "", organisation_id=own.id if own else None)
