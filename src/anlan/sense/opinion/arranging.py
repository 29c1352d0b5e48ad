"""Posts moved between topics by a person: move, split, merge, and each of them undone. A post that a person placed is moved by no rule again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change, permit
from anlan.sense.opinion import queries, refusals, summing, taking
from anlan.sense.opinion.models import Arrangement, Post, Topic

ACTION = "opinion.arrange"


def move(post_ids: Collection[UUID], target_id: UUID | str, *, reason: str = "", actor: Actor, now: datetime) -> Arrangement:
    """Move posts of one topic (or of none) into another one.

    Raises ``NothingChosen``, ``SameTopic``, ``WouldBeEmpty``, ``TopicMerged``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        target = _held(target_id, actor)
        posts = _chosen(post_ids, actor)
        source = _source(posts)
        if source is not None and source.pk == target.pk:
            raise refusals.SameTopic()
        return _rearrange(Arrangement.MOVE, posts, source, target, reason=reason, actor=actor, now=now)


def split(topic_id: UUID | str, post_ids: Collection[UUID], *, reason: str = "", actor: Actor, now: datetime) -> Arrangement:
    """Make a topic of its own of some posts. Raises the refusals of :func:`move`."""
    with transaction.atomic():
        source = _held(topic_id, actor)
        posts = [post for post in _chosen(post_ids, actor) if post.topic_id == source.pk]
        if not posts:
            raise refusals.NothingChosen()
        first = min(posts, key=lambda post: post.published_at)
        target = Topic.objects.create(
            place_code=first.place_code,
            classification=source.classification,
            created_at=now,
            updated_at=now,
            title=str(first)[:120],
            kind=first.kind or source.kind,
            first_at=first.published_at,
            last_at=first.published_at,
            exercise=first.stance == "exercise",
            spot=first.reading.get("spot", ""),
        )
        return _rearrange(Arrangement.SPLIT, posts, source, target, reason=reason, actor=actor, now=now)


def merge(source_id: UUID | str, target_id: UUID | str, *, reason: str = "", actor: Actor, now: datetime) -> Arrangement:
    """Put every post of a topic into another one; the first leads on to it. Raises ``SameTopic``, ``TopicMerged``, ``NotFound``, ``NotPermitted``."""
    with transaction.atomic():
        source, target = _held(source_id, actor), _held(target_id, actor)
        if source.pk == target.pk:
            raise refusals.SameTopic()
        posts = list(Post.objects.select_for_update().filter(topic_id=source.pk))
        return _rearrange(Arrangement.MERGE, posts, source, target, reason=reason, actor=actor, now=now)


def undo(arrangement_id: UUID | str, *, actor: Actor, now: datetime) -> Arrangement:
    """Put the posts of an arrangement back where they were. Raises ``AlreadyUndone``, ``MovedSince``, ``NotFound``, ``NotPermitted``."""
    with transaction.atomic():
        made = Arrangement.objects.select_for_update().filter(pk=arrangement_id).first()
        if made is None:
            raise NotFound(what=str(arrangement_id))
        if made.undone_at is not None:
            raise refusals.AlreadyUndone(name=made.undone_by)
        posts = {str(post.pk): post for post in Post.objects.select_for_update().filter(pk__in=[each["post"] for each in made.moves])}
        if any(str(posts[each["post"]].topic_id) != each["to"] for each in made.moves if each["post"] in posts):
            raise refusals.MovedSince()
        target = Topic.objects.get(pk=made.target_id)
        if target.merged_into_id is not None:
            raise refusals.MovedSince()
        with change(actor, ACTION, now=now, record=target) as gathered:
            if made.source_id is not None:
                source = Topic.objects.get(pk=made.source_id)
                permit(actor, ACTION, record=source)
                Topic.objects.filter(pk=made.source_id, merged_into_id=made.target_id).update(merged_into=None)
            for each in made.moves:
                post = posts.get(each["post"])
                if post is not None:
                    post.topic_id, post.by_person, post.placed = each["from"], each["by_person"], each["placed"]
            Post.objects.bulk_update(posts.values(), ["topic", "by_person", "placed"], batch_size=500)
            made.undone_at, made.undone_by = now, actor.name[:100]
            made.save(update_fields=["undone_at", "undone_by"])
            gathered.facts.update({"undone": str(made.pk), "kind": made.kind, "posts": len(posts)})
            for topic in _both(made.source_id, made.target_id):
                summing.recount(topic, now)
                taking.tell(topic, gathered, now)
            if made.kind == Arrangement.SPLIT and not Post.objects.filter(topic_id=made.target_id).exists():
                Topic.objects.filter(pk=made.target_id).update(merged_into=made.source_id)
    return made


def _rearrange(
    kind: str, posts: Sequence[Post], source: Topic | None, target: Topic, *, reason: str, actor: Actor, now: datetime
) -> Arrangement:
    if not posts and kind != Arrangement.MERGE:
        raise refusals.NothingChosen()
    if source is not None and kind != Arrangement.MERGE and source.posts_count <= len(posts):
        raise refusals.WouldBeEmpty()
    if source is not None:
        permit(actor, ACTION, record=source)
    with change(actor, ACTION, now=now, record=target) as gathered:
        moves: list[dict[str, Any]] = [
            {
                "post": str(p.pk),
                "from": str(p.topic_id) if p.topic_id else None,
                "to": str(target.pk),
                "by_person": p.by_person,
                "placed": p.placed,
            }
            for p in posts
        ]
        for post in posts:
            post.topic, post.by_person = target, True
            post.placed = [{"code": "person", "facts": {"name": actor.name}}]
        Post.objects.bulk_update(posts, ["topic", "by_person", "placed"], batch_size=500)
        made = Arrangement.objects.create(
            kind=kind, source=source, target=target, moves=moves, reason=reason.strip()[:200], by_name=actor.name[:100], at=now
        )
        if kind == Arrangement.MERGE and source is not None:
            source.merged_into = target
            source.save(update_fields=["merged_into"])
        gathered.facts.update(
            {"kind": kind, "posts": len(posts), "source": str(source.pk) if source else "", "reason": reason.strip()[:200]}
        )
        for topic in _both(source.pk if source else None, target.pk):
            summing.recount(topic, now)
            taking.tell(topic, gathered, now)
    return made


def _both(source_id: UUID | None, target_id: UUID) -> Iterable[Topic]:
    return Topic.objects.select_related("enterprise").filter(pk__in=[pk for pk in (source_id, target_id) if pk is not None])


def _held(topic_id: UUID | str, actor: Actor) -> Topic:
    """A topic that the actor may see, held until the transaction ends. Raises ``NotFound``, ``TopicMerged``."""
    queries.topic(topic_id, actor)
    topic = Topic.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=topic_id)
    if topic.merged_into is not None:
        raise refusals.TopicMerged(title=topic.merged_into.title)
    return topic


def _chosen(post_ids: Collection[UUID], actor: Actor) -> list[Post]:
    found = list(queries.posts(actor).select_for_update(of=("self",)).filter(pk__in=post_ids))
    if not found:
        raise refusals.NothingChosen()
    return found


def _source(posts: Sequence[Post]) -> Topic | None:
    held = {post.topic_id for post in posts}
    if len(held) > 1:
        raise refusals.NothingChosen()
    topic_id = next(iter(held))
    return Topic.objects.select_for_update().get(pk=topic_id) if topic_id else None
