"""Bulletins: who may write, who may approve, what goes out, and what never does."""

from datetime import date, timedelta

import pytest
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.accounts import actor_of, client_of, make_account

from anlan.kernel.errors import Invalid, NotPermitted
from anlan.kernel.flow import FourEyes, WrongState
from anlan.kernel.levels import Level
from anlan.ledger.events import deliver_pending
from anlan.warn.bulletins import queries, rules, services
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.warn.channels import services as channels
from anlan.warn.channels.models import Dispatch, Receipt
from anlan.wire import cap

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def people(jinan_places, clock):
    """A duty officer and an approver of 历下区, and a duty officer of 市中区, with their accounts."""
    return {
        "writer": make_account("writer", "duty_officer", "370102"),
        "approver": make_account("approver", "approver", "370102"),
        "other": make_account("other", "duty_officer", "370103"),
        "leader": make_account("leader", "duty_leader", "370102"),
    }


def content(clock, **changes):
    values = {
        "event_code": "12D00",
        "level": "red",
        "headline": "历下区发布危险化学品泄漏红色预警",
        "description": "某企业液氯泄漏，下风向可能受影响。",
        "instruction": "关闭门窗，不要外出。",
        "area_codes": ["370102"],
        "onset": clock.now(),
        "expires": clock.now() + timedelta(hours=6),
        "issuer_name": "历下区应急管理局",
    }
    return values | changes


def drafted(people, clock, **changes):
    exercise = changes.pop("exercise", False)
    return services.draft(actor=actor_of(people["writer"]), now=clock.now(), exercise=exercise, **content(clock, **changes))


def published(people, clock, **changes):
    bulletin = drafted(people, clock, **changes)
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    clock.advance(minutes=1)
    return services.approve(bulletin, actor=actor_of(people["approver"]), now=clock.now())


def test_a_bulletin_goes_out_when_a_second_person_approves(people, clock, shared):
    bulletin = published(people, clock)
    assert bulletin.state == "published"
    assert bulletin.identifier == "37010200000000_20261122080100_0"
    message = cap.decode(bytes(bulletin.message))
    assert message.infos[0].areas[0].geocodes[0].value == "370102"
    assert message.infos[0].severity == cap.Severity.EXTREME
    assert "历下区" in message.infos[0].areas[0].area_desc
    schema = etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd")))
    schema.assertValid(etree.fromstring(bytes(bulletin.message)))


def test_nobody_approves_what_he_wrote_or_submitted(people, clock):
    approver = actor_of(people["approver"])
    own = services.draft(actor=approver, now=clock.now(), **content(clock))
    services.submit(own, actor=approver, now=clock.now())
    with pytest.raises(FourEyes):
        services.approve(own, actor=approver, now=clock.now())
    assert Bulletin.objects.get().state == "pending"


def test_the_database_itself_holds_the_four_eyes(people, clock):
    bulletin = published(people, clock)
    with pytest.raises(IntegrityError):
        Bulletin.objects.filter(pk=bulletin.pk).update(approved_by=people["writer"])


def test_a_duty_officer_cannot_approve_at_all(people, clock):
    bulletin = drafted(people, clock)
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    with pytest.raises(NotPermitted):
        services.approve(bulletin, actor=actor_of(people["leader"]), now=clock.now())


def test_a_published_bulletin_is_not_edited_any_more(people, clock):
    bulletin = published(people, clock)
    with pytest.raises(WrongState):
        services.edit(bulletin, actor=actor_of(people["writer"]), now=clock.now(), headline="别的")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_code": "11B03"}, "event_code"),
        ({"event_code": "99Z99"}, "event_code"),
        ({"level": "purple"}, "level"),
        ({"area_codes": []}, "area_codes"),
        ({"area_codes": ["370103"]}, "area_codes"),
        ({"area_codes": ["370102999"]}, "area_codes"),
        ({"circle_longitude": 36.6, "circle_latitude": 117.0, "circle_radius_km": 2}, "area_codes"),
        ({"circle_longitude": 117.0, "circle_latitude": 36.6, "circle_radius_km": 5000}, "area_codes"),
    ],
)
def test_what_cannot_go_out_is_refused_at_its_field(people, clock, change, field):
    with pytest.raises(Invalid) as refused:
        drafted(people, clock, **change)
    assert set(refused.value.fields) == {field}


def test_every_wrong_field_is_named_at_once(people, clock):
    with pytest.raises(Invalid) as refused:
        drafted(people, clock, level="purple", area_codes=[], expires=clock.now() - timedelta(minutes=1))
    assert set(refused.value.fields) == {"level", "area_codes", "expires"}


def test_approval_comes_too_late_when_the_validity_has_passed(people, clock):
    bulletin = drafted(people, clock)
    services.submit(bulletin, actor=actor_of(people["writer"]), now=clock.now())
    clock.advance(hours=7)
    with pytest.raises(rules.ImpossibleTimes):
        services.approve(bulletin, actor=actor_of(people["approver"]), now=clock.now())


def test_an_update_refers_to_what_it_changes_and_replaces_it(people, clock):
    first = published(people, clock)
    update = services.draft_follower(first, MessageKind.UPDATE, actor=actor_of(people["writer"]), now=clock.now(), level="orange")
    services.submit(update, actor=actor_of(people["writer"]), now=clock.now())
    first.refresh_from_db()
    assert first.state == "published"
    clock.advance(minutes=1)
    services.approve(update, actor=actor_of(people["approver"]), now=clock.now())
    first.refresh_from_db()
    assert first.state == "superseded"
    message = cap.decode(bytes(update.message))
    assert message.msg_type == cap.MessageType.UPDATE
    assert first.identifier in message.references[0]


def test_an_all_clear_lifts_the_warning(people, clock):
    first = published(people, clock)
    lift = services.draft_follower(first, MessageKind.CANCEL, actor=actor_of(people["writer"]), now=clock.now(), headline="解除")
    services.submit(lift, actor=actor_of(people["writer"]), now=clock.now())
    clock.advance(minutes=1)
    services.approve(lift, actor=actor_of(people["approver"]), now=clock.now())
    first.refresh_from_db()
    assert first.state == "lifted"
    with pytest.raises(rules.NotLive):
        services.draft_follower(first, MessageKind.UPDATE, actor=actor_of(people["writer"]), now=clock.now())


def test_a_bulletin_expires_at_its_hour(people, clock):
    bulletin = published(people, clock)
    clock.advance(hours=5)
    assert services.expire_due(clock.now()) == 0
    clock.advance(hours=1)
    assert services.expire_due(clock.now()) == 1
    bulletin.refresh_from_db()
    assert bulletin.state == "expired"


def test_the_public_feed_shows_real_warnings_and_never_an_exercise(people, clock, client):
    real = published(people, clock)
    exercise = published(people, clock, exercise=True, headline="演练预警")
    feed = etree.fromstring(client.get("/cap/feed.atom").content)
    assert [e.findtext(f"{ATOM}id") for e in feed.findall(f"{ATOM}entry")] == [f"urn:cap:{real.identifier}"]
    assert client.get(f"/cap/{real.identifier}.xml").content == bytes(real.message)
    assert client.get(f"/cap/{exercise.identifier}.xml").status_code == 404
    mine = client_of(people["writer"])
    assert exercise.identifier in mine.get("/cap/exercise.atom").content.decode()
    assert exercise.identifier not in client_of(people["other"]).get("/cap/exercise.atom").content.decode()
    assert cap.decode(bytes(exercise.message)).status == cap.Status.EXERCISE


def test_an_unchanged_feed_costs_nothing(people, clock, client):
    published(people, clock)
    first = client.get("/cap/feed.atom")
    assert client.get("/cap/feed.atom", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_an_exercise_goes_out_on_internal_channels_only(people, clock):
    real, exercise = published(people, clock), published(people, clock, exercise=True)
    deliver_pending()
    assert set(Dispatch.objects.filter(bulletin=real).values_list("channel", flat=True)) == {"in_page", "cap_feed"}
    assert set(Dispatch.objects.filter(bulletin=exercise).values_list("channel", flat=True)) == {"in_page"}


def test_a_reader_confirms_once_and_is_named(people, clock):
    bulletin = published(people, clock)
    for _ in range(2):
        channels.confirm(bulletin.pk, actor=actor_of(people["leader"]), now=clock.now())
        clock.advance(minutes=1)
    receipt = Receipt.objects.get()
    assert (receipt.account_name, receipt.dispatch.bulletin_id) == ("Leader", bulletin.pk)
    assert Dispatch.objects.filter(bulletin=bulletin, channel="in_page").count() == 1


def test_another_county_sees_nothing_of_it(people, clock):
    bulletin = published(people, clock)
    other = actor_of(people["other"])
    assert queries.live(other, 10) == []
    stranger = client_of(people["other"])
    assert stranger.get(f"/warnings/{bulletin.pk}/").status_code == 404
    assert bulletin.headline not in stranger.get("/channels/banner/").content.decode()
    assert bulletin.headline in client_of(people["leader"]).get("/channels/banner/").content.decode()


def test_the_editor_shows_every_mistake_and_keeps_what_was_typed(people, clock):
    page = client_of(people["writer"]).post("/warnings/new/", {"headline": "我的标题", "circle_longitude": "117"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "我的标题" in text
    assert "error-summary" in text
    assert Bulletin.objects.count() == 0


def test_from_the_editor_to_the_public_by_clicks(people, clock):
    writer, approver = client_of(people["writer"]), client_of(people["approver"])
    form = {k: v for k, v in content(clock).items() if k not in {"onset", "expires"}}
    form |= {"onset": "2026-11-22T08:00", "expires": "2026-11-22T20:00", "then": "submit"}
    address = writer.post("/warnings/new/", form)["Location"]
    assert approver.get(address).status_code == 200
    assert writer.post(f"{address}move/approve/").status_code == 403
    assert approver.post(f"{address}move/approve/").status_code == 302
    assert Bulletin.objects.get().state == "published"


@given(st.sampled_from(Level), st.sampled_from([row.code for row in rules.event_types()]))
def test_weather_signals_are_never_issued_here_and_accidents_from_the_county_up(level, code):
    kind = rules.event_type(code)
    allowed = kind.issuer == "government" and level <= Level.COUNTY
    if allowed:
        rules.check_authority(code, level, date(2026, 11, 22))
    else:
        with pytest.raises(rules.MayNotIssue):
            rules.check_authority(code, level, date(2026, 11, 22))


def test_an_identifier_has_its_31_characters_or_is_refused():
    from datetime import datetime

    made = rules.identifier("370102", datetime(2026, 11, 22, 2, 18), 3)
    assert made == "37010200000000_20261122021800_3"
    assert len(made) == 31
    with pytest.raises(ValueError, match="one digit"):
        rules.identifier("370102", datetime(2026, 11, 22), 10)


def test_the_approver_is_told_that_a_warning_awaits_him_and_the_writer_what_became_of_it(people, clock):
    from anlan.desk.models import Notification

    published(people, clock)
    deliver_pending()
    deliver_pending()
    told = {(n.account_id, n.event) for n in Notification.objects.all()}
    assert (people["writer"].pk, "bulletins.published") in told
    second = drafted(people, clock)
    services.submit(second, actor=actor_of(people["writer"]), now=clock.now())
    deliver_pending()
    assert Notification.objects.filter(account_id=people["approver"].pk, event="bulletins.submitted").count() == 1
    services.send_back(second, actor=actor_of(people["approver"]), now=clock.now(), reason="范围太大")
    deliver_pending()
    assert Notification.objects.filter(account_id=people["writer"].pk, event="bulletins.returned").count() == 1


def of_the_city(people, clock, **changes):
    """A bulletin that the city issued."""
    writer, approver = make_account("city-writer", "duty_officer", "370100"), make_account("city-approver", "approver", "370100")
    made = services.draft(actor=actor_of(writer), now=clock.now(), **content(clock, **changes))
    services.submit(made, actor=actor_of(writer), now=clock.now())
    if changes.get("headline") != "未批":
        services.approve(made, actor=actor_of(approver), now=clock.now())
    return made


@pytest.mark.parametrize(
    ("area", "reaches_here", "reaches_there"),
    [
        ({"area_codes": ["370100"]}, True, True),
        ({"area_codes": ["370102"]}, True, False),
        ({"area_codes": [], "circle_longitude": 117.08, "circle_latitude": 36.66, "circle_radius_km": 1.0}, True, None),
        ({"area_codes": [], "circle_longitude": 117.15, "circle_latitude": 37.32, "circle_radius_km": 1.0}, False, False),
        ({"area_codes": ["370100"], "headline": "未批"}, False, False),
    ],
)
def test_a_citys_warning_reaches_the_counties_that_it_warns_and_only_once_published(people, clock, area, reaches_here, reaches_there):
    made = of_the_city(people, clock, **area)
    here, there = actor_of(people["leader"]), actor_of(people["other"])
    assert [b.id for b in queries.live(here, 10)] == ([made.pk] if reaches_here else [])
    if reaches_there is not None:  # next door, a circle reaches by boxes: rather too many are told than too few
        assert [b.id for b in queries.live(there, 10)] == ([made.pk] if reaches_there else [])
    banner = client_of(people["leader"]).get("/channels/banner/").content.decode()
    assert (made.headline in banner) == reaches_here
