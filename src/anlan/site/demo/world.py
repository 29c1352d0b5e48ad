"""Builds the demonstration once: bureaus, people, enterprises with hazard sources and devices, all through the rooms' own verbs."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from anlan.command.duty import door as duty
from anlan.command.plans import door as plans
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.site.demo import (
    accounts,
    audiences,
    dangers,
    drawing,
    exposures,
    gradings,
    hazards,
    health,
    holdings,
    ledgers,
    opinions,
    permits,
    registers,
    rescue,
    riskpicture,
    risks,
    sectors,
    standings,
    stocks,
    teams,
    terminals,
    workdays,
)
from anlan.site.demo import files as enterprise_files
from anlan.site.demo.cast import BUREAUS, CITY, COUNTIES, DEMONSTRATION, NATION, PARTS, PLANT_COUNTY, PLANT_NAME, PROVINCE, TEAM_NAME
from anlan.site.demo.models import DemoWorld
from anlan.site.demo.names import EnterpriseNames, credit_code, person
from anlan.site.demo.roads import build as build_roads
from anlan.site.demo.surroundings import build_surroundings
from anlan.site.demo.trades import PLANT, TRADES, Equipment, Hazard, Limits, Trade

Progress = Callable[[str, int, int], None]
SEED = 3701
BEIJING = ZoneInfo("Asia/Shanghai")
NOTE = "演示数据，企业、人员均为虚构"
RECORDS: tuple[Callable[..., object], ...] = (
    enterprise_files.build,
    dangers.build,
    ledgers.build,
    gradings.build,
    permits.build,
    workdays.build,
    sectors.build,
    standings.build,
    risks.build,
    registers.build,
    holdings.build,
    stocks.build,
    health.build,
    exposures.build,
    hazards.build,
    riskpicture.build,
    audiences.build,
    opinions.build,
    rescue.build,
)
"""What enterprises keep, room by room; a later one may rest on an earlier."""


@dataclass(frozen=True)
class Link:
    """How the simulator speaks for one enterprise: its credential and what its points do."""

    enterprise_id: UUID
    username: str
    secret: str
    points: tuple[dict[str, object], ...]


def links_file() -> Path:
    """Where the credentials of the demonstration's devices are kept for the simulator."""
    return Path(settings.ANLAN["HOME"]) / "secrets" / "demo-devices.json"


def build(progress: Progress, *, now: datetime) -> bool:
    """Build the world unless it stands already; ``True`` when it was built now. ``progress(what, done, total)`` is told of each step.

    Either everything is built or nothing: one transaction.
    """
    if DemoWorld.objects.filter(complete=True).exists() and links_file().exists():
        return False
    actor = DEMONSTRATION
    with transaction.atomic():
        DemoWorld.objects.filter(complete=False).delete()
        bureaus = _organisations(actor, now, progress)
        plant, links = _enterprises(actor, now, bureaus, progress)
        _people(actor, now, bureaus, plant, progress)
        plans.load_examples(actor=actor, now=now)
        works = enterprises.enterprise(plant)
        teams.place_teams((works.longitude or 0.0, works.latitude or 0.0), bureaus, actor=actor, now=now)
        build_surroundings(plant, actor=actor, now=now)
        build_roads(actor, now)
        drawing.draw_board(plant, now=now)
        terminals.place_terminals(plant, bureaus["team"], actor=actor, now=now)
        for number, part in enumerate(RECORDS, 1):
            part(plant, now=now)
            progress("records", number, len(RECORDS))
        links_file().parent.mkdir(parents=True, exist_ok=True)
        links_file().touch(mode=0o600)
        links_file().write_text(json.dumps([_plain(link) for link in links], ensure_ascii=False), encoding="utf-8")
        DemoWorld.objects.create(complete=True, built_at=now, plant_id=plant)
    return True


def _plain(link: Link) -> dict[str, object]:
    return {"enterprise_id": str(link.enterprise_id), "username": link.username, "secret": link.secret, "points": list(link.points)}


def _organisations(actor: Actor, now: datetime, progress: Progress) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    parents = {PROVINCE: NATION, CITY: PROVINCE}
    for code, name in BUREAUS:
        parent = made.get(parents.get(code, ""))
        made[code] = organisations.create_organisation(
            name=name, kind="emergency_bureau", place_code=code, parent_id=parent, duty_phone="000-0000000", actor=actor, now=now
        ).id
    for number, code in enumerate(COUNTIES, 1):
        name = f"{places.place_name(code)}应急管理局（演示）"
        made[code] = organisations.create_organisation(
            name=name, kind="emergency_bureau", place_code=code, parent_id=made[CITY], duty_phone="000-0000000", actor=actor, now=now
        ).id
        progress("bureaus", number, len(COUNTIES))
    made["team"] = organisations.create_organisation(
        name=TEAM_NAME, kind="rescue_team", place_code=PLANT_COUNTY, duty_phone="000-0000000", actor=actor, now=now
    ).id
    return made


def _people(actor: Actor, now: datetime, bureaus: dict[str, UUID], plant: UUID, progress: Progress) -> None:
    password = accounts.password()
    for number, part in enumerate(PARTS, 1):
        organisation = None if part.of_plant else bureaus["team"] if part.team else bureaus[part.place_code[:6]]
        account = people.create_account(
            part.username,
            part.name,
            part.place_code,
            account_class=part.kind if part.group == "admin" else "ordinary",
            title=part.label_zh,
            organisation_id=organisation,
            password=password,
            must_change_password=False,
            actor=actor,
            now=now,
        )
        post = people.ensure_post(
            part.kind,
            part.place_code,
            organisation_id=organisation,
            enterprise_id=plant if part.of_plant else None,
            name=part.label_zh,
            actor=actor,
            now=now,
        )
        people.assign_post(account.id, post.id, actor=actor, now=now)
        if part.kind in _ON_DUTY:
            _shifts(account.id, _ON_DUTY[part.kind], part.place_code, actor, now)
        progress("people", number, len(PARTS))


_ON_DUTY = {"duty_officer": "officer", "duty_leader": "leader"}


def _shifts(account_id: UUID, kind: str, place_code: str, actor: Actor, now: datetime) -> None:
    """A fortnight of day shifts from this morning, so that the roster is never empty while somebody tries the demonstration."""
    morning = now.astimezone(BEIJING).replace(hour=8, minute=0, second=0, microsecond=0)
    if morning > now:
        morning -= timedelta(days=1)
    for day in range(14):
        begins = morning + timedelta(days=day)
        duty.add_shift(account_id, kind, begins, begins + timedelta(days=1), actor=actor, now=now, place_code=place_code)


def _enterprises(actor: Actor, now: datetime, bureaus: dict[str, UUID], progress: Progress) -> tuple[UUID, list[Link]]:
    draw = random.Random(SEED)
    names, spots = EnterpriseNames(draw), _Spots(draw)
    total = 1 + sum(trade.count for trade in TRADES)
    links = []
    plant = _one(PLANT, PLANT_NAME, PLANT_COUNTY, 0, draw, spots, bureaus, actor, now)
    links.append(plant)
    serial = 0
    for trade in TRADES:
        for _ in range(trade.count):
            serial += 1
            county = draw.choice(trade.counties)
            links.append(_one(trade, names.next(draw.choice(trade.words)), county, serial, draw, spots, bureaus, actor, now))
            if serial % 10 == 0 or serial + 1 == total:
                progress("enterprises", serial + 1, total)
    return plant.enterprise_id, links


class _Spots:
    """Plausible places: near a township's representative point, inside the county."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._towns = {county: [t for t in places.children(county) if t.longitude is not None] for county in COUNTIES}

    def near_a_town(self, county: str) -> tuple[float, float, str]:
        """A point of the county and the township it was drawn about; falls back to the county's own point when no try lies inside."""
        for _ in range(40):
            town = self._draw.choice(self._towns[county])
            longitude = (town.longitude or 0.0) + self._draw.gauss(0, 0.012)
            latitude = (town.latitude or 0.0) + self._draw.gauss(0, 0.010)
            found = places.county_at(longitude, latitude)
            if found is not None and found.code == county:
                return round(longitude, 6), round(latitude, 6), town.name
        centre = places.place(county)
        if centre is None or centre.longitude is None or centre.latitude is None:
            raise LookupError(f"no point known for {county}: load the reference data first")
        return centre.longitude, centre.latitude, ""


def _one(
    trade: Trade,
    name: str,
    county: str,
    serial: int,
    draw: random.Random,
    spots: _Spots,
    bureaus: dict[str, UUID],
    actor: Actor,
    now: datetime,
) -> Link:
    longitude, latitude, town = spots.near_a_town(county)
    staff, representative, long_ago = _staff(trade, draw), person(draw), now - timedelta(days=draw.randint(200, 340))
    address = f"{places.full_name(county)}{town}示范路 {draw.randint(1, 999)} 号"
    enterprise = enterprises.register_enterprise(
        uscc=credit_code(county, serial),
        name=name,
        legal_representative=representative,
        industry_code=trade.industry,
        sector_code=trade.sector,
        scale=trade.scale(staff),
        place_code=county,
        registered_address=address,
        longitude=longitude,
        latitude=latitude,
        staff_count=staff,
        supervisor=bureaus[county],
        source_note=NOTE,
        actor=actor,
        now=long_ago,
    )
    where = {"place_code": county, "longitude": longitude, "latitude": latitude, "boundary": _outline(longitude, latitude, staff)}
    site = enterprises.add_site(enterprise.id, name="厂区", address=address, **where, actor=actor, now=long_ago)
    principal = representative if staff < _OWNER_RUN else person(draw)
    enterprises.add_contact(enterprise.id, role="principal", name=principal, phone=_phone(draw), actor=actor, now=long_ago)
    issued = devices.issue_credential(enterprise.id, label=NOTE, username=f"demo-{serial:04d}", actor=actor, now=now)
    points: list[dict[str, object]] = []
    for hazard in trade.hazards:
        spot = (longitude, latitude) if trade is PLANT else _beside(longitude, latitude, staff, draw)
        points += _hazard(hazard, enterprise.id, site.id, issued.credential.id, spot, draw, actor, now)
    return Link(enterprise.id, issued.credential.username, issued.secret, tuple(points))


_OWNER_RUN = 50
"""Below so many people whoever owns the works runs it."""


def _staff(trade: Trade, draw: random.Random) -> int:
    """How many people: most works of a trade are small, few are large."""
    fewest, most = trade.staff
    return fewest + round((most - fewest) * draw.random() ** 3)


def _outline(longitude: float, latitude: float, staff: int) -> dict[str, object]:
    """The boundary of the site: a rectangle that grows with the works, 60 to 700 m wide."""
    east, north = (min(350.0, half * math.sqrt(max(staff, 4))) / 111_195 for half in (18.0, 13.0))
    east /= math.cos(math.radians(latitude))
    corners = ((-east, -north), (east, -north), (east, north), (-east, north), (-east, -north))
    return {"type": "Polygon", "coordinates": [[[round(longitude + x, 6), round(latitude + y, 6)] for x, y in corners]]}


def _beside(longitude: float, latitude: float, staff: int, draw: random.Random) -> tuple[float, float]:
    """A place on the site, away from its middle, so that a drawing shows both."""
    metres = 6 * math.sqrt(max(staff, 4))
    east, north = (draw.choice((-1, 1)) * draw.uniform(0.6, 1) * min(metres, 150.0) / 111_195 for _ in range(2))
    return round(longitude + east, 6), round(latitude + north, 6)


def _phone(draw: random.Random) -> str:
    """A number that cannot ring: the subscriber part is all zeros."""
    return f"1{draw.choice('38')}{draw.randint(0, 9)}00000000"


def _hazard(
    hazard: Hazard,
    enterprise_id: UUID,
    site_id: UUID,
    credential_id: UUID,
    spot: tuple[float, float],
    draw: random.Random,
    actor: Actor,
    now: datetime,
) -> Iterator[dict[str, object]]:
    source = risksources.register_risk_source(
        enterprise_id,
        site_id=site_id,
        code=hazard.code,
        name=hazard.name,
        kind=hazard.kind,
        substance_name=hazard.substance,
        substance_cas=hazard.cas,
        quantity_t=hazard.quantity_t,
        design_max_t=hazard.design_max_t,
        is_major=hazard.major_level is not None,
        major_level=hazard.major_level,
        major_basis="企业自报（演示）" if hazard.major_level else "",
        attributes=hazard.attributes,
        principal_name=person(draw),
        technical_name=person(draw),
        operation_name=person(draw),
        longitude=spot[0],
        latitude=spot[1],
        actor=actor,
        now=now,
    )
    for equipment in hazard.equipment:
        values: dict[str, object] = {
            "code": equipment.code,
            "name": equipment.name,
            "device_class": equipment.device_class,
            "site_id": site_id,
            "risk_source_id": source.id,
            "credential_id": credential_id,
            "longitude": round(spot[0] + draw.gauss(0, 0.0006), 6),
            "latitude": round(spot[1] + draw.gauss(0, 0.0006), 6),
        }
        device = devices.register_device(enterprise_id, values, actor=actor, now=now)
        yield from _points(equipment, device.id, draw, actor, now)


def _points(equipment: Equipment, device_id: UUID, draw: random.Random, actor: Actor, now: datetime) -> Iterator[dict[str, object]]:
    for point in equipment.points:
        sensor = devices.add_sensor(
            device_id,
            {
                "code": point.code,
                "name": point.name,
                "sensor_class": point.sensor_class,
                "decimals": point.decimals,
                "range_low": point.low,
                "range_high": point.high,
            },
            actor=actor,
            now=now,
        )
        if point.limits:
            devices.set_thresholds(
                sensor.id, _limits(point.limits), basis="enterprise", source="演示企业自定", status="unverified", actor=actor, now=now
            )
        spread = 1 + draw.uniform(-0.04, 0.04)
        yield {
            "device": equipment.code,
            "sensor": point.code,
            "class": point.sensor_class,
            "base": point.base * spread,
            "noise": point.noise,
            "daily": point.daily,
            "drift": point.drift,
            "low": point.low if point.low is not None else -1e9,
            "high": point.high if point.high is not None else 1e9,
            "decimals": point.decimals,
            "warn": point.limits.get("H"),
        }


def _limits(limits: Limits) -> list[devices.Limit]:
    levels = {"HH": 1, "H": 2, "L": 2, "LL": 1}
    return [
        devices.Limit(kind=kind, limit=limit, hysteresis=abs(limit) * 0.02, dwell_s=0.0, level=levels[kind])
        for kind, limit in limits.items()
    ]
