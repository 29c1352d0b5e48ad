"""Casualties as a text tells them: how many, of what, and how exactly. 3死5伤, 至少三名工人死亡, 死亡人数升至8人, 十余人受伤, 没有人员伤亡."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from anlan.sense.opinion.extraction import clauses, numerals
from anlan.sense.opinion.extraction.clauses import Context

DEAD, INJURED, MISSING, TRAPPED, MOVED, HARMED = "dead", "injured", "missing", "trapped", "moved", "harmed"
CLASSES = (DEAD, INJURED, MISSING, TRAPPED, MOVED, HARMED)
HIGH, MEDIUM, LOW = "high", "medium", "low"

_VERBS = {
    DEAD: "死亡|遇难|身亡|丧生|罹难|牺牲|殉职|死了|不治",
    INJURED: "受重伤|受轻伤|重伤|轻伤|受伤|送医|住院|中毒|烧伤|灼伤|炸伤|砸伤",
    MISSING: "失联|失踪|下落不明|失去联系",
    TRAPPED: "被困|被埋|受困|遇险",
    MOVED: "疏散|撤离|转移",
    HARMED: "死伤|伤亡",
}
_CLASS_OF = {verb: code for code, verbs in _VERBS.items() for verb in verbs.split("|")}
_ANY_VERB = "|".join(sorted(_CLASS_OF, key=len, reverse=True))
_VAGUE = {"数十": (20, 99), "几十": (20, 99), "数百": (200, 999), "几百": (200, 999), "上百": (100, None), "上千": (1000, None),
          "数": (2, 9), "几": (2, 9), "好几": (2, 9), "多": (2, None), "若干": (2, None)}  # fmt: skip
"""What people mean by a word for a number; ``None``: no upper end is said."""
_SPOKEN_PAIR = {
    "一两": (1, 2),
    "两三": (2, 3),
    "三四": (3, 4),
    "三五": (3, 5),
    "四五": (4, 5),
    "五六": (5, 6),
    "六七": (6, 7),
    "七八": (7, 8),
    "八九": (8, 9),
}
_LEAST = ("至少", "超过", "超", "逾", "不少于", "不低于")
_ABOUT = ("约", "大约", "大概", "左右")
_MOST = ("近", "将近", "接近", "不到", "不足", "最多")
_BOUND = "|".join(sorted((*_LEAST, *_ABOUT, *_MOST), key=len, reverse=True))
_WORDS = "|".join(sorted((*_VAGUE, *_SPOKEN_PAIR), key=len, reverse=True))
_NUMBER = numerals.PATTERN


def _amount(n: int) -> str:
    """A number of people with what bounds it; its groups bear the number ``n``."""
    return (
        rf"(?:(?P<bound{n}>{_BOUND}))?(?:(?P<from{n}>{_NUMBER})(?:到|至|[-—~～])(?P<to{n}>{_NUMBER})"
        rf"|(?P<vague{n}>{_WORDS})|(?P<number{n}>{_NUMBER})(?P<odd{n}>余|多|来|几)?)"
    )


_COUNTER = "(?:人|名|位|个|具|例|口)"
_GAP = r"[^，,。；;！!？?、：:\d\s小天月年分次辆米岁元起号楼日省死伤]{0,8}?"
_GROWTH = (
    r"(?:者|群众|居民|村民|师生|游客|旅客)?(?:人数|人员)?(?:已经|已|约)?(?:为|达到|达|升至|增至|上升至|上升到|增加到|有)?[：:\s]?(?:了)?"
)
_PATTERN = re.compile(
    "|".join(
        (
            rf"(?P<v1>{_ANY_VERB}){_GROWTH}{_amount(1)}{_COUNTER}",
            rf"{_amount(2)}(?:余)?{_COUNTER}{_GAP}(?P<v2>{_ANY_VERB})",
            rf"{_amount(3)}(?:人)?(?P<v3>死|伤)(?![亡员者口害势心])",
        )
    )
)
_NONE = re.compile(
    r"(?:没有|未造成|暂无|未见|没造成|并无|尚无|无)(?:造成|任何|新的|其他|发现)?(?:人员|人)?(?P<verb>伤亡|死亡|受伤|被困|失联|失踪)"
)
_OPEN = re.compile(
    r"(?:人员伤亡|伤亡|死伤|死亡)(?:情况|人数|数字)?(?:还|尚|暂|目前)?(?:不明|不详|未知|不清楚|待核实|有待核实|正在核实|正在统计)"
)


@dataclass(frozen=True)
class Casualty:
    """One statement. ``low`` and ``high`` are the numbers it allows (``None``: not said); ``about``: told as rough; both 0: said that there are none.

    ``unknown``: the text itself says that the number is not known. ``stance`` as in :mod:`.clauses`.
    """

    code: str
    low: int | None
    high: int | None
    about: bool
    unknown: bool
    stance: str
    confidence: str
    start: int
    end: int
    words: str
    rule: str

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def read(context: Context) -> list[Casualty]:
    """Every statement of casualties, in the order of the text. Overlapping readings: the first that begins wins."""
    text = context.text
    found = [casualty for match in _PATTERN.finditer(text) if (casualty := _of_match(match, context)) is not None]
    for match in _NONE.finditer(text):
        codes = (DEAD, INJURED) if match["verb"] == "伤亡" else (_CLASS_OF[match["verb"]],)
        found += [_made(code, 0, 0, False, match, context, "none", negates=True) for code in codes]
    found += [_made(HARMED, None, None, False, match, context, "unknown", unknown=True) for match in _OPEN.finditer(text)]
    return sorted(found, key=lambda each: (each.start, each.code))


def _of_match(match: re.Match[str], context: Context) -> Casualty | None:
    n = next(number for number in (1, 2, 3) if match[f"v{number}"])
    verb = match[f"v{n}"]
    code = {"死": DEAD, "伤": INJURED}.get(verb) or _CLASS_OF[verb]
    spread = _spread(*(match[f"{name}{n}"] for name in ("bound", "from", "to", "vague", "number", "odd")))
    return None if spread is None else _made(code, *spread, match, context, f"pattern_{n}")


def _spread(
    bound: str | None, first: str | None, last: str | None, vague: str | None, number: str | None, odd: str | None
) -> tuple[int | None, int | None, bool] | None:
    """The lowest and highest number that the words allow, and whether they say to be rough; ``None`` when they say no number."""
    if vague is not None:
        low, high = _VAGUE.get(vague) or _SPOKEN_PAIR[vague]
        return low, None if bound in _LEAST else high, True
    if first is not None and last is not None:
        low, high = numerals.value_of(first), numerals.value_of(last)
        return None if low is None or high is None or low > high else (low, high, False)
    value = numerals.value_of(number or "")
    if value is None:
        return None
    if odd is not None:
        # 十余: more than ten and not twenty; 30多: more than thirty and not forty.
        return value + 1, None if bound in _LEAST else value + _step(value) - 1, True
    if bound in _LEAST:
        return value, None, False
    if bound in _MOST:
        return None, value, True
    return value, value, bound in _ABOUT


def _step(value: int) -> int:
    """The unit of a round number's last digit that is not nought: 30 → 10, 200 → 100."""
    step = 1
    while value and value % (step * 10) == 0:
        step *= 10
    return step


def _made(
    code: str,
    low: int | None,
    high: int | None,
    about: bool,
    match: re.Match[str],
    context: Context,
    rule: str,
    *,
    unknown: bool = False,
    negates: bool = False,
) -> Casualty:
    stance = context.at(match.start()).stance if negates or unknown else context.stance(match.start(), match.end())
    confidence = LOW if stance == clauses.UNSURE or unknown else HIGH if low is not None and low == high and not about else MEDIUM
    return Casualty(code, low, high, about, unknown, stance, confidence, match.start(), match.end(), match.group(), rule)


def counted(found: list[Casualty]) -> dict[str, Casualty]:
    """What a text says now by class: the highest of its statements about something that happens; a statement of none only where no other stands."""
    best: dict[str, Casualty] = {}
    for each in found:
        if each.stance not in (clauses.TOLD, clauses.UNSURE):
            continue
        held = best.get(each.code)
        if held is None or _weight(each) > _weight(held):
            best[each.code] = each
    return best


def _weight(casualty: Casualty) -> tuple[int, int]:
    return (casualty.low or casualty.high or 0, casualty.high or 0)
