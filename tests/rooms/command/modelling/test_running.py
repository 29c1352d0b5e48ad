"""Models run in a process of their own: same answers, same refusals, and a run that takes too long is called off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.modelling import forms, reckoner, reckoning, rules, telling
from anlan.consequence.catalogue import UnknownInput, UnknownModel, model, models
from anlan.consequence.validity import NoFigure, OutOfRange

BREACH = "froehlich_1995_breach"
INPUTS = {"volume_m3": 1e6, "head_m": 20.0, "breach_m": 20.0}


@pytest.fixture(autouse=True)
def _ended():
    yield
    reckoning.close()


def test_an_answer_from_there_is_the_answer_from_here() -> None:
    chosen = model(BREACH)
    assert reckoning.run(BREACH, INPUTS) == telling.untranslated(chosen, chosen.answer(INPUTS))


def test_refusals_arrive_as_what_they_are() -> None:
    with pytest.raises(NoFigure) as missing:
        reckoning.run("froehlich_1995_breach", {"volume_m3": 1e6})
    assert missing.value.facts["model"] == "froehlich_1995_breach"
    with pytest.raises(OutOfRange):
        reckoning.run("froehlich_1995_breach", {"volume_m3": -1, "head_m": 20, "breach_m": 20})
    with pytest.raises(UnknownInput):
        reckoning.run("froehlich_1995_breach", {"weight": 1})
    with pytest.raises(UnknownModel):
        reckoning.run("oracle", {})


def test_a_run_that_takes_too_long_is_ended_and_the_next_one_answers() -> None:
    first = reckoning.run(BREACH, INPUTS)
    process = reckoning._kept[0].process
    with pytest.raises(rules.TookTooLong):
        reckoning.run(BREACH, INPUTS, seconds=0.0)
    assert process.poll() is not None
    assert reckoning.run(BREACH, INPUTS) == first


def test_a_process_that_was_killed_from_outside_is_replaced() -> None:
    first = reckoning.run(BREACH, INPUTS)
    reckoning._kept[0].process.kill()
    reckoning._kept[0].process.wait()
    assert reckoning.run(BREACH, INPUTS) == first


def test_too_many_figures_are_refused_before_anything_is_reckoned() -> None:
    with pytest.raises(rules.TooMany):
        reckoning.run("harm.overpressure", {"overpressure_pa": [1e4] * (rules.MOST_FIGURES + 1)})
    column, row = [[1.0]] * 1000, [[1.0] * 1000]
    with pytest.raises(rules.TooMany) as refused:
        rules.check_size({"a": column, "b": row})
    assert refused.value.facts["count"] == 1_000_000
    rules.check_size({"a": [1.0] * 1000, "b": [1.0] * 1000})
    assert not reckoning._kept


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=5), st.booleans()), lambda inner: st.lists(inner, max_size=4), max_leaves=20
    )
)
def test_whatever_is_sent_is_answered_or_refused(value: object) -> None:
    """No input makes the process end: a figure that is none is refused by name."""
    try:
        rules.check_size({"overpressure_pa": value})
    except rules.TooMany:
        return
    told = reckoner.answer_to({"model": "harm.overpressure", "inputs": {"overpressure_pa": value}})
    assert set(told) <= {"answer", "refused"}, told
    json.dumps(told)


def test_what_is_typed_becomes_inputs() -> None:
    chosen = model("dispersion.gaussian_plume")
    many = next(each.name for each in chosen.inputs if each.many)
    assert forms.read(chosen, {many: "100 200，300", "nonsense": "1"}) == {many: [100.0, 200.0, 300.0]}
    assert forms.read(chosen, {many: "5"}) == {many: 5.0}
    assert forms.read(chosen, {many: "five"}) == {many: "five"}
    assert forms.read(chosen, {}) == {}


def test_every_model_is_told_as_json_and_belongs_to_a_family() -> None:
    for each in models().values():
        told = json.loads(json.dumps(telling.described(each)))
        assert told["inputs"]
        assert told["outputs"]
        assert told["citation"]
        assert rules.family(each.code) in rules.FAMILIES
    assert rules.family("fire_ellipse") == "natural"
    assert rules.family("fire.jet") == "fire"
