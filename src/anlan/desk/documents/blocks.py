"""The words of a document: frozen dataclasses that rooms fill in. Every text is plain text; nothing in it is ever taken as markup."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Tone = Literal["", "red", "orange", "yellow", "blue", "green", "grey"]


@dataclass(frozen=True)
class Heading:
    """A section heading."""

    text: str
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Paragraph:
    """Running text; line breaks are kept."""

    text: str
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Pairs:
    """Names and values in two columns; ``boxed``: two pairs a row within lines, as on a form."""

    rows: tuple[tuple[str, str], ...]
    boxed: bool = False
    kind: str = field(default="pairs", init=False)


@dataclass(frozen=True)
class Table:
    """A table with a header; ``widths`` are relative, one a column."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Signatures:
    """Who is to sign, with the name where it is known: a line to sign on and a place for the day, never cut by the end of a page."""

    rows: tuple[tuple[str, str], ...]
    kind: str = field(default="signatures", init=False)


@dataclass(frozen=True)
class TimelineRow:
    """One moment of a timeline: when, what, by whom, and a verdict on its deadline with a tone."""

    at: str
    title: str
    text: str = ""
    who: str = ""
    verdict: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Lines:
    """A timeline."""

    rows: tuple[TimelineRow, ...]
    kind: str = field(default="lines", init=False)


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG (:mod:`anlan.desk.documents.map_picture`) with its caption, as wide as the text."""

    svg: str
    caption: str = ""
    kind: str = field(default="picture", init=False)


Block = Heading | Paragraph | Pairs | Table | Signatures | Lines | Picture


@dataclass(frozen=True)
class Document:
    """A whole document.

    ``organ`` is the heading line of the issuing body, ``number`` and ``date`` stand below it, ``marks`` are words printed in boxes
    (演练, 内部). ``letterhead``: in red, as organs of the state issue papers; an enterprise's own paper is black. ``foot`` is printed at the bottom of each page beside ``page`` (a template with ``{page}`` and ``{pages}``).
    """

    title: str
    blocks: tuple[Block, ...]
    organ: str = ""
    number: str = ""
    date: str = ""
    marks: tuple[str, ...] = ()
    foot: str = ""
    page: str = "{page} / {pages}"
    language: str = "zh"
    letterhead: bool = True

    def plain(self) -> dict[str, Any]:
        """Plain values for the template."""
        return asdict(self)
