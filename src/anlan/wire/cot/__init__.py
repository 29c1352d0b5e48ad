"""Cursor-on-Target 2.0 (MITRE MP090284, 2009; schema of the base event) as the TAK family speaks it: XML events on a stream.

:func:`decode` and :func:`encode` turn bytes to :class:`Event` and back, :class:`Framer` cuts a stream, :mod:`.shapes` writes areas and circles as
the drawings these devices show. Details of the TAK family (contact, __group, takv, track …) have no published standard: they are read as the
devices write them (public samples), and what is not known is kept word for word.
"""

from anlan.wire.cot import talk
from anlan.wire.cot.decode import decode
from anlan.wire.cot.encode import encode
from anlan.wire.cot.event import (
    Chat,
    Contact,
    Detail,
    Ellipse,
    Event,
    Group,
    Link,
    Point,
    RangeBearing,
    Remarks,
    Software,
    Track,
    Vertex,
)
from anlan.wire.cot.framing import Framer

__all__ = [
    "Chat",
    "Contact",
    "Detail",
    "Ellipse",
    "Event",
    "Framer",
    "Group",
    "Link",
    "Point",
    "RangeBearing",
    "Remarks",
    "Software",
    "Track",
    "Vertex",
    "decode",
    "encode",
    "talk",
]
