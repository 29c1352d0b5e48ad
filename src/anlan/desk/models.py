"""What the desk itself keeps: spreadsheet imports with their problems, and notifications."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.kernel import clock
from anlan.kernel.ids import new_id


class SheetState(models.TextChoices):
    WAITING = "waiting", _("等待检查")
    CHECKING = "checking", _("正在检查")
    CHECKED = "checked", _("检查完成，等待决定")
    WRITE_WAITING = "write_waiting", _("等待写入")
    WRITING = "writing", _("正在写入")
    WRITTEN = "written", _("已写入")
    REFUSED = "refused", _("已全部拒绝")
    CANCELLED = "cancelled", _("已取消")
    UNREADABLE = "unreadable", _("文件无法读取")


RUNNING = (SheetState.WAITING, SheetState.CHECKING, SheetState.WRITE_WAITING, SheetState.WRITING)
"""States in which the background job has something to do."""


class SheetImport(models.Model):
    """One uploaded spreadsheet on its way in. The file itself lies in the node's folder under the import's id until it is decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.CharField(_("对象"), max_length=60)
    state = models.CharField(_("状态"), max_length=16, choices=SheetState.choices, default=SheetState.WAITING)
    file_name = models.CharField(_("文件名"), max_length=200)
    suffix = models.CharField(max_length=5)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    size = models.PositiveBigIntegerField(_("文件大小"))
    # The actor as he was when he asked, for the background job: {"account_id", "name", "post", …, "grants"}.
    actor = models.JSONField(encoder=DjangoJSONEncoder)
    account_id = models.UUIDField(db_index=True)
    place_code = models.CharField(_("行政区划"), max_length=9, blank=True)
    total_rows = models.PositiveIntegerField(_("总行数"), default=0)
    done_rows = models.PositiveIntegerField(_("已处理行数"), default=0)
    bad_rows = models.PositiveIntegerField(_("有问题的行数"), default=0)
    written_rows = models.PositiveIntegerField(_("已写入行数"), default=0)
    ignored_columns = models.JSONField(default=list)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("上传时间"), default=clock.now)
    touched_at = models.DateTimeField(_("最近进展"), default=clock.now)

    class Meta:
        verbose_name = _("批量导入")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["account_id", "resource", "-created_at"], name="desk_sheet_mine")]

    @property
    def good_rows(self) -> int:
        """Rows without a problem, once checked."""
        return self.total_rows - self.bad_rows

    @property
    def is_running(self) -> bool:
        """Whether the background job is at work or about to be."""
        return self.state in RUNNING

    @property
    def percent(self) -> int:
        """Progress of the present step, 0 to 100."""
        return min(100, self.done_rows * 100 // self.total_rows) if self.total_rows else 0


class SheetProblem(models.Model):
    """One reason why one row is refused. The sentence is kept with its facts, so that it shows in the reader's language."""

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(SheetImport, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(_("行号"))
    column = models.CharField(_("列"), max_length=80, blank=True)
    value = models.CharField(_("内容"), max_length=200, blank=True)
    code = models.CharField(_("原因代码"), max_length=60)
    sentence = models.TextField()
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        verbose_name = _("导入问题")
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["sheet", "row", "id"], name="desk_problem_row")]


class Notification(models.Model):
    """Something said to one account in the page. ``event`` is the kind of event it came from; the text is stored ready to read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    event = models.CharField(_("事件"), max_length=80)
    # Chinese source sentence and its facts; translated where it is shown.
    sentence = models.CharField(max_length=300)
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    url = models.CharField(max_length=300, blank=True)
    tone = models.CharField(max_length=8, default="blue")
    exercise = models.BooleanField(default=False)
    # One event makes one notification for one account, however often it is heard.
    once = models.CharField(max_length=160)
    created_at = models.DateTimeField(_("时间"), default=clock.now)
    read_at = models.DateTimeField(_("已读时间"), null=True)

    class Meta:
        verbose_name = _("通知")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["account_id", "once"], name="desk_notification_once")]
        indexes = [
            models.Index(fields=["account_id", "-created_at"], name="desk_notification_mine"),
            models.Index(fields=["account_id"], name="desk_notification_unread", condition=models.Q(read_at__isnull=True)),
        ]
