"""Who sends: a device credential by HTTP Basic, checked in constant time, with a brake on guessing and on the rate of requests."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from anlan.desk.braking import Brake
from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.levels import level_of
from anlan.sense.devices import door as devices
from anlan.sense.uplink.door import MACHINE
from anlan.sense.uplink.rules import GUESSES_A_MINUTE, REQUESTS_A_MINUTE, CredentialRefused, TooManyGuesses, TooManyRequests

GRANTED = ("uplink.send", "devices.view", "devices.register")
"""What a machine may do, within its own enterprise: send, read, and enter new equipment. It changes and stops nothing that is registered."""


guesses = Brake(GUESSES_A_MINUTE, GUESSES_A_MINUTE)
requests = Brake(REQUESTS_A_MINUTE, REQUESTS_A_MINUTE / 3)


def by_credential(request: HttpRequest) -> Actor | None:
    """The machine that the request's Basic credential names; ``None`` when it carries none.

    Raises ``CredentialRefused``, ``TooManyGuesses``, ``TooManyRequests``.
    """
    told = _basic(request.headers.get("Authorization", ""))
    if told is None:
        return None
    username, secret = told
    guesser = f"{request.META.get('REMOTE_ADDR', '')[:45]} {username[:64]}"
    if not guesses.takes(guesser, 0):
        raise TooManyGuesses()
    admitted = devices.admit(username, secret, clock.now())
    if admitted is None:
        guesses.takes(guesser)
        raise CredentialRefused()
    if not requests.takes(username):
        raise TooManyRequests(limit=REQUESTS_A_MINUTE)
    return actor_of(admitted)


def actor_of(admitted: devices.AdmittedCredential) -> Actor:
    """The actor that stands for a credential: bound to its enterprise, audited under its user name."""
    credential = admitted.credential
    grants = tuple(Grant(action, "", credential.enterprise_id, Classification.INTERNAL) for action in GRANTED)
    return Actor(
        account_id=credential.id,
        name=credential.username,
        post=credential.label or credential.username,
        level=level_of(admitted.place_code),
        place_code=admitted.place_code,
        enterprise_id=credential.enterprise_id,
        grants=grants,
        kind=MACHINE,
    )


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _space, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, secret = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise CredentialRefused() from None
    if not colon or not username:
        raise CredentialRefused()
    return username, secret
