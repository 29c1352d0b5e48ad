"""What a person says of a topic: whether it is true, what its kind, place and enterprise are, and which report it is about. Never by a rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.ledger.changes import Change, change, permit
from anlan.sense.opinion import cleaning, door, queries, refusals, rules, summing, taking
from anlan.sense.opinion.models import Topic, TopicLink, Verdict


def judge(
    topic_id: UUID | str,
    verdict: str,
    *,
    grounds: str,
    evidence: str = "",
    reply: str = "",
    correction_url: str = "",
    actor: Actor,
    now: datetime,
) -> Verdict:
    """Give a verdict with its grounds; earlier ones stay. ``reply``: the official answer; ``correction_url``: where it was published.

    Raises ``NoSuchVerdict``, ``GroundsMissing``, ``NotAnAddress``, ``TopicMerged``, ``NotFound``, ``NotPermitted``.
    """
    topic = _open(topic_id, actor)
    if verdict not in rules.VERDICTS:
        raise refusals.NoSuchVerdict()
    if not grounds.strip():
        raise refusals.GroundsMissing()
    address = cleaning.address_of(correction_url)
    with change(actor, "opinion.judge", now=now, record=topic) as made:
        row = Verdict.objects.create(
            topic=topic,
            verdict=verdict,
            grounds=grounds.strip()[:4000],
            evidence=evidence.strip()[:4000],
            reply=reply.strip()[:4000],
            correction_url=address,
            by_id=actor.account_id,
            by_name=actor.name[:100],
            at=now,
        )
        topic.verdict, topic.verdict_at, topic.verdict_by_name, topic.verdict_grounds = verdict, now, row.by_name, row.grounds
        topic.save(update_fields=["verdict", "verdict_at", "verdict_by_name", "verdict_grounds"])
        made.facts.update({"verdict": verdict, "grounds": row.grounds[:300]})
        _changed(topic, made, now)
    return row


def settle(topic_id: UUID | str, *, actor: Actor, now: datetime, **values: Any) -> Topic:
    """Confirm or put right guesses: ``title``, ``kind``, ``place_code``, ``enterprise_id`` (``None``: none is meant). What is left out stays a guess.

    Raises ``NoSuchKind``, ``NoSuchPlace``, ``NotFound`` (enterprise), ``TopicMerged``, ``NotPermitted`` (also at the new place).
    """
    topic = _open(topic_id, actor)
    with change(actor, "opinion.arrange", now=now, record=topic) as made:
        by = {"by": actor.name, "at": now.isoformat()}
        if "kind" in values:
            if values["kind"] not in rules.kinds():
                raise refusals.NoSuchKind()
            topic.kind, topic.settled["kind"] = values["kind"], by
        if "place_code" in values:
            if not places.exists(values["place_code"]):
                raise refusals.NoSuchPlace(code=str(values["place_code"])[:9])
            topic.place_code, topic.settled["place"] = values["place_code"], by
            topic.place_confidence = topic.place_confidence or "low"
        if "enterprise_id" in values:
            chosen = values["enterprise_id"]
            topic.enterprise_id = enterprises.enterprise(chosen, actor).id if chosen else None
            topic.settled["enterprise"] = by
        if values.get("title", "").strip():
            topic.title, topic.settled["title"] = values["title"].strip()[:120], by
        elif "title" not in topic.settled:
            topic.title = summing.title_of(topic)
        topic.save()
        made.facts["settled"] = sorted(values)
        taking.tell(topic, made, now)
    return topic


def link(
    topic_id: UUID | str, kind: str, subject_id: UUID, title: str, *, url: str = "", linked: bool = True, actor: Actor, now: datetime
) -> TopicLink:
    """Say that a topic is about a filing or incident (``url``: its page), or (``linked=False``) that it is not. Raises ``TopicMerged``, ``NotFound``, ``NotPermitted``."""
    topic = _open(topic_id, actor)
    with change(actor, "opinion.link", now=now, record=topic) as made:
        state = TopicLink.LINKED if linked else TopicLink.REJECTED
        values = {"title": title[:120], "url": url[:200], "state": state, "by_name": actor.name[:100], "at": now}
        row, _new = TopicLink.objects.update_or_create(topic=topic, kind=kind, subject_id=subject_id, defaults=values)
        topic.links_count = topic.links.filter(state=TopicLink.LINKED).count()
        topic.save(update_fields=["links_count"])
        made.facts.update({"kind": kind, "subject": str(subject_id), "state": state})
        _changed(topic, made, now)
    return row


def unlink(topic_id: UUID | str, link_id: UUID | str, *, actor: Actor, now: datetime) -> None:
    """Take a link or a rejection back; the subject is proposed again where it fits. Raises ``NotFound``, ``NotPermitted``."""
    topic = _open(topic_id, actor)
    with change(actor, "opinion.link", now=now, record=topic) as made:
        for row in topic.links.filter(pk=link_id):
            made.facts.update({"kind": row.kind, "subject": str(row.subject_id), "taken_back": row.state})
            row.delete()
        topic.links_count = topic.links.filter(state=TopicLink.LINKED).count()
        topic.save(update_fields=["links_count"])
        _changed(topic, made, now)


def _changed(topic: Topic, made: Change, now: datetime) -> None:
    made.announce(door.TopicChanged(**taking.about(topic, now), title=topic.title))


def _open(topic_id: UUID | str, actor: Actor) -> Topic:
    topic = queries.topic(topic_id, actor)
    if topic.merged_into is not None:
        permit(actor, "opinion.view", record=topic)
        raise refusals.TopicMerged(title=topic.merged_into.title)
    return topic
