"""PDF documents: Chinese comes out as Chinese, and no content acts as markup."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from anlan.desk.documents import Document, Heading, Lines, NoFont, Pairs, Paragraph, Signatures, Table, TimelineRow, pdf, rendering


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_the_chinese_title_and_every_kind_of_block_are_in_the_pdf() -> None:
    content = pdf(
        Document(
            title="示范氯碱有限公司氯气泄漏信息快报",
            organ="历下区应急管理局",
            number="第 1 期",
            date="2026-11-23",
            marks=("演练",),
            foot="安澜",
            blocks=(
                Heading("一、基本情况"),
                Paragraph("液氯储罐法兰泄漏。\n已启动水幕。"),
                Pairs((("死亡人数", "0"), ("下落不明", "不清楚"))),
                Table(("环节", "时限"), (("县级 → 市级", "2 小时"),)),
                Lines((TimelineRow("02:14", "报警", "氯气 60 ppm", "系统", "超时 14 分钟", "red"),)),
            ),
        )
    )
    text = text_of(content)
    for words in ("示范氯碱有限公司氯气泄漏信息快报", "历下区应急管理局", "演练", "已启动水幕", "下落不明", "县级 → 市级", "超时 14 分钟"):
        assert words in text
    assert PdfReader(BytesIO(content)).metadata["/Title"] == "示范氯碱有限公司氯气泄漏信息快报"


def test_a_paper_without_an_issuing_body_bears_its_number_and_a_form_an_odd_number_of_fields_and_a_place_to_sign() -> None:
    form = Pairs((("作业内容", "更换法兰"), ("作业地点", "二车间"), ("监护人", "魏青")), boxed=True)
    text = text_of(
        pdf(Document(title="动火安全作业票", number="DH-20261126-001", blocks=(form, Signatures((("审核人", ""), ("编制人", "李明"))))))
    )
    for words in ("DH-20261126-001", "更换法兰", "魏青", "审核人", "李明", "签字"):
        assert words in text


def test_a_heading_is_never_left_alone_at_the_end_of_a_page() -> None:
    for lines in range(28, 44):
        blocks = (*(Paragraph("行") for _ in range(lines)), Heading("六、依据"), Paragraph("依据一"), Paragraph("依据二"))
        pages = [page.extract_text() for page in PdfReader(BytesIO(pdf(Document(title="书", blocks=blocks)))).pages]
        assert [number for number, page in enumerate(pages) if "六、依据" in page] == [
            number for number, page in enumerate(pages) if "依据一" in page
        ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
def test_no_text_breaks_the_document(words: str) -> None:
    assert pdf(Document(title=words, blocks=(Paragraph(words), Pairs(((words, words),))))).startswith(b"%PDF")


def test_markup_in_a_text_stays_text() -> None:
    text = text_of(pdf(Document(title="t", blocks=(Paragraph('#panic("x") *粗* $a$ #sys.inputs <label> @ref'),))))
    assert '#panic("x")' in text
    assert "*粗*" in text


def test_a_long_document_has_page_numbers() -> None:
    content = pdf(Document(title="长", blocks=tuple(Paragraph("行" * 200) for _ in range(60)), page="第 {page} 页，共 {pages} 页"))
    reader = PdfReader(BytesIO(content))
    assert len(reader.pages) > 2
    assert f"第 2 页，共 {len(reader.pages)} 页" in reader.pages[1].extract_text()


def test_without_any_font_the_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANLAN_FONT_PATHS", raising=False)
    monkeypatch.setattr(rendering, "_BROWSER_FONTS", tmp_path)
    monkeypatch.setattr(rendering, "_SYSTEM_FONTS", ())
    rendering.font_folders.cache_clear()
    with pytest.raises(NoFont, match="ANLAN_FONT_PATHS"):
        rendering.font_folders()
    rendering.font_folders.cache_clear()
