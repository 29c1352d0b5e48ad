"""What is refused of what an enterprise's own system sends, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class SendingRefused(Refusal):
    """Base of the refusals of contents: 422."""

    code: ClassVar[str] = "sending_refused"
    status: ClassVar[int] = 422


class OfEnterpriseOnly(Refusal):
    code: ClassVar[str] = "own_of_enterprise_only"
    sentence: ClassVar[str] = N_("该接口供企业自己的业务系统使用，须用企业岗位的接口凭证或账号访问；监管部门请使用其他数据接口。")
    status: ClassVar[int] = 403


class ExternalIdWrong(SendingRefused):
    code: ClassVar[str] = "external_id_wrong"
    sentence: ClassVar[str] = N_("编号“{value}”不能使用：编号为 1 到 120 个字符，不含“/”和控制字符，首尾不留空格，也不能是 batch。")


class BodyUnreadable(SendingRefused):
    code: ClassVar[str] = "body_unreadable"
    sentence: ClassVar[str] = N_("请求正文应为 UTF-8 编码的 JSON 对象，不含 NaN、Infinity 和空字符，嵌套不要过深。")


class BodyTooLarge(Refusal):
    code: ClassVar[str] = "body_too_large"
    sentence: ClassVar[str] = N_("请求正文超过 {limit} MB，请减少一次报送的项数，或压缩照片后重发。")
    status: ClassVar[int] = 413


class BatchUnreadable(SendingRefused):
    code: ClassVar[str] = "batch_unreadable"
    sentence: ClassVar[str] = N_(
        "批量报送的正文应为 {{“items”: […]}}，每项为 {{“external_id”: 编号, “content”: 内容}}，一次 1 到 {most} 项；请分批发送。"
    )


class FieldUnknown(SendingRefused):
    code: ClassVar[str] = "field_unknown"
    sentence: ClassVar[str] = N_("没有这个字段，请对照接口说明核对名称。")


class FieldNotSent(SendingRefused):
    code: ClassVar[str] = "field_not_sent"
    sentence: ClassVar[str] = N_("业务系统不能报送这个字段：它由监管部门维护，或由人员登录办理（审批、验收、销号、签字）。")


class FieldMissing(SendingRefused):
    code: ClassVar[str] = "field_missing"
    sentence: ClassVar[str] = N_("缺少这个必填字段。")


class FieldMalformed(SendingRefused):
    code: ClassVar[str] = "field_malformed"
    sentence: ClassVar[str] = N_("类型或格式不正确，请对照接口说明核对（{why}）。")


class RevisionReused(Refusal):
    code: ClassVar[str] = "revision_reused"
    sentence: ClassVar[str] = N_("编号“{external_id}”的修订号 {revision} 已用于不同的内容；内容有变化时请使用更大的修订号。")


class NumberedAlready(Refusal):
    code: ClassVar[str] = "numbered_already"
    sentence: ClassVar[str] = N_("这条记录在本系统中已对应编号“{external_id}”，不能再对应另一个编号；请用原编号报送。")


class CursorWrong(SendingRefused):
    code: ClassVar[str] = "cursor_wrong"
    sentence: ClassVar[str] = N_("翻页参数 {name} 不正确：updated_since 为带时区的时间，after 取上一页的 next，limit 为 1 到 {most}。")
