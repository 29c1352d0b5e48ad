"""Spreadsheet import: every bad row named, nothing written before the decision, one audit entry for the whole file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.rooms.desk.conftest import workbook

from anlan.desk.models import SheetImport, SheetState
from anlan.desk.resource import cells
from anlan.desk.resource.importing import jobs, pages
from anlan.ground.enterprises import rules
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
HEAD = ["统一社会信用代码*", "企业名称*", "归属地代码*", "经度", "纬度", "备注栏"]


def code(number: int) -> str:
    return rules.complete_credit_code(f"91370102MA{number:07d}")


def good(number: int, **more: Any) -> list[Any]:
    row = {"uscc": code(number), "name": f"导入{number}号厂", "place": 370102.0, "longitude": 117.0765, "latitude": 36.6665, **more}
    return [*row.values(), ""]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs: tests do its work when they choose."""
    monkeypatch.setattr(pages, "queue_sheet", lambda _key: None)


def upload(client: Client, rows: Sequence[Sequence[Any]], name: str = "企业.xlsx") -> SheetImport:
    answer = client.post("/enterprises/import/", {"file": SimpleUploadedFile(name, workbook(rows))})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    job = SheetImport.objects.latest("created_at")
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def reasons(job: SheetImport) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for problem in job.problems.all():
        found.setdefault(problem.row, []).append(pages.Kept(problem.sentence, problem.facts).text)
    return found


def test_every_bad_row_is_named_and_nothing_is_written_before_the_decision(
    browser: Browser, lixia: Actor, plants: list[Enterprise]
) -> None:
    before = Enterprise.objects.count()
    job = upload(
        browser(lixia),
        [
            HEAD,
            good(101),
            good(102, uscc="91370102MA0000102X"),  # wrong check digit
            good(101),  # twice in the file
            good(103, uscc=plants[0].uscc),  # already in the store
            good(104, longitude=36.66, latitude=117.07),  # the two exchanged
            good(105, place=370103.0, longitude=116.9976, latitude=36.6512),  # another county
            good(106, name=""),  # required
            good(107, place="99"),  # no place code
            good(108),
        ],
    )
    assert job.state == SheetState.CHECKED
    assert (job.total_rows, job.bad_rows, job.good_rows) == (9, 7, 2)
    told = reasons(job)
    assert set(told) == {3, 4, 5, 6, 7, 8, 9}
    assert "与第 2 行重复" in told[4][0]
    assert "已经登记过" in told[5][0]
    assert "不在您可以导入的管辖范围内" in told[7][0]
    assert "必须填写" in told[8][0]
    assert job.ignored_columns == ["备注栏"]
    assert Enterprise.objects.count() == before


def test_good_rows_are_written_on_request_as_one_audited_change(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    job = upload(client, [HEAD, good(101), good(102, uscc="坏代码"), good(103)])
    client.post(f"/enterprises/import/{job.pk}/decide/", {"choice": "good"})
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.written_rows) == (SheetState.WRITTEN, 2)
    assert set(Enterprise.objects.filter(uscc__in=[code(101), code(103)]).values_list("name", flat=True)) == {"导入101号厂", "导入103号厂"}
    facts = [e.content["facts"] for e in AuditEntry.objects.filter(action="enterprises.import") if e.content["facts"].get("sha256")]
    assert [(f["rows"], f["sha256"], f["decision"]) for f in facts] == [(2, job.sha256, "good")]
    assert not jobs.path_of(job).exists()
    jobs.work(job.pk)  # the job runs once more: nothing is written twice
    assert Enterprise.objects.filter(uscc=code(101)).count() == 1
    assert "导入101号厂" in client.get("/enterprises/", {"q": "导入101"}).content.decode()


def test_all_may_be_refused(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    job = upload(client, [HEAD, good(101)])
    client.post(f"/enterprises/import/{job.pk}/decide/", {"choice": "refuse"})
    job.refresh_from_db()
    assert job.state == SheetState.REFUSED
    assert not Enterprise.objects.filter(uscc=code(101)).exists()
    again = client.post(f"/enterprises/import/{job.pk}/decide/", {"choice": "good"})
    assert again.status_code == 409


def test_a_row_that_became_bad_since_the_check_stops_the_writing(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    job = upload(client, [HEAD, good(101), good(102)])
    client.post(f"/enterprises/import/{job.pk}/decide/", {"choice": "good"})
    Enterprise.objects.filter(pk=plants[0].pk).update(uscc=code(102))
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.bad_rows) == (SheetState.CHECKED, 1)
    assert not Enterprise.objects.filter(uscc=code(101)).exists()
    assert "已经登记过" in reasons(job)[3][0]


def test_a_waiting_import_is_cancelled(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    client.post("/enterprises/import/", {"file": SimpleUploadedFile("a.xlsx", workbook([HEAD, good(101)]))})
    job = SheetImport.objects.latest("created_at")
    client.post(f"/enterprises/import/{job.pk}/decide/", {"choice": "cancel"})
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == SheetState.CANCELLED


def test_the_report_page_and_file_name_row_column_value_and_reason(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    job = upload(client, [HEAD, good(101, uscc="=1+1")])
    text = client.get(f"/enterprises/import/{job.pk}/").content.decode()
    assert "统一社会信用代码" in text and "=1+1" in text
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/enterprises/import/{job.pk}/report/").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == 2.0 and rows[1][1] == "统一社会信用代码" and rows[1][2] == "'=1+1"


def test_nobody_opens_another_persons_import(browser: Browser, lixia: Actor, jinan: Actor, plants: list[Enterprise]) -> None:
    job = upload(browser(lixia), [HEAD, good(101)])
    assert browser(jinan).get(f"/enterprises/import/{job.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"%PDF", "只能上传"),
        ("a.xlsx", b"no workbook", "文件打不开"),
        ("a.csv", "企业名称\n甲".encode(), "表头缺少必填的列"),
        ("a.csv", b"\x80\x81\xff\xff,,\n", "文件打不开"),
        ("a.csv", "统一社会信用代码,企业名称,归属地代码\n".encode(), "没有数据"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    browser: Browser, lixia: Actor, plants: list[Enterprise], name: str, content: bytes, told: str
) -> None:
    client = browser(lixia)
    answer = client.post("/enterprises/import/", {"file": SimpleUploadedFile(name, content)})
    if answer.status_code == 302:
        job = SheetImport.objects.latest("created_at")
        jobs.work(job.pk)
        answer = client.get(f"/enterprises/import/{job.pk}/")
    assert told in answer.content.decode()


def test_the_template_is_a_file_that_imports(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    content = client.get("/enterprises/import/template/").content
    answer = client.post("/enterprises/import/", {"file": SimpleUploadedFile("模板.xlsx", content)})
    assert answer.status_code == 302
    job = SheetImport.objects.latest("created_at")
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total_rows) == (SheetState.CHECKED, 1)


def test_csv_in_the_national_encoding_is_read(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    text = f"统一社会信用代码;企业名称;归属地代码\n{code(101)};国标编码厂;370102\n"
    client = browser(lixia)
    client.post("/enterprises/import/", {"file": SimpleUploadedFile("a.csv", text.encode("gb18030"))})
    job = SheetImport.objects.latest("created_at")
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.good_rows) == (SheetState.CHECKED, 1)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "＝1+1"])
def test_no_exported_text_runs_as_a_formula(text: str) -> None:
    assert str(cells.safe(text)).startswith("'")
    assert cells.text(20)(str(cells.safe(text))) == text


@pytest.mark.parametrize("value", ["-12.5", "济南", "", 3, None])
def test_harmless_values_leave_as_they_are(value: object) -> None:
    assert cells.safe(value) == value


@pytest.mark.parametrize(("value", "text"), [(370102.0, "370102"), (None, ""), (" 甲 ", "甲"), (0.5, "0.5"), (True, "1")])
def test_a_cell_is_read_as_the_text_a_person_sees(value: object, text: str) -> None:
    assert cells.cell_text(value) == text
