"""Tables of command: the incident, its responses, tasks, situation log, and what it is linked to."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.incidents import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Incident(Case):
    """One emergency that is being commanded."""

    flow: ClassVar[Flow] = rules.INCIDENT_FLOW

    title = models.CharField(_("事件名称"), max_length=120)
    kind = models.CharField(_("事件类别"), max_length=32)
    level_code = models.CharField(_("事故等级"), max_length=4, blank=True, default="")
    occurred_at = models.DateTimeField(_("发生时间"))
    location = models.CharField(_("发生地点"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise",
        verbose_name=_("涉事单位"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    enterprise_id: UUID | None
    organisation = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("处置单位"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    organisation_id: UUID | None
    description = models.TextField(_("基本情况"), blank=True, default="")
    opened_by_id = models.UUIDField()
    opened_by_name = models.CharField(_("立案人"), max_length=100)
    closing_summary = models.TextField(_("结案说明"), blank=True, default="")

    class Meta:
        verbose_name = _("突发事件")
        verbose_name_plural = _("突发事件")
        ordering = ["-opened_at", "-id"]
        indexes = [
            place_index("incidents_incident"),
            models.Index(fields=["-opened_at", "-id"], name="incidents_incident_time"),
            models.Index(fields=["enterprise"], name="incidents_incident_enterprise"),
        ]

    def __str__(self) -> str:
        return self.title


class IncidentLink(models.Model):
    """What the incident is about, by identity: alarms, filings, bulletins."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.LINK_KINDS.items()])
    subject_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("事件关联")
        constraints = [models.UniqueConstraint(fields=["incident", "kind", "subject_id"], name="incidents_link_once")]


class Response(Case):
    """A response started under a plan: level, grounds, expected period and measures (突发事件应对法 art. 72)."""

    flow: ClassVar[Flow] = rules.RESPONSE_FLOW

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="responses")
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    enterprise_id: UUID | None
    plan_id = models.UUIDField(_("所依据的预案"), null=True)
    plan_title = models.CharField(_("预案名称"), max_length=140, blank=True, default="")
    level = models.CharField(_("响应级别"), max_length=3)
    matter = models.CharField(_("响应事项"), max_length=200)
    grounds = models.TextField(_("启动依据"))
    measures = models.TextField(_("响应措施"))
    expected_until = models.DateTimeField(_("预计结束时间"))
    proposed_by_id = models.UUIDField()
    proposed_by_name = models.CharField(_("提请人"), max_length=100)
    # The level that the rules asked for when it was proposed, and the conditions met, in words.
    recommended = models.CharField(_("规则建议级别"), max_length=3, blank=True, default="")
    recommended_for = models.TextField(_("建议理由"), blank=True, default="")
    # Leaders asked to approve, one after the other: ``[{"id", "name", "at"}]``.
    asked = models.JSONField(_("请批"), default=list, blank=True)
    started_at = models.DateTimeField(_("启动时间"), null=True)
    started_by_id = models.UUIDField(null=True)
    started_by_name = models.CharField(_("批准人"), max_length=100, blank=True, default="")
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_by_name = models.CharField(max_length=100, blank=True, default="")
    end_grounds = models.TextField(_("结束依据"), blank=True, default="")

    class Meta:
        verbose_name = _("应急响应")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=models.Q(state__in=[rules.PROPOSED, rules.ACTIVE]),
                name="incidents_one_response_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.matter


class ResponseTask(Case):
    """One order to somebody, with a deadline."""

    flow: ClassVar[Flow] = rules.TASK_FLOW

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tasks")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    enterprise_id: UUID | None
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(_("任务"), max_length=200)
    role = models.CharField(_("角色"), max_length=60, blank=True, default="")
    assignee = models.CharField(_("承办岗位或单位"), max_length=120)
    assignee_organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    assignee_organisation_id: UUID | None
    due = models.DateTimeField(_("时限"))
    resource = models.CharField(_("所需资源"), max_length=200, blank=True, default="")
    group = models.CharField(_("工作组"), max_length=40, blank=True, default="")
    capability = models.CharField(_("所需能力"), max_length=40, blank=True, default="")
    form = models.CharField(_("记录表格"), max_length=60, blank=True, default="")
    # Codes of the tasks of this incident that must be done first.
    depends_on = models.JSONField(_("前置任务"), default=list, blank=True)
    # What is sent, by identity: its own room keeps it and who holds it.
    resource_id = models.UUIDField(null=True, blank=True, db_index=True)
    resource_name = models.CharField(_("派出力量"), max_length=120, blank=True, default="")
    assignee_account_id = models.UUIDField(null=True, blank=True, db_index=True)
    # Where the order goes when the one it is for has no telephone: his unit's duty desk.
    told_through = models.CharField(_("通知途径"), max_length=160, blank=True, default="")
    # Nobody has a telephone number of his own: an officer speaks to him by mouth, and says to whom he spoke.
    spoken_at = models.DateTimeField(_("口头通知时间"), null=True)
    spoken_to = models.CharField(_("口头通知"), max_length=100, blank=True, default="")
    # When what is sent will be there, first and by what is closed now; from where and when it goes on.
    expected_at = models.DateTimeField(_("预计到场"), null=True)
    first_expected_at = models.DateTimeField(null=True)
    way = models.JSONField(default=dict, blank=True)
    # Hazard sources that nobody else reaches in time while it is away: ``{"id": minutes}``; null: not reckoned.
    uncovered = models.JSONField(null=True, blank=True)
    accept_by = models.DateTimeField(_("接收时限"), null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    done_when = models.CharField(_("完成标准"), max_length=200, blank=True, default="")
    ordered_by_id = models.UUIDField(null=True)
    ordered_by_name = models.CharField(_("下达人"), max_length=100)
    accepted_by_name = models.CharField(max_length=100, blank=True, default="")
    accepted_at = models.DateTimeField(null=True)
    outcome = models.TextField(_("完成情况"), blank=True, default="")

    class Meta:
        verbose_name = _("处置任务")
        ordering = ["incident", "number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="incidents_task_number_once")]
        indexes = [
            models.Index(fields=["accept_by"], condition=models.Q(state=rules.ORDERED), name="incidents_task_unaccepted"),
        ]

    def __str__(self) -> str:
        return self.title


class SituationEntry(models.Model):
    """One line of the situation log. Never changed: a trigger refuses UPDATE and DELETE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.ENTRY_KINDS.items()])
    text = models.TextField()
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("情况记录")
        ordering = ["at", "id"]


class CommandPost(models.Model):
    """Who leads one group of the on-scene command (现场指挥部), from when until when. A change ends one row and begins the next."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="posts")
    order = models.PositiveSmallIntegerField(default=0)
    group = models.CharField(_("工作组"), max_length=40)
    group_name = models.CharField(_("组别"), max_length=80)
    parent = models.CharField(_("上级组"), max_length=40, blank=True, default="")
    duties = models.TextField(_("职责"), blank=True, default="")
    filled_by = models.CharField(_("预案规定由谁担任"), max_length=120, blank=True, default="")
    # Nobody: the post is vacant, and shown as such.
    account_id = models.UUIDField(null=True, blank=True, db_index=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    organisation_id: UUID | None
    holder = models.CharField(_("负责人"), max_length=160, blank=True, default="")
    phone = models.CharField(_("电话"), max_length=40, blank=True, default="")
    how = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.FILLED_HOW.items()])
    reason = models.TextField(_("理由"), blank=True, default="")
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"), null=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("指挥岗位")
        ordering = ["order", "since"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "group"], condition=models.Q(until=None), name="incidents_one_holder_at_a_time")
        ]


class CommandTransfer(Case):
    """Command offered to a bureau above (指挥权移交), with the note of what it takes over."""

    flow: ClassVar[Flow] = rules.TRANSFER_FLOW

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="transfers")
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    enterprise_id: UUID | None
    from_organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    to_organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    to_organisation_id: UUID
    note = models.TextField(_("移交说明"))
    offered_by_id = models.UUIDField()
    offered_by_name = models.CharField(_("移交人"), max_length=100)
    answered_by_name = models.CharField(_("接任人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("指挥权移交")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=models.Q(state=rules.OFFERED), name="incidents_one_transfer_at_a_time")
        ]

    def __str__(self) -> str:
        return self.note
