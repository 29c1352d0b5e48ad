"""The table of chemicals: a mirror of the data files, so that lists, search, export and API work as for every other record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, place_index, search_index, sort_indexes
from anlan.ground.chemicals import rules
from anlan.ledger.records import Record


class Chemical(SearchableRecord, Record):
    """One chemical of the data files, by its code. Its figures are read from the files, not from here."""

    code = models.CharField(_("代码"), max_length=60, unique=True, db_collation="C")
    name = models.CharField(_("名称"), max_length=120)
    name_key = PinyinKeyField("name")
    name_en = models.CharField(_("英文名称"), max_length=120)
    aliases = models.CharField(_("别名"), max_length=300, blank=True, default="")
    formula = models.CharField(_("化学式"), max_length=40, blank=True, default="")
    cas = models.CharField(_("CAS 号"), max_length=16, blank=True, default="")
    un = models.CharField(_("UN 号"), max_length=4, blank=True, default="")
    hazard_class = models.CharField(_("危险货物类别（次要危险）"), max_length=40, blank=True, default="")
    main_class = models.CharField(
        _("主要危险"), max_length=8, blank=True, default="", choices=[(code, _(label)) for code, label in rules.HAZARDS.items()]
    )
    guide = models.CharField(_("处置指南编号"), max_length=3, blank=True, default="")
    form = models.CharField(_("形态"), max_length=12, choices=[(code, _(label)) for code, label in rules.FORMS.items()])
    regulated = models.BooleanField(_("重点监管的危险化学品"), default=False)
    regulated_by = models.CharField(_("列入文件"), max_length=60, blank=True, default="")
    source = models.CharField(_("出处"), max_length=300)
    status = models.CharField(_("核实情况"), max_length=12, choices=[(code, _(label)) for code, label in rules.STATUSES.items()])

    class Meta:
        verbose_name = _("化学品")
        verbose_name_plural = _("化学品")
        ordering = ["code"]
        indexes = [search_index(), place_index("chemical"), *sort_indexes("chem", "name_key", "code", "cas", "un")]

    def search_fields(self) -> SearchFields:
        """Found by Chinese name and aliases (also by pinyin), English name, formula, CAS and UN number."""
        names = (self.name, *(name for name in self.aliases.split(";") if name))
        return SearchFields(names=names, texts=(self.name_en,), codes=(self.cas, self.un, f"UN{self.un}" if self.un else "", self.formula))

    def __str__(self) -> str:
        return self.name
