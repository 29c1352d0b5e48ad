"""The drill page: one button, and a check-list of the chain. Answers in demo mode only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

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
    }
    return render(request, "demo/drill.html", context, status=refusal.status if refusal else 200)


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
