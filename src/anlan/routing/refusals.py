"""What routing refuses, and why."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class NetworkUnreadable(Refusal):
    code: ClassVar[str] = "roads_network_unreadable"
    sentence: ClassVar[str] = N_("路网文件“{file}”无法读取（{reason}）。请重新导入路网。")
    status: ClassVar[int] = 422


class TooFarFromRoads(Refusal):
    code: ClassVar[str] = "roads_too_far"
    sentence: ClassVar[str] = N_(
        "{limit} m 内没有“{vehicle}”能通行的道路（经度 {longitude}，纬度 {latitude}）。请换一个靠近道路的点，或核对路网的范围。"
    )
    status: ClassVar[int] = 422


class NoRoute(Refusal):
    code: ClassVar[str] = "roads_no_route"
    sentence: ClassVar[str] = N_("“{vehicle}”没有可走的路线：道路已被封闭或危险区隔断。请缩小避让范围、开放一段封路，或改从其他地点出发。")
    status: ClassVar[int] = 409


class EndInDanger(Refusal):
    code: ClassVar[str] = "roads_end_in_danger"
    sentence: ClassVar[str] = N_("终点位于要避让的危险区内，不能把车辆引入危险区。请把终点改到危险区外的集结点，或不避让该区域。")
    status: ClassVar[int] = 409


class UnknownVehicle(Refusal):
    code: ClassVar[str] = "roads_vehicle_unknown"
    sentence: ClassVar[str] = N_("没有“{vehicle}”这种通行方式。可选：{known}。")
    status: ClassVar[int] = 422


class SpeedsUnreadable(Refusal):
    code: ClassVar[str] = "roads_speeds_unreadable"
    sentence: ClassVar[str] = N_("车速表“{file}”第 {line} 行有误（{reason}）。请改正后再试。")
    status: ClassVar[int] = 422


class RoadFileBroken(Refusal):
    code: ClassVar[str] = "roads_file_broken"
    sentence: ClassVar[str] = N_("道路文件“{file}”在 {where} 处损坏：{reason}。没有导入任何道路，请向提供方重新索取完整的文件。")
    status: ClassVar[int] = 422


class RoadFileUnknown(Refusal):
    code: ClassVar[str] = "roads_file_unknown"
    sentence: ClassVar[str] = N_(
        "不认识道路文件“{file}”。可导入：OSM XML（.osm）、OSM PBF（.osm.pbf）、Shapefile（.zip 或 .shp）、GeoJSON（.geojson）。"
    )
    status: ClassVar[int] = 415


class NoRoadsInFile(Refusal):
    code: ClassVar[str] = "roads_file_empty"
    sentence: ClassVar[str] = N_("道路文件“{file}”里没有可用的道路（读到 {read} 个要素，{bad} 个有问题）。请确认文件内容和坐标系。")
    status: ClassVar[int] = 422


class NotDegrees(Refusal):
    code: ClassVar[str] = "roads_file_not_degrees"
    sentence: ClassVar[str] = N_("道路文件“{file}”不是经纬度坐标（{system}）。请转换为 CGCS2000 或 WGS-84 经纬度后再导入。")
    status: ClassVar[int] = 422


class ImportCancelled(Refusal):
    code: ClassVar[str] = "roads_import_cancelled"
    sentence: ClassVar[str] = N_("路网导入已取消，没有改变现用的路网。")
    status: ClassVar[int] = 409
