"""Why a question of another system is refused. Wrong parameters are 400, as OGC 17-069r4 asks (7.8, /req/core/query-param-invalid)."""

from __future__ import annotations

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_


class BadParameters(Invalid):
    """Several parameters are wrong; ``fields`` names each."""

    code = "bad_parameters"
    sentence = N_("请求参数有 {count} 处不正确。")
    status = 400


class UnknownParameter(Refusal):
    code = "unknown_parameter"
    sentence = N_("不认识参数“{name}”。可用的参数：{known}。")
    status = 400


class BadBounds(Refusal):
    code = "bad_bounds"
    sentence = N_("bbox 应为“西,南,东,北”四个（或带高程的六个）经纬度数值，收到的是“{value}”。")
    status = 400


class BadDatetime(Refusal):
    code = "bad_datetime"
    sentence = N_("datetime 应为 RFC 3339 时刻（2026-11-22T08:00:00Z）或区间（起/止，一端可写 ..），收到的是“{value}”。")
    status = 400


class BadLimit(Refusal):
    code = "bad_limit"
    sentence = N_("limit 应为不小于 1 的整数，收到的是“{value}”；超过 {most} 时按 {most} 返回。")
    status = 400


class UnknownCrs(Refusal):
    code = "unknown_crs"
    sentence = N_("不支持坐标系“{value}”。支持：{known}。")
    status = 400


class UnknownFormat(Refusal):
    code = "unknown_format"
    sentence = N_("没有“{value}”格式。可用：{known}。")
    status = 400


class NoSuchCollection(Refusal):
    code = "no_such_collection"
    sentence = N_("没有名为“{code}”的要素集，或您无权读取。要素集列表见 /ogc/collections。")
    status = 404


class NoSuchFeature(Refusal):
    code = "no_such_feature"
    sentence = N_("要素集“{code}”中没有编号为“{key}”的要素，或不在您的管辖范围内。")
    status = 404


class NoSuchMapTile(Refusal):
    code = "no_such_map_tile"
    sentence = N_("没有第 {z} 级第 {row} 行第 {col} 列的瓦片：级别为 0–{deepest}，行列号应在 0 与 2 的级别次方之间。")
    status = 404


class NoSuchResult(Refusal):
    code = "no_such_result"
    sentence = N_("没有编号为“{run}”的结果图层“{layer}”，或您无权读取。可用图层见 WMTS 能力文档。")
    status = 404
