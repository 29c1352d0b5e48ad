"""Adapters: what a carrier's answer means, and that nothing is spoken to which the node's operator has not allowed."""

from __future__ import annotations

import smtplib
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.warn.channels.carriers import NOW
from tests.rooms.warn.channels.loopback import centre, gateway

from anlan.warn.channels import pushing
from anlan.warn.channels.adapters import KINDS, Settings, broadcast, http, mail, smpp
from anlan.warn.channels.adapters.contract import Answer, HostNotAllowed, NotSent, Outgoing, Told, Unclear, WrongOption

TEXT = "液氯泄漏，请关闭门窗，用湿毛巾捂住口鼻，往上风向撤离。" * 4


def outgoing(number: int, text: str = "液氯泄漏", **more) -> Outgoing:
    values = {"title": "红色预警", "language": "zh", "level": "red", "expires": NOW + timedelta(hours=6)} | more
    return Outgoing(key=f"abc-{number}", address=f"1000000000{number}", text=text, **values)


BATCH = [outgoing(1), outgoing(2)]


def settings_for(address: str, **more) -> Settings:
    return Settings("网关", "sms", address, secret="s3cret", timeout_s=0.5, hosts=(address.removeprefix("smpp://"),), **more)


def test_every_kind_of_adapter_carries_known_channels_and_says_what_it_can():
    from anlan.warn.channels import rules

    assert {channel for kind in KINDS.values() for channel in kind.channels} == rules.channels().keys() - set(rules.PULLED)
    for channel in rules.channels().keys() - set(rules.PULLED):
        assert any(not kind.simulated and channel in kind.channels for kind in KINDS.values()), channel
    assert all(kind.capabilities.batch_size >= 1 for kind in KINDS.values())


def test_an_http_gateway_answers_for_each_and_brings_receipts():
    with gateway() as held:
        carrier = KINDS["sms_http"].opened(settings_for(held.address))
        assert [result.answer for result in carrier.send(BATCH)] == [Answer.ACCEPTED] * 2
        assert [result.answer for result in carrier.send(BATCH)] == [Answer.ACCEPTED] * 2
        assert set(held.rang.values()) == {1}
        assert held.tokens == {"Bearer s3cret"}
        assert carrier.ask(["abc-1", "abc-9"]) == {"abc-1": "accepted", "abc-9": "never"}
        held.waiting = [
            {"key": "abc-1", "state": "delivered", "at": NOW.isoformat()},
            {"key": "abc-2", "state": "eaten", "at": "yesterday"},
        ]
        assert [(note.key, note.told) for note in carrier.receipts()] == [("abc-1", Told.DELIVERED)]
        carrier.close()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("hang", Unclear), ("broken", Unclear), ("garbage", Unclear), ("drop", Unclear), ("redirect", NotSent), ("busy", NotSent)],
)
def test_what_an_http_gateway_does_wrong_is_either_surely_not_sent_or_unknown(fault, outcome):
    with gateway() as held:
        held.fault = fault
        carrier = KINDS["sms_http"].opened(settings_for(held.address))
        with pytest.raises(outcome):
            carrier.send(BATCH)
        # A redirect is not followed, wherever it leads.
        assert bool(held.rang) == (fault in ("hang", "broken", "garbage"))
        carrier.close()


def test_one_that_a_gateway_is_silent_about_stays_unknown():
    with gateway() as held:
        held.fault = "partial"
        carrier = KINDS["sms_http"].opened(settings_for(held.address))
        assert [result.answer for result in carrier.send(BATCH)] == [Answer.UNKNOWN, Answer.ACCEPTED]
        carrier.close()


def test_a_gateway_that_is_not_there_took_nothing():
    with gateway() as held:
        address = held.address
    with pytest.raises(NotSent):
        KINDS["sms_http"].opened(settings_for(address)).send(BATCH)


@pytest.mark.parametrize(
    ("address", "hosts", "refusal"),
    [
        ("https://sms.example.cn/v1", (), HostNotAllowed),
        ("https://sms.example.cn:8443/v1", ("sms.example.cn",), HostNotAllowed),
        ("http://sms.example.cn/v1", ("sms.example.cn",), HostNotAllowed),
        ("http://169.254.169.254/latest", ("sms.example.cn",), HostNotAllowed),
        ("https://sms.example.cn.evil.cn/v1", ("sms.example.cn",), HostNotAllowed),
        ("https://user:pw@sms.example.cn/v1", ("sms.example.cn",), WrongOption),
        ("file:///etc/passwd", ("",), WrongOption),
        ("https://[::1", ("::1",), WrongOption),
    ],
)
def test_only_hosts_that_the_operator_allows_are_spoken_to(address, hosts, refusal):
    with pytest.raises(refusal):
        http.allowed_address(address, hosts)


def test_allowed_hosts_are_spoken_to_by_https_and_plainly_only_where_it_is_said():
    assert http.allowed_address("https://sms.example.cn/v1/", ("sms.example.cn",)) == "https://sms.example.cn/v1"
    assert http.allowed_address("http://10.0.0.5:8080/x", ("http://10.0.0.5:8080",)) == "http://10.0.0.5:8080/x"


def bound(held, **more) -> smpp.Smpp:
    address = f"smpp://127.0.0.1:{held.port}"
    return smpp.Smpp(settings_for(address, options={"system_id": "anlan", "source": "10690000"} | more))


def test_smpp_takes_long_texts_in_parts_and_brings_receipts():
    with centre() as held:
        line = bound(held)
        results = line.send([outgoing(1, TEXT), outgoing(2)])
        assert [result.answer for result in results] == [Answer.ACCEPTED] * 2
        assert held.texts == {"10000000001": TEXT, "10000000002": "液氯泄漏"}
        notes = line.receipts()
        for _ in range(100):
            if len(notes) == 2:
                break
            time.sleep(0.01)
            notes += line.receipts()
        assert {note.ref: note.told for note in notes} == {result.ref: Told.DELIVERED for result in results}
        line.close()


@pytest.mark.parametrize(("fault", "answer"), [("throttle", Answer.LATER), ("refuse", Answer.REFUSED), ("silent", Answer.UNKNOWN)])
def test_what_an_smpp_centre_says_decides_whether_it_is_tried_again(fault, answer):
    with centre() as held:
        held.fault = fault
        line = bound(held)
        assert [result.answer for result in line.send(BATCH)] == [answer] * 2
        line.close()


def test_an_smpp_line_that_breaks_leaves_unknown_what_was_begun_and_is_made_again():
    with centre() as held:
        held.fault = "drop"
        line = bound(held)
        assert {result.answer for result in line.send(BATCH)} <= {Answer.UNKNOWN, Answer.LATER}
        held.fault = ""
        assert [result.answer for result in line.send(BATCH)] == [Answer.ACCEPTED] * 2
        line.close()


def test_a_wrong_password_sends_nothing():
    with centre() as held:
        held.password = "another"
        with pytest.raises(NotSent):
            bound(held).send(BATCH)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id:7 sub:001 stat:DELIVRD err:000", Told.DELIVERED),
        ("id:7 stat:UNDELIV err:001", Told.FAILED),
        ("id:7 stat:ENROUTE", None),
        ("hello", None),
    ],
)
def test_receipts_of_smpp_are_read(text, told):
    note = smpp.receipt_of(text, NOW)
    assert (note.told if note else None) is told


class PretendedLine:
    """A mail connection that answers for each address as told."""

    def __init__(self, answers):
        self.answers, self.sent = answers, []

    def open(self):
        if self.answers == "down":
            raise ConnectionRefusedError("down")

    def close(self):
        """Nothing is open."""

    def send_messages(self, messages):
        (mail_,) = messages
        trouble = self.answers.get(mail_.to[0])
        if trouble is not None:
            raise trouble
        self.sent.append(mail_)


def test_a_mail_server_refuses_puts_off_or_goes_silent_for_one_address(monkeypatch):
    carrier = mail.Mail(
        Settings("邮件", "email", "smtp://mail.example.cn:587", {"from": "anlan@example.cn"}, hosts=("mail.example.cn:587",))
    )
    batch = [outgoing(n) for n in (1, 2, 3, 4, 5)]
    answers = {
        batch[1].address: smtplib.SMTPRecipientsRefused({batch[1].address: (550, b"no such")}),
        batch[2].address: smtplib.SMTPRecipientsRefused({batch[2].address: (451, b"later")}),
        batch[3].address: smtplib.SMTPServerDisconnected("gone"),
    }
    line = PretendedLine(answers)
    monkeypatch.setattr(carrier, "_connection", lambda: line)
    got = [result.answer for result in carrier.send(batch)]
    assert got == [Answer.ACCEPTED, Answer.REFUSED, Answer.LATER, Answer.UNKNOWN, Answer.LATER]
    assert line.sent[0].extra_headers["Message-ID"] == "<abc-1@example.cn>"
    line.answers = "down"
    with pytest.raises(NotSent):
        carrier.send(batch)


def test_a_title_with_line_breaks_adds_no_header_to_a_mail(monkeypatch):
    carrier = mail.Mail(
        Settings("邮件", "email", "smtp://mail.example.cn:587", {"from": "anlan@example.cn"}, hosts=("mail.example.cn:587",))
    )
    line = PretendedLine({})
    monkeypatch.setattr(carrier, "_connection", lambda: line)
    carrier.send([outgoing(1, title="标题\r\nBcc: x@example.cn")])
    assert line.sent[0].subject == "标题 Bcc: x@example.cn"


def receipt(key="abc-1", state="delivered", at="2026-11-22T01:18:00+00:00", extra=""):
    inner = f"<Key>{key}</Key><State>{state}</State><At>{at}</At>{extra}"
    return f'<?xml version="1.0"?><BroadcastReceipt xmlns="{broadcast.NAMESPACE}">{inner}</BroadcastReceipt>'.encode()


def test_a_message_to_a_loudspeaker_says_all_that_it_must():
    text = broadcast.encode(outgoing(1, "第一行\n第二行 <危险> \x00&")).decode()
    for part in (
        "<Key>abc-1</Key>",
        "<Action>play</Action>",
        "<Level>red</Level>",
        "&lt;危险&gt; &amp;",
        "<Repeat>3</Repeat>",
        broadcast.NAMESPACE,
    ):
        assert part in text
    assert "\x00" not in text
    assert "<Action>stop</Action>" in broadcast.encode(outgoing(1, stops=True)).decode()


def test_a_terminal_s_receipt_is_read_and_a_hostile_one_is_not():
    note = broadcast.decode_receipt(receipt())
    assert (note.key, note.told, note.at) == ("abc-1", Told.DELIVERED, datetime(2026, 11, 22, 1, 18, tzinfo=UTC))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + receipt().partition(b"?>")[2].replace(b"abc-1", b"&a;")
    for wrong in (
        bomb,
        receipt(state="eaten"),
        receipt(at="now"),
        receipt(at="2026-11-22T01:18:00"),
        receipt(key=""),
        b"<a/>",
        receipt(extra="x" * 5000),
    ):
        assert broadcast.decode_receipt(wrong) is None


@given(st.binary(max_size=120))
def test_no_receipt_whatever_it_holds_brings_the_reader_down(body):
    assert broadcast.decode_receipt(body) is None


def test_a_device_that_would_change_the_topic_is_refused(monkeypatch):
    carrier = broadcast.Broadcast(Settings("广播", "broadcast", "mqtts://mqtt.example.cn:8883", hosts=("mqtt.example.cn:8883",)))
    monkeypatch.setattr(carrier, "_run", lambda work: work.close())
    each = outgoing(1)
    wrong = Outgoing(**{name: getattr(each, name) for name in Outgoing.__dataclass_fields__} | {"address": "a/../#"})
    assert [result.answer for result in carrier.send([wrong])] == [Answer.REFUSED]


@pytest.mark.parametrize(
    ("adapter", "endpoint", "options"),
    [
        ("broadcast_mqtt", "mqtt://10.0.0.1:1883", {}),
        ("sms_smpp", "smpp://10.0.0.1:2775", {"system_id": "x", "source": "1"}),
        ("email", "smtp://10.0.0.1:25", {"from": "a@example.cn"}),
        ("voice_http", "https://10.0.0.1/call", {}),
    ],
)
def test_no_adapter_opens_to_a_host_that_nobody_allowed(adapter, endpoint, options):
    with pytest.raises(HostNotAllowed):
        KINDS[adapter].opened(Settings("x", "x", endpoint, options, hosts=("example.cn",)))


def test_a_signature_of_receipts_covers_time_and_body():
    signed = pushing.signature("secret", "1700000000", b"{}")
    assert signed != pushing.signature("secret", "1700000001", b"{}")
    assert signed != pushing.signature("secret", "1700000000", b"{ }")
    assert signed != pushing.signature("other", "1700000000", b"{}")
