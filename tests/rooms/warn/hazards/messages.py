"""CAP messages of a weather office, as tests send them."""

from datetime import datetime, timedelta

from anlan.wire import cap
from anlan.wire.cap.message import Category

SENDER = "w-nmc.gov.cn"
SEVERITIES = {1: cap.Severity.MINOR, 2: cap.Severity.MODERATE, 3: cap.Severity.SEVERE, 4: cap.Severity.EXTREME}


def alert(
    identifier: str,
    sent: datetime,
    *,
    level: int = 2,
    hazard: str = "11B03",
    codes: tuple[str, ...] = ("370102",),
    hours: float | None = 6,
    kind: cap.MessageType = cap.MessageType.ALERT,
    references: tuple[str, ...] = (),
    status: cap.Status = cap.Status.ACTUAL,
    polygons=(),
) -> bytes:
    """The bytes of a signal. ``references`` name identifiers."""
    area = cap.Area("测试区域", polygons=polygons, geocodes=tuple(cap.Parameter("CN-geocode", code) for code in codes))
    info = cap.Info(
        categories=(Category.MET,),
        event="暴雨",
        urgency=cap.Urgency.EXPECTED,
        severity=SEVERITIES[level],
        certainty=cap.Certainty.LIKELY,
        event_codes=(cap.Parameter("CN-eventType", hazard),),
        effective=sent,
        expires=sent + timedelta(hours=hours) if hours is not None else None,
        sender_name="济南市气象台",
        headline=f"济南市气象台发布预警 {identifier}",
        description="预计未来 6 小时降雨量将达 50 毫米以上。",
        areas=(area,),
    )
    return cap.encode(
        cap.Alert(
            identifier=identifier,
            sender=SENDER,
            sent=sent,
            status=status,
            msg_type=kind,
            scope=cap.Scope.PUBLIC,
            references=tuple(f"{SENDER},{each},{sent.replace(microsecond=0).isoformat()}" for each in references),
            infos=(info,),
        )
    )
