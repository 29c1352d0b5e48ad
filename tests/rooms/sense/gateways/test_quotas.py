"""Quotas: what lies within is let through, what exceeds is refused, a new minute begins anew, and nobody else is touched."""

from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.gateways.quotas import MINUTE_MS, Quotas
from anlan.wire.registry import Entry


def bounded(messages=0, readings=0):
    quotas = Quotas()
    quotas.learn(Entry("c1", True, (), messages, readings))
    return quotas


def test_messages_beyond_the_quota_wait_for_the_next_minute():
    quotas = bounded(messages=2)
    assert [quotas.take("c1", 5, 1000) for _message in range(3)] == [True, True, False]
    assert quotas.take("c1", 5, MINUTE_MS)


def test_a_credential_without_a_quota_is_never_refused():
    quotas = bounded(messages=1)
    assert all(quotas.take("c2", 10_000, 0) for _message in range(1000))


def test_one_large_message_is_let_through_at_the_beginning_of_a_minute_and_none_after_it():
    quotas = bounded(readings=100)
    assert quotas.take("c1", 5000, 0)
    assert not quotas.take("c1", 1, 1)


def test_a_quota_taken_away_or_changed_holds_at_once():
    quotas = bounded(messages=1)
    assert quotas.take("c1", 1, 0) and not quotas.take("c1", 1, 1)
    quotas.learn(Entry("c1", True, (), 3, 0))
    assert quotas.take("c1", 1, 2)
    quotas.learn(Entry("c1", True))
    assert all(quotas.take("c1", 1, 3) for _message in range(10))


@given(st.integers(1, 50), st.integers(1, 500), st.lists(st.integers(1, 200), max_size=100))
def test_no_minute_holds_more_than_was_granted_but_for_its_first_message(messages, readings, sizes):
    quotas = bounded(messages, readings)
    taken = [size for size in sizes if quotas.take("c1", size, 7)]
    assert len(taken) <= messages
    assert sum(taken) <= max(readings, taken[0] if taken else 0)
