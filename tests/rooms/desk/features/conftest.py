"""Other systems on both sides of a county line: records of every kind here and there, and a key that reads here."""

import base64
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from tests.accounts import actor_of, make_account
from tests.stories.walls import HERE, OURS, THEIRS, THERE, build

from anlan.desk.braking import Brake
from anlan.ground.people import keyring, queries, services
from anlan.kernel import clock as kernel_clock

LOOK = (
    "places.view",
    "map.view",
    "enterprises.view",
    "devices.view",
    "alarms.view",
    "organisations.view",
    "filings.view",
    "judgement.view",
)


@pytest.fixture(autouse=True)
def fresh_brakes(monkeypatch):
    monkeypatch.setattr(keyring, "guesses", Brake(keyring.GUESSES_A_MINUTE, keyring.GUESSES_A_MINUTE))
    monkeypatch.setattr(keyring, "requests", Brake(1, 400))


def issue(place_code=HERE, actions=LOOK, kind="duty_officer", days=30, name="other-system", **more):
    """A key that reads as a post of ``kind`` at ``place_code``, and what is needed to ask by it."""
    now = kernel_clock.now()
    security = make_account(f"{name}-security", "security_admin", place_code)
    account = make_account(name, kind, place_code)
    (holding,) = queries.holdings_of(account.id, now)
    issued = services.issue_key(
        holding.id, label="县级大屏", actions=actions, expires_at=now + timedelta(days=days), actor=actor_of(security), now=now, **more
    )
    told = base64.b64encode(f"{issued.key.username}:{issued.secret}".encode()).decode()
    return SimpleNamespace(
        key=issued.key,
        secret=issued.secret,
        account=account,
        security=actor_of(security),
        holding=holding,
        basic={"Authorization": f"Basic {told}"},
        bearer={"Authorization": f"Bearer {issued.key.username}.{issued.secret}"},
        client=Client(headers={"Authorization": f"Basic {told}"}),
    )


@pytest.fixture
def sides(jinan_places, clock):
    return build(HERE, OURS), build(THERE, THEIRS)


@pytest.fixture
def key(db, clock):
    return issue()
