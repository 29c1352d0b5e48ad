"""A million recipients told over simulated carriers: how fast, how soon the first, and whether anybody was left out or told twice.

``fanout_per_s``: people per second from the saying of the message until the last was handed over, planning included, with two senders as the
dispatcher has them. ``unsent``: people of the audience without a message that a carrier took; ``sent_twice``: addresses that a carrier was handed
more than once, counted by the carrier. ``approve_to_first_s``: from the approval of a red warning until its first message is in a carrier's hands.
``count_area_ms``: an audience of the million counted by place and by a drawn area (the slower of the two).
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

PEOPLE = int(os.environ.get("ANLAN_BENCH_RECIPIENTS", "1000000"))
SENDERS = 2
LIMITS = {"fanout_per_s": 5000, "unsent": 0, "sent_twice": 0, "approve_to_first_s": 2.0, "count_area_ms": 1000}

_FILL = """
INSERT INTO audiences_recipient (id, place_code, classification, created_at, updated_at, version, name, role, unit, longitude, latitude, cell, phone, email,
  device, language, needs, consent_at, consent_how, withdrawn_at, quiet_from, quiet_until, ground, reach, source_note)
SELECT gen_random_uuid(), '3701' || lpad((2 + n %% 12)::text, 2, '0') || lpad((1 + n %% 17)::text, 3, '0'), 1, now(), now(), 1, '示例' || n,
  CASE WHEN n %% 200 = 0 THEN 'grid_member' ELSE 'resident' END, '', p.lon, p.lat, p.cell, '100' || lpad(n::text, 8, '0'), '', '', 'zh', '', now(), '', NULL,
  NULL, NULL, CASE WHEN n %% 200 = 0 THEN 1 ELSE 2 END, 1, 'bench'
FROM generate_series(1, %s) AS n
JOIN unnest(%s::float8[], %s::float8[], %s::bigint[]) WITH ORDINALITY AS p(lon, lat, cell, at) ON p.at = 1 + (n * 7919::bigint) %% %s
"""


class Counting:
    """A carrier that takes everything at once, and counts what it was handed for each address."""

    def __init__(self) -> None:
        self.handed: Counter[str] = Counter()
        self.first_at = 0.0
        self.lock = threading.Lock()

    def send(self, batch: Any) -> list[Any]:
        from anlan.warn.channels.adapters.contract import Answer, Result

        with self.lock:
            self.first_at = self.first_at or time.monotonic()
            self.handed.update(each.address for each in batch)
        return [Result(Answer.ACCEPTED)] * len(batch)

    def receipts(self) -> list[Any]:
        return []

    def ask(self, _keys: Any) -> dict[str, str]:
        return {}


def _fill(say: Callable[[str], None]) -> None:
    import random

    from django.db import connection

    from anlan.ground.audiences.counting import cell_of
    from anlan.ground.audiences.models import Recipient

    if Recipient.objects.filter(source_note="bench").count() == PEOPLE:
        return
    dice = random.Random(20)
    points = [(117.0 + dice.gauss(0, 0.25), 36.65 + dice.gauss(0, 0.2)) for _ in range(min(PEOPLE, 20_000))]
    columns = [[lon for lon, _ in points], [lat for _, lat in points], [cell_of(lon, lat) for lon, lat in points]]
    say(f"filling {PEOPLE:,} recipients …")
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audiences_recipient")
        cursor.execute(_FILL, [PEOPLE, *columns, len(points)])
        cursor.execute("VACUUM (ANALYZE) audiences_recipient")
    say(f"filled in {time.monotonic() - begun:.0f} s")


def _say(level: str, place: str) -> Any:
    from anlan.ground.audiences.door import Area
    from anlan.kernel import clock
    from anlan.kernel.access import system_actor
    from anlan.warn.channels import door, services

    text = {"title": "演练", "body": "演练", "short": "【演练】液氯泄漏，关闭门窗，不要外出，等待通知。"}
    saying = door.Saying(
        once=secrets.token_hex(8), source_kind="bench", source_id=None, place_code="370100", title="演练", texts={"zh": text},
        expires=clock.now() + timedelta(hours=2), level=level, exercise=True,
    )  # fmt: skip
    return services.say(saying, area=Area((place,)), actor=system_actor("bench"), now=clock.now())


def _sender(carrier_id: Any, phones: Counting, planned: threading.Event, troubles: list[BaseException]) -> None:
    from django.db import connection

    from anlan.kernel import clock
    from anlan.warn.channels import engine
    from anlan.warn.channels.models import Carrier

    try:
        carrier, worker = Carrier.objects.get(pk=carrier_id), secrets.randbits(62)
        engine.hold_worker(worker)
        while True:
            over = planned.is_set()
            if not engine.hand_over_next(carrier, phones, worker=worker, now=clock.now()):  # type: ignore[arg-type]
                if over:
                    return
                time.sleep(0.02)
    except BaseException as trouble:  # noqa: BLE001 - told by the one who waits
        troubles.append(trouble)
    finally:
        connection.close()


def _told(level: str, place: str, carrier: Any) -> tuple[Counting, float, float, Any]:
    """Say something and hand it all over; the carrier, seconds until the first and until the last, the message."""
    from anlan.warn.channels import dispatcher

    phones, planned, troubles = Counting(), threading.Event(), list[BaseException]()
    begun = time.monotonic()
    message = _say(level, place)
    threads = [threading.Thread(target=_sender, args=(carrier.pk, phones, planned, troubles)) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    dispatcher.plan_waiting()
    planned.set()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return phones, phones.first_at - begun, time.monotonic() - begun, message


def _count_ms() -> float:
    from anlan.ground.audiences.door import Area, count

    worst = 0.0
    ring = tuple((117.0 + 0.2 * x, 36.65 + 0.15 * y) for x, y in ((-1, -1), (1, -0.8), (1.1, 1), (-0.9, 1.1)))
    for area in (Area(("370100",)), Area((), ((ring,),)), Area((), (), ((117.0, 36.65, 5.0),))):
        begun = time.monotonic()
        count(area, level="red")
        worst = max(worst, (time.monotonic() - begun) * 1000)
    return worst


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Fill, count, tell one county at red (the first message), tell everybody."""
    from django.db import connection

    from anlan.warn.channels.models import Carrier, Delivery

    _fill(say)
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE channels_call, channels_callattempt, channels_delivery, channels_batch, channels_message, channels_carrier CASCADE"
        )
    carrier = Carrier.objects.create(name="模拟", channel="sms", adapter="simulated", place_code="000000", batch_size=1000)
    figures = {"count_area_ms": round(_count_ms())}
    _phones, first, _last, _message = _told("red", "370102", carrier)
    figures["approve_to_first_s"] = round(first, 2)
    phones, first, last, message = _told("red", "370100", carrier)
    figures["approve_to_first_s"] = max(figures["approve_to_first_s"], round(first, 2))
    accepted = Delivery.objects.filter(message=message, state=3).count()
    figures |= {
        "recipients": PEOPLE,
        "fanout_per_s": round(PEOPLE / last),
        "unsent": PEOPLE - len(phones.handed) + (PEOPLE - accepted),
        "sent_twice": sum(number > 1 for number in phones.handed.values()),
    }
    say(str(figures))
    return figures
