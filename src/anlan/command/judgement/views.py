"""Pages of judgement: the form beside its answer, runs asked for and called off, areas for maps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.judgement import areas, prefilling, queries, rules, services, shaping, wording
from anlan.command.judgement.inputs import BY_NAME
from anlan.command.judgement.jobs import queue_run
from anlan.command.judgement.models import Judgement
from anlan.command.judgement.prefilling import Origin, Prefilled
from anlan.desk.guard import requires
from anlan.desk.mapping.views import map_config
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal

LINKED = {"alarm": "alarm_id", "filing": "filing_id", "incident": "incident_id", "risk_source": "risk_source_id"}


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _origin(given: Mapping[str, Any]) -> Origin:
    """The records a judgement starts from, by their ids. Raises ``NotFound`` for what is no id."""
    found: dict[str, UUID] = {}
    for name, field in LINKED.items():
        text = str(given.get(name, "")).strip()
        if text:
            try:
                found[field] = UUID(text)
            except ValueError:
                raise NotFound(what=text) from None
    return Origin(**found)


@requires("judgement.run")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open a judgement from an alarm, filing, incident or hazard source, or from nothing; what can be answered at once is asked at once."""
    actor, now = _actor(request), clock.now()
    given = request.POST if request.method == "POST" else request.GET
    prefilled = prefilling.prefill(_origin(given), actor, now=now)
    place = str(given.get("place_code") or prefilled.place_code).strip()
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            judgement = _opened(request, prefilled, place, actor, now)
        except Refusal as refusal:
            errors = [
                (name, wording.refusal_now(why))
                for name, why in (refusal.fields if isinstance(refusal, Invalid) else {"": refusal}).items()
            ]
        else:
            return redirect("judgement:detail", judgement.pk)
    context = {
        "prefilled": prefilled,
        "title": given.get("title") or prefilled.title,
        "place_code": place,
        "exercise": prefilled.exercise or bool(given.get("exercise")),
        "given": {name: given.get(name, "") for name in LINKED},
        "chosen": str(prefilled.origin.risk_source_id or ""),
        "errors": errors,
    }
    return render(request, "judgement/new.html", context, status=422 if errors else 200)


def _opened(request: HttpRequest, prefilled: Prefilled, place: str, actor: Actor, now: datetime) -> Judgement:
    title = request.POST.get("title", "").strip() or prefilled.title
    if not title:
        raise Invalid({"title": rules.NothingGiven(what=_("研判名称"), unit="—")})
    if not places.exists(place):
        raise Invalid({"place_code": rules.UnknownPlace(given=place)})
    exercise = prefilled.exercise or request.POST.get("exercise") == "on"
    judgement = services.open_judgement(title, prefilled, place_code=place, exercise=exercise, actor=actor, now=now)
    try:
        services.ask_run(judgement, judgement.kind, {}, queue=queue_run, actor=actor, now=now)
    except Refusal:
        # What is still missing stands on its page, field by field.
        return judgement
    return judgement


@requires("judgement.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form beside its answer; ``?run=`` shows an earlier answer, ``?kind=`` the form of another kind."""
    return _show(request, queries.judgement(pk, _actor(request)))


def _show(
    request: HttpRequest,
    judgement: Judgement,
    refusal: Refusal | None = None,
    given: Mapping[str, Any] | None = None,
    kind: str = "",
) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    kind = kind or request.GET.get("kind", "") or judgement.kind
    kind = kind if kind in rules.KINDS else rules.TOXIC
    may = not judgement.is_closed and actor.may(
        "judgement.run",
        place_code=judgement.place_code,
        enterprise_id=judgement.enterprise_id,
        classification=judgement.classification,
    )
    wrong = refusal.fields if isinstance(refusal, Invalid) else {}
    context: dict[str, Any] = {
        "judgement": judgement,
        "kind": kind,
        "kinds": [(code, _(label)) for code, label in rules.KINDS.items()],
        "groups": shaping.groups(kind, services.form_of(judgement), given or {}, wrong, now),
        "errors": [
            (name, f"{_(BY_NAME[name].label)}：{wording.refusal_now(why)}" if name in BY_NAME else wording.refusal_now(why))
            for name, why in wrong.items()
        ],
        "refusal_message": wording.refusal_now(refusal) if refusal is not None and not wrong else "",
        "may_run": may,
        "may_warn": actor.may("bulletins.draft", place_code=judgement.place_code),
        "place": places.full_name(judgement.place_code),
        "links": shaping.links(judgement, actor),
        "map_config": map_config(actor),
        # A refused form stands at the address it was sent to, which nobody may ask for news.
        "address": request.get_full_path() if request.method == "GET" else reverse("judgement:detail", args=[judgement.pk]),
        **shaping.answer(judgement, request.GET.get("run", ""), actor, now),
    }
    run = context["run"]
    # What other rooms say of a run stands while the page looks for news of the same run: only another run is worth asking them again.
    context["same_run"] = run is not None and bool(run.result) and request.headers.get("X-Anlan-Run") == f"{run.pk} answered"
    if run is not None and run.result:
        context |= shaping.ways_told(run, request.GET.dict(), now)
    return render(request, "judgement/detail.html", context, status=refusal.status if refusal is not None else 200)


def _texts(request: HttpRequest) -> dict[str, str]:
    """The form's texts by name; times of the page are local."""
    found = {name: request.POST[name].strip() for name in BY_NAME if name in request.POST}
    if found.get("began_at"):
        try:
            moment = datetime.fromisoformat(found["began_at"])
        except ValueError:
            return found
        if moment.tzinfo is None:
            moment = timezone.make_aware(moment)
        found["began_at"] = moment.isoformat()
    return found


@requires("judgement.run")
@require_POST
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a run with the form as it stands, or (``refresh``) with the newest readings."""
    actor, now = _actor(request), clock.now()
    judgement = queries.judgement(pk, actor)
    kind = request.POST.get("kind", judgement.kind)
    given = _texts(request)
    try:
        if request.POST.get("refresh"):
            newer = prefilling.live(services.form_of(judgement), judgement.risk_source_id, actor, now=now, exercise=judgement.exercise)
            services.ask_run(judgement, judgement.kind, {}, refreshed=newer, queue=queue_run, actor=actor, now=now)
        else:
            follows = request.POST.get("automatic") == "on"
            services.ask_run(judgement, kind, given, automatic_from_now=follows, queue=queue_run, actor=actor, now=now)
    except Refusal as refusal:
        return _show(request, judgement, refusal, given, kind)
    return redirect("judgement:detail", pk)


@requires("judgement.run")
@require_POST
def cancel(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Call a run off."""
    actor = _actor(request)
    judgement = queries.judgement(pk, actor)
    try:
        services.call_off(queries.run(run, actor), actor=actor, now=clock.now())
    except Refusal as refusal:
        return _show(request, judgement, refusal)
    return redirect("judgement:detail", pk)


@requires("judgement.run")
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a judgement."""
    actor = _actor(request)
    judgement = queries.judgement(pk, actor)
    try:
        services.close(judgement, request.POST.get("reason", "").strip(), actor=actor, now=clock.now())
    except Refusal as refusal:
        return _show(request, judgement, refusal)
    return redirect("judgement:detail", pk)


@requires("judgement.view")
@require_GET
def zones(request: HttpRequest, pk: UUID, run: UUID) -> JsonResponse:
    """GeoJSON of one run: zones, their bands and the moments of the time slider, degrees."""
    found = queries.run(run, _actor(request))
    if found.judgement_id != pk:
        raise NotFound(what=str(run))
    return JsonResponse(areas.of_run(found))


@requires("judgement.view")
@require_GET
def features(request: HttpRequest) -> JsonResponse:
    """Map layer: zones of live judgements in ``bbox`` (west,south,east,north), the worst on top; ``at`` (ISO time): as they stand then."""
    actor, now = _actor(request), clock.now()
    at = areas.moment_asked(request.GET["at"], now) if request.GET.get("at") else None
    return JsonResponse(areas.layer(areas.box_asked(request.GET.get("bbox", "")), actor, now, at))
