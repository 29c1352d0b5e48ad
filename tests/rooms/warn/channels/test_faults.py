"""The dispatcher is killed in the middle of three sends at once and started again: what each person got is read in the carriers' own books."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.rooms.warn.channels.bookkeeper import PROJECT, Book, bookkeeper
from tests.rooms.warn.channels.carriers import TESTS
from tests.rooms.warn.channels.loopback import Centre, centre

from anlan.ground.audiences.door import Area
from anlan.ground.audiences.models import Recipient
from anlan.ground.audiences.services import import_recipients
from anlan.kernel import clock
from anlan.warn.channels import monitor, services
from anlan.warn.channels.door import Saying
from anlan.warn.channels.models import Batch, Carrier, Delivery, Message
from anlan.warn.channels.rules import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
ASKED, LIAR, MUTE = "370102", "370103", "370104"
"""A county whose carrier can be asked, one whose carrier forgets and lies, one whose carrier cannot be asked."""
EACH, BATCH, MUTE_BATCH = 300, 100, 50


@contextmanager
def running(hosts: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real process on the test's database."""
    held: dict[str, Any] = connection.settings_dict
    port = f"&port={held['PORT']}" if held["PORT"] else ""
    url = f"postgres:///{held['NAME']}?host={held['HOST']}&user={held['USER']}{port}"
    environment = {
        **os.environ,
        "ANLAN_DATABASE_URL": url,
        "ANLAN_CARRIER_HOSTS": hosts,
        "ANLAN_CARRIER_SECRET_SMPP": "s3cret",
        "ANLAN_DEMO": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "anlan.warn.channels.dispatcher"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"in vain: {counts()}"
        time.sleep(0.1)


def counts() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for message in Message.objects.all():
        lines = monitor.lines(message)
        found[message.place_code] = {f"{line.code} {state.name}": number for line in lines for state, number in line.counts.items()}
    return found


def said(county: str) -> None:
    rows = [
        {"name": f"示例{n}", "role": "resident", "place_code": f"{county}001", "phone": f"1{county}{n:04d}", "consented": True}
        for n in range(EACH)
    ]
    import_recipients(rows, actor=TESTS, now=clock.now())
    words = {"title": "液氯泄漏", "body": "关闭门窗。", "short": "关闭门窗。"}
    saying = Saying(
        once=county, source_kind="tests", source_id=None, place_code=county, title="液氯泄漏", texts={"zh": words}, level="red",
        expires=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    services.say(saying, area=Area((county,)), actor=TESTS, now=clock.now())


def registered(county: str, channel: str, adapter: str, endpoint: str, **more: Any) -> Carrier:
    return Carrier.objects.create(
        name=f"{county} {channel}", channel=channel, adapter=adapter, endpoint=endpoint, place_code=county, **more
    )


@pytest.fixture
def carriers(tmp_path: Path) -> Iterator[tuple[Book, Book, Centre, Book]]:
    """Two gateways that hang with their second hundred, a centre that falls silent, and a gateway of voice that is well."""
    with (
        bookkeeper(tmp_path / "asked", hangs_at=2 * BATCH) as asked,
        bookkeeper(tmp_path / "liar", hangs_at=2 * BATCH, forgets=True, receipts=True, double=True, strays=5) as liar,
        bookkeeper(tmp_path / "voice") as voice,
        centre() as mute,
    ):
        mute.mute_from, mute.receipts = 2 * MUTE_BATCH, False
        registered(ASKED, "sms", "sms_http", asked.address, batch_size=BATCH)
        registered(LIAR, "sms", "sms_http", liar.address, batch_size=BATCH)
        options = {"system_id": "anlan", "source": "10690000"}
        registered(MUTE, "sms", "sms_smpp", f"smpp://127.0.0.1:{mute.port}", batch_size=MUTE_BATCH, secret="smpp", options=options)
        registered("370100", "voice", "voice_http", voice.address, batch_size=BATCH)
        yield asked, liar, mute, voice


def test_a_dispatcher_killed_in_the_middle_of_sending_tells_everybody_and_nobody_twice(carriers) -> None:
    asked, liar, mute, voice = carriers
    hosts = ",".join([asked.address, liar.address, voice.address, f"127.0.0.1:{mute.port}"])
    for county in (ASKED, LIAR, MUTE):
        said(county)
    with running(hosts) as first:
        # Each of the three has told a batch that it does not answer for: all three threads are in the middle of sending.
        until(lambda: asked.size() == liar.size() == 2 * BATCH and mute.rang.total() == 3 * MUTE_BATCH)
        first.kill()
        first.wait()
    assert Batch.objects.filter(settled_at=None).count() == 3
    mute.mute_from = 0
    with running(hosts):
        until(lambda: asked.size() == liar.size() == EACH and mute.rang.total() == EACH)
        until(lambda: counts()[ASKED] == {"sms ACCEPTED": EACH} and counts()[LIAR] == {"sms DELIVERED": EACH})
        # Nobody can say what became of the silent centre's last batch: the page says unknown, and nothing is sent again there.
        until(lambda: counts()[MUTE] == {"sms ACCEPTED": EACH - MUTE_BATCH, "sms UNKNOWN": MUTE_BATCH})
        unknown = set(Delivery.objects.filter(state=State.UNKNOWN).values_list("address", flat=True))
        with connection.cursor() as cursor:
            # Three minutes later.
            cursor.execute("UPDATE channels_delivery SET follow_at = now() WHERE state = 2")
            cursor.execute("UPDATE channels_batch SET look_at = now() WHERE unclear")
        until(lambda: voice.size() >= MUTE_BATCH and counts()[MUTE].get("voice ACCEPTED") == MUTE_BATCH)

    everybody = {
        county: set(Recipient.objects.filter(place_code=f"{county}001").values_list("phone", flat=True)) for county in (ASKED, LIAR, MUTE)
    }
    assert asked.told() == dict.fromkeys(everybody[ASKED], 1)
    assert liar.told() == dict.fromkeys(everybody[LIAR], 1), (
        "it said that it had never heard of them, and was given them under the same keys"
    )
    assert mute.rang == dict.fromkeys(everybody[MUTE], 1)
    assert voice.told() == dict.fromkeys(unknown, 1)
    assert counts() == {
        ASKED: {"sms ACCEPTED": EACH},
        LIAR: {"sms DELIVERED": EACH},
        MUTE: {"sms ACCEPTED": EACH - MUTE_BATCH, "sms UNKNOWN": MUTE_BATCH, "voice ACCEPTED": MUTE_BATCH},
    }
    lied = Carrier.objects.get(adapter="sms_http", place_code=LIAR)
    assert lied.contradictions >= 5, "receipts for keys that it was never handed are counted against it"
    assert Counter(Carrier.objects.exclude(pk=lied.pk).values_list("contradictions", flat=True)) == {0: 3}
