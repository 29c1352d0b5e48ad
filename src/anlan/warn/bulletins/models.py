"""A bulletin: what is said to the public, who wrote it, who approved it, and the very bytes that went out."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from anlan.kernel.flow import Flow
from anlan.ledger.records import Case, Record, place_index
from anlan.warn.bulletins import rules


class MessageKind(models.TextChoices):
    ALERT = "Alert", _("首次发布")
    UPDATE = "Update", _("更新")
    CANCEL = "Cancel", _("解除")


class Bulletin(Case):
    """One warning message. ``place_code`` is the issuing place.

    Warned are ``area_codes`` (places), ``area`` (GeoJSON MultiPolygon without holes, degrees) and the circle, together.
    """

    flow: ClassVar[Flow] = rules.FLOW

    identifier = models.CharField(_("预警标识"), max_length=40, unique=True, null=True, blank=True)
    message_kind = models.CharField(_("信息类型"), max_length=8, choices=MessageKind.choices, default=MessageKind.ALERT)
    event_code = models.CharField(_("预警类别"), max_length=8)
    level = models.CharField(_("预警级别"), max_length=8)
    headline = models.CharField(_("标题"), max_length=200)
    description = models.TextField(_("警示事项"))
    instruction = models.TextField(_("应采取的措施"))
    headline_en = models.CharField(_("英文标题"), max_length=200, blank=True)
    description_en = models.TextField(_("英文警示事项"), blank=True)
    instruction_en = models.TextField(_("英文措施"), blank=True)
    # Words in further languages by language code: headline, description, instruction.
    texts = models.JSONField(_("其他语种"), default=dict, blank=True)
    # Files as they were when it was submitted: id, name, media type, size, SHA-1 and SHA-256.
    attachments = models.JSONField(_("附件"), default=list, blank=True, editable=False)
    area_codes = models.JSONField(_("影响区划"), default=list)
    area_description = models.CharField(_("可能影响的范围"), max_length=500, blank=True)
    circle_longitude = models.FloatField(_("中心经度"), null=True, blank=True)
    circle_latitude = models.FloatField(_("中心纬度"), null=True, blank=True)
    circle_radius_km = models.FloatField(_("半径（公里）"), null=True, blank=True)
    area = models.JSONField(_("画出的范围"), null=True, blank=True)
    area_drawn = models.JSONField(_("简化、裁剪前的范围"), null=True, blank=True)
    area_km2 = models.FloatField(_("面积（平方千米）"), null=True, blank=True)
    area_holes = models.PositiveSmallIntegerField(default=0)
    # The box of what was drawn, for finding whom it warns.
    area_west = models.FloatField(null=True, blank=True, editable=False)
    area_south = models.FloatField(null=True, blank=True, editable=False)
    area_east = models.FloatField(null=True, blank=True, editable=False)
    area_north = models.FloatField(null=True, blank=True, editable=False)
    area_origin = models.CharField(_("范围来源"), max_length=200, blank=True)
    subject = models.CharField(_("事发单位或地点"), max_length=100, blank=True)
    onset = models.DateTimeField(_("起始时间"))
    expires = models.DateTimeField(_("失效时间"))
    issuer = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("发布机构"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    issuer_id: UUID | None
    issuer_name = models.CharField(_("发布单位"), max_length=100)
    contact = models.CharField(_("联系方式"), max_length=100, blank=True)
    changes = models.ForeignKey(
        "self", verbose_name=_("所更新或解除的预警"), null=True, blank=True, on_delete=models.PROTECT, related_name="followers"
    )
    changes_id: UUID | None
    # Reasons for what hygiene found, by the finding's code; and what was answered to each live bulletin that says otherwise, by its id.
    accepted = models.JSONField(_("核对说明"), default=dict, blank=True)
    answers = models.JSONField(_("对不一致预警的处理"), default=dict, blank=True)
    # An incident is a record of a wing above: its identity is kept without a foreign key.
    incident_id = models.UUIDField(_("关联事件"), null=True, blank=True, db_index=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("起草人")
    )
    drafted_by_id: UUID | None
    drafted_by_name = models.CharField(_("起草人"), max_length=100, blank=True)
    # Everybody who wrote, changed or submitted it, by whatever route: none of them may approve it.
    hands = ArrayField(models.UUIDField(), default=list, editable=False)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_by_id: UUID | None
    submitted_by_name = models.CharField(_("提交人"), max_length=100, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by_id: UUID | None
    approved_by_name = models.CharField(_("审批人"), max_length=100, blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    message = models.BinaryField(_("CAP 报文"), null=True, editable=False)
    message_digest = models.CharField(_("报文摘要"), max_length=64, blank=True, editable=False)
    signed_by = models.CharField(_("签名证书指纹"), max_length=64, blank=True, editable=False)
    # How many nodes a foreign warning had passed before it was taken over here; told on, so that it cannot go round.
    hops = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("预警")
        ordering = ["-opened_at"]
        indexes = [
            place_index("bulletins_bulletin"),
            models.Index(fields=["-opened_at"], name="bulletins_opened"),
            models.Index(fields=["state", "expires"], name="bulletins_state_expires"),
            models.Index(fields=["-published_at"], name="bulletins_published"),
        ]
        constraints = [
            # Four eyes, held by the database itself: whoever had a hand in a bulletin is not the one who approved it.
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (
                    ~Q(approved_by=F("drafted_by"))
                    & ~Q(approved_by=F("submitted_by"))
                    & ~Q(
                        Func(
                            F("approved_by"),
                            F("hands"),
                            template="%(expressions)s)",
                            arg_joiner=" = ANY(",
                            output_field=models.BooleanField(),
                        )
                    )
                ),
                name="bulletins_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def circle(self) -> tuple[float, float, float] | None:
        """Longitude, latitude in degrees and radius in km, or ``None``."""
        if self.circle_longitude is None or self.circle_latitude is None or self.circle_radius_km is None:
            return None
        return self.circle_longitude, self.circle_latitude, self.circle_radius_km


class HandedArea(Record):
    """An area that another room handed over for a bulletin: kept here, so that the editor's address names it instead of carrying it."""

    area = models.JSONField(_("范围"))
    origin = models.CharField(_("范围来源"), max_length=200)
    headline = models.CharField(_("标题"), max_length=200, blank=True)
    subject = models.CharField(_("事发单位或地点"), max_length=100, blank=True)
    incident_id = models.UUIDField(_("关联事件"), null=True, blank=True)
    exercise = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("转来的范围")
        indexes = [place_index("bulletins_handedarea")]

    def __str__(self) -> str:
        return self.origin


class Subscription(Record):
    """A feed of somebody else's warnings that this node reads."""

    name = models.CharField(_("名称"), max_length=100)
    url = models.CharField(_("网址"), max_length=2000)
    active = models.BooleanField(_("启用"), default=True)
    every_minutes = models.PositiveSmallIntegerField(_("读取间隔（分钟）"), default=5)
    # PEM certificates whose signatures count; without any, every message is shown as not verified.
    certificates = models.TextField(_("对方签名证书（PEM）"), blank=True)
    authorities = models.TextField(_("对方签发机构证书（PEM）"), blank=True)
    # Hosts of the own network that an administrator admits for this feed.
    admitted_hosts = models.CharField(_("准许访问的内部主机"), max_length=500, blank=True)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    asked_at = models.DateTimeField(_("上次读取"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("上次读到"), null=True, blank=True, editable=False)
    # Why the last reading failed or left something out, as sentences of ``kept``.
    trouble = models.JSONField(_("读取情况"), default=list, blank=True, editable=False)
    # Addresses of messages that were fetched already, the last ones.
    seen = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        verbose_name = _("外部预警源")
        ordering = ["name"]
        indexes = [place_index("bulletins_subscription")]

    def __str__(self) -> str:
        return self.name


class SignatureState(models.TextChoices):
    NONE = "none", _("没有签名")
    UNVERIFIED = "unverified", _("有签名，未登记对方证书")
    VERIFIED = "verified", _("签名已核验")
    BROKEN = "broken", _("签名未通过核验")


class ForeignWarning(Record):
    """A warning of somebody else as it came, once for each sender, identifier and time of sending. Never issued again by itself."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="warnings", verbose_name=_("来源"))
    subscription_id: UUID
    sender = models.CharField(_("发布方"), max_length=300)
    identifier = models.CharField(_("报文标识"), max_length=300)
    sent = models.DateTimeField(_("发出时间"))
    received_at = models.DateTimeField(_("收到时间"))
    status = models.CharField(_("性质"), max_length=12)
    exercise = models.BooleanField(_("演练"), default=False)
    message_kind = models.CharField(_("信息类型"), max_length=8)
    headline = models.CharField(_("标题"), max_length=300)
    event = models.CharField(_("事件"), max_length=200)
    severity = models.CharField(_("严重程度"), max_length=12)
    level = models.CharField(_("级别"), max_length=8, blank=True)
    description = models.TextField(_("警示事项"), blank=True)
    instruction = models.TextField(_("应采取的措施"), blank=True)
    area_description = models.TextField(_("影响范围"), blank=True)
    area = models.JSONField(null=True, blank=True, editable=False)
    longitude = models.FloatField(null=True, blank=True, editable=False)
    latitude = models.FloatField(null=True, blank=True, editable=False)
    expires = models.DateTimeField(_("失效时间"), null=True, blank=True)
    references = models.JSONField(default=list, blank=True, editable=False)
    signature = models.CharField(_("签名"), max_length=12, choices=SignatureState.choices, default=SignatureState.NONE)
    signer = models.CharField(_("签名者"), max_length=500, blank=True)
    # Sentences of ``kept``: why the signature does not hold, and what is doubtful in the message.
    doubts = models.JSONField(_("疑点"), default=list, blank=True)
    message = models.BinaryField(editable=False)
    # An update or a cancellation of the same sender ended it.
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    taken_over = models.ForeignKey(
        Bulletin, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("据此起草的预警")
    )

    class Meta:
        verbose_name = _("外部预警")
        ordering = ["-sent"]
        indexes = [place_index("bulletins_foreignwarning"), models.Index(fields=["-sent"], name="bulletins_foreign_sent")]
        constraints = [models.UniqueConstraint(fields=["sender", "identifier", "sent"], name="bulletins_foreign_once")]

    def __str__(self) -> str:
        return self.headline
