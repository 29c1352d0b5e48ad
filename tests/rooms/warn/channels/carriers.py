"""Fake carriers that do what bad carriers do, and a small audience to send to. For tests only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from anlan.ground.audiences.models import Recipient
from anlan.ground.audiences.services import import_recipients
from anlan.kernel.access import system_actor
from anlan.warn.channels import services
from anlan.warn.channels.adapters.contract import NEVER_HEARD, Answer, NotSent, Outgoing, ReceiptNote, Result, Told, Unclear
from anlan.warn.channels.door import Saying
from anlan.warn.channels.models import Carrier, Message

NOW = datetime(2026, 11, 22, 1, 18, tzinfo=UTC)  # 09:18 in China
TESTS = system_actor("tests")


class Killed(BaseException):
    """The worker was killed: nothing after this line runs."""


class Phones:
    """A carrier that keeps count of what reaches each telephone.

    ``once``: it takes a key only once. ``hangs``: it takes the batch and never answers. ``deaf``: the line breaks before it hears anything.
    ``busy``: it says "later". ``dies_after``: the worker is killed once so many of a batch went out. ``lies``: receipts for what it was never handed.
    """

    def __init__(self, *, once: bool = True, answers: bool = True) -> None:
        self.once, self.answers = once, answers
        self.hangs = self.deaf = self.busy = self.lies = False
        self.dies_after: int | None = None
        self.rang: Counter[str] = Counter()
        self.keys: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.order: list[str] = []
        self.data: dict[str, object] = {}

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        if self.deaf:
            raise Unclear(carrier="phones", why="no line")
        if self.busy:
            raise NotSent(carrier="phones", why="busy")
        for number, each in enumerate(batch):
            if self.dies_after is not None and number >= self.dies_after:
                raise Killed
            if not (self.once and each.key in self.keys):
                self.rang[each.address] += 1
                self.order.append(each.level)
            self.keys[each.key], self.texts[each.address], self.data[each.address] = each.address, each.text, each.data
        if self.hangs:
            raise Unclear(carrier="phones", why="timed out")
        return [Result(Answer.ACCEPTED)] * len(batch)

    def receipts(self) -> list[ReceiptNote]:
        return [ReceiptNote(Told.DELIVERED, NOW, "ffffffffffff-999999999")] if self.lies else []

    def ask(self, keys: Sequence[str]) -> dict[str, str]:
        if not self.answers:
            return {}
        return {key: Told.ACCEPTED if key in self.keys else NEVER_HEARD for key in keys}

    def check(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is open."""


def carrier(channel: str = "sms", **more: Any) -> Carrier:
    """A simulated carrier of the nation, as records go; tests put their own :class:`Phones` in its place."""
    return Carrier.objects.create(name=f"模拟{channel}", channel=channel, adapter="simulated", place_code="000000", **more)


def people(count: int, *, place_code: str = "370102001", role: str = "resident", start: int = 0, **more: Any) -> list[Recipient]:
    """So many recipients with telephones of their own, consenting."""
    rows = [
        {"name": f"示例{n}", "role": role, "place_code": place_code, "phone": f"1000{start + n:07d}", "consented": True, **more}
        for n in range(count)
    ]
    import_recipients(rows, actor=TESTS, now=NOW)
    return list(Recipient.objects.filter(place_code=place_code, role=role).order_by("phone"))


def said(area: Any, *, level: str = "red", exercise: bool = True, **more: Any) -> Message:
    """A message that is being sent; of an exercise, so that simulated carriers may take it."""
    text = {"title": "液氯泄漏红色预警", "body": "关闭门窗，不要外出。", "short": "液氯泄漏，关闭门窗，不要外出。"}
    more.setdefault("expires", NOW + timedelta(hours=6))
    saying = Saying(
        once=more.pop("once", f"test:{level}:{Message.objects.count()}"),
        source_kind="tests",
        source_id=more.pop("source_id", None),
        place_code="370102",
        title=text["title"],
        texts={"zh": text, "en": {"title": "Chlorine", "body": "Close windows.", "short": "Close windows."}},
        level=level,
        exercise=exercise,
        **{key: more.pop(key) for key in ("expires", "test") if key in more},
    )
    return services.say(saying, area=area, actor=TESTS, now=NOW, **more)
