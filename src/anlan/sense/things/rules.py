"""The law of the SensorThings API (OGC 18-088, version 1.1, Sensing): what it conforms to, its bounds, and what it refuses. No Django, no clock.

Bounds are project defaults.
"""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

VIEW, REGISTER, CHANGE, SEND = "devices.view", "devices.register", "devices.change", "uplink.send"

_REQUIREMENT = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMANCE: tuple[str, ...] = tuple(
    _REQUIREMENT + part
    for part in (
        "datamodel/thing",
        "datamodel/location",
        "datamodel/historical-location",
        "datamodel/datastream",
        "datamodel/sensor",
        "datamodel/observed-property",
        "datamodel/observation",
        "datamodel/feature-of-interest",
        "resource-path/resource-path-to-entities",
        "request-data/order",
        "request-data/expand",
        "request-data/select",
        "request-data/status-code",
        "request-data/query-status-code",
        "request-data/orderby",
        "request-data/top",
        "request-data/skip",
        "request-data/count",
        "request-data/filter",
        "request-data/built-in-filter-operations",
        "request-data/pagination",
        "create-update-delete/create-entity",
        "create-update-delete/link-to-existing-entities",
        "create-update-delete/deep-insert-status-code",
        "create-update-delete/update-entity",
        "create-update-delete/update-entity-jsonpatch",
        "batch-request/batch-request",
        "data-array/data-array",
        "create-observations-via-mqtt/observations-creation",
    )
)
"""Requirements classes met. Left out on purpose: MultiDatastreams, deletion (the registry keeps what it knew), and of receiving updates by MQTT
all but the Observations of single Datastreams."""

DEFAULT_TOP = 100
MOST_TOP = 1_000
MOST_SKIP = 100_000
MOST_ENTITIES = 10_000
"""Entities in one answer, those expanded included."""
MOST_QUERIES = 500
MOST_BATCH = 100
LONGEST_QUERY = 8_000
DEEPEST = 40

OM_MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
GEOJSON = "application/geo+json"
HTML = "text/html"


class UnknownAddress(Refusal):
    code: ClassVar[str] = "things_unknown_address"
    sentence: ClassVar[str] = N_("地址“{address}”不是本接口的资源，请从根文档列出的实体集开始。")
    status: ClassVar[int] = 404


class EntityNotFound(Refusal):
    code: ClassVar[str] = "things_not_found"
    sentence: ClassVar[str] = N_("没有找到“{address}”，它可能不存在，或不在您的管辖范围内。")
    status: ClassVar[int] = 404


class MalformedExpression(Refusal):
    code: ClassVar[str] = "things_bad_expression"
    sentence: ClassVar[str] = N_("查询表达式在“{near}”处无法识别：{reason}。")
    status: ClassVar[int] = 400


class MalformedOption(Refusal):
    code: ClassVar[str] = "things_bad_option"
    sentence: ClassVar[str] = N_("查询参数“{option}”的值“{value}”无效。")
    status: ClassVar[int] = 400


class UnknownProperty(Refusal):
    code: ClassVar[str] = "things_unknown_property"
    sentence: ClassVar[str] = N_("“{entity}”没有可用于查询的属性“{name}”。")
    status: ClassVar[int] = 400


class NotComparable(Refusal):
    code: ClassVar[str] = "things_not_comparable"
    sentence: ClassVar[str] = N_("“{operation}”不能用于这样的数据类型，请核对表达式两边。")
    status: ClassVar[int] = 400


class NotSupported(Refusal):
    code: ClassVar[str] = "things_not_supported"
    sentence: ClassVar[str] = N_("本接口不支持“{what}”。")
    status: ClassVar[int] = 501


class TimeNeeded(Refusal):
    code: ClassVar[str] = "things_time_needed"
    sentence: ClassVar[str] = N_("这样的查询会读遍全部历史数据：请在 $filter 中给出 phenomenonTime 的下限。")
    status: ClassVar[int] = 400


class TooMuch(Refusal):
    code: ClassVar[str] = "things_too_much"
    sentence: ClassVar[str] = N_("一次请求涉及的内容过多（上限 {limit}），请缩小范围或用 $top 分页。")
    status: ClassVar[int] = 413


class MalformedEntity(Refusal):
    code: ClassVar[str] = "things_bad_entity"
    sentence: ClassVar[str] = N_("实体内容不符：{reason}。")
    status: ClassVar[int] = 400


class UnknownObservedProperty(Refusal):
    code: ClassVar[str] = "things_unknown_observed_property"
    sentence: ClassVar[str] = N_("没有与“{name}”对应的测点类别：请引用 ObservedProperties 中已有的一项（@iot.id）。")
    status: ClassVar[int] = 400


class CreatedElsewhere(Refusal):
    code: ClassVar[str] = "things_created_elsewhere"
    sentence: ClassVar[str] = N_("“{entity}”不能单独建立：{how}。")
    status: ClassVar[int] = 409


class NotChangeable(Refusal):
    code: ClassVar[str] = "things_not_changeable"
    sentence: ClassVar[str] = N_("“{entity}”不能这样修改或删除：读数只增不改，登记的设备只停用不删除（properties/state）。")
    status: ClassVar[int] = 409


class OnlyMachines(Refusal):
    code: ClassVar[str] = "things_only_machines"
    sentence: ClassVar[str] = N_("观测值只由设备写入：请用该设备的接入凭证（HTTP Basic）发送。")
    status: ClassVar[int] = 403
