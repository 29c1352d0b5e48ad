"""What lasts at equipment, beyond its connections."""

from __future__ import annotations

from anlan.sense.gateways.remembering import Change, OpenStates

NOW = 1_790_000_000_000


def take(states: OpenStates, sender: str, part: str, active: int, every: int, time_ms: int, now_ms: int) -> Change:
    changes = states.of(sender)
    change = changes.take(part, active, every, time_ms, now_ms)
    changes.keep()
    return change


def test_of_a_part_never_heard_of_everything_is_told() -> None:
    assert take(OpenStates(), "a", "1", 0b01, 0b11, NOW, NOW) == Change(0b01, 0b10, first=True)


def test_afterwards_only_changes_are_told() -> None:
    states = OpenStates()
    take(states, "a", "1", 0b01, 0b11, NOW, NOW)
    assert take(states, "a", "1", 0b01, 0b11, NOW, NOW) == Change(0, 0, first=False)
    assert take(states, "a", "1", 0b10, 0b11, NOW + 1, NOW + 1) == Change(0b10, 0b01, first=False)
    assert take(states, "a", "2", 0, 0b11, NOW, NOW).first
    assert take(states, "b", "1", 0, 0b11, NOW, NOW).first


def test_what_comes_late_may_begin_something_and_ends_nothing() -> None:
    states = OpenStates()
    take(states, "a", "1", 0b01, 0b11, NOW, NOW)
    assert take(states, "a", "1", 0b10, 0b11, NOW - 1, NOW) == Change(0b10, 0, first=False)
    assert take(states, "a", "1", 0, 0b11, NOW + 1, NOW + 1) == Change(0, 0b11, first=False)


def test_a_clock_that_ran_ahead_does_not_keep_an_alarm_open_for_ever() -> None:
    states = OpenStates()
    take(states, "a", "1", 0b1, 0b1, NOW + 10**12, NOW)
    assert take(states, "a", "1", 0, 0b1, NOW + 1, NOW + 1) == Change(0, 0b1, first=False)


def test_memory_is_bounded_and_a_part_beyond_it_is_told_anew() -> None:
    states = OpenStates(most=10)
    for number in range(20):
        take(states, "a", str(number), 1, 1, NOW, NOW)
    assert states.parts("a") == {str(number) for number in range(10, 20)}
    assert states.parts("b") == frozenset()
    assert take(states, "a", "19", 1, 1, NOW, NOW) == Change(0, 0, first=False)
    assert take(states, "a", "0", 1, 1, NOW, NOW) == Change(1, 0, first=True)


def test_what_was_not_made_durable_is_told_again() -> None:
    states = OpenStates()
    lost = states.of("a")
    assert lost.take("1", 1, 1, NOW, NOW) == Change(1, 0, first=True)
    assert lost.take("1", 1, 1, NOW, NOW) == Change(0, 0, first=False)
    assert take(states, "a", "1", 1, 1, NOW, NOW) == Change(1, 0, first=True)
