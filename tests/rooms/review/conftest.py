"""Fixtures of the small world that looking back share."""

from tests.rooms.jinan import (  # noqa: F401
    alarm,
    city_leader,
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
