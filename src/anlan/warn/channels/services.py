"""Verbs of channels: saying a message, stopping it, carrying bulletins, taking receipts of readers, keeping carriers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from anlan.ground.audiences import door as audiences
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.ids import new_id
from anlan.ledger.changes import change
from anlan.warn.bulletins import door as bulletins
from anlan.warn.bulletins.door import BulletinLifted, BulletinPublished, BulletinWords
from anlan.warn.channels import answering, calling, engine, linking, planning, rules
from anlan.warn.channels.door import Direct, MessageMoved, MessageSaid, ReceiptGiven, Saying
from anlan.warn.channels.models import Dispatch, DispatchState, Message, Receipt

log = structlog.get_logger()
KEEPER = system_actor("channels")


def send_published(event: Event) -> None:
    """Hearer of ``bulletins.published``: the bulletin stands on the pulled channels, and is said to its audience. Hearing twice sends once.

    Readers come for page and feed themselves: these are out as soon as the publishing transaction has committed. Everybody else is told by
    deliveries. An update or a cancellation stops what its predecessor has not sent yet: nobody gets the old words after the new.
    """
    if not isinstance(event, BulletinPublished):
        raise TypeError(f"cannot hear {event.kind}")
    words = bulletins.words(event.subject_id)
    if words is None:
        raise NotFound(what=str(event.subject_id))
    with transaction.atomic():
        for kind in rules.pulled_for(event.exercise):
            Dispatch.objects.get_or_create(
                bulletin_id=event.subject_id, channel=kind.code, defaults={"state": DispatchState.SENT, "sent_at": event.at}
            )
        if words.changes_id is not None:
            stop_of(words.changes_id, by=words.approved_by_name, now=event.at)
        say(saying_of(words), area=area_of(words), actor=KEEPER, now=event.at)
    log.info("bulletin_dispatched", bulletin=str(event.subject_id), exercise=event.exercise)


def stop_lifted(event: Event) -> None:
    """Hearer of ``bulletins.lifted``: nothing more is sent of a bulletin that was lifted, and nobody is called because of it."""
    if not isinstance(event, BulletinLifted):
        raise TypeError(f"cannot hear {event.kind}")
    with transaction.atomic():
        stop_of(event.subject_id, by="", now=event.at)


def saying_of(words: BulletinWords) -> Saying:
    """A bulletin as it is said to people: who says it, what, and what to do; the same in every further language in which it was written.

    Whoever reads a language in which it was not written is told in Chinese. An exercise says so in Chinese and English before words of any language.
    """
    mark, mark_en = ("【演练】", "[EXERCISE] ") if words.exercise else ("", "")
    texts = {
        "zh": {
            "title": mark + words.headline,
            "body": f"{mark}{words.headline}\n{words.description}\n{words.instruction}\n{words.issuer_name}",
            "short": short_text(words.issuer_name, words.headline, words.instruction, exercise=words.exercise),
        }
    }
    if words.headline_en and words.description_en:
        texts["en"] = {
            "title": mark_en + words.headline_en,
            "body": f"{mark_en}{words.headline_en}\n{words.description_en}\n{words.instruction_en}",
            "short": f"{mark_en}{words.headline_en}. {words.instruction_en}",
        }
    for code, told in words.texts.items():
        headline, both = told.get("headline", ""), mark + mark_en
        if not headline or code in texts:
            continue
        texts[code] = {
            "title": both + headline,
            "body": "\n".join(part for part in (both + headline, told.get("description", ""), told.get("instruction", "")) if part),
            "short": f"{both}{headline} {told.get('instruction', '')}".strip(),
        }
    return Saying(
        once=f"bulletin:{words.id}",
        source_kind="bulletin",
        source_id=words.id,
        place_code=words.place_code,
        title=words.headline,
        texts=texts,
        expires=words.expires,
        level=words.level,
        exercise=words.exercise,
    )


def short_text(issuer_name: str, headline: str, instruction: str, *, exercise: bool) -> str:
    """A bulletin in the words of a text message, a call or a board."""
    return f"{'【演练】' if exercise else ''}【{issuer_name}】{headline}。{instruction}"


def area_of(words: BulletinWords) -> audiences.Area:
    """Where a bulletin is said: its places, its circle and what was drawn."""
    return audiences.Area(words.area_codes, words.polygons, (words.circle,) if words.circle else ())


def say(
    saying: Saying,
    *,
    area: Any = None,
    kinds: Sequence[str] | None = None,
    recipient_ids: Sequence[UUID] = (),
    direct: Sequence[Direct] = (),
    channels: Sequence[str] | None = None,
    actor: Actor,
    now: datetime,
) -> Message:
    """See :func:`anlan.warn.channels.door.send`. An area is planned by the dispatcher, named receivers at once."""
    for code in channels or ():
        if code not in rules.channels():
            raise rules.UnknownChannel(value=code)
    if (area is None or area.empty) and not recipient_ids and not direct:
        raise rules.NoReceivers
    with change(actor, "channels.send", now=now, place_code=saying.place_code) as made:
        message = _message(saying, area, kinds, channels, now)
        made.subject = message
        if message._state.adding:
            message.save(force_insert=True)
            if recipient_ids or direct:
                named = [*audiences.by_ids(list(recipient_ids)).values(), *map(_as_recipient, direct)]
                left = planning.plan_these(message, named, now=now)
                answering.watch(message)
                calling.open_calls(message, [(each.recipient, each.why) for each in left], now=now)
                Message.objects.filter(pk=message.pk).update(people=len(named), without_address=len(left))
            made.announce(
                MessageSaid(subject_id=message.pk, place_code=message.place_code, at=now, exercise=message.exercise, title=message.title)
            )
    return message


def _message(saying: Saying, area: Any, kinds: Sequence[str] | None, channels: Sequence[str] | None, now: datetime) -> Message:
    kept = Message.objects.filter(once=saying.once[:160]).first()
    if kept is not None:
        return kept
    empty = area is None or area.empty
    return Message(
        id=new_id(),
        once=saying.once[:160],
        source_kind=saying.source_kind,
        source_id=saying.source_id,
        place_code=saying.place_code,
        title=saying.title[:200],
        level=saying.level,
        texts={language: dict(words) for language, words in saying.texts.items()},
        area={} if empty else {"place_codes": area.place_codes, "polygons": area.polygons, "circles": area.circles},
        kinds=list(kinds) if kinds is not None else None,
        allowed=list(channels) if channels is not None else None,
        exercise=saying.exercise,
        test=saying.test,
        approved_at=now,
        expires=saying.expires,
        planned_at=now if empty else None,
        reference=saying.reference[:100],
        data=dict(saying.data) if saying.data is not None else None,
        confirm=saying.confirm,
        created_at=now,
        updated_at=now,
    )


def _as_recipient(each: Direct) -> audiences.Recipient:
    return audiences.Recipient(
        new_id(), each.name, each.role, each.place_code, each.phone, each.email, each.device, each.language, "", None, None
    )


def stop(message_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Stop what has not been sent of a message; how many deliveries. Needs ``channels.cancel``. Raises ``NotFound``, ``MessageStopped``."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise NotFound(what=str(message_id))
    with change(actor, "channels.cancel", now=now, record=message) as made:
        stopped = engine.stop(message, by=actor.name, now=now)
        calling.end_calls(message, now=now)
        message.refresh_from_db()
        made.facts["stopped"] = stopped
        made.announce(MessageMoved(subject_id=message.pk, place_code=message.place_code, at=now, exercise=message.exercise))
    return stopped


def note_export(message: Message, *, actor: Actor, now: datetime) -> None:
    """Write down that the deliveries of a message are taken out. Needs ``channels.export``."""
    with change(actor, "channels.export", now=now, record=message) as made:
        made.facts["message"] = str(message.pk)


def stop_of(source_id: UUID, *, by: str, now: datetime) -> int:
    """Stop every message that a bulletin or another source is said by; how many deliveries. Inside the caller's transaction."""
    stopped = 0
    for message in Message.objects.filter(source_id=source_id, state=Message.SENDING):
        stopped += engine.stop(message, by=by, now=now)
        calling.end_calls(message, now=now)
    return stopped


def confirm(bulletin_id: UUID, *, actor: Actor, now: datetime) -> Receipt:
    """The actor confirms having read a bulletin in the page; confirming twice keeps the first time. Raises :class:`NotFound`."""
    bulletin = bulletins.bulletin(bulletin_id, actor)
    if bulletin is None or bulletin.published_at is None:
        raise NotFound(what=str(bulletin_id))
    with change(actor, "bulletins.view", now=now, place_code=bulletin.place_code) as gathered:
        # Whoever is quicker than the delivery job still gets a receipt: the dispatch is made here when it is not there yet.
        dispatch, _made = Dispatch.objects.get_or_create(
            bulletin_id=bulletin_id,
            channel=rules.IN_PAGE,
            defaults={"state": DispatchState.SENT, "sent_at": bulletin.published_at},
        )
        receipt, fresh = Receipt.objects.get_or_create(
            dispatch=dispatch,
            account_id=actor.account_id,
            defaults={"account_name": actor.name, "post": actor.post, "confirmed_at": now},
        )
        gathered.subject = receipt
        if fresh:
            gathered.announce(
                ReceiptGiven(subject_id=bulletin_id, place_code=bulletin.place_code, at=now, by=actor.name, exercise=bulletin.exercise)
            )
    return receipt


def forget_recipient(event: Event) -> None:
    """Hearer of ``audiences.erased``: addresses and names that were kept of the recipient go; that somebody was told, and when, stays."""
    from django.db import connection

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_delivery SET address = 'erased:' || id, recipient_id = NULL, "
            "state = CASE WHEN state IN (0, 9) THEN 8 ELSE state END, follow_at = NULL WHERE recipient_id = %s",
            [event.subject_id],
        )
        calling.forget(event.subject_id, now=event.at)
        linking.forget(event.subject_id)
