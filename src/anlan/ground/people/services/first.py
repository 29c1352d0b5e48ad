"""The first three administrators of a node: without them nobody could make an account or grant a post."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.ground.people import rules
from anlan.ground.people.models import Account
from anlan.ground.people.refusals import AdministratorsExist
from anlan.ground.people.services.accounts import create_account, random_password
from anlan.ground.people.services.posts import assign_post, ensure_post
from anlan.kernel.access import Actor

FIRST = {"system_admin": "sysadmin", "security_admin": "secadmin", "audit_admin": "auditadmin"}
"""User names of the first administrators by kind of post."""


def make_first_administrators(place_code: str, *, actor: Actor, now: datetime) -> dict[str, str]:
    """Make the three accounts at ``place_code`` and return their one-time passwords by user name, shown this once.

    Each must change its password and enrol a second factor at the first sign-in. Raises :class:`AdministratorsExist` when the node
    has an administrator of any class: afterwards only administrators make administrators.
    """
    with transaction.atomic():
        if Account.objects.filter(account_class__in=rules.ADMINISTRATORS).exists():
            raise AdministratorsExist
        passwords = {}
        for kind, username in FIRST.items():
            passwords[username] = random_password()
            account = create_account(
                username,
                rules.KINDS[kind].label,
                place_code,
                account_class=rules.KINDS[kind].account_class,
                password=passwords[username],
                actor=actor,
                now=now,
            )
            post = ensure_post(kind, place_code, actor=actor, now=now)
            assign_post(account.id, post.id, actor=actor, now=now)
    return passwords
