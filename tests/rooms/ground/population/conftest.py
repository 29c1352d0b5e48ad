"""Fixtures shared with the other rooms of the enterprise file."""

from collections.abc import Iterator

import pytest
from tests.rooms.ground.plants import make  # noqa: F401

from anlan.ground.population import answering


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    answering.forget()
    yield
    answering.forget()
