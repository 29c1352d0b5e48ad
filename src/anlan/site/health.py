"""``/healthz``: the process answers. ``/readyz``: everything the node's work needs answers."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from anlan import __version__
from anlan.desk.guard import public

TIMEOUT_SECONDS = 2.0


@public
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive. Asks nothing of anybody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, message stream and telemetry store answer, else 503 with what does not."""
    checks = {
        "database": _database(),
        "stream": _listens(settings.ANLAN["NATS_URL"]),
        "telemetry": _listens(settings.ANLAN["TELEMETRY_URL"]),
    }
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "version": __version__, "checks": checks}, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except OperationalError:
        return False


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 80), timeout=TIMEOUT_SECONDS):
            return True
    except OSError:
        return False
