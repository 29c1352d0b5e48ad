"""Tables of patrols: a spot check with its draw, and the drawn points with what was found."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.kernel.flow import Flow
from anlan.ledger.records import Case, Record, place_index
from anlan.sense.patrol import rules


class Patrol(Case):
    """One spot check (抽查): which points could be drawn, the seed, how many were drawn, and what came of it."""

    flow: ClassVar[Flow] = rules.FLOW

    title = models.CharField(_("抽查名称"), max_length=120)
    sensor_class = models.CharField(_("测点类别"), max_length=40, blank=True, default="")
    method = models.CharField(_("抽取方法"), max_length=40, default=rules.METHOD, editable=False)
    seed = models.CharField(_("抽取种子"), max_length=rules.LONGEST_SEED)
    population = models.PositiveIntegerField(_("可抽测点数"))
    population_sha256 = models.CharField(_("可抽测点摘要"), max_length=64)
    population_channels = models.JSONField(default=list, editable=False)
    drawn = models.PositiveIntegerField(_("抽取数"))
    drawn_by_name = models.CharField(_("抽取人"), max_length=100, blank=True, default="")
    due_on = models.DateField(_("完成期限"), null=True, blank=True)
    conclusion = models.TextField(_("结论"), blank=True, default="")

    class Meta:
        verbose_name = _("监测抽查")
        verbose_name_plural = _("监测抽查")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("patrol_patrol"), *sort_indexes("ptl", "opened_at")]

    def __str__(self) -> str:
        return self.title


class PatrolPoint(Record):
    """One drawn point: who checks it, what was found by whom."""

    patrol = models.ForeignKey(Patrol, verbose_name=_("监测抽查"), on_delete=models.PROTECT, related_name="points")
    patrol_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    sensor = models.ForeignKey("devices.Sensor", verbose_name=_("测点"), on_delete=models.PROTECT, related_name="+")
    sensor_id: UUID
    name = models.CharField(_("测点名称"), max_length=200)
    device_name = models.CharField(_("设备名称"), max_length=200, blank=True, default="")
    unit = models.CharField(_("计量单位"), max_length=24, blank=True, default="")
    order = models.PositiveIntegerField(_("抽取序号"))
    channel = models.IntegerField(_("通道号"))
    number = models.CharField(_("抽取数值（SHA-256）"), max_length=64)
    assignee_id = models.UUIDField(null=True, blank=True)
    assignee_name = models.CharField(_("核查人"), max_length=100, blank=True, default="")
    finding = models.CharField(
        _("核查结果"), max_length=12, blank=True, default="", choices=[(code, _(label)) for code, label in rules.FINDINGS.items()]
    )
    note = models.TextField(_("现场情况"), blank=True, default="")
    site_value = models.FloatField(_("现场示值"), null=True, blank=True)
    node_value = models.FloatField(_("平台数值"), null=True, blank=True)
    checked_by_id = models.UUIDField(null=True, blank=True)
    checked_by_name = models.CharField(_("登记人"), max_length=100, blank=True, default="")
    checked_at = models.DateTimeField(_("登记时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("抽查测点")
        verbose_name_plural = _("抽查测点")
        ordering = ["patrol_id", "order"]
        constraints = [models.UniqueConstraint(fields=["patrol", "sensor"], name="patrol_point_once")]
        indexes = [
            place_index("patrol_point"),
            *sort_indexes("ptp", "created_at"),
            models.Index(fields=["assignee_id"], name="patrol_point_assignee", condition=models.Q(finding="")),
        ]

    def __str__(self) -> str:
        return f"{self.device_name} {self.name}"
