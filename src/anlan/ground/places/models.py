"""Places of the national code list, their changes, shapes and figures.

Reference data: rows are written only by :mod:`anlan.ground.places.loading`, from packages that the set-up installs and from the
room's own ``data`` folder. A place is its current code; codes that are no longer in use stay as rows with an end of validity.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.ground.places.rules import CHANGE_KINDS
from anlan.kernel.levels import Level


class PlaceLevel(models.IntegerChoices):
    NATION = Level.NATION.value, _("国家")
    PROVINCE = Level.PROVINCE.value, _("省级")
    CITY = Level.CITY.value, _("市级")
    COUNTY = Level.COUNTY.value, _("县级")
    TOWNSHIP = Level.TOWNSHIP.value, _("乡镇级")


class Place(models.Model):
    """An administrative division under one code."""

    code = models.CharField(_("区划代码"), max_length=9, primary_key=True)
    code12 = models.CharField(_("12 位代码"), max_length=12)
    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=60)
    level = models.PositiveSmallIntegerField(_("级别"), choices=PlaceLevel.choices)
    parent = models.ForeignKey("self", verbose_name=_("上级"), on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    parent_id: str | None
    pinyin = models.CharField(_("拼音"), max_length=200)
    initials = models.CharField(_("拼音首字母"), max_length=60)
    sort_key = models.CharField(max_length=220)
    # Sources give years only: a change in year Y opens on 1 January and closes on 31 December of Y (see docs/DATA-LICENCES.md).
    valid_from = models.DateField(_("启用时间"), null=True, blank=True)
    valid_to = models.DateField(_("停用时间"), null=True, blank=True)
    replaced_by = models.CharField(_("现代码"), max_length=9, blank=True)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    approximate = models.BooleanField(_("示意位置"), default=False)
    uncertainty_km = models.FloatField(_("位置不确定度（公里）"), null=True, blank=True)
    position_method = models.CharField(_("位置取法"), max_length=120, blank=True)
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    boundary = models.CharField(_("边界来源"), max_length=20, blank=True)
    boundary_note = models.CharField(_("边界说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["level", "code"]),
            models.Index(fields=["name"], name="places_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["pinyin"], name="places_pinyin", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["initials"], name="places_initials", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> bool:
        """Whether the code is in the code list in force."""
        return self.valid_to is None


class PlaceChange(models.Model):
    """One published change of a division: founded, renamed, recoded, merged, abolished, moved seat."""

    year = models.PositiveSmallIntegerField(_("年份"))
    kind = models.CharField(_("类型"), max_length=12)
    level = models.PositiveSmallIntegerField(_("级别"), choices=PlaceLevel.choices)
    old_code = models.CharField(_("原代码"), max_length=9, blank=True)
    old_name = models.CharField(_("原名称"), max_length=200, blank=True)
    new_code = models.CharField(_("新代码"), max_length=9, blank=True)
    new_name = models.CharField(_("新名称"), max_length=200, blank=True)
    document = models.CharField(_("文号"), max_length=60, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)
    source_url = models.CharField(_("出处网址"), max_length=200, blank=True)
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("区划变更")
        verbose_name_plural = _("区划变更")
        ordering = ["-year", "pk"]
        indexes = [
            models.Index(fields=["old_code", "year"]),
            models.Index(fields=["new_code", "year"]),
            models.Index(fields=["year", "kind"]),
        ]

    @property
    def kind_label(self) -> str:
        """The kind in the language of the reader; the source's own word where it is not a known kind."""
        return str(_(CHANGE_KINDS[self.kind])) if self.kind in CHANGE_KINDS else self.kind

    def __str__(self) -> str:
        return f"{self.year} {self.kind} {self.old_name} → {self.new_name}"


class PlaceShape(models.Model):
    """Outline of a place in one zoom band, WKB in degrees (CGCS2000). Band 0 is the outline as published; higher bands are coarser.

    ``place_code`` is empty for outlines that belong to no division of the code list and for the boundary lines at sea.
    """

    place_code = models.CharField(max_length=9, blank=True)
    source_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=60)
    layer = models.CharField(max_length=10)
    band = models.PositiveSmallIntegerField()
    wkb = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["layer", "band"]), models.Index(fields=["place_code"])]

    def __str__(self) -> str:
        return f"{self.layer}/{self.band} {self.place_code or self.source_code}"


class BoundaryMatch(models.Model):
    """How one published outline was joined to the code list, or that it could not be."""

    layer = models.CharField(_("图层"), max_length=10)
    source_code = models.CharField(_("边界代码"), max_length=9)
    source_name = models.CharField(_("边界名称"), max_length=60)
    place_code = models.CharField(_("区划代码"), max_length=9, blank=True)
    method = models.CharField(_("对应方式"), max_length=20)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        ordering = ["layer", "source_code"]
        constraints = [models.UniqueConstraint(fields=["layer", "source_code"], name="places_boundary_once")]

    def __str__(self) -> str:
        return f"{self.source_code} → {self.place_code or '—'}"


class PlaceFigure(models.Model):
    """A dated fact about a place, e.g. its resident population in the 2020 census."""

    place = models.ForeignKey(Place, verbose_name=_("区划"), on_delete=models.CASCADE, related_name="figures")
    figure_code = models.CharField(_("指标"), max_length=40)
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    unit = models.CharField(_("计量单位"), max_length=20)
    year = models.PositiveSmallIntegerField(_("年份"))
    source = models.CharField(_("出处"), max_length=300)
    status = models.CharField(_("核实"), max_length=12)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("区划数据")
        verbose_name_plural = _("区划数据")
        constraints = [
            models.UniqueConstraint(fields=["place", "figure_code", "year"], name="places_figure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.figure_code} {self.year}: {self.value}"


class DataLoad(models.Model):
    """Which versions of the data packages are in the tables."""

    name = models.CharField(max_length=20, primary_key=True)
    version = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
