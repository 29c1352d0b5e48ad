"""Sessions: opened at sign-in, limited in number and time, ended by their owner, by an administrator or by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from anlan.ground.people import queries, rules
from anlan.ground.people.events import SessionsEnded
from anlan.ground.people.models import Account, PostHolding, Proof, SessionRecord
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.words import N_
from anlan.ledger.changes import Change, change, permit

KEPT = timedelta(days=365)
TOUCH_EVERY = timedelta(seconds=60)
"""Activity is written at most this often: one update a minute, not one a request."""


def end_sessions(found: QuerySet[SessionRecord], why: str, now: datetime, c: Change) -> int:
    """End every running session of ``found`` inside the change ``c`` and tell the live streams. Returns how many ended."""
    accounts = {row["account_id"]: row["account__place_code"] for row in found.values("account_id", "account__place_code")}
    ended = found.update(ended_at=now, ended_why=why)
    for account_id, place_code in accounts.items():
        c.announce(SessionsEnded(subject_id=account_id, place_code=place_code, at=now))
    if ended:
        c.facts["sessions_ended"] = ended
    return ended


def open_session(
    account_id: UUID, session_key: str, *, proof: str, address: str | None, browser: str, actor: Actor, now: datetime
) -> SessionRecord:
    """Record a sign-in that succeeded. With more sessions than the policy allows, the oldest ends; visitors of a demonstration share
    its accounts and do not put each other out.

    The only post in force is taken up at once; of several the person chooses.
    """
    account = Account.objects.get(pk=account_id)
    held = queries.holdings_of(account_id, now)
    with change(actor, "own.sign_in", now=now, record=account) as c:
        Account.objects.select_for_update().get(pk=account_id)
        most = queries.policy(now).sessions_per_account
        surplus = () if proof == Proof.DEMO else queries.running_sessions(account_id)[most - 1 :]
        for old in surplus:
            end_sessions(queries.running_sessions(account_id).filter(pk=old.pk), "too_many", now, c)
        record = SessionRecord.objects.create(
            account=account,
            key_hash=rules.session_key_hash(session_key),
            holding=held[0] if len(held) == 1 else None,
            address=_checked_address(address),
            browser=browser[:200],
            wall=len(held) == 1 and rules.KINDS[held[0].post.kind].session == "wall",
            proof=proof,
            started_at=now,
            last_seen_at=now,
        )
        account.last_login = now
        account.save(update_fields=["last_login"])
        c.facts["proof"] = proof
    return record


def _checked_address(address: str | None) -> str | None:
    """The address as the database takes it; ``None`` for a socket or a proxy's own word for a client."""
    try:
        return str(ip_address(address or ""))
    except ValueError:
        return None


def choose_post(session_id: UUID, holding_id: UUID, *, actor: Actor, now: datetime) -> PostHolding:
    """Take up one of the own posts in this session. Raises :class:`NotFound` for a post not held now."""
    record = SessionRecord.objects.filter(pk=session_id, account_id=actor.account_id, ended_at__isnull=True).first()
    holding = (
        PostHolding.objects.filter(queries.holding_now(now), pk=holding_id, account_id=actor.account_id).select_related("post").first()
    )
    if record is None or holding is None:
        raise NotFound(what=N_("岗位"))
    with change(actor, "own.choose_post", now=now, record=holding) as c:
        record.holding = holding
        record.wall = rules.KINDS[holding.post.kind].session == "wall"
        record.save(update_fields=["holding", "wall"])
        c.facts["post"] = holding.post.name
        c.announce(SessionsEnded(subject_id=actor.account_id, place_code=holding.place_code, at=now))
    return holding


def touch(session_id: UUID, last_seen_at: datetime, now: datetime) -> None:
    """Note that the person is still there. Not audited: it is no change of anything but the idle clock."""
    if now - last_seen_at >= TOUCH_EVERY:
        SessionRecord.objects.filter(pk=session_id, ended_at__isnull=True, last_seen_at__lt=now).update(last_seen_at=now)


def close_over(over: queries.Over, session_key: str, now: datetime) -> None:
    """Close what the clock or a lock has ended: mark it once and remove the browser's session data."""
    with transaction.atomic():
        if not over.known:
            SessionRecord.objects.filter(pk=over.session_id, ended_at__isnull=True).update(ended_at=now, ended_why=over.why)
        Session.objects.filter(session_key=session_key).delete()


def sign_out(session_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End the present session at its owner's wish."""
    found = SessionRecord.objects.filter(pk=session_id, account_id=actor.account_id, ended_at__isnull=True)
    with change(actor, "own.sign_out", now=now, place_code=actor.place_code) as c:
        c.subject = Account.objects.get(pk=actor.account_id)
        end_sessions(found, "signed_out", now, c)


def end_session(session_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End one session: one's own elsewhere, or as security administrator somebody's. Raises :class:`NotFound`."""
    record = SessionRecord.objects.filter(pk=session_id, ended_at__isnull=True).select_related("account").first()
    if record is None:
        raise NotFound(what=N_("会话"))
    own = record.account_id == actor.account_id
    action = "own.end_session" if own else "people.lock"
    permit(actor, action, record=record.account)
    with change(actor, action, now=now, record=record.account) as c:
        end_sessions(SessionRecord.objects.filter(pk=session_id), "by_owner" if own else "by_admin", now, c)


def sweep_sessions(now: datetime) -> int:
    """Once a day: end what the clock ended while no browser asked, and forget old browsers' data. Returns how many ended.

    Who signed in when stays in the audit log; ended records are kept a year for the owner's own page.
    """
    policy = queries.policy(now)
    running = SessionRecord.objects.filter(ended_at__isnull=True).select_related("holding__post")
    over = [
        (record.pk, why)
        for record in running.iterator()
        if (why := rules.session_over(record.started_at, record.last_seen_at, now, _kind_of(record), policy)) is not None
    ]
    for pk, why in over:
        SessionRecord.objects.filter(pk=pk, ended_at__isnull=True).update(ended_at=now, ended_why=why)
    SessionRecord.objects.filter(ended_at__lt=now - KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    return len(over)


def _kind_of(record: SessionRecord) -> rules.PostKind | None:
    return rules.KINDS.get(record.holding.post.kind) if record.holding else None
