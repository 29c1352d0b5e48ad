"""Receipts that carriers push: signed with the carrier's secret, taken once each, whatever they say."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.warn.channels import engine, gate
from anlan.warn.channels.adapters.http import note_of
from anlan.warn.channels.models import Carrier

OLDEST = timedelta(minutes=5)
"""A signature older or newer than that is refused: a copied request is of no use later. Project default."""
LONGEST = 5_000_000
"""Bytes of one request."""


class NotSigned(Refusal):
    code: ClassVar[str] = "channels.receipts_not_signed"
    sentence: ClassVar[str] = N_("回执没有有效签名，或签名时间与本节点相差超过 5 分钟。")
    status: ClassVar[int] = 403


class NotReceipts(Refusal):
    code: ClassVar[str] = "channels.not_receipts"
    sentence: ClassVar[str] = N_("内容不是回执：应为 JSON 对象，其中 receipts 是数组。")
    status: ClassVar[int] = 422


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def take(carrier_id: UUID, body: bytes, *, timestamp: str, signed: str, now: datetime) -> tuple[int, int]:
    """Take pushed receipts: how many were for deliveries of this carrier, and how many could not be read or were for nothing.

    ``timestamp``: seconds since 1970 as text. Raises :class:`NotSigned`, :class:`NotReceipts`, ``NotFound``.
    """
    carrier = Carrier.objects.filter(pk=carrier_id, enabled=True).first()
    if carrier is None:
        raise NotFound(what=str(carrier_id))
    secret = gate.secret_of(carrier.secret)
    fresh = timestamp.isdigit() and abs(now.timestamp() - int(timestamp[:12])) <= OLDEST.total_seconds()
    if not secret or not fresh or not hmac.compare_digest(signature(secret, timestamp, body), signed.lower()):
        raise NotSigned
    try:
        rows = json.loads(body)["receipts"]
    except (ValueError, KeyError, TypeError):
        raise NotReceipts from None
    if not isinstance(rows, list):
        raise NotReceipts
    notes = [note for row in rows if isinstance(row, dict) and (note := note_of(row)) is not None]
    taken = engine.take_receipts(carrier, notes, now=now)
    return taken, len(rows) - taken
