"""Tables of field units: the unit with its last position, its track, terminals that were turned away, shapes for the devices' maps."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record, place_index


class FieldUnit(Record):
    """One field unit (现场单元): a person, vehicle or drone with a terminal of the TAK family.

    What the terminal says (device, position, battery …) is written by the port; all else by people. Degrees of WGS-84, m, m/s, per cent.
    """

    uid = models.CharField(_("终端标识"), max_length=200, unique=True)
    callsign = models.CharField(_("呼号"), max_length=100)
    fingerprint = models.CharField(_("证书指纹"), max_length=64, blank=True, default="")
    team = models.CharField(_("所属队伍"), max_length=120, blank=True, default="")
    incident_id = models.UUIDField(_("所属事件"), null=True, blank=True, db_index=True)
    active = models.BooleanField(_("启用"), default=True)
    exercise = models.BooleanField(_("演练"), default=False)
    cot_type = models.CharField(_("CoT 类型"), max_length=80, blank=True, default="", editable=False)
    team_colour = models.CharField(_("编组颜色"), max_length=40, blank=True, default="", editable=False)
    role = models.CharField(_("编组角色"), max_length=60, blank=True, default="", editable=False)
    device = models.CharField(_("终端型号"), max_length=120, blank=True, default="", editable=False)
    software = models.CharField(_("终端软件"), max_length=120, blank=True, default="", editable=False)
    heard_at = models.DateTimeField(_("最近通信"), null=True, editable=False)
    position_at = models.DateTimeField(_("定位时间"), null=True, editable=False)
    stale_at = models.DateTimeField(_("位置有效至"), null=True, editable=False)
    longitude = models.FloatField(_("经度"), null=True, editable=False)
    latitude = models.FloatField(_("纬度"), null=True, editable=False)
    height_m = models.FloatField(_("椭球高（m）"), null=True, editable=False)
    accuracy_m = models.FloatField(_("定位误差（m）"), null=True, editable=False)
    speed_m_s = models.FloatField(_("速度（m/s）"), null=True, editable=False)
    course = models.FloatField(_("航向（°）"), null=True, editable=False)
    battery = models.FloatField(_("电量（%）"), null=True, editable=False)

    class Meta:
        verbose_name = _("现场单元")
        verbose_name_plural = _("现场单元")
        ordering = ["callsign", "id"]
        indexes = [
            place_index("field_unit"),
            *sort_indexes("fld", "callsign", "heard_at"),
            models.Index(fields=["longitude", "latitude"], name="field_unit_point"),
        ]

    def __str__(self) -> str:
        return self.callsign


class FieldPosition(models.Model):
    """One position of a unit's track, thinned and bounded."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(FieldUnit, on_delete=models.CASCADE, related_name="track")
    unit_id: UUID
    at = models.DateTimeField(_("定位时间"))
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    speed_m_s = models.FloatField(_("速度（m/s）"), null=True)
    course = models.FloatField(_("航向（°）"), null=True)

    class Meta:
        verbose_name = _("现场单元轨迹")
        constraints = [models.UniqueConstraint(fields=["unit", "at"], name="field_position_once")]


class FieldStranger(models.Model):
    """A terminal that was turned away: what it said, why, how often. Never drawn as a unit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uid = models.CharField(_("终端标识"), max_length=200, unique=True)
    callsign = models.CharField(_("呼号"), max_length=100, blank=True, default="")
    fingerprint = models.CharField(_("证书指纹"), max_length=64, blank=True, default="")
    peer = models.CharField(_("来源地址"), max_length=80, blank=True, default="")
    reason = models.CharField(_("原因"), max_length=40)
    first_at = models.DateTimeField(_("首次出现"))
    last_at = models.DateTimeField(_("最近出现"), db_index=True)
    count = models.PositiveIntegerField(_("次数"), default=1)

    class Meta:
        verbose_name = _("未登记终端")


class FieldShape(models.Model):
    """One shape for the devices' maps. ``uid`` is its name there; ``source``: what it was made of, so that a newer answer replaces it.

    ``changed`` grows with each change of any shape: the port asks for what is newer than it has.
    """

    uid = models.CharField(primary_key=True, max_length=200)
    source = models.CharField(max_length=80, db_index=True)
    content = models.BinaryField()
    cot_type = models.CharField(max_length=80)
    place_code = models.CharField(max_length=9)
    incident_id = models.UUIDField(null=True)
    exercise = models.BooleanField(default=False)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    withdrawn = models.BooleanField(default=False)
    changed = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("下发图形")
