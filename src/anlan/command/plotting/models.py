"""Tables of boards: the board, its log of updates, where the log stands, checkpoints to read it quickly, and whose hands draw."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.plotting import rules
from anlan.desk.search import sort_indexes
from anlan.kernel.chain import GENESIS
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Board(Case):
    """A board (标绘图): of an incident, or by itself."""

    flow: ClassVar[Flow] = rules.FLOW

    title = models.CharField(_("标绘图名称"), max_length=120)
    remark = models.CharField(_("说明"), max_length=500, blank=True, default="")
    incident_id = models.UUIDField(_("所属事件"), null=True, blank=True, db_index=True)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    restricted = models.BooleanField(_("仅指定人员标绘"), default=False)
    opened_by_id = models.UUIDField(editable=False)
    opened_by_name = models.CharField(_("新建人"), max_length=100)

    class Meta:
        verbose_name = _("标绘图")
        verbose_name_plural = _("标绘图")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("plotting_board"), *sort_indexes("plt", "opened_at")]

    def __str__(self) -> str:
        return self.title


class BoardEditor(models.Model):
    """Somebody who may draw on a restricted board."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="editors")
    account_id = models.UUIDField()
    name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("标绘人员")
        constraints = [models.UniqueConstraint(fields=["board", "account_id"], name="plotting_editor_once")]


class BoardHead(models.Model):
    """Where a board's log stands. Locked while an update is taken: updates of a board have one order."""

    board = models.OneToOneField(Board, primary_key=True, on_delete=models.PROTECT, related_name="head")
    sequence = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default=GENESIS)
    drawn_at = models.DateTimeField(_("最近标绘时间"), null=True)


class BoardUpdate(models.Model):
    """One change of a board as it was taken. Never changed: a trigger refuses UPDATE and DELETE, and each row's hash covers the one before."""

    id = models.BigAutoField(primary_key=True)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="updates")
    board_id: UUID
    sequence = models.PositiveIntegerField()
    content = models.BinaryField()
    effect = models.JSONField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True, default="")
    at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("标绘记录")
        ordering = ["board_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["board", "sequence"], name="plotting_update_once")]
        indexes = [models.Index(fields=["board", "at"], name="plotting_update_at")]


class BoardCheckpoint(models.Model):
    """A board after ``sequence`` updates: the document, and its objects with who drew them. Made from the log, and could be made again."""

    id = models.BigAutoField(primary_key=True)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="checkpoints")
    sequence = models.PositiveIntegerField()
    state = models.BinaryField()
    objects_then = models.JSONField()

    class Meta:
        verbose_name = _("标绘快照")
        ordering = ["board_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["board", "sequence"], name="plotting_checkpoint_once")]


class BoardHand(models.Model):
    """Which account a client id of the document belongs to: nobody writes with another's hand."""

    id = models.BigAutoField(primary_key=True)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="hands")
    hand = models.BigIntegerField()
    account_id = models.UUIDField()

    class Meta:
        verbose_name = _("标绘编号")
        constraints = [models.UniqueConstraint(fields=["board", "hand"], name="plotting_hand_once")]
