"""The law of boards: who may do what, the states of a board, what fits on it, and every reason for which a change is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "plotting.view": N_("查看标绘图"),
    "plotting.open": N_("新建标绘图"),
    "plotting.draw": N_("在标绘图上标绘"),
    "plotting.manage": N_("关闭标绘图，指定标绘人员"),
}

OPEN, CLOSED = "open", "closed"

FLOW = Flow(
    code="board",
    label=N_("标绘图"),
    initial=OPEN,
    states=(State(OPEN, N_("标绘中")), State(CLOSED, N_("已关闭"), final=True)),
    moves=(Move("close", N_("关闭标绘图"), (OPEN,), CLOSED, "plotting.manage", announces="plotting.changed"),),
)
STATE_TONES: dict[str, str] = {OPEN: "blue", CLOSED: "grey"}

# --- bounds: project defaults, chosen so that a board stays quick on a tablet ------------------------------------------------------

LARGEST_UPDATE = 256 * 1024
"""Bytes of one update, also of one that gathers a long time without connection."""
MOST_OBJECTS = 2000
MOST_POINTS = 2000
"""Corners of one line or area."""
LONGEST_TITLE = 60
LONGEST_REMARK = 500
LONGEST_RADIUS_M = 100_000.0
CHECKPOINT_EVERY = 100
"""A board is read from its last checkpoint and what was drawn since, at most so many updates."""
LATE_AFTER = timedelta(seconds=30)
"""A change that arrives so long after it was made was made without connection and is marked late."""


def is_late(drawn_at: datetime | None, now: datetime) -> bool:
    """Whether a change made at ``drawn_at`` (by the clock of the post; ``None``: not told) arrives late."""
    return drawn_at is not None and now - drawn_at > LATE_AFTER


# --- refusals ----------------------------------------------------------------------------------------------------------------------


class UnreadableUpdate(Refusal):
    code: ClassVar[str] = "plotting_unreadable"
    sentence: ClassVar[str] = N_("收到的标绘数据不能读取，未予接受。请刷新页面后重新标绘。")
    status: ClassVar[int] = 422


class UpdateTooLarge(Refusal):
    code: ClassVar[str] = "plotting_too_large"
    sentence: ClassVar[str] = N_("一次提交的标绘内容过大（{size} KB，最多 {most} KB），请分几次标绘。")
    status: ClassVar[int] = 413


class UpdateHasGap(Refusal):
    code: ClassVar[str] = "plotting_gap"
    sentence: ClassVar[str] = N_("这次标绘所依据的内容尚未送达，未予接受。页面将自动重新同步后再发送。")
    status: ClassVar[int] = 409


class ForeignContent(Refusal):
    code: ClassVar[str] = "plotting_foreign_content"
    sentence: ClassVar[str] = N_("标绘数据中有标绘图不认识的内容（{what}），未予接受。请刷新页面后重新标绘。")
    status: ClassVar[int] = 422


class ForeignHand(Refusal):
    code: ClassVar[str] = "plotting_foreign_hand"
    sentence: ClassVar[str] = N_("标绘数据冒用了另一名用户的编号，未予接受。请刷新页面后重新标绘。")
    status: ClassVar[int] = 403


class WrongValue(Refusal):
    """``object`` and ``field`` name what is wrong, so that everything else of the same update can be sent again."""

    code: ClassVar[str] = "plotting_wrong_value"
    sentence: ClassVar[str] = N_("标绘对象“{title}”的“{label}”不正确：{why}")
    status: ClassVar[int] = 422


class ObjectLocked(Refusal):
    code: ClassVar[str] = "plotting_object_locked"
    sentence: ClassVar[str] = N_("标绘对象“{title}”已由{name}锁定，不能修改。请联系锁定人解锁。")
    status: ClassVar[int] = 409


class BoardFull(Refusal):
    code: ClassVar[str] = "plotting_board_full"
    sentence: ClassVar[str] = N_("一张标绘图最多 {most} 个对象。请删除不再需要的对象，或新建一张标绘图。")


class BoardClosed(Refusal):
    code: ClassVar[str] = "plotting_board_closed"
    sentence: ClassVar[str] = N_("这张标绘图已关闭，不能再标绘。如需继续，请新建标绘图。")


class NotAnEditor(Refusal):
    code: ClassVar[str] = "plotting_not_an_editor"
    sentence: ClassVar[str] = N_("这张标绘图只允许指定人员标绘，您可以查看。如需标绘，请联系新建人{name}。")
    status: ClassVar[int] = 403


class NothingThen(Refusal):
    code: ClassVar[str] = "plotting_nothing_then"
    sentence: ClassVar[str] = N_("没有这个时刻的标绘内容，请选择标绘图新建之后的时间。")
    status: ClassVar[int] = 404
