"""What the form of a judgement holds: every figure with its unit, its bounds and where it comes from. Pure.

Bounds here only keep out what cannot be (a mass of nothing, a direction of 400°); the models refuse what they do not hold for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from anlan.command.judgement import rules
from anlan.consequence.assumptions import LIQUID_SPACE, VAPOUR_SPACE
from anlan.consequence.chain import RURAL, STABILITIES, URBAN
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_

Value = float | str | None
SCENE, AMOUNT, WEATHER = "scene", "amount", "weather"
GROUPS: Final = {SCENE: N_("地点与物质"), AMOUNT: N_("源强"), WEATHER: N_("气象")}
OPENINGS: Final = {LIQUID_SPACE: N_("液相"), VAPOUR_SPACE: N_("气相")}
GROUNDS: Final = {RURAL: N_("开阔（乡村）"), URBAN: N_("城区")}
CLASSES: Final = {each: each for each in STABILITIES}


@dataclass(frozen=True)
class Field:
    """One input: ``kinds`` that ask for it, ``releases`` of a toxic release that do (empty: all); bounds in ``unit``, ``open_low``: more than ``low``.

    ``optional``: may stay empty, with the meaning that ``help`` tells.
    """

    name: str
    label: str
    unit: str
    group: str
    kinds: tuple[str, ...]
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    optional: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    releases: tuple[str, ...] = ()
    help: str = ""
    word: bool = False
    moment: bool = False


_ALL = tuple(rules.KINDS)
_TOXIC = (rules.TOXIC,)
_VESSEL = (rules.HOLE, rules.WHOLE)
_WIND = (rules.TOXIC, rules.POOL_FIRE)

FIELDS: Final[tuple[Field, ...]] = (
    Field("substance", N_("物质"), "", SCENE, (*_TOXIC, rules.FIREBALL, rules.POOL_FIRE, rules.JET_FIRE, rules.CLOUD_BLAST), word=True),
    Field("longitude", N_("经度"), "°", SCENE, _ALL, 73.4, 135.2),
    Field("latitude", N_("纬度"), "°", SCENE, _ALL, 3.3, 53.7),
    Field("began_at", N_("开始时间"), "", SCENE, _ALL, moment=True),
    Field("release", N_("泄漏方式"), "", AMOUNT, _TOXIC, choices=rules.RELEASES),
    Field("inventory_t", N_("存量"), "t", AMOUNT, (*_TOXIC, rules.FIREBALL, rules.CLOUD_BLAST), 0, 1e6, True, releases=_VESSEL),
    Field("pressure_mpa", N_("容器压力（表压）"), "MPa", AMOUNT, _TOXIC, -0.1, 100, releases=_VESSEL),
    Field("vessel_temperature_c", N_("容器内温度"), "℃", AMOUNT, _TOXIC, -200, 500, releases=_VESSEL),
    Field("hole_mm", N_("孔口当量直径"), "mm", AMOUNT, _TOXIC, 0, 5000, True, releases=(rules.HOLE,)),
    Field("opening", N_("孔口位置"), "", AMOUNT, _TOXIC, choices=OPENINGS, releases=(rules.HOLE,)),
    Field("head_m", N_("孔口以上液柱高度"), "m", AMOUNT, _TOXIC, 0, 60, releases=(rules.HOLE,)),
    Field("rate_kg_s", N_("泄漏速率"), "kg/s", AMOUNT, (*_TOXIC, rules.JET_FIRE), 0, 1e4, True, releases=(rules.RATE,)),
    Field("height_m", N_("离地高度"), "m", AMOUNT, _TOXIC, 0, 200),
    Field("bund_m2", N_("围堰面积"), "m²", AMOUNT, _TOXIC, 0, 1e6, True, True, releases=_VESSEL, help=N_("没有围堰则不填")),
    Field("duration_min", N_("持续时间"), "min", AMOUNT, _TOXIC, 0, 2880, True, True, help=N_("不知何时封堵则不填，按漏空计")),
    Field("diameter_m", N_("液池直径"), "m", AMOUNT, (rules.POOL_FIRE,), 0, 500, True),
    Field("burning_flux", N_("燃烧速率"), "kg/(m²·s)", AMOUNT, (rules.POOL_FIRE,), 0, 1, True),
    Field("heat_mj_kg", N_("燃烧热"), "MJ/kg", AMOUNT, (rules.JET_FIRE, rules.CLOUD_BLAST), 0, 200, True),
    Field("radiative_fraction", N_("辐射份额"), "", AMOUNT, (rules.JET_FIRE,), 0, 1, True),
    Field("tnt_yield", N_("爆炸效率因子"), "", AMOUNT, (rules.CLOUD_BLAST,), 0, 1, True),
    Field("tnt_kg", N_("TNT 当量"), "kg", AMOUNT, (rules.TNT,), 0, 1e7, True),
    Field("minutes", N_("接触时间"), "min", AMOUNT, _TOXIC, 0, 480, True),
    Field("wind_from_deg", N_("风向（来向）"), "°", WEATHER, _WIND, 0, 360, help=N_("风从哪个方向吹来，正北为 0°，正东为 90°")),
    Field("wind_m_s", N_("风速"), "m/s", WEATHER, _WIND, 0, 60),
    Field("stability", N_("大气稳定度"), "", WEATHER, _TOXIC, choices=CLASSES),
    Field("air_temperature_c", N_("气温"), "℃", WEATHER, _TOXIC, -50, 55),
    Field("humidity_pct", N_("相对湿度"), "%", WEATHER, _TOXIC, 0, 100),
    Field("ground", N_("地表"), "", WEATHER, _TOXIC, choices=GROUNDS),
)
BY_NAME: Final = MappingProxyType({each.name: each for each in FIELDS})


@dataclass(frozen=True)
class Filled:
    """One value with its provenance: ``origin`` a code of ``rules.ORIGINS``; ``facts`` what else is known of it (name, distance, age, status);
    ``at``: when it was measured or typed."""

    value: Value
    origin: str
    at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"value": self.value, "origin": self.origin, "at": self.at.isoformat() if self.at else None, "facts": dict(self.facts)}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Filled:
        """From :meth:`stored`."""
        at = datetime.fromisoformat(kept["at"]) if kept.get("at") else None
        return cls(kept["value"], kept["origin"], at, kept.get("facts") or {})


Inputs = Mapping[str, Filled]


def asked(kind: str, release: str = rules.HOLE) -> tuple[Field, ...]:
    """The fields that a kind asks for. Raises ``UnknownKind``."""
    if kind not in rules.KINDS:
        raise rules.UnknownKind(kind=kind, known=", ".join(rules.KINDS))
    return tuple(each for each in FIELDS if kind in each.kinds and (kind != rules.TOXIC or not each.releases or release in each.releases))


def value_of(wanted: Field, given: Any) -> Value:
    """A checked value in the field's unit; ``None`` for an optional one left empty. Raises the refusal that says what is needed."""
    text = "" if given is None else str(given).strip()
    if not text:
        if wanted.optional:
            return None
        raise rules.NothingGiven(what=wanted.label, unit=wanted.unit or "—")
    if wanted.choices:
        if text not in wanted.choices:
            raise rules.NoSuchChoice(what=wanted.label, given=text, known=" / ".join(wanted.choices))
        return text
    if wanted.word:
        return text
    if wanted.moment:
        return _moment(wanted, text)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise rules.NoNumber(what=wanted.label, unit=wanted.unit or "1", given=text)
    if wanted.open_low and number <= wanted.low:
        raise rules.NotAboveNothing(what=wanted.label, unit=wanted.unit, low=f"{wanted.low:g}", given=f"{number:g}")
    if not wanted.low <= number <= wanted.high:
        raise rules.BeyondBounds(what=wanted.label, unit=wanted.unit, low=f"{wanted.low:g}", high=f"{wanted.high:g}", given=f"{number:g}")
    return number


def _moment(wanted: Field, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise rules.NoMoment(what=wanted.label, given=text) from None
    if moment.tzinfo is None:
        raise rules.NoMoment(what=wanted.label, given=text)
    return moment.astimezone(UTC).isoformat()


def checked(kind: str, given: Inputs) -> dict[str, Filled]:
    """The inputs a kind asks for, each checked, others left out. Raises ``Invalid`` naming every field that is wrong, ``UnknownKind``."""
    release = given["release"].value if kind == rules.TOXIC and "release" in given else rules.HOLE
    found: dict[str, Filled] = {}
    wrong: dict[str, Refusal | str] = {}
    for wanted in asked(kind, str(release)):
        filled = given.get(wanted.name, Filled(None, "typed"))
        try:
            found[wanted.name] = replace(filled, value=value_of(wanted, filled.value))
        except Refusal as refusal:
            wrong[wanted.name] = _several(filled) or refusal
    if wrong:
        raise Invalid(wrong)
    return found


def _several(filled: Filled) -> Refusal | None:
    """Why a field that the register leaves among several chemicals is refused."""
    candidates = filled.facts.get("candidates")
    if filled.value is not None or not candidates:
        return None
    return rules.SeveralChemicals(registered=filled.facts.get("registered", ""), candidates="、".join(candidates))


def typed_over(before: Inputs, given: Mapping[str, Any], *, who: str, at: datetime) -> dict[str, Filled]:
    """``before`` with what somebody typed: a value that is the same keeps its provenance, another one is that person's."""
    found = dict(before)
    for name, text in given.items():
        wanted = BY_NAME.get(name)
        if wanted is None:
            continue
        known = before.get(name)
        if known is not None and same(wanted, known.value, text):
            continue
        found[name] = Filled(None if text is None or str(text).strip() == "" else str(text).strip(), "typed", at, {"who": who})
    return found


def same(wanted: Field, known: Value, given: Any) -> bool:
    """Whether what stands in the form is what it was filled with (figures as they are shown)."""
    return shown(wanted, known) == shown(wanted, given)


def shown(wanted: Field, value: Any) -> str:
    """A value as the form shows it: figures with at most five significant digits, coordinates with six decimals."""
    if value is None or str(value).strip() == "":
        return ""
    if wanted.choices or wanted.word:
        return str(value).strip()
    if wanted.moment:
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        except ValueError:
            return str(value)
    try:
        number = float(value)
    except ValueError:
        return str(value)
    return f"{number:.6f}".rstrip("0").rstrip(".") if wanted.unit == "°" and wanted.name != "wind_from_deg" else f"{number:.5g}"
