"""Tables of alarms: the alarm with its two axes, what was done about it and who was told, what could not be read, how far the stream was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index
from anlan.sense.alarms import rules

KINDS = [(code, _(label)) for code, label in rules.KINDS.items()]
LEVELS = [(1, _("一级（红）")), (2, _("二级（橙）")), (3, _("三级（黄）")), (4, _("四级（蓝）"))]


_OPEN = models.Q(state__in=sorted(rules.OPEN_STATES))
_ORPHAN = models.Q(cause__isnull=True) & ~models.Q(cause_episode="")


class Alarm(Case):
    """One episode in which a measuring point or a piece of equipment was not as it should be. Values in the point's unit, times of the readings."""

    flow: ClassVar[Flow] = rules.FLOW

    # Deterministic name of the episode (who, what, time of the raising reading): telling the same alarm twice changes nothing.
    episode = models.CharField(max_length=200, unique=True, editable=False)
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey("devices.Device", verbose_name=_("设备"), on_delete=models.PROTECT, related_name="+")
    device_id: UUID
    # What equipment itself reports (a fire panel, a truck, a camera) belongs to no measuring point.
    sensor = models.ForeignKey("devices.Sensor", verbose_name=_("测点"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sensor_id: UUID | None
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
    # The alarm that explains this one, once it is known; before that the name of its episode waits in ``cause_episode``.
    cause = models.ForeignKey("self", verbose_name=_("起因报警"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cause_id: UUID | None
    cause_episode = models.CharField(max_length=200, blank=True, default="", editable=False)
    # The alarm at the top of the causes; one without a cause names itself. A flood is one line of the desk by this key.
    group_key = models.UUIDField(_("起因分组"), editable=False)
    # Begin and end of one happening have this in common (SHA-256 of sender, device, kind and part).
    source_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    kind = models.CharField(_("报警类别"), max_length=16, choices=KINDS)
    rule = models.CharField(_("规则或事件代码"), max_length=120, blank=True, default="")
    level = models.PositiveSmallIntegerField(_("报警级别"), choices=LEVELS)
    title = models.CharField(_("报警内容"), max_length=200)
    said = models.CharField(_("设备原文"), max_length=500, blank=True, default="")
    part = models.CharField(_("部位"), max_length=200, blank=True, default="")
    unit = models.CharField(_("计量单位"), max_length=24, blank=True, default="")
    limit = models.FloatField(_("限值"))
    value = models.FloatField(_("报警值"))
    peak = models.FloatField(_("极值"))
    facts = models.JSONField(_("相关数值"), default=dict, blank=True)
    exhibits = models.JSONField(_("图像指纹"), default=list, blank=True)
    quality = models.PositiveIntegerField(_("数据质量"), default=0)
    raised_at = models.DateTimeField(_("报警时间"))
    received_at = models.DateTimeField(_("收到时间"))
    late = models.BooleanField(_("迟报"), default=False)
    # Told on its own, or only counted in its group.
    told = models.BooleanField(default=True, editable=False)
    rings = models.PositiveSmallIntegerField(_("报警次数"), default=1)
    rang_at = models.DateTimeField(_("最近一次报警时间"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("恢复时间"), null=True, blank=True)
    cleared_value = models.FloatField(_("恢复值"), null=True, blank=True)
    withdrawn = models.BooleanField(_("规则撤销"), default=False)
    first_acknowledged_at = models.DateTimeField(_("首次确认时间"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("报警确认时间"), null=True, blank=True)
    acknowledged_by_id = models.UUIDField(null=True, blank=True)
    acknowledged_by_name = models.CharField(_("确认人"), max_length=100, blank=True, default="")
    acknowledgement_until = models.DateTimeField(_("确认有效期至"), null=True, blank=True)
    handled_at = models.DateTimeField(_("首次处置时间"), null=True, blank=True)
    escalation_step = models.PositiveSmallIntegerField(_("升级步数"), default=0)
    escalates_at = models.DateTimeField(_("下次升级时间"), null=True, blank=True)
    shelved_until = models.DateTimeField(_("搁置至"), null=True, blank=True)
    shelved_by_name = models.CharField(_("搁置人"), max_length=100, blank=True, default="")
    shelving_reason = models.CharField(_("搁置理由"), max_length=200, blank=True, default="")
    finding = models.CharField(_("原因认定"), max_length=32, blank=True, default="")
    review_note = models.TextField(_("复核说明"), blank=True, default="")
    reviewed_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    reviewed_by_id = models.UUIDField(null=True, blank=True)
    reviewed_by_name = models.CharField(_("复核人"), max_length=100, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        verbose_name = _("报警")
        verbose_name_plural = _("报警")
        ordering = ["-raised_at", "-id"]
        indexes = [
            place_index("alarms_alarm"),
            *sort_indexes("alm", "raised_at"),
            models.Index(fields=["group_key", "level", "-raised_at"], name="alarms_alarm_open", condition=_OPEN),
            models.Index(fields=["group_key"], name="alarms_alarm_group"),
            models.Index(fields=["-cleared_at"], name="alarms_alarm_review", condition=models.Q(state=rules.REVIEWING)),
            models.Index(fields=["enterprise", "-raised_at"], name="alarms_alarm_enterprise"),
            models.Index(fields=["sensor", "kind", "-raised_at"], name="alarms_alarm_sensor"),
            models.Index(fields=["cause_episode"], name="alarms_alarm_orphan", condition=_ORPHAN),
            models.Index(fields=["source_key"], name="alarms_alarm_source", condition=~models.Q(source_key="")),
            models.Index(fields=["acknowledgement_until"], name="alarms_alarm_expires", condition=models.Q(state=rules.ACKNOWLEDGED)),
            models.Index(fields=["escalates_at"], name="alarms_alarm_escalates", condition=models.Q(escalates_at__isnull=False)),
            models.Index(fields=["shelved_until"], name="alarms_alarm_shelved", condition=models.Q(shelved_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """An alarm without a known cause stands at the top of its own group."""
        if self.group_key is None:
            self.group_key = self.pk
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        """First axis: whether the condition still holds."""
        return self.state in rules.ACTIVE_STATES

    @property
    def is_acknowledged(self) -> bool:
        """Second axis: whether a named person has taken notice."""
        return self.acknowledged_at is not None

    @property
    def delay(self) -> timedelta:
        """How long after its time the node had it."""
        return max(self.received_at - self.raised_at, timedelta())

    def is_shelved(self, now: datetime) -> bool:
        """Whether somebody put it aside for a while."""
        return self.shelved_until is not None and self.shelved_until > now


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


class EscalationRecord(models.Model):
    """One rung of the ladder that an alarm climbed: who was told, or that nobody holds the post. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="escalations")
    ring = models.PositiveSmallIntegerField(_("报警次数"))
    step = models.PositiveSmallIntegerField(_("升级步数"))
    side = models.CharField(max_length=12)
    post_kind = models.CharField(_("岗位"), max_length=32)
    place_code = models.CharField(_("行政区划"), max_length=9, blank=True, default="")
    at = models.DateTimeField(_("时间"))
    # Account ids and names, as they were at that moment.
    told = models.JSONField(_("已通知"), default=list)

    class Meta:
        ordering = ["at", "step", "id"]
        constraints = [models.UniqueConstraint(fields=["alarm", "ring", "step"], name="alarms_escalation_once")]


class OwnSpan(models.Model):
    """A node's own length of time in place of a row of the tables, from a moment on. Never changed: the newest one that is in force holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=40)
    minutes = models.PositiveIntegerField(_("时限（分钟）"))
    effective_from = models.DateTimeField(_("生效时间"))
    set_by_name = models.CharField(_("设定人"), max_length=100)
    reason = models.CharField(_("依据"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["name", "-effective_from", "-id"]
        indexes = [models.Index(fields=["name", "-effective_from"], name="alarms_own_span")]


class ApartMessage(models.Model):
    """What the stream said and nobody here could make an alarm of. It is kept, shown, and can be taken in again once it is understood."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sequence = models.BigIntegerField()
    subject = models.CharField(max_length=120)
    reason = models.CharField(_("原因"), max_length=24, choices=[(code, _(label)) for code, label in rules.APART_REASONS.items()])
    detail = models.CharField(_("说明"), max_length=200, blank=True, default="")
    data = models.BinaryField()
    at = models.DateTimeField(_("收到时间"))
    taken_at = models.DateTimeField(_("重新识别时间"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="alarms_apart_waiting", condition=models.Q(taken_at__isnull=True))]
