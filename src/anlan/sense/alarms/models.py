"""Tables of alarms: the alarm with its two axes, what was done about it, and how far the stream has been read."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index
from anlan.sense.alarms import rules

KINDS = [("HH", _("高高限")), ("H", _("高限")), ("L", _("低限")), ("LL", _("低低限"))]
LEVELS = [(1, _("一级（红）")), (2, _("二级（橙）")), (3, _("三级（黄）")), (4, _("四级（蓝）"))]


class Alarm(Case):
    """One episode in which one limit of one measuring point was reached. Values in the point's unit, times of the readings."""

    flow: ClassVar[Flow] = rules.FLOW

    # Deterministic name of the episode (channel, limit, time of the raising reading): telling the same alarm twice changes nothing.
    episode = models.CharField(max_length=80, unique=True, editable=False)
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey("devices.Device", verbose_name=_("设备"), on_delete=models.PROTECT, related_name="+")
    device_id: UUID
    sensor = models.ForeignKey("devices.Sensor", verbose_name=_("测点"), on_delete=models.PROTECT, related_name="+")
    sensor_id: UUID
    risk_source = models.ForeignKey(
        "risksources.RiskSource",
        verbose_name=_("危险源"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    risk_source_id: UUID | None
    # First alarm of the event this one belongs to; the first one names itself.
    event_key = models.UUIDField(_("事件分组"), db_index=True)
    kind = models.CharField(_("限值类别"), max_length=2, choices=KINDS)
    level = models.PositiveSmallIntegerField(_("报警级别"), choices=LEVELS)
    title = models.CharField(_("报警内容"), max_length=200)
    unit = models.CharField(_("计量单位"), max_length=24)
    limit = models.FloatField(_("限值"))
    value = models.FloatField(_("报警值"))
    peak = models.FloatField(_("极值"))
    raised_at = models.DateTimeField(_("报警时间"))
    received_at = models.DateTimeField(_("收到时间"))
    late = models.BooleanField(_("迟报"), default=False)
    cleared_at = models.DateTimeField(_("恢复时间"), null=True, blank=True)
    cleared_value = models.FloatField(_("恢复值"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("报警确认时间"), null=True, blank=True)
    acknowledged_by_id = models.UUIDField(null=True, blank=True)
    acknowledged_by_name = models.CharField(_("确认人"), max_length=100, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        verbose_name = _("报警")
        verbose_name_plural = _("报警")
        ordering = ["-raised_at", "-id"]
        indexes = [
            place_index("alarms_alarm"),
            *sort_indexes("alm", "raised_at"),
            models.Index(fields=["level", "-raised_at"], name="alarms_alarm_open", condition=~models.Q(state=rules.CLOSED)),
            models.Index(fields=["enterprise", "-raised_at"], name="alarms_alarm_enterprise"),
            models.Index(fields=["sensor", "-raised_at"], name="alarms_alarm_sensor"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        """First axis: whether the limit is still reached."""
        return self.state in rules.ACTIVE_STATES

    @property
    def is_acknowledged(self) -> bool:
        """Second axis: whether a named person has taken notice."""
        return self.acknowledged_at is not None


class AlarmNote(models.Model):
    """What somebody wrote about an alarm: situation, measure or result. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(_("类别"), max_length=10, choices=[(k, _(v)) for k, v in rules.NOTE_KINDS.items()])
    text = models.TextField(_("内容"))
    at = models.DateTimeField(_("时间"))
    author_id = models.UUIDField()
    author_name = models.CharField(_("填写人"), max_length=100)
    author_post = models.CharField(_("岗位"), max_length=100, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]


class StreamPosition(models.Model):
    """How far a process has read a stream, kept in the same transaction as what it made of it."""

    stream = models.CharField(primary_key=True, max_length=60)
    sequence = models.BigIntegerField(default=0)
