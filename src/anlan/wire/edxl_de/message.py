"""The EDXL-DE data model (EDXL-DE-V1.0 §3.2), one dataclass per block, field names as in the standard, in snake case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire import cap
from anlan.wire.cap.message import NAMESPACES, Coordinates, Status
from anlan.wire.problems import Faulty, Kind, Problem

NAMESPACE = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
NAMESPACE_2 = "urn:oasis:names:tc:emergency:EDXL:DE:2.0"
JSON = "application/json"
"""Name of the reader of JSON content; readers of XML are named by the root's ``{namespace}name``."""

NOT_AN_ENVELOPE = Kind("de_not_an_envelope", N_("根元素是 {found}，不是 EDXL-DE 1.0 或 2.0 的信封"))
NOT_JSON = Kind("de_not_json", N_("不是可识别的 JSON 信封（{reason}）"))
ABSENT = Kind("de_absent", N_("信封缺少 {name}"))
TWICE = Kind("de_twice", N_("信封的 {name} 出现了 {count} 次"))
NOT_ONE_OF = Kind("de_not_one_of", N_("信封的 {name} 取值“{found}”不在标准之内"))
NO_MOMENT = Kind("de_no_moment", N_("信封的 {name} 取值“{found}”不是带时区的时间"))
REFERENCE_ABSENT = Kind("de_reference_absent", N_("distributionType 为 {kind} 时必须有 distributionReference，指明所更改的信封"))
NOT_A_REFERENCE = Kind("de_not_a_reference", N_("distributionReference“{found}”不是 distributionID,senderID,dateTimeSent"))
EXPIRES_FIRST = Kind("de_expires_first", N_("dateTimeExpires 不晚于 dateTimeSent"))
COMMAS = Kind("de_commas", N_("{name} 不得含有逗号或空白"))
AREA_EMPTY = Kind("de_area_empty", N_("targetArea 里什么也没有"))
BAD_POLYGON = Kind("de_bad_polygon", N_("targetArea 的多边形“{found}”不闭合、不足四点、超出范围或无法识别"))
BAD_CIRCLE = Kind("de_bad_circle", N_("targetArea 的圆“{found}”超出范围或无法识别"))
NO_CONTENT = Kind("de_no_content", N_("内容里既没有 XML、JSON，也没有附件"))
TWO_CONTENTS = Kind("de_two_contents", N_("内容只能是 XML 和附件之一"))
MIME_TYPE_ABSENT = Kind("de_mime_type_absent", N_("附件没有 mimeType"))
NOTHING_ATTACHED = Kind("de_nothing_attached", N_("附件既没有 uri 也没有内容"))
BAD_BASE64 = Kind("de_bad_base64", N_("附件的内容不是 base64"))
UNREADABLE = Kind("de_unreadable", N_("内容 {name} 读不出来：{reason}"))
TOO_MANY_CONTENTS = Kind("de_too_many_contents", N_("共有 {count} 项内容，从这一项起未读，上限为 {limit} 项"))
BROKEN_XML = Kind("de_broken_xml", N_("嵌入的 XML 有误（{reason}）"))


class DistributionRefused(Faulty):
    """The envelope itself cannot be used."""

    code: ClassVar[str] = "edxl_refused"
    sentence: ClassVar[str] = N_("EDXL 信封不符合要求：{why}")


class ContentRefused(Faulty):
    """One content object is refused; ``number`` counts from 1."""

    code: ClassVar[str] = "edxl_content_refused"
    sentence: ClassVar[str] = N_("EDXL 信封的第 {number} 项内容不予接受：{why}")

    def __init__(self, problems: list[Problem], number: int) -> None:
        super().__init__(problems, number=number)
        self.number = number


Reader = Callable[[bytes], object]
"""Reads one embedded message; raises a :class:`~anlan.kernel.errors.Refusal` for what it does not accept."""
READERS: Mapping[str, Reader] = {f"{{{namespace}}}alert": cap.read for namespace in NAMESPACES}
"""What is read of itself: CAP of every edition, as :class:`anlan.wire.cap.Received`."""


class Edition(StrEnum):
    V1_0 = "1.0"
    V2_0 = "2.0"
    V2_0_JSON = "2.0 JSON"


class DistributionType(StrEnum):
    REPORT = "Report"
    UPDATE = "Update"
    CANCEL = "Cancel"
    REQUEST = "Request"
    RESPONSE = "Response"
    DISPATCH = "Dispatch"
    ACK = "Ack"
    ERROR = "Error"
    SENSOR_CONFIGURATION = "SensorConfiguration"
    SENSOR_CONTROL = "SensorControl"
    SENSOR_STATUS = "SensorStatus"
    SENSOR_DETECTION = "SensorDetection"


@dataclass(frozen=True)
class ValueList:
    """Values of one list: roles and keywords."""

    urn: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Address:
    """An explicit recipient: ``scheme`` says how to understand the values (``e-mail``, …)."""

    scheme: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class TargetArea:
    """Where the distribution is meant to go; polygons and circles as in CAP (latitude first, radius in km), countries by ISO 3166-1,
    subdivisions by ISO 3166-2, ``loc_codes`` by UN/LOCODE."""

    circles: tuple[tuple[float, float, float], ...] = ()
    polygons: tuple[Coordinates, ...] = ()
    countries: tuple[str, ...] = ()
    subdivisions: tuple[str, ...] = ()
    loc_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Embedded:
    """A message within: ``name`` is the root's ``{namespace}name``, or :data:`JSON`; ``data`` its bytes (XML in exclusive canonical form);
    ``value`` what its reader made of it, nothing where there is no reader."""

    name: str
    data: bytes
    value: object = field(default=None, compare=False)


@dataclass(frozen=True)
class OtherContent:
    """Something that is not XML, within (``data``) or elsewhere (``uri``); ``digest`` is SHA-1 in hexadecimal digits."""

    mime_type: str
    uri: str = ""
    data: bytes = b""
    size: int | None = None
    digest: str = ""


@dataclass(frozen=True)
class Content:
    """One content object: ``embedded`` messages (and ``keys``, extracts of them for routing) or ``other``."""

    embedded: tuple[Embedded, ...] = ()
    keys: tuple[Embedded, ...] = ()
    other: OtherContent | None = None
    description: str = ""
    keywords: tuple[ValueList, ...] = ()
    incident_id: str = ""
    incident_description: str = ""
    originator_roles: tuple[ValueList, ...] = ()
    consumer_roles: tuple[ValueList, ...] = ()
    confidentiality: str = ""


@dataclass(frozen=True)
class Distribution:
    """A whole envelope. ``references`` holds ``distributionID,senderID,dateTimeSent``; ``refused`` the contents that are lost."""

    distribution_id: str
    sender_id: str
    sent: datetime
    status: Status
    type: DistributionType
    combined_confidentiality: str = ""
    language: str = ""
    sender_roles: tuple[ValueList, ...] = ()
    recipient_roles: tuple[ValueList, ...] = ()
    keywords: tuple[ValueList, ...] = ()
    references: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    areas: tuple[TargetArea, ...] = ()
    contents: tuple[Content, ...] = ()
    expires: datetime | None = None
    edition: Edition = Edition.V1_0
    refused: tuple[ContentRefused, ...] = field(default=(), compare=False)

    @property
    def alerts(self) -> tuple[cap.Alert, ...]:
        """Every CAP message within."""
        values = [embedded.value for content in self.contents for embedded in content.embedded]
        return tuple(value.alert for value in values if isinstance(value, cap.Received))
