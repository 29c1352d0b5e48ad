"""Pages of process units beside the list: registering, the unit itself, training, drafting its rule."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.refusing import messages_of
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.sense.units import forms, presenting, queries, services, training


def _actor(request: ActorRequest) -> Actor:
    return cast(Actor, request.actor)


@requires("units.view")
@require_GET
def unit_page(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One unit: how it stands, its points, its models, its rule."""
    return render(request, "units/unit.html", presenting.page_context(queries.one(pk, _actor(request)), request))


@requires("units.view")
@require_GET
def trainings(request: ActorRequest, pk: UUID) -> HttpResponse:
    """How far a training is; asks for itself again while one runs, and for the whole page once it is done."""
    context = presenting.trainings_context(queries.one(pk, _actor(request)), _actor(request))
    answer = render(request, "units/_training.html", context)
    if context["running"] is None:
        answer["HX-Refresh"] = "true"
    return answer


@requires("units.change")
@require_http_methods(["GET", "POST"])
def create(request: ActorRequest) -> HttpResponse:
    """Whose unit it is, then what it says."""
    actor = _actor(request)
    asked = request.GET.get("enterprise", "") or (str(actor.enterprise_id) if actor.enterprise_id else "")
    if asked:
        return _register(request, _uuid(asked))
    form = forms.BeginForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        return redirect(f"{reverse('units:create')}?enterprise={form.cleaned_data['enterprise']}")
    errors = form.summary() if form.is_bound else []
    return render(request, "units/begin.html", {"form": form, "errors": errors}, status=422 if errors else 200)


def _register(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    owner = enterprises.enterprise(enterprise_id, _actor(request))
    form = forms.UnitForm(request.POST or None, actor=_actor(request), enterprise_id=enterprise_id)
    errors: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            unit = services.register_unit(enterprise_id, **form.values(), actor=_actor(request), now=clock.now())
            return redirect("units:detail", unit.pk)
        except Refusal as refusal:
            errors = _refuse(form, refusal)
    return _form(request, form, errors, owner.name, _("登记工艺单元"), reverse("desk:units-list"))


@requires("units.change")
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Change a unit."""
    unit = queries.one(pk, _actor(request))
    told: dict[str, Any] = {"actor": _actor(request), "enterprise_id": unit.enterprise_id}
    form = forms.UnitForm(request.POST or None, initial=forms.initial_of(unit), **told)
    errors: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            services.change_unit(unit, **form.values(), actor=_actor(request), now=clock.now())
            return redirect("units:detail", unit.pk)
        except Refusal as refusal:
            errors = _refuse(form, refusal)
    return _form(request, form, errors, unit.enterprise.name, _("修改工艺单元"), reverse("units:detail", args=[pk]))


def _refuse(form: forms.UnitForm, refusal: Refusal) -> list[tuple[str, str]]:
    if isinstance(refusal, Invalid):
        form.refuse(refusal)
    return messages_of(refusal)


def _form(request: ActorRequest, form: forms.UnitForm, errors: list[tuple[str, str]], owner: str, heading: str, back: str) -> HttpResponse:
    errors = errors or (form.summary() if form.is_bound else [])
    context = {
        "groups": form.grouped(),
        "errors": errors,
        "owner": owner,
        "heading": heading,
        "back_url": back,
        "suggestions": form.suggestions(),
    }
    return render(request, "units/form.html", context, status=422 if errors else 200)


@requires("units.train")
@require_POST
def train(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Start a training."""
    training.start(queries.one(pk, _actor(request)), actor=_actor(request), now=clock.now(), queue=training.queue_training)
    return HttpResponseRedirect(reverse("units:detail", args=[pk]) + "#training")


@requires("units.train")
@require_POST
def cancel_training(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Stop a training."""
    found = queries.one_training(pk, _actor(request))
    training.cancel(found, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("units:detail", args=[found.unit_id]) + "#training")


@requires("criteria.draft")
@require_POST
def draft(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Draft the rule of a model version; on to the rule, where it is tested and put in force by somebody else."""
    level = request.POST.get("level", "3")
    version = queries.one_version(pk, _actor(request))
    rule = services.draft_rule(version, level=int(level) if level in {"1", "2", "3", "4"} else 3, actor=_actor(request), now=clock.now())
    return redirect(rule.url)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=text[:60]) from None
