"""Tables of mutual aid (what is asked, what each bureau answers) and of people on scene (sectors, who is inside, signals to leave)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.dispatch import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class AidRequest(Case):
    """What a bureau needs for an incident. ``place_code`` is the incident's: the bureaus asked see it through their own answers only."""

    flow: ClassVar[Flow] = rules.REQUEST_FLOW

    incident_id = models.UUIDField(_("突发事件"), db_index=True)
    task_id = models.UUIDField(_("任务"), null=True, blank=True)
    title = models.CharField(_("请求事项"), max_length=120)
    need = models.TextField(_("需要的力量"))
    capability = models.CharField(_("所需能力"), max_length=40, blank=True, default="")
    needed_by = models.DateTimeField(_("最迟到场"))
    # All that the bureaus asked are told of what happened, in the words of whoever asks.
    told = models.TextField(_("告知对方的情况"))
    meeting_point = models.CharField(_("集结地点"), max_length=200)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    shared = models.BooleanField(_("向对方开放事件过程"), default=False)
    terms = models.CharField(_("费用约定"), max_length=200, blank=True, default="")
    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("请求单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    phone = models.CharField(_("联系电话"), max_length=40, blank=True, default="")
    asked_by_id = models.UUIDField()
    asked_by_name = models.CharField(_("请求人"), max_length=100)

    class Meta:
        verbose_name = _("增援请求")
        verbose_name_plural = _("增援请求")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("dispatch_request")]

    def __str__(self) -> str:
        return self.title


class AidAnswer(Case):
    """What one bureau answers. ``place_code`` is that bureau's: its people move it; agreement, arrival and release are the asker's words."""

    flow: ClassVar[Flow] = rules.ANSWER_FLOW

    request = models.ForeignKey(AidRequest, on_delete=models.PROTECT, related_name="answers")
    request_id: UUID
    title = models.CharField(_("请求事项"), max_length=120)
    organisation = models.ForeignKey("organisations.Organisation", verbose_name=_("被请求单位"), on_delete=models.PROTECT, related_name="+")
    organisation_id: UUID
    offer = models.TextField(_("可派力量"), blank=True, default="")
    resource_id = models.UUIDField(null=True, blank=True)
    resource_name = models.CharField(_("派出力量"), max_length=120, blank=True, default="")
    people = models.PositiveIntegerField(_("人数"), null=True, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True, default="")
    expected_at = models.DateTimeField(_("预计到场"), null=True, blank=True)
    # From where and when the resource goes on, as incidents keep it for theirs.
    way = models.JSONField(default=dict, blank=True)
    agreed_at = models.DateTimeField(_("请求方同意"), null=True, blank=True)
    agreed_by_name = models.CharField(max_length=100, blank=True, default="")
    sent_at = models.DateTimeField(_("派出时间"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    released_at = models.DateTimeField(_("放归时间"), null=True, blank=True)
    cost = models.DecimalField(_("费用（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    cost_note = models.CharField(_("费用说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("增援来函")
        verbose_name_plural = _("增援来函")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("dispatch_answer")]
        constraints = [models.UniqueConstraint(fields=["request", "organisation"], name="dispatch_asked_once")]

    def __str__(self) -> str:
        return self.title


class Sector(models.Model):
    """One part of the scene with its own time between check-ins."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident_id = models.UUIDField(db_index=True)
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("区段"), max_length=60)
    zone = models.CharField(_("分区"), max_length=8, choices=[(k, _(v)) for k, v in rules.ZONES.items()], default="hot")
    check_minutes = models.PositiveSmallIntegerField(_("报告安全间隔（分钟）"))

    class Meta:
        verbose_name = _("现场区段")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["incident_id", "name"], name="dispatch_sector_once")]


class Presence(Case):
    """Somebody, or a crew, inside a sector: since when, until when they must report, and when they were late."""

    flow: ClassVar[Flow] = rules.PRESENCE_FLOW

    incident_id = models.UUIDField(db_index=True)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="presences")
    who = models.CharField(_("人员或小组"), max_length=80)
    unit = models.CharField(_("所属队伍"), max_length=120, blank=True, default="")
    people = models.PositiveSmallIntegerField(_("人数"), default=1)
    phone = models.CharField(_("电话或呼号"), max_length=40, blank=True, default="")
    resource_id = models.UUIDField(null=True, blank=True)
    entered_at = models.DateTimeField(_("进入时间"))
    entered_by_name = models.CharField(_("登记人"), max_length=100)
    check_by = models.DateTimeField(_("应报告时间"))
    checked_at = models.DateTimeField(_("最近报告"), null=True, blank=True)
    rings = models.PositiveSmallIntegerField(default=0)
    # Check-ins that were late: ``[{"due", "at", "by"}]``, ``at`` empty while nobody has heard of them.
    missed = models.JSONField(default=list, blank=True)
    left_note = models.CharField(_("撤出说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("现场人员")
        ordering = ["entered_at", "id"]
        indexes = [
            place_index("dispatch_presence"),
            models.Index(fields=["check_by"], condition=models.Q(state=rules.INSIDE), name="dispatch_presence_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident_id", "who"], condition=models.Q(state=rules.INSIDE), name="dispatch_inside_once")
        ]

    def __str__(self) -> str:
        return self.who


class AllOut(Case):
    """A signal to leave, for one sector or for all: open until everybody who was inside is accounted for."""

    flow: ClassVar[Flow] = rules.SIGNAL_FLOW

    incident_id = models.UUIDField(db_index=True)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sector_id: UUID | None
    reason = models.CharField(_("撤离原因"), max_length=200)
    signalled_by_name = models.CharField(_("发令人"), max_length=100)
    # Who was inside at the signal: the roll that is called.
    roll = models.JSONField(default=list, blank=True)
    account_by = models.DateTimeField(_("清点时限"))
    rings = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("撤离信号")
        ordering = ["opened_at", "id"]
        indexes = [place_index("dispatch_all_out")]

    def __str__(self) -> str:
        return self.reason
