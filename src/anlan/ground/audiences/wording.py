"""Roles, grounds and languages in the language of the request."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.ground.audiences import rules


def _named(row: rules.RoleRow | rules.ReachRow | rules.LanguageRow | None, code: str) -> str:
    if row is None:
        return code
    return row.name_en if (get_language() or "").startswith("en") else row.name_zh


def role(code: str) -> str:
    """Name of a role; the code when the table does not know it."""
    return _named(rules.roles().get(code), code)


def ground(number: int) -> str:
    """Name of a ground."""
    return _named(rules.grounds().get(number), str(number))


def language(code: str) -> str:
    """Name of a language."""
    return _named(rules.languages().get(code), code)


def needs(codes: str) -> str:
    """Names of needs."""
    return "、".join(str(_(rules.NEEDS.get(code, code))) for code in codes.split())


def role_choices() -> list[tuple[str, str]]:
    """Every role by code and name."""
    return [(code, role(code)) for code in rules.roles()]


def ground_choices() -> list[tuple[int, str]]:
    """Every ground by number and name."""
    return [(number, ground(number)) for number in rules.grounds()]


def language_choices() -> list[tuple[str, str]]:
    """Every language by code and name."""
    return [(code, language(code)) for code in rules.languages()]
