"""Tables of field units: the unit with its last position, its track, what it says, draws and calls, terminals turned away, shapes for their maps."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.desk.search import sort_indexes
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record, place_index


class FieldUnit(Record):
    """One field unit (现场单元): a person, vehicle or drone with a terminal of the TAK family.

    What the terminal says (device, position, battery …) is written by the port; all else by people. Degrees of WGS-84, m, m/s, per cent.
    """

    uid = models.CharField(_("终端标识"), max_length=200, unique=True)
    callsign = models.CharField(_("呼号"), max_length=100)
    fingerprint = models.CharField(_("证书指纹"), max_length=64, blank=True, default="")
    organisation_id = models.UUIDField(_("所属机构"), null=True, blank=True)
    organisation_name = models.CharField(_("所属机构"), max_length=200, blank=True, default="", editable=False)
    team = models.CharField(_("所属队伍"), max_length=120, blank=True, default="")
    incident_id = models.UUIDField(_("所属事件"), null=True, blank=True, db_index=True)
    active = models.BooleanField(_("启用"), default=True)
    exercise = models.BooleanField(_("演练"), default=False)
    calling = models.BooleanField(_("正在求救"), default=False, editable=False)
    cot_type = models.CharField(_("CoT 类型"), max_length=80, blank=True, default="", editable=False)
    team_colour = models.CharField(_("编组颜色"), max_length=40, blank=True, default="", editable=False)
    role = models.CharField(_("编组角色"), max_length=60, blank=True, default="", editable=False)
    device = models.CharField(_("终端型号"), max_length=120, blank=True, default="", editable=False)
    software = models.CharField(_("终端软件"), max_length=120, blank=True, default="", editable=False)
    heard_at = models.DateTimeField(_("最近通信"), null=True, editable=False)
    position_at = models.DateTimeField(_("定位时间"), null=True, editable=False)
    stale_at = models.DateTimeField(_("位置有效至"), null=True, editable=False)
    longitude = models.FloatField(_("经度"), null=True, editable=False)
    latitude = models.FloatField(_("纬度"), null=True, editable=False)
    height_m = models.FloatField(_("椭球高（m）"), null=True, editable=False)
    accuracy_m = models.FloatField(_("定位误差（m）"), null=True, editable=False)
    speed_m_s = models.FloatField(_("速度（m/s）"), null=True, editable=False)
    course = models.FloatField(_("航向（°）"), null=True, editable=False)
    battery = models.FloatField(_("电量（%）"), null=True, editable=False)

    class Meta:
        verbose_name = _("现场单元")
        verbose_name_plural = _("现场单元")
        ordering = ["callsign", "id"]
        indexes = [
            place_index("field_unit"),
            *sort_indexes("fld", "callsign", "heard_at"),
            models.Index(fields=["longitude", "latitude"], name="field_unit_point"),
        ]

    def __str__(self) -> str:
        return self.callsign


class FieldPosition(models.Model):
    """One position of a unit's track, thinned and bounded."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(FieldUnit, on_delete=models.CASCADE, related_name="track")
    unit_id: UUID
    at = models.DateTimeField(_("定位时间"))
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    speed_m_s = models.FloatField(_("速度（m/s）"), null=True)
    course = models.FloatField(_("航向（°）"), null=True)

    class Meta:
        verbose_name = _("现场单元轨迹")
        constraints = [models.UniqueConstraint(fields=["unit", "at"], name="field_position_once")]


class FieldMessage(Record):
    """One message (GeoChat) from a unit, or to one. ``message_id``: its name on the devices; ``said_at``: by the clock of who wrote it."""

    unit = models.ForeignKey(FieldUnit, on_delete=models.PROTECT, related_name="messages")
    unit_id: UUID
    incident_id = models.UUIDField(_("所属事件"), null=True, db_index=True)
    exercise = models.BooleanField(_("演练"), default=False)
    outgoing = models.BooleanField(_("发给终端"), default=False)
    message_id = models.CharField(max_length=200)
    sender = models.CharField(_("发送人"), max_length=160)
    recipient = models.CharField(_("发给"), max_length=160, blank=True, default="")
    recipient_uid = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(_("内容"))
    cut = models.BooleanField(_("超长截断"), default=False)
    said_at = models.DateTimeField(_("发送时间"))
    at = models.DateTimeField(_("记录时间"))
    late = models.BooleanField(_("迟到"), default=False)
    author_id = models.UUIDField(null=True)
    state = models.CharField(_("状态"), max_length=12)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    class Meta:
        verbose_name = _("现场消息")
        indexes = [
            place_index("field_message"),
            models.Index(fields=["unit", "-at"], name="field_message_newest"),
            models.Index(fields=["at"], condition=models.Q(state="queued"), name="field_message_waiting"),
        ]
        constraints = [models.UniqueConstraint(fields=["unit", "message_id"], name="field_message_once")]


class FieldMark(Record):
    """What a unit drew on its map: a point, a line or an area, in degrees. ``unit``: who drew or changed it last."""

    uid = models.CharField(_("对象标识"), max_length=200, unique=True)
    unit = models.ForeignKey(FieldUnit, on_delete=models.PROTECT, related_name="marks")
    unit_id: UUID
    incident_id = models.UUIDField(_("所属事件"), null=True)
    exercise = models.BooleanField(_("演练"), default=False)
    cot_type = models.CharField(_("CoT 类型"), max_length=80)
    title = models.CharField(_("名称"), max_length=100, blank=True, default="")
    remarks = models.TextField(_("说明"), blank=True, default="")
    colour = models.CharField(_("颜色"), max_length=7)
    geometry = models.JSONField(_("图形"))
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    at = models.DateTimeField(_("标注时间"))
    stale_at = models.DateTimeField(_("有效至"), db_index=True)
    removed_at = models.DateTimeField(_("删除时间"), null=True)

    class Meta:
        verbose_name = _("现场标注")
        indexes = [place_index("field_mark"), models.Index(fields=["west", "south", "east", "north"], name="field_mark_box")]


class FieldCall(Record):
    """One call for help of a unit, until the terminal cancels it or somebody at the desk ends it with what was found."""

    unit = models.ForeignKey(FieldUnit, on_delete=models.PROTECT, related_name="calls")
    unit_id: UUID
    uid = models.CharField(_("对象标识"), max_length=200)
    incident_id = models.UUIDField(_("所属事件"), null=True, db_index=True)
    exercise = models.BooleanField(_("演练"), default=False)
    kind = models.CharField(_("求救类型"), max_length=80)
    text = models.CharField(_("内容"), max_length=500, blank=True, default="")
    longitude = models.FloatField(_("经度"), null=True)
    latitude = models.FloatField(_("纬度"), null=True)
    raised_at = models.DateTimeField(_("求救时间"), db_index=True)
    heard_at = models.DateTimeField(_("最近收到"))
    taken_at = models.DateTimeField(_("知悉时间"), null=True)
    taken_by_id = models.UUIDField(null=True)
    taken_by_name = models.CharField(_("知悉人"), max_length=100, blank=True, default="")
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_how = models.CharField(_("结束方式"), max_length=8, blank=True, default="")
    ended_by_name = models.CharField(_("结束人"), max_length=100, blank=True, default="")
    outcome = models.CharField(_("核实情况"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("现场求救")
        indexes = [place_index("field_call")]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=models.Q(ended_at__isnull=True), name="field_call_one_open"),
        ]


class FieldSource(models.Model):
    """How far a source was sent to the devices' maps: the number of its last update. The row is locked while it is sent: an order for its pictures."""

    source = models.CharField(primary_key=True, max_length=80)
    number = models.BigIntegerField(default=-1)

    class Meta:
        verbose_name = _("下发进度")


class FieldStranger(models.Model):
    """A terminal that was turned away: what it said, why, how often. Never drawn as a unit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uid = models.CharField(_("终端标识"), max_length=200, unique=True)
    callsign = models.CharField(_("呼号"), max_length=100, blank=True, default="")
    fingerprint = models.CharField(_("证书指纹"), max_length=64, blank=True, default="")
    peer = models.CharField(_("来源地址"), max_length=80, blank=True, default="")
    reason = models.CharField(_("原因"), max_length=40)
    first_at = models.DateTimeField(_("首次出现"))
    last_at = models.DateTimeField(_("最近出现"), db_index=True)
    count = models.PositiveIntegerField(_("次数"), default=1)

    class Meta:
        verbose_name = _("未登记终端")


class FieldShape(models.Model):
    """One shape for the devices' maps. ``uid`` is its name there; ``source``: what it was made of, so that a newer answer replaces it.

    ``changed`` grows with each change of any shape: the port asks for what is newer than it has. ``digest``: of its content without the times.
    Without a place it is shown to the units of its incident alone.
    """

    uid = models.CharField(primary_key=True, max_length=200)
    source = models.CharField(max_length=80, db_index=True)
    content = models.BinaryField()
    cot_type = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, default="")
    place_code = models.CharField(max_length=9, blank=True)
    incident_id = models.UUIDField(null=True)
    exercise = models.BooleanField(default=False)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    withdrawn = models.BooleanField(default=False)
    changed = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("下发图形")
