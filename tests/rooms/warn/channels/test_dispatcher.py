"""The dispatcher asks once for all carriers and wakes their threads: idle threads ask nothing."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from uuid import uuid4

import pytest

from anlan.warn.channels import answering, dispatcher, engine


@pytest.mark.parametrize("waits", [True, False])
def test_threads_are_woken_when_something_waits_and_left_asleep_otherwise(waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    office = dispatcher.Dispatcher(threading.Event())
    sender = SimpleNamespace(wake=threading.Event())
    office.senders[uuid4()] = sender
    monkeypatch.setattr(office, "_carriers", lambda: None)
    monkeypatch.setattr(office.planner, "step", lambda: False)
    monkeypatch.setattr(dispatcher, "sweep", lambda: None)
    monkeypatch.setattr(office.endings, "look", lambda now: 0)
    monkeypatch.setattr(answering, "tell_settled", lambda now: 0)
    monkeypatch.setattr(engine, "anything_waits", lambda: waits)
    assert office.step() is False
    assert sender.wake.is_set() is waits


def test_a_thread_that_is_woken_hands_over_what_came_without_waiting_for_its_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, waiting, handed = threading.Event(), [0, 7], threading.Event()
    sender = object.__new__(dispatcher.Sender)
    sender.stop, sender.quit, sender.wake, sender.worker = stop, threading.Event(), threading.Event(), 1
    monkeypatch.setattr(dispatcher, "ASLEEP_S", 3600.0)
    monkeypatch.setattr(dispatcher, "collect", lambda *_: 0)

    def hand_over_next(*_: object, **__: object) -> int:
        number = waiting.pop(0) if waiting else 0
        if number:
            handed.set()
        return number

    thread = threading.Thread(
        target=sender._work, args=(SimpleNamespace(rate_per_s=None), None, SimpleNamespace(hand_over_next=hand_over_next), lambda: None)
    )
    thread.start()
    sender.wake.set()
    assert handed.wait(30)
    stop.set()
    sender.wake.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.django_db
def test_nothing_waits_in_an_empty_book() -> None:
    assert engine.anything_waits() is False
