"""What public opinion refuses."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class PostEmpty(Refusal):
    code: ClassVar[str] = "opinion_post_empty"
    sentence: ClassVar[str] = N_("帖文没有标题也没有正文，没有收下。")
    status: ClassVar[int] = 422


class FieldTooLong(Refusal):
    code: ClassVar[str] = "opinion_field_too_long"
    sentence: ClassVar[str] = N_("“{field}”有 {size} 个字符，超过上限 {limit}。")
    status: ClassVar[int] = 422


class FieldMissing(Refusal):
    code: ClassVar[str] = "opinion_field_missing"
    sentence: ClassVar[str] = N_("缺少“{field}”。")
    status: ClassVar[int] = 422


class NotAText(Refusal):
    code: ClassVar[str] = "opinion_not_a_text"
    sentence: ClassVar[str] = N_("“{field}”应为文字。")
    status: ClassVar[int] = 422


class NotAMoment(Refusal):
    code: ClassVar[str] = "opinion_not_a_moment"
    sentence: ClassVar[str] = N_("“{value}”不是时刻，应写成 2026-11-26 09:30 或带时区的 ISO 8601。")
    status: ClassVar[int] = 422


class NotACount(Refusal):
    code: ClassVar[str] = "opinion_not_a_count"
    sentence: ClassVar[str] = N_("“{field}”应为不小于 0 的整数，收到的是“{value}”。")
    status: ClassVar[int] = 422


class NotAnAddress(Refusal):
    code: ClassVar[str] = "opinion_not_an_address"
    sentence: ClassVar[str] = N_("“{value}”不是 http 或 https 地址。")
    status: ClassVar[int] = 422


class NoSuchAuthorType(Refusal):
    code: ClassVar[str] = "opinion_no_such_author_type"
    sentence: ClassVar[str] = N_("账号类型“{value}”不认识，可填：政务账号、新闻媒体、企业、个人、不详。")
    status: ClassVar[int] = 422


class WrittenAhead(Refusal):
    code: ClassVar[str] = "opinion_written_ahead"
    sentence: ClassVar[str] = N_("发布时间 {at} 比现在晚，没有收下；请核对采集方时钟。")
    status: ClassVar[int] = 422


class TooOld(Refusal):
    code: ClassVar[str] = "opinion_too_old"
    sentence: ClassVar[str] = N_("发布时间 {at} 早于 {days} 天前，没有收下。")
    status: ClassVar[int] = 422


class NotPosts(Refusal):
    code: ClassVar[str] = "opinion_not_posts"
    sentence: ClassVar[str] = N_('请求内容不是帖文：应为 JSON 对象，或对象的数组，或 {{"posts": [...]}}。')
    status: ClassVar[int] = 422


class TooManyPosts(Refusal):
    code: ClassVar[str] = "opinion_too_many_posts"
    sentence: ClassVar[str] = N_("一次最多收 {limit} 条，收到 {number} 条，请分几次发送。")
    status: ClassVar[int] = 413


class NothingChosen(Refusal):
    code: ClassVar[str] = "opinion_nothing_chosen"
    sentence: ClassVar[str] = N_("请先勾选帖文。")
    status: ClassVar[int] = 422


class WouldBeEmpty(Refusal):
    code: ClassVar[str] = "opinion_would_be_empty"
    sentence: ClassVar[str] = N_("不能把事件的全部帖文都移走；如与另一事件是同一件事，请用“合并”。")
    status: ClassVar[int] = 422


class SameTopic(Refusal):
    code: ClassVar[str] = "opinion_same_topic"
    sentence: ClassVar[str] = N_("帖文已在该事件中，或选的是同一个事件。")
    status: ClassVar[int] = 422


class TopicMerged(Refusal):
    code: ClassVar[str] = "opinion_topic_merged"
    sentence: ClassVar[str] = N_("该事件已并入“{title}”，请在那里办理。")


class MovedSince(Refusal):
    code: ClassVar[str] = "opinion_moved_since"
    sentence: ClassVar[str] = N_("此后又有人移动过其中的帖文，不能撤销；请手工移动。")


class AlreadyUndone(Refusal):
    code: ClassVar[str] = "opinion_already_undone"
    sentence: ClassVar[str] = N_("已由 {name} 撤销。")


class GroundsMissing(Refusal):
    code: ClassVar[str] = "opinion_grounds_missing"
    sentence: ClassVar[str] = N_("请写明依据：向谁核实、核实到什么。")
    status: ClassVar[int] = 422


class NoSuchVerdict(Refusal):
    code: ClassVar[str] = "opinion_no_such_verdict"
    sentence: ClassVar[str] = N_("请选择核查结论。")
    status: ClassVar[int] = 422


class NoSuchKind(Refusal):
    code: ClassVar[str] = "opinion_no_such_kind"
    sentence: ClassVar[str] = N_("请选择类别。")
    status: ClassVar[int] = 422


class NoSuchPlace(Refusal):
    code: ClassVar[str] = "opinion_no_such_place"
    sentence: ClassVar[str] = N_("行政区划代码“{code}”不在现行代码表中。")
    status: ClassVar[int] = 422


class ReasonMissing(Refusal):
    code: ClassVar[str] = "opinion_reason_missing"
    sentence: ClassVar[str] = N_("请写明原因。")
    status: ClassVar[int] = 422
