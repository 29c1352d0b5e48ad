"""What the ledger keeps: audit entries and their head, the outbox, flow steps, legal clocks."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.ids import new_id


class AuditEntry(models.Model):
    """One change, linked to the one before it. Rows are never changed: a trigger refuses UPDATE and DELETE."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField(db_index=True)
    actor_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=80, db_index=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    place_code = models.CharField(max_length=9, blank=True)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "sequence"], name="ledger_audit_subject"),
            models.Index(fields=["at"], name="ledger_audit_at"),
        ]
        verbose_name = _("审计记录")


class AuditHead(models.Model):
    """The last link of the chain, so that a removed tail shows; also the row that serialises appending."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)


class Announcement(models.Model):
    """An event in the transactional outbox. ``delivered_at`` is set when every hearer has heard it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=80)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    place_code = models.CharField(max_length=9, blank=True)
    enterprise_id = models.UUIDField(null=True)
    classification = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="ledger_outbox_waiting", condition=models.Q(delivered_at__isnull=True)),
            models.Index(fields=["at"], name="ledger_outbox_at"),
        ]


class Delivery(models.Model):
    """Proof that one hearer heard one announcement: what makes hearing twice harmless."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="deliveries")
    hearer = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "hearer"], name="ledger_delivery_once")]


class FlowStep(models.Model):
    """One move of one case: who, when, from which state to which, why."""

    id = models.UUIDField(primary_key=True, default=new_id)
    flow = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    move = models.CharField(max_length=40)
    source = models.CharField(max_length=32)
    target = models.CharField(max_length=32)
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="ledger_step_subject")]


class ExternalReference(models.Model):
    """What a record is called in an enterprise's own system: one row for each source, kind and number, whatever room keeps the record.

    ``source`` is the account of the system, so that two systems of one enterprise may use the same number. ``digest`` (SHA-256, hex) tells whether
    the same content comes again; ``revision`` is the sender's own, where it says one.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    enterprise_id = models.UUIDField()
    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120, db_collation="C")
    record_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    revision = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enterprise_id", "source", "kind", "external_id"], name="ledger_reference_once"),
            # Two numbers of one system never mean the same record: each would undo what the other sent.
            models.UniqueConstraint(fields=["source", "kind", "record_id"], name="ledger_reference_record"),
        ]
        indexes = [models.Index(fields=["record_id"], name="ledger_reference_of")]
        verbose_name = _("外部系统编号")


class ClockState(models.TextChoices):
    RUNNING = "running", _("计时中")
    MET = "met", _("按时完成")
    MISSED = "missed", _("超时")
    CANCELLED = "cancelled", _("已取消")


class Clock(models.Model):
    """A legal deadline: what is owed, by whom, to whom, since when, until when, under which article.

    ``missed`` is kept for ever: a duty done late has ``met_at`` after ``until`` and state ``missed``.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    rule_code = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    article = models.CharField(max_length=200, blank=True)
    rule_status = models.CharField(max_length=20, blank=True)
    owed_by = models.CharField(max_length=200, blank=True)
    owed_to = models.CharField(max_length=200, blank=True)
    owed_by_organisation_id = models.UUIDField(null=True, db_index=True)
    place_code = models.CharField(max_length=9, blank=True)
    enterprise_id = models.UUIDField(null=True)
    classification = models.PositiveSmallIntegerField(default=1)
    exercise = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    met_at = models.DateTimeField(null=True)
    met_by = models.CharField(max_length=100, blank=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["until"]
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id", "rule_code", "since"], name="ledger_clock_once")]
        indexes = [
            models.Index(fields=["until"], name="ledger_clock_running", condition=models.Q(state="running")),
            models.Index(fields=["subject_type", "subject_id"], name="ledger_clock_subject"),
            models.Index(OpClass("place_code", name="text_pattern_ops"), name="ledger_clock_place"),
        ]
