"""Reads of the enterprise file; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from anlan.desk.search.matching import matching
from anlan.ground.enterprises import certificates, rules
from anlan.ground.enterprises.models import Certificate, Enterprise, EnterpriseContact, Site
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible

VIEW = "enterprises.view"
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class MoreNeed:
    """What a room above asks of a file: of every trade, or ``where(sector, day)`` says so."""

    need: rules.Need
    is_met: Callable[[UUID], bool]
    where: Callable[[str, date], bool] | None = None


more_needs: dict[str, MoreNeed] = {}
"""What rooms above add to a complete file, through ``door.register_need``."""


def enterprises(actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises that ``actor`` may see; all of them for ``None`` (processes, labels)."""
    rows = Enterprise.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def every() -> QuerySet[Enterprise]:
    """Every file, also those that were merged into another one."""
    return Enterprise.every.all()


def merged(enterprise_id: UUID | str, actor: Actor | None) -> Enterprise | None:
    """The file of this id that was merged into one which ``actor`` may see, with that one; ``None`` when there is none."""
    found = Enterprise.every.filter(pk=enterprise_id, state=rules.MERGED).select_related("merged_into").first()
    if found is None or found.merged_into is None or not enterprises(actor).filter(pk=found.merged_into_id).exists():
        return None
    return found


def merged_files(row: Enterprise) -> list[Enterprise]:
    """Files that were merged into this one, the first one first. Who never took one over has no former code, and nothing is asked."""
    return list(every().filter(merged_into=row).order_by("merged_at")) if row.former_codes else []


def refuse_merged(enterprise_id: UUID | str, actor: Actor | None) -> None:
    """Raise ``EnterpriseMerged`` for a file that was merged into one which ``actor`` may see."""
    found = merged(enterprise_id, actor)
    if found is not None and found.merged_into is not None:
        into = found.merged_into
        raise rules.EnterpriseMerged(what=found.name, name=found.name, into=into.name, uscc=into.uscc, id=str(into.pk))


def by_codes(codes: Iterable[str], actor: Actor | None) -> dict[str, Enterprise]:
    """Enterprises by the credit code asked for; codes of merged files lead to those that took them over."""
    found = columns_by_codes(codes, actor, ("id",))
    rows = Enterprise.objects.in_bulk([key for (key,) in found.values()])
    return {code: rows[key] for code, (key,) in found.items()}


def columns_by_codes(codes: Iterable[str], actor: Actor | None, columns: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """These columns of the enterprises that :func:`by_codes` finds, by the credit code asked for."""
    asked = set(codes)
    rows = enterprises(actor)
    found = {code: told for code, *told in rows.filter(uscc__among=asked).values_list("uscc", *columns)}
    if missing := asked - found.keys():
        led = dict(Enterprise.every.filter(uscc__in=missing, state=rules.MERGED).values_list("uscc", "merged_into_id"))
        there = {key: told for key, *told in rows.filter(pk__in=led.values()).values_list("pk", *columns)} if led else {}
        found |= {code: there[key] for code, key in led.items() if key in there}
    return {code: tuple(told) for code, told in found.items()}


def sites(actor: Actor | None) -> QuerySet[Site]:
    """Plant areas that ``actor`` may see; all of them for ``None``."""
    rows = Site.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def within(box: tuple[float, float, float, float], actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises whose point lies in ``box`` = west, south, east, north (degrees)."""
    west, south, east, north = box
    return enterprises(actor).filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)


def of_place(place_code: str, actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises of a place and everything below it."""
    return enterprises(actor).filter(place_code__startswith=prefix_of(place_code))


def search(text: str, actor: Actor | None, limit: int) -> list[Enterprise]:
    """Enterprises found by name, pinyin, initials, code or address, by name."""
    return list(matching(enterprises(actor), text).order_by("name_key", "id")[:limit])


def contacts(enterprise_id: UUID) -> QuerySet[EnterpriseContact]:
    """People to call at an enterprise who are still in office."""
    return EnterpriseContact.objects.filter(enterprise_id=enterprise_id, is_current=True)


def may_see_phones(enterprise_id: UUID, actor: Actor) -> bool:
    """Whether telephone numbers of this enterprise's people are shown in full to ``actor``."""
    row = Enterprise.objects.filter(pk=enterprise_id).values("place_code").first()
    return row is not None and actor.may("enterprises.view_contacts", place_code=row["place_code"], enterprise_id=enterprise_id)


def certificates_of(enterprise_id: UUID) -> QuerySet[Certificate]:
    """Licences and certificates of an enterprise in use, what falls due first in front; visibility is that of the enterprise."""
    return Certificate.objects.filter(enterprise_id=enterprise_id, in_use=True).order_by("due_on", "person_name", "pk")


def principal_warning(named: Iterable[str], held: Iterable[Certificate]) -> str:
    """That the one named as principal and the holder of the principal's certificate are two people, in words; empty where they are not."""
    called = tuple(named)
    certified = certificates.certified_principals((row.kind, row.person_post, row.person_name) for row in held)
    if not certificates.principals_differ(called, certified):
        return ""
    told = {"called": "、".join(called), "certified": "、".join(certified)}
    return (
        gettext(
            "登记的主要负责人是%(called)s，主要负责人考核合格证的持证人是%(certified)s，两者不一致：请核对是换人后没有登记，还是新任负责人没有取证。"
        )
        % told
    )


def completeness(row: Enterprise, today: date) -> rules.Completeness:
    """How complete the file of an enterprise is on ``today``, by the needs of its sector and those of the rooms above."""
    roles = set(contacts(row.pk).values_list("role", flat=True))
    have = {name for name in _PLAIN_NEEDS if getattr(row, name) not in (None, "")}
    sites_there = list(row.sites.filter(in_use=True).values_list("boundary", flat=True))
    held = set(certificates_of(row.pk).filter(Q(due_on__isnull=True) | Q(due_on__gte=today)).values_list("kind", flat=True))
    more = {
        "point": row.longitude is not None,
        "supervisor": row.supervisor_id is not None,
        "site": bool(sites_there),
        "boundary": any(sites_there),
        "contact": "principal" in roles,
        "emergency_contact": bool(roles & {"emergency", "control_room"}),
        "licence": bool(held & certificates.LICENCES),
        "certified_manager": certificates.MANAGER in held,
    }
    have.update(code for code, met in more.items() if met)
    asked = [one for one in more_needs.values() if one.where is None or one.where(row.sector_code, today)]
    have.update(one.need.code for one in asked if one.is_met(row.pk))
    return rules.completeness(have, (*rules.needs_of(row.sector_code, today), *(one.need for one in asked)))


_PLAIN_NEEDS = (
    "legal_representative",
    "industry_code",
    "sector_code",
    "scale",
    "registered_address",
    "staff_count",
)


def in_operation(after: UUID | None, limit: int, ids: Collection[UUID] | None) -> QuerySet[Enterprise]:
    """See :func:`anlan.ground.enterprises.door.in_operation`."""
    rows = Enterprise.objects.filter(state__in=sorted(rules.LIVE_STATES)).order_by("pk")
    if ids is not None:
        return rows.filter(pk__among=ids)
    return (rows if after is None else rows.filter(pk__gt=after))[:limit]


def working_in(sectors: Collection[str]) -> QuerySet[Enterprise]:
    """Enterprises of some sectors that are in operation, on trial or stopped for a time: what stands on their ground stands there all the same."""
    return Enterprise.objects.filter(sector_code__in=sorted(sectors), state__in=sorted(rules.LIVE_STATES))


def counts_by_place(sectors: Collection[str]) -> dict[tuple[str, str], int]:
    """See :func:`anlan.ground.enterprises.door.counts_by_place`."""
    found: dict[tuple[str, str], int] = {}
    rows = working_in(sectors).order_by()
    areas = rows.filter(sites__in_use=True).values_list("sector_code", "sites__place_code").annotate(number=Count("pk", distinct=True))
    alone = rows.exclude(pk__in=Site.objects.filter(in_use=True).values("enterprise_id"))
    for sector, place, number in [*areas, *alone.values_list("sector_code", "place_code").annotate(number=Count("pk"))]:
        found[sector, place] = found.get((sector, place), 0) + number
    return found


def working_at(sectors: Collection[str], prefix: str, actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises of some sectors with a plant area in a place, or registered there without any."""
    here = Site.objects.filter(in_use=True, place_code__startswith=prefix).values("enterprise_id")
    elsewhere = Site.objects.filter(in_use=True).values("enterprise_id")
    rows = working_in(sectors).filter(Q(pk__in=here) | Q(place_code__startswith=prefix) & ~Q(pk__in=elsewhere))
    return rows if actor is None else visible(rows, actor, VIEW)


def expired_at(day: date, enterprise_ids: Collection[UUID] | None) -> QuerySet[Certificate, Any]:
    """Enterprise, how many of its own licences and how many certificates of its people are past their day."""
    rows = Certificate.objects.filter(in_use=True, due_on__lt=day).order_by()
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    counts = {holder: Count("pk", filter=Q(holder=holder)) for holder in (certificates.UNIT, certificates.PERSON)}
    return rows.values("enterprise_id").annotate(**counts).values_list("enterprise_id", *counts)
