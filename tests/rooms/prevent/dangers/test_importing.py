"""A list kept in a spreadsheet is taken over: each row in its state, with its clocks, once, and a bad row beside it spoils none."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.accounts import client_of
from tests.rooms.prevent.dangers.works import CITY, CRITERION

from anlan.desk.models import SheetImport, SheetProblem
from anlan.desk.resource.importing import jobs
from anlan.desk.resource.registry import find_resource
from anlan.ledger.models import AuditEntry, Clock, FlowStep
from anlan.prevent.dangers import importing, intake, rules, sweeping
from anlan.prevent.dangers.models import Danger, Escalation

pytestmark = pytest.mark.django_db

ORDER = {"grade": "一般隐患", "order_text": "关闭并上锁", "order_basis": "安全生产法第三十六条"}
REMOVAL = {
    "outcome": "已上锁",
    "rectified_at": "2026-10-03",
    "rectified_by_name": "王强",
    "verdict": "合格",
    "verified_by_name": "李明",
    "closed_at": "2026-10-05 16:00",
}


def sheet(works, *rows: dict[str, str]) -> SimpleUploadedFile:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    page.write_row(0, 0, list(intake.LABELS.values()))
    for number, row in enumerate(rows, 1):
        told = {
            "uscc": works.enterprise.uscc,
            "number": f"A-{number}",
            "title": "配电箱未上锁",
            "location": f"{number}号配电间",
            "found_at": "2026-10-01 09:30",
        }
        page.write_row(number, 0, [(told | row).get(name, "") for name in intake.LABELS])
    book.close()
    return SimpleUploadedFile("台账.xlsx", stream.getvalue())


def taken(works, who: str, *rows: dict[str, str]) -> SheetImport:
    resource = find_resource("dangers")
    job = jobs.upload(resource, sheet(works, *rows), actor=works.actor(who), now=works.now, queue=lambda _id: None)
    jobs.work(job.pk)
    job.refresh_from_db()
    if job.good_rows:
        jobs.decide(job, "good", actor=works.actor(who), now=works.now, queue=lambda _id: None)
        jobs.work(job.pk)
        job.refresh_from_db()
    return job


def problems(job: SheetImport) -> dict[int, str]:
    return dict(SheetProblem.objects.filter(sheet=job).values_list("row", "code"))


@pytest.fixture(autouse=True)
def _addresses(works):
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # rooms declare their lists when the addresses are built


def test_each_row_is_taken_into_its_state_with_what_it_owes(works):
    late = ORDER | {"deadline": "2026-10-10"}
    job = taken(
        works,
        "inspector",
        {},
        {"grade": "重大隐患", "criterion": CRITERION},
        ORDER | {"deadline": f"{works.now + timedelta(days=5):%Y-%m-%d}"},
        late,
        ORDER | {"deadline": "2026-10-04"} | REMOVAL,
    )
    assert (job.state, job.written_rows, problems(job)) == ("written", 5, {})
    found = {row.external_number: row for row in Danger.objects.all()}
    assert [found[f"A-{n}"].state for n in range(1, 6)] == [rules.FOUND, rules.GRADED, rules.ORDERED, rules.ORDERED, rules.CLOSED]
    assert [works.clocks(found[f"A-{n}"]) for n in (1, 2, 3, 5)] == [{"grade"}, {"report_major"}, {"rectify"}, set()]
    assert found["A-2"].criterion == CRITERION and found["A-3"].found_by_bureau and found["A-1"].late
    assert (found["A-4"].overdue, found["A-5"].open_longitude, found["A-5"].verified_by_name) == (True, None, "李明")
    assert FlowStep.objects.filter(move="open", subject_id=found["A-5"].pk).get().target == rules.CLOSED
    batch = AuditEntry.objects.filter(action="dangers.import").order_by("sequence").first()
    assert batch.content["facts"]["imported"]["A-3"] == str(found["A-3"].pk)
    # What is overdue already is told to those above by the sweep, each level once.
    for _ in range(2):
        sweeping.sweep(works.now)
    told = Escalation.objects.filter(danger=found["A-4"])
    assert told.exists() and told.count() == told.values("step").distinct().count()
    # The page of an imported danger opens, and it goes on from there.
    assert client_of(works.accounts["inspector"]).get(f"/dangers/{found['A-3'].pk}/").status_code == 200


def test_a_bad_row_is_named_with_its_column_and_the_good_ones_beside_it_are_kept(works):
    job = taken(
        works,
        "inspector",
        {},
        {"uscc": "91370102MA00000B0Y"},
        {"found_at": "2027-01-01"},
        {"grade": "重大隐患"},
        {"grade": "一般隐患", "criterion": CRITERION},
        ORDER,
        {"outcome": "已上锁"},
        {"number": "A-1"},
        {"grade": "特大隐患"},
    )
    assert (job.state, job.written_rows) == ("written", 1)
    assert problems(job) == {
        3: "danger_enterprise_unknown",
        4: "danger_found_in_the_future",
        5: "danger_criterion_needed",
        6: "danger_general_by_criterion",
        7: "danger_needed_when_ordered",
        8: "danger_removed_not_closed",
        9: "twice_in_file",
        10: "not_a_choice",
    }
    assert SheetProblem.objects.get(sheet=job, row=7).column == "deadline"


def test_the_same_list_again_takes_only_what_is_new(works):
    taken(works, "inspector", {}, {})
    again = taken(works, "inspector", {}, {}, {})
    assert problems(again) == {2: "danger_number_taken", 3: "danger_number_taken"}
    assert Danger.objects.count() == 3


def test_an_enterprise_brings_its_own_list_and_no_other_and_no_inspection(works):
    job = taken(works, "manager", {}, {"source": "监管检查"})
    assert problems(job) == {3: "danger_source_not_yours"}
    assert Danger.objects.get().source == rules.SELF_CHECK
    assert problems(taken(works, "neighbour", {})) == {2: "danger_enterprise_unknown"}
    assert taken(works, "city", {"number": "C-1"}).written_rows == 1
    assert works.actor("city").place_code == CITY


def test_like_dangers_of_a_list_are_marked_as_repeated(works):
    taken(works, "inspector", {"location": "3号 罐"}, {"location": "3号罐", "found_at": "2026-10-08"}, {"location": "4号罐"})
    assert list(Danger.objects.order_by("external_number").values_list("repeated", flat=True)) == [False, True, False]
    taken(works, "inspector", {"number": "B-1", "location": "4号罐", "found_at": "2026-11-01"})
    repeated = Danger.objects.get(external_number="B-1")
    assert repeated.repeat_of == Danger.objects.get(external_number="A-3")
    assert importing.key_of(works.enterprise.pk, "B-1") == repeated.source_id
    assert Clock.objects.filter(subject_id=repeated.pk).exists()
