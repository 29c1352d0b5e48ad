"""Tables of detection rules: the rule with its scope and dates, its suppressions, and what replays of history found."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index
from anlan.sense.criteria import rules


def _choices(table: dict[Any, str]) -> list[tuple[Any, Any]]:
    return [(value, _(label)) for value, label in table.items()]


class NextNumber(models.Func):
    """The next free number of a rule, drawn by the database."""

    function = "nextval"
    template = "nextval('criteria_number')"
    output_field = models.IntegerField()


class Criterion(Case):
    """One rule of detection. ``place_code`` and ``enterprise`` say whose it is: it watches points of that place or enterprise alone."""

    flow: ClassVar[Flow] = rules.FLOW

    number = models.IntegerField(_("规则编号"), unique=True, editable=False, db_default=NextNumber())
    name = models.CharField(_("规则名称"), max_length=120)
    kind = models.CharField(_("规则类别"), max_length=12, choices=_choices(rules.KINDS))
    level = models.PositiveSmallIntegerField(_("报警级别"), choices=_choices(rules.LEVELS))
    parameters = models.JSONField(_("参数"), default=dict)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    # Scope: points one by one (channel numbers, which last for ever), classes, hazard sources; taken together.
    channels = models.JSONField(_("测点"), default=list)
    sensor_classes = models.JSONField(_("测点类别"), default=list)
    risk_sources = models.JSONField(_("危险源"), default=list)
    source = models.CharField(_("依据"), max_length=300, blank=True)
    article = models.CharField(_("条款"), max_length=120, blank=True)
    status = models.CharField(_("核实情况"), max_length=12, choices=_choices(rules.STATUSES), default="unverified")
    note = models.TextField(_("说明"), blank=True)
    template = models.CharField(_("规则模板"), max_length=60, blank=True)
    effective_from = models.DateField(_("生效日期"), null=True, blank=True)
    effective_to = models.DateField(_("失效日期"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self", verbose_name=_("所修订的规则"), on_delete=models.PROTECT, related_name="successors", null=True, blank=True
    )
    replaces_id: UUID | None
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("起草人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    drafted_by_id: UUID | None
    drafted_by_name = models.CharField(_("起草人"), max_length=100, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("修改人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_by_id: UUID | None
    changed_by_name = models.CharField(_("修改人"), max_length=100, blank=True)
    enacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("启用人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    enacted_by_id: UUID | None
    enacted_by_name = models.CharField(_("启用人"), max_length=100, blank=True)
    enacted_at = models.DateTimeField(_("启用时间"), null=True, blank=True)
    no_history_reason = models.CharField(_("未回放的理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("检测规则")
        verbose_name_plural = _("检测规则")
        ordering = ["-number"]
        indexes = [
            place_index("criteria_criterion"),
            models.Index(fields=["state"], name="criteria_state"),
            models.Index(fields=["enterprise", "state"], name="criteria_enterprise"),
        ]
        constraints = [
            # Four eyes, held by the database itself.
            models.CheckConstraint(
                condition=models.Q(enacted_by__isnull=True)
                | (~models.Q(enacted_by=models.F("drafted_by")) & ~models.Q(enacted_by=models.F("changed_by"))),
                name="criteria_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """Name of the rule on the stream and in alarms."""
        return f"R{self.number}"


class UnitModel(models.Model):
    """A model of a process unit as bytes, by their SHA-256; kept for ever, for rules, their replays and their stream name it."""

    digest = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("工艺单元模型")

    def __str__(self) -> str:
        return self.digest


class Suppression(models.Model):
    """A time in which a rule raises nothing. What still stands when it ends is raised then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    criterion = models.ForeignKey(Criterion, verbose_name=_("检测规则"), on_delete=models.PROTECT, related_name="suppressions")
    criterion_id: UUID
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("结束时间"))
    channels = models.JSONField(_("测点"), default=list)
    reason = models.CharField(_("事由"), max_length=300)
    by_name = models.CharField(_("办理人"), max_length=100)
    ended_at = models.DateTimeField(_("提前结束时间"), null=True, blank=True)
    ended_by_name = models.CharField(_("提前结束人"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("规则抑制")
        ordering = ["-since"]
        indexes = [models.Index(fields=["criterion", "until"], name="criteria_suppression_until")]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.since}"


class Replay(models.Model):
    """A rule tried on stored history: how often it would have fired, and when. ``fingerprint`` says of which wording of the rule."""

    WAITING, RUNNING, DONE, CANCELLED, FAILED = "waiting", "running", "done", "cancelled", "failed"
    STATES: ClassVar[list[tuple[str, Any]]] = [
        (WAITING, _("等待中")),
        (RUNNING, _("回放中")),
        (DONE, _("已完成")),
        (CANCELLED, _("已取消")),
        (FAILED, _("未完成")),
    ]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    criterion = models.ForeignKey(Criterion, verbose_name=_("检测规则"), on_delete=models.PROTECT, related_name="replays")
    criterion_id: UUID
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=WAITING)
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("结束时间"))
    fingerprint = models.CharField(max_length=64)
    actor = models.JSONField(default=dict)
    by_name = models.CharField(_("办理人"), max_length=100)
    created_at = models.DateTimeField(_("登记时间"))
    touched_at = models.DateTimeField(_("更新时间"))
    done = models.PositiveIntegerField(_("已回放份数"), default=0)
    total = models.PositiveIntegerField(_("总份数"), default=0)
    points = models.PositiveIntegerField(_("测点数"), default=0)
    silent_points = models.PositiveIntegerField(_("无数据的测点数"), default=0)
    readings = models.BigIntegerField(_("读数"), default=0)
    fired = models.PositiveIntegerField(_("报警次数"), default=0)
    seconds = models.FloatField(_("报警总时长（秒）"), default=0)
    firings = models.JSONField(_("报警明细"), default=list)
    by_point = models.JSONField(_("按测点"), default=list)
    problem = models.CharField(_("未完成的原因"), max_length=300, blank=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("规则回放")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["criterion", "-created_at"], name="criteria_replay_newest")]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.since} – {self.until}"

    @property
    def is_running(self) -> bool:
        """Whether it waits or works."""
        return self.state in (self.WAITING, self.RUNNING)

    @property
    def percent(self) -> int:
        """How far it is."""
        return round(100 * self.done / self.total) if self.total else 0
