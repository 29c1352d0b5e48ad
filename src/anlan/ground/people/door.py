"""What other rooms may ask of people: who acts, who holds which post, what somebody is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from anlan.ground.people import queries, rules
from anlan.ground.people.events import AccountChanged, SessionsEnded
from anlan.ground.people.models import Account, AccountState, PostHolding
from anlan.ground.people.queries import Standing
from anlan.ground.people.services import assign_post, create_account, ensure_post
from anlan.kernel import clock
from anlan.kernel.access import Actor, system_actor

__all__ = [
    "AccountChanged",
    "DemoRole",
    "Holder",
    "PostInfo",
    "SessionsEnded",
    "Staff",
    "account_name",
    "account_names",
    "actor_for",
    "actor_for_session",
    "assign_post",
    "by_key",
    "create_account",
    "demo_roles",
    "ensure_post",
    "holders_in_enterprise",
    "holders_of",
    "of_the_same_person",
    "phone_of",
    "post_kinds",
    "posts_of",
    "register_demo_roles",
    "staff",
    "staff_member",
    "system",
]


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a post now, with what is needed to call him."""

    account_id: UUID
    name: str
    phone: str
    post_id: UUID
    post_name: str
    organisation_id: UUID | None
    enterprise_id: UUID | None


@dataclass(frozen=True)
class Staff:
    """An account in use with the post by which it is reached, and its addresses."""

    account_id: UUID
    name: str
    phone: str
    email: str
    post_name: str
    place_code: str
    organisation_id: UUID | None
    enterprise_id: UUID | None


@dataclass(frozen=True)
class PostInfo:
    """A post that an account holds, from when to when."""

    post_id: UUID
    holding_id: UUID
    kind: str
    name: str
    place_code: str
    organisation_id: UUID | None
    enterprise_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class DemoRole:
    """One role that the sign-in page offers by one click in demo mode. ``group`` is a heading (市级, 企业 …)."""

    username: str
    label_zh: str
    label_en: str
    purpose_zh: str = ""
    purpose_en: str = ""
    group_zh: str = ""
    group_en: str = ""


def system(name: str) -> Actor:
    """The actor of a supervised process; audited under ``name``."""
    return system_actor(name)


def actor_for(account_id: UUID, post_id: UUID | None = None, *, now: datetime | None = None) -> Actor | None:
    """The actor of an account at one of its posts (the longest held when none is named).

    ``None`` when the account is unknown or may not be used. A post that is not held now grants nothing.
    """
    moment = now or clock.now()
    account = Account.objects.filter(pk=account_id, state=AccountState.ACTIVE).first()
    if account is None:
        return None
    held = queries.holdings_of(account_id, moment)
    if post_id is not None:
        held = [holding for holding in held if holding.post_id == post_id]
    return queries.build_actor(account, held[0].post if held else None)


def actor_for_session(session_key: str, *, now: datetime | None = None) -> Actor | None:
    """The actor behind a browser's session key, ``None`` when the session is unknown or over. For streams outside Django."""
    found = queries.standing(session_key, now or clock.now()) if session_key else None
    return found.actor if isinstance(found, Standing) else None


def by_key(request: HttpRequest) -> Actor | None:
    """Who reads by the request's interface key (``Bearer`` or HTTP Basic); ``None`` when it carries none. Raises what refuses it."""
    from anlan.ground.people import keyring

    return keyring.by_key(request)


def holders_of(kind: str, place_code: str, *, now: datetime | None = None) -> tuple[Holder, ...]:
    """Who holds posts of ``kind`` at exactly ``place_code`` now, the longest holder first."""
    return tuple(map(_holder, queries.holders(kind, place_code, now or clock.now())))


def holders_in_enterprise(kind: str, enterprise_id: UUID, *, now: datetime | None = None) -> tuple[Holder, ...]:
    """Who holds posts of ``kind`` for one enterprise now, the longest holder first."""
    return tuple(map(_holder, queries.holders_in_enterprise(kind, enterprise_id, now or clock.now())))


def _holder(holding: PostHolding) -> Holder:
    return Holder(
        account_id=holding.account_id,
        name=holding.account.display_name,
        phone=holding.account.phone,
        post_id=holding.post_id,
        post_name=holding.post.name,
        organisation_id=holding.post.organisation_id,
        enterprise_id=holding.post.enterprise_id,
    )


def staff(place_code: str, *, text: str = "", limit: int = 100, now: datetime | None = None) -> tuple[Staff, ...]:
    """Who holds a post at a place or below it now, each account once, by place and name; ``text``: name, pinyin, initials or user name."""
    rows = queries.staff(place_code, text, now or clock.now()).order_by("post__place_code", "account__display_name", "valid_from", "id")
    found: dict[UUID, Staff] = {}
    for holding in rows.exclude(account_class__in=rules.ADMINISTRATORS)[: limit * 2]:
        found.setdefault(holding.account_id, _staff(holding))
    return tuple(found.values())[:limit]


def staff_member(account_id: UUID, *, now: datetime | None = None) -> Staff | None:
    """One account in use that holds a post now, by the post held longest; ``None`` otherwise."""
    holding = queries.staff("000000", "", now or clock.now()).filter(account_id=account_id).first()
    return _staff(holding) if holding is not None else None


def _staff(holding: PostHolding) -> Staff:
    account, post = holding.account, holding.post
    return Staff(
        account.pk,
        account.display_name,
        account.phone,
        account.email,
        post.name,
        post.place_code,
        post.organisation_id,
        post.enterprise_id,
    )


def posts_of(account_id: UUID, *, now: datetime | None = None) -> tuple[PostInfo, ...]:
    """The posts that an account holds now, the longest held first."""
    return tuple(
        PostInfo(
            post_id=holding.post_id,
            holding_id=holding.id,
            kind=holding.post.kind,
            name=holding.post.name,
            place_code=holding.post.place_code,
            organisation_id=holding.post.organisation_id,
            enterprise_id=holding.post.enterprise_id,
            valid_from=holding.valid_from,
            valid_to=holding.valid_to,
        )
        for holding in queries.holdings_of(account_id, now or clock.now())
    )


def is_own_password(account_id: UUID, password: str) -> bool:
    """Whether somebody who is signed in proves to be himself by his password: a signature on a page. How often he may try, the asker bounds."""
    account = Account.objects.filter(pk=account_id, state=AccountState.ACTIVE).first()
    return account is not None and account.check_password(password)


def account_named(username: str) -> UUID | None:
    """The account in use of that user name, if there is one."""
    return Account.objects.filter(username=username, state=AccountState.ACTIVE).values_list("pk", flat=True).first()


def account_name(account_id: UUID) -> str:
    """What an account is called; empty when unknown."""
    return queries.names([account_id]).get(account_id, "")


def phone_of(account_id: UUID) -> str:
    """The mobile number of an account in use; empty when it has none, or is unknown."""
    row = Account.objects.filter(pk=account_id, state=AccountState.ACTIVE).only("phone").first()
    return row.phone if row is not None else ""


def account_names(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What several accounts are called, in one query."""
    return queries.names(account_ids)


def post_kinds() -> dict[str, str]:
    """Kinds of posts with their Chinese labels (source text)."""
    return {code: kind.label for code, kind in rules.KINDS.items()}


def of_the_same_person(account_id: UUID) -> frozenset[UUID]:
    """Accounts that are known to be one person's, the named one among them: those with the same mobile number or e-mail address.

    Nobody is asked for a number of identity, so that two accounts with neither in common are taken to be two people.
    """
    return queries.of_the_same_person(account_id)


_demo_provider: Callable[[], Iterable[DemoRole]] | None = None


def register_demo_roles(provider: Callable[[], Iterable[DemoRole]] | None) -> None:
    """Name the function that lists the demonstration's roles. They are offered in demo mode only, whatever is registered."""
    global _demo_provider
    _demo_provider = provider


def demo_roles() -> tuple[DemoRole, ...]:
    """The roles registered for the demonstration; empty when none."""
    return tuple(_demo_provider()) if _demo_provider is not None else ()
