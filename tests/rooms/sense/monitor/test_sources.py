"""Hazard sources with their newest readings on the page of an enterprise: value, age, quality, alarm; what is old or unknown says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.sense.monitor.test_pages import Store, alarm_of, now_ms
from tests.rooms.sense.plant import LOADER, Plant

from anlan.ground.risksources import door as risksources
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.sense.devices import door as devices
from anlan.sense.monitor import rules, sources
from anlan.sense.stream import queries as stream
from anlan.sense.stream.rules import StoreSilent
from anlan.wire.blocks import MAINTENANCE

pytestmark = pytest.mark.django_db
EVERYBODY = system_actor("tests")


@pytest.fixture
def plant(jinan_places):
    made = Plant(now=clock.now())
    told = {"actor": LOADER, "now": clock.now()}
    usual = {"kind": "other", "attributes": {"description": "罐区"}, **told}
    made.major = risksources.register_risk_source(
        made.enterprise.pk, code="A-2", name="液氯罐区", is_major=True, major_level=2, major_basis="企业自报",
        principal_name="王安", technical_name="李平", operation_name="赵稳", **usual,
    )  # fmt: skip
    made.bare = risksources.register_risk_source(made.enterprise.pk, code="A-1", name="空压站", **usual)
    devices.change_device(made.device.id, {"risk_source_id": made.major.id}, **told)
    return made


@pytest.fixture
def store(monkeypatch):
    answers = Store()
    monkeypatch.setattr(stream, "ask", answers)
    return answers


def part(plant, role="duty_officer", **more):
    return client_for(role, **more).get(f"/monitor/enterprises/{plant.enterprise.pk}/readings/")


def test_the_major_source_stands_first_with_value_age_quality_and_what_alarms_before_the_rest(plant, store):
    store.newest = {str(plant.pressure.channel): [now_ms(), 1.27, 0], str(plant.gas.channel): [now_ms() - 3_600_000, 0.2, MAINTENANCE]}
    alarm_of(plant)
    found = sources.watched(plant.enterprise.pk, EVERYBODY, clock.now())
    assert [(source.name, source.level) for source in found.sources] == [("液氯罐区", "二级重大危险源"), ("空压站", "")]
    first, second = found.sources[0].points
    assert (first.state, first.value, first.old) == (rules.ALARM, "1.27 MPa", False)
    assert (second.state, second.old) == (rules.OFFLINE, True)
    assert second.at is not None and second.at <= clock.now() - timedelta(hours=1)
    assert len(second.remarks) == 1
    text = part(plant).content.decode()
    assert "读数过旧" in text and "检修中" in text and "没有登记测点" in text and "二级重大危险源" in text
    assert text.index("液氯罐区") < text.index("空压站")


def test_a_store_that_does_not_answer_is_never_shown_as_normal(plant, monkeypatch):
    def silent(*_args, **_more):
        raise StoreSilent(reason="away")

    monkeypatch.setattr(stream, "ask", silent)
    found = sources.watched(plant.enterprise.pk, EVERYBODY, clock.now())
    assert not found.known
    assert {point.state for point in found.sources[0].points} == {rules.UNKNOWN}
    assert "不明（不是正常）" in part(plant).content.decode()


def test_a_point_that_never_reported_says_so_and_many_points_are_counted(plant, store, monkeypatch):
    monkeypatch.setattr(sources, "MOST_POINTS", 1)
    found = sources.watched(plant.enterprise.pk, EVERYBODY, clock.now())
    assert (found.sources[0].points[0].state, found.sources[0].more) == (rules.NEVER, 1)
    assert "另有 1 个测点未列出" in part(plant).content.decode()


def test_another_county_and_a_post_without_devices_see_nothing(plant, store):
    assert part(plant, place_code="370103").status_code == 404
    assert part(plant, role="rescue_team").status_code == 403
