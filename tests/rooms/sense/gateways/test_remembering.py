"""What lasts at equipment, beyond its connections."""

from __future__ import annotations

from anlan.sense.gateways.remembering import Change, OpenStates

NOW = 1_790_000_000_000


def test_of_a_part_never_heard_of_everything_is_told() -> None:
    assert OpenStates().take("a", "1", 0b01, 0b11, NOW, NOW) == Change(0b01, 0b10, first=True)


def test_afterwards_only_changes_are_told() -> None:
    states = OpenStates()
    states.take("a", "1", 0b01, 0b11, NOW, NOW)
    assert states.take("a", "1", 0b01, 0b11, NOW, NOW) == Change(0, 0, first=False)
    assert states.take("a", "1", 0b10, 0b11, NOW + 1, NOW + 1) == Change(0b10, 0b01, first=False)
    assert states.take("a", "2", 0, 0b11, NOW, NOW).first
    assert states.take("b", "1", 0, 0b11, NOW, NOW).first


def test_what_comes_late_may_begin_something_and_ends_nothing() -> None:
    states = OpenStates()
    states.take("a", "1", 0b01, 0b11, NOW, NOW)
    assert states.take("a", "1", 0b10, 0b11, NOW - 1, NOW) == Change(0b10, 0, first=False)
    assert states.take("a", "1", 0, 0b11, NOW + 1, NOW + 1) == Change(0, 0b11, first=False)


def test_a_clock_that_ran_ahead_does_not_keep_an_alarm_open_for_ever() -> None:
    states = OpenStates()
    states.take("a", "1", 0b1, 0b1, NOW + 10**12, NOW)
    assert states.take("a", "1", 0, 0b1, NOW + 1, NOW + 1) == Change(0, 0b1, first=False)


def test_memory_is_bounded_and_a_part_beyond_it_is_told_anew() -> None:
    states = OpenStates(most=10)
    for number in range(20):
        states.take("a", str(number), 1, 1, NOW, NOW)
    assert states.parts("a") == {str(number) for number in range(10, 20)}
    assert states.parts("b") == frozenset()
    assert states.take("a", "19", 1, 1, NOW, NOW) == Change(0, 0, first=False)
    assert states.take("a", "0", 1, 1, NOW, NOW) == Change(1, 0, first=True)
