"""XML bytes to CAP messages of editions 1.0, 1.1 and 1.2. No entity is expanded, no DTD is read, no address is fetched."""

from __future__ import annotations

from lxml import etree

from anlan.wire import markup
from anlan.wire.cap import wrong
from anlan.wire.cap.message import NAMESPACES, SIGNATURE_NAMESPACE, Alert, CapRefused, Received
from anlan.wire.cap.reader import Reader
from anlan.wire.cap.rules import check
from anlan.wire.problems import Faulty

MAXIMUM_BYTES = 5_000_000


def decode(data: bytes) -> Alert:
    """Read one message. Raises :class:`CapRefused` naming every problem: not XML, a DTD, wrong namespace or edition, missing, repeated or
    unknown values, rules of the standard's text broken.

    A signature is passed over, as §3.3.2.1 demands of whoever does not verify it; :func:`anlan.wire.cap.signature.verify` does.
    """
    return read(data).alert


def read(data: bytes) -> Received:
    """As :func:`decode`, with the edition, whether it is signed, and what was changed or passed over in reading."""
    try:
        root = markup.parse(data, most_bytes=MAXIMUM_BYTES)
    except Faulty as faulty:
        raise CapRefused(faulty.problems) from None
    return read_element(root)


def read_element(root: etree._Element) -> Received:
    """As :func:`read`, of an element that was parsed safely before: a message within a feed or an envelope."""
    version = NAMESPACES.get(markup.namespace(root))
    if version is None or markup.name(root) != "alert":
        raise CapRefused([wrong.NOT_AN_ALERT.at(found=root.tag)])
    reader = Reader(markup.namespace(root), version)
    alert = reader.alert(root)
    problems = [*reader.problems, *check(alert, version)]
    if problems:
        raise CapRefused(problems)
    signed = root.find(f"{{{SIGNATURE_NAMESPACE}}}Signature") is not None
    return Received(alert, version, signed, tuple(reader.notes))
