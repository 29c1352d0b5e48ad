"""Checks every row of a spreadsheet before anything is written: parsers, required cells, doubles in file and store, jurisdiction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from anlan.desk.resource.cells import CellMissing
from anlan.desk.resource.declare import Resource, Sheet, SheetColumn
from anlan.desk.resource.importing.reading import Contents
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_

BATCH = 1000
_WORDS = 4096

Parsers = Mapping[str, Callable[[str], Any]]
"""What reads the cells of each column."""


class TwiceInFile(Refusal):
    code = "twice_in_file"
    sentence = N_("“{value}”与第 {first} 行重复。")
    status = 422


class AlreadyStored(Refusal):
    code = "already_stored"
    sentence = N_("“{value}”已经登记过，不能重复导入；如需更新请在该记录页面修改。")
    status = 422


class OutsideJurisdiction(Refusal):
    code = "outside_jurisdiction"
    sentence = N_("行政区划“{value}”不在您可以导入的管辖范围内。")
    status = 422


@dataclass(frozen=True)
class Problem:
    """One reason to refuse one row; ``sentence`` overrides the refusal's own where a rule gave finished text."""

    row: int
    column: str
    value: str
    code: str
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Batch:
    """Up to :data:`BATCH` rows: the good ones as values by column name, and the problems of the others."""

    good: list[tuple[int, dict[str, Any]]]
    problems: list[Problem]
    rows: int


def batches(resource: Resource, contents: Contents, actor: Actor, now: datetime) -> Iterator[Batch]:
    """Check all rows in order. The store is asked once per batch and unique column."""
    sheet = resource.sheet
    assert sheet is not None
    seen: dict[str, dict[Any, int]] = {column.name: {} for column in sheet.columns if column.unique}
    # A list says the same dates, codes and words in most of its rows: each is read once.
    parsers = {column.name: lru_cache(_WORDS)(column.parse) for column in sheet.columns if column.parse is not None}
    waiting: list[tuple[int, dict[str, str]]] = []
    for numbered in contents.cells():
        waiting.append(numbered)
        if len(waiting) == BATCH:
            yield _check(resource, sheet, waiting, parsers, seen, actor, now)
            waiting = []
    if waiting:
        yield _check(resource, sheet, waiting, parsers, seen, actor, now)


def _check(
    resource: Resource,
    sheet: Sheet,
    rows: list[tuple[int, dict[str, str]]],
    parsers: Parsers,
    seen: dict[str, dict[Any, int]],
    actor: Actor,
    now: datetime,
) -> Batch:
    problems: dict[int, list[Problem]] = {}
    texts_of = dict(rows)
    read = [(row, texts, *_parse(sheet, parsers, row, texts)) for row, texts in rows]
    _resolve(sheet, read, actor, now)
    parsed: list[tuple[int, dict[str, Any]]] = []
    for row, texts, values, found in read:
        if not found:
            found.extend(_judge(resource, sheet, row, values, texts, actor))
        for column in sheet.columns:
            value = values.get(column.name)
            if column.unique and value is not None:
                first = seen[column.name].setdefault(value, row)
                if first != row:
                    found.append(_problem(row, column, texts[column.name], TwiceInFile(value=texts[column.name], first=first)))
        if found:
            problems[row] = found
        parsed.append((row, values))
    # What the room resolves is comparable with the store only where it could be resolved.
    comparable = parsed if sheet.resolve is None else [entry for entry in parsed if entry[0] not in problems]
    for row, found in _stored(resource, sheet, comparable, texts_of).items():
        problems.setdefault(row, []).extend(found)
    good = [(row, values) for row, values in parsed if row not in problems]
    return Batch(good, [problem for row in sorted(problems) for problem in problems[row]], len(rows))


def _parse(sheet: Sheet, parsers: Parsers, row: int, texts: dict[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    found: list[Problem] = []
    for column in sheet.columns:
        text = texts.get(column.name, "")
        if not text:
            values[column.name] = None
            if column.required:
                found.append(_problem(row, column, "", CellMissing(column=str(column.label))))
            continue
        try:
            parse = parsers.get(column.name)
            values[column.name] = parse(text) if parse is not None else text
        except Refusal as refusal:
            found.append(_problem(row, column, text, refusal))
    return values, found


def _resolve(sheet: Sheet, read: list[tuple[int, dict[str, str], dict[str, Any], list[Problem]]], actor: Actor, now: datetime) -> None:
    """Let the room look up what the good rows of a batch name elsewhere."""
    if sheet.resolve is None:
        return
    columns = {column.name: column for column in sheet.columns}
    good = [entry for entry in read if not entry[3]]
    for index, (name, refusal) in sheet.resolve([values for _row, _texts, values, _found in good], actor=actor, now=now).items():
        row, texts, _values, found = good[index]
        found.append(_problem(row, columns.get(name), texts.get(name, ""), refusal))


def _judge(resource: Resource, sheet: Sheet, row: int, values: dict[str, Any], texts: dict[str, str], actor: Actor) -> list[Problem]:
    """The room's own check of the whole row, and the jurisdiction."""
    assert resource.actions.import_ is not None
    columns = {column.name: column for column in sheet.columns}
    found: list[Problem] = []
    if sheet.check is not None:
        try:
            sheet.check(values)
        except Invalid as refusal:
            for name, why in refusal.fields.items():
                found.append(_problem(row, columns.get(name), texts.get(name, ""), why))
            if not refusal.fields:
                found.append(_problem(row, None, "", refusal))
        except Refusal as refusal:
            found.append(_problem(row, None, "", refusal))
    place = sheet.place(values) if sheet.place is not None else str(values.get("place_code") or "")
    enterprise = values.get("enterprise_id")
    if not actor.may(resource.actions.import_, place_code=place, enterprise_id=enterprise if isinstance(enterprise, UUID) else None):
        found.append(_problem(row, columns.get("place_code"), place, OutsideJurisdiction(value=place)))
    return found


def _stored(
    resource: Resource, sheet: Sheet, parsed: list[tuple[int, dict[str, Any]]], texts: dict[int, dict[str, str]]
) -> dict[int, list[Problem]]:
    """Values of unique columns that the store already holds, wherever they are: a double is a double in every jurisdiction."""
    found: dict[int, list[Problem]] = {}
    for column in sheet.columns:
        if not column.unique:
            continue
        name = column.stored_in or column.name
        values = {value for _row, row_values in parsed if (value := row_values.get(column.name)) is not None}
        taken = set(resource.model._base_manager.filter(**{f"{name}__among": values}).values_list(name, flat=True))
        for row, row_values in parsed:
            value = row_values.get(column.name)
            if value is not None and value in taken:
                text = texts[row][column.name]
                found.setdefault(row, []).append(_problem(row, column, text, AlreadyStored(value=text)))
    return found


def _problem(row: int, column: SheetColumn | None, value: str, why: Refusal | str) -> Problem:
    name = column.name if column is not None else ""
    if isinstance(why, str):
        return Problem(row, name, value[:200], "refused", why.replace("{", "{{").replace("}", "}}"))
    facts = {key: fact if isinstance(fact, str | int | float | bool | None) else str(fact) for key, fact in why.facts.items()}
    return Problem(row, name, value[:200], why.code, why.sentence, facts)
