"""Templates of detection rules that sector packs hold."""

from __future__ import annotations

import pytest
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.ground.packs import folders

from anlan.ground.enterprises.models import Enterprise
from anlan.ground.packs import services as packs
from anlan.kernel.access import system_actor
from anlan.sense.criteria import packed, services

pytestmark = pytest.mark.django_db
OPERATOR = system_actor("anlan pack load")


def test_a_rule_is_drafted_from_a_pack_s_template(clock, tmp_path):
    packs.load_folder(folders.write(tmp_path / "kites"), actor=OPERATOR, now=clock.now())
    works = Enterprise.objects.create(uscc="91370102MA00000A0X", name="风筝场", place_code="370102", sector_code="X01")
    account = make_account("inspector", "inspector", "370102")
    page = client_of(account).get("/criteria/templates/").content.decode()
    assert "风筝放飞：风速过大" in page
    assert client_of(account).get("/criteria/templates/kites-wind/").status_code == 200
    made = services.apply_template("kites-wind", services.Scope(), enterprise_id=works.pk, actor=actor_of(account), now=clock.now())
    assert [(row.kind, row.level, row.parameters["limit"], row.parameters["word"]) for row in made] == [("LIMIT", 2, 12.5, "H")]
    assert made[0].sensor_classes == ["wind_speed"] and made[0].status == "unverified" and made[0].article == "第二条"


def test_what_is_no_rule_of_detection_is_refused_when_the_pack_is_read(clock, tmp_path):
    rows = folders.TABLES["sensor_rules"]
    for wrong, why in ((rows.replace("wind_speed", "wind_taste"), "wind_taste"), (rows.replace("\nwind,", "\nwind.1,"), "代码只能用")):
        read = packs.check_folder(folders.write(tmp_path / why[:4], sensor_rules=wrong))
        assert read.content is None and why in read.problems[0].told(), why


def test_every_built_in_template_is_understood(clock):
    packs.load_built_in(actor=OPERATOR, now=clock.now())
    day = clock.now().date()
    held = packed.templates(day)
    assert len(held) == 9
    assert all(packed.find(each.code, day) == each for each in held)
