"""Tables of process units: the unit, its trainings, and the model versions they made, which never change."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, search_index, sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record
from anlan.sense.units import rules

METHODS = [(code, _(label)) for code, label in rules.METHODS.items()]


class ProcessUnit(SearchableRecord, Record):
    """Points of one enterprise that are judged together, and the times in which they ran as they should."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    risk_source = models.ForeignKey(
        "risksources.RiskSource", verbose_name=_("危险源"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    risk_source_id: UUID | None
    name = models.CharField(_("工艺单元名称"), max_length=100)
    name_key = PinyinKeyField("name")
    # Channel numbers, which last for ever, in the order of the model's variables.
    channels = models.JSONField(_("测点"), default=list)
    interval_s = models.FloatField(_("判断间隔（秒）"), default=rules.INTERVAL_S)
    age_s = models.FloatField(_("读数有效期（秒）"), default=rules.AGE_S)
    periods = models.JSONField(_("正常运行时段"), default=list)
    exclusions = models.JSONField(_("排除时段"), default=list)
    method = models.CharField(_("训练方法"), max_length=8, choices=METHODS, default=rules.CVA)
    quantile = models.FloatField(_("阈值分位数"), default=rules.QUANTILE)
    note = models.TextField(_("说明"), blank=True, default="")

    class Meta:
        verbose_name = _("工艺单元")
        verbose_name_plural = _("工艺单元")
        ordering = ["name_key", "id"]
        indexes = [search_index(), list_index("unit", "name_key", "updated_at"), *sort_indexes("unit", "name_key", "updated_at")]

    def __str__(self) -> str:
        return self.name

    def search_fields(self) -> SearchFields:
        """Found by its name."""
        return SearchFields(names=(self.name,), texts=(self.note,), codes=())


class ModelVersion(models.Model):
    """One trained model with what it was learnt from and what it is worth. Never changed: rules and alarms point to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(ProcessUnit, verbose_name=_("工艺单元"), on_delete=models.PROTECT, related_name="versions")
    unit_id: UUID
    number = models.PositiveIntegerField(_("版本"))
    digest = models.CharField(_("模型指纹（SHA-256）"), max_length=64)
    trained_at = models.DateTimeField(_("训练时间"))
    by_name = models.CharField(_("训练人"), max_length=100)
    method = models.CharField(_("训练方法"), max_length=8, choices=METHODS)
    lags = models.PositiveSmallIntegerField(_("回看时刻数"))
    quantile = models.FloatField(_("阈值分位数"))
    interval_s = models.FloatField(_("判断间隔（秒）"))
    age_s = models.FloatField(_("读数有效期（秒）"))
    channels = models.JSONField(_("测点"), default=list)
    periods = models.JSONField(_("正常运行时段"), default=list)
    exclusions = models.JSONField(_("排除时段"), default=list)
    rows = models.PositiveIntegerField(_("训练时刻数"))
    left_out = models.JSONField(_("未采用的时刻"), default=dict)
    limit_state = models.FloatField(_("工况内偏离阈值"))
    limit_residual = models.FloatField(_("关系偏离阈值"))
    false_alarm_rate = models.FloatField(_("误报率"))
    still = models.JSONField(_("从未变化的测点"), default=list)

    class Meta:
        verbose_name = _("模型版本")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["unit", "number"], name="units_version_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.number}"


class Training(models.Model):
    """A model being learnt in the background: how far it is, what stood in its way, which version it made."""

    WAITING, RUNNING, DONE, CANCELLED, FAILED = "waiting", "running", "done", "cancelled", "failed"
    STATES: ClassVar[list[tuple[str, Any]]] = [
        (WAITING, _("等待中")),
        (RUNNING, _("训练中")),
        (DONE, _("已完成")),
        (CANCELLED, _("已取消")),
        (FAILED, _("未完成")),
    ]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(ProcessUnit, verbose_name=_("工艺单元"), on_delete=models.PROTECT, related_name="trainings")
    unit_id: UUID
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=WAITING)
    actor = models.JSONField(default=dict)
    by_name = models.CharField(_("办理人"), max_length=100)
    created_at = models.DateTimeField(_("登记时间"))
    touched_at = models.DateTimeField(_("更新时间"))
    percent = models.PositiveSmallIntegerField(_("进度"), default=0)
    cancel_requested = models.BooleanField(default=False)
    # What stood in the way: the refusal's sentence and its facts, so that every reader reads it in his language.
    problem = models.CharField(_("未完成的原因"), max_length=300, blank=True, default="")
    problem_facts = models.JSONField(default=dict)
    left_out = models.JSONField(_("未采用的时刻"), default=dict)
    version = models.ForeignKey(ModelVersion, verbose_name=_("模型版本"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("模型训练")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["unit", "-created_at"], name="units_training_newest")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.created_at}"

    @property
    def is_running(self) -> bool:
        """Whether it waits or works."""
        return self.state in (self.WAITING, self.RUNNING)
