"""Tables of roads: imported nets with their file beside them, and closures."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.ground.roads import rules
from anlan.ledger.records import Record, place_index


class RoadNetwork(Record):
    """One imported net of roads. The net itself lies in a file named by the record's id; the record says where it came from and what is in it."""

    name = models.CharField(_("名称"), max_length=120)
    source = models.CharField(_("数据来源"), max_length=200)
    licence = models.CharField(_("许可说明"), max_length=200, blank=True, default="")
    generated = models.BooleanField(_("程序生成（非真实道路）"), default=False)
    file_name = models.CharField(_("文件名"), max_length=200, blank=True, default="")
    file_sha256 = models.CharField(_("文件指纹"), max_length=64, blank=True, default="")
    file_size = models.PositiveBigIntegerField(_("大小（字节）"), default=0)
    state = models.CharField(
        _("状态"), max_length=12, default=rules.WAITING, choices=[(code, _(label)) for code, label in rules.NETWORK_STATES.items()]
    )
    progress = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    cancel_asked = models.BooleanField(default=False, editable=False)
    touched_at = models.DateTimeField(null=True, blank=True, editable=False)
    failure = models.JSONField(default=dict, blank=True, editable=False)
    nodes = models.PositiveIntegerField(_("节点数"), default=0)
    edges = models.PositiveIntegerField(_("路段数（有向）"), default=0)
    strong_nodes = models.PositiveIntegerField(_("互通节点数"), default=0)
    length_km = models.FloatField(_("道路总长（km）"), default=0.0)
    west = models.FloatField(_("西界"), null=True, blank=True)
    south = models.FloatField(_("南界"), null=True, blank=True)
    east = models.FloatField(_("东界"), null=True, blank=True)
    north = models.FloatField(_("北界"), null=True, blank=True)
    features_read = models.PositiveIntegerField(_("读到的要素"), default=0)
    features_kept = models.PositiveIntegerField(_("导入的道路"), default=0)
    features_bad = models.PositiveIntegerField(_("有问题的要素"), default=0)
    complaints: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True, editable=False)
    imported_by_name = models.CharField(_("导入人"), max_length=100, blank=True, default="")
    in_force_from = models.DateTimeField(_("启用时间"), null=True, blank=True)
    in_force_until = models.DateTimeField(_("停用时间"), null=True, blank=True)
    enacted_by_name = models.CharField(_("启用人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("路网")
        verbose_name_plural = _("路网")
        ordering = ["-created_at", "-id"]
        indexes = [
            place_index("roads_network"),
            *sort_indexes("rnw", "created_at"),
            models.Index(fields=["-in_force_from"], name="roads_in_force", condition=models.Q(in_force_from__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether its import waits or runs."""
        return self.state in rules.RUNNING


class RoadClosure(Record):
    """One closure: which stretch (by point and radius, line or area), from when until when, why, and who said so."""

    name = models.CharField(_("路段"), max_length=120)
    reason = models.CharField(_("原因"), max_length=300)
    shape = models.CharField(_("封路方式"), max_length=8, choices=[(code, _(label)) for code, label in rules.SHAPES.items()])
    coordinates: models.JSONField[Any, Any] = models.JSONField(_("坐标"), default=list)
    radius_m = models.FloatField(_("半径或半宽（m）"), default=rules.DEFAULT_RADIUS_M)
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    from_at = models.DateTimeField(_("开始时间"))
    until_at = models.DateTimeField(_("计划解除时间"), null=True, blank=True)
    exercise = models.BooleanField(_("演练"), default=False)
    lets_emergency_pass = models.BooleanField(_("应急车辆可通行"), default=False)
    closed_by_name = models.CharField(_("登记人"), max_length=100, blank=True, default="")
    opened_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    opened_by_name = models.CharField(_("解除人"), max_length=100, blank=True, default="")
    opened_reason = models.CharField(_("解除原因"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("封路")
        verbose_name_plural = _("封路")
        ordering = ["-from_at", "-id"]
        indexes = [
            place_index("roads_closure"),
            *sort_indexes("rcl", "from_at"),
            models.Index(fields=["from_at"], name="roads_closed_now", condition=models.Q(opened_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Its points in degrees (longitude, latitude)."""
        return tuple((float(longitude), float(latitude)) for longitude, latitude in self.coordinates)

    @property
    def coordinates_text(self) -> str:
        """Its points as the form takes them, one a line."""
        return "\n".join(f"{longitude:.6f},{latitude:.6f}" for longitude, latitude in self.points)
