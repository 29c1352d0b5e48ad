"""A chemical plant with its people and a little register of risks, for the tests of two-fold prevention."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any

from django.test import Client
from tests.accounts import actor_of, client_of, make_account

from anlan.desk.models import Notification
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, system_actor
from anlan.ledger.events import deliver_pending
from anlan.prevent.risks import services
from anlan.prevent.risks.models import Measure, RiskEvent, RiskObject

COUNTY = "370102"
POINT = {"longitude": 117.0765, "latitude": 36.6665}
GRAVE = {"L": "3", "E": "6", "C": "40"}  # 720, major
LIGHT = {"L": "0.5", "E": "6", "C": "15"}  # 45, low
MEASURE = {
    "kind": "operation",
    "text": "卸车前检查软管和卡扣",
    "check_text": "软管在检验期内、无破损，卡扣锁紧",
    "period": "day",
    "level": "post",
}


class Plant:
    """The plant, the posts that act, and the clock."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        self.enterprise = self._enterprise("91370102MA00000A0X", "示范化工有限公司")
        self.other = self._enterprise("91370102MA0000001P", "另一化工有限公司")
        own = {"enterprise_id": self.enterprise.id}
        self.accounts = {
            name: make_account(name, kind, place, **more)
            for name, kind, place, more in (
                ("manager", "enterprise_manager", COUNTY, own),
                ("principal", "enterprise_principal", COUNTY, own),
                ("operator", "enterprise_operator", COUNTY, own),
                ("second", "enterprise_operator", COUNTY, own),
                ("shift", "enterprise_shift_leader", COUNTY, own),
                ("rival", "enterprise_manager", COUNTY, {"enterprise_id": self.other.id}),
                ("inspector", "inspector", COUNTY, {}),
                ("neighbour", "inspector", "370103", {}),
            )
        }

    def _enterprise(self, uscc: str, name: str) -> enterprises.EnterpriseSummary:
        facts = {"uscc": enterprises.complete_credit_code(uscc[:-1]), "name": name, "place_code": COUNTY, **POINT}
        return enterprises.register_enterprise(**facts, actor=system_actor("tests"), now=self.clock.now())

    def actor(self, name: str) -> Actor:
        """Who acts under this name."""
        return actor_of(self.accounts[name])

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.clock.now()

    def by(self, name: str = "manager") -> dict[str, Any]:
        """The arguments of every verb."""
        return {"actor": self.actor(name), "now": self.now}

    def browser(self, name: str) -> Client:
        """A browser in which somebody is signed in."""
        return client_of(self.accounts[name])

    def object(self, code: str = "D-01", by: str = "manager", **facts: Any) -> RiskObject:
        """An object as it is registered."""
        return services.register_object(self.enterprise.id, **({"code": code, "name": "液氯储罐区"} | facts), **self.by(by))

    def event(self, title: str = "卸车软管脱落，氯气泄漏", factors: Any = GRAVE, level: str = "company", **facts: Any) -> RiskEvent:
        """An event of a new object, assessed by LEC."""
        thing = self.object(**facts)
        unit = services.add_unit(thing.pk, code="1", name="液氯卸车", **self.by())
        return services.add_event(unit.pk, title=title, method="lec", factors=factors, level=level, **self.by())

    def measure(self, event: RiskEvent | None = None, by: str = "manager", **facts: Any) -> Measure:
        """A measure of an event (of a new one where none is given)."""
        return services.add_measure((event or self.event()).pk, **(MEASURE | facts), **self.by(by))

    def told(self, event: str) -> set[str]:
        """Who was told of one kind of event so far."""
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}
