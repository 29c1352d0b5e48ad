"""Pages of population: the import, one import with its bad rows, withdrawing it, and the figures of day and night."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource.api import box_of
from anlan.ground.places import door as places
from anlan.ground.population import charting, queries, rules, services
from anlan.ground.population.forms import ImportForm, PresenceForm
from anlan.ground.population.models import PopulationSource, PresenceSetting
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal


def _errors(form: Any) -> list[tuple[str, str]]:
    return [(name, str(error)) for name, each in form.errors.items() for error in each]


def _refused(form: Any, refusal: Refusal) -> None:
    """Show a refusal beside the inputs that it names, else above the form."""
    if not isinstance(refusal, Invalid):
        form.add_error(None, sentence(refusal))
        return
    for name, wrong in refusal.fields.items():
        form.add_error(name if name in form.fields else None, sentence(wrong) if isinstance(wrong, Refusal) else str(wrong))


@requires("population.view")
@require_GET
def features(request: ActorRequest) -> JsonResponse:
    """``?bbox=west,south,east,north&at=``: areas by people per km² as GeoJSON (:mod:`.charting`). Raises ``BadBox``, ``WrongMoment``."""
    at = clock.now()
    if request.GET.get("at"):
        try:
            given = parse_datetime(request.GET["at"])
        except ValueError:
            given = None
        if given is None:
            raise rules.WrongMoment(value=request.GET["at"][:40])
        at = given if timezone.is_aware(given) else timezone.make_aware(given)
    found, more = charting.features(box_of(request.GET.get("bbox", "")), at=at, actor=cast(Actor, request.actor))
    content = {"type": "FeatureCollection", "features": found, "truncated": more, "at": at.isoformat()}
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/geo+json")


@requires("population.import")
@require_http_methods(["GET", "POST"])
def import_page(request: ActorRequest) -> HttpResponse:
    """Take in a file of population."""
    actor, now = cast(Actor, request.actor), clock.now()
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        file = values.pop("file")
        try:
            if file.size > rules.MOST_MB * 2**20:
                raise rules.FileTooBig(limit=f"{rules.MOST_MB} MB")
            row = services.import_population(file.read(), file_name=file.name, place_code=actor.place_code, actor=actor, now=now, **values)
            return HttpResponseRedirect(reverse("population:source", args=[row.pk]))
        except Refusal as refusal:
            _refused(form, refusal)
    context = {"form": form, "errors": _errors(form)}
    return render(request, "population/import.html", context, status=422 if form.errors else 200)


@requires("population.view")
@require_GET
def source_page(request: ActorRequest, source_id: UUID) -> HttpResponse:
    """One import: where it comes from, what is in it, which rows could not be used and why."""
    return _show(request, queries.one(source_id, cast(Actor, request.actor)))


def _show(request: ActorRequest, row: PopulationSource, refusal: Refusal | None = None) -> HttpResponse:
    actor = cast(Actor, request.actor)
    context = {
        "source": row,
        "place": places.full_name(row.place_code),
        "faults": [(fault["row"], _sentence(fault)) for fault in row.faults],
        "more": row.bad - len(row.faults),
        "may_withdraw": row.withdrawn_at is None and actor.may("population.withdraw", place_code=row.place_code),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "population/source.html", context, status=refusal.status if refusal else 200)


def _sentence(fault: dict[str, Any]) -> str:
    try:
        return gettext(fault["sentence"]).format(**fault["facts"])
    except (KeyError, IndexError, ValueError):
        return gettext(fault["sentence"])


@requires("population.withdraw")
@require_POST
def withdraw(request: ActorRequest, source_id: UUID) -> HttpResponse:
    """Take an import out of use."""
    actor = cast(Actor, request.actor)
    row = queries.one(source_id, actor)
    try:
        services.withdraw(source_id, reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
    except Refusal as refusal:
        return _show(request, row, refusal)
    return HttpResponseRedirect(reverse("population:source", args=[source_id]))


@requires("population.configure")
@require_http_methods(["GET", "POST"])
def presence_page(request: ActorRequest) -> HttpResponse:
    """The figures of day and night: the project's defaults, and what the bureau set."""
    actor, now = cast(Actor, request.actor), clock.now()
    english = (get_language() or "").startswith("en")
    held = queries.presence_at(actor.place_code, now, queries.own_presence())
    present = {code: getattr(held, code) for code in rules.BOUNDS}
    form = PresenceForm(request.POST or None, initial=present, english=english)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        try:
            for code, value in values.items():
                if value != present[code]:
                    services.set_presence(code, value, reason=reason, actor=actor, now=now)
            return HttpResponseRedirect(reverse("population:presence"))
        except Refusal as refusal:
            _refused(form, refusal)
    context = {
        "form": form,
        "errors": _errors(form),
        "own": PresenceSetting.objects.filter(place_code=actor.place_code).order_by("code"),
        "rows": rules.presence_rows(),
    }
    return render(request, "population/presence.html", context, status=422 if form.errors else 200)
