"""Tables of duty: shifts, the handover with its two signatures, and the log, which only grows."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.duty import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record, place_index


class DutyShift(Record):
    """Who is on duty from when to when, in which capacity."""

    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    account = models.ForeignKey("people.Account", verbose_name=_("值班人"), on_delete=models.PROTECT, related_name="+")
    account_id: UUID
    kind = models.CharField(_("班次类型"), max_length=10, choices=[(k, _(v)) for k, v in rules.SHIFT_KINDS.items()])
    post = models.CharField(_("岗位"), max_length=64, blank=True, default="")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))

    class Meta:
        verbose_name = _("值班班次")
        verbose_name_plural = _("值班班次")
        ordering = ["starts_at", "kind"]
        indexes = [place_index("duty_shift"), models.Index(fields=["ends_at"], name="duty_shift_end")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="duty_shift_ends_later")]


class Handover(Case):
    """One change of shift: a digest of what is open, owed and instructed, signed by both."""

    flow: ClassVar[Flow] = rules.HANDOVER_FLOW

    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    digest = models.JSONField(_("待办摘要"), default=dict)
    note = models.TextField(_("交班说明"), blank=True, default="")
    handed_by_id = models.UUIDField(null=True)
    handed_by_name = models.CharField(_("交班人"), max_length=100, blank=True, default="")
    handed_at = models.DateTimeField(null=True)
    received_by_id = models.UUIDField(null=True)
    received_by_name = models.CharField(_("接班人"), max_length=100, blank=True, default="")
    received_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("交接班")
        ordering = ["-opened_at"]
        indexes = [place_index("duty_handover")]


class DutyLogEntry(models.Model):
    """One line of the duty log. Never changed: a trigger refuses UPDATE and DELETE; a mistake is corrected by a further line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField(default=1)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    organisation_id: UUID | None
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.ENTRY_KINDS.items()])
    text = models.TextField()
    caller = models.CharField(max_length=120, blank=True, default="")
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    exercise = models.BooleanField(default=False)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("值班日志")
        ordering = ["-at", "-id"]
        indexes = [place_index("duty_log"), models.Index(fields=["-at"], name="duty_log_time")]
