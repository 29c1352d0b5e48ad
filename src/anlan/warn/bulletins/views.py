"""Pages of bulletins: the editor, and the bulletin with its approval."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import panels
from anlan.desk.guard import requires
from anlan.ground.organisations import door as organisations
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.flows import available_moves, steps
from anlan.ledger.models import FlowStep
from anlan.warn.bulletins import area_views, checking, foreign, presenting, queries, rules, services, templating
from anlan.warn.bulletins.forms import DATETIME, BulletinForm, told_area
from anlan.warn.bulletins.models import Bulletin, MessageKind

_DRAFT_PAGE = "bulletins/edit.html"
_NOT_CONTENT = {"exercise", "foreign_id"}


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A new bulletin starts now, for six hours, in the name of the actor's bureau, with what the calling page handed over."""
    actor, now = _actor(request), timezone.localtime(clock.now())
    organisation = organisations.organisation(actor.organisation_id) if actor.organisation_id else None
    start: dict[str, Any] = {
        "onset": now.strftime(DATETIME),
        "expires": (now + timedelta(hours=6)).strftime(DATETIME),
        "issuer_name": organisation.name if organisation else "",
        "event_code": "12D00",
        "level": "red",
    }
    if handed := request.GET.get("handed"):
        start |= {name: value for name, value in queries.handed(handed, actor).items() if value}
    if wanted := request.GET.get("foreign"):
        start |= _from_foreign(wanted, actor)
    given = (
        "incident_id",
        "headline",
        "subject",
        "description",
        "instruction",
        "circle_longitude",
        "circle_latitude",
        "circle_radius_km",
        "level",
    )
    start |= {name: request.GET[name] for name in (*given, "event_code", "exercise") if request.GET.get(name)}
    if areas := request.GET.getlist("area_codes"):
        start["area_codes"] = areas
    return start


def _from_foreign(wanted: str, actor: Actor) -> dict[str, Any]:
    row = queries.foreign(wanted, actor)
    start = foreign.as_draft(row)
    return start | {"foreign_id": str(row.pk)} | ({"area": json.dumps(start["area"])} if "area" in start else {})


def _refuse(form: BulletinForm, refusal: Refusal) -> None:
    wrong = refusal.fields if isinstance(refusal, Invalid) else {None: refusal}
    for name, why in wrong.items():
        form.add_error(name if name in form.fields else None, why.message(_) if isinstance(why, Refusal) else str(why))


def _content(form: BulletinForm, request: HttpRequest) -> dict[str, Any]:
    """What the form says, with the reasons and answers that stand beside it."""
    content = {name: value for name, value in form.cleaned_data.items() if name not in _NOT_CONTENT} | {"texts": _texts(request)}
    reasons = {name.removeprefix("accept-"): value for name, value in request.POST.items() if name.startswith("accept-")}
    answers = {
        name.removeprefix("answer-"): {"answer": value, "reason": request.POST.get(f"why-{name.removeprefix('answer-')}", "")}
        for name, value in request.POST.items()
        if name.startswith("answer-")
    }
    return content | {"accepted": {code: str(why)[:500] for code, why in reasons.items() if str(why).strip()}, "answers": answers}


def _texts(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Words in further languages, those of which something was written."""
    found = {}
    for language in templating.languages():
        words = {name: request.POST.get(f"text-{language.code}-{name}", "").strip() for name in ("headline", "description", "instruction")}
        if any(words.values()):
            found[language.code] = words
    return found


def _with_template(request: HttpRequest, place_code: str) -> tuple[QueryDict, tuple[str, ...]] | None:
    """The form's data with ready-made words in Chinese and English, and the blanks that nobody could fill."""
    if request.POST.get("then") != "template":
        return None
    data = request.POST.copy()
    missing: dict[str, None] = {}
    for language, ending in (("zh", ""), ("en", "_en")):
        chosen = templating.template(data.get("event_code", ""), data.get("level", ""), language, checking.day_of(clock.now()))
        if chosen is None:
            continue
        words = templating.fill(chosen, presenting.template_facts(data, place_code, language))
        for name in ("headline", "description", "instruction"):
            data[f"{name}{ending}"] = getattr(words, name)
        missing |= dict.fromkeys(words.missing)
    return data, tuple(missing)


def _with_proposal(request: HttpRequest, place_code: str) -> QueryDict | None:
    """The form's data with the area that is taken instead of the drawn one; ``None`` when nothing was proposed."""
    what = request.POST.get("then", "")
    if what not in {"simplify", "cut"}:
        return None
    data = request.POST.copy()
    try:
        told = told_area(data.get("area", ""))
        instead = area_views.proposed(told, what, place_code)
    except (ValidationError, Refusal):
        return None
    if instead is not None:
        data["area_drawn"] = data.get("area_drawn") or json.dumps(told)
        data["area"] = json.dumps(instead, separators=(",", ":"))
    return data


def _written(request: HttpRequest, form: BulletinForm, bulletin: Bulletin | None, place_code: str) -> HttpResponse:
    """What becomes of a form that was sent: kept, kept and submitted, or shown again with what is wrong.

    A draft whose doubts are not answered yet is kept all the same; its page then asks for the answers.
    """
    actor, now = _actor(request), clock.now()
    missing: tuple[str, ...] = ()
    data = _with_proposal(request, place_code)
    if (filled := _with_template(request, place_code)) is not None:
        data, missing = filled
    if data is not None:
        again = BulletinForm(None, actor=actor, place_code=place_code, initial=data.dict() | {"area_codes": data.getlist("area_codes")})
        return _editor(request, again, bulletin, blanks=[_(templating.BLANKS[name]) for name in missing])
    if not form.is_valid():
        return _editor(request, form, bulletin)
    try:
        content = _content(form, request)
        if bulletin is None:
            bulletin = services.draft(actor=actor, now=now, exercise=form.cleaned_data["exercise"], **content)
            if form.cleaned_data["foreign_id"] is not None:
                foreign.taken_over(form.cleaned_data["foreign_id"], bulletin, actor=actor, now=now)
        else:
            services.edit(bulletin, actor=actor, now=now, seen=_seen(request), **content)
    except Refusal as refusal:
        _refuse(form, refusal)
        return _editor(request, form, bulletin)
    if request.POST.get("then") == "submit":
        try:
            services.submit(bulletin, actor=actor, now=now)
        except Refusal:
            # The page of the draft tells what is in the way, beside the place where it is answered.
            return redirect(f"{reverse('bulletins:edit', args=[bulletin.pk])}?submit=1#checks")
    return redirect("bulletins:detail", bulletin.pk)


def _seen(request: HttpRequest) -> int | None:
    told = request.POST.get("seen", "")
    return int(told) if told.isdecimal() else None


def _editor(request: HttpRequest, form: BulletinForm, bulletin: Bulletin | None, **more: Any) -> HttpResponse:
    context = {"form": form, "bulletin": bulletin, "languages": presenting.languages(request, bulletin), **more}
    return render(request, _DRAFT_PAGE, context, status=422 if form.errors else 200)


@requires("bulletins.draft")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new bulletin; ``then=submit`` sends it to approval at once, ``simplify`` and ``cut`` take another area."""
    actor = _actor(request)
    if request.method == "POST":
        return _written(request, BulletinForm(request.POST, actor=actor), None, actor.place_code)
    return _editor(request, BulletinForm(None, actor=actor, initial=_initial(request)), None)


@requires("bulletins.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft, and answer what was found in it."""
    actor, now = _actor(request), clock.now()
    bulletin = queries.find(pk, actor)
    if request.method == "POST":
        return _written(request, BulletinForm(request.POST, actor=actor, place_code=bulletin.place_code), bulletin, bulletin.place_code)
    initial = {name: getattr(bulletin, name) for name in (*services.CONTENT_FIELDS, "exercise")}
    for name in ("onset", "expires"):
        initial[name] = timezone.localtime(initial[name]).strftime(DATETIME)
    for name in ("area", "area_drawn"):
        initial[name] = json.dumps(initial[name], separators=(",", ":")) if initial[name] else ""
    form = BulletinForm(None, actor=actor, place_code=bulletin.place_code, initial=initial)
    form.split_places(bulletin.area_codes)
    more: dict[str, Any] = {"checks": presenting.checks(bulletin, now)}
    if request.GET.get("submit"):
        try:
            checking.complete(bulletin, now)
            checking.check_final(bulletin, now)
        except Refusal as refusal:
            more["in_the_way"] = [why.message(_) if isinstance(why, Refusal) else why for why in presenting.each(refusal)]
    return _editor(request, form, bulletin, **more)


@requires("bulletins.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One bulletin: what it says, where, by whom, what may be done now, and what became of it."""
    return _show(request, queries.find(pk, _actor(request)))


def _show(request: HttpRequest, bulletin: Bulletin, refusal: Refusal | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    own = checking.had_a_hand(bulletin, actor)
    moves = [move for move in available_moves(bulletin, actor) if move.action != "bulletins.keep" and not (own and move.code == "approve")]
    approve = next((move for move in moves if move.code == "approve"), None)
    # Whoever decides sees both ways side by side; everybody else finds his moves below.
    beside = ("approve", "return") if approve is not None else ("approve",)
    context = {
        "bulletin": bulletin,
        "level": rules.level(bulletin.level),
        "event_type": rules.event_type(bulletin.event_code),
        "moves": [move for move in moves if move.code not in beside],
        "approve": approve,
        "send_back": next((move for move in moves if move.code == "return"), None),
        "steps": [_told(step) for step in steps(bulletin)],
        "own_draft": bulletin.state == "pending" and own,
        "may_follow": bulletin.state == "published"
        and bulletin.message_kind != MessageKind.CANCEL
        and actor.may("bulletins.draft", place_code=bulletin.place_code),
        "followers": bulletin.followers.exclude(state="discarded"),
        "panels": panels.render("bulletins.detail", bulletin, request),
        "refusal": refusal,
        "refusal_message": refusal.message(_) if refusal else "",
        **presenting.approval(bulletin, request, actor, now),
    }
    return render(request, "bulletins/detail.html", context, status=refusal.status if refusal else 200)


def _told(step: FlowStep) -> FlowStep:
    step.label = _(Bulletin.flow.move(step.move).label) if step.source else ""  # type: ignore[attr-defined]
    return step


@requires("bulletins.view")
@require_POST
def move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Make one move. A refusal is shown on the same page, above the bulletin."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "")
    bulletin = queries.find(pk, actor)
    try:
        if code == "submit":
            services.submit(bulletin, actor=actor, now=now)
        elif code == "approve":
            services.approve(bulletin, actor=actor, now=now, seen=_seen(request))
        elif code == "recall":
            services.recall(bulletin, actor=actor, now=now)
        elif code == "return":
            services.send_back(bulletin, actor=actor, now=now, reason=reason)
        elif code == "discard":
            services.discard(bulletin, actor=actor, now=now, reason=reason)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        return _show(request, queries.find(pk, actor), refusal)
    return redirect("bulletins:detail", pk)


@requires("bulletins.draft")
@require_POST
def follow(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Begin the update or the cancellation of a live bulletin as a new draft."""
    actor, now = _actor(request), clock.now()
    bulletin = queries.find(pk, actor)
    try:
        if kind == "cancel":
            content = {"headline": _("解除：%(headline)s") % {"headline": bulletin.headline}}
            follower = services.draft_follower(bulletin, MessageKind.CANCEL, actor=actor, now=now, **content)
        else:
            follower = services.draft_follower(bulletin, MessageKind.UPDATE, actor=actor, now=now)
    except Refusal as refusal:
        return _show(request, bulletin, refusal)
    return redirect("bulletins:edit", follower.pk)
