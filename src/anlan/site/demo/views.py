"""The drill page: take the chain by hand, or have the whole story played and walk through it. Answers in demo mode only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import signed_in
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.site.demo import drill as drills
from anlan.site.demo import playing as playings
from anlan.site.demo.models import Playing
from anlan.site.demo.story.acts import ACTS

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    """Outside demo mode the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.ANLAN["DEMO"]:
            raise NotFound(what=request.path)
        return view(request, *args, **kwargs)

    return guarded


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    running = drills.running()
    context = {
        "drill": running,
        "steps": [(step, _(step.label), _(step.hint)) for step in drills.steps(running)] if running else [],
        "refusal_message": refusal.message(_) if refusal else "",
        **_played(request),
    }
    return render(request, "demo/drill.html", context, status=refusal.status if refusal else 200)


KEPT = 10
"""Earlier playings that the page offers. Project default."""


def _played(request: HttpRequest) -> dict[str, Any]:
    """The playing that is looked at (the newest, or the one asked for) with its lines, and the others."""
    rows = list(Playing.objects.all()[:KEPT])
    shown = next((row for row in rows if str(row.pk) == request.GET.get("playing")), rows[0] if rows else None)
    if shown is None:
        return {"acts": len(ACTS)}
    problem = _(shown.problem).format_map(shown.problem_facts) if shown.problem else ""
    lines = [(line, _after(line.minutes), _(line.told)) for line in playings.lines(shown)] if shown.state == Playing.DONE else []
    busy = any(row.is_running for row in rows)
    return {"playing": shown, "playings": rows, "lines": lines, "problem": problem, "acts": len(ACTS), "busy": busy}


def _after(minutes: float) -> str:
    """How long after T0, in words short enough for a column."""
    whole = int(minutes)
    if abs(whole) >= 48 * 60:
        return _("第 %(days)s 天") % {"days": whole // (24 * 60)}
    hours, rest = divmod(abs(whole), 60)
    sign = "−" if whole < 0 else "+"
    return f"T{sign}{hours}:{rest:02d}"


@signed_in
@demo_only
@require_GET
def drill(request: HttpRequest) -> HttpResponse:
    """The drill as it stands."""
    return _page(request)


def _act(request: HttpRequest, verb: Callable[..., Any]) -> HttpResponse:
    try:
        verb(actor=cast("Actor", cast("Any", request).actor), now=clock.now())
    except Refusal as refusal:
        return _page(request, refusal)
    return redirect("demo:drill")


@signed_in
@demo_only
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """开始演练."""
    return _act(request, drills.start)


@signed_in
@demo_only
@require_POST
def cap(request: HttpRequest) -> HttpResponse:
    """阀门已关闭."""
    return _act(request, drills.cap)


@signed_in
@demo_only
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """结束演练."""
    return _act(request, drills.end)


@signed_in
@demo_only
@require_POST
def play(request: HttpRequest) -> HttpResponse:
    """播放整场演习."""
    return _act(request, playings.start)


@signed_in
@demo_only
@require_POST
def call_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """取消播放."""
    return _act(request, partial(playings.cancel, pk))
