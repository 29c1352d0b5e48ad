"""What a call-taker asks, by kind of event, and what the answers are in a report. Pure; times are aware."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from anlan.command.duty import rules
from anlan.ledger.sources import CHINA, DatedRule


@dataclass(frozen=True, kw_only=True)
class Question(DatedRule):
    """One question: ``kind`` of event (empty: every), ``answer`` text, number, moment or yes_no, ``fills`` a field of a report."""

    kind: str
    code: str
    order: int
    question_zh: str
    question_en: str
    answer: str
    fills: str


def questions(kind: str, on: date) -> list[Question]:
    """What is asked about an event of ``kind``, in order: first what every call is asked, then what this kind needs, at last the rest."""
    rows = rules.TABLES.in_force("call_questions", Question, on)
    return sorted((row for row in rows if row.kind in ("", kind)), key=lambda row: (row.order, row.kind))


_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])\s*[:：时点]\s*(?P<minute>[0-5]?\d)?")
_DATE = re.compile(r"(?:(?P<year>\d{4})[-/年])?(?P<month>\d{1,2})[-/月](?P<day>\d{1,2})")
_AGO = re.compile(r"(?P<number>\d+)\s*(?P<unit>分钟|小时)(?:前|之前|以前)")
SLACK = timedelta(minutes=5)
"""A caller's watch may be ahead of the node's by so much before a time is taken to be yesterday's."""


def moment_of(text: str, began: datetime) -> datetime | None:
    """The moment that a caller names, at the latest the beginning of his call; ``None`` where the words hold no time.

    Understood: ``02:14``, ``2时14分``, ``11-22 02:14``, ``昨天 23:50``, ``10分钟前``. A time of day that is still to come is yesterday's.
    """
    here = began.astimezone(CHINA)
    if ago := _AGO.search(text):
        minutes = int(ago["number"]) * (60 if ago["unit"] == "小时" else 1)
        return began - timedelta(minutes=minutes) if minutes < 60 * 24 * 366 else None
    said_day = _DATE.search(text)
    clock = _CLOCK.search(text, said_day.end() if said_day else 0)
    if clock is None:
        return None
    day = here.date()
    if said_day:
        try:
            day = date(int(said_day["year"] or here.year), int(said_day["month"]), int(said_day["day"]))
        except ValueError:
            return None
    elif "昨" in text:
        day -= timedelta(days=1)
    moment = datetime.combine(day, time(int(clock["hour"]), int(clock["minute"] or 0)), CHINA)
    if moment > began + SLACK:
        moment = moment.replace(year=moment.year - 1) if said_day and not said_day["year"] else moment - timedelta(days=1)
    return min(moment, began) if moment <= began + SLACK else None


def number_of(text: str) -> int | None:
    """The number of people that an answer names; ``None`` where none is said (不清楚)."""
    found = re.search(r"\d{1,6}", text)
    if found:
        return int(found[0])
    return 0 if text.strip() in {"没有", "无", "零", "no", "none"} else None


COUNTS = ("deaths", "serious_injured", "injured", "missing", "trapped")
TEXTS = ("scene", "brief_course", "measures_taken", "other")
NOT_ASKED = ("unit_profile", "direct_loss")
"""What a report must hold and no caller is asked at once."""


def report_of(asked: Sequence[Question], answers: Mapping[str, str], *, began: datetime, english: bool = False) -> dict[str, Any]:
    """Fields of a report filled from the answers. What nobody answered is declared unknown; each word that was said is kept."""
    values: dict[str, Any] = {"occurred_at": began, "location": "", **dict.fromkeys(COUNTS), **{name: [] for name in TEXTS}}
    for question in asked:
        said = answers.get(question.code, "").strip()
        if not said:
            continue
        told = f"{question.question_en if english else question.question_zh}{said}"
        if question.fills == "occurred_at":
            moment = moment_of(said, began)
            values["occurred_at"] = moment or began
            values["scene"] += [] if moment else [told]
        elif question.fills in COUNTS:
            number = number_of(said)
            values[question.fills] = number
            values["scene"] += [told] if number is None or not said.isdigit() else []
        elif question.fills == "location":
            values["location"] = said[:200]
        else:
            values[question.fills].append(said if question.kind == "" else told)
    for name in TEXTS:
        values[name] = "\n".join(values[name])
    values["unknown"] = [*NOT_ASKED] + [name for name in (*COUNTS, "scene", "brief_course", "measures_taken") if values[name] in (None, "")]
    return values
