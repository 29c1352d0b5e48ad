"""Bytes of strangers to what this room takes: one :class:`Message` for each signal, whatever form it came in. No database, no clock."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from anlan.kernel.errors import Refusal
from anlan.warn.hazards import refusals, rules
from anlan.wire import cap, cap_cn, earthquakes, feeds, hotspots, markup
from anlan.wire.earthquakes import message as earthquakes_message

MOST_BYTES = 8 * 2**20
"""A file or message larger than this is refused. Project default: a day of hot spots of the country has about 2 MB."""
MOST_MEMBERS = 500
MOST_UNPACKED = 64 * 2**20

ALERT, UPDATE, CANCEL = "alert", "update", "cancel"
CAP_FORM, CAP_CN_FORM = "cap", "cap_cn"
_KINDS = {cap.MessageType.ALERT: ALERT, cap.MessageType.UPDATE: UPDATE, cap.MessageType.CANCEL: CANCEL}
_SEVERITIES = {
    cap.Severity.EXTREME: rules.RED,
    cap.Severity.SEVERE: rules.ORANGE,
    cap.Severity.MODERATE: rules.YELLOW,
    cap.Severity.MINOR: rules.BLUE,
    cap.Severity.UNKNOWN: rules.BLUE,
}
"""CAP 1.2 severity as the four colours, the order of 突发事件应对法 art. 63; unknown is blue: told, never dropped. Project's reading."""
_COLOUR_WORDS = {"red": rules.RED, "orange": rules.ORANGE, "yellow": rules.YELLOW, "blue": rules.BLUE}
_REVIEWED = (earthquakes.EvaluationStatus.REVIEWED, earthquakes.EvaluationStatus.CONFIRMED, earthquakes.EvaluationStatus.FINAL)
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Message:
    """One signal as it was sent. ``level`` 1–4; ``polygons`` of longitude and latitude, ``circles`` longitude, latitude, km."""

    form: str
    identifier: str
    sender: str
    sent: datetime
    kind: str
    exercise: bool
    references: tuple[str, ...]
    hazard: str
    level: int
    title: str
    description: str
    instruction: str
    starts: datetime
    ends: datetime | None
    area: str
    codes: tuple[str, ...]
    polygons: tuple[Ring, ...]
    circles: tuple[tuple[float, float, float], ...]


def unpacked(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """The files in ``content``: itself, or the members of a zip. Raises ``TooLarge``, ``FileTroubled``."""
    if len(content) > MOST_BYTES:
        raise refusals.TooLarge(name=name, size=len(content), limit=MOST_BYTES)
    if not content.startswith(b"PK\x03\x04"):
        yield name, content
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            # What a member says of its size is checked before a byte is unpacked.
            if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
                raise refusals.TooLarge(name=name, size=sum(each.file_size for each in members), limit=MOST_UNPACKED)
            for each in members:
                if each.file_size > MOST_BYTES:
                    raise refusals.TooLarge(name=each.filename, size=each.file_size, limit=MOST_BYTES)
                yield f"{name}/{each.filename}", archive.read(each)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as wrong:
        raise refusals.FileTroubled(name=name, reason=str(wrong)) from wrong


def from_cap(alert: cap.Alert, form: str = CAP_FORM) -> Message:
    """A CAP message of any sender, or one of China's profile as it maps to CAP. Raises ``NotASignal``, ``SenderMissing``, ``NothingToChange``."""
    kind = _KINDS.get(alert.msg_type)
    if kind is None or alert.status not in (cap.Status.ACTUAL, cap.Status.EXERCISE):
        raise refusals.NotASignal(kind=str(alert.msg_type), status=str(alert.status))
    if not alert.identifier.strip() or not alert.sender.strip():
        raise refusals.SenderMissing()
    if kind != ALERT and not alert.references:
        raise refusals.NothingToChange()
    info = next((each for each in alert.infos if each.language.lower().startswith("zh")), alert.infos[0] if alert.infos else None)
    areas = info.areas if info else ()
    coded = {each.value_name: each.value for each in (*info.event_codes, *info.parameters)} if info else {}
    hazard = next((value for value in coded.values() if value in rules.hazards()), "")
    level = _COLOUR_WORDS.get(coded.get("CN-level", "").lower(), _SEVERITIES[info.severity] if info else rules.BLUE)
    return Message(
        form=form,
        identifier=f"{alert.sender},{alert.identifier}",
        sender=(info.sender_name if info else "") or alert.sender,
        sent=alert.sent,
        kind=kind,
        exercise=alert.status is cap.Status.EXERCISE,
        references=tuple(",".join(each.split(",")[:2]) for each in alert.references),
        hazard=hazard or (info.event[:20] if info else ""),
        level=level,
        title=(info.headline or info.event) if info else "",
        description=info.description if info else "",
        instruction=info.instruction if info else "",
        starts=(info.onset or info.effective or alert.sent) if info else alert.sent,
        ends=info.expires if info else None,
        area="；".join(each.area_desc for each in areas),
        codes=tuple(code for each in areas for geocode in each.geocodes for code in place_codes(geocode.value)),
        polygons=tuple(tuple((lon, lat) for lat, lon in ring) for each in areas for ring in each.polygons),
        circles=tuple((lon, lat, radius) for each in areas for lat, lon, radius in each.circles),
    )


def place_codes(text: str) -> list[str]:
    """Division codes of a ``geocode``: one or several of 6, 9 or 12 digits, parted by commas or blanks; what is no code is left out."""
    found = []
    for part in text.replace(",", " ").replace("，", " ").split():
        if part.isascii() and part.isdigit() and len(part) in (6, 9, 12):
            found.append(part[:6] if part[6:9] in ("", "000") else part[:9])
    return found


@dataclass(frozen=True)
class QuakeReport:
    """One solution of an earthquake. ``event`` names the earthquake, ``identifier`` this solution; degrees, km.

    ``reviewed``: a person of the agency determined it; else it is a machine's first estimate. ``cancelled``: there was none.
    """

    event: str
    identifier: str
    issued: datetime
    origin: datetime
    longitude: float
    latitude: float
    depth_km: float | None
    magnitude: float
    magnitude_kind: str
    place: str
    agency: str
    reviewed: bool
    cancelled: bool = False


@dataclass(frozen=True)
class Spot:
    """One detection of heat. ``confidence`` in per cent; ``told``: as the product wrote it; ``power_mw`` where it gives one."""

    key: str
    satellite: str
    instrument: str
    seen: datetime
    longitude: float
    latitude: float
    confidence: int
    told: str
    power_mw: float | None


Item = Message | QuakeReport | Spot
Refused = list[tuple[str, Refusal]]


def kind_of(content: bytes) -> str:
    """The kind of feed that bytes are by their beginning (codes of ``HazardFeed.KINDS``); empty for others. The codec then says whether they are."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return "quakeml" if b"quakeml" in start[:2000].lower() else ""
    if start[:1] == b"{":
        return "usgs"
    header = start.partition(b"\n")[0].lower()
    return "firms" if all(column.encode() in header for column in hotspots.NEEDED) else ""


def read(content: bytes, name: str) -> tuple[list[Item], Refused]:
    """What is in a file, and what of it was refused and where. Raises ``FormUnknown``, and the codec's refusal for a file that is bad as a whole."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return _xml(content, name)
    if start[:1] in (b"{", b"["):
        return _quakes(earthquakes.decode_geojson(content))
    header = start.partition(b"\n")[0].lower()
    if all(column.encode() in header for column in hotspots.NEEDED):
        return _spots(content)
    raise refusals.FormUnknown(name=name)


def _xml(content: bytes, name: str) -> tuple[list[Item], Refused]:
    root = markup.parse(content, most_bytes=MOST_BYTES)
    tag, space = markup.name(root), markup.namespace(root)
    if tag == "alert" and not space:
        return [from_cap(cap_cn.to_cap(cap_cn.decode(content)), CAP_CN_FORM)], []
    if tag == "alert":
        return [from_cap(cap.decode(content))], []
    if tag in ("feed", "rss"):
        return _feed(content)
    if tag == "quakeml":
        return _quakes(earthquakes.decode(content))
    raise refusals.FormUnknown(name=name)


def _feed(content: bytes) -> tuple[list[Item], Refused]:
    """The messages within a feed; entries that only link to theirs are the poller's matter."""
    found = feeds.decode(content)
    items: list[Item] = []
    refused: Refused = [(each.entry_id, each) for each in found.refused]
    for entry in found.entries:
        if entry.message is not None:
            try:
                items.append(from_cap(entry.message.alert))
            except Refusal as refusal:
                refused.append((entry.id, refusal))
    return items, refused


def _quakes(catalogue: earthquakes.Catalogue) -> tuple[list[Item], Refused]:
    items: list[Item] = []
    refused: Refused = [(each.event_id or str(each.number), each) for each in catalogue.refused]
    for event in catalogue.events:
        if event.type and event.type not in (earthquakes_message.EARTHQUAKE, "not existing", "induced or triggered event"):
            refused.append((event.id, refusals.NotAnEarthquake(kind=event.type)))
            continue
        try:
            items.append(from_event(event))
        except Refusal as refusal:
            refused.append((event.id, refusal))
    return items, refused


def from_event(event: earthquakes.Event) -> QuakeReport:
    """An event as one solution: its preferred origin and magnitude. Raises ``QuakeIncomplete``."""
    origin = event.origin or (event.origins[0] if event.origins else None)
    magnitude = event.magnitude or (event.magnitudes[0] if event.magnitudes else None)
    if origin is None or magnitude is None:
        raise refusals.QuakeIncomplete(event=event.id)
    issued = max((each for each in (origin.created, magnitude.created, event.created) if each is not None), default=origin.time.value)
    reviewed = origin.evaluation_mode is earthquakes.EvaluationMode.MANUAL or origin.evaluation_status in _REVIEWED
    # A solution is what it says: told again it is the same, changed in any figure it is the next one.
    told = (origin.time.value.isoformat(), origin.latitude.value, origin.longitude.value, origin.depth, magnitude.value.value, reviewed)
    mark = hashlib.sha256(repr((told, event.withdrawn)).encode()).hexdigest()[:16]
    return QuakeReport(
        event=event.id[:200],
        identifier=f"{event.id[:180]}#{mark}",
        issued=issued,
        origin=origin.time.value,
        longitude=origin.longitude.value,
        latitude=origin.latitude.value,
        depth_km=origin.depth.value / 1000.0 if origin.depth is not None else None,
        magnitude=magnitude.value.value,
        magnitude_kind=magnitude.type[:10],
        place=(event.description or origin.region)[:200],
        agency=(origin.agency or event.agency)[:200],
        reviewed=reviewed,
        cancelled=event.withdrawn,
    )


def _spots(content: bytes) -> tuple[list[Item], Refused]:
    found = hotspots.decode(content)
    items: list[Item] = []
    for each in found.spots:
        told = (
            each.confidence.value
            if each.confidence is not None
            else f"{each.confidence_percent:g}"
            if each.confidence_percent is not None
            else ""
        )
        # A class of VIIRS stands for the beginning of that class among the percentages of MODIS; nothing told is the least.
        per_cent = each.confidence_percent if each.confidence_percent is not None else rules.CLASS_PER_CENT.get(told, 0)
        items.append(
            Spot(
                key=f"{each.satellite}|{each.instrument}|{each.seen:%Y%m%d%H%M}|{each.latitude:.5f}|{each.longitude:.5f}"[:120],
                satellite=each.satellite,
                instrument=each.instrument,
                seen=each.seen,
                longitude=each.longitude,
                latitude=each.latitude,
                confidence=round(per_cent),
                told=told,
                power_mw=each.power,
            )
        )
    return items, [(str(each.line), each) for each in found.refused]
