"""Tables of devices: credentials, devices, measuring points, their thresholds by date, and maintenance."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, search_index, sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record, place_index
from anlan.sense.devices import rules


def _choices(table: dict) -> list[tuple[object, object]]:
    return [(value, _(label)) for value, label in table.items()]


class NextChannel(models.Func):
    """The next free channel number, drawn by the database."""

    function = "nextval"
    template = "nextval('devices_channel')"
    output_field = models.IntegerField()


class DeviceCredential(Record):
    """What an enterprise's equipment signs in with (MQTT user name and secret). Only a salted digest of the secret is kept.

    The secret is a random token of 256 bits, so that one round of SHA-256 suffices and a thousand devices may sign in per second.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    username = models.CharField(_("接入用户名"), max_length=64, unique=True)
    label = models.CharField(_("用途"), max_length=120, blank=True, default="")
    state = models.CharField(_("状态"), max_length=10, choices=_choices(rules.CREDENTIAL_STATES), default=rules.ACTIVE)
    salt = models.CharField(max_length=32, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    # The secret before the last rotation stays valid for a while, so that equipment can be changed one by one.
    previous_salt = models.CharField(max_length=32, editable=False, blank=True, default="")
    previous_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    previous_until = models.DateTimeField(_("旧密钥失效时间"), null=True, blank=True)
    rotated_at = models.DateTimeField(_("密钥更换时间"))
    # What everything behind the credential may send together in a minute; 0 = as much as it likes.
    messages_per_minute = models.PositiveIntegerField(_("每分钟报文限额"), default=0)
    readings_per_minute = models.PositiveIntegerField(_("每分钟读数限额"), default=0)

    class Meta:
        verbose_name = _("接入凭证")
        verbose_name_plural = _("接入凭证")
        ordering = ["username"]
        indexes = [place_index("devices_credential")]

    def __str__(self) -> str:
        return self.username


class Device(SearchableRecord, Record):
    """One piece of equipment that sends readings; its code is the last level of its MQTT topic."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    site = models.ForeignKey("enterprises.Site", verbose_name=_("厂区"), on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    site_id: UUID | None
    risk_source = models.ForeignKey(
        "risksources.RiskSource",
        verbose_name=_("危险源"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    risk_source_id: UUID | None
    credential = models.ForeignKey(
        DeviceCredential,
        verbose_name=_("接入凭证"),
        on_delete=models.PROTECT,
        related_name="devices",
        null=True,
        blank=True,
    )
    code = models.CharField(_("设备编号"), max_length=64)
    name = models.CharField(_("设备名称"), max_length=120)
    name_key = PinyinKeyField("name")
    device_class = models.CharField(_("设备类型"), max_length=24, choices=_choices(rules.DEVICE_CLASSES))
    state = models.CharField(_("状态"), max_length=10, choices=_choices(rules.DEVICE_STATES), default=rules.IN_USE)
    manufacturer = models.CharField(_("生产厂家"), max_length=120, blank=True, default="")
    model_number = models.CharField(_("型号"), max_length=120, blank=True, default="")
    location_note = models.CharField(_("安装位置"), max_length=200, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    commissioned_on = models.DateField(_("投用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("设备")
        verbose_name_plural = _("设备")
        ordering = ["enterprise_id", "code"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "code"], name="devices_device_code_once")]
        indexes = [
            search_index(),
            *sort_indexes("dev", "name_key", "code", "updated_at"),
            place_index("devices_device"),
            models.Index(fields=["longitude", "latitude"], name="devices_device_point"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def search_fields(self) -> SearchFields:
        """What a device is found by."""
        return SearchFields(names=(self.name,), texts=(self.manufacturer, self.location_note), codes=(self.code, self.model_number))


class Sensor(SearchableRecord, Record):
    """One measuring point (测点) of a device. ``channel`` is its short number on the stream and in the telemetry store, for ever."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey(Device, verbose_name=_("设备"), on_delete=models.PROTECT, related_name="sensors")
    code = models.CharField(_("测点编号"), max_length=64)
    name = models.CharField(_("测点名称"), max_length=120)
    name_key = PinyinKeyField("name")
    sensor_class = models.CharField(_("测点类别"), max_length=40)
    unit = models.CharField(_("计量单位"), max_length=24)
    channel = models.IntegerField(_("通道号"), unique=True, editable=False, db_default=NextChannel())
    # Measuring range of this instrument; empty = the plausible range of its class.
    range_low = models.FloatField(_("量程下限"), null=True, blank=True)
    range_high = models.FloatField(_("量程上限"), null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(_("小数位数"), default=2)
    in_use = models.BooleanField(_("在用"), default=True)
    # Empty = the interval of its class, where there is one (data/calibration_intervals.csv).
    calibration_days = models.PositiveIntegerField(_("校准周期（天）"), null=True, blank=True)
    calibrated_on = models.DateField(_("上次校准日期"), null=True, blank=True, editable=False)
    calibration_due = models.DateField(_("校准到期日"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("测点")
        verbose_name_plural = _("测点")
        ordering = ["device_id", "code"]
        constraints = [models.UniqueConstraint(fields=["device", "code"], name="devices_sensor_code_once")]
        indexes = [search_index(), *sort_indexes("sen", "name_key", "updated_at", "calibration_due"), place_index("devices_sensor")]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def search_fields(self) -> SearchFields:
        """What a measuring point is found by."""
        return SearchFields(names=(self.name,), codes=(self.code,))


class DeviceAddress(Record):
    """One name of a device in a field protocol: who calls under it is this device, or where the platform fetches what it has.

    Only a slow salted digest of the secret is kept; see :mod:`anlan.wire.addresses`. A key that must be used again is kept enciphered.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey(Device, verbose_name=_("设备"), on_delete=models.PROTECT, related_name="addresses")
    device_id: UUID
    protocol = models.CharField(_("协议"), max_length=12, choices=_choices(rules.PROTOCOLS))
    address = models.CharField(_("地址"), max_length=255, db_collation="C")
    open = models.BooleanField(_("不核对密码"), default=False)
    salt = models.CharField(max_length=32, editable=False, blank=True, default="")
    secret_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    previous_salt = models.CharField(max_length=32, editable=False, blank=True, default="")
    previous_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    previous_until = models.DateTimeField(_("旧密钥失效时间"), null=True, blank=True, editable=False)
    rotated_at = models.DateTimeField(_("密钥更换时间"), null=True, blank=True, editable=False)
    interval_s = models.FloatField(_("采集间隔（秒）"), default=10.0)
    # What opens enciphered data areas (HJ 212-2025): enciphered with the node's own secret, see :mod:`anlan.wire.keys`.
    key_sealed = models.BinaryField(editable=False, default=b"")
    key_set_at = models.DateTimeField(_("SM4 密钥设置时间"), null=True, blank=True, editable=False)
    key_set_by = models.CharField(_("SM4 密钥设置人"), max_length=100, blank=True, default="", editable=False)
    previous_key_sealed = models.BinaryField(editable=False, default=b"")
    previous_key_until = models.DateTimeField(_("旧 SM4 密钥失效时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("现场协议地址")
        verbose_name_plural = _("现场协议地址")
        ordering = ["protocol", "address"]
        constraints = [models.UniqueConstraint(fields=["protocol", "address"], name="devices_address_once")]
        indexes = [place_index("devices_address")]

    def __str__(self) -> str:
        return f"{self.protocol} {self.address}"


class AddressPoint(models.Model):
    """How a protocol names a measuring point, and how its raw value becomes one in the point's unit: ``raw * scale + offset``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.ForeignKey(DeviceAddress, on_delete=models.CASCADE, related_name="points")
    sensor = models.ForeignKey(Sensor, verbose_name=_("测点"), on_delete=models.CASCADE, related_name="+")
    sensor_id: UUID
    code = models.CharField(_("协议中的代码"), max_length=120)
    scale = models.FloatField(_("倍率"), default=1.0)
    offset = models.FloatField(_("偏移"), default=0.0)
    form = models.CharField(_("数据类型"), max_length=8, blank=True, default="")
    order = models.CharField(_("字序"), max_length=8, default="big")
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["address_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["address", "code"], name="devices_address_code_once"),
            models.UniqueConstraint(fields=["address", "sensor"], name="devices_address_sensor_once"),
        ]


class DeviceLink(models.Model):
    """Whether the line to a device stands, as the stream last told; see :mod:`anlan.wire.links`. Derived data: it is no record and no change."""

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.CASCADE, related_name="link")
    device_id: UUID
    state = models.CharField(_("状态"), max_length=8, choices=_choices({key: rules.LINK_STATES[key] for key in (rules.UP, rules.DOWN)}))
    since = models.DateTimeField(_("开始时间"))
    heard = models.DateTimeField(_("最近通信时间"), null=True)
    protocol = models.CharField(_("协议"), max_length=12)
    reason = models.CharField(_("原因"), max_length=60, blank=True, default="")
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)


class OverQuota(models.Model):
    """What of a credential lay beyond its quota, as the stream last told: derived data, no record and no change.

    ``messages``: so far, refused by gateways and, by MQTT, used all the same; ``since``: beginning of the run of minutes that goes on.
    """

    credential = models.OneToOneField(DeviceCredential, primary_key=True, on_delete=models.CASCADE, related_name="over_quota")
    credential_id: UUID
    messages = models.BigIntegerField(_("超限报文数"))
    since = models.DateTimeField(_("开始时间"))
    last_at = models.DateTimeField(_("最近一次"), db_index=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)


class Calibration(Record):
    """One calibration (检定或校准) of a measuring point, with its result. None is ever changed or removed."""

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    sensor = models.ForeignKey(Sensor, verbose_name=_("测点"), on_delete=models.PROTECT, related_name="calibrations")
    calibrated_on = models.DateField(_("校准日期"))
    result = models.CharField(_("结果"), max_length=8, choices=_choices(rules.CALIBRATION_RESULTS))
    performed_by = models.CharField(_("校准单位"), max_length=120)
    certificate = models.CharField(_("证书编号"), max_length=80, blank=True, default="")
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    recorded_by = models.CharField(_("登记人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("校准记录")
        verbose_name_plural = _("校准记录")
        ordering = ["-calibrated_on", "-created_at"]
        indexes = [place_index("devices_calibration"), models.Index(fields=["sensor", "calibrated_on"], name="devices_calibration_sensor")]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.calibrated_on}"


class ThresholdSet(models.Model):
    """All limits of one measuring point in force from a day on. A new set ends the one before; none is ever changed or removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sensor = models.ForeignKey(Sensor, verbose_name=_("测点"), on_delete=models.PROTECT, related_name="threshold_sets")
    effective_from = models.DateField(_("生效日期"))
    effective_to = models.DateField(_("失效日期"), null=True, blank=True)
    basis = models.CharField(_("阈值依据"), max_length=12, choices=_choices(rules.THRESHOLD_SOURCES))
    source = models.CharField(_("来源"), max_length=200)
    status = models.CharField(_("核实情况"), max_length=12, choices=_choices(rules.STATUSES), default="unverified")
    set_by = models.CharField(_("设定人"), max_length=100, blank=True, default="")
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("阈值")
        verbose_name_plural = _("阈值")
        ordering = ["sensor_id", "-effective_from", "-created_at"]
        indexes = [models.Index(fields=["sensor", "effective_from"], name="devices_threshold_sensor")]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.effective_from}"


class Threshold(models.Model):
    """One limit of a set; see :class:`anlan.sense.devices.rules.Limit` for its meaning."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    threshold_set = models.ForeignKey(ThresholdSet, on_delete=models.CASCADE, related_name="limits")
    kind = models.CharField(_("限值类别"), max_length=2, choices=_choices(rules.KIND_LABELS))
    limit = models.FloatField(_("限值"))
    hysteresis = models.FloatField(_("回差"), default=0.0)
    dwell_s = models.FloatField(_("延时（秒）"), default=0.0)
    level = models.PositiveSmallIntegerField(_("报警级别"), choices=_choices(rules.LEVELS))

    class Meta:
        ordering = ["threshold_set_id", "-limit"]
        constraints = [models.UniqueConstraint(fields=["threshold_set", "kind"], name="devices_threshold_kind_once")]


class MaintenanceWindow(Record):
    """A time in which a device is worked on: its readings are stored and marked, and raise no alarm.

    Of the kind ``exercise`` it is a time in which the device may mark its readings as an exercise (演练); it silences nothing then.
    ``announcement``: the same for all devices for which an exercise was announced at once.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", verbose_name=_("企业"), on_delete=models.PROTECT, related_name="+")
    enterprise_id: UUID
    device = models.ForeignKey(Device, verbose_name=_("设备"), on_delete=models.PROTECT, related_name="windows")
    kind = models.CharField(_("类别"), max_length=12, choices=_choices(rules.WINDOW_KINDS), default=rules.MAINTENANCE)
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("结束时间"))
    reason = models.CharField(_("事由"), max_length=200)
    approved_by = models.CharField(_("登记人"), max_length=100, blank=True, default="")
    ended_by = models.CharField(_("提前结束人"), max_length=100, blank=True, default="", editable=False)
    announcement = models.UUIDField(_("演练通告"), null=True, blank=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("检修、校准与演练")
        verbose_name_plural = _("检修、校准与演练")
        ordering = ["-since"]
        indexes = [place_index("devices_window"), models.Index(fields=["device", "until"], name="devices_window_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.since:%Y-%m-%d %H:%M}"
