"""Second factors: time-based codes of RFC 6238 and one-time recovery codes."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import cache
from uuid import UUID

import pyotp
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from anlan.ground.people import queries, rules
from anlan.ground.people.models import Account, RecoveryCode
from anlan.ground.people.refusals import CodeRefused, FactorNeeded, FactorNotBegun, NotToYourself
from anlan.ground.people.services.sessions import end_sessions
from anlan.kernel.access import Actor
from anlan.ledger.changes import change

ISSUER = "Anlan 安澜"


@cache
def _cipher(secret_key: str) -> Fernet:
    """The cipher for secrets at rest, derived from the node's own key, so that a copied database alone gives no codes."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"anlan people second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def _sealed(secret: str) -> bytes:
    return _cipher(settings.SECRET_KEY).encrypt(secret.encode())


def _secret(account: Account) -> str:
    if account.totp_secret is None:
        raise FactorNotBegun
    return _cipher(settings.SECRET_KEY).decrypt(bytes(account.totp_secret)).decode()


def _own(actor: Actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def begin_factor(*, actor: Actor, now: datetime) -> str:
    """Give the own account a fresh secret, not yet in use, and return it in base32. An unconfirmed one is handed out again."""
    account = _own(actor)
    if account.has_second_factor:
        raise FactorNeeded(post=account.display_name)
    if account.totp_secret is not None:
        return _secret(account)
    with change(actor, "own.change_factor", now=now, record=account) as c:
        secret = rules.new_totp_secret()
        account.totp_secret = _sealed(secret)
        account.totp_last_step = 0
        account.save(update_fields=["totp_secret", "totp_last_step"])
        c.facts["step"] = "begun"
    return secret


def provisioning_uri(account_name: str, secret: str) -> str:
    """The ``otpauth://`` address that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=ISSUER)


def confirm_factor(code: str, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Take the factor into use after one right code; returns the recovery codes, shown this once.

    Raises :class:`CodeRefused`, :class:`FactorNotBegun`.
    """
    account = _own(actor)
    step = rules.accepted_step(_secret(account), code, now, account.totp_last_step)
    if step is None:
        raise CodeRefused
    with change(actor, "own.change_factor", now=now, record=account) as c:
        account.totp_confirmed_at = now
        account.totp_last_step = step
        account.save(update_fields=["totp_confirmed_at", "totp_last_step"])
        c.facts["step"] = "confirmed"
        return _fresh_recovery_codes(account, now)


def renew_recovery_codes(code: str, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Replace all recovery codes after one right code. Raises :class:`CodeRefused`."""
    account = _own(actor)
    with change(actor, "own.change_factor", now=now, record=account) as c:
        spend_code(account.id, code, now=now)
        c.facts["step"] = "recovery codes renewed"
        return _fresh_recovery_codes(account, now)


def _fresh_recovery_codes(account: Account, now: datetime) -> tuple[str, ...]:
    codes = tuple(rules.new_recovery_code() for _ in range(queries.policy(now).recovery_codes))
    account.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, code_hash=rules.recovery_code_hash(account.id, code)) for code in codes)
    return codes


def spend_code(account_id: UUID, code: str, *, now: datetime) -> str:
    """Check a second factor and spend it, so that it holds once only. Returns ``totp`` or ``recovery``.

    The caller audits the sign-in that this is part of. Raises :class:`CodeRefused`.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.has_second_factor:
            step = rules.accepted_step(_secret(account), code, now, account.totp_last_step)
            if step is not None:
                Account.objects.filter(pk=account_id).update(totp_last_step=step)
                return "totp"
            spent = account.recovery_codes.filter(code_hash=rules.recovery_code_hash(account_id, code), used_at__isnull=True)
            if spent.update(used_at=now):
                return "recovery"
    raise CodeRefused


def disable_factor(code: str, *, actor: Actor, now: datetime) -> None:
    """Stop using the own factor after one right code. Raises :class:`FactorNeeded` for a post that demands it."""
    demanding = queries.needs_factor(actor.account_id, now)
    if demanding is not None:
        raise FactorNeeded(post=demanding.post.name)
    account = _own(actor)
    with change(actor, "own.change_factor", now=now, record=account) as c:
        spend_code(account.id, code, now=now)
        _remove(account, now)
        c.facts["step"] = "disabled"


def reset_factor(account_id: UUID, *, actor: Actor, now: datetime, reason: str) -> None:
    """Remove somebody's lost factor; the sessions end and the next sign-in sets a new one where a post demands it.

    Passwords are reset by the system administrator, factors by the security administrator: neither alone takes over an account.
    """
    if account_id == actor.account_id:
        raise NotToYourself(action=rules.ACTIONS["people.reset_factor"])
    account = Account.objects.get(pk=account_id)
    with change(actor, "people.reset_factor", now=now, record=account) as c:
        _remove(account, now)
        end_sessions(queries.running_sessions(account_id), "factor", now, c)
        c.facts["reason"] = reason


def _remove(account: Account, now: datetime) -> None:
    account.totp_secret = None
    account.totp_confirmed_at = None
    account.totp_last_step = 0
    account.updated_at = now
    account.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step", "updated_at"])
    account.recovery_codes.all().delete()
