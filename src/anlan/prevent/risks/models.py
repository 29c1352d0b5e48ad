"""Tables of risks: object, unit, event, its measures; the checks that prove measures, and every result of a check."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.ledger.records import Record
from anlan.prevent.risks import rules

GRADES = [(grade, _(label)) for grade, label in rules.GRADES.items()]


class RiskObject(SearchableRecord, Record):
    """A risk analysis object (风险分析对象): a plant, a tank farm, a warehouse, a workshop of one enterprise."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    site = models.ForeignKey("enterprises.Site", verbose_name=_("厂区"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    site_id: UUID | None
    source = models.ForeignKey(
        "risksources.RiskSource", verbose_name=_("危险源"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    source_id: UUID | None
    code = models.CharField(_("编号"), max_length=40)
    name = models.CharField(_("风险分析对象"), max_length=120)
    name_key = PinyinKeyField("name")
    location = models.CharField(_("位置"), max_length=160, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    responsible_name = models.CharField(_("责任人"), max_length=60, blank=True, default="")
    in_use = models.BooleanField(_("在用"), default=True)
    # The gravest of its events in use; empty where none was assessed. Kept by services.settle.
    initial_grade = models.PositiveSmallIntegerField(_("初始风险等级"), choices=GRADES, null=True, blank=True, editable=False)
    residual_grade = models.PositiveSmallIntegerField(_("剩余风险等级"), choices=GRADES, null=True, blank=True, editable=False)
    event_count = models.PositiveIntegerField(_("风险事件数"), default=0, editable=False)

    class Meta:
        verbose_name = _("风险分析对象")
        verbose_name_plural = _("风险分析对象")
        ordering = ["name_key"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="risks_object_code_once")]
        indexes = [
            search_index(),
            list_index("rob", "name_key", "initial_grade", "residual_grade", "in_use"),
            *sort_indexes("rob", "name_key"),
            models.Index(fields=["longitude", "latitude"], name="rob_point", include=["residual_grade", "place_code"]),
        ]

    def search_fields(self) -> SearchFields:
        """Found by name, pinyin, place and code."""
        return SearchFields(names=(self.name,), texts=(self.location,), codes=(self.code,))

    def __str__(self) -> str:
        return self.name


class RiskUnit(Record):
    """A risk analysis unit (风险分析单元): a relatively independent part of an object, such as one device, one operation."""

    object = models.ForeignKey(RiskObject, verbose_name=_("风险分析对象"), on_delete=models.PROTECT, related_name="units")
    object_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    code = models.CharField(_("编号"), max_length=40)
    name = models.CharField(_("风险分析单元"), max_length=120)
    responsible_name = models.CharField(_("责任人"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("风险分析单元")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["object", "code"], name="risks_unit_code_once")]
        indexes = [place_index("run")]

    def __str__(self) -> str:
        return self.name


class RiskEvent(SearchableRecord, Record):
    """What may go wrong at a unit (风险事件), how grave it is by one method, and how grave it remains behind its measures."""

    unit = models.ForeignKey(RiskUnit, verbose_name=_("风险分析单元"), on_delete=models.PROTECT, related_name="events")
    unit_id: UUID
    object = models.ForeignKey(RiskObject, verbose_name=_("风险分析对象"), on_delete=models.PROTECT, related_name="events")
    object_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    title = models.CharField(_("风险事件"), max_length=160)
    consequence = models.CharField(_("可能的后果"), max_length=300, blank=True, default="")
    method = models.CharField(_("评价方法"), max_length=20)
    # {factor: value as text}; the day whose tables judged.
    initial_factors = models.JSONField(default=dict)
    initial_value = models.DecimalField(_("初始风险值"), max_digits=10, decimal_places=3)
    initial_grade = models.PositiveSmallIntegerField(_("初始风险等级"), choices=GRADES)
    residual_factors = models.JSONField(default=dict)
    residual_value = models.DecimalField(_("剩余风险值"), max_digits=10, decimal_places=3)
    residual_grade = models.PositiveSmallIntegerField(_("剩余风险等级"), choices=GRADES)
    residual_at = models.DateTimeField(_("剩余风险评价时间"), null=True, blank=True)
    assessed_at = models.DateTimeField(_("评价时间"))
    assessed_by_name = models.CharField(_("评价人"), max_length=100)
    # Whether a row that judged is not verified: marked wherever the grade is shown.
    unverified = models.BooleanField(_("分级数据未核实"), default=False)
    level = models.CharField(_("管控层级"), max_length=20)
    responsible_name = models.CharField(_("责任人"), max_length=60, blank=True, default="")
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("风险事件")
        verbose_name_plural = _("风险事件")
        ordering = ["initial_grade", "-initial_value", "title"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "title"], name="risks_event_title_once", condition=models.Q(in_use=True)),
        ]
        indexes = [
            search_index(),
            list_index("rev", "method", "initial_grade", "residual_grade", "level", "in_use", "assessed_at"),
            *sort_indexes("rev", "residual_grade", "assessed_at"),
            models.Index(fields=["enterprise", "initial_grade"], name="rev_enterprise", condition=models.Q(in_use=True)),
        ]

    def search_fields(self) -> SearchFields:
        """Found by what may happen."""
        return SearchFields(names=(self.title,), texts=(self.consequence,))

    def __str__(self) -> str:
        return self.title


class Measure(Record):
    """A control measure (管控措施) of an event, and the check that proves that it stands: what to look at, how often, who."""

    event = models.ForeignKey(RiskEvent, verbose_name=_("风险事件"), on_delete=models.PROTECT, related_name="measures")
    event_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    kind = models.CharField(_("措施类别"), max_length=20)
    text = models.CharField(_("管控措施"), max_length=300)
    check_text = models.CharField(_("排查内容"), max_length=300)
    period = models.CharField(_("排查周期"), max_length=12)
    level = models.CharField(_("管控层级"), max_length=20)
    post_kind = models.CharField(_("排查岗位"), max_length=40)
    person_id = models.UUIDField(null=True, blank=True)
    person_name = models.CharField(_("排查人"), max_length=100, blank=True, default="")
    in_use = models.BooleanField(_("在用"), default=True)
    # When the next task is due to be made; empty while none is.
    next_task_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("管控措施")
        ordering = ["kind", "created_at"]
        indexes = [
            place_index("rme"),
            models.Index(fields=["next_task_at"], name="rme_next", condition=models.Q(next_task_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text


class CheckTask(Record):
    """One check that is owed (隐患排查任务): one measure in one window. What is looked at is kept as it stood when it was made."""

    OUTCOMES: ClassVar = [(code, _(label)) for code, label in rules.OUTCOMES.items()]

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="tasks")
    measure_id: UUID
    event = models.ForeignKey(RiskEvent, verbose_name=_("风险事件"), on_delete=models.PROTECT, related_name="+")
    event_id: UUID
    object = models.ForeignKey(RiskObject, verbose_name=_("风险分析对象"), on_delete=models.PROTECT, related_name="+")
    object_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    title = models.CharField(_("排查内容"), max_length=300)
    measure_text = models.CharField(_("管控措施"), max_length=300)
    where = models.CharField(_("部位"), max_length=250)
    period = models.CharField(_("排查周期"), max_length=12)
    window_from = models.DateTimeField(_("开始时间"))
    due_at = models.DateTimeField(_("排查期限"))
    state = models.CharField(_("状态"), max_length=8, choices=[(k, _(v)) for k, v in rules.TASK_STATES.items()], default=rules.OPEN)
    overdue = models.BooleanField(_("逾期"), default=False)
    post_kind = models.CharField(_("排查岗位"), max_length=40)
    person_id = models.UUIDField(null=True, blank=True)
    person_name = models.CharField(_("排查人"), max_length=100, blank=True, default="")
    outcome = models.CharField(_("排查结果"), max_length=16, choices=OUTCOMES, blank=True, default="")
    done_at = models.DateTimeField(_("排查时间"), null=True, blank=True)
    done_by_name = models.CharField(_("办理人"), max_length=100, blank=True, default="")
    # Somebody else's result came for a check that was done already: all are kept, the page shows them side by side.
    contested = models.BooleanField(_("多人结果"), default=False)

    class Meta:
        verbose_name = _("隐患排查任务")
        verbose_name_plural = _("隐患排查任务")
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["measure", "window_from"], name="risks_task_once")]
        indexes = [
            list_index("rct", "state", "outcome", "overdue", "contested", "post_kind", "due_at", "done_at"),
            *sort_indexes("rct", "due_at"),
            # A person's day: what is open in his enterprise, the most urgent first.
            models.Index(fields=["enterprise", "due_at"], name="rct_open", condition=models.Q(state=rules.OPEN)),
            models.Index(fields=["enterprise", "-done_at"], name="rct_done", condition=models.Q(done_at__isnull=False)),
            # The sweep reads what fell due and nothing else.
            models.Index(fields=["due_at"], name="rct_due", condition=models.Q(state=rules.OPEN, overdue=False)),
            models.Index(
                OpClass("place_code", name="text_pattern_ops"),
                "due_at",
                name="rct_late",
                condition=models.Q(overdue=True, state=rules.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CheckResult(Record):
    """One result of a check under the key that the phone chose: sent twice over a broken link, it is one. Pictures are attached to it."""

    task = models.ForeignKey(CheckTask, on_delete=models.PROTECT, related_name="results")
    task_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    outcome = models.CharField(max_length=16, choices=CheckTask.OUTCOMES)
    note = models.TextField(blank=True, default="")
    done_at: datetime = models.DateTimeField()  # type: ignore[assignment]
    received_at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)
    late = models.BooleanField(default=False)
    # The check had been done by then: this result stands beside the first.
    second = models.BooleanField(default=False)
    danger_id = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("排查结果")
        ordering = ["received_at"]
        indexes = [place_index("rcr")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.outcome}"
