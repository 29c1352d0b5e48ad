"""Criteria of a sector pack judge dangers of its enterprises, in the version of the day a danger was found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts import client_of
from tests.rooms.ground.packs import folders

from anlan.ground.packs import services as packs
from anlan.kernel.access import system_actor
from anlan.prevent.dangers import judging, refusals, rules, services

pytestmark = pytest.mark.django_db
OPERATOR = system_actor("anlan pack load")


@pytest.fixture
def kites(works, tmp_path):
    """The invented sector's pack, and the works made one of its enterprises."""
    packs.load_folder(folders.write(tmp_path / "kites"), actor=OPERATOR, now=works.now)
    works.enterprise.sector_code = "X01"
    works.enterprise.save()
    return tmp_path


def test_the_items_of_a_pack_are_offered_and_make_a_danger_major(works, kites):
    danger = works.found(title="钢丝放飞", sector="other")
    assert [row.code for row in judging.of(danger).criteria] == ["kites:wire"]
    page = client_of(works.accounts["inspector"]).get(f"/dangers/{danger.pk}/").content.decode()
    assert "使用金属线放飞" in page and "风筝重大隐患判定标准" in page
    graded = services.grade(danger.pk, grade=rules.MAJOR, criterion="kites:wire", **works.by("inspector"))
    assert (graded.grade, graded.criterion) == (rules.MAJOR, "kites:wire")
    page = client_of(works.accounts["inspector"]).get(f"/dangers/{danger.pk}/").content.decode()
    assert "测试文号" in page or "风筝重大隐患判定标准" in page


def test_a_danger_is_judged_by_the_version_of_the_day_it_was_found(works, kites):
    danger = works.found(title="钢丝放飞", sector="other", found_at=works.now)
    day = (works.now + timedelta(days=3)).date().isoformat()
    changed = folders.TABLES["criteria"].replace("使用金属线放飞", "使用金属线或鱼线放飞").replace("wire,", "line,")
    checks = folders.TABLES["checklists"].replace(",wire,", ",line,")
    second = folders.write(kites / "second", head=folders.later("2", day), criteria=changed, checklists=checks)
    packs.load_folder(second, actor=OPERATOR, now=works.now)
    works.clock.set(works.now + timedelta(days=6))
    with pytest.raises(refusals.UnknownCode):
        services.grade(danger.pk, grade=rules.MAJOR, criterion="kites:line", **works.by("inspector"))
    services.grade(danger.pk, grade=rules.MAJOR, criterion="kites:wire", **works.by("inspector"))
    later = works.found(title="鱼线放飞", sector="other")
    assert [row.code for row in judging.of(later).criteria] == ["kites:line"]


def test_a_pack_of_another_sector_judges_nothing_here_and_names_lists_that_exist(works, tmp_path):
    packs.load_folder(folders.write(tmp_path / "kites"), actor=OPERATOR, now=works.now)
    assert all(":" not in row.code for row in judging.of(works.found()).criteria)
    unknown = folders.HEAD.replace("[[new", 'criteria_from = ["coal_1999"]\n\n[[new')
    read = packs.check_folder(folders.write(tmp_path / "b", head=unknown))
    assert read.content is None and "coal_1999" in read.problems[0].told()


def test_the_page_of_a_pack_shows_the_lists_that_the_room_holds(works):
    packs.load_built_in(actor=OPERATOR, now=works.now)
    browser = client_of(works.accounts["inspector"])
    page = browser.get("/packs/tailings/").content.decode()
    assert "金属非金属矿山重大事故隐患判定标准" in page and "堆积子坝" in page and "矿井直达地面的独立安全出口少于2个" not in page
    assert "尾矿库" in page and "适用的监测规则模板" in page
