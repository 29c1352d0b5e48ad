"""The law of onboarding and of the yearly confirmation: states, terms, what is refused. Pure; no clock."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

INVITED, SUBMITTED, RETURNED, ACCEPTED, WITHDRAWN, LAPSED = "invited", "submitted", "returned", "accepted", "withdrawn", "lapsed"
OPEN_STATES = (INVITED, SUBMITTED, RETURNED)
FILLING = (INVITED, RETURNED)
"""States in which the invited enterprise may write."""

FLOW = Flow(
    code="enterprise_invitation",
    label=N_("企业入驻"),
    initial=INVITED,
    states=(
        State(INVITED, N_("待企业填报")),
        State(SUBMITTED, N_("待审核")),
        State(RETURNED, N_("已退回修改")),
        State(ACCEPTED, N_("已入驻"), final=True),
        State(WITHDRAWN, N_("已撤销"), final=True),
        State(LAPSED, N_("链接已过期"), final=True),
    ),
    moves=(
        # Done by whoever holds the link, in the name of the platform: nobody's post grants it.
        Move("submit", N_("提交"), FILLING, SUBMITTED, "enterprises.join", optional=True, announces="enterprises.invitation"),
        Move("accept", N_("审核通过"), (SUBMITTED,), ACCEPTED, "enterprises.register", announces="enterprises.invitation"),
        Move(
            "return",
            N_("退回修改"),
            (SUBMITTED,),
            RETURNED,
            "enterprises.register",
            requires=("reasons",),
            announces="enterprises.invitation",
        ),
        Move("withdraw", N_("撤销邀请"), OPEN_STATES, WITHDRAWN, "enterprises.register", reason_required=True, danger=True, optional=True),
        Move("lapse", N_("过期"), FILLING, LAPSED, "enterprises.join", optional=True),
    ),
)

TONES: dict[str, str] = {INVITED: "blue", SUBMITTED: "orange", RETURNED: "yellow", ACCEPTED: "green"}
LARGEST_UPLOAD = 5 * 1024 * 1024
MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """A figure of ``data/parameters.csv``."""

    code: str
    value: int
    unit: str


@cache
def _parameters() -> tuple[Parameter, ...]:
    return load_rules(Path(__file__).parent / "data" / "parameters.csv", Parameter)


def parameter(code: str, day: date) -> int:
    """A figure in force on ``day``. Raises ``KeyError`` for one that the table does not have."""
    for row in in_force(_parameters(), day):
        if row.code == code:
            return row.value
    raise KeyError(code)


def new_token() -> str:
    """192 random bits for a link; the table keeps :func:`digest_of` it alone."""
    return secrets.token_urlsafe(24)


def digest_of(token: str) -> str:
    """SHA-256 of a link's token. The token is random, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


class LinkDead(Refusal):
    code: ClassVar[str] = "join_link_dead"
    sentence: ClassVar[str] = N_("邀请链接无效、已用完或已过期，请联系邀请您的监管部门重新发送。")
    status: ClassVar[int] = 404


class JoinTooFast(Refusal):
    code: ClassVar[str] = "join_too_fast"
    sentence: ClassVar[str] = N_("操作过于频繁，请过一分钟再试。已保存的内容不会丢失。")
    status: ClassVar[int] = 429


class AlreadySubmitted(Refusal):
    code: ClassVar[str] = "join_submitted"
    sentence: ClassVar[str] = N_("已提交，审核期间不能修改。如需更正，请联系监管部门退回。")


class InvitedAlready(Refusal):
    code: ClassVar[str] = "invited_already"
    sentence: ClassVar[str] = N_("统一社会信用代码 {uscc} 已有未办结的邀请，请打开原邀请重新生成链接。")


class NothingToReturn(Refusal):
    code: ClassVar[str] = "nothing_to_return"
    sentence: ClassVar[str] = N_("请至少对一项写明退回原因，企业才知道改哪里。")
    status: ClassVar[int] = 422


class UploadTooLarge(Refusal):
    code: ClassVar[str] = "join_upload_too_large"
    sentence: ClassVar[str] = N_("文件超过 {limit} MB，请拆开后分次上传。")
    status: ClassVar[int] = 422
