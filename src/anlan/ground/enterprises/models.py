"""Tables of the enterprise file (一企一档): the enterprise, its sites and the people to call."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.ground.enterprises import rules
from anlan.ledger.records import Record, place_index


class Enterprise(Record):
    """One legal unit, keyed by its unified social credit code (GB 32100); ``place_code`` is the county (or township) answerable for it."""

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("企业名称"), max_length=120)
    name_pinyin = models.CharField(max_length=400, editable=False, default="")
    short_name = models.CharField(_("简称"), max_length=40, blank=True, default="")
    # [{"name": str, "until": "YYYY-MM-DD"}], newest first; written by services.change_enterprise when the name changes.
    former_names = models.JSONField(_("曾用名"), default=list, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True, default="")
    industry_code = models.CharField(_("行业代码"), max_length=5, blank=True, default="")
    sector_code = models.CharField(_("行业领域"), max_length=16, blank=True, default="")
    scale = models.CharField(
        _("企业规模"), max_length=8, blank=True, default="", choices=[(code, _(label)) for code, label in rules.SCALES.items()]
    )
    state = models.CharField(
        _("经营状态"), max_length=16, default=rules.OPERATING, choices=[(code, _(label)) for code, label in rules.STATES.items()]
    )
    registered_address = models.CharField(_("注册地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    staff_count = models.PositiveIntegerField(_("从业人数"), null=True, blank=True)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    business_scope = models.TextField(_("经营范围"), blank=True, default="")
    supervisor = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("监管部门"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    source = models.CharField(
        _("数据来源"), max_length=16, default=rules.SOURCE_BUREAU, choices=[(code, _(label)) for code, label in rules.SOURCES.items()]
    )
    source_note = models.CharField(_("来源说明"), max_length=120, blank=True, default="")
    # Highest level of the major hazard sources here (1 = 一级 … 4 = 四级; empty = none). Kept by risksources through the door,
    # so that a list of a million enterprises filters on it without a join.
    major_level = models.PositiveSmallIntegerField(_("重大危险源等级"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["name_pinyin", "id"]
        indexes = [
            # Every list is cut by place first and then sorted or filtered: the sort key stands behind the place in each index.
            models.Index(OpClass("place_code", name="text_pattern_ops"), "name_pinyin", name="enterprises_place_name"),
            models.Index(fields=["name_pinyin", "id"], name="enterprises_name"),
            models.Index(fields=["sector_code", "name_pinyin"], name="enterprises_sector"),
            models.Index(fields=["industry_code", "name_pinyin"], name="enterprises_industry"),
            models.Index(fields=["scale", "name_pinyin"], name="enterprises_scale"),
            models.Index(fields=["state", "name_pinyin"], name="enterprises_state"),
            models.Index(
                fields=["major_level", "name_pinyin"],
                name="enterprises_major",
                condition=models.Q(major_level__isnull=False),
            ),
            models.Index(fields=["updated_at"], name="enterprises_updated"),
            models.Index(fields=["longitude", "latitude"], name="enterprises_point"),
        ]

    def __str__(self) -> str:
        return self.name


class Site(Record):
    """A plant area (厂区) of an enterprise; one enterprise may have several, in several counties."""

    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("厂区名称"), max_length=120)
    address = models.CharField(_("地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    # GeoJSON Polygon, WGS-84 / CGCS2000 degrees; checked with shapely in services.
    boundary = models.JSONField(_("厂界"), null=True, blank=True)
    is_main = models.BooleanField(_("主厂区"), default=False)
    in_use = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("厂区")
        verbose_name_plural = _("厂区")
        ordering = ["-is_main", "name"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="enterprises_site_name_once")]
        indexes = [place_index("enterprises_site")]

    def __str__(self) -> str:
        return self.name


class EnterpriseContact(Record):
    """A person of the enterprise whom the bureau may call; the telephone number is shown masked unless the post may see it."""

    enterprise = models.ForeignKey(Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(_("职责"), max_length=16, choices=[(code, _(label)) for code, label in rules.CONTACT_ROLES.items()])
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("电话"), max_length=20)
    is_current = models.BooleanField(_("在任"), default=True)

    class Meta:
        verbose_name = _("企业联系人")
        verbose_name_plural = _("企业联系人")
        ordering = ["role", "name"]

    def __str__(self) -> str:
        return self.name
