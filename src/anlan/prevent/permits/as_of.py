"""Special works and commitments as they stood at a moment, counted for many enterprises at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q

from anlan.ledger.sources import law_day
from anlan.prevent.permits import conflicts, queries
from anlan.prevent.permits.door import CommitmentMark, WorkCounts
from anlan.prevent.permits.models import Commitment, ConflictAnswer, Permit

TOP_RANK = 3
"""Rank from which a grade counts as the highest of its kind (特级动火, 一级吊装, Ⅲ级以上高处作业)."""


_OF_SITE = ("enterprise_id", "kind", "valid_from", "valid_until", "longitude", "latitude", "location_key", "opens_vessel")


def works(at: datetime, enterprise_ids: Collection[UUID] | None) -> list[WorkCounts]:
    """See :func:`anlan.prevent.permits.door.works_at`."""
    going = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    rows = Permit.objects.filter(going, Q(finished_at__isnull=True) | Q(finished_at__gt=at), started_at__lte=at, exercise=False).order_by()
    # What ran out over a work that had begun is closed as expired; nobody has said yet that the work was finished.
    over = Permit.objects.filter(Q(finished_at__isnull=True) | Q(finished_at__gt=at), overrun=True, valid_until__lte=at, exercise=False)
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
        over = over.filter(enterprise_id__among=enterprise_ids)
    top: Counter[UUID] = Counter()
    other: Counter[UUID] = Counter()
    for enterprise, code, number in rows.filter(valid_until__gt=at).values_list("enterprise_id", "grade_code").annotate(number=Count("pk")):
        (top if queries.grade(code).rank >= TOP_RANK else other)[enterprise] += number
    overrun = dict(over.order_by().values_list("enterprise_id").annotate(number=Count("pk")))
    return [WorkCounts(each, top[each], other[each], overrun.get(each, 0)) for each in {*top, *other, *overrun}]


def commitments(at: datetime, enterprise_ids: Collection[UUID] | None) -> list[CommitmentMark]:
    """See :func:`anlan.prevent.permits.door.commitments_at`."""
    missing = Q(due_at__lte=at) & (Q(given_at__isnull=True) | Q(given_at__gt=at))
    rows = Commitment.objects.filter(missing | Q(contradicted=True), day=law_day(at)).order_by()
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    told = rows.values_list("enterprise_id", "given_at", "contradicted", F("due_at"))
    return [CommitmentMark(each, due <= at and (given is None or given > at), contradicted) for each, given, contradicted, due in told]


def conflicts_at(at: datetime, enterprise_ids: Collection[UUID] | None) -> dict[UUID, int]:
    """See :func:`anlan.prevent.permits.door.conflicts_at`."""
    # From the application to the end of the work a permit is before its signature or live, whatever its state is called today.
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=at)
    unfinished = Q(finished_at__isnull=True) | Q(finished_at__gt=at)
    rows = Permit.objects.filter(open_then, unfinished, opened_at__lte=at, valid_until__gt=at, exercise=False).order_by().only(*_OF_SITE)
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    by_enterprise: dict[UUID, list[Permit]] = defaultdict(list)
    for row in rows:
        by_enterprise[row.enterprise_id].append(row)
    pairs, metres = queries.pairs(at), queries.parameter("nearby_metres", at)
    found = []
    for enterprise, members in by_enterprise.items():
        sites = [queries.site(row) for row in members]
        for number, one in enumerate(sites):
            clashes = conflicts.among(one, sites[number + 1 :], pairs, metres=metres)
            found += [(enterprise, frozenset((members[number].pk, each.other)), each.pair.code) for each in clashes]
    if not found:
        return {}
    named = {permit for _, both, _ in found for permit in both}
    given = ConflictAnswer.objects.filter(permit_id__in=named, other_id__in=named, at__lte=at).values_list("permit_id", "other_id", "pair")
    answered = {(frozenset((permit, other)), pair) for permit, other, pair in given}
    return dict(Counter(enterprise for enterprise, both, pair in found if (both, pair) not in answered))
