"""The call list behind a link: for one telephone, without an account."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from anlan.desk.braking import Brake
from anlan.desk.guard import public
from anlan.ground.audiences import door as audiences
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.warn.channels import calling, linking, rules
from anlan.warn.channels.models import Call, CallLink
from anlan.warn.channels.rules import LEVEL_WORDS

COOKIE = "anlan_calls"
asked = Brake(60, 60)
guesses = Brake(10, 10)
"""Pages and dead links by one address, a minute and at once. Project defaults."""


class TooFast(Refusal):
    code = "channels.call_link_too_fast"
    sentence = N_("操作过于频繁，请过一分钟再试。")
    status = 429


def _link(request: HttpRequest, token: str) -> CallLink | None:
    """The link when this browser has it. Raises :class:`TooFast` before it looks; dead links count harder than pages."""
    address = str(request.META.get("REMOTE_ADDR", ""))[:45]
    if not asked.takes(address) or not guesses.takes(address, 0):
        raise TooFast
    try:
        return linking.opened(token, request.COOKIES.get(COOKIE, ""), now=clock.now())
    except Refusal:
        guesses.takes(address)
        raise


@public
@never_cache
@require_http_methods(["GET", "POST"])
def call_link(request: HttpRequest, token: str) -> HttpResponse:
    """Before it is opened a button, afterwards the list. A look at the link by a machine opens nothing."""
    link = _link(request, token)
    if link is None and request.method == "POST":
        response: HttpResponse = HttpResponseRedirect(request.path)
        response.set_cookie(
            COOKIE,
            linking.open_here(token, now=clock.now()),
            max_age=int(linking.LONGEST.total_seconds()),
            path=request.path,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return _private(response)
    return _private(_list(request, link, token))


@public
@never_cache
@require_POST
def call_link_attempt(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """Whoever has the link tried to reach somebody."""
    link = _link(request, token)
    if link is None:
        raise linking.LinkDead
    try:
        linking.attempt(link, pk, outcome=request.POST.get("outcome", ""), now=clock.now())
    except (calling.UnknownOutcome, calling.AlreadyEnded) as refusal:
        return _private(_list(request, link, token, refusal))
    return _private(HttpResponseRedirect(reverse("channels:call_link", args=[token])))


def _private(response: HttpResponse) -> HttpResponse:
    # Not "no-referrer": browsers then send forms with the origin "null", which the check of form tokens refuses.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def _list(request: HttpRequest, link: CallLink | None, token: str, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, object] = {"token": token, "link": link, "data_time": clock.now(), "refusal": refusal.message(_) if refusal else ""}
    if link is not None:
        message = link.message
        context |= {
            "message": message,
            "tone": message.level or "grey",
            "level_word": _(LEVEL_WORDS.get(message.level, message.level)),
            "place": places.full_name(link.place_code),
            "rows": [_line(row) for row in linking.calls(link)],
            "outcomes": [(code, _(label)) for code, label in calling.OUTCOMES.items()],
        }
    return render(request, "channels/call_link.html", context, status=refusal.status if refusal else 200)


def _line(row: Call) -> dict[str, object]:
    return {
        "call": row,
        "name": audiences.masked_name(row.name),
        "phone": audiences.masked_address(row.phone),
        "role": audiences.role_name(row.role),
        "place": places.place_name(row.place_code),
        "why": _(rules.WHY.get(row.why, row.why)),
        "attempts": [(each, _(calling.OUTCOMES.get(each.outcome, each.outcome))) for each in row.attempts.all()],
    }
