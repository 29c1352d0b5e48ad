"""The register of risks: grades, what remains, measures, versions, the spreadsheet, pages and who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rooms.prevent.risks.plant import GRAVE, LIGHT, Plant

from anlan.kernel.errors import Invalid, NotPermitted
from anlan.prevent.risks import door, queries, refusals, screens, services, sheet
from anlan.prevent.risks.models import CheckTask, Measure, RiskEvent, RiskObject

pytestmark = pytest.mark.django_db


def test_an_event_is_graded_and_its_object_takes_the_colour_of_the_gravest(plant: Plant) -> None:
    event = plant.event()
    assert (event.initial_grade, event.residual_grade, event.initial_value, event.unverified) == (1, 1, 720, False)
    row = RiskObject.objects.get()
    assert (row.residual_grade, row.event_count) == (1, 1)
    services.add_event(event.unit_id, title="压力表失灵", method="ls", factors={"L": "1", "S": "2"}, level="post", **plant.by())
    assert door.grade_counts(plant.enterprise.id) == {1: 1, 4: 1}
    assert door.objects_of(plant.enterprise.id)[0].tone == "red"
    plant.measure(event)
    services.assess_residual(event.pk, factors=LIGHT, **plant.by())
    row.refresh_from_db()
    assert (row.initial_grade, row.residual_grade) == (1, 4)
    services.retire_event(event.pk, reason="装置已拆除", **plant.by())
    row.refresh_from_db()
    assert (row.initial_grade, row.event_count) == (4, 1)


def test_what_remains_is_never_better_without_a_measure(plant: Plant) -> None:
    event = plant.event()
    with pytest.raises(refusals.ResidualWithoutMeasure):
        services.assess_residual(event.pk, factors=LIGHT, **plant.by())
    measure = plant.measure(event)
    services.assess_residual(event.pk, factors=LIGHT, **plant.by())
    with pytest.raises(refusals.LastMeasure):
        services.retire_measure(measure.pk, reason="换了别的措施", **plant.by())
    with pytest.raises(refusals.ResidualAboveInitial):
        services.assess_residual(event.pk, factors=GRAVE | {"C": "100"}, **plant.by())
    again = services.change_event(event.pk, title=event.title, method="lec", factors=GRAVE | {"E": "10"}, level="company", **plant.by())
    assert (again.residual_value, again.residual_at) == (again.initial_value, None)
    services.retire_measure(measure.pk, reason="换了别的措施", **plant.by())


def test_a_major_risk_is_not_left_to_a_shift(plant: Plant) -> None:
    with pytest.raises(refusals.LevelTooLow) as told:
        plant.event(level="team")
    assert told.value.facts["needed"] == "公司级"


def test_the_second_of_two_editors_sees_what_the_first_changed(plant: Plant) -> None:
    event = plant.event()
    read = RiskEvent.objects.get(pk=event.pk).version
    facts: dict[str, Any] = {"method": "lec", "factors": GRAVE, "level": "company"}
    services.change_event(event.pk, title="软管脱落", seen=read, **facts, **plant.by())
    with pytest.raises(refusals.ChangedMeanwhile) as told:
        services.change_event(event.pk, title="别的名称", seen=read, **facts, **plant.by("manager"))
    assert "风险事件" in str(told.value.facts["changes"])
    page = plant.browser("manager").post(
        f"/risk-events/{event.pk}/change/",
        {"title": "第三个名称", "level": "company", "version": read, "f-L": "3", "f-E": "6", "f-C": "40"},
    )
    assert page.status_code == 422
    assert "第三个名称" in page.content.decode() and "已被修改" in page.content.decode()


def test_every_wrong_field_of_a_measure_is_told_and_a_stranger_is_not_named(plant: Plant) -> None:
    event = plant.event()
    rival = plant.accounts["rival"].pk
    with pytest.raises(Invalid) as told:
        plant.measure(event, kind="luck", period="sometimes", person_id=rival)
    assert set(told.value.fields) == {"kind", "period", "person_id"}
    named = plant.measure(event, person_id=plant.accounts["operator"].pk)
    assert named.person_name and named.post_kind == "enterprise_operator"


def test_an_object_out_of_use_rests_its_checks_and_takes_no_new_unit(plant: Plant) -> None:
    measure = plant.measure()
    thing = RiskObject.objects.get()
    CheckTask.objects.create(
        measure=measure, event=measure.event, object=thing, enterprise_id=plant.enterprise.id, place_code=thing.place_code,
        title="看", measure_text="措施", where="罐区", period="day", window_from=plant.now, due_at=plant.now, post_kind=measure.post_kind,
    )  # fmt: skip
    services.change_object(thing.pk, in_use=False, **plant.by())
    assert CheckTask.objects.get().state == "dropped"
    assert Measure.objects.get().next_task_at is None
    with pytest.raises(refusals.Withdrawn):
        services.add_unit(thing.pk, code="2", name="新单元", **plant.by())
    services.change_object(thing.pk, in_use=True, **plant.by())
    assert Measure.objects.get().next_task_at is not None


def test_only_the_enterprise_itself_writes_and_neighbours_see_nothing(plant: Plant) -> None:
    event = plant.event()
    for name in ("inspector", "operator", "rival"):
        with pytest.raises(NotPermitted):
            services.add_unit(event.object_id, code="9", name="x", **plant.by(name))
    assert plant.browser("neighbour").get(f"/risk-events/{event.pk}/").status_code == 404
    assert plant.browser("rival").get(f"/risk-objects/{event.object_id}/").status_code == 404
    page = plant.browser("inspector").get(f"/risk-events/{event.pk}/").content.decode()
    assert "3 × 6" not in page and "720" in page and "还没有管控措施" in page
    assert event.title in plant.browser("inspector").get("/risk-events/", {"residual_grade": "1"}).content.decode()
    assert event.title not in plant.browser("neighbour").get("/risk-events/").content.decode()


def test_the_form_asks_for_the_factors_of_the_chosen_method(plant: Plant) -> None:
    event, browser = plant.event(), plant.browser("manager")
    page = browser.get(f"/risk-units/{event.unit_id}/events/new/", {"method": "ls"}).content.decode()
    assert 'name="f-S"' in page and 'name="f-C"' not in page and "未核实" in page
    told = {"title": "误开阀门", "level": "post", "f-L": "1", "f-S": "3"}
    assert browser.post(f"/risk-units/{event.unit_id}/events/new/?method=ls", told).status_code == 302
    assert RiskEvent.objects.get(title="误开阀门").unverified
    wrong = browser.post(f"/risk-units/{event.unit_id}/events/new/?method=ls", told | {"f-L": "7", "title": "另一项"})
    assert wrong.status_code == 422 and "另一项" in wrong.content.decode()


def test_panels_stand_on_the_enterprise_and_methods_tell_their_sources(plant: Plant) -> None:
    plant.event()
    page = plant.browser("inspector").get(f"/enterprises/{plant.enterprise.id}/file/", follow=True).content.decode()
    assert "风险分级管控" in page
    methods = plant.browser("inspector").get("/risk-methods/").content.decode()
    assert "D = L × E × C" in methods and "未核实" in methods and "完全可以预料" in methods


ROW: dict[str, Any] = {
    "object_code": "D-02", "object_name": "汽化间", "unit_code": "1", "unit_name": "汽化器", "title": "盘管泄漏", "method": "lec",
    "initial": ["3", "6", "15"], "residual": ["0.5", "6", "15"], "level": "workshop", "measure": "定期测厚", "kind": "maintenance",
    "check_text": "测厚记录在有效期内", "period": "month",
}  # fmt: skip


def test_a_sheet_row_becomes_object_unit_event_measure_and_what_remains_once(plant: Plant) -> None:
    rows = [dict(ROW, uscc=plant.enterprise.uscc), dict(ROW, uscc=plant.enterprise.uscc, measure="查检漏报警", residual=None)]
    for row in rows:
        screens.check_row(row)
    assert services.import_rows(rows, **plant.by()) == 2
    event = RiskEvent.objects.get()
    assert (event.initial_grade, event.residual_grade, event.measures.count()) == (2, 4, 2)  # type: ignore[attr-defined]
    services.import_rows(rows, **plant.by())
    assert (RiskEvent.objects.count(), Measure.objects.count()) == (1, 2)
    other = dict(ROW, uscc=plant.enterprise.uscc, initial=["6", "6", "15"], level="company")
    screens.check_row(other)
    with pytest.raises(Invalid):
        services.import_rows([other], **plant.by())


def test_a_sheet_row_tells_everything_that_is_wrong_of_it(plant: Plant) -> None:
    row = dict(ROW, uscc="91000000000000000X", residual=["10", "10", "100"], level="post", kind=None, period=None)
    with pytest.raises(Invalid) as told:
        screens.check_row(row)
    assert {"uscc", "level", "kind", "period"} <= set(told.value.fields)
    bare = dict(ROW, uscc=plant.enterprise.uscc, measure=None)
    with pytest.raises(Invalid) as told:
        screens.check_row(bare)
    assert set(told.value.fields) == {"residual"}
    short = dict(ROW, uscc=plant.enterprise.uscc, initial=["3", "6"])
    with pytest.raises(Invalid) as told:
        screens.check_row(short)
    assert set(told.value.fields) == {"initial"}


def test_the_board_names_grave_risks_and_the_card_carries_a_code(plant: Plant) -> None:
    event = plant.event(longitude=117.0765, latitude=36.6665)
    plant.measure(event)
    plant.measure(event, kind="emergency", text="启动事故吸收，撤离下风向人员")
    services.add_event(event.unit_id, title="绊倒", method="ls", factors={"L": "1", "S": "1"}, level="post", **plant.by())
    board = str(sheet.board(plant.enterprise.id, plant.actor("inspector"), plant.now).plain())
    assert event.title in board and "启动事故吸收" in board and "绊倒" not in board and "<svg" in board
    browser = plant.browser("manager")
    for address in (f"/risk-board/{plant.enterprise.id}/board.pdf", f"/risk-objects/{event.object_id}/card.pdf"):
        answer = browser.get(address)
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert plant.browser("rival").get(f"/risk-board/{plant.enterprise.id}/board.pdf").status_code == 404
    card = str(sheet.card(queries.one(queries.objects(None), event.object_id), "https://x.cn/o", plant.actor("manager"), plant.now).plain())
    assert "绊倒" in card and "未核实" in card
