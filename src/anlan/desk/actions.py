"""Names of permissions in words, gathered from the ``ACTIONS`` of every room's ``rules``."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext


@lru_cache(maxsize=1)
def known_actions() -> dict[str, str]:
    """Every declared permission with its Chinese label."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if config.name.startswith("anlan.") and config.module is not None and module_has_submodule(config.module, "rules"):
            found.update(getattr(import_module(f"{config.name}.rules"), "ACTIONS", {}))
    return found


def action_label(action: str) -> str:
    """A permission in the language of the request; its code where no room names it."""
    label = known_actions().get(action)
    return gettext(label) if label else action
