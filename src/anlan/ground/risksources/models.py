"""Tables of hazard sources: what in an enterprise can hurt people, where it is and who answers for it."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import SearchableRecord, SearchFields, place_index, search_index, sort_indexes
from anlan.ground.risksources import rules
from anlan.ledger.records import Record


class RiskSource(SearchableRecord, Record):
    """One hazard source (危险源) of an enterprise; its kind declares which attributes it carries."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    site = models.ForeignKey("enterprises.Site", verbose_name=_("厂区"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    site_id: UUID | None
    code = models.CharField(_("编号"), max_length=40)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类别"), max_length=24)
    # Values by attribute code, as declared for the kind in data/attributes.csv.
    attributes = models.JSONField(_("属性"), default=dict, blank=True)
    substance_name = models.CharField(_("物质"), max_length=120, blank=True, default="")
    substance_cas = models.CharField(_("CAS 号"), max_length=16, blank=True, default="")
    quantity_t = models.DecimalField(_("现存量 t"), max_digits=14, decimal_places=4, null=True, blank=True)
    design_max_t = models.DecimalField(_("设计最大量 t"), max_digits=14, decimal_places=4, null=True, blank=True)
    is_major = models.BooleanField(_("重大危险源"), default=False)
    major_level = models.PositiveSmallIntegerField(
        _("重大危险源等级"), null=True, blank=True, choices=[(code, _(label)) for code, label in rules.MAJOR_LEVELS.items()]
    )
    major_basis = models.CharField(_("定级依据"), max_length=200, blank=True, default="")
    commissioned_on = models.DateField(_("投用日期"), null=True, blank=True)
    principal_name = models.CharField(_("主要负责人"), max_length=60, blank=True, default="")
    principal_phone = models.CharField(_("主要负责人电话"), max_length=20, blank=True, default="")
    technical_name = models.CharField(_("技术负责人"), max_length=60, blank=True, default="")
    technical_phone = models.CharField(_("技术负责人电话"), max_length=20, blank=True, default="")
    operation_name = models.CharField(_("操作负责人"), max_length=60, blank=True, default="")
    operation_phone = models.CharField(_("操作负责人电话"), max_length=20, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=16, default=rules.IN_USE, choices=[(code, _(label)) for code, label in rules.STATES.items()]
    )

    class Meta:
        verbose_name = _("危险源")
        verbose_name_plural = _("危险源")
        ordering = ["enterprise_id", "code"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="risksources_code_once")]
        indexes = [
            search_index(),
            place_index("risk"),
            *sort_indexes("risk", "code", "updated_at"),
            models.Index(fields=["kind", "code", "id"], name="risk_kind_f"),
            models.Index(fields=["major_level", "code", "id"], name="risk_major_f", condition=models.Q(is_major=True)),
            models.Index(fields=["longitude", "latitude"], name="risk_point"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin), its code and its substance."""
        return SearchFields(names=(self.name,), texts=(self.substance_name,), codes=(self.code, self.substance_cas))

    def __str__(self) -> str:
        return self.name
