"""GB/T 28181 signalling: SIP, digest, MANSCDP, device codes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire.framing import Frame, Unreadable
from anlan.wire.gb28181 import codes, contents, digest, inspecting, manscdp, message, xml
from anlan.wire.gb28181.framing import Framer
from anlan.wire.gb28181.refusals import (
    BadAuthorization,
    BadDeviceCode,
    BadXml,
    BodyCut,
    BrokenMessage,
    MessageTooLong,
    MissingHeader,
    Noise,
    UnknownCommand,
)

CAMERA = "37011400001320000001"
BODY = b'<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType><SN>7</SN><DeviceID>37011400001320000001</DeviceID><Status>OK</Status></Notify>'
REGISTER = (
    b"REGISTER sip:37011400002000000001@3701140000 SIP/2.0\r\n"
    b"v: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bKa;rport, SIP/2.0/UDP proxy.example.invalid;branch=z9hG4bKb\r\n"
    b"f: <sip:37011400001320000001@3701140000>;tag=one\r\n"
    b"t: <sip:37011400001320000001@3701140000>\r\n"
    b"i: abc@192.0.2.9\r\n"
    b"CSeq: 1 REGISTER\r\n"
    b'm: "A, B" <sip:37011400001320000001@192.0.2.9:5060;transport=tcp>;expires=3600,\r\n'
    b"   <sip:second@192.0.2.9>\r\n"
    b"Max-Forwards: 70\r\n"
    b"l: 0\r\n\r\n"
)


def _message(body: bytes = BODY, method: str = "MESSAGE", length: int | None = None) -> bytes:
    head = (
        f"{method} sip:37011400002000000001@3701140000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKc\r\n"
        f"From: <sip:{CAMERA}@3701140000>;tag=1\r\nTo: <sip:37011400002000000001@3701140000>\r\nCall-ID: 1\r\nCSeq: 20 {method}\r\n"
        f"Content-Type: Application/MANSCDP+xml\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


# --- SIP --------------------------------------------------------------------------------------------------------------


def test_compact_names_folded_lines_and_several_vias_are_read() -> None:
    found = message.parse(REGISTER)
    assert isinstance(found, message.Request)
    assert (found.method, found.cseq, found.call_id) == ("REGISTER", (1, "REGISTER"), "abc@192.0.2.9")
    vias = [message.parse_via(via) for via in found.all("Via")]
    assert [(via.transport, via.host, via.port, via.parameters["branch"]) for via in vias] == [
        ("TCP", "192.0.2.9", 5060, "z9hG4bKa"),
        ("UDP", "proxy.example.invalid", 0, "z9hG4bKb"),
    ]
    first, second = found.all("Contact")
    assert message.parse_address(first).uri_parameters == {"transport": "tcp"}
    assert (message.parse_address(first).name, message.parse_address(first).parameters["expires"]) == ("A, B", "3600")
    assert message.parse_address(second).user == "second"


def test_a_response_carries_back_what_the_request_must_know_it_by() -> None:
    asked = message.parse(REGISTER)
    assert isinstance(asked, message.Request)
    told = message.parse(message.encode(message.answer(asked, 200, tag="ours", seen=("198.51.100.7", 40000), headers=[("Expires", "60")])))
    assert isinstance(told, message.Response)
    assert (told.status, told.reason, told.get("expires")) == (200, "OK", "60")
    assert told.transaction == asked.transaction
    assert message.parse_address(told.get("To")).tag == "ours"
    top = message.parse_via(told.all("Via")[0]).parameters
    assert (top["received"], top["rport"]) == ("198.51.100.7", "40000")
    assert len(told.all("Via")) == 2


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", BrokenMessage),
        (b"\r\n\r\n", BrokenMessage),
        (b"GET / HTTP/1.1\r\n\r\n", BrokenMessage),
        (REGISTER.replace(b"CSeq: 1 REGISTER", b"CSeq: 1 INVITE"), MissingHeader),
        (REGISTER.replace(b"i: abc@192.0.2.9\r\n", b""), MissingHeader),
        (REGISTER.replace(b"l: 0", b"l: -1"), MissingHeader),
        (REGISTER.replace(b"l: 0", b"l: 5"), BodyCut),
        (REGISTER.replace(b"l: 0", b"l: 99999999"), MessageTooLong),
        (REGISTER.replace(b"Max-Forwards: 70", b"no colon here"), BrokenMessage),
        (b"x" * (message.MOST_BYTES + 1), MessageTooLong),
        (REGISTER.replace(b"Max-Forwards: 70\r\n", b"A: b\r\n" * 200), MessageTooLong),
    ],
)
def test_what_is_no_message_is_refused_with_its_reason(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        message.parse(data)


def test_a_body_longer_than_told_is_cut() -> None:
    assert message.parse(_message(length=10)).body == BODY[:10]


def test_nothing_that_breaks_a_line_is_written_into_a_header() -> None:
    with pytest.raises(BrokenMessage):
        message.encode(message.Request((("To", "a\r\nEvil: b"),), b"", "OPTIONS", "sip:a@b"))


# --- TCP --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 200), max_size=60), st.booleans())
def test_a_stream_is_cut_into_the_same_messages_however_it_arrives(cuts: list[int], keep_alive: bool) -> None:
    between = b"\r\n\r\n" if keep_alive else b""
    stream = between.join([REGISTER, _message(), REGISTER, _message(b"")])
    framer, pieces, at = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        pieces += framer.feed(stream[at : at + cut])
        at += cut
    assert [piece.data for piece in pieces if isinstance(piece, Frame)] == [REGISTER, _message(), REGISTER, _message(b"")]
    assert not [piece for piece in pieces if isinstance(piece, Unreadable)]
    assert framer.waiting == 0


def test_dirt_between_messages_costs_no_message() -> None:
    pieces = Framer().feed(REGISTER + b"\x00\xffdirt\r\n\r\n" + _message())
    assert [type(piece) for piece in pieces] == [Frame, Unreadable, Frame]
    assert isinstance(pieces[1], Unreadable)
    assert isinstance(pieces[1].reason, Noise)


def test_what_never_ends_is_dropped_before_it_fills_the_memory() -> None:
    framer = Framer()
    for _ in range(200):
        framer.feed(b"A: " + b"b" * 1000 + b"\r\n")
        assert framer.waiting <= message.MOST_HEAD_BYTES
    (piece,) = Framer().feed(_message(length=10_000_000))
    assert isinstance(piece, Unreadable)
    assert isinstance(piece.reason, MessageTooLong)
    (piece,) = Framer().feed(b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n")
    assert isinstance(piece, Unreadable)


# --- Digest -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "right"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_hold(algorithm: str, right: str) -> None:
    told = digest.parse_credentials(
        'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
        f'algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
        f'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{right}", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    secret = digest.secret_hash("Mufasa", "http-auth@example.org", "Circle of Life", algorithm)
    assert digest.fits(secret, told, "GET")
    assert not digest.fits(secret, told, "POST")
    assert not digest.fits(digest.secret_hash("Mufasa", "http-auth@example.org", "circle of life", algorithm), told, "GET")


def test_the_example_of_rfc_2617_holds() -> None:
    told = digest.Credentials("Mufasa", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html",
                              "6629fae49393a05397450978507c4ef1", qop="auth", cnonce="0a4f113b", nc="00000001")  # fmt: skip
    assert digest.fits(digest.secret_hash("Mufasa", "testrealm@host.com", "Circle Of Life"), told, "GET")


@given(
    st.sampled_from(digest.ALGORITHMS),
    st.sampled_from(["", "auth"]),
    st.text("abcXYZ019!", min_size=1, max_size=12),
    st.integers(1, 2**32 - 1),
)
def test_what_a_client_answers_to_a_challenge_opens_it_and_nothing_else_does(algorithm: str, qop: str, password: str, nc: int) -> None:
    challenge = digest.parse_challenge(digest.Challenge("3701140000", "n0nce", algorithm, qop).header())
    assert (challenge.algorithm, challenge.qop) == (algorithm, qop)
    made = digest.respond(challenge, CAMERA, password, "REGISTER", "sip:a@b", cnonce="c", nc=nc)
    told = digest.parse_credentials(made.header())
    assert told == made
    assert digest.fits(digest.secret_hash(CAMERA, "3701140000", password, algorithm), told, "REGISTER")
    assert not digest.fits(digest.secret_hash(CAMERA, "3701140000", password + "x", algorithm), told, "REGISTER")


@pytest.mark.parametrize("value", ["", "Basic abc", "Digest", 'Digest username="a', "Digest a b c", 'Digest username="a", realm="b"',
                                   'Digest username="a", realm="b", nonce="c", uri="d", response="e", qop=auth',
                                   'Digest username="a", realm="b", nonce="c", uri="d", response="e", algorithm=SHA-999'])  # fmt: skip
def test_credentials_that_make_no_sense_are_refused(value: str) -> None:
    with pytest.raises(BadAuthorization):
        digest.parse_credentials(value)


# --- Bodies -----------------------------------------------------------------------------------------------------------

ITEM = contents.CatalogItem(
    CAMERA, "液氯储存区一号", "海纳", "N-1", "安监", "370114", "", "示范路 1 号", 0, "37011400002160000001", "ON", 1, 117.5, 36.7
)
CASES = [
    ("Notify", "Keepalive", contents.Keepalive("OK", (CAMERA,))),
    ("Query", "Catalog", contents.Asked(1_780_000_000_000, 1_780_000_100_000)),
    ("Response", "Catalog", contents.Catalog(2, (ITEM,))),
    ("Notify", "Catalog", contents.Catalog(1, (contents.CatalogItem(CAMERA, "门岗", event="OFF"),))),
    ("Response", "DeviceInfo", contents.DeviceInfo("OK", "厂区录像机", "海纳", "R-16", "V1.0", 16)),
    ("Response", "DeviceStatus", contents.DeviceStatus("OK", "ONLINE", "OK", "", "ON", "OFF", 1_780_000_000_000, ((CAMERA, "ONDUTY"),))),
    ("Query", "Alarm", contents.AlarmQuery(0, 4, "0", "", 1_780_000_000_000, 1_780_000_100_000)),
    ("Notify", "Alarm", contents.Alarm(1, 5, 1_780_000_000_000, "入侵", 117.5, 36.7, 6, 1)),
    ("Notify", "MediaStatus", contents.MediaStatus("121")),
    ("Query", "RecordInfo", contents.RecordQuery(1_780_000_000_000, 1_780_000_100_000, 0, "all")),
    ("Response", "RecordInfo", contents.Records(1, (contents.Record(CAMERA, "录像", 1_780_000_000_000, 1_780_000_060_000, "a", 3),))),
    ("Query", "ConfigDownload", contents.ConfigQuery("BasicParam")),
    ("Response", "ConfigDownload", contents.Config("OK", "IPC", 3600, 60, 3)),
    ("Control", "DeviceControl", contents.Orders((("PTZCmd", "A50F01"), ("HomePosition/Enabled", "1")))),
    ("Query", "MobilePosition", contents.PositionQuery(5)),
    ("Notify", "MobilePosition", contents.Position(1_780_000_000_000, 117.1, 36.6, 20.0, 90.0, 30.0)),
]  # fmt: skip


@pytest.mark.parametrize(("root", "command", "content"), CASES)
@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_every_body_reads_back_as_it_was_written(root: str, command: str, content: contents.Content, encoding: str) -> None:
    body = manscdp.Body(root, command, 12, CAMERA, content)
    assert manscdp.decode(manscdp.encode(body, encoding)) == body


def test_samples_are_read_and_what_they_leave_open_is_named(shared: Path) -> None:
    folder = shared / "samples" / "gb28181"
    for path in sorted(folder.glob("*.xml")):
        root, command, _ = path.stem.split("_")
        found = inspecting.decode(path.read_bytes())
        assert isinstance(found, manscdp.Body)
        assert (found.root, found.command) == (root, command), path.name
        assert ("DeviceID" in found.doubts) == (not codes.is_code(found.device)), path.name
    config = inspecting.decode((folder / "Response_ConfigDownload_99c60ec8.xml").read_bytes())
    assert isinstance(config, manscdp.Body)
    assert config.content == contents.Config("OK", "IP CAMERA", 3600, 60, 3)
    assert config.doubts == ()


def test_the_recorded_trace_is_read_message_by_message(shared: Path) -> None:
    told = inspecting.decode((shared / "samples" / "gb28181" / "sip_trace_pjsua_open.txt").read_bytes())
    assert isinstance(told, tuple)
    assert [type(said) for said in told] == [inspecting.Said] * 6
    methods = [said.message.cseq[1] for said in told if isinstance(said, inspecting.Said)]
    assert methods == ["REGISTER", "REGISTER", "MESSAGE", "REGISTER", "REGISTER", "REGISTER"]
    second, third = told[1], told[2]
    assert isinstance(second, inspecting.Said)
    assert isinstance(third, inspecting.Said)
    assert third.body is not None
    assert (third.body.command, third.body.serial) == ("Catalog", 940843)
    credentials = digest.parse_credentials(second.message.get("Authorization"))
    assert (credentials.realm, credentials.count, credentials.qop) == ("81000000", 1, "auth")


@pytest.mark.parametrize("encoding", ["gb2312", "gb18030", "utf-8"])
@pytest.mark.parametrize("declared", ["GB2312", "gbk", "UTF-8", None])
def test_chinese_is_read_whatever_the_encoding_claims_to_be(encoding: str, declared: str | None) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    text = f"{head}<Response><CmdType>DeviceInfo</CmdType><SN>1</SN><DeviceID>{CAMERA}</DeviceID><DeviceName>联通大厦东门摄像机</DeviceName></Response>"
    found = manscdp.decode(text.encode(encoding) + b"\x00\x00")
    assert isinstance(found.content, contents.DeviceInfo)
    assert found.content.name == "联通大厦东门摄像机"


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", BadXml),
        (b"<Notify>", BadXml),
        (b"<Other><CmdType>Keepalive</CmdType></Other>", BadXml),
        (b"<Notify><SN>1</SN></Notify>", BadXml),
        (b"<Notify><CmdType>Keepalive</CmdType><SN>1</SN></Notify>", BadXml),
        (b"<Notify><CmdType>Made-up</CmdType><SN>1</SN></Notify>", UnknownCommand),
        (b"\xff\xff\xff", BadXml),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Notify><CmdType>&x;</CmdType></Notify>', BadXml),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><Notify/>'.encode("utf-16"), BadXml),
        (b"<a>" * 5000, BadXml),
        (b"<Notify>" + b"x" * (message.MOST_BYTES + 1), BadXml),
    ],
)
def test_bodies_that_are_none_are_refused(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        manscdp.decode(data)


def test_one_bad_field_does_not_lose_the_rest() -> None:
    data = _alarm(AlarmPriority="high", AlarmMethod="5", AlarmTime="yesterday", Longitude="NaN", AlarmDescription="烟雾")
    found = manscdp.decode(data)
    assert found.content == contents.Alarm(None, 5, None, "烟雾", None, None, None, None)
    assert set(found.doubts) == {"AlarmPriority", "AlarmTime", "Longitude"}


def _alarm(**fields: str) -> bytes:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>{CAMERA}</DeviceID>{inner}</Notify>".encode("gb18030")


def test_times_without_a_zone_are_beijing_time() -> None:
    found = manscdp.decode(_alarm(AlarmTime="2026-11-25T08:00:00")).content
    same = manscdp.decode(_alarm(AlarmTime="2026-11-25T00:00:00Z")).content
    assert isinstance(found, contents.Alarm)
    assert isinstance(same, contents.Alarm)
    assert found.time_ms == same.time_ms == 1_795_564_800_000
    assert xml.moment(found.time_ms) == "2026-11-25T08:00:00"


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_a_device_code_is_taken_apart() -> None:
    found = codes.decode_code("37011400451327000264")
    assert (found.place, found.unit, found.industry, found.type, found.network, found.serial) == (
        "370114",
        "00",
        "45",
        "132",
        "7",
        "000264",
    )
    assert (found.industry_name, found.type_name, found.network_name) == ("燃气企业", "网络摄像机", "互联网")
    assert found.is_camera
    assert codes.decode_code("37011400002160000001").is_group


@pytest.mark.parametrize("value", ["", "3701", "x" * 20, "370114000013200000012", "３７０１１４００００１３２０００００１"])
def test_what_is_no_code_is_refused(value: str) -> None:
    with pytest.raises(BadDeviceCode):
        codes.decode_code(value)


def test_every_row_of_the_code_lists_says_where_it_is_from() -> None:
    assert {row.table for row in codes.rows()} == {"industry", "type", "network", "alarm_method", "alarm_type", "ptz_type"}
    assert all(row.source and row.status in {"verified", "secondary", "unverified"} and row.name_en for row in codes.rows())
    assert len({(row.table, row.code) for row in codes.rows()}) == len(codes.rows())


def test_alarms_are_named_by_method_and_type() -> None:
    assert codes.alarm_kind(5, 6) == ("video_6", "入侵检测报警")
    assert codes.alarm_kind(2, None) == ("device", "设备报警")
    assert codes.alarm_kind(None, None) == ("unknown", "")


# --- Nothing breaks it ------------------------------------------------------------------------------------------------


def _everything(data: bytes) -> None:
    """Every entry for bytes from outside; a refusal is an answer, anything else a fault."""
    for read in (inspecting.decode, message.parse, manscdp.decode):
        try:
            found = read(data)
        except Refusal as refusal:
            assert refusal.message()
            continue
        if isinstance(found, message.Request | message.Response):
            for name in ("From", "To", "Contact", "Via"):
                for value in found.all(name):
                    for take in (message.parse_address, message.parse_via):
                        try:
                            take(value)
                        except Refusal:
                            continue
            if isinstance(found, message.Request):
                message.encode(message.answer(found, 400, tag="x", seen=("192.0.2.1", 5)))
            try:
                assert digest.parse_credentials(found.get("Authorization")).count >= 0
            except Refusal:
                continue
    framer = Framer()
    framer.feed(data)
    assert framer.waiting <= message.MOST_BYTES


@settings(max_examples=300)
@given(st.binary(max_size=600))
def test_random_bytes_never_break_it(data: bytes) -> None:
    _everything(data)


@settings(max_examples=300)
@given(st.text(max_size=300), st.text(max_size=60))
def test_random_text_in_headers_and_bodies_never_breaks_it(text: str, more: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    _everything(REGISTER.replace(b"Max-Forwards: 70", b"Authorization: Digest " + raw))
    _everything(_message(b"<Notify>" + raw + b"</Notify>"))
    _everything(
        f"<Notify><CmdType>Alarm</CmdType><DeviceID>{more}</DeviceID><AlarmTime>{text}</AlarmTime></Notify>".encode(
            "utf-8", "surrogatepass"
        )
    )


def test_a_thousand_cut_flipped_and_swollen_messages_never_break_it() -> None:
    draw = random.Random(28181)
    seeds = [REGISTER, _message(), *(_message(manscdp.encode(manscdp.Body(r, c, 1, CAMERA, content))) for r, c, content in CASES)]
    seeds += [manscdp.encode(manscdp.Body(r, c, 1, CAMERA, content)) for r, c, content in CASES]
    for _ in range(1500):
        data = bytearray(draw.choice(seeds))
        match draw.randrange(4):
            case 0:
                del data[draw.randrange(len(data)) :]
            case 1:
                for _flip in range(draw.randrange(1, 8)):
                    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            case 2:
                at = draw.randrange(len(data))
                data[at:at] = bytes([draw.randrange(256)]) * draw.choice([1, 300, 20_000, 70_000])
            case _:
                begin = draw.randrange(len(data))
                data[begin : begin + draw.randrange(60)] = draw.randbytes(draw.randrange(60))
        _everything(bytes(data))
