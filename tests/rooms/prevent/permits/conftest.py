import pytest
from tests.rooms.prevent.permits.plants import Plant


@pytest.fixture
def plant(db, clock) -> Plant:
    return Plant(clock)
