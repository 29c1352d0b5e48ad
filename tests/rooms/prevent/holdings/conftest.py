import pytest
from tests.rooms.prevent.holdings.works import Works


@pytest.fixture
def works(jinan_places, clock) -> Works:
    return Works(clock)
