"""The daily safety commitment (安全承诺公告): its fields, when it is owed, and where it contradicts what the platform knows. Pure.

Sources: 应急〔2018〕74号 (judged at shift, workshop and plant level, published each day); fields as public upload forms name them. The
hour of publication is local: rows of ``data/cutoffs.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule
from anlan.prevent.permits import refusals
from anlan.prevent.permits.rules import CHINA

COUNT, FLAG, GRADE, FACT = "count", "flag", "grade", "fact"
RISK_GRADES: dict[int, str] = {1: N_("高风险"), 2: N_("较大风险"), 3: N_("一般风险"), 4: N_("低风险")}
"""1 high … 4 low, as the upload form codes them."""
RISK_TONES: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
MOST = 9999
PERMIT_COUNTS = (
    "hot_work-special",
    "hot_work-1",
    "hot_work-2",
    "confined_space",
    "blind_plate",
    "work_at_height",
    "lifting",
    "temp_power",
    "excavation",
    "road_break",
)
"""Fields that count special works of the day; their codes are those of grades (hot work) and kinds."""


@dataclass(frozen=True, kw_only=True)
class CommitmentField(DatedRule):
    """One field: ``kind`` is ``count``, ``flag``, ``grade`` or ``fact`` (filled by the platform)."""

    code: str
    number: int
    upstream_code: str
    kind: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Cutoff(DatedRule):
    """Until when (hour and minute of China) the commitment of a day is to be public below a prefix of place codes."""

    code: str
    place_prefix: str
    hour: int
    minute: int
    article: str


def cutoff(rows: Iterable[Cutoff], place_code: str) -> Cutoff | None:
    """The row of the nearest place above ``place_code``."""
    fitting = [row for row in rows if place_code.startswith(row.place_prefix)]
    return max(fitting, key=lambda row: len(row.place_prefix), default=None)


def due_at(row: Cutoff, day: date) -> datetime:
    """The moment of a day until which it is owed."""
    return datetime.combine(day, time(row.hour, row.minute), CHINA)


def check_values(values: Mapping[str, object], fields: Iterable[CommitmentField]) -> None:
    """Counts 0 to 9999, flags yes or no, grade 1 to 4; units running and stopped never more than there are.

    Raises ``CommitmentFieldWrong``, ``UnitsDoNotAddUp``.
    """
    for row in fields:
        value = values.get(row.code)
        if row.kind == COUNT and not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST):
            raise refusals.CommitmentFieldWrong(field=row.name_zh, range=f"0–{MOST}")
        if row.kind == FLAG and not isinstance(value, bool):
            raise refusals.CommitmentFieldWrong(field=row.name_zh, range=N_("是或否"))
        if row.kind == GRADE and value not in RISK_GRADES:
            raise refusals.CommitmentFieldWrong(field=row.name_zh, range="1–4")
    total, running, stopped = (int(str(values.get(code) or 0)) for code in ("units_total", "units_running", "units_stopped"))
    if running + stopped > total:
        raise refusals.UnitsDoNotAddUp()


@dataclass(frozen=True)
class Known:
    """What the platform itself knows of an enterprise: permits that live today by field code, open major dangers, open grave alarms."""

    permits: Mapping[str, int]
    major_dangers: int = 0
    alarms: int = 0


@dataclass(frozen=True)
class Difference:
    """One contradiction: field, what was committed, what the platform knows."""

    code: str
    label: str
    committed: int
    known: int


ALARMS_LABEL = N_("未处置的报警")
MAJOR_LABEL = N_("未销号的重大隐患")


def differences(values: Mapping[str, object], known: Known, fields: Iterable[CommitmentField]) -> tuple[Difference, ...]:
    """Where more goes on than was committed: permits beyond their count, a major danger denied, low risk amid open alarms.

    Fewer than committed is no contradiction: a work may be planned for later in the day.
    """
    names = {row.code: row.name_zh for row in fields}
    found = []
    for code in PERMIT_COUNTS:
        committed, live = int(str(values.get(code) or 0)), known.permits.get(code, 0)
        if live > committed:
            found.append(Difference(code, names.get(code, code), committed, live))
    if known.major_dangers and not values.get("major_danger"):
        found.append(Difference("major_danger", MAJOR_LABEL, 0, known.major_dangers))
    if known.alarms and values.get("risk_grade") == 4:
        found.append(Difference("risk_grade", ALARMS_LABEL, 0, known.alarms))
    return tuple(found)


def permit_code(kind: str, grade: str) -> str:
    """Under which field a permit counts: hot work by its grade, all else by its kind."""
    return f"{kind}-{grade}" if f"{kind}-{grade}" in PERMIT_COUNTS else kind
