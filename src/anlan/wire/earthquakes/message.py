"""The part of QuakeML's event model that a duty officer and an early-warning reckoning need (QuakeML-BED-1.2 §3), frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire.problems import Faulty, Kind, Problem

EARTHQUAKE = "earthquake"
EVENT_TYPES = frozenset(
    [
        "not existing",
        "not reported",
        "earthquake",
        "anthropogenic event",
        "collapse",
        "cavity collapse",
        "mine collapse",
        "building collapse",
        "explosion",
        "accidental explosion",
        "chemical explosion",
        "controlled explosion",
        "experimental explosion",
        "industrial explosion",
        "mining explosion",
        "quarry blast",
        "road cut",
        "blasting levee",
        "nuclear explosion",
        "induced or triggered event",
        "rock burst",
        "reservoir loading",
        "fluid injection",
        "fluid extraction",
        "crash",
        "plane crash",
        "train crash",
        "boat crash",
        "other event",
        "atmospheric event",
        "sonic boom",
        "sonic blast",
        "acoustic noise",
        "thunder",
        "avalanche",
        "snow avalanche",
        "debris avalanche",
        "hydroacoustic event",
        "ice quake",
        "slide",
        "landslide",
        "rockslide",
        "meteorite",
        "volcanic eruption",
    ]
)
"""Types of events (QuakeML-BED-1.2 §3.2, EventType)."""

NOT_QUAKEML = Kind("not_quakeml", N_("根元素是 {found}，不是 QuakeML 1.2"))
NOT_USGS = Kind("not_usgs", N_("不是 USGS 地震 GeoJSON（{reason}）"))
NO_EVENTS = Kind("no_events", N_("里面没有事件部分（eventParameters）"))
TOO_MANY_EVENTS = Kind("too_many_events", N_("共有 {count} 个事件，只读前 {limit} 个"))
SAME_EVENT = Kind("same_event", N_("事件编号“{found}”在同一份数据中出现过"))
LACKING = Kind("lacking", N_("缺少 {name}"))
NOT_AN_IDENTIFIER = Kind("not_an_identifier", N_("{name}“{found}”不是 QuakeML 资源标识（smi: 或 quakeml: 开头，只含规定的字符）"))
SHORT_IDENTIFIER = Kind("short_identifier", N_("{name}“{found}”没有“机构/名称”两段，按原样保留"))
NOT_ALLOWED = Kind("not_allowed", N_("{name} 的值“{found}”不在标准规定的取值之内"))
UNKNOWN_TYPE = Kind("unknown_type", N_("事件类型“{found}”不在标准之内，按原样保留"))
NO_NUMBER = Kind("no_number", N_("{name} 的值“{found}”不是数字"))
NOT_POSITIVE = Kind("not_positive", N_("{name} 的值“{found}”不能是负数"))
NOT_WITHIN = Kind("not_within", N_("{name} 的值“{found}”超出范围（{low} 至 {high}）"))
NO_TIME = Kind("no_time", N_("{name} 的值“{found}”不是时间"))
PREFERRED_UNKNOWN = Kind("preferred_unknown", N_("{name} 指向“{found}”，数据里没有"))
OLD_EDITION = Kind("old_edition", N_("按旧版命名空间 {found} 读取"))


class CatalogueRefused(Faulty):
    """Nothing in the bytes can be used: not the format, or every event in it is refused."""

    code: ClassVar[str] = "earthquakes_refused"
    sentence: ClassVar[str] = N_("地震数据无法读取：{why}")


class EventRefused(Faulty):
    """One event is refused; ``number`` counts from 1, ``event_id`` is empty when that is what is missing."""

    code: ClassVar[str] = "earthquake_refused"
    sentence: ClassVar[str] = N_("第 {number} 个地震事件不予接受：{why}")

    def __init__(self, problems: list[Problem], number: int, event_id: str = "") -> None:
        super().__init__(problems, number=number, event_id=event_id)
        self.number = number
        self.event_id = event_id


class EvaluationMode(StrEnum):
    MANUAL = "manual"
    AUTOMATIC = "automatic"


class EvaluationStatus(StrEnum):
    PRELIMINARY = "preliminary"
    CONFIRMED = "confirmed"
    REVIEWED = "reviewed"
    FINAL = "final"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Quantity:
    """A value with its uncertainties in the value's own unit; ``confidence`` is the level they hold at, in percent."""

    value: float
    uncertainty: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Moment:
    """A time in UTC with its uncertainties in seconds."""

    value: datetime
    uncertainty: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Origin:
    """Where and when, by one reckoning: degrees, ``depth`` in metres below sea level, ``horizontal_uncertainty`` in metres,
    ``azimuthal_gap`` and ``minimum_distance`` in degrees, ``standard_error`` of arrival times in seconds."""

    id: str
    time: Moment
    latitude: Quantity
    longitude: Quantity
    depth: Quantity | None = None
    depth_type: str = ""
    region: str = ""
    horizontal_uncertainty: float | None = None
    used_phase_count: int | None = None
    used_station_count: int | None = None
    azimuthal_gap: float | None = None
    minimum_distance: float | None = None
    standard_error: float | None = None
    evaluation_mode: EvaluationMode | None = None
    evaluation_status: EvaluationStatus | None = None
    agency: str = ""
    created: datetime | None = None
    version: str = ""


@dataclass(frozen=True)
class Magnitude:
    """How strong, by one reckoning; ``type`` as the agency writes it (``Mw``, ``ml``, ``mb``)."""

    id: str
    value: Quantity
    type: str = ""
    origin_id: str = ""
    station_count: int | None = None
    evaluation_mode: EvaluationMode | None = None
    evaluation_status: EvaluationStatus | None = None
    agency: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One event with every origin and magnitude its source gives. ``type`` is empty when it is not said; ``notes`` tell what is odd."""

    id: str
    origins: tuple[Origin, ...] = ()
    magnitudes: tuple[Magnitude, ...] = ()
    preferred_origin_id: str = ""
    preferred_magnitude_id: str = ""
    type: str = ""
    type_certainty: str = ""
    description: str = ""
    agency: str = ""
    created: datetime | None = None
    version: str = ""
    web: str = ""
    notes: tuple[Problem, ...] = ()

    @property
    def origin(self) -> Origin | None:
        """The preferred origin; where the source prefers none, the first that is not rejected."""
        preferred = next((origin for origin in self.origins if origin.id == self.preferred_origin_id), None)
        return preferred or next((o for o in self.origins if o.evaluation_status is not EvaluationStatus.REJECTED), None)

    @property
    def magnitude(self) -> Magnitude | None:
        """The preferred magnitude; where the source prefers none, the first that is not rejected."""
        preferred = next((magnitude for magnitude in self.magnitudes if magnitude.id == self.preferred_magnitude_id), None)
        return preferred or next((m for m in self.magnitudes if m.evaluation_status is not EvaluationStatus.REJECTED), None)

    @property
    def withdrawn(self) -> bool:
        """Whether the source takes the event back: it did not exist, or its preferred origin is rejected."""
        preferred = self.origin
        rejected = preferred is not None and preferred.evaluation_status is EvaluationStatus.REJECTED
        return self.type == "not existing" or rejected or (preferred is None and bool(self.origins))


@dataclass(frozen=True)
class Catalogue:
    """Events of one file or feed; ``refused`` are those lost, ``notes`` what is odd about the whole."""

    id: str
    events: tuple[Event, ...]
    refused: tuple[EventRefused, ...] = ()
    notes: tuple[Problem, ...] = ()


def gathered(catalogue_id: str, found: list[tuple[int, Event]], refused: list[EventRefused], notes: list[Problem]) -> Catalogue:
    """The catalogue of the numbered events that were read; the second of two with one identifier is refused. Raises
    :class:`CatalogueRefused` when there was something and all of it is refused."""
    kept: dict[str, Event] = {}
    lost = list(refused)
    for number, event in found:
        if event.id in kept:
            lost.append(EventRefused([SAME_EVENT.at(found=event.id)], number, event.id))
        else:
            kept[event.id] = event
    if lost and not kept:
        raise CatalogueRefused([problem for refusal in lost for problem in refusal.problems])
    return Catalogue(catalogue_id, tuple(kept.values()), tuple(sorted(lost, key=lambda each: each.number)), tuple(notes))
