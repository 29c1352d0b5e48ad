"""Emergency resources of the demonstration, invented: those of the drill about the plant, and a dozen in each county, with depots and agreements."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.command.resources import services, stocking
from anlan.command.resources.models import RescueResource
from anlan.ground.enterprises import door as enterprises
from anlan.ground.facilities import door as facilities
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.site.demo.cast import COUNTIES, DEMONSTRATION, NEIGHBOUR_COUNTY, PLANT_COUNTY
from anlan.site.demo.teams import TEAMS, away

SEED = 380
NOTE = "演示数据，名称、电话均为虚构"
PHONE = "000-0000{number:04d}"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Like:
    """A resource that each county has: what it is called after the name of its county, and what it offers."""

    name: str
    kind: str
    offers: str
    people: int | None = None
    level: str = ""
    certificate: str = ""


OF_THE_DRILL: dict[str, Like] = {
    "示范消防救援一站（演示）": Like("F1", "team", "灭火救援 4；有毒有害气体侦检 1；洗消 1", 32, "county"),
    "示范消防救援二站（演示）": Like("", "team", "灭火救援 3；泡沫灭火（储罐） 1", 26, "county"),
    "示范危化品救援队（演示）": Like(
        "F2", "team", "危化品泄漏堵漏 2；氯气中和处置 1；洗消 2；有毒有害气体侦检 2", 24, "city", "危险化学品应急救援队伍资质"
    ),
}
"""What the teams of the drill offer, by the name under which they are registered."""

UNITS = ("侦检分队", "堵漏分队")
"""Units into which the team for hazardous materials may be split."""

PER_COUNTY: tuple[Like, ...] = (
    Like("综合应急救援队", "team", "灭火救援 2；防汛抢险排涝 1", 40, "county"),
    Like("森林防灭火队", "team", "森林草原火灾扑救 2", 30, "county"),
    Like("危化品处置分队", "team", "危化品泄漏堵漏 1；有毒有害气体侦检 1", 12, "county", "危险化学品应急救援队伍资质"),
    Like("公益救援队", "team", "水域救援 1；群众疏散协助 30", 45, "social"),
    Like("急救站", "vehicle", "现场医疗救护 3", 18),
    Like("应急运输车队", "vehicle", "人员转运 225；物资运输 20", 12),
    Like("大功率排水车", "equipment", "大流量排水 1500", 6),
    Like("移动发电车", "equipment", "应急供电 400；现场照明 4", 4),
    Like("应急物资储备库", "depot", "", 5),
    Like("化工安全专家", "expert", "危险化学品专家 1", 1),
    Like("消防取水码头", "water", "消防取水 60"),
    Like("工程机械协议单位", "contractor", "起重清障 4；土石方挖运 6", 30),
)

STOCK: tuple[tuple[str, str, str, int, int, int | None], ...] = (
    ("1120100", "", "顶", 120, 60, None),
    ("1010200", "25 kg 袋装", "公斤", 5000, 2000, 300),
    ("2010000", "防毒面具（综合型）", "套", 200, 100, 900),
    ("2080000", "洗消粉", "公斤", 300, 400, 20),
)
"""Code, specification or name, unit, how much, minimum, days until it expires."""


def build(plant: UUID, *, now: datetime) -> int:
    """Register the resources; returns how many. Some are not confirmed within the year, one in each county is out of service."""
    actor, draw = DEMONSTRATION, random.Random(SEED)
    works = enterprises.enterprise(plant)
    made = [*_drill((works.longitude or 0.0, works.latitude or 0.0), actor, now), *_facilities(actor, now)]
    for county in COUNTIES:
        made += _county(county, draw, actor, now)
    _agreements(actor, now)
    late = [row.pk for row in made if draw.random() < 0.08]
    RescueResource.objects.filter(pk__in=late).update(confirmed_at=now - 400 * _DAY, confirm_by=now - 35 * _DAY)
    return len(made)


def _register(actor: Actor, now: datetime, **values: Any) -> RescueResource:
    return services.register_resource(source_note=NOTE, actor=actor, now=now, **values)


def _drill(plant: tuple[float, float], actor: Actor, now: datetime) -> Iterator[RescueResource]:
    for number, (name, _kind, kilometres, bearing) in enumerate(TEAMS, 1):
        like, (longitude, latitude) = OF_THE_DRILL.get(name), away(plant, kilometres, bearing)
        county = places.county_at(longitude, latitude)
        if like is None or county is None:
            continue
        owner = next((each for each in organisations.find(_kind, county.code) if each.name == name), None)
        values = {
            "kind": like.kind,
            "place_code": county.code,
            "longitude": longitude,
            "latitude": latitude,
            "owner_name": name,
            "organisation_id": owner.id if owner is not None else None,
            "duty_phone": PHONE.format(number=number),
            "team_level": like.level,
        }
        row = _register(actor, now, name=f"{like.name} {name}".strip(), offers=like.offers, people=like.people, **values)
        _certify(row, like, actor, now)
        yield row
        for unit in UNITS if like.certificate else ():
            yield _register(actor, now, name=f"{like.name} {unit}", offers="有毒有害气体侦检 1", people=8, parent_id=row.pk, **values)


def _certify(row: RescueResource, like: Like, actor: Actor, now: datetime) -> None:
    if like.certificate:
        until = (now + 500 * _DAY).date()
        services.add_qualification(row.pk, name=like.certificate, level="二级", valid_until=until, actor=actor, now=now)


def _facilities(actor: Actor, now: datetime) -> Iterator[RescueResource]:
    """Hospitals and shelters on record, with their beds by kind."""
    for county in COUNTIES:
        for each in facilities.of_place(county):
            if each.kind == "hospital":
                beds = each.beds or 100
                offers = f"普通床位 {beds // 4}；重症床位 {beds // 24}；中毒救治床位 {beds // 20}；烧伤床位 {beds // 60}；高压氧舱位 {beds // 40}"
            elif each.kind == "shelter":
                offers = f"安置床位 {each.capacity}" if each.capacity else ""
            else:
                continue
            yield _register(actor, now, kind=each.kind, facility_id=each.id, offers=offers)


def _county(county: str, draw: random.Random, actor: Actor, now: datetime) -> Iterator[RescueResource]:
    place = places.place(county)
    if place is None or place.longitude is None or place.latitude is None:
        return
    for number, like in enumerate(PER_COUNTY):
        longitude, latitude = away((place.longitude, place.latitude), draw.uniform(0.5, 7.0), draw.uniform(0, 360))
        there = places.county_at(longitude, latitude)
        if there is None or there.code != county:
            longitude, latitude = place.longitude, place.latitude
        row = _register(
            actor,
            now,
            name=f"{place.name}{like.name}（演示）",
            kind=like.kind,
            place_code=county,
            longitude=longitude,
            latitude=latitude,
            offers=like.offers,
            people=like.people,
            team_level=like.level,
            owner_name=f"{place.name}应急管理局",
            duty_phone=PHONE.format(number=100 + number),
        )
        _certify(row, like, actor, now)
        if like.kind == "depot":
            _stock(row, actor, now)
        if like.kind == "equipment" and draw.random() < 0.2:
            services.set_readiness(row.pk, readiness="out", reason="车辆年检", actor=actor, now=now)
        yield row


def _stock(depot: RescueResource, actor: Actor, now: datetime) -> None:
    told = {"actor": actor, "now": now}
    for code, words, unit, quantity, minimum, days in STOCK:
        item = stocking.register_item(depot_id=depot.pk, code=code, specification=words, unit=unit, minimum=minimum, **told)
        expires_on = None if days is None else (now + days * _DAY).date()
        stocking.receive(item.pk, quantity, batch="D-01", expires_on=expires_on, note="采购入库", **told)


def _agreements(actor: Actor, now: datetime) -> None:
    """The county of the plant and its neighbour help each other."""
    for here, there in (
        (PLANT_COUNTY, NEIGHBOUR_COUNTY),
        (NEIGHBOUR_COUNTY, PLANT_COUNTY),
        (PLANT_COUNTY, "370113"),
        (PLANT_COUNTY, "370102"),
    ):
        services.register_agreement(
            kind="aid",
            title=f"{places.place_name(here)}—{places.place_name(there)}应急救援互助协议（演示）",
            giver_name=f"{places.place_name(there)}应急管理局",
            giver_place=there,
            place_code=here,
            terms="接到请求 10 分钟内答复，费用由受援方承担",
            contact_name="值班室",
            contact_phone="000-0000000",
            valid_from=(now - 200 * _DAY).date(),
            valid_until=(now + 500 * _DAY).date(),
            actor=actor,
            now=now,
        )
