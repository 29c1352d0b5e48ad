"""Tables of evacuation: the order, the places, the groups that go together, shelters, vehicles, waves of return, and the book of movements."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.evacuation import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, place_index


class Evacuation(Case):
    """One area that people leave, and where they go. ``place_code`` is the county that orders it."""

    flow: ClassVar[Flow] = rules.FLOW

    title = models.CharField(_("名称"), max_length=120)
    incident_id = models.UUIDField(_("突发事件"), null=True, blank=True, db_index=True)
    run_id = models.UUIDField(_("依据的研判"), null=True, blank=True)
    grounds = models.TextField(_("疏散依据"), blank=True, default="")
    # Polygons in degrees (CGCS2000), each an outer ring with its holes; empty: named places alone.
    area = models.JSONField(_("疏散范围"), default=list, blank=True)
    prepared_by_name = models.CharField(_("编制人"), max_length=100)
    ordered_at = models.DateTimeField(_("下令时间"), null=True)
    ordered_by_name = models.CharField(_("下令人"), max_length=100, blank=True, default="")
    emptied_at = models.DateTimeField(_("清空时间"), null=True)
    emptied_by_name = models.CharField(_("清空确认人"), max_length=100, blank=True, default="")
    closing_note = models.TextField(_("结束说明"), blank=True, default="")

    class Meta:
        verbose_name = _("人员疏散")
        verbose_name_plural = _("人员疏散")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("evacuation_evacuation")]

    def __str__(self) -> str:
        return self.title


class LeftPlace(models.Model):
    """A village, school or building that is left, with who calls at it and where its people gather."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evacuation = models.ForeignKey(Evacuation, on_delete=models.PROTECT, related_name="places")
    evacuation_id: UUID
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("地点"), max_length=120)
    place_code = models.CharField(max_length=9)
    longitude = models.FloatField(_("经度"), null=True)
    latitude = models.FloatField(_("纬度"), null=True)
    facility_id = models.UUIDField(null=True)
    clerk_name = models.CharField(_("责任人"), max_length=60, blank=True, default="")
    clerk_phone = models.CharField(_("责任人电话"), max_length=30, blank=True, default="")
    gathering = models.CharField(_("集合点"), max_length=120, blank=True, default="")
    # Where its people are to go first, by the plan; the scan at the shelter tells where they went.
    shelter_id = models.UUIDField(_("计划安置点"), null=True)

    class Meta:
        verbose_name = _("疏散地点")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["evacuation", "number"], name="evacuation_place_number_once")]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """People who go together: a household, a class, or those of a place who were only counted (``counted``).

    The columns named after :data:`rules.WHERE` say how many are where; they are what the book of movements adds up to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey(LeftPlace, on_delete=models.PROTECT, related_name="groups")
    place_id: UUID
    code = models.CharField(_("登记码"), max_length=7, db_collation="C")
    name = models.CharField(_("户主或名称"), max_length=60)
    phone = models.CharField(_("电话"), max_length=30, blank=True, default="")
    address = models.CharField(_("住址"), max_length=120, blank=True, default="")
    counted = models.BooleanField(default=False)
    needs = models.JSONField(_("特殊需要"), default=list, blank=True)
    call = models.CharField(_("通知情况"), max_length=10, default="waiting", choices=[(k, _(v)) for k, v in rules.CALLS.items()])
    called_at = models.DateTimeField(null=True)
    called_by_name = models.CharField(max_length=100, blank=True, default="")
    remark = models.CharField(_("备注"), max_length=200, blank=True, default="")
    home = models.PositiveIntegerField(default=0)
    moving = models.PositiveIntegerField(default=0)
    sheltered = models.PositiveIntegerField(default=0)
    elsewhere = models.PositiveIntegerField(default=0)
    hospital = models.PositiveIntegerField(default=0)
    staying = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("疏散户")
        ordering = ["place", "counted", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="evacuation_group_code_once")]
        indexes = [models.Index(fields=["place", "call"], name="evacuation_group_call")]

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> dict[str, int]:
        """How many are where."""
        return {each: getattr(self, each) for each in rules.WHERE}

    @property
    def people(self) -> int:
        """Everybody of the group."""
        return sum(self.where.values())


class OpenedShelter(models.Model):
    """A shelter opened for an evacuation. ``facility_id`` is its record among the facilities, empty for a hall found on the spot."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evacuation = models.ForeignKey(Evacuation, on_delete=models.PROTECT, related_name="shelters")
    facility_id = models.UUIDField(null=True)
    name = models.CharField(_("安置点"), max_length=120)
    place_code = models.CharField(max_length=9)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    beds = models.PositiveIntegerField(_("可安置人数"), null=True)
    # Who was there for other reasons when it was opened.
    before = models.PositiveIntegerField(default=0)
    contact_name = models.CharField(_("负责人"), max_length=60, blank=True, default="")
    contact_phone = models.CharField(_("电话"), max_length=30, blank=True, default="")
    opened_at = models.DateTimeField()
    people = models.PositiveIntegerField(_("现有人数"), default=0)

    class Meta:
        verbose_name = _("启用的安置点")
        ordering = ["opened_at", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def room(self) -> int | None:
        """Beds left, below 0 when there are more people than beds; ``None`` when nobody knows."""
        return None if self.beds is None else self.beds - self.before - self.people


class Vehicle(models.Model):
    """A bus, ambulance or lorry put to a place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evacuation = models.ForeignKey(Evacuation, on_delete=models.PROTECT, related_name="vehicles")
    place = models.ForeignKey(LeftPlace, on_delete=models.PROTECT, related_name="vehicles", null=True)
    resource_id = models.UUIDField(null=True)
    name = models.CharField(_("车辆"), max_length=60)
    seats = models.PositiveSmallIntegerField(_("座位"))
    driver_phone = models.CharField(_("驾驶员电话"), max_length=30, blank=True, default="")
    trips = models.PositiveSmallIntegerField(_("车次"), default=0)
    carried = models.PositiveIntegerField(_("已运送人数"), default=0)

    class Meta:
        verbose_name = _("转运车辆")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ReturnWave(Case):
    """Places whose people may go back together, why it is safe, and who let them."""

    flow: ClassVar[Flow] = rules.WAVE_FLOW

    evacuation = models.ForeignKey(Evacuation, on_delete=models.PROTECT, related_name="waves")
    number = models.PositiveSmallIntegerField()
    places = models.ManyToManyField(LeftPlace, related_name="waves")
    grounds = models.TextField(_("安全依据"))
    proposed_by_id = models.UUIDField()
    proposed_by_name = models.CharField(max_length=100)
    decided_by_name = models.CharField(max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("分批返回")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["evacuation", "number"], name="evacuation_wave_number_once")]


class Movement(models.Model):
    """One line of the book. Never changed: a trigger refuses UPDATE and DELETE; a mistake is put right by a line the other way.

    ``key`` is given by the device that scanned, so that a line sent twice stands once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    evacuation = models.ForeignKey(Evacuation, on_delete=models.PROTECT, related_name="movements")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="movements")
    key = models.CharField(max_length=64, null=True)
    at = models.DateTimeField()
    source = models.CharField(max_length=10, blank=True, default="")
    target = models.CharField(max_length=10, blank=True, default="")
    people = models.PositiveIntegerField()
    shelter = models.ForeignKey(OpenedShelter, on_delete=models.PROTECT, related_name="+", null=True)
    left_shelter = models.ForeignKey(OpenedShelter, on_delete=models.PROTECT, related_name="+", null=True)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+", null=True)
    note = models.CharField(max_length=200, blank=True, default="")
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("人员去向")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["evacuation", "-at"], name="evacuation_movement_time")]
        constraints = [models.UniqueConstraint(fields=["evacuation", "key"], name="evacuation_movement_once")]
