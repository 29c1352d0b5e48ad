"""Tables of duty: shifts, the handover with its two signatures, and the log, which only grows."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.duty import rules
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record, place_index


class DutyShift(Record):
    """Who is on duty from when to when, in which capacity."""

    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    account = models.ForeignKey("people.Account", verbose_name=_("值班人"), on_delete=models.PROTECT, related_name="+")
    account_id: UUID
    kind = models.CharField(_("班次类型"), max_length=10, choices=[(k, _(v)) for k, v in rules.SHIFT_KINDS.items()])
    post = models.CharField(_("岗位"), max_length=64, blank=True, default="")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    rota = models.ForeignKey("duty.Rota", verbose_name=_("轮值表"), on_delete=models.PROTECT, related_name="shifts", null=True)
    rota_id: UUID | None
    # Exchanged between two people: a rota that is published again leaves it alone.
    swapped = models.BooleanField(_("已换班"), default=False)

    class Meta:
        verbose_name = _("值班班次")
        verbose_name_plural = _("值班班次")
        ordering = ["starts_at", "kind"]
        indexes = [
            place_index("duty_shift"),
            models.Index(fields=["ends_at"], name="duty_shift_end"),
            models.Index(fields=["account", "starts_at"], name="duty_shift_whose"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="duty_shift_ends_later")]


class Rota(Record):
    """Turns of a pattern from one day to another, with the people who take them in turn.

    ``queues``: ids of accounts by kind of shift, in the order of turns. Each kind of day calls the same people by a queue of its own.
    """

    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    name = models.CharField(_("名称"), max_length=80)
    pattern = models.CharField(_("班制"), max_length=32)
    starts_on = models.DateField(_("起始日期"))
    ends_on = models.DateField(_("截止日期"))
    rest_hours = models.PositiveSmallIntegerField(_("两班最短间隔（小时）"), default=24)
    queues = models.JSONField(_("轮值顺序"), default=dict)
    published_at = models.DateTimeField(_("发布时间"), null=True)
    published_by_name = models.CharField(_("发布人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("轮值表")
        verbose_name_plural = _("轮值表")
        ordering = ["-starts_on"]
        indexes = [place_index("duty_rota"), models.Index(fields=["ends_on"], name="duty_rota_end")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="duty_rota_ends_later")]

    def __str__(self) -> str:
        return self.name


class Absence(Record):
    """Somebody cannot take a duty, from a moment until before another."""

    account = models.ForeignKey("people.Account", verbose_name=_("人员"), on_delete=models.PROTECT, related_name="+")
    account_id: UUID
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    why = models.CharField(_("事由"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("请假外出")
        verbose_name_plural = _("请假外出")
        ordering = ["-starts_at"]
        indexes = [place_index("duty_absence"), models.Index(fields=["-starts_at"], name="duty_absence_start")]
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="duty_absence_ends_later")]

    def __str__(self) -> str:
        return self.account.display_name


class Swap(Case):
    """One person asks another to take a shift of his, for one of the other's or for nothing.

    The two shifts are named by what they were; the rows may be planned anew before anybody answers.
    """

    flow: ClassVar[Flow] = rules.SWAP_FLOW

    title = models.CharField(_("班次"), max_length=120)
    shift = models.ForeignKey(DutyShift, on_delete=models.SET_NULL, related_name="+", null=True)
    shift_id: UUID | None
    in_return = models.ForeignKey(DutyShift, on_delete=models.SET_NULL, related_name="+", null=True)
    in_return_id: UUID | None
    in_return_title = models.CharField(_("对换班次"), max_length=120, blank=True, default="")
    asked_by_id = models.UUIDField()
    asked_by_name = models.CharField(_("申请人"), max_length=100)
    asked_of_id = models.UUIDField()
    asked_of_name = models.CharField(_("对方"), max_length=100)
    why = models.CharField(_("事由"), max_length=200, blank=True, default="")
    decided_by_name = models.CharField(_("审批人"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("换班申请")
        verbose_name_plural = _("换班申请")
        ordering = ["-opened_at"]
        indexes = [
            place_index("duty_swap"),
            models.Index(fields=["asked_by_id", "-opened_at"], name="duty_swap_by"),
            models.Index(fields=["asked_of_id", "-opened_at"], name="duty_swap_of"),
        ]

    def __str__(self) -> str:
        return self.title


class Handover(Case):
    """One change of shift: a digest of what is open, owed and instructed, signed by both."""

    flow: ClassVar[Flow] = rules.HANDOVER_FLOW

    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+", null=True
    )
    organisation_id: UUID | None
    digest = models.JSONField(_("待办摘要"), default=dict)
    note = models.TextField(_("交班说明"), blank=True, default="")
    handed_by_id = models.UUIDField(null=True)
    handed_by_name = models.CharField(_("交班人"), max_length=100, blank=True, default="")
    handed_at = models.DateTimeField(null=True)
    received_by_id = models.UUIDField(null=True)
    received_by_name = models.CharField(_("接班人"), max_length=100, blank=True, default="")
    received_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("交接班")
        ordering = ["-opened_at"]
        indexes = [place_index("duty_handover")]


class Call(Case):
    """A call that comes in: when it began, what the caller answered as it was typed, and what became of it."""

    flow: ClassVar[Flow] = rules.CALL_FLOW

    event_kind = models.CharField(_("事件类别"), max_length=32, blank=True, default="")
    event_place = models.CharField(_("事发区划"), max_length=9)
    caller = models.CharField(_("来电人姓名、单位"), max_length=120, blank=True, default="")
    phone = models.CharField(_("来电号码"), max_length=40, blank=True, default="")
    answers = models.JSONField(_("问答"), default=dict)
    answered_by_id = models.UUIDField()
    answered_by_name = models.CharField(_("接听人"), max_length=100)
    filing_id = models.UUIDField(null=True)

    personal_columns: ClassVar[frozenset[str]] = frozenset({"caller", "phone", "answers"})

    class Meta:
        verbose_name = _("电话接报")
        verbose_name_plural = _("电话接报")
        ordering = ["-opened_at"]
        indexes = [
            place_index("duty_call"),
            models.Index(fields=["-opened_at"], name="duty_call_time"),
            models.Index(fields=["opened_at"], condition=models.Q(state=rules.ANSWERING), name="duty_call_open"),
        ]


class DutyReport(Case):
    """A daily report of duty 值班日报, or a brief of one event 要情: drawn from what is recorded, edited, signed, then never changed.

    ``sections``: headings with their text, in order.
    """

    flow: ClassVar[Flow] = rules.REPORT_FLOW

    kind = models.CharField(_("类别"), max_length=8, choices=[(k, _(v)) for k, v in rules.REPORT_KINDS.items()])
    title = models.CharField(_("标题"), max_length=160)
    day = models.DateField(_("日期"))
    since = models.DateTimeField(_("起"))
    until = models.DateTimeField(_("止"))
    sections = models.JSONField(_("内容"), default=list)
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    drafted_by_name = models.CharField(_("起草人"), max_length=100)
    issued_by_name = models.CharField(_("签发人"), max_length=100, blank=True, default="")
    issued_at = models.DateTimeField(_("签发时间"), null=True)

    class Meta:
        verbose_name = _("值班日报和要情")
        verbose_name_plural = _("值班日报和要情")
        ordering = ["-day", "-opened_at"]
        indexes = [place_index("duty_report"), models.Index(fields=["-day"], name="duty_report_day")]

    def __str__(self) -> str:
        return self.title


class Ring(Record):
    """Something that rings on the desk of a place until somebody answers; ``told`` are the steps it took: whom, when, who was there."""

    kind = models.CharField(_("事项"), max_length=10, choices=[(k, _(v)) for k, v in rules.RING_KINDS.items()])
    subject_id = models.UUIDField()
    occasion = models.CharField(max_length=160, unique=True)
    title = models.CharField(_("标题"), max_length=160)
    url = models.CharField(max_length=200, blank=True, default="")
    since = models.DateTimeField(_("开始时间"))
    told = models.JSONField(_("提醒经过"), default=list)
    next_at = models.DateTimeField(_("下次提醒"), null=True)
    answered_at = models.DateTimeField(_("应答时间"), null=True)
    answered_by_id = models.UUIDField(null=True)
    answered_by_name = models.CharField(_("应答人"), max_length=100, blank=True, default="")
    exercise = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("值班提醒")
        verbose_name_plural = _("值班提醒")
        ordering = ["since"]
        indexes = [
            place_index("duty_ring"),
            models.Index(fields=["next_at"], condition=models.Q(answered_at__isnull=True), name="duty_ring_due"),
            models.Index(fields=["subject_id"], name="duty_ring_subject"),
            models.Index(fields=["-since"], name="duty_ring_since"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def answer_seconds(self) -> int | None:
        """How long it rang, in seconds; ``None`` while it does."""
        return None if self.answered_at is None else round((self.answered_at - self.since).total_seconds())


class Fault(Record):
    """Something that duty owed and did not do; written by time alone, never removed."""

    kind = models.CharField(_("问题"), max_length=12, choices=[(k, _(v)) for k, v in rules.FAULT_KINDS.items()])
    occasion = models.CharField(max_length=160, unique=True)
    happened_at = models.DateTimeField(_("时间"))
    who = models.CharField(_("当班人"), max_length=200, blank=True, default="")
    detail = models.CharField(_("说明"), max_length=200, blank=True, default="")
    exercise = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("值守问题")
        verbose_name_plural = _("值守问题")
        ordering = ["-happened_at"]
        indexes = [place_index("duty_fault"), models.Index(fields=["-happened_at"], name="duty_fault_time")]

    def __str__(self) -> str:
        return self.detail


class DutyLogEntry(models.Model):
    """One line of the duty log. Never changed: a trigger refuses UPDATE and DELETE; a mistake is corrected by a further line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place_code = models.CharField(max_length=9)
    classification = models.PositiveSmallIntegerField(default=1)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    organisation_id: UUID | None
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=[(k, _(v)) for k, v in rules.ENTRY_KINDS.items()])
    text = models.TextField()
    caller = models.CharField(max_length=120, blank=True, default="")
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    exercise = models.BooleanField(default=False)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("值班日志")
        ordering = ["-at", "-id"]
        indexes = [place_index("duty_log"), models.Index(fields=["-at"], name="duty_log_time")]
