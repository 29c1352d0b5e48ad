"""A spreadsheet with a hundred bad rows: each is named with its reason, and the good ones are kept or refused as the user chooses."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.plants import values

from anlan.desk.models import SheetImport
from anlan.desk.resource.importing import jobs
from anlan.ground.enterprises import rules
from anlan.ground.enterprises.models import Enterprise, EnterpriseContact
from anlan.ground.enterprises.screens import SHEET

pytestmark = pytest.mark.django_db

HEADS = {column.name: str(column.label) for column in SHEET.columns}


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}


def row(number: int, **more: str) -> dict[str, str]:
    found = {"industry_code": "C2612", "scale": "中型", "staff_count": "20", "contact_name": "王安", "contact_phone": "13800138000"}
    return {**found, **values(number), **more}


def wrong_digit(code: str) -> str:
    return code[:17] + ("0" if code[17] != "0" else "1")


SPOILT = [
    ("uscc", lambda r: {"uscc": wrong_digit(r["uscc"])}, "uscc_check_digit"),
    ("uscc", lambda r: {"uscc": r["uscc"][:17]}, "uscc_length"),
    ("uscc", lambda r: {"uscc": r["uscc"][:8] + "O" + r["uscc"][9:]}, "uscc_character"),
    ("uscc", lambda r: {"uscc": ""}, "cell_missing"),
    ("name", lambda r: {"name": ""}, "cell_missing"),
    ("place_code", lambda r: {"place_code": "370181"}, "place_not_in_force"),
    ("place_code", lambda r: {"place_code": "999999"}, "place_unknown"),
    ("place_code", lambda r: {"place_code": "370103", "longitude": "", "latitude": ""}, "outside_jurisdiction"),
    ("longitude", lambda r: {"longitude": "36.66", "latitude": "117.07"}, "impossible_coordinates"),
    ("longitude", lambda r: {"longitude": "116.80", "latitude": "36.55"}, "point_outside_county"),
    ("latitude", lambda r: {"latitude": ""}, "half_a_point"),
    ("industry_code", lambda r: {"industry_code": "B26"}, "unknown_code"),
    ("scale", lambda r: {"scale": "巨型"}, "unknown_code"),
    ("state", lambda r: {"state": "睡眠"}, "unknown_code"),
    ("sector_code", lambda r: {"sector_code": "没有的领域"}, "unknown_code"),
    ("staff_count", lambda r: {"staff_count": "-3"}, "not_a_number"),
    ("staff_count", lambda r: {"staff_count": "很多"}, "not_a_number"),
    ("founded_on", lambda r: {"founded_on": "2008-13-40"}, "cell_not_a_date"),
    ("contact_phone", lambda r: {"contact_phone": "12345"}, "bad_phone"),
    ("name", lambda r: {"name": "长" * 121}, "text_too_long"),
]


def workbook(rows: list[dict[str, str]]) -> SimpleUploadedFile:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(HEADS.values()))
    for number, line in enumerate(rows, 1):
        sheet.write_row(number, 0, [line.get(name, "") for name in HEADS])
    book.close()
    return SimpleUploadedFile("企业.xlsx", out.getvalue())


def upload(client, rows):
    answer = client.post(reverse("desk:enterprises-import"), {"file": workbook(rows)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    job = SheetImport.objects.latest("created_at")
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def test_a_hundred_bad_rows_are_each_named_with_their_reason(make):
    rows, expected = [], {}
    for number in range(100):
        field, spoil, code = SPOILT[number % len(SPOILT)]
        good = row(number)
        rows.append({**good, **spoil(good)})
        expected[number + 2] = (field, code)
    rows += [row(number) for number in range(100, 120)]
    client = client_for("bureau_clerk", "370102")
    job = upload(client, rows)
    assert (job.total_rows, job.bad_rows) == (120, 100)
    found = {(problem.row, problem.column, problem.code) for problem in job.problems.all()}
    assert {number: what for number, what in expected.items() if (number, *what) not in found} == {}
    assert {number for number, *_ in found} == set(expected)
    assert Enterprise.objects.count() == 0
    text = client.get(reverse("desk:enterprises-import-report", args=[job.pk])).content.decode()
    assert "末位应为" in text
    assert "370114（章丘区）" in text
    client.post(reverse("desk:enterprises-import-decide", args=[job.pk]), {"choice": "good"})
    jobs.work(job.pk)
    assert Enterprise.objects.count() == 20
    assert EnterpriseContact.objects.count() == 20
    one = Enterprise.objects.first()
    assert (one.state, one.source, one.scale, one.industry_division) == (rules.OPERATING, rules.SOURCE_IMPORT, "medium", "C26")
    assert one.name_key


def test_a_double_in_the_file_and_a_registered_enterprise_are_named(make):
    make(1)
    job = upload(client_for("bureau_clerk", "370102"), [row(1), row(2), row(2, name="同一代码")])
    assert {(problem.row, problem.code) for problem in job.problems.all()} == {(2, "already_stored"), (4, "twice_in_file")}


def test_all_may_be_refused(make):
    client = client_for("bureau_clerk", "370102")
    job = upload(client, [row(1), row(2, scale="巨型")])
    client.post(reverse("desk:enterprises-import-decide", args=[job.pk]), {"choice": "refuse"})
    jobs.work(job.pk)
    assert Enterprise.objects.count() == 0


def test_the_template_reads_back_as_one_good_row(jinan_places):
    example = {column.name: column.example for column in SHEET.columns}
    parsed = {column.name: column.parse(example[column.name]) if example[column.name] else None for column in SHEET.columns}
    SHEET.check(parsed)
