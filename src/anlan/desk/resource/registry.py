"""All resources of this node by code. Filled once at start from the rooms' ``screens.py``; read-only afterwards."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from anlan.desk.resource.declare import Resource

_resources: dict[str, Resource] = {}


def register(resource: Resource) -> Resource:
    """Add one resource and return it. Raises ``ImproperlyConfigured`` for a code taken by another model."""
    known = _resources.get(resource.code)
    if known is not None and known.model is not resource.model:
        raise ImproperlyConfigured(f"resource code {resource.code!r} is declared twice")
    _resources[resource.code] = resource
    return resource


def all_resources() -> tuple[Resource, ...]:
    """Every resource in the order of registration (rooms bottom-up)."""
    return tuple(_resources.values())


def find_resource(code: str) -> Resource | None:
    """The resource of that code, or ``None``."""
    return _resources.get(code)


def find_for_model(model: type[models.Model]) -> Resource | None:
    """The resource that shows records of a model, or ``None``."""
    return next((resource for resource in _resources.values() if resource.model is model), None)
