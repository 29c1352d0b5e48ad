"""Pages of information reporting: the report form with its live judgement, the filing with its clocks, its document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import panels
from anlan.desk.documents import CONTENT_TYPES
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence, wants_json
from anlan.ground.enterprises import door as enterprises
from anlan.ground.evidence import door as evidence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.flow import WrongState
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import CHINA, law_day
from anlan.report.filings import (
    chain,
    content,
    document,
    forms,
    instructing,
    losses,
    marking,
    merging,
    queries,
    recording,
    refusals,
    rules,
    services,
    summaries,
    way,
)
from anlan.report.filings.forms import DATETIME, FilingForm, initial_of, place_choices
from anlan.report.filings.judging import judged_form, odd_type, owed_flash, possible
from anlan.report.filings.models import Filing, FilingNotice, Instruction
from anlan.sense.alarms import door as alarms
from anlan.sense.opinion import door as opinion

_MOVES = ("submit", "receive", "report_up", "close", "withdraw")
FILING_KEYS = {
    "s": N_("报送"),
    "r": N_("签收"),
    "u": N_("上报上一级"),
    "f": N_("登记电话快报"),
    "d": N_("越级直报"),
    "l": N_("叫醒带班领导"),
    "i": N_("立案处置"),
}
"""What keys of a filing's page do beside those of every page; elements carry them as ``data-key``."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Values of a new report: now, here, and what the alarm or the enterprise already says."""
    actor, now = _actor(request), timezone.localtime(clock.now())
    start: dict[str, Any] = {
        "occurred_at": now.strftime(DATETIME),
        "known_at": now.strftime(DATETIME),
        "kind": "hazchem_leak",
        "place_code": actor.place_code,
        "source": rules.SOURCE_ENTERPRISE if actor.enterprise_id else rules.SOURCE_PHONE,
    }
    enterprise_id: Any = actor.enterprise_id or request.GET.get("enterprise")
    alarm = alarms.alarm(request.GET["alarm"], actor) if request.GET.get("alarm") else None
    if alarm is not None:
        enterprise_id = alarm.enterprise_id
        start |= {
            "alarm_id": alarm.id,
            "title": alarm.title,
            "occurred_at": timezone.localtime(alarm.raised_at).strftime(DATETIME),
            "exercise": alarm.exercise,
            "source": rules.SOURCE_ENTERPRISE if actor.enterprise_id else rules.SOURCE_SENSOR,
            "scene": _("{title}：{at} 起报警，最高值 {peak:g} {unit}（限值 {limit:g} {unit}）。").format(
                title=alarm.title,
                at=timezone.localtime(alarm.raised_at).strftime("%H:%M:%S"),
                peak=alarm.peak,
                limit=alarm.limit,
                unit=alarm.unit,
            ),
        }
    if enterprise_id:
        start |= content.prefill_from_enterprise(enterprise_id, actor)
        name = enterprises.enterprise(enterprise_id, actor).name
        if start.get("title") and name not in start["title"]:
            start["title"] = f"{name} {start['title']}"[:120]
    start |= {guess.field: _initial_of(guess, actor) for guess in _guesses(request)}
    if alarm is not None and alarm.longitude is not None:
        start |= {"longitude": alarm.longitude, "latitude": alarm.latitude}
    return start


def _guesses(request: HttpRequest) -> tuple[opinion.Guess, ...]:
    """What posts on the net seem to tell, when the report is begun from a topic of public opinion (``?opinion=``). Raises ``NotFound``."""
    topic = request.GET.get("opinion")
    return opinion.guesses(topic, _actor(request)) if topic and _actor(request).may_somewhere("opinion.view") else ()


def _initial_of(guess: opinion.Guess, actor: Actor) -> Any:
    """A guess as its field takes it; a township is told as its county where the form offers no townships."""
    if guess.field == "occurred_at":
        return timezone.localtime(guess.value).strftime(DATETIME)
    offered = dict(place_choices(actor)) if guess.field == "place_code" else {}
    return guess.value[:6] if offered and guess.value not in offered else guess.value


def _refuse(form: FilingForm, refusal: Refusal) -> None:
    if isinstance(refusal, Invalid):
        for name, why in refusal.fields.items():
            form.add_error(name if name in form.fields else None, sentence(why))
        return
    form.add_error(None, sentence(refusal))
    for name in cast("list[str]", refusal.facts.get("names", [])):
        if name in form.fields:
            form.add_error(name, _("请填写，或勾选“暂不清楚”。"))


@requires("filings.create")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new report; ``then=submit`` sends it at once, ``submit_empty_unknown`` with all empty items declared unknown. A refused submission keeps
    the draft. ``key`` is the report's identity, chosen by the page: answers kept while typing and what waited for a network belong to one report.
    """
    actor, key = _actor(request), _key(request, "key")
    held = queries.filings(actor).filter(pk=key).first() if key is not None else None
    if held is not None:
        return _write(request, held)
    form = FilingForm(request.POST or None, actor=actor, initial=_initial(request) if request.method == "GET" else None)
    form.mark_guesses((guess.field, guess.why) for guess in _guesses(request))
    if request.method == "POST" and form.is_valid():
        _take_then(request, form)
        try:
            filing = services.create_filing(form.cleaned_data, actor=actor, now=clock.now(), key=key)
        except refusals.BegunAlready:
            # An answer that was kept while typing came first.
            return _write(request, queries.filing(str(key), actor))
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            return _after_saving(request, filing)
    return _form_page(request, form, None)


@requires("filings.create")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft."""
    return _write(request, queries.filing(pk, _actor(request)))


def _write(request: HttpRequest, filing: Filing) -> HttpResponse:
    actor = _actor(request)
    if request.method == "POST" and filing.state != rules.DRAFT and _key(request, "key") == filing.pk:
        # It came once before and only the answer was lost.
        return _saved(request, filing)
    form = FilingForm(request.POST or None, actor=actor, initial=initial_of(filing))
    if request.method == "POST" and form.is_valid():
        _take_then(request, form)
        try:
            services.change_draft(filing, form.cleaned_data, actor=actor, now=clock.now())
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            return _after_saving(request, filing)
    return _form_page(request, form, filing)


def _key(request: HttpRequest, name: str) -> UUID | None:
    text = request.POST.get(name, "")
    return _uuid(text) if text else None


@requires("filings.create")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Fragment: keep what is typed so far as a draft, and say so."""
    actor, now = _actor(request), clock.now()
    form = FilingForm(request.POST, actor=actor)
    form.is_valid()
    try:
        services.keep_draft(_uuid(request.POST.get("key", "")), form.cleaned_data, actor=actor, now=now)
    except (WrongState, refusals.BegunAlready):
        return HttpResponse(status=204)  # sent in the meantime: the page is about to leave
    return render(request, "filings/_kept.html", {"at": now})


def _link_opinion(request: HttpRequest, filing: Filing) -> None:
    """Whoever begins a report from a topic says thereby what the topic is about."""
    topic, actor = request.GET.get("opinion"), _actor(request)
    if topic and actor.may_somewhere("opinion.link"):
        opinion.link(topic, "filing", filing.pk, filing.title, url=summaries.address(filing.pk), actor=actor, now=clock.now())


def _take_then(request: HttpRequest, form: FilingForm) -> None:
    if request.POST.get("then") == "submit_empty_unknown":
        form.declare_empty_unknown()


def _after_saving(request: HttpRequest, filing: Filing) -> HttpResponse:
    _link_opinion(request, filing)
    if request.POST.get("then") not in ("submit", "submit_empty_unknown"):
        messages.success(request, _("草稿已保存，尚未报送；法定时限仍在计时。"))
        return _saved(request, filing)
    actor = _actor(request)
    try:
        services.submit(filing, actor=actor, now=clock.now())
    except Refusal as refusal:
        form = FilingForm(None, actor=actor, initial=initial_of(filing))
        bound = FilingForm(request.POST, actor=actor)
        bound.is_valid()
        _refuse(bound, refusal)
        return _form_page(request, bound, filing, unbound=form)
    messages.success(request, _("已报送。"))
    return _saved(request, filing)


def _saved(request: HttpRequest, filing: Filing) -> HttpResponse:
    """On to the report; a form that waited for a network is told its address."""
    if wants_json(request):
        return JsonResponse({"url": summaries.address(filing.pk)})
    return redirect("filings:detail", filing.pk)


def _form_page(request: HttpRequest, form: FilingForm, filing: Filing | None, *, unbound: FilingForm | None = None) -> HttpResponse:
    _tell_waiting(request, form)
    key = filing.pk if filing is not None else _key(request, "key") or new_id()
    context = {
        "form": form,
        "filing": filing,
        "key": key,
        "form_url": reverse("filings:edit", args=[filing.pk]) if filing is not None else _create_url(request),
        "errors": errors_of(form),
        "clocks": summaries.clocks_of(filing, clock.now()) if filing is not None else (),
        **judged_form(unbound or form, _actor(request), clock.now(), key=key),
    }
    return render(request, "filings/form.html", context, status=422 if form.errors else 200)


def _tell_waiting(request: HttpRequest, form: FilingForm) -> None:
    """A form that comes by itself is answered in words, not with a page. Raises ``Invalid``."""
    if form.errors and wants_json(request):
        raise Invalid(fields={name or "form": words for name, words in errors_of(form)})


def _create_url(request: HttpRequest) -> str:
    topic = request.GET.get("opinion")
    return f"{reverse('filings:create')}?{urlencode({'opinion': topic})}" if topic else reverse("filings:create")


@requires("filings.view")
@require_POST
def level(request: HttpRequest) -> HttpResponse:
    """Fragment: the level and the duties that follow from what is typed so far."""
    actor = _actor(request)
    filing = queries.filing(request.POST["filing"], actor) if request.POST.get("filing") else None
    form = FilingForm(request.POST, actor=actor, supplement=filing is not None)
    return render(request, "filings/_judgement.html", judged_form(form, actor, clock.now(), filing=filing, key=_key(request, "key")))


@requires("filings.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One filing: level, clocks, way upward, versions, instructions, and what may be done now."""
    return _show(request, queries.filing(pk, _actor(request)))


def _show(request: HttpRequest, filing: Filing, refusal: Refusal | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    kind = queries.event_kind(filing.kind, law_day(filing.occurred_at))
    lines, possible_now = summaries.clocks_of(filing, now), possible(filing, actor)
    flash_row = owed_flash(filing, actor) if possible_now["flash"] else None
    context = {
        "filing": filing,
        "summary": summaries.summary(filing),
        "kind_name": summaries.kind_name(filing.kind),
        "type_odd": odd_type(filing.accident_type, filing.kind, law_day(filing.occurred_at)),
        "clocks": lines,
        "owed": way.still_owed(filing, lines),
        "legs": way.legs(filing, now),
        "flash_lines": summaries.flash_lines(filing) if flash_row is not None else (),
        "flash_to": chain.Bureau(Level[flash_row.receiver], filing.place_code) if flash_row is not None else None,
        "spoken_at": timezone.localtime(now).strftime(DATETIME),
        "counted": summaries.counted_words(filing),
        "notices": [(row, summaries.duty_label(row.rule_code), _mine(row, actor)) for row in filing.notices.all()],
        "window_closed": kind is not None and now >= rules.casualty_window_ends(kind, filing.occurred_at),
        "versions": [(row, summaries.change_words(row)) for row in filing.versions.order_by("-number")],
        "instructions": [(row, _instruction_moves(filing, row, actor)) for row in filing.instructions.select_related("parent")],
        "instruction_form": forms.InstructionForm(actor=actor),
        "sources": filing.sources.select_related("came_as"),
        "alike": merging.shown(merging.proposals(merging.told_by(filing), actor, but=filing)) if filing.state not in rules.OVER else [],
        "reductions": [(row, summaries.figure_words(row.figures)) for row in filing.reductions.all()],
        "marks": [(row, {m.code for m in available_moves(row, actor)}) for row in filing.marks.all()],
        "mark_kinds": [(code, _(label)) for code, label in rules.MARKS.items()],
        "exhibits": evidence.list_for(Filing._meta.label_lower, filing.pk, actor),
        "may_merge": actor.may("filings.merge", place_code=filing.place_code, classification=filing.classification),
        "may_mark": actor.may("filings.mark", place_code=filing.place_code, classification=filing.classification),
        "own_id": actor.account_id,
        "unknown": summaries.unknown_labels(filing),
        "judgement": queries.judge(content.consequences(filing), filing.occurred_at),
        "casualty_until": rules.casualty_window_ends(kind, filing.occurred_at) if kind else None,
        "can": possible_now,
        "levels_above": [(int(row), _(row.label)) for row in Level if row < min(actor.level, Level.COUNTY)],
        "panels": panels.render("filings.detail", filing, request),
        "refusal_message": _words(refusal) if refusal else "",
        "ledger": losses.ledger(filing),
        "loss_form": forms.LossForm(filing=filing) if filing.loss_standard else None,
        "may_loss": filing.state not in rules.OVER and (possible_now["edit"] or possible_now["supplement"]),
        "loss_wan": summaries.ten_thousands(filing.direct_loss),
        "now_panels": panels.render("filings.now", filing, request),
        "page_keys": [(key, _(text)) for key, text in FILING_KEYS.items()],
    }
    return render(request, "filings/detail.html", context, status=refusal.status if refusal else 200)


def _words(refusal: Refusal) -> str:
    """A refusal in words; of several at once each."""
    return " ".join(sentence(why) for why in refusal.fields.values()) if isinstance(refusal, Invalid) else sentence(refusal)


@requires("filings.view")
@require_POST
def loss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter an item of loss, or take over what the books of the response hold for it (``take``)."""
    actor, now = _actor(request), clock.now()
    filing = queries.filing(pk, actor)
    form = forms.LossForm(request.POST, filing=filing)
    if not form.is_valid():
        return _show(request, filing, Invalid(fields=dict(errors_of(form))))
    entry = form.entry
    if request.POST.get("take"):
        code = form.cleaned_data["item"]
        entry = {code: (losses.to_take(filing, code), _("事件台账所记救援费用"))}
    return _done(request, filing, lambda: losses.enter(filing, entry, actor=actor, now=now))


def _instruction_moves(filing: Filing, row: Instruction, actor: Actor) -> set[str]:
    """What the reader may do with an instruction; the services check again."""
    if filing.state in rules.OVER or actor.enterprise_id is not None:
        return set()
    place = {"place_code": filing.place_code, "enterprise_id": filing.enterprise_id, "classification": filing.classification}
    found: set[str] = set()
    if row.done_at is None and actor.may("filings.supplement", **place) and (row.to_level is None or row.to_level == actor.level):
        found.add("done")
    if row.done_at is None and actor.may("filings.instruct", **place) and row.given_level <= actor.level < Level.COUNTY:
        found.add("down")
    if row.done_at is not None and row.confirmed_at is None and actor.level == row.given_level and actor.may("filings.instruct", **place):
        found |= {"confirm", "return"}
    return found


def _mine(row: FilingNotice, actor: Actor) -> bool:
    """Whether it is for the reader's bureau (or unit) to do; the county notes what a unit did that has no account."""
    own = None if actor.enterprise_id is not None else int(min(actor.level, Level.COUNTY))
    return row.done_at is None and (row.sender_level == own or (row.sender_level is None and own == Level.COUNTY))


@requires("filings.view")
@require_POST
def told(request: HttpRequest, pk: UUID, notice: UUID) -> HttpResponse:
    """Note that somebody outside the chain was told."""
    actor = _actor(request)
    filing = queries.filing(pk, actor)
    words = request.POST.get("contact", ""), request.POST.get("note", "")
    return _done(request, filing, lambda: services.note_told(filing, notice, words[0], actor=actor, now=clock.now(), note=words[1]))


def _done(request: HttpRequest, filing: Filing, verb: Any) -> HttpResponse:
    """Run one verb; a refusal is shown on the filing's own page."""
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.filing(filing.pk, _actor(request)), refusal)
    return redirect("filings:detail", filing.pk)


@requires("filings.view")
@require_POST
def move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Make one move of the flow."""
    actor, now = _actor(request), clock.now()
    filing = queries.filing(pk, actor)
    if code not in _MOVES:
        raise NotFound(what=code)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    verbs = {
        "submit": lambda: services.submit(filing, actor=actor, now=now),
        "receive": lambda: services.receive(filing, actor=actor, now=now),
        "report_up": lambda: services.report_up(filing, actor=actor, now=now, note=note),
        "close": lambda: services.close(filing, actor=actor, now=now),
        "withdraw": lambda: services.withdraw(filing, reason, actor=actor, now=now),
    }
    return _done(request, filing, verbs[code])


@requires("filings.report_up")
@require_POST
def flash(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a telephone flash."""
    actor = _actor(request)
    filing = queries.filing(pk, actor)
    asked = request.POST
    spoken = services.Spoken(
        with_whom=asked.get("spoken_with", ""),
        number=asked.get("number", ""),
        at=_moment(asked.get("spoken_at", "")),
        read_back_by=asked.get("read_back_by", ""),
        note=asked.get("note", "")[:300],
    )
    return _done(request, filing, lambda: services.record_flash(filing, spoken, actor=actor, now=clock.now()))


@requires("filings.report_up")
@require_POST
def direct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Report to a higher level beside the chain."""
    actor = _actor(request)
    filing = queries.filing(pk, actor)
    value = request.POST.get("level", "")
    if value not in {str(int(row)) for row in Level}:
        raise NotFound(what=value)
    return _done(
        request,
        filing,
        lambda: services.report_directly(filing, Level(int(value)), actor=actor, now=clock.now(), note=request.POST.get("note", "")),
    )


def _moment(text: str) -> datetime | None:
    """A moment as a form sends it, in China; ``None`` when it is empty or no moment."""
    try:
        return datetime.strptime(text, DATETIME).replace(tzinfo=CHINA) if text else None
    except ValueError:
        return None


@requires("filings.supplement")
@require_http_methods(["GET", "POST"])
def supplement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a supplement or the final report."""
    actor, now = _actor(request), clock.now()
    filing = queries.filing(pk, actor)
    initial = initial_of(filing)
    if request.GET.get("counted"):
        initial |= {name: figure for name, (_reported, figure) in recording.uncounted(filing).items()}
    form = FilingForm(request.POST or None, actor=actor, supplement=True, initial=initial)
    once = _key(request, "once")
    if queries.arrived(once, actor):
        return _saved(request, filing)
    if request.method == "POST" and form.is_valid():
        final, reason = request.POST.get("then") == "final", request.POST.get("reason", "")
        try:
            happened = _moment(request.POST.get("happened_at", ""))
            told_by: dict[str, Any] = {"reason": reason, "final": final, "happened_at": happened, "key": once}
            version = services.supplement(filing, form.cleaned_data, actor=actor, now=now, **told_by)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            told = _("伤亡核减已提出，待另一人复核。") if version is None else _("终报已发出。") if final else _("续报已发出。")
            messages.success(request, told)
            return _saved(request, filing)
    _tell_waiting(request, form)
    context = {
        "form": form,
        "filing": filing,
        "form_url": request.path,
        "supplement": True,
        "reason": request.POST.get("reason", ""),
        "errors": errors_of(form),
        "clocks": summaries.clocks_of(filing, now),
        **judged_form(form, actor, now, filing=filing),
    }
    return render(request, "filings/form.html", context, status=422 if form.errors else 200)


@requires("filings.instruct")
@require_POST
def instruct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter an instruction."""
    actor = _actor(request)
    filing = queries.filing(pk, actor)
    form = forms.InstructionForm(request.POST, actor=actor)
    if not form.is_valid():
        raise NotFound(what="instruction")
    values = form.cleaned_data
    told = {"due": values["due"], "to_level": Level(int(values["to_level"])) if values["to_level"] else None}
    return _done(
        request, filing, lambda: instructing.instruct(filing, values["text"], values["given_by"], actor=actor, now=clock.now(), **told)
    )


@requires("filings.view")
@require_POST
def instruction_move(request: HttpRequest, pk: UUID, instruction: UUID, code: str) -> HttpResponse:
    """Report an instruction done, pass it down, confirm it or send it back."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("outcome", "").strip()
    filing = queries.filing(pk, actor)
    verbs: dict[str, Callable[[], object]] = {
        "done": lambda: instructing.complete(filing, instruction, words, actor=actor, now=now),
        "down": lambda: instructing.pass_down(filing, instruction, words, actor=actor, now=now),
        "confirm": lambda: instructing.confirm(filing, instruction, actor=actor, now=now),
        "return": lambda: instructing.confirm(filing, instruction, actor=actor, now=now, returned=words or _("请补充办理情况")),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, filing, verbs[code])


@requires("filings.merge")
@require_POST
def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the report part of another (``into``), or split it off again (``split``)."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    filing = queries.filing(pk, actor)
    if request.POST.get("split"):
        return _done(request, filing, lambda: merging.split(filing, reason, actor=actor, now=now))
    into = queries.filing(request.POST.get("into", "") or pk, actor)
    try:
        merging.merge(filing, into, reason, actor=actor, now=now)
    except Refusal as refusal:
        return _show(request, queries.filing(pk, actor), refusal)
    return redirect("filings:detail", into.pk)


@requires("filings.view")
@require_POST
def reduction(request: HttpRequest, pk: UUID, reduction: UUID, code: str) -> HttpResponse:
    """Confirm or refuse that casualties were fewer."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    filing = queries.filing(pk, actor)
    row = filing.reductions.filter(pk=reduction).first()
    if row is None or code not in ("confirm", "refuse"):
        raise NotFound(what=str(reduction))
    if code == "confirm":
        return _done(request, filing, lambda: services.confirm_reduction(row, actor=actor, now=now))
    return _done(request, filing, lambda: services.refuse_reduction(row, reason, actor=actor, now=now))


@requires("filings.mark")
@require_POST
def mark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Raise a mark with facts and the exhibits ticked."""
    actor, asked = _actor(request), request.POST
    filing = queries.filing(pk, actor)
    exhibits = [each for each in asked.getlist("evidence") if each]
    told = {"actor": actor, "now": clock.now()}
    kind, who, facts = asked.get("kind", ""), asked.get("who", ""), asked.get("facts", "")
    return _done(request, filing, lambda: marking.raise_mark(filing, kind, who, facts, [_uuid(each) for each in exhibits], **told))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=text) from None


@requires("filings.view")
@require_POST
def mark_move(request: HttpRequest, pk: UUID, mark: UUID, code: str) -> HttpResponse:
    """Say why, uphold or dismiss a mark."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("words", "")
    filing = queries.filing(pk, actor)
    row = filing.marks.select_related("filing").filter(pk=mark).first()
    if row is None or code not in ("state", "uphold", "dismiss"):
        raise NotFound(what=str(mark))
    if code == "state":
        return _done(request, filing, lambda: marking.state(row, words, actor=actor, now=now))
    return _done(request, filing, lambda: marking.decide(row, code, words, actor=actor, now=now))


@requires("filings.view")
@require_GET
def bulletin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The filing as 信息快报: a PDF, or with ``?as=docx`` a Word file."""
    filing = queries.filing(pk, _actor(request))
    form = "docx" if request.GET.get("as") == "docx" else "pdf"
    response = HttpResponse(document.information_bulletin(filing, clock.now(), word=form == "docx"), content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'inline; filename="filing-{filing.pk}.{form}"'
    return response
