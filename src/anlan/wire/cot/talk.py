"""Messages between people (GeoChat) as the TAK family writes them: ``b-t-f``, and that one was delivered (``b-t-f-d``) or read (``b-t-f-r``).

No published standard; the elements are those that devices write. A message is named by its ``messageId``, a receipt bears that name as its uid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from anlan.wire.cot.event import CHAT, CHAT_DELIVERED, Chat, Detail, Event, Link, Point, Remarks
from anlan.wire.cot.refusals import BadField

EVERYBODY: Final = "All Chat Rooms"
"""The room that every device has: name and id."""
TYPED: Final = "h-g-i-g-o"
"""How: written by a person."""
_PERSON: Final = "a-f-G-U-C"


@dataclass(frozen=True, slots=True)
class Party:
    """Who speaks or is spoken to. A room is a party whose uid is its name."""

    uid: str
    callsign: str


def message(message_id: str, sender: Party, to: Party, text: str, *, at: datetime, lasts: timedelta) -> Event:
    """A message to one device, or into a room. Raises :class:`BadField` for text that XML cannot hold."""
    return Event(
        f"GeoChat.{sender.uid}.{to.uid}.{message_id}",
        CHAT,
        at,
        at,
        at + lasts,
        TYPED,
        Point(0.0, 0.0),
        Detail(
            remarks=Remarks(text, f"BAO.F.ATAK.{sender.uid}", to.uid, at.isoformat()),
            links=(Link(uid=sender.uid, type=_PERSON, relation="p-p"),),
            chat=Chat(to.callsign, sender.callsign, to.uid, message_id),
            other=(_talk("__chat", message_id, sender, to),),
        ),
    )


def receipt(message_id: str, sender: Party, to: Party, *, at: datetime, kind: str = CHAT_DELIVERED) -> Event:
    """Tells ``to``, who wrote the message, that it was delivered (or with ``CHAT_READ``: read)."""
    return Event(
        message_id,
        kind,
        at,
        at,
        at + timedelta(days=1),
        TYPED,
        Point(0.0, 0.0),
        Detail(
            links=(Link(uid=sender.uid, type=_PERSON, relation="p-p"),),
            receipt=Chat(to.callsign, sender.callsign, to.uid, message_id),
            other=(_talk("__chatreceipt", message_id, sender, to),),
        ),
    )


def _talk(tag: str, message_id: str, sender: Party, to: Party) -> str:
    try:
        element = etree.Element(
            tag,
            parent="RootContactGroup",
            groupOwner="false",
            messageId=message_id,
            chatroom=to.callsign,
            id=to.uid,
            senderCallsign=sender.callsign,
        )
        etree.SubElement(element, "chatgrp", uid0=sender.uid, uid1=to.uid, id=to.uid)
    except ValueError as wrong:
        raise BadField(field=tag, found=str(wrong)[:60]) from None
    return etree.tostring(element, encoding="unicode")


def name_of(event: Event) -> str:
    """The name of a message, or of the message that a receipt is about; devices that give none are known by the event's uid."""
    said = event.detail.chat or event.detail.receipt
    return (said.message_id if said is not None else "") or event.uid
