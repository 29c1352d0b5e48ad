"""What kind of a day it is in China: working day, day of rest, public holiday, or a weekend that is worked because of one (调休).

The days are those of the State Council's yearly notice, from the library ``chinesecalendar``, whose table ends with the last year whose notice it
holds. Beyond it a weekend is all that is known, and a day says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import chinese_calendar

from anlan.kernel.words import N_

WORKDAY, REST_DAY, HOLIDAY = "workday", "rest_day", "holiday"
KINDS: dict[str, str] = {WORKDAY: N_("工作日"), REST_DAY: N_("休息日"), HOLIDAY: N_("节假日")}

NAMES: dict[str, str] = {
    "New Year's Day": N_("元旦"),
    "Spring Festival": N_("春节"),
    "Tomb-sweeping Day": N_("清明节"),
    "Labour Day": N_("劳动节"),
    "Dragon Boat Festival": N_("端午节"),
    "National Day": N_("国庆节"),
    "Mid-autumn Festival": N_("中秋节"),
    "Anti-Fascist 70th Day": N_("抗战胜利纪念日"),
}
"""Holidays as the library names them."""


@dataclass(frozen=True)
class Day:
    """One day: its kind, the holiday it belongs to (empty: none), whether it is a weekend worked for a holiday, whether its year is known."""

    day: date
    kind: str
    holiday: str = ""
    in_lieu: bool = False
    known: bool = True

    @property
    def off(self) -> bool:
        """Whether offices are closed."""
        return self.kind != WORKDAY


def day_of(day: date) -> Day:
    """The kind of ``day``; every day of a holiday's notice is a holiday, whichever weekday it is."""
    weekend = day.isoweekday() > 5
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return Day(day, REST_DAY if weekend else WORKDAY, known=False)
    holiday = NAMES.get(name, name) if name else ""
    if off:
        return Day(day, HOLIDAY if holiday else REST_DAY, holiday)
    return Day(day, WORKDAY, holiday, in_lieu=weekend)
