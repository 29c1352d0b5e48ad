"""What every route of the telemetry process answers with: JSON, whole numbers out of the question, a plain word for a bad one."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response


class BadQuestion(ValueError):
    """What was asked makes no sense; the answer says why (422)."""


def as_json(content: object, status: int = 200) -> Response:
    """``content`` as an answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def number(request: Request, name: str, default: int | None = None) -> int:
    """The whole number ``name`` of the question. Raises :class:`BadQuestion`."""
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    try:
        return int(text or "")
    except ValueError:
        raise BadQuestion(f"{name} must be a whole number") from None
