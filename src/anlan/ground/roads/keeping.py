"""Nets on disk (``ANLAN_HOME/roads/<id>.npz``) and in memory: one is loaded when first asked for and kept by the process; two at the most."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.conf import settings

from anlan.routing import importing, vehicles
from anlan.routing.network import Network, load, save
from anlan.routing.vehicles import Speeds

MOST_KEPT = 2
_loaded: OrderedDict[UUID, Network] = OrderedDict()
_lock = Lock()
_speeds: tuple[float, date, Speeds] | None = None


def folder() -> Path:
    """Where nets lie."""
    return Path(settings.ANLAN["HOME"]) / "roads"


def path_of(network_id: UUID) -> Path:
    """The file of a net."""
    return folder() / f"{network_id}.npz"


def upload_of(network_id: UUID, file_name: str) -> Path:
    """Where an uploaded road file waits for its import, under the record's id; what people called it is only in the record."""
    return folder() / "uploads" / f"{network_id}{importing.ending_of(file_name)}"


def keep(network_id: UUID, network: Network) -> None:
    """Write a net. Raises ``OSError``."""
    save(network, path_of(network_id))


def loaded(network_id: UUID) -> Network:
    """The net, from memory when it was asked for before. Raises ``NetworkUnreadable``."""
    with _lock:
        found = _loaded.get(network_id)
        if found is None:
            found = load(path_of(network_id))
            _loaded[network_id] = found
            while len(_loaded) > MOST_KEPT:
                _loaded.popitem(last=False)
        _loaded.move_to_end(network_id)
        return found


def speeds(on: date) -> Speeds:
    """The node's own table of speeds (``ANLAN_HOME/roads/speeds.csv``) in force on ``on`` when there is one, else the project's.

    Raises ``SpeedsUnreadable`` naming the line.
    """
    global _speeds
    own = folder() / "speeds.csv"
    if not own.exists():
        return vehicles.defaults()
    changed = own.stat().st_mtime
    if _speeds is None or _speeds[:2] != (changed, on):
        _speeds = (changed, on, vehicles.load(own, on))
    return _speeds[2]
