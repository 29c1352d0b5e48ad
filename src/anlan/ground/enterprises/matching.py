"""Finds files that may be of one enterprise: keeps the keys by which they are found, compares who shares one, remembers what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from anlan.ground.enterprises import duplicates, mergerules
from anlan.ground.enterprises.models import DuplicateCandidate, Enterprise, MatchKeys
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change

MOST_COMPARED = 400
"""Files compared with one at most: a key that more share (a chain under one name) tells nothing. Project default."""
_AT_ONCE = 200
_RECENT = timedelta(hours=2)


def profile_of(row: Enterprise) -> duplicates.Profile:
    """What of a file is compared."""
    county = row.place_code[:6]
    here = places.place(county)
    return duplicates.Profile(
        code=row.uscc,
        name=row.name,
        former_names=tuple(str(entry["name"]) for entry in row.former_names),
        county=county,
        places=tuple(place.name for place in (*places.ancestors(county), *((here,) if here else ()))),
        person=row.legal_representative,
        address=row.registered_address,
        longitude=row.longitude,
        latitude=row.latitude,
    )


def look(enterprise_ids: Collection[UUID], now: datetime) -> int:
    """Keep the keys of these files and compare each with those that share one. Returns how many pairs stand as candidates."""
    rows = list(Enterprise.objects.filter(pk__in=enterprise_ids))
    profiles = {row.pk: profile_of(row) for row in rows}
    with transaction.atomic():
        MatchKeys.objects.bulk_create(
            [MatchKeys(enterprise=row, keys=sorted(duplicates.keys(profiles[row.pk])), version=row.version) for row in rows],
            update_conflicts=True,
            unique_fields=["enterprise"],
            update_fields=["keys", "version"],
        )
        return sum(_compare(row, profiles[row.pk], now) for row in rows)


def look_recent(now: datetime, limit: int = 3000) -> int:
    """Look at files that came or changed lately and were not looked at since. Returns how many; each batch is a transaction of its own."""
    return _look_at(Enterprise.objects.filter(updated_at__gte=now - _RECENT), now, limit)


def look_all(now: datetime, limit: int = 20_000) -> int:
    """The same for every file, however old."""
    return _look_at(Enterprise.objects.all(), now, limit)


def _look_at(rows: Iterable[Enterprise], now: datetime, limit: int) -> int:
    stale = Q(match_keys__isnull=True) | ~Q(match_keys__version=F("version"))
    waiting = list(rows.filter(stale).order_by().values_list("pk", flat=True)[:limit])  # type: ignore[attr-defined]
    for at in range(0, len(waiting), _AT_ONCE):
        look(waiting[at : at + _AT_ONCE], now)
    return len(waiting)


def _compare(row: Enterprise, profile: duplicates.Profile, now: datetime) -> int:
    shown_from = duplicates.figures()["shown_from"]
    held = {
        frozenset((one.first_id, one.second_id)): one
        for one in DuplicateCandidate.objects.select_for_update().filter(Q(first=row) | Q(second=row))
    }
    found = 0
    for other in Enterprise.objects.defer("search_text", "search_tokens").filter(pk__in=_sharing(row, profile)):
        likeness = duplicates.compare(profile, profile_of(other))
        before = held.pop(frozenset((row.pk, other.pk)), None)
        if likeness.score >= shown_from:
            found += 1
            _keep(before, row, other, likeness, now)
        elif before is not None and before.state == mergerules.OPEN:
            before.delete()
    # Who shares no key any more is no candidate; what somebody decided stays decided.
    DuplicateCandidate.objects.filter(pk__in=[one.pk for one in held.values()], state=mergerules.OPEN).delete()
    return found


def _sharing(row: Enterprise, profile: duplicates.Profile) -> list[UUID]:
    """Who shares a key with this file, found by the index: the planner takes keys for common and would read the whole table instead."""
    sharing = MatchKeys.objects.filter(keys__overlap=sorted(duplicates.keys(profile))).exclude(pk=row.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = list(sharing.values_list("pk", flat=True)[:MOST_COMPARED])
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found


def _keep(before: DuplicateCandidate | None, row: Enterprise, other: Enterprise, likeness: duplicates.Likeness, now: datetime) -> None:
    first, second = sorted((row, other), key=lambda one: one.pk)
    values = {
        "place_code": mergerules.common_place(first.place_code, second.place_code),
        "classification": max(first.classification, second.classification),
        "title": f"{first.name} — {second.name}",
        "score": likeness.score,
        "reasons": [reason.plain() for reason in likeness.reasons],
        "updated_at": now,
    }
    if before is None:
        DuplicateCandidate.objects.bulk_create(
            [DuplicateCandidate(first=first, second=second, rank=likeness.score, created_at=now, **values)], ignore_conflicts=True
        )
        return
    values["rank"] = likeness.score if before.state == mergerules.OPEN else 0
    if any(getattr(before, name) != value for name, value in values.items() if name != "updated_at"):
        DuplicateCandidate.objects.filter(pk=before.pk).update(**values)


def dismiss(candidate_id: UUID, reason: str, *, actor: Actor, now: datetime) -> DuplicateCandidate:
    """Say that two files are not of one enterprise, with why; they are not proposed again. Needs ``enterprises.merge`` where both are.

    Raises ``DismissalReasonNeeded``, ``CandidateSettled``, ``NotFound``, ``NotPermitted``.
    """
    told = " ".join(reason.split())[:300]
    if not told:
        raise mergerules.DismissalReasonNeeded
    with transaction.atomic():
        row = DuplicateCandidate.objects.select_for_update().filter(pk=candidate_id).first()
        if row is None:
            raise NotFound(what=gettext("疑似重复企业"))
        with change(actor, mergerules.ACTION, now=now, record=row) as made:
            if row.state != mergerules.OPEN:
                raise mergerules.CandidateSettled(state=gettext(mergerules.CANDIDATE_STATES[row.state]))
            row.state, row.rank, row.decision = mergerules.DISMISSED, 0, told
            row.decided_by_name, row.decided_at = actor.name, now
            row.save()
            made.facts["reason"] = told
    return row


def sentences(candidate: DuplicateCandidate) -> list[str]:
    """Why the two may be one, in the language of the request."""
    return [
        gettext(duplicates.REASONS[one["code"]]).format(**one["facts"]) for one in candidate.reasons if one["code"] in duplicates.REASONS
    ]
