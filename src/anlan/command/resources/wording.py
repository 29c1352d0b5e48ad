"""Names of kinds, capabilities, supplies and reasons in the language of the request."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.resources import rules
from anlan.command.resources.models import RescueResource


def english() -> bool:
    """Whether the request is answered in English."""
    return get_language() == "en"


def kind_name(code: str) -> str:
    """Name of a kind; a code nobody knows is told as it is."""
    row = rules.kinds().get(code)
    return code if row is None else row.name_en if english() else row.name_zh


def kind_choices() -> list[tuple[str, str]]:
    """Kinds to choose from."""
    return [(code, kind_name(code)) for code in rules.kinds()]


def offer_name(code: str) -> str:
    """Name of a capability or class of supplies; the standard names supplies in Chinese only."""
    return rules.name_of(code, english=english())


def capability_choices() -> Iterator[tuple[str, str]]:
    """Capabilities to choose from."""
    return ((code, offer_name(code)) for code in rules.capabilities())


def offered(code: str, quantity: Decimal) -> str:
    """One offer in words, with its unit."""
    return f"{offer_name(code)} {rules.plain(quantity)} {rules.unit_of(code, english=english())}".strip()


def offers(row: RescueResource) -> str:
    """Everything a resource offers, in one line."""
    return ("; " if english() else "；").join(offered(code, number) for code, number in row.amounts.items())


def reason(given: rules.Reason) -> str:
    """A reason with what it costs in the ranking."""
    text = _(rules.REASONS[given.code])
    return text if not given.minutes else _("{reason}（排序加 {minutes} 分钟）").format(reason=text, minutes=given.minutes)
