"""A chemical works with its people and the bureaus above it, for the tests of hidden dangers."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from types import ModuleType

from tests.accounts import actor_of, make_account

from anlan.desk.models import Notification
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.organisations.models import Organisation
from anlan.kernel.access import Actor
from anlan.kernel.levels import level_of
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import Clock, ClockState
from anlan.prevent.dangers import rules, services, sweeping
from anlan.prevent.dangers.models import Danger

COUNTY, CITY, PROVINCE = "370102", "370100", "370000"
CRITERION = "hazchem_2017-4"
PLAN = {name: f"{label}：已落实" for name, label in rules.PLAN_PARTS.items()}


class Picture(io.BytesIO):
    """The bytes of a photograph as a browser sends it; another colour is another picture."""

    def __init__(self, colour: tuple[int, int, int] = (200, 30, 30), name: str = "现场.jpg") -> None:
        super().__init__(b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(colour) * 20 + b"\xff\xd9")
        self.name = name


class Works:
    """The works, the posts that act, and the clock."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        self.enterprise = Enterprise.objects.create(
            uscc="91370102MA00000A0X", name="示范化工有限公司", place_code=COUNTY, sector_code="S26", longitude=117.05, latitude=36.66,
        )  # fmt: skip
        for code, name in ((COUNTY, "历下区应急管理局"), (CITY, "济南市应急管理局"), (PROVINCE, "山东省应急管理厅")):
            Organisation.objects.create(name=name, kind="emergency_bureau", level=int(level_of(code)), place_code=code, state="active")
        own = {"enterprise_id": self.enterprise.pk}
        self.accounts = {
            name: make_account(name, kind, place, **more)
            for name, kind, place, more in (
                ("operator", "enterprise_operator", COUNTY, own),
                ("shift", "enterprise_shift_leader", COUNTY, own),
                ("manager", "enterprise_manager", COUNTY, own),
                ("principal", "enterprise_principal", COUNTY, own),
                ("inspector", "inspector", COUNTY, {}),
                ("colleague", "inspector", COUNTY, {}),
                ("city", "inspector", CITY, {}),
                ("city2", "inspector", CITY, {}),
                ("province", "inspector", PROVINCE, {}),
                ("neighbour", "inspector", "370103", {}),
            )
        }

    def actor(self, name: str) -> Actor:
        """Who acts under this name."""
        return actor_of(self.accounts[name])

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.clock.now()

    def by(self, name: str) -> dict[str, object]:
        """The arguments of every verb."""
        return {"actor": self.actor(name), "now": self.now}

    def found(self, by: str = "inspector", **values: object) -> Danger:
        """A danger as it was registered."""
        told = {
            "enterprise_id": self.enterprise.pk,
            "title": "储罐区紧急停车系统未投用",
            "location": "3#储罐",
            "source": rules.INSPECTION,
            "found_at": self.now,
        }
        return services.report(**(told | values), **self.by(by))

    def graded(self, grade: str = rules.MAJOR, by: str = "inspector", **values: object) -> Danger:
        """A danger that was graded."""
        danger = self.found(by, **values)
        return services.grade(danger.pk, grade=grade, criterion=CRITERION if grade == rules.MAJOR else "", **self.by(by))

    def ordered(self, grade: str = rules.MAJOR, by: str = "inspector", days: float = 10, **values: object) -> Danger:
        """A danger whose removal was ordered."""
        danger = self.graded(grade, by, **values)
        return services.order(
            danger.pk,
            order_text="恢复投用并联锁",
            order_basis="安全生产法第四十一条",
            deadline=self.now + timedelta(days=days),
            **self.by(by),
        )

    def working(self, grade: str = rules.MAJOR, by: str = "inspector", days: float = 10, **values: object) -> Danger:
        """A danger on which work has begun."""
        danger = self.ordered(grade, by, days, **values)
        return services.start(
            danger.pk,
            responsible_name="王强",
            measures="更换控制器",
            funds_yuan=80000,
            contingency="停车撤人",
            plan=PLAN,
            **self.by("manager"),
        )

    def removed(self, grade: str = rules.MAJOR, by: str = "inspector", days: float = 10, **values: object) -> Danger:
        """A danger that the enterprise says it removed."""
        danger = self.working(grade, by, days, **values)
        self.photograph(danger)
        return services.rectify(danger.pk, outcome="控制器已更换，联锁试验合格", **self.by("manager"))

    def photograph(self, danger: Danger, colour: tuple[int, int, int] = (30, 200, 30), by: str = "manager") -> None:
        """A picture after removal."""
        round_ = services.open_round(danger.pk, **self.by(by))
        kept, refused = services.add_pictures(round_, [Picture(colour)], **self.by(by))
        assert (kept, refused) == (1, ())

    def pass_time(self, **span: float) -> None:
        """Let time pass, with the sweep that would have run."""
        self.clock.advance(**span)
        while sweeping.sweep(self.clock.now()):
            pass
        deliver_pending()

    def told(self, event: str) -> set[str]:
        """Who was told of one kind of event so far."""
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}

    @staticmethod
    def clocks(danger: Danger, state: str = ClockState.RUNNING) -> set[str]:
        """Clocks of a danger in a state."""
        return set(Clock.objects.filter(subject_id=danger.pk, state=state).values_list("rule_code", flat=True))
