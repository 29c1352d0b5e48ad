"""Bodies of MESSAGE, NOTIFY and SUBSCRIBE (MANSCDP, GB/T 28181-2016 annex A): queries, controls, notices and responses.

A field that does not hold what the standard says is left empty and named in ``doubts``; the rest of the message stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from anlan.wire.gb28181 import xml
from anlan.wire.gb28181.contents import (
    Alarm,
    AlarmQuery,
    Asked,
    Catalog,
    CatalogItem,
    Config,
    ConfigQuery,
    Content,
    DeviceInfo,
    DeviceStatus,
    Done,
    Keepalive,
    MediaStatus,
    Orders,
    Position,
    PositionQuery,
    Record,
    RecordQuery,
    Records,
)
from anlan.wire.gb28181.refusals import BadXml, UnknownCommand
from anlan.wire.gb28181.xml import Fields

QUERY, CONTROL, NOTIFY, RESPONSE = "Query", "Control", "Notify", "Response"
ROOTS = (QUERY, CONTROL, NOTIFY, RESPONSE)
ON, OFF = "ON", "OFF"
MOST_ITEMS = 2000


@dataclass(frozen=True, slots=True)
class Body:
    """One body. ``serial``: SN, which a response repeats; ``device``: whom it is of; ``doubts``: fields that were left empty as unreadable."""

    root: str
    command: str
    serial: int | None
    device: str
    content: Content
    doubts: tuple[str, ...] = ()


def decode(data: bytes) -> Body:
    """The body. Raises :class:`BadXml`, :class:`UnknownCommand`."""
    root = xml.parse(data)
    name = str(root.tag)
    fields = Fields(root)
    command = fields.text("CmdType")
    if name not in ROOTS or not command:
        raise BadXml(reason=f"{name[:20]}/CmdType")
    read = _READERS.get((name, command))
    if read is None:
        raise UnknownCommand(root=name, command=command[:40])
    serial, device = fields.whole("SN"), fields.code("DeviceID")
    if not device:
        raise BadXml(reason="DeviceID")
    content = read(fields)
    return Body(name, command, serial, device, content, tuple(fields.doubts))


def _longitude(f: Fields) -> float | None:
    return f.number("Longitude", -180, 180)


def _latitude(f: Fields) -> float | None:
    return f.number("Latitude", -90, 90)


def _asked(f: Fields) -> Asked:
    return Asked(f.time("StartTime"), f.time("EndTime"))


def _keepalive(f: Fields) -> Keepalive:
    info = f.inner("Info")
    faulty = tuple((found.text or "").strip()[:20] for found in info.element.findall("DeviceID")) if info is not None else ()
    return Keepalive(f.word("Status", "OK", "ERROR"), faulty[:MOST_ITEMS])


def _item(f: Fields) -> CatalogItem:
    info = f.inner("Info")
    ptz = info.whole("PTZType") if info is not None else f.whole("PTZType")
    return CatalogItem(
        device=f.code("DeviceID"),
        name=f.text("Name")[:200],
        manufacturer=f.text("Manufacturer")[:120],
        model=f.text("Model")[:120],
        owner=f.text("Owner")[:64],
        civil_code=f.text("CivilCode")[:20],
        block=f.text("Block")[:64],
        address=f.text("Address")[:200],
        parental=f.whole("Parental"),
        parent=f.text("ParentID")[:120],
        status=f.word("Status", ON, OFF),
        ptz=ptz,
        longitude=_longitude(f),
        latitude=_latitude(f),
        event=f.text("Event")[:12].upper(),
    )


def _catalog(f: Fields) -> Catalog:
    items = tuple(_item(each) for each, _ in zip(f.each("DeviceList", "Item"), range(MOST_ITEMS), strict=False))
    return Catalog(f.whole("SumNum"), items, f.text("Result")[:20])


def _info(f: Fields) -> DeviceInfo:
    return DeviceInfo(
        f.text("Result")[:20], f.text("DeviceName")[:200], f.text("Manufacturer")[:120], f.text("Model")[:120], f.text("Firmware")[:120],
        f.whole("Channel"),
    )  # fmt: skip


def _status(f: Fields) -> DeviceStatus:
    alarms = tuple((each.code("DeviceID"), each.text("DutyStatus")[:20]) for each in f.each("Alarmstatus", "Item"))
    return DeviceStatus(
        f.text("Result")[:20], f.word("Online", "ONLINE", "OFFLINE"), f.word("Status", "OK", "ERROR"), f.text("Reason")[:200],
        f.text("Encode")[:20], f.text("Record")[:20], f.time("DeviceTime"), alarms[:MOST_ITEMS],
    )  # fmt: skip


def _alarm_query(f: Fields) -> AlarmQuery:
    return AlarmQuery(
        f.whole("StartAlarmPriority"), f.whole("EndAlarmPriority"), f.text("AlarmMethod")[:40], f.text("AlarmType")[:40],
        f.time("StartAlarmTime") or f.time("StartTime"), f.time("EndAlarmTime") or f.time("EndTime"),
    )  # fmt: skip


def _alarm(f: Fields) -> Alarm:
    info = f.inner("Info")
    kind = info.whole("AlarmType") if info is not None and info.has("AlarmType") else f.whole("AlarmType")
    parameters = info.inner("AlarmTypeParam") if info is not None else f.inner("AlarmTypeParam")
    return Alarm(
        f.whole("AlarmPriority"), f.whole("AlarmMethod"), f.time("AlarmTime"), f.text("AlarmDescription")[:400], _longitude(f), _latitude(f),
        kind, parameters.whole("EventType") if parameters is not None else None,
    )  # fmt: skip


def _record_query(f: Fields) -> RecordQuery:
    return RecordQuery(f.time("StartTime"), f.time("EndTime"), f.whole("Secrecy"), f.text("Type")[:20], f.text("FilePath")[:200])


def _records(f: Fields) -> Records:
    items = tuple(
        Record(
            e.code("DeviceID"), e.text("Name")[:200], e.time("StartTime"), e.time("EndTime"), e.text("FilePath")[:200], e.whole("FileSize")
        )
        for e, _ in zip(f.each("RecordList", "Item"), range(MOST_ITEMS), strict=False)
    )
    return Records(f.whole("SumNum"), items)


def _config(f: Fields) -> Config:
    basic = f.inner("BasicParam")
    if basic is None:
        return Config(f.text("Result")[:20])
    return Config(
        f.text("Result")[:20], basic.text("Name")[:200], basic.whole("Expiration"), basic.whole("HeartBeatInterval"),
        basic.whole("HeartBeatCount"),
    )  # fmt: skip


def _control(f: Fields) -> Orders:
    orders: list[tuple[str, str]] = []
    for each in f.element:
        if not isinstance(each.tag, str) or each.tag in {"CmdType", "SN", "DeviceID"}:
            continue
        inner = [child for child in each if isinstance(child.tag, str)]
        if inner:
            orders += [(f"{each.tag}/{child.tag}"[:80], (child.text or "").strip()[:200]) for child in inner]
        else:
            orders.append((each.tag[:80], (each.text or "").strip()[:200]))
    return Orders(tuple(orders[:64]))


def _position(f: Fields) -> Position:
    return Position(
        f.time("Time"), _longitude(f), _latitude(f), f.number("Speed", 0, 2000), f.number("Direction", 0, 360),
        f.number("Altitude", -1000, 20000),
    )  # fmt: skip


def _done(f: Fields) -> Done:
    return Done(f.text("Result")[:20])


_READERS: Mapping[tuple[str, str], Callable[[Fields], Content]] = {
    (NOTIFY, "Keepalive"): _keepalive,
    (QUERY, "Catalog"): _asked,
    (RESPONSE, "Catalog"): _catalog,
    (NOTIFY, "Catalog"): _catalog,
    (QUERY, "DeviceInfo"): _asked,
    (RESPONSE, "DeviceInfo"): _info,
    (QUERY, "DeviceStatus"): _asked,
    (RESPONSE, "DeviceStatus"): _status,
    (QUERY, "Alarm"): _alarm_query,
    (NOTIFY, "Alarm"): _alarm,
    (RESPONSE, "Alarm"): _done,
    (NOTIFY, "MediaStatus"): lambda f: MediaStatus(f.text("NotifyType")[:20]),
    (QUERY, "RecordInfo"): _record_query,
    (RESPONSE, "RecordInfo"): _records,
    (QUERY, "ConfigDownload"): lambda f: ConfigQuery(f.text("ConfigType")[:200]),
    (RESPONSE, "ConfigDownload"): _config,
    (CONTROL, "DeviceControl"): _control,
    (RESPONSE, "DeviceControl"): _done,
    (CONTROL, "DeviceConfig"): _control,
    (RESPONSE, "DeviceConfig"): _done,
    (QUERY, "MobilePosition"): lambda f: PositionQuery(f.whole("Interval")),
    (NOTIFY, "MobilePosition"): _position,
    (RESPONSE, "MobilePosition"): _done,
}


def _items(root: etree._Element, items: tuple[CatalogItem, ...]) -> None:
    parent = etree.SubElement(root, "DeviceList", Num=str(len(items)))
    for item in items:
        each = etree.SubElement(parent, "Item")
        told = (
            ("DeviceID", item.device), ("Event", item.event or None), ("Name", item.name), ("Manufacturer", item.manufacturer or None),
            ("Model", item.model or None), ("Owner", item.owner or None), ("CivilCode", item.civil_code or None),
            ("Block", item.block or None), ("Address", item.address or None), ("Parental", item.parental), ("ParentID", item.parent or None),
            ("Status", item.status or None), ("Longitude", item.longitude), ("Latitude", item.latitude),
        )  # fmt: skip
        for name, value in told:
            xml.child(each, name, value)
        if item.ptz is not None:
            xml.child(etree.SubElement(each, "Info"), "PTZType", item.ptz)


def _told(content: Content) -> tuple[tuple[str, object], ...]:
    """Plain fields of a content, in the standard's order."""

    def time(value: int | None) -> str | None:
        return xml.moment(value) if value is not None else None

    match content:
        case Asked(start, end):
            return ("StartTime", time(start)), ("EndTime", time(end))
        case Keepalive(status, _faulty):
            return (("Status", status),)
        case Catalog(total, _entries, result):
            return ("Result", result or None), ("SumNum", total)
        case DeviceInfo(result, name, manufacturer, model, firmware, channels):
            return (("DeviceName", name), ("Result", result), ("Manufacturer", manufacturer), ("Model", model), ("Firmware", firmware),
                    ("Channel", channels))  # fmt: skip
        case DeviceStatus():
            return (("Result", content.result), ("Online", content.online), ("Status", content.status), ("Reason", content.reason or None),
                    ("Encode", content.encoding or None), ("Record", content.recording or None),
                    ("DeviceTime", time(content.time_ms)))  # fmt: skip
        case AlarmQuery():
            return (("StartAlarmPriority", content.priority_from), ("EndAlarmPriority", content.priority_to),
                    ("AlarmMethod", content.methods or None), ("AlarmType", content.kind or None),
                    ("StartAlarmTime", time(content.start_ms)), ("EndAlarmTime", time(content.end_ms)))  # fmt: skip
        case Alarm():
            return (("AlarmPriority", content.priority), ("AlarmMethod", content.method), ("AlarmTime", time(content.time_ms)),
                    ("AlarmDescription", content.description or None), ("Longitude", content.longitude),
                    ("Latitude", content.latitude))  # fmt: skip
        case MediaStatus(kind):
            return (("NotifyType", kind),)
        case RecordQuery():
            return (("StartTime", time(content.start_ms)), ("EndTime", time(content.end_ms)), ("FilePath", content.path or None),
                    ("Secrecy", content.secrecy), ("Type", content.kind or None))  # fmt: skip
        case Records(total, _entries):
            return (("SumNum", total),)
        case ConfigQuery(kinds):
            return (("ConfigType", kinds),)
        case PositionQuery(interval):
            return (("Interval", interval),)
        case Position():
            return (("Time", time(content.time_ms)), ("Longitude", content.longitude), ("Latitude", content.latitude),
                    ("Speed", content.speed_kmh), ("Direction", content.direction), ("Altitude", content.altitude_m))  # fmt: skip
        case Orders(orders):
            return tuple((name, value) for name, value in orders if "/" not in name)
        case Config(result) | Done(result):
            return (("Result", result),)
    raise UnknownCommand(root="", command=type(content).__name__)


def encode(body: Body, encoding: str = "GB18030") -> bytes:
    """The bytes of a body. ``encoding``: GB18030 or UTF-8."""
    root = etree.Element(body.root)
    for name, value in (("CmdType", body.command), ("SN", body.serial), ("DeviceID", body.device), *_told(body.content)):
        xml.child(root, name, value)
    match body.content:
        case Keepalive(_status, faulty) if faulty:
            info = etree.SubElement(root, "Info")
            for code in faulty:
                xml.child(info, "DeviceID", code)
        case Catalog(total, items, _result) if total is not None or items:
            _items(root, items)
        case Alarm(kind=kind, event=event) if kind is not None:
            info = etree.SubElement(root, "Info")
            xml.child(info, "AlarmType", kind)
            if event is not None:
                xml.child(etree.SubElement(info, "AlarmTypeParam"), "EventType", event)
        case DeviceStatus(alarms=alarms) if alarms:
            parent = etree.SubElement(root, "Alarmstatus", Num=str(len(alarms)))
            for code, duty in alarms:
                each = etree.SubElement(parent, "Item")
                xml.child(each, "DeviceID", code)
                xml.child(each, "DutyStatus", duty)
        case Records(_total, records):
            parent = etree.SubElement(root, "RecordList", Num=str(len(records)))
            for record in records:
                each = etree.SubElement(parent, "Item")
                times = [xml.moment(t) if t is not None else None for t in (record.start_ms, record.end_ms)]
                told = zip(("DeviceID", "Name", "FilePath", "StartTime", "EndTime", "FileSize"),
                           (record.device, record.name, record.path or None, *times, record.size), strict=True)  # fmt: skip
                for name, value in told:
                    xml.child(each, name, value)
        case Config() if body.content.name or body.content.interval_s is not None:
            basic, of = etree.SubElement(root, "BasicParam"), body.content
            for name, value in (("Name", of.name), ("Expiration", of.expires_s), ("HeartBeatInterval", of.interval_s),
                                ("HeartBeatCount", of.count)):  # fmt: skip
                xml.child(basic, name, value)
        case Orders(orders):
            for name, value in orders:
                parent_name, slash, inner = name.partition("/")
                if slash:
                    found = root.find(parent_name)
                    xml.child(found if found is not None else etree.SubElement(root, parent_name), inner, value)
        case _:
            pass
    return xml.encode(root, encoding)
