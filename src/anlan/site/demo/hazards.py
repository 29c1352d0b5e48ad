"""Natural hazards of the demonstration: a rain signal over the plant's county, an earthquake exercise of yesterday, a valve that would shut by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.site.demo.cast import DEMONSTRATION
from anlan.warn.hazards import door as hazards
from anlan.wire import cap
from anlan.wire.cap.message import Category

SENDER = "demo.example.cn"


def build(plant: UUID, *, now: datetime) -> None:
    """Build them once, through the room's own intake."""
    works = enterprises.enterprise(plant)
    actor: Actor = DEMONSTRATION
    hazards.take(_rain(works.place_code, now), name="demo-rain.xml", via="演示数据", actor=actor, now=now)
    hazards.take(
        _quake(works.longitude or 117.0, works.latitude or 36.6, now),
        name="demo-quake.geojson",
        via="演示数据",
        exercise=True,
        actor=actor,
        now=now,
    )
    hazards.take(_spot(works.longitude or 117.0, works.latitude or 36.6, now), name="demo-spots.csv", via="演示数据", actor=actor, now=now)
    hazards.register_action(
        plant,
        name="氯气储罐出口紧急切断阀（演示）",
        device="XV-101",
        address="demo-works",
        verb="close_valve",
        intensity=6.0,
        longitude=works.longitude or 117.0,
        latitude=works.latitude or 36.6,
        actor=actor,
        now=now,
    )
    hazards.reckon(now)


def _rain(place_code: str, now: datetime) -> bytes:
    name = places.full_name(place_code)
    sent = (now - timedelta(minutes=12)).astimezone()
    area = cap.Area(name, geocodes=(cap.Parameter("GB/T 2260", place_code[:6]),))
    info = cap.Info(
        categories=(Category.MET,),
        event="暴雨",
        urgency=cap.Urgency.EXPECTED,
        severity=cap.Severity.MODERATE,
        certainty=cap.Certainty.LIKELY,
        event_codes=(cap.Parameter("CN-eventType", "11B03"),),
        effective=sent,
        expires=sent + timedelta(hours=18),
        sender_name="气象台（演示）",
        headline=f"演示：{name}暴雨黄色预警信号",
        description="演示数据：预计未来 6 小时降雨量将达 50 毫米以上。",
        areas=(area,),
    )
    alert = cap.Alert(
        identifier=f"DEMO{now:%Y%m%d%H%M%S}",
        sender=SENDER,
        sent=sent,
        status=cap.Status.ACTUAL,
        msg_type=cap.MessageType.ALERT,
        scope=cap.Scope.PUBLIC,
        infos=(info,),
    )
    return cap.encode(alert)


def _quake(longitude: float, latitude: float, now: datetime) -> bytes:
    moment = int((now - timedelta(hours=20)).timestamp() * 1000)
    properties = {
        "mag": 5.2,
        "magType": "mb",
        "place": "演示震中",
        "time": moment,
        "updated": moment + 60_000,
        "type": "earthquake",
        "status": "automatic",
        "net": "demo",
        "code": "1",
    }
    geometry = {"type": "Point", "coordinates": [round(longitude + 0.02, 3), round(latitude + 0.02, 3), 12.0]}
    feature = {"type": "Feature", "id": f"demo{now:%Y%m%d}", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()


def _spot(longitude: float, latitude: float, now: datetime) -> bytes:
    seen = (now - timedelta(hours=2)).astimezone(UTC)
    header = "latitude,longitude,acq_date,acq_time,satellite,instrument,confidence,frp"
    return f"{header}\n{latitude + 0.03:.4f},{longitude + 0.03:.4f},{seen:%Y-%m-%d},{seen:%H%M},DEMO,VIIRS,n,6.1\n".encode()
