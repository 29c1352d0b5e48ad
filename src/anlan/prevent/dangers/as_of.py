"""Hidden dangers as they stood at a moment, counted for many enterprises at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from anlan.prevent.dangers import rules
from anlan.prevent.dangers.door import DangerCounts
from anlan.prevent.dangers.models import Danger


def counts(at: datetime, enterprise_ids: Collection[UUID] | None) -> list[DangerCounts]:
    """See :func:`anlan.prevent.dangers.door.counts_at`."""
    rows = Danger.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=at), found_at__lte=at, exercise=False).order_by()
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    late = Q(deadline__lt=at) & (Q(rectified_at__isnull=True) | Q(rectified_at__gt=at))
    major = Q(grade=rules.MAJOR)
    told = rows.values("enterprise_id").annotate(
        major=Count("pk", filter=major & ~late),
        major_overdue=Count("pk", filter=major & late),
        other=Count("pk", filter=~major & ~late),
        other_overdue=Count("pk", filter=~major & late),
    )
    return [DangerCounts(*each) for each in told.values_list("enterprise_id", "major", "major_overdue", "other", "other_overdue")]
