"""Reads of public opinion, scoped to what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.utils.translation import get_language

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.sense.opinion import rules
from anlan.sense.opinion.models import Arrangement, Post, Topic, TopicLink

VIEW = "opinion.view"


def topics(actor: Actor | None) -> QuerySet[Topic]:
    """Topics that ``actor`` may see, without those merged into others."""
    rows = Topic.objects.filter(merged_into=None)
    return rows if actor is None else visible(rows, actor, VIEW, enterprise=None)


def posts(actor: Actor | None) -> QuerySet[Post]:
    """Posts that ``actor`` may see."""
    rows = Post.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW, enterprise=None)


def topic(topic_id: UUID | str, actor: Actor | None) -> Topic:
    """One topic. Raises ``NotFound``; one that was merged is found all the same (its page leads on)."""
    rows = Topic.objects.select_related("enterprise", "merged_into")
    found = (rows if actor is None else visible(rows, actor, VIEW, enterprise=None)).filter(pk=topic_id).first()
    if found is None:
        raise NotFound(what=str(topic_id))
    return found


def post(post_id: UUID | str, actor: Actor | None) -> Post:
    """One post. Raises ``NotFound``."""
    found = posts(actor).select_related("topic", "enterprise").filter(pk=post_id).first()
    if found is None:
        raise NotFound(what=str(post_id))
    return found


def recent_topics(since: datetime, until: datetime) -> QuerySet[Topic]:
    """Topics with posts around a span of time."""
    return Topic.objects.select_related("enterprise").filter(merged_into=None, last_at__gte=since, first_at__lte=until)


def by_hour(topic_id: UUID) -> list[tuple[datetime, int, int]]:
    """Posts of a topic by hour: its beginning, how many, how many of these deny."""
    rows = (
        Post.objects.filter(topic_id=topic_id)
        .annotate(hour=TruncHour("published_at", tzinfo=rules.CHINA))
        .values("hour")
        .annotate(number=Count("pk"), denying=Count("pk", filter=Q(stance="denied")))
        .order_by("hour")
    )
    return [(row["hour"], row["number"], row["denying"]) for row in rows]


def platforms(topic_id: UUID) -> list[tuple[str, int]]:
    """Where a topic is talked of, most first."""
    rows = Post.objects.filter(topic_id=topic_id).values("platform").annotate(number=Count("pk")).order_by("-number", "platform")
    return [(row["platform"], row["number"]) for row in rows]


def linked(kind: str, subject_id: UUID, actor: Actor) -> QuerySet[Topic]:
    """Topics that a person linked to a filing or incident."""
    return topics(actor).filter(links__kind=kind, links__subject_id=subject_id, links__state=TopicLink.LINKED)


def arrangements(topic_id: UUID, limit: int = 20) -> QuerySet[Arrangement]:
    """What was moved into or out of a topic, newest first."""
    rows = Arrangement.objects.select_related("source", "target").filter(Q(source_id=topic_id) | Q(target_id=topic_id))
    return rows.order_by("-at", "-pk")[:limit]


def kept_too_long(now: datetime) -> Iterable[UUID]:
    """Posts whose texts are past their days; those of topics that were judged or linked stay longer."""
    day = law_day(now)
    short, long = (now - timedelta(days=rules.parameter(code, day)) for code in ("retention_days", "judged_days"))
    judged = ~Q(topic__verdict="") | Q(topic__links_count__gt=0)
    rows = Post.objects.filter(erased_at=None).filter(
        (Q(published_at__lt=short) & ~(Q(topic__isnull=False) & judged)) | Q(published_at__lt=long)
    )
    return rows.values_list("pk", flat=True)


def kind_name(code: str) -> str:
    """Name of a kind in the reader's language; the code itself when unknown."""
    found = rules.kinds().get(code)
    if found is None:
        return code
    return found.name_zh if (get_language() or "zh").startswith("zh") else found.name_en
