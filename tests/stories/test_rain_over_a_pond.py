"""Two days of rain over a tailings pond: forecast, gauge, the pond's own sensors, grade, warning, and everything back to calm with its reasons."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.jinan import city_officer, county_leader, county_officer, plant, safety_manager, world  # noqa: F401
from tests.rooms.sense.plant import LOADER
from tests.rooms.sense.units.past import Past
from tests.rooms.warn.hazards import messages
from tests.rooms.warn.hazards.conftest import ground, pond  # noqa: F401

from anlan.desk.models import Notification
from anlan.ground.audiences import services as audiences
from anlan.ledger.events import deliver_pending
from anlan.sense.alarms import services as alarms
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import Limit
from anlan.warn.bulletins import services as bulletins
from anlan.warn.bulletins.models import MessageKind
from anlan.warn.channels import planning
from anlan.warn.channels.models import Delivery, Message
from anlan.warn.hazards import door, gauging, services
from anlan.warn.hazards.models import HazardSignal
from anlan.warn.riskpicture import rules as risk
from anlan.warn.riskpicture import waiting
from anlan.warn.riskpicture.models import Grade
from anlan.wire import cap
from anlan.wire.detections import CLEAR, RAISE, Transition

pytestmark = pytest.mark.django_db
TOWN = "370102002"
BLUE, YELLOW, ORANGE, RED = range(1, 5)


class PondStory:
    """The pond with a rain gauge in its township and three points of its own, and who looks after it."""

    def __init__(self, clock, past, source, leader):
        self.clock, self.past, self.pond, self.begin = clock, past, source, clock.now()
        told = {"actor": LOADER, "now": self.begin}
        owner = {"place_code": TOWN, "longitude": 117.02, "latitude": 36.6}
        stations = {
            code: devices.register_device(
                source.enterprise_id, {"code": code, "name": name, "device_class": "control_system", **owner, **more}, **told
            )
            for code, name, more in (("RG", "千佛山雨量站", {}), ("W1", "一号尾矿库监测站", {"risk_source_id": source.pk}))
        }
        self.points = {}
        for device, code, name, kind, unit in (
            ("RG", "P", "雨量", "rainfall", "mm"),
            ("W1", "Z", "库水位", "level", "m"),
            ("W1", "L", "干滩长度", "beach_length", "m"),
            ("W1", "S", "浸润线埋深", "phreatic_depth", "m"),
        ):
            values = {"code": code, "name": name, "sensor_class": kind, "unit": unit}
            self.points[code] = devices.add_sensor(stations[device].id, values, **told)
        for code, word, limit in (("Z", "HH", 8.5), ("L", "LL", 70.0), ("S", "LL", 6.0)):
            devices.set_thresholds(self.points[code].id, (Limit(word, limit, 0.0, 0.0, 1),), basis="design", source="设计文件 示例", **told)
        waiting.note(risk.SOURCE, [source.pk], now=self.begin)
        gauging.set_rain_standard(self.points["P"].id, counted="amount", holds_from=self.begin.date(), actor=leader, now=self.begin)

    def at(self, hours):
        """Let the clock run to so many hours after the beginning."""
        self.clock.set(self.begin + timedelta(hours=hours))
        return self.clock.now()

    def rain(self, first, last, mm):
        """So much rain in each five minutes of some hours, then the gauges are looked at."""
        for number in range(round(first * 12), round(last * 12)):
            self.past.add(self.points["P"].channel, self.begin + timedelta(minutes=5 * number + 4), mm)
        gauging.judge(self.at(last))
        return self.heard()

    def signal(self, identifier, level, kind=cap.MessageType.ALERT, references=(), hours=30, actor=None):
        """A signal of the weather office comes in."""
        now = self.clock.now()
        content = messages.alert(identifier, now, level=level, kind=kind, references=references, hours=hours)
        assert services.take(content, name=identifier, via="接口", actor=actor, now=now).good == 1
        return self.heard()

    def sensor(self, code, change=RAISE, *, since):
        """The detector tells of one of the pond's points."""
        kind, limit, value = {"Z": ("HH", 8.5, 8.9), "L": ("LL", 70.0, 62.0), "S": ("LL", 6.0, 5.1)}[code]
        point = devices.sensor(self.points[code].id)
        begun, now = round(since.timestamp() * 1000), self.clock.now()
        told = Transition(
            change=change, raised_ms=begun, time_ms=round(now.timestamp() * 1000), kind=kind, level=1, limit=limit, value=value,
            peak=value, channel=point.channel,
        )  # fmt: skip
        if change == RAISE:
            alarms.raise_alarm(told, point, actor=LOADER, now=now)
        else:
            alarms.clear_alarm(told, actor=LOADER, now=now)
        return self.heard()

    def heard(self):
        """Hearers hear and grades follow; the township's level, its reasons, and the pond's grade with its factors."""
        now = self.clock.now()
        deliver_pending()
        waiting.take(now=now)
        told = door.levels_at([TOWN], now)[TOWN]
        assert told.known
        grade = Grade.objects.filter(kind=risk.SOURCE, source=self.pond).first()
        return told.level, " ".join(told.reasons), grade.grade if grade else None, {code for code, *_ in grade.factors} if grade else set()


@pytest.fixture
def story(ground, pond, county_leader, monkeypatch):  # noqa: F811
    return PondStory(ground, Past().serve(monkeypatch), pond, county_leader)


def told(account, event):
    return list(Notification.objects.filter(account_id=account.pk, event=event).order_by("created_at", "pk").values_list("tone", flat=True))


def test_rain_grows_over_two_days_the_pond_alarms_people_are_told_a_warning_goes_out_and_all_is_lifted_again(story, city_officer):  # noqa: F811
    night = make_account("night", "duty_officer", "370102")
    keeper = make_account("keeper", "enterprise_manager", "370102", enterprise_id=story.pond.enterprise_id)
    writer, approver = make_account("writer", "duty_officer", "370102"), make_account("approver", "approver", "370102")
    resident = {"name": "赵守库", "role": "reservoir_keeper", "place_code": TOWN, "phone": "13800000009"}
    audiences.register_recipient(actor=LOADER, now=story.begin, **resident)
    update, cancel = cap.MessageType.UPDATE, cap.MessageType.CANCEL

    # The forecast: yellow is orange where a tailings pond lies, orange is red.
    level, reasons, grade, factors = story.signal("R1", YELLOW, actor=city_officer)
    assert (level, grade, factors) == (ORANGE, risk.BLUE, {"hazard_orange"})
    assert "尾矿库" in reasons and "暴雨黄色" in reasons
    story.at(9)
    level, reasons, grade, factors = story.signal("R2", ORANGE, update, ("R1",), actor=city_officer)
    assert (level, grade, factors) == (RED, risk.YELLOW, {"hazard_red"})
    assert told(night, "hazards.risen") == told(keeper, "hazards.risen") == ["orange", "red"]

    # It rains: 0.8 mm in five minutes are 57.6 mm in six hours, 28.8 in three.
    level, reasons, *_ = story.rain(12, 18, 0.8)
    own = HazardSignal.objects.filter(source="gauge")
    assert [(row.level, row.state, row.title) for row in own] == [(YELLOW, "live", "千佛山雨量站 雨量 57.6 mm/6h ≥ 50 mm/6h")]
    story.at(20)
    story.signal("R3", RED, update, ("R2",), actor=city_officer)
    level, reasons, *_ = story.rain(18, 21, 3.0)
    assert [row.level for row in own.filter(state="live")] == [RED]
    assert "mm/3h" in own.get(state="live").title
    assert level == RED and "千佛山雨量站" in reasons

    # The pond's own points.
    since = story.at(21.5)
    before = Grade.objects.get(kind=risk.SOURCE, source=story.pond).score
    story.sensor("Z", since=since)
    story.sensor("L", since=since)
    level, reasons, grade, factors = story.sensor("S", since=since)
    assert {"hazard_red", "alarm_1_waiting"} <= factors
    row = Grade.objects.get(kind=risk.SOURCE, source=story.pond)
    assert row.score > before and row.grade < risk.YELLOW
    assert "red" in told(night, "alarms.raised") and "red" in told(keeper, "alarms.raised")

    # A warning of the bureau's own, with the pond's township filled in, by two people.
    page = client_of(writer).get(reverse("hazards:township", args=[TOWN])).content.decode()
    assert f"area_codes={TOWN}&amp;level=red&amp;event_code=12B00" in page
    now = story.clock.now()
    bulletin = bulletins.draft(
        actor=actor_of(writer), now=now, event_code="12B00", level="red", headline="一号尾矿库溃坝风险红色预警", area_codes=[TOWN],
        description="强降雨，库水位超过最高洪水位，干滩长度不足。", instruction="下游人员立即撤离。", onset=now,
        expires=now + timedelta(hours=24), issuer_name="历下区应急管理局",
    )  # fmt: skip
    bulletins.submit(bulletin, actor=actor_of(writer), now=now)
    bulletins.approve(bulletin, actor=actor_of(approver), now=story.at(21.6))
    story.heard()
    message = Message.objects.get(source_id=bulletin.pk)
    list(planning.plan(message, now=story.clock.now()))
    assert list(Delivery.objects.filter(message=message).values_list("address", flat=True)) == ["13800000009"]

    # The rain ends, the sums fall hour by hour, the pond drains, the weather office lifts, the bureau too.
    levels, before = [], 21
    for hours in (22, 24, 26, 30, 36):
        story.rain(before, hours, 0.0)
        levels.append([each.level for each in own.filter(state="live")])
        before = hours
    assert levels == [[ORANGE], [YELLOW], [BLUE], [BLUE], []]
    story.at(40)
    level, *_ = story.signal("R4", RED, cancel, ("R3",), actor=city_officer)
    assert level == 0
    for code in "ZLS":
        *_, grade, factors = story.sensor(code, CLEAR, since=since)
    assert "hazard_red" not in factors and "alarm_1_waiting" not in factors
    now = story.at(41)
    lifting = bulletins.draft_follower(bulletin, MessageKind.CANCEL, actor=actor_of(writer), now=now, description="险情解除。")
    bulletins.submit(lifting, actor=actor_of(writer), now=now)
    bulletins.approve(lifting, actor=actor_of(approver), now=now)
    story.heard()
    bulletin.refresh_from_db()
    assert bulletin.state == "lifted"
    assert Message.objects.get(source_id=bulletin.pk).state == Message.STOPPED
    # What was told at each hour stands.
    past = [door.levels_at([TOWN], story.begin + timedelta(hours=hours, minutes=1))[TOWN].level for hours in (0, 9, 20, 40)]
    assert past == [ORANGE, RED, RED, 0]


def test_a_gauge_that_falls_silent_in_the_rain_keeps_its_level_and_says_so(story):
    story.rain(0, 6, 0.8)
    live = HazardSignal.objects.get(source="gauge")
    assert (live.level, live.gap_minutes) == (YELLOW, 0)
    # Two hours of silence, then it speaks again without rain: nobody knows what fell.
    gauging.judge(story.at(8))
    live.refresh_from_db()
    assert live.late and live.state == "live"
    story.rain(9, 9.5, 0.0)
    live.refresh_from_db()
    assert (live.state, live.level, live.late) == ("live", YELLOW, True)
    assert live.gap_minutes >= 180
