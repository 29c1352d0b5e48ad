"""Word files of plans: read in order, mapped with a reason, nothing lost, bad input refused by name; documents are made here."""

from __future__ import annotations

import contextlib
import zipfile
from datetime import date
from io import BytesIO

import docx as python_docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.command.plans import mapping, reading, standard
from anlan.command.plans.reading import HEADING, PARAGRAPH, TABLE, Piece
from anlan.kernel.errors import Refusal

WANTED = standard.chapters("special", date(2026, 11, 26))


def saved(document: object) -> bytes:
    out = BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def plan() -> bytes:
    """A plan as offices write it: styled and numbered headings, a table of actions, a merged table, a box, a control, a tracked insertion."""
    file = python_docx.Document()
    file.add_paragraph("某公司液氯泄漏专项应急预案")
    file.add_heading("1 适用范围", 1)
    file.add_paragraph("适用于液氯储存区。")
    file.add_paragraph("二、应急组织机构及职责")
    file.add_paragraph("（一）指挥部")
    file.add_paragraph("总指挥由总经理担任。")
    file.add_heading("处置措施", 1)
    rows = [
        ("序号", "处置内容", "责任岗位", "时限", "完成标准"),
        ("1", "关闭阀门", "中控员", "5分钟", "阀门关闭"),
        ("2", "疏散", "班长", "0.5", "清点"),
    ]
    table = file.add_table(rows=3, cols=5)
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    merged = file.add_table(rows=2, cols=2)
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "物资表"
    merged.cell(1, 0).text = "空气呼吸器"
    file.add_heading("企业文化", 1)
    tail = file.add_paragraph("安全第一。")
    tail._p.append(parse_xml(f"<w:ins {nsdecls('w')} w:id='1'><w:r><w:t>修订插入</w:t></w:r></w:ins>"))
    tail._p.append(parse_xml(f"<w:del {nsdecls('w')} w:id='2'><w:r><w:delText>删去</w:delText></w:r></w:del>"))
    control = OxmlElement("w:sdt")
    inner = OxmlElement("w:sdtContent")
    inner.append(parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>控件里的话</w:t></w:r></w:p>"))
    control.append(inner)
    tail._p.addnext(control)
    box = f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>报警电话</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    tail._p.append(parse_xml(box))
    return saved(file)


def test_a_plan_is_read_in_order_and_each_piece_is_proposed_once_with_its_reason() -> None:
    read = reading.read(plan(), "预案.docx")
    assert [(piece.level, piece.text) for piece in read.pieces if piece.kind == HEADING] == [
        (1, "1 适用范围"),
        (1, "二、应急组织机构及职责"),
        (2, "（一）指挥部"),
        (1, "处置措施"),
        (1, "企业文化"),
    ]
    words = "\n".join(piece.text for piece in read.pieces)
    assert all(text in words for text in ("控件里的话", "安全第一。修订插入", "报警电话", "物资表", "空气呼吸器"))
    assert "删去" not in words
    found = mapping.propose(read.pieces, WANTED)
    chapters = {(each.clause, each.reason) for each in found if each.kind == mapping.CHAPTER}
    assert chapters == {("7.1", "same"), ("7.2", "same"), ("7.2", "under"), ("7.4", "same")}
    actions = [dict(each.values) for each in found if each.kind == mapping.ACTION]
    assert [(row["text"], row["role"], row["deadline_min"]) for row in actions] == [
        ("关闭阀门", "中控员", "5分钟"),
        ("疏散", "班长", "0.5"),
    ]
    assert [each.heading for each in found if each.kind == mapping.LEFT] == ["", "企业文化"]
    assert "物资表" in next(each.text for each in found if each.clause == "7.4"), "a table with merged cells stays whole, as text"


def test_minutes_are_read_from_what_offices_write() -> None:
    told = {"30分钟": 30, "2小时": 120, "1 h": 60, "15": 15, "1天内": 1440, "立即": None}
    assert {text: mapping.minutes(text) for text in told} == told


TEXTS = st.text(st.sampled_from("一二、（）1.2 适用范围处置措施甲乙丙。"), min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.tuples(st.sampled_from([HEADING, PARAGRAPH, reading.NOTE, reading.BOX]), TEXTS, st.integers(1, 4)), max_size=20))
def test_nothing_is_lost_and_nothing_stands_twice(rows: list[tuple[str, str, int]]) -> None:
    pieces = [Piece(n, kind, text, level if kind == HEADING else 0) for n, (kind, text, level) in enumerate(rows, 1)]
    found = mapping.propose(pieces, WANTED)
    assert sorted(number for each in found for number in each.numbers) == [piece.number for piece in pieces]
    told = "".join(reading.bare(each.heading) + each.text for each in found)
    assert all(piece.text in told for piece in pieces if piece.kind != HEADING)


@given(st.lists(st.lists(st.sampled_from(["行动", "责任人", "时限", "备注", "甲", ""]), min_size=1, max_size=4), min_size=1, max_size=4))
def test_the_words_of_a_table_are_in_its_actions_or_it_stays_whole(rows: list[list[str]]) -> None:
    piece = Piece(1, TABLE, "", 0, tuple(tuple(row) for row in rows))
    for values, row in zip(mapping.action_rows(piece), rows[1:], strict=False):
        assert sorted(value for _field, value in values if value) == sorted(
            cell for cell, name in zip(row, rows[0], strict=True) if cell and name
        )


def zipped(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def changed(name: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(plan())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", reading.NotWord),
        (b"%PDF-1.7", reading.NotWord),
        (b"PK\x03\x04broken", reading.DamagedWord),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, reading.OldWord),
        (zipped(xl__workbook_xml=b"<x/>"), reading.NotWord),
        (changed("word/vbaProject.bin", b"x"), reading.WithMacros),
        (changed("word/document.xml", b"<w:document"), reading.DamagedWord),
        (changed("docProps/app.xml", b"<Properties><Pages>500</Pages></Properties>"), reading.TooLong),
        (b"PK" + b"0" * (reading.MOST_BYTES + 1), reading.TooLong),
        (saved(python_docx.Document()), reading.EmptyWord),
    ],
    ids=[
        "nothing",
        "pdf",
        "half a zip",
        "old or encrypted",
        "a workbook",
        "macros",
        "broken xml",
        "500 pages",
        "too many bytes",
        "no words",
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        reading.read(content, "附件.docx")
    assert refused.value.facts["name"] == "附件.docx"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=40))
def test_a_file_damaged_anywhere_is_read_or_refused_and_never_breaks(at: int, noise: bytes) -> None:
    good = _PLAN
    at %= len(good)
    with contextlib.suppress(Refusal):
        assert reading.read(good[:at] + noise + good[at + len(noise) :], "x.docx").pieces


_PLAN = plan()
