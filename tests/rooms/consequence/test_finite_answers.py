"""Whatever a model of fires, blasts, harm or risk is asked within its ranges, it answers with finite figures or refuses with a reason."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.catalogue import Input, Model, models, plain
from anlan.kernel.errors import Refusal

FAMILIES = ("fire.", "blast.", "harm.", "risk.", "screening.vapour")
MODELS = [each for code, each in models().items() if code.startswith(FAMILIES)]
LARGE = 1e15
"""Larger and, reversed, smaller than anything that burns or bursts."""


def figures(asked: Input) -> st.SearchStrategy[float | str]:
    if asked.choices:
        return st.sampled_from(asked.choices)
    low, high = max(asked.low, -LARGE), min(asked.high, max(LARGE, 2 * asked.low))
    if low < 0:
        return st.floats(low, high)
    least = low if low > 0 else 1 / LARGE
    spread = st.floats(0.0, 1.0).map(lambda share: float(np.clip(least * (high / least) ** share, least, high)))
    return spread if asked.open_low else st.one_of(spread, st.just(low), st.just(high))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
@settings(max_examples=60)
@given(st.data())
def test_an_answer_is_finite_or_a_refusal(model: Model, data: st.DataObject) -> None:
    asked = {each.name: data.draw(figures(each), label=each.name) for each in model.inputs}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            answer = model.answer(asked)
        except Refusal as refused:
            assert "{" not in refused.message()
            return
    told = plain(answer.values)
    assert set(told) == {each.name for each in model.outputs}
    assert answer.by.model == model.code
    assert all("{" not in each.sentence.format(**each.facts) for each in answer.cautions)
