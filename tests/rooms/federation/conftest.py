"""A county below this node, which is the city's."""

from __future__ import annotations

import pytest
from tests.rooms.federation.others import LIXIA, Other, city

from anlan.federation.models import Node
from anlan.kernel.levels import Level


@pytest.fixture
def county() -> Other:
    """The county's node."""
    return Other("历下区", Level.COUNTY, LIXIA)


@pytest.fixture
def below(county: Other) -> Node:
    """Its row here: it is joined."""
    city()
    return county.known()
