"""Creating and changing a record through the room's services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.forms import ChoiceField
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest
from anlan.desk.resource.addresses import page_url, record_url
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.detail import find
from anlan.desk.resource.forms import ResourceForm, form_class, initial_of, inputs_of
from anlan.desk.resource.values import text_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, NotFound, Refusal
from anlan.ledger.changes import permit


def create(resource: Resource, values: dict[str, Any], actor: Actor) -> models.Model:
    """Create a record by the room's service. Raises its refusals; :class:`NotFound` where the resource has no such service."""
    if resource.form is None or resource.form.create is None:
        raise NotFound(what=resource.code)
    if resource.form.clean is not None:
        resource.form.clean(values)
    return resource.form.create(**values, actor=actor, now=clock.now())


def change(resource: Resource, key: UUID, values: dict[str, Any], actor: Actor, version: int | None = None) -> models.Model:
    """Change a record by the room's service; ``version`` is what the editor had read.

    Raises the service's refusals, :class:`NotFound` outside the jurisdiction, :class:`Conflict` when somebody changed it meanwhile.
    """
    if resource.form is None or resource.form.change is None or resource.actions.change is None:
        raise NotFound(what=resource.code)
    with transaction.atomic():
        record = find(resource, actor, key)
        permit(actor, resource.actions.change, record=record)
        stored = resource.model._default_manager.select_for_update().get(pk=key)
        if version is not None and getattr(stored, "version", version) != version:
            raise Conflict(what=str(getattr(record, resource.title, record)))
        if resource.form.clean is not None:
            resource.form.clean(values)
        return resource.form.change(key, **values, actor=actor, now=clock.now())


@require_http_methods(["GET", "POST"])
def create_page(request: ActorRequest, resource: Resource) -> HttpResponse:
    """The empty form, or the form again with what was refused. Parameters of the address fill inputs (``?enterprise=<id>``)."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    build = form_class(resource, "create")
    if request.method == "POST":
        form = _offered(build(request.POST, request.FILES), resource, actor)
        if form.is_valid():
            try:
                record = create(resource, dict(form.cleaned_data), actor)
                return HttpResponseRedirect(record_url(resource, record.pk))
            except Refusal as refusal:
                form.refuse(refusal)
    else:
        given = {name: value for name, value in request.GET.items() if name in build.base_fields}
        form = build(initial={"place_code": actor.place_code if "place_code" in build.base_fields else "", **given})
        form = _offered(form, resource, actor)
    heading = _("新建%(kind)s") % {"kind": resource.label}
    return _answer(request, resource, form, heading, page_url(resource, "list"), f"{resource.code}:new", None)


@require_http_methods(["GET", "POST"])
def change_page(request: ActorRequest, resource: Resource, key: UUID) -> HttpResponse:
    """The filled form, or the form again with what was refused."""
    actor = request.actor
    assert actor is not None and resource.actions.change is not None  # the guard and the declaration see to it
    record = find(resource, actor, key)
    permit(actor, resource.actions.change, record=record)
    build = form_class(resource, "change")
    version = getattr(record, "version", None)
    if request.method == "POST":
        form = _offered(build(request.POST, request.FILES), resource, actor, record)
        sent = request.POST.get("version", "")
        version = int(sent) if sent.isdigit() else None
        if form.is_valid():
            try:
                change(resource, key, dict(form.cleaned_data), actor, version)
                return HttpResponseRedirect(record_url(resource, key))
            except Refusal as refusal:
                form.refuse(refusal)
    else:
        form = _offered(build(initial=initial_of(record, build.base_fields)), resource, actor, record)
    heading = _("修改：%(title)s") % {"title": text_of(getattr(record, resource.title, record))}
    return _answer(request, resource, form, heading, record_url(resource, key), f"{resource.code}:{key}", version)


def _offered(form: ResourceForm, resource: Resource, actor: Actor, record: models.Model | None = None) -> ResourceForm:
    """The form with the choices that the actor has; what the record holds now stays among them."""
    for entry in inputs_of(resource, "create" if record is None else "change"):
        field = form.fields.get(entry.name)
        if entry.choices is not None and isinstance(field, ChoiceField):
            present = getattr(record, entry.name, None) or form.initial.get(entry.name)
            field.choices = [("", "—"), *entry.choices(actor, present)]
    return form


def _answer(
    request: ActorRequest, resource: Resource, form: ResourceForm, heading: str, back_url: str, draft_key: str, version: int | None
) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        # A draft belongs to one account: the next person at the same browser must not find it.
        "draft_key": f"{request.actor.account_id}:{draft_key}" if request.actor else "",
        "version": version,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)
