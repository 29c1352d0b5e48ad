from collections.abc import Callable
from datetime import datetime

import pytest
from tests.rooms.prevent.dangers.works import Works


@pytest.fixture
def works(db, clock) -> Works:
    return Works(clock)


@pytest.fixture
def works_of(db, clock) -> Callable[[datetime], Works]:
    """The works as they stand at a moment of another time."""

    def at(moment: datetime) -> Works:
        clock.set(moment)
        return Works(clock)

    return at
