"""Tables of structured plans (GB/T 29639-2020): the plan, its levels, roles and actions, and when it was filed."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.plans import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
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
