"""Shows a refusal as what the client asked for: a page, a fragment for htmx, or JSON; always with its sentence and request number."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext

from anlan.kernel.errors import Invalid, Refusal

log = structlog.get_logger()


def request_number(request: HttpRequest) -> str:
    """A short number of this request, the same in the page, the answer's header and the log."""
    number = getattr(request, "anlan_number", None)
    if number is None:
        number = secrets.token_hex(4).upper()
        request.anlan_number = number  # type: ignore[attr-defined]
    return str(number)


def sentence(refusal: Refusal | str) -> str:
    """The refusal's sentence in the language of the request."""
    return refusal.message(gettext) if isinstance(refusal, Refusal) else str(refusal)


def errors_of(form: Any) -> list[tuple[str, str]]:
    """What is wrong with a form for the summary above it: (field, words with the field's label); what concerns the whole form first, field empty."""
    found = [("", str(error)) for error in form.non_field_errors()]
    named = ((name, errors) for name, errors in form.errors.items() if name != "__all__")
    return found + [(name, f"{form.fields[name].label}：{error}") for name, errors in named for error in errors]


def below_ogc(request: HttpRequest) -> bool:
    """Whether the address is one of the interface for other systems (:mod:`anlan.desk.features`)."""
    return request.path_info.startswith("/ogc/")


def wants_json(request: HttpRequest) -> bool:
    """Whether the client asked for JSON: an API address, or an Accept header that names it and no page.

    Below ``/ogc/`` a client of another system gets JSON and a browser pages, unless ``?f=`` says which.
    """
    accept = request.headers.get("Accept", "")
    if below_ogc(request):
        asked = request.GET.get("f")
        return asked != "html" if asked else "text/html" not in accept
    return request.path.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The response that shows ``refusal`` with its own status."""
    fields = {name: sentence(why) for name, why in refusal.fields.items()} if isinstance(refusal, Invalid) else {}
    log.info("request.refused", code=refusal.code, status=refusal.status, path=request.path, number=request_number(request))
    return show(request, refusal.status, refusal.code, sentence(refusal), fields)


def show(
    request: HttpRequest, status: int, code: str, message: str, fields: dict[str, str] | None = None, *, bare: bool = False
) -> HttpResponse:
    """An error in the form the client asked for. ``bare`` keeps to a page that needs neither session nor database."""
    number = request_number(request)
    response: HttpResponse
    if wants_json(request):
        content: dict[str, object] = {"code": code, "message": message, "request": number}
        if fields:
            content["fields"] = fields
        if below_ogc(request):
            # The exception of OGC API (17-069r4, 7.5): a client that knows nothing of us shows the description.
            content["description"] = " ".join([message, *(f"{name}: {why}" for name, why in (fields or {}).items())])
        response = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    else:
        context = {
            "status": status,
            "code": code,
            "message": message,
            "fields": fields or {},
            "number": number,
            "retry": request.get_full_path() if request.method == "GET" else "",
        }
        if request.headers.get("HX-Request"):
            response = HttpResponse(render_to_string("desk/_refusal.html", context), status=status)
            response["HX-Retarget"] = "#messages"
            response["HX-Reswap"] = "innerHTML show:top"
        else:
            context["frame"] = "desk/sign_in_base.html" if bare or getattr(request, "actor", None) is None else "desk/base.html"
            html = render_to_string("desk/error.html", context, request=None if bare else request)
            response = HttpResponse(html, status=status)
    if status == 401:
        # Bearer alone: at the word Basic a browser would ask for a password over the page.
        response["WWW-Authenticate"] = 'Bearer realm="anlan"'
    response["X-Anlan-Refusal"] = code
    response["X-Request-Number"] = number
    return response


class RefusalMiddleware:
    """Turns a :class:`~anlan.kernel.errors.Refusal` raised in a view into its answer. Other exceptions are errors and pass on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; ``None`` for anything else."""
        return answer(request, exception) if isinstance(exception, Refusal) else None
