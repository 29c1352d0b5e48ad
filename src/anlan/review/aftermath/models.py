"""Tables of looking back: the review of one incident and the lessons drawn from it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.flow import Flow
from anlan.ledger.records import Case, place_index
from anlan.review.aftermath import rules


class Review(Case):
    """What is said of one incident afterwards. Figures are read from the timeline until it is issued; from then on ``figures`` holds them."""

    flow: ClassVar[Flow] = rules.REVIEW_FLOW

    incident = models.ForeignKey("incidents.Incident", verbose_name=_("突发事件"), on_delete=models.PROTECT, related_name="+")
    incident_id: UUID
    kind = models.CharField(_("事件类别"), max_length=32, blank=True, default="")
    title = models.CharField(_("名称"), max_length=140)
    happened_at = models.DateTimeField(_("发生时间"))
    achieved = models.TextField(_("做得好的"), blank=True, default="")
    failed = models.TextField(_("存在的问题"), blank=True, default="")
    written_by_name = models.CharField(_("编写人"), max_length=100)
    submitted_by_id = models.UUIDField(null=True)
    submitted_by_name = models.CharField(_("送审人"), max_length=100, blank=True, default="")
    issued_at = models.DateTimeField(_("审定时间"), null=True)
    issued_by_name = models.CharField(_("审定人"), max_length=100, blank=True, default="")
    figures = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("复盘评估")
        verbose_name_plural = _("复盘评估")
        ordering = ["-happened_at", "-id"]
        indexes = [place_index("aftermath_review")]
        constraints = [models.UniqueConstraint(fields=["incident"], condition=~models.Q(state=rules.DROPPED), name="aftermath_one_review")]

    def __str__(self) -> str:
        return self.title


class Lesson(Case):
    """One thing to be better: what was wrong, what is done about it, by whom and until when."""

    flow: ClassVar[Flow] = rules.LESSON_FLOW

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="lessons")
    review_id: UUID
    number = models.PositiveSmallIntegerField()
    area = models.CharField(_("能力"), max_length=24)
    problem = models.TextField(_("问题"))
    measure = models.TextField(_("改进措施"))
    owner_name = models.CharField(_("责任人"), max_length=100)
    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("责任单位"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    organisation_id: UUID | None
    due = models.DateField(_("期限"))
    outcome = models.TextField(_("落实情况"), blank=True, default="")
    done_by_id = models.UUIDField(null=True)
    done_by_name = models.CharField(_("办结人"), max_length=100, blank=True, default="")
    verified_by_name = models.CharField(_("核实人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("改进事项")
        verbose_name_plural = _("改进事项")
        ordering = ["due", "number"]
        indexes = [place_index("aftermath_lesson")]
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="aftermath_lesson_number_once")]

    def __str__(self) -> str:
        return self.problem[:60]
