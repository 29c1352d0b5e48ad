"""The caller of one node's link: when it calls, what it keeps for its next call, and how long it waits after one that failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import InterfaceError
from tests.rooms.federation.others import PROVINCE, Other, city, posted

from anlan.federation import courier, link
from anlan.federation.models import ABOVE, Node
from anlan.federation.outbox import TAKEN, Answer
from anlan.federation.refusals import LinkFailed
from anlan.kernel.levels import Level

pytestmark = pytest.mark.django_db
ANSWER = Answer(UUID(int=1), TAKEN)


class Calls:
    """Stands where the link stands: what each call says is written down, and it ends as it is told."""

    def __init__(self) -> None:
        self.answers: list[list[Answer]] = []
        self.ends: list[Any] = []

    def __call__(self, _node: Node, _post: object, *, now: Callable[[], object], answers: list[Answer]) -> Any:
        self.answers.append(list(answers))
        end = self.ends.pop(0) if self.ends else (link.Exchanged(0, 0, more=False), [])
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Calls:
    found = Calls()
    monkeypatch.setattr(link, "call", found)
    return found


@pytest.fixture
def province() -> Other:
    city()
    return Other("山东省", Level.PROVINCE, PROVINCE)


def one() -> courier.Courier:
    """A courier that was told to stop: it waits for nothing."""
    stop = threading.Event()
    stop.set()
    return courier.Courier(stop)


def test_a_node_without_one_above_calls_nobody(called: Calls) -> None:
    city()
    assert one().step() is False and called.answers == []


def test_it_calls_when_something_waits_and_otherwise_once_in_a_while(
    called: Calls, province: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.known(ABOVE)
    moment = 100.0
    monkeypatch.setattr(courier.time, "monotonic", lambda: moment)
    caller = one()
    caller.step()
    caller.step()
    assert len(called.answers) == 1, "it called a moment ago and nothing waits"
    posted(province.bureau)
    caller.step()
    assert len(called.answers) == 2
    Node.objects.filter(relation=ABOVE).get().outbox.all().delete()
    moment += courier.FETCH_S
    caller.step()
    assert len(called.answers) == 3


def test_what_it_fetched_is_answered_for_with_the_next_call_also_when_one_failed_between(called: Calls, province: Other) -> None:
    province.known(ABOVE)
    called.ends = [(link.Exchanged(0, 1, more=True), [ANSWER]), LinkFailed(node="山东省", why="x")]
    caller = one()
    assert caller.step() is True and caller.step() is False
    caller.step()
    assert called.answers == [[], [ANSWER], [ANSWER]]
    assert caller.answers == []


def test_after_calls_that_failed_it_waits_ever_longer_until_one_succeeds(called: Calls, province: Other) -> None:
    above = province.known(ABOVE)
    called.ends = [LinkFailed(node="山东省", why=f"reason {number}") for number in range(6)]
    caller, pauses = one(), []
    for _ in range(6):
        caller.step()
        pauses.append(caller._pause)
    above.refresh_from_db()
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0] and "reason 5" in above.trouble and above.failing_since is not None
    caller.step()
    assert caller._pause == 0.0


def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, steps = threading.Event(), []

    class Away(courier.Courier):
        def step(self) -> bool:
            steps.append(1)
            if len(steps) == 2:
                self.stop.set()
            raise InterfaceError("the connection is closed")

    monkeypatch.setattr(stop, "wait", lambda _seconds: None)
    Away(stop).run()
    assert len(steps) == 2
