"""Tables of the risk picture: grades as they stand, grades of areas, how they moved, index versions with their back-tests, what waits to be graded."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import list_index, sort_indexes
from anlan.kernel import clock
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record, place_index
from anlan.warn.riskpicture import rules, versions

GRADES = [(code, _(label)) for code, label in rules.GRADES.items()]
KINDS = [(code, _(label)) for code, label in rules.KINDS.items()]


class Grade(Record):
    """The live grade of one enterprise or hazard source. Derived: reckoned again at any time from what the rooms below know.

    ``factors``: one entry for each factor that was seen, ``[code, units, hours, raw points, part]``, points in tenths.
    """

    kind = models.CharField(_("对象"), max_length=12, choices=KINDS)
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    source = models.ForeignKey(
        "risksources.RiskSource", verbose_name=_("危险源"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    source_id: UUID | None
    grade = models.PositiveSmallIntegerField(_("风险等级"), choices=GRADES, default=rules.BLUE)
    score = models.DecimalField(_("风险分"), max_digits=5, decimal_places=1, default=0)
    since = models.DateTimeField(_("处于该等级自"), default=clock.now)
    before = models.PositiveSmallIntegerField(_("此前等级"), choices=GRADES, null=True, blank=True)
    # Whether anybody ever assessed what it is by nature: without that a low score says little.
    assessed = models.BooleanField(_("固有风险已评定"), default=False)
    factors: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)
    vetoes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    over = models.PositiveIntegerField(default=0, editable=False)
    # Factors whose reader did not answer: their last part was kept.
    stale: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # What it weighs in the load of its area.
    weight = models.FloatField(default=1, editable=False)
    index_version = models.CharField(_("指标体系"), max_length=40, blank=True, default="")
    computed_at = models.DateTimeField(_("计算时间"), null=True, blank=True)
    look_at = models.DateTimeField(null=True, blank=True, editable=False)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        verbose_name = _("风险等级")
        verbose_name_plural = _("风险等级")
        ordering = ["grade", "-score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise"], name="risk_grade_enterprise", condition=models.Q(kind=rules.ENTERPRISE)),
            models.UniqueConstraint(fields=["source"], name="risk_grade_source"),
        ]
        indexes = [
            list_index("rgrade", "kind", "grade", "score", "since", "assessed"),
            *sort_indexes("rgrade", "score", "since"),
            models.Index(fields=["kind", "grade", "-score"], name="rgrade_worst"),
            models.Index(fields=["look_at"], name="rgrade_look", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["longitude", "latitude"], name="rgrade_point", include=["kind", "grade", "place_code", "classification"]),
        ]

    @property
    def title(self) -> str:
        """What is graded, by name."""
        return self.source.name if self.kind == rules.SOURCE and self.source is not None else self.enterprise.name

    def __str__(self) -> str:
        return f"{self.kind} {self.enterprise_id}"


class AreaGrade(models.Model):
    """The live grade of a township, county, city, province or the nation, from the enterprises in it. Derived like grades."""

    place_code = models.CharField(_("行政区划"), max_length=9, primary_key=True)
    level = models.CharField(max_length=8)
    grade = models.PositiveSmallIntegerField(_("风险等级"), choices=GRADES)
    score = models.DecimalField(_("风险分"), max_digits=5, decimal_places=1)
    since = models.DateTimeField(_("处于该等级自"))
    before = models.PositiveSmallIntegerField(_("此前等级"), choices=GRADES, null=True, blank=True)
    red = models.PositiveIntegerField(_("红色"), default=0)
    orange = models.PositiveIntegerField(_("橙色"), default=0)
    yellow = models.PositiveIntegerField(_("黄色"), default=0)
    blue = models.PositiveIntegerField(_("蓝色"), default=0)
    load = models.FloatField(default=0)
    worst = models.DecimalField(_("最高风险分"), max_digits=5, decimal_places=1, default=0)
    index_version = models.CharField(_("指标体系"), max_length=40, blank=True, default="")
    computed_at = models.DateTimeField(_("计算时间"))

    class Meta:
        verbose_name = _("区域风险等级")
        indexes = [
            models.Index(fields=["level", "grade", "-score"], name="rarea_worst"),
            models.Index(OpClass("place_code", name="text_pattern_ops"), name="rarea_place"),
        ]

    def __str__(self) -> str:
        return self.place_code


class GradeMove(models.Model):
    """A grade or a score that moved: the history and the trend of a subject or an area. Never changed."""

    EVENT, TIME, INDEX = "event", "time", "index"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    enterprise_id: UUID | None
    source = models.ForeignKey("risksources.RiskSource", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    source_id: UUID | None
    place_code = models.CharField(max_length=9)
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField(null=True)
    after = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=1)
    # Codes of the factors whose parts changed, by how much (tenths), the largest first.
    reasons: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)
    cause = models.CharField(max_length=8, default=EVENT)
    index_version = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("风险变化")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["enterprise", "kind", "-at"], name="rmove_enterprise"),
            models.Index(fields=["source", "-at"], name="rmove_source", condition=models.Q(source__isnull=False)),
            models.Index(fields=["place_code", "-at"], name="rmove_area", condition=models.Q(kind="area")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at} {self.before} → {self.after}"


class Waiting(models.Model):
    """A subject of which something changed: it is graded again within seconds. Told twice it is graded once.

    ``among_many``: told together with a great many others (rain over a province); whoever was told of alone goes first.
    """

    kind = models.CharField(max_length=12)
    subject_id = models.UUIDField()
    at = models.DateTimeField()
    among_many = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="risk_waiting_once")]
        indexes = [models.Index(fields=["among_many", "at", "id"], name="rwait_turn")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class IndexVersion(Case):
    """One version of the index system: its tables as texts, who drafted it, how its back-test went, who put it in force."""

    flow: ClassVar[Flow] = versions.FLOW

    name = models.CharField(_("版本"), max_length=40, unique=True)
    title = models.CharField(_("名称"), max_length=120, blank=True, default="")
    tables: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, editable=False)
    delivered = models.BooleanField(_("随平台提供"), default=False)
    based_on = models.CharField(_("来源版本"), max_length=40, blank=True, default="")
    drafted_by_id = models.UUIDField(null=True, blank=True)
    drafted_by_name = models.CharField(_("起草人"), max_length=100, blank=True, default="")
    tested_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    enacted_by_name = models.CharField(_("启用人"), max_length=100, blank=True, default="")
    enacted_at = models.DateTimeField(_("启用时间"), null=True, blank=True)
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    note = models.TextField(_("修改说明"), blank=True, default="")

    class Meta:
        verbose_name = _("风险指标体系")
        verbose_name_plural = _("风险指标体系")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["state"], name="risk_index_one_live", condition=models.Q(state=versions.LIVE))]
        indexes = [place_index("risk_index")]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """A long reckoning in pieces: grading everybody after an index change, or a back-test. It goes on where it stopped, and stops when asked."""

    REGRADE, BACKTEST = "regrade", "backtest"
    RUNNING, DONE, CANCELLED = "running", "done", "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8)
    index = models.ForeignKey(IndexVersion, on_delete=models.PROTECT, related_name="runs")
    index_id: UUID
    digest = models.CharField(max_length=64)
    state = models.CharField(
        _("状态"), max_length=10, default=RUNNING, choices=[(RUNNING, _("计算中")), (DONE, _("已完成")), (CANCELLED, _("已取消"))]
    )
    total = models.PositiveIntegerField(_("总数"), default=0)
    done = models.PositiveIntegerField(_("已计算"), default=0)
    # Where to go on: the last subject graded, or the next moment of a replay with what it carries.
    cursor: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    cancel_asked = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    step_h = models.PositiveSmallIntegerField(default=0)
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    asked_by_name = models.CharField(_("发起人"), max_length=100, blank=True, default="")
    started_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["kind"], name="risk_run_one", condition=models.Q(state="running"))]
        indexes = [models.Index(fields=["index", "-started_at"], name="rrun_index")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.done}/{self.total}"
