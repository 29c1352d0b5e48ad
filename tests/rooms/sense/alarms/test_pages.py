"""Pages of alarms, as somebody sees them who may, and as nobody sees them who may not; everything works without a script."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook
from tests.accounts import client_for
from tests.rooms.sense.alarms.telling import happened, messages, told
from tests.rooms.sense.plant import LOADER, NOW, Plant

from anlan.ground.evidence.models import Exhibit
from anlan.kernel import clock as kernel_clock
from anlan.ledger.models import AuditEntry
from anlan.sense.alarms import detecting, intake, rules, services, sweeping
from anlan.sense.alarms.models import Alarm, ApartMessage, OwnSpan

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000154a24f5d0000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def silent_store(monkeypatch):
    monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", "http://127.0.0.1:9")


@pytest.fixture
def plant():
    return Plant(now=kernel_clock.now())


@pytest.fixture
def officer(plant):
    return client_for("duty_officer")


def now_s():
    return (kernel_clock.now() - NOW).total_seconds()


def take(plant, *said):
    intake.take_in(messages(*said, first=intake.position() + 1))
    return Alarm.objects.order_by("created_at", "id")


def flood(plant, number=30, level=2):
    head = told(plant, kind="LINK", level=level, raised_s=now_s(), value=float(number))
    take(
        plant,
        head,
        *(told(plant, kind="SILENT", level=level, rule=f"r{n}", raised_s=now_s(), cause=head.episode) for n in range(number - 1)),
    )
    return Alarm.objects.get(kind="LINK")


def text(answer):
    return answer.content.decode()


def test_a_flood_is_one_row_opened_by_its_link_and_acknowledged_together_without_a_script(officer, plant):
    head = flood(plant)
    page = text(officer.get("/alarms/open/"))
    assert page.count("<tr id=") == 1 and "共 30 条" in page and "确认 30 条" in page
    opened = text(officer.get(f"/alarms/open/?open={head.group_key}"))
    assert opened.count("<tr id=") == 30 and 'aria-expanded="true"' in opened
    address = f"/alarms/groups/cause/{head.group_key}/acknowledge/"
    asked = text(officer.get(f"{address}?back=/alarms/open/?level=2"))
    assert "30 条报警" in asked and 'value="/alarms/open/?level=2"' in asked
    answer = officer.post(address, {"note": "机房断电", "back": "/alarms/open/?level=2"})
    assert (answer.status_code, answer["Location"]) == (302, "/alarms/open/?level=2")
    assert Alarm.objects.filter(state=rules.ACKNOWLEDGED).count() == 30
    assert {alarm.notes.get().text for alarm in Alarm.objects.all()} == {"机房断电"}
    assert officer.get(address).status_code == 409


def test_nobody_is_led_to_another_host_after_acknowledging(officer, plant):
    alarm = take(plant, told(plant, raised_s=now_s()))[0]
    answer = officer.post(f"/alarms/{alarm.pk}/acknowledge/", {"back": "//evil.example/"})
    assert answer["Location"] == f"/alarms/{alarm.pk}/"


def test_the_desk_filters_by_list_level_words_and_grouping_and_pages(officer, plant):
    take(
        plant,
        *(told(plant, kind="H", level=4, raised_s=now_s() + n / 1000) for n in range(60)),
        happened(plant, text="火警 南区", after_s=now_s()),
    )
    assert text(officer.get("/alarms/open/")).count("<tr id=") == 50
    assert text(officer.get("/alarms/open/?page=2")).count("<tr id=") == 11
    assert text(officer.get("/alarms/open/?q=南区")).count("<tr id=") == 1
    assert text(officer.get("/alarms/open/?level=1")).count("<tr id=") == 1
    assert text(officer.get("/alarms/open/?by=event")).count("<tr id=") == 1
    assert "没有符合条件的报警" in text(officer.get("/alarms/open/?show=shelved"))
    assert text(officer.get("/alarms/open/?page=%00&level=x&open=zz&by=?&show=!")).count("<tr id=") == 50


def test_a_thousand_open_alarms_cost_the_desk_as_many_queries_as_ten(officer, plant, django_assert_max_num_queries):
    take(plant, *(told(plant, level=3, raised_s=now_s() + n / 1000) for n in range(1000)))
    officer.get("/alarms/open/")
    with django_assert_max_num_queries(40):
        assert text(officer.get("/alarms/open/")).count("<tr id=") == 50


def test_a_measure_with_a_photograph_is_kept_and_a_bad_file_does_not_take_the_words_with_it(officer, plant):
    alarm = take(plant, told(plant, raised_s=now_s()))[0]
    address = f"/alarms/{alarm.pk}/notes/"
    photo = SimpleUploadedFile("现场.png", PNG, "image/png")
    assert officer.post(address, {"kind": "measure", "text": "开启水幕", "photo": photo}).status_code == 302
    assert Exhibit.objects.get().subject_id == alarm.pk
    bad = SimpleUploadedFile("现场.png", b"MZ\x90\x00" + b"\0" * 64, "image/png")
    officer.post(address, {"kind": "feedback", "text": "压力回落", "photo": bad})
    assert [note.text for note in alarm.notes.all()] == ["开启水幕", "压力回落"] and Exhibit.objects.count() == 1
    page = text(officer.get(f"/alarms/{alarm.pk}/"))
    assert "照片没有保存" in page and "开启水幕" in page
    refused = officer.post(address, {"kind": "measure", "text": ""}, headers={"Accept": "application/json"})
    assert refused.status_code == 422 and refused.json()["fields"]["text"]


def test_a_grave_alarm_is_reviewed_by_a_leader_on_its_page(officer, plant):
    head = flood(plant, 5)
    officer.post(f"/alarms/groups/cause/{head.group_key}/acknowledge/", {"note": ""})
    clears = [detecting.Transition(**{**_parts(row), "change": "clear"}) for row in Alarm.objects.all()]
    detecting.take(clears, actor=LOADER, now=kernel_clock.now())
    assert Alarm.objects.filter(state=rules.REVIEWING).count() == 5
    leader = client_for("duty_leader")
    assert text(leader.get("/alarms/open/?show=reviewing")).count("<tr id=") == 1
    assert officer.post(f"/alarms/{head.pk}/review/", {"finding": "link_fault"}).status_code == 403
    assert leader.post(f"/alarms/{head.pk}/review/", {"finding": ""}).status_code == 422
    answer = leader.post(f"/alarms/{head.pk}/review/", {"finding": "link_fault", "note": "光缆挖断", "whole": "1"})
    assert answer.status_code == 302 and Alarm.objects.filter(state=rules.CLOSED, finding="link_fault").count() == 5
    assert "通信或供电故障" in text(leader.get(f"/alarms/{head.pk}/"))


def _parts(row):
    channel, raised = int(row.episode.split("-")[0]), int(row.episode.rsplit("-", 1)[1])
    values = {"kind": row.kind, "rule": row.rule, "level": row.level, "limit": row.limit, "value": row.value, "peak": row.peak}
    return {"channel": channel, "raised_ms": raised, "time_ms": raised + 1000, **values}


def test_a_leader_shelves_and_takes_back(plant):
    alarm = take(plant, told(plant, level=3, raised_s=now_s()))[0]
    leader = client_for("duty_leader")
    address = f"/alarms/{alarm.pk}/shelve/"
    assert leader.post(address, {"minutes": "9999", "reason": "换探头"}).status_code == 422
    assert leader.post(address, {"minutes": "30", "reason": "换探头"}).status_code == 302
    assert "换探头" in text(leader.get("/alarms/open/?show=shelved"))
    assert leader.post(address, {"end": "1"}).status_code == 302
    assert Alarm.objects.get().shelved_until is None and Alarm.objects.get().rings == 2


def test_the_page_of_a_happening_shows_its_words_part_and_digests_and_how_late(officer, plant):
    picture = "ab" * 32
    said = happened(plant, "camera.smoke", text="发现烟雾", part="3 号机位", exhibits=(picture,), late=True)
    alarm = take(plant, said)[0]
    page = text(officer.get(f"/alarms/{alarm.pk}/"))
    for shown in ("发现烟雾", "3 号机位", picture[:16], "迟报", "camera.smoke"):
        assert shown in page
    services.acknowledge(alarm, actor=LOADER, now=kernel_clock.now())
    assert officer.post(f"/alarms/{alarm.pk}/reset/", {"reason": ""}).status_code == 422
    assert officer.post(f"/alarms/{alarm.pk}/reset/", {"reason": "现场核实"}).status_code == 302
    assert Alarm.objects.get().state == rules.CLOSED


def test_statistics_and_nuisances_are_shown_filtered_and_taken_out_with_a_record_of_it(officer, plant):
    take(plant, *(told(plant, level=4, raised_s=now_s() - n) for n in range(30)))
    page = text(officer.get("/alarms/statistics/?by=kind&operators=2"))
    assert "高限" in page and "未核实" in page and "EEMUA" in page
    assert "这段时间没有报警" in text(officer.get("/alarms/statistics/?until=2020-01-31&since=2020-01-01"))
    assert "不能晚于" in text(officer.get("/alarms/statistics/?until=2020-01-31&since=2020-02-01&place=abc"))
    nuisances = text(officer.get("/alarms/nuisances/?of=chattering"))
    assert "1 号罐压力" in nuisances and f"/sensors/{plant.pressure.id}/" in nuisances and "死区" in nuisances
    answer = officer.get("/alarms/statistics/?by=kind&format=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:2] == ["高限", "30"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(officer.get("/alarms/nuisances/?format=xlsx").content))
    assert book.get_sheet_by_index(0).to_python()[1][3] == 30
    assert AuditEntry.objects.filter(action="alarms.view").count() == 2
    assert officer.get("/alarms/statistics/?format=pdf").status_code == 404
    stranger = client_for("duty_officer", "370103")
    assert "示范氯碱" not in text(stranger.get("/alarms/statistics/")) and "1 号罐压力" not in text(stranger.get("/alarms/nuisances/"))


def test_rules_say_where_they_come_from_and_a_leader_sets_the_node_s_own(officer):
    page = text(officer.get("/alarms/rules/"))
    assert "项目默认值" in page and 'name="minutes"' not in page and "gb26875.fire" in page
    assert officer.post("/alarms/rules/", {"name": "acknowledgement.1", "minutes": "5"}).status_code == 403
    leader = client_for("duty_leader")
    assert leader.post("/alarms/rules/", {"name": "acknowledgement.1", "minutes": "5", "reason": "值守制度"}).status_code == 302
    for name, minutes, status in (("acknowledgement.1", "-1", 422), ("acknowledgement.1", "x", 422), ("nothing", "5", 404)):
        assert leader.post("/alarms/rules/", {"name": name, "minutes": minutes}).status_code == status
    assert OwnSpan.objects.get().minutes == 5 and "值守制度" in text(officer.get("/alarms/rules/"))


def test_what_was_not_understood_is_shown_at_the_desk_and_to_the_operators_of_the_node(officer, plant):
    take(plant, told(plant, kind="NOVEL", raised_s=now_s()))
    page = text(officer.get("/alarms/open/"))
    assert "1 条检测消息无法识别" in page and "/alarms/apart/" not in page
    assert officer.get("/alarms/apart/").status_code == 403
    operator = client_for("node_operator")
    assert "NOVEL" in text(operator.get("/alarms/apart/"))
    assert operator.post("/alarms/apart/again/").status_code == 302
    assert ApartMessage.objects.get().taken_at is None
    assert AuditEntry.objects.filter(action="alarms.apart").count() == 1


def test_somebody_of_another_county_finds_none_of_it_and_moves_nothing(plant):
    alarm = flood(plant, 3)
    stranger = client_for("duty_leader", "370103")
    assert alarm.title not in text(stranger.get("/alarms/open/"))
    for address, sent in (
        (f"/alarms/groups/cause/{alarm.group_key}/acknowledge/", {}),
        (f"/alarms/groups/single/{alarm.pk}/acknowledge/", {}),
        (f"/alarms/{alarm.pk}/notes/", {"kind": "measure", "text": "x"}),
        (f"/alarms/{alarm.pk}/shelve/", {"minutes": "5", "reason": "x"}),
        (f"/alarms/{alarm.pk}/review/", {"finding": "test"}),
        (f"/alarms/{alarm.pk}/reset/", {"reason": "x"}),
    ):
        assert stranger.post(address, sent).status_code in (404, 409), address
    assert set(Alarm.objects.values_list("state", flat=True)) == {rules.RAISED}


def test_an_alarm_that_climbed_says_who_was_told(clock, plant, officer):
    alarm = take(plant, told(plant, kind="HH", raised_s=now_s()))[0]
    clock.advance(minutes=2)
    sweeping.sweep(clock.now())
    assert "已升级" in text(officer.get("/alarms/open/"))
    assert alarm.received_at + timedelta(minutes=2) <= clock.now()
