"""Tables of the field app: one-key reports, and what people in the field told of their tasks and of themselves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.fieldapp import rules
from anlan.desk.search import sort_indexes
from anlan.kernel.flow import Flow
from anlan.ledger.records import Case, Record, place_index


class FieldReport(Case):
    """One report from a phone. ``once``: the key that the phone chose; ``happened_at``: by the node's clock less the time that it waited.

    Degrees of WGS-84, m; ``clock_off_s``: seconds by which the phone's own clock was ahead, 0 where it was right.
    """

    flow: ClassVar[Flow] = rules.FLOW

    once = models.UUIDField(unique=True, editable=False)
    source = models.CharField(_("来源"), max_length=12, choices=[(code, _(label)) for code, label in rules.SOURCES.items()])
    kind = models.CharField(_("类别"), max_length=24, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    title = models.CharField(_("标题"), max_length=120)
    words = models.CharField(_("情况说明"), max_length=rules.WORDS_MOST, blank=True, default="")
    location = models.CharField(_("地点"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    accuracy_m = models.FloatField(_("定位误差（m）"), null=True, blank=True)
    happened_at = models.DateTimeField(_("上报时间"))
    phone_at = models.DateTimeField(_("手机时间"), null=True, blank=True)
    clock_off_s = models.IntegerField(_("手机时钟偏差（秒）"), default=0)
    sender_id = models.UUIDField(db_index=True)
    sender_name = models.CharField(_("上报人"), max_length=100)
    sender_post = models.CharField(_("身份"), max_length=60, blank=True, default="")
    enterprise_id = models.UUIDField(_("企业"), null=True, blank=True, db_index=True)
    filing_id = models.UUIDField(_("信息报送"), null=True, blank=True)
    incident_id = models.UUIDField(_("突发事件"), null=True, blank=True, db_index=True)
    pictures = models.PositiveSmallIntegerField(_("照片"), default=0)

    class Meta:
        verbose_name = _("现场上报")
        verbose_name_plural = _("现场上报")
        ordering = ["-opened_at", "-id"]
        indexes = [
            place_index("fieldapp_report"),
            *sort_indexes("fieldapp", "opened_at"),
            models.Index(fields=["longitude", "latitude"], name="fieldapp_report_point"),
        ]

    def __str__(self) -> str:
        return self.title


class FieldStep(Record):
    """What somebody told from the field: a move of a task, or that all is well. ``once``: the key that the phone chose."""

    once = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(_("类别"), max_length=12, choices=[(code, _(label)) for code, label in rules.STEPS.items()])
    incident_id = models.UUIDField(_("突发事件"), null=True, db_index=True)
    task_id = models.UUIDField(_("任务"), null=True)
    subject = models.CharField(_("任务"), max_length=200, blank=True, default="")
    words = models.CharField(_("说明"), max_length=rules.WORDS_MOST, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True)
    latitude = models.FloatField(_("纬度"), null=True)
    happened_at = models.DateTimeField(_("时间"))
    received_at = models.DateTimeField(_("收到时间"))
    account_id = models.UUIDField()
    who = models.CharField(_("人员"), max_length=100)

    class Meta:
        verbose_name = _("现场反馈")
        verbose_name_plural = _("现场反馈")
        ordering = ["happened_at", "id"]
        indexes = [place_index("fieldapp_step")]

    def __str__(self) -> str:
        return f"{self.who} {self.kind}"
