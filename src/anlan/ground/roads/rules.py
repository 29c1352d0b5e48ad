"""The law of roads: states of a net and of a closure, what a closure must say, and what is refused. No Django, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, Literal

from anlan.kernel.errors import Refusal
from anlan.kernel.geo import ImpossibleCoordinates, Point, in_china
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "roads.view": N_("查看路网和封路、计算路线"),
    "roads.close": N_("登记和修改封路"),
    "roads.open": N_("解除封路"),
    "roads.import": N_("导入路网"),
    "roads.enact": N_("启用路网"),
}

WAITING, READING, READY, FAILED, CANCELLED = "waiting", "reading", "ready", "failed", "cancelled"
NETWORK_STATES: dict[str, str] = {
    WAITING: N_("等待导入"),
    READING: N_("正在导入"),
    READY: N_("已导入"),
    FAILED: N_("导入失败"),
    CANCELLED: N_("已取消"),
}
RUNNING = (WAITING, READING)

POINT, LINE, AREA = "point", "line", "area"
SHAPES: dict[str, str] = {POINT: N_("点和半径"), LINE: N_("沿线"), AREA: N_("区域")}
LEAST_POINTS = {POINT: 1, LINE: 2, AREA: 3}
MOST_POINTS: Final = 500
DEFAULT_RADIUS_M: Final = 30.0
MOST_RADIUS_M: Final = 5000.0
"""Radius of a closure about a point. Project defaults: a crossing; no closure about one point reaches farther than a town."""

PLANNED, CLOSED, OPENED, OVER = "planned", "closed", "opened", "over"
CLOSURE_STATES: dict[str, str] = {PLANNED: N_("未到时间"), CLOSED: N_("封闭中"), OPENED: N_("已解除"), OVER: N_("已到期")}
CLOSURE_TONES: dict[str, Literal["red", "blue", "grey"]] = {PLANNED: "blue", CLOSED: "red", OPENED: "grey", OVER: "grey"}

MOST_UPLOAD_MB: Final = 512
"""Largest road file taken by the page; the command takes any. Project default."""


class NoNetwork(Refusal):
    code: ClassVar[str] = "roads_no_network"
    sentence: ClassVar[str] = N_("本节点还没有启用路网，不能计算路线和到达时间。请在“路网与封路”导入并启用路网。")
    status: ClassVar[int] = 409


class WrongCoordinates(Refusal):
    code: ClassVar[str] = "roads_coordinates"
    sentence: ClassVar[str] = N_("第 {number} 个点“{text}”不是坐标。请每行写一个点：经度,纬度（例如 117.0514,36.6636）。")
    status: ClassVar[int] = 422


class TooFewPoints(Refusal):
    code: ClassVar[str] = "roads_points"
    sentence: ClassVar[str] = N_("封路方式“{shape}”至少要 {least} 个、至多 {most} 个点，现有 {count} 个。")
    status: ClassVar[int] = 422


class WrongRadius(Refusal):
    code: ClassVar[str] = "roads_radius"
    sentence: ClassVar[str] = N_("半径应大于 0、不超过 {most} m，现为 {radius} m。更大的范围请用“区域”。")
    status: ClassVar[int] = 422


class WrongShape(Refusal):
    code: ClassVar[str] = "roads_shape"
    sentence: ClassVar[str] = N_("没有“{shape}”这种封路方式。可选：{known}。")
    status: ClassVar[int] = 422


class EndsBeforeItBegins(Refusal):
    code: ClassVar[str] = "roads_until"
    sentence: ClassVar[str] = N_("解除时间应晚于开始时间。请改正，或留空（直到人工解除）。")
    status: ClassVar[int] = 422


class ReasonMissing(Refusal):
    code: ClassVar[str] = "roads_reason"
    sentence: ClassVar[str] = N_("请填写封路或解除的原因。")
    status: ClassVar[int] = 422


class NameMissing(Refusal):
    code: ClassVar[str] = "roads_name"
    sentence: ClassVar[str] = N_("请填写名称。")
    status: ClassVar[int] = 422


class ClosesNothing(Refusal):
    code: ClassVar[str] = "roads_closes_nothing"
    sentence: ClassVar[str] = N_("所画的位置没有碰到现用路网的任何道路，这样封路不起作用。请把点移到路上，或加大半径。")
    status: ClassVar[int] = 422


class AlreadyOpened(Refusal):
    code: ClassVar[str] = "roads_already_opened"
    sentence: ClassVar[str] = N_("“{what}”已经解除或到期，无需再解除。")


class NoSuchTile(Refusal):
    code: ClassVar[str] = "roads_no_such_tile"
    sentence: ClassVar[str] = N_(
        "路网没有第 {z} 级第 {x} 列第 {y} 行的瓦片：级别为 {shallowest}–{deepest}，行列号应在 0 与 2 的级别次方之间。"
    )
    status: ClassVar[int] = 404


class NotReady(Refusal):
    code: ClassVar[str] = "roads_network_not_ready"
    sentence: ClassVar[str] = N_("路网“{what}”当前为“{state}”，不能启用。请先等导入完成。")


class NotRunning(Refusal):
    code: ClassVar[str] = "roads_import_not_running"
    sentence: ClassVar[str] = N_("路网“{what}”当前为“{state}”，没有正在进行的导入可以取消。")


class BroaderNetworkInForce(Refusal):
    code: ClassVar[str] = "roads_broader_network"
    sentence: ClassVar[str] = N_("现用路网“{what}”属于上级或其他地区，不能用本地区的路网替换它。请联系该地区的管理人员。")
    status: ClassVar[int] = 409


class FileTooLarge(Refusal):
    code: ClassVar[str] = "roads_file_too_large"
    sentence: ClassVar[str] = N_("文件有 {size} MB，网页最多接收 {limit} MB。更大的文件请在服务器上用命令导入：./anlan roads import 文件。")
    status: ClassVar[int] = 413


class NoFile(Refusal):
    code: ClassVar[str] = "roads_no_file"
    sentence: ClassVar[str] = N_("请选择要导入的道路文件。")
    status: ClassVar[int] = 422


class WrongQuestion(Refusal):
    code: ClassVar[str] = "roads_question"
    sentence: ClassVar[str] = N_("参数 {parameter} 的值“{text}”不对。{hint}")
    status: ClassVar[int] = 422


def standing(from_at: datetime, until_at: datetime | None, opened_at: datetime | None, now: datetime) -> str:
    """How a closure stands at ``now``: one of :data:`CLOSURE_STATES`."""
    if opened_at is not None and opened_at <= now:
        return OPENED
    if until_at is not None and until_at <= now:
        return OVER
    return CLOSED if from_at <= now else PLANNED


_BETWEEN = re.compile(r"[\n;；|]+")


def parse_coordinates(text: str) -> tuple[tuple[float, float], ...]:
    """Points written one a line (or parted by semicolons): longitude, comma, latitude. Raises :class:`WrongCoordinates` with the number of the point."""
    points = []
    for number, each in enumerate((part.strip() for part in _BETWEEN.split(text) if part.strip()), 1):
        figures = re.split(r"[,，\s]+", each)
        try:
            longitude, latitude = (float(figure) for figure in figures)
            in_china(Point(longitude, latitude))
        except (ValueError, ImpossibleCoordinates) as wrong:
            raise WrongCoordinates(number=number, text=each) from wrong
        points.append((longitude, latitude))
    return tuple(points)


def checked_shape(shape: str, points: Sequence[tuple[float, float]], radius_m: float) -> tuple[tuple[float, float], ...]:
    """The points of a closure, when they fit its shape. Raises :class:`WrongShape`, :class:`TooFewPoints`, :class:`WrongRadius`, ``ImpossibleCoordinates``."""
    if shape not in SHAPES:
        raise WrongShape(shape=shape, known=" / ".join(SHAPES))
    if len(points) < LEAST_POINTS[shape] or len(points) > (1 if shape == POINT else MOST_POINTS):
        most = 1 if shape == POINT else MOST_POINTS
        raise TooFewPoints(shape=SHAPES[shape], least=LEAST_POINTS[shape], most=most, count=len(points))
    if not 0 < radius_m <= MOST_RADIUS_M:
        raise WrongRadius(most=int(MOST_RADIUS_M), radius=radius_m)
    for longitude, latitude in points:
        in_china(Point(longitude, latitude))
    return tuple((float(longitude), float(latitude)) for longitude, latitude in points)
