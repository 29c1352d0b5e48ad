"""A plant of this node for tests: an enterprise with a credential, a device and two points."""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.ids import new_id
from anlan.kernel.levels import level_of, prefix_of
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import Limit

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LOADER = system_actor("loader")


def enterprise(number: int = 1, place_code: str = "370102") -> Enterprise:
    return Enterprise.objects.create(uscc=f"91370102MA3C{number:06d}", name=f"示范氯碱{number}号", place_code=place_code)


def officer(place_code: str, *actions: str, name: str = "值班员") -> Actor:
    grants = tuple(Grant(action, prefix_of(place_code), None, Classification.INTERNAL) for action in actions)
    return Actor(new_id(), name, "值班岗", level_of(place_code), place_code, grants=grants)


class Plant:
    """``pressure`` has H 1.2 and HH 1.5 MPa; ``gas`` has no limits."""

    def __init__(self, number: int = 1, place_code: str = "370102", now: datetime = NOW, username: str = "", secret: str = "") -> None:
        self.enterprise = enterprise(number, place_code)
        told = {"actor": LOADER, "now": now}
        self.issued = devices.issue_credential(self.enterprise.pk, label="DCS", username=username, secret=secret, **told)
        values = {"code": "D1", "name": "罐区控制系统", "device_class": "control_system", "credential_id": self.issued.credential.id}
        self.device = devices.register_device(self.enterprise.pk, {**values, "longitude": 117.05, "latitude": 36.66}, **told)
        self.pressure = devices.add_sensor(
            self.device.id, {"code": "PT-1", "name": "1 号罐压力", "sensor_class": "pressure", "unit": ""}, **told
        )
        self.gas = devices.add_sensor(self.device.id, {"code": "GT-1", "name": "氯气浓度", "sensor_class": "gas_toxic", "unit": ""}, **told)
        limits = (Limit("H", 1.2, 0.05, 0.0, 2), Limit("HH", 1.5, 0.05, 0.0, 1))
        devices.set_thresholds(self.pressure.id, limits, basis="design", source="设计文件 示例", **told)
