"""Tables of natural hazards: what came in and from where, the township grid, earthquakes with every estimate, what plants do by themselves."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import list_index, sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record
from anlan.warn.hazards import rainfall, rules

LEVELS = [(code, _(label)) for code, label in rules.LEVELS.items()]
LIVE, REPLACED, LIFTED = "live", "replaced", "lifted"
SIGNAL_STATES = {LIVE: _("有效"), REPLACED: _("已被更新"), LIFTED: _("已解除")}


KINDS = {"alert": _("首次发布"), "update": _("更新"), "cancel": _("解除")}


class HazardSignal(Record):
    """A warning signal of another office, or a gauge above its threshold: one kind of hazard at one level over places and a time.

    ``area_codes``: divisions named (6 or 9 digits). ``polygons``: rings of longitude and latitude, ``circles``: longitude, latitude, km. What
    arrived is kept as it came in ``raw``.
    """

    source = models.CharField(_("来源种类"), max_length=10, choices=[(code, _(label)) for code, label in rules.SOURCES.items()])
    form = models.CharField(_("报文格式"), max_length=12, blank=True, default="")
    identifier = models.CharField(_("编号"), max_length=200)
    sender = models.CharField(_("发布单位"), max_length=200, blank=True, default="")
    kind = models.CharField(_("报文种类"), max_length=10, default="alert", choices=list(KINDS.items()))
    references = ArrayField(models.CharField(max_length=200), verbose_name=_("关联报文"), default=list, blank=True)
    hazard = models.CharField(_("灾种代码"), max_length=20)
    title = models.CharField(_("标题"), max_length=300)
    description = models.TextField(_("内容"), blank=True, default="")
    instruction = models.TextField(_("防御指南"), blank=True, default="")
    level = models.PositiveSmallIntegerField(_("级别"), choices=LEVELS)
    state = models.CharField(_("状态"), max_length=10, default=LIVE, choices=list(SIGNAL_STATES.items()))
    sent_at = models.DateTimeField(_("发布时间"))
    received_at = models.DateTimeField(_("收到时间"))
    starts_at = models.DateTimeField(_("生效时间"))
    ends_at = models.DateTimeField(_("失效时间"))
    end_assumed = models.BooleanField(_("失效时间为推定"), default=False)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    ended_by = models.CharField(_("结束它的报文"), max_length=200, blank=True, default="")
    area_description = models.CharField(_("影响区域"), max_length=500, blank=True, default="")
    area_codes = ArrayField(models.CharField(max_length=9), verbose_name=_("区划代码"), default=list, blank=True)
    polygons = models.JSONField(default=list, blank=True)
    circles = models.JSONField(default=list, blank=True)
    unknown_area = models.BooleanField(_("区域不明"), default=False)
    late = models.BooleanField(_("迟到"), default=False)
    exercise = models.BooleanField(_("演练"), default=False)
    via = models.CharField(_("收到方式"), max_length=200, blank=True, default="")
    raw = models.BinaryField(blank=True, default=bytes)
    sensor_id = models.UUIDField(null=True, blank=True)
    # Of a gauge's sum of rain: minutes of its hours in which nobody measured.
    gap_minutes = models.PositiveIntegerField(_("缺测（分钟）"), default=0)

    class Meta:
        verbose_name = _("灾害信号")
        verbose_name_plural = _("灾害信号")
        ordering = ["-starts_at", "id"]
        constraints = [models.UniqueConstraint(fields=["source", "identifier"], name="hazards_signal_once")]
        indexes = [
            list_index("hsig", "level", "state", "hazard", "starts_at"),
            *sort_indexes("hsig", "starts_at", "ends_at", "level"),
            models.Index(fields=["state", "ends_at"], name="hazards_signal_live"),
            GinIndex(fields=["area_codes"], name="hazards_signal_areas"),
            GinIndex(fields=["references"], name="hazards_signal_references"),
        ]

    def __str__(self) -> str:
        return self.title


class Intake(Record):
    """One time that something came in: a file by hand, a call of the interface, a look at a feed; what of it was good and what was not."""

    via = models.CharField(_("收到方式"), max_length=200)
    name = models.CharField(_("文件名"), max_length=200, blank=True, default="")
    received_at = models.DateTimeField(_("收到时间"))
    good = models.PositiveIntegerField(_("收下"), default=0)
    twice = models.PositiveIntegerField(_("重复"), default=0)
    bad = models.PositiveIntegerField(_("未收下"), default=0)
    # [{"where": str, "sentence": source text, "facts": {}}]
    faults = models.JSONField(default=list, blank=True)
    by_name = models.CharField(_("导入人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("灾害信息导入")
        verbose_name_plural = _("灾害信息导入")
        ordering = ["-received_at", "id"]
        indexes = [list_index("hintake", "received_at", "bad"), *sort_indexes("hintake", "received_at")]

    def __str__(self) -> str:
        return self.name or self.via


class HazardFeed(Record):
    """A machine feed of earthquakes or hot spots that this node reads by itself. Nothing is read that nobody registered.

    ``url`` may hold ``{key}``, which stands for the secret named ``secret`` of the node's home: keys of providers are never in the database.
    """

    QUAKEML, USGS, FIRMS = "quakeml", "usgs", "firms"
    KINDS: ClassVar = {
        QUAKEML: _("地震目录（QuakeML、FDSN event）"),
        USGS: _("地震目录（USGS GeoJSON）"),
        FIRMS: _("卫星热点（FIRMS CSV）"),
    }

    name = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("种类"), max_length=10, choices=list(KINDS.items()))
    url = models.CharField(_("网址"), max_length=2000)
    secret = models.CharField(_("密钥名称"), max_length=60, blank=True, default="")
    active = models.BooleanField(_("启用"), default=True)
    every_minutes = models.PositiveSmallIntegerField(_("读取间隔（分钟）"), default=5)
    least_magnitude = models.FloatField(_("最小震级"), null=True, blank=True)
    may_order = models.BooleanField(_("可触发企业自动处置"), default=False)
    admitted_hosts = models.CharField(_("准许访问的内部主机"), max_length=500, blank=True, default="")
    etag = models.CharField(max_length=300, blank=True, default="", editable=False)
    last_modified = models.CharField(max_length=100, blank=True, default="", editable=False)
    digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    asked_at = models.DateTimeField(_("上次读取"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("上次读到"), null=True, blank=True, editable=False)
    news_at = models.DateTimeField(_("上次有新内容"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("连续失败次数"), default=0, editable=False)
    # Sentences of ``desk.kept``.
    trouble = models.JSONField(_("读取情况"), default=list, blank=True, editable=False)
    last_intake = models.ForeignKey(Intake, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    class Meta:
        verbose_name = _("灾害数据源")
        verbose_name_plural = _("灾害数据源")
        ordering = ["name"]
        indexes = [list_index("hfeed", "name", "kind", "active"), *sort_indexes("hfeed", "asked_at", "answered_at")]

    def __str__(self) -> str:
        return self.name


class TownshipSpan(models.Model):
    """Hours of one township, or of a county for what has no township in it, at one level. ``reasons``: ``[{"source", "id", "chain", "level", "located"}]``, highest first. No row: no hazard."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place_code = models.CharField(max_length=9)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(choices=LEVELS)
    reasons = models.JSONField(default=list)
    exercise = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["ends_at", "starts_at"], name="hazards_span_when"),
            models.Index(fields=["place_code", "-ends_at"], name="hazards_span_place"),
        ]

    def __str__(self) -> str:
        return f"{self.place_code} {self.starts_at:%Y-%m-%d %H}: {self.level}"


class GridRun(models.Model):
    """One reckoning of the grid: for which hour, of how many townships and hazards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hour = models.DateTimeField()
    at = models.DateTimeField()
    townships = models.PositiveIntegerField()
    hazards = models.PositiveIntegerField()
    spans = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="hazards_run_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Quake(Record):
    """One earthquake, as its newest estimate has it; every estimate is kept as :class:`QuakeEstimate`.

    ``cancelled``: whoever estimated it says there was none. ``catalogued``: a reviewed catalogue has it, which ends estimating.
    """

    number = models.CharField(_("事件编号"), max_length=200, unique=True)
    origin_at = models.DateTimeField(_("发震时刻"))
    longitude = models.FloatField(_("震中经度"))
    latitude = models.FloatField(_("震中纬度"))
    depth_km = models.FloatField(_("深度（公里）"), null=True, blank=True)
    magnitude = models.FloatField(_("震级"))
    magnitude_kind = models.CharField(_("震级类型"), max_length=10, blank=True, default="")
    place_name = models.CharField(_("位置"), max_length=200, blank=True, default="")
    agency = models.CharField(_("测定单位"), max_length=200, blank=True, default="")
    estimates_count = models.PositiveIntegerField(_("更新次数"), default=1)
    cancelled = models.BooleanField(_("已取消"), default=False)
    catalogued = models.BooleanField(_("已正式测定"), default=False)
    received_at = models.DateTimeField(_("收到时间"))
    late = models.BooleanField(_("迟到"), default=False)
    exercise = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("地震")
        verbose_name_plural = _("地震")
        ordering = ["-origin_at", "id"]
        indexes = [
            list_index("quake", "origin_at", "magnitude", "cancelled"),
            *sort_indexes("quake", "origin_at", "magnitude"),
        ]

    def __str__(self) -> str:
        return f"M{self.magnitude:.1f} {self.place_name}"


class QuakeEstimate(models.Model):
    """One solution of one earthquake. ``kind``: early warning, catalogue, or cancellation."""

    EARLY, CATALOGUE, CANCEL = "early", "catalogue", "cancel"
    KINDS: ClassVar = {EARLY: _("预警估计"), CATALOGUE: _("目录测定"), CANCEL: _("取消")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    quake = models.ForeignKey(Quake, on_delete=models.CASCADE, related_name="estimates")
    quake_id: UUID
    identifier = models.CharField(max_length=200)
    number = models.PositiveIntegerField(_("第几报"))
    kind = models.CharField(_("种类"), max_length=10, choices=list(KINDS.items()))
    issued_at = models.DateTimeField(_("发布时间"))
    received_at = models.DateTimeField(_("收到时间"))
    origin_at = models.DateTimeField(_("发震时刻"))
    longitude = models.FloatField(_("震中经度"))
    latitude = models.FloatField(_("震中纬度"))
    depth_km = models.FloatField(_("深度（公里）"), null=True, blank=True)
    magnitude = models.FloatField(_("震级"))
    magnitude_kind = models.CharField(_("震级类型"), max_length=10, blank=True, default="")
    agency = models.CharField(_("测定单位"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["quake", "number"]
        constraints = [
            models.UniqueConstraint(fields=["quake", "number"], name="hazards_estimate_number"),
            models.UniqueConstraint(fields=["identifier"], name="hazards_estimate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quake_id} {self.number}"


class HotSpot(Record):
    """One detection of heat by a satellite. ``confidence`` in per cent as its product gives it, or as a class of it stands for."""

    key = models.CharField(max_length=120, unique=True)
    satellite = models.CharField(_("卫星"), max_length=40)
    instrument = models.CharField(_("仪器"), max_length=40, blank=True, default="")
    seen_at = models.DateTimeField(_("观测时间"))
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    confidence = models.PositiveSmallIntegerField(_("置信度（%）"))
    confidence_told = models.CharField(_("原置信度"), max_length=20, blank=True, default="")
    power_mw = models.FloatField(_("辐射功率（MW）"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(_("级别"), choices=LEVELS)
    received_at = models.DateTimeField(_("收到时间"))
    late = models.BooleanField(_("迟到"), default=False)
    exercise = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("热点")
        verbose_name_plural = _("热点")
        ordering = ["-seen_at", "id"]
        indexes = [list_index("hotspot", "seen_at", "level", "confidence"), *sort_indexes("hotspot", "seen_at", "confidence")]

    def __str__(self) -> str:
        return f"{self.satellite} {self.seen_at:%Y-%m-%d %H:%M}"


class GaugeThreshold(Record):
    """From ``value`` on a gauge's reading is a hazard of ``level``, on the days it holds. Readings and units are the sense wing's.

    ``hours``: the sum of rain over so many hours is held against ``value`` (0: the reading as it comes); ``counted``: what a reading of the gauge is.
    """

    COUNTED: ClassVar = {rainfall.AMOUNT: _("上次读数以来的雨量"), rainfall.TOTAL: _("累计雨量（会清零）")}

    sensor = models.ForeignKey("devices.Sensor", verbose_name=_("测点"), on_delete=models.PROTECT, related_name="+")
    sensor_id: UUID
    hazard = models.CharField(_("灾种代码"), max_length=20)
    level = models.PositiveSmallIntegerField(_("级别"), choices=LEVELS[1:])
    value = models.FloatField(_("阈值"))
    hours = models.PositiveSmallIntegerField(_("累计小时数"), default=0)
    counted = models.CharField(_("读数含义"), max_length=8, default=rainfall.AMOUNT, choices=list(COUNTED.items()))
    holds_from = models.DateField(_("起用日期"))
    holds_to = models.DateField(_("停用日期"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=300)
    status = models.CharField(_("核实"), max_length=12, choices=[(code, _(label)) for code, label in rules.STATUSES.items()])
    name = models.CharField(_("名称"), max_length=200)

    class Meta:
        verbose_name = _("雨量水位阈值")
        verbose_name_plural = _("雨量水位阈值")
        ordering = ["sensor", "value"]
        constraints = [models.UniqueConstraint(fields=["sensor", "hazard", "level", "hours", "holds_from"], name="hazards_threshold_once")]
        indexes = [list_index("hgauge", "hazard", "level", "holds_from")]

    def __str__(self) -> str:
        return self.name


class PlantAction(Record):
    """What a plant's device is told to do when shaking of ``intensity`` or more is expected at its place."""

    VERBS: ClassVar = {
        "close_valve": _("关闭阀门"),
        "stop_machine": _("停机"),
        "cut_power": _("断电"),
        "stop_train": _("停止运输"),
        "open_door": _("打开疏散门"),
        "sound_alarm": _("鸣响警报"),
    }

    INTRANET, BROADCAST = "intranet", "broadcast"
    CHANNELS: ClassVar = {INTRANET: _("企业内网接口"), BROADCAST: _("应急广播终端（MQTT）")}

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    name = models.CharField(_("名称"), max_length=120)
    device = models.CharField(_("设备"), max_length=120)
    channel = models.CharField(_("送达方式"), max_length=12, default=INTRANET, choices=list(CHANNELS.items()))
    address = models.CharField(_("接收地址"), max_length=300)
    verb = models.CharField(_("动作"), max_length=20, choices=list(VERBS.items()))
    intensity = models.FloatField(_("触发烈度（度）"))
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("地震自动处置")
        verbose_name_plural = _("地震自动处置")
        ordering = ["name"]
        indexes = [list_index("haction", "name", "active", "verb")]

    def __str__(self) -> str:
        return self.name


class ActionOrder(Record):
    """One message to a plant for one earthquake: do it, or (``recall``) the estimate changed and a person must decide. Never deleted or undone.

    ``message_id``: the message of the channels that carries it; ``carriage``: what was heard of it last, empty while nothing was.
    """

    DO, RECALL = "do", "recall"
    PURPOSES: ClassVar = {DO: _("执行"), RECALL: _("估计已改变，请人工确认是否恢复")}
    SENT, DONE, MISSING, FAILED, UNREACHED, WITHDRAWN = "sent", "done", "missing", "failed", "unreached", "withdrawn"
    STATES: ClassVar = {
        SENT: _("已发出，待确认"),
        DONE: _("已确认"),
        MISSING: _("没有确认"),
        FAILED: _("回报未执行"),
        UNREACHED: _("没有送达"),
        WITHDRAWN: _("未发出即撤回"),
    }
    CARRIAGES: ClassVar = {
        "": _("等待承运方"),
        "delivered": _("设备已收到"),
        "confirmed": _("设备已确认"),
        "failed": _("承运方报告未送达"),
        "expired": _("到期未能发出"),
        "cancelled": _("未发出即停止"),
    }

    plant_action = models.ForeignKey(PlantAction, verbose_name=_("自动处置"), on_delete=models.PROTECT, related_name="orders")
    plant_action_id: UUID
    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    quake = models.ForeignKey(Quake, verbose_name=_("地震"), on_delete=models.PROTECT, related_name="orders")
    quake_id: UUID
    purpose = models.CharField(_("内容"), max_length=10, choices=list(PURPOSES.items()), default=DO)
    state = models.CharField(_("状态"), max_length=10, choices=list(STATES.items()), default=SENT)
    estimate_number = models.PositiveIntegerField(_("第几报"))
    intensity = models.FloatField(_("预计烈度"))
    arrives_at = models.DateTimeField(_("强震动到达"))
    sent_at = models.DateTimeField(_("发出时间"))
    due_at = models.DateTimeField(_("确认期限"))
    answered_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    answered_by = models.CharField(_("确认人"), max_length=100, blank=True, default="")
    remark = models.CharField(_("说明"), max_length=300, blank=True, default="")
    outcome = models.CharField(_("事后评价"), max_length=12, blank=True, default="")
    exercise = models.BooleanField(_("演练"), default=False)
    message_id = models.UUIDField(null=True, blank=True, editable=False)
    carriage = models.CharField(_("送达"), max_length=12, blank=True, default="", choices=list(CARRIAGES.items()))
    carried_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    carriage_reason = models.CharField(_("承运方说明"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("自动处置指令")
        verbose_name_plural = _("自动处置指令")
        ordering = ["-sent_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plant_action", "quake", "purpose", "estimate_number"], name="hazards_order_once"),
        ]
        indexes = [list_index("horder", "sent_at", "state"), *sort_indexes("horder", "sent_at")]

    def __str__(self) -> str:
        return f"{self.plant_action} {self.get_purpose_display()}"


class Outcome(models.Model):
    """What an early warning was worth at one place once the catalogue was there: right, missed, or false."""

    HIT, MISSED, FALSE = "hit", "missed", "false"
    KINDS: ClassVar = {HIT: _("报准"), MISSED: _("漏报"), FALSE: _("误报")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    quake = models.ForeignKey(Quake, on_delete=models.CASCADE, related_name="outcomes")
    quake_id: UUID
    place_code = models.CharField(max_length=9)
    kind = models.CharField(max_length=10, choices=list(KINDS.items()))
    warned = models.FloatField(null=True, blank=True)
    found = models.FloatField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quake", "place_code"], name="hazards_outcome_once")]

    def __str__(self) -> str:
        return f"{self.quake_id} {self.place_code} {self.kind}"
