"""What the posts of a topic say together: counts, the spread of what is told of casualties, place, kind, heat. A person's word is never overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.levels import Level, covers, level_of, prefix_of
from anlan.ledger.sources import law_day
from anlan.sense.opinion import rules
from anlan.sense.opinion.extraction import clauses
from anlan.sense.opinion.models import Post, Topic

COLUMNS = (
    "stance", "kind", "kind_confidence", "place_code", "place_confidence", "enterprise_id", "told", "happened_from", "happened_until",
    "published_at", "platform", "account", "forwards", "digest",
)  # fmt: skip
_ORDER = ("high", "medium", "low", "")


def recount(topic: Topic, now: datetime) -> Topic:
    """Reckon a topic anew from its posts and save it; one without posts keeps its last figures."""
    rows = list(Post.objects.filter(topic_id=topic.pk).values(*COLUMNS))
    if rows:
        apply(topic, rows, now)
    else:
        topic.posts_count = topic.sources_count = topic.denials_count = topic.forwards = topic.heat = 0
    topic.updated_at = now
    topic.save()
    return topic


def apply(topic: Topic, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Put the figures of ``rows`` (columns :data:`COLUMNS`) into a topic."""
    telling = [row for row in rows if row["stance"] in (clauses.TOLD, clauses.UNSURE, clauses.EXERCISE, "")] or list(rows)
    topic.posts_count = len(rows)
    topic.sources_count = len({(row["platform"], row["account"] or row["digest"]) for row in rows})
    topic.denials_count = sum(row["stance"] == clauses.DENIED for row in rows)
    topic.forwards = min(sum(row["forwards"] or 0 for row in rows), 2**31 - 1)
    topic.first_at = min(row["published_at"] for row in rows)
    topic.last_at = max(row["published_at"] for row in rows)
    topic.casualties = _casualties(telling)
    topic.heat = _heat((row["published_at"] for row in rows), now)
    _times(topic, telling)
    if "kind" not in topic.settled:
        topic.kind, topic.kind_confidence = _most(((row["kind"], row["kind_confidence"]) for row in rows), topic.kind)
    if "enterprise" not in topic.settled:
        named = Counter(row["enterprise_id"] for row in rows if row["enterprise_id"] is not None)
        topic.enterprise_id = named.most_common(1)[0][0] if named else None
        topic.enterprise_confidence = ("high" if len(named) == 1 and named.total() > 1 else "medium") if named else ""
    if "place" not in topic.settled:
        topic.place_code, topic.place_confidence = _place(rows, topic.place_code)
    if "title" not in topic.settled:
        topic.title = title_of(topic)


def _most(pairs: Iterable[tuple[str, str]], present: str) -> tuple[str, str]:
    """The kind that most posts name, with the best confidence any of these has."""
    held = [(kind, confidence) for kind, confidence in pairs if kind]
    if not held:
        return present, ""
    best = Counter(kind for kind, _confidence in held).most_common(1)[0][0]
    return best, min((confidence for kind, confidence in held if kind == best), key=_ORDER.index)


def _place(rows: Sequence[dict[str, Any]], present: str) -> tuple[str, str]:
    """The county that most posts name, and in it the finest place that agrees with most; nothing told: where it was."""
    told = [(row["place_code"], row["place_confidence"]) for row in rows if row["place_confidence"]]
    if not told:
        return present, ""
    votes: Counter[str] = Counter(code for code, _confidence in told)
    best = max(
        votes,
        key=lambda code: (
            sum(n for other, n in votes.items() if covers(prefix_of(other), code) or covers(prefix_of(code), other)),
            int(level_of(code)),
            code,
        ),
    )
    return best, min((confidence for code, confidence in told if code == best), key=_ORDER.index)


def _casualties(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, int | None]]:
    found: dict[str, dict[str, int | None]] = {}
    for row in rows:
        for code, (low, high) in row["told"].items():
            held = found.setdefault(code, {"low": low, "high": high, "posts": 0})
            ends = [value for value in (held["low"], held["high"], low, high) if value is not None]
            held["low"], held["high"] = (min(ends), max(ends)) if ends else (None, None)
            held["posts"] = (held["posts"] or 0) + 1
    return found


def _times(topic: Topic, rows: Sequence[dict[str, Any]]) -> None:
    spans = [(row["happened_from"], row["happened_until"]) for row in rows if row["happened_from"] is not None]
    if spans:
        # The narrowest says most.
        topic.happened_from, topic.happened_until = min(spans, key=lambda span: (span[1] - span[0], span[0]))


def _heat(moments: Iterable[datetime], now: datetime) -> int:
    span = timedelta(hours=rules.parameter("hot_hours", law_day(now)))
    lately = before = 0
    for moment in moments:
        lately += now - span < moment
        before += now - 2 * span < moment <= now - span
    return min(rules.heat(lately, before), 2**31 - 1)


def title_of(topic: Topic) -> str:
    """Place (or enterprise) and kind in words."""
    kind = rules.kinds()[topic.kind].name_zh if topic.kind in rules.kinds() else topic.kind
    name = enterprises.names([topic.enterprise_id]).get(topic.enterprise_id, "") if topic.enterprise_id else ""
    where = places.place_name(topic.place_code) if topic.place_confidence else ""
    if where and level_of(topic.place_code) is Level.TOWNSHIP:
        where = places.place_name(topic.place_code[:6]) + where
    return f"{where}{name or topic.spot} {kind}".strip()[:120] or kind


def cool(now: datetime) -> int:
    """Reckon heat anew where time alone changes it; returns how many topics changed."""
    span = timedelta(hours=rules.parameter("hot_hours", law_day(now)))
    rows = Topic.objects.filter(merged_into=None).filter(Q(heat__gt=0) | Q(last_at__gt=now - span))
    counted = rows.annotate(
        lately=Count("posts", filter=Q(posts__published_at__gt=now - span)),
        before=Count("posts", filter=Q(posts__published_at__gt=now - 2 * span, posts__published_at__lte=now - span)),
    ).values_list("pk", "heat", "lately", "before")
    changed: dict[UUID, int] = {pk: heat for pk, old, lately, before in counted if (heat := rules.heat(lately, before)) != old}
    for pk, heat in changed.items():
        Topic.objects.filter(pk=pk).update(heat=heat)
    return len(changed)
