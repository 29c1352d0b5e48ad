"""T+8 to T+360: 1,200 people leave, each is accounted for, and all come home in two waves."""

from __future__ import annotations

from anlan.command.evacuation import services
from anlan.command.evacuation.models import Evacuation
from anlan.ground.facilities import door as facilities
from anlan.ground.facilities.door import Facility
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.stage import Stage

PLACES = (("示范东村", 520), ("示范西村", 340), ("示范寄宿学校", 340))
ELSEWHERE = (8, 5, 0)
"""Who of each place is with family at the end."""


def order(stage: Stage) -> None:
    """Two villages and a boarding school are to leave, three shelters are opened; the leader orders it."""
    officer, now = stage["officer"], stage.now
    row = services.prepare({"incident_id": stage.made.incident}, actor=officer, now=now)
    for name, people in PLACES:
        services.add_place(row, {"name": name}, people, actor=officer, now=now)
    for hall in _halls(stage):
        services.open_shelter(row, actor=officer, now=now, facility_id=hall.id)
    stage.made.evacuation = services.order(row, actor=stage["leader"], now=now)
    assert stage.made.filing is not None
    filings.supplement(stage.made.filing, {"evacuated": sum(people for _name, people in PLACES)}, actor=officer, now=now, reason="下令疏散")


def _halls(stage: Stage) -> list[Facility]:
    """Shelters of the county with room for all; an exercise fills no bed."""
    known = facilities.of_place(stage.cast.works.place_code)
    return [each for each in known if each.kind == "shelter" and each.capacity][: len(PLACES)]


def area_of(stage: Stage) -> Evacuation:
    """The evacuation as it stands."""
    return Evacuation.objects.get(pk=stage.made.evacuation.pk)


def arrive(stage: Stage) -> None:
    """A family by its slip, which is read twice and counted once; everybody else by number."""
    area, officer = area_of(stage), stage["officer"]
    pairs = zip(area.places.order_by("number"), area.shelters.order_by("opened_at", "id"), ELSEWHERE, strict=True)
    for place, shelter, elsewhere in pairs:
        people = next(number for name, number in PLACES if name == place.name)
        family = services.enter_group(place, {"name": "王某某", "needs": ["oxygen"]}, 3, actor=officer, now=stage.now)
        for _ in range(2):
            services.arrive(area, family.code, shelter, actor=officer, now=stage.now, key=family.code)
        services.walk_in(place, shelter, people - elsewhere - 3, actor=officer, now=stage.now)


def confirm_empty(stage: Stage) -> None:
    """Thirteen are with family; nobody is unaccounted for."""
    area, officer = area_of(stage), stage["officer"]
    for place, people in zip(area.places.order_by("number"), ELSEWHERE, strict=True):
        if people:
            services.move(place.groups.get(counted=True), "home", "elsewhere", people, actor=officer, now=stage.now)
    services.confirm_empty(area, actor=officer, now=stage.now)


def _wave(stage: Stage, which: slice) -> None:
    area, officer = area_of(stage), stage["officer"]
    places = list(area.places.order_by("number"))[which]
    wave = services.propose_return(area, places, "连续监测一小时低于限值", actor=officer, now=stage.now)
    services.allow_return(wave, actor=stage["leader"], now=stage.now)
    for place in places:
        services.return_all(place, actor=officer, now=stage.now)


def first_wave(stage: Stage) -> None:
    """The villages go home."""
    _wave(stage, slice(0, 2))


def second_wave(stage: Stage) -> None:
    """The school goes home, and who was with family; the books are closed."""
    _wave(stage, slice(2, 3))
    area, officer = area_of(stage), stage["officer"]
    for place, people in zip(area.places.order_by("number"), ELSEWHERE, strict=True):
        if people:
            services.move(place.groups.get(counted=True), "elsewhere", "returned", people, actor=officer, now=stage.now)
    services.close(area_of(stage), "两批全部返回", actor=stage["leader"], now=stage.now)


ACTS = (
    Act("ordered", 8, order, N_("下令疏散两村一校 1200 人，开放三处安置点；续报后按较大涉险报送"), "county.leader", "evacuation"),
    Act("sheltered", 120, arrive, N_("凭疏散单到点登记，重复扫码只记一次"), "county.duty", "evacuation"),
    Act("empty", 150, confirm_empty, N_("区域清空：1187 人在安置点，13 人投亲，无人下落不明"), "county.duty", "evacuation"),
    Act("home_first", 310, first_wave, N_("第一批返回：提请人与批准人不是同一人"), "county.leader", "evacuation"),
    Act("home_second", 360, second_wave, N_("第二批返回，1200 人全部销号"), "county.leader", "evacuation"),
)
"""Acts of the evacuation."""
