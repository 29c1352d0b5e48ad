"""Which other system asks: an interface key by ``Bearer`` or HTTP Basic, with a brake on guessing and on the rate of requests."""

from __future__ import annotations

from django.http import HttpRequest

from anlan.desk.braking import Brake
from anlan.ground.people import keyrules, queries, services
from anlan.ground.people.models import InterfaceKey
from anlan.ground.people.refusals import KeyGuesses, KeyRefused, KeyTooFast
from anlan.kernel import clock
from anlan.kernel.access import Actor

GUESSES_A_MINUTE = 10
"""Wrong secrets for one name from one address. Project default."""

guesses = Brake(GUESSES_A_MINUTE, GUESSES_A_MINUTE)
requests = Brake(1, 1)


def by_key(request: HttpRequest) -> Actor | None:
    """Who reads by the request's interface key; ``None`` when it carries none.

    Raises :class:`KeyRefused`, ``KeyOver``, :class:`KeyGuesses`, :class:`KeyTooFast`.
    """
    told = keyrules.told(request.headers.get("Authorization", ""))
    if told is None:
        return None
    username, secret = told
    address = str(request.META.get("REMOTE_ADDR", ""))[:45]
    guesser = f"{address} {username[:64]}"
    if not guesses.takes(guesser, 0):
        raise KeyGuesses
    key = InterfaceKey.objects.filter(username=username[:16]).select_related("account", "post").first()
    if key is None or not keyrules.matches(key.username, secret, bytes(key.digest)):
        guesses.takes(guesser)
        raise KeyRefused
    now = clock.now()
    actor = services.key_actor(key, now)
    limit = queries.policy(now).interface_key_requests
    requests.set_pace(limit, limit / 3)
    if not requests.takes(username):
        raise KeyTooFast(limit=limit)
    services.touch_key(key, address, now)
    return actor
