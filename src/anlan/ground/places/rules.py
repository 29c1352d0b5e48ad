"""Names, levels and code changes of places. Pure: no database, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "places.view": N_("查看行政区划"),
    "places.load": N_("装载行政区划数据"),
}

POPULATION_2020 = "population_2020_census"
"""Code of the one figure that the project ships: resident population on 2020-11-01, persons."""

FIGURES: dict[str, str] = {POPULATION_2020: N_("常住人口（2020 年第七次全国人口普查）")}

STATUSES: dict[str, str] = {
    "verified": N_("已核对原文"),
    "secondary": N_("据二手资料"),
    "unverified": N_("未核实"),
}

CHANGE_KINDS: dict[str, str] = {
    "新设": N_("新设"),
    "撤销": N_("撤销建制"),
    "更名": N_("更名"),
    "同名改码": N_("同名改码"),
    "码位改派": N_("码位改派"),
    "撤县设市": N_("撤县设市"),
    "撤县设区": N_("撤县设区"),
    "撤地设市": N_("撤地设市"),
    "撤市设区": N_("撤市设区"),
    "撤区设区": N_("撤区设区"),
    "撤旗设区": N_("撤旗设区"),
    "区划调整": N_("区划调整"),
    "划转": N_("划转"),
    "驻地迁移": N_("驻地迁移"),
}
"""Kinds of change as the change table names them, with their labels."""

INNER_CIRCLE = "inner_circle"
SPREAD = "spread"
UPPER_OUTLINE = "upper_outline"
POSITION_METHODS: dict[str, str] = {
    INNER_CIRCLE: N_("界线内最大内切圆的圆心"),
    SPREAD: N_("乡镇界线未公开：在所属县界内均匀散布的示意点，按代码由内向外排列"),
    UPPER_OUTLINE: N_("界线未公开：在上级政区界线内均匀散布的示意点"),
}
"""How a representative point was found. Only the first is a point of the place itself; the others are marked approximate."""

# The 55 minorities as they stand in the names of autonomous places, longest first so that "乌孜别克" is not cut to "别克".
_PEOPLE_NAMES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 "
    "达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 "
    "赫哲 门巴 珞巴 基诺"
)
_PEOPLES = sorted(_PEOPLE_NAMES.split(), key=len, reverse=True)
_SUFFIXES = ("特别行政区", "维吾尔自治区", "自治区", "自治州", "自治县", "自治旗", "街道办事处", "街道", "地区")
_ONE_CHARACTER = ("省", "市", "盟", "州", "县", "区", "旗", "镇", "乡")


def short_name_of(name: str) -> str:
    """The name people say: 山东省 → 山东, 广西壮族自治区 → 广西, 延边朝鲜族自治州 → 延边. At least two characters stay."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            stem = name.removesuffix(suffix)
            return _without_peoples(stem) if suffix.startswith(("自治", "维")) else stem
    if name[-1:] in _ONE_CHARACTER and len(name) > 2:
        return _without_peoples(name[:-1]) if name.endswith("族乡") else name[:-1]
    return name


def _without_peoples(stem: str) -> str:
    """Cut the names of peoples from the end of ``stem`` as long as two characters of a place remain."""
    stem = stem.removesuffix("各族")
    while True:
        endings = (e for people in _PEOPLES for e in ((people + "族", people) if len(people) > 1 else (people + "族",)))
        ending = next((e for e in endings if stem.endswith(e) and len(stem) - len(e) >= 2), None)
        if ending is None:
            break
        stem = stem.removesuffix(ending)
    # What remains may itself be a people's: 东乡族自治县 is called 东乡.
    return stem.removesuffix("族") if stem.removesuffix("族") in _PEOPLES else stem


@dataclass(frozen=True, slots=True)
class Step:
    """One code became another in ``year``. The day is not known: both codes count as valid for the whole of that year."""

    year: int
    old: str
    new: str
    same_name: bool


class CodeHistory:
    """Follows a place through its codes. Holds only the changes in which a code became a different one."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._from: dict[str, list[Step]] = defaultdict(list)
        self._given: dict[str, list[int]] = defaultdict(list)
        for step in steps:
            if step.old != step.new:
                self._from[step.old].append(step)
                self._given[step.new].append(step.year)
        for outgoing in self._from.values():
            # The earliest change first; within a year the one that keeps the name, then the smallest code, so that the answer is stable.
            outgoing.sort(key=lambda step: (step.year, not step.same_name, step.new))

    def latest(self, code: str, year: int) -> str:
        """The code that the place which bore ``code`` in ``year`` bears today.

        A change in ``year`` itself is followed unless ``code`` was given out in that very year (then it is already the new code).
        After the first step only changes of later years count, which keeps exchanged codes (A→B and B→A in one year) apart.
        """
        after = year if year in self._given.get(code, ()) else year - 1
        while True:
            step = next((step for step in self._from.get(code, ()) if step.year > after), None)
            if step is None:
                return code
            code, after = step.new, step.year

    def successors(self, code: str) -> tuple[str, ...]:
        """Codes that ``code`` became in its last recorded change."""
        outgoing = self._from.get(code)
        if not outgoing:
            return ()
        last = outgoing[-1].year
        return tuple(dict.fromkeys(step.new for step in outgoing if step.year == last))
