"""Tables of gradings: one assessment of an enterprise for a year, with what the enterprise said and what the bureau found."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import list_index, sort_indexes
from anlan.kernel.flow import Flow
from anlan.ledger.records import Case
from anlan.prevent.standing import rules

_COLOURS = [(code, _(label)) for code, label in rules.COLOURS.items()]


class Grading(Case):
    """The assessment of an enterprise for one year. ``colour`` is what holds: empty until the bureau accepted."""

    flow: ClassVar[Flow] = rules.FLOW

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    title = models.CharField(_("名称"), max_length=160)
    year = models.PositiveSmallIntegerField(_("年度"))
    # The day whose items and bands judge it.
    rules_on = models.DateField()
    # {item code: {"count": int, "proof": str, "remark": str}}
    answers = models.JSONField(_("企业自评"), default=dict)
    # {item code: {"count": int, "sure": bool, "text": str, "url": str}}: what the platform knew when it was filled.
    proposals = models.JSONField(default=dict)
    # {item code: {"count": int, "reason": str}}
    review = models.JSONField(_("监管部门认定"), default=dict)
    self_score = models.DecimalField(_("自评得分"), max_digits=7, decimal_places=1, null=True, blank=True)
    self_colour = models.CharField(_("自评颜色"), max_length=8, blank=True, default="", choices=_COLOURS)
    review_score = models.DecimalField(_("认定得分"), max_digits=7, decimal_places=1, null=True, blank=True)
    review_colour = models.CharField(_("审核颜色"), max_length=8, blank=True, default="", choices=_COLOURS)
    colour = models.CharField(_("风险等级"), max_length=8, blank=True, default="", choices=_COLOURS)
    filled_by_id = models.UUIDField(null=True, blank=True)
    filled_by_name = models.CharField(_("填写人"), max_length=100, blank=True, default="")
    submitted_by_id = models.UUIDField(null=True, blank=True)
    submitted_by_name = models.CharField(_("提交人"), max_length=100, blank=True, default="")
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    reviewed_by_name = models.CharField(_("审核人"), max_length=100, blank=True, default="")
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    verdict = models.TextField(_("审核意见"), blank=True, default="")
    next_due_on = models.DateField(_("下次自评"), null=True, blank=True)

    class Meta:
        verbose_name = _("安全风险分级")
        verbose_name_plural = _("安全风险分级")
        ordering = ["-year", "id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "year"], name="grading_once_a_year")]
        indexes = [
            list_index("grading", "year", "state", "colour"),
            *sort_indexes("grading", "year"),
            models.Index(fields=["enterprise", "-year"], name="grading_enterprise"),
        ]

    def __str__(self) -> str:
        return self.title
