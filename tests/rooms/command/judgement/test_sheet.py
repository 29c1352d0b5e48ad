"""The judgement sheet: what stood on the page stands on paper, in a file to edit too, in the reader's language, for those who may see it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx as python_docx
import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader
from tests.accounts import client_for
from tests.rooms.command.judgement.test_judgement import after, answered, ask, judgement, readings, tank  # noqa: F401

from anlan.command.judgement import facts, queries, sheet
from anlan.command.judgement.models import Judgement, Run
from anlan.desk.documents import docx, pdf
from anlan.kernel.access import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(judgement: Judgement, county_officer: Actor) -> Run:  # noqa: F811
    return queries.run(answered(ask(judgement, county_officer)).pk, None)


def made(run: Run, actor: Actor) -> Any:
    return sheet.document(run, facts.report(run, actor), (), actor, after(8))


def words(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_the_sheet_tells_answer_zones_options_cautions_inputs_and_models(run: Run, county_officer: Actor) -> None:
    told = words(pdf(made(run, county_officer)))
    for expected in (
        "演练",
        "历下区应急管理局",
        "AEGL-2",
        "方案比选",
        "须知",
        "气象站",
        "液氯储罐",
        "britter_mcquaid",
        county_officer.name,
    ):
        # Words of two scripts may be set apart in the print.
        assert expected in told.replace(" ", ""), expected
    first = PdfReader(BytesIO(pdf(made(run, county_officer)))).pages[0].extract_text()
    assert "方案比选" in first, "what is decided by stands on the first page"
    assert "附：" not in first.split("方案比选")[0]


def test_the_editable_sheet_holds_the_same_words_and_the_map(run: Run, county_officer: Actor) -> None:
    file = python_docx.Document(BytesIO(docx(made(run, county_officer))))
    told = "\n".join([*(p.text for p in file.paragraphs), *(c.text for t in file.tables for r in t.rows for c in r.cells)])
    assert "AEGL-2" in told
    assert "方案比选" in told
    assert len(file.inline_shapes) == 1


def test_the_map_holds_every_zone_and_the_wind(run: Run, county_officer: Actor) -> None:
    drawn = sheet.picture(run, facts.report(run, county_officer)) or ""
    assert drawn.count('fill-opacity="0.38"') == 3
    assert "东北风 2.4 m/s" in drawn
    assert "rotate(225.0)" in drawn


def test_the_sheet_is_english_for_who_reads_english(run: Run, county_officer: Actor) -> None:
    with translation.override("en"):
        told = words(pdf(made(run, county_officer)))
    assert "Judgement report" in told
    assert "研判报告" not in told


def test_the_sheet_is_served_to_who_may_see_it_and_to_nobody_else(run: Run) -> None:
    here, there = client_for("duty_officer", "370102"), client_for("duty_officer", "370103")
    for name, begins in (("sheet_pdf", b"%PDF"), ("sheet_word", b"PK")):
        address = reverse(f"judgement:{name}", args=[run.judgement_id, run.pk])
        assert here.get(address).content.startswith(begins)
        assert there.get(address).status_code == 404
