"""What was kept apart: one message per device and reason on ``quarantine.<credential>.<device>.<reason>``.

Each message carries the count so far, so that the last message of a subject is the whole count, and a few samples of what came.
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MAX_SAMPLES = 5
SAMPLE_CHARACTERS = 400
UNKNOWN = "_unknown"
"""Stands for a credential or device whose name nobody registered: names that strangers make up must not fill the store."""
OVER_QUOTA_USED, OVER_QUOTA_REFUSED = "credential_over_quota", "gateway_over_quota"
"""Reasons of messages beyond their credential's quota: used all the same, because they were acknowledged before, or not taken by a gateway."""
OVER_QUOTA = (OVER_QUOTA_USED, OVER_QUOTA_REFUSED)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class MalformedRecord(Refusal):
    code: ClassVar[str] = "quarantine_malformed"
    sentence: ClassVar[str] = N_("隔离记录无法识别：{reason}。")
    status: ClassVar[int] = 422


class QuarantineSample(msgspec.Struct, frozen=True):
    """One thing kept apart: when it came (ms since 1970 UTC), why in detail, and the beginning of what was sent."""

    received_ms: int
    detail: str
    payload: str


class QuarantineRecord(msgspec.Struct, frozen=True):
    """``count`` so far for this credential, device and reason; ``through``: the last raw message counted."""

    credential: str
    device: str
    reason: str
    count: int
    last_ms: int
    through: int
    samples: tuple[QuarantineSample, ...] = ()

    @property
    def subject(self) -> str:
        """The stream subject of this record."""
        return f"quarantine.{token(self.credential)}.{token(self.device)}.{self.reason}"


def token(name: str) -> str:
    """``name`` as a subject token; :data:`UNKNOWN` when it cannot be one."""
    return name if _TOKEN.fullmatch(name) else UNKNOWN


def sample(received_ms: int, detail: str, payload: bytes) -> QuarantineSample:
    """A sample with the beginning of the payload as text."""
    return QuarantineSample(received_ms, detail[:SAMPLE_CHARACTERS], payload[:SAMPLE_CHARACTERS].decode("utf-8", "replace"))


_decoder = msgspec.json.Decoder(QuarantineRecord)


def encode(record: QuarantineRecord) -> bytes:
    """The message that says ``record``."""
    return msgspec.json.encode(record)


def decode(data: bytes) -> QuarantineRecord:
    """The record in ``data``. Raises :class:`MalformedRecord`."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedRecord(reason=str(wrong)[:120]) from None
