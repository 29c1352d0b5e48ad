"""The chlorine release as a warning: from the zone of a judgement to the last person who was not reached, an update and the all-clear.

The cast and the minutes are invented. Everything is of an exercise: carriers are fakes, and nothing leaves the node.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.test import Client
from lxml import html
from tests.accounts import actor_of, client_of, give_post, make_account
from tests.rooms.jinan import NOW
from tests.rooms.warn.channels.carriers import TESTS, Phones, carrier

from anlan.command.judgement import prefilling, rules
from anlan.command.judgement import services as judging
from anlan.command.judgement.models import Judgement, Run
from anlan.command.judgement.prefilling import Origin
from anlan.ground.audiences.models import Recipient
from anlan.ground.audiences.services import import_recipients
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.people import queries as posts
from anlan.ground.people.models import Account
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.flow import FourEyes
from anlan.ledger.events import deliver_pending
from anlan.warn.bulletins import door, services
from anlan.warn.bulletins import rules as law
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.warn.channels import calling, dispatcher, engine, monitor
from anlan.warn.channels.adapters.contract import ReceiptNote, Told
from anlan.warn.channels.models import Call, Delivery, Message
from anlan.wire import cap

pytestmark = pytest.mark.django_db
COUNTY, VILLAGE = "370102", "370102001"
PLANT = (117.05, 36.66)


@dataclass
class Night:
    """The county's duty room in that night: who is there, and how to move on."""

    clock: Any
    people: dict[str, Account]
    sms: Any
    voice: Any
    texts: Phones = field(default_factory=Phones)
    rings: Phones = field(default_factory=Phones)

    def at(self, minutes: float) -> None:
        """It is so many minutes after the alarm; what time passes over has passed."""
        self.clock.set(NOW + timedelta(minutes=minutes))
        deliver_pending()
        dispatcher.plan_waiting()
        dispatcher.sweep()
        deliver_pending()

    def hand_over(self) -> None:
        """Both carriers take what waits for them."""
        for by, phones in ((self.sms, self.texts), (self.voice, self.rings)):
            while engine.hand_over_next(by, phones, worker=1, now=self.clock.now()):
                pass

    def receipts(self, by: Any, phones: Phones, numbers: set[str], told: Told) -> None:
        """The carrier says of these telephones what became of the message."""
        notes = [ReceiptNote(told, self.clock.now(), key) for key, number in phones.keys.items() if number in numbers]
        engine.take_receipts(by, notes, now=self.clock.now())

    def web(self, who: str) -> Client:
        """A browser of one of the cast."""
        return client_of(self.people[who])

    def actor(self, who: str) -> Any:
        """One of the cast, as services know him."""
        return actor_of(self.people[who])


@pytest.fixture
def night(jinan_places: None, clock: Any) -> Night:
    """Everybody of the story, and both carriers."""
    return gather(clock)


def gather(clock: Any) -> Night:
    """The cast of the county and its carriers, at the moment of the alarm."""
    clock.set(NOW)
    cast = {
        "officer": "duty_officer",
        "desk": "duty_officer",
        "approver": "approver",
        "twin": "approver",
        "helper": "approver",
    }
    people = {name: make_account(name, kind, COUNTY) for name, kind in cast.items()}
    people["clerk"] = make_account("clerk", "duty_officer", VILLAGE)
    people["township"] = make_account("township", "duty_leader", VILLAGE)
    Account.objects.filter(username="officer").update(phone="13800001111")
    Account.objects.filter(username="twin").update(phone="+86 138-0000-1111")
    return Night(clock, people, carrier(), carrier("voice"))


@pytest.fixture
def judged(night: Night) -> Run:
    """The zones of the first run."""
    plant = Enterprise.objects.create(
        uscc="91370102MA00000A0X", name="示范氯碱有限公司", place_code=COUNTY, longitude=PLANT[0], latitude=PLANT[1]
    )
    return judge(night, plant)


def judge(night: Night, plant: Enterprise) -> Run:
    """Two-phase chlorine through 20 mm in a stable night, wind from the west, six minutes after the alarm."""
    tank = RiskSource.objects.create(
        enterprise=plant, code="V-102", name="液氯储罐", kind="tank", place_code=COUNTY, substance_name="液氯", substance_cas="7782-50-5",
        quantity_t=25, longitude=PLANT[0], latitude=PLANT[1],
        attributes={"shape": "horizontal", "volume": 40, "diameter": 2.6, "state_of_matter": "liquefied_gas"},
    )  # fmt: skip
    night.at(6)
    officer = night.actor("officer")
    filled = prefilling.prefill(Origin(risk_source_id=tank.pk), officer, now=night.clock.now())
    judgement = judging.open_judgement("", filled, actor=officer, now=night.clock.now())
    Judgement.objects.filter(pk=judgement.pk).update(exercise=True)
    judgement.refresh_from_db()
    typed = {"hole_mm": "20", "opening": "vapour", "minutes": "20", "wind_m_s": "2.4", "wind_from_deg": "270", "stability": "F"}
    run = judging.ask_run(judgement, rules.TOXIC, typed, queue=lambda _pk: None, actor=officer, now=night.clock.now())
    assert judging.perform(run.pk, night.clock.now) == rules.DONE
    return Run.objects.get(pk=run.pk)


PRESENT = range(40)
"""Residents of the zone: the first 34 are told at once, four are told late, the rest is not reached by a text message."""
AT_ONCE, LATE, PRESS = range(34), range(34, 38), range(38, 40)
UNREACHED = ("王一", "王二", "王三")


def number(n: int) -> str:
    """The telephone of a resident."""
    return f"1000000{n:04d}"


@pytest.fixture
def register(night: Night) -> None:
    """The people of the register."""
    enter_register()


def enter_register() -> None:
    """Forty-three residents along the axis of the cloud, the head of their village, and five people a few streets to the north."""

    def resident(n: int, name: str, east: float, north: float = 0.0) -> dict[str, Any]:
        at = {"longitude": PLANT[0] + east, "latitude": PLANT[1] + north}
        return {"name": name, "role": "resident", "place_code": VILLAGE, "phone": number(n), "consented": True, **at}

    inside = [resident(n, f"居民{n}", 0.004 + n * 0.0015) for n in PRESENT]
    missed = [resident(100 + n, name, 0.02) for n, name in enumerate(UNREACHED)]
    north = [resident(200 + n, f"北边{n}", 0.02, 0.05) for n in range(5)]
    head = resident(300, "村主任", 0.01) | {"role": "village_head"}
    import_recipients([*inside, *missed, *north, head], actor=TESTS, now=NOW)


def test_a_release_is_warned_of_until_a_human_has_reached_the_last_one(night: Night, judged: Run, register: None) -> None:
    address = the_zone_becomes_a_draft(night, judged)
    bulletin = nobody_who_had_a_hand_approves(night, address)
    message = it_goes_out_and_the_monitor_tells_what_receipts_say(night, bulletin)
    people_reach_whom_no_channel_reached(night, message)
    update = the_zone_shrinks(night, bulletin, message)
    all_clear(night, bulletin, update)


def fields_of(page: Any) -> dict[str, Any]:
    """What a browser would send of the editor's form as it stands."""
    form = html.fromstring(page.content.decode()).get_element_by_id("bulletin-form")
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def the_zone_becomes_a_draft(night: Night, judged: Run) -> str:
    """The officer hands the zone over, sees whom it holds, takes the words of the template and keeps the draft; its address."""
    night.at(8)
    web = night.web("officer")
    zone = {"zone": "AEGL-2"}
    editor = web.post(f"/judgement/{judged.judgement_id}/runs/{judged.pk}/warn/", zone)["Location"]
    sent = fields_of(web.get(editor))
    assert sent["subject"] == ["液氯储罐"]
    assert "第 1 次" in sent["area_origin"][0]
    assert sent["exercise"], "an exercise stays one"
    counted = web.post("/warnings/area/", sent).content.decode()
    assert "登记的受众</dt><dd><strong>44</strong>" in counted
    words = fields_of(web.post(editor, sent | {"issuer_name": ["历下区应急管理局"], "contact": ["0531-80000000"], "then": "template"}))
    assert "液氯" in words["headline"][0] + words["description"][0]
    assert not re.search(r"\{.+\}", words["description"][0])
    kept = web.post(editor, words | {"then": "save"})
    assert kept.status_code == 302, html.fromstring(kept.content.decode()).find_class("error-summary")[0].text_content()
    return kept["Location"]


def nobody_who_had_a_hand_approves(night: Night, address: str) -> Bulletin:
    """The officer submits and tries to approve by every way there is; the approver approves the version that he saw."""
    officer, now = night.actor("officer"), night.clock.now
    web = night.web("officer")
    bulletin = Bulletin.objects.get()
    services.edit(bulletin, actor=night.actor("helper"), now=now(), contact="0531-80000001")
    assert web.post(f"{address}move/submit/").status_code == 302
    approve = f"{address}move/approve/"
    assert web.post(approve).status_code == 403, "at the duty officer's post"
    give_post(night.people["officer"], "approver", COUNTY)
    web = night.web("officer")
    other = next(each for each in posts.holdings_of(officer.account_id, now()) if each.post.kind == "approver")
    assert web.post("/own/post/", {"holding": str(other.pk)}).status_code == 302
    page = web.get(address).content.decode()
    assert approve not in page
    assert "须由另一人审批" in page
    assert web.post(approve).status_code == 403, "at his other post"
    as_approver = posts.build_actor(night.people["officer"], other.post)
    with pytest.raises(FourEyes):
        services.approve(bulletin, actor=as_approver, now=now())
    for method in ("post", "put", "patch", "delete"):
        assert getattr(web, method)(f"/api/v1/bulletins/{bulletin.pk}", {"state": "published"}, "application/json").status_code == 405
    for who in ("twin", "helper"):
        assert night.web(who).post(approve).status_code == 403, who
    with pytest.raises(law.SamePerson):
        services.approve(bulletin, actor=night.actor("twin"), now=now())
    seen = Bulletin.objects.get().version
    services.recall(bulletin, actor=officer, now=now())
    services.edit(bulletin, actor=officer, now=now(), contact="0531-80000000")
    services.submit(bulletin, actor=officer, now=now())
    night.at(9)
    approver = night.web("approver")
    assert approver.post(approve, {"seen": seen}).status_code == 409, "what changed since he saw it"
    page = approver.get(address).content.decode()
    assert "登记的受众</dt><dd><strong>44</strong>" in page
    assert Bulletin.objects.get().state == "pending"
    assert approver.post(approve, {"seen": Bulletin.objects.get().version}).status_code == 302
    return Bulletin.objects.get(state="published")


def told(message: Message) -> tuple[int, int, int]:
    """People as the monitor tells them: reached by a channel, called by people, not reached."""
    found = monitor.people(Message.objects.get(pk=message.pk))
    return found.reached, found.called, found.unreached


def it_goes_out_and_the_monitor_tells_what_receipts_say(night: Night, bulletin: Bulletin) -> Message:
    """Text messages are accepted, receipts come at once, late and not at all; whom none came for is called by the machine, which two answer."""
    night.at(9.1)
    message = Message.objects.get(source_id=bulletin.pk)
    assert (message.people, message.exercise) == (44, True)
    assert told(message) == (0, 0, 44)
    night.hand_over()
    assert set(night.texts.rang.values()) == {1}
    assert not set(night.texts.rang) & {number(200 + n) for n in range(5)}, "who lives outside is not told"
    assert told(message) == (0, 0, 44), "what a carrier accepted has reached nobody yet"
    night.at(9.5)
    night.receipts(night.sms, night.texts, {number(300), *map(number, AT_ONCE)}, Told.DELIVERED)
    assert told(message) == (35, 0, 9)
    night.at(11)
    night.receipts(night.sms, night.texts, set(map(number, LATE)), Told.DELIVERED)
    assert told(message) == (39, 0, 5)
    night.at(12.5)
    night.hand_over()
    assert set(night.rings.rang) == {*map(number, PRESS), *(number(100 + n) for n in range(3))}
    night.receipts(night.voice, night.rings, {number(100)}, Told.DELIVERED)
    night.receipts(night.voice, night.rings, set(map(number, PRESS)), Told.CONFIRMED)
    assert told(message) == (41, 0, 3), "who picked up and pressed no key counts as not reached"
    return message


def people_reach_whom_no_channel_reached(night: Night, message: Message) -> None:
    """Three are left: the village reaches two, the third rises to the township, where somebody goes to the door."""
    night.at(18)
    assert {call.name for call in Call.objects.filter(message=message)} == set(UNREACHED)
    asked = Message.objects.get(source_kind="calls")
    assert list(Delivery.objects.filter(message=asked).values_list("address", flat=True)) == [number(300)], (
        "the head of the village is told"
    )
    page = night.web("desk").get(f"/channels/{message.pk}/monitor/").content.decode()
    assert all(name in page for name in UNREACHED)
    assert "居民3" not in page
    clerk = night.web("clerk")
    page = clerk.get("/channels/calls/").content.decode()
    assert all(name in page for name in UNREACHED)
    night.at(21)
    first, second, third = Call.objects.filter(message=message).order_by("name")
    for call, outcome in ((first, "told"), (second, "visited"), (third, "no_answer")):
        assert clerk.post(f"/channels/calls/{call.pk}/attempt/", {"outcome": outcome}).status_code == 302
    assert told(message) == (41, 2, 1)
    night.at(27)
    assert Call.objects.get(pk=third.pk).tier == calling.VILLAGE
    night.at(29)
    assert Call.objects.get(pk=third.pk).tier == calling.TOWNSHIP
    assert told(message) == (41, 2, 1), "rising reaches nobody"
    night.at(33)
    reached = calling.attempt(third.pk, outcome="visited", note="到户", actor=night.actor("township"), now=night.clock.now())
    assert [each.outcome for each in reached.attempts.order_by("at")] == ["no_answer", "visited"]
    assert told(message) == (41, 3, 0)
    assert monitor.people(Message.objects.get(pk=message.pk)).share == 100
    night.at(34)
    assert told(message) == (41, 3, 0)


def the_zone_shrinks(night: Night, bulletin: Bulletin, message: Message) -> Bulletin:
    """The update names what it changes; it goes to those who are still concerned, and nothing more of the first one goes out."""
    night.at(35)
    web = night.web("desk")
    editor = web.post(f"/warnings/{bulletin.pk}/follow/update/")["Location"]
    near = json.dumps(shapely.geometry.mapping(shapely.box(PLANT[0], PLANT[1] - 0.001, PLANT[0] + 0.014, PLANT[1] + 0.001)))
    sent = fields_of(web.get(editor)) | {"area": [near], "area_drawn": [""], "then": "submit"}
    address = web.post(editor, sent)["Location"]
    assert address.endswith("/"), address
    update = Bulletin.objects.get(message_kind="Update")
    night.at(36)
    compared = night.web("approver").get(address).content.decode()
    assert "与原预警对照" in compared
    assert night.web("approver").post(f"{address}move/approve/", {"seen": update.version}).status_code == 302
    night.at(36.1)
    update.refresh_from_db()
    bulletin.refresh_from_db()
    assert (bulletin.state, update.state, update.changes_id) == ("superseded", "published", bulletin.pk)
    assert bulletin.identifier in cap.decode(bytes(update.message)).references[0]
    second = Message.objects.get(source_id=update.pk)
    inside = {each.phone for each in Recipient.objects.filter(longitude__lte=PLANT[0] + 0.014, latitude__lt=PLANT[1] + 0.001)}
    assert second.people == len(inside) < 44
    assert Message.objects.get(pk=message.pk).state == Message.STOPPED
    before = dict(night.texts.rang)
    night.hand_over()
    assert {phone for phone, times in night.texts.rang.items() if times > before.get(phone, 0)} == inside
    return update


def all_clear(night: Night, bulletin: Bulletin, update: Bulletin) -> None:
    """The all-clear ends the update; each of the three leads to the next."""
    night.at(300)
    made = services.draft_follower(update, MessageKind.CANCEL, actor=night.actor("desk"), now=night.clock.now())
    services.submit(made, actor=night.actor("desk"), now=night.clock.now())
    night.at(301)
    services.approve(made, actor=night.actor("approver"), now=night.clock.now())
    night.at(301.1)
    update.refresh_from_db()
    assert update.state == "lifted"
    assert update.identifier in cap.decode(bytes(made.message)).references[0]
    assert Message.objects.get(source_id=update.pk).state in (Message.STOPPED, Message.DONE)
    assert not Call.objects.filter(state="waiting").exclude(message__source_id=made.pk).exists()
    page = night.web("desk").get(f"/warnings/{update.pk}/").content.decode()
    assert f"/warnings/{bulletin.pk}/" in page
    assert f"/warnings/{made.pk}/" in page
    assert door.live(night.actor("approver")) == []
