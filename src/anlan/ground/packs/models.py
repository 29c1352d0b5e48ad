"""Tables of sector packs: loaded versions, which enterprises somebody said they concern, and an enterprise's answers with their history."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.ground.packs import rules
from anlan.ledger.records import Record, place_index


class Pack(Record):
    """One loaded version of a pack. Nothing of it changes afterwards; a newer version takes its place from its day."""

    code = models.CharField(_("代码"), max_length=20, db_collation="C")
    edition = models.CharField(_("版本"), max_length=20, db_collation="C")
    name_zh = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120)
    # As written in pack.toml, and the day from which it really holds (rules.begins).
    effective_from = models.DateField(_("施行日期"))
    in_force_from = models.DateField(_("自何日执行"))
    # rules.Head and rules.TABLES as reading.packed() makes them; the tables are long and read apart.
    head = models.JSONField(default=dict)
    tables = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    built_in = models.BooleanField(_("随平台提供"), default=False)
    loaded_by_name = models.CharField(_("装入人"), max_length=100)
    source = models.TextField(_("出处"))
    status = models.CharField(_("核实情况"), max_length=12, choices=[(code, _(label)) for code, label in rules.STATUSES.items()])

    class Meta:
        verbose_name = _("行业包")
        verbose_name_plural = _("行业包")
        ordering = ["code", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="pack_edition_once"),
            models.UniqueConstraint(fields=["code", "in_force_from"], name="pack_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} {self.edition}"


class PackMark(Record):
    """Somebody said that a pack concerns an enterprise, or does not, whatever its sector says."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.CASCADE, related_name="+")
    enterprise_id: UUID
    pack_code = models.CharField(max_length=20, db_collation="C")
    applies = models.BooleanField(_("适用"))
    reason = models.CharField(_("理由"), max_length=300)
    by_name = models.CharField(_("设定人"), max_length=100)

    class Meta:
        verbose_name = _("适用的行业包")
        constraints = [models.UniqueConstraint(fields=["enterprise", "pack_code"], name="pack_mark_once")]
        indexes = [place_index("pack_mark")]


class SectorFacts(Record):
    """An enterprise's answers to the fields of a pack, as saved once. The newest ``number`` holds; earlier ones are its history."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.CASCADE, related_name="+")
    enterprise_id: UUID
    pack_code = models.CharField(max_length=20, db_collation="C")
    edition = models.CharField(_("行业包版本"), max_length=20)
    number = models.PositiveIntegerField(_("第几次填写"))
    # {field code: answer} by rules.answers().
    values = models.JSONField(_("行业信息"), default=dict)
    changed = models.JSONField(default=list)
    by_name = models.CharField(_("填写人"), max_length=100)

    class Meta:
        verbose_name = _("企业行业信息")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "pack_code", "number"], name="pack_facts_once")]
        indexes = [place_index("pack_facts")]
