"""Checks that prove measures: made once, told when late, done once however often a phone sends, nothing lost where two do the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.rooms.prevent.risks.plant import Plant

from anlan.kernel.errors import NotPermitted, Refusal
from anlan.prevent.dangers.models import Danger
from anlan.prevent.risks import checking, queries, refusals, services
from anlan.prevent.risks.models import CheckResult, CheckTask

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 6, 9, 0, 0, tzinfo=UTC)  # 08:00 in China
PICTURE = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes((200, 30, 30)) * 20 + b"\xff\xd9"


@pytest.fixture
def plant(jinan_places, clock) -> Plant:
    clock.set(MORNING)
    return Plant(clock)


def made(plant: Plant, **facts: object) -> CheckTask:
    plant.measure(**facts)
    checking.sweep(plant.now)
    return CheckTask.objects.get()


def test_each_window_has_its_check_once_however_often_the_sweep_runs(plant: Plant) -> None:
    task = made(plant)
    assert (task.title, task.where) == ("软管在检验期内、无破损，卡扣锁紧", "液氯储罐区 · 液氯卸车")
    assert task.due_at == datetime(2026, 6, 9, 16, 0, tzinfo=UTC)
    assert checking.sweep(plant.now) == 0
    plant.clock.advance(days=1)
    checking.sweep(plant.now)
    checking.sweep(plant.now)
    assert CheckTask.objects.count() == 2


def test_a_late_check_is_told_once_stays_for_one_window_and_is_then_missed(plant: Plant) -> None:
    task = made(plant)
    plant.clock.advance(days=1)
    checking.sweep(plant.now)
    task.refresh_from_db()
    assert (task.state, task.overdue) == ("open", True)
    assert plant.told("risks.check_overdue") == {"operator", "second", "manager"}
    assert "逾期" in plant.browser("operator").get("/risk-checks/today/").content.decode()
    plant.clock.advance(days=1)
    checking.sweep(plant.now)
    task.refresh_from_db()
    assert task.state == "missed"


def test_checks_stand_on_the_list_of_whoever_holds_the_post_or_is_named(plant: Plant) -> None:
    task = made(plant)
    assert task.title in plant.browser("operator").get("/risk-checks/today/").content.decode()
    assert "今天没有待办的排查" in plant.browser("shift").get("/risk-checks/today/").content.decode()
    services.change_measure(
        task.measure_id, kind="operation", text="措施", check_text="看一看", period="day", level="post",
        person_id=plant.accounts["shift"].pk, **plant.by(),
    )  # fmt: skip
    plant.clock.advance(days=1)
    checking.sweep(plant.now)
    assert "看一看" in plant.browser("shift").get("/risk-checks/today/").content.decode()
    assert "看一看" not in plant.browser("second").get("/risk-checks/today/").content.decode()
    assert "今日排查" in plant.browser("shift").get("/todo/").content.decode()


def test_an_abnormal_result_becomes_one_danger_however_often_it_is_sent(plant: Plant) -> None:
    task, once = made(plant), uuid4()
    given = {"outcome": "abnormal", "note": "软管外层破损\n约 3 厘米", "once": once}
    for _again in range(3):
        result = checking.record(task.pk, **given, **plant.by("operator"))  # type: ignore[arg-type]
    assert (CheckResult.objects.count(), Danger.objects.count()) == (1, 1)
    danger = Danger.objects.get()
    assert (danger.title, danger.source, danger.source_id, danger.pk) == ("软管外层破损", "self_check", once, result.danger_id)
    task.refresh_from_db()
    assert (task.state, task.outcome, task.contested) == ("done", "abnormal", False)
    with pytest.raises(refusals.KeyTaken):
        checking.record(task.pk, **given, **plant.by("second"))  # type: ignore[arg-type]


def test_a_result_made_in_time_and_sent_late_is_in_time_and_marked(plant: Plant) -> None:
    task = made(plant)
    done = plant.now + timedelta(hours=2)
    plant.clock.advance(days=2, hours=3)
    checking.sweep(plant.now)
    result = checking.record(task.pk, outcome="normal", happened_at=done, **plant.by("operator"))
    task.refresh_from_db()
    assert (task.state, task.overdue, task.done_at) == ("done", False, done)
    assert result.late and not result.second


def test_two_people_at_one_check_lose_nothing_and_the_manager_is_told(plant: Plant) -> None:
    task = made(plant)
    checking.record(task.pk, outcome="normal", **plant.by("operator"))
    answer = plant.browser("second").post(
        f"/risk-checks/{task.pk}/do/",
        {"outcome": "abnormal", "note": "卡扣未锁紧", "once": str(uuid4()), "seconds_ago": "60"},
        headers={"accept": "application/json"},
    )
    assert "已另存" in answer.json()["remark"]
    task.refresh_from_db()
    assert (task.outcome, task.contested, task.results.count()) == ("normal", True, 2)  # type: ignore[attr-defined]
    assert Danger.objects.get().title == "卡扣未锁紧"
    assert plant.told("risks.check_done") == {"manager"}
    page = plant.browser("manager").get(f"/risk-checks/{task.pk}/").content.decode()
    assert "后到" in page and "卡扣未锁紧" in page
    assert CheckTask.objects.get(contested=True).title in plant.browser("manager").get("/risk-checks/", {"contested": "1"}).content.decode()


def test_what_needs_words_is_refused_without_them_and_stays_typed(plant: Plant) -> None:
    task = made(plant)
    page = plant.browser("operator").post(f"/risk-checks/{task.pk}/do/", {"outcome": "not_applicable", "note": "  "})
    assert page.status_code == 422 and "须写明情况或原因" in page.content.decode()
    assert CheckResult.objects.count() == 0
    with pytest.raises(NotPermitted):
        checking.record(task.pk, outcome="normal", **plant.by("inspector"))
    with pytest.raises(Refusal):
        checking.record(task.pk, outcome="normal", **plant.by("rival"))


def test_a_bad_picture_is_refused_by_itself_and_the_good_one_stands_at_the_danger_once(plant: Plant) -> None:
    task, once, browser = made(plant), uuid4(), plant.browser("operator")
    browser.post(
        f"/risk-checks/{task.pk}/do/",
        {"outcome": "abnormal", "note": "软管破损", "once": str(once)},
        headers={"accept": "application/json"},
    )
    address, asks = f"/risk-results/{once}/picture/", {"accept": "application/json"}
    program = SimpleUploadedFile("现场.jpg", b"MZ" + bytes(200), "image/jpeg")
    huge = SimpleUploadedFile("大图.jpg", PICTURE[:-2] + bytes(40 * 1024 * 1024), "image/jpeg")
    assert browser.post(address, {"photo": program}, headers=asks).status_code in (415, 422)
    assert "请压缩" in browser.post(address, {"photo": huge}, headers=asks).json()["message"]
    for _again in range(2):
        assert browser.post(address, {"photo": SimpleUploadedFile("好图.jpg", PICTURE, "image/jpeg")}, headers=asks).status_code == 200
    page = browser.get(f"/risk-checks/{task.pk}/").content.decode()
    assert page.count("好图.jpg") == 1
    assert "好图.jpg" in browser.get(f"/dangers/{Danger.objects.get().pk}/").content.decode()


def test_phones_keep_the_pages_of_the_day_for_their_account_and_are_told_so(plant: Plant) -> None:
    task, browser = made(plant), plant.browser("operator")
    named = browser.get("/offline/pages/").json()
    assert named["account"] == str(plant.accounts["operator"].pk)
    assert named["pages"][:2] == ["/risk-checks/today/", queries.task_url(task.pk)]
    for url in named["pages"]:
        assert browser.get(url)["X-Anlan-Offline"] == named["account"]
    assert "X-Anlan-Offline" not in browser.get("/risk-checks/")
    assert plant.browser("inspector").get("/offline/pages/").json()["pages"] == []


def test_a_check_of_a_measure_out_of_use_is_dropped_but_a_result_for_it_is_kept(plant: Plant) -> None:
    task = made(plant)
    services.retire_measure(task.measure_id, reason="工艺变更", **plant.by())
    task.refresh_from_db()
    assert task.state == "dropped"
    checking.record(task.pk, outcome="normal", **plant.by("operator"))
    task.refresh_from_db()
    assert task.state == "done"
