"""Pages of the rota: drawing it up, looking at it month by month, publishing it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.duty import forms, planning, presenting, queries, rota, rules
from anlan.command.duty.models import Rota
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.people import door as people
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.sources import law_day

GAPS_SHOWN = 20


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("duty.plan")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Draw up a rota; it is looked at before it is published."""
    return _edit(request, None)


@requires("duty.plan")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a rota; shifts change when it is published again."""
    return _edit(request, queries.rota_of(pk, _actor(request)))


def _edit(request: HttpRequest, row: Rota | None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    form = forms.RotaForm(
        request.POST if request.method == "POST" else None, row=row, place_code=row.place_code if row else actor.place_code, now=now
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = (
                planning.draw_up(form.cleaned_data, actor=actor, now=now)
                if row is None
                else planning.redraw(row, form.cleaned_data, actor=actor, now=now)
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("duty:rota", kept.pk)
    context = {"form": form, "errors": forms.errors_of(form), "rota": row}
    return render(request, "duty/rota_form.html", context, status=422 if form.errors else 200)


@requires("duty.view")
@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A rota as it stands or would stand if published now, one month at a time."""
    return _show(request, queries.rota_of(pk, _actor(request)))


def _show(request: HttpRequest, row: Rota, refusal: Refusal | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    shifts = planning.planned(row, now)
    turns = planning.patterns(row.starts_on).get(row.pattern, [])
    names = people.account_names({cast("UUID", each.who) for each in shifts if each.who is not None})
    shown = _month(request.GET.get("month", ""), row, law_day(now))
    gaps = [each for each in shifts if each.who is None]
    context = {
        "rota": row,
        "weeks": presenting.month(shifts, turns, names, shown),
        "shown": shown,
        "earlier": shown - timedelta(days=1) if shown > row.starts_on.replace(day=1) else None,
        "later": after if (after := (shown + timedelta(days=31)).replace(day=1)) <= row.ends_on else None,
        "shares": presenting.shares(shifts, names),
        "gaps": [(each, _(rules.SHIFT_KINDS[each.kind])) for each in gaps[:GAPS_SHOWN]],
        "gap_count": len(gaps),
        "doubles": [(names.get(cast("UUID", each.who), "—"), each) for each in rota.overlaps(shifts)],
        "queues": _queues(row),
        "pattern_label": forms.pattern_label(row.pattern),
        "unpublished": not row.published_at or row.updated_at > row.published_at,
        "may_plan": actor.may("duty.plan", place_code=row.place_code),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "duty/rota.html", context, status=refusal.status if refusal else 200)


def _month(asked: str, row: Rota, today: date) -> date:
    """The first day of the month asked for, else of this month where the rota covers it, else of its beginning."""
    try:
        wanted = date.fromisoformat(f"{asked}-01")
    except ValueError:
        wanted = min(max(today, row.starts_on), row.ends_on)
    return wanted.replace(day=1)


def _queues(row: Rota) -> list[tuple[str, list[str]]]:
    names = people.account_names({UUID(each) for queue in row.queues.values() for each in queue})
    return [(_(label), [names.get(UUID(each), "—") for each in row.queues.get(kind, ())]) for kind, label in rules.SHIFT_KINDS.items()]


@requires("duty.plan")
@require_POST
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a rota in force, or again after a change."""
    actor = _actor(request)
    row = queries.rota_of(pk, actor)
    try:
        planning.publish(row, actor=actor, now=clock.now())
    except Refusal as refusal:
        return _show(request, row, refusal)
    number = row.shifts.count()
    messages.success(request, _("值班表已发布，共 {n} 个班次，有变动的人员已通知。").format(n=number))
    return redirect("duty:rota", pk)
