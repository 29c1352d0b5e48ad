"""Pages of one's own duty: the next shifts, a calendar to take along, and swaps asked and answered."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.duty import calendars, forms, presenting, queries, rules, swapping
from anlan.command.duty.models import DutyShift
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves, steps
from anlan.ledger.sources import law_day

SHIFTS_SHOWN, SWAPS_SHOWN = 60, 30


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("duty.view")
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """One's next shifts and requests; POST asks somebody to swap."""
    actor, now = _actor(request), clock.now()
    may_ask = actor.may("duty.swap", place_code=actor.place_code)
    form = forms.SwapForm(request.POST if request.method == "POST" else None, actor=actor, now=now) if may_ask else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            swap = swapping.ask(**form.cleaned_data, actor=actor, now=now)
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("duty:swap", swap.pk)
    swaps = queries.swaps_about(actor.account_id)[:SWAPS_SHOWN]
    context = {
        "shifts": [_line(each, now) for each in queries.shifts_of(actor.account_id, now)[:SHIFTS_SHOWN]],
        "swaps": [(each, each.asked_of_id == actor.account_id and each.state == rules.ASKED) for each in swaps],
        "form": form,
        "errors": forms.errors_of(form) if form is not None else [],
    }
    return render(request, "duty/mine.html", context, status=422 if form is not None and form.errors else 200)


def _line(shift: DutyShift, now: Any) -> dict[str, Any]:
    return {
        "row": shift,
        "kind": _(rules.SHIFT_KINDS[shift.kind]),
        "now": shift.starts_at <= now,
        "day": presenting.day_label(law_day(shift.starts_at)),
        "place": places.place_name(shift.place_code),
    }


@requires("duty.view")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """One's shifts as an iCalendar file."""
    actor, now = _actor(request), clock.now()
    entries = [
        calendars.Entry(
            each.pk,
            each.starts_at,
            each.ends_at,
            _("值班：{kind}").format(kind=_(rules.SHIFT_KINDS[each.kind])),
            places.place_name(each.place_code),
        )
        for each in queries.shifts_of(actor.account_id, now)[:1000]
    ]
    response = HttpResponse(calendars.icalendar(entries, name=_("我的值班"), now=now), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="duty.ics"'
    return response


@requires("duty.view")
@require_GET
def swap(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request: what is asked, who agreed, who decides."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: UUID, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    row = queries.swap(pk, actor)
    whose = {"agree": row.asked_of_id, "decline": row.asked_of_id, "withdraw": row.asked_by_id}
    moves = [
        each for each in available_moves(row, actor) if each.code != "void" and whose.get(each.code, actor.account_id) == actor.account_id
    ]
    context = {
        "swap": row,
        "moves": moves,
        "steps": steps(row),
        "kind": _(rules.SHIFT_KINDS[row.shift.kind]) if row.shift is not None else "",
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "duty/swap.html", context, status=refusal.status if refusal else 200)


@requires("duty.swap")
@require_POST
def swap_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Agree, decline, withdraw, approve or refuse."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    row = queries.swap(pk, actor)
    try:
        if code in {"agree", "decline"}:
            swapping.answer(row, code, actor=actor, now=now)
        elif code == "withdraw":
            swapping.withdraw(row, actor=actor, now=now)
        elif code in {"approve", "refuse"}:
            swapping.decide(row, code == "approve", reason, actor=actor, now=now)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        return _show(request, pk, refusal)
    return redirect("duty:swap", pk)
