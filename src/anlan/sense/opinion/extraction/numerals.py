"""Numbers as people write them in Chinese: 3, ３, 三, 十二, 两百零五, 1.2万, 三千."""

from __future__ import annotations

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MYRIAD = 10_000
_ROUND = {"百": 100, "千": 1000, "万": _MYRIAD}
_ARABIC = re.compile(r"([0-9]+(?:\.[0-9]+)?)([百千万]?)")
_FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)}
_FULL_WIDTH[ord("．")] = "."
LONGEST = 12
"""Characters of a number; what is longer is no count of people."""

PATTERN = r"(?:[0-9０-９]{1,8}(?:[.．][0-9０-９]{1,2})?[百千万]?|[零〇一二两三四五六七八九十百千万]{1,12})"
"""Finds a number in a regular expression; whether it means something is said by :func:`value_of`."""


def value_of(text: str) -> int | None:
    """The whole number that ``text`` writes, ``None`` when it writes none (``百百``, ``1.234``, an empty text). 百 alone is a hundred: 近百人."""
    if not text or len(text) > LONGEST:
        return None
    plain = text.translate(_FULL_WIDTH)
    if plain in _ROUND:
        return _ROUND[plain]
    if plain[0].isascii():
        return _arabic(plain)
    if all(character in _DIGITS for character in plain):
        # Digits read out one by one: 二〇二五; a single one is itself.
        return int("".join(str(_DIGITS[character]) for character in plain))
    upper, myriad, lower = plain.rpartition("万")
    if not myriad:
        return _below_myriad(plain)
    high, low = _below_myriad(upper), _below_myriad(lower) if lower else 0
    # 三万五 leaves out the unit of its last digit and is too rare with people to be guessed at.
    return None if high is None or low is None or len(lower) == 1 else high * _MYRIAD + low


def _arabic(text: str) -> int | None:
    found = _ARABIC.fullmatch(text)
    if found is None:
        return None
    figure, unit = found.groups()
    whole, _dot, part = figure.partition(".")
    scale = {"": 1, "百": 100, "千": 1000, "万": _MYRIAD}[unit]
    fraction, rest = divmod(int(part or 0) * scale, 10 ** len(part))
    return None if rest else int(whole) * scale + fraction


def _below_myriad(text: str) -> int | None:
    """``text`` below 10,000; units must fall: 一百二十三. 一百二 (120) is how people speak."""
    total, digit, last = 0, -1, _MYRIAD
    zero = False
    for character in text:
        if character in _UNITS:
            unit = _UNITS[character]
            if unit >= last or digit == 0 or (digit < 0 and (unit != 10 or (total and not zero))):
                return None
            total, digit, last = total + max(digit, 1) * unit, -1, unit
            zero = False
        elif character in "零〇":
            if digit >= 0:
                return None
            zero = True
        elif character in _DIGITS:
            if digit >= 0:
                return None
            digit = _DIGITS[character]
        else:
            return None
    if digit < 0:
        return total if total and not zero else None
    spoken = last if last >= 100 and total and not zero else 10
    return total + digit * (spoken // 10)
