"""Which session speaks which protocol. A new protocol is one row here, one port in the launcher, and one module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from anlan.sense.gateways.session import Session
from anlan.wire import addresses

SessionFactory = Callable[[], Session]

SESSIONS: Mapping[str, str] = {
    addresses.HJ212: "anlan.sense.gateways.hj212",
    addresses.SL651: "anlan.sense.gateways.sl651",
    addresses.GB26875: "anlan.sense.gateways.gb26875",
    addresses.JT808: "anlan.sense.gateways.jt808",
}
"""Module of each protocol's ``Session``; loaded when its port is opened, so that a node pays only for what it speaks."""


def session_factory(protocol: str) -> SessionFactory:
    """What makes the session of a new connection."""
    return cast(SessionFactory, import_module(SESSIONS[protocol]).Session)
