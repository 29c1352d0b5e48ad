"""Adapters: one for each way in which a carrier is spoken to, all with one contract (:mod:`.contract`).

``ADAPTERS`` is the list; a carrier's record names one by its code. Only :mod:`anlan.warn.channels.gate` calls ``send``.
"""

from __future__ import annotations

from anlan.warn.channels.adapters.broadcast import BROADCAST
from anlan.warn.channels.adapters.contract import Adapter, AdapterKind, Settings
from anlan.warn.channels.adapters.http import HTTP_KINDS
from anlan.warn.channels.adapters.mail import MAIL
from anlan.warn.channels.adapters.simulated import SIMULATED
from anlan.warn.channels.adapters.smpp import SMPP

KINDS: dict[str, AdapterKind] = {kind.code: kind for kind in (*HTTP_KINDS, SMPP, MAIL, BROADCAST, SIMULATED)}
"""Every kind of adapter by its code."""

__all__ = ["KINDS", "Adapter", "AdapterKind", "Settings", "open_adapter"]


def open_adapter(code: str, settings: Settings) -> Adapter:
    """The adapter of a carrier. Raises ``KeyError`` for a code that no adapter has, and what the adapter refuses of its settings."""
    return KINDS[code].opened(settings)
