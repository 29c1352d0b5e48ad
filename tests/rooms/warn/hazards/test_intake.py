"""Signals taken in: once, in any order, bad ones beside good ones; and the grid that follows them."""

import io
import zipfile
from datetime import timedelta

import pytest
from tests.rooms.warn.hazards import messages
from tests.rooms.warn.hazards.conftest import NOW

from anlan.desk.models import Notification
from anlan.kernel.errors import NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.warn.hazards import door, queries, reckoning, services
from anlan.warn.hazards.models import LIFTED, LIVE, REPLACED, HazardSignal, TownshipSpan
from anlan.wire import cap

pytestmark = pytest.mark.django_db
SENT = NOW - timedelta(minutes=5)


def take(content, actor, now=NOW, **more):
    return services.take(content, name="signal.xml", via="手工导入", actor=actor, now=now, **more)


def levels(at=NOW):
    return {row.place_code: row.level for row in queries.spans(at)}


def test_a_signal_reaches_the_townships_it_names_and_the_pond_in_them_is_told(ground, pond, county_officer, safety_manager):
    row = take(messages.alert("A1", SENT, level=2), county_officer)
    assert (row.good, row.twice, row.bad) == (1, 0, 0)
    deliver_pending()
    assert levels() == {"370102001": 2, "370102002": 3}
    told = door.levels_at(["370102002", "370102", "370000", "370103"], NOW)
    assert [told[code].level for code in ("370102002", "370102", "370000", "370103")] == [3, 3, 3, 0]
    assert door.worst_levels(list(told), NOW) == {code: each.level for code, each in told.items() if each.level}
    assert "尾矿库" in told["370102002"].reasons[0]
    assert told["370103"].known
    assert [each.title for each in door.signals_at("370102002", NOW)] == ["济南市气象台发布预警 A1"]


def test_an_identifier_that_is_known_changes_nothing(ground, county_officer):
    content = messages.alert("A1", SENT)
    take(content, county_officer)
    again = take(content, county_officer, NOW + timedelta(minutes=1))
    assert (again.good, again.twice) == (0, 1)
    assert HazardSignal.objects.count() == 1


def test_a_bad_message_beside_good_ones_is_told_and_loses_nothing(ground, county_officer):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("good.xml", messages.alert("A1", SENT))
        archive.writestr("bad.xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><alert>&x;</alert>")
        archive.writestr("note.txt", "读我")
        archive.writestr("ahead.xml", messages.alert("A2", NOW + timedelta(hours=3)))
        archive.writestr("more.xml", messages.alert("A3", SENT, hazard="11B06"))
    row = take(packed.getvalue(), county_officer)
    assert (row.good, row.bad) == (2, 3)
    assert {fault["where"].rpartition("/")[2] for fault in row.faults} == {"bad.xml", "note.txt", "ahead.xml"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_update_and_cancellation_end_what_they_name_in_whatever_order_they_come(ground, county_officer, order):
    update, cancel = cap.MessageType.UPDATE, cap.MessageType.CANCEL
    sent = [SENT, SENT + timedelta(minutes=1), SENT + timedelta(minutes=2)]
    sources = [
        messages.alert("A1", sent[0], level=1),
        messages.alert("A2", sent[1], level=3, kind=update, references=("A1",)),
        messages.alert("A3", sent[2], level=3, kind=cancel, references=("A2",)),
    ]
    for number in order:
        assert take(sources[number], county_officer).bad == 0
    found = {row.identifier.rpartition(",")[2]: row.state for row in HazardSignal.objects.all()}
    assert found == {"A1": REPLACED, "A2": LIFTED, "A3": LIFTED}
    assert not queries.in_force(queries.signals(None), NOW).exists()


def test_a_cancellation_creates_no_hazard(ground, county_officer):
    take(messages.alert("A3", SENT, level=4, kind=cap.MessageType.CANCEL, references=("A0",)), county_officer)
    reckoning.reckon_grid(NOW)
    assert levels() == {}


def test_a_signal_without_an_end_holds_as_long_as_its_kind_and_level_and_says_that_it_is_assumed(ground, county_officer):
    take(messages.alert("A1", SENT, level=4, hours=None), county_officer)
    row = HazardSignal.objects.get()
    assert row.end_assumed
    assert row.ends_at - row.starts_at == timedelta(hours=3)


def test_an_old_message_is_kept_and_marked_late(ground, county_officer):
    take(messages.alert("A1", NOW - timedelta(hours=2)), county_officer)
    assert HazardSignal.objects.get().late


def test_an_exercise_never_enters_the_real_grid(ground, pond, county_officer):
    take(messages.alert("E1", SENT, level=4, status=cap.Status.EXERCISE), county_officer)
    deliver_pending()
    assert levels() == {}
    assert door.levels_at(["370102"], NOW)["370102"].level == 0
    assert {row.level for row in queries.spans(NOW, exercise=True)} == {4}


def test_an_unknown_area_is_shown_and_said_to_count_nowhere(ground, county_officer, nation_officer):
    take(messages.alert("A1", SENT, codes=("999999",)), county_officer)
    row = HazardSignal.objects.get()
    assert row.unknown_area
    assert queries.signals(nation_officer).filter(pk=row.pk).exists()


def test_an_unknown_hazard_is_taken_in(ground, county_officer):
    take(messages.alert("A1", SENT, hazard="11Z99"), county_officer)
    reckoning.reckon_grid(NOW)
    assert set(levels().values()) == {2}


def test_nobody_takes_signals_in_without_leave(ground, safety_manager):
    with pytest.raises(NotPermitted):
        take(messages.alert("A1", SENT), safety_manager)


def test_a_signal_of_the_city_reaches_its_counties_and_no_other_city(ground, city_officer, county_officer, other_county_officer):
    take(messages.alert("A1", SENT, codes=("370100",)), city_officer)
    for actor in (county_officer, other_county_officer):
        assert queries.signals(actor).count() == 1
    take(messages.alert("A2", SENT, codes=("110105",)), city_officer)
    assert queries.signals(county_officer).count() == 1


def test_hours_that_are_over_stay_as_they_were_and_what_runs_on_keeps_its_beginning(ground, county_officer):
    take(messages.alert("A1", SENT, level=2, codes=("370103",), hours=30), county_officer)
    reckoning.reckon_grid(NOW)
    take(messages.alert("A2", NOW, level=3, codes=("370103",), hours=10, hazard="11B04"), county_officer, NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=2)
    reckoning.reckon_grid(later)
    first, second, third = queries.township_hours("370103001", NOW - timedelta(hours=1), NOW + timedelta(hours=40))
    assert (first.starts_at, first.ends_at, first.level) == (NOW, later, 2)
    assert (second.level, second.starts_at) == (4, later)
    assert third.level == 2
    # Yellow holds through the hours that are worse.
    assert queries.held_until([first, second]) == {first.pk: third.ends_at, second.pk: second.ends_at}
    before = list(TownshipSpan.objects.order_by("place_code", "starts_at").values_list("place_code", "starts_at", "ends_at", "level"))
    reckoning.reckon_grid(later + timedelta(minutes=1))
    after = list(TownshipSpan.objects.order_by("place_code", "starts_at").values_list("place_code", "starts_at", "ends_at", "level"))
    assert before == after


def test_those_on_duty_are_told_once_when_a_county_rises_to_orange(ground, pond, county_officer):
    from tests.accounts import make_account

    account = make_account("night", "duty_officer", "370102")
    take(messages.alert("A1", SENT, level=2), county_officer)
    deliver_pending()
    reckoning.reckon_grid(NOW + timedelta(minutes=2))
    deliver_pending()
    told = Notification.objects.filter(account_id=account.pk, event="hazards.risen")
    assert told.count() == 1
    assert told.get().tone == "orange"
    assert HazardSignal.objects.get().state == LIVE
