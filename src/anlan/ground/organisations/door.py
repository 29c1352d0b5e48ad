"""What other rooms may ask of organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from anlan.ground.organisations import queries
from anlan.ground.organisations.models import Organisation
from anlan.ground.organisations.queries import OrganisationInfo
from anlan.ground.organisations.rules import ACTIVE, KINDS, Sector
from anlan.ground.organisations.services import create_organisation
from anlan.kernel.levels import prefix_of

__all__ = [
    "KINDS",
    "OrganisationInfo",
    "Sector",
    "below",
    "bureau_of",
    "bureaus_of",
    "create_organisation",
    "find",
    "find_sector",
    "listed_sectors",
    "organisation",
    "organisations",
    "path",
    "register_sectors",
    "sector",
    "sectors",
    "upper_of",
    "within",
]


def organisation(organisation_id: UUID) -> OrganisationInfo | None:
    """The organisation of an id, dissolved or not; ``None`` when unknown."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    return queries.info_of(row) if row else None


def organisations(ids: Iterable[UUID]) -> dict[UUID, OrganisationInfo]:
    """Several at once, by id, in one query."""
    return queries.by_ids(ids)


def bureau_of(place_code: str) -> OrganisationInfo | None:
    """The emergency management bureau answerable for a place: its own, or else that of the nearest place above."""
    row = queries.nearest("emergency_bureau", place_code)
    return queries.info_of(row) if row else None


def bureaus_of(place_codes: Iterable[str]) -> dict[str, OrganisationInfo]:
    """:func:`bureau_of` for many places in one query; places without any are absent."""
    return {code: queries.info_of(row) for code, row in queries.nearest_of_each("emergency_bureau", place_codes).items()}


def upper_of(organisation_id: UUID) -> OrganisationInfo | None:
    """What an organisation reports to: its parent, or else the nearest organisation of its kind at a place above; ``None`` at the top."""
    row = Organisation.objects.select_related("parent").filter(pk=organisation_id).first()
    above = queries.upper(row) if row else None
    return queries.info_of(above) if above else None


def path(organisation_id: UUID) -> tuple[OrganisationInfo, ...]:
    """The organisation and everything above it in the tree, from the top down; empty when unknown."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    return tuple(queries.info_of(item) for item in queries.path(row)) if row else ()


def find(kind: str, place_code: str, *, below: bool = False) -> tuple[OrganisationInfo, ...]:
    """Organisations in use of a kind at exactly a place, or with ``below`` also at all places below it, by place and name."""
    rows = Organisation.objects.filter(kind=kind, state=ACTIVE)
    rows = rows.filter(place_code__startswith=prefix_of(place_code)) if below else rows.filter(place_code=place_code)
    return tuple(queries.info_of(row) for row in rows.order_by("place_code", "name_key"))


def below(place_code: str, *, limit: int = 500) -> tuple[OrganisationInfo, ...]:
    """Organisations in use at a place and below it, by name, to choose from; at most ``limit``."""
    rows = Organisation.objects.filter(place_code__startswith=prefix_of(place_code), state=ACTIVE).order_by("name_key", "pk")
    return tuple(queries.info_of(row) for row in rows[:limit])


def within(box: tuple[float, float, float, float], kinds: Iterable[str]) -> tuple[OrganisationInfo, ...]:
    """Organisations in use of some kinds whose point lies in ``box`` (west, south, east, north in degrees), by name.

    Whoever needs help may know every team that could come, also beyond a county line, with the telephone of its duty desk.
    """
    west, south, east, north = box
    rows = Organisation.objects.filter(
        kind__in=set(kinds), state=ACTIVE, longitude__range=(west, east), latitude__range=(south, north)
    ).order_by("name_key", "pk")
    return tuple(queries.info_of(row) for row in rows)


def sectors() -> tuple[Sector, ...]:
    """The 51 sectors with the ministry that published criteria of major hidden dangers for each (compilation of March 2024), then those
    that rooms above add."""
    return queries.sectors()


def listed_sectors() -> tuple[Sector, ...]:
    """The 51 sectors alone."""
    return queries.listed_sectors()


def find_sector(text: str) -> Sector | None:
    """A sector by its code or its Chinese name, also of those that rooms above add."""
    return queries.find_sector(text)


def register_sectors(code: str, provider: Callable[[], Iterable[Sector]]) -> None:
    """Let a room above add sectors. Call it once, in ``ready()``."""
    queries.more_sectors[code] = provider


def sector(code: str) -> Sector | None:
    """One sector by its code (``S01`` … ``S51``, or one that a room above adds)."""
    found = queries.find_sector(code)
    return found if found is not None and found.code == code else None
