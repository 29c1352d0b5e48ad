"""Tables of structured plans (GB/T 29639-2020): the plan, its levels, roles and actions, and when it was filed."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.plans import law, rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.kernel.words import N_
from anlan.ledger.records import Case, place_index


class PlanTemplate(Case):
    """One version of one plan, in force for ``place_code`` and everything below it while its state says so."""

    flow: ClassVar[Flow] = rules.FLOW

    code = models.CharField(_("预案编号"), max_length=60)
    edition = models.PositiveIntegerField(_("版次"), default=1)
    title = models.CharField(_("预案名称"), max_length=120)
    plan_type = models.CharField(_("预案类型"), max_length=16, choices=[(k, _(v)) for k, v in rules.PLAN_TYPES.items()])
    kind = models.CharField(_("事件类别"), max_length=32)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("编制单位"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    organisation_id: UUID | None
    # Of an enterprise; empty: of a bureau or department. Never chosen for a response of a bureau.
    enterprise_id = models.UUIDField(_("企业"), null=True, blank=True, db_index=True)
    # Kind of unit by the table ``subjects``; it decides review, drills and evaluation.
    subject = models.CharField(_("单位类别"), max_length=20, default="bureau")
    trigger = models.TextField(_("启动条件"))
    purpose = models.TextField(_("适用范围"), blank=True, default="")
    # An example (示例) is shown as such everywhere and belongs to nobody.
    example = models.BooleanField(_("示例"), default=False)
    issued_on = models.DateField(_("公布日期"), null=True, blank=True)
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    filed_with = models.CharField(_("备案机关"), max_length=120, blank=True, default="")
    review_due_on = models.DateField(_("评估到期"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = _("应急预案")
        verbose_name_plural = _("应急预案")
        ordering = ["code", "-edition"]
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="plans_code_and_edition_once")]
        indexes = [place_index("plans_template"), models.Index(fields=["kind", "state"], name="plans_template_kind")]

    def __str__(self) -> str:
        return self.title

    @property
    def top_level(self) -> str:
        """The gravest level the plan has; empty when it has none."""
        own = {level.level for level in self.levels.all()}
        return next((level for level in rules.RESPONSE_LEVELS if level in own), "")


class PlanLevel(models.Model):
    """One response level of a plan: when it is started and who decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.CASCADE, related_name="levels")
    level = models.CharField(_("响应级别"), max_length=3, choices=[(k, _(v)) for k, v in rules.RESPONSE_LEVELS.items()])
    condition = models.TextField(_("启动条件"))
    decided_by = models.CharField(_("决定人"), max_length=100)
    expected_hours = models.PositiveIntegerField(_("预计周期（小时）"))
    measures = models.TextField(_("响应措施"))

    class Meta:
        verbose_name = _("响应分级")
        ordering = ["level"]
        constraints = [models.UniqueConstraint(fields=["plan", "level"], name="plans_level_once")]


class PlanRole(models.Model):
    """A role in the command structure of a plan and the post that fills it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.CASCADE, related_name="roles")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(_("角色"), max_length=60)
    filled_by = models.CharField(_("由谁担任"), max_length=120)
    duty = models.TextField(_("职责"), blank=True, default="")
    # Code of the role above; empty: the first role commands, every other stands under it.
    parent = models.CharField(_("上级组"), max_length=40, blank=True, default="")
    # Levels at which the group is set up, ";"-separated; empty: at every level.
    levels = models.CharField(_("设立级别"), max_length=16, blank=True, default="")

    class Meta:
        verbose_name = _("预案角色")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="plans_role_once")]


class PlanAction(models.Model):
    """One thing to be done: by which role, within how many minutes of the start, with what, and when it is done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.CASCADE, related_name="actions")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    # Levels at which the action is due, ";"-separated: "I;II;III".
    levels = models.CharField(max_length=16)
    role_code = models.CharField(max_length=40)
    text = models.CharField(_("行动"), max_length=200)
    deadline_min = models.PositiveIntegerField(_("时限（分钟）"))
    resource = models.CharField(_("所需资源"), max_length=200, blank=True, default="")
    done_when = models.CharField(_("完成标准"), max_length=200)
    # Codes of the actions that must be done before, ";"-separated.
    depends_on = models.CharField(_("前置行动"), max_length=200, blank=True, default="")
    form = models.CharField(_("所用表单"), max_length=60, blank=True, default="")
    # A team capability or a code of GB/T 38565, as resources name it.
    capability = models.CharField(_("所需能力"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("预案行动")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="plans_action_once")]


class PlanChapter(models.Model):
    """The text of one chapter. ``clause`` is that of GB/T 29639-2020; empty: a chapter the standard does not ask for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.CASCADE, related_name="chapters")
    order = models.PositiveSmallIntegerField()
    clause = models.CharField(_("标准条款"), max_length=12, blank=True, default="")
    heading = models.CharField(_("章节标题"), max_length=120)
    text = models.TextField(_("内容"), blank=True, default="")
    # Where it stood in the document it was read from; empty: written here.
    origin = models.CharField(_("原文位置"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("预案章节")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["plan", "clause"], condition=~models.Q(clause=""), name="plans_clause_once")]


class PlanReview(models.Model):
    """The minutes of a review (评审): who was there, who agreed, whether it carried."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="reviews")
    held_on = models.DateField(_("评审日期"))
    # [{"name", "unit", "agrees"}]: those with an interest were never let in.
    experts = models.JSONField(_("评审人员"))
    passed = models.BooleanField(_("评审通过"))
    minutes = models.TextField(_("评审意见"))
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("预案评审")
        ordering = ["-held_on", "-id"]


class PlanFiling(Case):
    """A plan handed in for filing (备案), checked, and entered in the register."""

    flow: ClassVar[Flow] = rules.FILING_FLOW

    plan = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="filings")
    plan_id: UUID
    enterprise_id = models.UUIDField(_("企业"), null=True, blank=True, db_index=True)
    submitted_on = models.DateField(_("申请日期"))
    submitted_by_id = models.UUIDField()
    submitted_by_name = models.CharField(_("申请人"), max_length=100)
    late_days = models.PositiveIntegerField(_("逾期天数"), default=0)
    check_by = models.DateField(_("核对期限"))
    materials = models.JSONField(_("已交材料"), default=list)
    told_at = models.DateTimeField(_("告知时间"), null=True, blank=True)
    told_note = models.TextField(_("告知内容"), blank=True, default="")
    missing = models.JSONField(_("缺少材料"), default=list)
    number = models.CharField(_("备案编号"), max_length=40, blank=True, default="")
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    filed_with = models.CharField(_("备案机关"), max_length=120, blank=True, default="")
    by_silence = models.BooleanField(_("逾期视为备案"), default=False)

    class Meta:
        verbose_name = _("预案备案")
        verbose_name_plural = _("预案备案")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], name="plans_filed_once"),
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="plans_filing_number"),
        ]
        indexes = [place_index("plans_filing"), models.Index(fields=["state", "check_by"], name="plans_filing_due")]


class PlanRecord(models.Model):
    """A drill, an evaluation, or a reason to revise."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(_("记录类别"), max_length=12, choices=[(k, _(v)) for k, v in law.RECORDS.items()])
    day = models.DateField(_("日期"))
    # Kind of drill, or code of the reason; empty for an evaluation.
    how = models.CharField(_("方式或情形"), max_length=20, blank=True, default="")
    note = models.TextField(_("评估结论和说明"), blank=True, default="")
    by_id = models.UUIDField()
    by_name = models.CharField(_("登记人"), max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("预案管理记录")
        ordering = ["-day", "-id"]


class PlanImport(models.Model):
    """A Word file read for a draft: which one, by whom. The file itself is not kept; its SHA-256 says which it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="imports")
    plan_id: UUID
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    # Pictures that nobody can read: the person who imports looks at them.
    pictures = models.PositiveIntegerField(_("图片数"), default=0)
    by_id = models.UUIDField()
    by_name = models.CharField(_("导入人"), max_length=100)
    at = models.DateTimeField(_("导入时间"))

    class Meta:
        verbose_name = _("预案导入")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["plan", "sha256"], name="plans_read_once")]


class ImportStep(models.Model):
    """One proposal of an import and what a person made of it."""

    WAITING, TAKEN, CHANGED, LEFT_OUT = "waiting", "taken", "changed", "left_out"
    STATES: ClassVar[dict[str, str]] = {
        WAITING: N_("待确认"),
        TAKEN: N_("已采用"),
        CHANGED: N_("修改后采用"),
        LEFT_OUT: N_("未采用"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(PlanImport, on_delete=models.PROTECT, related_name="steps")
    document_id: UUID
    order = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    clause = models.CharField(max_length=12, blank=True, default="")
    heading = models.CharField(max_length=120, blank=True, default="")
    text = models.TextField(blank=True, default="")
    first_piece = models.PositiveIntegerField()
    last_piece = models.PositiveIntegerField()
    confidence = models.PositiveSmallIntegerField(_("把握（%）"))
    reason = models.CharField(max_length=12)
    values = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=8, default=WAITING, choices=[(k, _(v)) for k, v in STATES.items()])
    decided_by = models.CharField(max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("导入确认项")
        ordering = ["order"]
        indexes = [models.Index(fields=["document", "state"], name="plans_step_state")]

    @property
    def origin(self) -> str:
        """Where it stood in the file: its pieces, counted from 1."""
        first, last = self.first_piece, self.last_piece
        return f"{self.document.name} ¶{first}" + (f"-{last}" if last != first else "")
