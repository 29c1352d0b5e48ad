"""Tables of the ledger of chemicals: products and their codes, places of storage, what each holds, movements with their legs, loads on the road."""

from __future__ import annotations

import secrets
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record
from anlan.prevent.holdings import rules

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12


def new_code() -> str:
    """A code for one product: 12 signs that nobody guesses and nobody misreads (no 0 and O, 1 and I)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


class Product(SearchableRecord, Record):
    """One product (品种) of an enterprise: an entry of the catalogue by its key, with registration and licence, under one code (一品一码).

    ``chemical_code`` is empty for what the catalogue does not hold; names and numbers are copied at registration, so that a label keeps its words.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    code = models.CharField(_("一品一码"), max_length=CODE_LENGTH, unique=True, db_collation="C", default=new_code, editable=False)
    chemical_code = models.CharField(_("目录条目"), max_length=60, blank=True, default="", db_collation="C")
    name = models.CharField(_("品种名称"), max_length=120)
    name_key = PinyinKeyField("name")
    specification = models.CharField(_("规格或浓度"), max_length=60, blank=True, default="")
    cas = models.CharField(_("CAS 号"), max_length=16, blank=True, default="")
    un = models.CharField(_("UN 号"), max_length=4, blank=True, default="")
    hazard_class = models.CharField(_("危险货物类别"), max_length=40, blank=True, default="")
    business = models.CharField(_("涉及环节"), max_length=12, choices=[(k, _(v)) for k, v in rules.BUSINESSES.items()])
    density_kg_m3 = models.DecimalField(_("密度（千克每立方米）"), max_digits=10, decimal_places=3, null=True, blank=True)
    density_source = models.CharField(_("密度依据"), max_length=120, blank=True, default="")
    certificate_number = models.CharField(_("危险化学品登记证编号"), max_length=60, blank=True, default="")
    certificate_from = models.DateField(_("登记证有效期起"), null=True, blank=True)
    certificate_until = models.DateField(_("登记证有效期止"), null=True, blank=True)
    licence_number = models.CharField(_("许可证编号"), max_length=60, blank=True, default="")
    licence_until = models.DateField(_("许可证有效期止"), null=True, blank=True)
    phone = models.CharField(_("24小时应急电话"), max_length=30)
    hazards = models.CharField(_("危险性"), max_length=400, blank=True, default="")
    measures = models.CharField(_("应急措施"), max_length=1000, blank=True, default="")
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("危险化学品品种")
        verbose_name_plural = _("危险化学品品种")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "chemical_code", "name", "specification"], name="holding_product_once")
        ]
        indexes = [
            search_index(),
            list_index("hprod", "name_key", "certificate_until", "in_use", "enterprise_id"),
            *sort_indexes("hprod", "name_key", "certificate_until"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin), its code, CAS and UN number."""
        return SearchFields(names=(self.name,), codes=(self.code, self.cas, self.un))

    @property
    def title(self) -> str:
        """Name with its specification."""
        return f"{self.name} {self.specification}".strip()

    def __str__(self) -> str:
        return self.title


class Store(SearchableRecord, Record):
    """A place of storage: a tank, a warehouse, a vessel of the process. It may point to a hazard source of the register."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    source = models.ForeignKey(
        "risksources.RiskSource", verbose_name=_("危险源"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    source_id: UUID | None
    code = models.CharField(_("场所编号"), max_length=40)
    name = models.CharField(_("场所名称"), max_length=120)
    name_key = PinyinKeyField("name")
    kind = models.CharField(_("场所类型"), max_length=12, choices=[(k, _(v)) for k, v in rules.STORE_KINDS.items()])
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("化学品储存场所")
        verbose_name_plural = _("化学品储存场所")
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="holding_store_code_once")]
        indexes = [search_index(), place_index("hstore"), models.Index(fields=["source"], name="hstore_source")]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin) and code."""
        return SearchFields(names=(self.name,), codes=(self.code,))

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Holding(Record):
    """What one place holds of one product now: the sum of its legs, kept beside them so that lists and searches need not add up.

    Only ``recording`` writes it, in the transaction that writes the legs. The point is that of the place, else of the enterprise.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    product = models.ForeignKey(Product, verbose_name=_("品种"), on_delete=models.PROTECT, related_name="holdings")
    product_id: UUID
    store = models.ForeignKey(Store, verbose_name=_("储存场所"), on_delete=models.PROTECT, related_name="holdings")
    store_id: UUID
    chemical_code = models.CharField(_("目录条目"), max_length=60, blank=True, default="", db_collation="C")
    mass_kg = models.DecimalField(_("现存量（千克）"), max_digits=18, decimal_places=3, default=Decimal(0))
    last_at = models.DateTimeField(_("最近出入库"), null=True, blank=True)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        verbose_name = _("化学品现存量")
        verbose_name_plural = _("化学品现存量")
        constraints = [
            models.UniqueConstraint(fields=["store", "product"], name="holding_once"),
            models.CheckConstraint(condition=models.Q(mass_kg__gte=0), name="holding_not_negative"),
        ]
        indexes = [
            list_index("hhold", "mass_kg", "last_at", "enterprise_id", "chemical_code"),
            *sort_indexes("hhold", "mass_kg", "last_at"),
            models.Index(fields=["chemical_code", "latitude", "longitude"], name="hhold_where", condition=models.Q(mass_kg__gt=0)),
            models.Index(fields=["longitude", "latitude"], name="hhold_point"),
            models.Index(fields=["enterprise", "chemical_code"], name="hhold_enterprise"),
        ]

    @property
    def title(self) -> str:
        """Product and place."""
        return f"{self.product.title} · {self.store.name}"

    def __str__(self) -> str:
        return self.title


class Movement(Record):
    """One entry of the ledger as it was written down; nothing of it is ever changed but that it was reversed, settled or explained.

    ``mass_kg`` is what moved, always positive (of a count: what was found); its legs say where to. A reversal points to what it takes back and bears
    its time, so that the balance is at every moment as if the wrong entry had never been.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    kind = models.CharField(_("类别"), max_length=12, choices=[(k.code, _(k.label)) for k in rules.KINDS.values()])
    product = models.ForeignKey(Product, verbose_name=_("品种"), on_delete=models.PROTECT, related_name="movements")
    product_id: UUID
    store = models.ForeignKey(Store, verbose_name=_("储存场所"), on_delete=models.PROTECT, related_name="+")
    store_id: UUID
    other_store = models.ForeignKey(Store, verbose_name=_("移入场所"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    other_store_id: UUID | None
    at = models.DateTimeField(_("发生时间"))
    quantity = models.DecimalField(_("数量"), max_digits=20, decimal_places=6)
    unit = models.CharField(_("单位"), max_length=4)
    density_kg_m3 = models.DecimalField(_("密度（千克每立方米）"), max_digits=10, decimal_places=3, null=True, blank=True)
    density_source = models.CharField(_("密度依据"), max_length=200, blank=True, default="")
    mass_kg = models.DecimalField(_("折合质量（千克）"), max_digits=18, decimal_places=3)
    counterpart = models.CharField(_("往来单位"), max_length=120, blank=True, default="")
    note = models.CharField(_("说明"), max_length=400, blank=True, default="")
    external_id = models.CharField(_("企业系统编号"), max_length=80, blank=True, default="", db_collation="C")
    late = models.BooleanField(_("补录"), default=False)
    by_id = models.UUIDField()
    by_name = models.CharField(_("登记人"), max_length=100)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, related_name="reversal", null=True, blank=True)
    reverses_id: UUID | None
    reason = models.CharField(_("冲销原因"), max_length=400, blank=True, default="")
    reversed_at = models.DateTimeField(_("冲销时间"), null=True, blank=True)
    # Of a count alone: what the book said, found minus book, and what somebody made of it.
    book_kg = models.DecimalField(_("账面量（千克）"), max_digits=18, decimal_places=3, null=True, blank=True)
    difference_kg = models.DecimalField(_("盘点差异（千克）"), max_digits=18, decimal_places=3, null=True, blank=True)
    to_explain = models.BooleanField(_("差异待说明"), default=False)
    explanation = models.CharField(_("差异说明"), max_length=400, blank=True, default="")
    explained_at = models.DateTimeField(_("说明时间"), null=True, blank=True)
    explained_by_name = models.CharField(_("说明人"), max_length=100, blank=True, default="")
    settles = models.ForeignKey("self", on_delete=models.PROTECT, related_name="settlements", null=True, blank=True)
    settles_id: UUID | None

    class Meta:
        verbose_name = _("化学品出入库")
        verbose_name_plural = _("化学品出入库")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "external_id"],
                condition=~models.Q(external_id="") & models.Q(reversed_at__isnull=True),
                name="holding_external_once",
            )
        ]
        indexes = [
            list_index("hmove", "at", "kind", "enterprise_id", "to_explain"),
            *sort_indexes("hmove", "at"),
            models.Index(fields=["enterprise", "-at"], name="hmove_enterprise"),
            models.Index(fields=["product", "-at"], name="hmove_product"),
        ]

    @property
    def title(self) -> str:
        """What happened, in a line."""
        return f"{_(rules.KINDS[self.kind].label)} {self.product.title}"

    def __str__(self) -> str:
        return self.title


class Leg(models.Model):
    """What one movement did to one place: kilograms that came (positive) or went."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="legs")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    mass_kg = models.DecimalField(max_digits=18, decimal_places=3)

    class Meta:
        indexes = [models.Index(fields=["store", "product", "at"], include=["mass_kg"], name="hleg_running")]


class Load(SearchableRecord, Record):
    """A chemical on the road: what was sent, by which truck, where to, until when, and what arrived.

    ``receiver`` is the enterprise that answers with its own quantity; without one the sender says that it arrived. The point is the truck's last
    position, emptied when the load ends.
    """

    sent = models.OneToOneField(Movement, on_delete=models.PROTECT, related_name="load")
    sent_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("发货企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    receiver = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("收货企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    receiver_id: UUID | None
    receiver_name = models.CharField(_("收货单位"), max_length=200)
    receiver_place_code = models.CharField(_("收货地"), max_length=9, blank=True, default="")
    product = models.ForeignKey(Product, verbose_name=_("品种"), on_delete=models.PROTECT, related_name="+")
    product_id: UUID
    chemical_code = models.CharField(_("目录条目"), max_length=60, blank=True, default="", db_collation="C")
    mass_kg = models.DecimalField(_("发出量（千克）"), max_digits=18, decimal_places=3)
    plate = models.CharField(_("车牌号"), max_length=16)
    carrier = models.CharField(_("承运单位"), max_length=120, blank=True, default="")
    driver = models.CharField(_("驾驶员"), max_length=60)
    driver_phone = models.CharField(_("驾驶员电话"), max_length=20, blank=True, default="")
    escort = models.CharField(_("押运员"), max_length=60, blank=True, default="")
    device = models.ForeignKey(
        "devices.Device", verbose_name=_("车载终端"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    device_id: UUID | None
    route = models.CharField(_("计划路线"), max_length=400, blank=True, default="")
    departed_at = models.DateTimeField(_("发车时间"))
    expected_at = models.DateTimeField(_("预计到达"))
    state = models.CharField(_("状态"), max_length=12, choices=[(k, _(v)) for k, v in rules.LOAD_STATES.items()], default=rules.ON_ROAD)
    overdue = models.BooleanField(_("逾期未到"), default=False)
    arrived_at = models.DateTimeField(_("到货时间"), null=True, blank=True)
    received = models.OneToOneField(Movement, on_delete=models.PROTECT, related_name="arrival", null=True, blank=True)
    received_id: UUID | None
    received_kg = models.DecimalField(_("收到量（千克）"), max_digits=18, decimal_places=3, null=True, blank=True)
    difference_kg = models.DecimalField(_("收发差（千克）"), max_digits=18, decimal_places=3, null=True, blank=True)
    beyond = models.BooleanField(_("收发差超限"), default=False)
    open_longitude = models.FloatField(_("经度"), null=True, blank=True)
    open_latitude = models.FloatField(_("纬度"), null=True, blank=True)
    position_at = models.DateTimeField(_("位置时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("化学品在途运输")
        verbose_name_plural = _("化学品在途运输")
        indexes = [
            search_index(),
            list_index("hload", "departed_at", "expected_at", "state", "overdue", "beyond", "enterprise_id"),
            *sort_indexes("hload", "departed_at", "expected_at"),
            place_index("hload", "receiver_place_code"),
            models.Index(fields=["receiver"], name="hload_receiver"),
            models.Index(fields=["expected_at"], name="hload_road", condition=models.Q(state=rules.ON_ROAD)),
            models.Index(
                fields=["chemical_code", "open_latitude", "open_longitude"],
                name="hload_where",
                condition=models.Q(state=rules.ON_ROAD),
            ),
            models.Index(fields=["open_longitude", "open_latitude"], name="hload_point"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by the truck's plate, the people on it, the receiver."""
        return SearchFields(names=(self.receiver_name,), texts=(self.driver, self.escort, self.carrier), codes=(self.plate,))

    @property
    def title(self) -> str:
        """Truck, load and where to."""
        return f"{self.plate} {self.product.title} → {self.receiver_name}"

    def __str__(self) -> str:
        return self.title
