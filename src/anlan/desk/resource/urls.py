"""Addresses of every registered resource, each with its guard."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource import detail, editing, exporting, moving, pages
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.importing import pages as importing
from anlan.desk.resource.registry import all_resources

View = Callable[..., HttpResponseBase]


def bound(view: View, resource: Resource, action: str) -> View:
    """A view with its resource filled in and its guard declared."""

    @wraps(view)
    def answer(request: ActorRequest, **arguments: Any) -> HttpResponseBase:
        return view(request, resource, **arguments)

    return requires(action)(answer)


def patterns_of(resource: Resource) -> list[URLPattern]:
    """The pages that the declaration asks for."""
    code, actions = resource.code, resource.actions

    def page(address: str, view: View, name: str, action: str) -> URLPattern:
        return path(f"{code}/{address}", bound(view, resource, action), name=f"{code}-{name}")

    found = [
        page("", pages.list_page, "list", actions.view),
        page("taste/", pages.list_taste, "taste", actions.view),
    ]
    if actions.export:
        found.append(page("export/", exporting.export, "export", actions.export))
    if resource.form and resource.form.create and actions.create:
        found.append(page("new/", editing.create_page, "create", actions.create))
    if resource.form and resource.form.change and actions.change:
        found.append(page("<uuid:key>/change/", editing.change_page, "change", actions.change))
    if resource.sheet and actions.import_:
        found += [
            page("import/", importing.upload_page, "import", actions.import_),
            page("import/template/", importing.template, "import-template", actions.import_),
            page("import/<uuid:key>/", importing.report_page, "import-report", actions.import_),
            page("import/<uuid:key>/decide/", importing.decide, "import-decide", actions.import_),
            page("import/<uuid:key>/report/", importing.report_file, "import-file", actions.import_),
        ]
    if resource.move:
        found.append(page("<uuid:key>/move/<str:code>/", moving.move_page, "move", actions.view))
    if not resource.detail_url:
        found.append(page("<uuid:key>/", detail.detail_page, "detail", actions.view))
    return found


def resource_patterns() -> list[URLPattern]:
    """All addresses of all resources. Read after the rooms' declarations."""
    return [pattern for resource in all_resources() for pattern in patterns_of(resource)]
