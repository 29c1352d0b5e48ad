"""The table of exhibits: who added which file to which record. The bytes lie in the store, by hash."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import place_index
from anlan.ground.evidence import rules
from anlan.ledger.records import Record


class Exhibit(Record):
    """One file attached to one record. Rows never change, except that the access class may be raised (a trigger holds it)."""

    sha256 = models.CharField(_("文件指纹"), max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(_("大小（字节）"))
    media_type = models.CharField(_("文件类型"), max_length=100)
    kind = models.CharField(_("类别"), max_length=16, choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    filename = models.CharField(_("文件名"), max_length=200)
    caption = models.CharField(_("说明"), max_length=200, blank=True, default="")
    subject_type = models.CharField(_("所属记录类型"), max_length=60)
    subject_id = models.UUIDField(_("所属记录"))
    enterprise = models.ForeignKey(
        "enterprises.Enterprise",
        verbose_name=_("企业"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    enterprise_id: UUID | None
    origin = models.CharField(
        _("来源"), max_length=16, choices=[(code, _(label)) for code, label in rules.ORIGINS.items()], default=rules.UPLOAD
    )
    added_by_id = models.UUIDField(_("提交人编号"))
    added_by_name = models.CharField(_("提交人"), max_length=80)
    device = models.CharField(_("拍摄设备"), max_length=120, blank=True, default="")
    taken_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        verbose_name = _("证据")
        verbose_name_plural = _("证据")
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id", "sha256"], name="evidence_once_per_subject")]
        indexes = [place_index("evidence")]

    def __str__(self) -> str:
        return self.filename
