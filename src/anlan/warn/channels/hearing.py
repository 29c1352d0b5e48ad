"""What this room hears of itself: those who must call people are told how many wait for them."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.audiences import door as audiences
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.warn.channels import calling, linking, rules, services
from anlan.warn.channels.door import CallsRose, Saying
from anlan.warn.channels.models import Call, CallState, Message

_STAFF = {
    calling.VILLAGE: ("village_head", "grid_member"),
    calling.TOWNSHIP: ("township_officer",),
    calling.COUNTY: ("county_officer",),
}
"""Who calls at which step."""
_VALID = timedelta(hours=2)
"""So long a call-up of staff is sent at the most; project default."""


def tell_callers(event: CallsRose) -> None:
    """Duty officers of the county see it in their pages; staff of the step get a message with how many people of their place wait."""
    message = Message.objects.filter(pk=event.subject_id).first()
    if message is None:
        return
    for holder in people.holders_of("duty_officer", event.place_code, now=event.at):
        notify(
            holder.account_id,
            event=event.kind,
            once=f"{event.kind}:{message.pk}:{event.place_code}:{event.tier}:{event.at.isoformat()}",
            sentence=N_("“{title}”有 {people} 人没有收到，须逐一叫应。"),
            facts={"title": event.title, "people": event.people},
            url=reverse("channels:calls"),
            tone="red" if event.tier == calling.COUNTY else "orange",
            exercise=event.exercise,
            now=event.at,
        )
    _send_to_staff(message, event)


def _send_to_staff(message: Message, event: CallsRose) -> None:
    waiting: dict[str, int] = {}
    rows = Call.objects.filter(message=message, state=CallState.WAITING, tier=event.tier, place_code__startswith=event.place_code)
    for place in rows.values_list("place_code", flat=True):
        waiting[place] = waiting.get(place, 0) + 1
    if event.tier == calling.COUNTY:
        waiting = {event.place_code: sum(waiting.values())} if waiting else {}
    for place, number in waiting.items():
        for each in audiences.staff_of(place):
            if each.role in _STAFF[event.tier]:
                _send_to_one(message, event, each, place, number)


def _send_to_one(message: Message, event: CallsRose, staff: audiences.Recipient, place: str, number: int) -> None:
    """A message of his own, for the link in it is his alone."""
    mark = ("【演练】" if message.exercise else "") + ("【测试】" if message.test else "")
    title = f"{mark}【叫应】“{message.title}”：您处有 {number} 人没有收到，请立即逐一联系"
    link = linking.issue(message, staff, place, now=event.at)
    text = f"{title}，名单（仅限本人手机）：{link}" if link else f"{title}，并在“叫应”页面记录。"
    services.say(
        Saying(
            once=f"calls:{message.pk}:{event.tier}:{event.at.isoformat()}:{staff.id}",
            source_kind="calls",
            source_id=message.source_id,
            place_code=place,
            title=title[:200],
            texts={"zh": {"title": title, "body": text, "short": text}},
            expires=min(message.expires, event.at + _VALID),
            level=message.level if message.level in rules.LEVELS else "orange",
            exercise=message.exercise,
            test=message.test,
        ),
        recipient_ids=[staff.id],
        actor=services.KEEPER,
        now=event.at,
    )
