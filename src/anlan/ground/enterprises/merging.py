"""Merging two files of one enterprise: proposed by one person, confirmed by another, done in one transaction with a trail of every row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext

from anlan.desk.refusals import sentence
from anlan.ground.enterprises import belongings, mergerules, queries, rules
from anlan.ground.enterprises.door import EnterpriseChanged, EnterprisesMerged, MergeProposed
from anlan.ground.enterprises.models import Certificate, DuplicateCandidate, Enterprise, MatchKeys, MergedRows, Merging, Site
from anlan.ground.people import door as people
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound, NotPermitted, Refusal
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.flows import advance, open_case

_CHINA = ZoneInfo("Asia/Shanghai")
_MARK_LENGTH = 6


def side(row: Enterprise) -> mergerules.Side:
    """A file as the rule of values reads it."""
    columns = {column for part in mergerules.PARTS.values() for column in part}
    return mergerules.Side({column: getattr(row, column) for column in columns}, max(row.confirmed_at or row.created_at, row.updated_at))


def check_pair(survivor: Enterprise, loser: Enterprise, actor: Actor, *, besides: UUID | None = None) -> None:
    """Raise why these two may not be merged by this person at all.

    ``MergeWithItself``, ``EnterpriseMerged`` (either was merged already), ``MergeElsewhere``, ``MergePending`` (``besides``: not counting
    this proposal).
    """
    if survivor.pk == loser.pk:
        raise mergerules.MergeWithItself
    for row in (survivor, loser):
        queries.refuse_merged(row.pk, None)
    try:
        for row in (survivor, loser):
            permit(actor, mergerules.ACTION, record=row)
        permit(
            actor,
            mergerules.ACTION,
            place_code=mergerules.common_place(survivor.place_code, loser.place_code),
            classification=max(survivor.classification, loser.classification),
        )
    except NotPermitted as refusal:
        raise mergerules.MergeElsewhere from refusal
    pending = Merging.objects.filter(state=mergerules.PROPOSED).exclude(pk=besides)
    for row in (survivor, loser):
        if pending.filter(survivor=row).exists() or pending.filter(loser=row).exists():
            raise mergerules.MergePending(name=row.name)


def blocks(survivor: Enterprise, loser: Enterprise, now: datetime) -> list[Refusal]:
    """What must be cleared before the two can be merged, in words that say what to do."""
    found: list[Refusal] = []
    holders = [holder for kind in people.post_kinds() for holder in people.holders_in_enterprise(kind, loser.pk, now=now)]
    if holders:
        found.append(mergerules.AccountsStillThere(people="、".join(sorted({holder.name for holder in holders}))))
    return [*found, *belongings.blocks(survivor.pk, loser.pk)]


def propose(
    survivor_id: UUID,
    loser_id: UUID,
    *,
    taken: Collection[str],
    reason: str,
    actor: Actor,
    now: datetime,
    seen: tuple[int, int] | None = None,
) -> Merging:
    """Propose to merge ``loser`` into ``survivor``; of the parts named in ``taken`` the loser's value is to survive.

    ``seen``: the versions that the proposer had before him. Raises the refusals of :func:`check_pair`, ``MergeReasonNeeded``,
    ``MergeBlocked``, ``MergeOutdated``, ``NotFound``.
    """
    told = " ".join(reason.split())[:500]
    if not told:
        raise mergerules.MergeReasonNeeded
    with transaction.atomic():
        survivor, loser = _locked(survivor_id, loser_id)
        check_pair(survivor, loser, actor)
        if seen is not None and seen != (survivor.version, loser.version):
            raise mergerules.MergeOutdated
        if why := blocks(survivor, loser, now):
            raise mergerules.MergeBlocked(why="；".join(sentence(each) for each in why))
        place = mergerules.common_place(survivor.place_code, loser.place_code)
        with change(actor, mergerules.ACTION, now=now, place_code=place) as made:
            row = Merging(
                survivor=survivor,
                loser=loser,
                title=f"{loser.name} → {survivor.name}",
                reason=told,
                proposed_by_id=actor.account_id,
                proposed_by_name=actor.name,
                taken=sorted(set(taken) & mergerules.PARTS.keys()),
                seen=[survivor.version, loser.version],
                place_code=place,
                classification=max(survivor.classification, loser.classification),
                state=mergerules.PROPOSED,
                opened_at=now,
                created_at=now,
                updated_at=now,
            )
            row.save(force_insert=True)
            made.subject = row
            made.facts["reason"] = told
            open_case(row, actor=actor, now=now)
            made.announce(_moved(row, now))
    return row


def decide(merging_id: UUID, move: str, *, actor: Actor, now: datetime, reason: str = "", seen: tuple[int, int] | None = None) -> Merging:
    """Confirm (``confirm``), return (``return``) or withdraw (``withdraw``) a proposal. Confirming merges, all of it or nothing.

    Raises ``FourEyes`` for the proposer, ``WrongState``, ``ReasonRequired``, ``NotPermitted``; when confirming also the refusals of
    :func:`check_pair`, ``MergeBlocked`` and ``MergeOutdated`` (a file was changed since it was proposed).
    """
    row = Merging.objects.filter(pk=merging_id).first()
    if row is None:
        raise NotFound(what=gettext("企业合并"))
    if move == "withdraw" and row.proposed_by_id != actor.account_id:
        raise NotPermitted(action=row.flow.move(move).label)
    if move != "confirm":
        return advance(row, move, actor=actor, now=now, reason=reason, event=lambda case, _move, _made: _moved(case, now))
    with transaction.atomic():
        permit(actor, mergerules.ACTION, record=row)
        row.flow.check("confirm", row.state, {}, actor.account_id, {"proposed_by_id": row.proposed_by_id})
        survivor, loser = _locked(row.survivor_id, row.loser_id)
        check_pair(survivor, loser, actor, besides=row.pk)
        if row.seen != [survivor.version, loser.version]:
            raise mergerules.MergeOutdated
        if why := blocks(survivor, loser, now):
            raise mergerules.MergeBlocked(why="；".join(sentence(each) for each in why))

        def merge(case: Merging, _move: Move, _made: Change) -> None:
            _merge(case, survivor, loser, actor, now)

        values = {"confirmed_by_name": actor.name, "confirmed_at": now, "values": _values(row, survivor, loser)}
        told = {"name": survivor.name, "loser": loser.name}
        return advance(
            row,
            "confirm",
            actor=actor,
            now=now,
            reason=reason,
            fields=values,
            after=merge,
            event=lambda case, _m, _c: _done(case, told, now),
        )


def _locked(survivor_id: UUID, loser_id: UUID) -> tuple[Enterprise, Enterprise]:
    """Both files, locked in the order of their ids, so that two merges never wait for each other."""
    found = {row.pk: row for row in Enterprise.every.select_for_update().filter(pk__in=[survivor_id, loser_id]).order_by("pk")}
    for key in (survivor_id, loser_id):
        if key not in found:
            raise NotFound(what=gettext("企业"))
    return found[survivor_id], found[loser_id]


def _values(row: Merging, survivor: Enterprise, loser: Enterprise) -> dict[str, list[Any]]:
    """What differs, by column: the survivor's value, the loser's, and the one that survives."""
    found = {}
    for part, columns in mergerules.PARTS.items():
        for column in columns:
            own, other = getattr(survivor, column), getattr(loser, column)
            if own != other:
                found[column] = [_plain(own), _plain(other), _plain(other if part in row.taken else own)]
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _merge(row: Merging, survivor: Enterprise, loser: Enterprise, actor: Actor, now: datetime) -> None:
    """Hand everything over, take the chosen values, close the loser; the case's own transaction."""
    mark = loser.uscc[-_MARK_LENGTH:]
    trail = list(belongings.hand_over(survivor.pk, loser.pk, mark))
    MergedRows.objects.bulk_create(
        MergedRows(
            merging=row,
            model=one.belonging.model,
            column=one.belonging.column,
            moved=one.moved,
            altered=one.altered,
            kept=one.kept,
            ids=one.ids,
        )
        for one in trail
    )
    reason = {
        "reason": gettext("“%(loser)s”（%(code)s）并入本企业：%(reason)s") % {"loser": loser.name, "code": loser.uscc, "reason": row.reason}
    }
    with change(actor, mergerules.ACTION, now=now, record=loser) as made:
        made.facts |= {
            "merging": str(row.pk),
            "reason": gettext("并入“%(name)s”：%(reason)s") % {"name": survivor.name, "reason": row.reason},
        }
        if "uscc" in row.taken:
            # The code is unique: it is let go before the survivor takes it, and the survivor's own is left with the closed file.
            Enterprise.every.filter(pk=loser.pk).update(uscc=f"~{loser.pk.hex[:17]}")
        with change(actor, mergerules.ACTION, now=now, record=survivor) as kept:
            kept.facts |= {"merging": str(row.pk), "rows": {one.belonging.model: one.moved for one in trail if one.moved}, **reason}
            _take(row.taken, survivor, loser, now)
            kept.announce(
                EnterpriseChanged(
                    subject_id=survivor.pk,
                    place_code=survivor.place_code,
                    enterprise_id=survivor.pk,
                    classification=Classification(survivor.classification),
                    at=now,
                    changed=tuple(sorted(row.taken)),
                )
            )
        if "uscc" in row.taken:
            loser.uscc = str(row.values["uscc"][0])
        loser.state, loser.merged_into, loser.merged_at = rules.MERGED, survivor, now
        loser.has_major_hazard, loser.major_level = False, None
        loser.save()
    # A file that was merged before now leads to the last one, never along a chain.
    Enterprise.every.filter(merged_into=loser).update(merged_into=survivor)
    _tidy(survivor, loser)
    DuplicateCandidate.objects.filter(first__in=[survivor.pk, loser.pk], second__in=[survivor.pk, loser.pk]).update(
        state=mergerules.DONE, rank=0, decided_by_name=actor.name, decided_at=now, decision=row.reason[:300]
    )
    for column in ("first", "second"):
        DuplicateCandidate.objects.filter(**{column: loser}, state=mergerules.OPEN).delete()


def gather_late(now: datetime, days: int) -> int:
    """Hand over what somebody wrote for a closed file at the very moment it was merged, or since. Returns how many rows.

    The trail grows by them. ``days``: merged not longer ago than that.
    """
    found = 0
    for row in Merging.objects.filter(state=mergerules.MERGED, confirmed_at__gte=now - timedelta(days=days)):
        with transaction.atomic():
            survivor, loser = _locked(row.survivor_id, row.loser_id)
            into = survivor.merged_into_id or survivor.pk
            for one in belongings.hand_over(into, loser.pk, loser.uscc[-_MARK_LENGTH:]):
                if not one.moved:
                    continue
                told, fresh = MergedRows.objects.get_or_create(
                    merging=row, model=one.belonging.model, column=one.belonging.column, defaults={"moved": one.moved, "ids": one.ids}
                )
                if not fresh:
                    told.moved, told.ids = told.moved + one.moved, bytes(told.ids) + one.ids
                    told.save(update_fields=["moved", "ids"])
                found += one.moved
    return found


def _take(taken: Collection[str], survivor: Enterprise, loser: Enterprise, now: datetime) -> None:
    """The survivor takes the chosen values and remembers names and codes under which the enterprise was known."""
    until = now.astimezone(_CHINA).date().isoformat()
    names, codes = {survivor.name, loser.name}, {survivor.uscc, loser.uscc}
    for part in taken:
        for column in mergerules.PARTS[part]:
            setattr(survivor, column, getattr(loser, column))
    survivor.former_names = _known_as("name", names | _told(loser.former_names, "name"), survivor.name, survivor.former_names, until)
    survivor.former_codes = _known_as("uscc", codes | _told(loser.former_codes, "uscc"), survivor.uscc, survivor.former_codes, until)
    survivor.has_major_hazard = survivor.has_major_hazard or loser.has_major_hazard
    survivor.major_level = min((level for level in (survivor.major_level, loser.major_level) if level), default=None)
    survivor.save()


def _told(entries: list[dict[str, Any]], key: str) -> set[str]:
    return {str(entry[key]) for entry in entries}


def _known_as(key: str, known: set[str], present: str, before: list[dict[str, Any]], until: str) -> list[dict[str, Any]]:
    fresh = sorted(known - {present} - _told(before, key))
    return [*({key: one, "until": until} for one in fresh), *(entry for entry in before if entry[key] != present)]


def _tidy(survivor: Enterprise, loser: Enterprise) -> None:
    """What follows from the handing over inside this room: one main site, search columns that hold the survivor's name, keys reckoned anew."""
    main = Site.objects.filter(enterprise=survivor, is_main=True).order_by("created_at", "pk")
    Site.objects.filter(pk__in=[site.pk for site in main[1:]]).update(is_main=False)
    for certificate in Certificate.objects.filter(enterprise=survivor, person_name="").select_related("enterprise"):
        certificate.save(update_fields=["due_on"])
    MatchKeys.objects.filter(pk__in=[survivor.pk, loser.pk]).delete()


def _moved(row: Merging, now: datetime) -> MergeProposed:
    return MergeProposed(
        subject_id=row.pk,
        place_code=row.place_code,
        classification=Classification(row.classification),
        at=now,
        title=row.title,
        state=row.state,
    )


def _done(row: Merging, names: Mapping[str, str], now: datetime) -> EnterprisesMerged:
    return EnterprisesMerged(
        subject_id=row.pk,
        place_code=row.place_code,
        enterprise_id=row.survivor_id,
        classification=Classification(row.classification),
        at=now,
        loser_id=str(row.loser_id),
        loser_name=names["loser"],
        name=names["name"],
    )
