"""Accounts: made and mended by the system administrator, locked and unlocked by the security administrator."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from uuid import UUID

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from anlan.ground.people import queries, rules
from anlan.ground.people.events import AccountChanged
from anlan.ground.people.models import Account, AccountClass, AccountState, PasswordRecord
from anlan.ground.people.refusals import (
    NotToYourself,
    StateHeldByOther,
    UsernameMalformed,
    UsernameTaken,
    WeakPassword,
    WrongPassword,
)
from anlan.ground.people.services.sessions import end_sessions
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import level_of
from anlan.kernel.words import N_
from anlan.ledger import audit
from anlan.ledger.changes import Change, change

_COMMON = CommonPasswordValidator()
PROFILE = ("display_name", "phone", "email", "title")


def check_password_allowed(password: str, username: str, *, account: Account | None = None, now: datetime) -> None:
    """Judge a new password by the policy in force, Django's list of common ones and the account's last ones.

    Raises :class:`WeakPassword` with every fault (GB/T 22239-2019 8.1.4.1 a).
    """
    policy = queries.policy(now)
    faults = list(rules.password_faults(password, username, policy))
    try:
        _COMMON.validate(password)
    except ValidationError:
        faults.append("common")
    if account is not None and any(check_password(password, old) for old in _last_passwords(account, policy.password_history)):
        faults.append("used")
    if faults:
        raise WeakPassword(
            faults=faults,
            length=policy.password_min_length,
            classes=policy.password_character_classes,
            history=policy.password_history,
        )


def _last_passwords(account: Account, count: int) -> list[str]:
    kept = list(account.password_records.order_by("-set_at").values_list("password", flat=True)[:count])
    return kept if account.password in kept or not account.has_usable_password() or not count else [account.password, *kept]


def _store_password(account: Account, password: str, *, must_change: bool, now: datetime) -> None:
    account.password = make_password(password)
    account.password_changed_at = now
    account.must_change_password = must_change
    account.updated_at = now
    account.save(update_fields=["password", "password_changed_at", "must_change_password", "updated_at"])
    PasswordRecord.objects.create(account=account, password=account.password, set_at=now)


def create_account(
    username: str,
    display_name: str,
    place_code: str,
    *,
    account_class: str = AccountClass.ORDINARY,
    phone: str = "",
    email: str = "",
    title: str = "",
    organisation_id: UUID | None = None,
    password: str | None = None,
    must_change_password: bool = True,
    actor: Actor,
    now: datetime,
) -> Account:
    """Make an account at ``place_code``; it may do nothing until the security administrator gives it a post.

    Without ``password`` it cannot sign in until one is set. Raises :class:`UsernameMalformed`, :class:`UsernameTaken`,
    :class:`WeakPassword`, ``MalformedPlaceCode``, ``NotPermitted``.
    """
    username = username.strip().lower()
    if not rules.USERNAME.fullmatch(username):
        raise UsernameMalformed
    level_of(place_code)
    if password is not None:
        check_password_allowed(password, username, now=now)
    with change(actor, "people.create", now=now, place_code=place_code) as c:
        if Account.objects.filter(username=username).exists():
            raise UsernameTaken(username=username)
        account = Account.objects.create(
            username=username,
            display_name=display_name.strip() or username,
            place_code=place_code,
            account_class=account_class,
            phone=phone.strip(),
            email=email.strip(),
            title=title.strip(),
            organisation_id=organisation_id,
            password=make_password(None),
            created_at=now,
            updated_at=now,
        )
        if password is not None:
            _store_password(account, password, must_change=must_change_password, now=now)
        c.subject = account
        _tell(c, account)
    return account


def change_account(account_id: UUID, *, actor: Actor, now: datetime, **values: object) -> Account:
    """Change name, phone, e-mail, title, organisation or place of an account (``values`` by field name)."""
    account = _found(account_id)
    with change(actor, "people.change", now=now, record=account) as c:
        for name in (*PROFILE, "organisation_id", "place_code"):
            if name in values:
                setattr(account, name, values[name])
        level_of(account.place_code)
        account.updated_at = now
        account.save()
        _tell(c, account)
    return account


def change_profile(*, language: str, theme: str, phone: str, email: str, actor: Actor, now: datetime) -> Account:
    """Change what a person may decide about himself: language, theme, telephone, e-mail."""
    account = _found(actor.account_id)
    with change(actor, "own.change_profile", now=now, record=account):
        account.language, account.theme, account.phone, account.email = language, theme, phone.strip(), email.strip()
        account.updated_at = now
        account.save(update_fields=["language", "theme", "phone", "email", "updated_at"])
    return account


def change_own_password(current: str, new: str, *, keep_session: UUID | None = None, actor: Actor, now: datetime) -> None:
    """Change the own password; all other sessions end. Raises :class:`WrongPassword`, :class:`WeakPassword`."""
    account = _found(actor.account_id)
    if not account.check_password(current):
        raise WrongPassword
    check_password_allowed(new, account.username, account=account, now=now)
    with change(actor, "own.change_password", now=now, record=account) as c:
        _store_password(account, new, must_change=False, now=now)
        end_sessions(queries.running_sessions(account.id).exclude(pk=keep_session), "password", now, c)


def reset_password(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> str:
    """Give an account a random password that must be changed at the next sign-in, and return it, shown this once."""
    account = _other(account_id, actor, "people.reset_password")
    password = random_password()
    with change(actor, "people.reset_password", now=now, record=account) as c:
        _store_password(account, password, must_change=True, now=now)
        end_sessions(queries.running_sessions(account.id), "password", now, c)
        c.facts["reason"] = reason
        _tell(c, account)
    return password


def random_password() -> str:
    """Sixteen letters and digits in groups of four, without letters that look alike; about 92 random bits."""
    alphabet = string.ascii_letters.translate(str.maketrans("", "", "lIO")) + "23456789"
    while True:
        password = "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
        if rules.character_classes(password) == 4:
            return password


def lock_account(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> Account:
    """Lock an account: it cannot sign in and its running sessions end at once. By the security administrator."""
    return _set_state(account_id, AccountState.LOCKED, "people.lock", actor, now, reason)


def unlock_account(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> Account:
    """Unlock an account, and lift any lock-out after failed sign-ins. By the security administrator."""
    account = _set_state(account_id, AccountState.ACTIVE, "people.lock", actor, now, reason)
    AxesProxyHandler.reset_attempts(username=account.username)
    return account


def disable_account(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> Account:
    """Take an account out of use; its sessions end at once. By the system administrator."""
    return _set_state(account_id, AccountState.DISABLED, "people.change", actor, now, reason)


def enable_account(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> Account:
    """Bring a disabled account back into use. By the system administrator."""
    return _set_state(account_id, AccountState.ACTIVE, "people.change", actor, now, reason)


_LEAVES = {"people.lock": {AccountState.ACTIVE, AccountState.LOCKED}, "people.change": {AccountState.ACTIVE, AccountState.DISABLED}}
"""States between which each administrator moves an account: one cannot undo what the other has done."""


def _set_state(account_id: UUID, state: AccountState, action: str, actor: Actor, now: datetime, reason: str) -> Account:
    account = _other(account_id, actor, action)
    if account.state not in _LEAVES[action]:
        who = rules.KINDS["system_admin" if account.state == AccountState.DISABLED else "security_admin"].label
        raise StateHeldByOther(state=AccountState(account.state).label, who=who)
    with change(actor, action, now=now, record=account) as c:
        account.state = state
        account.updated_at = now
        account.save(update_fields=["state", "updated_at"])
        if state != AccountState.ACTIVE:
            end_sessions(queries.running_sessions(account.id), "locked", now, c)
        c.facts["reason"] = reason
        _tell(c, account)
    return account


def note_sign_in_refused(username: str, why: str, *, now: datetime) -> None:
    """Write a failed sign-in to the audit log: the name as typed, never the password. ``why``: ``refused``, ``locked``, ``code``."""
    account = Account.objects.filter(username=username.lower()).first()
    with transaction.atomic():
        audit.append(
            actor=system_actor("sign-in"),
            action="own.sign_in",
            subject_type="people.account",
            subject_id=account.pk if account else "",
            place_code=account.place_code if account else "",
            content={"changed": {}, "facts": {"outcome": why, "username": username[:64]}},
            at=now,
        )


def _found(account_id: UUID) -> Account:
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound(what=N_("账号"))
    return account


def _other(account_id: UUID, actor: Actor, action: str) -> Account:
    """The account, which must not be the actor's own. Raises :class:`NotToYourself`."""
    if account_id == actor.account_id:
        raise NotToYourself(action=rules.ACTIONS[action])
    return _found(account_id)


def _tell(c: Change, account: Account) -> None:
    c.announce(AccountChanged(subject_id=account.id, place_code=account.place_code, at=c.now))
