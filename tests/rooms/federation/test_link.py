"""The side that is called: what a node below says is believed by its signature alone, and only once. And the side that calls, against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from tests.rooms.federation.others import CITY, LIXIA, NOW, PROVINCE, SHIZHONG, Other, city, posted

from anlan.federation import addressing, keys, link, trust
from anlan.federation.courier import BETWEEN_S
from anlan.federation.envelope import Address, Lane, sign, verified
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, LEFT, InboxEnvelope, Node, OutboxEnvelope
from anlan.federation.outbox import TAKEN, Answer
from anlan.federation.refusals import EnvelopeMalformed, LinkFailed, NotForUs, SignatureWrong
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.levels import Level
from anlan.ledger.models import Announcement
from anlan.report.relays import refusals, rules, services
from anlan.report.relays.admission import asks, calls

pytestmark = pytest.mark.django_db
HERE, DOWN = Address(Level.CITY, CITY), Address(Level.COUNTY, LIXIA)
ACTOR = system_actor("tests")


@pytest.fixture(autouse=True)
def released() -> None:
    """Brakes remember the tests before."""
    calls._buckets.clear()
    asks._buckets.clear()


def call(body: bytes, kind: str = "application/jose", **more: Any) -> tuple[int, Any]:
    """A request and what is answered: what the node said, or the code of its refusal."""
    answered = Client(raise_request_exception=True).post(
        "/relay/exchange/", body, content_type=kind, headers={"accept": "application/json"}, **more
    )
    if answered.status_code == 200:
        return 200, verified(answered.content.decode(), keys.identity().private.public_key())
    return answered.status_code, answered.json()["code"]


# --- the side that is called -----------------------------------------------------------------------------------------------------


def test_a_call_is_answered_for_each_envelope_and_signed(county: Other, below: Node) -> None:
    envelopes = [county.envelope(HERE) for _ in range(3)]
    status, said = call(county.request([county.sealed(HERE, id=each.id) for each in envelopes]))
    assert status == 200 and (said["to"], said["number"], said["envelopes"]) == (county.id, county.number, [])
    assert said["answers"] == [[str(each.id), TAKEN, "", ""] for each in envelopes]
    assert InboxEnvelope.objects.filter(state="waiting", came_from=below).count() == 3
    below.refresh_from_db()
    assert below.last_contact_at is not None and below.last_number == county.number


def test_what_waits_for_the_caller_goes_with_the_answer_until_it_says_that_it_has_it(county: Other, below: Node) -> None:
    row = posted(DOWN, Lane.FLASH)
    for _ in range(2):
        assert call(county.request())[1]["envelopes"] == [row.sealed]
    status, said = call(county.request(answers=[[str(row.envelope_id), TAKEN, "", ""]]))
    row.refresh_from_db()
    assert (status, said["envelopes"]) == (200, []) and row.taken_at is not None


def test_a_copy_of_a_call_fetches_nothing_and_changes_nothing(county: Other, below: Node) -> None:
    posted(DOWN)
    first = county.request([county.sealed(HERE)])
    assert call(first)[0] == 200
    before = list(OutboxEnvelope.objects.values())
    assert call(first) == (409, "link_stale")
    assert call(county.request(number=county.number - 5)) == (409, "link_stale")
    assert InboxEnvelope.objects.count() == 1 and list(OutboxEnvelope.objects.values()) == before


def test_a_call_to_another_node_is_refused(county: Other, below: Node) -> None:
    assert call(county.request(to="0" * 32)) == (403, "link_wrong_receiver")
    below.refresh_from_db()
    assert below.last_number == 0


@pytest.mark.parametrize("state", [ASKED, "refused", LEFT])
def test_a_node_that_was_not_let_in_is_told_so(county: Other, state: str) -> None:
    city()
    county.known(state=state)
    assert call(county.request([county.sealed(HERE)])) == (403, "link_not_joined")
    assert not InboxEnvelope.objects.exists()


def test_a_node_that_nobody_knows_is_not_heard(county: Other) -> None:
    city()
    assert call(county.request()) == (403, "envelope_origin_unknown")


@pytest.mark.parametrize("relation", [ABOVE, BEYOND])
def test_only_a_node_below_calls(county: Other, relation: str) -> None:
    city()
    county.known(relation)
    assert call(county.request()) == (403, "envelope_origin_unknown")


def test_what_is_not_signed_is_not_heard(county: Other, below: Node) -> None:
    assert call(county.request(), kind="application/json") == (401, "sign_in_required")
    assert call(county.request(signed_by=Ed25519PrivateKey.generate())) == (403, "envelope_signature")


@pytest.mark.parametrize("garbage", [b"nonsense", b"\xff\xfe\x00", b"..", b"a.b.c", "长".encode(), b"{}", b"eyJ9..", b"." * 2000])
def test_garbage_is_refused(below: Node, garbage: bytes) -> None:
    assert call(garbage) == (422, "envelope_malformed")


def test_a_changed_byte_anywhere_is_refused_and_nothing_is_kept(county: Other, below: Node) -> None:
    body = county.request([county.sealed(HERE)])
    for at in range(0, len(body), 37):
        changed = body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :]
        calls._buckets.clear()
        assert call(changed)[0] in (403, 422), at
    assert not InboxEnvelope.objects.exists()
    assert call(body)[0] == 200


WRONG: dict[str, list[Any]] = {
    "to": [None, 5, []],
    "number": [None, "x", -1, 0, 2**63, 1.5, [], "12"],
    "envelopes": [None, 5, [5], [None], {}, "text"],
    "answers": [None, 5, [5], [[]], [["x", TAKEN, "", ""]], [["x"]]],
    "seen": ["x" * 65],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_call_that_says_something_else_is_refused_and_costs_no_number(county: Other, below: Node, field: str, value: Any) -> None:
    status, code = call(county.request(changed={field: value}))
    assert (status, code) == (403, "link_wrong_receiver") if field == "to" else (422, "envelope_malformed")
    below.refresh_from_db()
    assert below.last_number == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_without_end_is_refused(county: Other, below: Node, number: str) -> None:
    said = verified(county.request().decode(), county.key.public_key())
    text = json.dumps({**said, "number": "?"}).replace('"?"', number).encode()
    assert call(jwt.PyJWS().encode(text, county.key, "EdDSA", {"kid": county.id}).encode()) == (422, "envelope_malformed")


def test_one_that_is_too_long_is_not_read(below: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MOST_REQUEST_BYTES", 1_000)
    assert call(b"A" * 1_001) == (413, "relay_too_long")
    assert call(b"A" * 1_000) == (422, "envelope_malformed")


@pytest.mark.parametrize("told", ["x", "-1", "٣"])
def test_a_length_that_is_no_number_stops_nothing(below: Node, told: str) -> None:
    assert call(b"nonsense", CONTENT_LENGTH=told)[0] == 422


def test_a_node_that_calls_without_pause_is_held_back(county: Other, below: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_at_once", 5.0)
    monkeypatch.setattr(calls, "_a_minute", 1.0)
    assert [call(county.request())[0] for _ in range(7)] == [200] * 5 + [429] * 2
    assert 60 / BETWEEN_S < rules.CALLS_A_MINUTE, "a courier is never held back for its own pace"


def test_one_wrong_envelope_holds_up_nothing_beside_it(county: Other, below: Node) -> None:
    good = [county.envelope(HERE) for _ in range(2)]
    sealed = [county.sealed(HERE, id=each.id) for each in good]
    status, said = call(county.request([sealed[0], "nonsense", county.sealed(HERE, place_code=SHIZHONG), sealed[1]]))
    assert status == 200 and [each[1] for each in said["answers"]] == [TAKEN, "refused", "refused", TAKEN]
    assert [said["answers"][0][0], said["answers"][3][0]] == [str(each.id) for each in good]


def test_who_is_known_is_told_once_and_again_only_when_it_changed(county: Other, below: Node) -> None:
    town = Other("街道", Level.TOWNSHIP, "370102001")
    mine = [county.card(), town.card()]
    _status, first = call(county.request(catalogue=mine))
    assert addressing.next_hop(Address(Level.TOWNSHIP, town.place_code)) == below
    assert first["seen"] == trust.digest(mine) and [card["name"] for card in first["catalogue"]] == ["济南市应急管理局"]
    seen = trust.digest(first["catalogue"])
    _status, second = call(county.request(seen=seen))
    assert "catalogue" not in second and second["seen"] == trust.digest(mine)
    Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    _status, third = call(county.request(seen=seen))
    assert {card["name"] for card in third["catalogue"]} == {"济南市应急管理局", "山东省"}


def test_a_link_that_was_told_as_cut_is_told_as_back(county: Other, below: Node) -> None:
    assert call(county.request())[0] == 200
    link.look_below(clock.now() + timedelta(seconds=89))
    below.refresh_from_db()
    assert below.told_cut_at is None
    for _ in range(2):
        link.look_below(clock.now() + timedelta(seconds=91))
    below.refresh_from_db()
    assert below.told_cut_at is not None and call(county.request())[0] == 200
    below.refresh_from_db()
    assert below.told_cut_at is None and below.failing_since is None
    told = Announcement.objects.filter(kind="federation.link").order_by("id").values_list("payload", flat=True)
    assert [(each["what"], each["node"]) for each in told] == [("cut", "历下区"), ("back", "历下区")]


# --- the side that calls ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def province() -> Other:
    return Other("山东省", Level.PROVINCE, PROVINCE)


@pytest.fixture
def above(province: Other) -> Node:
    city()
    return province.known(ABOVE, address="http://127.0.0.1:1/node/")


class Upper:
    """The node above as it answers one call: it heard ``heard`` and says ``says``, with its own key unless told otherwise."""

    def __init__(self, node: Other, **says: Any) -> None:
        self.node, self.says, self.heard = node, says, {}
        self.url = ""
        self.key = node.key

    def __call__(self, url: str, body: bytes) -> tuple[int, bytes]:
        self.url, self.heard = url, verified(body.decode(), keys.identity().private.public_key())
        taken = [[str(link.unverified(each)["id"]), TAKEN, "", ""] for each in self.heard["envelopes"]]
        said = {"to": keys.identity().node_id, "number": self.heard["number"], "envelopes": [], "answers": taken, "seen": ""}
        return 200, sign({**said, **self.says}, self.node.id, self.key).encode()


def call_up(above: Node, post: Callable[[str, bytes], tuple[int, bytes]], answers: list[Answer] | None = None) -> Any:
    return link.call(Node.objects.get(pk=above.pk), post, now=clock.now, answers=answers or [])


def test_a_call_hands_over_what_goes_first_and_fetches_what_waits(above: Node, province: Other) -> None:
    flash, routine = posted(province.bureau, Lane.FLASH), posted(province.bureau)
    coming = province.envelope(HERE, place_code=CITY)
    upper = Upper(province, envelopes=[province.sealed(HERE, id=coming.id, place_code=CITY)])
    done, answers = call_up(above, upper)
    assert upper.url == "http://127.0.0.1:1/node/relay/exchange/" and upper.heard["envelopes"] == [flash.sealed]
    assert (done.sent, done.fetched, done.more) == (1, 1, True)
    assert [(each.envelope_id, each.outcome) for each in answers] == [(coming.id, TAKEN)]
    second = Upper(province)
    done, _none = call_up(above, second, answers)
    assert second.heard["envelopes"] == [routine.sealed] and second.heard["answers"] == [[str(coming.id), TAKEN, "", ""]]
    assert (done.sent, done.fetched, done.more) == (1, 0, False)
    assert not OutboxEnvelope.objects.filter(taken_at=None).exists()


def test_numbers_only_grow_also_when_the_clock_is_set_back(above: Node, province: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = []
    for told in (2_000, 1_000, 1_000, 5_000):
        monkeypatch.setattr(link.time, "time_ns", lambda told=told: told)
        upper = Upper(province)
        call_up(above, upper)
        numbers.append(upper.heard["number"])
    assert numbers == [2_000, 2_001, 2_002, 5_000]


def test_who_is_known_goes_up_once_and_not_again_when_it_was_seen(above: Node, province: Other) -> None:
    first = Upper(province, catalogue=[province.card(), Other("国家", Level.NATION, "000000").card()])
    call_up(above, first)
    mine = first.heard["catalogue"]
    assert [card["name"] for card in mine] == ["济南市应急管理局"] and Node.objects.get(relation=BEYOND).name == "国家"
    second = Upper(province, seen=trust.digest(mine))
    call_up(above, second)
    assert "catalogue" in second.heard and second.heard["seen"] == trust.digest(first.says["catalogue"])
    third = Upper(province, seen=trust.digest(mine))
    call_up(above, third)
    assert "catalogue" not in third.heard
    Other("历下区", Level.COUNTY, LIXIA).known()
    fourth = Upper(province)
    call_up(above, fourth)
    assert {card["name"] for card in fourth.heard["catalogue"]} == {"济南市应急管理局", "历下区"}


@pytest.mark.parametrize("says", [{"to": "0" * 32}, {"number": 1}])
def test_an_answer_to_another_call_is_not_believed(above: Node, province: Other, says: dict[str, Any]) -> None:
    row = posted(province.bureau)
    with pytest.raises(NotForUs):
        call_up(above, Upper(province, **says))
    row.refresh_from_db()
    assert row.taken_at is None


def test_an_answer_with_another_key_is_not_believed(above: Node, province: Other) -> None:
    row, upper = posted(province.bureau), Upper(province)
    upper.key = Ed25519PrivateKey.generate()
    with pytest.raises(SignatureWrong):
        call_up(above, upper)
    row.refresh_from_db()
    assert row.taken_at is None


@pytest.mark.parametrize("raw", [b"", b"<html>", b"\xff", "长".encode(), b"a.b.c"])
def test_an_answer_that_is_none_is_refused(above: Node, raw: bytes) -> None:
    with pytest.raises(EnvelopeMalformed):
        call_up(above, lambda _url, _body: (200, raw))


def test_a_refusal_of_the_other_side_is_told_in_its_words(above: Node) -> None:
    told = json.dumps({"code": "link_not_joined", "message": "上级节点尚未同意接入"}).encode()
    for status, raw, words in (
        (403, told, "上级节点尚未同意接入（link_not_joined）"),
        (502, b"<html>", "HTTP 502"),
        (500, b"[]", "HTTP 500"),
    ):
        with pytest.raises(LinkFailed) as failed:
            call_up(above, lambda _url, _body, status=status, raw=raw: (status, raw))
        assert words in failed.value.message()


def test_a_link_that_fails_is_told_as_cut_once_after_a_while_and_as_back(above: Node, province: Other) -> None:
    for seconds in (0, 10, 29, 30, 60):
        link.failed(above, "没有连上", NOW + timedelta(seconds=seconds))
    above.refresh_from_db()
    assert (above.failing_since, above.told_cut_at, above.trouble) == (NOW, NOW + timedelta(seconds=30), "没有连上")
    call_up(above, Upper(province))
    above.refresh_from_db()
    assert (above.failing_since, above.told_cut_at, above.trouble) == (None, None, "")
    told = Announcement.objects.filter(kind="federation.link").order_by("id").values_list("payload", flat=True)
    assert [each["what"] for each in told] == ["cut", "back"]


# --- joining ---------------------------------------------------------------------------------------------------------------------


def ask(county: Other, **other: Any) -> tuple[int, Any]:
    payload = {"to": keys.identity().node_id, "card": county.card(), **other}
    answered = Client().post(
        "/relay/join/", sign(payload, county.id, county.key), content_type="application/jose", headers={"accept": "application/json"}
    )
    return answered.status_code, answered.json()


def test_a_node_that_asks_waits_for_a_person_and_is_then_heard(county: Other) -> None:
    city()
    status, told = ask(county)
    assert (status, told) == (200, {"state": ASKED, "fingerprint": keys.fingerprint(county.id)})
    assert call(county.request()) == (403, "link_not_joined")
    services.accept(Node.objects.get(pk=county.id), actor=ACTOR, now=NOW)
    assert call(county.request())[0] == 200
    assert ask(county)[1]["state"] == JOINED, "asked again it is still in"


@pytest.mark.parametrize("place", [PROVINCE, CITY, "110105"])
def test_a_node_that_is_not_below_is_not_even_kept(place: str) -> None:
    city()
    stranger = Other("别处", Level.CITY if place == CITY else Level.COUNTY, place)
    status, told = ask(stranger)
    assert (status, told["code"]) == (422, "relay_not_below") and not Node.objects.filter(pk=stranger.id).exists()


def test_who_asks_must_hold_the_key_that_it_shows_and_mean_this_node(county: Other) -> None:
    city()
    other = Other("市中区", Level.COUNTY, SHIZHONG)
    assert ask(county, card=other.card())[0] == 403
    assert ask(county, to="0" * 32)[1]["code"] == "link_wrong_receiver"
    assert ask(county, card=None)[1]["code"] == "envelope_malformed"
    assert not Node.objects.filter(relation=BELOW).exists()


@pytest.mark.parametrize("body", [b"", b"x", b"\xff", b"a.b.c"])
def test_a_request_to_join_that_is_garbage_is_refused(body: bytes) -> None:
    city()
    answered = Client().post("/relay/join/", body, content_type="application/jose", headers={"accept": "application/json"})
    assert (answered.status_code, answered.json()["code"]) == (422, "envelope_malformed")


def test_a_name_that_nobody_can_keep_is_refused(county: Other) -> None:
    city()
    text = json.dumps({"to": keys.identity().node_id, "card": county.card(name="\ud800")})
    body = jwt.PyJWS().encode(text.encode(), county.key, "EdDSA", {"kid": county.id})
    answered = Client().post("/relay/join/", body, content_type="application/jose", headers={"accept": "application/json"})
    assert (answered.status_code, answered.json()["code"]) == (422, "envelope_malformed")


def test_the_node_above_cannot_make_itself_one_below(above: Node, province: Other) -> None:
    posing = Other("山东省", Level.COUNTY, LIXIA, key=province.key)
    assert ask(posing)[1]["code"] == "relay_not_below"
    above.refresh_from_db()
    assert (above.relation, above.state) == (ABOVE, JOINED)


def join(province: Other, **more: Any) -> Node:
    raw = json.dumps(province.card()).encode()
    return services.join_above(
        "http://127.0.0.1:9/",
        province.id,
        actor=ACTOR,
        now=NOW,
        fetch=lambda _url: (200, raw),
        post=lambda _url, _body: (200, b"{}"),
        **more,
    )


def test_a_node_that_parts_and_joins_again_keeps_what_waited(province: Other) -> None:
    city()
    above = join(province)
    row = posted(province.bureau)
    Node.objects.filter(pk=above.pk).update(catalogue_seen="x", catalogue_heard="y", last_number=7)
    Other("国家", Level.NATION, "000000").known(BEYOND, via=above)
    services.leave(above, actor=ACTOR, now=NOW)
    assert addressing.above() is None and addressing.next_hop(Address(Level.NATION, "000000")) is None
    again = join(province)
    again.refresh_from_db()
    assert (again.catalogue_seen, again.catalogue_heard, again.last_number, again.state) == ("", "", 7, JOINED)
    upper = Upper(province)
    call_up(again, upper)
    assert upper.heard["envelopes"] == [row.sealed] and "catalogue" in upper.heard


def test_a_second_node_above_and_one_that_is_not_above_are_refused(province: Other, county: Other) -> None:
    city()
    join(province)
    with pytest.raises(refusals.AlreadyAbove):
        join(Other("国家", Level.NATION, "000000"))
    Node.objects.filter(relation=ABOVE).update(state=LEFT)
    for other in (county, Other("北京市", Level.PROVINCE, "110000"), Other("青岛市", Level.CITY, "370200")):
        with pytest.raises(refusals.NotAbove):
            join(other)


def test_a_node_that_answers_with_another_key_than_was_compared_is_not_joined(province: Other) -> None:
    city()
    raw = json.dumps(Other("山东省", Level.PROVINCE, PROVINCE).card()).encode()
    with pytest.raises(refusals.FingerprintDiffers):
        services.join_above("http://127.0.0.1:9/", province.id, actor=ACTOR, now=NOW, fetch=lambda _url: (200, raw))
    assert not Node.objects.filter(relation=ABOVE).exists()


def test_the_card_of_this_node_is_there_for_whoever_asks() -> None:
    assert Client().get("/relay/identity/", headers={"accept": "application/json"}).status_code == 409
    city()
    assert trust.read_card(Client().get("/relay/identity/").json())["id"] == keys.identity().node_id
