"""Who acts in the exercise: the demonstration's accounts at their posts, and the works with what stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.command.resources import door as resources
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.organisations.door import OrganisationInfo
from anlan.ground.people import door as people
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.devices import door as devices
from anlan.site.demo.cast import NEIGHBOUR_COUNTY, PLANT_COUNTY
from anlan.site.demo.models import DemoWorld

ROLES: Mapping[str, str] = {
    "operator": "plant.operator",
    "manager": "plant.manager",
    "officer": "county.duty",
    "leader": "county.leader",
    "approver": "county.approver",
    "captain": "team.captain",
    "clerk": "village.clerk",
    "township": "town.leader",
    "hazmat": "neighbour.duty",
    "city": "city.duty",
    "city_leader": "city.leader",
    "province": "province.duty",
    "province_leader": "province.leader",
    "nation": "nation.duty",
}
"""Posts of the story and the accounts that hold them."""


class NobodyThere(Refusal):
    code: ClassVar[str] = "story_nobody_there"
    sentence: ClassVar[str] = N_("演示账号“{who}”不存在，无法播放演习：请用新的数据目录重新装载演示数据。")


@dataclass(frozen=True)
class Works:
    """The works of the release. ``points``: channel numbers of its measuring points by code."""

    enterprise_id: UUID
    name: str
    place_code: str
    longitude: float
    latitude: float
    tank_id: UUID
    points: Mapping[str, int]


@dataclass(frozen=True)
class Cast:
    """Everybody of the story by role, the works, the bureau of the next county, and the teams by their name in the story.

    ``teams``: the fire team F1 and the hazmat team F2 of the next county, as far as they are on record and free.
    """

    actors: Mapping[str, Actor]
    works: Works
    neighbour: OrganisationInfo
    teams: Mapping[str, UUID]

    def __getitem__(self, role: str) -> Actor:
        return self.actors[role]


def gather(now: datetime) -> Cast:
    """The cast as it holds its posts ``now`` (not at the moment that is played). Raises :class:`NobodyThere`."""
    actors = {}
    for role, username in ROLES.items():
        account_id = people.account_named(username)
        actor = people.actor_for(account_id, now=now) if account_id is not None else None
        if actor is None or not actor.post:
            raise NobodyThere(who=username)
        actors[role] = actor
    neighbour = organisations.bureau_of(NEIGHBOUR_COUNTY)
    if neighbour is None:
        raise NobodyThere(who=NEIGHBOUR_COUNTY)
    return Cast(actors, _works(), neighbour, _teams(now))


def _teams(now: datetime) -> dict[str, UUID]:
    asked = (("F1", PLANT_COUNTY, "firefighting"), ("F2", NEIGHBOUR_COUNTY, "hazmat_leak"))
    return {
        name: each.id
        for name, place, capability in asked
        for each in resources.resources(None, at=now, place_code=place, capability=capability)
        if each.name.startswith(f"{name} ") and each.parent_id is None and each.held is None and each.readiness != "out"
    }


def _works() -> Works:
    world = DemoWorld.objects.filter(complete=True).first()
    if world is None:
        raise NobodyThere(who="plant.manager")
    file = enterprises.enterprise(world.plant_id)
    tank = next(each for each in risksources.of_enterprise(file.id) if each.code == "CL-1")
    points = {sensor.code: sensor.channel for sensor in devices.sensors_of(file.id)}
    return Works(file.id, file.name, PLANT_COUNTY, file.longitude or 0.0, file.latitude or 0.0, tank.id, points)
