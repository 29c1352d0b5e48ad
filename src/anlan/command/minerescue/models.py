"""Tables of mine rescue: the operation, its network of airways, squads, what was reported, entries, and times in which nobody goes in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.minerescue import network, rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Operation(Case):
    """Mine rescue at one mine for one incident."""

    flow: ClassVar[Flow] = rules.OPERATION_FLOW

    title = models.CharField(_("名称"), max_length=120)
    incident_id = models.UUIDField(_("突发事件"), unique=True)
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("矿山"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    disaster = models.CharField(_("灾害"), max_length=12, choices=[(code, _(label)) for code, label in rules.DISASTERS.items()])
    opened_by_name = models.CharField(_("开设人"), max_length=100)
    closing_note = models.TextField(_("结束说明"), blank=True, default="")

    class Meta:
        verbose_name = _("矿山救护")
        verbose_name_plural = _("矿山救护")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("minerescue_operation")]

    def __str__(self) -> str:
        return self.title


class MinePlace(models.Model):
    """A node of the ventilation network. ``sensor_ids``: measuring points of the mine that stand there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="places")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("地点"), max_length=network.MOST_NAME)
    kind = models.CharField(_("类型"), max_length=10, choices=[(code, _(label)) for code, label in network.KINDS.items()])
    x = models.FloatField()
    y = models.FloatField()
    minutes = models.PositiveSmallIntegerField(_("到基地分钟"), null=True)
    sensor_ids = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("井下地点")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["operation", "name"], name="minerescue_place_once")]

    def __str__(self) -> str:
        return self.name


class Airway(models.Model):
    """An airway from one place to another, in the direction of its air as planned."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="airways")
    start = models.ForeignKey(MinePlace, on_delete=models.PROTECT, related_name="+")
    end = models.ForeignKey(MinePlace, on_delete=models.PROTECT, related_name="+")
    metres = models.FloatField(_("长度（米）"), default=0.0)

    class Meta:
        verbose_name = _("风路")
        ordering = ["id"]


class Squad(models.Model):
    """A squad (小队) with its members and apparatus. ``members``: ``[{"name", "apparatus"}]`` in the order in which pressures are told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="squads")
    name = models.CharField(_("小队"), max_length=60)
    resource_id = models.UUIDField(_("所属队伍"), null=True)
    unit = models.CharField(_("所属队伍"), max_length=120, blank=True, default="")
    phone = models.CharField(_("电话或呼号"), max_length=40, blank=True, default="")
    members = models.JSONField(_("队员"), default=list)
    full_pressure = models.FloatField(_("额定压力（MPa）"))
    rated_minutes = models.PositiveSmallIntegerField(_("额定防护时间（分钟）"))
    duty = models.CharField(_("状态"), max_length=8, choices=[(code, _(label)) for code, label in rules.DUTIES.items()])
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = _("救护小队")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["operation", "name"], name="minerescue_squad_once")]

    def __str__(self) -> str:
        return self.name


class Entry(Case):
    """A squad underground: where to, with what oxygen, when it must turn and be out, and when it was.

    ``findings``: what spoke against it, as told; with ``grounds`` and ``allowed_by_name`` where the commander let it go in nevertheless.
    """

    flow: ClassVar[Flow] = rules.ENTRY_FLOW

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="entries")
    operation_id: UUID
    squad = models.ForeignKey(Squad, on_delete=models.PROTECT, related_name="entries")
    squad_id: UUID
    standby_name = models.CharField(_("待机小队"), max_length=60, blank=True, default="")
    place = models.ForeignKey(MinePlace, verbose_name=_("目的地"), on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("任务"), max_length=120)
    trip_minutes = models.PositiveSmallIntegerField(_("预计往返（分钟）"))
    turn_rule = models.CharField(_("返回规则"), max_length=12)
    # As they went in: the squad itself may change afterwards.
    members = models.JSONField(_("队员"))
    pressures = models.JSONField(_("入井压力"))
    turn_pressure = models.FloatField(_("返回压力"))
    turn_at = models.DateTimeField(_("应返回时间"))
    out_by = models.DateTimeField(_("最迟出井"))
    lowest = models.FloatField(_("最近最低压力"))
    reported_at = models.DateTimeField(_("最近报告"))
    presence_id = models.UUIDField()
    findings = models.JSONField(default=list, blank=True)
    grounds = models.CharField(_("破例理由"), max_length=300, blank=True, default="")
    allowed_by_name = models.CharField(_("批准人"), max_length=100, blank=True, default="")
    recalled_at = models.DateTimeField(_("召回时间"), null=True)
    turned_at = models.DateTimeField(_("返回时间"), null=True)
    left_pressures = models.JSONField(_("出井压力"), default=list, blank=True)
    left_note = models.CharField(_("出井说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("入井记录")
        ordering = ["opened_at", "id"]
        indexes = [place_index("minerescue_entry"), models.Index(fields=["operation", "state"], name="minerescue_entry_state")]
        constraints = [
            models.UniqueConstraint(fields=["squad"], condition=models.Q(state__in=rules.UNDERGROUND), name="minerescue_inside_once")
        ]

    def __str__(self) -> str:
        return f"{self.squad} → {self.place}"

    def must_turn(self, now: datetime) -> bool:
        """Whether the squad is still on its way in and should not be."""
        return self.state == rules.INSIDE and (self.recalled_at is not None or self.lowest <= self.turn_pressure or self.turn_at <= now)


class Report(models.Model):
    """What was told from underground, by voice. Never changed: a trigger refuses it; a mistake is put right by a line that ``replaces`` it.

    % by volume, carbon monoxide in ppm, ℃, m/s, MPa.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="reports")
    place = models.ForeignKey(MinePlace, verbose_name=_("地点"), on_delete=models.PROTECT, related_name="reports", null=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="reports", null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, related_name="replaced_by", null=True)
    at = models.DateTimeField(_("时间"))
    methane = models.FloatField(null=True)
    monoxide = models.FloatField(null=True)
    oxygen = models.FloatField(null=True)
    dioxide = models.FloatField(null=True)
    hydrogen = models.FloatField(null=True)
    temperature = models.FloatField(null=True)
    airflow = models.FloatField(null=True)
    pressures = models.JSONField(_("氧气压力"), default=list, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    author_id = models.UUIDField()
    author_name = models.CharField(_("登记人"), max_length=100)
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("井下报告")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["operation", "-at"], name="minerescue_report_time")]


class Hold(models.Model):
    """A time in which nobody goes in (re-entry clock): since what happened, until when, or until it was lifted with grounds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12)
    since = models.DateTimeField()
    until = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, default="")
    author_name = models.CharField(max_length=100)
    lifted_at = models.DateTimeField(null=True)
    lifted_by_name = models.CharField(max_length=100, blank=True, default="")
    lifted_grounds = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("禁止入井")
        ordering = ["since", "id"]
