"""Verbs of licences and certificates: entered, corrected, taken out of use, imported; the sweep that says what falls due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.ground.enterprises import certificates, intake, queries, rules
from anlan.ground.enterprises.door import CertificateDue, EnterpriseChanged
from anlan.ground.enterprises.models import Certificate, Enterprise
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.changes import change, permit, snapshot
from anlan.ledger.sources import law_day

CHECKS: dict[str, intake.Check] = {
    "kind": lambda value: certificates.kind(str(value or "")).code,
    "person_name": intake.text(60),
    "person_post": intake.text(80),
    "number": intake.text(60),
    "issuer": intake.text(120),
    "scope": intake.text(200),
    "issued_on": intake.day,
    "valid_until": intake.day,
    "review_due": intake.day,
    "in_use": bool,
}
LABELS = {"kind": _("证照类别"), "number": _("证书编号"), "person_name": _("姓名")}
_NIGHTLY = 5000


def cleaned(values: Mapping[str, object], current: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Check the fields of a certificate. Raises ``Invalid`` naming every wrong field."""
    found: dict[str, Any] = intake.clean({name: value for name, value in values.items() if name in CHECKS}, CHECKS)
    whole = {**(current or {}), **found}
    wrong: dict[str, Refusal | str] = {}
    for name in ("kind", "number"):
        if not whole.get(name):
            wrong[name] = rules.MissingValue(field=LABELS[name])
    if not wrong:
        kind = certificates.kind(str(whole["kind"]))
        found["holder"] = kind.holder
        if kind.holder == certificates.PERSON and not whole.get("person_name"):
            wrong["person_name"] = rules.MissingValue(field=LABELS["person_name"])
        try:
            certificates.check_dates(*(_day(whole.get(name)) for name in ("issued_on", "valid_until", "review_due")))
        except Refusal as refusal:
            wrong["valid_until"] = refusal
    if wrong:
        raise Invalid(wrong)
    return found


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else intake.day(value)


def add_certificate(enterprise_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> Certificate:
    """Enter a licence or certificate. Needs ``enterprises.change`` on the enterprise.

    Raises ``Invalid`` (also for a number that the enterprise has already), ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        enterprise = _locked(enterprise_id)
        with change(actor, "enterprises.change", now=now, record=enterprise) as made:
            row = Certificate(
                enterprise=enterprise,
                place_code=enterprise.place_code,
                classification=enterprise.classification,
                created_at=now,
                updated_at=now,
                **cleaned(values),
            )
            _refuse_taken(row)
            _judge(row, now)
            row.save(force_insert=True)
            made.facts["certificate"] = _told(row)
            made.facts["reason"] = _("登记证照：%(kind)s") % {"kind": certificates.kind(row.kind).name_zh}
            made.announce(_changed(enterprise, now))
    return row


def change_certificate(certificate_id: UUID | str, *, actor: Actor, now: datetime, **values: object) -> Certificate:
    """Correct a certificate (``in_use=False`` when it was replaced or given back). Raises as :func:`add_certificate` does."""
    with transaction.atomic():
        row = Certificate.objects.select_for_update(of=("self",)).filter(pk=certificate_id).first()
        if row is None:
            raise NotFound(what=str(certificate_id))
        enterprise = _locked(row.enterprise_id)
        with change(actor, "enterprises.change", now=now, record=enterprise) as made:
            before = _told(row)
            for name, value in cleaned(values, current=snapshot(row)).items():
                setattr(row, name, value)
            _refuse_taken(row)
            _judge(row, now)
            row.updated_at = now
            row.save()
            made.facts["certificate"] = {"before": before, "after": _told(row)}
            made.facts["reason"] = _("修改证照：%(kind)s") % {"kind": certificates.kind(row.kind).name_zh}
            made.announce(_changed(enterprise, now))
    return row


def resolve(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> dict[int, tuple[str, Refusal]]:
    """Look up the enterprises that a batch of spreadsheet rows names and judge each row whole. Returns what is refused by index."""
    codes = {row["uscc"] for row in rows}
    known = queries.by_codes(codes, actor)
    held = Certificate.objects.filter(enterprise__in=known.values(), in_use=True)
    taken = set(held.values_list("enterprise_id", "kind", "number"))
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, row in enumerate(rows):
        enterprise = known.get(row["uscc"])
        if enterprise is None:
            refused[index] = ("uscc", UnknownEnterprise(uscc=row["uscc"]))
            continue
        try:
            row |= cleaned(row)
        except Invalid as refusal:
            name, why = next(iter(refusal.fields.items()))
            refused[index] = (name, why if isinstance(why, Refusal) else refusal)
            continue
        key = (enterprise.pk, row["kind"], row["number"])
        if key in taken:
            refused[index] = ("number", _taken(row["kind"], row["number"]))
            continue
        taken.add(key)
        row |= {"enterprise": enterprise, "enterprise_id": enterprise.pk, "place_code": enterprise.place_code}
    return refused


class UnknownEnterprise(Refusal):
    code = "unknown_enterprise"
    sentence = rules.N_("没有统一社会信用代码为 {uscc} 的企业，或不在您的管辖范围内，请先登记企业。")
    status = 422


def import_certificates(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet. Needs ``enterprises.change`` on every enterprise. Returns how many."""
    if not rows:
        return 0
    made_rows = []
    for values in rows:
        enterprise: Enterprise = values["enterprise"]
        permit(actor, "enterprises.change", record=enterprise)
        row = Certificate(
            enterprise=enterprise,
            place_code=enterprise.place_code,
            classification=enterprise.classification,
            created_at=now,
            updated_at=now,
            **{name: values[name] for name in (*CHECKS, "holder") if name in values},
        )
        _judge(row, now)
        made_rows.append(row)
    first = made_rows[0]
    with change(
        actor, "enterprises.change", now=now, place_code=first.place_code, enterprise_id=actor.enterprise_id or first.enterprise_id
    ) as made:
        Certificate.objects.bulk_create(made_rows, batch_size=1000)
        made.facts["certificates"] = [_told(row) for row in made_rows]
    return len(made_rows)


def sweep(now: datetime) -> int:
    """Say of each certificate in use what it has become since yesterday. Returns how many changed. Once a night; a second time does nothing."""
    today = law_day(now)
    farthest = today + timedelta(days=max(kind.lead_days for kind in certificates.kinds()))
    rows = Certificate.objects.filter(in_use=True, enterprise__state__in=rules.LIVE_STATES, due_on__lte=farthest)
    told = 0
    for row in rows.exclude(standing=certificates.EXPIRED).select_related("enterprise").order_by("due_on")[:_NIGHTLY]:
        kind = certificates.kind(row.kind)
        standing = certificates.standing(row.due_on, today, kind.lead_days)
        if standing == row.standing or row.due_on is None:
            continue
        with change(system_actor("enterprises"), "enterprises.change", now=now, record=row) as made:
            row.standing = standing
            row.save(update_fields=["standing"])
            made.announce(
                CertificateDue(
                    subject_id=row.pk,
                    place_code=row.place_code,
                    enterprise_id=row.enterprise_id,
                    classification=Classification(row.classification),
                    at=now,
                    certificate=kind.name_zh,
                    holder=row.holder,
                    person_name=row.person_name,
                    standing=standing,
                    due_on=row.due_on.isoformat(),
                )
            )
        told += 1
    return told


def _judge(row: Certificate, now: datetime) -> None:
    row.due_on = certificates.due_on(row.valid_until, row.review_due)
    row.standing = certificates.standing(row.due_on, law_day(now), certificates.kind(row.kind).lead_days)


def _refuse_taken(row: Certificate) -> None:
    same = Certificate.objects.filter(enterprise_id=row.enterprise_id, kind=row.kind, number=row.number, in_use=True)
    if row.in_use and same.exclude(pk=row.pk).exists():
        raise Invalid({"number": _taken(row.kind, row.number)})


def _taken(kind: str, number: str) -> certificates.CertificateTaken:
    return certificates.CertificateTaken(number=number, kind=gettext(certificates.kind(kind).name_zh))


def _locked(enterprise_id: UUID | str) -> Enterprise:
    row = Enterprise.objects.select_for_update().filter(pk=enterprise_id).first()
    if row is None:
        queries.refuse_merged(enterprise_id, None)
        raise NotFound(what=str(enterprise_id))
    return row


def _told(row: Certificate) -> dict[str, object]:
    """What the audit keeps: the number of a person masked, because more people read the log than may see it."""
    return {
        "kind": row.kind,
        "number": row.shown_number,
        "person_name": row.person_name,
        "due_on": row.due_on.isoformat() if row.due_on else "",
        "in_use": row.in_use,
    }


def _changed(row: Enterprise, now: datetime) -> EnterpriseChanged:
    return EnterpriseChanged(
        subject_id=row.pk,
        place_code=row.place_code,
        enterprise_id=row.pk,
        classification=Classification(row.classification),
        at=now,
        changed=("certificate",),
    )
