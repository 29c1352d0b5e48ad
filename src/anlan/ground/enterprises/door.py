"""What other rooms may ask of the enterprise file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from anlan.ground.enterprises import belongings, industry, queries, siteplan
from anlan.ground.enterprises.belongings import Drop, Fold, Keep, Refuse, Rename, SetAside, Stays
from anlan.ground.enterprises.rules import (
    CONTACT_ROLES,
    SCALES,
    STATES,
    EnterpriseMerged,
    Need,
    complete_credit_code,
    credit_code,
    masked_phone,
)
from anlan.ground.enterprises.siteplan import PlanPoint
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event

__all__ = [
    "CONTACT_ROLES",
    "SCALES",
    "STATES",
    "CertificateDue",
    "CertificateSummary",
    "ConfirmationDue",
    "ContactSummary",
    "Drop",
    "EnterpriseChanged",
    "EnterpriseMerged",
    "EnterpriseRegistered",
    "EnterpriseSummary",
    "EnterprisesImported",
    "EnterprisesMerged",
    "ExpiredCounts",
    "Fold",
    "Industry",
    "InvitationMoved",
    "Keep",
    "MergeProposed",
    "PlaceOfWork",
    "PlanPoint",
    "Refuse",
    "Rename",
    "SetAside",
    "SiteSummary",
    "Stays",
    "add_certificate",
    "add_contact",
    "add_site",
    "belongs",
    "by_uscc",
    "certificates_of",
    "change_state",
    "check_point",
    "complete_credit_code",
    "contacts_of",
    "counts_by_place",
    "credit_code",
    "enterprise",
    "enterprises",
    "expired_at",
    "in_operation",
    "industries",
    "invite",
    "masked_phone",
    "names",
    "note_major_hazard",
    "of_place",
    "register_enterprise",
    "register_need",
    "register_plan_points",
    "search",
    "site",
    "sites_of",
    "spoken_names",
    "within",
    "working_at",
]


@dataclass(frozen=True, kw_only=True)
class EnterpriseRegistered(Event):
    """An enterprise came into the file; ``subject_id`` is its id."""

    kind: ClassVar[str] = "enterprises.registered"
    action: ClassVar[str] = "enterprises.view"
    name: str
    uscc: str


@dataclass(frozen=True, kw_only=True)
class EnterpriseChanged(Event):
    """The file of an enterprise changed; ``changed`` names the fields (``site`` and ``contact`` for its parts)."""

    kind: ClassVar[str] = "enterprises.changed"
    action: ClassVar[str] = "enterprises.view"
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EnterprisesImported(Event):
    """A batch of ``count`` enterprises came in by spreadsheet; ``subject_id`` is the first of them."""

    kind: ClassVar[str] = "enterprises.imported"
    action: ClassVar[str] = "enterprises.view"
    count: int


@dataclass(frozen=True, kw_only=True)
class CertificateDue(Event):
    """A licence or certificate nears its end (``standing`` ``expiring``) or is past it (``expired``); ``subject_id`` is the certificate."""

    kind: ClassVar[str] = "enterprises.certificate_due"
    action: ClassVar[str] = "enterprises.view"
    certificate: str
    holder: str
    person_name: str
    standing: str
    due_on: str


@dataclass(frozen=True, kw_only=True)
class InvitationMoved(Event):
    """An invited enterprise submitted its file, or the bureau accepted or returned it; ``subject_id`` is the invitation."""

    kind: ClassVar[str] = "enterprises.invitation"
    action: ClassVar[str] = "enterprises.register"
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ConfirmationDue(Event):
    """The file of an enterprise is to be confirmed until ``due_on`` (``overdue`` when that day has passed)."""

    kind: ClassVar[str] = "enterprises.confirmation_due"
    action: ClassVar[str] = "enterprises.view"
    name: str
    due_on: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class MergeProposed(Event):
    """Somebody proposed to merge one file into another, confirmed or returned a proposal; ``subject_id`` is the merging."""

    kind: ClassVar[str] = "enterprises.merge_moved"
    action: ClassVar[str] = "enterprises.merge"
    title: str
    state: str


@dataclass(frozen=True, kw_only=True)
class EnterprisesMerged(Event):
    """The file ``loser_id`` was merged into ``enterprise_id``: whoever keeps derived figures by enterprise reckons them again."""

    kind: ClassVar[str] = "enterprises.merged"
    action: ClassVar[str] = "enterprises.view"
    loser_id: str
    loser_name: str
    name: str


@dataclass(frozen=True)
class CertificateSummary:
    """One licence or certificate in use. ``holder``: ``unit`` or ``person``; ``standing``: ``valid``, ``expiring``, ``expired``."""

    id: UUID
    enterprise_id: UUID
    kind: str
    holder: str
    person_name: str
    person_post: str
    issued_on: date | None
    due_on: date | None
    standing: str


@dataclass(frozen=True)
class EnterpriseSummary:
    """One enterprise as other rooms see it. Coordinates in degrees (CGCS2000), ``None`` when unknown.

    ``state``, ``scale``: codes of :mod:`~anlan.ground.enterprises.rules`; ``major_level``: 1 (一级) to 4 (四级), the highest of
    its major hazard sources, ``None`` without one or while none is graded.
    """

    id: UUID
    uscc: str
    name: str
    short_name: str
    place_code: str
    classification: int
    state: str
    industry_code: str
    sector_code: str
    scale: str
    legal_representative: str
    registered_address: str
    longitude: float | None
    latitude: float | None
    staff_count: int | None
    supervisor_id: UUID | None
    has_major_hazard: bool
    major_level: int | None

    @property
    def display_name(self) -> str:
        """The short name where there is one, else the full name."""
        return self.short_name or self.name


@dataclass(frozen=True)
class SiteSummary:
    """One plant area. ``boundary`` is a GeoJSON polygon or ``None``."""

    id: UUID
    enterprise_id: UUID
    name: str
    place_code: str
    address: str
    longitude: float | None
    latitude: float | None
    boundary: dict[str, object] | None
    is_main: bool


@dataclass(frozen=True)
class ContactSummary:
    """One person to call. ``phone`` is masked unless the caller's actor may see it."""

    role: str
    name: str
    phone: str


def enterprise(enterprise_id: UUID | str, actor: Actor | None = None) -> EnterpriseSummary:
    """The enterprise, as far as ``actor`` may see it (``None``: no check, for processes).

    Raises ``NotFound``, and :class:`EnterpriseMerged` for a file that was merged into another one.
    """
    found = queries.enterprises(actor).filter(pk=enterprise_id).first()
    if found is None:
        queries.refuse_merged(enterprise_id, actor)
        raise NotFound(what=str(enterprise_id))
    return _summary(found)


def by_uscc(uscc: str, actor: Actor | None = None) -> EnterpriseSummary | None:
    """The enterprise with this unified social credit code, ``None`` when there is none that ``actor`` may see.

    The code of a file that was merged into another one leads to that one.
    """
    return by_credit_codes([uscc.strip().upper()], actor).get(uscc.strip().upper())


def by_credit_codes(codes: Iterable[str], actor: Actor | None = None) -> dict[str, EnterpriseSummary]:
    """The enterprises with these unified social credit codes, by the code asked for; what is not there or may not be seen is left out.

    Two queries at most; the code of a file that was merged into another one leads to that one.
    """
    return {code: EnterpriseSummary(*told) for code, told in queries.columns_by_codes(codes, actor, _SUMMARY_FIELDS).items()}


def enterprises(ids: Iterable[UUID], actor: Actor | None = None) -> dict[UUID, EnterpriseSummary]:
    """The enterprises among ``ids`` by id; one query; those that do not exist (or may not be seen) are left out."""
    return {row.pk: _summary(row) for row in queries.enterprises(actor).filter(pk__in=set(ids))}


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id, one query, also of merged files. For labels on records whose visibility has been decided already."""
    return dict(queries.every().filter(pk__in=set(ids)).values_list("pk", "name"))


def within(box: tuple[float, float, float, float], actor: Actor | None, *, limit: int = 5000) -> tuple[EnterpriseSummary, ...]:
    """Enterprises whose point lies in ``box`` (west, south, east, north in degrees), at most ``limit``, ordered by id."""
    return tuple(_summary(row) for row in queries.within(box, actor).order_by("pk")[:limit])


def of_place(place_code: str, actor: Actor | None, *, limit: int = 5000) -> tuple[EnterpriseSummary, ...]:
    """Enterprises of a place and everything below it, at most ``limit``, ordered by name."""
    return tuple(_summary(row) for row in queries.of_place(place_code, actor)[:limit])


def search(text: str, actor: Actor | None, *, limit: int = 20) -> tuple[EnterpriseSummary, ...]:
    """Enterprises found by name, pinyin, initials, code or address, at most ``limit``, ordered by name."""
    return tuple(_summary(row) for row in queries.search(text, actor, limit))


def site(site_id: UUID | str, actor: Actor | None = None) -> SiteSummary:
    """One plant area. Raises ``NotFound``."""
    found = queries.sites(actor).filter(pk=site_id).first()
    if found is None:
        raise NotFound(what=str(site_id))
    return _site(found)


def sites_of(enterprise_id: UUID) -> tuple[SiteSummary, ...]:
    """The plant areas of an enterprise in use, the main one first."""
    return tuple(_site(row) for row in queries.sites(None).filter(enterprise_id=enterprise_id, in_use=True))


def contacts_of(enterprise_id: UUID, actor: Actor) -> tuple[ContactSummary, ...]:
    """The people to call at an enterprise; telephone numbers in full only with ``enterprises.view_contacts``."""
    plain = queries.may_see_phones(enterprise_id, actor)
    return tuple(
        ContactSummary(role=row.role, name=row.name, phone=row.phone if plain else masked_phone(row.phone))
        for row in queries.contacts(enterprise_id)
    )


def certificates_of(enterprise_id: UUID, *, kind: str = "") -> tuple[CertificateSummary, ...]:
    """Licences and certificates of an enterprise in use (of one ``kind``), what falls due first in front. No check: for rooms that did."""
    rows = queries.certificates_of(enterprise_id)
    return tuple(
        CertificateSummary(**{name: getattr(row, name) for name in CertificateSummary.__dataclass_fields__})
        for row in (rows.filter(kind=kind) if kind else rows)
    )


def spoken_names(place_code: str) -> Iterable[tuple[UUID, str, str, str]]:
    """Id, name, short name and place of every enterprise at a place and below it, for finding them in texts. No check: for processes."""
    return queries.of_place(place_code, None).values_list("pk", "name", "short_name", "place_code").iterator(chunk_size=5000)


def register_enterprise(*, actor: Actor, now: datetime, **values: object) -> EnterpriseSummary:
    """Register an enterprise (see ``services.register_enterprise`` for the fields and refusals); returns its summary."""
    from anlan.ground.enterprises import services

    return _summary(services.register_enterprise(actor=actor, now=now, **values))


def add_site(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> SiteSummary:
    """Add a plant area: ``name``, ``place_code``, ``address``, ``longitude``, ``latitude``, ``boundary``; returns it."""
    from anlan.ground.enterprises import services

    return _site(services.add_site(enterprise_id, actor=actor, now=now, **values))


def add_contact(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> None:
    """Add a person to call: ``role`` (code of ``rules.CONTACT_ROLES``), ``name``, ``phone``."""
    from anlan.ground.enterprises import services

    services.add_contact(enterprise_id, actor=actor, now=now, **values)


def add_certificate(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> UUID:
    """Enter a licence or certificate: ``kind`` (code of ``data/certificates.csv``), ``number``, ``person_name``, ``valid_until`` …; its id."""
    from anlan.ground.enterprises import certifying

    return certifying.add_certificate(enterprise_id, actor=actor, now=now, **values).pk


def invite(
    *, name: str, uscc: str, place_code: str, contact_name: str, contact_phone: str, actor: Actor, now: datetime
) -> tuple[UUID, str]:
    """Invite an enterprise to fill in its own file: the invitation's id, and the token of its link, which is kept nowhere else."""
    from anlan.ground.enterprises import joining

    row, token = joining.invite(
        name=name, uscc=uscc, place_code=place_code, contact_name=contact_name, contact_phone=contact_phone, actor=actor, now=now
    )
    return row.pk, token


def change_state(enterprise_id: UUID, state: str, *, reason: str, actor: Actor, now: datetime) -> EnterpriseSummary:
    """Put an enterprise into another state (see ``services.change_state``); returns its summary."""
    from anlan.ground.enterprises import services

    return _summary(services.change_state(enterprise_id, state, reason=reason, actor=actor, now=now))


def check_point(place_code: str, longitude: float | None, latitude: float | None) -> None:
    """Raise a refusal unless both or neither coordinate is given and the point lies in China and in its county (to 500 m)."""
    from anlan.ground.enterprises import intake

    intake.check_point(place_code, longitude, latitude)


def note_major_hazard(enterprise_id: UUID, *, present: bool, level: int | None) -> None:
    """Keep whether an enterprise has a major hazard source and the highest level (1–4); called by the room of hazard sources."""
    from anlan.ground.enterprises import services

    services.note_major_hazard(enterprise_id, present=present, level=level)


def register_need(
    code: str, label: str, weight: int, is_met: Callable[[UUID], bool], *, where: Callable[[str, date], bool] | None = None
) -> None:
    """Let a room above add to what a complete enterprise file has: ``is_met(enterprise_id)`` says whether it is there.

    Call it once, in the room's ``ready()``. ``weight`` compares with those of ``rules.NEEDS`` (6 to 14). ``where(sector, day)`` says whether
    an enterprise of a sector needs it (``None``: every enterprise). ``code`` begins with the anchor of the part of the page where it is mended
    (``risks.register``).
    """
    queries.more_needs[code] = queries.MoreNeed(Need(code, label, weight), is_met, where)


def belongs(
    model: str,
    *conflicts: belongings.Conflict,
    column: str = "enterprise_id",
    alike: tuple[str, ...] = (),
    among: Mapping[str, object] | None = None,
    where: Mapping[str, object] | None = None,
    shown: bool = True,
    stays: str = "",
) -> None:
    """Declare that rows of ``model`` (``app.Model``) belong to an enterprise: they go with it when its file is merged into another one.

    Call it once for each column that holds an enterprise's id, in the room's ``ready()``; a test finds a model that nobody declared.
    ``alike``: columns that may exist only once with an enterprise (``among`` rows of which that holds), and ``conflicts`` what happens where
    both have one, in order. ``shown=False``: parts that nobody counts by themselves. ``stays``: why the table keeps the id.
    """
    belongings.declare(
        belongings.Belonging(model, column, alike, among or {}, where or {}, conflicts, shown, belongings.Stays(stays) if stays else None)
    )


def register_plan_points(code: str, provider: Callable[[UUID, Actor], Iterable[PlanPoint]]) -> None:
    """Let a room above add points to the plan on the file page: ``provider(enterprise_id, actor)``. Call it once, in ``ready()``."""
    siteplan.providers[code] = provider


@dataclass(frozen=True)
class Industry:
    """One row of the industry table (GB/T 4754-2017): a section letter or a section letter with its two-digit division."""

    code: str
    name_zh: str
    name_en: str


def industries(on: date | None = None) -> tuple[Industry, ...]:
    """The industry table, sections and divisions in order."""
    return tuple(Industry(row.code, row.name_zh, row.name_en) for row in industry.table())


def _summary(row: object) -> EnterpriseSummary:
    return EnterpriseSummary(**{name: getattr(row, name) for name in _SUMMARY_FIELDS})


_SUMMARY_FIELDS = tuple(EnterpriseSummary.__dataclass_fields__)
_SITE_FIELDS = tuple(SiteSummary.__dataclass_fields__)


def _site(row: object) -> SiteSummary:
    return SiteSummary(**{name: getattr(row, name) for name in _SITE_FIELDS})


class ExpiredCounts(NamedTuple):
    """Licences of the unit and certificates of its people that are in use and past their day."""

    enterprise_id: UUID
    unit: int
    person: int


def expired_at(day: date, enterprise_ids: Collection[UUID] | None = None) -> list[ExpiredCounts]:
    """Expired licences and certificates on a day, by enterprise (``None``: every one that had any). No check: for processes."""
    return [ExpiredCounts(*each) for each in queries.expired_at(day, enterprise_ids)]


def in_operation(after: UUID | None = None, *, limit: int = 5000, ids: Collection[UUID] | None = None) -> tuple[EnterpriseSummary, ...]:
    """Enterprises that are in operation, on trial or stopped for a time, ordered by id: those behind ``after``, or those among ``ids``.

    A file of a closed unit is left out. No check: for processes.
    """
    return tuple(EnterpriseSummary(*told) for told in queries.in_operation(after, limit, ids).values_list(*_SUMMARY_FIELDS))


class PlaceOfWork(NamedTuple):
    """An enterprise and where its ground lies: ``place_codes`` of its plant areas in use, else of the enterprise."""

    id: UUID
    name: str
    sector_code: str
    place_codes: tuple[str, ...]


def counts_by_place(sectors: Collection[str]) -> dict[tuple[str, str], int]:
    """How many enterprises of some sectors work at each place, by sector and place code: what areas are exposed to.

    An enterprise counts where its plant areas in use are, without any at its own place; files of closed units are left out. No check: numbers only.
    """
    return queries.counts_by_place(sectors)


def working_at(sectors: Collection[str], prefix: str, actor: Actor | None, *, limit: int = 200) -> tuple[PlaceOfWork, ...]:
    """Enterprises of some sectors that work in a place and below it (by the prefix of its code), by name; at most ``limit``."""
    rows = queries.working_at(sectors, prefix, actor).prefetch_related("sites")[:limit]
    return tuple(
        PlaceOfWork(
            row.pk,
            row.name,
            row.sector_code,
            tuple(sorted({each.place_code for each in row.sites.all() if each.in_use})) or (row.place_code,),
        )
        for row in rows
    )
