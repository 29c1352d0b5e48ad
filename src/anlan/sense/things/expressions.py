"""The expressions of ``$filter`` and ``$orderby`` (OData 4.0 as narrowed by OGC 18-088, 9.3.3.5): text to a typed tree. No Django.

A recursive descent over tokens; each level of precedence is one function. Depth and length are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from anlan.sense.things.rules import DEEPEST, LONGEST_QUERY, MalformedExpression

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
MOST_TOKENS = 400
ADDITIONS, MULTIPLICATIONS = frozenset({"add", "sub"}), frozenset({"mul", "div", "mod"})


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the expression: ``None``, truth value, number, text, time, interval, duration or geometry."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """A property, possibly of a related entity: ``Datastream/Thing/name``. ``@iot.id`` is told as ``id``."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function of ``arguments``."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands joined: a comparison, ``and``, ``or``, or arithmetic."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: Expression


Expression = Literal | Path | Call | Operation | Not

_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+\- ]\d\d:?\d\d)"
_TOKENS = re.compile(
    rf"""\s*(?:
    (?P<geometry>(?:geography|geometry)'(?:[^']|'')*')|(?P<duration>duration'[^']*')|(?P<text>'(?:[^']|'')*')
    |(?P<interval>{_INSTANT}/{_INSTANT})|(?P<instant>{_INSTANT})|(?P<date>\d{{4}}-\d\d-\d\d(?!\d))
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>@?[^\W\d][\w.]*(?:/@?[\w.]+)*)
    |(?P<mark>[(),])
    )""",
    re.VERBOSE,
)
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse(text: str) -> Expression:
    """The tree of one expression. Raises ``MalformedExpression``."""
    parser = _Parser(text)
    found = parser.disjunction()
    parser.end()
    return found


def parse_order(text: str) -> tuple[tuple[Expression, bool], ...]:
    """The keys of ``$orderby``, each with whether it descends. Raises ``MalformedExpression``."""
    parser = _Parser(text)
    keys = []
    while True:
        key = parser.disjunction()
        way = parser.word("asc", "desc")
        keys.append((key, way == "desc"))
        if not parser.mark(","):
            parser.end()
            return tuple(keys)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokenised(text)
        self._at = self._depth = 0

    def disjunction(self) -> Expression:
        left = self._conjunction()
        while self.word("or"):
            left = Operation("or", left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        left = self._negation()
        while self.word("and"):
            left = Operation("and", left, self._negation())
        return left

    def _negation(self) -> Expression:
        if self.word("not"):
            self._deeper()
            found = Not(self._negation())
            self._depth -= 1
            return found
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        operator = self.word(*COMPARISONS)
        return Operation(operator, left, self._sum()) if operator else left

    def _sum(self) -> Expression:
        left = self._product()
        while operator := self.word(*ADDITIONS):
            left = Operation(operator, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._atom()
        while operator := self.word(*MULTIPLICATIONS):
            left = Operation(operator, left, self._atom())
        return left

    def _atom(self) -> Expression:
        if self.mark("("):
            self._deeper()
            found = self.disjunction()
            self._expect(")")
            self._depth -= 1
            return found
        token = self._take()
        if token.kind == "name":
            return self._named(token.text)
        if token.kind == "mark":
            raise MalformedExpression(near=token.text, reason=self._near())
        return Literal(_value(token))

    def _named(self, name: str) -> Expression:
        if self.mark("("):
            self._deeper()
            arguments: list[Expression] = []
            while not self.mark(")"):
                if arguments:
                    self._expect(",")
                arguments.append(self.disjunction())
            self._depth -= 1
            return Call(name.lower(), tuple(arguments))
        if name in {"true", "false", "null"}:
            return Literal({"true": True, "false": False, "null": None}[name])
        return Path(tuple("id" if part == "@iot.id" else part for part in name.split("/")))

    def word(self, *words: str) -> str:
        """The next token when it is one of ``words``, taken; otherwise an empty text."""
        token = self._tokens[self._at]
        if token.kind == "name" and token.text in words:
            self._at += 1
            return token.text
        return ""

    def mark(self, mark: str) -> bool:
        """Whether the next token is ``mark``, taken then."""
        token = self._tokens[self._at]
        if token.kind == "mark" and token.text == mark:
            self._at += 1
            return True
        return False

    def end(self) -> None:
        """Raise unless everything was read."""
        if self._tokens[self._at].kind != "end":
            raise MalformedExpression(near=self._tokens[self._at].text, reason=self._near())

    def _expect(self, mark: str) -> None:
        if not self.mark(mark):
            raise MalformedExpression(near=self._tokens[self._at].text, reason=mark)

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        if token.kind == "end":
            raise MalformedExpression(near="", reason="…")
        self._at += 1
        return token

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise MalformedExpression(near=self._near(), reason=f"> {DEEPEST}")

    def _near(self) -> str:
        return " ".join(token.text for token in self._tokens[max(0, self._at - 2) : self._at + 2])[:60]


def _tokenised(text: str) -> list[_Token]:
    if len(text) > LONGEST_QUERY or "\x00" in text:
        raise MalformedExpression(near=text[:20].replace("\x00", "?"), reason=f"> {LONGEST_QUERY}")
    tokens: list[_Token] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None or found.end() == at:
            raise MalformedExpression(near=text[at : at + 20], reason=text[at : at + 1])
        tokens.append(_Token(str(found.lastgroup), found.group(str(found.lastgroup))))
        at = found.end()
    if len(tokens) > MOST_TOKENS:
        raise MalformedExpression(near=text[:20], reason=f"> {MOST_TOKENS}")
    return [*tokens, _Token("end", "")]


def _value(token: _Token) -> Any:
    text = token.text
    try:
        match token.kind:
            case "text":
                return text[1:-1].replace("''", "'")
            case "number":
                return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
            case "instant":
                return instant(text)
            case "interval":
                start, _slash, end = text.partition("/")
                return Interval(instant(start), instant(end))
            case "date":
                return date.fromisoformat(text)
            case "duration":
                return _duration(text[9:-1])
            case _:
                return geometry(text.partition("'")[2][:-1])
    except (ValueError, OverflowError) as wrong:
        raise MalformedExpression(near=text[:40], reason=str(wrong)[:60]) from None


def instant(text: str) -> datetime:
    """A moment with its offset; a plus that became a blank on its way is put back. Raises ``ValueError``."""
    found = datetime.fromisoformat(text.replace(" ", "+"))
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


def geometry(text: str) -> BaseGeometry:
    """A geometry in WKT, degrees. Raises ``ValueError``."""
    text = re.sub(r"^\s*SRID=\d+;", "", text, flags=re.IGNORECASE)
    try:
        found = shapely.from_wkt(text)
    except GEOSException as wrong:
        raise ValueError(str(wrong)) from None
    if found is None or found.is_empty:
        raise ValueError(text[:40])
    return found


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        raise ValueError(text)
    sign, days, hours, minutes, seconds = found.groups()
    length = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0))
    return -length if sign else length


def paths(expression: Expression) -> list[Path]:
    """Every property that an expression names."""
    match expression:
        case Path():
            return [expression]
        case Call(_, arguments):
            return [path for argument in arguments for path in paths(argument)]
        case Operation(_, left, right):
            return paths(left) + paths(right)
        case Not(operand):
            return paths(operand)
    return []


def conjuncts(expression: Expression | None) -> list[Expression]:
    """The parts that must all hold."""
    if expression is None:
        return []
    if isinstance(expression, Operation) and expression.operator == "and":
        return conjuncts(expression.left) + conjuncts(expression.right)
    return [expression]
