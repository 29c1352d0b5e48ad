"""Ready-made rules as dated data: methane by place, gases by GB/T 50493, coal criteria of 2026 that telemetry can decide, people, ponds.

Every figure stands in ``data/`` with its source and status; what is a project default says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from anlan.kernel.errors import NotFound
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

DATA = Path(__file__).parent / "data"

GROUPS: dict[str, str] = {
    "coal2026": N_("煤矿重大事故隐患（2026）"),
    "methane": N_("甲烷报警、断电、复电（按安装地点）"),
    "people": N_("人员超员与滞留"),
    "gas": N_("可燃、有毒气体（GB/T 50493）"),
    "tailings": N_("尾矿库"),
    "state": N_("数据质量"),
}
ALARM_LEVEL, CUT_OFF_LEVEL = 2, 1
"""Platform levels of a methane or gas alarm of the first and second stage. Project default, as for limits of points."""


class Part(msgspec.Struct, frozen=True):
    """One rule of a template: kind, level, parameters (``None`` where they must be asked for), words appended to the name."""

    kind: str
    level: int
    parameters: dict[str, Any]
    suffix_zh: str = ""
    suffix_en: str = ""


class Template(msgspec.Struct, frozen=True):
    """A ready-made rule or several that belong together. ``ask``: what must be filled in before it can be drafted as it stands."""

    code: str
    group: str
    name_zh: str
    name_en: str
    rules: tuple[Part, ...]
    source: str
    status: str
    article: str = ""
    sensor_class: str = ""
    ask: tuple[str, ...] = ()
    effective_from: date | None = None
    note_zh: str = ""
    note_en: str = ""

    @property
    def as_it_stands(self) -> bool:
        """Whether only points or a class have to be named."""
        return not set(self.ask) - {"points"}


@dataclass(frozen=True, kw_only=True)
class _Methane(DatedRule):
    code: str
    name_zh: str
    name_en: str
    sensor_code: str
    alarm: float
    cutoff: float | None
    restore: float | None
    scope_zh: str


@dataclass(frozen=True, kw_only=True)
class _Gas(DatedRule):
    code: str
    name_zh: str
    name_en: str
    sensor_class: str
    first: float
    second: float | None
    downward: bool


@cache
def templates() -> tuple[Template, ...]:
    """Every template in the order of its group."""
    found = list(msgspec.json.decode((DATA / "templates.json").read_bytes(), type=list[Template]))
    found += [_methane(row) for row in load_rules(DATA / "methane.csv", _Methane)]
    found += [_gas(row) for row in load_rules(DATA / "gas.csv", _Gas)]
    order = list(GROUPS)
    return tuple(sorted(found, key=lambda each: order.index(each.group)))


def template(code: str) -> Template:
    """The template named ``code``. Raises ``NotFound``."""
    for each in templates():
        if each.code == code:
            return each
    raise NotFound(what=code)


def _methane(row: _Methane) -> Template:
    """Alarm ``>=``, cut-off ``>=``, restore ``<``: two rules, the second with its own value for restoring."""
    parts = [Part("LIMIT", ALARM_LEVEL, {"word": "H", "limit": row.alarm}, "报警", "alarm")]
    if row.cutoff is not None:
        parts.append(Part("LIMIT", CUT_OFF_LEVEL, {"word": "HH", "limit": row.cutoff, "restore": row.restore}, "断电", "cut-off"))
    return Template(
        code=f"methane_{row.code}",
        group="methane",
        name_zh=f"{row.sensor_code} {row.name_zh}".strip(),
        name_en=f"{row.sensor_code} {row.name_en}".strip(),
        rules=tuple(parts),
        source=row.source,
        status=row.status,
        ask=("points",),
        effective_from=row.effective_from,
        note_zh=f"断电范围：{row.scope_zh}",
        note_en="The scope of the cut-off stands in the Chinese note of the table.",
    )


def _gas(row: _Gas) -> Template:
    first, second = ("L", "LL") if row.downward else ("H", "HH")
    parts = [Part("LIMIT", ALARM_LEVEL, {"word": first, "limit": row.first}, "一级报警", "first stage")]
    if row.second is not None:
        parts.append(Part("LIMIT", CUT_OFF_LEVEL, {"word": second, "limit": row.second}, "二级报警", "second stage"))
    return Template(
        code=f"gas_{row.code}",
        group="gas",
        name_zh=row.name_zh,
        name_en=row.name_en,
        rules=tuple(parts),
        source=row.source,
        status=row.status,
        article="5.5.2",
        ask=("points",),
        effective_from=row.effective_from,
    )
