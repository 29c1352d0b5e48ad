"""Dispatches of bulletins over channels, and the receipts of who has seen them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel.ids import new_id


class DispatchState(models.TextChoices):
    SENT = "sent", _("已发出")
    FAILED = "failed", _("未发出")


class Dispatch(models.Model):
    """One bulletin over one channel, once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bulletin = models.ForeignKey("bulletins.Bulletin", on_delete=models.PROTECT, related_name="+")
    bulletin_id: UUID
    channel = models.CharField(_("渠道"), max_length=20)
    state = models.CharField(_("状态"), max_length=10, choices=DispatchState.choices)
    sent_at = models.DateTimeField(_("发出时间"))
    detail = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("发布记录")
        constraints = [models.UniqueConstraint(fields=["bulletin", "channel"], name="channels_dispatch_once")]


class Receipt(models.Model):
    """One account confirmed that it has read the bulletin in the page."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="receipts")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    account_id: UUID
    account_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"))

    class Meta:
        verbose_name = _("回执")
        ordering = ["confirmed_at"]
        constraints = [models.UniqueConstraint(fields=["dispatch", "account"], name="channels_receipt_once")]
