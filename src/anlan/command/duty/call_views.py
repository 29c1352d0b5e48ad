"""The page of a call: questions by kind of event, each answer kept as it is typed, reports of the same event beside it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from anlan.command.duty import calls, queries
from anlan.command.duty.models import Call
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("duty.log")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The telephone rings: a form that keeps every answer is opened."""
    call = calls.begin(actor=_actor(request), now=clock.now(), exercise=bool(request.POST.get("exercise")))
    return redirect("duty:call", call.pk)


@requires("duty.view")
@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A call as it stands; while it is being answered, a form."""
    return _show(request, queries.call(pk, _actor(request)))


def _show(request: HttpRequest, call: Call, refusal: Refusal | None = None) -> HttpResponse:
    actor, english = _actor(request), get_language() == "en"
    kinds = filings.event_kinds(law_day(call.opened_at))
    context = {
        "call": call,
        "open": not call.is_closed and actor.may("duty.log", place_code=call.place_code),
        "kinds": [(each.code, each.name_en if english else each.name_zh) for each in kinds],
        "places": _places(call),
        "questions": [_line(each, call, english) for each in calls.asked(call)],
        "refusal_message": sentence(refusal) if refusal else "",
        "filing_url": reverse("filings:detail", args=[call.filing_id]) if call.filing_id and actor.may_somewhere("filings.view") else "",
        **_alike_context(request, call),
    }
    return render(request, "duty/call.html", context, status=refusal.status if refusal else 200)


def _places(call: Call) -> list[tuple[str, str]]:
    """Where it may have happened: the bureau's place and what is directly below."""
    own = places.place(call.place_code)
    rows = [*([own] if own is not None else []), *places.children(call.place_code)]
    return [(each.code, each.name) for each in rows]


def _line(question: Any, call: Call, english: bool) -> dict[str, Any]:
    return {
        "code": question.code,
        "label": question.question_en if english else question.question_zh,
        "answer": question.answer,
        "value": call.answers.get(question.code, ""),
        "long": question.answer == "text" and question.fills != "location",
        "of_kind": bool(question.kind),
    }


def _alike_context(request: HttpRequest, call: Call) -> dict[str, Any]:
    actor, now = _actor(request), clock.now()
    if call.is_closed or not actor.may_somewhere("filings.view"):
        return {"alike": (), "others": ()}
    return {"alike": calls.alike(call, actor, now), "others": queries.calls_beside(call, now)}


@requires("duty.log")
@require_POST
def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what was typed; answers what may be the same event, and tells the page to ask anew when the kind changed."""
    actor = _actor(request)
    call = queries.call(pk, actor)
    kind = call.event_kind
    calls.keep(call, _said(request), actor=actor, now=clock.now())
    response = render(request, "duty/_alike.html", {"call": call, "open": True, **_alike_context(request, call)})
    if call.event_kind != kind:
        response["HX-Refresh"] = "true"
    return response


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: str(text) for name, text in request.POST.items() if name not in {"csrfmiddlewaretoken", "then", "reason"}}


@requires("duty.log")
@require_POST
def finish(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Keep what stands in the form and end the call: file, join (``into``), note, or end with a reason."""
    actor, now = _actor(request), clock.now()
    call = queries.call(pk, actor)
    into = request.POST.get("into", "")
    try:
        said = {name: text for name, text in _said(request).items() if name != "into"}
        if said:
            calls.keep(call, said, actor=actor, now=now)
        if code in {"file", "join"}:
            filing = calls.file(call, actor=actor, now=now, into=_uuid(into) if code == "join" else None)
            return redirect("filings:edit" if code == "file" else "filings:detail", filing)
        if code == "note":
            calls.note(call, actor=actor, now=now)
        elif code == "end":
            calls.end(call, request.POST.get("reason", "").strip(), actor=actor, now=now)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        return _show(request, queries.call(pk, actor), refusal)
    return redirect("duty:desk")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=text) from None
