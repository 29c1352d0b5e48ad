"""Platforms, cameras and what is seen on them, in the database: what signalling tells, what people enter, what boxes send, what pages show."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.accounts import client_for, make_account
from tests.rooms.sense.plant import LOADER, Plant, enterprise, officer
from tests.rooms.sense.video.talking import CAMERA, PASSWORD, PLATFORM

from anlan.desk.models import Notification
from anlan.ground.evidence.models import Exhibit
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.ledger import broker
from anlan.ledger.models import Announcement, AuditEntry
from anlan.sense.alarms import detecting
from anlan.sense.alarms.models import Alarm as Alarm_
from anlan.sense.devices import door as known_devices
from anlan.sense.devices.models import Device
from anlan.sense.video import admitting, door, hearing, playing, queries, rules, secret, services, taking
from anlan.sense.video.facts import Alarmed, Described, Heard, LineDown, LineUp, Listed, Moved
from anlan.sense.video.models import Camera, Platform, Snapshot, VideoEvent
from anlan.wire.gb28181.contents import Alarm, CatalogItem, Config, DeviceInfo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MS = round(NOW.timestamp() * 1000)
JPEG = b"\xff\xd8\xff\xe0" + b"a picture" * 20 + b"\xff\xd9"
TELL = {"actor": LOADER, "now": NOW}


def platform(uscc: str = "", place_code: str = "370102", code: str = PLATFORM, **more: Any) -> Platform:
    return services.register_platform(code=code, name="厂区录像机", password=PASSWORD, place_code=place_code, uscc=uscc, **more, **TELL)


def item(number: int = 1, **more: Any) -> CatalogItem:
    return CatalogItem(f"3701020000132{number:07}", f"{number} 号摄像机", status=more.pop("status", "ON"), **more)


def listed(*items: CatalogItem, complete: bool = True, at: int = MS) -> Listed:
    return Listed(PLATFORM, items, complete, at)


@pytest.fixture
def plant(jinan_places: None, clock: ModuleType) -> Plant:
    return Plant()


@pytest.fixture
def cameras(plant: Plant) -> list[Camera]:
    """Two cameras of the plant's own recorder, on line."""
    platform(plant.enterprise.uscc)
    taking.take_in([LineUp(PLATFORM, "UDP 192.0.2.7:5060", MS + 3_600_000, MS), listed(item(1), item(2))], NOW)
    return list(Camera.objects.order_by("code"))


# --- What signalling tells --------------------------------------------------------------------------------------------


def test_cameras_of_an_enterprise_s_platform_become_its_devices(plant: Plant, cameras: list[Camera]) -> None:
    assert [camera.enterprise_id for camera in cameras] == [plant.enterprise.pk] * 2
    devices = Device.objects.filter(device_class="camera").order_by("code")
    assert [camera.device_id for camera in cameras] == [device.pk for device in devices]
    assert {device.credential.username for device in devices} == {services.username_for(plant.enterprise.pk)}
    assert [camera.line for camera in cameras] == ["online", "online"]


def test_the_same_facts_again_change_nothing(cameras: list[Camera]) -> None:
    entries = AuditEntry.objects.count()
    taking.take_in([listed(item(1), item(2))], NOW)
    assert (Camera.objects.count(), Device.objects.filter(device_class="camera").count()) == (2, 2)
    assert AuditEntry.objects.count() == entries


def test_a_complete_catalogue_darkens_what_it_leaves_out_and_a_part_does_not(cameras: list[Camera]) -> None:
    taking.take_in([listed(item(1), complete=False)], NOW)
    assert Camera.objects.filter(line="online").count() == 2
    taking.take_in([listed(item(1))], NOW)
    assert list(Camera.objects.filter(line="offline")) == [cameras[1]]


def test_a_notice_of_change_moves_one_camera(cameras: list[Camera]) -> None:
    taking.take_in([listed(item(2, status="", event="VLOST"), complete=False, at=MS + 5000)], NOW)
    cameras[1].refresh_from_db()
    assert (cameras[1].line, cameras[1].line_since) == ("offline", taking.moment(MS + 5000))


def test_groups_and_recorders_of_a_catalogue_are_no_cameras(plant: Plant) -> None:
    made = platform(plant.enterprise.uscc)
    group = CatalogItem("37010200002160000001", "东区")
    recorder = CatalogItem("37010200001180000009", "录像机")
    odd = CatalogItem("37010200009990000001", "自定义类型", parental=0, status="ON")
    broken = CatalogItem("camera-1", "没有编码", status="ON")
    taking.take_in([listed(group, recorder, odd, broken, item(1))], NOW)
    assert set(made.cameras.values_list("code", flat=True)) == {odd.device, item(1).device}


def test_a_platform_cannot_put_cameras_outside_of_its_own_place(jinan_places: None, clock: ModuleType) -> None:
    made = platform(place_code="370102")
    taking.take_in([listed(item(1), replace(item(2), device="37010300001320000002"), replace(item(3), civil_code="370103"))], NOW)
    assert set(made.cameras.values_list("place_code", flat=True)) == {"370102"}


def test_a_city_s_platform_puts_cameras_into_their_counties(jinan_places: None, clock: ModuleType) -> None:
    made = platform(place_code="370100")
    taking.take_in([listed(item(1), replace(item(2), civil_code="370103"))], NOW)
    assert list(made.cameras.order_by("code").values_list("place_code", flat=True)) == ["370102", "370103"]


def test_a_lost_platform_darkens_its_cameras(cameras: list[Camera]) -> None:
    taking.take_in([LineDown(PLATFORM, "no sign of life", MS + 1000)], NOW)
    assert set(Camera.objects.values_list("line", flat=True)) == {"offline"}
    assert Platform.objects.get().line == "offline"


def test_description_heartbeat_and_position_are_kept(cameras: list[Camera]) -> None:
    facts = [
        Described(PLATFORM, DeviceInfo("OK", "录像机", "海纳", "R-16", "V2")),
        Described(PLATFORM, Config("OK", "", 3600, 20, 5)),
        Heard(PLATFORM, MS + 9000),
        Moved(PLATFORM, item(1).device, 117.05, 36.66),
        Moved(PLATFORM, item(2).device, 0.0, 0.0),
    ]
    taking.take_in(facts, NOW)
    made = Platform.objects.get()
    assert (made.manufacturer, made.heartbeat_s, made.heartbeat_count) == ("海纳", 20, 5)
    assert made.heard_at == taking.moment(MS + 9000)
    assert list(Camera.objects.order_by("code").values_list("longitude", flat=True)) == [117.05, None]


def test_what_a_person_entered_the_next_catalogue_leaves_alone(plant: Plant, cameras: list[Camera]) -> None:
    services.change_camera(
        cameras[0].pk, name="液氯库东门", uscc=plant.enterprise.uscc, longitude=117.05, latitude=36.66, ptz_type=3, **TELL
    )
    taking.take_in([listed(item(1, longitude=117.9, latitude=36.9), item(2))], NOW)
    kept = Camera.objects.get(pk=cameras[0].pk)
    assert (kept.name, kept.longitude, kept.ptz_type) == ("液氯库东门", 117.05, 3)


# --- Dark cameras -----------------------------------------------------------------------------------------------------


def test_a_camera_off_line_is_told_only_after_the_delay_and_its_return_once(cameras: list[Camera]) -> None:
    taking.take_in([listed(item(2, status="OFF"), complete=False)], NOW)
    assert taking.tell_dark(NOW + timedelta(seconds=299)) == 0
    later = NOW + timedelta(seconds=301)
    assert taking.tell_dark(later) == 1
    assert taking.tell_dark(later) == 0
    back_ms = MS + 900_000
    taking.take_in([listed(item(2), complete=False, at=back_ms)], taking.moment(back_ms))
    told = VideoEvent.objects.order_by("occurred_at")
    assert [(event.kind, event.ended) for event in told] == [(rules.CAMERA_OFFLINE, False), (rules.CAMERA_OFFLINE, True)]
    began, ended = (hearing.happening_of(event) for event in told)
    assert began is not None
    assert ended is not None
    assert began.subject_key == ended.subject_key
    assert (began.active, ended.active) == (True, False)
    assert began.device == cameras[1].code


def test_a_camera_back_before_the_delay_is_no_news(cameras: list[Camera]) -> None:
    taking.take_in([listed(item(2, status="OFF"), complete=False)], NOW)
    taking.take_in([listed(item(2), complete=False, at=MS + 60_000)], NOW)
    assert taking.tell_dark(NOW + timedelta(hours=1)) == 0
    assert not VideoEvent.objects.exists()


def test_a_lost_platform_is_one_happening_for_each_enterprise(plant: Plant) -> None:
    other = enterprise(2)
    platform()
    taking.take_in([LineUp(PLATFORM, "UDP 192.0.2.7:5060", MS + 3_600_000, MS), listed(*(item(n) for n in range(1, 7)))], NOW)
    for camera in Camera.objects.all():
        owner = plant.enterprise if int(camera.code[-1]) <= 3 else other
        services.change_camera(camera.pk, name=camera.name, uscc=owner.uscc, **TELL)
    taking.take_in([LineDown(PLATFORM, "no sign of life", MS)], NOW)
    later = NOW + timedelta(minutes=6)
    assert taking.tell_dark(later) == 2
    assert set(VideoEvent.objects.values_list("kind", "enterprise_id")) == {
        (rules.PLATFORM_OFFLINE, plant.enterprise.pk),
        (rules.PLATFORM_OFFLINE, other.pk),
    }
    taking.take_in([LineUp(PLATFORM, "UDP 192.0.2.7:5060", MS + 9_000_000, MS + 400_000)], taking.moment(MS + 400_000))
    assert VideoEvent.objects.filter(ended=True).count() == 2
    keys = {hearing.happening_of(event).subject_key for event in VideoEvent.objects.all()}  # type: ignore[union-attr]
    assert len(keys) == 2


def test_stopped_cameras_stay_silent(plant: Plant, cameras: list[Camera]) -> None:
    services.change_camera(cameras[1].pk, name=cameras[1].name, uscc=plant.enterprise.uscc, state="stopped", **TELL)
    taking.take_in([listed(item(2, status="OFF"), complete=False)], NOW)
    assert taking.tell_dark(NOW + timedelta(hours=1)) == 0


# --- Alarms of platforms ----------------------------------------------------------------------------------------------


def test_an_alarm_of_a_platform_is_entered_once_and_told(cameras: list[Camera]) -> None:
    fact = Alarmed(PLATFORM, cameras[0].code, Alarm(1, 5, MS - 1000, "有人翻越围墙", kind=6), MS)
    taking.take_in([fact], NOW)
    taking.take_in([replace(fact, at_ms=MS + 2000)], NOW)
    event = VideoEvent.objects.get()
    assert (event.kind, event.text, event.late) == ("gb28181.video_6", "入侵检测报警 有人翻越围墙", False)
    assert rules.kind_label(event.kind) == "入侵检测报警"
    announced = Announcement.objects.filter(kind="video.event_seen")
    assert [each.payload["subject_id"] for each in announced] == [str(event.pk)]


def test_an_alarm_of_an_unknown_channel_or_an_impossible_time_is_not_lost(cameras: list[Camera]) -> None:
    taking.take_in([Alarmed(PLATFORM, "37010200001349999999", Alarm(None, 2, 0, ""), MS)], NOW)
    event = VideoEvent.objects.get()
    assert event.camera == cameras[0]
    assert "37010200001349999999" in event.text
    assert event.occurred_at == NOW


# --- What people enter ------------------------------------------------------------------------------------------------


def test_the_password_lies_sealed_and_opens_with_the_node_s_key_only(jinan_places: None, settings: Any) -> None:
    made = platform()
    assert PASSWORD.encode() not in bytes(made.password)
    assert secret.opened(made.password) == PASSWORD
    settings.SECRET_KEY = "another key"
    assert secret.opened(made.password) is None
    assert PASSWORD not in json.dumps([entry.content for entry in AuditEntry.objects.all()])


def test_a_wrong_platform_is_refused_field_by_field(jinan_places: None) -> None:
    with pytest.raises(Invalid) as refused:
        services.register_platform(
            code="123",
            name="x",
            password="short",
            place_code="370102",
            live_template="javascript:alert(1)",
            playback_template="https://a/{what}",
            **TELL,
        )
    assert set(refused.value.fields) == {"code", "password", "live_template", "playback_template"}
    platform()
    with pytest.raises(Invalid) as taken:
        platform()
    assert set(taken.value.fields) == {"code"}
    with pytest.raises(Invalid) as nobody:
        platform(uscc="91370102MA3C999999")
    assert set(nobody.value.fields) == {"uscc"}


@pytest.mark.parametrize(
    "template", ["https://{device}.example.cn/x", "https:///x", "ftp://a/x", "https://a/{device", "https://a/ b", "https://a/'x"]
)
def test_templates_that_lead_astray_are_refused(template: str) -> None:
    with pytest.raises(rules.BadTemplate):
        rules.checked_template(template, rules.LIVE_FIELDS)


def test_a_camera_is_given_to_one_enterprise_for_good(plant: Plant) -> None:
    platform()
    taking.take_in([listed(item(1))], NOW)
    camera = Camera.objects.get()
    assert camera.device_id is None
    services.change_camera(camera.pk, name="新名", uscc=plant.enterprise.uscc, **TELL)
    assert Device.objects.get(device_class="camera").enterprise_id == plant.enterprise.pk
    for uscc in (enterprise(2).uscc, ""):
        with pytest.raises(Invalid):
            services.change_camera(camera.pk, name="新名", uscc=uscc, **TELL)


def test_nobody_manages_cameras_of_another_county(plant: Plant, cameras: list[Camera]) -> None:
    stranger = officer("370103", "video.manage", "enterprises.view")
    with pytest.raises(NotPermitted):
        services.change_camera(cameras[0].pk, name="x", actor=stranger, now=NOW)
    with pytest.raises(NotPermitted):
        services.change_platform(Platform.objects.get().pk, name="x", state="in_use", actor=stranger, now=NOW)


def test_links_to_watch_come_from_the_platform_s_templates(plant: Plant, cameras: list[Camera]) -> None:
    made = Platform.objects.get()
    camera = queries.one_camera(cameras[0].pk, None)
    assert playing.live(camera) is None
    services.change_platform(
        made.pk,
        name=made.name,
        state="in_use",
        live_template="https://video.example.cn:8443/{device}/{channel}.m3u8",
        playback_template="https://video.example.cn/play?c={channel}&s={start}&e={end}",
        **TELL,
    )
    camera = queries.one_camera(cameras[0].pk, None)
    live, recorded = playing.live(camera), playing.recorded(camera, NOW, NOW + timedelta(minutes=10))
    assert live is not None
    assert recorded is not None
    assert live.url == f"https://video.example.cn:8443/{PLATFORM}/{camera.code}.m3u8"
    assert (live.player, live.origin) == (True, "https://video.example.cn:8443")
    assert recorded.url.endswith("&s=2026-11-22T08%3A00%3A00%2B08%3A00&e=2026-11-22T08%3A10%3A00%2B08%3A00")
    assert not recorded.player


# --- Analysis boxes ---------------------------------------------------------------------------------------------------


def box(plant: Plant, **more: str) -> dict[str, str]:
    pair = f"{more.get('username', plant.issued.credential.username)}:{more.get('secret', plant.issued.secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.fixture(autouse=True)
def _fresh_brakes() -> None:
    admitting.guesses.__init__()  # type: ignore[misc]
    admitting.events.__init__()  # type: ignore[misc]


def told(camera: Camera, /, **more: Any) -> dict[str, Any]:
    return {"camera": camera.code, "kind": "smoke", "time": MS - 2000, "confidence": 0.93, "box": [0.1, 0.2, 0.3, 0.3], **more}


def post(plant: Plant, data: Any, address: str = "video:take_events", **more: str) -> Any:
    return Client().post(reverse(address), json.dumps(data), content_type="application/json", headers=box(plant, **more))


def test_an_event_with_its_picture_becomes_evidence_and_a_happening(plant: Plant, cameras: list[Camera]) -> None:
    answer = post(plant, told(cameras[0], id="e-1", text="东侧储罐", picture=base64.b64encode(JPEG).decode()))
    assert answer.status_code == 200, answer.content
    event = VideoEvent.objects.get(pk=answer.json()["events"][0]["event"])
    exhibit = Exhibit.objects.get(subject_id=event.pk)
    assert (exhibit.sha256, exhibit.origin, exhibit.enterprise_id) == (event.picture_sha256, "device", plant.enterprise.pk)
    happening = hearing.happening_of(event)
    assert happening is not None
    assert (happening.kind, happening.device, happening.exhibits) == ("video.smoke", cameras[0].code, (exhibit.sha256,))
    assert (happening.time_ms, happening.values, happening.active, happening.late) == (MS - 2000, {"confidence": 0.93}, True, False)
    assert happening.credential == services.username_for(plant.enterprise.pk)
    assert "video.event_seen" in set(Announcement.objects.values_list("kind", flat=True))


def test_the_happening_is_an_alarm_of_the_camera_and_its_page_shows_the_picture(plant: Plant, cameras: list[Camera]) -> None:
    post(plant, told(cameras[0], text="东侧储罐", picture=base64.b64encode(JPEG).decode()))
    happening = hearing.happening_of(VideoEvent.objects.get())
    assert happening is not None
    outcome = detecting.take([happening], actor=LOADER, now=NOW)
    assert not outcome.apart
    alarm = Alarm_.objects.get()
    assert (alarm.level, alarm.device_id, alarm.enterprise_id, alarm.exhibits) == (
        1,
        cameras[0].device_id,
        plant.enterprise.pk,
        [happening.exhibits[0]],
    )
    assert alarm.title == "1 号摄像机 烟雾 东侧储罐"
    page = client_for("duty_officer", "370102").get(reverse("alarms:detail", args=[alarm.pk])).content.decode()
    assert reverse("evidence:file", args=[Exhibit.objects.get().pk]) in page
    assert reverse("video:camera", args=[cameras[0].pk]) in page


def test_the_stream_gets_the_happening_however_often_it_is_told(plant: Plant, cameras: list[Camera], settings: Any) -> None:
    post(plant, told(cameras[0], id="e-77"))
    announced = Announcement.objects.get(kind="video.event_seen")
    seen = door.VideoEventSeen.restore(announced.payload)
    url = settings.ANLAN["NATS_URL"]

    async def count() -> int:
        nc = await broker.connect(url, asyncio.Event(), name="tests")
        await broker.ensure_streams(nc.jetstream(), asyncio.Event())
        found = (await broker.state_of(nc.jetstream(), asyncio.Event(), broker.ALARMS)).messages
        await nc.close()
        return int(found)

    before = asyncio.run(count())
    hearing.tell_alarms(seen)
    hearing.tell_alarms(seen)
    assert asyncio.run(count()) == before + 1


def test_a_stream_that_is_away_fails_the_job_in_time_so_that_it_is_tried_again(
    plant: Plant, cameras: list[Camera], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(plant, told(cameras[0]))
    seen = door.VideoEventSeen.restore(Announcement.objects.get(kind="video.event_seen").payload)
    settings.ANLAN["NATS_URL"], before = "nats://127.0.0.1:1", settings.ANLAN["NATS_URL"]
    monkeypatch.setattr(hearing, "ATTEMPT_SECONDS", 0.5)
    try:
        with pytest.raises(TimeoutError):
            hearing.tell_alarms(seen)
    finally:
        settings.ANLAN["NATS_URL"] = before


def test_sent_again_an_event_is_the_same_event(plant: Plant, cameras: list[Camera]) -> None:
    first = post(plant, told(cameras[0], id="e-1")).json()["events"][0]
    again = post(plant, told(cameras[0], id="e-1", time=MS)).json()["events"][0]
    unnamed = [post(plant, told(cameras[0])).json()["events"][0] for _ in range(2)]
    assert (again["event"], again["known"]) == (first["event"], True)
    assert [each["known"] for each in unnamed] == [False, True]
    assert VideoEvent.objects.count() == 2
    assert Announcement.objects.filter(kind="video.event_seen").count() == 2


def test_a_form_with_the_picture_beside_it_is_taken_too(plant: Plant, cameras: list[Camera]) -> None:
    form = {"event": json.dumps(told(cameras[0])), "picture": SimpleUploadedFile("x.jpg", JPEG, "image/jpeg")}
    answer = Client().post(reverse("video:take_events"), form, headers=box(plant))
    assert answer.status_code == 200, answer.content
    assert VideoEvent.objects.get().picture_sha256


def test_one_refused_event_does_not_lose_the_others(plant: Plant, cameras: list[Camera]) -> None:
    several = [
        told(cameras[0]),
        told(cameras[0], kind="ufo"),
        told(cameras[0], camera="37010200001320009999"),
        told(cameras[1], time="2026-11-22T08:00:00"),
        told(cameras[1], time="2019-01-01T08:00:00+08:00"),
        told(cameras[1], confidence=7),
        told(cameras[1], picture=base64.b64encode(b"MZ not a picture").decode()),
        told(cameras[1], kind="fall", time="2026-11-22T07:59:00+08:00"),
    ]
    answer = post(plant, several)
    assert answer.status_code == 200
    codes = [each.get("code", "") for each in answer.json()["events"]]
    assert codes == ["", "video_unknown_event_kind", "video_unknown_camera", "video_malformed_event", "video_time_not_plausible",
                     "video_malformed_event", "video_bad_picture", ""]  # fmt: skip
    assert VideoEvent.objects.count() == 2


def test_a_late_event_is_marked_and_an_exercise_is_one_only_while_one_is_announced(plant: Plant, cameras: list[Camera]) -> None:
    began = NOW - timedelta(minutes=10)
    post(plant, told(cameras[0], time=MS - 400_000, exercise=True))
    known_devices.announce_exercise(plant.enterprise.pk, since=began, until=NOW, reason="消防演练", actor=LOADER, now=began)
    post(plant, told(cameras[0], time=MS - 399_000, exercise=True))
    post(plant, told(cameras[0], time=MS - 398_000))
    happenings = [hearing.happening_of(event) for event in VideoEvent.objects.order_by("occurred_at")]
    assert [(each.late, each.exercise) for each in happenings if each is not None] == [(True, False), (True, True), (True, False)]


def test_a_box_reports_for_its_own_enterprise_only(plant: Plant, cameras: list[Camera]) -> None:
    other = Plant(2)
    answer = post(other, told(cameras[0]))
    assert (answer.status_code, answer.json()["events"][0]["code"]) == (422, "video_unknown_camera")
    assert not VideoEvent.objects.exists()


@pytest.mark.parametrize("data", ["", "[]", "{", '{"camera": 1}', "[" * 5000, "null"])
def test_what_is_no_event_is_refused(plant: Plant, cameras: list[Camera], data: str) -> None:
    answer = Client().post(reverse("video:take_events"), data, content_type="application/json", headers=box(plant))
    assert answer.status_code == 422, data[:20]


def test_wrong_secrets_are_refused_and_braked(plant: Plant, cameras: list[Camera]) -> None:
    assert [post(plant, told(cameras[0]), secret="wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    assert post(plant, told(cameras[0])).status_code == 429
    assert (
        Client()
        .post(reverse("video:take_events"), "{}", content_type="application/json", headers={"Accept": "application/json"})
        .status_code
        == 401
    )


def test_people_are_no_boxes(plant: Plant, cameras: list[Camera]) -> None:
    assert client_for("duty_officer").post(reverse("video:take_events"), headers={"Accept": "application/json"}).status_code == 403


def test_a_flood_of_events_is_braked(plant: Plant, cameras: list[Camera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "figure", lambda code, on: 3 if code == "events_per_minute" else 10_000_000)
    assert [post(plant, told(cameras[0], time=MS - n)).status_code for n in range(4)] == [200, 200, 200, 429]


def test_too_large_a_picture_is_refused_before_it_is_read(plant: Plant, cameras: list[Camera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "figure", lambda code, on: 100 if code.endswith("_limit") else 1000)
    answer = post(plant, told(cameras[0], picture=base64.b64encode(JPEG).decode()))
    assert answer.json()["events"][0]["code"] == "video_picture_too_large"
    huge = Client().post(reverse("video:take_events"), b"x" * 600_000, content_type="application/json", headers=box(plant))
    assert huge.status_code == 413


def test_a_snapshot_replaces_the_one_before_and_never_a_newer(plant: Plant, cameras: list[Camera]) -> None:
    picture = base64.b64encode(JPEG).decode()
    for time, kept in ((MS - 5000, True), (MS - 1000, True), (MS - 3000, False)):
        data = {"camera": cameras[0].code, "time": time, "picture": picture}
        assert post(plant, data, "video:take_snapshot").json() == {"kept": kept}
    assert Snapshot.objects.get().taken_at == taking.moment(MS - 1000)
    form = {"snapshot": json.dumps({"camera": cameras[1].code, "time": MS}), "picture": SimpleUploadedFile("x.jpg", JPEG)}
    assert Client().post(reverse("video:take_snapshot"), form, headers=box(plant)).json() == {"kept": True}
    assert post(plant, {"camera": cameras[0].code, "time": MS}, "video:take_snapshot").status_code == 415


def test_an_event_of_a_camera_of_nobody_rings_at_the_duty_officers(jinan_places: None, clock: ModuleType) -> None:
    make_account("duty.here", "duty_officer", "370102")
    make_account("duty.there", "duty_officer", "370103")
    platform()
    taking.take_in([listed(item(1)), Alarmed(PLATFORM, item(1).device, Alarm(1, 5, MS, "", kind=6), MS)], NOW)
    announced = Announcement.objects.get(kind="video.event_seen")
    seen = door.VideoEventSeen.restore(announced.payload)
    hearing.tell_alarms(seen)
    hearing.tell_alarms(seen)
    (notice,) = Notification.objects.filter(event="video.event_seen")
    assert notice.url == reverse("video:camera", args=[Camera.objects.get().pk])


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_pages_show_the_camera_and_keep_other_counties_out(plant: Plant, cameras: list[Camera]) -> None:
    post(plant, told(cameras[0], picture=base64.b64encode(JPEG).decode()))
    post(plant, {"camera": cameras[0].code, "time": MS, "picture": base64.b64encode(JPEG).decode()}, "video:take_snapshot")
    here, there = client_for("duty_officer", "370102"), client_for("duty_officer", "370103")
    page = here.get(reverse("video:camera", args=[cameras[0].pk]))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "烟雾" in shown
    assert "没有可用的播放地址" in shown
    picture = here.get(reverse("video:picture", args=[cameras[0].pk]))
    assert (picture.content, picture["Content-Type"]) == (JPEG, "image/jpeg")
    assert here.get(reverse("video:picture", args=[cameras[0].pk]), headers={"If-None-Match": picture["ETag"]}).status_code == 304
    assert here.get(reverse("video:picture", args=[cameras[1].pk])).status_code == 404
    for address in (reverse("video:camera", args=[cameras[0].pk]), reverse("video:picture", args=[cameras[0].pk])):
        assert there.get(address).status_code == 404
    assert cameras[0].name not in there.get(reverse("video:wall")).content.decode()
    assert cameras[0].name in here.get(reverse("video:wall"), {"enterprise": str(plant.enterprise.pk)}).content.decode()


def test_the_wall_filters_pages_and_bears_any_question(plant: Plant, cameras: list[Camera]) -> None:
    taking.take_in([listed(*(item(n) for n in range(1, 31)), item(31, status="OFF"))], NOW)
    client = client_for("duty_officer", "370102")
    wall = reverse("video:wall")

    def tiles(**asked: str) -> int:
        return client.get(wall, asked).content.decode().count('<li class="camera-tile')

    assert (tiles(), tiles(page="2"), tiles(page="99")) == (24, 7, 7)
    assert (tiles(state="offline"), tiles(place="370103"), tiles(enterprise="none"), tiles(wall="1")) == (1, 0, 0, 24)
    for odd in ({"place": "'"}, {"enterprise": "x"}, {"page": "-1"}, {"page": "9" * 50}, {"state": "<"}):
        assert client.get(wall, odd).status_code == 200


def test_an_empty_wall_says_what_to_do(jinan_places: None, clock: ModuleType) -> None:
    assert reverse("desk:videoplatforms-create") in client_for("bureau_clerk").get(reverse("video:wall")).content.decode()
    assert reverse("desk:videoplatforms-create") not in client_for("duty_officer").get(reverse("video:wall")).content.decode()


def test_a_clerk_registers_a_platform_and_gives_a_camera_by_the_desk_s_forms(plant: Plant) -> None:
    client = client_for("bureau_clerk", "370102")
    values = {"code": PLATFORM, "name": "区级平台", "password": PASSWORD, "uscc": "", "place_code": "370102"}
    made = client.post(reverse("desk:videoplatforms-create"), values)
    assert made.status_code == 302, made.content.decode()[-3000:]
    page = client.get(made.url).content.decode()
    assert "SIP" in page
    assert PASSWORD not in page
    taking.take_in([listed(item(1))], NOW)
    camera = Camera.objects.get()
    changed = client.post(
        reverse("desk:cameras-change", args=[camera.pk]),
        {"name": "东门", "uscc": plant.enterprise.uscc, "state": "in_use", "version": str(camera.version)},
    )
    assert changed.status_code == 302, changed.content.decode()[-3000:]
    camera.refresh_from_db()
    assert (camera.name, camera.enterprise_id) == ("东门", plant.enterprise.pk)
    filtered = client.get(reverse("desk:cameras-list"), {"unassigned": "1"}).content.decode()
    assert "东门" not in filtered
    assert "东门" in client.get(reverse("enterprises:file", args=[plant.enterprise.pk])).content.decode()
    assert "东门" in client.get(reverse("devices:device", args=[camera.device_id])).content.decode()


def test_only_the_platform_s_gateway_may_be_asked_for_media(plant: Plant, cameras: list[Camera]) -> None:
    made = Platform.objects.get()
    services.change_platform(made.pk, name=made.name, state="in_use", live_template="https://video.example.cn/{channel}.m3u8", **TELL)
    client = client_for("duty_officer", "370102")
    policy = client.get(reverse("video:camera", args=[cameras[0].pk]))["Content-Security-Policy"]
    assert "media-src 'self' blob: https://video.example.cn" in policy
    assert "video.example.cn" not in client.get(reverse("video:wall"))["Content-Security-Policy"]
    page = client.get(reverse("video:camera", args=[cameras[0].pk]), {"at": "2026-13-45T99", "minutes": "x"})
    assert page.status_code == 200


def test_door_tells_cameras_in_jurisdiction(plant: Plant, cameras: list[Camera]) -> None:
    here, there = officer("370102", "video.view"), officer("370103", "video.view")
    assert [camera.code for camera in door.cameras_of(plant.enterprise.pk, here)] == [camera.code for camera in cameras]
    assert door.cameras_of(plant.enterprise.pk, there) == ()
    assert door.line_count(here) == door.LineCount(2, 2)
    assert set(door.cameras_by_device([camera.device_id for camera in cameras if camera.device_id], here)) == {c.device_id for c in cameras}
    assert CAMERA not in {camera.code for camera in door.cameras_within((116, 35, 118, 37), here)}
