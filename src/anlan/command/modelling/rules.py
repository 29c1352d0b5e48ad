"""The law of running models: who may, how much at once, how long; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {"models.view": N_("查看模型"), "models.run": N_("运行模型")}

MOST_FIGURES: Final = 100_000
"""Figures in one request, and in the answer as arrays given together fit each other. Project default."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Length of a request. Project default."""
SECONDS: Final = 10.0
"""How long one run may take before it is called off. Project default; the models answer within milliseconds."""
WAITING_SECONDS: Final = 5.0
"""How long a request waits while another one is reckoned. Project default."""

FAMILIES: Final[Mapping[str, str]] = {
    "release": N_("泄漏"),
    "dispersion": N_("扩散"),
    "fire": N_("火灾"),
    "blast": N_("爆炸"),
    "harm": N_("伤害"),
    "risk": N_("风险"),
    "screening": N_("快速筛查"),
    "natural": N_("自然灾害与矿井通风"),
}
"""Families of models by the part of the name before the point; ``natural``: those without one."""


class NotAnObject(Refusal):
    code: ClassVar[str] = "model_inputs_unreadable"
    sentence: ClassVar[str] = N_("模型输入应为一个 JSON 对象，键是输入名，值是数字、数字数组或选项。请参照模型的输入清单。")
    status: ClassVar[int] = 422


class TooMany(Refusal):
    code: ClassVar[str] = "model_too_many_figures"
    sentence: ClassVar[str] = N_("一次最多计算 {most} 个数值，本次需要 {count} 个。请减少数组长度，分批计算。")
    status: ClassVar[int] = 413


class TooLarge(Refusal):
    code: ClassVar[str] = "model_too_large"
    sentence: ClassVar[str] = N_("计算所需内存超出限度，没有结果。请减少数组长度，分批计算。")
    status: ClassVar[int] = 413


class TookTooLong(Refusal):
    code: ClassVar[str] = "model_took_too_long"
    sentence: ClassVar[str] = N_("计算超过 {seconds} 秒，已取消，没有结果。请减少步数或数组长度后再算。")
    status: ClassVar[int] = 503


class Busy(Refusal):
    code: ClassVar[str] = "model_busy"
    sentence: ClassVar[str] = N_("正在计算其他请求，请稍后再试。")
    status: ClassVar[int] = 503


def family(code: str) -> str:
    """The family of a model by its name."""
    first, point, _rest = code.partition(".")
    return first if point and first in FAMILIES else "natural"


def check_size(given: Mapping[str, Any]) -> None:
    """Raise :class:`TooMany` where the request holds, or its arrays given together may ask for, more figures than may be at once.

    Arrays that fit each other by being spread (a column against a row) give the product of their lengths; only nested lists spread so.
    """
    total, spread, deepest = 0, 1, 0
    for value in given.values():
        length, depth = _measure(value)
        total += length
        deepest = max(deepest, depth)
        spread = spread * length if depth > 1 else max(spread, length)
    count = max(total, spread)
    if count > MOST_FIGURES or deepest > 3:
        raise TooMany(most=MOST_FIGURES, count=count)


def _measure(value: Any) -> tuple[int, int]:
    """How many figures a value holds, and how deep its lists are nested (three at most are looked at)."""
    level, length, depth = [value], 1, 0
    while any(isinstance(each, list) for each in level) and depth < 4:
        level = [inner for each in level for inner in (each if isinstance(each, list) else [each])]
        length, depth = max(len(level), 1), depth + 1
    return length, depth
