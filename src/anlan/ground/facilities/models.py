"""The table of facilities: places where many people are, or people who cannot leave by themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, place_index, search_index, sort_indexes
from anlan.ground.facilities import rules
from anlan.ledger.records import Record


class Facility(SearchableRecord, Record):
    """One facility (重要防护目标). Numbers of people are ``None`` while nobody has counted; coordinates in degrees (CGCS2000)."""

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类别"), max_length=24)
    address = models.CharField(_("地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    people_day = models.PositiveIntegerField(_("白天人数"), null=True, blank=True)
    people_night = models.PositiveIntegerField(_("夜间人数"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("容纳人数"), null=True, blank=True)
    occupied = models.PositiveIntegerField(_("已安置人数"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("床位数"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=8, default=rules.OPEN, choices=[(code, _(label)) for code, label in rules.STATES.items()]
    )
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True, default="")
    contact_phone = models.CharField(_("值守电话"), max_length=30, blank=True, default="")
    counted_on = models.DateField(_("人数统计日期"), null=True, blank=True)
    source_note = models.CharField(_("数据来源"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("重要防护目标")
        verbose_name_plural = _("重要防护目标")
        ordering = ["place_code", "name"]
        constraints = [models.UniqueConstraint(fields=["place_code", "kind", "name"], name="facilities_once")]
        indexes = [
            search_index(),
            place_index("fac"),
            *sort_indexes("fac", "name", "updated_at"),
            models.Index(fields=["kind", "name", "id"], name="fac_kind_f"),
            models.Index(fields=["longitude", "latitude"], name="fac_point"),
            models.Index(fields=["updated_at"], name="fac_updated"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin) and its address."""
        return SearchFields(names=(self.name,), texts=(self.address,))

    def __str__(self) -> str:
        return self.name
