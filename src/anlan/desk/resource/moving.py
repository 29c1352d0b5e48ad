"""Moves of a case from its page: which are offered, what each asks for, and making one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest
from anlan.desk.resource.addresses import page_url, record_url
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.refusing import messages_of
from anlan.desk.resource.values import field_of, text_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.flow import Move
from anlan.ledger.flows import advance, available_moves
from anlan.ledger.records import Case

MoveService = Callable[..., Any]
"""``move(case_id, move_code, *, fields, reason, actor, now)``."""


@dataclass(frozen=True)
class Offer:
    """A move that the actor may make now."""

    code: str
    label: str
    url: str
    danger: bool


def offers(resource: Resource, case: Case, actor: Actor) -> list[Offer]:
    """Buttons for the moves that the actor may make."""
    if resource.move is None:
        return []
    return [
        Offer(move.code, _(move.label), page_url(resource, "move", case.pk, move.code), move.danger)
        for move in available_moves(case, actor)
    ]


def move_form(case: Case, move: Move) -> type[forms.Form]:
    """A form for the fields that the move requires, and its reason."""
    fields: dict[str, forms.Field] = {}
    for name in move.requires:
        model_field = field_of(type(case), name)
        made = model_field.formfield() if model_field is not None else None
        if made is not None:
            made.required = True
            made.initial = getattr(case, name)
            fields[name] = made
    if move.reason_required or move.danger:
        fields["reason"] = forms.CharField(
            label=_("理由"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=True,
            help_text=_("将写入办理记录和审计日志。"),
        )  # fmt: skip
    return type("MoveForm", (forms.Form,), fields)


@require_http_methods(["GET", "POST"])
def move_page(request: ActorRequest, resource: Resource, key: UUID, code: str) -> HttpResponse:
    """Ask for what the move needs and make it; a move that needs nothing still asks for one confirmation."""
    from anlan.desk.resource.detail import find

    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    case = find(resource, actor, key)
    if not isinstance(case, Case) or resource.move is None:
        raise NotFound(what=code)
    move = case.flow.move(code)
    form = move_form(case, move)(request.POST or None)
    errors: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                _make(resource, case, move, dict(form.cleaned_data), actor)
                return HttpResponseRedirect(record_url(resource, key))
            except Refusal as refusal:
                errors, status = messages_of(refusal), refusal.status
        else:
            errors, status = [(name, str(text)) for name, texts in form.errors.items() for text in texts], 422
    context = {
        "resource": resource, "record": case, "move": move, "move_label": _(move.label), "form": form, "errors": errors,
        "title": text_of(getattr(case, resource.title, case)), "back_url": record_url(resource, key),
        "state_label": case.get_state_label(), "target_label": _(case.flow.state(move.target).label),
    }  # fmt: skip
    return render(request, "desk/resource/move.html", context, status=status)


def _make(resource: Resource, case: Case, move: Move, values: dict[str, Any], actor: Actor) -> models.Model:
    reason = str(values.pop("reason", ""))
    assert resource.move is not None  # checked by the page
    return resource.move(case.pk, move.code, fields=values, reason=reason, actor=actor, now=clock.now())


def plain_move(model: type[Case]) -> MoveService:
    """A move service for cases whose moves need nothing but :func:`anlan.ledger.flows.advance`."""

    def make(case_id: UUID, code: str, *, fields: dict[str, Any], reason: str, actor: Actor, now: Any) -> Case:
        case = model._default_manager.get(pk=case_id)
        return advance(case, code, actor=actor, now=now, fields=fields, reason=reason)

    return make
