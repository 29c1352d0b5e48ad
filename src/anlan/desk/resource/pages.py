"""List and detail pages of every resource."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest
from anlan.desk.resource import asking
from anlan.desk.resource.addresses import page_url, record_url
from anlan.desk.resource.asking import Question
from anlan.desk.resource.declare import Column, Field, Mark, Resource, Text
from anlan.desk.resource.inputs import filter_inputs
from anlan.desk.resource.listing import PAGE_SIZES, Cursor, Page
from anlan.desk.resource.refusing import messages_of
from anlan.desk.resource.values import Presenter, label_of
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid

_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Taste:
    """What a reader likes a list to look like, remembered in a cookie per list."""

    columns: tuple[str, ...]
    size: int = PAGE_SIZES[1]
    dense: bool = False


@dataclass(frozen=True)
class Head:
    """One column head: where its link sorts to, and ``aria-sort``."""

    label: Text
    url: str
    sorted: str
    numeric: bool


def cookie_of(resource: Resource) -> str:
    """Name of the cookie that remembers a list's columns and density."""
    return f"anlan_list_{resource.code.replace('-', '_')}"


def usual_size(request: HttpRequest) -> int:
    """Rows of a page for whoever chose nothing: fewer on a phone, where each is a card."""
    phone = request.headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in request.headers.get("User-Agent", "")
    return PAGE_SIZES[0] if phone else PAGE_SIZES[1]


def taste_of(request: HttpRequest, resource: Resource) -> Taste:
    """What the reader chose before, or the declaration's own columns; a spoilt cookie counts as none."""
    usual = tuple(column.name for column in resource.columns if not column.hidden)
    try:
        kept: Any = json.loads(request.COOKIES.get(cookie_of(resource), "{}"))
        size = int(kept.get("size", usual_size(request)))
        wanted = set(kept.get("columns") or usual)
    except (ValueError, TypeError, AttributeError):
        return Taste(usual, usual_size(request))
    columns = tuple(c.name for i, c in enumerate(resource.columns) if c.name in wanted or i == 0)
    return Taste(columns, size if size in PAGE_SIZES else PAGE_SIZES[1], bool(kept.get("dense")))


@require_POST
def list_taste(request: ActorRequest, resource: Resource) -> HttpResponse:
    """POST ``columns``, ``dense``, ``size``: remember them and go back to the list as it was asked."""
    known = {column.name for column in resource.columns}
    size = request.POST.get("size", "")
    kept = {
        "columns": [name for name in request.POST.getlist("columns") if name in known],
        "dense": request.POST.get("dense") == "1",
        "size": int(size) if size.isdigit() and int(size) in PAGE_SIZES else PAGE_SIZES[1],
    }
    back = urlencode([pair for pair in _pairs(request.POST.get("query", "")) if pair[0] not in ("at", "size")])
    response = HttpResponseRedirect(page_url(resource, "list") + (f"?{back}" if back else ""))
    response.set_cookie(cookie_of(resource), json.dumps(kept), max_age=_YEAR_S, samesite="Lax", httponly=True)
    return response


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query[:4000])


@require_GET
def list_page(request: ActorRequest, resource: Resource) -> HttpResponse:
    """The list: whole page, or only the table when htmx asks for it."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    taste = taste_of(request, resource)
    errors: list[tuple[str, str]] = []
    try:
        question = asking.read(resource, request.GET, size=taste.size)
        found = asking.page(resource, actor, question)
    except Invalid as refusal:
        question = Question(asking.Order(resource.order.lstrip("-"), resource.order.startswith("-")), taste.size)
        found, errors = Page([], 0, False, None, None), messages_of(refusal)
    context = {
        "resource": resource,
        "errors": errors,
        "question": question,
        "query": request.GET.urlencode(),
        **_table(resource, question, found, taste, request),
    }
    if request.headers.get("HX-Target") == "list":
        return render(request, "desk/resource/_table.html", context)
    context |= {
        "inputs": filter_inputs(resource, actor, question),
        "taste": taste,
        "column_choices": [(c.name, label_of(resource.model, c.name, c.label), c.name in taste.columns) for c in resource.columns],
        "sizes": PAGE_SIZES,
        "buttons": list_buttons(resource, actor),
        "export": export_links(resource, actor, request),
    }
    return render(request, "desk/resource/list.html", context)


def _table(resource: Resource, question: Question, found: Page, taste: Taste, request: ActorRequest) -> dict[str, Any]:
    """Heads, rows, count and the neighbouring pages."""
    columns = [column for column in resource.columns if column.name in taste.columns]
    presenters = [Presenter(resource.model, column) for column in columns]

    def link(**changes: str | None) -> str:
        params = request.GET.copy()
        params.pop("at", None)
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        return f"{page_url(resource, 'list')}?{params.urlencode()}"

    def head(column: Column) -> Head:
        name = asking.sort_field(resource, column)
        here = name is not None and name == question.order.field
        url = ""
        if name is not None:
            url = link(sort=f"-{name}" if here and not question.order.descending else name)
        direction = "descending" if question.order.descending else "ascending"
        return Head(label_of(resource.model, column.name, column.label), url, direction if here else "", column.numeric)

    last = Cursor(backwards=True)
    marks: Mapping[Any, Mark] = {}
    if resource.marks is not None and request.actor is not None and found.rows:
        marks = resource.marks(found.rows, request.actor)
    return {
        "heads": [head(column) for column in columns],
        "rows": mark_safe("".join(_row(resource, record, presenters, marks.get(record.pk)) for record in found.rows)),
        "count": asking.count_text(found),
        "filtered": question.filtered,
        "dense": taste.dense,
        "first_url": link() if found.previous else "",
        "previous_url": link(at=found.previous.encode()) if found.previous else "",
        "next_url": link(at=found.next.encode()) if found.next else "",
        "last_url": link(at=last.encode()) if found.next else "",
        "clear_url": page_url(resource, "list"),
    }


def _row(resource: Resource, record: Any, presenters: Sequence[Presenter], mark: Mark | None = None) -> str:
    """One table row. A template would spend more time on eight hundred cells than the database on finding them."""
    parts = ["<tr>"]
    for position, presenter in enumerate(presenters):
        cell = presenter.show(record)
        text = escape(cell.text)
        if position == 0:
            url = escape(record_url(resource, record.pk))
            chip = f' <span class="chip chip-{mark.tone}">{escape(mark.text)}</span>' if mark is not None else ""
            parts.append(f'<th scope="row" data-label="{presenter.label_html}"><span><a href="{url}">{text}</a>{chip}</span></th>')
            continue
        if cell.tone:
            text = f'<span class="chip chip-{cell.tone}">{text}</span>'
        elif cell.url:
            text = f'<a href="{escape(cell.url)}">{text}</a>'
        parts.append(f'<td data-label="{presenter.label_html}"{_class_of(presenter.item, cell.numeric)}>{text}</td>')
    parts.append("</tr>")
    return "".join(parts)


def _class_of(item: Column | Field, numeric: bool) -> str:
    names = [name for name, given in (("number", numeric), ("cell-spare", isinstance(item, Column) and item.spare)) if given]
    return f' class="{" ".join(names)}"' if names else ""


@dataclass(frozen=True)
class Button:
    """A way on from a page."""

    label: Text
    url: str
    primary: bool = False


def list_buttons(resource: Resource, actor: Actor) -> list[Button]:
    """What the actor may do with the kind as a whole."""
    actions = resource.actions
    found: list[Button] = []
    if resource.form and resource.form.create and actions.create and actor.may_somewhere(actions.create):
        found.append(Button(_("新建"), page_url(resource, "create"), True))
    elif resource.create_url and actions.create and actor.may_somewhere(actions.create):
        found.append(Button(_("新建"), reverse(resource.create_url), True))
    if resource.sheet and actions.import_ and actor.may_somewhere(actions.import_):
        found.append(Button(_("批量导入"), page_url(resource, "import")))
    return found


def export_links(resource: Resource, actor: Actor, request: HttpRequest) -> list[Button]:
    """Export of what is filtered."""
    if not resource.actions.export or not actor.may_somewhere(resource.actions.export):
        return []
    params = request.GET.copy()
    params.pop("at", None)
    address = page_url(resource, "export")
    found = []
    for form, label in (("csv", "CSV"), ("xlsx", "Excel")):
        params["format"] = form
        found.append(Button(label, f"{address}?{params.urlencode()}"))
    return found
