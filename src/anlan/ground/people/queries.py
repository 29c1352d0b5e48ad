"""Reads of accounts, posts, sessions and the policy in force; builds the actor that everything else asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from anlan.desk.search.matching import matching
from anlan.ground.people import keyrules, rules
from anlan.ground.people.catalogue import feedable_actions, sendable_actions
from anlan.ground.people.models import Account, AccountState, InterfaceKey, PolicyValue, Post, PostHolding, SessionRecord
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.levels import level_of, prefix_of


def policy(now: datetime) -> rules.Policy:
    """The sign-in policy in force: the dated rules, with this node's own values inside their bounds."""
    own = dict(PolicyValue.objects.filter(effective_from__lte=now).order_by("effective_from", "id").values_list("code", "value"))
    return rules.policy_on(timezone.localtime(now).date(), own)


def holding_now(now: datetime) -> Q:
    """Condition on a holding: in force at ``now``."""
    return Q(valid_from__lte=now) & (Q(valid_to__isnull=True) | Q(valid_to__gt=now))


def holdings_of(account_id: UUID, now: datetime) -> list[PostHolding]:
    """Holdings of an account in force at ``now``, the longest held first."""
    return list(PostHolding.objects.filter(holding_now(now), account_id=account_id).select_related("post").order_by("valid_from", "id"))


def holders(kind: str, place_code: str, now: datetime) -> QuerySet[PostHolding]:
    """Holdings of posts of ``kind`` at exactly ``place_code`` in force at ``now``, by accounts that may be used."""
    return _held_by_usable(now).filter(post__kind=kind, post__place_code=place_code)


def holders_in_enterprise(kind: str, enterprise_id: UUID, now: datetime) -> QuerySet[PostHolding]:
    """Holdings of posts of ``kind`` for one enterprise in force at ``now``, by accounts that may be used."""
    return _held_by_usable(now).filter(post__kind=kind, post__enterprise_id=enterprise_id)


def staff(place_code: str, text: str, now: datetime) -> QuerySet[PostHolding]:
    """Holdings in force at a place and below it by accounts that may be used; ``text``: only of those whom a search finds."""
    rows = _held_by_usable(now).filter(post__place_code__startswith=prefix_of(place_code))
    return rows.filter(account__in=matching(Account.objects.all(), text)) if text.strip() else rows


def _held_by_usable(now: datetime) -> QuerySet[PostHolding]:
    usable = PostHolding.objects.filter(holding_now(now), account__state=AccountState.ACTIVE)
    return usable.select_related("account", "post").order_by("valid_from", "id")


def _own_grants(*, wall: bool) -> tuple[Grant, ...]:
    action = "own.sign_out" if wall else rules.OWN
    return (Grant(action, "", None, Classification.SENSITIVE),)


def grants_of(post: Post) -> tuple[Grant, ...]:
    """What a post grants: the actions of its kind, over its place or only its enterprise, up to its class of information."""
    kind = rules.KINDS[post.kind]
    prefix = prefix_of(post.place_code)
    classification = Classification(post.classification)
    grants = [Grant(action, prefix, post.enterprise_id, classification) for action in kind.patterns]
    if kind.of_enterprise:
        # Places and warnings have no enterprise: a post of an enterprise reads what is public or internal at its own place.
        grants += [Grant(action, prefix, None, Classification.INTERNAL) for action in kind.patterns if action in _OF_PLACE]
    return tuple(grants)


_OF_PLACE = frozenset({"places.view", "map.view", "bulletins.view"})


def build_actor(account: Account, post: Post | None, *, restricted: bool = False) -> Actor:
    """The actor for ``account`` at ``post``. ``restricted``: a step is owed first, so only the own account can be mended."""
    kind = rules.KINDS.get(post.kind) if post else None
    wall = kind is not None and kind.session == "wall"
    grants = _own_grants(wall=wall and not restricted)
    if post is not None and not restricted:
        grants += grants_of(post)
    place_code = post.place_code if post else account.place_code
    return Actor(
        account_id=account.id,
        name=account.display_name,
        post=post.name if post else "",
        level=level_of(place_code),
        place_code=place_code,
        organisation_id=post.organisation_id if post else account.organisation_id,
        enterprise_id=post.enterprise_id if post else None,
        grants=grants,
        post_id=post.id if post else None,
        facts={"post_kind": post.kind if post else "", "username": account.username},
    )


def sendable_by(post: Post) -> tuple[str, ...]:
    """What a key for a post may write: an enterprise's own system what rooms let it send, a bureau's what rooms let it bring in."""
    kind = rules.KINDS[post.kind]
    if kind.of_enterprise and post.enterprise_id is None:
        return ()
    return keyrules.sendable(kind, sendable_actions(), feedable_actions())


def build_key_actor(key: InterfaceKey) -> Actor:
    """The actor behind an interface key: of what its post grants only the actions the key names, up to the key's class of information.

    What it may write must still be on the closed list now, and belongs to the one enterprise of its post.
    """
    post, account = key.post, key.account
    highest = Classification(min(key.information, post.classification))
    listed = sendable_by(post)
    writes = tuple(action for action in key.writes if action in listed)
    grants = tuple(
        Grant(action, grant.place_prefix, grant.enterprise_id, min(grant.classification, highest))
        for grant in grants_of(post)
        for action in (*(action for action in key.actions if rules.is_read_only(action)), *writes)
        if grant.allows(action)
    )
    return Actor(
        account_id=account.id,
        name=f"{account.display_name}（{key.username}）",
        post=post.name,
        level=level_of(post.place_code),
        place_code=post.place_code,
        organisation_id=post.organisation_id,
        enterprise_id=post.enterprise_id,
        grants=grants,
        kind="machine",
        post_id=post.id,
        facts={"post_kind": post.kind, "username": key.username, "account": account.username, "writes": writes},
    )


@dataclass(frozen=True)
class Standing:
    """How a signed-in browser stands at one moment. ``owes``: steps due before anything else (``password``, ``factor``, ``post``)."""

    actor: Actor
    account: Account
    session_id: UUID
    owes: tuple[str, ...]
    last_seen_at: datetime
    demo: bool
    wall: bool


@dataclass(frozen=True)
class Over:
    """A session that is over, and why."""

    session_id: UUID
    account_id: UUID
    why: str
    known: bool


def needs_factor(account_id: UUID, now: datetime) -> PostHolding | None:
    """The holding that demands a second factor of the account, or ``None``."""
    demanding = [code for code, kind in rules.KINDS.items() if kind.second_factor]
    return PostHolding.objects.filter(holding_now(now), account_id=account_id, post__kind__in=demanding).select_related("post").first()


def owed(account: Account, proof: str, started: datetime, now: datetime, in_force: rules.Policy) -> tuple[str, ...]:
    """Steps that the account owes before it may act. One-click sign-in of a demonstration owes none.

    A password that grows too old during a session is asked for at the next sign-in: no duty desk or wall goes dark in mid-shift.
    """
    if proof == "demo":
        return ()
    steps = []
    expires = rules.password_expires_at(account.password_changed_at, in_force)
    if account.must_change_password or expires is None or expires <= started:
        steps.append("password")
    if not account.has_second_factor and needs_factor(account.id, now) is not None:
        steps.append("factor")
    return tuple(steps)


def standing(session_key: str, now: datetime) -> Standing | Over | None:
    """How the browser with ``session_key`` stands; ``Over`` when its session ended or must end; ``None`` when unknown.

    One indexed query decides on every request, so that a lock, an ended session or a withdrawn post is felt at once.
    """
    record = SessionRecord.objects.filter(key_hash=rules.session_key_hash(session_key)).select_related("account", "holding__post").first()
    if record is None:
        return None
    account = record.account
    if record.ended_at is not None:
        return Over(record.id, account.id, record.ended_why, known=True)
    if account.state != AccountState.ACTIVE:
        return Over(record.id, account.id, "locked", known=False)
    holding = record.holding
    if holding is not None and not holds_at(holding, now):
        holding = None
    kind = rules.KINDS.get(holding.post.kind) if holding else None
    in_force = policy(now)
    why = rules.session_over(record.started_at, record.last_seen_at, now, kind, in_force)
    if why is not None:
        return Over(record.id, account.id, why, known=False)
    owes = owed(account, record.proof, record.started_at, now, in_force)
    if holding is None and PostHolding.objects.filter(holding_now(now), account=account).exists():
        owes += ("post",)
    return Standing(
        actor=build_actor(account, holding.post if holding else None, restricted=bool(owes)),
        account=account,
        session_id=record.id,
        owes=owes,
        last_seen_at=record.last_seen_at,
        demo=record.proof == "demo",
        wall=kind is not None and kind.session == "wall",
    )


def holds_at(holding: PostHolding, now: datetime) -> bool:
    """Whether a holding is in force at ``now``."""
    return holding.valid_from <= now and (holding.valid_to is None or now < holding.valid_to)


def running_sessions(account_id: UUID) -> QuerySet[SessionRecord]:
    """Sessions of an account that have not ended, newest first."""
    return SessionRecord.objects.filter(account_id=account_id, ended_at__isnull=True).order_by("-started_at", "-id")


def names(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Display names by account; ids that are no account are left out."""
    return dict(Account.objects.filter(id__in=set(account_ids)).values_list("id", "display_name"))


def of_the_same_person(account_id: UUID) -> frozenset[UUID]:
    """See :func:`anlan.ground.people.door.of_the_same_person`."""
    own = Account.objects.filter(pk=account_id).first()
    if own is None:
        return frozenset({account_id})
    same = Q(pk=account_id)
    if own.email:
        same |= Q(email__iexact=own.email)
    number = _mobile(own.phone)
    found = {account.pk for account in Account.objects.filter(same).only("pk")}
    if number:
        rows = Account.objects.filter(phone__contains=number[-4:]).values_list("pk", "phone")
        found |= {pk for pk, phone in rows if _mobile(phone) == number}
    return frozenset(found)


def _mobile(phone: str) -> str:
    """The eleven digits of a mobile number, empty for anything else: the telephone of a duty room is nobody's own."""
    digits = "".join(sign for sign in phone if sign.isdigit())[-11:]
    return digits if len(digits) == 11 and digits.startswith("1") else ""


def masked_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``; shorter numbers keep their last two digits."""
    if len(phone) >= 7:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"{'*' * max(len(phone) - 2, 0)}{phone[-2:]}"


def masked_email(email: str) -> str:
    """``zhangsan@example.cn`` → ``z***@example.cn``."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if email else ""
