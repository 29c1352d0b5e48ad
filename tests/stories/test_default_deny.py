"""Everything is denied by default: every address tried as nobody, and as every kind of post."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from django.test import Client
from tests.accounts import client_for
from tests.stories.walls import routes

from anlan.desk.guard import PUBLIC, SIGNED_IN, guard_of
from anlan.ground.people import rules
from anlan.kernel.ids import new_id

pytestmark = pytest.mark.django_db

_FILL = {"uuid": str(new_id()), "uuidstr": str(new_id()), "int": "1", "place": "370102", "slug": "x", "str": "x", "path": "x", "layer": "x"}


JSON = {"Accept": "application/json"}
"""Asks for refusals without the frame of a page, which is quicker to make."""


def address(route: str) -> str:
    """A real address for a route, its arguments filled with values of their kind; also for the few written as expressions."""
    filled = re.sub(r"\(\?P<\w+>\[0-9a-f-\]\{36\}\)", _FILL["uuid"], route.strip("^$"))
    filled = re.sub(r"\(\?P<\w+>(\w+)\|[^)]*\)", r"\1", filled)
    filled = re.sub(r"<(\w+):\w+>", lambda found: _FILL[found.group(1)], filled)
    return "/" + re.sub(r"<\w+>", "x", filled)


GUARDED = [(route, pattern) for route, pattern in routes() if guard_of(pattern.callback) != PUBLIC]


def test_nobody_gets_past_the_door_of_any_address_but_the_public_ones(clock: ModuleType) -> None:
    for route, _pattern in GUARDED:
        page = Client().get(address(route))
        assert page.status_code in {302, 401}, (route, page.status_code)
        assert page.status_code == 401 or page.url.startswith("/sign-in/"), (route, page.url)
        assert Client().post(address(route), headers=JSON).status_code == 401, route


def test_only_what_must_be_public_is(clock: ModuleType) -> None:
    public = {route for route, pattern in routes() if guard_of(pattern.callback) == PUBLIC}
    # Carriers push receipts under a signature of their own (tests/rooms/warn/channels); a node's card is what strangers are to compare, and
    # whoever asks to join signs that and waits for a person (tests/rooms/report/relays).
    allowed = re.compile(
        r"^(channels/receipts/<uuid:pk>/|relay/identity/|relay/join/|sign-in/.*|healthz|readyz|icon\.svg|favicon\.ico|offline-worker\.js|app/manifest\.webmanifest|language/|theme/|cap/.*|about/.*|static/.*|tiles/.*|join/.*|k/.*|c/.*)$"
    )
    assert {route for route in public if not allowed.match(route)} == set()


@pytest.mark.parametrize("kind", sorted(rules.KINDS))
def test_each_kind_of_post_is_refused_whatever_it_was_not_granted(kind: str, clock: ModuleType, quick_entry: None) -> None:
    client = client_for(kind, "370102", enterprise_id=new_id() if rules.KINDS[kind].of_enterprise else None)
    for route, pattern in GUARDED:
        needed = guard_of(pattern.callback)
        if needed == SIGNED_IN or rules.KINDS[kind].allows(str(needed)):
            continue
        # The guard decides before the view, so the method does not matter: what only takes POST is refused to GET alike.
        answer = client.get(address(route), headers=JSON)
        assert answer.status_code == 403, (kind, route, answer.status_code)


def test_an_account_without_a_post_reaches_only_itself(clock: ModuleType, quick_entry: None) -> None:
    from tests.accounts import client_of, make_account

    client = client_of(make_account("nobody.yet"))
    for route, pattern in GUARDED:
        if guard_of(pattern.callback) != SIGNED_IN:
            assert client.get(address(route), headers=JSON).status_code == 403, route
