"""Kinds of hazard sources and the attributes each carries, as data: ``data/kinds.csv`` and ``data/attributes.csv``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anlan.ground.risksources import rules
from anlan.ledger.sources import DatedRule, load_rules

_DATA = Path(__file__).parent / "data"
_YES = frozenset({"true", "1", "yes", "是", "有"})
_NO = frozenset({"false", "0", "no", "否", "无"})


@dataclass(frozen=True, kw_only=True)
class KindRow(DatedRule):
    """One kind of hazard source."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class AttributeRow(DatedRule):
    """One attribute of a kind.

    ``type``: ``number`` or ``integer`` (within ``minimum`` and ``maximum``, in ``unit``), ``text``, ``yes_no`` or ``choice`` (one of
    ``choices``, written ``code:中文:English`` and joined by semicolons).
    """

    kind: str
    code: str
    name_zh: str
    name_en: str
    type: str
    unit: str
    required: bool
    minimum: float | None
    maximum: float | None
    choices: str

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        """Code, Chinese and English label of each choice."""
        return tuple((code, zh, en) for code, zh, en in (part.split(":") for part in self.choices.split(";") if part))

    def label(self, english: bool = False) -> str:
        """The name with its unit, for forms and sheets."""
        name = self.name_en if english else self.name_zh
        return f"{name} ({self.unit})" if self.unit else name

    def parse(self, value: object) -> object:
        """The value in its own type, ``None`` for unknown. Raises the refusals ``Attribute…`` of the room's rules."""
        text = str(value).strip() if value is not None else ""
        if text == "":
            return None
        if self.type in ("number", "integer"):
            return self._number(text)
        if self.type == "yes_no":
            return self._yes_no(text)
        if self.type == "choice":
            return self._choice(text)
        if len(text) > 200:
            raise rules.AttributeWrong(name=self.name_zh, value=text[:20] + "…")
        return text

    def _number(self, text: str) -> float | int:
        try:
            found = float(text)
        except ValueError:
            raise rules.AttributeWrong(name=self.name_zh, value=text) from None
        if not math.isfinite(found) or (self.type == "integer" and found != int(found)):
            raise rules.AttributeWrong(name=self.name_zh, value=text)
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= found <= high:
            raise rules.AttributeOutOfRange(name=self.name_zh, value=text, unit=self.unit, minimum=f"{low:g}", maximum=f"{high:g}")
        return int(found) if self.type == "integer" else found

    def _yes_no(self, text: str) -> bool:
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        raise rules.AttributeWrong(name=self.name_zh, value=text)

    def _choice(self, text: str) -> str:
        for option in self.options:
            if text in option:
                return option[0]
        known = "、".join(zh for _, zh, _ in self.options)
        raise rules.AttributeNotAChoice(name=self.name_zh, value=text, known=known)

    def shown(self, value: object, english: bool = False) -> str:
        """The value as a reader sees it, with its unit; a dash for unknown."""
        if value is None or value == "":
            return "—"
        if self.type == "yes_no":
            return ("Yes" if value else "No") if english else ("是" if value else "否")
        if self.type == "choice":
            return next((en if english else zh for code, zh, en in self.options if code == value), str(value))
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return f"{text} {self.unit}".strip()


@lru_cache(maxsize=1)
def kinds() -> tuple[KindRow, ...]:
    """Every kind in the order of the table."""
    return load_rules(_DATA / "kinds.csv", KindRow)


@lru_cache(maxsize=1)
def _by_code() -> dict[str, KindRow]:
    return {kind.code: kind for kind in kinds()}


@lru_cache(maxsize=1)
def _attributes() -> dict[str, tuple[AttributeRow, ...]]:
    rows = load_rules(_DATA / "attributes.csv", AttributeRow)
    return {kind.code: tuple(row for row in rows if row.kind == kind.code) for kind in kinds()}


def kind(value: object) -> KindRow:
    """The kind with this code or Chinese name. Raises :class:`~anlan.ground.risksources.rules.UnknownKind`."""
    text = str(value or "").strip()
    found = _by_code().get(text) or next((row for row in kinds() if row.name_zh == text), None)
    if found is None:
        raise rules.UnknownKind(value=text, known="、".join(row.name_zh for row in kinds()))
    return found


def attributes_of(kind_code: str) -> tuple[AttributeRow, ...]:
    """The attributes that a kind declares, in the order of the table; empty for an unknown kind."""
    return _attributes().get(kind_code, ())
