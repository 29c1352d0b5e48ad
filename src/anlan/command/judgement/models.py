"""Tables of judgement: the question about one event, and its answers, which never change."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.judgement import rules
from anlan.desk.search import sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Judgement(Case):
    """One judgement (研判). ``form``: the inputs that the next run takes by name, each with its provenance (``inputs.Filled.stored``)."""

    flow: ClassVar[Flow] = rules.FLOW

    title = models.CharField(_("研判名称"), max_length=120)
    kind = models.CharField(_("研判类别"), max_length=16, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    substance_name = models.CharField(_("物质"), max_length=100, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    alarm_id = models.UUIDField(null=True, blank=True)
    filing_id = models.UUIDField(null=True, blank=True)
    incident_id = models.UUIDField(null=True, blank=True)
    risk_source_id = models.UUIDField(null=True, blank=True)
    form: Any = models.JSONField(default=dict, editable=False)
    automatic = models.BooleanField(_("随实时数据自动重算"), default=True)
    opened_by_id = models.UUIDField()
    opened_by_name = models.CharField(_("建立人"), max_length=100)
    last_number = models.PositiveIntegerField(_("计算次数"), default=0, editable=False)

    class Meta:
        verbose_name = _("研判")
        verbose_name_plural = _("研判")
        ordering = ["-opened_at", "-id"]
        indexes = [
            place_index("judgement_judgement"),
            *sort_indexes("jdg", "opened_at"),
            models.Index(fields=["alarm_id"], name="judgement_alarm"),
            models.Index(fields=["filing_id"], name="judgement_filing"),
            models.Index(fields=["incident_id"], name="judgement_incident"),
            models.Index(fields=["risk_source_id"], name="judgement_risk_source"),
        ]

    def __str__(self) -> str:
        return self.title


class Run(models.Model):
    """One answer. What was asked never changes, and once it is finished nothing does: a trigger refuses it.

    ``inputs``: by name as ``inputs.Filled.stored``; ``result``: see :mod:`reckoning`; ``refusal``: code, sentence and facts of why there is none.
    ``west`` to ``north``: the box of its zones, degrees.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    judgement = models.ForeignKey(Judgement, on_delete=models.PROTECT, related_name="runs")
    judgement_id: UUID
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    inputs: Any = models.JSONField()
    automatic = models.BooleanField(default=False)
    because: Any = models.JSONField(default=list)
    exercise = models.BooleanField(default=False)
    asked_by_id = models.UUIDField()
    asked_by_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=[(code, _(label)) for code, label in rules.RUN_STATES.items()])
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_asked_by_name = models.CharField(max_length=100, blank=True, default="")
    result: Any = models.JSONField(null=True)
    estimate: Any = models.JSONField(null=True)
    refusal: Any = models.JSONField(null=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)

    class Meta:
        verbose_name = _("研判计算")
        verbose_name_plural = _("研判计算")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["judgement", "number"], name="judgement_run_number_once")]
        indexes = [
            models.Index(fields=["-finished_at"], name="judgement_run_finished", condition=models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.judgement_id} #{self.number}"

    @property
    def finished(self) -> bool:
        """Whether it has ended, with an answer or without."""
        return self.state in rules.FINISHED
