"""Which session speaks which protocol. A new protocol is one row here, one port in the launcher, and one module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, cast

from anlan.sense.gateways.directory import Directory
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


def session_factory(protocol: str, directory: Directory | None = None) -> SessionFactory:
    """What makes the session of a new connection. ``directory`` gives HJ 212 the keys of its stations; without it none is known."""
    made: Any = import_module(SESSIONS[protocol]).Session
    return cast(SessionFactory, partial(made, directory.keys_of) if protocol == addresses.HJ212 and directory is not None else made)
