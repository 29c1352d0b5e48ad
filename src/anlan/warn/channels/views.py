"""The banner of live warnings in every page, and its confirmation."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.warn.channels import queries, services


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", cast("Any", request).actor)


def _banner(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/_banner.html", {"rows": queries.banner(_actor(request))})


@requires("bulletins.view")
@require_GET
def banner(request: HttpRequest) -> HttpResponse:
    """Fragment: warnings in force that concern the reader's place."""
    return _banner(request)


@requires("bulletins.view")
@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reader has read one warning."""
    services.confirm(pk, actor=_actor(request), now=clock.now())
    return _banner(request)
