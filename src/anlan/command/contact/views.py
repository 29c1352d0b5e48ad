"""Pages of contact: the list, composing, one notice with its receipts, roll calls, what was received, statistics."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.contact import choosing, conference, forms, queries, reaching, rules, services
from anlan.command.contact.door import Saying
from anlan.command.contact.models import Line, Notice
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.ground.audiences import door as audiences
from anlan.ground.evidence import door as evidence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.warn.channels import door as channels

PAGE = 100


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=text) from None


@requires("contact.view")
@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Everybody who can be reached, searched by name, pinyin, initials or number; who is ticked may be told together."""
    actor, text = _actor(request), request.GET.get("q", "").strip()[:60]
    may = actor.may("contact.send", place_code=actor.place_code)
    context = {
        "q": text,
        "sorts": choosing.sorts(actor, text, clock.now()),
        "may_send": may,
        "may_roll": actor.may("contact.roll", place_code=actor.place_code),
        "may_keep": actor.may("contact.keep", place_code=actor.place_code),
        "shown": choosing.SHOWN,
    }
    return render(request, "contact/directory.html", context)


@requires("contact.keep")
@require_http_methods(["GET", "POST"])
def group(request: HttpRequest) -> HttpResponse:
    """Save whoever is ticked as a group."""
    return _choose(request, forms.GroupForm, "contact/group.html", _save_group)


def _save_group(values: dict[str, Any], whom: list[str], request: HttpRequest) -> HttpResponse:
    services.keep_group(values["name"], whom, shared=values["shared"], actor=_actor(request), now=clock.now())
    return redirect("desk:contact-groups-list")


@requires("contact.send")
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """A notice to people and posts; a circular when an answer is asked for, or when it takes the place of an older one."""
    asked = request.POST if request.method == "POST" else request.GET
    old = queries.notice(_uuid(asked["replaces"]), _actor(request)) if asked.get("replaces") else None
    start: dict[str, Any] = {
        "title": asked.get("title", "")[:120],
        "channels": ["page", "sms", "voice"],
        "together": "at_once" in asked,
        "ask_receipt": True,
        "exercise": "exercise" in asked,
    }
    if old is not None:
        start = {
            name: getattr(old, name)
            for name in ("title", "body", "channels", "together", "ask_receipt", "ask_answer", "conference", "exercise")
        }
    more = {"replaces": old, "subject_id": asked.get("subject_id", ""), "subject_title": asked.get("subject_title", "")[:160]}
    keys = old.whom if old is not None else []
    return _choose(request, forms.NoticeForm, "contact/compose.html", _send, initial=start, more=more, keys=keys)


def _send(values: dict[str, Any], whom: list[str], request: HttpRequest) -> HttpResponse:
    actor, posted = _actor(request), request.POST
    old = queries.notice(_uuid(posted["replaces"]), actor) if posted.get("replaces") else None
    subject = ("incidents.incident", _uuid(posted["subject_id"]), posted.get("subject_title", "")) if posted.get("subject_id") else None
    more = {
        "kind": rules.CIRCULAR if values["ask_answer"] or old is not None else rules.NOTICE,
        "together": values["together"],
        "conference": values["conference"],
        "ask_answer": values["ask_answer"],
        "due_at": values["due_at"],
        "replaces": old,
    }
    row = services.tell(
        Saying(values["title"], values["body"], values["exercise"]),
        whom,
        values["channels"],
        ask_receipt=values["ask_receipt"] or values["ask_answer"],
        subject=subject,
        actor=actor,
        now=clock.now(),
        more=more,
    )
    return redirect("contact:detail", row.pk)


@requires("contact.roll")
@require_http_methods(["GET", "POST"])
def roll(request: HttpRequest) -> HttpResponse:
    """Call the roll of duty posts."""
    start = {"title": _("值守点名"), "channels": ["page", "sms", "voice"]}
    return _choose(request, forms.RollForm, "contact/roll.html", _call_roll, initial=start)


def _call_roll(values: dict[str, Any], whom: list[str], request: HttpRequest) -> HttpResponse:
    row = services.call_roll(
        values["title"],
        whom,
        values["channels"],
        actor=_actor(request),
        now=clock.now(),
        begins_at=values["begins_at"],
        ends_at=values["ends_at"],
        exercise=values["exercise"],
    )
    return redirect("contact:detail", row.pk)


def _choose(
    request: HttpRequest,
    form_type: Any,
    template: str,
    verb: Callable[[dict[str, Any], list[str], HttpRequest], HttpResponse],
    *,
    initial: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    keys: list[str] | None = None,
) -> HttpResponse:
    """A form beside the list of those who were ticked (``to``): shown, sent, and shown again with what is wrong."""
    actor, now, post = _actor(request), clock.now(), request.method == "POST"
    whom = list(dict.fromkeys((request.POST if post else request.GET).getlist("to")))[: forms.MOST_KEYS] or list(keys or [])
    form = form_type(request.POST if post else None, initial=initial or {})
    refusal: Refusal | None = None
    try:
        known = choosing.chosen(whom, now)
        if post and form.is_valid():
            return verb(dict(form.cleaned_data), whom, request)
    except Refusal as refused:
        refusal, known = refused, []
        whom = [] if isinstance(refused, rules.BadKey) else whom
    context = {
        "form": form,
        "errors": errors_of(form),
        "whom": whom,
        "known": known,
        "faults": [each for each in known if each.fault],
        "sorts": choosing.sorts(actor, request.GET.get("q", ""), now) if not whom else [],
        "refusal_message": sentence(refusal) if refusal else "",
        **(more or {}),
    }
    return render(request, template, context, status=refusal.status if refusal else 422 if form.errors else 200)


# --- one notice ------------------------------------------------------------------------------------------------------------------------


@requires("contact.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One notice, line by line."""
    return _show(request, queries.notice(pk, _actor(request)))


def _show(request: HttpRequest, row: Notice, refusal: Refusal | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    state = request.GET.get("state", "")
    lines = row.lines.prefetch_related("attempts")
    page = Paginator(lines.filter(state=state) if state in rules.LINE_STATES else lines, PAGE).get_page(request.GET.get("page"))
    may = actor.may("contact.send", place_code=row.place_code, classification=row.classification)
    passed = row.ends_at is None or now > row.ends_at
    context = {
        "notice": row,
        "tally": queries.tally(row),
        "page": page,
        "lines": [_told(line, may) for line in page],
        "state": state,
        "states": [(code, _(label)) for code, label in rules.LINE_STATES.items()],
        "overdue": queries.overdue(row, now).count(),
        "channels": [_(rules.CHANNELS[code]) for code in row.channels],
        "moves": {move.code for move in available_moves(row, actor)},
        "may_send": may,
        "seal": rules.seal(row.seed) if row.seed and row.ends_at else "",
        "seed": row.seed if row.ends_at and passed else "",
        "carried": _carried(row),
        "newer": row.replaced_by.first(),
        "meeting": _meeting(row, actor.name),
        "evidence": evidence.panel_context(row, actor) if actor.may_somewhere("evidence.view") else {},
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "contact/detail.html", context, status=refusal.status if refusal else 200)


def _told(line: Line, open_: bool) -> dict[str, Any]:
    """A line as a reader may see it: numbers in full only for those who have to call."""
    return {
        "line": line,
        "place": places.place_name(line.place_code),
        "phone": line.phone if open_ else audiences.masked_address(line.phone),
        "fault": _(rules.NUMBER_FAULTS.get(rules.number_fault(line.phone), "")) if line.account_id or line.phone or line.ways else "",
    }


def _meeting(row: Notice, name: str) -> str:
    """The address by which a reader joins the conference of a notice that goes on; empty when there is none."""
    if not row.conference or row.is_closed:
        return ""
    return conference.link(
        conference.Server.of(os.environ), conference.room_name(row.meeting_id or row.pk), name, row.meeting_at or clock.now()
    )


def _carried(row: Notice) -> list[tuple[str, bool]]:
    """The channels of a notice outside the page, and whether some carrier in use takes them here."""
    return [
        (_(rules.CHANNELS[code]), channels.is_served(code, row.place_code, exercise=row.exercise))
        for code in row.channels
        if code != "page"
    ]


@requires("contact.send")
@require_POST
def act(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Urge, stop or end."""
    actor, now = _actor(request), clock.now()
    row = queries.notice(pk, actor)
    verbs: dict[str, Callable[[], object]] = {
        "urge": lambda: services.urge(row, actor=actor, now=now, line_ids=[_uuid(each) for each in request.POST.getlist("line")]),
        "stop": lambda: services.stop(row, request.POST.get("reason", "").strip(), actor=actor, now=now),
        "close": lambda: services.close(row, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])


@requires("contact.send")
@require_POST
def call(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """Write down a call that somebody made by hand."""
    actor = _actor(request)
    found = queries.line(queries.notice(pk, actor), line)
    reached, words = request.POST.get("reached") == "yes", request.POST.get("words", "")
    return _done(request, pk, lambda: services.note_call(found, words, actor=actor, now=clock.now(), reached=reached))


def _done(request: HttpRequest, pk: UUID, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.notice(pk, _actor(request)), refusal)
    return redirect("contact:detail", pk)


# --- what was received -------------------------------------------------------------------------------------------------------------------


@requires("contact.receive")
@require_GET
def received(request: HttpRequest) -> HttpResponse:
    """Notices and roll calls that were sent to the reader, his post, his organisation or his enterprise."""
    rows = queries.received(_actor(request))
    owed = request.GET.get("owed") == "yes"
    if owed:
        rows = rows.filter(notice__state=rules.OPEN, notice__ask_receipt=True, state__in=rules.ANSWERABLE)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "contact/received.html", {"page": page, "owed": owed, "now": clock.now()})


@requires("contact.receive")
@require_GET
def receive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One notice as its receiver reads it."""
    return _read(request, queries.received_line(pk, _actor(request)))


def _read(request: HttpRequest, line: Line, refusal: Refusal | None = None) -> HttpResponse:
    row = line.notice
    context = {
        "line": line,
        "notice": row,
        "form": forms.AnswerForm(request.POST or None, initial={"answer": line.answer}),
        "open": row.state == rules.OPEN and line.state in (*rules.ANSWERABLE, rules.CONFIRMED),
        "newer": row.replaced_by.first(),
        "meeting": _meeting(row, _actor(request).name),
        "enclosures": _enclosures(row),
        "late": row.due_at is not None and clock.now() > row.due_at and line.state != rules.CONFIRMED,
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "contact/receive.html", context, status=refusal.status if refusal else 200)


def _enclosures(row: Notice) -> tuple[evidence.ExhibitSummary, ...]:
    """The files of a notice: whoever received it reads them, whatever else of the sender's he may see."""
    return evidence.list_for(Notice._meta.label_lower, row.pk, reaching.KEEPER)


@requires("contact.receive")
@require_GET
def enclosure(request: HttpRequest, pk: UUID, exhibit: UUID) -> FileResponse:
    """One file of a notice that was received."""
    line = queries.received_line(pk, _actor(request))
    found = next((each for each in _enclosures(line.notice) if each.id == exhibit), None)
    if found is None:
        raise NotFound(what=str(exhibit))
    return FileResponse(evidence.open_bytes(found.id, reaching.KEEPER), as_attachment=True, filename=found.filename)


@requires("contact.receive")
@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm, answer, or stand up in a roll call."""
    actor = _actor(request)
    line = queries.received_line(pk, actor)
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        return _read(request, line)
    try:
        services.confirm(line, actor=actor, now=clock.now(), **form.cleaned_data)
    except Refusal as refusal:
        return _read(request, line, refusal)
    return redirect("contact:receive", pk)


@requires("contact.view")
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Link check: roll calls of a month by place, and whether each channel has a carrier in use."""
    actor = _actor(request)
    begins, ends = queries.month_of(request.GET.get("month", ""), clock.now())
    rows = [(places.place_name(each.place_code), each.tally) for each in queries.month(begins, ends, actor)]
    served = [(_(label), code == "page" or channels.is_served(code, actor.place_code)) for code, label in rules.CHANNELS.items()]
    context = {"rows": rows, "month": f"{begins:%Y-%m}", "served": served, "may_test": actor.may_somewhere("carriers.view")}
    return render(request, "contact/statistics.html", context)
