"""Tables of emergency resources: resources, certificates, commitments, agreements, and the stock ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.resources import rules
from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.kernel import clock
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record

PHONE = {"max_length": 30, "blank": True, "default": ""}
AMOUNT = {"max_digits": 12, "decimal_places": 3}


class RescueResource(SearchableRecord, Record):
    """One emergency resource (应急资源). Degrees are CGCS2000.

    ``facility_id``: name, place and phones are those of a facility on record and follow it. ``parent``: the team of which this is a unit.
    ``seen_*``: where its terminal last was; :meth:`position` tells which of the two places counts.
    """

    kind = models.CharField(_("类别"), max_length=12, choices=[(code, _(row.name_zh)) for code, row in rules.kinds().items()])
    name = models.CharField(_("名称"), max_length=120)
    name_key = PinyinKeyField("name")
    owner_name = models.CharField(_("所属单位"), max_length=120, blank=True, default="")
    organisation_id = models.UUIDField(_("所属机构"), null=True, blank=True)
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("所属企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    facility_id = models.UUIDField(_("重要防护目标"), null=True, blank=True, unique=True)
    parent = models.ForeignKey("self", verbose_name=_("所属队伍"), on_delete=models.PROTECT, related_name="units", null=True, blank=True)
    parent_id: UUID | None
    address = models.CharField(_("地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    unit_id = models.UUIDField(_("现场单元"), null=True, blank=True)
    device_id = models.UUIDField(_("车载终端"), null=True, blank=True)
    seen_longitude = models.FloatField(null=True, editable=False)
    seen_latitude = models.FloatField(null=True, editable=False)
    seen_at = models.DateTimeField(_("最近定位"), null=True, editable=False)
    # How much of what, by code of a capability or a class of supplies; numbers as text, for a float is no quantity.
    offered = models.JSONField(_("能力与数量"), default=dict, blank=True, editable=False)
    vehicle = models.CharField(_("出行方式"), max_length=16, blank=True, default="")
    turnout_min = models.PositiveSmallIntegerField(_("出动时间（分钟）"), null=True, blank=True)
    people = models.PositiveIntegerField(_("人数"), null=True, blank=True)
    team_level = models.CharField(
        _("队伍级别"), max_length=12, blank=True, default="", choices=[(code, _(label)) for code, label in rules.TEAM_LEVELS.items()]
    )
    contact_name = models.CharField(_("负责人"), max_length=60, blank=True, default="")
    contact_phone = models.CharField(_("负责人电话"), **PHONE)
    duty_phone = models.CharField(_("24小时值守电话"), **PHONE)
    readiness = models.CharField(
        _("备勤状态"), max_length=10, default=rules.READY, choices=[(code, _(label)) for code, label in rules.READINESS.items()]
    )
    readiness_reason = models.CharField(_("状态原因"), max_length=200, blank=True, default="")
    readiness_since = models.DateTimeField(_("状态自"), default=clock.now)
    confirmed_at = models.DateTimeField(_("最近核查"), null=True, blank=True)
    confirmed_by_name = models.CharField(_("核查人"), max_length=100, blank=True, default="")
    confirm_by = models.DateTimeField(_("核查期限"), default=clock.now)
    due_told_at = models.DateTimeField(null=True, editable=False)
    source_note = models.CharField(_("数据来源"), max_length=200, blank=True, default="")

    personal_columns = frozenset({"contact_name", "contact_phone"})

    class Meta:
        verbose_name = _("应急资源")
        verbose_name_plural = _("应急资源")
        ordering = ["name_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["place_code", "kind", "name"], name="rescue_resource_once"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="rescue_resource_not_own_parent"),
        ]
        indexes = [
            search_index(),
            list_index("rres", "name_key", "kind", "readiness", "confirm_by", "enterprise_id", "updated_at"),
            *sort_indexes("rres", "name_key", "confirm_by", "updated_at"),
            models.Index(fields=["longitude", "latitude"], name="rres_point"),
            GinIndex(fields=["offered"], name="rres_offered"),
            models.Index(fields=["seen_at"], name="rres_seen", condition=Q(seen_at__isnull=False)),
            models.Index(fields=["unit_id"], name="rres_unit", condition=Q(unit_id__isnull=False)),
            models.Index(fields=["device_id"], name="rres_device", condition=Q(device_id__isnull=False)),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin), its owner and its address."""
        return SearchFields(names=(self.name,), texts=(self.owner_name, self.address))

    def __str__(self) -> str:
        return self.name

    @property
    def amounts(self) -> dict[str, Decimal]:
        """How much of what it offers, by code."""
        return {code: Decimal(number) for code, number in self.offered.items()}

    @property
    def offers(self) -> str:
        """What it offers as it is written in forms."""
        return rules.write_offers(self.amounts.items(), english=get_language() == "en")

    def position(self, fresh_since: datetime) -> tuple[float, float, datetime | None]:
        """Longitude, latitude and since when: the terminal's where it spoke at ``fresh_since`` or later, else the base (``None``)."""
        if self.seen_at is not None and self.seen_at >= fresh_since and self.seen_longitude is not None and self.seen_latitude is not None:
            return self.seen_longitude, self.seen_latitude, self.seen_at
        return self.longitude, self.latitude, None

    def confirmed(self, now: datetime) -> bool:
        """Whether its owner confirmed it within the period."""
        return self.confirmed_at is not None and now < self.confirm_by


class Qualification(models.Model):
    """A certificate of qualification of a resource (资质证书); ``valid_until`` is its last day, ``None`` where it has none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(RescueResource, on_delete=models.CASCADE, related_name="qualifications")
    resource_id: UUID
    name = models.CharField(_("证书"), max_length=80)
    number = models.CharField(_("编号"), max_length=60, blank=True, default="")
    level = models.CharField(_("等级"), max_length=40, blank=True, default="")
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)

    class Meta:
        verbose_name = _("资质证书")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["resource", "valid_until"], name="rescue_qualification_until")]

    def over(self, on: date) -> bool:
        """Whether it ran out before ``on``."""
        return self.valid_until is not None and self.valid_until < on


class Commitment(models.Model):
    """A resource is held by one task from ``committed_at`` until ``released_at``; the rows of a resource are its history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(RescueResource, on_delete=models.PROTECT, related_name="commitments")
    resource_id: UUID
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    title = models.CharField(_("任务"), max_length=200)
    exercise = models.BooleanField(_("演练"), default=False)
    committed_at = models.DateTimeField(_("调用时间"))
    committed_by_name = models.CharField(_("调用人"), max_length=100)
    arrived_at = models.DateTimeField(_("到达时间"), null=True)
    released_at = models.DateTimeField(_("归还时间"), null=True)
    released_by_name = models.CharField(_("归还人"), max_length=100, blank=True, default="")
    release_reason = models.CharField(_("归还说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("资源调用")
        ordering = ["-committed_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["resource"], condition=Q(released_at__isnull=True), name="rescue_held_once")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="rescue_commitment_subject"),
            models.Index(fields=["resource", "-committed_at"], name="rescue_commitment_history"),
        ]


class Agreement(SearchableRecord, Record):
    """An agreement of mutual aid between bureaus, or of supply. ``place_code``: who may ask; ``giver_place``: whose resources may be asked for."""

    AID, SUPPLY = "aid", "supply"

    kind = models.CharField(_("协议类别"), max_length=8, choices=[(AID, _("支援协议")), (SUPPLY, _("供应协议"))])
    title = models.CharField(_("协议名称"), max_length=120)
    giver_name = models.CharField(_("支援方"), max_length=120)
    giver_place = models.CharField(_("支援方行政区划"), max_length=9, blank=True, default="")
    resource = models.ForeignKey(
        RescueResource, verbose_name=_("协议单位"), on_delete=models.PROTECT, related_name="agreements", null=True, blank=True
    )
    resource_id: UUID | None
    terms = models.CharField(_("约定"), max_length=400, blank=True, default="")
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True, default="")
    contact_phone = models.CharField(_("24小时电话"), **PHONE)
    valid_from = models.DateField(_("生效日期"))
    valid_until = models.DateField(_("终止日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("支援与供应协议")
        verbose_name_plural = _("支援与供应协议")
        ordering = ["title", "id"]
        indexes = [
            search_index(),
            place_index("ragr"),
            *sort_indexes("ragr", "title", "valid_until"),
            models.Index(fields=["kind"], name="ragr_kind"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its title and who gives."""
        return SearchFields(names=(self.title,), texts=(self.giver_name,))

    def __str__(self) -> str:
        return self.title

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class StockItem(SearchableRecord, Record):
    """One item of supplies in one depot; ``quantity`` is what its batches hold together and never below zero."""

    depot = models.ForeignKey(RescueResource, verbose_name=_("储备库"), on_delete=models.PROTECT, related_name="items")
    depot_id: UUID
    code = models.CharField(_("物资编码"), max_length=7, db_collation="C")
    name = models.CharField(_("物资名称"), max_length=80)
    name_key = PinyinKeyField("name")
    specification = models.CharField(_("规格"), max_length=80, blank=True, default="")
    unit = models.CharField(_("计量单位"), max_length=12)
    minimum = models.DecimalField(_("储备下限"), default=0, **AMOUNT)
    quantity = models.DecimalField(_("库存"), default=0, editable=False, **AMOUNT)
    low = models.BooleanField(_("低于储备下限"), default=False, editable=False)
    expires_on = models.DateField(_("最早到期"), null=True, editable=False)

    class Meta:
        verbose_name = _("储备物资")
        verbose_name_plural = _("储备物资")
        ordering = ["name_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["depot", "code", "name", "specification"], name="rescue_item_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="rescue_item_not_below_zero"),
        ]
        indexes = [
            search_index(),
            list_index("rstk", "name_key", "quantity", "low", "expires_on", "depot_id", "updated_at"),
            *sort_indexes("rstk", "name_key", "quantity", "expires_on"),
            models.Index(fields=["code"], name="rstk_code"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin), its specification and its code."""
        return SearchFields(names=(self.name,), texts=(self.specification,), codes=(self.code,))

    @property
    def title(self) -> str:
        """Name with its specification."""
        return f"{self.name} {self.specification}".strip()

    def __str__(self) -> str:
        return self.title


class Batch(models.Model):
    """What came in together and runs out together; an empty ``number``: no batch is told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="batches")
    item_id: UUID
    number = models.CharField(_("批号"), max_length=40, blank=True, default="")
    expires_on = models.DateField(_("有效期至"), null=True, blank=True)
    quantity = models.DecimalField(_("数量"), default=0, **AMOUNT)

    class Meta:
        verbose_name = _("批次")
        ordering = [F("expires_on").asc(nulls_last=True), "number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number", "expires_on"], name="rescue_batch_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="rescue_batch_not_below_zero"),
        ]


class StockMovement(models.Model):
    """One line of the stock ledger. Never changed: a trigger refuses UPDATE and DELETE; a mistake is put right by a stock-take.

    ``change`` is what it adds to its batch (below zero: what it takes). The two lines of a transfer share ``pair``. ``key`` is given by whoever
    sends it, so that a form sent twice is entered once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    item_id: UUID
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="movements")
    batch_id: UUID
    kind = models.CharField(_("类别"), max_length=12, choices=[(code, _(label)) for code, label in rules.MOVEMENTS.items()])
    change = models.DecimalField(_("数量变化"), **AMOUNT)
    at = models.DateTimeField(_("时间"))
    pair = models.UUIDField(null=True)
    key = models.CharField(max_length=64, blank=True, default="")
    subject_type = models.CharField(max_length=60, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    author_id = models.UUIDField()
    author_name = models.CharField(_("登记人"), max_length=100)

    class Meta:
        verbose_name = _("出入库记录")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "key", "batch", "kind"], condition=~Q(key=""), name="rescue_movement_once"),
            models.CheckConstraint(condition=~Q(change=0), name="rescue_movement_changes"),
        ]
        indexes = [
            models.Index(fields=["item", "-at"], name="rescue_movement_time"),
            models.Index(fields=["subject_type", "subject_id"], name="rescue_movement_subject", condition=Q(subject_id__isnull=False)),
        ]
