"""A small world for the tests of reporting and command: places from the nation down to two counties, their bureaus, and who acts there."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from anlan.ground.enterprises.models import Enterprise
from anlan.ground.organisations.models import Organisation
from anlan.ground.people.rules import KINDS
from anlan.ground.places import index
from anlan.ground.places.models import Place
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.levels import Level, level_of, parent_code, prefix_of

SPACE = UUID("0b6f6ce1-4b4a-4a8e-8d7f-2f3c1c9b8f10")
NOW = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)  # 02:14 in China on the 23rd

PLACES = {
    "000000": "全国",
    "370000": "山东省",
    "370100": "济南市",
    "370102": "历下区",
    "370103": "市中区",
    "110000": "北京市",
    "110105": "朝阳区",
}


def actor(kind: str, place_code: str, number: int = 1, *, enterprise_id: UUID | None = None) -> Actor:
    """Somebody who holds a post of ``kind`` at a place."""
    post = KINDS[kind]
    name = f"{PLACES[place_code]}{post.label}{number}"
    organisation = Organisation.objects.filter(place_code=place_code).first()
    grants = tuple(
        Grant(
            action,
            prefix_of(place_code) if enterprise_id is None else "",
            enterprise_id,
            Classification.SENSITIVE if post.may_read_sensitive else Classification.INTERNAL,
        )
        for action in (post.actions.split() if isinstance(post.actions, str) else post.actions)
    )
    return Actor(
        account_id=uuid5(SPACE, name),
        name=name,
        post=post.label,
        level=level_of(place_code),
        place_code=place_code,
        organisation_id=organisation.pk if organisation and enterprise_id is None else None,
        enterprise_id=enterprise_id,
        grants=grants,
    )


@pytest.fixture
def world(db: None) -> None:
    """Places and bureaus."""
    for code, name in PLACES.items():
        above = parent_code(code)
        while above is not None and above not in PLACES:
            above = parent_code(above)
        Place.objects.create(
            code=code,
            code12=code.ljust(12, "0"),
            name=name,
            short_name=name,
            level=int(level_of(code)),
            parent_id=above,
            longitude=117.0,
            latitude=36.6,
        )
        Organisation.objects.create(
            name=f"{name}应急管理局" if code != "000000" else "应急管理部",
            kind="emergency_bureau",
            level=int(level_of(code)),
            place_code=code,
            state="active",
        )
    index.forget()
    yield
    index.forget()


@pytest.fixture
def plant(world: None) -> Enterprise:
    """The chlor-alkali works of the story."""
    return Enterprise.objects.create(
        uscc="91370102MA00000A0X",
        name="示范氯碱有限公司",
        place_code="370102",
        registered_address="历下区化工路1号",
        longitude=117.05,
        latitude=36.66,
        staff_count=260,
    )


@pytest.fixture
def county_officer(world: None) -> Actor:
    return actor("duty_officer", "370102")


@pytest.fixture
def county_leader(world: None) -> Actor:
    return actor("duty_leader", "370102")


@pytest.fixture
def other_county_officer(world: None) -> Actor:
    return actor("duty_officer", "370103")


@pytest.fixture
def city_officer(world: None) -> Actor:
    return actor("duty_officer", "370100")


@pytest.fixture
def city_leader(world: None) -> Actor:
    return actor("duty_leader", "370100")


@pytest.fixture
def province_officer(world: None) -> Actor:
    return actor("duty_officer", "370000")


@pytest.fixture
def nation_officer(world: None) -> Actor:
    return actor("duty_officer", "000000")


@pytest.fixture
def safety_manager(plant: Enterprise) -> Actor:
    return actor("enterprise_manager", "370102", enterprise_id=plant.pk)


LEVELS = Level
