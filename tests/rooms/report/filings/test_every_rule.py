"""Every rule of the two tables of reporting law, with events on both sides of each boundary: who owes whom, at which level, until when.

The tables themselves are read from the reference material where it lies beside the project, to prove that no row is forgotten here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from anlan.ledger.sources import CHINA
from anlan.report.filings import queries, rules
from anlan.report.filings.rules import Consequences, judge

DAY = date(2026, 11, 23)
T0 = datetime(2026, 11, 23, 2, 14, tzinfo=CHINA)
STEPS = queries.reporting_steps(DAY)
LEVELS, NEAR = queries.accident_levels(DAY), queries.near_misses(DAY)
TABLES = Path(__file__).parents[5] / "shared" / "domain" / "tables"


@dataclass(frozen=True)
class Event:
    """What happened: figures, kind, effect on the public, how it was learned of."""

    seen: dict[str, int] = field(default_factory=dict)
    kind: str = "hazchem_leak"
    impact: str = ""
    source: str = "page"

    @property
    def code(self) -> str:
        unknown = frozenset(name for name, value in self.seen.items() if value < 0)
        return judge(Consequences(**{k: v for k, v in self.seen.items() if v >= 0}, unknown=unknown), LEVELS, NEAR).reporting_code


def of(kind: str = "hazchem_leak", impact: str = "", source: str = "page", **seen: int) -> Event:
    return Event(seen, kind, impact, source)


# Events just below and just above each boundary of the levels, by the level they have.
ORDINARY = (of(deaths=1), of(deaths=2), of(serious_injured=1), of(serious_injured=9), of(direct_loss=1), of(direct_loss=9_999_999))
RATHER_SERIOUS = (
    of(deaths=3),
    of(deaths=9),
    of(serious_injured=10),
    of(serious_injured=49),
    of(direct_loss=10_000_000),
    of(direct_loss=49_999_999),
)
SERIOUS = (
    of(deaths=10),
    of(deaths=29),
    of(serious_injured=50),
    of(serious_injured=99),
    of(direct_loss=50_000_000),
    of(direct_loss=99_999_999),
)
GRAVEST = (of(deaths=30), of(serious_injured=100), of(direct_loss=100_000_000))
NEAR_MISS = (
    of(endangered=10),
    of(trapped=3),
    of(evacuated=500),
    of(serious_pollution=1),
    of(key_facility_threatened=1),
    of(other_near_miss=1),
)
NOTHING = (of(endangered=9), of(trapped=2), of(evacuated=499), of(injured=4))
UNKNOWN = (of(deaths=-1),)
DISASTER = (of("natural_disaster", deaths=5), of("natural_disaster"))
TIP, TIP_LESS = (of(source="tip"), of(source="tip", deaths=3)), (of(source="phone"), of(source="enterprise", deaths=1))
COAL, OTHER_MINE = (of("coal_mine", deaths=1), of("coal_mine", evacuated=500)), (of("mine", deaths=1), of("fire", deaths=1))
GREAT = (of(impact="S", injured=1), of(impact="S", deaths=1))
VILE = (of(impact="B", injured=1), of(impact="B", deaths=2))

ACCIDENTS = (*ORDINARY, *RATHER_SERIOUS, *SERIOUS, *GRAVEST)
OVER_ORDINARY, OVER_RATHER = (*RATHER_SERIOUS, *SERIOUS, *GRAVEST), (*SERIOUS, *GRAVEST)


@dataclass(frozen=True)
class Row:
    """One duty that carries some of the rules: by whom, to whom, for which events, not for which, until when."""

    carries: tuple[str, ...]
    code: str
    sender: str
    receiver: str
    owed: tuple[Event, ...]
    not_owed: tuple[Event, ...]
    minutes: int | None = None


HOUR, TWO_HOURS, DAY_MINUTES = 60, 120, 1440
REPORTED = (*ACCIDENTS, *NEAR_MISS, *UNKNOWN)
WALK = (
    Row(("R01",), "person_unit", "PERSON", "UNIT_HEAD", REPORTED, (*NOTHING, *DISASTER)),
    Row(("R02", "O21-01"), "enterprise_county", "ENTERPRISE", "COUNTY", REPORTED, (*NOTHING, *DISASTER), HOUR),
    Row(("O21-01",), "enterprise_mine_safety", "ENTERPRISE", "MINE_SAFETY", COAL, (*OTHER_MINE, of("coal_mine", evacuated=499)), HOUR),
    Row(("R03",), "person_county", "PERSON", "COUNTY", REPORTED, (*NOTHING, *DISASTER)),
    Row(("R04", "R05", "R06", "O21-04", "O21-05", "O21-06"), "county_city", "COUNTY", "CITY", REPORTED, (*NOTHING, *DISASTER), TWO_HOURS),
    Row(
        ("R05", "R06", "O21-05", "O21-06"),
        "city_province",
        "CITY",
        "PROVINCE",
        OVER_ORDINARY,
        (*ORDINARY, *NEAR_MISS, *UNKNOWN, *DISASTER),
        TWO_HOURS,
    ),
    Row(("R06", "O21-06"), "province_nation", "PROVINCE", "NATION", OVER_RATHER, (*ORDINARY, *RATHER_SERIOUS, *NEAR_MISS), TWO_HOURS),
    *(
        Row(("R07", "O21-07"), code, "BUREAU", to, REPORTED, (*NOTHING, *DISASTER))
        for code, to in (
            ("copy_government", "GOVERNMENT"),
            ("copy_police", "POLICE"),
            ("copy_labour", "LABOUR"),
            ("copy_union", "UNION"),
            ("copy_procuratorate", "PROCURATORATE"),
        )
    ),
    Row(("R08",), "state_council_nation", "NATION", "STATE_COUNCIL", OVER_RATHER, (*ORDINARY, *RATHER_SERIOUS)),
    Row(("R08",), "state_council_province", "PROVINCE", "STATE_COUNCIL", OVER_RATHER, (*ORDINARY, *RATHER_SERIOUS)),
    Row(("R09",), "skip_levels", "BUREAU", "HIGHER", REPORTED, (*NOTHING, *DISASTER)),
    Row(("R10", "O21-15"), "casualty_change", "HOLDER", "CHAIN", REPORTED, (*NOTHING, *DISASTER)),
    Row(("R11", "O21-02"), "enterprise_province", "ENTERPRISE", "PROVINCE", OVER_ORDINARY, (*ORDINARY, *NEAR_MISS, *UNKNOWN), HOUR),
    Row(("R12", "O21-03"), "enterprise_nation", "ENTERPRISE", "NATION", OVER_RATHER, (*ORDINARY, *RATHER_SERIOUS)),
    Row(
        ("R13", "R14", "O21-08", "O21-10"),
        "flash_county_province",
        "COUNTY",
        "PROVINCE",
        (*OVER_ORDINARY, *GREAT, *VILE),
        (*ORDINARY, *NEAR_MISS, *UNKNOWN),
        HOUR,
    ),
    Row(
        ("R13", "R14", "O21-08", "O21-10"),
        "flash_city_province",
        "CITY",
        "PROVINCE",
        (*OVER_ORDINARY, *GREAT, *VILE),
        (*ORDINARY, *NEAR_MISS),
        HOUR,
    ),
    Row(
        ("R14", "O21-11"), "flash_province_nation", "PROVINCE", "NATION", (*OVER_RATHER, *VILE), (*ORDINARY, *RATHER_SERIOUS, *GREAT), HOUR
    ),
    Row(("R15", "O21-12"), "flash_nation_state", "NATION", "STATE_COUNCIL_DUTY", (*OVER_RATHER, *VILE), (*RATHER_SERIOUS, *GREAT), HOUR),
    Row(("O21-10",), "flash_county_nation", "COUNTY", "NATION", (*OVER_RATHER, *VILE), (*RATHER_SERIOUS, *GREAT)),
    Row(("O21-10",), "flash_city_nation", "CITY", "NATION", (*OVER_RATHER, *VILE), (*RATHER_SERIOUS, *GREAT)),
    Row(("O21-09",), "township_province", "TOWNSHIP", "PROVINCE", (*RATHER_SERIOUS, *GREAT, *VILE), ORDINARY),
    Row(
        ("R16", "O21-13"),
        "supplement_daily",
        "HOLDER",
        "CHAIN",
        (*ORDINARY, *RATHER_SERIOUS, *NEAR_MISS),
        (*OVER_RATHER, *DISASTER),
        DAY_MINUTES,
    ),
    Row(("R17", "O21-14"), "supplement_twice_daily", "HOLDER", "CHAIN", OVER_RATHER, (*ORDINARY, *RATHER_SERIOUS, *NEAR_MISS), 720),
    Row(("O21-16",), "tip_first_check", "HOLDER", "UPPER", TIP, TIP_LESS),
    Row(("O21-16",), "tip_full_check", "HOLDER", "UPPER", TIP, TIP_LESS),
    Row(("O21-17",), "attend_county", "COUNTY", "SCENE", ORDINARY, (*RATHER_SERIOUS, *NEAR_MISS)),
    Row(("O21-17",), "attend_city", "CITY", "SCENE", RATHER_SERIOUS, (*ORDINARY, *SERIOUS)),
    Row(("O21-17",), "attend_province", "PROVINCE", "SCENE", SERIOUS, (*RATHER_SERIOUS, *GRAVEST)),
    Row(("O21-17",), "attend_nation", "NATION", "SCENE", GRAVEST, SERIOUS),
    Row(("O21-18",), "sanction_near_miss", "ENTERPRISE", "", NEAR_MISS, (*ORDINARY, *NOTHING)),
    Row(("R18",), "disaster_county", "COUNTY", "NEXT", DISASTER, ACCIDENTS),
    Row(("R19",), "disaster_daily", "HOLDER", "CHAIN", DISASTER, ACCIDENTS, DAY_MINUTES),
)


def owed(row: Row, event: Event) -> list[rules.ReportingStep]:
    found = rules.duties(
        STEPS,
        level_code=event.code,
        sender=row.sender,
        place_code="370102",
        event=queries.event_kind(event.kind, DAY),
        impact=event.impact,
        source=event.source,
    )
    return [each for each in found if each.code == row.code]


@pytest.mark.parametrize("row", WALK, ids=lambda row: f"{row.code}")
def test_a_duty_exists_for_the_events_of_its_rule_and_for_no_other(row: Row) -> None:
    for event in row.owed:
        assert len(owed(row, event)) == 1, event
    for event in row.not_owed:
        assert owed(row, event) == [], event
    step = owed(row, row.owed[0])[0]
    assert step.receiver == row.receiver
    assert set(row.carries) <= set(step.rules.split(";"))


@pytest.mark.parametrize("row", [row for row in WALK if row.minutes is not None], ids=lambda row: f"{row.code}")
def test_a_report_a_minute_before_and_at_the_deadline_is_in_time_and_a_second_later_is_late(row: Row) -> None:
    until = rules.due(owed(row, row.owed[0])[0], T0)
    assert row.minutes is not None
    for moment, late in (
        (timedelta(minutes=row.minutes - 1), False),
        (timedelta(minutes=row.minutes), False),
        (timedelta(minutes=row.minutes, seconds=1), True),
    ):
        assert until is not None
        assert (T0 + moment > until) is late


def test_what_is_owed_at_once_and_what_is_only_allowed_has_no_invented_minute() -> None:
    for row in WALK:
        step = owed(row, row.owed[0])[0]
        timed = step.within in (rules.MINUTES, rules.DAYS, rules.MONTHS, rules.SAME_DAY)
        assert (rules.due(step, T0) is not None) is timed, row.code


def step_of(code: str) -> rules.ReportingStep:
    return next(row for row in STEPS if row.code == code)


@pytest.mark.parametrize(
    ("learned", "until"),
    [
        (datetime(2026, 11, 23, 0, 0, tzinfo=CHINA), datetime(2026, 11, 24, tzinfo=CHINA)),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=CHINA), datetime(2026, 11, 24, tzinfo=CHINA)),
        (datetime(2026, 11, 24, 0, 0, tzinfo=CHINA), datetime(2026, 11, 25, tzinfo=CHINA)),
        (datetime(2026, 12, 31, 12, 0, tzinfo=CHINA), datetime(2027, 1, 1, tzinfo=CHINA)),
    ],
)
def test_a_change_in_casualties_is_owed_the_same_day_in_china(learned: datetime, until: datetime) -> None:
    assert rules.due(step_of("casualty_change"), learned) == until


def test_a_tip_is_checked_within_five_days_and_wholly_within_two_months() -> None:
    first, whole = step_of("tip_first_check"), step_of("tip_full_check")
    assert rules.due(first, T0) == datetime(2026, 11, 29, tzinfo=CHINA), "the day of the tip is not counted, the fifth is"
    assert rules.due(whole, T0) == datetime(2027, 1, 24, tzinfo=CHINA)
    assert rules.due(whole, datetime(2026, 12, 31, 9, 0, tzinfo=CHINA)) == datetime(2027, 3, 1, tzinfo=CHINA), "February is shorter"


@pytest.mark.parametrize(("kind", "days"), [("hazchem_leak", 30), ("explosion", 30), ("fire", 7), ("road_traffic", 7), ("coal_mine", 30)])
def test_the_window_of_casualties_ends_with_its_last_day(kind: str, days: int) -> None:
    found = queries.event_kind(kind, DAY)
    assert found is not None
    ends = rules.casualty_window_ends(found, T0)
    last = datetime(2026, 11, 23, tzinfo=CHINA) + timedelta(days=days)
    assert last + timedelta(hours=23, minutes=59) < ends
    assert ends == last + timedelta(days=1)


def test_a_graver_event_owes_all_that_a_lighter_one_owes_upward() -> None:
    rank = {"": 7, "U": 6, "N": 5, "IV": 4, "III": 3, "II": 2, "I": 1}
    chain = ("county_city", "city_province", "province_nation", "enterprise_county", "enterprise_province")
    for code in chain:
        held = [rank[level] for level in step_of(code).levels.split(";")]
        assert set(range(1, max(held) + 1)) == set(held), code


def test_the_events_of_the_walk_have_the_levels_they_stand_for() -> None:
    for events, code in (
        (ORDINARY, "IV"),
        (RATHER_SERIOUS, "III"),
        (SERIOUS, "II"),
        (GRAVEST, "I"),
        (NEAR_MISS, "N"),
        (NOTHING, ""),
        (UNKNOWN, "U"),
    ):
        assert {each.code for each in events} == {code}


def test_every_duty_of_the_project_is_walked() -> None:
    assert {row.code for row in WALK} == {row.code for row in STEPS}


@pytest.mark.parametrize("name", ["reporting_rules", "reporting_rules_order21"])
def test_no_rule_of_the_reference_tables_is_forgotten(name: str) -> None:
    path = TABLES / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path.name} of the reference material is not beside the project")
    with path.open(encoding="utf-8", newline="") as lines:
        wanted = {row["rule_id"] for row in csv.DictReader(lines)}
    carried = {rule for row in WALK for rule in row.carries}
    assert wanted - carried == set()
    assert {rule for row in STEPS for rule in row.rules.split(";")} >= wanted
