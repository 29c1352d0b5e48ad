"""Absolute addresses as the client sees the node, also behind a proxy that ends TLS or puts the node under a path."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.http.request import validate_host
from django.urls import reverse

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def base(request: HttpRequest) -> str:
    """Scheme, host and path before the node's own addresses.

    ``X-Forwarded-Proto``, ``-Host`` and ``-Prefix`` are heeded: they only change the links in the answer to whoever sent them, no answer is kept
    by a shared cache, and a host must be one of the node's own.
    """
    told = {name: request.headers.get(f"X-Forwarded-{name}", "").split(",")[0].strip() for name in ("Proto", "Host", "Prefix")}
    scheme = told["Proto"] if told["Proto"] in {"http", "https"} else str(request.scheme)
    name = told["Host"].rpartition(":")[0] if re.search(r":\d+$", told["Host"]) else told["Host"]
    host = (
        told["Host"] if name and validate_host(name.lower(), settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1"]) else request.get_host()
    )
    prefix = told["Prefix"].rstrip("/")
    return f"{scheme}://{host}{prefix if _PREFIX.fullmatch(prefix) else ''}"


def absolute(request: HttpRequest, name: str, *args: Any, query: dict[str, Any] | str = "") -> str:
    """The address of a route of ``ogc:`` with its parameters."""
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    return base(request) + reverse(f"ogc:{name}", args=args) + (f"?{text}" if text else "")


def own(request: HttpRequest, **changed: str | None) -> str:
    """The address asked for with some parameters changed (``None``: left out)."""
    params = request.GET.copy()
    for name, value in changed.items():
        params.pop(name, None)
        if value is not None:
            params[name] = value
    asked = params.urlencode()
    return base(request) + request.path + (f"?{asked}" if asked else "")


def link(href: str, rel: str, media: str, title: str = "", **more: Any) -> dict[str, Any]:
    """A link object (17-069r4, 7.1)."""
    return {"href": href, "rel": rel, "type": media, **({"title": title} if title else {}), **more}
