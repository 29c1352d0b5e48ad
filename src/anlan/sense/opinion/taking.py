"""Posts taken in: cleaned, counted once, read, put into topics. One transaction for a batch; bad posts are told beside the good ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Refusal
from anlan.kernel.levels import covers, prefix_of
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.sources import law_day
from anlan.sense.opinion import cleaning, clustering, door, likeness, queries, rules, summing, words
from anlan.sense.opinion.cleaning import CleanPost
from anlan.sense.opinion.extraction.casualties import HIGH, LOW, MEDIUM
from anlan.sense.opinion.extraction.companies import EnterpriseGuess
from anlan.sense.opinion.extraction.localities import PlaceGuess
from anlan.sense.opinion.extraction.reading import Reading
from anlan.sense.opinion.models import Post, Topic

_LOCK = 65
"""Of two batches at once the second waits: both would found a topic for the same event."""


@dataclass
class Taken:
    """What became of a batch. ``faults``: index of the post and its refusal; ``outside``: new posts told of places beyond the actor's jurisdiction."""

    new: int = 0
    twice: int = 0
    outside: int = 0
    topics: int = 0
    faults: list[tuple[int, Refusal]] = field(default_factory=list)


def take(posts: Sequence[Mapping[str, Any]], *, via: str, actor: Actor, now: datetime) -> Taken:
    """Take in posts of plain values (names of ``CleanPost``). A post that is known already refreshes its forwards, likes and comments.

    Raises ``NotPermitted``; whatever is wrong with one post is told in the answer.
    """
    permit(actor, "opinion.import", place_code=actor.place_code)
    taken = Taken()
    clean: list[CleanPost] = []
    for index, raw in enumerate(posts):
        try:
            clean.append(cleaning.clean(raw, now))
        except Refusal as refusal:
            taken.faults.append((index, refusal))
    keep(clean, taken, via=via, actor=actor, now=now)
    return taken


def keep(clean: Sequence[CleanPost], taken: Taken, *, via: str, actor: Actor, now: datetime) -> None:
    """Keep cleaned posts, once each. Raises ``NotPermitted``."""
    if not clean:
        return
    with change(actor, "opinion.import", now=now, place_code=actor.place_code) as made:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        fresh = _unknown(clean, taken)
        if fresh:
            _keep_new(fresh, taken, made, via=via, actor=actor, now=now)
        made.facts.update({"new": taken.new, "twice": taken.twice, "bad": len(taken.faults), "topics": taken.topics, "via": via})


def _unknown(clean: Sequence[CleanPost], taken: Taken) -> list[CleanPost]:
    """The posts that nobody brought before, each once; of the others the figures are refreshed."""
    by_digest: dict[str, CleanPost] = {}
    for post in clean:
        held = by_digest.get(post.digest)
        taken.twice += held is not None
        if held is None or post.fetched_at > held.fetched_at:
            by_digest[post.digest] = post
    known = Post.objects.filter(digest__in=by_digest)
    for row in known.only("digest", "fetched_at", "forwards", "likes", "comments"):
        newer = by_digest.pop(row.digest)
        taken.twice += 1
        if newer.fetched_at > row.fetched_at:
            for name in ("forwards", "likes", "comments"):
                if getattr(newer, name) is not None:
                    setattr(row, name, getattr(newer, name))
            row.fetched_at = newer.fetched_at
            row.save(update_fields=["forwards", "likes", "comments", "fetched_at"])
    return sorted(by_digest.values(), key=lambda post: post.published_at)


def _keep_new(fresh: list[CleanPost], taken: Taken, made: Change, *, via: str, actor: Actor, now: datetime) -> None:
    reader = words.reader(actor.place_code, now)
    shelf = Shelf(fresh[0].published_at, fresh[-1].published_at, len(fresh), now)
    rows = []
    for post in fresh:
        row, reading = _row(post, reader.read(post.body, post.published_at, post.source_place), via, actor, now)
        _put(row, reading, shelf, now)
        rows.append(row)
    Topic.objects.bulk_create(shelf.new)
    Post.objects.bulk_create(rows)
    taken.new, taken.topics = len(rows), len(shelf.new)
    taken.outside = sum(not covers(prefix_of(actor.place_code), row.place_code) for row in rows)
    for topic in Topic.objects.select_related("enterprise").filter(pk__in={row.topic_id for row in rows if row.topic_id}):
        summing.recount(topic, now)
        tell(topic, made, now)


def _row(post: CleanPost, reading: Reading, via: str, actor: Actor, now: datetime) -> tuple[Post, Reading]:
    enterprise = _enterprise(reading.enterprises)
    place_code, place_confidence = _place(reading.place, enterprise, actor.place_code)
    told = {code: [each.low, each.high] for code, each in reading.counted.items()}
    kind = reading.kind
    row = Post(
        place_code=place_code,
        classification=int(Classification.INTERNAL),
        created_at=now,
        updated_at=now,
        platform=post.platform,
        source_id=post.source_id,
        url=post.url,
        account=post.account,
        author_type=post.author_type,
        source_place=post.source_place if places.exists(post.source_place) else "",
        published_at=post.published_at,
        fetched_at=post.fetched_at,
        title=post.title,
        text=post.text,
        forwards=post.forwards,
        likes=post.likes,
        comments=post.comments,
        media=list(post.media),
        digest=post.digest,
        via=via[:60],
        brought_by=actor.name[:100],
        reading=reading.plain(),
        # Somebody who tells of casualties tells of an event, whatever it was.
        kind=kind.code if kind else "other" if told else "",
        stance=kind.stance if kind else "told" if told else "",
        kind_confidence=kind.confidence if kind else LOW if told else "",
        place_confidence=place_confidence,
        enterprise_id=UUID(enterprise.id) if enterprise else None,
        told=told,
        happened_from=reading.time.from_at if reading.time else None,
        happened_until=reading.time.until_at if reading.time else None,
        signature=likeness.signature(post.body),
    )
    return row, reading


def _enterprise(found: Sequence[EnterpriseGuess]) -> EnterpriseGuess | None:
    """The enterprise that a post names; none where the words may mean several."""
    order = (HIGH, MEDIUM)
    sure = [each for each in found if each.confidence in order]
    return min(sure, key=lambda each: (order.index(each.confidence), each.start), default=None)


def _place(guess: PlaceGuess | None, enterprise: EnterpriseGuess | None, home: str) -> tuple[str, str]:
    """Where a post is kept and how sure that is: the register's place of an enterprise, the decided guess, else the bureau's own place."""
    decided = guess is not None and (len(guess.candidates) == 1 or guess.candidates[0].rank > guess.candidates[1].rank)
    if enterprise is not None and (guess is None or not decided or covers(prefix_of(guess.candidates[0].code), enterprise.place_code)):
        return enterprise.place_code, MEDIUM
    if guess is None:
        return home, ""
    return (guess.candidates[0].code, guess.confidence) if decided else (home, LOW)


def _put(row: Post, reading: Reading, shelf: Shelf, now: datetime) -> None:
    """Put a post into a topic, if it tells of an event at all."""
    if not row.kind or row.stance not in ("told", "unsure", "denied", "exercise"):
        return
    guess = reading.place
    codes = (row.place_code, *(each.code for each in guess.candidates)) if guess and row.place_confidence != LOW else (
        tuple(each.code for each in guess.candidates) if guess else (row.place_code,) if row.place_confidence else ()
    )  # fmt: skip
    happened = (row.happened_from, row.happened_until) if row.happened_from and row.happened_until else None
    candidate = clustering.Candidate(
        row.kind, row.stance == "exercise", tuple(dict.fromkeys(codes)), row.enterprise_id, row.published_at, happened
    )
    joined = shelf.choose(candidate, bytes(row.signature))
    topic_id = joined.topic_id or shelf.found(row, candidate, reading.spot, now)
    row.topic_id, row.placed = topic_id, list(joined.reasons)
    shelf.add(topic_id, bytes(row.signature), row.published_at)


class Shelf:
    """Topics of the time around a batch with the signatures of their posts; grows while the batch is put away."""

    def __init__(self, first: datetime, last: datetime, more: int, now: datetime) -> None:
        day = law_day(now)
        hours = {code: timedelta(hours=rules.parameter(f"{code}_hours", day)) for code in ("window", "near")}
        shares = {code: rules.parameter(f"{code}_percent", day) / 100 for code in ("copy", "alike")}
        self._figures = clustering.Figures(hours["window"], hours["near"], shares["copy"], shares["alike"])
        rows = queries.recent_topics(first - hours["window"], last + hours["window"])
        self._topics = {row.pk: _standing(row) for row in rows}
        posts = Post.objects.filter(topic_id__in=self._topics).values_list("topic_id", "signature")
        kept = [(topic_id, bytes(signature)) for topic_id, signature in posts]
        self._count = len(kept)
        self._signatures = np.zeros((len(kept) + more, likeness.SIZE), dtype="<u4")
        self._signatures[: len(kept)] = likeness.matrix([signature for _topic, signature in kept])
        self._owners: list[UUID] = [topic_id for topic_id, _signature in kept]
        self.new: list[Topic] = []

    def choose(self, candidate: clustering.Candidate, signature: bytes) -> clustering.Joined:
        """The topic for a post, with its reasons."""
        shares = likeness.likeness(signature, self._signatures[: self._count])
        alike: dict[UUID, float] = {}
        for at in np.flatnonzero(shares >= self._figures.alike / 2):
            owner = self._owners[at]
            alike[owner] = max(alike.get(owner, 0.0), float(shares[at]))
        near = [each for each in self._topics.values() if each.id in alike or clustering.is_related(candidate.kind, each.kind)]
        return clustering.choose(candidate, near, alike, self._figures)

    def found(self, row: Post, candidate: clustering.Candidate, spot: str, now: datetime) -> UUID:
        """A topic of its own for a post; its figures follow when the batch is stored."""
        topic = Topic(
            place_code=row.place_code,
            classification=int(Classification.INTERNAL),
            created_at=now,
            updated_at=now,
            title=str(row)[:120],
            kind=row.kind,
            place_confidence=row.place_confidence,
            spot=spot,
            enterprise_id=row.enterprise_id,
            first_at=row.published_at,
            last_at=row.published_at,
            exercise=candidate.exercise,
        )
        self.new.append(topic)
        self._topics[topic.pk] = clustering.Standing(
            topic.pk,
            row.kind,
            candidate.exercise,
            row.place_code if row.place_confidence not in ("", LOW) else "",
            row.enterprise_id,
            next((each["name"] for each in row.reading["enterprises"] if each["id"] == str(row.enterprise_id)), ""),
            row.published_at,
            row.published_at,
            candidate.happened,
        )
        return topic.pk

    def add(self, topic_id: UUID, signature: bytes, published: datetime) -> None:
        """Note that a post stands in a topic now."""
        self._signatures[self._count] = likeness.matrix([signature])[0]
        self._owners.append(topic_id)
        self._count += 1
        held = self._topics[topic_id]
        self._topics[topic_id] = clustering.Standing(
            held.id,
            held.kind,
            held.exercise,
            held.place,
            held.enterprise_id,
            held.enterprise_name,
            min(held.first_at, published),
            max(held.last_at, published),
            held.happened,
        )


def _standing(row: Topic) -> clustering.Standing:
    return clustering.Standing(
        row.pk,
        row.kind,
        row.exercise,
        row.place_code if row.place_confidence not in ("", LOW) else "",
        row.enterprise_id,
        row.enterprise.name if row.enterprise is not None else "",
        row.first_at,
        row.last_at,
        (row.happened_from, row.happened_until) if row.happened_from and row.happened_until else None,
    )


def tell(topic: Topic, made: Change, now: datetime) -> None:
    """Announce that a topic changed, and hint at it where it tells of casualties or an enterprise that no report is linked to."""
    made.announce(door.TopicChanged(**about(topic, now), title=topic.title))
    figures = rules.figures_of(topic.casualties)
    quiet = topic.exercise or topic.links_count or topic.verdict == rules.FALSE or topic.denials_count >= topic.posts_count
    if quiet or not (figures or topic.enterprise_id):
        return
    known = topic.told
    new_enterprise = topic.enterprise_id is not None and str(topic.enterprise_id) != known.get("enterprise", "")
    if not rules.is_material(known.get("figures", {}), figures, new_enterprise):
        return
    topic.hints += 1
    topic.told = {"figures": figures, "enterprise": str(topic.enterprise_id or "")}
    topic.save(update_fields=["hints", "told"])
    made.announce(door.TopicHint(**about(topic, now), title=topic.title, number=topic.hints, posts=topic.posts_count))


def about(topic: Topic, now: datetime) -> dict[str, Any]:
    """What every event about a topic says."""
    return {
        "subject_id": topic.pk,
        "place_code": topic.place_code,
        "at": now,
        "classification": Classification(topic.classification),
        "exercise": topic.exercise,
    }
