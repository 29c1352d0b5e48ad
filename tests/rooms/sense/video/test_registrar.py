"""What the signalling server answers and asks, without network and database."""

from __future__ import annotations

import random

import pytest
from tests.rooms.sense.video.talking import CAMERA, PASSWORD, PLATFORM, REALM, SERVER, Device, account, registrar

from anlan.kernel.errors import Refusal
from anlan.sense.video.facts import Described, Heard, LineDown, LineUp, Listed, Moved
from anlan.sense.video.sip import rules
from anlan.sense.video.sip.accounts import TCP, Peer
from anlan.wire.gb28181 import contents, digest, manscdp, message
from anlan.wire.gb28181.message import Request, Response


def _status(found: list[message.Message]) -> int:
    assert isinstance(found[0], Response)
    return found[0].status


def test_a_platform_registers_by_digest_and_is_asked_what_it_has() -> None:
    device = Device(registrar())
    answer = device.register()
    assert (answer.status, answer.get("Expires")) == (200, "3600")
    assert answer.get("Date").startswith("2026-11-25T08:00:00")
    (up,) = device.of(LineUp)
    assert up == LineUp(PLATFORM, "UDP 192.0.2.7:5060", device.now_ms + 3_600_000, device.now_ms)
    assert [len(device.asked(command)) for command in ("Catalog", "DeviceInfo", "ConfigDownload", "Alarm")] == [2, 1, 1, 1]
    subscribed = [found.get("Event") for found in device.heard if isinstance(found, Request) and found.method == "SUBSCRIBE"]
    assert subscribed == ["presence", "Catalog"]


@pytest.mark.parametrize("algorithm", digest.ALGORITHMS)
def test_every_algorithm_that_is_offered_is_understood(algorithm: str) -> None:
    assert Device(registrar(algorithms=digest.ALGORITHMS)).register(algorithm=algorithm).status == 200


def test_a_wrong_password_is_refused_and_guessing_is_braked() -> None:
    device = Device(registrar())
    assert [device.register(password="wrong-password").status for _ in range(6)] == [403] * 6
    assert device.refused == ["sip_wrong_password"] * 5 + ["sip_too_many_guesses"]
    assert device.register().status == 403, "the right password has to wait, too"
    device.now += rules.GUESS_SECONDS
    assert device.register().status == 200


def test_an_unknown_code_learns_nothing_before_it_proves_something() -> None:
    stranger = Device(registrar(), code="37011400001180000099")
    assert stranger.register().status == 403
    assert stranger.refused == ["sip_unknown_platform"]
    assert not stranger.facts


def test_a_proof_is_good_once_and_not_for_long() -> None:
    device = Device(registrar())
    contact = ("Expires", "3600")
    first = device.send(device.request("REGISTER", b"", contact))[0]
    challenge = digest.parse_challenge(first.get("WWW-Authenticate"))
    proof = digest.respond(challenge, PLATFORM, PASSWORD, "REGISTER", "sip:x", cnonce="c")
    assert _status(device.send(device.request("REGISTER", b"", contact, ("Authorization", proof.header())))) == 200
    again = device.send(device.request("REGISTER", b"", contact, ("Authorization", proof.header())))[0]
    assert isinstance(again, Response)
    assert (again.status, digest.parse_challenge(again.get("WWW-Authenticate")).stale) == (401, True)
    counted = digest.respond(challenge, PLATFORM, PASSWORD, "REGISTER", "sip:x", cnonce="c", nc=2)
    assert _status(device.send(device.request("REGISTER", b"", contact, ("Authorization", counted.header())))) == 200
    device.now += rules.NONCE_SECONDS + 1
    later = digest.respond(challenge, PLATFORM, PASSWORD, "REGISTER", "sip:x", cnonce="c", nc=3)
    assert _status(device.send(device.request("REGISTER", b"", contact, ("Authorization", later.header())))) == 401
    forged = digest.respond(digest.Challenge(REALM, "1.2.3"), PLATFORM, PASSWORD, "REGISTER", "sip:x", cnonce="c")
    assert _status(device.send(device.request("REGISTER", b"", contact, ("Authorization", forged.header())))) == 401


def test_a_request_sent_again_gets_the_same_answer_and_counts_once() -> None:
    device = Device(registrar())
    device.register()
    request = device.request("MESSAGE", manscdp.encode(manscdp.Body("Notify", "Keepalive", 1, PLATFORM, contents.Keepalive("OK"))))
    assert device.send(request) == device.send(request)


def test_signing_off_ends_the_line() -> None:
    device = Device(registrar())
    device.register()
    assert device.register(expires=0).status == 200
    assert device.of(LineDown) == [LineDown(PLATFORM, "signed off", device.now_ms)]
    assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 403


def test_too_brief_an_interval_is_refused_with_the_least() -> None:
    answer = Device(registrar()).register(expires=5)
    assert (answer.status, answer.get("Min-Expires")) == (423, "60")


def test_signs_of_life_keep_the_line_and_their_absence_ends_it_until_the_next() -> None:
    device = Device(registrar())
    device.register()
    for _ in range(5):
        device.tick(60)
        assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 200
    assert not device.of(LineDown)
    assert len(device.of(Heard)) == 5
    silent_since = device.now_ms
    device.tick(3 * 60)
    assert not device.of(LineDown)
    device.tick(31)
    assert device.of(LineDown) == [LineDown(PLATFORM, "no sign of life", silent_since)]
    device.heard.clear()
    assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 200
    assert len(device.of(LineUp)) == 2
    assert device.asked("Catalog"), "a platform that is back is asked again what it has"


def test_a_registration_ends_at_its_time() -> None:
    device = Device(registrar())
    device.register(expires=120)
    device.tick(100)
    device.say("Notify", "Keepalive", contents.Keepalive("OK"))
    device.tick(21)
    assert [fact.reason for fact in device.of(LineDown)] == ["registration expired"]


def _items(count: int, first: int = 1) -> tuple[contents.CatalogItem, ...]:
    return tuple(
        contents.CatalogItem(f"3701140000132{number:07}", f"摄像机 {number}", status="ON") for number in range(first, first + count)
    )


def test_a_catalogue_in_parts_is_put_together_whatever_their_order() -> None:
    device = Device(registrar())
    device.register()
    parts = [contents.Catalog(25, _items(10, 1)), contents.Catalog(25, _items(10, 11)), contents.Catalog(25, _items(5, 21))]
    random.Random(1).shuffle(parts)
    for part in parts[:2]:
        device.say("Response", "Catalog", part, serial=7)
        assert not device.of(Listed)
    device.say("Response", "Catalog", parts[2], serial=7)
    (listed,) = device.of(Listed)
    assert isinstance(listed, Listed)
    assert (len(listed.items), listed.complete) == (25, True)


def test_a_catalogue_whose_end_does_not_come_is_taken_as_far_as_it_came() -> None:
    device = Device(registrar())
    device.register()
    device.say("Response", "Catalog", contents.Catalog(30, _items(10)), serial=7)
    device.tick(rules.GATHER_SECONDS + 1)
    (listed,) = device.of(Listed)
    assert isinstance(listed, Listed)
    assert (len(listed.items), listed.complete) == (10, False)


def test_catalogues_that_never_end_take_up_no_more_than_a_little() -> None:
    device = Device(registrar())
    device.register()
    for serial in range(100):
        device.say("Response", "Catalog", contents.Catalog(10**9, _items(3)), serial=serial)
    assert len(device.at.sessions[PLATFORM].gathering) <= rules.MOST_GATHERINGS


def test_a_change_of_the_catalogue_is_noted() -> None:
    device = Device(registrar())
    device.register()
    device.say("Notify", "Catalog", contents.Catalog(1, (contents.CatalogItem(CAMERA, "门岗", event="OFF"),)), method="NOTIFY")
    (listed,) = device.of(Listed)
    assert isinstance(listed, Listed)
    assert (listed.items[0].event, listed.complete) == ("OFF", False)


def test_an_alarm_is_answered_only_when_it_is_kept() -> None:
    device = Device(registrar())
    device.register()
    request = device.request(
        "MESSAGE", manscdp.encode(manscdp.Body("Notify", "Alarm", 9, CAMERA, contents.Alarm(1, 5, device.now_ms, kind=6)))
    )
    assert device.send(request) == []
    assert device.send(request) == [], "sent again before it is kept, it is neither answered nor kept twice"
    (owed,) = device.owed
    answer, confirmation = device.take(device.at.secured(owed, device.now))
    assert isinstance(answer, Response)
    assert answer.status == 200
    body = manscdp.decode(confirmation.body)
    assert (body.root, body.command, body.serial, body.device) == ("Response", "Alarm", 9, CAMERA)
    assert [type(found) for found in device.send(request)] == [Response], "sent again afterwards, it gets the answer"
    assert len(device.owed) == 1


def test_an_alarm_that_could_not_be_kept_is_heard_again() -> None:
    device = Device(registrar())
    device.register()
    request = device.request("MESSAGE", manscdp.encode(manscdp.Body("Notify", "Alarm", 9, CAMERA, contents.Alarm(1, 2, None))))
    device.send(request)
    device.at.not_secured(device.owed[0])
    device.send(request)
    assert len(device.owed) == 2


def test_description_and_position_are_noted() -> None:
    device = Device(registrar())
    device.register()
    device.say("Response", "DeviceInfo", contents.DeviceInfo("OK", "录像机", "海纳", "N", "1"))
    device.say("Response", "ConfigDownload", contents.Config("OK", "", 3600, 20, 5))
    device.say("Notify", "MobilePosition", contents.Position(device.now_ms, 117.1, 36.6), device=CAMERA, method="NOTIFY")
    device.say("Notify", "MobilePosition", contents.Position(device.now_ms, None, None), device=CAMERA, method="NOTIFY")
    assert len(device.of(Described)) == 2
    assert device.of(Moved) == [Moved(PLATFORM, CAMERA, 117.1, 36.6)]


def test_nobody_speaks_for_a_platform_from_elsewhere() -> None:
    device = Device(registrar())
    device.register()
    device.peer = Peer("UDP", "198.51.100.9", 5060)
    assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 403
    assert device.refused[-1] == "sip_not_registered"


def test_what_is_not_understood_is_answered_and_set_apart() -> None:
    device = Device(registrar())
    device.register()
    proprietary = b"<Notify><CmdType>VendorThing</CmdType><SN>1</SN><DeviceID>37011400001180000001</DeviceID></Notify>"
    assert _status(device.send(device.request("MESSAGE", proprietary))) == 200
    assert _status(device.send(device.request("MESSAGE", b"<Notify>"))) == 400
    assert device.refused[-2:] == ["gb28181_unknown_command", "gb28181_bad_xml"]
    assert _status(device.send(device.request("OPTIONS"))) == 200
    assert _status(device.send(device.request("INVITE"))) == 405
    assert _status(device.send(device.request("BYE"))) == 481
    assert device.send(device.request("ACK")) == []


def test_requests_over_udp_are_sent_again_until_answered_and_then_given_up() -> None:
    device = Device(registrar())
    device.register()
    asked = [found for found in device.heard if isinstance(found, Request)]
    assert len(device.tick(0.6)) == len(asked)
    for request in asked[1:]:
        device.send(message.answer(request, 200, tag="t"))  # type: ignore[arg-type]
    assert [found.transaction for found in device.tick(1.5)] == [asked[0].transaction]
    total = sum(len([f for f in device.tick(2.0) if isinstance(f, Request)]) for _ in range(60))
    assert total < 15


def test_a_subscription_is_renewed_within_its_dialogue_and_a_refused_one_is_left() -> None:
    device = Device(registrar())
    device.register(expires=86_400)
    first, second = [found for found in device.heard if isinstance(found, Request) and found.method == "SUBSCRIBE"]
    device.send(message.answer(first, 200, tag="theirs"))  # type: ignore[arg-type]
    device.send(message.answer(second, 405, tag="theirs"))  # type: ignore[arg-type]
    renewed = []
    for _ in range(60):
        found = device.tick(60)
        device.say("Notify", "Keepalive", contents.Keepalive("OK"))
        renewed += [each for each in found if isinstance(each, Request) and each.method == "SUBSCRIBE" and each.cseq[0] == 2]
    assert {each.call_id for each in renewed} == {first.call_id}
    assert message.parse_address(renewed[0].get("To")).tag == "theirs"


def test_a_platform_that_is_no_longer_admitted_is_off_line_at_once() -> None:
    device = Device(registrar())
    device.register()
    device.take(device.at.admit({PLATFORM: account()}, device.now_ms))
    assert not device.of(LineDown), "admitted as before, nothing changes"
    device.take(device.at.admit({}, device.now_ms))
    assert len(device.of(LineDown)) == 1
    assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 403


def test_a_server_that_starts_again_goes_on_with_registrations() -> None:
    device = Device(registrar())
    device.at.restore(PLATFORM, device.peer, device.now + 600, device.now)
    assert _status(device.say("Notify", "Keepalive", contents.Keepalive("OK"))) == 200
    device.tick(1)
    assert device.asked("Catalog")


def test_over_tcp_a_platform_that_connects_anew_is_asked_anew() -> None:
    device = Device(registrar(), peer=Peer(TCP, "192.0.2.7", 40_000, 1))
    device.register()
    device.at.lost(1)
    device.heard.clear()
    device.peer = Peer(TCP, "192.0.2.7", 40_001, 2)
    assert device.register().status == 200
    asked = [found for found in device.heard if isinstance(found, Request)]
    assert asked
    assert all("transport=tcp" in found.uri for found in asked)


def test_what_is_remembered_is_bounded() -> None:
    at = registrar()
    for number in range(7000):
        knocking = Device(at, code=f"3701140000118{number:07}", peer=Peer("UDP", f"198.51.{number // 250}.{number % 250}", 5060))
        knocking.send(knocking.request("REGISTER", b"", ("Expires", "60")))
    assert len(at._answered) <= rules.MOST_TRANSACTIONS
    assert not at.sessions


def test_random_and_broken_messages_never_break_the_server() -> None:
    draw = random.Random(5060)
    device = Device(registrar())
    device.register()
    whole = [
        message.encode(device.request("REGISTER", b"", ("Expires", "60"), ("Authorization", 'Digest username="a", realm="b", nonce="c", uri="d", response="e"'))),
        message.encode(device.request("MESSAGE", manscdp.encode(manscdp.Body("Notify", "Alarm", 9, CAMERA, contents.Alarm(1, 5, 0, kind=6))))),
        message.encode(device.request("NOTIFY", manscdp.encode(manscdp.Body("Notify", "Catalog", 9, CAMERA, contents.Catalog(1, _items(1)))))),
        message.encode(message.answer(device.request("MESSAGE"), 200)),
    ]  # fmt: skip
    for _ in range(3000):
        data = bytearray(draw.choice(whole))
        for _flip in range(draw.randrange(0, 6)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if draw.random() < 0.3:
            del data[draw.randrange(len(data)) :]
        device.now += 0.01
        for found in device.at.receive(bytes(data), device.peer, device.now, device.now_ms):
            reason = getattr(found, "reason", None)
            if isinstance(reason, Refusal):
                assert reason.message()
    assert device.register().status == 200


def test_our_own_code_and_domain_stand_in_what_we_ask() -> None:
    device = Device(registrar())
    device.register()
    request = next(found for found in device.heard if isinstance(found, Request))
    assert message.parse_address(request.get("From")).user == SERVER
    assert message.parse_address(request.uri).host == "192.0.2.7"
