"""Formulas over other points: what is reckoned and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.detection.formula import FUNCTIONS, FormulaRefused, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a - b", [-1.0, 2.0, np.nan]),
        ("(a + b) / 2", [1.5, 3.0, np.nan]),
        ("-a ** 2", [-1.0, -16.0, -9.0]),
        ("max(a, 2) * 1e1", [20.0, 40.0, 30.0]),
        ("mean(a, b)", [1.5, 3.0, np.nan]),
        ("where(a > 2, a, 0)", [0.0, 4.0, 3.0]),
        ("sqrt(1 - a)", [0.0, np.nan, np.nan]),
        ("1 / (a - 4)", [-1 / 3, np.nan, -1.0]),
        ("a > b", [0.0, 1.0, np.nan]),
        ("log10(100)", [2.0, 2.0, 2.0]),
    ],
)
def test_whole_columns_are_reckoned_at_once(text, expected):
    values = {"a": np.array([1.0, 4.0, 3.0]), "b": np.array([2.0, 2.0, np.nan])}
    assert parse(text).evaluate(values) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.real",
        "a[0]",
        "(lambda: a)()",
        "[a for a in b]",
        "'text'",
        "True",
        "a if b else 1",
        "a and b",
        "1 < a < 2",
        "open(a)",
        "abs",
        "abs()",
        "where(a, b)",
        "abs(a, b)",
        "max(*a)",
        "a := 1",
        "1j",
        "a % b",
        "",
        "a +",
        "(" * 300 + "a" + ")" * 300,
        "+".join(["a"] * 300),
        "1e999",
        "9" * 400,
        "\x00",
    ],
)
def test_what_is_no_plain_formula_is_refused(text):
    with pytest.raises(FormulaRefused):
        parse(text)


def test_a_formula_knows_its_inputs():
    assert parse("max(p1, p2) - t").names == {"p1", "p2", "t"}


@given(st.text(max_size=60))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    try:
        found = parse(text)
    except FormulaRefused:
        return
    assert len(found.evaluate({name: np.array([1.0, np.nan]) for name in found.names} or {"x": np.zeros(2)})) == 2


@given(
    st.recursive(st.sampled_from(["a", "b", "1.5"]), lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner))
)
def test_a_formula_says_what_python_says(text):
    values = {"a": 3.0, "b": -0.5}
    try:
        expected = eval(text, {}, dict(values))  # the text is made of the letters above
    except ZeroDivisionError:
        expected = np.nan
    if text.count("(") > 60:
        return
    assert parse(text).evaluate({name: np.array([value]) for name, value in values.items()})[0] == pytest.approx(expected, nan_ok=True)
    assert set(FUNCTIONS) & set(parse(text).names) == set()
