"""Whether an address that others gave us leads inward: to this machine, to its network, or past it by an odd spelling.

This is the part that can be judged from the text. Whoever fetches resolves the name himself, asks :func:`is_inward` of every address that
comes out, connects to that very address, and judges each redirect again.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

LONGEST = 2048
_HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)+")
_INWARD_NAMES = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "localdomain",
    "home.arpa",
    "test",
    "invalid",
)
"""Names that never lead outside: RFC 6761, RFC 6762, RFC 8375, and what networks commonly use within."""
_CARRIES_IPV4 = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""Ranges of IPv6 with an IPv4 address within, and how far it is from the right: compatible, translated, NAT64, 6to4."""


class LinkRefused(Refusal):
    """The address may not be fetched."""

    code: ClassVar[str] = "link_refused"
    status: ClassVar[int] = 422


class NoAddress(LinkRefused):
    code: ClassVar[str] = "link_no_address"
    sentence: ClassVar[str] = N_("“{url}”不是可以访问的网址，请填写 http:// 或 https:// 开头的完整网址。")


class CarriesCredentials(LinkRefused):
    code: ClassVar[str] = "link_credentials"
    sentence: ClassVar[str] = N_("网址“{url}”里带有用户名或口令，不予访问，请去掉后再填。")


class LeadsInward(LinkRefused):
    code: ClassVar[str] = "link_inward"
    sentence: ClassVar[str] = N_("网址“{url}”指向本机或内部网络（{host}），不予访问。确需访问的内部地址请由管理员登记。")


class OddlySpelled(LinkRefused):
    code: ClassVar[str] = "link_odd"
    sentence: ClassVar[str] = N_("网址“{url}”的主机“{host}”写法反常，不予访问，请写成普通域名或四段十进制地址。")


@dataclass(frozen=True)
class Target:
    """Where an address leads: ``host`` in lower case and ASCII, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int


def refuse_inward(url: str, admitted: Collection[str] = ()) -> Target:
    """Where ``url`` leads, if it may be fetched as far as its text tells. ``admitted`` are hosts of the own network that an administrator
    has registered, as :class:`Target` spells them.

    Raises :class:`NoAddress`, :class:`CarriesCredentials`, :class:`OddlySpelled` or :class:`LeadsInward`, all of them :class:`LinkRefused`.
    """
    shown = url[:120]
    if len(url) > LONGEST or any(ord(c) <= 0x20 or ord(c) == 0x7F or c == "\\" for c in url):
        raise NoAddress(url=shown)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NoAddress(url=shown) from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or port == 0:
        raise NoAddress(url=shown)
    if parts.username is not None or parts.password is not None:
        raise CarriesCredentials(url=re.sub(r"//[^/]*@", "//***@", shown))
    scheme = parts.scheme.lower()
    target = Target(scheme, _plain_host(parts.hostname, "[" in parts.netloc, shown), port or (443 if scheme == "https" else 80))
    if target.host not in admitted and _named_inward(target.host):
        raise LeadsInward(url=shown, host=target.host)
    return target


def _plain_host(host: str, bracketed: bool, shown: str) -> str:
    if bracketed:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise OddlySpelled(url=shown, host=host) from None
    try:
        # Letters of other scripts, full-width digits and ideographic full stops are what a resolver would make of them (RFC 3490).
        plain = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise OddlySpelled(url=shown, host=host) from None
    last = plain.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        # An IPv4 address, and in one spelling only: 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 all reach this machine in some library.
        try:
            return str(ipaddress.IPv4Address(plain))
        except ValueError:
            raise OddlySpelled(url=shown, host=host) from None
    if "." in plain and not _HOST.fullmatch(plain):
        raise OddlySpelled(url=shown, host=host)
    return plain


def _named_inward(host: str) -> bool:
    try:
        return is_inward(host)
    except ValueError:
        return "." not in host or any(host == name or host.endswith(f".{name}") for name in _INWARD_NAMES)


def is_inward(address: str) -> bool:
    """Whether an IP address is anything but a public one of a single machine. ``ValueError`` when it is no address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return not found.is_global or found.is_multicast or found.is_reserved
    if found.scope_id is not None:
        return True
    if found.ipv4_mapped is not None:
        return is_inward(str(found.ipv4_mapped))
    for network, shift in _CARRIES_IPV4:
        if found in network and is_inward(str(ipaddress.IPv4Address((int(found) >> shift) & 0xFFFFFFFF))):
            return True
    return not found.is_global or found.is_multicast or found.is_reserved
