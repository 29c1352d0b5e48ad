"""The law of consultations 会商: their life, what the agenda is, how two hands write one record, what a decision must say.

Source: 突发事件应对法 art. 40 of the edition of 2007 (what is known of dangers and warnings is gathered and, where needed, consulted on with departments,
technicians and experts); by its place art. 62 of the edition of 2024, unverified. Agendas are the project's own, dated and unverified (``data/agendas.csv``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import STAYS, Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

ACTIONS: dict[str, str] = {
    "consultation.view": N_("查看会商"),
    "consultation.call": N_("召集会商"),
    "consultation.record": N_("记录会商、登记议定事项"),
    "consultation.speak": N_("参加会商、发表意见"),
    "consultation.sign": N_("签发会商纪要"),
}

TABLES = Tables(Path(__file__).parent / "data")

# --- life --------------------------------------------------------------------------------------------------------------------------

CALLED, RUNNING, ENDED, SIGNED, CANCELLED = "called", "running", "ended", "signed", "cancelled"
WRITABLE: Final = (CALLED, RUNNING, ENDED)
"""The record is still being kept."""
_CHANGED = "consultation.changed"

FLOW = Flow(
    code="consultation",
    label=N_("会商"),
    initial=CALLED,
    states=(
        State(CALLED, N_("待召开")),
        State(RUNNING, N_("会商中")),
        State(ENDED, N_("待签发纪要")),
        State(SIGNED, N_("纪要已签发"), final=True),
        State(CANCELLED, N_("已取消"), final=True),
    ),
    moves=(
        Move("begin", N_("开始会商"), (CALLED,), RUNNING, "consultation.record", announces=_CHANGED),
        Move("end", N_("结束会商"), (RUNNING,), ENDED, "consultation.record", announces=_CHANGED),
        Move("resume", N_("继续会商"), (ENDED,), RUNNING, "consultation.record", optional=True, announces=_CHANGED),
        Move("sign", N_("签发纪要"), (ENDED,), SIGNED, "consultation.sign", announces="consultation.signed"),
        Move(
            "cancel",
            N_("取消会商"),
            (CALLED,),
            CANCELLED,
            "consultation.call",
            reason_required=True,
            danger=True,
            optional=True,
            announces=_CHANGED,
        ),
    ),
    acts=(
        Move("correct", N_("更正纪要"), (SIGNED,), STAYS, "consultation.sign", reason_required=True, announces="consultation.signed"),
        Move("reschedule", N_("改期"), (CALLED,), STAYS, "consultation.call", reason_required=True, announces=_CHANGED),
    ),
)

LATE: Final = timedelta(minutes=5)
"""A form that was filled in just now may name a minute that has passed meanwhile (project default)."""

ROLES: dict[str, str] = {"member": N_("参会"), "expert": N_("专家"), "observer": N_("列席"), "recorder": N_("记录员")}
ATTENDANCE: dict[str, str] = {"invited": N_("未到"), "came": N_("到会"), "absent": N_("请假")}
WAYS: dict[str, str] = {"site": N_("现场到会"), "video": N_("视频"), "phone": N_("电话")}
OPINION, DISSENT = "opinion", "dissent"
VOICES: dict[str, str] = {OPINION: N_("发言意见"), DISSENT: N_("不同意见")}

LONGEST_NOTES = 20_000

# --- agendas -----------------------------------------------------------------------------------------------------------------------

GENERAL = "general"


@dataclass(frozen=True, kw_only=True)
class AgendaLine(DatedRule):
    """One item of a standing agenda. ``kinds``: kinds of event it is for, separated by blanks; empty: chosen by hand."""

    template: str
    kinds: str
    name_zh: str
    name_en: str
    number: int
    title_zh: str
    title_en: str


def agendas(day: date) -> dict[str, tuple[AgendaLine, ...]]:
    """Standing agendas in force on a day by their code, each in order."""
    found: dict[str, list[AgendaLine]] = {}
    for row in TABLES.in_force("agendas", AgendaLine, day):
        found.setdefault(row.template, []).append(row)
    return {code: tuple(sorted(rows, key=lambda row: row.number)) for code, rows in found.items()}


def agenda_for(kind: str, day: date) -> str:
    """The standing agenda for a kind of event; the general one where none names it."""
    named = (code for code, rows in agendas(day).items() if kind and kind in rows[0].kinds.split())
    return next(named, GENERAL)


# --- one record, several hands --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """A record after two hands wrote in it. ``both``: they wrote at the same place, and both versions of it stand one below the other."""

    text: str
    both: bool = False


def merged(base: str, theirs: str, mine: str) -> Merged:
    """What two hands made of ``base``, line by line. Nobody's words are lost: lines both have changed stand one below the other, theirs first."""
    if theirs in (base, mine):
        return Merged(mine)
    if mine == base:
        return Merged(theirs)
    out: list[str] = []
    both = False
    for old, other, own in _pieces(base.split("\n"), theirs.split("\n"), mine.split("\n")):
        lines, clash = _joined(old, other, own)
        out += lines
        both = both or clash
    return Merged("\n".join(out), both)


Lines = Sequence[str]


def _pieces(base: Lines, theirs: Lines, mine: Lines) -> Iterator[tuple[Lines, Lines, Lines]]:
    """The three texts cut where all of them agree: what lies between, then what is agreed upon, and so on to the end."""
    at = (0, 0, 0)
    for start, other, own, size in _agreed(base, theirs, mine):
        yield base[at[0] : start], theirs[at[1] : other], mine[at[2] : own]
        if size:
            yield (base[start : start + size],) * 3
        at = (start + size, other + size, own + size)


def _agreed(base: Lines, theirs: Lines, mine: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of ``base`` that both others kept: where they begin in each of the three, and how many lines; last the end, with none."""
    left = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    right = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(left) and j < len(right):
        one, two = left[i], right[j]
        start, end = max(one.a, two.a), min(one.a + one.size, two.a + two.size)
        if start < end:
            yield start, one.b + start - one.a, two.b + start - two.a, end - start
        if one.a + one.size <= two.a + two.size:
            i += 1
        else:
            j += 1
    yield len(base), len(theirs), len(mine), 0


def _joined(old: Lines, other: Lines, own: Lines) -> tuple[list[str], bool]:
    if other in (old, own):
        return list(own), False
    if own == old:
        return list(other), False
    # One hand only wrote before and after what the other changed.
    for kept, changed in ((other, own), (own, other)):
        at = _within(old, kept)
        if at is not None:
            return [*kept[:at], *changed, *kept[at + len(old) :]], False
    return [*other, *(line for line in own if line not in other)], True


def _within(part: Lines, whole: Lines) -> int | None:
    if not part:
        return None
    return next((at for at in range(len(whole) - len(part) + 1) if whole[at : at + len(part)] == part), None)


# --- refusals ------------------------------------------------------------------------------------------------------------------------


class StartsInThePast(Refusal):
    code: ClassVar[str] = "consultation_starts_in_the_past"
    sentence: ClassVar[str] = N_("会商时间已经过去，请填写现在或以后的时间。")
    status: ClassVar[int] = 422


class NobodyInvited(Refusal):
    code: ClassVar[str] = "consultation_nobody_invited"
    sentence: ClassVar[str] = N_("请至少邀请一个单位、岗位或人员参加会商。")
    status: ClassVar[int] = 422


class NoAgenda(Refusal):
    code: ClassVar[str] = "consultation_no_agenda"
    sentence: ClassVar[str] = N_("请至少列出一项议题，每行一项。")
    status: ClassVar[int] = 422


class IncidentOver(Refusal):
    code: ClassVar[str] = "consultation_incident_over"
    sentence: ClassVar[str] = N_("事件已结案，不能再就它召集会商或部署任务；可另行召集不挂接事件的会商。")


class DecisionIncomplete(Refusal):
    code: ClassVar[str] = "consultation_decision_incomplete"
    sentence: ClassVar[str] = N_("议定事项须写明{what}。")
    status: ClassVar[int] = 422


class DayPassed(Refusal):
    code: ClassVar[str] = "consultation_day_passed"
    sentence: ClassVar[str] = N_("完成时限已经过去，请填写以后的时间。")
    status: ClassVar[int] = 422


class NothingSaid(Refusal):
    code: ClassVar[str] = "consultation_nothing_said"
    sentence: ClassVar[str] = N_("请填写内容。")
    status: ClassVar[int] = 422


class RecordClosed(Refusal):
    code: ClassVar[str] = "consultation_record_closed"
    sentence: ClassVar[str] = N_("会商纪要已签发或会商已取消，记录不能再改；签发后的差错请由主持人更正，形成新版本。")


class NotTheChair(Refusal):
    code: ClassVar[str] = "consultation_not_the_chair"
    sentence: ClassVar[str] = N_("纪要由主持人“{name}”签发和更正。")
    status: ClassVar[int] = 403


class NotInvited(Refusal):
    code: ClassVar[str] = "consultation_not_invited"
    sentence: ClassVar[str] = N_("您和您所在岗位、单位不在这次会商的参会名单上。")
    status: ClassVar[int] = 403


class NoPicture(Refusal):
    code: ClassVar[str] = "consultation_no_picture"
    sentence: ClassVar[str] = N_("这台摄像机还没有可用的画面，请检查视频平台，或换一台摄像机。")


class NotAPage(Refusal):
    code: ClassVar[str] = "consultation_not_a_page"
    sentence: ClassVar[str] = N_("请填写本平台页面的地址，以“/”开头。")
    status: ClassVar[int] = 422


class DecisionSettled(Refusal):
    code: ClassVar[str] = "consultation_decision_settled"
    sentence: ClassVar[str] = N_("这项议定事项已办结、已撤销，或已作为事件任务下达，请到任务中办理。")
