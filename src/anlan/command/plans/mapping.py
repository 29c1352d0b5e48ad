"""Which part of a plan each piece of a document may be: a proposal with its confidence and reason, which a person confirms.

Every piece stands in exactly one proposal: a chapter, actions of a table, or what was not recognised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from anlan.command.plans import reading
from anlan.command.plans.reading import HEADING, NOTE, TABLE, Piece
from anlan.command.plans.standard import Chapter
from anlan.kernel.words import N_

CHAPTER, ACTION, LEFT = "chapter", "action", "left"
KINDS: dict[str, str] = {CHAPTER: N_("预案章节"), ACTION: N_("行动"), LEFT: N_("未识别")}

SAME, WITHIN, UNDER = "same", "within", "under"
REASONS: dict[str, str] = {
    SAME: N_("标题与标准相同"),
    WITHIN: N_("标题含有标准用词"),
    UNDER: N_("在已识别的章节之下"),
    "table": N_("表头与行动表相符"),
    "none": N_("没有相符的标准章节"),
}
_SURE: Final = {SAME: 95, UNDER: 60, "table": 80, "none": 0}
"""Confidence in percent (project defaults): how sure the proposal is, never a reason to take it over unasked."""

_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("行动", "任务", "措施", "处置内容", "工作内容"),
    "role": ("责任", "负责", "角色", "执行", "岗位"),
    "deadline_min": ("时限", "时间"),
    "resource": ("资源", "物资", "装备"),
    "done_when": ("完成标准", "标准", "要求"),
}
_MINUTES: Final = re.compile(r"(\d{1,5})\s*(分钟|分|min|小时|h|天|日)?", re.IGNORECASE)
_FACTOR: Final = {"小时": 60, "h": 60, "天": 1440, "日": 1440}


@dataclass(frozen=True)
class Proposal:
    """What pieces ``numbers`` may be. ``values``: what an action's row says by field; ``reason`` a key of ``REASONS``."""

    kind: str
    clause: str
    heading: str
    text: str
    numbers: tuple[int, ...]
    confidence: int
    reason: str
    values: tuple[tuple[str, str], ...] = ()


def propose(pieces: Sequence[Piece], wanted: Sequence[Chapter]) -> tuple[Proposal, ...]:
    """Proposals in the order of the document; each piece's number stands in exactly one, save that the rows of one table share its number."""
    found: list[Proposal] = []
    for section in _sections(pieces):
        found += _of_section(section, wanted, found)
    return tuple(found)


def _sections(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Each heading with what follows it up to the next; what stands before the first heading is a section of its own. Notes stand alone."""
    sections: list[list[Piece]] = []
    for piece in pieces:
        if piece.kind in (HEADING, NOTE) or not sections or sections[-1][0].kind == NOTE:
            sections.append([piece])
        else:
            sections[-1].append(piece)
    return sections


def _of_section(section: list[Piece], wanted: Sequence[Chapter], before: Sequence[Proposal]) -> list[Proposal]:
    tables = {piece.number: rows for piece in section if piece.kind == TABLE and (rows := action_rows(piece))}
    rest = [piece for piece in section if piece.number not in tables]
    head = section[0] if section[0].kind == HEADING else None
    found: list[Proposal] = []
    if rest:
        clause, reason, sure = best(head.text, wanted) if head is not None else ("", "none", 0)
        if not clause and head is not None and head.level > 1 and before:
            above = next((each for each in reversed(before) if each.kind != ACTION), None)
            if above is not None and above.kind == CHAPTER:
                clause, reason, sure = above.clause, UNDER, _SURE[UNDER]
        body = rest[1:] if head is not None else rest
        lines = [piece.text for piece in body]
        if head is not None and reason == UNDER:
            lines.insert(0, head.text)
        text = "\n".join(lines)
        heading = reading.bare(head.text)[:120] if head is not None else ""
        numbers = tuple(piece.number for piece in rest)
        found.append(Proposal(CHAPTER if clause else LEFT, clause, heading, text, numbers, sure, reason))
    for number, rows in tables.items():
        found += [Proposal(ACTION, "", "", dict(row).get("text", ""), (number,), _SURE["table"], "table", row) for row in rows]
    return found


def best(heading: str, wanted: Sequence[Chapter]) -> tuple[str, str, int]:
    """The clause a heading fits best: (clause, reason, percent); an empty clause when none fits."""
    title = reading.bare(heading)
    fits: list[tuple[int, str, str]] = []
    for row in wanted:
        if title == row.title_zh:
            return row.clause, SAME, _SURE[SAME]
        shares = [len(word) / len(title) for word in row.words.split("|") if word in title] if title else []
        if shares:
            fits.append((min(round(90 * max(shares)), 90), row.clause, WITHIN))
    if not fits:
        return "", "none", 0
    sure, clause, reason = max(fits, key=lambda fit: fit[0])
    return clause, reason, sure


def action_rows(piece: Piece) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The actions of a table whose first row names what is done and until when or by whom; nothing for any other table, or where cells are merged."""
    if piece.merged or len(piece.rows) < 2:
        return ()
    columns: dict[str, int] = {}
    for index, name in enumerate(piece.rows[0]):
        field = next((code for code, words in _COLUMNS.items() if code not in columns and any(word in name for word in words)), None)
        if field is not None:
            columns[field] = index
    width = len(piece.rows[0])
    # A row of another width, or a column with no place in an action, would lose words: the table then stays whole, as text.
    if "text" not in columns or not {"role", "deadline_min"} & set(columns) or len(columns) < width - _serial(piece.rows[0]):
        return ()
    rows = piece.rows[1:]
    if any(len(row) != width or not row[columns["text"]] for row in rows):
        return ()
    return tuple(tuple((field, row[index]) for field, index in columns.items()) for row in rows)


def _serial(header: Sequence[str]) -> int:
    return sum(name.strip() in ("序号", "编号", "") for name in header)


def minutes(text: str) -> int | None:
    """Minutes that a cell says (``30分钟``, ``2小时``, ``1 h``); a bare number is minutes; ``None`` when it says none."""
    found = _MINUTES.search(text)
    if found is None:
        return None
    return int(found.group(1)) * _FACTOR.get((found.group(2) or "").lower(), 1)
