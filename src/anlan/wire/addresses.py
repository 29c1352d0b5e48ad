"""By which names the field protocols know a device, as the registry tells the gateways; and how a secret of the field is kept and checked.

A secret of the field is short and was chosen by a person (HJ 212 gives six characters), so it is kept as a salted digest of many rounds:
the registry travels on the node's stream, and who could read it there must not be able to try all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass

import msgspec

HJ212, SL651, GB26875, JT808 = "hj212", "sl651", "gb26875", "jt808"
MODBUS, OPCUA, COALFILE = "modbus", "opcua", "coalfile"
CALLING = (HJ212, SL651, GB26875, JT808)
"""Protocols in which the device calls the platform."""
CALLED = (MODBUS, OPCUA, COALFILE)
"""Protocols in which the platform fetches what the device has."""
PROTOCOLS = (*CALLING, *CALLED)

ROUNDS = 20_000
"""Rounds of PBKDF2-HMAC-SHA256: some 10 ms, once for each connection of a device."""


class PointEntry(msgspec.Struct, frozen=True, array_like=True):
    """One point as a protocol names it (``code``) and the device's point that it is; the stored value is ``raw * scale + offset``.

    ``code``: factor code (HJ 212), element (SL 651), ``<table>:<address>`` with table ``holding``, ``input``, ``coil`` or ``discrete`` and an
    address counted from 0 (Modbus), node id (OPC UA). ``form`` and ``order`` are for Modbus alone: ``int16`` … ``float64``, and whether the
    word of highest value comes first (``big``) or last (``little``).
    """

    code: str
    sensor: str
    scale: float = 1.0
    offset: float = 0.0
    form: str = ""
    order: str = "big"

    def value(self, raw: float) -> float:
        """What ``raw`` comes to in the unit of the point; NaN when it is beyond any number."""
        found = raw * self.scale + self.offset
        return found if math.isfinite(found) else math.nan


class AddressEntry(msgspec.Struct, frozen=True, array_like=True):
    """One name of a device. ``open``: the device sends no secret and none is asked; otherwise no digest means that nobody is let in."""

    protocol: str
    address: str
    open: bool = False
    salt: str = ""
    digest: str = ""
    points: tuple[PointEntry, ...] = ()
    interval_s: float = 10.0

    def opens(self, given: str) -> bool:
        """Whether ``given`` is the secret, or none is asked. Slow on purpose (see :data:`ROUNDS`)."""
        return self.open or (bool(self.digest) and hmac.compare_digest(_digest(self.salt, given), self.digest))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret as it is kept."""

    salt: str
    digest: str


def seal(secret: str) -> Sealed:
    """Fresh salt and the digest of ``secret`` with it."""
    salt = secrets.token_hex(16)
    return Sealed(salt, _digest(salt, secret))


def _digest(salt: str, secret: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), salt.encode(), ROUNDS).hex()
