"""What platforms say in the bodies of their messages: signs of life, parts of catalogues, alarms, positions. No Django, no network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from anlan.sense.video.facts import Alarmed, Described, Heard, Listed, Moved
from anlan.sense.video.sip import rules
from anlan.sense.video.sip.accounts import Action, Gathering, Note, Session
from anlan.sense.video.sip.asking import Asking
from anlan.wire.gb28181 import manscdp
from anlan.wire.gb28181.contents import Alarm, Catalog, Config, DeviceInfo, Position


@dataclass(frozen=True, slots=True)
class Said:
    """What follows from a body: facts to note, or an alarm with the confirmations that are sent when it is durable."""

    actions: tuple[Action, ...] = ()
    alarm: Alarmed | None = None
    confirmations: tuple[bytes, ...] = field(default_factory=tuple)


class Hearing:
    """Reads bodies. Gathers catalogues in the session, bounded."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def hear(self, code: str, session: Session, data: bytes, now: float, now_ms: int) -> Said:
        """What follows from a body. Raises the refusals of :mod:`anlan.wire.gb28181.manscdp`."""
        told: list[Action] = []
        if now - session.told_heard >= rules.HEARD_EVERY_SECONDS:
            session.told_heard = now
            told.append(Note(Heard(code, now_ms)))
        if not data.strip():
            return Said(tuple(told))
        body = manscdp.decode(data)
        match body.content:
            case Catalog() if body.root == manscdp.NOTIFY:
                told.append(Note(Listed(code, body.content.items, False, now_ms)))
            case Catalog():
                told += self._gather(code, session, body.serial or 0, body.content, now, now_ms)
            case DeviceInfo() | Config():
                told.append(Note(Described(code, body.content)))
            case Position(longitude=float(longitude), latitude=float(latitude)):
                told.append(Note(Moved(code, body.device, longitude, latitude)))
            case Alarm():
                fact = Alarmed(code, body.device, body.content, now_ms)
                return Said(tuple(told), fact, (self._asking.confirm_alarm(code, body.device, body.serial, session),))
            case _:
                pass
        return Said(tuple(told))

    def _gather(self, code: str, session: Session, serial: int, part: Catalog, now: float, now_ms: int) -> Iterable[Action]:
        """Parts of one answer share its SN; it is complete when as many entries came as it announces."""
        if part.total is None:
            return ()
        gathering = session.gathering.get(serial)
        if gathering is None:
            if len(session.gathering) >= rules.MOST_GATHERINGS:
                session.gathering.pop(next(iter(session.gathering)))
            gathering = session.gathering[serial] = Gathering(max(0, part.total))
        gathering.heard = now
        for item in part.items:
            if len(gathering.items) < rules.MOST_CATALOG:
                gathering.items[item.device] = item
        if len(gathering.items) >= min(gathering.total, rules.MOST_CATALOG):
            del session.gathering[serial]
            # What was cut off is no whole list: nothing is missing from it.
            complete = gathering.total <= rules.MOST_CATALOG
            return (Note(Listed(code, tuple(gathering.items.values()), complete, now_ms)),)
        return ()

    def close_gatherings(self, code: str, session: Session, now: float, now_ms: int) -> list[Action]:
        """Catalogues whose next part does not come are taken as far as they came."""
        late = [serial for serial, gathering in session.gathering.items() if now - gathering.heard > rules.GATHER_SECONDS]
        return [Note(Listed(code, tuple(session.gathering.pop(serial).items.values()), False, now_ms)) for serial in late]
