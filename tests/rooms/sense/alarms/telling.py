"""What detector and gateways say, for tests of alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel.access import Actor
from anlan.ledger import broker
from anlan.sense.alarms import services
from anlan.sense.alarms.models import Alarm
from anlan.wire import detections, happenings
from anlan.wire.detections import CLEAR, RAISE, Transition
from anlan.wire.happenings import Happening

RAISED_MS = round(NOW.timestamp() * 1000)


def told(plant: Plant, change: str = RAISE, *, after_s: float = 0, raised_s: float = 0, **values: Any) -> Transition:
    """One transition of the plant's pressure; ``raised_s`` seconds after ``NOW`` it rose, ``after_s`` later this was said."""
    raised_ms = values.pop("raised_ms", RAISED_MS + round(raised_s * 1000))
    kind = values.get("kind", "H")
    value = values.setdefault("value", 1.3)
    usual = {"kind": kind, "level": 1 if kind == "HH" else 2, "limit": 1.2, "peak": max(value, 1.3), "channel": plant.pressure.channel}
    return Transition(change=change, raised_ms=raised_ms, time_ms=raised_ms + round(after_s * 1000), **{**usual, **values})


def happened(plant: Plant, kind: str = "gb26875.fire", *, active: bool = True, after_s: float = 0, **values: Any) -> Happening:
    """One thing that the plant's device reports."""
    usual = {"credential": plant.issued.credential.username, "device": "D1", "part": "1 区 7 号感烟", "text": "火警"}
    return Happening(kind=kind, active=active, time_ms=RAISED_MS + round(after_s * 1000), **{**usual, **values})


def messages(*said: Transition | Happening | bytes, first: int = 1) -> list[broker.Message]:
    """The same as messages of the stream."""
    found = []
    for number, each in enumerate(said, first):
        if isinstance(each, Happening):
            found.append(broker.Message(number, happenings.SUBJECT, happenings.encode(each), None))
        else:
            data = each if isinstance(each, bytes) else detections.encode(each)
            found.append(broker.Message(number, "alarms.raise", data, None))
    return found


def raised(plant: Plant, now: datetime = NOW, **values: Any) -> Alarm:
    """An alarm of the plant's pressure."""
    return services.raise_alarm(told(plant, **values), plant.pressure, actor=LOADER, now=now)


def cleared(plant: Plant, now: datetime = NOW, **values: Any) -> Alarm | None:
    """The end of the same alarm."""
    return services.clear_alarm(told(plant, CLEAR, **values), actor=LOADER, now=now)


def duty(place: str = "370102", name: str = "张三", *more: str) -> Actor:
    """Somebody on duty who may do whatever is done at the desk."""
    usual = ("alarms.view", "alarms.acknowledge", "alarms.handle", "alarms.review", "alarms.shelve", "evidence.view", "evidence.attach")
    return officer(place, *usual, *more, name=name)
