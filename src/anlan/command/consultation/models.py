"""Tables of consultations: the consultation, its agenda, who sits in it, what was said, what was decided, what it refers to, and the signed minutes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.consultation import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Consultation(Case):
    """A consultation 会商. ``place_code``: of the bureau that calls it; whoever is invited sees it wherever he is."""

    flow: ClassVar[Flow] = rules.FLOW

    title = models.CharField(_("会商名称"), max_length=120)
    template = models.CharField(_("议程"), max_length=20, default=rules.GENERAL)
    incident_id = models.UUIDField(_("突发事件"), null=True, blank=True, db_index=True)
    bulletin_id = models.UUIDField(_("预警信息"), null=True, blank=True, db_index=True)
    starts_at = models.DateTimeField(_("会商时间"))
    venue = models.CharField(_("会商地点"), max_length=120, blank=True, default="")
    online = models.BooleanField(_("视频会商"), default=False)
    channels = models.JSONField(_("通知渠道"), default=list)
    # Empty: somebody without an account presides, and whoever may sign does so for him.
    chair_id = models.UUIDField(null=True)
    chair_name = models.CharField(_("主持人"), max_length=100, blank=True, default="")
    called_by_id = models.UUIDField()
    called_by_name = models.CharField(_("召集人"), max_length=100)
    organisation_name = models.CharField(_("召集单位"), max_length=120, blank=True, default="")
    began_at = models.DateTimeField(_("实际开始"), null=True)
    ended_at = models.DateTimeField(_("实际结束"), null=True)
    signed_at = models.DateTimeField(_("签发时间"), null=True)
    signed_by_name = models.CharField(_("签发人"), max_length=100, blank=True, default="")
    edition = models.PositiveSmallIntegerField(_("纪要版本"), default=0)

    class Meta:
        verbose_name = _("会商")
        verbose_name_plural = _("会商")
        ordering = ["-starts_at", "-id"]
        indexes = [place_index("consultation_consultation"), models.Index(fields=["-starts_at"], name="consultation_starts")]

    def __str__(self) -> str:
        return self.title


class _Part(models.Model):
    """What belongs to one consultation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class Item(_Part):
    """One item of the agenda with the record that is kept of it, by however many hands."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("议题"), max_length=200)
    speaker = models.CharField(_("汇报单位或人员"), max_length=120, blank=True, default="")
    notes = models.TextField(_("记录"), blank=True, default="")
    noted_by_name = models.CharField(max_length=100, blank=True, default="")
    noted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("议题")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["consultation", "number"], name="consultation_item_once")]


class Seat(_Part):
    """Somebody who is invited: a person, the post on duty of a bureau, an organisation, an enterprise. ``place_code`` is his."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="seats")
    consultation_id: UUID
    key = models.CharField(max_length=60)
    name = models.CharField(_("参会单位或人员"), max_length=120)
    post = models.CharField(_("职务"), max_length=160, blank=True, default="")
    place_code = models.CharField(max_length=9)
    account_id = models.UUIDField(null=True, db_index=True)
    organisation_id = models.UUIDField(null=True, db_index=True)
    role = models.CharField(_("身份"), max_length=10, default="member", choices=[(k, _(v)) for k, v in rules.ROLES.items()])
    attendance = models.CharField(_("到会情况"), max_length=10, default="invited", choices=[(k, _(v)) for k, v in rules.ATTENDANCE.items()])
    way = models.CharField(_("参会方式"), max_length=10, blank=True, default="", choices=[(k, _(v)) for k, v in rules.WAYS.items()])
    who = models.CharField(_("到会人员"), max_length=100, blank=True, default="")
    came_at = models.DateTimeField(_("到会时间"), null=True)

    class Meta:
        verbose_name = _("参会人")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["consultation", "key"], name="consultation_seat_once")]
        indexes = [models.Index(fields=["key"], name="consultation_seat_key")]

    def __str__(self) -> str:
        return self.name


class Voice(_Part):
    """What somebody said, above all what he did not agree with. Never changed: a trigger refuses UPDATE and DELETE."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="voices")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="voices", null=True)
    kind = models.CharField(_("类别"), max_length=10, choices=[(k, _(v)) for k, v in rules.VOICES.items()])
    who = models.CharField(_("发言人"), max_length=160)
    text = models.TextField(_("内容"))
    at = models.DateTimeField()
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("发言")
        ordering = ["at", "id"]


class Decision(_Part):
    """What was decided: by whom it is done, by when, and why. With an incident it is a task of it, whose state is the task's own."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions", null=True)
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("议定事项"), max_length=200)
    grounds = models.TextField(_("依据和理由"))
    assignee = models.CharField(_("责任单位或人员"), max_length=120)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", null=True)
    due = models.DateTimeField(_("完成时限"))
    task_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField()
    by_name = models.CharField(_("登记人"), max_length=100)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("办理结果"), max_length=300, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(_("撤销理由"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("议定事项")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["consultation", "number"], name="consultation_decision_once")]


class Reference(_Part):
    """A page of this platform that was looked at: a judgement, a report, a warning, the risk picture. Who opens it needs his own leave there."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="references")
    title = models.CharField(_("名称"), max_length=160)
    address = models.CharField(_("页面地址"), max_length=500)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("参阅页面")
        ordering = ["at", "id"]


class Minutes(_Part):
    """Minutes as they were signed, edition by edition. Never changed: a trigger refuses UPDATE and DELETE. ``digest``: SHA-256 of the content."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="minutes")
    edition = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(_("更正理由"), max_length=300, blank=True, default="")
    signed_at = models.DateTimeField()
    signed_by_id = models.UUIDField()
    signed_by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("会商纪要")
        ordering = ["-edition"]
        constraints = [models.UniqueConstraint(fields=["consultation", "edition"], name="consultation_minutes_once")]
