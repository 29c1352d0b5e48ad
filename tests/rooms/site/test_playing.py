"""The exercise as a job: called off or refused it leaves nothing, and what happens beside it keeps the node's own time."""

from __future__ import annotations

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.ledger import events
from anlan.ledger.clocks import ClockMissed
from anlan.site.demo import playing
from anlan.site.demo.models import Drill, Playing
from anlan.site.demo.story import people
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.acts import ACTS
from anlan.site.demo.story.people import NobodyThere
from anlan.warn.channels.models import Carrier

pytestmark = pytest.mark.django_db
VISITOR = system_actor("visitor")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cast of nobody, at a works of which only the place is known."""
    monkeypatch.setattr(people, "gather", lambda _now: SimpleNamespace(works=SimpleNamespace(place_code="370114")))


def asked() -> Playing:
    """A playing that waits for its worker."""
    return playing.start(actor=VISITOR, now=clock.now(), queue=lambda _key: None)


def _begin_drill(stage: Any) -> None:
    Drill.objects.create(started_at=clock.now(), started_by="story", ended_at=stage.now)


TRACE = Act("trace", 5, _begin_drill)


def test_what_is_played_reads_the_clock_of_its_night_and_nobody_else_does(nobody: None, clock: Any) -> None:
    row, seen = asked(), []

    def look(_done: int) -> bool:
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
        return True

    playing.perform(row, (TRACE,), look)
    assert Drill.objects.get().started_at == row.began + timedelta(minutes=5)
    assert seen == [clock.now()]
    assert not Carrier.objects.filter(enabled=True).exists()


def test_called_off_in_the_middle_it_leaves_only_its_record(nobody: None, monkeypatch: pytest.MonkeyPatch) -> None:
    row = asked()
    monkeypatch.setattr(playing, "_tell_beside", lambda _beside, _row, done: done < 2)
    playing.work(row.pk, (TRACE, TRACE, TRACE))
    row.refresh_from_db()
    assert row.state == Playing.CANCELLED
    assert not Drill.objects.exists()
    assert not Carrier.objects.exists()


def test_an_act_that_is_refused_fails_the_playing_and_says_why(nobody: None) -> None:
    def refused(_stage: Any) -> None:
        raise NobodyThere(who="x")

    row = asked()
    playing.work(row.pk, (TRACE, Act("refused", 6, refused)))
    row.refresh_from_db()
    assert (row.state, row.problem_facts) == (Playing.FAILED, {"who": "x"})
    assert not Drill.objects.exists()


def test_one_playing_at_a_time_and_each_has_a_night_of_its_own(nobody: None, clock: Any) -> None:
    first = asked()
    with pytest.raises(playing.PlayingUnderWay):
        asked()
    assert playing.cancel(first.pk, actor=VISITOR, now=clock.now()).state == Playing.CANCELLED
    with pytest.raises(playing.NotUnderWay):
        playing.cancel(first.pk, actor=VISITOR, now=clock.now())
    second = asked()
    assert first.began - second.began == timedelta(days=1)
    assert first.began + playing.LASTS <= clock.now() < first.began + playing.LASTS + timedelta(days=1)


def test_what_is_announced_in_hand_is_delivered_there_and_never_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[object] = []
    monkeypatch.setattr(events, "_queue", lambda *ids, urgent: queued.append(ids))
    heard: list[object] = []
    monkeypatch.setattr(events, "deliver", heard.append)
    monkeypatch.setattr(events, "_hearers", {ClockMissed.kind: ("somebody",)})
    about = {"subject_id": VISITOR.account_id, "place_code": "370114", "at": clock.now()}
    event = ClockMissed(**about, label="", subject_type="", owed_by="")
    with events.in_hand() as deliver:
        (made,) = events.announce_all([event])
        assert deliver() == 1
    assert (heard, queued) == ([made.id], [])


def test_acts_are_in_the_order_of_time_and_each_code_is_one_act() -> None:
    assert [act.minutes for act in ACTS] == sorted(act.minutes for act in ACTS)
    assert len({act.code for act in ACTS}) == len(ACTS)
    assert all(act.role and act.seen for act in ACTS if act.told)
