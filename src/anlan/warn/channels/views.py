"""The banner of live warnings, the delivery monitor, and the call list."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import public, requires
from anlan.desk.resource import exporting
from anlan.ground.audiences import door as audiences
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted, Refusal
from anlan.warn.channels import calling, monitor, pushing, queries, rules, services, trying
from anlan.warn.channels.adapters.contract import Answer
from anlan.warn.channels.models import Call, Message
from anlan.warn.channels.rules import LEVEL_WORDS


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


@requires("channels.view")
@require_GET
def monitor_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who has got one message, who has not, on which channel, at what cost; refreshes itself while it is being sent."""
    actor, now = _actor(request), clock.now()
    message = monitor.find(pk, actor)
    lines = monitor.lines(message)
    return render(
        request,
        "channels/monitor.html",
        {
            "message": message,
            "source_url": reverse("bulletins:detail", args=[message.source_id]) if message.source_kind == "bulletin" else "",
            "people": monitor.people(message),
            "lines": lines,
            "carriers": [
                (line, actor.may("carriers.view", place_code=line.carrier.place_code))
                for line in monitor.carriers(message.place_code, [line.code for line in lines], now)
            ],
            "lacking": monitor.without_carrier(message, [line.code for line in lines if line.waiting]),
            "unreached": [(line, places.place_name(line.place_code), _reason(line)) for line in monitor.unreached(message, actor)],
            "cost_yuan": monitor.cost_fen(message) / 100,
            "tone": message.level or "grey",
            "level_word": _(LEVEL_WORDS.get(message.level, message.level)),
            "sending": message.state == Message.SENDING,
            "may_stop": message.state == Message.SENDING and actor.may("channels.cancel", place_code=message.place_code),
            "may_export": actor.may("channels.export", place_code=message.place_code),
            "may_call": actor.may_somewhere("channels.call"),
            "data_time": now,
        },
    )


def _reason(line: monitor.UnreachedLine) -> str:
    if line.state in (rules.State.EXPIRED, rules.State.UNKNOWN):
        return _(rules.STATE_LABELS[line.state])
    return _(rules.WHY[rules.why_not(line.state)])


@requires("channels.cancel")
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop what has not been sent."""
    message = monitor.find(pk, _actor(request))
    services.stop(message.pk, actor=_actor(request), now=clock.now())
    return redirect("channels:monitor", message.pk)


@requires("channels.call")
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Who must be called now, most urgent first; made for a telephone in the hand of village staff."""
    return _calls(request)


def _calls(request: HttpRequest, refused: Refusal | None = None, call_id: UUID | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    rows = monitor.calls(actor)
    return render(
        request,
        "channels/calls.html",
        {
            "rows": [_call_line(row, actor, refused.message(_) if refused and row.pk == call_id else "") for row in rows],
            "total": monitor.calls_waiting(actor),
            "outcomes": [(code, _(label)) for code, label in calling.OUTCOMES.items()],
            "data_time": now,
        },
        status=refused.status if refused else 200,
    )


def _call_line(row: Call, actor: Actor, refusal: str) -> dict[str, Any]:
    # Whoever is to call somebody must see whom and where: the duty to call is the need to know.
    plain = actor.may("channels.call", place_code=row.place_code)
    return {
        "call": row,
        "name": row.name if plain else audiences.masked_name(row.name),
        "role": audiences.role_name(row.role),
        "place": places.full_name(row.place_code),
        "tier": _(calling.TIERS[row.tier]),
        "tone": ("grey", "orange", "red")[row.tier],
        "why": _(rules.WHY.get(row.why, row.why)),
        "attempts": [(each, _(calling.OUTCOMES.get(each.outcome, each.outcome))) for each in row.attempts.all()],
        "refusal": refusal,
    }


@requires("channels.call")
@require_POST
def attempt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody tried to reach a person."""
    try:
        calling.attempt(
            pk, outcome=request.POST.get("outcome", ""), note=request.POST.get("note", ""), actor=_actor(request), now=clock.now()
        )
    except calling.UnknownOutcome as refusal:
        return _calls(request, refusal, pk)
    return HttpResponseRedirect(reverse("channels:calls"))


@requires("carriers.test")
@require_POST
def try_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a carrier one test text; what it answered stands on its page."""
    try:
        trial = trying.try_out(pk, request.POST.get("address", ""), actor=_actor(request), now=clock.now())
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message(_))
    else:
        say = messages.success if trial.answer == Answer.ACCEPTED else messages.error
        say(request, _("测试消息：%(answer)s") % {"answer": monitor.answer_word(trial.answer)})
    return redirect("desk:carriers-detail", pk)


@requires("channels.export")
@require_GET
def deliveries(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Every delivery of a message as CSV, addresses and names masked; written down before the first line leaves."""
    actor = _actor(request)
    message = monitor.find(pk, actor)
    services.note_export(message, actor=actor, now=clock.now())
    return exporting.csv_response(request, f"{message.title[:40]}-{_('送达明细')}", monitor.delivery_lines(message))


@csrf_exempt
@public
@require_POST
def receipts(request: HttpRequest, pk: UUID) -> JsonResponse:
    """A carrier pushes receipts, signed with its secret (``docs/channels.md``)."""
    if int(request.headers.get("Content-Length") or 0) > pushing.LONGEST:
        raise pushing.NotReceipts
    taken, left = pushing.take(
        pk,
        request.body,
        timestamp=request.headers.get("X-Anlan-Timestamp", ""),
        signed=request.headers.get("X-Anlan-Signature", ""),
        now=clock.now(),
    )
    return JsonResponse({"taken": taken, "left": left})
