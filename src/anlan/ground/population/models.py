"""Tables of population: imports with their good and bad rows, the units they hold, and figures of day and night set by the bureau."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import place_index, sort_indexes
from anlan.ground.population import rules
from anlan.ledger.records import Record


class PopulationSource(Record):
    """One import (人口数据): where its figures come from, how many rows were good, which were not and why."""

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("数据种类"), max_length=12, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    year = models.PositiveSmallIntegerField(_("年份"))
    source = models.CharField(_("出处"), max_length=300)
    licence = models.CharField(_("许可说明"), max_length=200, blank=True, default="")
    status = models.CharField(
        _("核实"), max_length=12, default="unverified", choices=[(code, _(label)) for code, label in rules.STATUSES.items()]
    )
    file_name = models.CharField(_("文件名"), max_length=200, blank=True, default="")
    file_sha256 = models.CharField(_("文件摘要（SHA-256）"), max_length=64, blank=True, default="")
    good = models.PositiveIntegerField(_("可用行数"), default=0)
    bad = models.PositiveIntegerField(_("有问题的行数"), default=0)
    # The first rows that could not be used: {"row": 3, "code": …, "sentence": …, "facts": {…}}.
    faults = models.JSONField(default=list, editable=False)
    people = models.FloatField(_("人数合计"), default=0.0)
    imported_by_name = models.CharField(_("导入人"), max_length=100, blank=True, default="")
    withdrawn_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("停用理由"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("人口数据")
        verbose_name_plural = _("人口数据")
        ordering = ["-created_at"]
        indexes = [place_index("popsource"), *sort_indexes("pops", "created_at", "name")]

    def __str__(self) -> str:
        return self.name


class PopulationUnit(models.Model):
    """One row of an import: an outline, a point, a cell of a grid or a county's figure. ``wkb``: the outline in degrees."""

    source = models.ForeignKey(PopulationSource, on_delete=models.CASCADE, related_name="units")
    source_id: UUID
    county_code = models.CharField(max_length=6, db_collation="C")
    place_code = models.CharField(max_length=9, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    people = models.FloatField()
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    wkb = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county_code", "source"], name="pop_unit_county")]

    def __str__(self) -> str:
        return f"{self.place_code} {self.name}"


class PresenceSetting(Record):
    """A figure of day and night as a bureau set it for its place and everything below, in place of the project's default."""

    code = models.CharField(max_length=24)
    value = models.FloatField()
    reason = models.CharField(max_length=200)
    set_by_name = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("昼夜人口比例")
        verbose_name_plural = _("昼夜人口比例")
        constraints = [models.UniqueConstraint(fields=["place_code", "code"], name="population_presence_once")]

    def __str__(self) -> str:
        return self.code
