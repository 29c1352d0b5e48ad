"""A rota as people read it: a month as a calendar, and who bears how much."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.duty import rota, rules
from anlan.kernel import workdays


@dataclass(frozen=True)
class Slot:
    """One place of a turn: who takes it (empty: nobody), and whether it stands as it is whatever is published."""

    kind: str
    who: str
    standing: bool


@dataclass(frozen=True)
class Turn:
    """A turn of a day with its places."""

    label: str
    starts: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Cell:
    """A day of the calendar; ``inside`` the month that is shown."""

    day: date
    inside: bool
    label: str
    off: bool
    turns: tuple[Turn, ...]

    @property
    def gaps(self) -> int:
        """Places that nobody takes."""
        return sum(not slot.who for turn in self.turns for slot in turn.slots)


def day_label(day: date) -> str:
    """The kind of a day in words, with the holiday's name."""
    known = workdays.day_of(day)
    if known.in_lieu:
        return _("{holiday}调休上班").format(holiday=_(known.holiday))
    return _(known.holiday if known.off and known.holiday else workdays.KINDS[known.kind])


def month(shifts: Iterable[rota.Shift], turns: Sequence[rota.Turn], names: Mapping[UUID, str], shown: date) -> list[list[Cell]]:
    """The weeks (Monday first) of the month of ``shown`` with the shifts that begin on each day."""
    of_day: dict[date, dict[str, list[rota.Shift]]] = {}
    for shift in shifts:
        of_day.setdefault(shift.starts.astimezone(rota.CHINA).date(), {}).setdefault(shift.turn, []).append(shift)
    labels = {turn.code: turn.label_en if get_language() == "en" else turn.label_zh for turn in turns}
    return [
        [_cell(day, day.month == shown.month, of_day.get(day, {}), labels, names) for day in week]
        for week in calendar.Calendar().monthdatescalendar(shown.year, shown.month)
    ]


def _cell(day: date, inside: bool, of_turn: Mapping[str, list[rota.Shift]], labels: Mapping[str, str], names: Mapping[UUID, str]) -> Cell:
    turns = tuple(
        Turn(
            labels.get(code, code),
            there[0].starts.astimezone(rota.CHINA).strftime("%H:%M"),
            tuple(Slot(_(rules.SHIFT_KINDS[each.kind]), names.get(each.who, "") if each.who else "", each.standing) for each in there),  # type: ignore[call-overload]
        )
        for code, there in of_turn.items()
    )
    return Cell(day, inside, day_label(day), workdays.day_of(day).off, turns if inside else ())


def shares(shifts: Iterable[rota.Shift], names: Mapping[UUID, str]) -> list[tuple[str, rota.Count]]:
    """Names with what falls to each."""
    return [(names.get(each.who, "—"), each) for each in rota.counts(shifts)]  # type: ignore[call-overload]
