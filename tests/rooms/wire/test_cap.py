"""CAP 1.2: sound messages survive the round trip and the OASIS schema; everything else is refused with its reasons."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from anlan.wire import cap
from anlan.wire.cap import Alert, Area, CapRefused, Certainty, Info, MessageType, Parameter, Scope, Severity, Status, Urgency
from anlan.wire.cap.message import Category, ResponseType

BEIJING = timezone(timedelta(hours=8))
words = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
names = st.from_regex(r"[A-Za-z0-9_.@-]{1,30}", fullmatch=True)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=BEIJING))
pairs = st.builds(Parameter, names, words)
latitudes, longitudes = st.floats(-89, 89).map(lambda v: round(v, 4)), st.floats(-179, 179).map(lambda v: round(v, 4))
rings = st.lists(st.tuples(latitudes, longitudes), min_size=3, max_size=6).map(lambda ring: (*ring, ring[0]))
areas = st.builds(
    Area,
    area_desc=words,
    polygons=st.lists(rings, max_size=2).map(tuple),
    circles=st.lists(st.tuples(latitudes, longitudes, st.floats(0, 500).map(lambda v: round(v, 2))), max_size=2).map(tuple),
    geocodes=st.lists(pairs, max_size=2).map(tuple),
)
infos = st.builds(
    Info,
    categories=st.lists(st.sampled_from(Category), min_size=1, max_size=2).map(tuple),
    event=words,
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    response_types=st.lists(st.sampled_from(ResponseType), max_size=2).map(tuple),
    event_codes=st.lists(pairs, max_size=2).map(tuple),
    sender_name=words,
    headline=words,
    description=words,
    instruction=words,
    areas=st.lists(areas, max_size=2).map(tuple),
)
alerts = st.builds(
    Alert,
    identifier=names,
    sender=names,
    sent=moments,
    status=st.sampled_from(Status),
    msg_type=st.just(MessageType.ALERT),
    scope=st.just(Scope.PUBLIC),
    infos=st.lists(infos, min_size=1, max_size=2).map(tuple),
)


@settings(max_examples=30, deadline=None)
@given(alerts)
def test_every_sound_message_comes_back_as_it_went(alert):
    assert cap.decode(cap.encode(alert)) == alert


def sample() -> Alert:
    return Alert(
        identifier="37010200000000_20261122021800_0",
        sender="37010200000000",
        sent=datetime(2026, 11, 22, 2, 18, tzinfo=BEIJING),
        status=Status.ACTUAL,
        msg_type=MessageType.ALERT,
        scope=Scope.PUBLIC,
        infos=(
            Info(
                categories=(Category.CBRNE,),
                event="危险化学品事故",
                urgency=Urgency.IMMEDIATE,
                severity=Severity.EXTREME,
                certainty=Certainty.OBSERVED,
                expires=datetime(2026, 11, 22, 8, 18, tzinfo=BEIJING),
                areas=(Area("某县", polygons=(((36.0, 117.0), (36.1, 117.0), (36.1, 117.1), (36.0, 117.0)),)),),
            ),
        ),
    )


@pytest.fixture(scope="module")
def schema(shared):
    return etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd")))


def test_what_we_write_is_valid_by_the_oasis_schema(schema):
    schema.assertValid(etree.fromstring(cap.encode(sample())))


SOUND = {
    "cap_amber_alert_example.xml": "1.2",
    "oasis_example_thunderstorm.cap": "1.2",
    "wcatwc-warning.cap": "1.2",
    "canada_signed.cap": "1.2",
    "earthquake.cap": "1.1",
    "earthquake_signed.cap": "1.1",
}


@pytest.mark.parametrize("name", SOUND)
def test_published_messages_of_others_are_read_and_written_again(shared, schema, name):
    received = cap.read((shared / "samples/cap" / name).read_bytes())
    assert received.version == SOUND[name]
    assert received.signed == ("signed" in name)
    again = cap.encode(received.alert)
    assert cap.read(again) == cap.Received(received.alert, cap.Version.V1_2)
    schema.assertValid(etree.fromstring(again))


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("invalid.cap", {"missing"}),
        ("canada_errors.cap", {"references_empty", "references_missing"}),
        ("xee.atom", {"xml_document_type"}),
        ("no_optional_fields.cap", {"no_info"}),
        ("no_id.atom", {"namespace"}),
        ("oasis_example_amber.rss", {"namespace"}),
        ("naads_x509_cert.pem", {"xml_broken"}),
    ],
)
def test_unsound_messages_of_others_are_refused_with_the_reason(shared, name, codes):
    with pytest.raises(CapRefused) as refused:
        cap.decode((shared / "samples/cap" / name).read_bytes())
    assert refused.value.codes == codes


def test_an_external_entity_is_never_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    attack = (
        cap.encode(sample())
        .replace(b"?>", f'?><!DOCTYPE alert [<!ENTITY x SYSTEM "file://{secret}">]>'.encode(), 1)
        .replace("危险化学品事故".encode(), b"&x;")
    )
    with pytest.raises(CapRefused) as refused:
        cap.decode(attack)
    assert refused.value.codes == {"xml_document_type"}
    assert "hidden words" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identifier": "with space"}, "characters"),
        ({"identifier": ""}, "missing"),
        ({"sender": "a,b"}, "characters"),
        ({"sender": "a&b"}, "characters"),
        ({"msg_type": MessageType.UPDATE}, "references_missing"),
        ({"msg_type": MessageType.CANCEL}, "references_missing"),
        ({"msg_type": MessageType.ACK}, "references_missing"),
        ({"msg_type": MessageType.ERROR}, "references_missing"),
        ({"references": ("only-an-identifier",)}, "not_a_reference"),
        ({"references": ("a,b,2026-11-22T02:18:00",)}, "not_a_reference"),
        ({"references": (cap.reference_to(sample()),)}, "self_reference"),
        ({"scope": Scope.RESTRICTED}, "restriction_missing"),
        ({"scope": Scope.PRIVATE}, "addresses_missing"),
        ({"infos": ()}, "no_info"),
        ({"codes": (" ",)}, "empty"),
        ({"note": "a\x00b"}, "not_writable"),
    ],
)
def test_nothing_unsound_is_ever_written(change, code):
    with pytest.raises(CapRefused) as refused:
        cap.encode(replace(sample(), **change))
    assert refused.value.codes == {code}


def test_a_polygon_that_does_not_close_or_has_its_axes_swapped_is_refused():
    info = sample().infos[0]
    for ring in (
        ((36.0, 117.0), (36.1, 117.0), (36.1, 117.1), (36.2, 117.2)),
        ((117.0, 36.0), (117.1, 36.0), (117.1, 36.1), (117.0, 36.0)),
    ):
        broken = replace(sample(), infos=(replace(info, areas=(Area("x", polygons=(ring,)),)),))
        with pytest.raises(CapRefused):
            cap.encode(broken)


@given(st.binary(max_size=300))
def test_rubbish_is_refused_and_never_crashes(data):
    with pytest.raises(CapRefused):
        cap.decode(data)


def test_every_problem_is_named_at_once():
    broken = cap.encode(sample()).replace(b"<status>Actual</status>", b"<status>Maybe</status>").replace(b"<sent>2026", b"<sent>yesterday")
    with pytest.raises(CapRefused) as refused:
        cap.decode(broken)
    assert len(refused.value.facts["problems"]) == 2
