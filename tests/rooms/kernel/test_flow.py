"""The flow engine: what it allows, what it refuses, and how it finds a faulty table."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.flow import STAYS, Flow, FourEyes, MissingFields, Move, ReasonRequired, State, WrongState

FLOW = Flow(
    code="paper",
    label="文件",
    initial="draft",
    states=(State("draft", "草稿"), State("pending", "待批"), State("done", "办结", final=True)),
    moves=(
        Move("submit", "提交", ("draft",), "pending", "papers.submit", requires=("title",)),
        Move("approve", "批准", ("pending",), "done", "papers.approve", not_by=("drafted_by",)),
        Move("return", "退回", ("pending",), "draft", "papers.approve", reason_required=True),
    ),
    field_labels={"title": "标题"},
)
ME, OTHER = uuid4(), uuid4()


def test_a_move_from_the_right_state_with_everything_filled_is_allowed():
    assert FLOW.check("submit", "draft", {"title": "x"}, ME, {}).target == "pending"


def test_a_move_from_another_state_is_refused_with_both_names():
    with pytest.raises(WrongState) as refused:
        FLOW.check("approve", "draft", {}, ME, {})
    assert refused.value.facts == {"state": "草稿", "move": "批准"}


@pytest.mark.parametrize("value", ["", None, [], {}])
def test_a_missing_field_is_named_by_its_label(value):
    with pytest.raises(MissingFields) as refused:
        FLOW.check("submit", "draft", {"title": value}, ME, {})
    assert "标题" in refused.value.message()


def test_zero_and_false_count_as_filled():
    assert FLOW.check("submit", "draft", {"title": 0}, ME, {})
    assert FLOW.check("submit", "draft", {"title": False}, ME, {})


def test_nobody_approves_his_own_draft():
    with pytest.raises(FourEyes):
        FLOW.check("approve", "pending", {}, ME, {"drafted_by": ME})
    assert FLOW.check("approve", "pending", {}, OTHER, {"drafted_by": ME}).target == "done"


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_that_is_asked_for_must_say_something(reason):
    with pytest.raises(ReasonRequired):
        FLOW.check("return", "pending", {}, ME, {}, reason)


def test_a_sound_table_has_no_problems():
    assert FLOW.problems() == []


@pytest.mark.parametrize(
    ("states", "moves", "problem"),
    [
        ((State("a", "a"), State("b", "b", final=True)), (), "cannot be reached"),
        ((State("a", "a"), State("b", "b")), (Move("m", "m", ("a",), "b", "x.y"),), "dead end"),
        ((State("a", "a"), State("b", "b", final=True)), (Move("m", "m", ("a",), "c", "x.y"),), "unknown state c"),
        ((State("a", "a"), State("b", "b", final=True)), (Move("m", "m", ("b",), "a", "x.y"),), "leaves final state"),
        ((State("a", "a"), State("b", "b", final=True)), (Move("m", "m", ("a",), "b", ""),), "names no permission"),
        ((State("a", "a"), State("a", "a", final=True)), (Move("m", "m", ("a",), "a", "x.y"),), "stands twice"),
    ],
)
def test_a_faulty_table_is_found_out(states, moves, problem):
    assert any(problem in found for found in Flow("f", "f", "a", states, moves).problems())


def test_the_diagram_holds_every_state_and_move():
    diagram = FLOW.mermaid()
    assert "[*] --> draft" in diagram
    assert "draft --> pending: 提交" in diagram
    assert "done --> [*]" in diagram


@given(st.lists(st.sampled_from(["submit", "approve", "return"]), max_size=30))
def test_no_sequence_of_moves_leaves_the_table(moves):
    state = FLOW.initial
    for code in moves:
        try:
            state = FLOW.check(code, state, {"title": "x"}, ME, {}, "because").target
        except WrongState:
            assert state not in FLOW.move(code).sources
    assert FLOW.state(state)


def test_an_act_is_guarded_like_a_move_and_waits_for_nobody():
    act = Move("publish", "公开", ("pending", "done"), STAYS, "papers.publish", requires=("title",), reason_required=True)
    table = replace(FLOW, acts=(act,))
    assert table.problems() == []
    assert table.acts_in("done") == (act,) and act not in table.moves_from("pending")
    assert table.check("publish", "done", {"title": "x"}, ME, {}, "因为").target == STAYS
    with pytest.raises(WrongState):
        table.check("publish", "draft", {"title": "x"}, ME, {}, "因为")
    with pytest.raises(ReasonRequired):
        table.check("publish", "done", {"title": "x"}, ME, {})


def test_a_faulty_act_is_found():
    faulty = replace(FLOW, acts=(Move("submit", "公开", ("nowhere",), "done", ""),))
    assert set(faulty.problems()) >= {
        "move submit stands twice",
        "submit: unknown state nowhere",
        "submit: an act leaves the state as it is",
        "submit: names no permission",
    }
