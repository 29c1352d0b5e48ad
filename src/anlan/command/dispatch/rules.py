"""The law of mutual aid and of people on scene: what a bureau asks of another, who went in, who must report, who must come out.

Sources: 突发事件应对法 (2024) art. 73 and 76 (the people's government in command may call in and ask for help); the figures are the
project's own, dated and unverified (``data/parameters.csv``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import STAYS, Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import Tables

TABLES = Tables(Path(__file__).parent / "data")

ACTIONS: dict[str, str] = {
    "dispatch.view": N_("查看增援和现场人员"),
    "dispatch.request": N_("请求增援、确认到场和归队"),
    "dispatch.answer": N_("答复增援请求、派出力量"),
    "dispatch.account": N_("登记进出现场、报告安全"),
    "dispatch.signal": N_("发出撤离信号"),
}

# --- mutual aid --------------------------------------------------------------------------------------------------------------------

OPEN, ENDED, WITHDRAWN = "open", "ended", "withdrawn"

REQUEST_FLOW = Flow(
    code="aid_request",
    label=N_("增援请求"),
    initial=OPEN,
    states=(State(OPEN, N_("求援中")), State(ENDED, N_("已结束"), final=True), State(WITHDRAWN, N_("已撤回"), final=True)),
    moves=(
        Move("end", N_("结束增援"), (OPEN,), ENDED, "dispatch.request", announces="dispatch.aid_changed"),
        Move(
            "withdraw",
            N_("撤回请求"),
            (OPEN,),
            WITHDRAWN,
            "dispatch.request",
            reason_required=True,
            danger=True,
            announces="dispatch.aid_changed",
        ),
    ),
)

ASKED, OFFERED, SENT, BACK, DECLINED, CALLED_OFF = "asked", "offered", "sent", "back", "declined", "called_off"
PENDING = (ASKED, OFFERED)
ANSWER_CLOCK, ANSWER_LABEL = "aid_answer", N_("答复增援请求")

ANSWER_FLOW = Flow(
    code="aid_answer",
    label=N_("增援答复"),
    initial=ASKED,
    states=(
        State(ASKED, N_("待答复")),
        State(OFFERED, N_("可以增援")),
        State(SENT, N_("已派出")),
        State(BACK, N_("已归队"), final=True),
        State(DECLINED, N_("不能增援"), final=True),
        State(CALLED_OFF, N_("已撤销"), final=True),
    ),
    moves=(
        Move("offer", N_("可以增援"), (ASKED,), OFFERED, "dispatch.answer", requires=("offer", "phone"), announces="dispatch.aid_changed"),
        Move(
            "decline",
            N_("不能增援"),
            PENDING,
            DECLINED,
            "dispatch.answer",
            reason_required=True,
            danger=True,
            announces="dispatch.aid_changed",
        ),
        # Nothing leaves before the bureau that asked has agreed to what was offered.
        Move("send", N_("派出"), (OFFERED,), SENT, "dispatch.answer", requires=("agreed_at",), announces="dispatch.aid_changed"),
        Move("back", N_("归队"), (SENT,), BACK, "dispatch.answer", requires=("released_at",), announces="dispatch.aid_changed"),
        Move("call_off", N_("撤销"), PENDING, CALLED_OFF, "dispatch.answer", reason_required=True, danger=True),
    ),
    field_labels={
        "offer": N_("可派力量"),
        "phone": N_("联系电话"),
        "agreed_at": N_("请求方同意"),
        "released_at": N_("请求方放归"),
    },
)

# --- people on scene ---------------------------------------------------------------------------------------------------------------

INSIDE, OUT = "inside", "out"
ZONES: dict[str, str] = {"hot": N_("热区（危险区）"), "warm": N_("温区（缓冲区）"), "cold": N_("冷区（安全区）")}

PRESENCE_FLOW = Flow(
    code="presence",
    label=N_("现场人员"),
    initial=INSIDE,
    states=(State(INSIDE, N_("在内")), State(OUT, N_("已撤出"), final=True)),
    moves=(Move("leave", N_("撤出"), (INSIDE,), OUT, "dispatch.account", announces="dispatch.scene_changed"),),
    acts=(Move("check_in", N_("报告安全"), (INSIDE,), STAYS, "dispatch.account", announces="dispatch.scene_changed"),),
)

SIGNALLED, ACCOUNTED, REVOKED = "signalled", "accounted", "revoked"

SIGNAL_FLOW = Flow(
    code="all_out",
    label=N_("撤离信号"),
    initial=SIGNALLED,
    states=(
        State(SIGNALLED, N_("清点中")),
        State(ACCOUNTED, N_("人员已清点齐"), final=True),
        State(REVOKED, N_("已解除"), final=True),
    ),
    moves=(
        Move("account", N_("清点齐"), (SIGNALLED,), ACCOUNTED, "dispatch.account", announces="dispatch.scene_changed"),
        Move(
            "revoke",
            N_("解除信号"),
            (SIGNALLED,),
            REVOKED,
            "dispatch.signal",
            reason_required=True,
            danger=True,
            announces="dispatch.scene_changed",
        ),
    ),
)

MOST_RINGS = 3
"""First whoever leads on scene and the duty officers, then the leaders, then the leaders again: by then somebody is taken for missing."""


def rings_due(due: datetime, now: datetime, again: timedelta) -> int:
    """How often an overdue check-in (or roll) must have rung by ``now``: first at ``due``, then each ``again``, three times at most."""
    return 0 if now < due else min(MOST_RINGS, 1 + (now - due) // again)


# --- refusals ----------------------------------------------------------------------------------------------------------------------


class NobodyAsked(Refusal):
    code: ClassVar[str] = "dispatch_nobody_asked"
    sentence: ClassVar[str] = N_("请至少选择一个其他单位请求增援。")
    status: ClassVar[int] = 422


class NeededInThePast(Refusal):
    code: ClassVar[str] = "dispatch_needed_in_the_past"
    sentence: ClassVar[str] = N_("需要到场的时间须晚于当前时间。")
    status: ClassVar[int] = 422


class NotYetAgreed(Refusal):
    code: ClassVar[str] = "dispatch_not_yet_agreed"
    sentence: ClassVar[str] = N_("{unit}还没有提出可派力量，不能同意。")


class NotSent(Refusal):
    code: ClassVar[str] = "dispatch_not_sent"
    sentence: ClassVar[str] = N_("{unit}的力量没有派出，不能登记到场或放归。")


class AidStillOut(Refusal):
    code: ClassVar[str] = "dispatch_aid_still_out"
    sentence: ClassVar[str] = N_("以下单位的力量还在现场或途中：{units}。请先放归，归队后再结束。")


class AlreadyInside(Refusal):
    code: ClassVar[str] = "dispatch_already_inside"
    sentence: ClassVar[str] = N_("“{who}”已登记在“{sector}”内，请先登记撤出。")


class SectorCleared(Refusal):
    code: ClassVar[str] = "dispatch_sector_cleared"
    sentence: ClassVar[str] = N_("撤离信号未解除，不能再登记进入“{sector}”。")
