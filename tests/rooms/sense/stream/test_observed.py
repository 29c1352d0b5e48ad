"""Questions for single readings: nothing sent becomes SQL, windows are walked from the end asked first, and the answer is right."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.stream import observed
from anlan.sense.stream.observed import FIRST_WINDOW_MS, MalformedCondition, Question, checked

T = 1_790_000_000_000


class Table:
    """Answers the few forms of query that are asked, and keeps which stretch of time each one read."""

    def __init__(self, rows):
        self.rows = sorted(rows, key=lambda row: row[1])
        self.read = []

    def ask(self, text, parameters):
        if "LIMIT 1 " in text:
            ends = self.rows[-1:] if "DESC" in text else self.rows[:1]
            return [(row[1],) for row in ends]
        since, until = parameters["since"], parameters["until"]
        self.read.append((since, until))
        found = [row for row in self.rows if since <= row[1] < until]
        if "ORDER BY time DESC" in text:
            found.reverse()
        start = parameters["offset"]
        return found[start : start + parameters["limit"]]


@given(
    st.lists(st.integers(0, 50 * FIRST_WINDOW_MS), unique=True, max_size=30),
    st.booleans(),
    st.integers(1, 12),
    st.integers(0, 12),
    st.one_of(st.none(), st.integers(0, 50 * FIRST_WINDOW_MS)),
)
def test_walking_in_windows_answers_what_reading_everything_would(times, descending, limit, offset, since):
    rows = [(7, T + at, float(at), 0) for at in times]
    question = Question([7], None if since is None else T + since, None, None, "time", descending, limit, offset)
    table = Table(rows)
    expected = sorted((row for row in rows if since is None or row[1] >= T + since), key=lambda row: row[1], reverse=descending)
    assert observed.find(question, table.ask, "t") == expected[offset : offset + limit]


def test_the_newest_readings_of_a_year_cost_a_window_and_not_the_year():
    table = Table([(7, T + at * 60_000, 1.0, 0) for at in range(0, 525_600, 100)])
    assert len(observed.find(Question([7], descending=True, limit=10), table.ask, "t")) == 10
    assert sum(until - since for since, until in table.read) < 25 * FIRST_WINDOW_MS


def test_a_condition_becomes_fixed_words_and_parameters():
    parameters = {}
    node = [
        "or",
        ["and", ["gt", ["mul", ["result"], ["number", 2]], ["number", 5.5]], ["not", ["eq", ["hour", ["time"]], ["number", 3]]]],
        ["le", ["time"], ["ms", T]],
    ]
    text = observed.condition(node, parameters)
    assert text == (
        "((((value * {p0:Float64}) > {p1:Float64}) AND (NOT (toHour(time) = {p2:Float64}))) OR (toUnixTimestamp64Milli(time) <= {p3:Int64}))"
    )
    assert parameters == {"p0": 2.0, "p1": 5.5, "p2": 3.0, "p3": T}


words = st.one_of(
    st.text(max_size=12), st.sampled_from(["and", "or", "not", "eq", "gt", "result", "time", "number", "ms", "add", "round", "hour"])
)
nodes = st.recursive(
    st.one_of(st.none(), st.integers(), st.floats(), words, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.builds(lambda word, rest: [word, *rest], words, st.lists(inner, max_size=3))),
    max_leaves=15,
)
ALLOWED = re.compile(
    r"(?:toUnixTimestamp64Milli|to(?:Year|Month|DayOfMonth|Hour|Minute|Second)|round|floor|ceil|value|time|AND|OR|NOT|1|\{p\d+:(?:Float64|Int64)\}|[-+*/%=<>!() ])*"
)


@given(nodes)
def test_whatever_is_sent_no_word_of_it_reaches_a_query(node):
    try:
        text = observed.condition(node, {})
    except MalformedCondition:
        return
    assert ALLOWED.fullmatch(text), text


def test_a_condition_without_end_is_refused():
    node = ["gt", ["result"], ["number", 1]]
    for _level in range(60):
        node = ["not", node]
    with pytest.raises(MalformedCondition):
        observed.condition(node, {})


@pytest.mark.parametrize(
    "question",
    [
        Question([]),
        Question([1, 2]),
        Question([1], by="value"),
        Question([1], by="quality"),
        Question([1], limit=0),
        Question([1], limit=10**9),
        Question([1], offset=-1),
        Question([1], where=["drop"]),
    ],
)
def test_questions_that_would_read_everything_or_mean_nothing_are_refused(question):
    with pytest.raises(MalformedCondition):
        checked(question)
