"""Reads a spreadsheet as rows of text: the first sheet of a workbook, CSV in UTF-8 or GB 18030, or JSON Lines with the columns as names."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext
from python_calamine import CalamineError, CalamineWorkbook

from anlan.desk.resource.cells import cell_text
from anlan.desk.resource.declare import Sheet
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv", ".jsonl")
LARGEST_FILE = 60 * 1024 * 1024
LARGEST_UNPACKED = 1024 * 1024 * 1024


class UnknownKindOfFile(Refusal):
    code = "unknown_kind_of_file"
    sentence = N_("只能上传 xlsx、xls、ods、csv 或 jsonl 文件，收到的是“{name}”。")
    status = 422


class FileTooLarge(Refusal):
    code = "file_too_large"
    sentence = N_("文件有 {size} MB，最大 {limit} MB。请拆成几个文件分别导入。")
    status = 422


class FileUnreadable(Refusal):
    code = "file_unreadable"
    sentence = N_("文件打不开，可能已损坏或加了密码。请在电子表格软件中另存为 xlsx 后重新上传。")
    status = 422


class LineUnreadable(Refusal):
    code = "line_unreadable"
    sentence = N_("第 {line} 行不是 JSON 对象。JSON Lines 文件每行一个对象，名称为列名。")
    status = 422


class ColumnsMissing(Refusal):
    code = "columns_missing"
    sentence = N_("表头缺少必填的列：{columns}。请下载模板对照后重新上传。")
    status = 422


class ColumnTwice(Refusal):
    code = "column_twice"
    sentence = N_("表头中“{column}”出现了两次。")
    status = 422


class NoRows(Refusal):
    code = "no_rows"
    sentence = N_("文件里除表头外没有数据。")
    status = 422


class TooManyRows(Refusal):
    code = "too_many_rows"
    sentence = N_("文件有 {rows} 行，一次最多导入 {limit} 行。请拆成几个文件分别导入。")
    status = 422


@dataclass(frozen=True)
class Contents:
    """The data rows of a file: how many, which declared column stands where, what was not recognised."""

    rows: list[list[object]]
    positions: dict[str, int]
    ignored: list[str]

    def cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Row number as the spreadsheet shows it, and the row's cells by declared column; rows without any text are left out."""
        for number, row in enumerate(self.rows, start=2):
            texts = {name: cell_text(row[at]) if at < len(row) else "" for name, at in self.positions.items()}
            if any(texts.values()):
                yield number, texts


def read(path: Path, sheet: Sheet) -> Contents:
    """Read a stored file and match its head line to the declared columns.

    Raises :class:`FileUnreadable`, :class:`LineUnreadable`, :class:`ColumnsMissing`, :class:`ColumnTwice`, :class:`NoRows`, :class:`TooManyRows`.
    """
    rows = _READERS.get(path.suffix, _workbook_rows)(path)
    if len(rows) < 2:
        raise NoRows
    if len(rows) - 1 > sheet.limit:
        raise TooManyRows(rows=len(rows) - 1, limit=sheet.limit)
    positions, ignored = _match(rows[0], sheet)
    return Contents(rows[1:], positions, ignored)


def _match(head: list[object], sheet: Sheet) -> tuple[dict[str, int], list[str]]:
    known: dict[str, str] = {}
    for column in sheet.columns:
        for title in (column.name, str(column.label), gettext(str(column.label))):
            known[title.casefold()] = column.name
    positions: dict[str, int] = {}
    ignored: list[str] = []
    for at, cell in enumerate(head):
        title = cell_text(cell).rstrip("*＊ ").strip()
        name = known.get(title.casefold())
        if name is None:
            ignored += [title[:80]] if title else []
        elif name in positions:
            raise ColumnTwice(column=title)
        else:
            positions[name] = at
    missing = [gettext(str(column.label)) for column in sheet.columns if column.required and column.name not in positions]
    if missing:
        raise ColumnsMissing(columns="、".join(missing))
    return positions, ignored


def _workbook_rows(path: Path) -> list[list[object]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                unpacked = sum(entry.file_size for entry in packed.infolist())
            if unpacked > LARGEST_UNPACKED:
                raise FileTooLarge(size=unpacked // 2**20, limit=LARGEST_UNPACKED // 2**20)
        book = CalamineWorkbook.from_path(str(path))
        return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (CalamineError, zipfile.BadZipFile, OSError, IndexError, ValueError) as error:
        raise FileUnreadable from error


def _csv_rows(path: Path) -> list[list[object]]:
    text = _decoded(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [list(row) for row in itertools.islice(reader, 1_100_000)]
    except csv.Error as error:
        raise FileUnreadable from error


def _json_rows(path: Path) -> list[list[object]]:
    """Objects one a line; the head is made of all their names. A list is told as its values with blanks between, another object not at all."""
    objects: list[dict[str, object]] = []
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise LineUnreadable(line=number) from error
        if not isinstance(found, dict):
            raise LineUnreadable(line=number)
        objects.append(found)
    names = list(dict.fromkeys(name for each in objects for name in each))
    return [[*names], *([_plain(each.get(name)) for name in names] for each in objects)]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return " ".join(str(each) for each in value if isinstance(each, str | int | float))
    return None if isinstance(value, dict) else value


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise FileUnreadable
        return text
    raise FileUnreadable


_READERS = {".csv": _csv_rows, ".jsonl": _json_rows}
