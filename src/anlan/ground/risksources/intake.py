"""Where values of a hazard source enter: forms, spreadsheets, API and federation all pass here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from django.utils.translation import gettext_lazy
from stdnum import casrn
from stdnum.exceptions import ValidationError

from anlan.desk.resource import cells
from anlan.ground.risksources import kinds, rules
from anlan.kernel.errors import Invalid, Refusal

_TEXTS = {
    "code": 40,
    "name": 120,
    "substance_name": 120,
    "major_basis": 200,
    "principal_name": 60,
    "principal_phone": 20,
    "technical_name": 60,
    "technical_phone": 20,
    "operation_name": 60,
    "operation_phone": 20,
}
_MOST_TONNES = Decimal(10_000_000)


def cas_number(value: object) -> str:
    """A CAS number with a right check digit, empty for unknown. Raises :class:`~anlan.ground.risksources.rules.WrongCas`."""
    text = str(value or "").strip().translate(str.maketrans("－–—", "---"))
    if not text:
        return ""
    try:
        return casrn.validate(text)
    except ValidationError:
        raise rules.WrongCas(value=text) from None


def tonnes(value: object) -> Decimal | None:
    """A mass in tonnes, 0 to ten million, kept to 0.1 kg; empty for unknown."""
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise rules.WrongQuantity(value=value) from None
    if not found.is_finite() or not 0 <= found <= _MOST_TONNES:
        raise rules.WrongQuantity(value=value)
    return found.quantize(Decimal("0.0001"))


def major_level(value: object) -> int | None:
    """A level of major hazard source: 1–4, 一–四 or 一级–四级; empty for none."""
    text = str(value or "").strip().removesuffix("级")
    if not text:
        return None
    if text in "一二三四" and len(text) == 1:
        return "一二三四".index(text) + 1
    if text in ("1", "2", "3", "4"):
        return int(text)
    raise rules.WrongLevel(value=value)


def attributes(kind_code: str, values: Mapping[str, object]) -> dict[str, object]:
    """The attributes of a kind, by code (or by Chinese name, as sheets write them); unknown ones left out when empty.

    Raises ``Invalid`` with fields ``attributes.<code>``: wrong type, out of range, missing, or not an attribute of this kind.
    """
    declared = {row.code: row for row in kinds.attributes_of(kind_code)}
    by_name = {row.name_zh: row.code for row in declared.values()}
    given = {by_name.get(name, name): value for name, value in values.items()}
    wrong: dict[str, Refusal | str] = {
        f"attributes.{name}": rules.NotAnAttribute(name=name, kind=kinds.kind(kind_code).name_zh) for name in given.keys() - declared.keys()
    }
    parsed: dict[str, object] = {}
    for code, row in declared.items():
        try:
            value = row.parse(given.get(code))
        except Refusal as refusal:
            wrong[f"attributes.{code}"] = refusal
            continue
        if value is not None:
            parsed[code] = value
        elif row.required:
            wrong[f"attributes.{code}"] = rules.AttributeMissing(name=row.name_zh)
    if wrong:
        raise Invalid(wrong)
    return parsed


def clean(values: Mapping[str, object], current: Mapping[str, object] | None = None) -> dict[str, object]:
    """Check the fields of a hazard source; with ``current`` (what it holds) only those given. Raises ``Invalid``.

    Point and site are checked by the services, which know the enterprise.
    """
    cleaned: dict[str, object] = {}
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = one(name, value)
        except Refusal as refusal:
            wrong[name] = refusal
    for name in ("code", "name", "kind"):
        if (current is None or name in values) and name not in wrong and not cleaned.get(name):
            wrong[name] = rules.Missing(field=gettext_lazy(rules.LABELS[name]))
    whole = {**(current or {}), **cleaned}
    kind_code = str(whole.get("kind") or "")
    if "kind" not in wrong and kind_code and (current is None or {"attributes", "kind"} & values.keys()):
        try:
            cleaned["attributes"] = attributes(kind_code, cast("Mapping[str, object]", whole.get("attributes") or {}))
        except Invalid as refusal:
            wrong.update(refusal.fields)
    wrong.update(_major(whole, wrong))
    if wrong:
        raise Invalid(wrong)
    return cleaned


def one(name: str, value: object) -> object:
    """Check one field by its name. Raises the field's refusal; ``KeyError`` for an unknown field."""
    if name in _TEXTS:
        return _text(value, _TEXTS[name])
    if name == "kind":
        return kinds.kind(value).code if value else ""
    if name == "substance_cas":
        return cas_number(value)
    if name in ("quantity_t", "design_max_t"):
        return tonnes(value)
    if name == "major_level":
        return major_level(value)
    if name == "is_major":
        return value in (True, "true", "on", "1", "是")
    if name == "state":
        return _state(value)
    if name == "commissioned_on":
        return _day(value)
    if name in ("longitude", "latitude"):
        return _degrees(value)
    if name in ("attributes", "site_id", "place_code", "classification"):
        return value
    raise KeyError(name)


def _text(value: object, limit: int) -> str:
    found = " ".join(str(value or "").split())
    if len(found) > limit:
        raise rules.TextTooLong(length=len(found), limit=limit)
    return found


def _state(value: object) -> str:
    text = str(value or rules.IN_USE).strip()
    found = {label: code for code, label in rules.STATES.items()}.get(text, text)
    if found not in rules.STATES:
        raise rules.UnknownState(value=value, known="、".join(rules.STATES.values()))
    return found


def _day(value: object) -> date | None:
    if not value:
        return None
    return value if isinstance(value, date) else cells.day(str(value).strip())


def _degrees(value: object) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(cast("str", value))
    except (TypeError, ValueError):
        raise rules.WrongDegrees(value=value) from None


def _major(whole: Mapping[str, object], wrong: Mapping[str, object]) -> dict[str, Refusal | str]:
    """A level needs the mark and its basis; GB 18218 grades only what was identified as major."""
    if "major_level" in wrong or whole.get("major_level") is None:
        return {}
    found: dict[str, Refusal | str] = {}
    if not whole.get("is_major"):
        found["is_major"] = rules.LevelWithoutMark()
    if not whole.get("major_basis") and "major_basis" not in wrong:
        found["major_basis"] = rules.Missing(field=gettext_lazy(rules.LABELS["major_basis"]))
    return found
