"""Trying a carrier: one text, marked as a test, to one address that somebody typed. The one thing of a test that a real carrier takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from anlan.ground.audiences import door as audiences
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.warn.channels import gate, rules
from anlan.warn.channels.adapters.contract import Answer, NotSent, Outgoing, ReceiptNote, Result, Unclear
from anlan.warn.channels.models import Carrier, Trial

PAUSE, WINDOW, MOST = timedelta(seconds=20), timedelta(hours=1), 10
"""A carrier is tried no sooner again, and no more often within the window: the button is no way to send messages. Project defaults."""
_PREFIX = "trial."
_SHAPES = {
    "phone": re.compile(r"\+?\d{5,15}"),
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}"),
    "device": re.compile(r"[A-Za-z0-9_.:@-]{1,120}"),
}


class NotAnAddress(Refusal):
    code: ClassVar[str] = "channels.not_an_address"
    sentence: ClassVar[str] = N_("请填写一个{kind}。")
    status: ClassVar[int] = 422


class TriedTooOften(Refusal):
    code: ClassVar[str] = "channels.tried_too_often"
    sentence: ClassVar[str] = N_("同一承运方 20 秒内只能测试一次，一小时内最多 10 次，请稍后再试。")
    status: ClassVar[int] = 429


KINDS: dict[str, str] = {"phone": N_("电话号码"), "email": N_("电子邮箱"), "device": N_("设备地址")}


def try_out(carrier_id: UUID, address: str, *, actor: Actor, now: datetime) -> Trial:
    """Send a carrier one test text for ``address`` and keep what it answered. Takes as long as the carrier, ten seconds at the most.

    Needs ``carriers.test`` at the carrier's place. Raises ``NotFound``, :class:`NotAnAddress`, :class:`TriedTooOften`, ``NeverLeaves`` in a
    demonstration, and what the carrier's settings are refused for; what the carrier itself says is kept, not raised.
    """
    carrier = Carrier.objects.filter(pk=carrier_id).first()
    if carrier is None:
        raise NotFound(what=str(carrier_id))
    permit(actor, "carriers.test", record=carrier)
    kind = rules.channels()[carrier.channel].address
    address = "".join(address.split())
    if not _SHAPES[kind].fullmatch(address):
        raise NotAnAddress(kind=KINDS[kind])
    # The trial is written down before anything leaves, like every claim.
    with change(actor, "carriers.test", now=now, record=carrier) as made:
        Carrier.objects.select_for_update().get(pk=carrier.pk)
        recent = list(Trial.objects.filter(carrier=carrier, at__gt=now - WINDOW).values_list("at", flat=True)[:MOST])
        if len(recent) >= MOST or (recent and recent[0] > now - PAUSE):
            raise TriedTooOften
        trial = Trial.objects.create(carrier=carrier, at=now, by_name=actor.name, address=audiences.masked_address(address)[:60])
        made.facts["address"] = trial.address
    result = _sent(carrier, _text(carrier, trial, address, now))
    trial.answer, trial.ref, trial.reason = result.answer, result.ref[:70], result.reason[:300]
    trial.save(update_fields=["answer", "ref", "reason"])
    return trial


def _text(carrier: Carrier, trial: Trial, address: str, now: datetime) -> Outgoing:
    text = f"{gate.TEST_MARK}这是一条用于检验发布渠道的测试消息，不是预警，无须采取行动。"
    kind = rules.channels()[carrier.channel]
    return Outgoing(
        key=f"{_PREFIX}{trial.pk.hex}",
        address=address,
        title=f"{gate.TEST_MARK}发布渠道测试",
        text=rules.shortened(text, kind.max_chars),
        language="zh",
        level="",
        expires=now + timedelta(minutes=10),
        message=str(trial.pk),
    )


def _sent(carrier: Carrier, one: Outgoing) -> Result:
    adapter = gate.opened(carrier)
    try:
        return gate.try_out(carrier, adapter, one)
    except NotSent as refusal:
        return Result(Answer.LATER, reason=refusal.message())
    except (Unclear, OSError, TimeoutError) as trouble:
        return Result(Answer.UNKNOWN, reason=trouble.message() if isinstance(trouble, Refusal) else str(trouble))
    finally:
        adapter.close()


def take_receipts(carrier: Carrier, notes: Sequence[ReceiptNote], *, now: datetime) -> list[ReceiptNote]:
    """Keep what receipts say of trials of the carrier; the notes that are of something else, without the words of those that were kept."""
    others = []
    for note in notes:
        if not note.key.startswith(_PREFIX):
            others.append(note)
            continue
        try:
            found = UUID(hex=note.key.removeprefix(_PREFIX))
        except ValueError:
            others.append(note)
            continue
        Trial.objects.filter(pk=found, carrier=carrier).update(told=note.told, told_at=now, reason=note.reason[:300])
    return others
