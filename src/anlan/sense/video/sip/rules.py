"""Limits of the signalling server, and why it refuses. All limits are project defaults. No Django, no clock."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

NONCE_SECONDS = 300.0
MIN_EXPIRES, MAX_EXPIRES = 60, 86_400
DEFAULT_EXPIRES = 3600
TRANSACTION_SECONDS = 32.0
"""So long an answer is kept for requests sent again (RFC 3261, 17.2: 64 × T1)."""
T1, T2 = 0.5, 4.0
CATALOG_EVERY_SECONDS = 3600.0
GATHER_SECONDS = 10.0
"""After so long without a further part a catalogue is taken as it is."""
SUBSCRIBE_SECONDS = 3600
HEARD_EVERY_SECONDS = 60.0
GUESSES, GUESS_SECONDS = 5, 60.0
MOST_TRANSACTIONS, MOST_NONCES, MOST_GUESSERS, MOST_PENDING = 5000, 5000, 10_000, 5000
MOST_CATALOG, MOST_GATHERINGS = 20_000, 4
MOST_SECURING = 5000
"""Alarms that may wait for the database at once; beyond, a device gets no answer and sends again."""


class UnknownPlatform(Refusal):
    code: ClassVar[str] = "sip_unknown_platform"
    sentence: ClassVar[str] = N_("国标编码“{code}”没有登记，或已停用。")
    status: ClassVar[int] = 403


class WrongPassword(Refusal):
    code: ClassVar[str] = "sip_wrong_password"
    sentence: ClassVar[str] = N_("国标编码“{code}”的注册口令不正确。")
    status: ClassVar[int] = 403


class TooManyGuesses(Refusal):
    code: ClassVar[str] = "sip_too_many_guesses"
    sentence: ClassVar[str] = N_("{peer} 对国标编码“{code}”连续提供错误口令，一分钟内不再核对。")
    status: ClassVar[int] = 403


class NotRegistered(Refusal):
    code: ClassVar[str] = "sip_not_registered"
    sentence: ClassVar[str] = N_("国标编码“{code}”尚未注册，或不是从注册时的地址发来报文。")
    status: ClassVar[int] = 403


class CatalogTooLong(Refusal):
    code: ClassVar[str] = "sip_catalog_too_long"
    sentence: ClassVar[str] = N_("目录超过 {limit} 项，超出部分未采用。")
    status: ClassVar[int] = 413
