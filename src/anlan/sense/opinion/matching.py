"""Filings and incidents that a topic may be about: asked of the rooms above, judged here, confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.levels import Level, covers, level_of, prefix_of
from anlan.ledger.sources import law_day
from anlan.sense.opinion import clustering, door, rules
from anlan.sense.opinion.models import Topic


@dataclass(frozen=True)
class Proposal:
    """A subject with what speaks for it (codes of ``rules.MATCH_REASONS`` with facts) and how sure that is."""

    subject: door.Subject
    reasons: tuple[dict[str, Any], ...]
    confidence: str


def proposals(topic: Topic, actor: Actor, now: datetime) -> list[Proposal]:
    """What the topic may be about, surest first, without what a person has already linked or turned down."""
    span = timedelta(hours=rules.parameter("match_hours", law_day(now)))
    since, until = _span(topic)
    asked = door.Asked(_around(topic.place_code), since - span, until + span, actor)
    settled = set(topic.links.values_list("kind", "subject_id"))
    found = [
        proposal
        for provider in door.providers.values()
        for subject in provider(asked)
        if (subject.kind, subject.id) not in settled and (proposal := judge(topic, subject, since, until, span)) is not None
    ]
    return sorted(found, key=lambda each: (-len(each.reasons), each.subject.occurred_at))


def _span(topic: Topic) -> tuple[datetime, datetime]:
    if topic.happened_from is not None and topic.happened_until is not None:
        return topic.happened_from, topic.happened_until
    return topic.first_at, topic.first_at


def _around(place_code: str) -> str:
    """The city of a place: a county's name is often written wrongly, a city's seldom."""
    return prefix_of(place_code)[:4]


def judge(topic: Topic, subject: door.Subject, since: datetime, until: datetime, span: timedelta) -> Proposal | None:
    """Time must agree, and the enterprise, or kind and county."""
    gap = max(since - subject.occurred_at, subject.occurred_at - until, timedelta(0))
    if gap > span:
        return None
    reasons: list[dict[str, Any]] = []
    enterprise = topic.enterprise_id is not None and topic.enterprise_id == subject.enterprise_id
    if enterprise:
        reasons.append({"code": "enterprise", "facts": {}})
    related = clustering.is_related(topic.kind, subject.event_kind)
    if related:
        reasons.append({"code": "kind", "facts": {"kind": subject.event_kind}})
    place = bool(topic.place_confidence or "place" in topic.settled) and _same_county(topic.place_code, subject.place_code)
    if place:
        reasons.append({"code": "place", "facts": {"place": subject.place_code}})
    if not (enterprise or (related and place)):
        return None
    reasons.append({"code": "time", "facts": {"hours": int(gap.total_seconds() // 3600)}})
    return Proposal(subject, tuple(reasons), "high" if enterprise and related else "medium" if enterprise or gap <= span / 3 else "low")


def _same_county(one: str, other: str) -> bool:
    county = {code[:6] if level_of(code) >= Level.COUNTY else code for code in (one, other)}
    return len(county) == 1 or covers(prefix_of(one), other)


def reasons_in_words(reasons: Iterable[dict[str, Any]], translate: Any, kind_name: Any) -> list[str]:
    """Reasons of joining or of a proposal as sentences. ``translate``: ``str -> str``; ``kind_name``: code → name."""
    told = []
    for each in reasons:
        facts = dict(each["facts"])
        if "kind" in facts:
            facts["kind"] = kind_name(facts["kind"])
        if "place" in facts:
            facts["place"] = places.full_name(facts["place"])
        sentence = (
            rules.MATCH_REASONS.get(each["code"]) if each["code"] == "enterprise" and not facts else rules.JOIN_REASONS.get(each["code"])
        )
        if sentence:
            told.append(translate(sentence).format(**facts))
    return told
