"""Pages of public opinion: one topic with its posts, one post, what persons do with them, and the interface that takes posts in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.sense.opinion import door, locator, matching, presenting, queries, refusals, rules, services
from anlan.sense.opinion.forms import SettleForm, VerdictForm
from anlan.sense.opinion.models import Topic

POSTS_A_PAGE = 20
MOST_AT_ONCE = 500
"""Posts that one request of the interface may bring."""
LARGEST_REQUEST = 20 * 1024 * 1024
_READ_FOR_MAP = 200
FROM_INTERFACE = N_("接口")


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("opinion.view")
@require_GET
def topic(request: ActorRequest, topic_id: UUID) -> HttpResponse:
    """One topic; one that was merged leads on."""
    row = queries.topic(topic_id, _actor(request))
    if row.merged_into_id is not None:
        return redirect("opinion:topic", row.merged_into_id)
    return _topic_page(request, row)


def _topic_page(request: ActorRequest, row: Topic, *, verdict: VerdictForm | None = None, refusal: str = "") -> HttpResponse:
    actor, now = _actor(request), clock.now()
    context = {
        "row": row,
        "told": presenting.told(row),
        "hot": row.heat >= rules.parameter("hot_from", law_day(now)),
        "refusal": refusal,
        "data_time": now,
        **_spread(row),
        **_posts(request, row),
        **_findings(row, verdict),
        **_acts(row, actor, now),
    }
    return render(request, "opinion/topic.html", context, status=422 if refusal or (verdict is not None and verdict.errors) else 200)


def _spread(row: Topic) -> dict[str, Any]:
    """How the talk spread: by hour and by platform."""
    return {
        "bars": presenting.bars(queries.by_hour(row.pk)),
        "chart": {"width": presenting.WIDTH, "height": presenting.HEIGHT},
        "platforms": queries.platforms(row.pk),
    }


def _posts(request: ActorRequest, row: Topic) -> dict[str, Any]:
    """The posts that the reader may see, a page of them, and the places that they may mean."""
    actor = _actor(request)
    seen = queries.posts(actor).filter(topic_id=row.pk).order_by("-published_at", "-pk")
    page = Paginator(seen, POSTS_A_PAGE).get_page(request.GET.get("page"))
    candidates = presenting.candidates(list(seen.only("reading")[:_READ_FOR_MAP]))
    return {
        "page": page,
        "posts": [presenting.shown(post, actor) for post in page.object_list],
        "hidden_posts": row.posts_count - page.paginator.count,
        "candidates": candidates,
        "locator": locator.draw([code for code, _name, _number, _why in candidates[:12]]),
    }


def _findings(row: Topic, form: VerdictForm | None) -> dict[str, Any]:
    """What people found out: the newest finding, those before it, and the form of the next."""
    found = list(row.verdicts.all()[:20])
    return {
        "verdict_tone": rules.VERDICT_TONES.get(row.verdict, "grey"),
        "newest": found[0] if found else None,
        "verdicts": found[1:],
        "verdict_form": form or VerdictForm(),
        "settle_form": SettleForm(initial={"title": row.title, "kind": row.kind, "place_code": row.place_code}),
    }


def _acts(row: Topic, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the reader may do with a topic, and what is proposed to him for it."""
    may = {name: actor.may(f"opinion.{name}", place_code=row.place_code) for name in ("arrange", "judge", "link")}
    proposals = matching.proposals(row, actor, now) if may["link"] else []
    return {
        "may": may,
        "links": list(row.links.all()),
        "proposals": [
            (each, matching.reasons_in_words(each.reasons, gettext, queries.kind_name), gettext(rules.CONFIDENCES[each.confidence]))
            for each in proposals
        ],
        "others": list(queries.topics(actor).exclude(pk=row.pk).order_by("-last_at")[:30]) if may["arrange"] else [],
        "arrangements": list(queries.arrangements(row.pk)),
        "report_url": _report_url(row, actor),
    }


def _report_url(row: Topic, actor: Actor) -> str:
    if door.drafting.path is None or row.exercise or not actor.may_somewhere(door.drafting.action):
        return ""
    return f"{door.drafting.path()}?opinion={row.pk}"


@requires("opinion.view")
@require_GET
def post(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """One post with every guess that was read from it."""
    row = queries.post(post_id, _actor(request))
    may_erase = row.erased_at is None and _actor(request).may("opinion.erase", place_code=row.place_code)
    place = places.full_name(row.place_code) if row.place_confidence else ""
    return render(request, "opinion/post.html", {"shown": presenting.shown(row, _actor(request)), "place": place, "may_erase": may_erase})


def _ids(request: ActorRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("post")[:1000]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _doing(request: ActorRequest, topic_id: UUID, verb: Callable[[], object], done: str) -> HttpResponse:
    """Run a verb on a topic; a refusal is told on its page."""
    try:
        verb()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _topic_page(request, queries.topic(topic_id, _actor(request)), refusal=sentence(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(reverse("opinion:topic", args=[topic_id]))


@requires("opinion.arrange")
@require_POST
def arrange(request: ActorRequest, topic_id: UUID) -> HttpResponse:
    """Move or split off the chosen posts, or merge the topic into another one (``do``: ``move``, ``split``, ``merge``)."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "")
    target, do = request.POST.get("target", ""), request.POST.get("do", "")

    def verb() -> object:
        if do == "split":
            return services.split(topic_id, _ids(request), reason=reason, actor=actor, now=now)
        try:
            other = UUID(target)
        except ValueError:
            raise refusals.NothingChosen() from None
        if do == "merge":
            return services.merge(topic_id, other, reason=reason, actor=actor, now=now)
        return services.move(_ids(request), other, reason=reason, actor=actor, now=now)

    return _doing(request, topic_id, verb, gettext("已办理，可在“归并记录”中撤销。"))


@requires("opinion.arrange")
@require_POST
def undo(request: ActorRequest, topic_id: UUID, arrangement_id: UUID) -> HttpResponse:
    """Put the posts of an arrangement back."""
    return _doing(request, topic_id, lambda: services.undo(arrangement_id, actor=_actor(request), now=clock.now()), gettext("已撤销。"))


@requires("opinion.arrange")
@require_POST
def settle(request: ActorRequest, topic_id: UUID) -> HttpResponse:
    """Confirm or put right what was guessed."""
    form = SettleForm(request.POST)
    if not form.is_valid():
        told = "；".join(str(error) for errors in form.errors.values() for error in errors)
        return _topic_page(request, queries.topic(topic_id, _actor(request)), refusal=told)
    row = queries.topic(topic_id, _actor(request))
    values: dict[str, Any] = {"kind": form.cleaned_data["kind"], "place_code": form.cleaned_data["place_code"]}
    if form.cleaned_data["title"] != row.title:
        values["title"] = form.cleaned_data["title"]
    if row.enterprise_id is not None:
        values["enterprise_id"] = None if form.cleaned_data["no_enterprise"] else row.enterprise_id
    return _doing(
        request, topic_id, lambda: services.settle(topic_id, actor=_actor(request), now=clock.now(), **values), gettext("已确认。")
    )


@requires("opinion.judge")
@require_POST
def judge(request: ActorRequest, topic_id: UUID) -> HttpResponse:
    """Give a verdict."""
    row = queries.topic(topic_id, _actor(request))
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _topic_page(request, row, verdict=form)
    try:
        services.judge(topic_id, actor=_actor(request), now=clock.now(), **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.add_error(None, sentence(refusal))
        return _topic_page(request, row, verdict=form)
    messages.success(request, gettext("核查结论已记录。"))
    return HttpResponseRedirect(reverse("opinion:topic", args=[topic_id]))


@requires("opinion.link")
@require_POST
def link(request: ActorRequest, topic_id: UUID) -> HttpResponse:
    """Say that the topic is about a proposed subject (``linked=1``) or is not; or take that back (``link``)."""
    actor, now = _actor(request), clock.now()

    def verb() -> object:
        if request.POST.get("link"):
            return services.unlink(topic_id, UUID(request.POST["link"]), actor=actor, now=now)
        row = queries.topic(topic_id, actor)
        key = (request.POST.get("kind", ""), request.POST.get("subject", ""))
        for each in matching.proposals(row, actor, now):
            if (each.subject.kind, str(each.subject.id)) == key:
                linked, told = request.POST.get("linked") == "1", each.subject
                return services.link(topic_id, told.kind, told.id, told.title, url=told.url, linked=linked, actor=actor, now=now)
        raise refusals.NothingChosen()

    return _doing(request, topic_id, verb, gettext("已记录。"))


@requires("opinion.erase")
@require_POST
def erase(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """Erase what a post says."""
    try:
        services.erase(post_id, request.POST.get("reason", ""), actor=_actor(request), now=clock.now())
    except refusals.ReasonMissing as refusal:
        messages.error(request, sentence(refusal))
    return HttpResponseRedirect(reverse("opinion:post", args=[post_id]))


@requires("opinion.import", admits=people.by_key)
@require_POST
def api_posts(request: ActorRequest) -> JsonResponse:
    """POST one post, an array, ``{"posts": […]}`` or JSON Lines: ``{"new", "twice", "bad", "topics", "faults": [{"index", "code", "why"}]}``.

    422 when none was good. Raises ``NotPosts``, ``TooManyPosts``.
    """
    taken = services.take(_posts_of(request.body), via=FROM_INTERFACE, actor=_actor(request), now=clock.now())
    content = {
        "new": taken.new,
        "twice": taken.twice,
        "bad": len(taken.faults),
        "outside": taken.outside,
        "topics": taken.topics,
        "faults": [{"index": index, "code": refusal.code, "why": sentence(refusal)} for index, refusal in taken.faults],
    }
    status = 422 if taken.faults and not taken.new + taken.twice else 200
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def _posts_of(body: bytes) -> list[dict[str, Any]]:
    if len(body) > LARGEST_REQUEST:
        raise refusals.TooManyPosts(limit=MOST_AT_ONCE, number=f"{len(body) // 2**20} MB")
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        found = _lines(body)
    if isinstance(found, dict):
        found = found["posts"] if isinstance(found.get("posts"), list) else [found]
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        raise refusals.NotPosts()
    if len(found) > MOST_AT_ONCE:
        raise refusals.TooManyPosts(limit=MOST_AT_ONCE, number=len(found))
    return found


def _lines(body: bytes) -> list[Any]:
    try:
        return [json.loads(line) for line in body.decode("utf-8-sig").splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise refusals.NotPosts() from None
