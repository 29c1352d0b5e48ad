"""The page of an index version: its tables as people read and change them, its back-tests, what may be done now."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext

from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger import flows
from anlan.warn.riskpicture import indices, presenting, replaying, rules, versions
from anlan.warn.riskpicture.models import IndexVersion, Run

COLUMNS: dict[str, str] = {
    "points": N_("每单位分值"),
    "cap": N_("封顶"),
    "hours": N_("时间（小时）"),
    "above": N_("高于"),
    "margin": N_("回落差值"),
    "at_least": N_("至少"),
    "worst_share": N_("最差企业占比"),
    "half_load": N_("合计过半值"),
    "load": N_("计入合计"),
    "weight": N_("人数系数"),
    "value": N_("数值"),
}
"""Columns that may be changed, in every table that has them."""
TABLES: dict[str, str] = {
    "factors": N_("风险因素"),
    "groups": N_("因素分组"),
    "bands": N_("等级界限"),
    "vetoes": N_("直接判定"),
    "areas": N_("区域汇总"),
    "loads": N_("各等级企业计入区域合计的数"),
    "exposures": N_("按从业人数的系数"),
    "parameters": N_("其他参数"),
}
HELP: dict[str, str] = {
    "factors": N_("每单位分值乘以数量，单项不超过封顶。随时间加重的在所列小时内增至两倍；随时间减弱的每过所列小时减半。"),
    "groups": N_("同组因素合计不超过封顶。"),
    "bands": N_("风险分高于界限立即进入该等级；降级须比界限低出回落差值，避免来回跳动。"),
    "vetoes": N_("达到所列数量时，等级不低于判定的等级，与风险分无关。"),
    "areas": N_("区域风险分由两部分组成：最差企业占比乘以最高的企业风险分，其余按企业数量；数量合计达到“合计过半值”时得到其余部分的一半。"),
    "loads": N_("每个企业按等级计入区域的数量合计，再乘以人数系数。"),
}
"""What a table means, for whoever changes a figure of it."""
TIMINGS: dict[str, str] = {rules.STEADY: N_("不随时间变化"), rules.GROWS: N_("随时间加重"), rules.DECAYS: N_("随时间减弱（半衰期）")}
LEVELS: dict[str, str] = {
    "township": N_("乡镇级"), "county": N_("县级"), "city": N_("市级"), "province": N_("省级"), "nation": N_("国家"),
}  # fmt: skip
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}
TONES = {versions.DRAFT: "grey", versions.TESTED: "blue", versions.LIVE: "green", versions.RETIRED: "grey"}
_PREFIX = "cell"


@dataclass(frozen=True)
class Cell:
    """One figure: ``name`` of its input where it may be changed."""

    label: str
    text: str
    name: str


@dataclass(frozen=True)
class Row:
    """One row of a table: what it is about, its figures, where they come from."""

    key: str
    name: str
    note: str
    cells: tuple[Cell, ...]
    source: str
    status: str
    own: bool


@dataclass(frozen=True)
class Shown:
    """One table."""

    code: str
    label: str
    help: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def typed(table: str, posted: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Figures of a form by row and column; what is no column to be changed is left out."""
    found = {}
    for name, text in posted.items():
        prefix, _sep, rest = name.partition(":")
        key, _sep, column = rest.rpartition(":")
        if prefix == _PREFIX and key and column in COLUMNS and table in TABLES:
            found[key, column] = text
    return found


def tables(row: IndexVersion, values: Mapping[tuple[str, str], str], changed: str) -> list[Shown]:
    """Every table of a version, with what was ``typed`` into the ``changed`` one in place of what is kept."""
    return [_table(code, label, row.tables.get(code, ""), values if code == changed else {}) for code, label in TABLES.items()]


def _table(code: str, label: str, text: str, values: Mapping[tuple[str, str], str]) -> Shown:
    rows = list(csv.DictReader(io.StringIO(text)))
    names = list(rows[0]) if rows else []
    figures = [name for name in names if name in COLUMNS]
    found = []
    for row in rows:
        key = row[names[0]]
        cells = tuple(Cell(gettext(COLUMNS[name]), values.get((key, name), row[name]), f"{_PREFIX}:{key}:{name}") for name in figures)
        own = row["source"] == indices.OWN
        source = gettext("本单位设定") if own else row["source"]
        found.append(Row(key, _called(code, row), _noted(code, row), cells, source, gettext(STATUSES[row["status"]]), own))
    told = gettext(HELP[code]) if code in HELP else ""
    return Shown(code, gettext(label), told, tuple(gettext(COLUMNS[name]) for name in figures), tuple(found))


def _called(code: str, row: Mapping[str, str]) -> str:
    if code in {"bands", "loads"}:
        return presenting.label(int(row["grade"]))
    if code == "areas":
        return gettext(LEVELS[row["level"]])
    if code == "exposures":
        return gettext("%(n)s人及以上") % {"n": row["staff_least"]}
    return row["name_en" if get_language() == "en" else "name_zh"]


def _noted(code: str, row: Mapping[str, str]) -> str:
    if code == "factors":
        told = [gettext(TIMINGS[row["timing"]]), *(gettext(rules.KINDS[kind]) for kind in row["kinds"].split())]
        return " · ".join(told)
    if code == "vetoes":
        return gettext("判定为%(grade)s") % {"grade": presenting.label(int(row["grade"]))}
    return ""


def page(
    row: IndexVersion,
    actor: Actor,
    *,
    table: str = "",
    values: Mapping[tuple[str, str], str] | None = None,
    name: str = "",
    refused: str = "",
) -> dict[str, Any]:
    """Context of the page."""
    may = actor.may("riskpicture.draft", place_code=row.place_code)
    moves = {move.code for move in flows.available_moves(row, actor)}
    running = row.runs.filter(state=Run.RUNNING).first()  # type: ignore[attr-defined]
    return {
        "row": row,
        "tone": TONES[row.state],
        "tables": tables(row, values or {}, table),
        "may_change": may and row.state in (versions.DRAFT, versions.TESTED),
        "may_copy": actor.may("riskpicture.draft", place_code=actor.place_code),
        "may_enact": "enact" in moves and row.tested_digest == row.digest,
        "own_draft": row.state == versions.TESTED and row.drafted_by_id == actor.account_id,
        "running": running,
        "tests": replaying.of_version(row),
        "days": replaying.DAYS,
        "name": name,
        "refused": refused,
        "unsound": _unsound(row),
    }


def _unsound(row: IndexVersion) -> str:
    try:
        indices.read(row.name, row.tables)
    except Refusal as refusal:
        return str(refusal.facts.get("what", ""))
    return ""
