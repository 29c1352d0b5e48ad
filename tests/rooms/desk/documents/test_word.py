"""Documents as Word files: the same words as the PDF, editable, and no content breaks the file."""

from __future__ import annotations

from io import BytesIO

import docx as python_docx
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.desk.documents import Document, Heading, Lines, Pairs, Paragraph, Picture, Signatures, Table, TimelineRow, docx, pdf
from anlan.desk.documents.map_picture import MapPicture, ShownArea, svg


def words_of(content: bytes) -> str:
    file = python_docx.Document(BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in file.paragraphs), *cells, *(p.text for p in file.sections[0].footer.paragraphs)])


def test_every_kind_of_block_is_in_the_word_file() -> None:
    picture = svg(MapPicture(areas=(ShownArea(((((117.0, 36.0), (117.1, 36.0), (117.1, 36.1)),),), "red", "死亡区"),)))
    document = Document(
        title="氯气泄漏研判报告",
        organ="历下区应急管理局",
        number="第 1 期",
        date="2026-11-23",
        marks=("演练",),
        foot="安澜",
        blocks=(
            Heading("一、结论"),
            Paragraph("下风向 2.1 km。\n建议撤离。"),
            Pairs((("物质", "氯"),)),
            Table(("区域", "人数"), (("红区", "约 1,200 人"),)),
            Lines((TimelineRow("02:14", "报警", "60 ppm", "系统", "超时", "red"),)),
            Picture(picture, "影响范围"),
            Signatures((("审核人", "钱守"),)),
        ),
    )
    content = docx(document)
    for words in (
        "氯气泄漏研判报告",
        "历下区应急管理局",
        "【演练】",
        "建议撤离。",
        "氯",
        "约 1,200 人",
        "60 ppm",
        "影响范围",
        "钱守",
        "安澜",
    ):
        assert words in words_of(content)
    assert len(python_docx.Document(BytesIO(content)).inline_shapes) == 1
    assert pdf(document).startswith(b"%PDF")


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_the_word_file(words: str) -> None:
    assert words_of(docx(Document(title=words, blocks=(Paragraph(words), Table((words,), ((words,),))), organ=words))) is not None
