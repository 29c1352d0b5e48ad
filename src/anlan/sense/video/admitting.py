"""Which analysis box sends: a device credential by HTTP Basic, with a brake on guessing and on the rate of events."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections import OrderedDict, deque

from django.http import HttpRequest
from django.utils import timezone

from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.levels import level_of
from anlan.sense.devices import door as devices
from anlan.sense.video import rules

GRANTED = ("video.take_in", "evidence.attach")
"""What a box may do, within the enterprise of its credential."""
_MINUTE = 60.0


class Window:
    """How often something happened in the last minute, by name; remembers at most ``most`` names. Its clock only runs forward."""

    def __init__(self, most: int = 10_000) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def wait(self, name: str, limit: int, *, count: bool = True) -> int:
        """0 when once more is within ``limit`` a minute (it then counts, if ``count``), else the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            times = self._times.pop(name, None) or deque()
            while times and now - times[0] >= _MINUTE:
                times.popleft()
            over = len(times) >= limit
            if not over and count:
                times.append(now)
            if times:
                self._times[name] = times
            if len(self._times) > self._most:
                self._times.popitem(last=False)
            return max(1, round(_MINUTE - (now - times[0]))) if over else 0


guesses, events = Window(), Window()


def by_credential(request: HttpRequest) -> Actor | None:
    """The box behind the request's Basic credential; ``None`` when it carries none. Raises ``CredentialRefused``, ``TooMany``."""
    scheme, _space, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, secret = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise rules.CredentialRefused from None
    if not colon:
        raise rules.CredentialRefused
    now = clock.now()
    limit = rules.figure("guesses_per_minute", timezone.localdate(now))
    guesser = f"{request.META.get('REMOTE_ADDR', '')[:45]} {username[:64]}"
    if wait := guesses.wait(guesser, limit, count=False):
        raise rules.TooMany(limit=limit, wait=wait)
    admitted = devices.admit(username, secret, now)
    if admitted is None:
        guesses.wait(guesser, limit)
        raise rules.CredentialRefused
    return actor_of(admitted)


def actor_of(admitted: devices.AdmittedCredential) -> Actor:
    """The actor that stands for a box: bound to the enterprise of its credential, audited under its user name."""
    credential = admitted.credential
    grants = tuple(Grant(action, "", credential.enterprise_id, Classification.SENSITIVE) for action in GRANTED)
    return Actor(
        account_id=credential.id,
        name=credential.username,
        post=credential.label or credential.username,
        level=level_of(admitted.place_code),
        place_code=admitted.place_code,
        enterprise_id=credential.enterprise_id,
        grants=grants,
        kind="machine",
    )


def check_rate(actor: Actor, amount: int) -> None:
    """Count ``amount`` events of a box. Raises ``TooMany``; then none of them is taken."""
    limit = rules.figure("events_per_minute", timezone.localdate(clock.now()))
    for _ in range(amount):
        if wait := events.wait(actor.name, limit):
            raise rules.TooMany(limit=limit, wait=wait)
