"""Tables of video: who registers by GB/T 28181, cameras, their newest pictures, and what analysis boxes saw."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, list_index, search_index, sort_indexes
from anlan.ledger.records import Record, place_index
from anlan.sense.video import rules

_LINES = [(code, _(label)) for code, label in rules.LINE_STATES.items()]
_STATES = [(code, _(label)) for code, label in rules.PLATFORM_STATES.items()]


class Platform(SearchableRecord, Record):
    """A device or lower platform that registers: a camera of its own, a recorder, a plant's or a county's video platform."""

    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    code = models.CharField(_("国标编码"), max_length=20, unique=True, db_collation="C")
    name = models.CharField(_("名称"), max_length=120)
    name_key = PinyinKeyField("name")
    state = models.CharField(_("使用状态"), max_length=10, choices=_STATES, default=rules.IN_USE)
    # The password must be known to check a digest, so it is encrypted with the node's own key, not hashed.
    password = models.BinaryField(editable=False)
    live_template = models.CharField(_("实时播放地址模板"), max_length=300, blank=True, default="")
    playback_template = models.CharField(_("录像回看地址模板"), max_length=300, blank=True, default="")
    positions = models.BooleanField(_("订阅移动位置"), default=False)
    # What the line says. Not audited one by one: signs of life are no decisions of anybody (docs/adr/0033).
    line = models.CharField(_("在线状态"), max_length=8, choices=_LINES, default=rules.NEVER)
    line_since = models.DateTimeField(_("状态开始时间"), null=True, blank=True)
    heard_at = models.DateTimeField(_("最近通信时间"), null=True, blank=True)
    address = models.CharField(_("来源地址"), max_length=80, blank=True, default="")
    registered_until = models.DateTimeField(_("注册有效期至"), null=True, blank=True)
    manufacturer = models.CharField(_("生产厂家"), max_length=120, blank=True, default="")
    model_number = models.CharField(_("型号"), max_length=120, blank=True, default="")
    firmware = models.CharField(_("固件版本"), max_length=120, blank=True, default="")
    heartbeat_s = models.PositiveIntegerField(_("心跳间隔（秒）"), null=True, blank=True)
    heartbeat_count = models.PositiveSmallIntegerField(_("心跳缺失次数上限"), null=True, blank=True)
    catalog_at = models.DateTimeField(_("最近目录时间"), null=True, blank=True)
    offline_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("视频平台")
        verbose_name_plural = _("视频平台")
        ordering = ["code"]
        indexes = [search_index(), list_index("vpl", "name_key", "code", "state", "line"), *sort_indexes("vpl", "name_key", "code")]

    def __str__(self) -> str:
        return self.name

    @property
    def uscc(self) -> str:
        """Credit code of its enterprise, for the form; empty for a bureau's own platform."""
        return self.enterprise.uscc if self.enterprise is not None else ""

    def search_fields(self) -> SearchFields:
        """What a platform is found by."""
        return SearchFields(names=(self.name,), texts=(self.manufacturer,), codes=(self.code,))


class Camera(SearchableRecord, Record):
    """One channel of a platform. ``device``: the same camera among the devices of its enterprise, under which its alarms are told."""

    platform = models.ForeignKey(Platform, verbose_name=_("视频平台"), on_delete=models.PROTECT, related_name="cameras")
    platform_id: UUID
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    risk_source = models.ForeignKey(
        "risksources.RiskSource", verbose_name=_("危险源"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    risk_source_id: UUID | None
    device = models.ForeignKey("devices.Device", verbose_name=_("设备"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    device_id: UUID | None
    code = models.CharField(_("通道编码"), max_length=20, db_collation="C")
    name = models.CharField(_("名称"), max_length=200)
    name_key = PinyinKeyField("name")
    # A name that a person gave is not overwritten by the next catalogue; nor are a place and a point.
    named_here = models.BooleanField(default=False, editable=False)
    placed_here = models.BooleanField(default=False, editable=False)
    ptz_type = models.PositiveSmallIntegerField(
        _("云台类型"), choices=[(code, _(label)) for code, label in rules.PTZ_TYPES.items()], null=True, blank=True
    )
    manufacturer = models.CharField(_("生产厂家"), max_length=120, blank=True, default="")
    model_number = models.CharField(_("型号"), max_length=120, blank=True, default="")
    parent_code = models.CharField(_("上级编码"), max_length=120, blank=True, default="")
    location_note = models.CharField(_("安装位置"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    state = models.CharField(_("使用状态"), max_length=10, choices=_STATES, default=rules.IN_USE)
    line = models.CharField(_("在线状态"), max_length=8, choices=_LINES, default=rules.NEVER)
    line_since = models.DateTimeField(_("状态开始时间"), null=True, blank=True)
    listed_at = models.DateTimeField(_("最近列入目录时间"), null=True, blank=True)
    # The happening told of the present offline time began at this moment; empty: none was told.
    offline_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    pictured_at = models.DateTimeField(_("最近图片时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("摄像机")
        verbose_name_plural = _("摄像机")
        ordering = ["name_key", "id"]
        constraints = [models.UniqueConstraint(fields=["platform", "code"], name="video_camera_once")]
        indexes = [
            search_index(),
            list_index("cam", "name_key", "code", "line", "state", "ptz_type", "manufacturer", "line_since"),
            *sort_indexes("cam", "name_key", "code", "line_since"),
            models.Index(fields=["code"], name="video_camera_code"),
            models.Index(fields=["longitude", "latitude"], name="video_camera_point"),
            models.Index(fields=["enterprise", "name_key"], name="video_camera_enterprise"),
            models.Index(
                fields=["line_since"], name="video_camera_dark", condition=models.Q(line=rules.OFFLINE, offline_told_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def uscc(self) -> str:
        """Credit code of its enterprise, for the form; empty while nobody said whose it is."""
        return self.enterprise.uscc if self.enterprise is not None else ""

    @property
    def risk_source_code(self) -> str:
        """Code of the hazard source it watches, for the form."""
        return self.risk_source.code if self.risk_source is not None else ""

    def search_fields(self) -> SearchFields:
        """What a camera is found by."""
        return SearchFields(names=(self.name,), texts=(self.location_note, self.manufacturer), codes=(self.code,))


class Snapshot(models.Model):
    """The newest picture of a camera, replaced by the next. What is evidence is kept in the evidence store instead."""

    camera = models.OneToOneField(Camera, primary_key=True, on_delete=models.CASCADE, related_name="snapshot")
    data = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()


class VideoEvent(Record):
    """One thing that an analysis box saw on one camera, or that a platform told as an alarm. Never changed.

    ``kind``: ``video.<event kind>`` or ``gb28181.<alarm>``, as the room of alarms knows it.
    """

    camera = models.ForeignKey(Camera, verbose_name=_("摄像机"), on_delete=models.PROTECT, related_name="events")
    camera_id: UUID
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    enterprise_id: UUID | None
    kind = models.CharField(_("事件类别"), max_length=48)
    text = models.CharField(_("设备原文"), max_length=200, blank=True, default="")
    occurred_at = models.DateTimeField(_("发生时间"))
    received_at = models.DateTimeField(_("收到时间"))
    ended = models.BooleanField(_("事件结束"), default=False)
    late = models.BooleanField(_("迟报"), default=False)
    exercise = models.BooleanField(_("演练"), default=False)
    confidence = models.FloatField(_("置信度"), null=True, blank=True)
    # Left, top, width, height as parts of the picture (0–1).
    box = models.JSONField(_("目标框"), null=True, blank=True)
    # Credential of the analysis box, or code of the platform.
    sender = models.CharField(_("来源"), max_length=64)
    # Same event, same name: sent again it changes nothing.
    key = models.CharField(max_length=64, unique=True, editable=False)
    exhibit_id = models.UUIDField(null=True, blank=True, editable=False)
    picture_sha256 = models.CharField(_("图片指纹"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("视频事件")
        verbose_name_plural = _("视频事件")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            place_index("video_event"),
            *sort_indexes("vev", "occurred_at"),
            models.Index(fields=["camera", "-occurred_at"], name="video_event_camera"),
            models.Index(fields=["enterprise", "-occurred_at"], name="video_event_enterprise"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M:%S}"
