"""The law of public opinion: words, cues and figures as dated data; verdicts; what counts as a material change; heat. No Django, no clock.

Nothing here is true of an event: it is what people write. Every table is a project default until somebody who knows the place has changed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables, in_force
from anlan.sense.opinion.extraction.clauses import Cues
from anlan.sense.opinion.extraction.kinds import Vocabulary

ACTIONS: dict[str, str] = {
    "opinion.view": N_("查看舆情"),
    "opinion.import": N_("导入帖文"),
    "opinion.arrange": N_("移动、拆分和合并舆情事件，确认或改正推测"),
    "opinion.judge": N_("作出核查结论"),
    "opinion.link": N_("把舆情关联到报送和突发事件"),
    "opinion.view_personal": N_("查看帖文中的姓名、电话和个人账号"),
    "opinion.erase": N_("删除帖文内容"),
}
FEEDABLE: tuple[str, ...] = ("opinion.import",)
"""What an interface key for a post of a bureau may bring in: sayings of strangers, which nobody in the bureau answers for."""

CHINA = ZoneInfo("Asia/Shanghai")

PENDING, TRUE, FALSE, PARTLY = "pending", "true", "false", "partly"
VERDICTS: dict[str, str] = {PENDING: N_("待核实"), TRUE: N_("属实"), FALSE: N_("不实（谣言）"), PARTLY: N_("部分属实")}
VERDICT_TONES: dict[str, str] = {PENDING: "yellow", TRUE: "blue", FALSE: "red", PARTLY: "orange"}
"""A verdict is given by a person alone; an event without one has the empty code."""

AUTHOR_TYPES: dict[str, str] = {
    "official": N_("政务账号"),
    "media": N_("新闻媒体"),
    "company": N_("企业"),
    "person": N_("个人"),
    "unknown": N_("不详"),
}
PRIVATE_AUTHORS = ("person", "unknown")
STANCES: dict[str, str] = {
    "told": N_("说到"),
    "unsure": N_("存疑地说到"),
    "denied": N_("否认（辟谣）"),
    "negated": N_("说没有"),
    "exercise": N_("演练"),
    "past": N_("往事"),
    "might": N_("提醒或假设"),
}
CONFIDENCES: dict[str, str] = {"high": N_("较可靠"), "medium": N_("中等可靠"), "low": N_("不可靠")}
CASUALTIES: dict[str, str] = {
    "dead": N_("死亡"),
    "injured": N_("受伤"),
    "missing": N_("失联"),
    "trapped": N_("被困"),
    "moved": N_("疏散"),
    "harmed": N_("伤亡"),
}
GRAVE = ("dead", "missing", "trapped", "injured", "harmed")
"""Classes of casualties of which the duty officer is told."""
PLACE_REASONS: dict[str, str] = {
    "path": N_("上级地名紧挨着写在前面"),
    "near": N_("文中另有同一地区的地名"),
    "home": N_("在本节点辖区内"),
    "source": N_("发布者所在地相符"),
    "only": N_("全国只有一处同名"),
}
JOIN_REASONS: dict[str, str] = {
    "first": N_("没有相近的事件，单独成为一件"),
    "copy": N_("文字相似度 {percent}%，视为转载"),
    "kind": N_("类别相同：{kind}"),
    "place": N_("地点相合：{place}"),
    "enterprise": N_("提到同一企业：{name}"),
    "time": N_("时间相近：相差 {hours} 小时"),
    "alike": N_("文字相似度 {percent}%"),
    "person": N_("由 {name} 归入"),
}
MATCH_REASONS: dict[str, str] = {"enterprise": N_("同一企业")}


@dataclass(frozen=True, kw_only=True)
class Kind(DatedRule):
    """A kind of event, by the code that information reporting uses."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Word(DatedRule):
    """A word that speaks for a kind; from 3 on it says the kind by itself."""

    kind: str
    word: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class Figure(DatedRule):
    """A phrase in which a word means something else."""

    phrase: str


@dataclass(frozen=True, kw_only=True)
class Cue(DatedRule):
    """A word that says how its clause, sentence or text is meant (:class:`~anlan.sense.opinion.extraction.clauses.Cues`)."""

    cue: str
    word: str


@dataclass(frozen=True, kw_only=True)
class CommonName(DatedRule):
    """A short name of a place that is an everyday word as well."""

    name: str


TABLES = Tables(Path(__file__).parent / "data")
table, parameter = TABLES.rows, TABLES.parameter


@cache
def kinds() -> dict[str, Kind]:
    """Kinds by code, in their order."""
    return {row.code: row for row in table("kinds", Kind)}


@cache
def vocabulary(on: date) -> Vocabulary:
    """The words in force on a day."""
    words = [(row.kind, row.word, row.weight) for row in in_force(table("words", Word), on)]
    return Vocabulary.of(words, [row.phrase for row in in_force(table("figures", Figure), on)])


@cache
def cues(on: date) -> Cues:
    """The cues in force on a day."""
    words: dict[str, list[str]] = defaultdict(list)
    for row in in_force(table("cues", Cue), on):
        words[row.cue].append(row.word)
    return Cues.of(words)


@cache
def common_names(on: date) -> frozenset[str]:
    """Names of places that are everyday words."""
    return frozenset(row.name for row in in_force(table("common_names", CommonName), on))


def heat(lately: int, before: int) -> int:
    """How hot an event is: posts of the last span × (these + 1) ÷ (posts of the span before + 1), rounded down. Steady talk is as hot as it is loud."""
    return lately * (lately + 1) // (before + 1)


def figures_of(casualties: Mapping[str, Mapping[str, int | None]]) -> dict[str, int]:
    """The greatest number that is told of each grave class, for comparing; a class told of without a number counts one."""
    return {
        code: max((value for value in (told.get("low"), told.get("high")) if value is not None), default=1)
        for code, told in casualties.items()
        if code in GRAVE and (told.get("low"), told.get("high")) != (0, 0)
    }


def is_material(before: Mapping[str, int], now: Mapping[str, int], enterprise_new: bool) -> bool:
    """Whether those on duty are told again: a class of casualties that nobody told of before, twice as many as then, or an enterprise named now."""
    return enterprise_new or any(code not in before or number >= 2 * max(before[code], 1) for code, number in now.items())
