"""The table of recipients: people and devices that can be told of a warning."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import list_index, sort_indexes
from anlan.ground.audiences import rules
from anlan.ledger.records import Record


class Recipient(Record):
    """One person or device that can be told. A person's names and addresses are kept out of the audit log, which never forgets.

    ``cell`` is the H3 cell (resolution ``rules.CELL_RESOLUTION``) of the point; ``ground`` and ``reach`` repeat what follows from the other columns,
    so that an audience is counted from an index alone.
    """

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name", "phone", "email", "device", "longitude", "latitude", "cell", "needs"})

    name = models.CharField(_("姓名或名称"), max_length=60)
    role = models.CharField(_("角色"), max_length=24)
    unit = models.CharField(_("单位"), max_length=120, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    cell = models.BigIntegerField(null=True, editable=False)
    phone = models.CharField(_("电话"), max_length=20, blank=True, default="", db_collation="C")
    email = models.CharField(_("电子邮箱"), max_length=254, blank=True, default="", db_collation="C")
    device = models.CharField(_("设备地址"), max_length=120, blank=True, default="", db_collation="C")
    language = models.CharField(_("语言"), max_length=3, default="zh")
    needs = models.CharField(_("特殊需要"), max_length=60, blank=True, default="")
    consent_at = models.DateTimeField(_("同意时间"), null=True, blank=True)
    consent_how = models.CharField(_("同意方式"), max_length=120, blank=True, default="")
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    quiet_from = models.TimeField(_("免打扰开始"), null=True, blank=True)
    quiet_until = models.TimeField(_("免打扰结束"), null=True, blank=True)
    ground = models.PositiveSmallIntegerField(_("通知依据"), default=rules.EMERGENCY, editable=False)
    reach = models.PositiveSmallIntegerField(default=0, editable=False)
    source_note = models.CharField(_("数据来源"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("预警受众")
        verbose_name_plural = _("预警受众")
        ordering = ["place_code", "name"]
        indexes = [
            list_index("aud", "name", "role", "ground", "reach", "language", "updated_at"),
            *sort_indexes("aud", "name", "updated_at"),
            # An area is a few ranges of cells; its people are counted, and those of cells on its edge tested, from this index alone.
            models.Index(
                fields=["cell"], include=["longitude", "latitude", "role", "ground", "reach", "language", "place_code"], name="aud_cell"
            ),
            models.Index(OpClass("place_code", name="text_pattern_ops"), name="aud_pointless", condition=models.Q(cell__isnull=True)),
            models.Index(fields=["phone"], name="aud_phone", condition=~models.Q(phone="")),
            models.Index(fields=["role", "name", "id"], name="aud_role_f"),
        ]

    def __str__(self) -> str:
        return rules.masked_name(self.name)

    @property
    def shown_name(self) -> str:
        """The name as lists, exports and titles show it."""
        return rules.masked_name(self.name)

    @property
    def shown_phone(self) -> str:
        """The number as lists and exports show it."""
        return rules.masked_address(self.phone)
