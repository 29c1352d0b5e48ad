"""Audiences: who may be told on what ground, who is in an area, and how little of a person is shown and kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import client_of, make_account
from tests.rooms.ground.plants import officer

from anlan.desk.resource import find_resource
from anlan.ground.audiences import counting, door, rules, services
from anlan.ground.audiences.models import Recipient
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import AuditEntry

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
TESTS = system_actor("tests")
MIDDLE = (117.0765, 36.6665)


def entered(name: str = "示例甲", **more):
    values = {"name": name, "role": "resident", "place_code": "370102001", "phone": f"100{Recipient.objects.count():08d}"} | more
    return services.register_recipient(actor=TESTS, now=NOW, **values)


# --- Law ----------------------------------------------------------------------------------------------------------------


def test_a_duty_outlives_a_withdrawn_consent_and_a_resident_s_does_not():
    assert rules.ground("village_head", consented=False, withdrawn=True) == rules.DUTY
    assert rules.ground("resident", consented=True, withdrawn=False) == rules.CONSENT
    assert rules.ground("resident", consented=True, withdrawn=True) == rules.WITHDRAWN
    assert rules.ground("resident", consented=False, withdrawn=False) == rules.EMERGENCY


def test_without_consent_people_are_told_only_in_an_emergency_and_never_after_withdrawing():
    assert [rules.EMERGENCY in rules.grounds_for(level) for level in rules.LEVELS] == [True, True, False, False]
    assert not any(rules.WITHDRAWN in rules.grounds_for(level) for level in rules.LEVELS)
    assert all(rules.DUTY in rules.grounds_for(level) for level in rules.LEVELS)


@given(st.text(alphabet="张欧阳小敏", max_size=6))
def test_a_masked_name_never_tells_the_whole_of_a_person_s_name(name):
    masked = rules.masked_name(name)
    assert len(name) > 4 or not name or masked != name or set(name) == {"*"} or "*" in name


@pytest.mark.parametrize(
    ("given_number", "kept"),
    [("138 0000-0001", "13800000001"), ("+8613800000001", "13800000001"), ("0531-81234567", "053181234567"), ("", "")],
)
def test_telephone_numbers_are_kept_without_what_people_write_into_them(given_number, kept):
    assert rules.phone(given_number) == kept


@pytest.mark.parametrize("wrong", ["12345", "1380000000x", "电话"])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(rules.WrongPhone):
        rules.phone(wrong)


def test_quiet_hours_go_over_midnight():
    night = (time(22), time(6))
    assert [rules.quiet(at, *night) for at in (time(21, 59), time(22), time(2), time(6))] == [False, True, True, False]


def test_a_level_of_cells_is_a_run_of_numbers():
    cells = sorted(counting._cells(counting.shape_of(door.Area((), (), ((*MIDDLE, 12.0),)))))
    low, high = counting._ranges(cells)
    assert len(low) < len(cells)
    held = [cell for cell in cells if any(a <= cell <= b for a, b in zip(low, high, strict=True))]
    assert held == cells
    other = counting.cell_of(118.5, 36.9)
    assert not any(a <= other <= b for a, b in zip(low, high, strict=True))


@pytest.mark.parametrize(
    "area",
    [
        door.Area((), ((((117.0, 36.0), (117.1, 36.0)),),)),
        door.Area((), ((((117.0, 36.0), (117.1, 36.0), (float("nan"), 36.1)),),)),
        door.Area((), (), ((117.0, 36.0, 0.0),)),
        door.Area((), (), ((117.0, 36.0, float("inf")),)),
    ],
)
def test_what_is_no_area_is_refused(area):
    with pytest.raises(rules.AreaNotAnArea):
        counting.shape_of(area)


def test_an_area_larger_than_a_prefecture_is_warned_by_places():
    with pytest.raises(rules.AreaTooLarge):
        counting.shape_of(door.Area((), (), ((117.0, 36.0, 200.0),)))


# --- Counting -----------------------------------------------------------------------------------------------------------


def test_an_audience_is_counted_by_place_role_address_and_ground(db):
    entered("网格", role="grid_member", email="grid@example.cn")
    entered("居民一", consented=True)
    entered("居民二")
    entered("喇叭", role="loudspeaker", phone="", device="LS-1")
    entered("别处", place_code="370103001", consented=True)
    here = door.Area(("370102",))
    red, blue = door.count(here, level="red"), door.count(here, level="blue")
    assert (red.people, red.not_told, blue.people, blue.not_told) == (4, 0, 3, 1)
    assert red.by_role == {"grid_member": 1, "loudspeaker": 1, "resident": 2}
    assert red.by_address == {"phone": 3, "email": 1}
    assert red.by_channel_of_device == {"broadcast": 1}
    assert door.count(door.Area(("370102", "370102001", "370103")), level="red").people == 5
    assert [each.name for batch in door.recipients(here, level="blue") for each in batch] == ["网格", "喇叭", "居民一"]


def test_a_drawn_area_holds_exactly_those_inside(db):
    """Points on a grid of 200 m: what the index counts is what a plain test of every point says, edge and holes included."""
    points = [(MIDDLE[0] + x * 0.0022, MIDDLE[1] + y * 0.0018) for x in range(-9, 10) for y in range(-9, 10)]
    rows = [
        {
            "name": f"{n}",
            "role": "resident",
            "place_code": "370102001",
            "phone": f"100{n:08d}",
            "longitude": lon,
            "latitude": lat,
            "consented": True,
        }
        for n, (lon, lat) in enumerate(points)
    ]
    services.import_recipients(rows, actor=TESTS, now=NOW)
    import shapely

    outer = tuple((MIDDLE[0] + x, MIDDLE[1] + y) for x, y in ((-0.013, -0.011), (0.015, -0.009), (0.011, 0.013), (-0.009, 0.012)))
    hole = tuple((MIDDLE[0] + x, MIDDLE[1] + y) for x, y in ((-0.003, -0.003), (0.003, -0.003), (0.003, 0.003), (-0.003, 0.003)))
    for area in (door.Area((), ((outer, hole),)), door.Area((), (), ((*MIDDLE, 1.1),))):
        shape = counting.shape_of(area)
        expected = sum(shape.intersects(shapely.Point(point)) for point in points)
        assert 20 < expected < len(points)
        assert door.count(area).people == expected
        assert sum(len(batch) for batch in door.recipients(area)) == expected
    # Who stands in a named place is not counted again for standing in a drawn one.
    assert door.count(door.Area(("370102",), ((outer,),))).people == len(points)


def test_people_without_a_point_count_by_their_township_in_a_drawn_area(jinan_places):
    from anlan.ground.places import door as places

    near = next(each for each in places.children("370102") if each.longitude is not None)
    entered("无坐标", place_code=near.code, consented=True)
    entered("很远", place_code=places.children("370124")[0].code, consented=True)
    found = door.count(door.Area((), (), ((near.longitude, near.latitude, 1.0),)), level="red")
    assert (found.people, found.without_point) == (1, 1)


# --- Verbs --------------------------------------------------------------------------------------------------------------


def test_every_wrong_field_is_named_at_once(db):
    with pytest.raises(Invalid) as refused:
        entered("", role="老板", phone="12", email="nobody", longitude="117")
    assert set(refused.value.fields) == {"name", "role", "phone", "email", "longitude"}
    with pytest.raises(Invalid) as refused:
        entered(phone="")
    assert set(refused.value.fields) == {"phone"}


def test_withdrawing_and_consenting_again_change_the_ground(db):
    someone = entered(consented=True)
    assert services.withdraw_consent(someone.pk, actor=TESTS, now=NOW).ground == rules.WITHDRAWN
    assert door.count(door.Area(("370102",)), level="red").people == 0
    assert services.give_consent(someone.pk, how="电话", actor=TESTS, now=NOW).ground == rules.CONSENT


def test_nothing_of_a_person_stays_in_the_log_that_never_forgets(db):
    someone = entered("张三丰", phone="10000009999", email="zhang@example.cn", longitude=MIDDLE[0], latitude=MIDDLE[1], needs="hearing")
    services.change_recipient(someone.pk, phone="10000008888", actor=TESTS, now=NOW)
    services.erase_recipient(someone.pk, reason="本人申请", actor=TESTS, now=NOW)
    kept = json.dumps(list(AuditEntry.objects.values_list("content", flat=True)), ensure_ascii=False)
    for word in ("张三丰", "10000009999", "10000008888", "zhang@", "36.66", "hearing"):
        assert word not in kept
    assert "phone" in kept
    assert not Recipient.objects.exists()
    with pytest.raises(NotFound):
        services.erase_recipient(someone.pk, reason="再次", actor=TESTS, now=NOW)


def test_a_county_s_officer_registers_no_one_elsewhere(db):
    with pytest.raises(NotPermitted):
        services.register_recipient(
            name="别处", role="resident", place_code="370103001", phone="10000000001", actor=officer("370102", "audiences.*"), now=NOW
        )


def test_the_sheet_checks_what_the_form_checks(db):
    sheet = find_resource("audiences").sheet
    parse = {column.name: column.parse for column in sheet.columns}
    assert parse["role"]("网格员") == "grid_member"
    assert parse["consented"]("是") is True
    assert parse["needs"]("听力障碍，行动不便") == "hearing moving"
    with pytest.raises(Invalid):
        sheet.check({"name": "某人", "role": "resident", "place_code": "370102", "phone": ""})


def test_pages_mask_a_person_for_all_who_need_not_know(db):
    someone = entered("王小明", phone="10012345678", consented=True)
    clerk = client_of(make_account("viewer", "expert", "370102"))
    duty = client_of(make_account("duty", "duty_officer", "370102"))
    address = f"/audiences/{someone.pk}/"
    for page in (clerk.get(address), clerk.get("/audiences/"), duty.get("/audiences/"), clerk.get("/api/v1/audiences")):
        text = page.content.decode()
        assert page.status_code == 200
        assert "王小明" not in text
        assert "10012345678" not in text
    shown = duty.get(address).content.decode()
    assert "王小明" in shown
    assert "10012345678" in shown


def test_an_editor_is_told_who_and_how_many_in_an_area(db):
    entered("居民", consented=True)
    duty = client_of(make_account("duty", "duty_officer", "370102"))
    answer = duty.post(
        "/audiences/count/", json.dumps({"place_codes": ["370102", "370103"], "level": "red"}), content_type="application/json"
    )
    assert answer.json()["people"] == 1
    assert answer.json()["by_address"] == {"phone": 1}
    assert duty.post("/audiences/count/", "{", content_type="application/json").status_code == 422
