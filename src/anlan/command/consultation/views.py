"""Pages of consultations: calling one, the one page of it before, during and after, its corrections and its papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.consultation import deciding, forms, minuting, presenting, queries, rules, services
from anlan.command.consultation.models import Consultation, Minutes
from anlan.command.contact import door as contact
from anlan.command.incidents import door as incidents
from anlan.command.judgement import door as judgement
from anlan.desk.documents import docx, pdf
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.ground.evidence import door as evidence
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings
from anlan.sense.video import door as video
from anlan.warn.bulletins import door as bulletins

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIGNERS = ("duty_leader", "commander")
"""Posts whose holders are offered as chairs."""
NEAR_DEGREES = 0.03
"""How far around the incident cameras are offered: about three kilometres (project default)."""
MOST_GUESTS = 200
SOON = timedelta(minutes=20)
"""When a consultation is proposed to begin (project default)."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(what=text) from None


# --- calling -------------------------------------------------------------------------------------------------------------------------


@requires("consultation.call")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Call a consultation, about an incident, a warning, or by itself; who is invited is ticked in the same form."""
    actor, now, post = _actor(request), clock.now(), request.method == "POST"
    asked = request.POST if post else request.GET
    about = {name: _uuid(asked.get(name, "")) for name in ("incident_id", "bulletin_id")}
    chairs = _chairs(actor, now)
    start = _initial(about, asked.get("template", ""), actor, now)
    form = forms.CallForm(request.POST if post else None, initial=start, chairs=chairs)
    whom, refusal = list(dict.fromkeys(asked.getlist("to")))[:MOST_GUESTS], None
    try:
        known = contact.as_invited(whom, now)
        if post and form.is_valid():
            values = {**form.cleaned_data, **about, "template": asked.get("template", ""), **_chair(form.cleaned_data, chairs)}
            return redirect("consultation:detail", services.call(_agenda(values), whom, actor=actor, now=now).pk)
    except Refusal as refused:
        refusal, known = refused, ()
    context = {
        "form": form,
        "errors": errors_of(form),
        "refusal_message": sentence(refusal) if refusal else "",
        "about": about,
        "template": start["template"],
        "templates": forms.templates(),
        "known": known,
        "sorts": contact.sorts(actor, asked.get("q", "").strip()[:60], now),
        "q": asked.get("q", ""),
    }
    return render(request, "consultation/create.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


def _chairs(actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Who may preside and sign: the caller where he may, then leaders and commanders of his place."""
    me = [(str(actor.account_id), f"{actor.name}（{actor.post}）")] if actor.may("consultation.sign", place_code=actor.place_code) else []
    held = [each for kind in SIGNERS for each in people.holders_of(kind, actor.place_code, now=now)]
    found = dict([*((str(each.account_id), f"{each.name}（{each.post_name}）") for each in held), *me])
    return list(found.items())


def _chair(values: Mapping[str, Any], chairs: list[tuple[str, str]]) -> dict[str, Any]:
    named = dict(chairs).get(values["chair"], "")
    return {"chair_id": _uuid(values["chair"]), "chair_name": named or values["chair_name"]}


def _agenda(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "agenda": str(values["agenda"]).splitlines()}


def _initial(about: Mapping[str, UUID | None], template: str, actor: Actor, now: datetime) -> dict[str, Any]:
    soon = now + SOON - timedelta(minutes=now.minute % 5)
    online = bool(contact.meeting_link(actor.account_id, "", now))
    start: dict[str, Any] = {"channels": list(services.CHANNELS), "starts_at": soon, "online": online}
    code = template or rules.GENERAL
    if about["incident_id"] is not None:
        incident = incidents.incident(about["incident_id"], actor)
        start |= {"title": incident.title, "exercise": incident.exercise}
        code = template or rules.agenda_for(incident.kind, law_day(now))
    elif about["bulletin_id"] is not None:
        warning = bulletins.bulletin(about["bulletin_id"], actor)
        start["title"], code = warning.headline if warning is not None else "", template or "warning"
    start["template"] = code
    start["agenda"] = next((titles for each, _name, titles in forms.templates() if each == code), "")
    return start


# --- the one page --------------------------------------------------------------------------------------------------------------------


@requires("consultation.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The consultation: who comes, what is discussed, what was decided, what lies on the table, the minutes."""
    return _show(request, queries.consultation(pk, _actor(request)))


def _show(request: HttpRequest, row: Consultation, refusal: Refusal | None = None, wrong: str = "", **bound: Any) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    can, open_ = _possible(row, actor), row.state in rules.WRITABLE
    items, seats = list(row.items.prefetch_related("voices")), list(row.seats.all())
    incident = _incident(row, actor)
    context = {
        "consultation": row,
        "incident": incident,
        "place_name": places.full_name(row.place_code),
        "can": can,
        "open": open_,
        "keeps": can["record"] and open_,
        "moves": {move.code for move in available_moves(row, actor)},
        "not_chair": row.chair_id is not None and row.chair_id != actor.account_id,
        "own_seat": queries.seat_of(row, actor),
        "items": items,
        "seats": _with_replies(row, seats, actor),
        "came": sum(each.attendance == "came" for each in seats),
        "voices": row.voices.filter(item=None),
        "decisions": queries.decision_lines(row, actor, now),
        "references": row.references.all(),
        "suggested": _suggested(row, incident, actor) if can["record"] and open_ else [],
        "cameras": _cameras(row, incident, actor) if can["record"] and open_ else (),
        "files": queries.files(row, actor),
        "evidence": evidence.panel_context(row, actor) if can["record"] else {},
        "minutes": row.minutes.all(),
        "link": contact.meeting_link(row.pk, actor.name, max(now, row.starts_at)) if row.online and open_ else "",
        "sorts": contact.sorts(actor, "", now) if can["call"] and open_ else [],
        "ways": [(code, _(label)) for code, label in rules.WAYS.items()],
        "refusal_message": sentence(refusal) if refusal else "",
        "wrong": wrong,
        **_forms(row, items, seats, can, now),
        **bound,
    }
    return render(request, "consultation/detail.html", context, status=refusal.status if refusal else 422 if wrong else 200)


def _possible(row: Consultation, actor: Actor) -> dict[str, bool]:
    def may(action: str) -> bool:
        return actor.may(action, place_code=row.place_code, classification=row.classification)

    return {name: may(f"consultation.{name}") for name in ("call", "record", "sign")}


def _incident(row: Consultation, actor: Actor) -> incidents.IncidentSummary | None:
    """The incident, for whoever may see it by himself: being invited does not open it."""
    try:
        return incidents.incident(row.incident_id, actor) if row.incident_id else None
    except NotFound:
        return None


def _with_replies(row: Consultation, seats: list[Any], actor: Actor) -> list[tuple[Any, Any]]:
    replies = queries.replies(row, actor)
    return [(each, replies.get(each.key)) for each in seats]


def _forms(row: Consultation, items: list[Any], seats: list[Any], can: Mapping[str, bool], now: datetime) -> dict[str, Any]:
    named = _named(items, seats)
    return {
        "decision_form": forms.DecisionForm(prefix="decision", **named),
        "voice_form": forms.VoiceForm(prefix="voice", items=named["items"], keeps=can["record"]),
        "item_form": forms.ItemForm(prefix="item"),
        "reference_form": forms.ReferenceForm(prefix="reference"),
        "reschedule_form": forms.RescheduleForm(prefix="reschedule", initial={"starts_at": max(now, row.starts_at)}),
    }


def _named(items: list[Any], seats: list[Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        "items": [(str(each.pk), f"{each.number}. {each.title}") for each in items],
        "seats": [(str(each.pk), each.name) for each in seats],
    }


def _cameras(row: Consultation, incident: incidents.IncidentSummary | None, actor: Actor) -> tuple[video.CameraSummary, ...]:
    """Cameras that can look at the scene, or those of the enterprise."""
    if incident is None or not actor.may_somewhere("video.view"):
        return ()
    found = {each.id: each for each in video.cameras_of(incident.enterprise_id, actor)} if incident.enterprise_id else {}
    if incident.longitude is not None and incident.latitude is not None:
        x, y = incident.longitude, incident.latitude
        box = (x - NEAR_DEGREES, y - NEAR_DEGREES, x + NEAR_DEGREES, y + NEAR_DEGREES)
        found |= {each.id: each for each in video.cameras_within(box, actor, limit=40)}
    return tuple(found.values())


def _suggested(row: Consultation, incident: incidents.IncidentSummary | None, actor: Actor) -> list[tuple[str, str]]:
    """Pages that are likely to be looked at: title and address, those not on the table yet."""
    found: list[tuple[str, str]] = []
    if incident is not None:
        found += [
            (_("研判：{title}").format(title=each.title), each.address) for each in judgement.for_subject("incident", incident.id, actor)
        ]
        reports = filings.filings(incidents.linked(incident.id, "filing", actor), actor)
        found += [(_("信息报送：{title}").format(title=each.title), each.address) for each in reports]
        found += [(_("预警：{title}").format(title=each.headline), each.url) for each in bulletins.of_incident(incident.id, actor)]
    warning = bulletins.bulletin(row.bulletin_id, actor) if row.bulletin_id else None
    if warning is not None:
        found.append((_("预警：{title}").format(title=warning.headline), warning.url))
    found += [(_("风险态势"), reverse("riskpicture:league")), (_("一张图"), reverse("desk:map"))]
    known = set(row.references.values_list("address", flat=True))
    return [(title, address) for title, address in found if address not in known][:12]


def _done(request: HttpRequest, pk: UUID, verb: Callable[[], object], part: str = "") -> HttpResponse:
    """Run one verb; a refusal is shown on the consultation's own page."""
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.consultation(pk, _actor(request)), refusal)
    return redirect(reverse("consultation:detail", args=[pk]) + part)


@requires("consultation.view")
@require_POST
def act(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Begin, end, resume, sign, cancel, reschedule, attend, invite, take a still."""
    actor, now, asked = _actor(request), clock.now(), request.POST
    row, reason = queries.consultation(pk, actor), request.POST.get("reason", "").strip()
    plain = {"begin": services.begin, "end": services.end, "resume": services.resume, "sign": minuting.sign}
    verbs: dict[str, Callable[[], object]] = {
        **{name: lambda verb=verb: verb(row, actor=actor, now=now) for name, verb in plain.items()},
        "cancel": lambda: services.cancel(row, reason, actor=actor, now=now),
        "attend": lambda: services.attend(row, asked.get("way", ""), actor=actor, now=now),
        "still": lambda: services.take_still(row, _uuid(asked.get("camera", "")) or pk, actor=actor, now=now),
        "invite": lambda: services.invite(row, asked.getlist("to")[:MOST_GUESTS], actor=actor, now=now),
    }
    if code == "reschedule":
        return _reschedule(request, row)
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code], "#table" if code == "still" else "")


def _reschedule(request: HttpRequest, row: Consultation) -> HttpResponse:
    form = forms.RescheduleForm(request.POST, prefix="reschedule")
    if not form.is_valid():
        return _show(request, row, None, "reschedule", reschedule_form=form, form_errors=errors_of(form))
    values, actor = form.cleaned_data, _actor(request)
    return _done(request, row.pk, lambda: services.reschedule(row, values["starts_at"], values["reason"], actor=actor, now=clock.now()))


@requires("consultation.view")
@require_POST
def add(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Add a decision, what somebody said, an item of the agenda, or a page to look at."""
    actor = _actor(request)
    row = queries.consultation(pk, actor)
    named = _named(list(row.items.all()), list(row.seats.all()))
    made: dict[str, Callable[[], Any]] = {
        "decision": lambda: forms.DecisionForm(request.POST, prefix="decision", **named),
        "voice": lambda: forms.VoiceForm(request.POST, prefix="voice", items=named["items"], keeps=_possible(row, actor)["record"]),
        "item": lambda: forms.ItemForm(request.POST, prefix="item"),
        "reference": lambda: forms.ReferenceForm(request.POST, prefix="reference"),
    }
    if what not in made:
        raise NotFound(what=what)
    form = made[what]()
    if not form.is_valid():
        told: dict[str, Any] = {f"{what}_form": form, "form_errors": errors_of(form)}
        return _show(request, row, None, what, **told)
    values = dict(form.cleaned_data)
    if values.get("item"):
        values["item"] = queries.item(row, values["item"])
    return _done(request, pk, lambda: _add(row, what, values, actor, clock.now()), f"#{what}s")


def _add(row: Consultation, what: str, values: dict[str, Any], actor: Actor, now: datetime) -> object:
    if what == "decision":
        values["seat"] = queries.seat(row, values["seat"]) if values["seat"] else None
        return deciding.decide(row, values | {"item": values["item"] or None}, actor=actor, now=now)
    if what == "voice":
        item = values["item"] or None
        return services.speak(row, values["kind"], values["text"], item=item, who=values.get("who", ""), actor=actor, now=now)
    if what == "item":
        return services.add_item(row, values["title"], values["speaker"], actor=actor, now=now)
    return services.refer(row, values["address"], values["title"], actor=actor, now=now)


@requires("consultation.record")
@require_POST
def keep(request: HttpRequest, pk: UUID, item: UUID) -> HttpResponse:
    """Keep what stands in a writer's page; answers what it stood on, and what others wrote beside it."""
    actor, now = _actor(request), clock.now()
    found = queries.item(queries.consultation(pk, actor), item)
    text = request.POST.get("text", "")
    kept = services.keep_notes(found, request.POST.get("base", ""), text, actor=actor, now=now)
    if not request.headers.get("HX-Request"):
        return redirect(reverse("consultation:detail", args=[pk]) + f"#item-{item}")
    others = kept.text != text.replace("\r\n", "\n")
    return render(request, "consultation/_kept.html", {"base": text, "kept": kept, "others": others, "at": timezone.localtime(now)})


@requires("consultation.record")
@require_POST
def mark(request: HttpRequest, pk: UUID, seat: UUID) -> HttpResponse:
    """Whoever keeps the record notes who has come, and who excused himself."""
    actor, asked = _actor(request), request.POST
    found = queries.seat(queries.consultation(pk, actor), seat)
    told = {"way": asked.get("way", ""), "who": asked.get("who", "")}
    return _done(request, pk, lambda: services.mark(found, asked.get("attendance", ""), **told, actor=actor, now=clock.now()), "#seats")


@requires("consultation.record")
@require_POST
def settle(request: HttpRequest, pk: UUID, decision: UUID, code: str) -> HttpResponse:
    """A decision was carried out, or is taken back."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("words", "")
    found = queries.decision(queries.consultation(pk, actor), decision)
    verbs: dict[str, Callable[[], object]] = {
        "finish": lambda: deciding.finish(found, words, actor=actor, now=now),
        "revoke": lambda: deciding.revoke(found, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code], "#decisions")


# --- afterwards ------------------------------------------------------------------------------------------------------------------------


@requires("consultation.sign")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put signed minutes right: the texts again, and why; what comes of it is a new edition."""
    actor = _actor(request)
    row, refusal = queries.consultation(pk, actor), None
    items = list(row.items.all())
    if request.method == "POST":
        for each in items:
            each.notes = request.POST.get(f"text-{each.pk}", each.notes).replace("\r\n", "\n")
        try:
            texts = {each.pk: each.notes for each in items}
            minuting.correct(row, texts, request.POST.get("reason", ""), actor=actor, now=clock.now())
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("consultation:detail", pk)
    context = {
        "consultation": row,
        "items": items,
        "reason": request.POST.get("reason", ""),
        "refusal_message": sentence(refusal) if refusal else "",
        "may": row.state == rules.SIGNED,
    }
    return render(request, "consultation/correct.html", context, status=refusal.status if refusal else 200)


@requires("consultation.view")
@require_GET
def document(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The minutes as PDF or Word file: the newest edition, or the one asked for (``?edition=``); the record as it stands before any was signed."""
    actor, now = _actor(request), clock.now()
    row = queries.consultation(pk, actor)
    made: dict[str, tuple[Callable[[Any], bytes], str]] = {"pdf": (pdf, "application/pdf"), "docx": (docx, WORD)}
    if form not in made:
        raise NotFound(what=form)
    render_, kind = made[form]
    answer = HttpResponse(render_(presenting.document(row, _edition(row, request.GET.get("edition", "")), actor, now)), content_type=kind)
    answer["Content-Disposition"] = f'{"inline" if form == "pdf" else "attachment"}; filename="minutes-{pk}.{form}"'
    return answer


def _edition(row: Consultation, asked: str) -> Minutes | None:
    if not asked:
        return row.minutes.first()
    found = row.minutes.filter(edition=int(asked)).first() if asked.isdecimal() and len(asked) < 5 else None
    if found is None:
        raise NotFound(what=asked)
    return found


@requires("consultation.view")
@require_GET
def file(request: HttpRequest, pk: UUID, exhibit: UUID) -> FileResponse:
    """One file on the table: whoever sits in the consultation reads it, whatever else of the convener's he may see."""
    actor = _actor(request)
    found = next((each for each in queries.files(queries.consultation(pk, actor), actor) if each.id == exhibit), None)
    if found is None:
        raise NotFound(what=str(exhibit))
    shown = found.is_picture and found.is_shown_inline
    return FileResponse(
        evidence.open_bytes(found.id, queries.KEEPER), as_attachment=not shown, filename=found.filename, content_type=found.media_type
    )
