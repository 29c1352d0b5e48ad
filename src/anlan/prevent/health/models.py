"""Tables of occupational health: factors at workplaces, results of measurements, examinations that are due. Never what an examination found."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, search_index, sort_indexes
from anlan.ledger.records import Record
from anlan.prevent.health import rules


class Exposure(SearchableRecord, Record):
    """One factor (危害因素) at one workplace, and how many people it reaches. ``last_*`` repeat the newest result, so that lists need not look for it."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    workplace = models.CharField(_("工作场所或岗位"), max_length=120)
    category = models.CharField(_("危害类别"), max_length=12, choices=[(k, _(v)) for k, v in rules.CATEGORIES.items()])
    factor = models.CharField(_("危害因素"), max_length=120)
    factor_key = PinyinKeyField("factor")
    chemical_code = models.CharField(_("目录条目"), max_length=60, blank=True, default="", db_collation="C")
    people = models.PositiveIntegerField(_("接触人数"))
    protection = models.CharField(_("防护措施"), max_length=400, blank=True, default="")
    in_use = models.BooleanField(_("在用"), default=True)
    last_measured = models.DateField(_("最近检测"), null=True, blank=True, editable=False)
    last_over = models.BooleanField(_("最近超限"), default=False, editable=False)

    class Meta:
        verbose_name = _("职业病危害因素")
        verbose_name_plural = _("职业病危害因素")
        constraints = [models.UniqueConstraint(fields=["enterprise", "workplace", "factor"], name="health_factor_once")]
        indexes = [
            search_index(),
            list_index("hexpo", "factor_key", "category", "last_measured", "last_over", "enterprise_id"),
            *sort_indexes("hexpo", "factor_key", "last_measured"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by factor (also by pinyin) and workplace."""
        return SearchFields(names=(self.factor,), texts=(self.workplace,))

    @property
    def title(self) -> str:
        """Factor and workplace."""
        return f"{self.factor} · {self.workplace}"

    def __str__(self) -> str:
        return self.title


class Result(Record):
    """One result of a measurement (检测结果) with the limit it was judged by, as it was then; never changed afterwards."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    exposure = models.ForeignKey(Exposure, verbose_name=_("危害因素"), on_delete=models.PROTECT, related_name="results")
    exposure_id: UUID
    measured_on = models.DateField(_("检测日期"))
    limit_kind = models.CharField(_("限值类别"), max_length=8, choices=[(k, _(v)) for k, v in rules.LIMIT_KINDS.items()])
    value = models.DecimalField(_("检测结果"), max_digits=14, decimal_places=4)
    unit = models.CharField(_("计量单位"), max_length=16)
    limit_value = models.DecimalField(_("限值"), max_digits=14, decimal_places=4)
    limit_basis = models.CharField(_("限值依据"), max_length=300)
    limit_source = models.CharField(_("限值来源"), max_length=8, choices=[(k, _(v)) for k, v in rules.LIMIT_SOURCES.items()])
    limit_status = models.CharField(_("核实情况"), max_length=12)
    over = models.BooleanField(_("超限"))
    agency = models.CharField(_("检测机构"), max_length=120, blank=True, default="")
    report_number = models.CharField(_("报告编号"), max_length=60, blank=True, default="")
    by_name = models.CharField(_("登记人"), max_length=100)

    class Meta:
        verbose_name = _("职业病危害因素检测")
        verbose_name_plural = _("职业病危害因素检测")
        indexes = [
            list_index("hresult", "measured_on", "over", "limit_kind", "enterprise_id"),
            *sort_indexes("hresult", "measured_on"),
            models.Index(fields=["exposure", "-measured_on"], name="hresult_exposure"),
        ]

    @property
    def title(self) -> str:
        """What was measured where."""
        return self.exposure.title

    def __str__(self) -> str:
        return self.title


class Examination(Record):
    """One examination (职业健康检查) of one person or of a group: due, done, and whether somebody must follow it up. What it found is not kept (ADR 55)."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    exposure = models.ForeignKey(
        Exposure, verbose_name=_("危害因素"), on_delete=models.PROTECT, related_name="examinations", null=True, blank=True
    )
    exposure_id: UUID | None
    worker = models.CharField(_("工号或班组"), max_length=60)
    people = models.PositiveIntegerField(_("人数"), default=1)
    kind = models.CharField(_("检查类别"), max_length=8, choices=[(k, _(v)) for k, v in rules.EXAMINATIONS.items()])
    due_on = models.DateField(_("应检日期"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    is_done = models.BooleanField(_("已完成"), default=False)
    follow_up = models.BooleanField(_("需要跟进"), default=False)
    told_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("职业健康检查")
        verbose_name_plural = _("职业健康检查")
        indexes = [
            list_index("hexam", "due_on", "is_done", "follow_up", "kind", "enterprise_id"),
            *sort_indexes("hexam", "due_on"),
            models.Index(fields=["due_on"], name="hexam_open", condition=models.Q(is_done=False)),
        ]

    @property
    def title(self) -> str:
        """Who, and which examination."""
        return f"{self.worker} · {_(rules.EXAMINATIONS[self.kind])}"

    def __str__(self) -> str:
        return self.title
