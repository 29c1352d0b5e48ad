"""The law of reaching people: who a key stands for, which number takes which channel, when the next way is tried, when a roll call strikes.

Sources: 突发事件应对法 (2024) art. 17 and 64 (information must reach those it is meant for); how long somebody is waited for is the project's own,
dated and unverified (``data/parameters.csv``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import ClassVar
from uuid import UUID

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import Tables

TABLES = Tables(Path(__file__).parent / "data")

ACTIONS: dict[str, str] = {
    "contact.view": N_("查看通讯录、已发通知和点名结果"),
    "contact.keep": N_("维护通讯录和分组"),
    "contact.send": N_("群发通知、催办和停止发送"),
    "contact.roll": N_("组织值守点名"),
    "contact.receive": N_("接收通知、签收、反馈和应答点名"),
}

# --- notices and their lines -------------------------------------------------------------------------------------------------------

NOTICE, CIRCULAR, ROLL = "notice", "circular", "roll"
KINDS: dict[str, str] = {NOTICE: N_("群发通知"), CIRCULAR: N_("通知公告"), ROLL: N_("值守点名")}

PLANNED, OPEN, CLOSED, STOPPED = "planned", "open", "closed", "stopped"
FLOW = Flow(
    code="contact_notice",
    label=N_("通知"),
    initial=PLANNED,
    states=(
        State(PLANNED, N_("待发出")),
        State(OPEN, N_("进行中")),
        State(CLOSED, N_("已结束"), final=True),
        State(STOPPED, N_("已停止"), final=True),
    ),
    moves=(
        Move("start", N_("发出"), (PLANNED,), OPEN, "contact.send", optional=True, announces="contact.changed"),
        Move("close", N_("结束"), (OPEN,), CLOSED, "contact.send", optional=True, announces="contact.changed"),
        Move(
            "stop",
            N_("停止发送"),
            (PLANNED, OPEN),
            STOPPED,
            "contact.send",
            reason_required=True,
            danger=True,
            optional=True,
            announces="contact.changed",
        ),
    ),
)

WAITING, TELLING, TOLD, CONFIRMED, SILENT, NOBODY, NO_WAY, DROPPED = (
    "waiting",
    "telling",
    "told",
    "confirmed",
    "silent",
    "nobody",
    "no_way",
    "dropped",
)
LINE_STATES: dict[str, str] = {
    WAITING: N_("未到时间"),
    TELLING: N_("正在联系"),
    TOLD: N_("已告知"),
    CONFIRMED: N_("已确认"),
    SILENT: N_("无应答"),
    NOBODY: N_("无人在岗"),
    NO_WAY: N_("没有可用号码"),
    DROPPED: N_("已停止"),
}
UNSETTLED = (WAITING, TELLING)
ANSWERABLE = (WAITING, TELLING, TOLD, SILENT, NO_WAY)
"""States in which an answer is still taken: whoever is late is late, and heard all the same."""
WAYS: dict[str, str] = {"page": N_("页面"), "sms": N_("短信"), "voice": N_("语音外呼"), "email": N_("电子邮件"), "person": N_("人工电话")}
CHANNELS: dict[str, str] = {code: WAYS[code] for code in ("page", "sms", "voice", "email")}
"""Ways in the order in which they are offered. ``person`` is nobody's channel: somebody called and wrote down what he heard."""
ATTEMPT_STATES: dict[str, str] = {
    "sent": N_("已交出"),
    "delivered": N_("已送达"),
    "confirmed": N_("本人确认"),
    "failed": N_("未送达"),
    "expired": N_("超时未送"),
    "cancelled": N_("已停止"),
}
LOST = frozenset({"failed", "expired"})


def minutes(code: str, day: date) -> timedelta:
    """A waiting time in force on a day."""
    return timedelta(minutes=TABLES.parameter(code, day))


# --- numbers -----------------------------------------------------------------------------------------------------------------------

_MOBILE = re.compile(r"1[3-9]\d{9}")
_FIXED = re.compile(r"0\d{2,3}\d{7,8}")
_SHORT = re.compile(r"(1\d{2}|1\d{4}|95\d{3}|96\d{3,4}|400\d{7})")
MISSING, INVALID = "missing", "invalid"
NUMBER_FAULTS: dict[str, str] = {MISSING: N_("没有号码"), INVALID: N_("号码无效")}


def plain_number(text: str) -> str:
    """A number as it is dialled: digits only, without the country's code. What stands behind an extension mark is left out."""
    digits = re.sub(r"\D", "", re.split(r"[转#xX,;；，、/]", text, maxsplit=1)[0])
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and _MOBILE.fullmatch(digits[len(prefix) :]):
            return digits[len(prefix) :]
    return digits


def number_fault(text: str) -> str:
    """What is wrong with a number (``missing``, ``invalid``), empty when it can be dialled. Mobile numbers have 11 digits, others an area code."""
    digits = plain_number(text)
    if not text.strip():
        return MISSING
    return "" if any(form.fullmatch(digits) for form in (_MOBILE, _FIXED, _SHORT)) else INVALID


def takes_text(text: str) -> bool:
    """Whether a number takes text messages: mobiles only."""
    return _MOBILE.fullmatch(plain_number(text)) is not None


# --- whom ---------------------------------------------------------------------------------------------------------------------------

PERSONAL = frozenset({"account", "contact", "enterprise", "resource"})
"""Only those of one's own jurisdiction are told in person; a post or a duty telephone may be called on anywhere."""
KEYS: dict[str, str] = {
    "account": N_("人员"),
    "duty": N_("值班岗位"),
    "organisation": N_("单位值班电话"),
    "contact": N_("外部联系人"),
    "enterprise": N_("企业"),
    "resource": N_("应急资源联系人"),
    "group": N_("分组"),
}


class BadKey(Refusal):
    code: ClassVar[str] = "contact.bad_key"
    sentence: ClassVar[str] = N_("“{key}”不是通讯录中的对象，请重新选择接收人。")
    status: ClassVar[int] = 422


class NobodyChosen(Refusal):
    code: ClassVar[str] = "contact.nobody_chosen"
    sentence: ClassVar[str] = N_("请至少选择一个接收人。")
    status: ClassVar[int] = 422


class NoChannel(Refusal):
    code: ClassVar[str] = "contact.no_channel"
    sentence: ClassVar[str] = N_("请至少选择一个渠道（页面、短信、语音外呼、电子邮件）。")
    status: ClassVar[int] = 422


class BadNumber(Refusal):
    code: ClassVar[str] = "contact.bad_number"
    sentence: ClassVar[str] = N_("号码“{number}”无效：手机号须为 11 位，座机须带区号。")
    status: ClassVar[int] = 422


class OutOfReach(Refusal):
    code: ClassVar[str] = "contact.out_of_reach"
    sentence: ClassVar[str] = N_("“{name}”不在您的管辖范围内。可改为通知其所在单位的值班岗位或值班电话。")
    status: ClassVar[int] = 403


class BadTime(Refusal):
    code: ClassVar[str] = "contact.bad_time"
    sentence: ClassVar[str] = N_("时间不对：结束时间须晚于开始时间，且不早于现在。")
    status: ClassVar[int] = 422


class NotYours(Refusal):
    code: ClassVar[str] = "contact.not_yours"
    sentence: ClassVar[str] = N_("这条通知不是发给您或您所在岗位的，不能代为签收。")
    status: ClassVar[int] = 403


class OffDuty(Refusal):
    code: ClassVar[str] = "contact.off_duty"
    sentence: ClassVar[str] = N_("点名由在岗值班人员应答，您此刻不在值班表上。")
    status: ClassVar[int] = 403


class AnswerNeeded(Refusal):
    code: ClassVar[str] = "contact.answer_needed"
    sentence: ClassVar[str] = N_("这条通知要求书面反馈，请填写反馈内容。")
    status: ClassVar[int] = 422


class NoLongerOpen(Refusal):
    code: ClassVar[str] = "contact.no_longer_open"
    sentence: ClassVar[str] = N_("这条通知已结束或已停止，不能再办理。")


def parse_key(key: str) -> tuple[str, str]:
    """``kind:name`` of whoever is meant. Raises :class:`BadKey`."""
    kind, _colon, name = key.strip().partition(":")
    good = kind in KEYS and (re.fullmatch(r"\d{6}|\d{9}", name) is not None if kind == "duty" else _is_id(name))
    if not good:
        raise BadKey(key=key[:60])
    return kind, name


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


@dataclass(frozen=True)
class Reachable:
    """Somebody who can be told, or a post with nobody on it (``nobody``). ``key`` names who was meant, ``post`` in which capacity."""

    key: str
    name: str
    place_code: str
    post: str = ""
    phone: str = ""
    email: str = ""
    account_id: UUID | None = None
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    nobody: bool = False

    def ways(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The channels among ``wanted`` that reach him, in that order."""
        has = {
            "page": self.account_id is not None or self.organisation_id is not None,
            "sms": takes_text(self.phone),
            "voice": not number_fault(self.phone),
            "email": "@" in self.email,
        }
        return tuple(code for code in wanted if has.get(code))


def each_once(people: Iterable[Reachable]) -> list[Reachable]:
    """Nobody twice: the same account, or the same number, stands in the list once, where it came first. Posts without anybody stay, one for each post."""
    seen: set[str] = set()
    kept: list[Reachable] = []
    for person in people:
        marks = {f"account:{person.account_id}"} if person.account_id else set()
        if not number_fault(person.phone):
            marks.add(f"phone:{plain_number(person.phone)}")
        marks = marks or {person.key}
        if marks & seen:
            continue
        seen |= marks
        kept.append(person)
    return kept


# --- roll calls ---------------------------------------------------------------------------------------------------------------------


def strike_at(seed: str, key: str, begins: datetime, ends: datetime) -> datetime:
    """When a post is called within a window: to the second by SHA-256 of the seed and the key, so that anybody may prove it afterwards."""
    seconds = max(int((ends - begins).total_seconds()), 0)
    return begins + timedelta(seconds=int(sha256(f"{seed}:{key}".encode()).hexdigest(), 16) % (seconds + 1))


def seal(seed: str) -> str:
    """What is shown of a seed before the window has passed: its SHA-256, which fixes it without telling the moments."""
    return sha256(seed.encode()).hexdigest()


@dataclass(frozen=True)
class Tally:
    """What became of the lines of one notice, or of the calls of a month."""

    people: int
    confirmed: int
    told: int
    waiting: int
    silent: int
    nobody: int
    no_way: int
    seconds: int | None
    """Median of the response times in seconds; ``None`` when nobody answered."""

    @property
    def rate(self) -> float | None:
        """Share of confirmations among all lines that were called, in per cent."""
        called = self.people - self.waiting
        return round(100 * self.confirmed / called, 1) if called else None


def tally(states: Sequence[str], seconds: Collection[int] = ()) -> Tally:
    """Count states of lines."""
    return Tally(
        people=len(states),
        confirmed=states.count(CONFIRMED),
        told=states.count(TOLD),
        waiting=sum(states.count(each) for each in UNSETTLED),
        silent=states.count(SILENT),
        nobody=states.count(NOBODY),
        no_way=states.count(NO_WAY),
        seconds=round(median(seconds)) if seconds else None,
    )
