"""Where values enter the file: each field has one check, forms, spreadsheets, API and federation all pass here.

Every function returns the normalised value or raises a refusal; :func:`clean` gathers them by field in one ``Invalid``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

import shapely
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from shapely.errors import ShapelyError
from shapely.geometry import shape

from anlan.desk.resource import cells
from anlan.ground.enterprises import industry, rules
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.geo import ImpossibleCoordinates, Point, in_china
from anlan.kernel.levels import Level, prefix_of

Check = Callable[[Any], Any]

POINT_TOLERANCE_M = 500
"""A point this near its county counts as inside: outlines are simplified and plants stand on borders. The platform's own choice."""

_METRES_PER_DEGREE = 111_195.0


def clean(values: Mapping[str, object], checks: Mapping[str, Check], required: tuple[str, ...] = ()) -> dict[str, object]:
    """Normalise ``values`` by ``checks``. Raises ``Invalid`` naming every wrong field, and ``KeyError`` for a field without a check."""
    cleaned: dict[str, object] = {}
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = checks[name](value)
        except Refusal as refusal:
            wrong[name] = refusal
    for name in required:
        if name not in wrong and cleaned.get(name) in (None, ""):
            wrong[name] = rules.MissingValue(field=LABELS[name])
    if wrong:
        raise Invalid(wrong)
    return cleaned


def text(limit: int) -> Check:
    """A check for text of at most ``limit`` characters: inner white space folded to one blank."""

    def check(value: object) -> str:
        found = " ".join(str(value or "").split())
        if len(found) > limit:
            raise rules.TextTooLong(length=len(found), limit=limit)
        return found

    return check


def one_of(labels: Mapping[str, str], name: str | Promise) -> Check:
    """A check for a code of ``labels``; the Chinese label is taken for its code, because spreadsheets hold labels. Empty stays empty."""
    by_label = {label: code for code, label in labels.items()}

    def check(value: object) -> str:
        found = str(value or "").strip()
        found = by_label.get(found) or by_label.get(found + "型") or found
        if found and found not in labels:
            raise rules.UnknownCode(value=value, list=name)
        return found

    return check


def number(value: object) -> float | None:
    """A finite number, empty for unknown. Raises :class:`~anlan.ground.enterprises.rules.NotANumber`."""
    if value is None or value == "":
        return None
    try:
        found = float(cast("str", value))
    except (TypeError, ValueError):
        raise rules.NotANumber(value=value) from None
    if not math.isfinite(found):
        raise rules.NotANumber(value=value)
    return found


def head_count(value: object) -> int | None:
    """A number of people, 0 to 1,000,000; empty for unknown."""
    found = number(value)
    if found is None:
        return None
    if found != int(found) or not 0 <= found <= 1_000_000:
        raise rules.NotANumber(value=value)
    return int(found)


def day(value: object) -> date | None:
    """A date, or its text as spreadsheets write it; empty for unknown."""
    if not value:
        return None
    return value if isinstance(value, date) else cells.day(str(value).strip())


def place(value: object) -> str:
    """A county or township in force. Raises ``MalformedPlaceCode``, or a refusal that names the successor of a code out of force."""
    code = str(value or "").strip()
    code = code[:9] if len(code) == 12 and code.endswith("000") else code
    if not code:
        raise rules.MissingValue(field=_("归属地"))
    prefix_of(code)
    found = places.place(code)
    if found is None:
        raise rules.PlaceUnknown(code=code)
    if not found.in_force:
        successor = places.place(found.replaced_by) if found.replaced_by else None
        if successor is None:
            raise rules.PlaceAbolished(code=code, name=found.name)
        raise rules.PlaceNotInForce(code=code, name=found.name, successor=f"{successor.code}（{successor.name}）")
    if found.level < Level.COUNTY and not _has_no_counties(code):
        raise rules.PlaceTooHigh(code=code, name=found.name)
    return code


def _has_no_counties(code: str) -> bool:
    """Cities such as 东莞 have townships directly below; only there may an enterprise belong to the city itself."""
    below = places.children(code)
    return bool(below) and all(child.level is Level.TOWNSHIP for child in below)


def sector(value: object) -> str:
    """A code of the sector list; its name is taken for its code. Empty for unknown."""
    wanted = str(value or "").strip()
    if not wanted:
        return ""
    row = organisations.find_sector(wanted)
    if row is not None:
        return row.code
    raise rules.UnknownCode(value=value, list=_("行业领域清单"))


def industry_code(value: object) -> str:
    """A code of GB/T 4754-2017; empty for unknown."""
    return industry.industry_code(str(value)) if value else ""


def organisation(value: object) -> UUID | None:
    """The id of an organisation that exists; empty for unknown."""
    if not value:
        return None
    try:
        wanted = value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise rules.UnknownCode(value=value, list=_("机构清单")) from None
    if organisations.organisation(wanted) is None:
        raise rules.UnknownCode(value=value, list=_("机构清单"))
    return wanted


def phone(value: object) -> str:
    """A telephone number; see :func:`~anlan.ground.enterprises.rules.phone_number`."""
    return rules.phone_number(str(value or ""))


def classification(value: object) -> int:
    """A class of information, 0 to 2."""
    found = number(value)
    if found not in (0, 1, 2):
        raise rules.UnknownCode(value=value, list=_("信息类别"))
    return int(found)


def boundary(value: object) -> dict[str, object] | None:
    """A valid GeoJSON polygon inside China, given as text or as an object; empty for none. Raises ``BadBoundary``."""
    if not value:
        return None
    try:
        found: Any = json.loads(value) if isinstance(value, str | bytes) else value
        polygon = shape(found)
    except (ValueError, TypeError, KeyError, AttributeError, ShapelyError):
        raise rules.BadBoundary(reason=_("不是 GeoJSON 图形")) from None
    if polygon.geom_type != "Polygon" or polygon.is_empty:
        raise rules.BadBoundary(reason=_("不是多边形"))
    if not polygon.is_valid:
        raise rules.BadBoundary(reason=shapely.is_valid_reason(polygon))
    west, south, east, north = polygon.bounds
    for longitude, latitude in ((west, south), (east, north)):
        in_china(Point(longitude, latitude))
    return {"type": "Polygon", "coordinates": [[list(pair[:2]) for pair in ring] for ring in found["coordinates"]]}


def check_point(place_code: str, longitude: float | None, latitude: float | None) -> None:
    """Raise unless both or neither coordinate is given and the point lies in China and in its county (to 500 m)."""
    if longitude is None and latitude is None:
        return
    if longitude is None or latitude is None:
        raise rules.HalfAPoint
    point = in_china(Point(longitude, latitude))
    expected = places.place(place_code[:6])
    found = places.county_at(point.longitude, point.latitude)
    if expected is None or (found is not None and _within(found.code, expected.code)) or _nearly_in(expected.code, point):
        return
    if found is None:
        raise rules.PointNowhere(longitude=longitude, latitude=latitude, expected=expected.name)
    raise rules.PointOutsideCounty(
        longitude=longitude,
        latitude=latitude,
        found=places.full_name(found.code),
        found_code=found.code,
        expected=expected.name,
        expected_code=expected.code,
    )


def _within(found: str, expected: str) -> bool:
    """Whether the outline's code is the expected one or lies below it (an enterprise of a city without counties)."""
    return found == expected or found.startswith(prefix_of(expected)) or expected.startswith(prefix_of(found))


def _nearly_in(expected: str, point: Point) -> bool:
    step_north = POINT_TOLERANCE_M / _METRES_PER_DEGREE
    step_east = step_north / max(math.cos(math.radians(point.latitude)), 0.1)
    for turn in range(8):
        angle = turn * math.pi / 4
        found = places.county_at(point.longitude + step_east * math.cos(angle), point.latitude + step_north * math.sin(angle))
        if found is not None and _within(found.code, expected):
            return True
    return False


def point_refusals(place_code: str, longitude: object, latitude: object) -> dict[str, Refusal | str]:
    """What :func:`check_point` says, by the field it concerns; empty when the point is good."""
    try:
        check_point(place_code, cast("float | None", longitude), cast("float | None", latitude))
    except (ImpossibleCoordinates, rules.HalfAPoint) as refusal:
        return {"latitude" if longitude is not None and latitude is None else "longitude": refusal}
    except Refusal as refusal:
        return {"longitude": refusal}
    return {}


LABELS: dict[str, Promise] = {
    "uscc": _("统一社会信用代码"),
    "name": _("名称"),
    "place_code": _("归属地"),
    "role": _("职责"),
    "phone": _("电话"),
    "state": _("经营状态"),
}

ENTERPRISE: dict[str, Check] = {
    "uscc": lambda value: rules.credit_code(str(value or "")),
    "name": text(120),
    "short_name": text(40),
    "legal_representative": text(60),
    "industry_code": industry_code,
    "sector_code": sector,
    "scale": one_of(rules.SCALES, _("企业规模")),
    "state": one_of(rules.STATES, _("经营状态")),
    "registered_address": text(200),
    "place_code": place,
    "longitude": number,
    "latitude": number,
    "staff_count": head_count,
    "founded_on": day,
    "business_scope": text(4000),
    "supervisor": organisation,
    "source": one_of(rules.SOURCES, _("数据来源")),
    "source_note": text(120),
    "classification": classification,
}

SITE: dict[str, Check] = {
    "name": text(120),
    "address": text(200),
    "place_code": place,
    "longitude": number,
    "latitude": number,
    "boundary": boundary,
    "is_main": bool,
    "in_use": bool,
    "classification": classification,
}

CONTACT: dict[str, Check] = {
    "role": one_of(rules.CONTACT_ROLES, _("职责")),
    "name": text(60),
    "phone": phone,
    "is_current": bool,
}


_WITH_DEFAULT = frozenset({"state", "source", "classification"})


def enterprise(values: Mapping[str, object], current: Mapping[str, object] | None = None) -> dict[str, object]:
    """Check the fields of an enterprise: all needed ones when it is new, else those given, together with what it holds (``current``)."""
    required = ("uscc", "name", "place_code") if current is None else tuple({"uscc", "name", "place_code"} & values.keys())
    # An empty cell of these means "as usual", not "none".
    given = {name: value for name, value in values.items() if name not in _WITH_DEFAULT or value not in (None, "")}
    cleaned = _with_point(lambda: clean(given, ENTERPRISE, required), given)
    _check_point_of(cleaned, current)
    if "industry_code" in cleaned:
        cleaned["industry_division"] = str(cleaned["industry_code"])[:3]
    if "supervisor" in cleaned:
        cleaned["supervisor_id"] = cleaned.pop("supervisor")
    return cleaned


def site(values: Mapping[str, object], current: Mapping[str, object] | None = None) -> dict[str, object]:
    """Check the fields of a plant area; a point is taken from the middle of its boundary when none is given."""
    required = ("name", "place_code") if current is None else tuple({"name", "place_code"} & values.keys())
    cleaned = _with_point(lambda: clean(values, SITE, required), values)
    outline = cleaned.get("boundary")
    if outline and cleaned.get("longitude") is None and cleaned.get("latitude") is None:
        middle = shape(outline).representative_point()
        cleaned["longitude"], cleaned["latitude"] = round(middle.x, 6), round(middle.y, 6)
    _check_point_of(cleaned, current)
    return cleaned


def _with_point(check: Callable[[], dict[str, object]], values: Mapping[str, object]) -> dict[str, object]:
    """What ``check`` returns. When it refuses other fields, a point that lies nowhere in China is refused along with them."""
    try:
        return check()
    except Invalid as refusal:
        named = {"longitude", "latitude"} & refusal.fields.keys()
        degrees = [] if named else [number(values.get(name)) for name in ("longitude", "latitude")]
        if len(degrees) == 2 and None not in degrees:
            try:
                in_china(Point(*cast("list[float]", degrees)))
            except ImpossibleCoordinates as impossible:
                raise Invalid({**refusal.fields, "longitude": impossible}) from refusal
        raise


def contact(values: Mapping[str, object], current: Mapping[str, object] | None = None) -> dict[str, object]:
    """Check the fields of a person to call."""
    needed = {"role", "name", "phone"}
    return clean(values, CONTACT, tuple(sorted(needed if current is None else needed & values.keys())))


def _check_point_of(cleaned: Mapping[str, object], current: Mapping[str, object] | None) -> None:
    if not {"place_code", "longitude", "latitude"} & cleaned.keys():
        return
    whole = {**(current or {}), **cleaned}
    wrong = point_refusals(str(whole["place_code"]), whole.get("longitude"), whole.get("latitude"))
    if wrong:
        raise Invalid(wrong)
