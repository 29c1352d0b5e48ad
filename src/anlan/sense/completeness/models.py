"""Tables of completeness: sums by enterprise and day, gaps by device, declared intervals. What is counted stands in the telemetry store."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.ledger.records import Record, place_index
from anlan.sense.completeness import rules


class CompletenessDay(Record):
    """What of one enterprise was expected on a day of Beijing time, and what came. Derived: reckoned again at any time, and no change of its own."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    name = models.CharField(_("企业名称"), max_length=200)
    day = models.DateField(_("日期"))
    devices = models.PositiveIntegerField(_("设备数"), default=0)
    points = models.PositiveIntegerField(_("测点数"), default=0)
    expected = models.BigIntegerField(_("应收"), default=0)
    received = models.BigIntegerField(_("实收"), default=0)
    late = models.BigIntegerField(_("其中迟到"), default=0)
    missing = models.BigIntegerField(_("缺失"), default=0)
    repeated = models.BigIntegerField(_("重复（已合并）"), default=0)
    refused = models.BigIntegerField(_("拒收"), default=0)
    silent = models.PositiveIntegerField(_("整日无数据的测点"), default=0)
    outside = models.BigIntegerField(_("超量程读数"), default=0)
    frozen = models.PositiveIntegerField(_("整日不变的测点"), default=0)
    share = models.FloatField(_("完整率（%）"), null=True)
    as_of = models.DateTimeField(_("统计截至"))

    class Meta:
        verbose_name = _("数据完整性")
        verbose_name_plural = _("数据完整性")
        ordering = ["-day", "share"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "day"], name="completeness_day_once")]
        indexes = [
            place_index("completeness_day"),
            *sort_indexes("cday", "day", "share", "missing"),
            models.Index(fields=["day", "share"], name="completeness_day_share"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"

    @property
    def online(self) -> float | None:
        """Per cent of the points from which anything came."""
        return round(100 * (self.points - self.silent) / self.points, 2) if self.points else None


class Gap(Record):
    """A time in which points of one device sent nothing that was expected; stands until late data fills it. Derived like the days."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey("devices.Device", verbose_name=_("设备"), on_delete=models.PROTECT, related_name="+")
    device_id: UUID
    name = models.CharField(_("设备名称"), max_length=200)
    # Which line the device speaks over: what it is asked by.
    credential = models.CharField(max_length=64, blank=True, default="", editable=False)
    device_code = models.CharField(_("设备编号"), max_length=64, blank=True, default="")
    since = models.DateTimeField(_("缺失开始"))
    until = models.DateTimeField(_("缺失结束"), null=True, blank=True)
    points = models.PositiveIntegerField(_("测点数"))
    missing_first = models.BigIntegerField(_("发现时缺失"))
    missing = models.BigIntegerField(_("现仍缺失"))
    state = models.CharField(
        _("状态"), max_length=8, choices=[(code, _(label)) for code, label in rules.GAP_STATES.items()], default=rules.OPEN
    )
    found_at = models.DateTimeField(_("发现时间"))
    filled_at = models.DateTimeField(_("补齐时间"), null=True, blank=True)
    ask_since = models.DateTimeField(null=True, blank=True, editable=False)
    ask_until = models.DateTimeField(null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(_("最近要求补传"), null=True, blank=True)
    asked_times = models.PositiveSmallIntegerField(_("要求补传次数"), default=0)

    class Meta:
        verbose_name = _("数据缺口")
        verbose_name_plural = _("数据缺口")
        ordering = ["-since"]
        constraints = [models.UniqueConstraint(fields=["device", "since"], name="completeness_gap_once")]
        indexes = [
            place_index("completeness_gap"),
            *sort_indexes("cgap", "since", "missing"),
            models.Index(fields=["state", "-since"], name="completeness_gap_state"),
            models.Index(fields=["enterprise", "-since"], name="completeness_gap_enterprise"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.since:%Y-%m-%d %H:%M}"


class DeclaredInterval(Record):
    """How often a measuring point should send, as its owner declared it."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    sensor = models.OneToOneField("devices.Sensor", verbose_name=_("测点"), on_delete=models.PROTECT, related_name="+")
    sensor_id: UUID
    channel = models.IntegerField(unique=True, editable=False)
    interval_s = models.FloatField(_("上报间隔（秒）"))
    basis = models.CharField(_("依据"), max_length=200)
    declared_by = models.CharField(_("申报人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("上报间隔")
        verbose_name_plural = _("上报间隔")
        indexes = [place_index("completeness_interval")]


class RefusedSoFar(models.Model):
    """How much of one credential was refused in all when it was last looked at; what came since belongs to the day of the look."""

    credential = models.CharField(primary_key=True, max_length=64)
    count = models.BigIntegerField(default=0)
