"""Abstract models that every room builds on: a record with a place and a class of information, and a case with a state."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel import clock
from anlan.kernel.access import Classification
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id

CLASSIFICATIONS = [(int(c), _(c.label)) for c in Classification]


def place_index(table: str) -> models.Index:
    """Index for prefix tests on ``place_code``; name it after the table (Django limits index names to 30 characters)."""
    return models.Index(OpClass("place_code", name="text_pattern_ops"), name=f"{table[:22]}_place")


class Record(models.Model):
    """A slowly changing fact with one owner, at a place, with a class of information.

    ``version`` grows by one with each saved change made through :func:`anlan.ledger.changes.change`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place_code = models.CharField(_("行政区划"), max_length=9)
    classification = models.PositiveSmallIntegerField(_("信息类别"), choices=CLASSIFICATIONS, default=int(Classification.INTERNAL))
    created_at = models.DateTimeField(_("登记时间"), default=clock.now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Case(Record):
    """Something with a state, clocks and a history that must be closed. Its flow table is ``flow``; only ``ledger.flows`` moves it."""

    flow: ClassVar[Flow]

    state = models.CharField(_("状态"), max_length=32)
    exercise = models.BooleanField(_("演练"), default=False)
    opened_at = models.DateTimeField(_("开始时间"), default=clock.now)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        abstract = True

    def get_state_label(self) -> str:
        """Translated label of the present state."""
        return str(_(self.flow.state(self.state).label))

    @property
    def is_closed(self) -> bool:
        """Whether the case reached a final state."""
        return self.flow.state(self.state).final
