"""The demonstration's board: a drill on a chlorine leak, drawn by a duty officer, a leader and a rescue team. Places and people are invented."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.command.plotting import door as plotting
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.site.demo.cast import PLANT_COUNTY

TITLE = "氯气泄漏处置演练标绘"


def draw_board(plant: UUID, *, now: datetime) -> UUID:
    """Open the board and let three posts draw; returns its id."""
    file = enterprises.enterprise(plant)
    longitude, latitude = file.longitude or 0.0, file.latitude or 0.0
    duty, leader, team = (_holder(kind, now) for kind in ("duty_officer", "duty_leader", "rescue_team"))
    wanted = {"title": TITLE, "place_code": PLANT_COUNTY, "exercise": True, "longitude": longitude, "latitude": latitude}
    board = plotting.open_board({**wanted, "remark": "演示数据，情节虚构"}, actor=duty, now=now)

    def at(east: float, north: float) -> list[float]:
        return [round(longitude + east, 6), round(latitude + north, 6)]

    def symbol(code: str, east: float, north: float, tone: str, title: str = "") -> dict[str, Any]:
        named = {"title": title} if title else {}
        return {"kind": "symbol", "symbol": code, "tone": tone, "geometry": {"type": "Point", "coordinates": at(east, north)}, **named}

    site = {"type": "Point", "coordinates": at(0, 0)}
    cloud = {
        "kind": "sector",
        "geometry": site,
        "radius": 1200,
        "from": 100,
        "to": 160,
        "tone": "hazard",
        "fill": "light",
        "title": "下风向疏散区",
    }
    core = {"kind": "circle", "geometry": site, "radius": 250, "tone": "hazard", "dash": "dashed", "title": "初始隔离区"}
    plotting.draw_objects(board, [symbol("leak", 0, 0, "hazard", "2 号储罐泄漏"), core, cloud], actor=duty, now=now)
    cordon = {"type": "LineString", "coordinates": [at(-0.006, -0.004), at(-0.006, 0.004), at(0.002, 0.006)]}
    objects = [
        symbol("command_post", -0.009, 0.006, "own", "现场指挥部"),
        symbol("wind", -0.004, 0.008, "neutral", "西北风 2.4 m/s") | {"turn": 130},
        {"kind": "line", "geometry": cordon, "tone": "neutral", "dash": "dashed", "title": "警戒线"},
    ]
    plotting.draw_objects(board, objects, actor=leader, now=now)
    advance = {"type": "LineString", "coordinates": [at(-0.008, 0.004), at(-0.002, 0.001)]}
    objects = [
        symbol("decontamination", -0.006, 0.003, "own", "洗消点"),
        symbol("hazmat_team", -0.0045, 0.0022, "own", "处置一组"),
        symbol("water_source", -0.007, -0.002, "own", "消防水池"),
        {"kind": "arrow", "geometry": advance, "tone": "own", "title": "进攻路线"},
    ]
    plotting.draw_objects(board, objects, actor=team, now=now)
    return board


def _holder(kind: str, now: datetime) -> Actor:
    holder = people.holders_of(kind, PLANT_COUNTY, now=now)[0]
    actor = people.actor_for(holder.account_id, now=now)
    if actor is None:
        raise NotFound(what=holder.name)
    return actor
