"""Verbs of the enterprise file: each is one transaction that checks, changes, audits and announces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.ground.enterprises import intake, queries, rules
from anlan.ground.enterprises.door import EnterpriseChanged, EnterpriseRegistered, EnterprisesImported
from anlan.ground.enterprises.models import Enterprise, EnterpriseContact, Site
from anlan.ground.enterprises.queries import VIEW
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.ledger.changes import Change, change, permit, snapshot

_CHINA = ZoneInfo("Asia/Shanghai")


def register_enterprise(*, actor: Actor, now: datetime, **values: object) -> Enterprise:
    """Open the file of an enterprise; ``values`` by the field names of ``intake.ENTERPRISE``.

    Needs ``enterprises.register`` at its place. Raises ``Invalid`` naming every wrong field (wrong check digit with the expected one,
    place out of force with its successor, impossible point), among them ``CreditCodeTaken`` for a unit that has a file already.
    """
    cleaned = intake.enterprise(values)
    cleaned["supervisor_id"] = cleaned.get("supervisor_id") or _bureau_of(str(cleaned["place_code"]))
    with change(actor, "enterprises.register", now=now, place_code=str(cleaned["place_code"])) as made:
        row = Enterprise(**cleaned, created_at=now, updated_at=now)
        _insert(row, actor)
        made.subject = row
        made.announce(
            EnterpriseRegistered(
                subject_id=row.pk,
                place_code=row.place_code,
                enterprise_id=row.pk,
                classification=Classification(row.classification),
                at=now,
                name=row.name,
                uscc=row.uscc,
            )
        )
    return row


def change_enterprise(
    enterprise_id: UUID | str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    version: int | None = None,
    **values: object,
) -> Enterprise:
    """Correct the file. Needs ``enterprises.change`` where the enterprise is and, when it moves, where it goes.

    A new name keeps the old one as a former name. The state is changed by :func:`change_state` only. ``version``: what the editor had
    before him; raises ``Conflict`` when somebody else saved since. Raises ``Invalid`` as :func:`register_enterprise` does.
    """
    if "state" in values:
        raise TypeError("the state is changed by change_state")
    with transaction.atomic():
        row = _locked(enterprise_id)
        with change(actor, "enterprises.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.name)
            cleaned = intake.enterprise(values, current=snapshot(row))
            changed = tuple(name for name, value in cleaned.items() if getattr(row, name) != value)
            if "name" in changed:
                until = now.astimezone(_CHINA).date().isoformat()
                row.former_names = [{"name": row.name, "until": until}, *row.former_names]
            if "uscc" in changed:
                _refuse_taken(str(cleaned["uscc"]), actor)
            for name, value in cleaned.items():
                setattr(row, name, value)
            row.save()
            if reason:
                made.facts["reason"] = reason
            if changed:
                _announce_change(made, row, changed)
    row.refresh_from_db()
    return row


def change_state(enterprise_id: UUID | str, state: str, *, reason: str, actor: Actor, now: datetime) -> Enterprise:
    """Put an enterprise into another state of operation, with the reason. Needs ``enterprises.change_state``.

    Raises ``StateMoveNotAllowed``, ``MissingValue`` without a reason, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        row = _locked(enterprise_id)
        with change(actor, "enterprises.change_state", now=now, record=row) as made:
            rules.check_state_move(row.state, state)
            if not reason.strip():
                raise Invalid({"reason": rules.MissingValue(field=_("原因"))})
            row.state = state
            row.save(update_fields=["state"])
            made.facts["reason"] = reason.strip()
            _announce_change(made, row, ("state",))
    row.refresh_from_db()
    return row


def add_site(enterprise_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> Site:
    """Add a plant area; the first becomes the main one. Needs ``enterprises.change`` on the enterprise.

    Raises ``Invalid`` (also for a name that the enterprise has already, or a wrong boundary), ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        enterprise = _locked(enterprise_id)
        with change(actor, "enterprises.change", now=now, record=enterprise) as made:
            cleaned = intake.site({"place_code": enterprise.place_code, **values})
            _refuse_site_name(enterprise, str(cleaned["name"]))
            first = not enterprise.sites.exists()
            site = Site(
                enterprise=enterprise,
                created_at=now,
                updated_at=now,
                **{"classification": enterprise.classification, **cleaned, "is_main": first or bool(cleaned.get("is_main"))},
            )
            site.save(force_insert=True)
            _keep_one_main(site)
            made.facts["site"] = snapshot(site)
            made.facts["reason"] = _("添加厂区：%(name)s") % {"name": site.name}
            _announce_change(made, enterprise, ("site",))
    return site


def change_site(site_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> Site:
    """Correct a plant area (``in_use=False`` takes it out of use). Raises as :func:`add_site` does."""
    with transaction.atomic():
        site = Site.objects.select_for_update(of=("self",)).select_related("enterprise").filter(pk=site_id).first()
        if site is None:
            raise NotFound(what=str(site_id))
        with change(actor, "enterprises.change", now=now, record=site) as made:
            cleaned = intake.site(values, current=snapshot(site))
            if "name" in cleaned and cleaned["name"] != site.name:
                _refuse_site_name(site.enterprise, str(cleaned["name"]))
            for name, value in cleaned.items():
                setattr(site, name, value)
            site.save()
            _keep_one_main(site)
            _announce_change(made, site.enterprise, ("site",))
    return site


def add_contact(enterprise_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> EnterpriseContact:
    """Add a person to call. Needs ``enterprises.change``. Raises ``Invalid``, ``NotFound``, ``NotPermitted``."""
    with transaction.atomic():
        enterprise = _locked(enterprise_id)
        with change(actor, "enterprises.change", now=now, record=enterprise) as made:
            contact = EnterpriseContact(
                enterprise=enterprise, place_code=enterprise.place_code, created_at=now, updated_at=now, **intake.contact(values)
            )
            contact.save(force_insert=True)
            made.facts["contact"] = _told(contact)
            made.facts["reason"] = _("添加联系人：%(name)s") % {"name": contact.name}
            _announce_change(made, enterprise, ("contact",))
    return contact


def change_contact(contact_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> EnterpriseContact:
    """Correct a person to call (``is_current=False`` when the person left). Raises as :func:`add_contact` does."""
    with transaction.atomic():
        contact = EnterpriseContact.objects.select_for_update().filter(pk=contact_id).first()
        if contact is None:
            raise NotFound(what=str(contact_id))
        enterprise = _locked(contact.enterprise_id)
        with change(actor, "enterprises.change", now=now, record=enterprise) as made:
            for name, value in intake.contact(values, current=snapshot(contact)).items():
                setattr(contact, name, value)
            contact.updated_at = now
            contact.save()
            made.facts["contact"] = _told(contact)
            made.facts["reason"] = _("修改联系人：%(name)s") % {"name": contact.name}
            _announce_change(made, enterprise, ("contact",))
    return contact


def note_major_hazard(enterprise_id: UUID, *, present: bool, level: int | None) -> None:
    """Keep what the room of hazard sources found: whether there is a major one, and the highest level (1–4).

    A derived figure, written inside that room's own audited change; therefore neither permitted nor audited a second time.
    """
    Enterprise.objects.filter(pk=enterprise_id).update(has_major_hazard=present, major_level=level if present else None)


def import_enterprises(rows: Sequence[Mapping[str, object]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet, up to a thousand at once, with one audit entry and one announcement for all.

    Needs ``enterprises.import`` at the place of every row. Raises ``NotPermitted``, and ``Invalid`` for a row that was not checked.
    """
    contacts = [{name: values.get(f"contact_{name}") for name in ("name", "phone")} for values in rows]
    cleaned = [
        intake.enterprise({"source": rules.SOURCE_IMPORT} | {name: value for name, value in values.items() if name in intake.ENTERPRISE})
        for values in rows
    ]
    if not cleaned:
        return 0
    counties = {str(values["place_code"])[:6] for values in cleaned}
    bureaus = {code: bureau.id for code, bureau in organisations.bureaus_of(counties).items()}
    for values in cleaned:
        place_code = str(values["place_code"])
        permit(actor, "enterprises.import", place_code=place_code)
        values["supervisor_id"] = bureaus.get(place_code[:6])
    with change(actor, "enterprises.import", now=now, place_code=str(cleaned[0]["place_code"])) as made:
        made_rows = [Enterprise(**values, created_at=now, updated_at=now) for values in cleaned]
        for taken in Enterprise.every.filter(uscc__in=[row.uscc for row in made_rows]):
            raise _taken(taken, actor)
        Enterprise.objects.bulk_create(made_rows, batch_size=1000)
        EnterpriseContact.objects.bulk_create(
            EnterpriseContact(
                enterprise=row,
                role="principal",
                name=str(contact["name"]),
                phone=str(contact["phone"]),
                place_code=row.place_code,
                created_at=now,
                updated_at=now,
            )
            for row, contact in zip(made_rows, contacts, strict=True)
            if contact["name"] and contact["phone"]
        )
        made.facts["registered"] = {row.uscc: str(row.pk) for row in made_rows}
        made.announce(EnterprisesImported(subject_id=made_rows[0].pk, place_code=made_rows[0].place_code, at=now, count=len(made_rows)))
    return len(made_rows)


def _bureau_of(place_code: str) -> UUID | None:
    """The emergency bureau that watches an enterprise nobody else was named for."""
    found = organisations.bureau_of(place_code[:6])
    return found.id if found is not None else None


def _locked(enterprise_id: UUID | str) -> Enterprise:
    row = Enterprise.objects.select_for_update().filter(pk=enterprise_id).first()
    if row is None:
        queries.refuse_merged(enterprise_id, None)
        raise NotFound(what=str(enterprise_id))
    return row


def _insert(row: Enterprise, actor: Actor) -> None:
    _refuse_taken(row.uscc, actor)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody registered the same unit between the look and the insert.
        _refuse_taken(row.uscc, actor)
        raise


def _refuse_taken(uscc: str, actor: Actor) -> None:
    taken = Enterprise.every.filter(uscc=uscc).first()
    if taken is not None:
        raise Invalid({"uscc": _taken(taken, actor)})


def _taken(row: Enterprise, actor: Actor) -> Refusal:
    """The refusal for a code in use: it names the enterprise only to those who may see it."""
    if row.state == rules.MERGED:
        found = queries.merged(row.pk, actor)
        if found is None or found.merged_into is None:
            return rules.CreditCodeTakenElsewhere(uscc=row.uscc)
        return rules.CreditCodeMerged(uscc=row.uscc, name=row.name, into=found.merged_into.name, id=str(found.merged_into_id))
    may_see = actor.may(VIEW, place_code=row.place_code, enterprise_id=row.pk, classification=row.classification)
    if may_see:
        return rules.CreditCodeTaken(uscc=row.uscc, name=row.name, id=str(row.pk))
    return rules.CreditCodeTakenElsewhere(uscc=row.uscc)


def _refuse_site_name(enterprise: Enterprise, name: str) -> None:
    if enterprise.sites.filter(name=name).exists():
        raise Invalid({"name": rules.SiteNameTaken(name=name)})


def _keep_one_main(site: Site) -> None:
    if site.is_main:
        Site.objects.filter(enterprise_id=site.enterprise_id, is_main=True).exclude(pk=site.pk).update(is_main=False)


def _told(contact: EnterpriseContact) -> dict[str, object]:
    """What the audit keeps of a person: the telephone number masked, because more people read the log than may call."""
    return {
        "role": contact.role,
        "name": contact.name,
        "phone": rules.masked_phone(contact.phone),
        "is_current": contact.is_current,
    }


def _announce_change(made: Change, row: Enterprise, changed: tuple[str, ...]) -> None:
    made.announce(
        EnterpriseChanged(
            subject_id=row.pk,
            place_code=row.place_code,
            enterprise_id=row.pk,
            classification=Classification(row.classification),
            at=made.now,
            changed=changed,
        )
    )
