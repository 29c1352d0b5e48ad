"""Tables of information reporting: the filing, its versions, every step of its way upward, and instructions that come back."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index
from anlan.report.filings import rules


def _people(label: Any) -> models.PositiveIntegerField[int | None, int | None]:
    """A number of people; ``NULL`` together with the field's name in ``unknown`` means: not known yet."""
    return models.PositiveIntegerField(label, null=True, blank=True)


class Filing(Case):
    """One event as it is reported upward. ``place_code`` is where it happened; the present values are those of the latest version."""

    flow: ClassVar[Flow] = rules.FLOW

    kind = models.CharField(_("事件类别"), max_length=32)
    title = models.CharField(_("标题"), max_length=120)
    occurred_at = models.DateTimeField(_("发生时间"))
    # When the one who owes the first report learned of it: the head of the unit, or the officer who took the call.
    known_at = models.DateTimeField(_("获知时间"))
    location = models.CharField(_("发生地点"), max_length=200)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise",
        verbose_name=_("事故单位"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    enterprise_id: UUID | None
    unit_profile = models.TextField(_("事故发生单位概况"), blank=True, default="")
    scene = models.TextField(_("现场情况"), blank=True, default="")
    brief_course = models.TextField(_("简要经过"), blank=True, default="")
    deaths = _people(_("死亡人数"))
    serious_injured = _people(_("重伤人数（含急性工业中毒）"))
    injured = _people(_("轻伤人数"))
    missing = _people(_("下落不明人数"))
    trapped = _people(_("被困人数"))
    endangered = _people(_("涉险人数"))
    evacuated = _people(_("紧急疏散人数"))
    direct_loss = models.BigIntegerField(_("初步估计直接经济损失（元）"), null=True, blank=True, validators=[MinValueValidator(0)])
    serious_pollution = models.BooleanField(_("对环境造成严重污染"), default=False)
    key_facility_threatened = models.BooleanField(_("危及重要场所和设施安全"), default=False)
    other_near_miss = models.BooleanField(_("其他较大涉险事故"), default=False)
    impact = models.CharField(_("社会影响"), max_length=1, blank=True, default="", choices=[(k, _(v)) for k, v in rules.IMPACTS.items()])
    # Items of direct loss in the ledger that nobody knows yet; 0 also where no ledger is kept.
    loss_unknown = models.PositiveSmallIntegerField(_("未查清的直接经济损失项数"), default=0, editable=False)
    loss_standard = models.CharField(_("经济损失统计标准"), max_length=20, blank=True, default="", editable=False)
    # Type by the first inducing event, provisional until it is established; with the standard of the day of the event.
    accident_type = models.CharField(_("事故类型"), max_length=12, blank=True, default="")
    type_final = models.BooleanField(_("事故类型已认定"), default=False)
    type_standard = models.CharField(_("事故分类标准"), max_length=20, blank=True, default="", editable=False)
    measures_taken = models.TextField(_("已采取的措施"), blank=True, default="")
    other = models.TextField(_("其他应当报告的情况"), blank=True, default="")
    # Names of fields declared 暂不清楚, counted and shown.
    unknown = models.JSONField(_("暂不清楚的内容"), default=list, blank=True)

    source = models.CharField(_("信息来源"), max_length=16, choices=[(k, _(v)) for k, v in rules.SOURCES.items()])
    alarm_id = models.UUIDField(_("关联报警"), null=True, blank=True, db_index=True)
    reporter_id = models.UUIDField(_("填报人"))
    reporter_name = models.CharField(_("填报人姓名"), max_length=100)
    reporter_phone = models.CharField(_("联系电话"), max_length=32, blank=True, default="")
    organisation = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("填报单位"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    organisation_id: UUID | None

    # Judged by services at every version, by the rules of the day of the event.
    level_code = models.CharField(_("事故等级"), max_length=4, blank=True, default="", editable=False)
    forecast_code = models.CharField(_("预判等级"), max_length=4, blank=True, default="", editable=False)
    reporting_code = models.CharField(max_length=4, blank=True, default="", editable=False)
    provisional = models.BooleanField(_("预判"), default=True, editable=False)
    # Level of the bureau that holds the filing, or to which it is on its way.
    holder_level = models.PositiveSmallIntegerField(_("办理层级"), null=True, editable=False)
    latest_number = models.PositiveIntegerField(_("版本"), default=0, editable=False)
    # Casualties as a ledger of people counts them, and since when ("at") they differ from what was reported; empty: they agree, or none is kept.
    counted = models.JSONField(default=dict, editable=False)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, related_name="merged", null=True, editable=False)
    merged_into_id: UUID | None

    class Meta:
        verbose_name = _("事故信息")
        verbose_name_plural = _("事故信息")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            place_index("filings_filing"),
            models.Index(fields=["-occurred_at", "-id"], name="filings_filing_time"),
            models.Index(fields=["enterprise", "-occurred_at"], name="filings_filing_enterprise"),
            models.Index(fields=["state"], name="filings_filing_state"),
        ]

    def __str__(self) -> str:
        return self.title


class FilingVersion(models.Model):
    """One report about the event as it was sent: first report, supplement or final. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.VERSION_KINDS.items()])
    content = models.JSONField()
    # {field: [before, after]}; empty for the first report.
    changed = models.JSONField(default=dict)
    level_code = models.CharField(max_length=4, blank=True, default="")
    forecast_code = models.CharField(max_length=4, blank=True, default="")
    provisional = models.BooleanField(default=True)
    reason = models.TextField(blank=True, default="")
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("信息版本")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="filings_version_once")]

    def __str__(self) -> str:
        return f"{self.filing_id} #{self.number}"


class FilingStep(models.Model):
    """One leg of the way: who sent what to whom, until when it was owed, when it went and when it was received.

    ``due`` is empty where no deadline applied; ``late_seconds`` above 0 means the deadline was missed and by how much.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.STEP_KINDS.items()])
    rule_code = models.CharField(max_length=40, blank=True, default="")
    version_number = models.PositiveIntegerField()
    # Empty sender level: the enterprise itself, or a caller.
    sender_level = models.PositiveSmallIntegerField(null=True)
    sender_name = models.CharField(max_length=200)
    sender_organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    sender_organisation_id: UUID | None
    receiver_level = models.PositiveSmallIntegerField()
    receiver_name = models.CharField(max_length=200)
    receiver_organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    receiver_organisation_id: UUID | None
    due = models.DateTimeField(null=True)
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=100)
    late_seconds = models.PositiveIntegerField(default=0)
    # When the receiver's node had it; empty while it is on its way there.
    delivered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=100, blank=True, default="")
    note = models.TextField(blank=True, default="")
    # A telephone flash: the number called, who read it back, what was not known when it was told, and when it was noted here.
    number_called = models.CharField(max_length=32, blank=True, default="")
    read_back_by = models.CharField(max_length=100, blank=True, default="")
    unknown = models.JSONField(default=list)
    noted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("报送环节")
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["filing", "sequence"], name="filings_step_once")]

    def __str__(self) -> str:
        return f"{self.sender_name} → {self.receiver_name}"

    @property
    def missed(self) -> bool:
        """Whether the step was done after its deadline."""
        return self.late_seconds > 0

    @property
    def label(self) -> str:
        """What kind of step it was; the first one comes from outside the bureaus and is simply a report."""
        return str(_("报告")) if self.sender_level is None else str(_(rules.STEP_KINDS[self.kind]))

    @property
    def late_minutes(self) -> int:
        """Minutes late, a begun minute counting whole."""
        return -(-self.late_seconds // 60)


class FilingCopy(models.Model):
    """What another node has been told of a filing, or has told: digests of rows by their names."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="copies")
    level = models.PositiveSmallIntegerField()
    place_code = models.CharField(max_length=9)
    told = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("信息副本")
        constraints = [models.UniqueConstraint(fields=["filing", "level", "place_code"], name="filings_copy_once")]


class FilingNotice(models.Model):
    """What a bureau or unit owes outside the chain of bureaus: telling governments and departments, going to the scene, checks of a tip.

    It is done outside the node and noted here: when, by whom, with whom. ``due`` is empty where the law says "at once".
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="notices")
    rule_code = models.CharField(max_length=40)
    # Empty: the enterprise itself owes it.
    sender_level = models.PositiveSmallIntegerField(null=True)
    sender_name = models.CharField(max_length=200)
    receiver_name = models.CharField(max_length=200)
    since = models.DateTimeField()
    due = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=100, blank=True, default="")
    contact = models.CharField(_("对方接话人"), max_length=100, blank=True, default="")
    note = models.CharField(_("要点"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("通报事项")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "rule_code", "sender_level"], nulls_distinct=False, name="filings_notice_once")
        ]

    def __str__(self) -> str:
        return f"{self.sender_name} → {self.receiver_name}"

    @property
    def late_seconds(self) -> int:
        """By how many seconds it was done late; 0 where no figure applies or it is not done."""
        if self.due is None or self.done_at is None:
            return 0
        return max(0, int((self.done_at - self.due).total_seconds()))


class Instruction(models.Model):
    """An instruction (批示) from above on a filing, and when it was carried out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="instructions")
    text = models.TextField(_("批示内容"))
    given_by = models.CharField(_("批示人"), max_length=100)
    given_by_post = models.CharField(max_length=100, blank=True, default="")
    given_level = models.PositiveSmallIntegerField()
    entered_by_id = models.UUIDField()
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=100, blank=True, default="")
    outcome = models.TextField(_("办理情况"), blank=True, default="")
    # Level that is to carry it out, and until when it was told to; empty: whoever holds the filing, without a day.
    to_level = models.PositiveSmallIntegerField(null=True)
    due = models.DateTimeField(_("办理时限"), null=True, blank=True)
    # An instruction passed down is a further one, tied to the one it comes from.
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="below", null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=100, blank=True, default="")
    returned = models.CharField(_("退回理由"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("批示")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:40]


class FilingSource(models.Model):
    """One who told of the event: a caller, a page, a sensor, a tip, a bureau below. Kept when reports are merged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="sources")
    # The report it came as, when that was merged into this one.
    came_as = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+", null=True)
    source = models.CharField(max_length=16, choices=[(k, _(v)) for k, v in rules.SOURCES.items()])
    who = models.CharField(_("来源"), max_length=120)
    phone = models.CharField(_("联系电话"), max_length=32, blank=True, default="")
    at = models.DateTimeField()
    text = models.TextField(blank=True, default="")
    # Clocks that run from earlier because of it, by key: [since, until] before and after; "known" the moment of knowledge alike.
    moved = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("信息来源")
        ordering = ["at", "id"]


class FilingLoss(models.Model):
    """One entry of the ledger of losses: what an item comes to, or that nobody knows yet. The newest of an item stands; none is ever changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="losses")
    item = models.CharField(max_length=8)
    # CNY; empty: not known yet.
    amount = models.BigIntegerField(null=True)
    source = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("经济损失")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.item


class FilingReduction(Case):
    """Casualty figures that somebody says were too high; they stand until another has confirmed it."""

    flow: ClassVar[Flow] = rules.REDUCTION_FLOW

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="reductions")
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    enterprise_id: UUID | None
    # {field: [before, after]}
    figures = models.JSONField()
    reason = models.TextField(_("核减理由"))
    proposed_by_id = models.UUIDField()
    proposed_by_name = models.CharField(max_length=100)
    decided_by_name = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("伤亡核减")
        ordering = ["opened_at", "id"]


class ReportingMark(Case):
    """A report that came late, was left out, was false or concealed: who, with what evidence, what they say, what was decided. Never removed."""

    flow: ClassVar[Flow] = rules.MARK_FLOW

    filing = models.ForeignKey(Filing, verbose_name=_("事故信息"), on_delete=models.PROTECT, related_name="marks")
    filing_id: UUID
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("事故单位"), on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    enterprise_id: UUID | None
    kind = models.CharField(_("情形"), max_length=10, choices=[(k, _(v)) for k, v in rules.MARKS.items()])
    who = models.CharField(_("责任单位"), max_length=200)
    rule_code = models.CharField(max_length=40, blank=True, default="")
    # Level of the bureau that is marked; empty: the unit. Only a bureau above it decides.
    level = models.PositiveSmallIntegerField(null=True)
    late_minutes = models.PositiveIntegerField(_("超时（分钟）"), default=0)
    facts = models.TextField(_("事实"))
    # Identities of exhibits of the evidence store.
    evidence = models.JSONField(default=list, blank=True)
    raised_by_id = models.UUIDField(null=True)
    raised_by_name = models.CharField(_("提出人"), max_length=100)
    statement = models.TextField(_("情况说明"), blank=True, default="")
    stated_by_name = models.CharField(max_length=100, blank=True, default="")
    conclusion = models.TextField(_("认定意见"), blank=True, default="")
    decided_by_name = models.CharField(_("认定人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("报送违规")
        verbose_name_plural = _("报送违规")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("filings_mark")]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "kind", "rule_code", "who"], condition=~models.Q(rule_code=""), name="filings_mark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{rules.MARKS[self.kind]}：{self.who}"
