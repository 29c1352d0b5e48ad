"""The page of one record: sections, related records, moves and clocks of a case, history from the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk import panels
from anlan.desk.actions import action_label
from anlan.desk.guard import ActorRequest
from anlan.desk.resource import asking, moving
from anlan.desk.resource.addresses import page_url, record_url
from anlan.desk.resource.declare import Field, Fragment, Related, Resource, Section, Text
from anlan.desk.resource.pages import Button
from anlan.desk.resource.registry import find_resource
from anlan.desk.resource.values import EMPTY, Shown, field_of, label_of, place_text, shown, text_of
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger import clocks
from anlan.ledger.changes import permit
from anlan.ledger.models import AuditEntry
from anlan.ledger.records import Case

HISTORY_LENGTH = 50


@dataclass(frozen=True)
class Part:
    """A part of the page below the head: lines, a fragment's HTML, an address to load from, or related records."""

    code: str
    label: Text
    lines: Sequence[Shown] = ()
    html: SafeString | str = ""
    url: str = ""
    rows: Sequence[tuple[str, Sequence[Shown]]] = ()
    heads: Sequence[Text] = ()
    more_url: str = ""
    empty: bool = False
    open: bool = True


@dataclass(frozen=True)
class Difference:
    """One field that an audited change altered."""

    label: Text
    before: str
    after: str


@dataclass(frozen=True)
class HistoryLine:
    """One audited change."""

    at: datetime
    actor: str
    post: str
    action_label: str
    reason: str
    differences: Sequence[Difference]


def find(resource: Resource, actor: Actor, key: UUID | str, action: str | None = None) -> models.Model:
    """The record on which the actor may do ``action``. Raises :class:`NotFound` for what is missing and for what is not his to see."""
    found = asking.scoped(resource, actor, action).filter(pk=key)
    record = (found.select_related(*resource.joins) if resource.joins else found).first()
    if record is None:
        if resource.gone is not None:
            resource.gone(key, actor)
        raise NotFound(what=str(resource.label))
    return record


@require_GET
def detail_page(request: ActorRequest, resource: Resource, key: UUID) -> HttpResponse:
    """The record's page."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    record = find(resource, actor, key)
    context: dict[str, Any] = {
        "resource": resource,
        "record": record,
        "title": text_of(getattr(record, resource.title, record)),
        "list_url": page_url(resource, "list"),
        "parts": [part for item in resource.detail if (part := _part(resource, record, item, request)) is not None],
        "panels": panels.render(f"{resource.code}.detail", record, request),
        "history": history(resource, record),
        "buttons": _buttons(resource, record, actor),
        "place": place_text(getattr(record, "place_code", "")),
    }
    if isinstance(record, Case):
        context |= {"case": record, "moves": moving.offers(resource, record, actor), "clocks": clocks.for_subject(record)}
        context["state_label"] = record.get_state_label()
    return render(request, "desk/resource/detail.html", context)


def _buttons(resource: Resource, record: models.Model, actor: Actor) -> list[Button]:
    if not (resource.form and resource.form.change and resource.actions.change):
        return []
    try:
        permit(actor, resource.actions.change, record=record)
    except NotPermitted:
        return []
    return [Button(_("修改"), page_url(resource, "change", record.pk), True)]


def _part(resource: Resource, record: models.Model, item: Section | Related | Fragment, request: ActorRequest) -> Part | None:
    match item:
        case Section():
            fields = [Field(entry) if isinstance(entry, str) else entry for entry in item.fields]
            return Part("", item.label, lines=[shown(record, _placed(entry)) for entry in fields], open=item.open)
        case Related():
            return _related(record, item, request)
        case Fragment():
            actor = request.actor
            if item.action and (actor is None or not actor.may_somewhere(item.action)):
                return None
            if item.url:
                return Part("", item.label, url=reverse(item.url, args=[record.pk]))
            extra = item.context(record, request) if item.context else {}
            html = render_to_string(item.template or "", {"record": record, **extra}, request=request)
            return Part("", item.label, html=html)


def _placed(entry: Field) -> Field:
    """A place code is shown by name without the declaration saying so."""
    if entry.name == "place_code" and not entry.place:
        return Field(entry.name, entry.label, entry.value, entry.badge, True, entry.help)
    return entry


def _related(record: models.Model, item: Related, request: ActorRequest) -> Part | None:
    other = find_resource(item.resource)
    actor = request.actor
    if other is None or actor is None or not actor.may_somewhere(other.actions.view):
        return None
    params = QueryDict(mutable=True)
    params[item.by] = str(record.pk)
    question = asking.read(other, params, size=25)
    found = asking.page(other, actor, question)
    columns = [column for column in other.columns if not column.hidden][:6]
    rows = [(record_url(other, row.pk), [shown(row, column) for column in columns]) for row in found.rows[: item.limit]]
    return Part(
        code=other.code,
        label=item.label or other.label,
        rows=rows,
        heads=[label_of(other.model, column.name, column.label) for column in columns],
        more_url=f"{page_url(other, 'list')}?{params.urlencode()}" if found.count > len(rows) or found.capped else "",
        empty=not rows,
    )


def history(resource: Resource, record: models.Model) -> list[HistoryLine]:
    """The last audited changes of a record, newest first, with what changed in words."""
    entries = AuditEntry.objects.filter(subject_type=record._meta.label_lower, subject_id=str(record.pk)).order_by("-sequence")
    return [_line(resource, entry) for entry in entries[:HISTORY_LENGTH]]


def _line(resource: Resource, entry: AuditEntry) -> HistoryLine:
    content = entry.content if isinstance(entry.content, dict) else {}
    changed, facts = content.get("changed") or {}, content.get("facts") or {}
    differences = [
        Difference(_name(resource, name), _worded(resource, name, pair[0]), _worded(resource, name, pair[1]))
        for name, pair in changed.items()
        if name != "id" and isinstance(pair, list) and any(value not in (None, "", [], {}) for value in pair)
    ]
    return HistoryLine(entry.at, _(entry.actor_name), entry.post, action_label(entry.action), str(facts.get("reason") or ""), differences)


def _name(resource: Resource, name: str) -> Text:
    return label_of(resource.model, name, None) if field_of(resource.model, name) is not None else name


def _worded(resource: Resource, name: str, value: Any) -> str:
    if name == "place_code":
        return place_text(value)
    field = field_of(resource.model, name)
    if field is not None and isinstance(field, models.DateTimeField | models.DateField) and isinstance(value, str):
        value = field.to_python(value)
    return text_of(value, field) if value not in ([], {}) else EMPTY
