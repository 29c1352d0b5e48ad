from datetime import UTC, datetime
from types import ModuleType

import pytest
from tests.accounts import actor_of, make_account

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, system_actor


class Site:
    """An enterprise of industry and trade, its manager, an inspector and his neighbour."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        self.enterprise = Enterprise.objects.create(
            uscc="91370102MA00000A0X", name="示范工贸有限公司", place_code="370102", sector_code="S28", industry_code="C3311"
        )
        self.accounts = {
            "manager": make_account("manager", "enterprise_manager", "370102", enterprise_id=self.enterprise.pk),
            "inspector": make_account("inspector", "inspector", "370102"),
            "neighbour": make_account("neighbour", "inspector", "370103"),
            "officer": make_account("officer", "duty_officer", "370102"),
        }

    def by(self, name: str = "") -> dict[str, object]:
        """The arguments of every verb; without a name, the operator's command."""
        who: Actor = actor_of(self.accounts[name]) if name else system_actor("anlan pack load")
        return {"actor": who, "now": self.clock.now()}


LOADED = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def site(db, clock) -> Site:
    clock.set(LOADED)
    return Site(clock)
