"""Two works that hold chlorine, their people and bureaus, for the tests of the ledger of chemicals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

from django.test import Client
from tests.accounts import actor_of, client_of, make_account

from anlan.desk.models import Notification
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor, system_actor
from anlan.ledger.events import deliver_pending
from anlan.prevent.holdings import loading, recording, registering
from anlan.prevent.holdings.loading import Freight
from anlan.prevent.holdings.models import Holding, Load, Movement
from anlan.prevent.holdings.recording import Entry

COUNTY, BESIDE = "370102", "370103"
POINT, THERE = {"longitude": 117.0765, "latitude": 36.6665}, {"longitude": 116.99, "latitude": 36.655}


class Works:
    """A works with two places for chlorine, one pointing to a hazard source of 60 t, another works in the county beside, and who acts."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        system = {"actor": system_actor("tests"), "now": clock.now()}
        self.own = self._enterprise("91370102MA00000A0", "示范化工有限公司", COUNTY, POINT)
        self.other = self._enterprise("91370103MA0000001", "邻县水厂", BESIDE, THERE)
        self.source = risksources.register_risk_source(
            self.own.id,
            code="V-1",
            name="液氯库",
            kind="warehouse",
            substance_name="氯",
            attributes={"floor_area": 400, "fire_class": "b"},
            design_max_t=60,
            principal_name="王安",
            technical_name="李平",
            operation_name="赵稳",
            **POINT,
            **system,
        )
        self.accounts = {
            name: make_account(name, kind, place, **more)
            for name, kind, place, more in (
                ("manager", "enterprise_manager", COUNTY, {"enterprise_id": self.own.id}),
                ("operator", "enterprise_operator", COUNTY, {"enterprise_id": self.own.id}),
                ("receiver", "enterprise_manager", BESIDE, {"enterprise_id": self.other.id}),
                ("inspector", "inspector", COUNTY, {}),
                ("neighbour", "inspector", BESIDE, {}),
                ("duty", "duty_officer", "370104", {}),
            )
        }
        paper = {"chemical": "chlorine", "business": "use", "phone": "0531-00000000"}
        self.chlorine = registering.register_product(self.own.id, name="液氯", specification="99.6%", **paper, **system)
        self.theirs = registering.register_product(self.other.id, name="氯气", **paper, **system)
        self.tank = registering.register_store(self.own.id, code="T1", name="1#罐", kind="tank", source_id=self.source.id, **system)
        self.shed = registering.register_store(self.own.id, code="S1", name="气瓶间", kind="cylinders", **system)
        self.plant = registering.register_store(self.other.id, code="A", name="加氯间", kind="process", **system)

    def _enterprise(self, number: str, name: str, place: str, point: dict[str, float]) -> enterprises.EnterpriseSummary:
        uscc = enterprises.complete_credit_code(number)
        return enterprises.register_enterprise(
            uscc=uscc, name=name, place_code=place, **point, actor=system_actor("tests"), now=self.clock.now()
        )

    def actor(self, name: str) -> Actor:
        """Who acts under this name."""
        return actor_of(self.accounts[name])

    def by(self, name: str = "manager") -> dict[str, Any]:
        """The arguments of every verb."""
        return {"actor": self.actor(name), "now": self.clock.now()}

    def browser(self, name: str = "manager") -> Client:
        """A browser in which somebody is signed in."""
        return client_of(self.accounts[name])

    def entry(self, kind: str, quantity: object, *, hours: float = 1, store: Any = None, **more: Any) -> Entry:
        """A movement of chlorine ``hours`` ago."""
        values = {"product_id": self.chlorine.pk, "store_id": (store or self.tank).pk, "unit": "t", **more}
        return Entry(kind=kind, quantity=quantity, at=self.clock.now() - timedelta(hours=hours), **values)

    def record(self, kind: str, quantity: object, *, by: str = "manager", **more: Any) -> Movement:
        """A movement, written down."""
        return recording.record(self.own.id, self.entry(kind, quantity, **more), **self.by(by))[0]

    def send(self, quantity: object = 5, *, hours: float = 1, to: bool = True, lasts: float = 3, **more: Any) -> Load:
        """A load of chlorine that left ``hours`` ago and should be there after ``lasts`` hours: to the other works, or to somebody unknown."""
        entry = self.entry("sent", quantity, hours=hours)
        told: dict[str, Any] = {"receiver_id": self.other.id} if to else {"receiver_name": "外省用户"}
        freight = Freight(plate="鲁a12345", driver="孙师傅", expected_at=entry.at + timedelta(hours=lasts), **told, **more)
        return loading.send(self.own.id, entry, freight, **self.by())[0]

    def arrival(self, quantity: object) -> Entry:
        """What the other works signs for now."""
        return Entry(kind="received", product_id=self.theirs.pk, store_id=self.plant.pk, at=self.clock.now(), quantity=quantity, unit="t")

    def tonnes(self, store: Any = None) -> Decimal:
        """What a place holds of chlorine now."""
        held = Holding.objects.filter(store=store or self.tank).first()
        return held.mass_kg / 1000 if held is not None else Decimal(0)

    def told(self, event: str) -> set[str]:
        """Who was told of one kind of event so far."""
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}
