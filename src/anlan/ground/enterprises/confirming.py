"""The yearly confirmation of a file: somebody says that it is right; who does not is asked, and listed when the day is past."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from anlan.ground.enterprises import certificates, onboarding, queries, rules
from anlan.ground.enterprises.door import ConfirmationDue
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.ledger.sources import law_day

_NIGHTLY = 5000


def confirm(enterprise_id: UUID, *, actor: Actor, now: datetime) -> Enterprise:
    """Say that the file is right as it stands; the next time is a year from today. Needs ``enterprises.change``."""
    today = law_day(now)
    with transaction.atomic():
        row = Enterprise.objects.select_for_update().filter(pk=enterprise_id).first()
        if row is None:
            queries.refuse_merged(enterprise_id, None)
            raise NotFound(what=str(enterprise_id))
        with change(actor, "enterprises.change", now=now, record=row) as made:
            row.confirmed_at = now
            row.confirm_due_on = certificates.add_months(today, onboarding.parameter("confirmation_months", today))
            row.save(update_fields=["confirmed_at", "confirm_due_on"])
            made.facts["reason"] = rules.N_("年度确认：档案内容无误")
    return row


def sweep(now: datetime) -> int:
    """Give files without a day theirs, and ask for those that fall due. Returns how many are asked for; hearers tell each step once."""
    today = law_day(now)
    months = onboarding.parameter("confirmation_months", today)
    live = Enterprise.objects.filter(state__in=rules.LIVE_STATES)
    live.filter(confirm_due_on__isnull=True).update(confirm_due_on=certificates.add_months(today, months))
    ahead = today + timedelta(days=onboarding.parameter("confirmation_lead_days", today))
    # Asked for on the day it comes into sight and on the day after it is past: a night that was missed is made up within a week.
    near = live.filter(confirm_due_on__range=(ahead - timedelta(days=6), ahead))
    past = live.filter(confirm_due_on__range=(today - timedelta(days=7), today - timedelta(days=1)))
    told = 0
    for row in (near | past).order_by("confirm_due_on", "pk")[:_NIGHTLY]:
        if row.confirm_due_on is None:
            continue
        with transaction.atomic():
            announce(
                ConfirmationDue(
                    subject_id=row.pk,
                    place_code=row.place_code,
                    enterprise_id=row.pk,
                    classification=Classification(row.classification),
                    at=now,
                    name=row.name,
                    due_on=row.confirm_due_on.isoformat(),
                    overdue=row.confirm_due_on < today,
                )
            )
        told += 1
    return told
