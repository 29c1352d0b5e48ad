"""A mine with methane points for tests of rules, and the people who write and put them in force."""

from __future__ import annotations

from tests.accounts import actor_of, make_account
from tests.rooms.sense.plant import LOADER, NOW, Plant

from anlan.sense.criteria import services
from anlan.sense.criteria.services import Scope
from anlan.sense.devices import door as devices


class Mine(Plant):
    """``pressure``, ``gas`` of :class:`Plant`, and ``methane``, ``return_air`` of class methane, in %VOL."""

    def __init__(self, number: int = 1, place_code: str = "370102", **more):
        super().__init__(number, place_code, **more)
        told = {"actor": LOADER, "now": more.get("now", NOW)}
        values = {"sensor_class": "methane", "unit": ""}
        self.methane = devices.add_sensor(self.device.id, {"code": "T1", "name": "工作面甲烷", **values}, **told)
        self.return_air = devices.add_sensor(self.device.id, {"code": "T2", "name": "回风流甲烷", **values}, **told)


def person(username="wang", kind="inspector", place_code="370102", **more):
    """Somebody with an account who writes rules or puts them in force."""
    return actor_of(make_account(username, kind, place_code, **more))


def drafted(mine, actor, kind="LIMIT", parameters=None, *, now=NOW, channels=None, **more):
    """A draft rule at the methane point."""
    values = {"name": "甲烷超限", "source": "煤矿安全规程", "level": 1, "enterprise_id": mine.enterprise.pk, **more}
    given = {"word": "HH", "limit": 1.5, "restore": 1.0} if parameters is None else parameters
    scope = values.pop("scope", None) or Scope(tuple(channels) if channels is not None else (mine.methane.channel,))
    return services.draft(kind=kind, parameters=given, scope=scope, actor=actor, now=now, **values)
