"""Organisations in a tree over places, and the people to call there."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, search_index
from anlan.ground.organisations import rules
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.ledger.records import Record, place_index


class Organisation(Record, SearchableRecord):
    """A bureau, department, committee, team or other body; ``place_code`` is the place it is answerable for."""

    name = models.CharField(_("机构名称"), max_length=120)
    name_key = PinyinKeyField("name")
    short_name = models.CharField(_("简称"), max_length=40, blank=True, default="")
    kind = models.CharField(_("机构类型"), max_length=24, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    level = models.PositiveSmallIntegerField(_("级别"), choices=[(int(level), _(level.label)) for level in Level], editable=False)
    parent = models.ForeignKey("self", verbose_name=_("上级机构"), on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    parent_id: UUID | None
    duties = models.TextField(_("主要职责"), blank=True, default="")
    address = models.CharField(_("地址"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    duty_phone = models.CharField(_("值班电话"), max_length=60, blank=True, default="")
    fax = models.CharField(_("传真"), max_length=60, blank=True, default="")
    state = models.CharField(
        _("状态"), max_length=12, default=rules.ACTIVE, choices=[(code, _(label)) for code, label in rules.STATES.items()]
    )
    valid_from = models.DateField(_("成立日期"), null=True, blank=True)
    valid_to = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        ordering = ["place_code", "name_key"]
        indexes = [
            search_index(),
            place_index("organisations"),
            models.Index(fields=["name_key", "id"], name="organisations_name"),
            models.Index(OpClass("place_code", name="text_pattern_ops"), "kind", name="organisations_place_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place_code", "name"], condition=models.Q(state=rules.ACTIVE), name="organisations_name_once"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="organisations_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parent_name(self) -> str:
        """Name of the upper organisation, as forms and spreadsheets write it."""
        return self.parent.name if self.parent else ""

    def search_fields(self) -> SearchFields:
        """Found by names, address, duties and telephone numbers."""
        return SearchFields(names=(self.name, self.short_name), texts=(self.address,), codes=(self.duty_phone.replace("-", ""),))


class Contact(models.Model):
    """Somebody to call at an organisation. Personal data: shown only to those who may view the organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=40)
    duty = models.CharField(_("职务"), max_length=60, blank=True, default="")
    phone = models.CharField(_("电话"), max_length=60, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("联系人")
        verbose_name_plural = _("联系人")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
