"""Documents as editable Word files (OOXML), from the same blocks as the PDF, in the shape of an official document (公文).

Fonts are named, not embedded: offices have 仿宋_GB2312 and 方正小标宋简体, a fresh machine has not; Word then takes another. Sizes and
margins are those of GB/T 9704-2012 (5.2.1, 7.3.1: margins 37, 28 and 26 mm; 三号 16 pt body, 小标宋 二号 22 pt title). Status: secondary.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING, Final

from anlan.desk.documents.blocks import Block, Document, Heading, Lines, Pairs, Paragraph, Picture, Signatures, Table
from anlan.desk.documents.rendering import png

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.text.run import Run

BODY_PT, TABLE_PT, TITLE_PT, ORGAN_PT = 16, 12, 22, 26
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
PICTURE_MM: Final = 210 - LEFT_MM - RIGHT_MM
ORGAN_RGB: Final = (0xC4, 0x16, 0x1C)


def body_font() -> str:
    """Name of the body's font: ``ANLAN_DOCUMENT_BODY_FONT`` or 仿宋_GB2312."""
    return os.environ.get("ANLAN_DOCUMENT_BODY_FONT", "仿宋_GB2312")


def title_font() -> str:
    """Name of the title's font: ``ANLAN_DOCUMENT_TITLE_FONT`` or 方正小标宋简体."""
    return os.environ.get("ANLAN_DOCUMENT_TITLE_FONT", "方正小标宋简体")


def docx(document: Document) -> bytes:
    """Render ``document`` as a Word file. Raises ``NoFont`` when it holds a picture and no font can draw it."""
    # Loaded where a document is made: every process of the pages would carry it otherwise.
    import docx as python_docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt, RGBColor

    file = python_docx.Document()
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    normal = file.styles["Normal"]
    normal.font.size = Pt(BODY_PT)  # type: ignore[attr-defined]
    file.core_properties.title = _clean(document.title)
    file.core_properties.author = _clean(document.organ)
    file.core_properties.language = "en" if document.language == "en" else "zh-CN"
    if document.marks:
        marks = file.add_paragraph()
        marks.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _write(marks.add_run(" ".join(f"【{_clean(mark)}】" for mark in document.marks)), body_font()).bold = True
    if document.organ:
        organ = file.add_paragraph()
        organ.alignment = WD_ALIGN_PARAGRAPH.CENTER
        written = _write(organ.add_run(_clean(document.organ)), title_font(), ORGAN_PT)
        if document.letterhead:
            written.font.color.rgb = RGBColor(*ORGAN_RGB)
    if document.number or document.date:
        _write(file.add_paragraph().add_run(_clean(f"{document.number}\t{document.date}".strip())), body_font(), TABLE_PT)
    title = file.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(title.add_run(_clean(document.title)), title_font(), TITLE_PT)
    for block in document.blocks:
        _add(file, block, document.language)
    foot = section.footer.paragraphs[0]
    _write(foot.add_run(_clean(document.foot)), body_font(), 9)
    held = BytesIO()
    file.save(held)
    return held.getvalue()


def _add(file: WordFile, block: Block, language: str) -> None:
    match block:
        case Heading():
            _write(file.add_paragraph().add_run(_clean(block.text)), "黑体", BODY_PT)
        case Paragraph():
            for row in block.text.split("\n"):
                _write(file.add_paragraph().add_run(_clean(row)), body_font(), BODY_PT)
        case Pairs():
            _grid(file, (), block.rows, (0.3, 0.7))
        case Table():
            _grid(file, block.header, block.rows, block.widths)
        case Signatures():
            sign, day = ("Signature", "Date") if language == "en" else ("签字", "　　年　　月　　日")
            _grid(file, (), tuple((*row, sign, day) for row in block.rows), (0.25, 0.2, 0.3, 0.25))
        case Lines():
            rows = tuple((row.at, "\n".join(filter(None, (row.title, row.verdict, row.text, row.who)))) for row in block.rows)
            _grid(file, (), rows, (0.25, 0.75))
        case Picture():
            _picture(file, block)


def _picture(file: WordFile, block: Picture) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    file.add_picture(BytesIO(png(block.svg, width_mm=PICTURE_MM)), width=Mm(PICTURE_MM))
    if block.caption:
        caption = file.add_paragraph()
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(caption.add_run(_clean(block.caption)), body_font(), TABLE_PT)


def _grid(file: WordFile, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], widths: tuple[float, ...]) -> None:
    from docx.shared import Mm

    every = (*((header,) if header else ()), *rows)
    if not every:
        return
    columns = len(every[0])
    shares = widths if len(widths) == columns else (1.0,) * columns
    table = file.add_table(rows=0, cols=columns, style="Table Grid")
    table.autofit = False
    for number, row in enumerate(every):
        cells = table.add_row().cells
        for cell, text, share in zip(cells, row, shares, strict=True):
            cell.width = Mm(PICTURE_MM * share / sum(shares))
            written = _write(cell.paragraphs[0].add_run(_clean(text)), body_font(), TABLE_PT)
            written.bold = bool(header) and number == 0
    file.add_paragraph()


def _write(run: Run, font: str, points: int = BODY_PT) -> Run:
    """Set font and size; Word asks for the font of Chinese characters by an attribute of its own."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.name = font
    run.font.size = Pt(points)
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    return run


def _clean(text: str) -> str:
    """Without the characters that XML does not know; line breaks and tabs stay."""
    return "".join(character for character in text if character in "\n\t" or (character.isprintable() and character not in "\ufffe\uffff"))
