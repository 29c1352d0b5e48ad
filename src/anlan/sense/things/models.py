"""The registry's tables as this API reads them, and what clients said of entities beyond what the registry keeps.

:class:`Equipment` and :class:`Point` are views of the tables of devices, read only: the registry alone makes and changes their rows, through
its door. They exist so that conditions and orders of clients become one query within the actor's jurisdiction.
"""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.ledger.records import Record


class Equipment(models.Model):
    """A device: Thing, Location, HistoricalLocation and FeatureOfInterest are made of it."""

    id = models.UUIDField(primary_key=True)
    enterprise_id = models.UUIDField()
    credential_id = models.UUIDField(null=True)
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    device_class = models.CharField(max_length=24)
    state = models.CharField(max_length=10)
    manufacturer = models.CharField(max_length=120)
    model_number = models.CharField(max_length=120)
    location_note = models.CharField(max_length=200)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField()
    commissioned_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "devices_device"


class Point(models.Model):
    """A measuring point: Datastream and Sensor are made of it."""

    id = models.UUIDField(primary_key=True)
    # Never empty; but the device may lie outside the jurisdiction of who asks, and the point must then still be told.
    device = models.ForeignKey(Equipment, on_delete=models.DO_NOTHING, related_name="points", db_constraint=False, null=True)
    device_id: UUID
    enterprise_id = models.UUIDField()
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    sensor_class = models.CharField(max_length=40)
    unit = models.CharField(max_length=24)
    channel = models.IntegerField()
    range_low = models.FloatField(null=True)
    range_high = models.FloatField(null=True)
    decimals = models.PositiveSmallIntegerField()
    in_use = models.BooleanField()
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField()

    class Meta:
        managed = False
        db_table = "devices_sensor"


class Description(Record):
    """What a client said of an entity: description, properties of its own, and what describes a Sensor. ``subject``: device or point."""

    entity = models.CharField(_("实体类型"), max_length=24)
    subject = models.UUIDField(_("登记对象"))
    enterprise_id = models.UUIDField(_("企业"), db_index=True)
    name = models.CharField(_("名称"), max_length=200, blank=True, default="")
    description = models.TextField(_("说明"), blank=True, default="")
    encoding = models.CharField(_("编码"), max_length=120, blank=True, default="")
    metadata = models.TextField(_("元数据"), blank=True, default="")
    properties = models.JSONField(_("附加属性"), default=dict, blank=True)

    class Meta:
        verbose_name = _("实体说明")
        verbose_name_plural = _("实体说明")
        constraints = [models.UniqueConstraint(fields=["entity", "subject"], name="things_description_once")]
