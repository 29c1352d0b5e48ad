"""Interface keys: issued by the security administrator for a holder of a post, shown once, revoked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from django.db.models import Q

from anlan.ground.people import keyrules, queries, rules
from anlan.ground.people.catalogue import all_actions
from anlan.ground.people.models import Account, AccountState, InterfaceKey, PostHolding
from anlan.ground.people.refusals import KeyForBusinessOnly, KeyLifetime, KeyOver, KeyReadsOnly, KeySendsListedOnly
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit

TOUCH_EVERY = timedelta(seconds=60)
"""Use is written at most this often: one update a minute, not one a tile."""


@dataclass(frozen=True)
class IssuedKey:
    """A key just issued. ``secret`` is known here and now only."""

    key: InterfaceKey
    secret: str = field(repr=False)


def issue_key(
    holding_id: UUID,
    *,
    label: str,
    actions: Sequence[str],
    expires_at: datetime,
    writes: Sequence[str] = (),
    information: int = Classification.INTERNAL,
    actor: Actor,
    now: datetime,
) -> IssuedKey:
    """A key that reads as the holder of a post: ``actions`` must be looking ones the post has.

    ``writes``: what it also sends, of the closed list and of what the post of an enterprise may do; the looking actions that go with them are added.
    ``information``: highest class it reads, never above the post's. Raises ``NotFound``, :class:`KeyForBusinessOnly`, :class:`KeyReadsOnly`,
    :class:`KeySendsListedOnly`, :class:`KeyLifetime`, ``NotPermitted``.
    """
    holding = PostHolding.objects.filter(pk=holding_id).select_related("account", "post").first()
    if holding is None:
        raise NotFound(what=N_("任职"))
    account, post = holding.account, holding.post
    permit(actor, "people.issue_key", place_code=account.place_code)
    usable = account.account_class == rules.ORDINARY and account.state == AccountState.ACTIVE and queries.holds_at(holding, now)
    if not usable or account.id == actor.account_id:
        raise KeyForBusinessOnly(account=account.display_name)
    allowed = keyrules.readable(rules.KINDS[post.kind], all_actions())
    wrong = sorted(set(actions) - set(allowed))
    if wrong or not (actions or writes):
        raise KeyReadsOnly(actions="、".join(wrong) or "—")
    listed = queries.sendable_by(post)
    if unlisted := sorted(set(writes) - set(listed)):
        raise KeySendsListedOnly(actions="、".join(unlisted))
    wanted = {*actions, *keyrules.looked_at(writes)}
    longest = queries.policy(now).interface_key_longest
    if not now < expires_at <= now + longest:
        raise KeyLifetime(days=longest.days)
    username, secret = keyrules.new_username(), keyrules.new_secret()
    with change(actor, "people.issue_key", now=now, place_code=post.place_code) as c:
        key = InterfaceKey.objects.create(
            username=username,
            label=label,
            account=account,
            post=post,
            place_code=post.place_code,
            actions=[action for action in allowed if action in wanted],
            writes=[action for action in listed if action in set(writes)],
            information=min(int(information), post.classification),
            digest=keyrules.digest(username, secret),
            expires_at=expires_at,
            issued_by=actor.account_id,
            created_at=now,
        )
        c.subject = key
        c.facts.update(account=account.username, post=post.name)
    return IssuedKey(key, secret)


def revoke_key(key_id: UUID, *, reason: str, actor: Actor, now: datetime) -> InterfaceKey:
    """End a key at once. Raises ``NotFound``, :class:`KeyOver` when it was revoked before."""
    key = InterfaceKey.objects.filter(pk=key_id).select_related("account", "post").first()
    if key is None:
        raise NotFound(what=N_("接口凭证"))
    if key.revoked_at is not None:
        raise KeyOver(why=keyrules.REVOKED)
    with change(actor, "people.issue_key", now=now, record=key) as c:
        key.revoked_at, key.revoked_why = now, reason
        key.save(update_fields=["revoked_at", "revoked_why"])
        c.facts["reason"] = reason
    return key


def touch_key(key: InterfaceKey, address: str, now: datetime) -> None:
    """Note that a key was used, and from where. Not audited: it changes nothing but the note."""
    try:
        told: str | None = str(ip_address(address))
    except ValueError:
        told = None
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY or told != key.last_address:
        unlike = Q(last_used_at=None) | Q(last_used_at__lt=now) | ~Q(last_address=told)
        InterfaceKey.objects.filter(unlike, pk=key.pk).update(last_used_at=now, last_address=told)


def key_actor(key: InterfaceKey, now: datetime) -> Actor:
    """Who reads by a key now. Raises :class:`KeyOver` when the key, the account or the post is no longer in force."""
    if key.revoked_at is not None:
        raise KeyOver(why=keyrules.REVOKED)
    if now >= key.expires_at:
        raise KeyOver(why=keyrules.EXPIRED)
    account: Account = key.account
    held = PostHolding.objects.filter(queries.holding_now(now), account_id=account.id, post_id=key.post_id).exists()
    if account.state != AccountState.ACTIVE or not held:
        raise KeyOver(why=keyrules.NOT_HELD)
    return queries.build_key_actor(key)
