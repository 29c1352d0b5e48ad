"""A small world for the tests of reporting and command: places from the nation down to two counties, their bureaus, and who acts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from anlan.ground.enterprises.models import Enterprise
from anlan.ground.organisations.models import Organisation
from anlan.ground.people.rules import KINDS
from anlan.ground.places import index
from anlan.ground.places.models import Place
from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.levels import level_of, parent_code, prefix_of
from anlan.ledger.flows import open_case
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices.models import Device, Sensor

SPACE = UUID("0b6f6ce1-4b4a-4a8e-8d7f-2f3c1c9b8f10")
NIL_EVENT = UUID("0b6f6ce1-4b4a-4a8e-8d7f-2f3c1c9b8f11")
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


def furnish(bureaus: Iterable[str] = PLACES) -> None:
    """Places, and the bureaus that work on this node."""
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
    for code in bureaus:
        Organisation.objects.create(
            name=f"{PLACES[code]}应急管理局" if code != "000000" else "应急管理部",
            kind="emergency_bureau",
            level=int(level_of(code)),
            place_code=code,
            state="active",
        )


@pytest.fixture
def world(db: None) -> Iterator[None]:
    """Places and bureaus."""
    furnish()
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


def raise_alarm(plant: Enterprise, *, episode: str = "g3", minutes: float = 0, title: str = "氯气探测器 G3 浓度高高") -> Alarm:
    """An alarm of the works' gas detector."""
    device, _new = Device.objects.get_or_create(
        enterprise=plant, code="GD", defaults={"name": "气体探测器", "device_class": "gas", "place_code": plant.place_code}
    )
    sensor, _new = Sensor.objects.get_or_create(
        enterprise=plant,
        device=device,
        code="G3",
        defaults={"name": "氯气 G3", "sensor_class": "toxic_gas", "unit": "ppm", "place_code": plant.place_code},
    )
    moment = NOW + timedelta(minutes=minutes)
    alarm = Alarm(
        state="raised",
        place_code=plant.place_code,
        exercise=True,
        episode=episode,
        enterprise=plant,
        device=device,
        sensor=sensor,
        event_key=NIL_EVENT,
        kind="HH",
        level=1,
        title=title,
        unit="ppm",
        limit=1.0,
        value=60.0,
        peak=60.0,
        raised_at=moment,
        received_at=moment,
        opened_at=moment,
        longitude=117.05,
        latitude=36.66,
    )
    alarm.save()
    open_case(alarm, actor=system_actor("detector"), now=moment)
    return alarm


@pytest.fixture
def alarm(plant: Enterprise) -> Alarm:
    return raise_alarm(plant)
