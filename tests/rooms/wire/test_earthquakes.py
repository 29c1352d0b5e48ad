"""Earthquakes: QuakeML and the feed of the USGS come to the same dataclasses; one bad event never costs the others."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.wire import earthquakes
from anlan.wire.earthquakes import CatalogueRefused, EvaluationMode, EvaluationStatus, Moment, Quantity
from anlan.wire.earthquakes.quakeml import time

HEAD = '<q:quakeml xmlns="http://quakeml.org/xmlns/bed/1.2" xmlns:q="http://quakeml.org/xmlns/quakeml/1.2"><eventParameters publicID="smi:a/b">'
TAIL = "</eventParameters></q:quakeml>"


def document(*events):
    return f"{HEAD}{''.join(events)}{TAIL}".encode()


def event(number=1, *, origin="", magnitude="", more=""):
    return (
        f'<event publicID="smi:org.a/e{number}"><origin publicID="smi:org.a/o{number}"><time><value>2026-11-22T01:02:03.456Z</value></time>'
        f"<latitude><value>36.5</value></latitude><longitude><value>117.25</value></longitude>{origin}</origin>"
        f'<magnitude publicID="smi:org.a/m{number}"><mag><value>5.5</value></mag>{magnitude}</magnitude>{more}</event>'
    )


def sample_of(shared, name):
    return earthquakes.decode((shared / "samples/quakeml" / name).read_bytes())


def test_a_published_event_is_read_with_its_uncertainties_and_how_it_was_judged(shared):
    found = sample_of(shared, "qml-example-1.2-RC3.xml").events[0]
    origin, magnitude = found.origin, found.magnitude
    assert (found.id, found.type) == ("smi:nz.org.geonet/event/2806038g", "earthquake")
    assert origin.time == Moment(datetime(2007, 10, 10, 14, 40, 39, 55000, tzinfo=UTC), 0.51424, confidence=68.0)
    assert origin.latitude == Quantity(-38.28462, 0.02711, confidence=99.0)
    assert origin.depth == Quantity(155.5297, 4.3677, confidence=90.0)
    assert (origin.evaluation_mode, origin.evaluation_status) == (EvaluationMode.MANUAL, EvaluationStatus.CONFIRMED)
    assert (origin.azimuthal_gap, origin.used_phase_count, origin.standard_error) == (203.0, 23, 0.21386)
    assert (magnitude.value, magnitude.type, magnitude.station_count) == (Quantity(3.662, 0.217), "ML", 15)
    assert magnitude.origin_id == origin.id


def test_what_the_source_prefers_is_what_counts(shared):
    found = sample_of(shared, "preferred.xml").events[0]
    assert [o.id for o in found.origins] == ["smi:orig1", "smi:orig2"]
    assert (found.origin.id, found.origin.time.value.year, found.magnitude.value.value) == ("smi:orig2", 2012, 2.0)
    assert found.description == "NEAR EAST COAST OF HONSHU, JAPAN"
    assert {note.code for note in found.notes} == {"short_identifier"}


@pytest.mark.parametrize(
    ("name", "events", "notes"),
    [
        ("neries_events.xml", 3, {"old_edition"}),
        ("usgs_event.xml", 2, set()),
        ("quakeml_1.2_arrival.xml", 1, set()),
        ("quakeml_1.2_data_used.xml", 1, set()),
        ("quakeml_1.2_event.xml", 1, set()),
        ("quakeml_1.2_focalmechanism.xml", 1, set()),
        ("quakeml_1.2_magnitude.xml", 1, set()),
    ],
)
def test_published_documents_are_read_whole(shared, name, events, notes):
    found = sample_of(shared, name)
    assert (len(found.events), found.refused, {note.code for note in found.notes}) == (events, (), notes)


def test_an_old_document_says_null_where_it_says_nothing(shared):
    first = sample_of(shared, "neries_events.xml").events[0]
    assert (first.type, first.origin.depth.value, first.magnitude.type) == ("", 1000.0, "mb")


def test_types_of_events_outside_the_standard_are_kept_and_told(shared):
    blast, quarry = sample_of(shared, "usgs_event.xml").events
    assert (blast.type, [n.code for n in blast.notes]) == ("quarry blast", [])
    assert (quarry.type, [n.code for n in quarry.notes]) == ("quarry", ["unknown_type"])


def test_an_event_may_prefer_what_its_document_does_not_hold(shared):
    found = sample_of(shared, "quakeml_1.2_event.xml").events[0]
    assert (found.origin, found.magnitude, found.withdrawn) == (None, None, False)
    assert {note.code for note in found.notes} == {"preferred_unknown"}


@pytest.mark.parametrize(("name", "code"), [("invalid_enum.xml", "not_allowed"), ("invalid_id.xml", "not_an_identifier")])
def test_published_documents_with_faults_are_refused_by_name(shared, name, code):
    with pytest.raises(CatalogueRefused) as refused:
        sample_of(shared, name)
    assert refused.value.codes == {code}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (event(2, origin="<depthType>guessed</depthType>"), "not_allowed"),
        (event(2, origin="<type>epicenter</type>"), "not_allowed"),
        (event(2, origin="<evaluationMode>robot</evaluationMode>"), "not_allowed"),
        (event(2, magnitude="<evaluationStatus>sure</evaluationStatus>"), "not_allowed"),
        (event(2, more="<typeCertainty>maybe</typeCertainty>"), "not_allowed"),
        (event(2, magnitude="<originID>smi:a/b c</originID>"), "not_an_identifier"),
        (event(2, magnitude="<originID>http://a/b</originID>"), "not_an_identifier"),
        (event(2, origin="<depth><value>deep</value></depth>"), "no_number"),
        (event(2, origin="<depth><value>nan</value></depth>"), "no_number"),
        (event(2, origin="<depth><value>1e999</value></depth>"), "no_number"),
        (event(2, origin="<depth/>"), "lacking"),
        (event(2, origin="<depth><value>1</value><uncertainty>-1</uncertainty></depth>"), "not_positive"),
        (event(2, origin="<depth><value>1</value><confidenceLevel>101</confidenceLevel></depth>"), "not_within"),
        (event(2, origin="<creationInfo><creationTime>now</creationTime></creationInfo>"), "no_time"),
        (event(2).replace("36.5", "136.5"), "not_within"),
        (event(2).replace("117.25", "181"), "not_within"),
        (event(2).replace("2026-11-22T01:02:03.456Z", "2026-13-22T01:02:03Z"), "no_time"),
        (event(2).replace("<time><value>2026-11-22T01:02:03.456Z</value></time>", ""), "lacking"),
        (event(2).replace("<mag><value>5.5</value></mag>", ""), "lacking"),
        (event(2).replace(' publicID="smi:org.a/e2"', ""), "lacking"),
        (event(1), "same_event"),
    ],
)
def test_one_bad_event_never_costs_the_others(bad, code):
    found = earthquakes.decode(document(event(1), bad, event(3)))
    assert [each.id for each in found.events] == ["smi:org.a/e1", "smi:org.a/e3"]
    assert [(refused.number, code in refused.codes) for refused in found.refused] == [(2, True)]
    assert "第 2 个" in found.refused[0].message()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"rubbish", "xml_broken"),
        (b"<quakeml/>", "not_quakeml"),
        (b'<q:quakeml xmlns:q="http://quakeml.org/xmlns/quakeml/1.2"/>', "no_events"),
        (b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + document(event()), "xml_document_type"),
        (document(event(1, origin="<depthType>x</depthType>")), "not_allowed"),
    ],
)
def test_what_is_no_catalogue_is_refused(data, code):
    with pytest.raises(CatalogueRefused) as refused:
        earthquakes.decode(data)
    assert refused.value.codes == {code}


def test_an_empty_catalogue_is_no_fault():
    assert earthquakes.decode(document()).events == ()


def test_without_a_preference_the_first_origin_that_is_not_rejected_counts():
    second = event(1, origin="<evaluationStatus>rejected</evaluationStatus>").replace(
        "</event>", event(9).split(">", 1)[1].split("<magnitude", 1)[0] + "</event>"
    )
    found = earthquakes.decode(document(second)).events[0]
    assert (len(found.origins), found.origin.id, found.withdrawn) == (2, "smi:org.a/o9", False)
    alone = earthquakes.decode(document(event(1, origin="<evaluationStatus>rejected</evaluationStatus>"))).events[0]
    assert (alone.origin, alone.withdrawn) == (None, True)
    gone = earthquakes.decode(document(event(1, more="<type>not existing</type>"))).events[0]
    assert gone.withdrawn


@settings(max_examples=50, deadline=None)
@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(-9000, 700_000),
    st.floats(-2, 10),
    st.floats(0, 1000),
)
def test_every_figure_comes_through_as_it_was_written(moment, latitude, longitude, depth, size, uncertainty):
    data = event(1, origin="<depth><value>DEPTH</value><uncertainty>UNCERTAINTY</uncertainty></depth>").replace("5.5", "SIZE", 1)
    data = data.replace("36.5", repr(latitude)).replace("117.25", repr(longitude)).replace("2026-11-22T01:02:03.456Z", moment.isoformat())
    data = data.replace("DEPTH", repr(depth)).replace("UNCERTAINTY", repr(uncertainty)).replace("SIZE", repr(size))
    found = earthquakes.decode(document(data)).events[0]
    assert found.origin.time.value == moment.replace(tzinfo=UTC)
    assert (found.origin.latitude.value, found.origin.longitude.value) == (latitude, longitude)
    assert (found.origin.depth, found.magnitude.value.value) == (Quantity(depth, uncertainty), size)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T01:02:03", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-22T09:02:03+08:00", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-22T01:02:03.123456789Z", datetime(2026, 11, 22, 1, 2, 3, 123456, tzinfo=UTC)),
        ("2026-11-22", None),
        ("-0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+08:00", None),
    ],
)
def test_times_are_utc_where_they_say_nothing_else(text, moment):
    assert time(text) == moment


# USGS


def feature(**changes):
    properties = {"mag": 5.5, "place": "某县", "time": 1517966773840, "updated": 1517966996303, "status": "reviewed", "magType": "mww"}
    properties |= {"type": "earthquake", "net": "us", "gap": 44, "dmin": 1.5, "rms": 0.5, "nst": None, "url": "https://a.example/e"}
    whole = {"type": "Feature", "id": "us1", "geometry": {"type": "Point", "coordinates": [117.25, 36.5, 10.5]}, "properties": properties}
    for name, value in changes.items():
        if name in ("id", "geometry"):
            whole[name] = value
        elif name == "coordinates":
            whole["geometry"] = {"type": "Point", "coordinates": value}
        else:
            properties[name] = value
    return whole


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "metadata": {"url": "https://a.example/f"}, "features": features}).encode()


def test_a_published_week_is_read_whole(shared):
    data = gzip.decompress((shared / "data/earthquake/usgs_all_week_2018-02.geojson.gz").read_bytes())
    found = earthquakes.decode_geojson(data)
    assert (len(found.events), found.refused) == (1707, ())
    first = found.events[0]
    assert (first.id, first.origin.depth, first.magnitude.value, first.magnitude.type) == ("ci37868143", Quantity(26490), Quantity(2), "ml")
    assert first.origin.time.value == datetime(2018, 2, 7, 1, 26, 13, 840000, tzinfo=UTC)
    assert first.origin.evaluation_mode is EvaluationMode.AUTOMATIC
    assert {event.type for event in found.events} >= {"earthquake", "explosion"}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (feature(id=""), "lacking"),
        (feature(id="us9", time=None), "lacking"),
        (feature(id="us9", time="noon"), "no_time"),
        (feature(id="us9", time=10**30), "no_time"),
        (feature(id="us9", time=True), "no_time"),
        (feature(id="us9", mag="big"), "no_number"),
        (feature(id="us9", coordinates=[117.25, 96.5, 1]), "not_within"),
        (feature(id="us9", coordinates=[117.25]), "lacking"),
        (feature(id="us9", coordinates=["x", 36, 1]), "no_number"),
        (feature(id="us9", geometry=None), "lacking"),
        (feature(id="us9", rms=-1), "not_positive"),
        (feature(id="us1"), "same_event"),
        (7, "lacking"),
    ],
)
def test_one_bad_feature_never_costs_the_others(bad, code):
    found = earthquakes.decode_geojson(collection(feature(), bad, feature(id="us3")))
    assert [each.id for each in found.events] == ["us1", "us3"]
    assert [(refused.number, code in refused.codes) for refused in found.refused] == [(2, True)]


def test_what_a_feed_leaves_open_stays_open():
    found = earthquakes.decode_geojson(collection(feature(mag=None, coordinates=[1, 2, None], updated=None, type="boom"))).events[0]
    assert (found.magnitude, found.origin.depth, found.created) == (None, None, None)
    assert [note.code for note in found.notes] == ["unknown_type"]


def test_an_event_that_was_deleted_is_withdrawn():
    assert earthquakes.decode_geojson(json.dumps(feature(status="deleted")).encode()).events[0].withdrawn
    assert not earthquakes.decode_geojson(collection(feature())).events[0].withdrawn


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"type":"FeatureCollection"}', b"[" * 100_000, b'{"type":"FeatureCollection","features":[NaN]}']
)
def test_what_is_no_feed_is_refused(data):
    with pytest.raises(CatalogueRefused) as refused:
        earthquakes.decode_geojson(data)
    assert refused.value.codes == {"not_usgs"}


def test_both_forms_tell_the_same_event_alike():
    told = feature(id="smi:org.a/e1", time=1795309323456, mag=5.5, coordinates=[117.25, 36.5, 10.5])
    ours = earthquakes.decode_geojson(collection(told)).events[0]
    theirs = earthquakes.decode(document(event(1, origin="<depth><value>10500</value></depth>"))).events[0]
    for one in (ours, theirs):
        assert one.origin.time.value == datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
        assert (one.origin.latitude, one.origin.longitude, one.origin.depth) == (Quantity(36.5), Quantity(117.25), Quantity(10500))
        assert one.magnitude.value == Quantity(5.5)


@settings(max_examples=25, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "properties", "geometry", "coordinates", "time", "mag"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_feature_is_read_or_refused(anything):
    data = json.dumps({"type": "FeatureCollection", "features": [anything]}, allow_nan=False, default=str) if _finite(anything) else "NaN"
    try:
        found = earthquakes.decode_geojson(data.encode())
    except CatalogueRefused:
        return
    assert len(found.events) == 1


def _finite(value):
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    return all(_finite(each) for each in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()))


def test_a_later_word_can_be_told_from_an_earlier_one():
    first = earthquakes.decode_geojson(collection(feature())).events[0]
    later = earthquakes.decode_geojson(collection(feature(updated=1517966996303 + 60_000))).events[0]
    assert later.created - first.created == timedelta(minutes=1)
    assert replace(later, created=first.created, origins=first.origins, magnitudes=first.magnitudes) == first
