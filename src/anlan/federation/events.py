"""What the links between nodes announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class EnvelopeArrived(Event):
    """An envelope for a bureau of this node is kept; ``subject_id`` is the envelope."""

    kind: ClassVar[str] = "federation.arrived"
    action: ClassVar[str] = "relays.view"
    urgent: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class LinkChanged(Event):
    """A node asked to join, was joined or left, or a link was cut or is back (``what``: asked, joined, left, cut, back); ``node`` is its name."""

    kind: ClassVar[str] = "federation.link"
    action: ClassVar[str] = "relays.view"
    urgent: ClassVar[bool] = True
    what: str
    node: str
    node_id: str
    waiting: int = 0
