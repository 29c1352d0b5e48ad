"""A million people told by the node's own processes through carriers in processes of their own, whose books are what is counted.

``fanout_per_s``: people per second from the saying of a red warning until the last of them stands in a carrier's book, planning included.
``unsent``: people of the audience in no book; ``sent_twice``: addresses that stand in the books more than once. ``approve_to_first_s``: from pressing
"approve" of a bulletin (its page, the second pair of eyes) until the first person stands in a book: the worst of ten on a running node (web, worker,
dispatcher); ``approve_to_first_busy_s``: the same in the middle of the million. ``restart_to_first_s``: the dispatcher is killed, started again, and a
warning waits: until the first person. ``count_area_ms``: an audience of the million counted by place and by drawn areas (the slowest).
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from tests.rooms.warn.channels.bookkeeper import PROJECT, Book, bookkeeper

from anlan.site.launcher.node import free_port
from anlan.site.worker import LANES

PEOPLE = int(os.environ.get("ANLAN_BENCH_RECIPIENTS", "1000000"))
CARRIERS = 2
APPROVALS = 10
CITY = "370100"
COUNTIES = [f"3701{number:02d}" for number in (2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 24, 26)]
LIMITS = {"fanout_per_s": 5000, "unsent": 0, "sent_twice": 0, "approve_to_first_s": 2.0, "count_area_ms": 1000}
PATIENCE_S = 120


def _fill(say: Callable[[str], None]) -> None:
    from django.db import connection
    from tests import registers

    from anlan.ground.audiences.models import Recipient

    if Recipient.objects.filter(source_note="bench 2").count() == PEOPLE:
        return
    say(f"filling {PEOPLE:,} recipients …")
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audiences_recipient")
        registers.fill(PEOPLE, COUNTIES, note="bench 2")
        cursor.execute("VACUUM (ANALYZE) audiences_recipient")
    say(f"filled in {time.monotonic() - begun:.0f} s")


def _count_ms() -> float:
    from anlan.ground.audiences.door import Area, count

    worst = 0.0
    ring = tuple((117.0 + 0.2 * x, 36.65 + 0.15 * y) for x, y in ((-1, -1), (1, -0.8), (1.1, 1), (-0.9, 1.1)))
    for area in (Area((CITY,)), Area((), ((ring,),)), Area((), (), ((117.0, 36.65, 5.0),))):
        begun = time.monotonic()
        count(area, level="red")
        worst = max(worst, (time.monotonic() - begun) * 1000)
    return worst


# --- The node -------------------------------------------------------------------------------------------------------------


@contextmanager
def _process(environment: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_pages(url: str) -> None:
    """Wait until the pages answer."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError("the pages do not answer")


class Node:
    """Web, worker and dispatcher on the bench's database, as the launcher runs them, and the carriers' books."""

    def __init__(self, stack: ExitStack, books: list[Book]) -> None:
        self.stack, self.books, self.port = stack, books, free_port()
        self.environment = {**os.environ, "ANLAN_CARRIER_HOSTS": ",".join(book.address for book in books), "ANLAN_DEMO": "0"}
        granian = str(Path(sys.executable).parent / "granian")
        web = (
            "--interface",
            "asgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--workers",
            "1",
            "--no-ws",
            "anlan.site.asgi:application",
        )
        stack.enter_context(_process(self.environment, granian, *web))
        for lane in LANES:
            stack.enter_context(_process(self.environment, sys.executable, "-m", "anlan.site.worker", lane))
        self.dispatcher = self.dispatch()

    def dispatch(self) -> subprocess.Popen[bytes]:
        """Start a dispatcher."""
        return self.stack.enter_context(_process(self.environment, sys.executable, "-m", "anlan.warn.channels.dispatcher"))

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def told(self) -> int:
        """How many stand in the books."""
        return sum(book.size() for book in self.books)

    def first_of(self, message_id: str) -> float:
        """When the first person of a message stood in a book (seconds since 1970)."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = [at for book in self.books if (at := book.first_of(message_id)) is not None]
            if found:
                return min(found)
            time.sleep(0.2)
        raise RuntimeError("nobody was told")

    def until_told(self, wanted: int) -> None:
        """Wait until so many stand in the books, or until there come no more."""
        seen, moved = -1, time.monotonic()
        while seen < wanted and time.monotonic() - moved < PATIENCE_S:
            time.sleep(0.5)
            now = self.told()
            if now != seen:
                seen, moved = now, time.monotonic()


class Desk:
    """Who writes a bulletin and who approves it, signed in at the node's pages."""

    def __init__(self, node: Node) -> None:
        from tests.accounts import actor_of, client_of, make_account

        mark = secrets.token_hex(3)
        self.writer = actor_of(make_account(f"writer-{mark}", "duty_officer", CITY))
        approver = make_account(f"approver-{mark}", "approver", CITY)
        session, self.token = client_of(approver).cookies["anlan_session"].value, secrets.token_hex(16)
        self.client = httpx.Client(base_url=node.url, timeout=60, headers={"Cookie": f"anlan_session={session}; anlan_csrf={self.token}"})

    def submitted(self, county: str) -> Any:
        """A red warning of a county that waits for its approval."""
        from anlan.kernel import clock
        from anlan.warn.bulletins import services

        now = clock.now()
        bulletin = services.draft(
            actor=self.writer, now=now, place_code=CITY, event_code="12D00", level="red", headline="液氯泄漏红色预警", description="某企业液氯泄漏。",
            instruction="关闭门窗，不要外出。", area_codes=[county], onset=now, expires=now + timedelta(hours=6), issuer_name="济南市应急管理局",
        )  # fmt: skip
        services.submit(bulletin, actor=self.writer, now=now)
        return bulletin

    def approve(self, bulletin: Any, node: Node) -> float:
        """Read its page and press "approve"; seconds from pressing until the first person was told."""
        from anlan.warn.channels.models import Message

        self.client.get(f"/warnings/{bulletin.pk}/").raise_for_status()
        pressed = time.time()
        answer = self.client.post(f"/warnings/{bulletin.pk}/move/approve/", headers={"X-CSRFToken": self.token, "Referer": node.url})
        if answer.status_code != 302:
            raise RuntimeError(f"not approved: {answer.status_code}")
        until = time.monotonic() + PATIENCE_S
        while (message := Message.objects.filter(source_id=bulletin.pk).first()) is None and time.monotonic() < until:
            time.sleep(0.1)
        return node.first_of(str(message.pk if message else "")) - pressed


# --- What is measured -----------------------------------------------------------------------------------------------------


def _approvals(desk: Desk, node: Node) -> list[float]:
    from anlan.warn.channels import services
    from anlan.warn.channels.models import Message

    found = []
    for bulletin in [desk.submitted(county) for county in COUNTIES[:APPROVALS]]:
        found.append(desk.approve(bulletin, node))
        for message in Message.objects.filter(source_id=bulletin.pk):
            services.stop(message.pk, actor=services.KEEPER, now=message.approved_at)
    time.sleep(2)
    return found


def _say() -> Any:
    from anlan.ground.audiences.door import Area
    from anlan.kernel import clock
    from anlan.warn.channels import door, services

    text = {"title": "预警", "body": "预警", "short": "液氯泄漏，关闭门窗，不要外出，等待通知。"}
    saying = door.Saying(
        once=secrets.token_hex(8), source_kind="bench", source_id=None, place_code=CITY, title="预警", texts={"zh": text},
        expires=clock.now() + timedelta(hours=2), level="red",
    )  # fmt: skip
    return services.say(saying, area=Area((CITY,)), actor=services.KEEPER, now=clock.now())


def _everybody(desk: Desk, node: Node) -> dict[str, float]:
    """Tell everybody, and approve another bulletin in the middle of it."""
    urgent = desk.submitted(COUNTIES[-1])
    before, begun = node.told(), time.time()
    message = str(_say().pk)
    while node.told() - before < PEOPLE * 0.4:
        time.sleep(0.2)
    busy = desk.approve(urgent, node)
    others = PEOPLE // len(COUNTIES)
    node.until_told(before + PEOPLE + others)
    rows = [(address, at) for book in node.books for _key, address, said, at in book.lines() if said == message]
    told = Counter(address for address, _at in rows)
    return {
        "fanout_per_s": round((len(rows) + others) / (max(at for _address, at in rows) - begun)),
        "unsent": PEOPLE - len(told),
        "sent_twice": sum(number > 1 for number in told.values()),
        "approve_to_first_busy_s": round(busy, 2),
    }


def _restarted(node: Node) -> float:
    """A warning is said while no dispatcher runs; seconds from its start until the first person."""
    from anlan.warn.channels import services

    node.dispatcher.kill()
    node.dispatcher.wait()
    message, begun = _say(), time.time()
    node.dispatch()
    first = node.first_of(str(message.pk)) - begun
    services.stop(message.pk, actor=services.KEEPER, now=message.approved_at)
    return first


def _emptied() -> None:
    from django.db import connection

    from anlan.kernel import clock
    from anlan.warn.bulletins.models import Bulletin

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE channels_call, channels_callattempt, channels_delivery, channels_queued, channels_watch, channels_batch, channels_message, "
            "channels_carrier CASCADE"
        )
    # Bulletins of an earlier run that are in force would have to be answered one by one.
    Bulletin.objects.filter(expires__gt=clock.now()).update(expires=clock.now())


def _carriers(books: list[Book]) -> None:
    from anlan.warn.channels.models import Carrier

    for number, book in enumerate(books):
        Carrier.objects.create(
            name=f"短信网关 {number + 1}", channel="sms", adapter="sms_http", endpoint=book.address, place_code="000000", batch_size=500
        )


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Fill, count; approve ten bulletins; tell everybody; restart."""
    _fill(say)
    figures: dict[str, float] = {"recipients": PEOPLE, "count_area_ms": round(_count_ms())}
    _emptied()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anlan-books-")))
        books = [stack.enter_context(bookkeeper(folder / str(number))) for number in range(CARRIERS)]
        _carriers(books)
        node = Node(stack, books)
        wait_for_pages(node.url)
        desk = Desk(node)
        waited = _approvals(desk, node)
        say(f"approve to first: {[round(each, 2) for each in waited]}")
        figures |= {"approve_to_first_s": round(max(waited), 2), "approve_to_first_p50_s": round(median(waited), 2)}
        figures |= _everybody(desk, node)
        say(str(figures))
        figures["restart_to_first_s"] = round(_restarted(node), 2)
    say(str(figures))
    return figures
