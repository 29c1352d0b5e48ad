"""A chemical plant with two tanks, its people and its bureau, for the tests of major hazard units."""

from __future__ import annotations

from types import ModuleType

from django.test import Client
from tests.accounts import actor_of, client_of, make_account

from anlan.desk.models import Notification
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations.models import Organisation
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.levels import level_of
from anlan.ledger.events import deliver_pending
from anlan.prevent.hazardsources import services
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Assessment, HazardUnit

COUNTY = "370102"
POINT = {"longitude": 117.0765, "latitude": 36.6665}
WORKED = [Line("氯", "7782-50-5", "10", "t"), Line("氨", "7664-41-7", "20", "t")]
ANSWERS = {"principal_name": "王安", "technical_name": "李平", "operation_name": "赵稳"}


class Plant:
    """The plant, the posts that act, and the clock."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        system = {"actor": system_actor("tests"), "now": clock.now()}
        self.enterprise = self._enterprise("91370102MA00000A0X", "示范化工有限公司")
        self.other = self._enterprise("91370102MA0000001P", "另一化工有限公司")
        Organisation.objects.create(
            name="历下区应急管理局", kind="emergency_bureau", level=int(level_of(COUNTY)), place_code=COUNTY, state="active"
        )
        self.tanks = [
            risksources.register_risk_source(
                self.enterprise.id,
                code=code,
                name=name,
                kind="warehouse",
                substance_name=substance,
                attributes={"floor_area": 400, "fire_class": "b"},
                design_max_t=tonnes,
                **POINT,
                **ANSWERS,
                **system,
            )
            for code, name, substance, tonnes in (("V-1", "液氯库", "氯", 10), ("V-2", "液氨库", "氨", 20))
        ]
        own = {"enterprise_id": self.enterprise.id}
        self.accounts = {
            name: make_account(name, kind, place, **more)
            for name, kind, place, more in (
                ("manager", "enterprise_manager", COUNTY, own),
                ("principal", "enterprise_principal", COUNTY, own),
                ("operator", "enterprise_operator", COUNTY, own),
                ("rival", "enterprise_manager", COUNTY, {"enterprise_id": self.other.id}),
                ("inspector", "inspector", COUNTY, {}),
                ("neighbour", "inspector", "370103", {}),
            )
        }

    def _enterprise(self, uscc: str, name: str) -> enterprises.EnterpriseSummary:
        number = uscc[:-1]
        return enterprises.register_enterprise(
            uscc=enterprises.complete_credit_code(number),
            name=name,
            place_code=COUNTY,
            **POINT,
            actor=system_actor("tests"),
            now=self.clock.now(),
        )

    def actor(self, name: str) -> Actor:
        """Who acts under this name."""
        return actor_of(self.accounts[name])

    def by(self, name: str) -> dict[str, object]:
        """The arguments of every verb."""
        return {"actor": self.actor(name), "now": self.clock.now()}

    def browser(self, name: str) -> Client:
        """A browser in which somebody is signed in."""
        return client_of(self.accounts[name])

    def unit(self, by: str = "manager", **values: object) -> HazardUnit:
        """A storage unit with both tanks."""
        told = {"code": "U-1", "name": "液氯液氨库区", "kind": "storage", "source_ids": [row.id for row in self.tanks]}
        return services.register_unit(self.enterprise.id, **(told | values), **self.by(by))

    def filled(self, lines: list[Line] = WORKED, **values: object) -> HazardUnit:
        """A unit with its inventory."""
        unit = self.unit(**values)
        services.write_inventory(unit.pk, lines, **self.by("manager"))
        return unit

    def assessed(self, people: int = 60, **values: object) -> tuple[HazardUnit, Assessment]:
        """A unit that was graded."""
        unit = self.filled(**values)
        return self.again(unit, people)

    def again(self, unit: HazardUnit, people: int = 60) -> tuple[HazardUnit, Assessment]:
        """One more assessment."""
        row = services.assess(unit.pk, assessor="注册安全工程师 孙工", people=people, **self.by("manager"))
        unit.refresh_from_db()
        return unit, row

    def told(self, event: str) -> set[str]:
        """Who was told of one kind of event so far."""
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}
