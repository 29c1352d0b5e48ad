"""Whom somebody may choose to tell: posts and bureaus around him, his groups, staff, saved contacts, enterprises; found by name, pinyin or number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from anlan.command.contact import queries, resolving, rules
from anlan.command.contact.models import Contact
from anlan.command.contact.rules import Reachable
from anlan.command.resources import door as resources
from anlan.desk.search.matching import matching
from anlan.desk.search.tokens import SearchFields, fold, searchable_text
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.organisations.door import OrganisationInfo
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.levels import parent_code

SHOWN = 60
"""Entries shown of each sort; a search narrows them."""


@dataclass(frozen=True)
class Entry:
    """One line of the list: the key, who it is, and what is wrong with the number (a sentence, empty when nothing)."""

    key: str
    name: str
    about: str
    phone: str
    fault: str = ""


@dataclass(frozen=True)
class Sort:
    """Entries under a heading."""

    code: str
    label: str
    entries: tuple[Entry, ...]


def sorts(actor: Actor, text: str, now: datetime) -> list[Sort]:
    """The list as ``actor`` sees it, narrowed by ``text``; sorts without an entry are left out."""
    asked = text.strip()
    found = [
        Sort("group", _("分组"), tuple(_groups(actor, asked))),
        Sort("duty", _("值班岗位（按此刻在岗人员发送）"), tuple(_posts(actor, asked))),
        Sort("account", _("人员"), tuple(_staff(actor, asked, now))),
        Sort("organisation", _("单位值班电话"), tuple(_units(actor, asked))),
        Sort("contact", _("外部联系人"), tuple(_contacts(actor, asked))),
        Sort("resource", _("专家和应急资源联系人"), tuple(_resources(actor, asked, now))),
        Sort("enterprise", _("企业"), tuple(_plants(actor, asked))),
    ]
    return [each for each in found if each.entries]


def entry(person: Reachable) -> Entry:
    """Somebody as a line."""
    fault = _("无人在岗") if person.nobody else _(rules.NUMBER_FAULTS.get(rules.number_fault(person.phone), ""))
    return Entry(
        person.key,
        person.name,
        " · ".join(part for part in (person.post, places.place_name(person.place_code)) if part),
        person.phone,
        fault,
    )


def _says(text: str, *words: str) -> bool:
    """Whether words are found by name, pinyin, initials or digits."""
    told = searchable_text(SearchFields(names=words[:-1], texts=(), codes=(words[-1],)))
    return all(part in told for part in fold(text).split())


def around(actor: Actor) -> list[str]:
    """Codes of the places whose posts ``actor`` may call on: his own, those directly below, beside and above."""
    above = parent_code(actor.place_code)
    beside = [each.code for each in places.children(above)] if above is not None else []
    below = [each.code for each in places.children(actor.place_code)]
    upward = [each.code for each in places.ancestors(actor.place_code)]
    return list(dict.fromkeys([actor.place_code, *below, *upward, *beside]))


def _posts(actor: Actor, text: str) -> list[Entry]:
    bureaus = [each for code in around(actor) for each in organisations.find("emergency_bureau", code)]
    return [
        Entry(f"duty:{each.place_code}", _("{unit}值班").format(unit=each.name), places.place_name(each.place_code), each.duty_phone)
        for each in bureaus
        if not text or _says(text, each.name, rules.plain_number(each.duty_phone))
    ][:SHOWN]


def _units(actor: Actor, text: str) -> list[Entry]:
    rows: dict[object, OrganisationInfo] = {each.id: each for each in organisations.below(actor.place_code, limit=2000)}
    rows |= {each.id: each for code in around(actor) for each in organisations.find("emergency_bureau", code)}
    chosen = [each for each in rows.values() if not text or _says(text, each.name, rules.plain_number(each.duty_phone))]
    return [entry(Reachable(f"organisation:{each.id}", each.name, each.place_code, phone=each.duty_phone)) for each in chosen[:SHOWN]]


def _staff(actor: Actor, text: str, now: datetime) -> list[Entry]:
    found = people.staff(actor.place_code, text=text, limit=SHOWN, now=now)
    return [entry(resolving.of_staff(each)) for each in found]


def _contacts(actor: Actor, text: str) -> list[Entry]:
    rows = matching(queries.contacts(actor), text) if text else queries.contacts(actor)
    return [entry(_saved(row)) for row in rows[:SHOWN]]


def _saved(row: Contact) -> Reachable:
    return Reachable(f"contact:{row.pk}", row.name, row.place_code, " ".join(part for part in (row.unit, row.duty) if part), row.phone)


def _groups(actor: Actor, text: str) -> list[Entry]:
    rows = [row for row in queries.groups(actor) if not text or _says(text, row.name, "")]
    return [Entry(f"group:{row.pk}", row.name, _("{n} 个成员").format(n=row.size), "") for row in rows[:SHOWN]]


def _plants(actor: Actor, text: str) -> list[Entry]:
    """Enterprises only when they are searched for: a county has thousands."""
    if not text or not actor.may_somewhere("enterprises.view"):
        return []
    return [
        Entry(f"enterprise:{each.id}", each.name, places.place_name(each.place_code), "")
        for each in enterprises.search(text, actor, limit=20)
    ]


def _resources(actor: Actor, text: str, now: datetime) -> list[Entry]:
    """Resources that are searched for; without a search those with a telephone of his own place: a province has tens of thousands."""
    if not actor.may_somewhere("resources.view"):
        return []
    if text:
        return [entry(resolving.of_resource(each)) for each in resources.find(text, actor, at=now, limit=20)]
    own = resources.resources(actor, at=now, place_code=actor.place_code, limit=SHOWN)
    return [entry(person) for person in map(resolving.of_resource, own) if person.phone]


def chosen(keys: list[str], now: datetime) -> list[Entry]:
    """Who would be told by these keys now, nobody twice, with what is wrong with their numbers. Raises ``BadKey``."""
    return [entry(person) for person in resolving.everybody(keys, now)]
