"""Roads in a zone: names, classes and metres, each road once."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from anlan.command.exposure import ground, roadsinside
from anlan.ground.roads import door as roads
from anlan.routing.assembly import FORWARD, Way, Ways

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ZONE = shapely.box(117.50, 36.70, 117.52, 36.72)


@pytest.fixture
def _net(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = Ways()
    ways.add(Way(1, np.array([(117.49, 36.71), (117.51, 36.71), (117.53, 36.71)]), "primary", name="示范大道"))
    ways.add(Way(2, np.array([(117.505, 36.69), (117.505, 36.715)]), "motorway", FORWARD, name="示范高速"))
    ways.add(Way(3, np.array([(117.501, 36.701), (117.519, 36.701)]), "footway"))
    ways.add(Way(4, np.array([(117.60, 36.70), (117.61, 36.70)]), "primary", name="远处路"))
    made = ways.assemble()
    monkeypatch.setattr(roads, "network", lambda at: made)


@pytest.mark.usefixtures("_net")
def test_each_road_counts_once_with_what_lies_inside_and_the_greatest_class_first() -> None:
    found = roadsinside.roads(ZONE, NOW) or ()
    assert [(each.name, each.road_class) for each in found] == [("示范高速", "motorway"), ("示范大道", "primary")]
    assert found[0].length_m == pytest.approx(ground.distance_m((117.505, 36.70), (117.505, 36.715)), rel=0.01)
    assert found[1].length_m == pytest.approx(ground.distance_m((117.50, 36.71), (117.52, 36.71)), rel=0.01)


@pytest.mark.usefixtures("_net")
def test_a_zone_without_roads_has_none_and_a_node_without_a_net_says_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    assert roadsinside.roads(shapely.box(118.0, 37.0, 118.1, 37.1), NOW) == ()
    monkeypatch.setattr(roads, "network", lambda at: None)
    assert roadsinside.roads(ZONE, NOW) is None
