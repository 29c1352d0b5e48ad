"""Tables of special works: the work, its permits, lines of measures, samples of air, conflicts answered, alarms beside it, commitments."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record
from anlan.prevent.permits import rules


class Work(Record):
    """One work that somebody wants to do: content, place, time and hazard analysis. Each special kind in it has a permit of its own (4.6)."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    title = models.CharField(_("作业内容"), max_length=200)
    location = models.CharField(_("作业地点及部位"), max_length=160)
    location_key = models.CharField(max_length=80, editable=False)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    applicant_unit = models.CharField(_("作业申请单位"), max_length=120)
    work_unit = models.CharField(_("作业单位"), max_length=120)
    contractor = models.BooleanField(_("承包商作业"), default=False)
    # grading.Analysis as it was filled in.
    facts = models.JSONField(_("作业分析"), default=dict)
    hazards = models.TextField(_("风险辨识结果"))
    planned_from = models.DateTimeField(_("计划开始"))
    planned_until = models.DateTimeField(_("计划结束"))
    day_only = models.BooleanField(_("只在工作日白天作业"), default=False)
    exercise = models.BooleanField(_("演练"), default=False)
    applicant_id = models.UUIDField()
    applicant_name = models.CharField(_("申请人"), max_length=100)

    class Meta:
        verbose_name = _("特殊作业")
        verbose_name_plural = _("特殊作业")
        indexes = [place_index("pmt_work"), models.Index(fields=["enterprise", "-planned_from"], name="pmt_work_enterprise")]

    def __str__(self) -> str:
        return self.title


class Permit(SearchableRecord, Case):
    """One permit: one kind of special work at one place and time. After approval nothing of it is altered (4.18)."""

    flow: ClassVar[Flow] = rules.FLOW

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="permits")
    work_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    number = models.CharField(_("作业票编号"), max_length=24)
    kind = models.CharField(_("作业类别"), max_length=16, choices=[(k, _(v)) for k, v in rules.KINDS.items()])
    # Row of data/grades.csv after raising, and before; why it was raised.
    grade_code = models.CharField(_("作业级别"), max_length=24)
    base_grade_code = models.CharField(_("升级前级别"), max_length=24)
    upgrade_reasons = models.JSONField(_("升级原因"), default=list, blank=True)
    title = models.CharField(_("作业内容"), max_length=200)
    location = models.CharField(_("作业地点及部位"), max_length=160)
    location_key = models.CharField(max_length=80, editable=False)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    # The position while the permit is open: the map asks for these alone.
    open_longitude = models.FloatField(null=True, blank=True, editable=False)
    open_latitude = models.FloatField(null=True, blank=True, editable=False)
    opens_vessel = models.BooleanField(_("设备或管道敞开"), default=False)
    valid_from = models.DateTimeField(_("有效自"))
    valid_until = models.DateTimeField(_("有效期至"))

    applicant_id = models.UUIDField()
    applicant_name = models.CharField(_("申请人"), max_length=100)
    workers = models.CharField(_("作业人员及证书编号"), max_length=300, blank=True, default="")
    method = models.CharField(_("作业方式或原有介质"), max_length=160, blank=True, default="")
    leader_name = models.CharField(_("作业负责人"), max_length=60, blank=True, default="")
    supervisor_name = models.CharField(_("监护人"), max_length=60, blank=True, default="")
    supervisor_id = models.UUIDField(null=True, blank=True)
    briefed_by_name = models.CharField(_("安全交底人"), max_length=60, blank=True, default="")
    briefed_to_name = models.CharField(_("接受交底人"), max_length=60, blank=True, default="")
    other_measures = models.TextField(_("其他安全措施"), blank=True, default="")

    approved_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    approved_by_id = models.UUIDField(null=True, blank=True)
    approved_by_name = models.CharField(_("审批人"), max_length=100, blank=True, default="")
    approved_post = models.CharField(max_length=40, blank=True, default="")
    # Where the phone stood when it was signed; metres of accuracy as the phone told it.
    approved_longitude = models.FloatField(null=True, blank=True)
    approved_latitude = models.FloatField(null=True, blank=True)
    approved_accuracy = models.FloatField(null=True, blank=True)
    opinion = models.CharField(_("审批意见"), max_length=300, blank=True, default="")
    started_at = models.DateTimeField(_("开工时间"), null=True, blank=True)
    paused_at = models.DateTimeField(_("暂停时间"), null=True, blank=True)
    pause_kind = models.CharField(
        _("暂停原因"), max_length=16, blank=True, default="", choices=[(k, _(v)) for k, v in rules.PAUSES.items()]
    )
    # What a bureau stopped, a bureau lets go on.
    stopped_by_bureau = models.BooleanField(default=False, editable=False)
    finished_at = models.DateTimeField(_("完工时间"), null=True, blank=True)
    finished_by_id = models.UUIDField(null=True, blank=True)
    finished_by_name = models.CharField(_("完工确认人"), max_length=100, blank=True, default="")
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    accepted_by_name = models.CharField(_("验收人"), max_length=100, blank=True, default="")
    overrun = models.BooleanField(_("到期未完工"), default=False)
    # When a line, a sample or an answer was last written beside it: so that whoever signs is told that something came in between.
    last_record_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the sweep looks next; empty when nothing can fall due.
    next_look_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until when each reminder was given, so that none is given twice.
    reminded = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("特殊作业票")
        verbose_name_plural = _("特殊作业票")
        ordering = ["-valid_from", "-id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "number"], name="permits_number_once")]
        indexes = [
            search_index(),
            list_index("pmt", "state", "kind", "grade_code", "valid_from", "valid_until", "overrun", "exercise"),
            *sort_indexes("pmt", "valid_from", "valid_until"),
            models.Index(fields=["enterprise", "state", "-valid_from"], name="pmt_enterprise"),
            models.Index(fields=["state", "opened_at"], name="pmt_state"),
            models.Index(fields=["next_look_at"], name="pmt_look", condition=models.Q(next_look_at__isnull=False)),
            models.Index(
                OpClass("place_code", name="text_pattern_ops"),
                name="pmt_open",
                include=["state", "kind", "grade_code", "enterprise", "classification", "exercise"],
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["open_longitude", "open_latitude"],
                name="pmt_point",
                include=["state", "kind", "place_code", "classification", "enterprise"],
                condition=models.Q(open_longitude__isnull=False),
            ),
        ]

    def search_fields(self) -> SearchFields:
        """Found by number, content and place."""
        return SearchFields(names=(self.title,), texts=(self.location, self.work_unit_name), codes=(self.number,))

    @property
    def work_unit_name(self) -> str:
        """Who does the work."""
        return self.work.work_unit

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class MeasureAnswer(models.Model):
    """One line of the form's measures, answered by a named person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=16, choices=[(k, _(v)) for k, v in rules.ANSWERS.items()])
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()
    late = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["permit", "number"], name="permits_measure_once")]

    def __str__(self) -> str:
        return f"{self.permit_id} {self.number} {self.answer}"


class GasTest(models.Model):
    """One sample of the air at one permit's place. Per cent by volume; toxics mg/m³: ``[[name, value, limit], …]``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="gas_tests")
    permit_id: UUID
    sampled_at = models.DateTimeField()
    received_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    point = models.CharField(max_length=120, blank=True, default="")
    gas_name = models.CharField(max_length=60, blank=True, default="")
    combustible = models.FloatField(null=True, blank=True)
    lel = models.FloatField(null=True, blank=True)
    oxygen = models.FloatField(null=True, blank=True)
    rich = models.BooleanField(default=False)
    toxics = models.JSONField(default=list)
    passed = models.BooleanField()
    said = models.CharField(max_length=400, blank=True, default="")
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)

    class Meta:
        ordering = ["-sampled_at", "-id"]
        indexes = [models.Index(fields=["permit", "-sampled_at"], name="pmt_gas")]

    def __str__(self) -> str:
        return f"{self.permit_id} {self.sampled_at}"


class ConflictAnswer(models.Model):
    """How a conflict between two permits is kept safe, told once for both."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="conflict_answers")
    other = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="+")
    pair = models.CharField(max_length=40)
    text = models.CharField(max_length=400)
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["permit", "other", "pair"], name="permits_conflict_once")]

    def __str__(self) -> str:
        return f"{self.permit_id} {self.pair}"


class AlarmNearby(models.Model):
    """An alarm that rang beside a work that was going on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="alarms")
    alarm_id = models.UUIDField()
    title = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["permit", "alarm_id"], name="permits_alarm_once")]

    def __str__(self) -> str:
        return self.title


class Deed(models.Model):
    """What a phone did, by the key it chose: sent twice over a broken link, it is done once."""

    once = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.once)


class OwnRule(Record):
    """How long an enterprise lets a permit of one kind last: needed where the standard sets no hours, stricter where it does."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    kind = models.CharField(_("作业类别"), max_length=16, choices=[(k, _(v)) for k, v in rules.KINDS.items()])
    hours = models.PositiveSmallIntegerField(_("有效时间（小时）"), validators=[MinValueValidator(1), MaxValueValidator(720)])
    basis = models.CharField(_("依据的企业制度"), max_length=200)
    set_by_name = models.CharField(_("设定人"), max_length=100)

    class Meta:
        verbose_name = _("企业作业票时限")
        verbose_name_plural = _("企业作业票时限")
        constraints = [models.UniqueConstraint(fields=["enterprise", "kind"], name="permits_own_rule_once")]
        indexes = [place_index("pmt_rule")]

    def __str__(self) -> str:
        return f"{self.kind} {self.hours} h"


class Commitment(Record):
    """The safety commitment of one enterprise for one day: owed from midnight, given by its principal, compared with what goes on."""

    OWED, GIVEN = "owed", "given"

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    day = models.DateField(_("日期"))
    state = models.CharField(_("状态"), max_length=8, choices=[(OWED, _("未公告")), (GIVEN, _("已公告"))], default=OWED)
    due_at = models.DateTimeField(_("公告时限"))
    missed = models.BooleanField(_("未按时公告"), default=False)
    given_at = models.DateTimeField(_("公告时间"), null=True, blank=True)
    given_by_name = models.CharField(_("承诺人"), max_length=100, blank=True, default="")
    risk_grade = models.PositiveSmallIntegerField(_("风险级别"), null=True, blank=True)
    # {field code: value} by data/commitment_fields.csv.
    values = models.JSONField(default=dict)
    statement = models.TextField(_("承诺内容"), blank=True, default="")
    reason = models.TextField(_("不一致的说明"), blank=True, default="")
    corrected = models.PositiveSmallIntegerField(_("更正次数"), default=0)
    # [[code, committed, known], …] as last compared.
    differences = models.JSONField(_("与平台记录不一致"), default=list)
    contradicted = models.BooleanField(_("与平台记录不一致"), default=False)

    class Meta:
        verbose_name = _("安全承诺公告")
        verbose_name_plural = _("安全承诺公告")
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "day"], name="permits_commitment_once")]
        indexes = [
            list_index("cmt", "day", "state", "missed", "contradicted", "risk_grade", "given_at"),
            *sort_indexes("cmt", "day"),
            models.Index(fields=["due_at"], name="cmt_due", condition=models.Q(state="owed", missed=False)),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.day}"
