"""Pages of natural hazards: the nowcast by hour, one township, one signal, taking files in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.levels import Level, level_of, prefix_of
from anlan.ledger.changes import permit
from anlan.ledger.sources import law_day
from anlan.sense.devices import door as devices
from anlan.warn.hazards import feeding, gauging, presenting, queries, reading, refusals, rules, services
from anlan.warn.hazards.forms import RainStandardForm, TakeForm, ThresholdForm
from anlan.warn.hazards.models import Intake

QUAKES_SHOWN = 10


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("hazards.view")
@require_GET
def nowcast(request: ActorRequest) -> HttpResponse:
    """Levels by hour in the jurisdiction or a place of it, what is in force, and why. ``?h=`` hours from now (−24 to 23); ``?place=`` narrows."""
    actor, now = _actor(request), clock.now()
    asked = request.GET.get("place", "")
    place = asked if asked and places.exists(asked) and queries.may_look(actor, asked) else actor.place_code
    prefix = prefix_of(place)
    exercise = request.GET.get("exercise") == "1"
    hours = presenting.strip(prefix, now, exercise=exercise)
    chosen = next((each for each in hours if str(each.offset) == request.GET.get("h", "0")), hours[presenting.HOURS_BACK])
    at = now if chosen.offset == 0 else chosen.at
    by_county = level_of(place) < Level.COUNTY
    lines = (presenting.counties if by_county else presenting.townships)(actor, prefix, at, exercise=exercise)
    context: dict[str, Any] = {
        "hours": hours,
        "chosen": chosen,
        "lines": lines,
        "by_county": by_county,
        "exercise": exercise,
        "place": place,
        "place_name": places.full_name(place),
        "own": place == actor.place_code,
        "head": presenting.headline(prefix, now),
        "now": now,
    }
    if request.headers.get("HX-Target") == "hazard-hour":
        return render(request, "hazards/_hour.html", context)
    signals = queries.in_force(queries.live_signals(actor), now, now + timedelta(hours=24))
    context |= {
        "signals": [(row, queries.view_of(row)) for row in signals[:50]],
        "quakes": queries.quakes(actor).filter(origin_at__gt=now - timedelta(days=1)).order_by("-origin_at")[:QUAKES_SHOWN],
        "spots": queries.hot_spots(actor).filter(seen_at__gt=now - timedelta(days=1), exercise=False).count(),
        "may_take": actor.may("hazards.intake", place_code=actor.place_code),
        "map_at": at.isoformat() if chosen.offset else "",
    }
    return render(request, "hazards/nowcast.html", context)


@requires("hazards.view")
@require_GET
def township(request: ActorRequest, code: str) -> HttpResponse:
    """One township: its level now with the reasons in words, its hours, what is exposed. Raises ``NotFound``.

    By the code of a county: the same of what has no township in it.
    """
    actor, now = _actor(request), clock.now()
    if not (queries.is_township(code) or queries.is_county(code)) or not queries.may_look(actor, code):
        raise NotFound(what=code)
    rows = presenting.stretches(code, now)
    whole = len(code) == 6
    info = places.place(code)
    present = next((row for row in rows if row["now"]), None)
    exposed = [] if whole else presenting.exposed(code, actor)
    unplaced = presenting.unplaced(code, actor, presenting.chains_now(rows)) if whole else []
    context = {
        "code": code,
        "name": presenting.unplaced_name(code) if whole else places.place_name(code),
        "whole": whole,
        "somewhere": None if whole else next((row for row in presenting.stretches(code[:6], now) if row["now"]), None),
        "affected": [each for each in unplaced if each["concerned"]],
        "unaffected": [each for each in unplaced if not each["concerned"]],
        "full_name": places.full_name(code),
        "county": code[:6],
        "county_name": places.place_name(code[:6]),
        "present": present,
        "draft_url": presenting.draft_url(code, present, actor),
        "rows": rows,
        "known": queries.is_known(now),
        "exposed": [each for each in exposed if each["exact"]],
        "around": sum(not each["exact"] for each in exposed),
        "approximate": info is None or info.approximate,
        "signals": [each for each in queries.signals_at(code, now) if not each.exercise],
        "chains": rules.chains(law_day(now)),
        "now": now,
    }
    return render(request, "hazards/township.html", context)


@requires("hazards.view")
@require_GET
def signal(request: ActorRequest, signal_id: UUID) -> HttpResponse:
    """One signal as it came: what, where, until when, what it changed and what changed it."""
    row = queries.one_signal(signal_id, _actor(request))
    family = queries.signals(_actor(request)).filter(source=row.source)
    context = {
        "row": row,
        "view": queries.view_of(row),
        "label": presenting.label(row.level),
        "tone": rules.COLOURS[row.level],
        "areas": [places.full_name(code) for code in row.area_codes[:60]],
        "more_areas": max(0, len(row.area_codes) - 60),
        "earlier": family.filter(identifier__in=row.references),
        "later": family.filter(references__contains=[row.identifier]),
        "known_kind": row.hazard in rules.hazards(),
        "now": clock.now(),
    }
    return render(request, "hazards/signal.html", context)


@requires("hazards.intake")
@require_http_methods(["GET", "POST"])
def take(request: ActorRequest) -> HttpResponse:
    """Take files in by hand; each is told for itself."""
    actor, now = _actor(request), clock.now()
    form = TakeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        rows = []
        for file in request.FILES.getlist("file"):
            if (file.size or 0) > reading.MOST_BYTES:
                form.add_error("file", sentence(refusals.TooLarge(name=file.name, size=file.size, limit=reading.MOST_BYTES)))
                continue
            name, exercise = file.name or "", form.cleaned_data["exercise"]
            rows.append(services.take(file.read(), name=name, via=gettext("手工导入"), exercise=exercise, actor=actor, now=now))
        if len(rows) == 1 and not form.errors:
            return HttpResponseRedirect(reverse("hazards:intake", args=[rows[0].pk]))
        if rows and not form.errors:
            return HttpResponseRedirect(reverse("desk:hazard-intakes-list"))
    errors = [(name, str(error)) for name, each in form.errors.items() for error in each]
    return render(request, "hazards/take.html", {"form": form, "errors": errors}, status=422 if form.errors else 200)


@requires("hazards.view")
@require_GET
def intake_page(request: ActorRequest, intake_id: UUID) -> HttpResponse:
    """What of one intake was good, and why the rest was not."""
    row = queries.one_intake(intake_id, _actor(request))
    return render(request, "hazards/intake.html", {"row": row, "faults": [_told(each) for each in row.faults]})


def _told(fault: dict[str, Any]) -> tuple[str, str]:
    text = gettext(fault["sentence"])
    try:
        text = text.format(**fault["facts"])
    except (KeyError, IndexError, ValueError):
        return fault["where"], text
    return fault["where"], f"{fault['at']}：{text}" if fault["at"] else text


@requires("hazards.intake", admits=people.by_key)
@require_POST
def api_take(request: ActorRequest) -> JsonResponse:
    """POST a file or message as the body (``?name=``, ``?exercise=1``): ``{"id", "good", "twice", "bad", "faults"}``; 422 when nothing was taken."""
    actor, now = _actor(request), clock.now()
    permit(actor, "hazards.intake", place_code=actor.place_code)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > reading.MOST_BYTES:
        raise refusals.TooLarge(name=request.GET.get("name", ""), size=size, limit=reading.MOST_BYTES)
    name, exercise = request.GET.get("name", "")[:200] or "api", request.GET.get("exercise") == "1"
    row: Intake = services.take(request.body, name=name, via=gettext("接口"), exercise=exercise, actor=actor, now=now)
    faults = [{"where": where, "why": why} for where, why in map(_told, row.faults)]
    content = {"id": str(row.pk), "good": row.good, "twice": row.twice, "bad": row.bad, "faults": faults}
    return JsonResponse(content, status=422 if row.bad and not row.good + row.twice else 200, json_dumps_params={"ensure_ascii": False})


@requires("hazards.configure")
@require_http_methods(["GET", "POST"])
def threshold(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Set a threshold of a measuring point; ``standard=1`` sets those of the weather service's rainstorm signals. Raises ``NotFound``."""
    actor, now = _actor(request), clock.now()
    sensor = devices.sensor(sensor_id, actor)
    rain = sensor.sensor_class == gauging.RAIN
    whole = rain and request.POST.get("standard") == "1"
    first = {"holds_from": law_day(now), "hazard": rules.RAINSTORM if rain else rules.FLOOD}
    form = ThresholdForm(None if whole else request.POST or None, initial=first, rain=rain)
    standard = RainStandardForm(request.POST if whole else None, initial=first)
    given = standard if whole else form
    if request.method == "POST" and given.is_valid():
        set_it = gauging.set_rain_standard if whole else gauging.set_threshold
        try:
            set_it(sensor_id, actor=actor, now=now, **given.cleaned_data)
            return HttpResponseRedirect(reverse("devices:sensor", args=[sensor_id]))
        except Refusal as refusal:
            given.refuse(refusal)
    errors = [(name, str(error)) for name, each in given.errors.items() for error in each]
    rows = [(row, presenting.label(row.level), rules.COLOURS[row.level]) for row in rules.rain_standard(law_day(now))]
    context = {"form": form, "errors": errors, "sensor": sensor, "standard": standard if rain else None, "standard_rows": rows}
    return render(request, "hazards/threshold.html", context, status=422 if given.errors else 200)


@requires("hazards.configure")
@require_POST
def read_feed(request: ActorRequest, feed_id: UUID) -> HttpResponse:
    """Read a feed now; the page then tells how it went. Raises ``NotFound``."""
    feeding.read_now(feed_id, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("desk:hazard-feeds-detail", args=[feed_id]))
