"""Facts and the merged timeline of a page: order, pages, permission, live triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.desk import facts, timeline

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
PAGE = "tests.timeline"


def _request(*allowed: str) -> Any:
    return SimpleNamespace(actor=SimpleNamespace(may_somewhere=lambda action: action in allowed))


def _kind(code: str, minutes: list[int], action: str | None = None) -> None:
    rows = [timeline.Happening(NOW - timedelta(minutes=m), f"{n:04d}", f"{code}{n}") for n, m in enumerate(minutes)]
    rows.sort(key=lambda row: (row.at, row.key), reverse=True)

    def provider(_subject: object, _request: object, until: datetime, limit: int) -> list[timeline.Happening]:
        return [row for row in rows if row.at <= until][:limit]

    timeline.register(PAGE, code, label=code, order=1, provider=provider, action=action)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_kinds", {})
    monkeypatch.setattr(facts, "_tellers", {})


def _walk(limit: int, kind: str = "") -> list[str]:
    until, skip, told = NOW, 0, []
    for _step in range(200):
        page = timeline.read(PAGE, None, _request("a.view"), until=until, skip=skip, limit=limit, kind=kind)
        told += [str(line.happening.title) for line in page.lines]
        if page.until is None:
            return told
        until, skip = page.until, page.skip
    raise AssertionError("the timeline does not end")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5))
def test_pages_tell_everything_once_and_newest_first_however_many_share_a_moment(one: list[int], two: list[int], limit: int) -> None:
    timeline._kinds.clear()
    _kind("x", one)
    _kind("y", two)
    told = _walk(limit)
    assert sorted(told) == sorted([f"x{n}" for n in range(len(one))] + [f"y{n}" for n in range(len(two))])
    ages = {f"x{n}": m for n, m in enumerate(one)} | {f"y{n}": m for n, m in enumerate(two)}
    assert [ages[title] for title in told] == sorted(ages.values())


def test_one_kind_alone_is_told_when_it_is_asked_for() -> None:
    _kind("x", [1, 2])
    _kind("y", [3])
    assert _walk(5, "y") == ["y0"]


def test_a_kind_that_needs_a_permission_is_neither_offered_nor_told_without_it() -> None:
    _kind("x", [1])
    _kind("y", [2], action="b.view")
    assert [kind.code for kind in timeline.kinds(PAGE, _request("a.view"))] == ["x"]
    assert _walk(5) == ["x0"]
    assert _walk(5, "y") == []


def test_facts_stand_in_their_order_and_are_told_to_those_who_may_read_them() -> None:
    facts.register(PAGE, "late", order=20, provider=lambda *_: [facts.Fact("逾期", "3", "red")], action="a.view", live=("x.changed",))
    facts.register(PAGE, "first", order=10, provider=lambda *_: [facts.Fact("级别", "一级")], live=("x.changed", "y.changed"))
    facts.register(PAGE, "secret", order=5, provider=lambda *_: [facts.Fact("密", "1")], action="b.view")
    assert [fact.value for fact in facts.gather(PAGE, None, _request("a.view"))] == ["一级", "3"]
    assert facts.trigger(PAGE) == "every 60s, sse:x.changed from:body delay:2s, sse:y.changed from:body delay:2s"
