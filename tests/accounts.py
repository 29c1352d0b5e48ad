"""Accounts for tests: somebody who holds a post, and a browser in which he is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from anlan.ground.people import queries, rules, services
from anlan.ground.people.models import Account, PostHolding
from anlan.kernel import clock
from anlan.kernel.access import Actor, system_actor

PASSWORD = "Bright-River-2026"
_hashed = cache(make_password)
"""Hashing is slow by design; once is enough for tests."""
LOADER = system_actor("tests")


def make_account(
    username: str,
    kind: str | None = None,
    place_code: str = "370102",
    *,
    enterprise_id: UUID | None = None,
    account_class: str | None = None,
    password: str | None = PASSWORD,
    now: datetime | None = None,
) -> Account:
    """An account, holding a post of ``kind`` at ``place_code`` since a day ago; it owes no step but the second factor."""
    moment = now or clock.now()
    wanted = account_class or (rules.KINDS[kind].account_class if kind else "ordinary")
    account = services.create_account(
        username,
        username.title(),
        place_code,
        account_class=wanted,
        actor=LOADER,
        now=moment,
    )
    if password is not None:
        account.password, account.password_changed_at, account.must_change_password = _hashed(password), moment, False
        account.save()
    if kind:
        give_post(account, kind, place_code, enterprise_id=enterprise_id, now=moment)
    return account


def give_post(
    account: Account, kind: str, place_code: str, *, enterprise_id: UUID | None = None, now: datetime | None = None
) -> PostHolding:
    """Let ``account`` hold a post since a day ago."""
    moment = now or clock.now()
    post = services.ensure_post(kind, place_code, enterprise_id=enterprise_id, actor=LOADER, now=moment)
    return services.assign_post(account.id, post.id, valid_from=moment - timedelta(days=1), actor=LOADER, now=moment)


def actor_of(account: Account) -> Actor:
    """The actor of an account at its longest held post."""
    held = queries.holdings_of(account.id, clock.now())
    return queries.build_actor(Account.objects.get(pk=account.pk), held[0].post if held else None)


def client_of(account: Account, *, proof: str = "demo") -> Client:
    """A browser signed in as ``account``; with ``proof="demo"`` no second factor is owed."""
    store = SessionStore()
    store.create()
    person = queries.build_actor(account, None)
    services.open_session(
        account.id, str(store.session_key), proof=proof, address="127.0.0.1", browser="tests", actor=person, now=clock.now()
    )
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(store.session_key)
    return client


def client_for(kind: str, place_code: str = "370102", *, enterprise_id: UUID | None = None) -> Client:
    """A browser in which a fresh holder of a post of ``kind`` at ``place_code`` is signed in."""
    name = f"{kind.replace('_', '-')}-{place_code}"
    account = Account.objects.filter(username=name).first() or make_account(name, kind, place_code, enterprise_id=enterprise_id)
    return client_of(account)
