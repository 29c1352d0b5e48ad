"""Tables of hidden dangers: the danger, its rounds of removal, extensions, escalations, rewards, and the tables an enterprise signs."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record
from anlan.prevent.dangers import periods, rules


class Danger(SearchableRecord, Case):
    """One hidden danger of an enterprise, from the day it was found until it is closed."""

    flow: ClassVar[Flow] = rules.FLOW

    # Its index is dgr_enterprise below.
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    enterprise_id: UUID
    title = models.CharField(_("隐患名称"), max_length=120)
    description = models.TextField(_("隐患描述"), blank=True, default="")
    location = models.CharField(_("部位或设备"), max_length=160)
    # As compared with others: rules.object_key(location).
    location_key = models.CharField(max_length=80, blank=True, default="", editable=False)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    # The position while the danger is open, empty afterwards: the map asks for these alone and never reads what is closed.
    open_longitude = models.FloatField(null=True, blank=True, editable=False)
    open_latitude = models.FloatField(null=True, blank=True, editable=False)
    sector = models.CharField(_("行业领域"), max_length=20, choices=[(k, _(v)) for k, v in rules.SECTORS.items()])
    source = models.CharField(_("来源"), max_length=12, choices=[(k, _(v)) for k, v in rules.SOURCES.items()])
    # The alarm or the point of a patrol that it came from; for one of another system's list, made of enterprise and number.
    source_id = models.UUIDField(null=True, blank=True, editable=False)
    external_number = models.CharField(_("原系统编号"), max_length=60, blank=True, default="", editable=False)
    found_at = models.DateTimeField(_("发现时间"))
    found_by_id = models.UUIDField(_("发现人编号"))
    found_by_name = models.CharField(_("发现人"), max_length=100)
    found_by_bureau = models.BooleanField(_("由监管部门查出"), default=False)
    late = models.BooleanField(_("补录"), default=False, editable=False)

    grade = models.CharField(_("隐患等级"), max_length=8, blank=True, default="", choices=[(k, _(v)) for k, v in rules.GRADES.items()])
    criterion = models.CharField(_("判定标准条款"), max_length=60, blank=True, default="")
    grade_reason = models.TextField(_("判定理由"), blank=True, default="")
    graded_at = models.DateTimeField(_("判定时间"), null=True, blank=True)
    graded_by_name = models.CharField(_("判定人"), max_length=100, blank=True, default="")
    repeat_of = models.ForeignKey(
        "self", verbose_name=_("同类隐患"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True, db_index=False
    )
    repeat_of_id: UUID | None
    repeated = models.BooleanField(_("重复隐患"), default=False)

    # The three contents of art. 14 and when they were told.
    situation = models.TextField(_("隐患的现状及其产生原因"), blank=True, default="")
    harm = models.TextField(_("隐患的危害程度和整改难易程度分析"), blank=True, default="")
    reported_up_at = models.DateTimeField(_("上报时间"), null=True, blank=True)
    reported_up_by_name = models.CharField(_("上报人"), max_length=100, blank=True, default="")

    order_text = models.TextField(_("整改要求"), blank=True, default="")
    order_basis = models.CharField(_("法律依据"), max_length=300, blank=True, default="")
    deadline = models.DateTimeField(_("整改期限"), null=True, blank=True)
    first_deadline = models.DateTimeField(_("原整改期限"), null=True, blank=True)
    ordered_at = models.DateTimeField(_("责令时间"), null=True, blank=True)
    ordered_by_id = models.UUIDField(null=True, blank=True)
    ordered_by_name = models.CharField(_("责令人"), max_length=100, blank=True, default="")
    # Level of the bureau that ordered, rules.ENTERPRISE_LEVEL where the enterprise did itself.
    ordered_level = models.PositiveSmallIntegerField(null=True, blank=True)
    extended = models.PositiveSmallIntegerField(_("延期次数"), default=0)
    overdue = models.BooleanField(_("逾期"), default=False)
    was_overdue = models.BooleanField(_("曾逾期"), default=False)
    # When the sweep looks next: a reminder, the deadline, the next level up. Empty while no time runs.
    next_step_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalated_to = models.CharField(_("已升级到"), max_length=12, blank=True, default="")

    responsible_name = models.CharField(_("责任人"), max_length=60, blank=True, default="")
    measures = models.TextField(_("整改措施"), blank=True, default="")
    funds_yuan = models.DecimalField(
        _("整改资金（元）"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    contingency = models.TextField(_("应急预案"), blank=True, default="")
    # {part: text} by rules.PLAN_PARTS.
    plan = models.JSONField(_("治理方案"), default=dict, blank=True)

    outcome = models.TextField(_("整改情况"), blank=True, default="")
    rectified_at = models.DateTimeField(_("整改完成时间"), null=True, blank=True)
    rectified_by_id = models.UUIDField(null=True, blank=True)
    rectified_by_name = models.CharField(_("整改人"), max_length=100, blank=True, default="")
    verdict = models.TextField(_("验收意见"), blank=True, default="")
    verified_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    verified_by_id = models.UUIDField(null=True, blank=True)
    verified_by_name = models.CharField(_("验收人"), max_length=100, blank=True, default="")

    suspended_at = models.DateTimeField(_("责令停产停业时间"), null=True, blank=True)
    suspended_until = models.DateTimeField(_("停产停业至"), null=True, blank=True)
    resumed_at = models.DateTimeField(_("恢复生产时间"), null=True, blank=True)
    listed_level = models.PositiveSmallIntegerField(
        _("挂牌督办"), null=True, blank=True, choices=[(k, _(v)) for k, v in rules.LISTED_LEVELS.items()]
    )
    listed_at = models.DateTimeField(_("挂牌时间"), null=True, blank=True)
    listed_by_name = models.CharField(_("挂牌机关"), max_length=120, blank=True, default="")
    listed_until = models.DateTimeField(_("督办期限"), null=True, blank=True)
    acceptance_asked_at = models.DateTimeField(_("申请验收时间"), null=True, blank=True)
    delisted_at = models.DateTimeField(_("核销时间"), null=True, blank=True)
    supervisor = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("督办部门"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    supervisor_id: UUID | None
    # Who took it over where no organisation of the platform did.
    handed_to = models.CharField(_("移交单位"), max_length=120, blank=True, default="")
    public_text = models.TextField(_("公开内容"), blank=True, default="")
    published_at = models.DateTimeField(_("公开时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("事故隐患")
        verbose_name_plural = _("事故隐患")
        ordering = ["-found_at", "-id"]
        constraints = [
            # One alarm or one drawn point makes one danger.
            models.UniqueConstraint(
                fields=["source", "source_id"], name="dangers_source_once", condition=models.Q(source_id__isnull=False)
            ),
        ]
        indexes = [
            search_index(),
            list_index(
                "dgr", "state", "grade", "sector", "source", "overdue", "repeated", "listed_level", "found_at", "deadline", "exercise"
            ),
            *sort_indexes("dgr", "found_at", "deadline"),
            # An enterprise's own list, and its like dangers of the last year.
            models.Index(fields=["enterprise", "-found_at"], name="dgr_enterprise"),
            models.Index(fields=["enterprise", "criterion", "-found_at"], name="dgr_like_c", condition=~models.Q(criterion="")),
            models.Index(fields=["enterprise", "location_key", "-found_at"], name="dgr_like_l", condition=~models.Q(location_key="")),
            # Few have them: most rows need not stand in these.
            models.Index(fields=["repeat_of"], name="dgr_repeat_of", condition=models.Q(repeat_of__isnull=False)),
            models.Index(fields=["supervisor"], name="dgr_supervisor", condition=models.Q(supervisor__isnull=False)),
            # To-do lists: the oldest of each state.
            models.Index(fields=["state", "opened_at"], name="dgr_state"),
            # The sweep of every minute reads what falls due and nothing else.
            models.Index(fields=["next_step_at"], name="dgr_step", condition=models.Q(next_step_at__isnull=False)),
            # Counts by region are read from this alone: open dangers are few beside those of years.
            models.Index(
                OpClass("place_code", name="text_pattern_ops"),
                name="dgr_open",
                include=["grade", "overdue", "listed_level", "state", "classification", "enterprise", "exercise"],
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(OpClass("place_code", name="text_pattern_ops"), "deadline", name="dgr_late", condition=models.Q(overdue=True)),
            models.Index(
                fields=["open_longitude", "open_latitude"],
                name="dgr_point",
                include=["grade", "overdue", "place_code", "classification", "enterprise"],
                condition=models.Q(open_longitude__isnull=False),
            ),
        ]

    def search_fields(self) -> SearchFields:
        """Found by title and pinyin, by place or object, by the number it had in another system."""
        return SearchFields(names=(self.title,), texts=(self.location, self.description), codes=(self.external_number,))

    def __str__(self) -> str:
        return self.title


class Rectification(Record):
    """One round of removal: what was done by whom, with pictures attached to this row; and what became of its verification."""

    danger = models.ForeignKey(Danger, on_delete=models.PROTECT, related_name="rounds")
    danger_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    number = models.PositiveSmallIntegerField()
    outcome = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by_name = models.CharField(max_length=100, blank=True, default="")
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by_name = models.CharField(max_length=100, blank=True, default="")
    accepted = models.BooleanField(null=True, blank=True)
    verdict = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("整改记录")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["danger", "number"], name="dangers_round_once")]
        indexes = [place_index("dgr_round")]

    def __str__(self) -> str:
        return f"{self.danger_id} #{self.number}"


class Extension(models.Model):
    """One asking for more time, and what was decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    danger = models.ForeignKey(Danger, on_delete=models.PROTECT, related_name="extensions")
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField()
    asked_by_name = models.CharField(max_length=100)
    reason = models.TextField()
    before = models.DateTimeField()
    wanted = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=100, blank=True, default="")
    approved = models.BooleanField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            # Nobody asks again while an asking waits.
            models.UniqueConstraint(fields=["danger"], name="dangers_extension_waiting_once", condition=models.Q(decided_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.danger_id} → {self.wanted}"


class Escalation(models.Model):
    """One step up the levels for one deadline: told once, however often the sweep runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    danger = models.ForeignKey(Danger, on_delete=models.PROTECT, related_name="escalations")
    step = models.CharField(max_length=40)
    level = models.CharField(max_length=12)
    deadline = models.DateTimeField()
    at = models.DateTimeField()
    place_code = models.CharField(max_length=9)
    # Who held the posts that were told; empty: nobody holds them there, which the page says.
    names = models.JSONField(default=list)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["danger", "step", "deadline"], name="dangers_escalation_once")]

    def __str__(self) -> str:
        return f"{self.danger_id} {self.step}"


class RewardRecord(models.Model):
    """What a verified tip earned and that it was paid. Nothing of the informer is kept but the number of his tip."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    danger = models.OneToOneField(Danger, on_delete=models.PROTECT, related_name="reward")
    tip_number = models.CharField(_("举报受理编号"), max_length=40)
    rule_code = models.CharField(max_length=40)
    fine_yuan = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    deaths = models.PositiveSmallIntegerField(null=True, blank=True)
    bonus_percent = models.PositiveSmallIntegerField(default=0)
    amount_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    source = models.CharField(max_length=200)
    computed_at = models.DateTimeField()
    computed_by_name = models.CharField(max_length=100)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_note = models.CharField(max_length=200, blank=True, default="")
    paid_by_name = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        ordering = ["computed_at"]

    def __str__(self) -> str:
        return f"{self.danger_id} {self.amount_yuan}"


class PeriodReport(Case):
    """The table of one enterprise for a quarter or a year (Order 16 art. 14): worked out here, signed by its principal."""

    flow: ClassVar[Flow] = periods.FLOW

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    period = models.CharField(_("统计期"), max_length=6)
    kind = models.CharField(_("类别"), max_length=8, choices=[(periods.QUARTER, _("季度")), (periods.YEAR, _("年度"))])
    due_at = models.DateTimeField(_("应报时间"))
    # Figures as signed; until then they are worked out when asked for.
    figures = models.JSONField(default=dict, blank=True)
    analysis = models.TextField(_("统计分析"), blank=True, default="")
    principal_name = models.CharField(_("主要负责人"), max_length=60, blank=True, default="")
    signed_at = models.DateTimeField(_("签报时间"), null=True, blank=True)
    signed_by_name = models.CharField(_("签报人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("隐患统计分析表")
        verbose_name_plural = _("隐患统计分析表")
        ordering = ["-due_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "period"], name="dangers_report_once")]
        indexes = [place_index("dgr_report"), *sort_indexes("dgp", "due_at")]

    @property
    def title(self) -> str:
        """Whose table of which period."""
        return f"{self.enterprise} {self.period}"

    def __str__(self) -> str:
        return self.title
