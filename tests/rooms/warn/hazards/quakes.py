"""Estimates of one earthquake near the works, and the line that carries orders to it."""

from datetime import UTC, datetime
from uuid import uuid4

from anlan.ledger.events import deliver_pending
from anlan.warn.channels import answering, engine
from anlan.warn.channels.adapters.contract import ReceiptNote
from anlan.warn.channels.models import Delivery
from anlan.warn.hazards import quaking, reading
from anlan.warn.hazards.models import ActionOrder

NOW = datetime(2026, 11, 26, 1, 20, tzinfo=UTC)


def report(now: datetime, magnitude: float, *, origin: datetime, reviewed: bool = False, cancelled: bool = False) -> reading.QuakeReport:
    """One solution of an earthquake east of the works."""
    return reading.QuakeReport(
        event="cenc/2026a",
        identifier=f"cenc/2026a#{uuid4().hex}",
        issued=now,
        origin=origin,
        longitude=117.3,
        latitude=36.66,
        depth_km=10.0,
        magnitude=magnitude,
        magnitude_kind="Ms",
        place="山东济南",
        agency="测试台网",
        reviewed=reviewed,
        cancelled=cancelled,
    )


class Line:
    """Estimates of an exercise come in one after the other; what they order goes to ``phones`` by ``carrier``, and receipts come back."""

    def __init__(self, clock, phones, carrier, officer):
        self.clock, self.phones, self.carrier, self.officer, self.origin = clock, phones, carrier, officer, clock.now()

    def estimate(self, magnitude, *, exercise=True, orders=True):
        """The next estimate two seconds later; the newest order, ``None`` when there is none."""
        self.clock.advance(seconds=2)
        now = self.clock.now()
        quaking.take_quake(report(now, magnitude, origin=self.origin), exercise=exercise, orders=orders, actor=self.officer, now=now)
        return ActionOrder.objects.order_by("-sent_at").first()

    def send(self):
        """The dispatcher hands over what waits."""
        while engine.hand_over_next(self.carrier, self.phones, worker=1, now=self.clock.now()):
            pass

    def hear(self, told=None):
        """A receipt for the last delivery (or none), and what is newly known reaches the room."""
        now = self.clock.now()
        if told is not None:
            key = engine.key_of(Delivery.objects.order_by("-id").first())
            engine.take_receipts(self.carrier, [ReceiptNote(told, now, key)], now=now)
        answering.tell_settled(now=now)
        deliver_pending()
