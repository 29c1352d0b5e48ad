"""China's early-warning message: the real one is read, what is broken is refused by name, and the way to CAP and back loses nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.wire.test_cap import moments, names, rings, words
from tests.rooms.wire.test_cap import sample as cap_sample

from anlan.wire import cap, cap_cn
from anlan.wire.cap_cn import Area, CannotMap, EarlyWarning, EarlyWarningRefused, Info, Level, Method
from anlan.wire.cap_cn.decode import time
from anlan.wire.cap_cn.message import BEIJING

SQUARE = ((36.0, 117.0), (36.0, 117.1), (36.1, 117.1), (36.1, 117.0), (36.0, 117.0))
codes = st.from_regex(r"[0-9]{14}", fullmatch=True)
divisions = st.from_regex(r"[0-9]{6}([0-9]{6})?", fullmatch=True)
plain = words.map(lambda text: "".join(c for c in text if c not in ",，;；").strip()).filter(bool)
areas = st.builds(
    Area,
    area_desc=plain,
    polygons=st.lists(rings, max_size=1).map(tuple),
    circles=st.lists(st.just((36.5, 117.25, 12.5)), max_size=1).map(tuple),
    geocodes=st.lists(divisions, max_size=3, unique=True).map(tuple),
)
infos = st.builds(
    Info,
    event_type=st.sampled_from(["11B06", "11B03", "11D00", "99Z99"]),
    severity=st.sampled_from(Level),
    effective=st.none() | moments,
    sender_name=words,
    headline=words,
    description=words,
    instruction=words,
    areas=st.lists(areas, max_size=2).map(tuple),
)
methods = st.builds(
    Method,
    name=st.sampled_from(["SMS", "WEB", "SPEAKER"]),
    message=words,
    audience_groups=st.lists(names, max_size=2).map(tuple),
)
warnings = st.builds(
    EarlyWarning,
    identifier=st.builds("{}_{}_0".format, codes, st.just("20200205105119")),
    sender=words,
    sender_code=codes,
    send_time=moments,
    status=st.sampled_from([cap.Status.ACTUAL, cap.Status.EXERCISE, cap.Status.TEST]),
    msg_type=st.just(cap.MessageType.UPDATE),
    scope=st.just(cap.Scope.PUBLIC),
    infos=st.lists(infos, min_size=1, max_size=2).map(tuple),
    methods=st.lists(methods, max_size=2, unique_by=lambda method: method.name).map(tuple),
    sec_classification=st.just("None"),
    references=st.just(("41000041600000_20200204121842",)),
)


def sample() -> EarlyWarning:
    return EarlyWarning(
        identifier="37010241600000_20261122080000_0",
        sender="某县气象局",
        sender_code="37010241600000",
        send_time=datetime(2026, 11, 22, 8, tzinfo=BEIJING),
        status=cap.Status.ACTUAL,
        msg_type=cap.MessageType.ALERT,
        scope=cap.Scope.PUBLIC,
        infos=(
            Info(
                event_type="11B03",
                severity=Level.ORANGE,
                expires=datetime(2026, 11, 22, 20, tzinfo=BEIJING),
                headline="某县气象局发布暴雨橙色预警[II级/严重]",
                instruction="停止户外作业。",
                areas=(Area("某县", geocodes=("370102",)),),
            ),
        ),
        sec_classification="None",
    )


@settings(max_examples=20, deadline=None)
@given(warnings)
def test_every_sound_message_comes_back_as_it_went(warning):
    assert cap_cn.decode(cap_cn.encode(warning)) == warning


@settings(max_examples=20, deadline=None)
@given(warnings)
def test_the_way_to_cap_and_back_loses_nothing(warning):
    alert = cap_cn.to_cap(warning)
    assert cap_cn.from_cap(cap.decode(cap.encode(alert))) == warning


@pytest.fixture(scope="module")
def henan(shared):
    return (shared / "samples/cap_cn/henan_20200205_11B06_update.xml").read_bytes()


def test_a_real_message_is_read(henan):
    warning = cap_cn.decode(henan)
    assert (warning.sender, warning.sender_code) == ("河南省气象局", "41000041600000")
    assert warning.send_time == datetime(2020, 2, 5, 2, 45, tzinfo=UTC)
    assert (warning.msg_type, warning.references) == ("Update", ("41000041600000_20200204121842",))
    assert [(m.name, len(m.audience_groups)) for m in warning.methods] == [("SPEAKER", 1), ("SMS", 2), ("WEB", 0)]
    info = warning.infos[0]
    assert (info.event_type, info.severity, info.effective.minute, info.expires) == ("11B06", "Blue", 57, None)
    assert (info.areas[0].area_desc, info.areas[0].geocodes, info.areas[0].polygons) == ("河南省", ("410000000000",), ())
    assert cap_cn.decode(cap_cn.encode(warning)) == warning
    assert {d.code for d in cap_cn.doubts(warning)} == {"cn_odd_identifier", "cn_no_expires", "cn_no_instruction"}


def test_a_real_message_becomes_sound_cap(henan):
    alert = cap.decode(cap.encode(cap_cn.to_cap(cap_cn.decode(henan))))
    assert alert.sender == "41000041600000"
    assert alert.references == ("41000041600000,41000041600000_20200204121842,2020-02-04T12:18:42+08:00",)
    info = alert.infos[0]
    assert (info.event, info.categories, info.severity) == ("大风", ("Met",), "Minor")
    assert cap.Parameter("CN-eventType", "11B06") in info.event_codes
    assert cap.Parameter("GB/T 2260", "410000000000") in info.areas[0].geocodes
    known = cap_cn.to_cap(cap_cn.decode(henan), {"41000041600000_20200204121842": datetime(2020, 2, 4, 4, 20, tzinfo=UTC)})
    assert known.references[0].endswith(",2020-02-04T04:20:00-00:00")


def test_a_message_in_gb18030_is_read(henan):
    text = henan.decode().replace('encoding="UTF-8"', 'encoding="GB18030"')
    assert cap_cn.decode(text.encode("gb18030")) == cap_cn.decode(henan)


@pytest.mark.parametrize(
    ("old", "new", "codes_"),
    [
        ("<sendTime>2020-02-05 10:45:00+08:00", "<sendTime>2020-02-30 10:45:00+08:00", {"cn_not_a_time"}),
        ("<sendTime>2020-02-05 10:45:00+08:00", "<sendTime>", {"missing"}),
        ("<severity>Blue", "<severity>Purple", {"not_a_choice"}),
        ("<severity>Blue", "<severity>", {"missing"}),
        ("<msgType>Update", "<msgType>Correct", {"not_a_choice"}),
        ("<references>41000041600000_20200204121842", "<references>", {"cn_references_missing"}),
        ("<references>41000041600000_20200204121842", "<references>41000041600000_20200205105119", {"self_reference"}),
        ("<eventType>11B06", "<eventType>", {"cn_no_event_type"}),
        ("<senderCode>41000041600000", "<senderCode>", {"missing"}),
        ("<sender>河南省气象局", "<sender>", {"missing"}),
        ("<identifier>41000041600000_2", "<identifier>41000041600000 2", {"characters"}),
        ("<status>Actual</status>", "<status>Actual</status><status>Test</status>", {"repeated"}),
        ("<polygon/>", "<polygon>117,36 117,36 117,36 117,36</polygon>", {"out_of_range"}),
        ("<polygon/>", "<polygon>36;117</polygon>", {"not_a_polygon"}),
        ("<circle/>", "<circle>36,117</circle>", {"not_a_circle"}),
        ("<expires/>", "<expires>20200205105742</expires>", {"expires_early"}),
        ("<alert>", '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">', {"cn_not_an_early_warning"}),
    ],
)
def test_what_is_broken_is_refused_by_name(henan, old, new, codes_):
    text = henan.decode()
    assert old in text
    with pytest.raises(EarlyWarningRefused) as refused:
        cap_cn.decode(text.replace(old, new, 1).encode())
    assert refused.value.codes == codes_


def test_entities_and_rubbish_are_refused(henan):
    attack = henan.replace(b"<alert>", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>', 1)
    for data, code in ((attack, "xml_document_type"), (b"rubbish", "xml_broken"), (b"<x/>", "cn_not_an_early_warning")):
        with pytest.raises(EarlyWarningRefused) as refused:
            cap_cn.decode(data)
        assert refused.value.codes == {code}


@pytest.mark.parametrize(
    "text", ["2020-02-05 10:45:00+08:00", "2020-02-05 10:45:00", "20200205104500", "2020-02-05T02:45:00Z", "2020/02/05 10:45:00.5+0800"]
)
def test_times_are_beijing_time_whether_they_say_so_or_not(text):
    assert time(text).replace(microsecond=0) == datetime(2020, 2, 5, 2, 45, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2020-02-05", "2020020510450", "99999999999999", "10:45", "0001-01-01 00:00:00"])
def test_what_is_no_time_is_none(text):
    assert time(text) is None


def with_info(**changes):
    return replace(sample(), infos=(replace(sample().infos[0], **changes),))


@pytest.mark.parametrize(
    ("warning", "code"),
    [
        (replace(sample(), identifier="x"), "cn_odd_identifier"),
        (replace(sample(), sender_code="41000041600000"), "cn_sender_differs"),
        (replace(sample(), identifier="x", sender_code="县局"), "cn_odd_sender_code"),
        (with_info(event_type="99Z99"), "cn_unknown_event_type"),
        (with_info(expires=None), "cn_no_expires"),
        (with_info(instruction=""), "cn_no_instruction"),
        (with_info(severity=Level.RED), "cn_colours_differ"),
        (with_info(areas=(Area("某县"),)), "cn_no_area"),
        (with_info(areas=(Area("某县", geocodes=("3701",)),)), "cn_odd_geocode"),
    ],
)
def test_what_is_odd_is_told_and_kept(warning, code):
    assert cap_cn.decode(cap_cn.encode(warning)) == warning
    assert code in {doubt.code for doubt in cap_cn.doubts(warning)}


def test_a_sound_message_raises_no_doubt_and_the_future_needs_to_be_told_the_time():
    assert cap_cn.doubts(sample()) == []
    assert [d.code for d in cap_cn.doubts(sample(), sample().send_time - timedelta(minutes=6))] == ["cn_future"]
    raised = "某县气象局将暴雨黄色预警升级为暴雨橙色预警"
    assert cap_cn.doubts(with_info(headline=raised)) == []


@pytest.mark.parametrize(
    ("warning", "code"),
    [
        (with_info(event_type=""), "cn_no_event_type"),
        (replace(sample(), infos=()), "no_info"),
        (replace(sample(), methods=(Method(""),)), "missing"),
        (with_info(areas=(Area("", polygons=(SQUARE,)),)), "missing"),
        (with_info(areas=(Area("x", polygons=(SQUARE[:3],)),)), "too_few_points"),
        (with_info(areas=(Area("x", polygons=(SQUARE[:4],)),)), "not_closed"),
        (with_info(areas=(Area("x", circles=((36.0, 117.0, -1.0),)),)), "negative_radius"),
        (with_info(headline="\x00"), "not_writable"),
    ],
)
def test_nothing_unsound_is_ever_written(warning, code):
    with pytest.raises(EarlyWarningRefused) as refused:
        cap_cn.encode(warning)
    assert refused.value.codes == {code}


def test_our_own_bulletins_and_messages_from_abroad_can_be_written_in_the_profile():
    coded = replace(
        cap_sample(),
        infos=(replace(cap_sample().infos[0], event_codes=(cap.Parameter("CN-eventType", "12D00"),)),),
    )
    warning = cap_cn.from_cap(coded)
    assert (warning.infos[0].event_type, warning.infos[0].severity) == ("12D00", Level.RED)
    with pytest.raises(CannotMap):
        cap_cn.from_cap(cap_sample())
    assert cap_cn.from_cap(cap_sample(), "12D00") == warning


def test_a_message_for_few_finds_words_for_whom_in_cap():
    few = replace(sample(), scope=cap.Scope.PRIVATE, methods=(Method("SMS", "x", ("g1", "g2")),))
    assert cap.decode(cap.encode(cap_cn.to_cap(few))).addresses == "g1 g2"
    assert cap.decode(cap.encode(cap_cn.to_cap(replace(sample(), scope=cap.Scope.RESTRICTED)))).restriction


def test_every_known_event_type_says_where_it_is_from():
    assert len(cap_cn.event_types()) > 50
    assert all(row.source and row.status in ("verified", "secondary", "unverified") for row in cap_cn.event_types().values())
    assert cap_cn.event_type("99Z99") is None
