"""Pages of process units, as somebody sees them who may, and as nobody does who may not."""

from datetime import timedelta

import pytest
from tests.accounts import actor_of, client_for, client_of, make_account
from tests.rooms.sense.detection.test_multivariate import plant
from tests.rooms.sense.plant import NOW
from tests.rooms.sense.units.past import Past
from tests.rooms.sense.units.test_units import START, Section, registered, trained

from anlan.kernel import clock as kernel_clock
from anlan.sense.criteria.models import Criterion
from anlan.sense.stream.rules import StoreSilent
from anlan.sense.units import training
from anlan.sense.units.models import ProcessUnit, Training

pytestmark = pytest.mark.django_db
VALUES = {
    "name": "回风工段",
    "points": "D1/T1\nD1/T2，D1/GT-1\nD1/PT-1\nD1/TT-1\nD1/TT-2",
    "interval_s": "60",
    "age_s": "600",
    "periods": "2026-11-21 09:00 至 2026-11-22 00:00",
    "exclusions": "",
    "method": "cva",
    "quantile": "0.99",
    "risk_source": "",
    "note": "",
}


@pytest.fixture
def section(monkeypatch, clock):
    clock.set(NOW)
    past = Past().serve(monkeypatch)
    found = Section(past)
    found.past = past
    monkeypatch.setattr(training, "queue_training", lambda _pk: None)
    return found


@pytest.fixture
def wang():
    return make_account("wang", "inspector")


def test_a_unit_is_registered_in_two_steps_and_changed(section, wang):
    browser = client_of(wang)
    assert "还没有工艺单元" in browser.get("/units/").content.decode()
    answer = browser.post("/units/new/", {"enterprise": section.enterprise.uscc})
    assert answer["Location"] == f"/units/new/?enterprise={section.enterprise.pk}"
    page = browser.get(answer["Location"]).content.decode()
    assert "D1/TT-2" in page and "典型变量分析" in page
    answer = browser.post(answer["Location"], VALUES)
    unit = ProcessUnit.objects.get()
    assert (answer.status_code, unit.channels) == (302, section.channels)
    page = browser.get(f"/units/{unit.pk}/edit/").content.decode()
    assert "D1/T1\nD1/T2\nD1/GT-1" in page.replace("\r", "") and "2026-11-21 09:00 至 2026-11-22 00:00" in page
    assert browser.post(f"/units/{unit.pk}/edit/", {**VALUES, "name": "回风"}).status_code == 302
    assert "回风" in browser.get("/units/").content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"points": "D1/T1\nD1/NONE"}, "该企业没有测点“D1/NONE”"),
        ({"points": "D1/T1"}, "现在是 1 个"),
        ({"periods": "上周"}, "时段“上周”无法识别"),
        ({"periods": ""}, "必填"),
        ({"quantile": "2"}, "应在 0.9 与 0.9999 之间"),
    ],
)
def test_what_is_wrong_stands_above_and_beside_its_input(section, wang, values, said):
    answer = client_of(wang).post(f"/units/new/?enterprise={section.enterprise.pk}", {**VALUES, **values})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not ProcessUnit.objects.exists()


def test_the_page_leads_from_training_to_the_rule(section, wang):
    browser = client_of(wang)
    unit = registered(section, actor_of(wang))
    page = browser.get(f"/units/{unit.pk}/").content.decode()
    assert "还没有训练好的模型" in page and "<svg" not in page.split('id="course"')[1].split("</section>")[0]
    assert browser.post(f"/units/{unit.pk}/train/")["Location"] == f"/units/{unit.pk}/#training"
    assert "every 2s" in browser.get(f"/units/{unit.pk}/").content.decode()
    assert browser.post(f"/units/{unit.pk}/train/").status_code == 409
    training.work(Training.objects.get().pk)
    answer = browser.get(f"/units/{unit.pk}/trainings/")
    assert (answer["HX-Refresh"], "every 2s" in answer.content.decode()) == ("true", False)
    section.past.fill(section.six, START, plant(1440))
    page = browser.get(f"/units/{unit.pk}/?hours=8").content.decode()
    assert "尚未起草规则" in page and page.count("<polyline") >= 2 and "各测点的贡献" in page and "2 号温度" in page
    answer = browser.post(f"/unit-versions/{unit.versions.get().pk}/draft/")
    assert answer["Location"] == f"/criteria/{Criterion.objects.get().pk}/"
    assert "待回放并由另一人启用" in browser.get(f"/units/{unit.pk}/").content.decode()
    assert browser.post(f"/units/{unit.pk}/edit/", {**VALUES, "quantile": "0.98"}).status_code == 302
    assert "重新训练后生效" in browser.get(f"/units/{unit.pk}/").content.decode()


def test_a_training_that_came_to_nothing_says_why_in_the_readers_language(section, wang):
    unit = registered(section, actor_of(wang))
    del section.past.held[section.channels[2]]
    trained(unit, actor_of(wang))
    browser = client_of(wang)
    assert "从未有读数：D1/GT-1 氯气浓度" in browser.get(f"/units/{unit.pk}/").content.decode()
    browser.cookies["anlan_language"] = "en"
    assert "had no reading in the chosen stretches: D1/GT-1" in browser.get(f"/units/{unit.pk}/").content.decode()


def test_a_store_that_is_away_is_told_and_is_not_normal(section, wang, monkeypatch):
    unit = registered(section, actor_of(wang))
    trained(unit, actor_of(wang))

    def silent(*_asked):
        raise StoreSilent(reason="no answer")

    monkeypatch.setattr("anlan.sense.stream.door.samples", silent)
    page = client_of(wang).get(f"/units/{unit.pk}/").content.decode()
    assert "notice-warning" in page and "未超过阈值" not in page


def test_hours_without_readings_are_no_curve_and_say_which_points_are_missing(section, wang, clock):
    unit = registered(section, actor_of(wang))
    trained(unit, actor_of(wang))
    clock.set(NOW + timedelta(days=5))
    page = client_of(wang).get(f"/units/{unit.pk}/?hours=1&at=nonsense").content.decode()
    assert "部分时刻缺少读数" in page and "氯气浓度" in page and "这段时间没有读数" in page
    assert kernel_clock.now() == NOW + timedelta(days=5)


def test_a_moment_of_long_ago_is_looked_at_in_its_own_hours(section, wang, clock):
    unit = registered(section, actor_of(wang))
    trained(unit, actor_of(wang))
    clock.set(NOW + timedelta(days=9))
    page = client_of(wang).get(f"/units/{unit.pk}/?hours=8&at=2026-11-21T20:00:00").content.decode()
    assert "2026-11-21 20:00:00：" in page and "各测点的贡献" in page and "<polyline" in page


def test_who_may_not_sees_no_buttons_and_nothing_of_another_county(section, wang):
    unit = registered(section, actor_of(wang))
    duty = client_for("duty_officer")
    page = duty.get(f"/units/{unit.pk}/").content.decode()
    assert "回风工段" in page and "训练模型</button>" not in page and "/edit/" not in page
    assert duty.post(f"/units/{unit.pk}/train/").status_code == 403
    assert duty.get(f"/units/{unit.pk}/edit/").status_code == 403
    other = client_for("inspector", "370103")
    assert other.get(f"/units/{unit.pk}/").status_code == 404
    assert other.post(f"/units/{unit.pk}/train/").status_code == 404
    assert "回风工段" not in other.get("/units/").content.decode()
