"""Makes a fleet on a demonstration node: one invented enterprise and any number of links behind it, with limits like real ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.devices import door as devices
from anlan.site.demo.cast import PLANT_COUNTY
from anlan.site.demo.names import credit_code
from anlan.site.load.field import JT808_POINTS
from anlan.site.load.fleet import Fleet, Link
from anlan.wire import addresses

NOTE = "负载试验，企业与设备均为虚构"
_SERIAL = 90000
_CLASSES = (("temperature", 90.0), ("level_percent", 95.0), ("flow_volume", 90.0), ("humidity", 99.0))
"""Class and high-high limit: beyond the 10 to 60 units about which the signals wander."""


class FleetOnRealNode(Refusal):
    code: ClassVar[str] = "load_fleet_on_real_node"
    sentence: ClassVar[str] = N_("负载试验的虚构设备只能建在演示节点上，本节点登记的是真实数据。")
    status: ClassVar[int] = 409


def make(links: int, points: int, *, protocols: Sequence[str] = (), now: datetime, tell: Callable[[int, int], None]) -> Fleet:
    """An invented enterprise with ``links`` credentials of one device with ``points`` points each. ``tell(done, links)`` hears of progress.

    ``protocols``: each device gets a name in every one of them, beside MQTT, which every device may speak.

    Every tenth point has a high alarm far above what the signals reach. Raises :class:`FleetOnRealNode`.
    """
    if not settings.ANLAN["DEMO"]:
        raise FleetOnRealNode()
    actor = system_actor("load test")
    found: list[Link] = []
    with transaction.atomic():
        owner = enterprises.by_uscc(credit_code(PLANT_COUNTY, _SERIAL)) or _enterprise(now)
        for number in range(links):
            planned = devices.PlannedDevice(
                f"load-{number:05d}-{now:%H%M%S}",
                f"负载试验 {number:05d}",
                "control_system",
                tuple(_sensor(at, *_CLASSES[at % len(_CLASSES)]) for at in range(points)),
            )
            issued = devices.onboard(owner.id, (planned,), label=NOTE, basis="enterprise", source=NOTE, actor=actor, now=now)
            found.append(Link(issued.credential.username, issued.secret, planned.code, tuple(point.code for point in planned.sensors)))
            if number % 50 == 49:
                tell(number + 1, links)
        for protocol in protocols:
            found = _named(found, owner.id, protocol, now)
    return Fleet(tuple(found), NOTE)


def _named(links: list[Link], owner: UUID, protocol: str, now: datetime) -> list[Link]:
    """``links`` with a name in ``protocol`` that no fleet before has; their first points stand for what the protocol sends."""
    device_of = {device.code: device.id for device in devices.devices_of(owner)}
    points: dict[UUID, list[devices.SensorSummary]] = defaultdict(list)
    for sensor in devices.sensors_of(owner):
        points[sensor.device_id].append(sensor)
    named = []
    for number, link in enumerate(links):
        device = device_of[link.device]
        if protocol == addresses.JT808:
            address, secret = f"1{now:%H%M%S}{number:05d}", f"L{number:06d}"
            told = [
                devices.PlannedPoint(s.id, code, *scale) for s, (code, scale) in zip(points[device], JT808_POINTS.items(), strict=False)
            ]
        else:
            address, secret = f"LOAD{now:%Y%m%d%H%M%S}{number:06d}", f"{number:06d}"
            told = [devices.PlannedPoint(sensor.id, sensor.code) for sensor in points[device]]
        actor = system_actor("load test")
        devices.add_address(device, protocol, address, secret=secret, points=told, actor=actor, now=now)
        named.append(
            msgspec.structs.replace(link, addresses={**link.addresses, protocol: address}, secrets={**link.secrets, protocol: secret})
        )
    return named


def _sensor(at: int, sensor_class: str, high_high: float) -> devices.PlannedSensor:
    limits = (devices.Limit("HH", high_high, 0.0, 0.0, 1),) if at % 10 == 0 else ()
    return devices.PlannedSensor(f"P{at:03d}", f"测点 {at:03d}", sensor_class, limits=limits)


def _enterprise(now: datetime) -> enterprises.EnterpriseSummary:
    spot = places.place(PLANT_COUNTY)
    return enterprises.register_enterprise(
        uscc=credit_code(PLANT_COUNTY, _SERIAL),
        name="负载试验示范有限公司",
        legal_representative="试一",
        industry_code="2614",
        scale="large",
        place_code=PLANT_COUNTY,
        registered_address="示范路 1 号",
        longitude=spot.longitude if spot else None,
        latitude=spot.latitude if spot else None,
        staff_count=1,
        source_note=NOTE,
        actor=system_actor("load test"),
        now=now,
    )
