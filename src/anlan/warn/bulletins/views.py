"""Pages of bulletins: the editor, the bulletin with its approval, and the public feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import panels
from anlan.desk.guard import public, requires
from anlan.ground.organisations import door as organisations
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.flows import available_moves, steps
from anlan.ledger.models import FlowStep
from anlan.warn.bulletins import queries, rules, services
from anlan.warn.bulletins.forms import DATETIME, BulletinForm
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.wire import cap

_DRAFT_PAGE = "bulletins/edit.html"
_NOT_CONTENT = {"exercise"}


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
    handed = ("incident_id", "headline", "description", "instruction", "circle_longitude", "circle_latitude", "circle_radius_km", "level")
    start |= {name: request.GET[name] for name in (*handed, "event_code", "exercise") if request.GET.get(name)}
    if areas := request.GET.getlist("area_codes"):
        start["area_codes"] = areas
    return start


def _refuse(form: BulletinForm, refusal: Refusal) -> None:
    wrong = refusal.fields if isinstance(refusal, Invalid) else {None: refusal}
    for name, why in wrong.items():
        form.add_error(name if name in form.fields else None, why.message(_) if isinstance(why, Refusal) else str(why))


@requires("bulletins.draft")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new bulletin; ``then=submit`` sends it to approval at once."""
    actor = _actor(request)
    form = BulletinForm(request.POST or None, actor=actor, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        content = {name: value for name, value in form.cleaned_data.items() if name not in _NOT_CONTENT}
        try:
            bulletin = services.draft(actor=actor, now=clock.now(), exercise=form.cleaned_data["exercise"], **content)
            if request.POST.get("then") == "submit":
                services.submit(bulletin, actor=actor, now=clock.now())
            return redirect("bulletins:detail", bulletin.pk)
        except Refusal as refusal:
            _refuse(form, refusal)
    return render(request, _DRAFT_PAGE, {"form": form, "bulletin": None}, status=422 if form.errors else 200)


@requires("bulletins.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a draft."""
    actor = _actor(request)
    bulletin = queries.find(pk, actor)
    initial = {name: getattr(bulletin, name) for name in (*services.CONTENT_FIELDS, "exercise")}
    for name in ("onset", "expires"):
        initial[name] = timezone.localtime(initial[name]).strftime(DATETIME)
    form = BulletinForm(request.POST or None, actor=actor, place_code=bulletin.place_code, initial=initial)
    if request.method == "POST" and form.is_valid():
        content = {name: value for name, value in form.cleaned_data.items() if name not in _NOT_CONTENT}
        try:
            services.edit(bulletin, actor=actor, now=clock.now(), **content)
            if request.POST.get("then") == "submit":
                services.submit(bulletin, actor=actor, now=clock.now())
            return redirect("bulletins:detail", bulletin.pk)
        except Refusal as refusal:
            _refuse(form, refusal)
    return render(request, _DRAFT_PAGE, {"form": form, "bulletin": bulletin}, status=422 if form.errors else 200)


@requires("bulletins.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One bulletin: what it says, where, by whom, what may be done now, and what became of it."""
    return _show(request, queries.find(pk, _actor(request)))


def _show(request: HttpRequest, bulletin: Bulletin, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    moves = [move for move in available_moves(bulletin, actor) if move.action != "bulletins.keep"]
    may_approve_but = bulletin.state == "pending" and actor.account_id in (bulletin.drafted_by_id, bulletin.submitted_by_id)
    context = {
        "bulletin": bulletin,
        "level": rules.level(bulletin.level),
        "event_type": rules.event_type(bulletin.event_code),
        "moves": moves,
        "steps": [_told(step) for step in steps(bulletin)],
        "own_draft": may_approve_but,
        "may_follow": bulletin.state == "published"
        and bulletin.message_kind != MessageKind.CANCEL
        and actor.may("bulletins.draft", place_code=bulletin.place_code),
        "followers": bulletin.followers.exclude(state="discarded"),
        "panels": panels.render("bulletins.detail", bulletin, request),
        "refusal": refusal,
        "refusal_message": refusal.message(_) if refusal else "",
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
            services.approve(bulletin, actor=actor, now=now)
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


def _feed(request: HttpRequest, bulletins: list[Bulletin], *, title: str, address: str) -> HttpResponse:
    newest = max((b.published_at for b in bulletins if b.published_at), default=None)
    entries = [
        cap.FeedEntry(
            alert=cap.decode(bytes(b.message)),
            href=request.build_absolute_uri(reverse("bulletins:message", args=[b.identifier])),
            updated=cast("Any", b.published_at),
        )
        for b in bulletins
        if b.message
    ]
    etag = f'"{bulletins[0].message_digest[:32] if bulletins else "empty"}-{len(bulletins)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304)
    href = request.build_absolute_uri(reverse(address))
    body = cap.encode_feed(feed_id=href, title=title, href=href, author="Anlan", updated=newest or clock.now(), entries=entries)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response["ETag"] = etag
    if newest is not None:
        response["Last-Modified"] = http_date(newest.timestamp())
    return response


@public
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The public Atom feed of real warnings. Exercises never appear here."""
    return _feed(request, list(queries.public_messages()), title="安澜预警 Anlan warnings", address="bulletins:feed")


@requires("bulletins.view")
@require_GET
def exercise_feed(request: HttpRequest) -> HttpResponse:
    """The feed of exercise warnings, for those who may see them."""
    messages = list(queries.exercise_messages(_actor(request)))
    return _feed(request, messages, title="安澜演练预警 Anlan exercise warnings", address="bulletins:exercise_feed")


@public
@require_GET
def message(request: HttpRequest, identifier: str) -> HttpResponse:
    """The very bytes of one published message. An exercise is shown only to those who may see it."""
    bulletin = Bulletin.objects.filter(identifier=identifier, published_at__isnull=False).first()
    if bulletin is not None and bulletin.exercise:
        actor = getattr(request, "actor", None)
        bulletin = queries.seen_by(actor).filter(pk=bulletin.pk).first() if actor else None
    if bulletin is None or not bulletin.message:
        raise NotFound(what=identifier)
    response = HttpResponse(bytes(bulletin.message), content_type="application/cap+xml; charset=utf-8")
    response["ETag"] = f'"{bulletin.message_digest}"'
    return response
