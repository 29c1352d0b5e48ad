"""What is on a board, without the machinery of merging: the schema of objects, and the state that a row of changes leads to. Pure.

A board is one flat table of keys ``<object>:<field>`` (32 hexadecimal digits, a name of :data:`FIELDS`). Two posts who change different
fields of one object both keep their change; of two who change the same field one wins, the same on every screen. An object is there while it
has ``kind`` and ``geometry`` and is not marked ``deleted``: a deletion is a mark, so that what was drawn can be shown again.

Who drew is nowhere in these keys. It is added by the server, from the session, when a change is taken (:class:`Mark`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

import msgspec

from anlan.command.plotting import rules
from anlan.command.plotting.symbols import symbols
from anlan.kernel.words import N_

Effect = Mapping[str, Any]
"""What an update changed: key → new value; ``None`` where the key was taken away."""
KEY = re.compile(r"([0-9a-f]{32}):([a-z]{2,8})")

KINDS: dict[str, str] = {
    "point": N_("点"),
    "line": N_("线"),
    "arrow": N_("箭头"),
    "area": N_("面"),
    "circle": N_("圆"),
    "sector": N_("扇形"),
    "symbol": N_("符号"),
    "text": N_("文字"),
}
TONES: dict[str, str] = {"own": N_("我方力量"), "hazard": N_("危险"), "neutral": N_("一般")}
FILLS: dict[str, str] = {"none": N_("不填充"), "light": N_("浅色填充")}
DASHES: dict[str, str] = {"solid": N_("实线"), "dashed": N_("虚线"), "dotted": N_("点线")}
GEOMETRY_OF: dict[str, str] = {
    "point": "Point",
    "line": "LineString",
    "arrow": "LineString",
    "area": "Polygon",
    "circle": "Point",
    "sector": "Point",
    "symbol": "Point",
    "text": "Point",
}


class Mark(msgspec.Struct, frozen=True):
    """Who changed something, at which post, when (ISO 8601, the node's time), by which update; ``late``: drawn without connection."""

    account_id: str
    name: str
    post: str
    at: str
    sequence: int
    late: bool = False


class Drawn(msgspec.Struct, frozen=True):
    """One object as it stands: its fields, who made it, who changed it last, who locked it."""

    id: str
    fields: dict[str, Any]
    created: Mark
    changed: Mark
    locked: Mark | None = None

    @property
    def there(self) -> bool:
        """Whether the object is to be seen."""
        return "kind" in self.fields and "geometry" in self.fields and self.fields.get("deleted") is not True

    @property
    def kind(self) -> str:
        """Kind of object; empty for one of which only a rest is left."""
        return str(self.fields.get("kind", ""))

    @property
    def title(self) -> str:
        """Its own title, else empty."""
        return str(self.fields.get("title", ""))


Objects = dict[str, Drawn]


class Wrong(ValueError):
    """A value that its field does not take; the text says why (Chinese source text)."""


def _one_of(known: Iterable[str]) -> Callable[[Any], None]:
    allowed = frozenset(known)

    def check(value: Any) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise Wrong(N_("不是可选的值"))

    return check


def _text(longest: int) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise Wrong(N_("不是文字"))
        if len(value) > longest:
            raise Wrong(N_("文字过长"))
        if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
            raise Wrong(N_("含有不可显示的字符"))

    return check


def _number(low: float, high: float) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or not low <= value <= high:
            raise Wrong(N_("数值超出允许范围"))

    return check


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise Wrong(N_("不是可选的值"))


def _symbol(value: Any) -> None:
    if not isinstance(value, str) or value not in symbols():
        raise Wrong(N_("没有这个符号"))


def _position(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong(N_("坐标应为经度、纬度两个数"))
    for degrees, most in zip(value, (180, 90), strict=True):
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not isfinite(degrees) or abs(degrees) > most:
            raise Wrong(N_("坐标不在地球范围内"))
    return float(value[0]), float(value[1])


def _geometry(value: Any) -> None:
    if not isinstance(value, dict) or set(value) != {"type", "coordinates"}:
        raise Wrong(N_("图形不完整"))
    form, coordinates = value["type"], value["coordinates"]
    if form == "Point":
        _position(coordinates)
        return
    if form == "LineString":
        line, least = coordinates, 2
    elif form == "Polygon":
        # One ring: a board's areas have no holes, a second area says the same and is easier to draw.
        if not isinstance(coordinates, list) or len(coordinates) != 1:
            raise Wrong(N_("面只能有一个边界"))
        line, least = coordinates[0], 4
    else:
        raise Wrong(N_("不是可用的图形"))
    if not isinstance(line, list) or not least <= len(line) <= rules.MOST_POINTS:
        raise Wrong(N_("图形的点太少或太多"))
    corners = [_position(each) for each in line]
    if form == "Polygon" and (corners[0] != corners[-1] or len(set(corners)) < 3):
        raise Wrong(N_("面的边界没有闭合"))


FIELDS: Mapping[str, Callable[[Any], None]] = {
    "kind": _one_of(KINDS),
    "geometry": _geometry,
    "symbol": _symbol,
    "title": _text(rules.LONGEST_TITLE),
    "remark": _text(rules.LONGEST_REMARK),
    "tone": _one_of(TONES),
    "fill": _one_of(FILLS),
    "dash": _one_of(DASHES),
    "radius": _number(1.0, rules.LONGEST_RADIUS_M),
    "from": _number(0.0, 360.0),
    "to": _number(0.0, 360.0),
    "turn": _number(0.0, 360.0),
    "lock": _flag,
    "deleted": _flag,
}
"""``radius`` in metres; ``from``, ``to`` of a sector and ``turn`` of a symbol in degrees clockwise from north."""
LABELS: dict[str, str] = {
    "kind": N_("类别"),
    "geometry": N_("位置"),
    "symbol": N_("符号"),
    "title": N_("名称"),
    "remark": N_("说明"),
    "tone": N_("颜色含义"),
    "fill": N_("填充"),
    "dash": N_("线型"),
    "radius": N_("半径"),
    "from": N_("起始方位"),
    "to": N_("终止方位"),
    "turn": N_("旋转"),
    "lock": N_("锁定"),
    "deleted": N_("删除"),
}


def split(key: str) -> tuple[str, str]:
    """Object and field of a key. Raises ``ForeignContent`` for a key that no board has."""
    found = KEY.fullmatch(key)
    if found is None or found[2] not in FIELDS:
        raise rules.ForeignContent(what=key[:60])
    return found[1], found[2]


def touched(effect: Effect) -> tuple[str, ...]:
    """Ids of the objects that an effect is about, each once, in the order of the effect."""
    return tuple(dict.fromkeys(split(key)[0] for key in effect))


def fold(objects: Objects, effect: Effect, mark: Mark) -> Objects:
    """The objects after one more update; ``objects`` itself is left as it is."""
    changes: dict[str, dict[str, Any]] = {}
    for key, value in effect.items():
        name, field = split(key)
        changes.setdefault(name, {})[field] = value
    after = dict(objects)
    for name, change in changes.items():
        before = objects.get(name)
        fields = dict(before.fields) if before is not None else {}
        for field, value in change.items():
            if value is None:
                fields.pop(field, None)
            else:
                fields[field] = value
        locked = before.locked if before is not None else None
        if "lock" in change:
            locked = mark if change["lock"] is True else None
        after[name] = Drawn(name, fields, before.created if before is not None else mark, mark, locked)
    return after


def check(before: Objects, after: Objects, effect: Effect, *, account_id: str, over_locks: bool) -> None:
    """Check what an update made of the objects it touched.

    Raises ``WrongValue`` (with ``object`` and ``field``), ``ObjectLocked`` when somebody else locked an object and the actor may not pass over
    locks, ``BoardFull``, ``ForeignContent``.
    """
    for key, value in effect.items():
        name, field = split(key)
        if value is None:
            continue
        try:
            FIELDS[field](value)
        except Wrong as why:
            raise _wrong(after[name], field, str(why)) from why
    for name in touched(effect):
        known = before.get(name)
        if known is not None and known.locked is not None and known.locked.account_id != account_id and not over_locks:
            raise rules.ObjectLocked(object=name, title=known.title or KINDS.get(known.kind, ""), name=known.locked.name)
        _check_object(known, after[name])
    count = sum(drawn.there for drawn in after.values())
    if count > rules.MOST_OBJECTS and count > sum(drawn.there for drawn in before.values()):
        raise rules.BoardFull(most=rules.MOST_OBJECTS)


def _check_object(known: Drawn | None, drawn: Drawn) -> None:
    """Whether the fields of one object fit together."""
    fields = drawn.fields
    kind = drawn.kind
    if known is not None and known.kind and kind and known.kind != kind:
        raise _wrong(drawn, "kind", N_("对象的类别不能改变"))
    if known is None and ("kind" not in fields or "geometry" not in fields):
        raise _wrong(drawn, "geometry", N_("新对象须有类别和位置"))
    if not drawn.there:
        return
    if fields["geometry"]["type"] != GEOMETRY_OF[kind]:
        raise _wrong(drawn, "geometry", N_("图形与类别不符"))
    needed = {"symbol": ("symbol",), "circle": ("radius",), "sector": ("radius", "from", "to"), "text": ("title",)}.get(kind, ())
    for field in needed:
        if fields.get(field) in (None, ""):
            raise _wrong(drawn, field, N_("未填写"))


def _wrong(drawn: Drawn, field: str, why: str) -> rules.WrongValue:
    return rules.WrongValue(object=drawn.id, field=field, title=drawn.title or KINDS.get(drawn.kind, ""), label=LABELS[field], why=why)


def what_happened(before: Objects, after: Objects, name: str, effect: Effect) -> tuple[str, tuple[str, ...]]:
    """The verb (``added``, ``deleted``, ``restored``, ``changed``) and the fields that an update changed on object ``name``."""
    was = name in before and before[name].there
    is_there = after[name].there
    fields = tuple(field for key in effect for owner, field in (split(key),) if owner == name and field != "deleted")
    if not was and is_there:
        return ("restored" if name in before else "added"), ()
    if was and not is_there:
        return "deleted", ()
    return "changed", fields
