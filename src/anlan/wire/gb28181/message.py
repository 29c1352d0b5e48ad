"""SIP messages as far as GB/T 28181 needs them (RFC 3261): requests and responses, header folding, compact names, several Via.

Bytes are read leniently where equipment of the field is careless (bare line feeds, Chinese in headers) and written strictly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from anlan.wire.framing import MOST_WAITING_BYTES
from anlan.wire.gb28181.refusals import BodyCut, BrokenMessage, MessageTooLong, MissingHeader

VERSION = "SIP/2.0"
MOST_BYTES = MOST_WAITING_BYTES
MOST_HEAD_BYTES = 16 * 1024
MOST_HEADERS = 128
METHODS = ("REGISTER", "MESSAGE", "NOTIFY", "SUBSCRIBE", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO")
MANSCDP = "Application/MANSCDP+xml"

_COMPACT = {
    "v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact", "l": "Content-Length", "c": "Content-Type", "e": "Content-Encoding",
    "k": "Supported", "s": "Subject", "o": "Event", "u": "Allow-Events", "r": "Refer-To", "x": "Session-Expires",
}  # fmt: skip
_LISTS = frozenset({"via", "contact", "route", "record-route"})
"""Headers whose values may stand on one line, separated by commas, and where we need them one by one."""
_NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,64}")
_STATUS = re.compile(r"SIP/2\.0 +([1-6]\d\d)(?: +(.*))?", re.I)
_REQUEST = re.compile(r"([A-Za-z]{1,20}) +(\S{1,512}) +SIP/2\.0", re.I)
_CSEQ = re.compile(r"(\d{1,10})\s+([A-Za-z]{1,20})")
_END = re.compile(rb"\r?\n\r?\n")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Message:
    headers: Headers
    body: bytes

    def get(self, name: str) -> str:
        """The first value of header ``name`` (full name, any case), empty when there is none."""
        wanted = name.lower()
        return next((value for told, value in self.headers if told.lower() == wanted), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of header ``name`` in order; lists on one line are cut at their commas."""
        wanted = name.lower()
        found = [value for told, value in self.headers if told.lower() == wanted]
        return tuple(part for value in found for part in split(value)) if wanted in _LISTS else tuple(found)

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of CSeq."""
        found = _CSEQ.fullmatch(self.get("CSeq"))
        return (int(found[1]), found[2].upper()) if found else (0, "")

    @property
    def call_id(self) -> str:
        """Call-ID."""
        return self.get("Call-ID")

    @property
    def transaction(self) -> tuple[str, str, str, str]:
        """What a message sent again and its answer have in common: topmost branch, Call-ID, CSeq number and method."""
        vias = self.all("Via")
        number, method = self.cseq
        branch = parameters(vias[0]).get("branch", "") if vias else ""
        return branch, self.call_id, str(number), method


@dataclass(frozen=True, slots=True)
class Request(_Message):
    """A request. ``method`` in capitals, ``uri`` as written."""

    method: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Response(_Message):
    """A response."""

    status: int = 0
    reason: str = ""


Message = Request | Response


@dataclass(frozen=True, slots=True)
class Address:
    """``"name" <sip:user@host:port;…>;tag=…`` taken apart. ``port`` 0: none given."""

    user: str
    host: str
    port: int = 0
    name: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    uri_parameters: dict[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The tag, empty for none."""
        return self.parameters.get("tag", "")


@dataclass(frozen=True, slots=True)
class Via:
    """One Via: transport, who sent it and from where it was seen to come."""

    transport: str
    host: str
    port: int
    parameters: dict[str, str]


def parse(data: bytes) -> Message:
    """The message in one datagram, or in one frame of :mod:`anlan.wire.gb28181.framing`.

    A body longer than Content-Length is cut (RFC 3261, 18.3). Raises :class:`BrokenMessage`, :class:`MissingHeader`,
    :class:`MessageTooLong`, :class:`BodyCut`.
    """
    if len(data) > MOST_BYTES:
        raise MessageTooLong(limit=MOST_BYTES)
    data = data.lstrip(b"\r\n")
    found = _END.search(data, 0, MOST_HEAD_BYTES)
    if found is None:
        if len(data) > MOST_HEAD_BYTES:
            raise MessageTooLong(limit=MOST_HEAD_BYTES)
        raise BrokenMessage(reason="no end of headers")
    lines = _unfolded(_text(data[: found.start()]))
    first = next(lines, "")
    headers = tuple(_header(line) for line in lines)
    if len(headers) > MOST_HEADERS:
        raise MessageTooLong(limit=MOST_HEADERS)
    body = _body(headers, data[found.end() :])
    return _checked(_of_first_line(first, headers, body))


def _of_first_line(first: str, headers: Headers, body: bytes) -> Message:
    if (status := _STATUS.fullmatch(first)) is not None:
        return Response(headers, body, int(status[1]), (status[2] or "").strip())
    if (asked := _REQUEST.fullmatch(first)) is not None:
        return Request(headers, body, asked[1].upper(), asked[2])
    raise BrokenMessage(reason=repr(first[:60]))


def _text(head: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return head.decode(encoding)
        except UnicodeDecodeError:
            continue
    return head.decode("latin-1")


def _unfolded(head: str) -> Iterator[str]:
    """Lines with their continuations (a line that begins with a blank goes on with the one before)."""
    waiting: str | None = None
    for line in re.split(r"\r?\n", head):
        if line[:1] in (" ", "\t") and waiting is not None:
            waiting = f"{waiting} {line.strip()}"
            continue
        if waiting is not None:
            yield waiting
        waiting = line.rstrip()
    if waiting is not None:
        yield waiting


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.strip()
    if not colon or not _TOKEN.fullmatch(name) or _CONTROL.search(value):
        raise BrokenMessage(reason=repr(line[:60]))
    return _COMPACT.get(name.lower(), name), value.strip()


def content_length(headers: Headers) -> int | None:
    """The length that the headers tell, ``None`` where they do not. Raises :class:`MissingHeader` for one that is no number."""
    told = [value for name, value in headers if name.lower() == "content-length"]
    if not told:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", told[0]) or len(set(told)) > 1:
        raise MissingHeader(name="Content-Length")
    return int(told[0])


def _body(headers: Headers, rest: bytes) -> bytes:
    told = content_length(headers)
    if told is None:
        return rest
    if told > MOST_BYTES:
        raise MessageTooLong(limit=MOST_BYTES)
    if len(rest) < told:
        raise BodyCut(told=told, came=len(rest))
    return rest[:told]


def _checked(message: Message) -> Message:
    for name in _NEEDED:
        if not message.get(name):
            raise MissingHeader(name=name)
    method = message.cseq[1]
    if not method or (isinstance(message, Request) and method != message.method):
        raise MissingHeader(name="CSeq")
    return message


def split(value: str) -> list[str]:
    """Parts between commas that stand neither in quotes nor in angle brackets."""
    parts, begin, quoted, inside = [], 0, False, False
    for at, character in enumerate(value):
        if character == '"' and (at == 0 or value[at - 1] != "\\"):
            quoted = not quoted
        elif not quoted and character in "<>":
            inside = character == "<"
        elif character == "," and not quoted and not inside:
            parts.append(value[begin:at].strip())
            begin = at + 1
    parts.append(value[begin:].strip())
    return [part for part in parts if part]


def parameters(value: str) -> dict[str, str]:
    """``;name=value`` behind the first semicolon outside of angle brackets; names in small letters."""
    outside = value.rpartition(">")[2] if ">" in value else value
    found: dict[str, str] = {}
    for part in outside.split(";")[1:]:
        name, _equals, told = part.partition("=")
        if name.strip():
            found[name.strip().lower()] = told.strip().strip('"')
    return found


_URI = re.compile(r"sips?:(?:([^@;?>\s]{0,128})@)?(\[[0-9A-Fa-f:.]{2,45}\]|[^:;?>\s\[\]]{1,255})(?::(\d{1,5}))?((?:;[^?>\s]*)?)", re.I)


def parse_address(value: str) -> Address:
    """The address in a From, To or Contact header or a bare URI. Raises :class:`BrokenMessage`."""
    inner = value
    name = ""
    if "<" in value:
        name, _bracket, rest = value.partition("<")
        inner = rest.partition(">")[0]
    found = _URI.match(inner.strip())
    if found is None:
        raise BrokenMessage(reason=repr(value[:60]))
    port = int(found[3] or 0)
    if port > 65535:
        raise BrokenMessage(reason=repr(value[:60]))
    user = (found[1] or "").partition(":")[0]
    bare = "<" not in value
    return Address(user, found[2], port, name.strip().strip('"'), parameters(value), {} if bare else parameters(found[4]))


_VIA = re.compile(r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z]{2,10})\s+(\[[0-9A-Fa-f:.]{2,45}\]|[^:;\s\[\]]{1,255})(?:\s*:\s*(\d{1,5}))?", re.I)


def parse_via(value: str) -> Via:
    """One Via. Raises :class:`BrokenMessage`."""
    found = _VIA.match(value)
    if found is None or int(found[3] or 0) > 65535:
        raise BrokenMessage(reason=repr(value[:60]))
    return Via(found[1].upper(), found[2], int(found[3] or 0), parameters(value))


def encode(message: Message) -> bytes:
    """The bytes of a message; Content-Length is reckoned here. Raises :class:`BrokenMessage` for a line break inside a header."""
    first = f"{message.method} {message.uri} {VERSION}" if isinstance(message, Request) else f"{VERSION} {message.status} {message.reason}"
    lines = [first, *(f"{name}: {value}" for name, value in message.headers if name.lower() != "content-length")]
    if any("\r" in line or "\n" in line for line in lines):
        raise BrokenMessage(reason="line break")
    lines.append(f"Content-Length: {len(message.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + message.body


REASONS = {
    100: "Trying", 200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    413: "Request Entity Too Large", 423: "Interval Too Brief", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    488: "Not Acceptable Here", 503: "Service Unavailable",
}  # fmt: skip


def answer(
    request: Request, status: int, *, tag: str = "", seen: tuple[str, int] | None = None, headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """The response to ``request`` (RFC 3261, 8.2.6): its Via, From, To, Call-ID and CSeq, then ``headers``.

    ``tag``: ours, put on a To that has none; ``seen``: from where the request came, told in the topmost Via (RFC 3581).
    """
    vias = list(request.all("Via"))
    if seen is not None and vias:
        vias[0] = _with_source(vias[0], *seen)
    to = request.get("To")
    if tag and "tag" not in parameters(to):
        to = f"{to};tag={tag}"
    copied = [("From", request.get("From")), ("To", to), ("Call-ID", request.call_id), ("CSeq", request.get("CSeq"))]
    return Response((*(("Via", via) for via in vias), *copied, *headers), b"", status, REASONS.get(status, "Unknown"))


def _with_source(via: str, host: str, port: int) -> str:
    kept = [part for part in via.split(";") if part.strip().partition("=")[0].lower() not in {"received", "rport"}]
    asked = "rport" in parameters(via)
    return ";".join([*kept, f"received={host}", *([f"rport={port}"] if asked else [])])
