"""Tables of the pages that watch points: where somebody put a hazard source or a device on an enterprise's plan."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.ledger.records import Record, place_index
from anlan.sense.monitor import rules


class Placement(Record):
    """A place on the plan, chosen by a person. It changes no surveyed coordinate: the plan is a drawing, not a map.

    Metres east and north of the enterprise's reference point: its own coordinates, or the first known ones of what belongs to it.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    kind = models.CharField(_("对象类别"), max_length=8, choices=[(code, _(label)) for code, label in rules.PLACED_KINDS.items()])
    subject_id = models.UUIDField(_("对象"))
    east_m = models.FloatField(_("向东（米）"))
    north_m = models.FloatField(_("向北（米）"))
    placed_by = models.CharField(_("放置人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("平面图位置")
        verbose_name_plural = _("平面图位置")
        ordering = ["enterprise_id", "kind", "subject_id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "kind", "subject_id"], name="monitor_placement_once")]
        indexes = [place_index("monitor_placement")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
