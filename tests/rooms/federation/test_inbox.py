"""What came: kept once, answered for, worked on; nothing that is wrong holds up what lies beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.rooms.federation.others import BEIJING, CITY, LIXIA, NATION, NOW, PROVINCE, SHIZHONG, Other, posted

from anlan.federation import acknowledging, inbox, keys
from anlan.federation.envelope import Address, Lane, opened
from anlan.federation.inbox import Came
from anlan.federation.models import ABOVE, APPLIED, BEYOND, FORWARDED, LEFT, SET_ASIDE, WAITING, InboxEnvelope, Node, OutboxEnvelope
from anlan.federation.outbox import LATER, REFUSED, TAKEN
from anlan.kernel.errors import Invalid
from anlan.kernel.levels import Level
from anlan.ledger.models import Announcement

pytestmark = pytest.mark.django_db
HERE = Address(Level.CITY, CITY)
KIND = "test.heard"


@pytest.fixture
def heard() -> Iterator[list[Came]]:
    """What a room is handed of :data:`KIND`."""
    came: list[Came] = []
    inbox.join(KIND, came.append)
    yield came
    del inbox._handlers[KIND]


def acknowledgements() -> list[dict[str, object]]:
    rows = OutboxEnvelope.objects.filter(kind=acknowledging.KIND).order_by("id")
    return [dict(opened(row.sealed, keys.identity().private.public_key()).body) for row in rows]


def test_an_envelope_is_kept_once_however_often_it_comes(county: Other, below: Node) -> None:
    sealed = county.sealed(HERE, lane=Lane.FLASH)
    answers = [inbox.take(sealed, below, now=NOW) for _ in range(3)]
    row = InboxEnvelope.objects.get()
    assert {(each.envelope_id, each.outcome) for each in answers} == {(row.envelope_id, TAKEN)}
    assert (row.state, row.origin, row.came_from, row.lane, row.sealed) == (WAITING, county.id, below, Lane.FLASH, sealed)
    assert Announcement.objects.filter(kind="federation.arrived").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_envelope_that_comes_twice_at_once_is_kept_once(county: Other, below: Node) -> None:
    sealed, outcomes, together = county.sealed(HERE), [], threading.Barrier(4)

    def take() -> None:
        together.wait(10)
        outcomes.append(inbox.take(sealed, below, now=NOW).outcome)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [TAKEN] * 4 and InboxEnvelope.objects.count() == 1
    assert Announcement.objects.filter(kind="federation.arrived").count() == 1


def test_one_of_a_node_that_is_not_known_yet_stays_with_its_sender(county: Other, below: Node) -> None:
    town = Other("街道", Level.TOWNSHIP, "370102001")
    envelope = town.envelope(HERE)
    sealed = town.sealed(HERE, id=envelope.id)
    answer = inbox.take(sealed, below, now=NOW)
    assert (answer.envelope_id, answer.outcome, answer.code) == (envelope.id, LATER, "envelope_origin_unknown")
    assert not InboxEnvelope.objects.exists()
    town.known(BEYOND, via=below)
    assert inbox.take(sealed, below, now=NOW).outcome == TAKEN


def test_what_is_wrong_is_set_aside_and_nothing_beside_it_is_lost(county: Other, below: Node) -> None:
    good = [county.sealed(HERE) for _ in range(2)]
    beyond = county.envelope(HERE, place_code=SHIZHONG)
    wrong = [county.sealed(HERE, id=beyond.id, place_code=SHIZHONG), good[0][:-6] + "AAAAAA", "nonsense", "", "长", "a.b.c"]
    answers = [inbox.take(each, below, now=NOW) for each in (good[0], *wrong, good[1])]
    assert [each.outcome for each in answers] == [TAKEN, *[REFUSED] * len(wrong), TAKEN]
    assert (answers[1].envelope_id, answers[1].code) == (beyond.id, "envelope_out_of_scope")
    assert answers[2].code == "envelope_signature" and {each.code for each in answers[3:-1]} == {"envelope_malformed"}
    assert all(each.words for each in answers[1:-1])
    assert InboxEnvelope.objects.filter(state=WAITING).count() == 2
    aside = InboxEnvelope.objects.filter(state=SET_ASIDE)
    assert aside.count() == len(wrong) and aside.filter(sealed=wrong[0], came_from=below).exists()
    assert [inbox.take(each, below, now=NOW).outcome for each in wrong] == [REFUSED] * len(wrong) and aside.count() == len(wrong)


def test_one_that_claims_anothers_id_takes_nothing_from_it(county: Other, below: Node) -> None:
    shizhong = Other("市中区", Level.COUNTY, SHIZHONG)
    other = shizhong.known()
    envelope = shizhong.envelope(HERE)
    assert inbox.take(county.sealed(HERE, id=envelope.id, place_code=SHIZHONG), below, now=NOW).outcome == REFUSED
    assert inbox.take(shizhong.sealed(HERE, id=envelope.id), other, now=NOW).outcome == TAKEN
    assert InboxEnvelope.objects.get(envelope_id=envelope.id).state == WAITING


def test_ones_own_envelope_that_comes_back_is_set_aside(below: Node) -> None:
    row = posted(Address(Level.COUNTY, LIXIA))
    assert inbox.take(row.sealed, below, now=NOW).outcome == REFUSED


def test_a_room_is_handed_what_came_and_the_sender_is_told(county: Other, below: Node, heard: list[Came]) -> None:
    envelope = county.envelope(HERE, kind=KIND, body={"words": "正文"})
    inbox.take(county.sealed(HERE, id=envelope.id, kind=KIND, body={"words": "正文"}), below, now=NOW)
    row = InboxEnvelope.objects.get()
    inbox.work(row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.settled_at, [each.envelope for each in heard], heard[0].origin) == (APPLIED, NOW, [envelope], below)
    assert acknowledgements() == [{"envelope": str(envelope.id), "at": NOW.isoformat(), "code": "", "words": ""}]
    assert inbox.work(row.pk, now=NOW) is None and len(heard) == len(acknowledgements()) == 1


def test_a_kind_that_nobody_knows_is_set_aside_told_to_its_sender_and_can_be_worked_on_later(county: Other, below: Node) -> None:
    inbox.take(county.sealed(HERE, kind=KIND), below, now=NOW)
    row = InboxEnvelope.objects.get()
    inbox.work(row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.refused_code) == (SET_ASIDE, "envelope_kind_unknown") and KIND in row.refused_words
    assert [each["code"] for each in acknowledgements()] == ["envelope_kind_unknown"]
    came: list[Came] = []
    inbox.join(KIND, came.append)
    try:
        inbox.work(row.pk, now=NOW)
    finally:
        del inbox._handlers[KIND]
    row.refresh_from_db()
    assert (row.state, row.refused_code, row.refused_words, len(came)) == (APPLIED, "", "", 1)
    assert [each["code"] for each in acknowledgements()] == ["envelope_kind_unknown", ""]


def test_what_a_room_refuses_leaves_nothing_of_it_behind(county: Other, below: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_came: Came) -> None:
        Node.objects.filter(pk=below.pk).update(name="half done")
        raise Invalid(field="正文", problem="空")

    monkeypatch.setitem(inbox._handlers, KIND, refuse)
    inbox.take(county.sealed(HERE, kind=KIND), below, now=NOW)
    inbox.work(InboxEnvelope.objects.get().pk, now=NOW)
    row, below = InboxEnvelope.objects.get(), Node.objects.get(pk=below.pk)
    assert (row.state, row.refused_code, below.name) == (SET_ASIDE, Invalid.code, "历下区")


def test_a_fault_that_is_no_refusal_leaves_the_envelope_waiting(county: Other, below: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_came: Came) -> None:
        Node.objects.filter(pk=below.pk).update(name="half done")
        raise ZeroDivisionError

    monkeypatch.setitem(inbox._handlers, KIND, fail)
    inbox.take(county.sealed(HERE, kind=KIND), below, now=NOW)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        inbox.work(InboxEnvelope.objects.get().pk, now=NOW)
    assert InboxEnvelope.objects.get().state == WAITING and Node.objects.get(pk=below.pk).name == "历下区"
    assert acknowledgements() == []


def test_one_out_of_scope_that_is_tried_again_is_still_out_of_scope(county: Other, below: Node, heard: list[Came]) -> None:
    inbox.take(county.sealed(HERE, kind=KIND, place_code=SHIZHONG), below, now=NOW)
    row = InboxEnvelope.objects.get()
    done = inbox.work(row.pk, now=NOW)
    assert done is not None and (done.state, done.refused_code, heard) == (SET_ASIDE, "envelope_out_of_scope", [])


def test_one_set_aside_at_the_door_is_worked_on_whole_once_it_is_in_scope(county: Other, below: Node, heard: list[Came]) -> None:
    long = {"words": "长" * 9_000}
    envelope = county.envelope(HERE, kind=KIND, place_code=SHIZHONG, body=long)
    sealed = county.sealed(HERE, id=envelope.id, kind=KIND, place_code=SHIZHONG, body=long)
    inbox.take(sealed, below, now=NOW)
    Node.objects.filter(pk=below.pk).update(place_code=CITY)
    done = inbox.work(InboxEnvelope.objects.get().pk, now=NOW)
    assert done is not None and (done.state, done.envelope_id, done.origin) == (APPLIED, envelope.id, county.id)
    assert [each.envelope for each in heard] == [envelope] and InboxEnvelope.objects.count() == 1
    assert [each["envelope"] for each in acknowledgements()] == [str(envelope.id)]
    assert inbox.take(sealed, below, now=NOW).outcome == TAKEN and InboxEnvelope.objects.count() == 1


def test_a_relay_hands_on_what_is_for_another_as_it_is(county: Other, below: Node) -> None:
    above = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    sealed = county.sealed(Address(Level.NATION, NATION), lane=Lane.FLASH)
    for _ in range(2):
        assert inbox.take(sealed, below, now=NOW).outcome == TAKEN
    row, going = InboxEnvelope.objects.get(), OutboxEnvelope.objects.get()
    assert (row.state, going.peer, going.sealed, going.lane, going.origin) == (FORWARDED, above, sealed, Lane.FLASH, county.id)
    assert inbox.work(row.pk, now=NOW) is None and not Announcement.objects.filter(kind="federation.arrived").exists()


def test_one_for_this_node_and_for_others_is_worked_on_here_and_goes_on_but_never_back(county: Other, below: Node) -> None:
    above, shizhong = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE), Other("市中区", Level.COUNTY, SHIZHONG).known()
    up, beside, back = Address(Level.NATION, NATION), Address(Level.COUNTY, SHIZHONG), Address(Level.COUNTY, LIXIA)
    sealed = county.sealed(HERE, up, beside, back)
    for _ in range(2):
        assert inbox.take(sealed, below, now=NOW).outcome == TAKEN
    assert InboxEnvelope.objects.get().state == WAITING
    assert {row.peer: row.to for row in OutboxEnvelope.objects.all()} == {above: (up,), shizhong: (beside,)}


def test_an_exercise_for_several_goes_where_it_may(county: Other, below: Node) -> None:
    Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    assert inbox.take(county.sealed(HERE, Address(Level.NATION, NATION), exercise=True), below, now=NOW).outcome == TAKEN
    assert InboxEnvelope.objects.get().state == WAITING and not OutboxEnvelope.objects.exists()


def test_each_receiver_acknowledges_for_itself(county: Other, below: Node) -> None:
    shizhong = Other("市中区", Level.COUNTY, SHIZHONG)
    other = shizhong.known()
    row = posted(Address(Level.COUNTY, LIXIA), Lane.ROUTINE, Address(Level.COUNTY, SHIZHONG))
    acknowledge(county, below, row.envelope_id)
    rows = {each.peer: each for each in OutboxEnvelope.objects.filter(envelope_id=row.envelope_id)}
    assert (rows[below].arrived_at, rows[other].arrived_at) == (NOW, None)
    acknowledge(shizhong, other, row.envelope_id, place=SHIZHONG)
    rows[other].refresh_from_db()
    assert rows[other].arrived_at == NOW


def test_a_relay_hands_no_exercise_on_to_a_node_that_takes_none(county: Other, below: Node) -> None:
    above = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    answer = inbox.take(county.sealed(Address(Level.NATION, NATION), exercise=True), below, now=NOW)
    assert (answer.outcome, answer.code) == (REFUSED, "envelope_no_exercises") and not OutboxEnvelope.objects.exists()
    Node.objects.filter(pk=above.pk).update(takes_exercises=True)
    assert inbox.work(InboxEnvelope.objects.get().pk, now=NOW) is not None
    assert OutboxEnvelope.objects.get().exercise


def test_what_both_sides_think_the_other_should_have_stays_here(below: Node) -> None:
    # Nobody above: the neighbour that sent it is the only way to where it should go.
    province = Other("山东省", Level.PROVINCE, PROVINCE)
    above = province.known(ABOVE)
    answer = inbox.take(province.sealed(Address(Level.PROVINCE, BEIJING), place_code=CITY), above, now=NOW)
    assert answer.outcome == TAKEN and InboxEnvelope.objects.get().state == WAITING and not OutboxEnvelope.objects.exists()


def acknowledge(by: Other, neighbour: Node, envelope_id: UUID, place: str = LIXIA, **body: object) -> InboxEnvelope:
    told = {"envelope": str(envelope_id), "at": NOW.isoformat(), "code": "", "words": "", **body}
    answer = inbox.take(by.sealed(HERE, kind=acknowledging.KIND, lane=Lane.FLASH, body=told, place_code=place), neighbour, now=NOW)
    assert answer.outcome == TAKEN
    done = inbox.work(InboxEnvelope.objects.get(envelope_id=answer.envelope_id).pk, now=NOW)
    assert done is not None
    return done


def test_an_acknowledgement_tells_that_it_arrived_and_the_room_hears_of_it_once(county: Other, below: Node) -> None:
    arrived: list[OutboxEnvelope] = []
    inbox.join(KIND, lambda _came: None, lambda row, _to, _at: arrived.append(row))
    try:
        row = posted(Address(Level.COUNTY, LIXIA), kind=KIND)
        for _ in range(2):
            assert acknowledge(county, below, row.envelope_id).state == APPLIED
    finally:
        del inbox._handlers[KIND], inbox._arrivals[KIND]
    row.refresh_from_db()
    assert (row.arrived_at, row.taken_at, arrived) == (NOW, NOW, [row])
    assert acknowledgements() == [], "an acknowledgement is not acknowledged"


def test_an_acknowledgement_that_refuses_says_why_until_a_later_one_accepts(county: Other, below: Node) -> None:
    row = posted(Address(Level.COUNTY, LIXIA))
    acknowledge(county, below, row.envelope_id, code="envelope_kind_unknown", words="不会办理")
    row.refresh_from_db()
    assert (row.refused_code, row.refused_words, row.arrived_at) == ("envelope_kind_unknown", "不会办理", None)
    acknowledge(county, below, row.envelope_id)
    row.refresh_from_db()
    assert (row.refused_code, row.refused_words, row.arrived_at) == ("", "", NOW)


def test_who_was_not_meant_cannot_acknowledge(county: Other, below: Node) -> None:
    Other("市中区", Level.COUNTY, SHIZHONG).known()
    row = posted(Address(Level.COUNTY, SHIZHONG))
    done = acknowledge(county, below, row.envelope_id)
    row.refresh_from_db()
    assert (done.state, done.refused_code, row.arrived_at) == (SET_ASIDE, "envelope_out_of_scope", None)


@pytest.mark.parametrize("at", ["2026-11-22T00:00:00", "yesterday", "", None, 5, "0001-01-01T00:00:00+14:00"])
def test_an_acknowledgement_of_no_moment_is_set_aside(county: Other, below: Node, at: object) -> None:
    row = posted(Address(Level.COUNTY, LIXIA))
    assert acknowledge(county, below, row.envelope_id, at=at).refused_code == "envelope_malformed"


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00+00:00", "2090-01-01T00:00:00+00:00"])
def test_a_clock_that_is_wrong_neither_arrives_before_nor_in_the_future(county: Other, below: Node, at: str) -> None:
    row = posted(Address(Level.COUNTY, LIXIA))
    acknowledge(county, below, row.envelope_id, at=at)
    row.refresh_from_db()
    assert row.arrived_at == NOW


def test_the_word_on_an_exercise_returns_though_its_sender_takes_no_exercises(county: Other, below: Node, heard: list[Came]) -> None:
    assert not below.takes_exercises
    inbox.take(county.sealed(HERE, kind=KIND, exercise=True), below, now=NOW)
    inbox.work(InboxEnvelope.objects.get().pk, now=NOW)
    assert len(heard) == len(acknowledgements()) == 1


def test_one_of_a_node_that_has_left_meanwhile_is_set_aside(county: Other, below: Node, heard: list[Came]) -> None:
    inbox.take(county.sealed(HERE, kind=KIND), below, now=NOW)
    Node.objects.filter(pk=below.pk).update(state=LEFT)
    done = inbox.work(InboxEnvelope.objects.get().pk, now=NOW)
    assert done is not None and (done.state, done.refused_code, heard) == (SET_ASIDE, "envelope_origin_unknown", [])
