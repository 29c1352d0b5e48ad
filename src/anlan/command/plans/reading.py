"""A plan as a Word file (OOXML) read into pieces in the order of the document: headings, paragraphs, tables. Nothing is left out in silence.

What is read: the body with its content controls, tracked insertions, text boxes and tables inside tables; footnotes at the end. What is not text
(pictures) is counted. Refused by name: what is no Word file, old ``.doc`` files, files with macros or a password, damaged or oversized ones.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

HEADING, PARAGRAPH, TABLE, BOX, NOTE = "heading", "paragraph", "table", "box", "note"

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_UNPACKED: Final = 200 * 1024 * 1024
"""A small archive may unpack to anything: what its directory promises is added up before anything is unpacked."""
MOST_PIECES: Final = 12_000
MOST_PAGES: Final = 400
"""Limits of the project: a plan of 400 pages is no plan that anybody carries out."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWN: Final = (f"{_W}drawing", f"{_W}pict", f"{_W}object")
_SKIPPED: Final = (f"{_W}txbxContent", f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")

_NUMBERED: Final = (
    (1, re.compile(r"^第[一二三四五六七八九十百\d]+[章篇部]\s*")),
    (2, re.compile(r"^第[一二三四五六七八九十百\d]+节\s*")),
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}、\s*")),
    (2, re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]\s*")),
)
_POINTED: Final = re.compile(r"^(\d{1,2}(?:[.．]\d{1,2}){0,4})[.．、]?\s*(?=\D)")
LONGEST_HEADING: Final = 40

_BROKEN: Final = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the library that opens Word files throws at broken ones; it has no error of its own for them."""


class NotWord(Refusal):
    code: ClassVar[str] = "plan_file_not_word"
    sentence: ClassVar[str] = N_("“{name}”不是 Word 文档（.docx）。请用 Word 另存为 .docx 后再导入。")
    status: ClassVar[int] = 422


class OldWord(Refusal):
    code: ClassVar[str] = "plan_file_old_word"
    sentence: ClassVar[str] = N_("“{name}”是旧版 .doc 文档或加了密码的文档，不能读取。请取消密码，另存为 .docx 后再导入。")
    status: ClassVar[int] = 422


class WithMacros(Refusal):
    code: ClassVar[str] = "plan_file_macros"
    sentence: ClassVar[str] = N_("“{name}”含有宏，为安全起见不予导入。请另存为不含宏的 .docx。")
    status: ClassVar[int] = 422


class DamagedWord(Refusal):
    code: ClassVar[str] = "plan_file_damaged"
    sentence: ClassVar[str] = N_("“{name}”已损坏或不完整，不能读取。请用 Word 打开并重新保存后再导入。")
    status: ClassVar[int] = 422


class TooLong(Refusal):
    code: ClassVar[str] = "plan_file_too_long"
    sentence: ClassVar[str] = N_("“{name}”超过限度（{found}，最多 {most}）。请只导入预案正文，附件另行保存。")
    status: ClassVar[int] = 422


class EmptyWord(Refusal):
    code: ClassVar[str] = "plan_file_empty"
    sentence: ClassVar[str] = N_("“{name}”中没有文字，可能是扫描图片。请导入文字版。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Piece:
    """One piece of the document. ``number`` counts from 1; ``level`` of a heading from 1, else 0; ``rows`` of a table, cells that were merged told once."""

    number: int
    kind: str
    text: str
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    merged: bool = False


@dataclass(frozen=True)
class Reading:
    """A document in pieces, and how many pictures stand in it that nobody can read."""

    pieces: tuple[Piece, ...]
    pictures: int


def read(content: bytes, name: str) -> Reading:
    """The pieces of a Word file.

    Raises ``NotWord``, ``OldWord``, ``WithMacros``, ``DamagedWord``, ``TooLong``, ``EmptyWord``.
    """
    import docx as python_docx

    _check(content, name)
    try:
        package = python_docx.Document(BytesIO(content))
        body, styles, notes = package.element.body, _styles(package), _notes(package)
    except _BROKEN as fault:
        raise DamagedWord(name=name) from fault
    pieces: list[Piece] = []
    for kind, text, level, rows, merged in [*_walk(body, styles), *((NOTE, text, 0, (), False) for text in notes)]:
        if len(pieces) >= MOST_PIECES:
            raise TooLong(name=name, found=f"> {MOST_PIECES}", most=MOST_PIECES)
        pieces.append(Piece(len(pieces) + 1, kind, text, level, rows, merged))
    if not pieces:
        raise EmptyWord(name=name)
    return Reading(tuple(pieces), sum(1 for _each in body.iter(*_DRAWN)))


def _check(content: bytes, name: str) -> None:
    if content.startswith(_OLE):
        raise OldWord(name=name)
    if len(content) > MOST_BYTES:
        raise TooLong(name=name, found=f"{len(content) / 1048576:.0f} MB", most=f"{MOST_BYTES // 1048576} MB")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MOST_UNPACKED:
                raise TooLong(name=name, found=f"{unpacked / 1048576:.0f} MB", most=f"{MOST_UNPACKED // 1048576} MB")
            if any(entry.flag_bits & 1 for entry in entries):
                raise OldWord(name=name)
            types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
            pages = _pages(archive.read("docProps/app.xml")) if "docProps/app.xml" in names else 0
    except _BROKEN as fault:
        raise (DamagedWord if content.startswith(b"PK") else NotWord)(name=name) from fault
    if b"macroEnabled" in types or any(entry.endswith("vbaProject.bin") for entry in names):
        raise WithMacros(name=name)
    if "word/document.xml" not in names:
        raise NotWord(name=name)
    if pages > MOST_PAGES:
        raise TooLong(name=name, found=f"{pages} p.", most=f"{MOST_PAGES} p.")


def _pages(properties: bytes) -> int:
    found = re.search(rb"<Pages>(\d{1,6})</Pages>", properties)
    return int(found.group(1)) if found else 0


def _styles(package: Any) -> dict[str, int]:
    """Level of each heading style by its id: by its name, its outline level, or the style it is based on."""
    levels: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in package.styles.element.iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name = style.find(f"{_W}name")
        named = re.match(r"^(?:heading|标题)\s*(\d)$", (name.get(f"{_W}val") or "") if name is not None else "", re.IGNORECASE)
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        parent = style.find(f"{_W}basedOn")
        if named:
            levels[key] = int(named.group(1))
        elif outline is not None and (outline.get(f"{_W}val") or "9") in "012345678":
            levels[key] = int(outline.get(f"{_W}val")) + 1
        elif parent is not None:
            based[key] = parent.get(f"{_W}val") or ""
    for key, parent_key in based.items():
        seen = {key}
        while parent_key and parent_key not in levels and parent_key not in seen:
            seen.add(parent_key)
            parent_key = based.get(parent_key, "")
        if parent_key in levels:
            levels[key] = levels[parent_key]
    return levels


def _notes(package: Any) -> list[str]:
    from docx.opc.oxml import parse_xml

    found = []
    for relation in package.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes")):
            root = parse_xml(relation.target_part.blob)
            found += [text for each in root.iter(f"{_W}p") if (text := _text(each))]
    return found


_Found = tuple[str, str, int, tuple[tuple[str, ...], ...], bool]


def _walk(parent: Element, styles: dict[str, int]) -> Iterator[_Found]:
    for child in parent:
        if child.tag == f"{_W}p":
            text = _text(child)
            if text:
                level = _level(child, text, styles)
                yield (HEADING if level else PARAGRAPH), text, level, (), False
            for box in child.iter(f"{_W}txbxContent"):
                # Word keeps a box twice, for new and for old readers; the old one is skipped.
                if not any(above.tag in _SKIPPED[1:] for above in box.iterancestors()) and (told := _joined(box)):
                    yield BOX, told, 0, (), False
        elif child.tag == f"{_W}tbl":
            rows, merged = _rows(child)
            if any(any(row) for row in rows):
                yield TABLE, "\n".join(" | ".join(row) for row in rows), 0, rows, merged
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag", f"{_W}moveTo"):
            yield from _walk(child, styles)


def _joined(parent: Element) -> str:
    return "\n".join(text for each in parent.iter(f"{_W}p") if (text := _text(each)))


def _text(paragraph: Element) -> str:
    """The words of a paragraph as they stand once changes are accepted, without those of boxes and tables within."""
    parts: list[str] = []

    def gather(element: Element) -> None:
        for child in element:
            if child.tag == f"{_W}t":
                parts.append(child.text or "")
            elif child.tag == f"{_W}tab":
                parts.append("\t")
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            elif child.tag not in _SKIPPED and child.tag != f"{_W}pPr":
                gather(child)

    gather(paragraph)
    return "".join(parts).replace("\x00", "").strip()


def _level(paragraph: Element, text: str, styles: dict[str, int]) -> int:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    if outline is not None and (outline.get(f"{_W}val") or "9") in "012345678":
        return int(outline.get(f"{_W}val") or 0) + 1
    if style is not None and (known := styles.get(style.get(f"{_W}val") or "")):
        return known
    return numbered_level(text)


def numbered_level(text: str) -> int:
    """Level of a short line that begins like a heading (第一章, 一、, （一）, 1.2); 0 for running text."""
    if len(text) > LONGEST_HEADING or text[-1:] in "。；;，,：:":
        return 0
    for level, pattern in _NUMBERED:
        if pattern.match(text):
            return level
    pointed = _POINTED.match(text)
    return len(re.split(r"[.．]", pointed.group(1))) if pointed else 0


def bare(heading: str) -> str:
    """A heading without its number and blanks."""
    text = heading.strip()
    for _level_of, pattern in _NUMBERED:
        text = pattern.sub("", text, count=1)
    return re.sub(r"\s+", "", _POINTED.sub("", text, count=1))


def _rows(table: Element) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Cells row by row; a cell that goes on from the row above is empty. Tables within cells are told as text."""
    merged = False
    rows: list[tuple[str, ...]] = []
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells: list[str] = []
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            joined = cell.find(f"{_W}tcPr/{_W}vMerge")
            width = span.get(f"{_W}val") or "1" if span is not None else "1"
            merged = merged or joined is not None or width != "1"
            goes_on = joined is not None and joined.get(f"{_W}val") != "restart"
            told = _joined(cell)
            cells.append("" if goes_on and not told else told)
            cells += [""] * (min(int(width), 60) - 1 if width.isdigit() else 0)
        rows.append(tuple(cells))
    return tuple(rows), merged
