"""A small ground for natural hazards: two counties of Jinan with townships, a tailings pond in one of them, people on duty."""

from datetime import UTC, datetime

import pytest
from tests.rooms.jinan import (  # noqa: F401
    city_officer,
    county_leader,
    county_officer,
    nation_officer,
    other_county_officer,
    plant,
    province_officer,
    safety_manager,
    world,
)

from anlan.ground.places import index
from anlan.ground.places.models import Place, PlaceFigure
from anlan.ground.risksources.models import RiskSource

NOW = datetime(2026, 11, 26, 1, 20, tzinfo=UTC)  # 09:20 in China
TOWNSHIPS = {"370102001": "解放路街道", "370102002": "千佛山街道", "370103001": "大观园街道", "370103002": "泺源街道"}


@pytest.fixture
def ground(world, clock):  # noqa: F811
    """Townships of 历下 and 市中 with stand-in points."""
    clock.set(NOW)
    for number, (code, name) in enumerate(TOWNSHIPS.items()):
        Place.objects.create(
            code=code,
            code12=code + "000",
            name=name,
            short_name=name,
            level=4,
            parent_id=code[:6],
            longitude=117.0 + number * 0.02,
            latitude=36.6,
            approximate=True,
            uncertainty_km=10.0,
        )
    for code, people in (("370102", 800_000), ("370103", 100_000)):
        PlaceFigure.objects.create(
            place_id=code, figure_code="population_2020_census", value=people, unit="人", year=2020, source="普查", status="secondary"
        )
    index.forget()
    return clock


@pytest.fixture
def pond(ground, plant):  # noqa: F811
    """The tailings pond, registered in 千佛山街道."""
    return RiskSource.objects.create(
        enterprise=plant, code="W1", name="一号尾矿库", kind="tailings_pond", place_code="370102002", longitude=117.02, latitude=36.6
    )
