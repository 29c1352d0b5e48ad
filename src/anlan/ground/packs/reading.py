"""Reads a pack's folder and finds everything that is wrong with it, each with its file and line. No Django, no database."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import msgspec

from anlan.ground.packs import rules
from anlan.ground.packs.rules import ChecklistRow, Content, CriterionRow, FieldRow, Head, ListRow, SensorRow
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

HEAD = "pack.toml"
MOST_ROWS = 5_000
"""Rows of one table. A project limit: the longest list known (coal, 2026) has 140 items."""
MOST_BYTES = 8_000_000

SENTENCES: dict[str, str] = {
    "no_head": N_("缺少 pack.toml"),
    "head": N_("pack.toml 无法识别：{why}"),
    "unknown_file": N_("不认识的文件，行业包只含 pack.toml 和 {known}"),
    "unreadable": N_("文件不是 UTF-8 编码的表格：{why}"),
    "too_large": N_("文件过大（最多 {most}）"),
    "unknown_column": N_("不认识的列“{column}”"),
    "missing_column": N_("缺少列“{column}”"),
    "ragged": N_("这一行的单元格比表头多"),
    "cell": N_("列“{column}”的“{value}”不是{wanted}"),
    "empty": N_("列“{column}”不能为空"),
    "no_source": N_("缺少出处：列“source”必须写明文件或“项目默认”"),
    "status": N_("“{value}”不是核实情况代码（verified、secondary、unverified）"),
    "code": N_("代码“{value}”不合格式：以字母或数字开头，只用字母、数字、点、横线和下划线，长度有限"),
    "duplicate": N_("代码“{value}”重复，第 {other} 行已有"),
    "overlap": N_("代码“{value}”与第 {other} 行的有效期重叠"),
    "backwards": N_("失效日期早于生效日期"),
    "unknown_sector": N_("行业领域代码“{value}”不在清单中；新领域须在 [[new_sectors]] 中定义"),
    "known_sector": N_("行业领域代码“{value}”清单中已有，不能再定义"),
    "unused_sector": N_("定义的行业领域“{value}”没有列入 sectors"),
    "word": N_("列“{column}”的“{value}”不是可用的代码，可用：{known}"),
    "choices": N_("选项“{value}”应写成 代码=中文|English"),
    "needs_choices": N_("单选项必须列出选项"),
    "spare_choices": N_("只有单选项才列选项"),
    "reference": N_("列“{column}”的“{value}”在 {file} 中没有"),
    "sensor": N_("监测规则写得不完整：{why}"),
    "level": N_("报警级别“{value}”不在 1 至 4 之间"),
}
_WANTED = {
    int: N_("整数"),
    float: N_("数值"),
    bool: N_("true 或 false"),
    date: N_("日期（年-月-日）"),
    str: N_("文字"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong. ``line`` counts from 1, 0 where the whole file is meant; ``code`` names a sentence of :data:`SENTENCES`."""

    file: str
    line: int
    code: str
    facts: Mapping[str, object]

    def told(self, translate: Callable[[str], str] = str) -> str:
        """``file:line: sentence``."""
        facts = {name: translate(value) if isinstance(value, str) and name == "wanted" else value for name, value in self.facts.items()}
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {translate(SENTENCES[self.code]).format(**facts)}"


@dataclass(frozen=True)
class Read:
    """A pack as read. ``content`` is ``None`` while anything is wrong; ``digest``: SHA-256 of what the content says."""

    content: Content | None
    problems: tuple[Problem, ...]
    digest: str = ""


SensorCheck = Callable[[SensorRow], str | None]
"""Says why a row is none that the room of detection understands, or ``None``."""
Names = Callable[[], Collection[str]]


def read(
    folder: Path,
    known_sectors: Collection[str],
    *,
    sensor_check: SensorCheck | None = None,
    criteria_lists: Names | None = None,
    rule_groups: Names | None = None,
) -> Read:
    """Read and check a whole folder; nothing is kept while anything is wrong."""
    problems: list[Problem] = []
    head = _head(folder, problems)
    allowed = {f"{name}.csv" for name in rules.TABLES}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name not in allowed | {HEAD} and not path.name.startswith("."):
                problems.append(Problem(path.name, 0, "unknown_file", {"known": "、".join(sorted(allowed))}))
    numbered = {
        name: _table(folder / f"{name}.csv", row_type, problems)
        for name, row_type in rules.TABLES.items()
        if (folder / f"{name}.csv").is_file()
    }
    if head is not None:
        problems += _sectors(head, known_sectors)
        problems += _named_elsewhere(head, criteria_lists, rule_groups)
    problems += _rows(numbered, sensor_check)
    problems.sort(key=lambda each: (each.file != HEAD, each.file, each.line))
    if problems or head is None:
        return Read(None, tuple(problems))
    content = Content(head, {name: tuple(row for _line, row in rows) for name, rows in numbered.items()})
    return Read(content, (), digest(content))


def digest(content: Content) -> str:
    """SHA-256 of a pack's content, whatever its files look like."""
    return sha256(msgspec.json.encode(packed(content), order="deterministic")).hexdigest()


def packed(content: Content) -> dict[str, Any]:
    """A pack as plain JSON."""
    told = {"head": msgspec.to_builtins(content.head)}
    return told | {"tables": {name: msgspec.to_builtins(rows) for name, rows in sorted(content.tables.items()) if rows}}


def unpacked(kept: Mapping[str, Any]) -> Content:
    """A pack from what :func:`packed` made."""
    tables = {name: msgspec.convert(kept["tables"].get(name, []), tuple[row_type, ...]) for name, row_type in rules.TABLES.items()}
    return Content(msgspec.convert(kept["head"], Head), tables)


# --- the head --------------------------------------------------------------------------------------------------------------------


def _head(folder: Path, problems: list[Problem]) -> Head | None:
    path = folder / HEAD
    if not path.is_file():
        problems.append(Problem(HEAD, 0, "no_head", {}))
        return None
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = sorted(set(raw) - {each.name for each in fields(Head)})
        if unknown:
            problems += [Problem(HEAD, _line_of(path, name), "unknown_column", {"column": name}) for name in unknown]
            return None
        head = msgspec.convert(raw, Head)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as wrong:
        problems.append(Problem(HEAD, 0, "head", {"why": str(wrong)}))
        return None
    before = len(problems)
    for name, shape in (("code", rules.CODE), ("version", rules.VERSION)):
        if not shape.fullmatch(getattr(head, name)):
            problems.append(Problem(HEAD, _line_of(path, name), "code", {"value": getattr(head, name)}))
    for name in ("name_zh", "name_en"):
        if not getattr(head, name).strip():
            problems.append(Problem(HEAD, _line_of(path, name), "empty", {"column": name}))
    if not head.source.strip():
        problems.append(Problem(HEAD, _line_of(path, "source"), "no_source", {}))
    if head.status not in rules.STATUSES:
        problems.append(Problem(HEAD, _line_of(path, "status"), "status", {"value": head.status}))
    if head.applies not in rules.APPLIES:
        known = "、".join(rules.APPLIES)
        problems.append(Problem(HEAD, _line_of(path, "applies"), "word", {"column": "applies", "value": head.applies, "known": known}))
    return head if len(problems) == before else None


def _line_of(path: Path, name: str) -> int:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.split("=")[0].strip() == name:
            return number
    return 0


def _sectors(head: Head, known: Collection[str]) -> list[Problem]:
    own = {each.code for each in head.new_sectors}
    found = [Problem(HEAD, 0, "unknown_sector", {"value": code}) for code in head.sectors if code not in known and code not in own]
    found += [Problem(HEAD, 0, "known_sector", {"value": code}) for code in sorted(own & set(known))]
    found += [Problem(HEAD, 0, "unused_sector", {"value": code}) for code in sorted(own - set(head.sectors))]
    found += [Problem(HEAD, 0, "code", {"value": code}) for code in sorted(own) if not rules.SECTOR_CODE.fullmatch(code)]
    if not head.sectors:
        found.append(Problem(HEAD, 0, "empty", {"column": "sectors"}))
    return found


def _named_elsewhere(head: Head, criteria_lists: Names | None, rule_groups: Names | None) -> list[Problem]:
    told = (("criteria_from", head.criteria_from, criteria_lists), ("rules_from", head.rules_from, rule_groups))
    return [
        Problem(HEAD, 0, "word", {"column": column, "value": value, "known": "、".join(sorted(names()))})
        for column, values, names in told
        if names is not None
        for value in values
        if value not in names()
    ]


# --- tables ----------------------------------------------------------------------------------------------------------------------

Numbered = list[tuple[int, Any]]


def _table(path: Path, row_type: type[DatedRule], problems: list[Problem]) -> Numbered:
    if path.stat().st_size > MOST_BYTES:
        problems.append(Problem(path.name, 0, "too_large", {"most": f"{MOST_BYTES // 1_000_000} MB"}))
        return []
    hints = get_type_hints(row_type)
    known = {each.name: each for each in fields(row_type)}
    needed = [name for name, each in known.items() if each.default is MISSING]
    rows: Numbered = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            columns = [name for name in (reader.fieldnames or []) if name]
            unknown = [name for name in columns if name not in known]
            lacking = [name for name in needed if name not in columns]
            problems += [Problem(path.name, 1, "unknown_column", {"column": name}) for name in unknown]
            problems += [Problem(path.name, 1, "missing_column", {"column": name}) for name in lacking]
            if unknown or lacking:
                return []
            for raw in reader:
                if len(rows) >= MOST_ROWS:
                    problems.append(Problem(path.name, reader.line_num, "too_large", {"most": MOST_ROWS}))
                    return rows
                row = _row(path.name, reader.line_num, raw, row_type, hints, problems)
                if row is not None:
                    rows.append((reader.line_num, row))
    except (UnicodeDecodeError, csv.Error) as wrong:
        problems.append(Problem(path.name, 0, "unreadable", {"why": str(wrong)}))
    return rows


def _row(
    file: str, line: int, raw: Mapping[Any, Any], row_type: type[DatedRule], hints: Mapping[str, Any], problems: list[Problem]
) -> DatedRule | None:
    if None in raw:
        problems.append(Problem(file, line, "ragged", {}))
        return None
    before, values = len(problems), {}
    for name, text in raw.items():
        told = (text or "").strip()
        kinds = get_args(hints[name]) if isinstance(hints[name], UnionType) else (hints[name],)
        kind = next(each for each in kinds if each is not type(None))
        if told or kind is str:
            value = _cell(kind, told)
            if value is None:
                problems.append(Problem(file, line, "cell", {"column": name, "value": told, "wanted": _WANTED[kind]}))
            values[name] = value
        elif type(None) in kinds:
            values[name] = None
        elif kind is not bool:
            problems.append(Problem(file, line, "empty", {"column": name}))
        else:
            values[name] = False
    if not values.get("source"):
        problems.append(Problem(file, line, "no_source", {}))
    if values.get("status") not in rules.STATUSES:
        problems.append(Problem(file, line, "status", {"value": values.get("status")}))
    if not rules.ROW_CODE.fullmatch(str(values.get("code"))):
        problems.append(Problem(file, line, "code", {"value": values.get("code")}))
    return row_type(**values) if len(problems) == before else None


def _cell(kind: type, text: str) -> Any:
    if kind is bool:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
    try:
        return date.fromisoformat(text) if kind is date else kind(text)
    except ValueError:
        return None


# --- rows --------------------------------------------------------------------------------------------------------------------

Wrong = tuple[str, dict[str, object]]


def _wrong(code: str, **facts: object) -> Wrong:
    return code, facts


def _rows(numbered: Mapping[str, Numbered], sensor_check: SensorCheck | None) -> list[Problem]:
    found: list[Problem] = []
    lists = {row.code for _line, row in numbered.get("criteria_lists", [])}
    criteria = {row.code for _line, row in numbered.get("criteria", [])}
    for name, rows in numbered.items():
        file = f"{name}.csv"
        found += _same_codes(file, rows)
        for line, row in rows:
            wrong: list[Wrong]
            match row:
                case FieldRow():
                    wrong = _field(row)
                case ChecklistRow():
                    wrong = _checked(row, criteria)
                case CriterionRow():
                    wrong = [] if row.list in lists else [_wrong("reference", column="list", value=row.list, file="criteria_lists.csv")]
                    wrong += [] if row.text_zh else [_wrong("empty", column="text_zh")]
                case SensorRow():
                    wrong = _sensor(row, sensor_check)
                case _:
                    wrong = _listed(row)
            found += [Problem(file, line, code, facts) for code, facts in wrong]
            if row.effective_from and row.effective_to and row.effective_to < row.effective_from:
                found.append(Problem(file, line, "backwards", {}))
    return found


def _listed(row: ListRow) -> list[Wrong]:
    return [_wrong("empty", column=name) for name in ("name_zh", "name_en", "document") if not getattr(row, name)]


def _same_codes(file: str, rows: Numbered) -> list[Problem]:
    found: list[Problem] = []
    seen: dict[str, Numbered] = {}
    for line, row in rows:
        for other, before in seen.get(row.code, []):
            undated = (row.effective_from, row.effective_to) == (before.effective_from, before.effective_to)
            starts = max(row.effective_from or date.min, before.effective_from or date.min)
            ends = min(row.effective_to or date.max, before.effective_to or date.max)
            if starts <= ends:
                found.append(Problem(file, line, "duplicate" if undated else "overlap", {"value": row.code, "other": other}))
                break
        seen.setdefault(row.code, []).append((line, row))
    return found


def _word(column: str, value: str, known: Collection[str]) -> list[Wrong]:
    return [] if value in known else [_wrong("word", column=column, value=value, known="、".join(known))]


def _field(row: FieldRow) -> list[Wrong]:
    wrong = _word("type", row.type, rules.FIELD_TYPES)
    wrong += [_wrong("empty", column=name) for name in ("name_zh", "name_en") if not getattr(row, name)]
    try:
        options = row.options()
    except ValueError as part:
        return [*wrong, _wrong("choices", value=str(part))]
    if row.type == rules.CHOICE and not options:
        wrong.append(_wrong("needs_choices"))
    if row.type != rules.CHOICE and options:
        wrong.append(_wrong("spare_choices"))
    return wrong


def _checked(row: ChecklistRow, criteria: Collection[str]) -> list[Wrong]:
    wrong = _word("period", row.period, rules.PERIODS) + _word("use", row.use, rules.USES)
    wrong += [_wrong("empty", column=name) for name in ("what_zh", "what_en", "proof_zh", "proof_en") if not getattr(row, name)]
    if row.criterion and row.criterion not in criteria:
        wrong.append(_wrong("reference", column="criterion", value=row.criterion, file="criteria.csv"))
    return wrong


def _sensor(row: SensorRow, check: SensorCheck | None) -> list[Wrong]:
    wrong = _word("kind", row.kind, rules.SENSOR_KINDS)
    if row.kind == "LIMIT":
        wrong += _word("comparison", row.comparison, rules.COMPARISONS)
    if row.kind != "RANGE" and row.threshold is None:
        wrong.append(_wrong("empty", column="threshold"))
    if not 1 <= row.level <= 4:
        wrong.append(_wrong("level", value=row.level))
    wrong += [_wrong("empty", column=name) for name in ("name_zh", "name_en", "quantity") if not getattr(row, name)]
    if not wrong and check is not None and (why := check(row)):
        wrong.append(_wrong("sensor", why=why))
    return wrong
