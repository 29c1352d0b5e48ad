"""The enterprise's own file by its own system: facts, plant areas, people to call, licences and certificates (:mod:`anlan.desk.sending`).

Who an enterprise is (name, code, place, sector, who watches it, state of operation) stays with the bureau: it is not among the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from anlan.desk.sending import Body, Sendable, Sent, register
from anlan.ground.enterprises import certificates, certifying, intake, queries, rules, services
from anlan.ground.enterprises.models import Certificate, Enterprise, EnterpriseContact, Site
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import snapshot
from anlan.ledger.scope import visible

WRITE = rules.SENDABLE[0]


def _differing(record: Model, cleaned: Mapping[str, object]) -> bool:
    return any(getattr(record, name) != value for name, value in cleaned.items())


# --- facts of the enterprise -----------------------------------------------------------------------------------------------------


class EnterpriseFacts(Body):
    """Facts of the file that the enterprise itself knows best; coordinates in degrees (CGCS2000 or WGS-84)."""

    short_name: str | None = None
    legal_representative: str | None = None
    registered_address: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    staff_count: int | None = None
    founded_on: date | None = None
    business_scope: str | None = None


def _enterprise(actor: Actor, enterprise_id: UUID) -> QuerySet[Enterprise]:
    return queries.enterprises(actor).filter(pk=enterprise_id)


def _put_enterprise(sent: Sent[EnterpriseFacts, Enterprise]) -> tuple[Enterprise, bool]:
    row, values = sent.record, sent.body.values()
    if row is None:
        # Closed since by a merging: the system is told, and gets a post of the file that stays.
        raise NotFound(what=str(sent.enterprise_id))
    if not _differing(row, intake.enterprise(values, current=snapshot(row))):
        return row, False
    reason = gettext("企业系统报送")
    return services.change_enterprise(row.pk, actor=sent.actor, now=sent.now, reason=reason, **values), True


def _told_enterprise(row: Enterprise, _actor: Actor) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in EnterpriseFacts.model_fields if name != "revision"}
    return {"uscc": row.uscc, "name": row.name, "place_code": row.place_code, "state": row.state, **told}


register(
    Sendable(
        code="enterprise",
        label=_("企业基本情况"),
        view=queries.VIEW,
        write=WRITE,
        body=EnterpriseFacts,
        rows=_enterprise,
        told=_told_enterprise,
        put=_put_enterprise,
        like=lambda enterprise_id, _number, _body: Enterprise.objects.filter(pk=enterprise_id).first(),
        only=True,
        never=("uscc", "name", "place_code", "state", "sector_code", "industry_code", "scale", "supervisor", "classification"),
    )
)


# --- plant areas -----------------------------------------------------------------------------------------------------------------


class SiteContent(Body):
    """A plant area. ``boundary``: GeoJSON Polygon; ``in_use`` false takes it out of use."""

    name: str
    address: str | None = None
    place_code: str | None = Field(None, description="county or township; without it that of the enterprise")
    longitude: float | None = None
    latitude: float | None = None
    boundary: dict[str, Any] | None = None
    is_main: bool | None = None
    in_use: bool | None = None


def _put_site(sent: Sent[SiteContent, Site]) -> tuple[Site, bool]:
    values = {name: value for name, value in sent.body.values().items() if value is not None or name not in _NEVER_EMPTY}
    if sent.record is None:
        return services.add_site(sent.enterprise_id, actor=sent.actor, now=sent.now, **values), True
    if not _differing(sent.record, intake.site(values, current=snapshot(sent.record))):
        return sent.record, False
    return services.change_site(sent.record.pk, actor=sent.actor, now=sent.now, **values), True


_NEVER_EMPTY = frozenset({"place_code", "is_main", "in_use", "is_current"})
"""Fields for which null says nothing."""


def _like_site(enterprise_id: UUID, _external_id: str, body: SiteContent | None) -> Site | None:
    if body is None:
        return None
    return Site.objects.filter(enterprise_id=enterprise_id, name=" ".join(body.name.split())).first()


def _told_site(row: Site, _actor: Actor) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SiteContent.model_fields if name != "revision"}


register(
    Sendable(
        code="sites",
        label=_("厂区"),
        view=queries.VIEW,
        write=WRITE,
        body=SiteContent,
        rows=lambda actor, enterprise_id: queries.sites(actor).filter(enterprise_id=enterprise_id),
        told=_told_site,
        put=_put_site,
        like=_like_site,
        never=("classification",),
    )
)


# --- people to call --------------------------------------------------------------------------------------------------------------


class ContactContent(Body):
    """A person to call. ``role``: a code of the roles, or its Chinese label; ``is_current`` false when the person left."""

    role: str
    name: str
    phone: str
    is_current: bool | None = None


def _contacts(actor: Actor, enterprise_id: UUID) -> QuerySet[EnterpriseContact]:
    return visible(EnterpriseContact.objects.filter(enterprise_id=enterprise_id), actor, queries.VIEW)


def _put_contact(sent: Sent[ContactContent, EnterpriseContact]) -> tuple[EnterpriseContact, bool]:
    values = {name: value for name, value in sent.body.values().items() if value is not None or name not in _NEVER_EMPTY}
    if sent.record is None:
        return services.add_contact(sent.enterprise_id, actor=sent.actor, now=sent.now, **values), True
    if not _differing(sent.record, intake.contact(values, current=snapshot(sent.record))):
        return sent.record, False
    return services.change_contact(sent.record.pk, actor=sent.actor, now=sent.now, **values), True


def _like_contact(enterprise_id: UUID, _external_id: str, body: ContactContent | None) -> EnterpriseContact | None:
    if body is None:
        return None
    try:
        role = intake.CONTACT["role"](body.role)
    except Refusal:
        # Refused with its field when it is put.
        return None
    return EnterpriseContact.objects.filter(
        enterprise_id=enterprise_id, role=role, name=" ".join(body.name.split()), is_current=True
    ).first()


def _told_contact(row: EnterpriseContact, actor: Actor) -> dict[str, Any]:
    plain = queries.may_see_phones(row.enterprise_id, actor)
    phone = row.phone if plain else rules.masked_phone(row.phone)
    return {"role": row.role, "name": row.name, "phone": phone, "is_current": row.is_current}


register(
    Sendable(
        code="contacts",
        label=_("企业联系人"),
        view=queries.VIEW,
        write=WRITE,
        body=ContactContent,
        rows=_contacts,
        told=_told_contact,
        put=_put_contact,
        like=_like_contact,
    )
)


# --- licences and certificates ---------------------------------------------------------------------------------------------------


class CertificateContent(Body):
    """A licence of the enterprise or a certificate of one of its people. ``kind``: a code of the kinds, or its name."""

    kind: str
    number: str
    person_name: str | None = None
    person_post: str | None = None
    issuer: str | None = None
    scope: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    review_due: date | None = None
    in_use: bool | None = Field(None, description="false when it was replaced or given back")


def _put_certificate(sent: Sent[CertificateContent, Certificate]) -> tuple[Certificate, bool]:
    values = {name: value for name, value in sent.body.values().items() if value is not None or name not in _NEVER_EMPTY}
    if sent.record is None:
        return certifying.add_certificate(sent.enterprise_id, actor=sent.actor, now=sent.now, **values), True
    if not _differing(sent.record, certifying.cleaned(values, current=snapshot(sent.record))):
        return sent.record, False
    return certifying.change_certificate(sent.record.pk, actor=sent.actor, now=sent.now, **values), True


def _like_certificate(enterprise_id: UUID, _external_id: str, body: CertificateContent | None) -> Certificate | None:
    if body is None:
        return None
    try:
        kind = certificates.kind(body.kind)
    except Refusal:
        # Refused with its field when it is put.
        return None
    return Certificate.objects.filter(
        enterprise_id=enterprise_id, kind=kind.code, number=" ".join(body.number.split()), in_use=True
    ).first()


def _told_certificate(row: Certificate, _actor: Actor) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in CertificateContent.model_fields if name != "revision"}
    return {**told, "number": row.shown_number, "holder": row.holder, "due_on": row.due_on, "standing": row.standing}


register(
    Sendable(
        code="certificates",
        label=_("证照"),
        view=queries.VIEW,
        write=WRITE,
        body=CertificateContent,
        rows=lambda actor, enterprise_id: visible(Certificate.objects.filter(enterprise_id=enterprise_id), actor, queries.VIEW),
        told=_told_certificate,
        put=_put_certificate,
        like=_like_certificate,
    )
)
