"""What templates of alarms look up."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(mapping: Mapping[str, object], key: object) -> object:
    """The entry of a mapping under a key that is not known before."""
    return mapping.get(str(key), "")
