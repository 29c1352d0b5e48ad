"""Messages, calls for help and marks of units in the database; what people draw and open goes out to them; their pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.accounts import client_of, make_account
from tests.rooms.command.field.test_connections import marker
from tests.rooms.jinan import NOW, actor

from anlan.command.field import heard, purposes, queries, rules, services, talking
from anlan.command.field.models import FieldCall, FieldMark, FieldMessage, FieldShape, FieldUnit
from anlan.command.incidents import door as incidents
from anlan.command.plotting import door as plotting
from anlan.desk.models import Notification
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import AuditEntry
from anlan.wire import cot
from anlan.wire.cot import shapes, talk

pytestmark = pytest.mark.django_db
PLACE = {"title": "氯气泄漏", "place_code": "370102", "longitude": 117.05, "latitude": 36.66}


@pytest.fixture
def commander(world: None) -> Actor:
    return actor("commander", "370102")


def enrolled(by: Actor, uid: str = "A", callsign: str = "安一", **more: Any) -> FieldUnit:
    return services.enrol(uid=uid, callsign=callsign, **{"place_code": "370102", **more}, actor=by, now=NOW)


def event(uid: str, kind: str, *, seconds: float = 0, text: str = "") -> cot.Event:
    found = cot.decode(marker(uid, "安一", kind=kind, detail=f"<remarks>{text}</remarks>" if text else ""))
    at = NOW + timedelta(seconds=seconds)
    return replace(found, time=at, start=at, stale=at + timedelta(minutes=5))


def message(name: str, text: str, *, to: str = talk.EVERYBODY, seconds: float = 0) -> cot.Event:
    return talk.message(
        name, talk.Party("A", "安一"), talk.Party(to, to), text, at=NOW + timedelta(seconds=seconds), lasts=timedelta(days=1)
    )


def take_in(unit: FieldUnit, *pairs: tuple[str, cot.Event], seconds: float = 0) -> heard.Entered:
    return heard.take_in({unit.pk: list(pairs)}, NOW + timedelta(seconds=seconds))


def test_a_message_is_kept_once_with_its_incident_and_stands_in_the_record(commander: Actor) -> None:
    incident = incidents.open_incident(PLACE, actor=actor("duty_officer", "370102"), now=NOW)
    unit = enrolled(commander, incident_id=str(incident))
    first, second = (purposes.TALK, message("m1", "阀门已关")), (purposes.TALK, message("m2", " ", seconds=1))
    assert take_in(unit, first, second).refused == {"field_message_empty": 1}
    entered = take_in(unit, first, (purposes.TALK, message("m3", "迟了", to=rules.DESK_UID, seconds=5)), seconds=600)
    assert [each[1] for each in entered.kept] == ["m3"]
    rows = list(FieldMessage.objects.order_by("said_at").values_list("text", "late", "recipient", "incident_id"))
    assert rows == [("阀门已关", False, talk.EVERYBODY, incident), ("迟了", True, rules.DESK_UID, incident)]
    assert AuditEntry.objects.filter(action="field.hear").count() == 2
    told = incidents.timeline(incident, commander, NOW)
    assert [(line.kind, line.text) for line in told if line.kind == "field"] == [("field", "阀门已关"), ("field", "迟了")]
    # Who may not see the place of the unit finds nothing of it.
    assert queries.lines(incident, actor("duty_officer", "370103")) == ()


def test_a_flood_of_messages_is_counted_and_not_kept(commander: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MESSAGES_A_MINUTE", 3)
    unit = enrolled(commander)
    flood = [(purposes.TALK, message(f"m{number}", "喂")) for number in range(5)]
    assert take_in(unit, *flood).refused == {"field_message_flood": 2}
    assert take_in(unit, (purposes.TALK, message("m9", "喂")), seconds=61).refused == {}


def test_an_answer_goes_where_the_unit_spoke_and_only_the_device_says_that_it_came(commander: Actor) -> None:
    unit = enrolled(commander, exercise=True)
    take_in(unit, (purposes.TALK, message("m1", "请求支援")))
    row = talking.say(unit.pk, "增援 10 分钟到", actor=commander, now=NOW)
    ((key, uid, data),) = talking.waiting(NOW)
    sent = cot.decode(data)
    assert (key, uid, sent.detail.remarks.text) == (row.pk, "A", "【演练】增援 10 分钟到")
    assert sent.detail.chat == cot.Chat(talk.EVERYBODY, f"{commander.name} {commander.post}", talk.EVERYBODY, row.message_id)
    talking.sent([key], NOW)
    assert talking.waiting(NOW) == []
    # The link was cut: what was not confirmed goes again under the same name, later no more.
    assert talking.again(["A"], NOW + rules.SENT_AGAIN_WITHIN) == 0
    assert talking.again(["A"], NOW) == 1 and len(talking.waiting(NOW)) == 1
    read, late = (replace(event(row.message_id, kind), uid=row.message_id) for kind in ("b-t-f-r", "b-t-f-d"))
    take_in(unit, (purposes.RECEIPT, read), (purposes.RECEIPT, late), seconds=3)
    row.refresh_from_db()
    assert (row.state, row.read_at) == (rules.READ, NOW + timedelta(seconds=3))
    for text, refusal in (("", rules.MessageEmpty), ("长" * 2001, rules.MessageTooLong)):
        with pytest.raises(refusal):
            talking.say(unit.pk, text, actor=commander, now=NOW)
    with pytest.raises(NotPermitted):
        talking.say(unit.pk, "别处", actor=actor("duty_officer", "370103"), now=NOW)
    late_row = talking.say(unit.pk, "没有人听到", actor=commander, now=NOW)
    assert talking.waiting(NOW + rules.TALK_LASTS + timedelta(seconds=1)) == []
    late_row.refresh_from_db()
    assert late_row.state == rules.EXPIRED


def test_a_call_for_help_reaches_who_is_on_duty_and_ends_when_the_terminal_cancels(commander: Actor) -> None:
    make_account("call-duty", "duty_officer", "370102")
    unit = enrolled(commander)
    deliver_pending()
    # Posts are held from today on.
    today = (clock.now() - NOW).total_seconds()
    call = (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", seconds=today, text="二号罐区有人倒下"))
    take_in(unit, call, seconds=today)
    take_in(unit, call, (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", seconds=today + 10)), seconds=today + 10)
    deliver_pending()
    found = FieldCall.objects.get()
    assert (found.kind, found.text, found.longitude) == ("b-a-o-tbl", "二号罐区有人倒下", 117.05)
    (told,) = Notification.objects.filter(event="field.call")
    assert told.tone == "red" and "安一" in told.facts["callsign"]
    unit.refresh_from_db()
    assert unit.calling
    taken = talking.take_call(found.pk, actor=commander, now=NOW)
    assert taken.taken_by_name == commander.name
    take_in(unit, (purposes.CALL_OVER, event("A-9-1-1", "b-a-o-can", seconds=today + 20)), seconds=today + 20)
    found.refresh_from_db()
    unit.refresh_from_db()
    assert (found.ended_how, unit.calling) == (rules.BY_UNIT, False)
    with pytest.raises(rules.CallEnded):
        talking.end_call(found.pk, "晚了", actor=commander, now=NOW)
    # The next one is a call of its own.
    take_in(unit, (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", seconds=today + 30)), seconds=today + 30)
    assert FieldCall.objects.filter(ended_at__isnull=True).count() == 1


def test_a_call_that_the_desk_ended_is_raised_again_while_the_terminal_goes_on(commander: Actor) -> None:
    unit = enrolled(commander)
    take_in(unit, (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl")))
    call = FieldCall.objects.get()
    with pytest.raises(rules.OutcomeMissing):
        talking.end_call(call.pk, " ", actor=commander, now=NOW)
    talking.end_call(call.pk, "误触，人员安全", actor=commander, now=NOW)
    again = int(rules.CALLS_AGAIN_AFTER.total_seconds())
    take_in(unit, (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", seconds=60)), seconds=60)
    assert not FieldCall.objects.filter(ended_at__isnull=True).exists()
    take_in(unit, (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", seconds=again)), seconds=again)
    assert FieldCall.objects.filter(ended_at__isnull=True).count() == 1


def test_marks_are_the_units_own_bounded_and_taken_away_by_who_may(commander: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MARKS_MOST", 2)
    unit, other = enrolled(commander), enrolled(commander, "B", "安二")
    kept = {"at": NOW, "lasts": timedelta(hours=1)}
    spots = [(purposes.MARK, shapes.spot(f"s{number}", (117.05, 36.66), name=f"点{number}", colour=-65536, **kept)) for number in range(3)]
    far = replace(spots[2][1], stale=spots[2][1].stale.replace(year=9999), time=NOW + timedelta(seconds=1))
    take_in(unit, *spots[:2], (purposes.MARK, far))
    assert set(FieldMark.objects.filter(removed_at__isnull=True).values_list("uid", "title")) == {("s1", "点1"), ("s2", "点2")}
    assert FieldMark.objects.get(uid="s2").stale_at == NOW + timedelta(seconds=1) + rules.HOLDS_MOST
    assert take_in(other, spots[1]).refused == {"field_foreign_mark": 1}
    removal = replace(event("x", "t-x-d-d"), detail=cot.Detail(links=(cot.Link(uid="s1", relation="none"),)))
    assert take_in(other, (purposes.REMOVAL, removal)).refused == {"field_foreign_mark": 1}
    take_in(unit, (purposes.REMOVAL, removal))
    box = (117.0, 36.6, 117.1, 36.7)
    assert [row.uid for row in queries.marks(commander, box, NOW)] == ["s2"]
    assert not queries.marks(actor("commander", "370103"), box, NOW).exists()


def outgoing() -> dict[str, str]:
    """Names and types of what stands on the devices' maps."""
    rows = FieldShape.objects.filter(withdrawn=False).order_by("uid")
    return {found.callsign: found.type for row in rows for found in [cot.decode(bytes(row.content))]}


def test_incidents_and_drawings_go_out_change_and_go(commander: Actor) -> None:
    duty = actor("duty_officer", "370102")
    enrolled(commander)
    incident = incidents.open_incident(PLACE, actor=duty, now=NOW)
    board = plotting.open_board({"title": "标绘", "incident_id": incident}, actor=duty, now=NOW)
    point = {"type": "Point", "coordinates": [117.05, 36.66]}
    circle = {"kind": "circle", "geometry": point, "radius": 300, "tone": "hazard", "title": "隔离区"}
    plotting.draw_objects(board, [circle, {"kind": "point", "geometry": point, "title": "集结点"}], actor=duty, now=NOW)
    deliver_pending()
    assert outgoing() == {"氯气泄漏": "b-m-p-s-m", "隔离区": "u-d-c-c", "集结点": "b-m-p-s-m"}
    before = dict(FieldShape.objects.values_list("uid", "changed"))
    plotting.draw_objects(board, [{"kind": "text", "geometry": point, "title": "下风向"}], actor=duty, now=NOW)
    deliver_pending()
    after = dict(FieldShape.objects.values_list("uid", "changed"))
    # What did not change is not sent again.
    assert {uid: after[uid] for uid in before} == before and len(after) == len(before) + 1
    assert set(FieldShape.objects.values_list("incident_id", "exercise")) == {(incident, False)}
    incidents.close_incident(incident, "已处置", actor=actor("duty_leader", "370102"), now=NOW)
    _close(board)
    deliver_pending()
    assert outgoing() == {}


def _close(board: UUID) -> None:
    from anlan.command.plotting import queries as boards
    from anlan.command.plotting import services as plots

    plots.close(boards.board(board, None), actor=actor("duty_leader", "370102"), now=NOW)


def test_what_stood_before_the_first_unit_came_is_shown_to_it_and_the_sensitive_to_its_incident_alone(commander: Actor) -> None:
    duty = actor("duty_officer", "370102")
    drill = incidents.open_incident({**PLACE, "title": "演练泄漏", "exercise": True}, actor=duty, now=NOW)
    secret = incidents.open_incident({**PLACE, "title": "涉密", "classification": 2}, actor=duty, now=NOW)
    deliver_pending()
    assert outgoing() == {}
    with pytest.raises(Invalid) as refused:
        enrolled(commander, incident_id=str(drill))
    assert isinstance(refused.value.fields["incident_id"], rules.ExerciseDiffers)
    enrolled(commander, incident_id=str(drill), exercise=True)
    deliver_pending()
    assert set(outgoing()) == {"【演练】演练泄漏", "涉密"}
    assert set(FieldShape.objects.values_list("incident_id", "place_code", "exercise")) == {(drill, "370102", True), (secret, "", False)}
    with pytest.raises(Invalid) as refused:
        enrolled(commander, "B", "安二", incident_id=str(UUID(int=1)), organisation_id="x")
    assert set(refused.value.fields) == {"incident_id", "organisation_id"}


def test_the_pages_show_talk_calls_and_marks_and_take_answers(commander: Actor) -> None:
    unit = enrolled(commander)
    now = clock.now()
    heard.take_in(
        {
            unit.pk: [
                (purposes.TALK, replace(message("m1", "阀门已关"), time=now)),
                (purposes.CALLING, event("A-9-1-1", "b-a-o-tbl", text="&lt;b&gt;救命&lt;/b&gt;")),
                (purposes.MARK, shapes.spot("s1", (117.05, 36.66), name="路障", colour=-1, at=now, lasts=timedelta(hours=1))),
            ]
        },
        now,
    )
    browser = client_of(make_account("field-duty", "duty_officer", "370102"))
    banner = browser.get("/command/field/calls/").content.decode()
    assert "安一 正在求救" in banner and "&lt;b&gt;" in banner
    call = FieldCall.objects.get()
    browser.post(f"/command/field/calls/{call.pk}/take/", headers={"HX-Request": "true", "HX-Target": "field-calls"})
    refused = browser.post(f"/command/field/{unit.pk}/say/", {"text": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "请写下" in refused.content.decode()
    answered = browser.post(f"/command/field/{unit.pk}/say/", {"text": "收到"}, headers={"HX-Request": "true"}).content.decode()
    assert "阀门已关" in answered and "待发送" in answered and "已知悉" in answered
    browser.post(f"/command/field/calls/{call.pk}/end/", {"outcome": "误触"})
    assert browser.get("/command/field/calls/").content.strip() == b""
    found = browser.get("/command/field/marks.json?bbox=117,36.6,117.1,36.7&shape=points").json()
    assert [each["properties"]["title"] for each in found["features"]] == ["路障（安一）"]
    assert "路障" in browser.get(found["features"][0]["properties"]["panel"]).content.decode()
    other = client_of(make_account("field-other", "duty_officer", "370103"))
    assert other.get("/command/field/marks.json?bbox=117,36.6,117.1,36.7").json()["features"] == []
    assert other.post(f"/command/field/{unit.pk}/say/", {"text": "越界"}).status_code == 404
    assert other.post(f"/command/field/calls/{call.pk}/end/", {"outcome": "越界"}).status_code == 404
