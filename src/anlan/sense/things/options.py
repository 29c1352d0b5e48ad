"""Query options (OGC 18-088, 9.3): ``$filter``, ``$orderby``, ``$top``, ``$skip``, ``$count``, ``$select``, ``$expand`` with options of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from anlan.sense.things.expressions import Expression, parse, parse_order
from anlan.sense.things.rules import DEFAULT_TOP, MOST_SKIP, MOST_TOP, MalformedOption

DATA_ARRAY = "dataArray"
_DEEPEST_EXPAND = 6


@dataclass(frozen=True)
class Options:
    """Options of one collection or entity. ``texts``: as they were written, for links to the next page."""

    filter: Expression | None = None
    order: tuple[tuple[Expression, bool], ...] = ()
    top: int = DEFAULT_TOP
    skip: int = 0
    count: bool = False
    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    data_array: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Expand:
    """One related entity or collection to be given inline."""

    link: str
    options: Options


def read(pairs: Iterable[tuple[str, str]], depth: int = 0) -> Options:
    """Options from decoded pairs of name and value; what does not begin with ``$`` is left alone but ``resultFormat``.

    Raises ``MalformedOption``, ``MalformedExpression``.
    """
    texts = {name: value for name, value in pairs if name.startswith("$") or name == "resultFormat"}
    unknown = set(texts) - {"$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand", "$resultFormat", "resultFormat"}
    if unknown:
        raise MalformedOption(option=sorted(unknown)[0][:40], value="")
    form = texts.get("$resultFormat", texts.get("resultFormat", ""))
    if form not in {"", DATA_ARRAY}:
        raise MalformedOption(option="$resultFormat", value=form[:40])
    return Options(
        filter=parse(texts["$filter"]) if texts.get("$filter", "").strip() else None,
        order=parse_order(texts["$orderby"]) if texts.get("$orderby", "").strip() else (),
        top=min(_whole(texts, "$top", DEFAULT_TOP), MOST_TOP),
        skip=_whole(texts, "$skip", 0, MOST_SKIP),
        count=_truth(texts, "$count"),
        select=tuple(part.strip() for part in texts.get("$select", "").split(",") if part.strip()),
        expand=_expands(texts.get("$expand", ""), depth),
        data_array=form == DATA_ARRAY,
        texts=texts,
    )


def _whole(texts: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    text = texts.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10) or (most is not None and int(text) > most):
        raise MalformedOption(option=name, value=text[:40])
    return int(text)


def _truth(texts: Mapping[str, str], name: str) -> bool:
    text = texts.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise MalformedOption(option=name, value=text[:40])
    return text == "true"


def _expands(text: str, depth: int) -> tuple[Expand, ...]:
    if not text.strip():
        return ()
    if depth >= _DEEPEST_EXPAND:
        raise MalformedOption(option="$expand", value=text[:40])
    found: dict[str, Expand] = {}
    for part in split(text, ","):
        name, bracket, inner = part.partition("(")
        if bracket and not inner.endswith(")"):
            raise MalformedOption(option="$expand", value=part[:40])
        first, _slash, rest = name.strip().partition("/")
        if not first:
            raise MalformedOption(option="$expand", value=part[:40])
        pairs = [_pair(option) for option in split(inner[:-1], ";")] if inner else []
        if rest:
            # ``A/B(…)`` is A with B expanded in it.
            pairs = [("$expand", rest + (f"({inner}" if inner else ""))]
        if first in found:
            pairs = _joined(found[first], pairs)
        found[first] = Expand(first, read(pairs, depth + 1))
    return tuple(found.values())


def _joined(before: Expand, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Options of a link that is named twice (``Datastreams,Datastreams/Sensor``)."""
    joined = dict(before.options.texts)
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name == "$expand" and name in joined else value
    return list(joined.items())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise MalformedOption(option=text[:40], value="")
    return name.strip(), value


def split(text: str, at: str) -> list[str]:
    """``text`` cut at ``at``, but neither inside brackets nor inside quotes."""
    parts, begun, depth, quoted = [], 0, 0, False
    for place, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == at and depth == 0:
            parts.append(text[begun:place])
            begun = place + 1
    parts.append(text[begun:])
    return [part.strip() for part in parts if part.strip()]
