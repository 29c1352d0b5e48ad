"""Posts and who holds them. Only the security administrator grants, and never to himself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.ground.people import rules
from anlan.ground.people.events import AccountChanged, SessionsEnded
from anlan.ground.people.models import Account, AccountClass, Post, PostHolding
from anlan.ground.people.refusals import (
    AdministratorsSeparate,
    AlreadyHeld,
    EnterpriseNeeded,
    EnterpriseNotAllowed,
    HoldingOver,
    NotToYourself,
    UnknownPostKind,
    WrongDates,
)
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import level_of
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit


def ensure_post(
    kind: str,
    place_code: str,
    *,
    organisation_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    name: str = "",
    actor: Actor,
    now: datetime,
) -> Post:
    """The post of ``kind`` at the place in the organisation (for the enterprise), made when there is none.

    Raises :class:`UnknownPostKind`, :class:`EnterpriseNeeded`, :class:`EnterpriseNotAllowed`, ``MalformedPlaceCode``.
    """
    known = rules.KINDS.get(kind)
    if known is None:
        raise UnknownPostKind(kind=kind)
    level_of(place_code)
    if known.of_enterprise and enterprise_id is None:
        raise EnterpriseNeeded(kind=known.label)
    if not known.of_enterprise and enterprise_id is not None:
        raise EnterpriseNotAllowed(kind=known.label)
    found = Post.objects.filter(kind=kind, place_code=place_code, organisation_id=organisation_id, enterprise_id=enterprise_id).first()
    if found is not None:
        permit(actor, "people.grant", place_code=place_code)
        return found
    with change(actor, "people.grant", now=now, place_code=place_code) as c:
        post = Post.objects.create(
            kind=kind,
            account_class=known.account_class,
            name=name or known.label,
            organisation_id=organisation_id,
            place_code=place_code,
            enterprise_id=enterprise_id,
            classification=Classification.SENSITIVE if known.may_read_sensitive else Classification.INTERNAL,
            created_at=now,
            updated_at=now,
        )
        c.subject = post
    return post


def assign_post(
    account_id: UUID,
    post_id: UUID,
    *,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> PostHolding:
    """Let an account hold a post from ``valid_from`` (default: now) until ``valid_to`` (default: until revoked).

    Raises :class:`NotToYourself`, :class:`AdministratorsSeparate`, :class:`AlreadyHeld`, :class:`WrongDates`, ``NotPermitted``.
    """
    if account_id == actor.account_id:
        raise NotToYourself(action=rules.ACTIONS["people.grant"])
    since = valid_from or now
    if valid_to is not None and valid_to <= since:
        raise WrongDates
    permit(actor, "people.grant", record=_account(account_id))
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotFound(what=N_("岗位"))
    with change(actor, "people.grant", now=now, place_code=post.place_code) as c:
        account = Account.objects.select_for_update().get(pk=account_id)
        if rules.classes_clash(account.account_class, [post.kind]):
            label = AccountClass(account.account_class).label
            raise AdministratorsSeparate(account=account.display_name, account_class=label, post=post.name)
        if _overlapping(account_id, post_id, since, valid_to):
            raise AlreadyHeld(account=account.display_name, post=post.name)
        holding = PostHolding.objects.create(
            account=account,
            post=post,
            account_class=account.account_class,
            place_code=post.place_code,
            valid_from=since,
            valid_to=valid_to,
            granted_by=actor.account_id if actor.kind == "person" else None,
            created_at=now,
        )
        _bump(account, now)
        c.subject = holding
        c.facts.update(account=account.username, post=post.name, kind=post.kind)
        c.announce(AccountChanged(subject_id=account.id, place_code=account.place_code, at=now))
    return holding


def _overlapping(account_id: UUID, post_id: UUID, since: datetime, until: datetime | None) -> bool:
    held = PostHolding.objects.filter(account_id=account_id, post_id=post_id).exclude(valid_to__lte=since)
    return (held.filter(valid_from__lt=until) if until else held).exists()


def revoke_post(holding_id: UUID, *, actor: Actor, now: datetime, reason: str = "") -> PostHolding:
    """End a holding now; whoever acts in it acts no longer at the next request. Raises :class:`HoldingOver`, ``NotFound``."""
    holding = PostHolding.objects.filter(pk=holding_id).select_related("account", "post").first()
    if holding is None:
        raise NotFound(what=N_("任职"))
    if holding.account_id == actor.account_id:
        raise NotToYourself(action=rules.ACTIONS["people.grant"])
    if holding.valid_to is not None and holding.valid_to <= now:
        raise HoldingOver(until=f"{holding.valid_to:%Y-%m-%d %H:%M}")
    with change(actor, "people.grant", now=now, record=holding) as c:
        holding.valid_from = min(holding.valid_from, now)
        holding.valid_to = now
        holding.save(update_fields=["valid_from", "valid_to"])
        _bump(holding.account, now)
        c.facts.update(account=holding.account.username, post=holding.post.name, reason=reason)
        c.announce(AccountChanged(subject_id=holding.account_id, place_code=holding.account.place_code, at=now))
        c.announce(SessionsEnded(subject_id=holding.account_id, place_code=holding.account.place_code, at=now))
    return holding


def _account(account_id: UUID) -> Account:
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound(what=N_("账号"))
    return account


def _bump(account: Account, now: datetime) -> None:
    Account.objects.filter(pk=account.pk).update(version=account.version + 1, updated_at=now)
