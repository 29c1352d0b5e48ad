"""What is said, to whom, over which carrier, and what became of it.

``channels_delivery`` holds one row for each address of each message: a million of them in minutes. It is written by COPY, claimed and settled in
batches of plain SQL (:mod:`.engine`), and never through the ORM row by row.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.kernel.ids import new_id
from anlan.ledger.records import Record, place_index
from anlan.warn.channels.rules import State


class DispatchState(models.TextChoices):
    SENT = "sent", _("已发出")
    FAILED = "failed", _("未发出")


class Dispatch(models.Model):
    """One bulletin over one channel that readers come for themselves (page, feed), once."""

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


class Carrier(Record):
    """Who carries messages of one channel: a gateway, a mail server, a broker. Secrets stay outside; ``secret`` names where (see ``adapters.secrets``)."""

    name = models.CharField(_("名称"), max_length=80)
    channel = models.CharField(_("渠道"), max_length=20)
    adapter = models.CharField(_("接入方式"), max_length=20)
    endpoint = models.CharField(_("接口地址"), max_length=300, blank=True, default="")
    options = models.JSONField(_("接口参数"), default=dict, blank=True)
    secret = models.CharField(_("密钥名称"), max_length=60, blank=True, default="")
    enabled = models.BooleanField(_("启用"), default=True)
    order = models.PositiveSmallIntegerField(_("先后"), default=1)
    rate_per_s = models.PositiveIntegerField(_("每秒上限（条）"), null=True, blank=True)
    batch_size = models.PositiveIntegerField(_("每批条数"), default=500)
    cost_fen = models.DecimalField(_("每段费用（分）"), max_digits=8, decimal_places=2, null=True, blank=True)
    last_ok_at = models.DateTimeField(_("最近一次成功"), null=True, editable=False)
    failing_since = models.DateTimeField(_("失败开始时间"), null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    closed_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("最近一次错误"), max_length=300, blank=True, default="", editable=False)
    contradictions = models.PositiveIntegerField(_("不可信回执"), default=0, editable=False)

    class Meta:
        verbose_name = _("承运方")
        verbose_name_plural = _("承运方")
        ordering = ["channel", "order", "name"]
        indexes = [place_index("channels_carrier")]

    def __str__(self) -> str:
        return self.name


class Trial(models.Model):
    """One test of a carrier: a text to one address that somebody typed. The address is kept masked."""

    SENT, DELIVERED, FAILED = "sent", "delivered", "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="trials")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=100)
    address = models.CharField(max_length=60)
    answer = models.CharField(max_length=12, blank=True, default="")
    ref = models.CharField(max_length=70, blank=True, default="", db_collation="C")
    reason = models.CharField(max_length=300, blank=True, default="")
    told = models.CharField(max_length=12, blank=True, default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("测试发送")
        ordering = ["-at"]
        indexes = [models.Index(fields=["carrier", "-at"], name="channels_trial_of")]


class Message(Record):
    """What is said once to many: a bulletin, or a notice of another room. ``once`` keeps one occasion from being said twice."""

    SENDING, DONE, STOPPED, EXPIRED = "sending", "done", "stopped", "expired"
    STATES = ((SENDING, _("发送中")), (DONE, _("发送完毕")), (STOPPED, _("已停止")), (EXPIRED, _("已到期")))

    once = models.CharField(max_length=160, unique=True)
    source_kind = models.CharField(_("来源"), max_length=40)
    source_id = models.UUIDField(null=True, db_index=True)
    title = models.CharField(_("标题"), max_length=200)
    level = models.CharField(_("级别"), max_length=8, blank=True, default="")
    texts = models.JSONField(default=dict)
    area = models.JSONField(default=dict)
    kinds = models.JSONField(null=True)
    allowed = models.JSONField(null=True)
    exercise = models.BooleanField(_("演练"), default=False)
    test = models.BooleanField(_("测试"), default=False)
    approved_at = models.DateTimeField(_("批准时间"))
    expires = models.DateTimeField(_("失效时间"))
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=SENDING)
    planned_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(_("人数"), default=0)
    without_address = models.PositiveIntegerField(default=0)
    sharing = models.PositiveIntegerField(default=0)
    first_handed_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=100, blank=True, default="")
    data = models.JSONField(null=True)
    confirm = models.BooleanField(default=False)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("消息")
        ordering = ["-approved_at"]
        indexes = [
            place_index("channels_message"),
            models.Index(fields=["-approved_at"], name="channels_message_approved"),
            models.Index(fields=["expires"], name="channels_message_sending", condition=Q(state="sending")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def inside(self) -> bool:
        """Whether it must never leave to real receivers."""
        return self.exercise or self.test


class Batch(models.Model):
    """What a worker claimed for one carrier in one stroke, written before anything is sent: the trace of a worker that died in the middle.

    It also finds its deliveries again (``ids``), so that what changes in them needs no index: ``look_at`` is when the first of them is looked at
    again, ``unclear`` whether any is of unknown outcome.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    carrier_id: UUID
    worker = models.BigIntegerField()
    size = models.PositiveIntegerField()
    ids = ArrayField(models.BigIntegerField(), default=list)
    claimed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    cost_fen = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    look_at = models.DateTimeField(null=True)
    unclear = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["claimed_at"], name="channels_batch_open", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["look_at"], name="channels_batch_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["carrier"], name="channels_batch_unclear", condition=Q(unclear=True)),
        ]


class Delivery(models.Model):
    """One message to one address over one channel. ``address`` makes it once: two people who share a telephone are told once.

    Nothing that changes with its state is indexed and pages are left half empty, so that a change rewrites a row in its place (docs/adr/0063).
    """

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", db_index=False)
    message_id: UUID
    recipient_id = models.UUIDField(null=True)
    place_code = models.CharField(max_length=9)
    role = models.CharField(max_length=24)
    channel = models.CharField(max_length=12, db_collation="C")
    address = models.CharField(max_length=254, db_collation="C")
    language = models.CharField(max_length=3)
    step = models.PositiveSmallIntegerField()
    inside = models.BooleanField()
    priority = models.PositiveSmallIntegerField()
    needs_confirmation = models.BooleanField()
    state = models.PositiveSmallIntegerField(default=int(State.PLANNED))
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    carrier_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    carrier_ref = models.CharField(max_length=70, blank=True, default="", db_collation="C")
    handed_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    follow_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "channel", "address"], name="channels_delivery_once")]
        indexes = [
            models.Index(fields=["not_before"], name="channels_delivery_later", condition=Q(not_before__isnull=False)),
            models.Index(fields=["recipient_id", "message"], name="channels_delivery_person"),
            models.Index(fields=["carrier_ref"], name="channels_delivery_ref", condition=~Q(carrier_ref="")),
        ]


class Queued(models.Model):
    """A planned delivery in the order in which carriers take it; gone once it is claimed.

    ``turn`` counts the parts in which its message was planned: the first part of a second warning goes before the rest of a million of the same
    urgency.
    """

    pk = models.CompositePrimaryKey("channel", "inside", "priority", "turn", "delivery_id")
    channel = models.CharField(max_length=12, db_collation="C")
    inside = models.BooleanField()
    priority = models.PositiveSmallIntegerField()
    turn = models.PositiveSmallIntegerField()
    delivery_id = models.BigIntegerField()
    message_id = models.UUIDField()


class Watch(models.Model):
    """A delivery that another room waits to hear of, and what it was told last. Gone once there is nothing more to tell."""

    delivery_id = models.BigIntegerField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    told = models.PositiveSmallIntegerField(default=int(State.PLANNED))


class CallState(models.TextChoices):
    WAITING = "waiting", _("待叫应")
    REACHED = "reached", _("已叫应")
    ENDED = "ended", _("已终止")


class Call(Record):
    """Somebody whom no channel reached and a human must: who is to call, since when, and when it goes one step up (叫应)."""

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name", "phone", "needs", "longitude", "latitude"})

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="calls")
    message_id: UUID
    recipient_id = models.UUIDField(null=True)
    name = models.CharField(_("姓名"), max_length=60)
    role = models.CharField(_("角色"), max_length=24)
    phone = models.CharField(_("电话"), max_length=20, blank=True, default="")
    needs = models.CharField(_("特殊需要"), max_length=60, blank=True, default="")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    why = models.CharField(_("原因"), max_length=120, blank=True, default="")
    tier = models.PositiveSmallIntegerField(_("层级"), default=0)
    rises_at = models.DateTimeField(null=True)
    state = models.CharField(_("状态"), max_length=8, choices=CallState.choices, default=CallState.WAITING)
    reached_at = models.DateTimeField(null=True)
    reached_by = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("叫应")
        constraints = [models.UniqueConstraint(fields=["message", "recipient_id"], name="channels_call_once")]
        indexes = [
            place_index("channels_call"),
            models.Index(fields=["rises_at"], name="channels_call_rises", condition=Q(state="waiting", rises_at__isnull=False)),
        ]


class CallAttempt(models.Model):
    """One attempt to reach somebody, by whom and with what outcome; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    account_id = models.UUIDField()
    by_name = models.CharField(max_length=100)
    outcome = models.CharField(max_length=12)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["at"]


class CallLink(models.Model):
    """A way to one call list for somebody without an account: whoever opens it first has it, on that telephone alone, until its message ends.

    Only digests are kept. ``place_code``: whose people it shows; ``recipient_id``: for whom it was made.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    message_id: UUID
    recipient_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=60)
    place_code = models.CharField(max_length=9)
    token_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
