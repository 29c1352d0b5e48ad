"""Reads of organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from anlan.ground.organisations.models import Organisation
from anlan.ground.organisations.rules import ACTIVE, DEEPEST, ParentUnknown, Sector
from anlan.ground.places import door as places
from anlan.kernel.levels import NATION, Level, parent_code
from anlan.ledger.sources import load_rules

SECTORS_FILE = Path(__file__).parent / "data" / "sectors.csv"


@dataclass(frozen=True, slots=True)
class OrganisationInfo:
    """An organisation as other rooms see it; ``place_code`` is the place it is answerable for."""

    id: UUID
    name: str
    short_name: str
    kind: str
    level: Level
    place_code: str
    parent_id: UUID | None
    duty_phone: str
    address: str
    longitude: float | None
    latitude: float | None
    state: str

    @property
    def in_use(self) -> bool:
        """Whether it was not dissolved."""
        return self.state == ACTIVE


def info_of(row: Organisation) -> OrganisationInfo:
    """The door's view of a row."""
    return OrganisationInfo(
        row.id,
        row.name,
        row.short_name or row.name,
        row.kind,
        Level(row.level),
        row.place_code,
        row.parent_id,
        row.duty_phone,
        row.address,
        row.longitude,
        row.latitude,
        row.state,
    )


def by_ids(ids: Iterable[UUID]) -> dict[UUID, OrganisationInfo]:
    """Organisations by id in one query; unknown ids are absent."""
    return {row.id: info_of(row) for row in Organisation.objects.filter(pk__in=list(ids))}


def places_upward(place_code: str) -> list[str]:
    """``place_code``, the codes above it and the nation. A code outside the list goes up by its digits."""
    known = [item.code for item in reversed(places.ancestors(place_code))]
    if known or places.exists(place_code):
        return [place_code, *known, *([] if place_code == NATION else [NATION])]
    chain, here = [place_code], parent_code(place_code)
    while here is not None:
        chain.append(here)
        here = parent_code(here)
    return chain


def nearest(kind: str, place_code: str) -> Organisation | None:
    """The organisation of a kind at the place, or else at the nearest place above; with several, the one that was there first."""
    return nearest_of_each(kind, [place_code]).get(place_code)


def nearest_of_each(kind: str, place_codes: Iterable[str]) -> dict[str, Organisation]:
    """:func:`nearest` for many places in one query; places without any are absent."""
    chains = {code: places_upward(code) for code in place_codes}
    asked = {code for chain in chains.values() for code in chain}
    rows = Organisation.objects.filter(kind=kind, state=ACTIVE, place_code__in=asked).order_by("-created_at")
    found = {row.place_code: row for row in rows}
    nearest_one = {code: next((found[above] for above in chain if above in found), None) for code, chain in chains.items()}
    return {code: row for code, row in nearest_one.items() if row is not None}


def upper(row: Organisation) -> Organisation | None:
    """What an organisation reports to: its parent, or else the nearest of its own kind at a place above its own."""
    if row.parent_id:
        return row.parent
    chain = places_upward(row.place_code)[1:]
    return nearest(row.kind, chain[0]) if chain else None


def path(row: Organisation) -> list[Organisation]:
    """From the top of the tree down to ``row``."""
    chain = [row]
    while chain[-1].parent_id and len(chain) <= DEEPEST:
        chain.append(Organisation.objects.get(pk=chain[-1].parent_id))
    return list(reversed(chain))


@cache
def listed_sectors() -> tuple[Sector, ...]:
    """The 51 sectors in the order of their publication."""
    return load_rules(SECTORS_FILE, Sector)


@cache
def _listed() -> dict[str, Sector]:
    return {key: item for item in listed_sectors() for key in (item.name_zh, item.code)}


more_sectors: dict[str, Callable[[], Iterable[Sector]]] = {}
"""Sectors that rooms above add, by the room's code."""


def sectors() -> tuple[Sector, ...]:
    """The 51 sectors in the order of their publication, then those that rooms above add."""
    return (*listed_sectors(), *(item for provider in more_sectors.values() for item in provider()))


def find_sector(text: str) -> Sector | None:
    """A sector by its code or its Chinese name; the rooms above are asked only for what is not in the list."""
    found = _listed().get(text)
    if found is not None or not text:
        return found
    return next((item for provider in more_sectors.values() for item in provider() if text in (item.code, item.name_zh)), None)


def parent_named(name: str, place_code: str) -> UUID:
    """Id of the organisation in use of that name at the place or the nearest place above. Raises :class:`ParentUnknown`."""
    chain = places_upward(place_code)
    rows = Organisation.objects.filter(name=name, state=ACTIVE, place_code__in=chain).values_list("place_code", "pk")
    found = dict(rows)
    for code in chain:
        if code in found:
            return found[code]
    raise ParentUnknown(name=name)
