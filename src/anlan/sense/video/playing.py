"""Links to watch a camera: what the platform's gateway shows live, and what it recorded. This platform carries no video itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from django.utils import timezone

from anlan.sense.video import rules
from anlan.sense.video.models import Camera

LONGEST_MINUTES = 240
_PLAYED = (".m3u8", ".mp4", ".webm")
"""What a browser's own player can be asked whether it plays; WebRTC and FLV gateways have pages of their own."""


@dataclass(frozen=True)
class Link:
    """An address to watch. ``host``: whose it is; ``player``: the browser's own player may be tried; ``origin``: for the page's policy."""

    url: str
    host: str
    player: bool
    origin: str


def live(camera: Camera) -> Link | None:
    """Where the camera is shown live; ``None`` while its platform has no template."""
    return _link(camera, camera.platform.live_template)


def recorded(camera: Camera, begin: datetime, end: datetime) -> Link | None:
    """Where its recording from ``begin`` to ``end`` is shown; ``None`` while its platform has no template."""
    return _link(camera, camera.platform.playback_template, start=_told(begin), end=_told(end))


def _told(moment: datetime) -> str:
    return quote(timezone.localtime(moment).isoformat(timespec="seconds"), safe="")


def _link(camera: Camera, template: str, **times: str) -> Link | None:
    if not template:
        return None
    url = rules.filled(template, device=quote(camera.platform.code, safe=""), channel=quote(camera.code, safe=""), **times)
    parts = urlsplit(url)
    return Link(url, parts.netloc, parts.path.endswith(_PLAYED), rules.origin_of(url))


def sip_facts() -> dict[str, str]:
    """What is typed into equipment so that it finds this node. From the environment that every process of the node gets."""
    host, port = os.environ.get("ANLAN_SIP_HOST", "127.0.0.1"), os.environ.get("ANLAN_SIP_PORT", "5060")
    server = os.environ.get("ANLAN_SIP_SERVER") or rules.DEFAULT_SERVER
    return {
        "server": server,
        "domain": server[:10],
        "address": os.environ.get("ANLAN_SIP_ADDRESS") or f"{host}:{port}",
        "loopback": "1" if host in {"127.0.0.1", "::1", "localhost"} and not os.environ.get("ANLAN_SIP_ADDRESS") else "",
    }
