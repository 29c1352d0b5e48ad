"""Verbs of hazard sources: each is one transaction that checks, changes, audits and announces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Min

from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises.door import EnterpriseSummary
from anlan.ground.risksources import intake, rules
from anlan.ground.risksources.door import RiskSourceChanged, RiskSourceRegistered
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.ledger.changes import change, snapshot


def register_risk_source(enterprise_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> RiskSource:
    """Enter a hazard source of an enterprise. Needs ``risksources.register`` where it stands.

    It belongs to the place of its site, without one to that of its enterprise. Raises ``Invalid`` naming every wrong field, among them
    the attributes of its kind (``attributes.<code>``) and a code in use (``CodeTaken``); ``NotFound``; ``NotPermitted``.
    """
    enterprise = enterprises.enterprise(enterprise_id)
    cleaned = located(enterprise, intake.clean(values), {})
    with change(actor, "risksources.register", now=now, place_code=str(cleaned["place_code"]), enterprise_id=enterprise.id) as made:
        row = RiskSource(
            enterprise_id=enterprise.id,
            created_at=now,
            updated_at=now,
            **{"classification": enterprise.classification, **cleaned},
        )
        _insert(row)
        _tell_enterprise(enterprise.id)
        made.subject = row
        made.announce(
            RiskSourceRegistered(
                subject_id=row.pk,
                place_code=row.place_code,
                enterprise_id=row.enterprise_id,
                classification=Classification(row.classification),
                at=now,
                name=row.name,
            )
        )
    return row


def change_risk_source(
    source_id: UUID | str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    version: int | None = None,
    **values: object,
) -> RiskSource:
    """Correct a hazard source (``state="retired"`` takes it out of the file). Needs ``risksources.change``.

    Raises ``Conflict`` when ``version`` is not the present one, and as :func:`register_risk_source` does.
    """
    with transaction.atomic():
        row = RiskSource.objects.select_for_update().filter(pk=source_id).first()
        if row is None:
            raise NotFound(what=str(source_id))
        with change(actor, "risksources.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.name)
            held = snapshot(row) | {"site_id": row.site_id}
            enterprise = enterprises.enterprise(row.enterprise_id)
            cleaned = located(enterprise, intake.clean(values, current=held), held)
            if cleaned.get("code", row.code) != row.code:
                _refuse_taken(row.enterprise_id, str(cleaned["code"]))
            changed = tuple(name for name, value in cleaned.items() if getattr(row, name) != value)
            for name, value in cleaned.items():
                setattr(row, name, value)
            row.save()
            _tell_enterprise(row.enterprise_id)
            if reason:
                made.facts["reason"] = reason
            made.announce(
                RiskSourceChanged(
                    subject_id=row.pk,
                    place_code=row.place_code,
                    enterprise_id=row.enterprise_id,
                    classification=Classification(row.classification),
                    at=now,
                    changed=changed,
                )
            )
    row.refresh_from_db()
    return row


def import_risk_sources(rows: Sequence[Mapping[str, object]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet; each names its enterprise by ``uscc``. Needs ``risksources.register`` at each.

    Raises the refusals of :func:`register_risk_source`; the caller's transaction keeps all rows or none.
    """
    for values in rows:
        facts = dict(values)
        enterprise = enterprises.by_uscc(str(facts.pop("uscc")), actor)
        if enterprise is None:
            raise NotFound(what=str(values["uscc"]))
        register_risk_source(enterprise.id, actor=actor, now=now, **facts)
    return len(rows)


def located(enterprise: EnterpriseSummary, cleaned: dict[str, object], held: Mapping[str, object]) -> dict[str, object]:
    """Settle site, place and point of a hazard source. Raises ``Invalid``."""
    whole = {**held, **cleaned}
    site_id = whole.get("site_id") or None
    place_code = enterprise.place_code
    if site_id is not None:
        site = enterprises.site(cast("UUID", site_id))
        if site.enterprise_id != enterprise.id:
            raise Invalid({"site_id": rules.SiteOfAnother()})
        place_code = site.place_code
    try:
        enterprises.check_point(place_code, cast("float | None", whole.get("longitude")), cast("float | None", whole.get("latitude")))
    except Refusal as refusal:
        raise Invalid({"longitude": refusal}) from refusal
    return {**cleaned, "site_id": site_id, "place_code": place_code}


def _insert(row: RiskSource) -> None:
    _refuse_taken(row.enterprise_id, row.code)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody used the same code between the look and the insert.
        _refuse_taken(row.enterprise_id, row.code)
        raise


def _refuse_taken(enterprise_id: UUID, code: str) -> None:
    taken = RiskSource.objects.filter(enterprise_id=enterprise_id, code=code).first()
    if taken is not None:
        raise Invalid({"code": rules.CodeTaken(value=code, name=taken.name)})


def _tell_enterprise(enterprise_id: UUID) -> None:
    """Let the enterprise know its highest level, which lists filter by."""
    major = RiskSource.objects.filter(enterprise_id=enterprise_id, is_major=True).exclude(state=rules.RETIRED)
    highest = major.aggregate(level=Min("major_level"))["level"]
    enterprises.note_major_hazard(enterprise_id, present=major.exists(), level=highest)
