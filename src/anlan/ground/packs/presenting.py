"""Packs, their tables and an enterprise's answers as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext

from anlan.ground.organisations import door as organisations
from anlan.ground.packs import comparing, queries, rules
from anlan.ground.packs.models import Pack, SectorFacts
from anlan.ground.packs.rules import ChecklistRow, CriterionRow, FieldRow, ListRow, SensorRow
from anlan.ledger.sources import DatedRule


@dataclass(frozen=True)
class Line:
    """One row of a table: its heading, its further columns, and what stands behind it."""

    code: str
    heading: str
    cells: tuple[tuple[str, str], ...]
    """What each further column says, with the column's name, which a phone shows beside it."""
    source: str
    status: str
    status_label: str
    tone: str
    until: str
    now: bool


@dataclass(frozen=True)
class Table:
    """One table of a pack ready for its page."""

    code: str
    label: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def name(pack: Pack) -> str:
    """The name of a pack in the reader's language."""
    return queries.worded(pack, "name")


def sectors(pack: Pack) -> str:
    """Names of the sectors that a pack names."""
    head, own = queries.head(pack), {each.code: each for each in queries.head(pack).new_sectors}
    found = (organisations.sector(code) or own.get(code) for code in head.sectors)
    return "、".join(queries.worded(row, "name") for row in found if row is not None)


def status(code: str) -> tuple[str, str]:
    """Label and tone of how well something is established."""
    return gettext(rules.STATUSES[code]), rules.STATUS_TONES[code]


def list_rows(day: date) -> list[dict[str, Any]]:
    """Every pack with the version that holds, its counts, and the next version where one waits."""
    rows, everything = [], queries.versions()
    for pack in queries.shown(day):
        waiting = [row for row in everything if row.code == pack.code and row.in_force_from > max(day, pack.in_force_from)]
        label, tone = status(pack.status)
        rows.append(
            {
                "pack": pack,
                "name": name(pack),
                "sectors": sectors(pack),
                "applies": gettext(rules.APPLIES[queries.head(pack).applies]),
                "counts": [pack.counts.get(table, 0) for table in ("fields", "checklists", "criteria", "sensor_rules")],
                "status_label": label,
                "tone": tone,
                "holds": pack.in_force_from <= day,
                "waiting": waiting[-1] if waiting else None,
            }
        )
    return rows


def tables(pack: Pack, day: date) -> list[Table]:
    """Every table of a version, those it lacks too, so that the page can say so."""
    content = queries.content(pack)
    return [
        Table(code, gettext(label), _columns(code), tuple(_line(row, _columns(code), day) for row in content.tables.get(code, ())))
        for code, label in rules.TABLE_LABELS.items()
    ]


def _columns(table: str) -> tuple[str, ...]:
    return {
        "fields": (gettext("信息项"), gettext("类型"), gettext("单位或选项"), gettext("必填")),
        "checklists": (gettext("检查内容"), gettext("如何查证"), gettext("条款"), gettext("周期"), gettext("用途")),
        "criteria_lists": (gettext("文件"), gettext("文号"), gettext("是否完整")),
        "criteria": (gettext("判定情形"), gettext("条款"), gettext("分类")),
        "sensor_rules": (gettext("规则"), gettext("测点类别"), gettext("条件"), gettext("报警级别"), gettext("条款")),
    }[table]


def _line(row: DatedRule, columns: tuple[str, ...], day: date) -> Line:
    heading, cells = _told(row)
    label, tone = status(row.status)
    days = f"{row.effective_from or ''} — {row.effective_to or ''}" if row.effective_from or row.effective_to else ""
    named = tuple(zip(columns[1:], cells, strict=True))
    return Line(str(getattr(row, "code", "")), heading, named, row.source, row.status, label, tone, days, row.holds_on(day))


def _told(row: DatedRule) -> tuple[str, tuple[str, ...]]:
    yes, no = gettext("是"), gettext("否")
    match row:
        case FieldRow():
            choices = "、".join(_in_language(zh, en) for _code, zh, en in row.options())
            return queries.worded(row, "name"), (gettext(rules.FIELD_TYPES[row.type]), row.unit or choices, yes if row.required else no)
        case ChecklistRow():
            heading = f"{queries.worded(row, 'group')} · {queries.worded(row, 'what')}" if row.group_zh else queries.worded(row, "what")
            return heading, (queries.worded(row, "proof"), row.article, gettext(rules.PERIODS[row.period]), gettext(rules.USES[row.use]))
        case ListRow():
            return queries.worded(row, "name"), (row.document, yes if row.complete else queries.worded(row, "note") or no)
        case CriterionRow():
            return queries.worded(row, "text"), (row.article, row.group_zh)
        case SensorRow():
            return queries.worded(row, "name"), (row.quantity, condition(row), str(row.level), row.article)
        case _:
            return "", ()


def _in_language(chinese: str, english: str) -> str:
    return english if get_language() == "en" else chinese


def condition(row: SensorRow) -> str:
    """What a sensor rule watches for, in words."""
    kind = gettext(rules.SENSOR_KINDS[row.kind])
    figure = "" if row.threshold is None else f"{row.comparison} {row.threshold:g} {row.unit}".strip()
    return f"{kind} {figure}".strip()


def changes(pack: Pack) -> dict[str, Any]:
    """What changed against the version before."""
    before = next((row for row in queries.versions(pack.code) if row.in_force_from < pack.in_force_from), None)
    if before is None:
        return {"before": None, "differences": []}
    how = {"new": (gettext("新增"), "green"), "gone": (gettext("删去"), "red"), "changed": (gettext("修改"), "blue")}
    told = [
        (gettext(rules.TABLE_LABELS[each.table]), each, *how[each.how])
        for each in comparing.differences(queries.content(before), queries.content(pack))
    ]
    return {"before": before, "differences": told}


def answered(fields: tuple[FieldRow, ...], facts: SectorFacts | None) -> list[dict[str, Any]]:
    """Fields with their answers; an answer to a field that is asked no more is left to the history."""
    values = facts.values if facts is not None else {}
    return [
        {
            "label": queries.worded(row, "name"),
            "answer": _answer(row, values.get(row.code)),
            "unit": row.unit,
            "missing": row.required and row.code not in values,
            "unverified": row.status == "unverified",
        }
        for row in fields
    ]


def _answer(row: FieldRow, value: object) -> str:
    if value is None:
        return ""
    if row.type == rules.YES_NO:
        return gettext("是") if value else gettext("否")
    if row.type == rules.CHOICE:
        return next((_in_language(zh, en) for code, zh, en in row.options() if code == value), str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def of_enterprise(enterprise_id: UUID, day: date) -> list[dict[str, Any]]:
    """The packs of an enterprise with their answers and who gave them last."""
    said = queries.marks(enterprise_id)
    found = []
    for pack in queries.of_enterprise(enterprise_id, day):
        history = queries.facts(enterprise_id, pack.code)
        lines = answered(queries.rows_of(pack, "fields", FieldRow, day), history[0] if history else None)
        found.append(
            {
                "pack": pack,
                "name": name(pack),
                "lines": lines,
                "missing": sum(line["missing"] for line in lines),
                "history": [_saved(pack, row, day) for row in history],
                "mark": said.get(pack.code),
                "counts": [(gettext(rules.TABLE_LABELS[table]), pack.counts[table]) for table in ("checklists", "criteria", "sensor_rules") if pack.counts.get(table)],
            }
        )  # fmt: skip
    return found


def _saved(pack: Pack, row: SectorFacts, day: date) -> dict[str, Any]:
    fields = {each.code: each for each in queries.rows_of(pack, "fields", FieldRow, day)}
    told = [
        (queries.worded(fields[code], "name") if code in fields else code, _answer(fields[code], row.values.get(code)) if code in fields else row.values.get(code, ""))
        for code in row.changed
    ]  # fmt: skip
    return {"row": row, "changed": told}


def not_applied(enterprise_id: UUID, day: date) -> list[tuple[str, str]]:
    """Packs that do not concern an enterprise as it stands, by code and name."""
    held = {row.code for row in queries.of_enterprise(enterprise_id, day)}
    return [(row.code, name(row)) for row in queries.of_day(day) if row.code not in held]
