"""The one public port: the live stream goes to its small application, everything else to Django."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

from django.core.asgi import get_asgi_application

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_django = get_asgi_application()

from anlan.desk.live import application as _live  # noqa: E402 - needs the rooms loaded


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path. Lifespan belongs to the live stream: it alone holds a connection open."""
    if scope["type"] == "lifespan" or scope.get("path", "").startswith("/live/"):
        await _live(scope, receive, send)
    else:
        await _django(scope, receive, send)  # type: ignore[arg-type]
