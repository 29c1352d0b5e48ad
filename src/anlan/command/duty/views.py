"""Pages of duty: the officer's desk, the log, the roster, the handover."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.duty import forms, presenting, queries, ringing, rules, services
from anlan.command.duty.models import DutyShift, Ring
from anlan.command.incidents import door as incidents
from anlan.desk import panels
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel import clock, workdays
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.flows import available_moves
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.warn.bulletins import door as bulletins

ALARMS_SHOWN, RINGS_SHOWN = 40, 20
DESK_KEYS = {
    "c": N_("接电话"),
    "f": N_("接报填报"),
    "o": N_("打开最先到期的应报事项"),
    "i": N_("打开处置中的事件"),
    "n": N_("登记日志"),
    "h": N_("交班"),
}
"""What keys of the desk do beside those of every page; elements carry them as ``data-key``."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("duty.view")
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The officer's home: what is new, what is owed, what goes on, who is on."""
    context = {
        **_ring_context(request),
        **_alarm_context(request),
        **_owed_context(request),
        **_approval_context(request),
        **_ongoing_context(request),
        **_log_context(request),
        "panels": panels.render("duty.desk", None, request),
        "page_keys": [(key, _(text)) for key, text in DESK_KEYS.items()],
    }
    return render(request, "duty/desk.html", context)


@requires("duty.view")
@require_GET
def part(request: HttpRequest, name: str) -> HttpResponse:
    """One part of the desk, fetched again after a live event."""
    if name not in _PARTS:
        raise NotFound(what=name)
    template, context_of = _PARTS[name]
    return render(request, template, context_of(request))


def _alarm_context(request: HttpRequest) -> dict[str, Any]:
    actor = _actor(request)
    if not actor.may_somewhere("alarms.view"):
        return {"alarms": None}
    rows = alarms.open_alarms(actor, ALARMS_SHOWN)
    names = enterprises.names({row.enterprise_id for row in rows})
    may = actor.may_somewhere("alarms.acknowledge")
    # The order of the page is kept while it is open: rows the reader already has stay where they are, new ones come on top of the list.
    known = {key: number for number, key in enumerate(request.GET.get("order", "").split(",")) if key}
    ordered = sorted(rows, key=lambda row: known.get(str(row.id), -1)) if known else list(rows)
    return {
        "alarms": [
            {
                "row": row,
                "enterprise": names.get(row.enterprise_id, ""),
                "colour": _COLOURS.get(row.level, "grey"),
                "level_label": _(rules.ALARM_LEVELS[row.level]),
                "place": places.place_name(row.place_code[:6]),
                "may_acknowledge": may and not row.acknowledged,
                "new": bool(known) and str(row.id) not in known,
            }
            for row in ordered
        ],
        "alarm_order": ",".join(str(row.id) for row in ordered),
        "alarm_count": alarms.open_count(actor),
        "unacknowledged": alarms.unacknowledged_count(actor),
        "may_file": actor.may_somewhere("filings.create"),
    }


_COLOURS = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}


def _owed_context(request: HttpRequest) -> dict[str, Any]:
    actor, now = _actor(request), clock.now()
    if not actor.may_somewhere("filings.view"):
        return {"owed": None}
    return {
        "owed": filings.owed(actor, now, limit=30),
        "filings": filings.open_filings(actor, limit=20),
        "soon": now + timedelta(minutes=30),
    }


def _approval_context(request: HttpRequest) -> dict[str, Any]:
    actor = _actor(request)
    if not actor.may_somewhere("bulletins.view"):
        return {"approvals": None}
    return {"approvals": bulletins.awaiting_approval(actor), "live_bulletins": bulletins.live(actor, 5)}


def _ongoing_context(request: HttpRequest) -> dict[str, Any]:
    actor, now = _actor(request), clock.now()
    if not actor.may_somewhere("incidents.view"):
        return {"incidents": None}
    return {"incidents": incidents.open_incidents(actor, limit=10), "tasks": incidents.open_tasks(actor, now, limit=20)}


def _log_context(request: HttpRequest) -> dict[str, Any]:
    actor = _actor(request)
    return {
        "on_duty": queries.on_duty(actor.place_code, clock.now()),
        "log": queries.log(actor)[:12],
        "entry_kinds": [(code, _(label)) for code, label in rules.ENTRY_KINDS.items() if code != "handover"],
        "may_log": actor.may("duty.log", place_code=actor.place_code),
        "may_hand_over": actor.may("duty.hand_over", place_code=actor.place_code),
        "handover": queries.waiting_handover(actor.place_code),
    }


def _ring_context(request: HttpRequest) -> dict[str, Any]:
    """What rings at this place, the longest first, with whom it has reached."""
    actor, now = _actor(request), clock.now()
    rows = queries.ringing_at(actor.place_code)
    may_answer = actor.may("duty.log", place_code=actor.place_code)
    empty = queries.gaps(actor.place_code, now, now + timedelta(minutes=1)) if may_answer else []
    return {
        "rings": [(row, _(rules.RING_KINDS[row.kind]), _reached(row)) for row in rows[:RINGS_SHOWN]],
        "ring_count": rows.count(),
        "calls": queries.open_calls(actor.place_code)[:RINGS_SHOWN],
        "may_answer": may_answer,
        "unmanned": [_(rules.SHIFT_KINDS[gap.kind]) for gap in empty],
    }


def _reached(row: Ring) -> str:
    """Whom the last step of a ring told."""
    if not row.told:
        return ""
    last = row.told[-1]
    return f"{_(rules.WHOM[last['whom']])} {'、'.join(last['names']) or _('无人在岗')}"


_PARTS = {
    "rings": ("duty/_rings.html", _ring_context),
    "alarms": ("duty/_alarms.html", _alarm_context),
    "owed": ("duty/_owed.html", _owed_context),
    "approvals": ("duty/_approvals.html", _approval_context),
    "ongoing": ("duty/_ongoing.html", _ongoing_context),
    "log": ("duty/_log.html", _log_context),
}


@requires("alarms.acknowledge")
@require_POST
def acknowledge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Acknowledge an alarm from the desk; answers the list of alarms, so that one click is all it takes."""
    alarms.acknowledge(pk, request.POST.get("note", ""), actor=_actor(request), now=clock.now())
    if request.headers.get("HX-Request"):
        return render(request, "duty/_alarms.html", _alarm_context(request))
    return redirect("duty:desk")


@requires("duty.log")
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take what rings in one's own name; leads on to what it is about."""
    actor = _actor(request)
    row = queries.ring(pk, actor)
    ringing.answer(row, actor=actor, now=clock.now())
    if request.headers.get("HX-Request"):
        return render(request, "duty/_rings.html", _ring_context(request))
    return redirect(row.url or "duty:desk")


@requires("duty.view")
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The duty log, newest first; POST adds a line."""
    actor = _actor(request)
    if request.method == "POST":
        return _append(request, actor)
    words, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    page = Paginator(queries.searched_log(actor, words, kind), 50).get_page(request.GET.get("page"))
    return render(request, "duty/log.html", {"page": page, "words": words, "kind": kind, "kinds": _kinds(), **_log_context(request)})


def _kinds() -> list[tuple[str, str]]:
    return [(code, _(label)) for code, label in rules.ENTRY_KINDS.items()]


def _append(request: HttpRequest, actor: Actor) -> HttpResponse:
    values = request.POST
    try:
        services.append_log(
            values.get("text", ""),
            kind=values.get("kind", "memo"),
            caller=values.get("caller", "")[:120],
            exercise=bool(values.get("exercise")),
            actor=actor,
            now=clock.now(),
        )
    except Refusal as refusal:
        if request.headers.get("HX-Request"):
            raise
        messages.error(request, sentence(refusal))
    if request.headers.get("HX-Request"):
        return render(request, "duty/_log.html", _log_context(request))
    return redirect("duty:log")


@requires("duty.view")
@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """Shifts of the coming fortnight and the past week; POST adds one."""
    actor, now = _actor(request), clock.now()
    may_plan = actor.may("duty.plan", place_code=actor.place_code)
    form = forms.ShiftForm(request.POST or None, actor=actor, now=now) if may_plan else None
    if request.method == "POST" and form is not None and form.is_valid():
        values = form.cleaned_data
        try:
            services.add_shift(
                UUID(values["account_id"]),
                values["kind"],
                values["starts_at"],
                values["ends_at"],
                actor=actor,
                now=now,
                post=values["post"],
            )
            return redirect("duty:roster")
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    rows = queries.shifts(actor).filter(ends_at__gt=now - timedelta(days=7), starts_at__lt=now + timedelta(days=14))
    context = {
        "form": form,
        "errors": [("", str(e)) for e in form.non_field_errors()] if form is not None else [],
        "shifts": [
            (row, _(rules.SHIFT_KINDS[row.kind]), row.starts_at <= now < row.ends_at, _day(row.starts_at), _of(row)) for row in rows
        ],
        "gaps": [
            (gap, _(rules.SHIFT_KINDS[gap.kind]), gap.starts <= now) for gap in queries.gaps(actor.place_code, now, now + timedelta(days=7))
        ],
        "place": places.place_name(actor.place_code),
        "may_plan": may_plan,
    }
    return render(request, "duty/roster.html", context, status=422 if form is not None and form.errors else 200)


def _of(row: DutyShift) -> str:
    """Whose shift it is: the unit, or the place where none is named."""
    return row.organisation.name if row.organisation else places.place_name(row.place_code)


def _day(moment: datetime) -> dict[str, Any]:
    """The kind of the day on which a shift begins, in words."""
    day = workdays.day_of(timezone.localtime(moment).date())
    return {"label": presenting.day_label(day.day), "off": day.off, "known": day.known}


@requires("duty.view")
@require_GET
def handover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One handover: its digest and signatures."""
    return _show_handover(request, pk)


def _show_handover(request: HttpRequest, pk: UUID, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    row = queries.handover(pk, actor)
    labels = {
        "alarms": _("未关闭报警"),
        "owed": _("应报未报"),
        "instructions": _("未办结批示"),
        "calls": _("接听中的来电"),
        "rings": _("待应答"),
        **{code: _(label) for code, (label, _teller) in rules.DIGEST.items()},
        "filings": _("未办结信息"),
        "bulletins": _("待审批预警"),
        "incidents": _("未结案事件"),
        "tasks": _("未完成任务"),
    }
    context = {
        "handover": row,
        "digest": [(labels[key], items) for key, items in row.digest.items() if key in labels],
        "moves": available_moves(row, actor),
        "own": row.handed_by_id == actor.account_id and row.state == rules.HANDED,
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "duty/handover.html", context, status=refusal.status if refusal else 200)


@requires("duty.hand_over")
@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Draw up a handover and sign it off."""
    actor, now = _actor(request), clock.now()
    try:
        row = services.prepare_handover(request.POST.get("note", ""), actor=actor, now=now)
        services.sign_off(row, actor=actor, now=now)
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("duty:desk")
    return redirect("duty:handover", row.pk)


@requires("duty.hand_over")
@require_POST
def handover_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Sign or drop a handover."""
    actor, now = _actor(request), clock.now()
    row = queries.handover(pk, actor)
    try:
        if code == "hand":
            services.sign_off(row, actor=actor, now=now)
        elif code == "receive":
            services.sign_on(row, actor=actor, now=now)
        elif code == "drop":
            services.drop(row, request.POST.get("reason", ""), actor=actor, now=now)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        return _show_handover(request, pk, refusal)
    return redirect("duty:handover", pk)
