"""Every action of every room, as the rooms' own rules name them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.functional import Promise


@cache
def action_catalogue() -> tuple[tuple[str, str | Promise, tuple[tuple[str, str], ...]], ...]:
    """Rooms in the order of the house: code, name, and their actions with Chinese labels (source text).

    Read from the rooms that are installed, so that this room, low in the house, names none of those above it.
    """
    rooms = []
    for config in apps.get_app_configs():
        if not config.name.startswith("anlan.") or find_spec(f"{config.name}.rules") is None:
            continue
        actions: dict[str, str] = getattr(import_module(f"{config.name}.rules"), "ACTIONS", {})
        if actions:
            rooms.append((config.label, config.verbose_name, tuple(actions.items())))
    return tuple(rooms)


@cache
def sendable_actions() -> tuple[str, ...]:
    """What an enterprise's own system may send with an interface key: the closed list, made of the ``SENDABLE`` of each room's rules."""
    found: list[str] = []
    for config in apps.get_app_configs():
        if config.name.startswith("anlan.") and find_spec(f"{config.name}.rules") is not None:
            found += getattr(import_module(f"{config.name}.rules"), "SENDABLE", ())
    return tuple(found)


@cache
def feedable_actions() -> tuple[str, ...]:
    """What an interface key for a post of a bureau may bring in: the closed list, made of the ``FEEDABLE`` of each room's rules."""
    found: list[str] = []
    for config in apps.get_app_configs():
        if config.name.startswith("anlan.") and find_spec(f"{config.name}.rules") is not None:
            found += getattr(import_module(f"{config.name}.rules"), "FEEDABLE", ())
    return tuple(found)


def all_actions() -> tuple[str, ...]:
    """Names of every action of the node."""
    return tuple(action for _, _, actions in action_catalogue() for action, _ in actions)
