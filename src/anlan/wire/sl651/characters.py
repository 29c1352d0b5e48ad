"""Bodies of ASCII frames: words between spaces, each element by its letters (6.6.3, appendix C).

``0003591011154947ST 0012345678 H TT 5910111549 PJ 0.5 PT 0.5 Z 0.127 VT 11.15``; at equal distances ``DRN05 Z 0.127 0.128 …``.
"""

from __future__ import annotations

import re

from anlan.kernel.errors import Refusal
from anlan.wire.sl651.elements import by_symbol
from anlan.wire.sl651.numbers import read_time
from anlan.wire.sl651.refusals import BadBody, BadElement, BadTime
from anlan.wire.sl651.report import FIVE_MINUTES_MS, Report, Value
from anlan.wire.sl651.telegram import Function, Telegram

_STEP = re.compile(r"DR([DHN])(\d{1,2})")
_STEP_MS = {"D": 86_400_000, "H": 3_600_000, "N": 60_000}
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,7})?")
_NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")


def read(telegram: Telegram) -> Report:
    """What an ASCII telegram says. Raises :class:`BadBody` if it does not begin with serial number and time."""
    try:
        head = bytes.fromhex(telegram.body[:16].decode("ascii"))
    except ValueError:
        head = b""
    if len(head) < 8:
        raise BadBody(reason=telegram.body[:16].decode("ascii", "replace"))
    refused: list[Refusal] = []
    try:
        sent_ms = read_time(head[2:])
    except BadTime as refusal:
        sent_ms = None
        refused.append(refusal)
    words = telegram.body[16:].decode("gb18030", "replace").split()
    reading = _Words(words, sent_ms, refused)
    if 0x30 <= telegram.function <= 0x3A or telegram.function == Function.QUERY_STATUS:
        reading.run()
    return Report(
        serial=int.from_bytes(head[:2], "big"),
        sent_ms=sent_ms,
        station=reading.station or telegram.station,
        kind=reading.kind,
        values=tuple(reading.values),
        status=reading.status,
        text=reading.text,
        refused=tuple(refused),
    )


class _Words:
    def __init__(self, words: list[str], sent_ms: int | None, refused: list[Refusal]) -> None:
        self._words = words
        self._at = 0
        self._time_ms = sent_ms
        self._step_ms: int | None = None
        self._refused = refused
        self.values: list[Value] = []
        self.station = ""
        self.kind: int | None = None
        self.status: int | None = None
        self.text = ""

    def run(self) -> None:
        while self._at < len(self._words):
            word = self._next()
            step = _STEP.fullmatch(word)
            if word == "ST":
                self._place()
            elif word == "TT":
                self._observed(self._next())
            elif word == "RGZS":
                self.text = " ".join(self._words[self._at :])
                return
            elif step:
                self._step_ms = int(step[2]) * _STEP_MS[step[1]] or None
            elif word == "ZT":
                self._state(self._next())
            elif _NAME.fullmatch(word):
                self._numbers(word)
            else:
                self._refused.append(BadElement(element=word[:16], value=""))

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1] if self._at <= len(self._words) else ""

    def _place(self) -> None:
        self.station = self._next()
        if self._at < len(self._words) and len(self._words[self._at]) == 1:
            self.kind = ord(self._next())

    def _observed(self, word: str) -> None:
        self._step_ms = None
        try:
            self._time_ms = read_time(bytes.fromhex(word))
        except (ValueError, BadTime):
            self._time_ms = None
            self._refused.append(BadTime(value=word[:24]))

    def _state(self, word: str) -> None:
        try:
            self.status = int(word, 16)
        except ValueError:
            self._refused.append(BadElement(element="ZT", value=word[:40]))

    def _numbers(self, name: str) -> None:
        """The value behind a name; with a time step before it the names once and then their values in turn (6.6.4.4 table 30)."""
        known = by_symbol().get(name)
        step_ms = FIVE_MINUTES_MS if known and known.form in ("rain12", "level12") else self._step_ms
        names = [name]
        while step_ms and self._at < len(self._words) and self._is_name():
            names.append(self._next())
        number = 0
        while self._at < len(self._words) and (number == 0 or (step_ms and not self._is_name())):
            word, name = self._next(), names[number % len(names)]
            if not _NUMBER.fullmatch(word):
                self._refused.append(BadElement(element=name, value=word[:40]))
            elif self._time_ms is not None:
                self.values.append(Value(self._time_ms + number // len(names) * (step_ms or 0), name, float(word)))
            number += 1

    def _is_name(self) -> bool:
        return bool(_NAME.fullmatch(self._words[self._at]))
