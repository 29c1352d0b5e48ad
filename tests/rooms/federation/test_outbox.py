"""What waits for a link: in which order it goes, how much at once, and what becomes of it by the answers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.rooms.federation.others import LIXIA, NATION, NOW, PROVINCE, SUBJECT, Other, city, posted

from anlan.federation import keys, outbox
from anlan.federation.envelope import Address, Lane, opened
from anlan.federation.models import ABOVE, Node, OutboxEnvelope
from anlan.federation.outbox import LATER, REFUSED, TAKEN, Answer
from anlan.federation.refusals import EnvelopeMalformed
from anlan.kernel.levels import Level

pytestmark = pytest.mark.django_db
UP = Address(Level.PROVINCE, PROVINCE)


@pytest.fixture
def above() -> Node:
    city()
    return Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)


def test_what_waits_is_sealed_by_this_node_and_knows_its_link(above: Node) -> None:
    row = posted(UP, Lane.URGENT, title="题" * 300, body={"words": "正文"}, refs={"filing": "7"})
    envelope = opened(row.sealed, keys.identity().private.public_key())
    assert (row.peer, row.to, envelope.to, envelope.sender.level) == (above, (UP,), (UP,), Level.CITY)
    assert (envelope.id, envelope.origin, envelope.body) == (row.envelope_id, keys.identity().node_id, {"words": "正文"})
    assert (len(row.title), row.refs) == (200, {"filing": "7"})


def test_flash_goes_alone_and_first_then_what_is_urgent_before_what_is_not(above: Node) -> None:
    order = (Lane.BULK, Lane.ROUTINE, Lane.FLASH, Lane.URGENT, Lane.ROUTINE, Lane.FLASH)
    rows = [posted(UP, lane) for lane in order]
    first = outbox.batch(above, NOW)
    assert first == [rows[2], rows[5]]
    for row in first:
        outbox.settle(above, Answer(row.envelope_id, TAKEN), NOW)
    assert outbox.batch(above, NOW) == [rows[3], rows[1], rows[4], rows[0]]


def test_a_flash_envelope_that_must_wait_holds_up_nothing(above: Node) -> None:
    flash, routine = posted(UP, Lane.FLASH), posted(UP)
    outbox.settle(above, Answer(flash.envelope_id, LATER), NOW)
    assert outbox.batch(above, NOW) == [routine]
    assert outbox.batch(above, NOW + timedelta(seconds=2)) == [flash]


def test_a_batch_has_its_bounds_but_never_less_than_one(above: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 3)
    rows = [posted(UP) for _ in range(5)]
    assert outbox.batch(above, NOW) == rows[:3]
    monkeypatch.setattr(outbox, "BATCH_BYTES", 2 * len(rows[0].sealed))
    assert outbox.batch(above, NOW) == rows[:2]
    monkeypatch.setattr(outbox, "BATCH_BYTES", 1)
    assert outbox.batch(above, NOW) == rows[:1]


def test_each_link_has_its_own_queue(above: Node) -> None:
    county = Other("历下区", Level.COUNTY, LIXIA).known()
    up, down = posted(UP), posted(Address(Level.COUNTY, LIXIA))
    assert outbox.batch(above, NOW) == [up] and outbox.batch(county, NOW) == [down]
    outbox.settle(county, Answer(up.envelope_id, TAKEN), NOW)
    up.refresh_from_db()
    assert up.taken_at is None, "an answer of one neighbour settles nothing of another's"


def test_what_the_other_node_cannot_take_yet_waits_ever_longer(above: Node) -> None:
    row, moment, pauses = posted(UP), NOW, []
    for _ in range(12):
        outbox.settle(above, Answer(row.envelope_id, LATER, "envelope_origin_unknown", "不认识"), moment)
        row.refresh_from_db()
        assert row.next_try_at is not None and not outbox.waits(above, moment) and outbox.waits(above, row.next_try_at)
        pauses.append((row.next_try_at - moment).total_seconds())
        moment = row.next_try_at
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert (row.refused_code, row.refused_words) == ("", "不认识")
    outbox.settle(above, Answer(row.envelope_id, TAKEN), moment)
    row.refresh_from_db()
    assert row.taken_at == moment


def test_an_outcome_that_nobody_knows_is_tried_again(above: Node) -> None:
    row = posted(UP)
    outbox.settle(above, Answer(row.envelope_id, "whatever", "x" * 100, "y" * 900), NOW)
    assert not outbox.waits(above, NOW) and outbox.waits(above, NOW + timedelta(seconds=2))


def test_what_is_refused_goes_no_more_and_says_why(above: Node) -> None:
    row, plain = posted(UP), posted(UP)
    outbox.settle(above, Answer(row.envelope_id, REFUSED, "c" * 100, "w" * 900), NOW)
    outbox.settle(above, Answer(plain.envelope_id, REFUSED), NOW)
    row.refresh_from_db()
    plain.refresh_from_db()
    assert (row.refused_code, row.refused_words, plain.refused_code) == ("c" * 64, "w" * 400, "refused")
    assert outbox.batch(above, NOW) == [] and not outbox.waits(above, NOW)


def test_an_answer_to_what_is_settled_or_unknown_changes_nothing(above: Node) -> None:
    taken, refused = posted(UP), posted(UP)
    outbox.settle(above, Answer(taken.envelope_id, TAKEN), NOW)
    outbox.settle(above, Answer(refused.envelope_id, REFUSED, "one", "first"), NOW)
    before = list(OutboxEnvelope.objects.values())
    later = NOW + timedelta(hours=1)
    for row in (taken, refused):
        for outcome in (TAKEN, LATER, REFUSED):
            outbox.settle(above, Answer(row.envelope_id, outcome, "two", "second"), later)
    outbox.settle(above, Answer(UUID(int=5), TAKEN), later)
    assert list(OutboxEnvelope.objects.values()) == before


def test_everything_since_a_moment_goes_again_to_a_node_that_was_restored(above: Node) -> None:
    rows = [posted(UP) for _ in range(4)]
    old = posted(UP)
    OutboxEnvelope.objects.filter(pk=old.pk).update(made_at=NOW - timedelta(days=1))
    outbox.settle(above, Answer(rows[0].envelope_id, TAKEN), NOW)
    outbox.settle(above, Answer(rows[1].envelope_id, REFUSED, "x"), NOW)
    outbox.settle(above, Answer(rows[2].envelope_id, LATER), NOW)
    outbox.settle(above, Answer(old.envelope_id, TAKEN), NOW)
    assert outbox.again(above, NOW) == 2
    assert outbox.batch(above, NOW) == [rows[0], rows[1], rows[3]]


def test_a_relay_keeps_one_copy_of_what_it_hands_on(above: Node) -> None:
    county = Other("历下区", Level.COUNTY, LIXIA)
    envelope = county.envelope(Address(Level.NATION, NATION), lane=Lane.FLASH)
    sealed = county.sealed(*envelope.to, id=envelope.id)
    first, second = (outbox.forward(envelope, sealed, above, envelope.to) for _ in range(2))
    assert first == second and (first.sealed, first.origin, first.lane) == (sealed, county.id, Lane.FLASH)


def test_what_is_too_long_is_refused_where_it_arises(above: Node) -> None:
    with pytest.raises(EnvelopeMalformed):
        posted(UP, body={"words": "长" * 1_000_000})
    assert not OutboxEnvelope.objects.filter(subject=SUBJECT).exists()


def test_a_letter_to_several_bureaus_is_sealed_once_and_goes_once_over_each_link(above: Node) -> None:
    county = Other("历下区", Level.COUNTY, LIXIA).known()
    nation, down, here = Address(Level.NATION, NATION), Address(Level.COUNTY, LIXIA), Address(Level.CITY, "370100")
    to = (UP, nation, down, here)
    letter = outbox.Letter(kind="test.note", to=to, lane=Lane.FLASH, subject=SUBJECT, place_code=LIXIA, title="示例", body={})
    rows = {row.peer: row for row in outbox.post(letter, now=NOW)}
    assert {peer: row.to for peer, row in rows.items()} == {above: (UP, nation), county: (down,)}
    assert len({(row.envelope_id, row.sealed) for row in rows.values()}) == 1
    assert opened(rows[county].sealed, keys.identity().private.public_key()).to == to
