"""SenML in JSON (RFC 8428): resolving base fields and times, values in the unit of the point, refusals one by one.

A record's point is the one called by its whole name (base name and name together), or, where all records share one base name, by the name
alone: the base name then names the equipment. ``v`` and ``vb`` (as 1 and 0) are readings; ``vs``, ``vd`` and a sum alone are none and are
refused one by one, as is a value in a unit that cannot be turned into the point's.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.readings import MAX_SAMPLES, Decoded, MalformedTime, NotANumber, Sample, finite, time_ms

VERSION = 10
RELATIVE_BELOW_S = 2**28
"""A time below counts from the moment of receipt (RFC 8428 4.5.3)."""

_FIELDS = frozenset({"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"})
_TELLING = frozenset({"bn", "n", "bt", "bu", "bv", "bver"})
_UNITS = Path(__file__).parent / "data" / "senml_units.csv"


class MalformedPack(Refusal):
    code: ClassVar[str] = "reading_bad_senml"
    sentence: ClassVar[str] = N_("SenML 报文不符合 RFC 8428：{reason}。")
    status: ClassVar[int] = 422


class NoMeasurement(Refusal):
    code: ClassVar[str] = "reading_no_measurement"
    sentence: ClassVar[str] = N_("测点“{sensor}”只给出“{field}”，不是测量值，该条未采用：只接收 v（数值）和 vb（开关量）。")
    status: ClassVar[int] = 422


class WrongUnit(Refusal):
    code: ClassVar[str] = "reading_wrong_unit"
    sentence: ClassVar[str] = N_("测点“{sensor}”的单位“{unit}”不能换算为登记的单位“{wanted}”，该值未采用。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class _Record:
    """A resolved record: its names, its time as SenML counts it (s), and the fields it gave itself."""

    base: str
    name: str
    moment: float
    unit: str
    offset: float
    fields: Mapping[str, Any]


def is_pack(found: object) -> bool:
    """Whether loaded JSON is meant as SenML: a list whose first record has a SenML name or base field and no map of values."""
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        return False
    first = found[0]
    return bool(_TELLING & first.keys()) and not isinstance(first.get("v"), dict)


def decode(found: object, received_ms: int, units: Mapping[str, str] | None = None) -> Decoded:
    """Samples of a loaded pack.

    ``received_ms``: moment of receipt, ms since 1970 UTC. ``units``: unit of each point of the device by code; an unknown name keeps its
    whole form and value. Raises :class:`MalformedPack` when the pack as a whole cannot be understood.
    """
    known = units or {}
    records, refused = _resolved(found)
    one_base = len({record.base for record in records}) <= 1
    by_time: dict[int, list[dict[str, float]]] = {}
    timeless = False
    for record in records:
        whole = record.base + record.name
        point = whole if whole in known or not one_base or not record.name or record.name not in known else record.name
        try:
            value = _value(record, point, known.get(point, ""))
            if value is None:
                continue
            relative = record.moment < RELATIVE_BELOW_S
            moment = time_ms(record.moment * 1000 + (received_ms if relative else 0))
        except Refusal as refusal:
            refused.append(refusal)
            continue
        timeless |= relative
        # Two values of one point at one moment cannot stand in one sample.
        samples = by_time.setdefault(moment, [{}])
        if point in samples[-1]:
            samples.append({})
        samples[-1][point] = value
    samples_found = tuple(Sample(moment, values) for moment, several in by_time.items() for values in several if values)
    return Decoded(samples_found, tuple(refused), timeless)


def _resolved(found: object) -> tuple[list[_Record], list[Refusal]]:
    if not isinstance(found, list) or not found:
        raise MalformedPack(reason="[]")
    if len(found) > MAX_SAMPLES:
        raise MalformedPack(reason=f"{len(found)} > {MAX_SAMPLES}")
    records: list[_Record] = []
    refused: list[Refusal] = []
    base: dict[str, Any] = {"bn": "", "bt": 0.0, "bu": "", "bv": 0.0}
    for given in found:
        if not isinstance(given, dict):
            raise MalformedPack(reason=type(given).__name__)
        _check_understood(given)
        _take_base(base, given)
        if not given.keys() - {"bn", "bt", "bu", "bv", "bs", "bver"}:
            continue
        try:
            records.append(_record(base, given))
        except Refusal as refusal:
            refused.append(refusal)
    return records, refused


def _check_understood(given: dict[str, Any]) -> None:
    """Versions and fields that a reader must understand or leave the whole pack alone (RFC 8428 4.4)."""
    version = given.get("bver", VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version > VERSION:
        raise MalformedPack(reason=f"bver {str(version)[:20]}")
    unknown = next((label for label in given if label.endswith("_") and label not in _FIELDS), None)
    if unknown is not None:
        raise MalformedPack(reason=unknown[:40])


def _take_base(base: dict[str, Any], given: dict[str, Any]) -> None:
    for label in ("bn", "bu"):
        if label in given:
            if not isinstance(given[label], str):
                raise MalformedPack(reason=label)
            base[label] = given[label]
    for label in ("bt", "bv"):
        if label in given:
            number = finite(given[label])
            if number is None:
                raise MalformedPack(reason=label)
            base[label] = number


def _record(base: Mapping[str, Any], given: dict[str, Any]) -> _Record:
    name, unit = given.get("n", ""), given.get("u", base["bu"])
    if not isinstance(name, str) or not isinstance(unit, str):
        raise MalformedPack(reason="n, u")
    if not base["bn"] + name:
        raise MalformedPack(reason="n")
    moment = finite(given.get("t", 0))
    if moment is None:
        raise MalformedTime(value=str(given.get("t"))[:40])
    return _Record(base["bn"], name, base["bt"] + moment, unit, base["bv"], given)


def _value(record: _Record, point: str, wanted: str) -> float | None:
    """The value in the unit of the point. Raises the refusal of what is none."""
    fields = record.fields
    if "vb" in fields and "v" not in fields:
        if not isinstance(fields["vb"], bool):
            raise NotANumber(sensor=point[:64], value=str(fields["vb"])[:40])
        return float(fields["vb"])
    if "v" not in fields:
        other = next((label for label in ("vs", "vd", "s") if label in fields), "n")
        raise NoMeasurement(sensor=point[:64], field=other)
    number = finite(fields["v"])
    value = None if number is None else finite(_converted(number + record.offset, record.unit, wanted, point))
    if value is None:
        raise NotANumber(sensor=point[:64], value=str(fields["v"])[:40])
    return value


def _converted(value: float, unit: str, wanted: str, point: str) -> float:
    if not unit or not wanted or unit == wanted:
        return value
    known = _conversions().get((unit, wanted))
    if known is None:
        raise WrongUnit(sensor=point[:64], unit=unit[:24], wanted=wanted)
    scale, offset = known
    return value * scale + offset


@cache
def _conversions() -> dict[tuple[str, str], tuple[float, float]]:
    """Scale and offset by SenML unit and unit of the registry, from ``data/senml_units.csv``."""
    with _UNITS.open(encoding="utf-8", newline="") as rows:
        return {(row["senml"], row["unit"]): (float(row["scale"]), float(row["offset"])) for row in csv.DictReader(rows)}
