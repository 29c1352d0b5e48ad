"""Addresses of the pages that a resource has."""

from __future__ import annotations

from functools import lru_cache

from django.db import models
from django.urls import NoReverseMatch, reverse

from anlan.desk.resource.declare import Resource
from anlan.desk.resource.registry import all_resources


def page_url(resource: Resource, page: str, *arguments: object) -> str:
    """Address of one of the desk's pages: ``list``, ``create``, ``detail``, ``change``, ``import``, ``move``."""
    return reverse(f"desk:{resource.code}-{page}", args=[str(argument) for argument in arguments])


def record_url(resource: Resource, key: object) -> str:
    """Address of a record's own page: the room's, if it has one, else the desk's."""
    return _pattern(resource.detail_url or f"desk:{resource.code}-detail").replace(_NOBODY, str(key))


_NOBODY = "00000000-0000-0000-0000-000000000000"


@lru_cache(maxsize=256)
def _pattern(route: str) -> str:
    """The address of a route with a nil id in it: a list of a hundred rows asks the resolver once."""
    return reverse(route, args=[_NOBODY])


def resource_of_label(label: str) -> Resource | None:
    """The resource whose model is named ``app.model`` in the audit log, a clock or a notification."""
    return next((resource for resource in all_resources() if resource.model._meta.label_lower == label), None)


def url_of(record: models.Model) -> str:
    """Address of a record's page; empty when its kind is no resource."""
    return subject_url(record._meta.label_lower, record.pk)


def subject_url(label: str, key: object) -> str:
    """Address of the page of a subject named by type and id; empty when there is none."""
    resource = resource_of_label(label)
    if resource is None:
        return ""
    try:
        return record_url(resource, key)
    except NoReverseMatch:
        return ""
