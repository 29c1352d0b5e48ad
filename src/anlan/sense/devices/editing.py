"""A form of the room on a page of its own: shown, saved, and shown again with what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from anlan.desk.guard import ActorRequest
from anlan.desk.resource.forms import ResourceForm
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal


def edit(request: ActorRequest, form: ResourceForm, heading: str, back_url: str, save: Callable[[dict[str, Any]], object]) -> HttpResponse:
    """Show a form, or save it and go back; refusals stand beside the inputs they name. An answer that ``save`` returns is sent instead."""
    if request.method == "POST" and form.is_valid():
        try:
            made = save(dict(form.cleaned_data))
            return made if isinstance(made, HttpResponse) else HttpResponseRedirect(back_url)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{cast(Actor, request.actor).account_id}:{request.path}",
        "version": None,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)
