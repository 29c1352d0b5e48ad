from types import ModuleType

import pytest
from tests.accounts import actor_of, client_of, make_account

from anlan.ground.enterprises.models import Enterprise


class Works:
    """A chemical works, its manager and principal, and the bureau."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        self.enterprise = Enterprise.objects.create(
            uscc="91370102MA00000A0X", name="示范化工有限公司", place_code="370102", sector_code="S26"
        )
        own = {"enterprise_id": self.enterprise.pk}
        self.accounts = {
            "manager": make_account("manager", "enterprise_manager", "370102", **own),
            "principal": make_account("principal", "enterprise_principal", "370102", **own),
            "inspector": make_account("inspector", "inspector", "370102"),
            "neighbour": make_account("neighbour", "inspector", "370103"),
        }

    def by(self, name: str) -> dict[str, object]:
        """The arguments of every verb."""
        return {"actor": actor_of(self.accounts[name]), "now": self.clock.now()}

    def browser(self, name: str):
        """A browser in which somebody is signed in."""
        return client_of(self.accounts[name])


@pytest.fixture
def works(db, clock) -> Works:
    return Works(clock)
