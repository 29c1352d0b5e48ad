import pytest
from tests.rooms.prevent.risks.plant import Plant


@pytest.fixture
def plant(jinan_places, clock) -> Plant:
    return Plant(clock)
