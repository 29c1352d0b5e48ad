"""Spreadsheet cells: reading them as text, ready parsers with refusals, and writing them so that no spreadsheet runs them as a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from anlan.desk.resource.forms import check_place
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class CellMissing(Refusal):
    code = "cell_missing"
    sentence = N_("“{column}”必须填写。")
    status = 422


class CellTooLong(Refusal):
    code = "cell_too_long"
    sentence = N_("内容有 {length} 个字符，最多 {limit} 个。")
    status = 422


class NotANumber(Refusal):
    code = "not_a_number"
    sentence = N_("“{value}”不是数字。")
    status = 422


class OutOfRange(Refusal):
    code = "out_of_range"
    sentence = N_("{value} 超出范围，应在 {low} 与 {high} 之间。")
    status = 422


class NotAChoice(Refusal):
    code = "not_a_choice"
    sentence = N_("“{value}”不是可选值，可填：{choices}。")
    status = 422


class CellNotADate(Refusal):
    code = "cell_not_a_date"
    sentence = N_("“{value}”不是日期，应写成 2026-11-22 的形式。")
    status = 422


def cell_text(value: object) -> str:
    """One cell as stripped text: whole floats without ``.0`` (spreadsheets keep codes as numbers), dates in ISO form."""
    if type(value) is str:  # nearly every cell
        return value.strip()
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time() | timedelta():
            return str(value)
        case _:
            return str(value).strip()


def safe(value: object) -> object:
    """A value for an exported spreadsheet. Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP CSV injection)."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def text(limit: int) -> Callable[[str], str]:
    """Parser: text of at most ``limit`` characters; an apostrophe that our own export added is taken off again."""

    def parse(cell: str) -> str:
        if cell.startswith("'") and cell[1:].startswith(_FORMULA):
            cell = cell[1:]
        if len(cell) > limit:
            raise CellTooLong(length=len(cell), limit=limit)
        return cell

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    """Parser: a finite number between two bounds, both included."""

    def parse(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError as error:
            raise NotANumber(value=cell) from error
        if not low <= value <= high:  # also refuses NaN
            raise OutOfRange(value=cell, low=low, high=high)
        return value

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """Parser: a whole number between two bounds, both included."""

    def parse(cell: str) -> int:
        try:
            value = int(cell)
        except ValueError as error:
            raise NotANumber(value=cell) from error
        if not low <= value <= high:
            raise OutOfRange(value=cell, low=low, high=high)
        return value

    return parse


longitude = number(73.0, 135.5)
"""Parser: degrees east within China's land and sea (73°33′E to 135°05′E)."""
latitude = number(3.0, 54.0)
"""Parser: degrees north within China's land and sea (3°51′N to 53°33′N)."""


def day(cell: str) -> date:
    """Parser: a date, ``2026-11-22``, ``2026/11/22``, ``2026.11.22``, ``20261122`` or ``2026年11月22日``."""
    plain = cell.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").split(" ")[0]
    if len(plain) == 8 and plain.isdigit():
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    try:
        year, month, number_of_day = (int(part) for part in plain.split("-"))
        return date(year, month, number_of_day)
    except ValueError as error:
        raise CellNotADate(value=cell) from error


def moment(cell: str) -> datetime:
    """Parser: a date as in :func:`day`, with or without ``08:30`` or ``08:30:00``, in the node's time; without, the day's beginning."""
    date_part, _, time_part = cell.replace("T", " ").strip().partition(" ")
    try:
        at = time.fromisoformat(time_part.strip().zfill(5)) if time_part.strip() else time()
    except ValueError as error:
        raise CellNotADate(value=cell) from error
    return timezone.make_aware(datetime.combine(day(date_part), at.replace(tzinfo=None)), timezone.get_default_timezone())


def place_code(cell: str) -> str:
    """Parser: a place code in force."""
    return check_place(cell)


def choice(labels: Mapping[Any, str]) -> Callable[[str], Any]:
    """Parser: a code or its word (Chinese, or in the language of the request)."""

    @cache
    def words(_language: str | None) -> dict[str, Any]:
        # Asked a hundred thousand times for a long sheet: every word is translated once per language. Of two the first counts.
        known: dict[str, Any] = {}
        for code, label in labels.items():
            for word in (str(code), str(label), gettext(str(label))):
                known.setdefault(word, code)
        return known

    def parse(cell: str) -> Any:
        try:
            return words(get_language())[cell]
        except KeyError:
            raise NotAChoice(value=cell, choices="、".join(str(label) for label in labels.values())) from None

    return parse
