"""Who sends: the credentials and points of a fleet, as a file between its making and its use."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class MalformedFleet(Refusal):
    code: ClassVar[str] = "load_fleet_malformed"
    sentence: ClassVar[str] = N_("机群文件无法识别：{reason}。")
    status: ClassVar[int] = 422


class Link(msgspec.Struct, frozen=True):
    """One connection: credential, device, its points and the channels they are stored under.

    ``addresses``: how the device is named in field protocols (``{"hj212": "MN", …}``), with ``secrets`` beside them.
    """

    username: str
    secret: str
    device: str
    points: tuple[str, ...]
    channels: tuple[int, ...] = ()
    addresses: dict[str, str] = {}
    secrets: dict[str, str] = {}


class Fleet(msgspec.Struct, frozen=True):
    """Many links; ``note`` says what they are."""

    links: tuple[Link, ...]
    note: str = ""


def write(fleet: Fleet, path: Path) -> None:
    """Keep a fleet; the file holds secrets and is readable by its owner only."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(msgspec.json.encode(fleet))


def read(path: Path) -> Fleet:
    """A fleet that was kept. Raises :class:`MalformedFleet`, ``OSError``."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Fleet)
    except msgspec.MsgspecError as wrong:
        raise MalformedFleet(reason=str(wrong)[:120]) from None
