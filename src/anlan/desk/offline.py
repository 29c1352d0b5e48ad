"""Pages that a phone keeps for a place without network: which they are, for whom, and the worker of the browser that keeps them.

A view marked by :func:`keeps_offline` answers with the account it was made for. The browser's service worker (``web/src/offline-worker.ts``)
keeps marked pages of the signed-in account alone, shows them where the network is missing, and forgets them at sign-out, when another
account signs in, and after a day. Rooms name the pages that somebody may need by :func:`register`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, public, signed_in
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound

HEADER = "X-Anlan-Offline"
MOST_PAGES = 80
"""No more pages are kept: each is fetched once when the list is opened."""
_ENTRY = "src/offline-worker.ts"
View = TypeVar("View", bound=Callable[..., HttpResponse])
Provider = Callable[[Actor, datetime], Iterable[str]]
"""``provider(actor, now)``: addresses of pages that this person may need without a network, the most urgent first."""

_providers: dict[str, Provider] = {}


def register(code: str, provider: Provider) -> None:
    """Add pages to what is kept. The same code again replaces them."""
    _providers[code] = provider


def keeps_offline(view: View) -> View:
    """Mark the pages of a view as fit to be kept by the browser for the account that reads them. Stands below ``requires``."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        answer = view(request, *args, **more)
        actor: Actor | None = getattr(request, "actor", None)
        if request.method == "GET" and answer.status_code == 200 and actor is not None:
            answer[HEADER] = str(actor.account_id)
        return answer

    return cast("View", kept)


@signed_in
@require_GET
def pages(request: ActorRequest) -> HttpResponse:
    """Data: the account and the addresses of the pages that its browser keeps."""
    actor, now = cast("Actor", request.actor), clock.now()
    found = dict.fromkeys(url for provider in _providers.values() for url in provider(actor, now))
    return JsonResponse({"account": str(actor.account_id), "pages": list(found)[:MOST_PAGES]})


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker's script, from the root so that it may answer for every page. Raises ``NotFound`` where the web build lacks it."""
    manifest = Path(settings.DJANGO_VITE["default"]["manifest_path"])
    entry = json.loads(manifest.read_text(encoding="utf-8")).get(_ENTRY) if manifest.exists() else None
    if entry is None:
        raise NotFound(what=_ENTRY)
    answer = HttpResponse((manifest.parent / entry["file"]).read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer
