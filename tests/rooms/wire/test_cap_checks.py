"""What CAP's text forbids is refused with every reason; what it allows and is still doubtful is told; older editions are read."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.rooms.wire.test_cap import BEIJING, alerts, sample

from anlan.wire import cap
from anlan.wire.cap import Area, CapRefused, Parameter, Resource
from anlan.wire.cap.doubts import Limits, doubts
from anlan.wire.cap.message import format_time
from anlan.wire.cap.resources import damage, digest_of

SQUARE = ((36.0, 117.0), (36.0, 117.1), (36.1, 117.1), (36.1, 117.0), (36.0, 117.0))
OPEN = ((36.0, 117.0), (36.1, 117.0), (36.1, 117.1), (36.2, 117.2))
SWAPPED = ((117.0, 36.0), (117.1, 36.0), (117.1, 36.1), (117.0, 36.0))


def with_info(**changes):
    return replace(sample(), infos=(replace(sample().infos[0], **changes),))


def with_area(**changes):
    return with_info(areas=(Area("某县", **changes),))


def with_resource(**changes):
    return with_info(resources=(replace(Resource("图", "image/png"), **changes),))


@pytest.mark.parametrize(
    ("alert", "code", "where"),
    [
        (with_area(polygons=(OPEN,)), "not_closed", "info[1]/area[1]/polygon[1]"),
        (with_area(polygons=(SQUARE, SQUARE[:2])), "too_few_points", "info[1]/area[1]/polygon[2]"),
        (with_area(polygons=(SWAPPED,)), "out_of_range", "info[1]/area[1]/polygon[1]"),
        (with_area(polygons=((SQUARE[0], (float("nan"), 117.1), *SQUARE[2:]),)), "out_of_range", "info[1]/area[1]/polygon[1]"),
        (with_area(circles=((117.0, 36.0, 5.0),)), "out_of_range", "info[1]/area[1]/circle[1]"),
        (with_area(circles=((36.0, 117.0, -1.0),)), "negative_radius", "info[1]/area[1]/circle[1]"),
        (with_area(circles=((36.0, 117.0, float("inf")),)), "negative_radius", "info[1]/area[1]/circle[1]"),
        (with_area(ceiling=100.0), "ceiling_alone", "info[1]/area[1]"),
        (with_area(altitude=200.0, ceiling=100.0), "ceiling_below", "info[1]/area[1]"),
        (with_area(geocodes=(Parameter("", "370102"),)), "nameless_value", "info[1]/area[1]/geocode[1]"),
        (with_info(language="中文"), "not_a_language", "info[1]"),
        (with_info(categories=()), "no_category", "info[1]"),
        (with_info(event=" "), "missing", "info[1]"),
        (with_info(expires=sample().sent), "expires_early", "info[1]"),
        (with_info(effective=sample().sent + timedelta(days=1)), "expires_early", "info[1]"),
        (with_info(event_codes=(Parameter("", "EQW"),)), "nameless_value", "info[1]/eventCode[1]"),
        (with_resource(size=-1), "negative_size", "info[1]/resource[1]"),
        (with_resource(digest="not hex"), "not_a_digest", "info[1]/resource[1]"),
        (with_resource(deref_uri="%%%"), "not_base64", "info[1]/resource[1]"),
        (with_resource(mime_type=""), "missing", "info[1]/resource[1]"),
    ],
)
def test_every_rule_of_the_text_is_kept_and_the_place_is_named(alert, code, where):
    with pytest.raises(CapRefused) as refused:
        cap.encode(alert)
    assert [(problem.code, problem.where) for problem in refused.value.problems] == [(code, where)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<status>Actual", "<status>actual", "not_a_choice"),
        ("<sent>2026-11-22T02:18:00+08:00", "<sent>2026-11-22T02:18:00", "not_a_time"),
        ("<sent>2026-11-22T02:18:00+08:00", "<sent>2026-11-22T02:18:00Z", "not_a_time"),
        ("<sent>2026-11-22T02:18:00+08:00", "<sent>2026-02-30T02:18:00+08:00", "not_a_time"),
        ("<sent>2026-11-22T02:18:00+08:00", "<sent>0001-01-01T00:00:00+08:00", "not_a_time"),
        ("<sent>2026-11-22T02:18:00+08:00</sent>", "", "missing"),
        ("<scope>Public</scope>", "<scope>Public</scope><scope>Private</scope>", "repeated"),
        ("<scope>Public</scope>", "<scope>Public</scope><secret>x</secret>", "unknown_element"),
        ("<scope>Public</scope>", "<scope>Public</scope><password>x</password>", "unknown_element"),
        ("<scope>Public</scope>", "<note>a<scope>b</scope></note><scope>Public</scope>", "not_text"),
        ("36,117 36.1,117 ", "36,117 36.1;117 ", "not_a_polygon"),
        ("36,117 36.1,117 ", "1e1,1_1 36.1,117 ", "not_a_polygon"),
        ("<areaDesc>某县</areaDesc>", "<areaDesc>某县</areaDesc><circle>36,117</circle>", "not_a_circle"),
        ("<areaDesc>某县</areaDesc>", "<areaDesc>某县</areaDesc><altitude>high</altitude>", "not_a_number"),
        ("cap:1.2", "cap:1.3", "namespace"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(old, new, code):
    written = cap.encode(sample()).decode()
    assert old in written
    with pytest.raises(CapRefused) as refused:
        cap.decode(written.replace(old, new, 1).encode())
    assert code in refused.value.codes


def test_optional_elements_written_empty_mean_what_leaving_them_out_means():
    written = cap.encode(sample()).decode()
    emptied = written.replace("</scope>", "</scope><restriction/><addresses/><code/><note/><incidents/>")
    emptied = emptied.replace("<areaDesc>某县</areaDesc>", "<areaDesc>某县</areaDesc><polygon/><circle/>")
    assert cap.decode(emptied.encode()) == sample()


def test_elements_of_others_are_passed_over_and_noted():
    received = cap.read(cap.encode(sample()).replace(b"<scope>", b'<x:y xmlns:x="urn:x">z</x:y><scope>'))
    assert received.alert == sample()
    assert [note.code for note in received.notes] == ["foreign_passed_over"]


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE a [<!ENTITY l0 "lol">'
        + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        + "]><alert>&l9;</alert>",
        '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "' + "&a;" * 1000 + '">]><alert b="&b;&b;&b;"/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><alert/>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><alert/>',
        '<!DOCTYPE alert><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_attacks_are_refused_before_anything_is_expanded_or_fetched(attack, encoding):
    with pytest.raises(CapRefused) as refused:
        cap.decode(attack.encode(encoding))
    assert refused.value.codes <= {"xml_document_type", "xml_broken"}
    assert "root:" not in str(refused.value)


def test_what_is_too_large_too_deep_or_too_full_is_refused():
    for data, code in (
        (b"<a>" + b" " * 5_000_000 + b"</a>", "xml_too_large"),
        (b"<a>" * 150 + b"</a>" * 150, "xml_too_deep"),
        (b"<a>" + b"<b/>" * 200_001 + b"</a>", "xml_too_many"),
    ):
        with pytest.raises(CapRefused) as refused:
            cap.decode(data)
        assert refused.value.codes == {code}


def ring_of(count):
    """A circle of ``count`` vertices, closed."""
    points = [(round(36 + 0.1 * sin(2 * pi * n / count), 6), round(117 + 0.1 * cos(2 * pi * n / count), 6)) for n in range(count)]
    return (*points, points[0])


@pytest.mark.parametrize(
    ("alert", "code"),
    [
        (with_area(polygons=(((36.0, 117.0), (36.1, 117.1), (36.0, 117.1), (36.1, 117.0), (36.0, 117.0)),)), "crosses_itself"),
        (with_area(polygons=(((36.0, 117.0), (36.1, 117.1), (36.2, 117.2), (36.0, 117.0)),)), "no_extent"),
        (with_area(polygons=(((50.0, 179.0), (50.0, -179.0), (51.0, -179.0), (50.0, 179.0)),)), "crosses_date_line"),
        (with_area(polygons=(ring_of(6208),)), "too_many_points"),
        (with_area(polygons=(((76.0, 39.5), (76.1, 39.5), (76.1, 39.6), (76.0, 39.5)),)), "probably_swapped"),
        (with_area(circles=((76.0, 39.5, 3.0),)), "probably_swapped"),
        (with_area(geocodes=(Parameter("GB/T 2260", ""),)), "geocode_empty"),
        (with_area(), "no_geometry"),
        (with_info(areas=()), "no_area"),
        (replace(sample(), restriction="内部"), "restriction_unused"),
        (replace(sample(), references=("a,b,2027-01-01T00:00:00+08:00",)), "later_reference"),
        (with_resource(digest="ab" * 32), "digest_not_sha1"),
        (with_resource(uri="map.png"), "not_a_link"),
        (replace(sample(), infos=sample().infos * 2), "same_language_twice"),
    ],
)
def test_what_is_allowed_but_doubtful_is_read_written_and_told(alert, code):
    assert cap.decode(cap.encode(alert)) == alert
    assert code in [doubt.code for doubt in doubts(alert)]


def test_a_sound_message_raises_no_doubt():
    assert doubts(replace(sample(), infos=(replace(sample().infos[0], areas=(Area("某县", polygons=(SQUARE,)),)),))) == []


def test_doubts_about_time_need_to_be_told_the_time():
    sent = sample().sent
    assert [d.code for d in doubts(sample(), sent - timedelta(minutes=4))] == []
    assert [d.code for d in doubts(sample(), sent - timedelta(minutes=6))] == ["future_dated"]
    assert [d.code for d in doubts(sample(), sent - timedelta(minutes=6), Limits(future=timedelta(hours=1)))] == []
    assert [d.code for d in doubts(sample(), sample().infos[0].expires)] == ["expired"]


def test_vertices_are_counted_up_to_the_limit_given():
    alert = with_area(polygons=(ring_of(100),))
    assert doubts(alert) == []
    assert [d.code for d in doubts(alert, limits=Limits(vertices=99))] == ["too_many_points"]


CAP_1_0 = """<alert xmlns="http://www.incident.com/cap/1.0"><identifier>KAR0</identifier><sender>KARO@CLETS</sender>
<sent>2003-06-11T22:39:00.5-07:00</sent><status>Actual</status><msgType>Update</msgType><password>x</password>
<references>KAR0-1/KARO@CLETS</references><info><event>火灾</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Very Likely</certainty><eventCode>SAME=CAE</eventCode><parameter>HSAS ORANGE</parameter>
<resource><resourceDesc>map</resourceDesc></resource><area><areaDesc>某县</areaDesc><circle>36.0,117.0 5</circle>
<geocode>fips6=006037</geocode><altitude>low</altitude></area></info></alert>"""


def test_an_old_message_is_brought_into_the_present_form_and_what_that_took_is_noted(shared):
    etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/cap10.xsd"))).assertValid(etree.fromstring(CAP_1_0))
    received = cap.read(CAP_1_0.encode())
    info = received.alert.infos[0]
    assert received.version is cap.Version.V1_0
    assert (received.alert.scope, info.certainty, info.categories) == (cap.Scope.PUBLIC, cap.Certainty.LIKELY, ("Other",))
    assert (info.event_codes, info.areas[0].geocodes) == ((Parameter("SAME", "CAE"),), (Parameter("fips6", "006037"),))
    assert {note.code for note in received.notes} == {
        "password_dropped",
        "scope_assumed",
        "category_assumed",
        "very_likely",
        "value_unnamed",
        "mime_type_assumed",
        "height_dropped",
    }
    with pytest.raises(CapRefused) as refused:
        cap.encode(received.alert)
    assert refused.value.codes == {"not_a_reference"}


def test_a_message_of_1_1_is_written_as_1_2(shared):
    schema = etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd")))
    old = cap.encode(replace(sample(), msg_type=cap.MessageType.UPDATE, references=("a,b,2026-01-01T00:00:00-00:00",))).decode()
    old = old.replace("cap:1.2", "cap:1.1").replace("2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.25Z")
    received = cap.read(old.encode())
    assert received.version is cap.Version.V1_1
    assert received.alert.references == ("a,b,2026-01-01T00:00:00-00:00",)
    schema.assertValid(etree.fromstring(cap.encode(received.alert)))


def test_times_are_written_as_the_standard_wants_them():
    assert format_time(datetime(2026, 1, 1, 8, tzinfo=BEIJING)) == "2026-01-01T08:00:00+08:00"
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00-00:00"
    with pytest.raises(ValueError, match="offset"):
        format_time(datetime(2026, 1, 1))


def test_a_refusal_speaks_the_language_of_its_reader_and_never_runs_on_forever():
    with pytest.raises(CapRefused) as refused:
        cap.encode(replace(sample(), infos=(replace(sample().infos[0], areas=(Area(""),) * 30),)))
    assert len(refused.value.problems) == 30
    assert refused.value.message().endswith("另有 18 处")
    assert "¶缺少" not in refused.value.message()
    assert refused.value.message(lambda text: f"¶{text}").count("¶缺少") == 12


@pytest.fixture(scope="module")
def schema(shared):
    return etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd")))


def test_every_sound_message_is_valid_by_the_oasis_schema(schema):
    @settings(max_examples=40, deadline=None)
    @given(alerts)
    def holds(alert):
        schema.assertValid(etree.fromstring(cap.encode(alert)))

    holds()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=6)), min_size=1, max_size=6))
def test_a_damaged_message_is_read_or_refused_and_never_crashes(damages):
    data = bytearray(cap.encode(sample()))
    for place, bytes_ in damages:
        data[place % len(data) : place % len(data) + len(bytes_)] = bytes_
    try:
        alert = cap.decode(bytes(data))
    except CapRefused:
        return
    doubts(alert, sample().sent)


def test_an_attachment_is_held_against_what_the_message_says_of_it():
    data = b"picture"
    assert list(damage(data, size=7, digest=digest_of(data))) == []
    assert list(damage(data, size=None, digest=hashlib.sha256(data).hexdigest().upper())) == []
    assert [p.code for p in damage(data, size=8, digest=digest_of(b"other"))] == ["size_differs", "digest_differs"]
    assert [p.code for p in damage(data, size=None, digest="abcd")] == ["digest_differs"]
