"""Tables of major hazard units: the unit, versions of its inventory, its assessments, occasions to assess anew, filings."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, place_index, search_index, sort_indexes
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record
from anlan.prevent.hazardsources import rules


class HazardUnit(SearchableRecord, Record):
    """One unit (单元) of an enterprise that is identified and graded by itself: a production or a storage unit.

    ``is_major`` to ``next_due_on`` repeat the newest assessment, so that lists need not look for it.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    site = models.ForeignKey("enterprises.Site", verbose_name=_("厂区"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    site_id: UUID | None
    code = models.CharField(_("单元编号"), max_length=40)
    name = models.CharField(_("单元名称"), max_length=120)
    name_key = PinyinKeyField("name")
    kind = models.CharField(_("单元类型"), max_length=12, choices=[(k, _(v)) for k, v in rules.KINDS.items()])
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    # What parts the unit from others: cut-off valves, a dike, a separate warehouse (GB 18218-2018, 3.5 and 3.6).
    extent = models.CharField(_("划分依据"), max_length=200, blank=True, default="")
    is_major = models.BooleanField(_("构成重大危险源"), null=True, blank=True, editable=False)
    major_level = models.PositiveSmallIntegerField(
        _("重大危险源等级"), null=True, blank=True, editable=False, choices=[(k, _(v)) for k, v in rules.LEVELS.items()]
    )
    s = models.DecimalField("S", max_digits=16, decimal_places=4, null=True, blank=True, editable=False)
    r = models.DecimalField("R", max_digits=16, decimal_places=4, null=True, blank=True, editable=False)
    assessed_at = models.DateTimeField(_("评估时间"), null=True, blank=True, editable=False)
    next_due_on = models.DateField(_("下次评估期限"), null=True, blank=True, editable=False)
    to_reassess = models.BooleanField(_("须重新评估"), default=False, editable=False)
    filing_state = models.CharField(
        _("备案状态"),
        max_length=12,
        blank=True,
        default="",
        editable=False,
        choices=[(state.code, _(state.label)) for state in rules.FLOW.states],
    )

    class Meta:
        verbose_name = _("重大危险源单元")
        verbose_name_plural = _("重大危险源单元")
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="hazard_unit_code_once")]
        indexes = [
            search_index(),
            list_index("hazunit", "name_key", "major_level", "next_due_on", "enterprise_id"),
            *sort_indexes("hazunit", "name_key", "next_due_on"),
            models.Index(fields=["longitude", "latitude"], name="hazunit_point"),
            models.Index(fields=["next_due_on"], name="hazunit_due"),
        ]

    def search_fields(self) -> SearchFields:
        """Found by its name (also by pinyin) and code."""
        return SearchFields(names=(self.name,), codes=(self.code,))

    def __str__(self) -> str:
        return self.name


class UnitSource(models.Model):
    """A hazard source of the register that belongs to a unit; to one at most."""

    unit = models.ForeignKey(HazardUnit, on_delete=models.CASCADE, related_name="members")
    unit_id: UUID
    source = models.OneToOneField("risksources.RiskSource", on_delete=models.CASCADE, related_name="+")
    source_id: UUID


class InventoryVersion(models.Model):
    """The inventory of a unit as somebody wrote it; never changed afterwards. ``lines`` as typed (``inventory.Line``)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(HazardUnit, on_delete=models.PROTECT, related_name="inventories")
    unit_id: UUID
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)
    note = models.CharField(_("变更说明"), max_length=200, blank=True, default="")
    lines: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField()

    class Meta:
        ordering = ["unit", "-number"]
        constraints = [models.UniqueConstraint(fields=["unit", "number"], name="hazard_inventory_number_once")]


class Assessment(models.Model):
    """One identification and grading, as on paper; never changed afterwards. ``sheet``: ``grading.Reckoning.told``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(HazardUnit, on_delete=models.PROTECT, related_name="assessments")
    unit_id: UUID
    number = models.PositiveIntegerField()
    inventory = models.ForeignKey(InventoryVersion, on_delete=models.PROTECT, related_name="+")
    inventory_id: UUID
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=100)
    assessor = models.CharField(_("评估人或机构"), max_length=120)
    people = models.PositiveIntegerField()
    people_source = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.PEOPLE_SOURCES.items()])
    people_basis: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    sheet: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    s = models.DecimalField(max_digits=16, decimal_places=4)
    r = models.DecimalField(max_digits=16, decimal_places=4)
    is_major = models.BooleanField()
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    next_due_on = models.DateField()
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["unit", "-number"]
        constraints = [models.UniqueConstraint(fields=["unit", "number"], name="hazard_assessment_number_once")]


class Reassessment(models.Model):
    """An occasion to assess a unit anew, open until an assessment follows. One open row for each trigger of a unit.

    ``trial``: what the present inventory and people would give (``s``, ``r``, ``level``), for who decides.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(HazardUnit, on_delete=models.PROTECT, related_name="reassessments")
    unit_id: UUID
    trigger = models.CharField(max_length=16, choices=[(k, _(v)) for k, v in rules.TRIGGERS.items()])
    # A Chinese source sentence and its facts; what a person wrote is the fact ``words`` of the sentence ``{words}``.
    sentence = models.CharField(max_length=200)
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=100)
    automatic = models.BooleanField(default=False)
    trial: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True, blank=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers", null=True, blank=True)
    assessment_id: UUID | None

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "trigger"], condition=models.Q(closed_at__isnull=True), name="hazard_reassess_open_once"
            )
        ]


class Filing(Case):
    """The filing (备案) of a unit's assessment with the bureau of its county."""

    flow: ClassVar[Flow] = rules.FLOW

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    unit = models.ForeignKey(HazardUnit, verbose_name=_("单元"), on_delete=models.PROTECT, related_name="filings")
    unit_id: UUID
    title = models.CharField(_("备案事项"), max_length=200)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    assessment_id: UUID
    level = models.PositiveSmallIntegerField(_("等级"), null=True, choices=[(k, _(v)) for k, v in rules.LEVELS.items()])
    due_at = models.DateTimeField(_("报送期限"))
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True, default="")
    contact_phone = models.CharField(_("联系电话"), max_length=20, blank=True, default="")
    # The three who answered for each hazard source when the filing was sent.
    answers: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    submitted_by_id = models.UUIDField(null=True, blank=True)
    submitted_by_name = models.CharField(_("报送人"), max_length=100, blank=True, default="")
    receipt_number = models.CharField(_("备案编号"), max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    decided_by_name = models.CharField(_("办理人"), max_length=100, blank=True, default="")
    cancel_asked_by_id = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("重大危险源备案")
        verbose_name_plural = _("重大危险源备案")
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=models.Q(state__in=rules.OPEN_STATES), name="hazard_filing_open_once")
        ]
        indexes = [place_index("hazfiling"), *sort_indexes("hazfiling", "opened_at", "due_at")]

    def __str__(self) -> str:
        return self.title
