"""What this room hears of itself: those on duty are told of what is written, as a hint, once and again when it grows."""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.words import N_
from anlan.sense.opinion import guessing
from anlan.sense.opinion.door import TopicHint
from anlan.sense.opinion.models import Topic

SENTENCE = N_("网上有说法，未经核实：{title}（{posts} 条帖文，{told}）。请核实，不要当作已发生的事。")


def tell_duty(event: TopicHint) -> None:
    """Officers on duty at the place; where nobody holds that post there, the next place above."""
    topic = Topic.objects.filter(pk=event.subject_id, merged_into=None).first()
    if topic is None or topic.links_count:
        return
    place = topic.place_code[:6]
    for code in (place, *(each.code for each in reversed(places.ancestors(place)))):
        holders = people.holders_of("duty_officer", code, now=event.at)
        for holder in holders:
            notify(
                holder.account_id,
                event=event.kind,
                once=f"{event.kind}:{event.subject_id}:{event.number}",
                sentence=SENTENCE,
                facts={"title": event.title, "posts": event.posts, "told": guessing.summary(topic)},
                url=reverse("opinion:topic", args=[topic.pk]),
                tone="yellow",
                exercise=event.exercise,
                now=event.at,
            )
        if holders:
            return
