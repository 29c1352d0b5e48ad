"""A chemical plant with its people and the bureau above it, for the tests of special works. The clock begins on a working morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import ModuleType

from tests.accounts import PASSWORD, actor_of, make_account

from anlan.desk.models import Notification
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.ledger.events import deliver_pending
from anlan.prevent.permits import commitment, committing, queries, rules, services, signing, sweeping, working
from anlan.prevent.permits.models import Permit, Work
from anlan.prevent.permits.rules import CHINA

COUNTY = "370102"
CLEAN = {"combustible": 0.05, "lel": 5.0, "oxygen": 20.8}
SIGNATURE = {
    "password": PASSWORD,
    "leader_name": "李强",
    "supervisor_name": "赵敏",
    "briefed_by_name": "孙立",
    "briefed_to_name": "李强",
}


class Plant:
    """The plant, the posts that act, and the clock."""

    def __init__(self, clock: ModuleType) -> None:
        self.clock = clock
        clock.set(datetime(2026, 6, 9, 9, 0, tzinfo=CHINA))
        self.enterprise = Enterprise.objects.create(
            uscc="91370102MA00000A0X", name="示范化工有限公司", place_code=COUNTY, sector_code="S26", state="operating",
            longitude=117.05, latitude=36.66,
        )  # fmt: skip
        own = {"enterprise_id": self.enterprise.pk}
        self.accounts = {
            name: make_account(name, kind, place, **more)
            for name, kind, place, more in (
                ("operator", "enterprise_operator", COUNTY, own),
                ("shift", "enterprise_shift_leader", COUNTY, own),
                ("manager", "enterprise_manager", COUNTY, own),
                ("principal", "enterprise_principal", COUNTY, own),
                ("inspector", "inspector", COUNTY, {}),
                ("neighbour", "inspector", "370103", {}),
            )
        }

    def actor(self, name: str) -> Actor:
        return actor_of(self.accounts[name])

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def by(self, name: str) -> dict[str, object]:
        return {"actor": self.actor(name), "now": self.now}

    def drafted(self, *kinds: str, by: str = "operator", hours: float = 6, **values: object) -> Work:
        """A work for which permits were asked."""
        told = {
            "enterprise_id": self.enterprise.pk,
            "title": "更换循环水管",
            "location": "二车间 2#反应釜",
            "kinds": list(kinds) or [rules.HOT_WORK],
            "applicant_unit": "二车间",
            "work_unit": "检修班",
            "hazards": "火灾、爆炸",
            "planned_from": self.now,
            "planned_until": self.now + timedelta(hours=hours),
            "facts": {"fire_area": True},
            "longitude": 117.05,
            "latitude": 36.66,
        }
        return services.draft(**(told | values), **self.by(by))

    def permit(self, *kinds: str, **values: object) -> Permit:
        """The first permit of a new work."""
        return queries.of_work(self.drafted(*kinds, **values).pk)[0]

    def confirmed(self, row: Permit, by: str = "shift") -> Permit:
        """The permit with every line of its form answered."""
        lines = queries.measures(row.kind, row.opened_at)
        answers = {line.number: rules.NOT_APPLICABLE if line.other else rules.YES for line in lines}
        return services.mark(row.pk, answers=answers, complete=True, **self.by(by))

    def sampled(self, row: Permit, by: str = "operator", **values: object) -> None:
        """One sample of the air, clean where nothing else is said."""
        services.record_gas(row.pk, **({"sampled_at": self.now} | CLEAN | values), **self.by(by))

    def approved(self, *kinds: str, by: str = "manager", **values: object) -> Permit:
        """A permit that was signed."""
        row = self.confirmed(self.permit(*kinds, **values))
        if queries.grade(row.grade_code).gas:
            self.sampled(row)
        return signing.approve(row.pk, **SIGNATURE, **self.by(by))

    def working(self, *kinds: str, **values: object) -> Permit:
        """A permit under which work goes on."""
        return working.start(self.approved(*kinds, **values).pk, **self.by("operator"))

    def read(self, row: Permit) -> Permit:
        """The permit as it is stored now."""
        return queries.permit(row.pk, None)

    def pass_time(self, **span: float) -> None:
        """Let time pass, with the sweeps that would have run."""
        self.clock.advance(**span)
        while sweeping.sweep(self.clock.now()):
            pass
        committing.sweep(self.clock.now())
        deliver_pending()

    def commit(self, by: str = "principal", reason: str = "", correct: bool = False, **values: object):
        """The commitment of the day."""
        told = {each.code: {"count": 0, "flag": False, "grade": 4}.get(each.kind) for each in queries.commitment_fields()}
        return committing.give(
            self.enterprise.pk,
            values={code: value for code, value in (told | values).items() if value is not None},
            statement="今日装置运行正常，风险受控。",
            reason=reason,
            correct=correct,
            **self.by(by),
        )

    def told(self, event: str) -> set[str]:
        """Who was told of one kind of event so far."""
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}


HOT_1 = commitment.PERMIT_COUNTS[1]
