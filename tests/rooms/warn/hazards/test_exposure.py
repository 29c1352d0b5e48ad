"""What stands where: works with cranes count at their plant areas, else where the enterprise is registered, and a gale finds them."""

import pytest
from tests.rooms.warn.hazards import messages

from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises.models import Enterprise, Site
from anlan.ledger.sources import law_day
from anlan.warn.hazards import door, gridding, presenting, reckoning, services

pytestmark = pytest.mark.django_db
WORKS = ("S12", "S40")


@pytest.fixture
def works(ground):
    """A builder with two plant areas, one without any, one that was closed, and a plant of another trade."""
    made = {}
    for number, (name, sector, state, place) in enumerate(
        (
            ("甲建筑公司", "S12", "operating", "370102"),
            ("乙建筑公司", "S12", "suspended", "370103"),
            ("丙建筑公司", "S40", "closed", "370103001"),
            ("丁化工厂", "S01", "operating", "370103001"),
        )
    ):
        code = f"91370102MA0000{number:04d}"
        made[name] = Enterprise.objects.create(uscc=code, name=name, sector_code=sector, state=state, place_code=place)
    for number, place in enumerate(("370102002", "370102002", "370103001")):
        Site.objects.create(enterprise=made["甲建筑公司"], name=f"工地{number}", place_code=place)
    Site.objects.create(enterprise=made["甲建筑公司"], name="完工", place_code="370102001", in_use=False)
    return made


def test_works_count_once_for_each_place_where_they_have_ground_and_at_their_own_place_without_any(works):
    assert enterprises.counts_by_place(WORKS) == {("S12", "370102002"): 1, ("S12", "370103001"): 1, ("S12", "370103"): 1}
    told = enterprises.working_at(WORKS, "370103", None)
    assert [(each.name, each.place_codes) for each in told] == [
        ("甲建筑公司", ("370102002", "370103001")),
        ("乙建筑公司", ("370103",)),
    ]


def test_a_gale_goes_orange_where_works_are_and_says_so(ground, works, city_officer):
    now = ground.now()
    services.take(messages.alert("G1", now, hazard="11B06"), name="G1", via="手工导入", actor=city_officer, now=now)
    reckoning.reckon_grid(now)
    levels = door.levels_at(["370102001", "370102002"], now)
    assert [levels[code].level for code in ("370102001", "370102002")] == [2, 3]
    assert "塔式起重机" in levels["370102002"].reasons[0]
    assert "construction" in gridding.exposure(gridding.Ground(), law_day(now))
    assert [(each["name"], each["exact"]) for each in presenting.exposed("370103001", city_officer)] == [
        ("甲建筑公司", True),
        ("乙建筑公司", False),
    ]
