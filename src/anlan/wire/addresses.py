"""By which names the field protocols know a device, as the registry tells the gateways; and how a secret of the field is kept and checked.

A secret of the field is short and was chosen by a person (HJ 212 gives six characters), so it is kept as a salted digest of many rounds:
the registry travels on the node's stream, and who could read it there must not be able to try all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

HJ212, SL651, GB26875, JT808 = "hj212", "sl651", "gb26875", "jt808"
MODBUS, OPCUA, COALFILE = "modbus", "opcua", "coalfile"
CALLING = (HJ212, SL651, GB26875, JT808)
"""Protocols in which the device calls the platform."""
CALLED = (MODBUS, OPCUA, COALFILE)
"""Protocols in which the platform fetches what the device has."""
PROTOCOLS = (*CALLING, *CALLED)
MQTT = "mqtt"
"""Spoken by the stream server itself; a device needs no address for it beside its credential."""
FORMS = ("int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
"""What registers of Modbus may hold."""
ORDERS = ("big", "little")
MODBUS_PORT, OPCUA_PORT = 502, 4840
LEAST_INTERVAL_S, LONGEST_INTERVAL_S = 0.2, 86_400.0
"""Project defaults: no device is asked more often than five times a second, and none less than daily."""

ROUNDS = 20_000
"""Rounds of PBKDF2-HMAC-SHA256: some 10 ms, once for each connection of a device."""


class MalformedAddress(Refusal):
    code: ClassVar[str] = "address_malformed"
    sentence: ClassVar[str] = N_("“{value}”不是有效的 {protocol} 地址。应形如：{form}")
    status: ClassVar[int] = 422


class MalformedPointCode(Refusal):
    code: ClassVar[str] = "address_malformed_point"
    sentence: ClassVar[str] = N_("“{value}”不是有效的 {protocol} 测点代码。应形如：{form}")
    status: ClassVar[int] = 422


class MalformedSecret(Refusal):
    code: ClassVar[str] = "address_malformed_secret"
    sentence: ClassVar[str] = N_("请填写设备自身的 {protocol} 密码或标识，应形如：{form}")
    status: ClassVar[int] = 422


WITHOUT_SECRET = frozenset({GB26875})
"""Protocols of devices that call and know no secret at all."""
_SECRETS: dict[str, tuple[str, str]] = {
    HJ212: (r"[\x21-\x7e]{1,9}", "123456"),
    SL651: (r"[0-9A-F]{4}", "04D2"),
    JT808: (r"[\x21-\x7e]{1,64}", "T123456"),
}
"""Pattern and an example of each protocol's secrets. HJ 212 gives the password six characters (HJ 212-2025: nine); SL 651 two bytes; a
terminal of JT/T 808 proves itself with its own identifier."""

_SHAPES: dict[str, tuple[str, str]] = {
    HJ212: (r"[0-9A-Za-z]{7,40}", "YB6701001000000000000001"),
    SL651: (r"[0-9A-Fa-f]{10}", "0010203041"),
    GB26875: (r"[0-9]{1,15}", "102"),
    JT808: (r"[1-9][0-9]{0,19}", "13800138000"),
    MODBUS: (r"", "192.168.1.20:502/1"),
    OPCUA: (r"", "opc.tcp://192.168.1.30:4840/"),
    COALFILE: (r"[0-9A-Za-z]{6,32}", "370112000001"),
}
"""Pattern and an example of each protocol's addresses."""
_NAME = r"(?:#(?P<name>[0-9A-Za-z_-]{1,32}))?"
_MODBUS = re.compile(rf"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]{{1,253}})(?::(?P<port>[0-9]{{1,5}}))?/(?P<unit>[0-9]{{1,3}}){_NAME}")
_REGISTER = re.compile(r"(?P<table>holding|input|coil|discrete):(?P<address>[0-9]{1,5})")


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
    """One name of a device. ``open``: the device sends no secret and none is asked; otherwise no digest means that nobody is let in.

    ``previous_salt``, ``previous_digest``: the secret before the last rotation, good until ``previous_until_ms`` (ms since 1970 UTC). ``key``: what
    opens enciphered data areas, itself enciphered (:mod:`anlan.wire.keys`), with the one before it, likewise.
    """

    protocol: str
    address: str
    open: bool = False
    salt: str = ""
    digest: str = ""
    points: tuple[PointEntry, ...] = ()
    interval_s: float = 10.0
    previous_salt: str = ""
    previous_digest: str = ""
    previous_until_ms: int = 0
    key: str = ""
    previous_key: str = ""
    previous_key_until_ms: int = 0

    def opens(self, given: str, now_ms: int | None = None) -> bool:
        """Whether ``given`` is the newest secret, or any that opens at ``now_ms``, or none is asked. Slow on purpose (see :data:`ROUNDS`)."""
        if self.open or _fits(given, self.salt, self.digest):
            return True
        return self._overlaps(now_ms) and _fits(given, self.previous_salt, self.previous_digest)

    def holds(self, digest: str, now_ms: int | None = None) -> bool:
        """Whether ``digest`` is that of the newest secret, or of any that opens at ``now_ms``."""
        return bool(digest) and (digest == self.digest or (digest == self.previous_digest and self._overlaps(now_ms)))

    def _overlaps(self, now_ms: int | None) -> bool:
        return now_ms is not None and now_ms < self.previous_until_ms


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret as it is kept."""

    salt: str
    digest: str


def seal(secret: str) -> Sealed:
    """Fresh salt and the digest of ``secret`` with it."""
    salt = secrets.token_hex(16)
    return Sealed(salt, _digest(salt, secret))


@dataclass(frozen=True, slots=True)
class Register:
    """Where a Modbus point lies: table and address counted from 0."""

    table: str
    address: int


@dataclass(frozen=True, slots=True)
class ModbusTarget:
    """A Modbus device: host, port and unit (slave) number."""

    host: str
    port: int
    unit: int


def checked_address(protocol: str, value: str) -> str:
    """``value`` as the registry keeps it. Raises :class:`MalformedAddress`.

    An address of a called protocol may end in ``#name``, so that several devices behind one server or one slave number are told apart.
    """
    text = value.strip()
    if protocol == MODBUS:
        modbus_target(text)
    elif protocol == OPCUA:
        opcua_endpoint(text)
    elif protocol not in _SHAPES or not re.fullmatch(_SHAPES[protocol][0], text):
        raise _malformed(protocol, text)
    if protocol == GB26875:
        return str(int(text))
    # Stations write their number in capitals; a lower-case entry would never be found.
    return text.upper() if protocol == SL651 else text


def checked_secret(protocol: str, value: str) -> str:
    """``value`` as devices of ``protocol`` send it. Raises :class:`MalformedSecret`."""
    pattern, example = _SECRETS.get(protocol, (r"[\x21-\x7e]{1,64}", "123456"))
    text = value.strip().upper() if protocol == SL651 else value.strip()
    if not re.fullmatch(pattern, text):
        raise MalformedSecret(protocol=protocol, form=example)
    return text


def drawn_secret(protocol: str) -> str:
    """A fresh secret as the protocol has room for. Raises :class:`MalformedSecret` where the device brings its own and none can be given to it."""
    length = {HJ212: 6, SL651: 4}.get(protocol)
    if length is None:
        raise MalformedSecret(protocol=protocol, form=_SECRETS.get(protocol, ("", "123456"))[1])
    return "".join(secrets.choice("0123456789") for _ in range(length))


def modbus_target(address: str) -> ModbusTarget:
    """What ``host:port/unit`` (with or without ``#name``) says; unit 0–247. Raises :class:`MalformedAddress`."""
    found = _MODBUS.fullmatch(address)
    if found is None:
        raise _malformed(MODBUS, address)
    port, unit = int(found["port"] or MODBUS_PORT), int(found["unit"])
    if not 1 <= port <= 65535 or unit > 247:
        raise _malformed(MODBUS, address)
    return ModbusTarget(found["host"].strip("[]"), port, unit)


def opcua_endpoint(address: str) -> str:
    """The endpoint in ``address`` without its ``#name``. Raises :class:`MalformedAddress`."""
    try:
        parts = urlsplit(address)
        port = parts.port or OPCUA_PORT
    except ValueError:
        raise _malformed(OPCUA, address) from None
    wrong = parts.scheme != "opc.tcp" or not parts.hostname or parts.username is not None or len(address) > 255
    if wrong or not port or not address.isprintable() or " " in address:
        raise _malformed(OPCUA, address)
    return parts._replace(fragment="").geturl()


def checked_point_code(protocol: str, value: str) -> str:
    """``value`` as the code of a point in ``protocol``. Raises :class:`MalformedPointCode`."""
    text = value.strip()
    if protocol == MODBUS:
        register(text)
    elif not (1 <= len(text) <= 120 and text.isprintable()):
        raise MalformedPointCode(value=text[:120], protocol=protocol, form="a21026")
    elif protocol == OPCUA and not re.fullmatch(r"(?:ns=[0-9]{1,5};)?[isgb]=.+", text):
        raise MalformedPointCode(value=text[:120], protocol=protocol, form="ns=2;s=Tank1.Level")
    return text


def register(code: str) -> Register:
    """What ``<table>:<address>`` says; the address counts from 0 to 65535. Raises :class:`MalformedPointCode`."""
    found = _REGISTER.fullmatch(code)
    if found is None or int(found["address"]) > 65535:
        raise MalformedPointCode(value=code[:120], protocol=MODBUS, form="holding:0, input:0, coil:0, discrete:0")
    return Register(found["table"], int(found["address"]))


def _malformed(protocol: str, value: str) -> MalformedAddress:
    return MalformedAddress(protocol=protocol, value=value[:120], form=_SHAPES.get(protocol, ("", protocol))[1])


def _fits(given: str, salt: str, digest: str) -> bool:
    return bool(digest) and hmac.compare_digest(_digest(salt, given), digest)


def _digest(salt: str, secret: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), salt.encode(), ROUNDS).hex()
