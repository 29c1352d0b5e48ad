"""Tables of contact: saved contacts and groups, notices, one line for each who is told, and every attempt to reach him."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.command.contact import rules
from anlan.desk.search import PinyinKeyField, SearchableRecord, SearchFields, search_index
from anlan.kernel.flow import Flow
from anlan.kernel.ids import new_id
from anlan.ledger.records import Case, Record, place_index


class Contact(Record, SearchableRecord):
    """Somebody outside: a hospital, a grid company, a newspaper."""

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name", "phone", "email"})

    name = models.CharField(_("姓名"), max_length=60)
    name_key = PinyinKeyField("name")
    unit = models.CharField(_("所在单位"), max_length=120, blank=True, default="")
    duty = models.CharField(_("职务"), max_length=60, blank=True, default="")
    phone = models.CharField(_("电话"), max_length=30)
    email = models.EmailField(_("电子邮箱"), blank=True, default="")
    remark = models.CharField(_("备注"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("外部联系人")
        verbose_name_plural = _("外部联系人")
        ordering = ["name_key", "id"]
        indexes = [search_index(), place_index("contact_contact"), models.Index(fields=["name_key", "id"], name="contact_contact_name")]

    def __str__(self) -> str:
        return self.name

    def search_fields(self) -> SearchFields:
        """Found by name, pinyin, unit and number."""
        return SearchFields(names=(self.name, self.unit), texts=(self.duty,), codes=(rules.plain_number(self.phone),))


class Group(Record):
    """People and posts who are told together. A post is resolved when it is told: whoever is on duty then. ``shared``: for everybody of the place."""

    name = models.CharField(_("分组名称"), max_length=60)
    members = models.JSONField(_("成员"), default=list)
    shared = models.BooleanField(_("共享给本地其他人员"), default=False)
    owner_id = models.UUIDField()
    owner_name = models.CharField(_("建立人"), max_length=100)

    class Meta:
        verbose_name = _("通讯分组")
        verbose_name_plural = _("通讯分组")
        ordering = ["name", "id"]
        indexes = [place_index("contact_group")]
        constraints = [models.UniqueConstraint(fields=["place_code", "owner_id", "name"], name="contact_group_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        """How many members are listed."""
        return len(self.members)


class Notice(Case):
    """Something that is said to people and posts, and who has confirmed it. ``place_code``: of the bureau that says it."""

    flow: ClassVar[Flow] = rules.FLOW

    kind = models.CharField(_("类别"), max_length=10, choices=[(k, _(v)) for k, v in rules.KINDS.items()])
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("内容"), blank=True, default="")
    whom = models.JSONField(_("接收对象"), default=list)
    channels = models.JSONField(_("渠道"), default=list)
    together = models.BooleanField(_("各渠道同时发送"), default=False)
    ask_receipt = models.BooleanField(_("要求签收"), default=True)
    ask_answer = models.BooleanField(_("要求反馈"), default=False)
    conference = models.BooleanField(_("附会议链接"), default=False)
    # A meeting has one room however often people are asked to it; empty: the notice has a room of its own.
    meeting_id = models.UUIDField(null=True)
    meeting_at = models.DateTimeField(_("会议时间"), null=True)
    due_at = models.DateTimeField(_("反馈截止"), null=True, blank=True)
    step_minutes = models.PositiveSmallIntegerField(_("无确认时换渠道（分钟）"))
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True, db_index=True)
    subject_title = models.CharField(_("相关事项"), max_length=160, blank=True, default="")
    edition = models.PositiveSmallIntegerField(_("版本"), default=1)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("代替"))
    # Of a roll call: the window, and the seed that fixes when within it each post is called.
    begins_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("窗口结束"), null=True, blank=True)
    seed = models.CharField(max_length=32, blank=True, default="")
    sent_by_id = models.UUIDField()
    sent_by_name = models.CharField(_("发出人"), max_length=100)
    organisation_name = models.CharField(_("发出单位"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-opened_at", "-id"]
        indexes = [place_index("contact_notice"), models.Index(fields=["kind", "-opened_at"], name="contact_notice_kind")]

    def __str__(self) -> str:
        return self.title


class Line(Record):
    """One receiver of a notice: told how, when, what he answered. ``place_code`` and ``enterprise_id`` are the receiver's."""

    personal_columns: ClassVar[frozenset[str]] = frozenset({"phone", "email"})

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="lines")
    notice_id: UUID
    key = models.CharField(max_length=60)
    name = models.CharField(_("接收人"), max_length=120)
    post = models.CharField(_("岗位"), max_length=120, blank=True, default="")
    phone = models.CharField(_("电话"), max_length=60, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    account_id = models.UUIDField(null=True, db_index=True)
    organisation_id = models.UUIDField(null=True, db_index=True)
    enterprise_id = models.UUIDField(null=True, db_index=True)
    ways = models.JSONField(default=list)
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(_("状态"), max_length=10, choices=[(k, _(v)) for k, v in rules.LINE_STATES.items()], default=rules.WAITING)
    next_at = models.DateTimeField(_("下一步时间"), null=True)
    called_at = models.DateTimeField(_("首次联系"), null=True)
    told_at = models.DateTimeField(_("送达时间"), null=True)
    told_by = models.CharField(_("送达渠道"), max_length=10, blank=True, default="", choices=[(k, _(v)) for k, v in rules.WAYS.items()])
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    confirmed_by = models.CharField(
        _("确认渠道"), max_length=10, blank=True, default="", choices=[(k, _(v)) for k, v in rules.WAYS.items()]
    )
    confirmed_name = models.CharField(_("确认人"), max_length=100, blank=True, default="")
    seconds = models.PositiveIntegerField(_("应答用时（秒）"), null=True)
    answer = models.TextField(_("反馈内容"), blank=True, default="")
    whereabouts = models.CharField(_("应答地点"), max_length=120, blank=True, default="")
    urged = models.PositiveSmallIntegerField(_("催办次数"), default=0)
    leader_told_at = models.DateTimeField(_("报带班领导"), null=True)
    leader_names = models.CharField(_("带班领导"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("接收情况")
        verbose_name_plural = _("接收情况")
        ordering = ["place_code", "name", "id"]
        indexes = [
            place_index("contact_line"),
            models.Index(fields=["next_at"], name="contact_line_next", condition=models.Q(next_at__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["notice", "key", "name", "phone"], name="contact_line_once")]

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """One way that was tried with one receiver. ``reason``: why it failed, as the carrier said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="attempts")
    line_id: UUID
    channel = models.CharField(max_length=10, choices=[(k, _(v)) for k, v in rules.WAYS.items()])
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(k, _(v)) for k, v in rules.ATTEMPT_STATES.items()], default="sent")
    heard_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    by_name = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("联系记录")
        ordering = ["at", "id"]
