"""EDXL-DE: envelopes are read and written; a content object that is bad is refused for itself, in an envelope that is kept."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.rooms.wire.test_cap import BEIJING, moments, names, rings, words
from tests.rooms.wire.test_cap import sample as cap_sample

from anlan.kernel.errors import Refusal
from anlan.wire import cap, edxl_de
from anlan.wire.edxl_de import (
    Address,
    Content,
    Distribution,
    DistributionRefused,
    DistributionType,
    Embedded,
    OtherContent,
    TargetArea,
    ValueList,
)

NAME = f"{{{cap.message.NAMESPACE}}}alert"


def alert_bytes(alert):
    return etree.tostring(etree.fromstring(cap.encode(alert)), method="c14n", exclusive=True)


def sample() -> Distribution:
    return Distribution(
        distribution_id="D1",
        sender_id="bureau@anlan.example",
        sent=datetime(2026, 11, 22, 8, tzinfo=BEIJING),
        status=cap.Status.ACTUAL,
        type=DistributionType.REPORT,
        combined_confidentiality="内部",
        language="zh-CN",
        contents=(Content(embedded=(Embedded(NAME, alert_bytes(cap_sample())),)),),
    )


lists = st.lists(st.builds(ValueList, names, st.lists(words, min_size=1, max_size=2).map(tuple)), max_size=2).map(tuple)
others = st.builds(
    lambda mime, data, uri: OtherContent(mime, uri, data, len(data), hashlib.sha1(data).hexdigest()),
    st.sampled_from(["image/png", "text/plain"]),
    st.binary(min_size=1, max_size=50),
    st.sampled_from(["", "https://a.example/x"]),
)
contents = st.builds(Content, other=others, description=words, keywords=lists, incident_id=names) | st.builds(
    Content, embedded=st.just(sample().contents[0].embedded), consumer_roles=lists, confidentiality=words
)
areas = st.builds(
    TargetArea,
    circles=st.lists(st.just((36.5, 117.25, 5.0)), max_size=1).map(tuple),
    polygons=st.lists(rings, max_size=1).map(tuple),
    countries=st.just(("CN",)),
    subdivisions=st.lists(st.just("CN-SD"), max_size=1).map(tuple),
)
envelopes = st.builds(
    Distribution,
    distribution_id=names,
    sender_id=names,
    sent=moments,
    status=st.sampled_from([cap.Status.ACTUAL, cap.Status.EXERCISE, cap.Status.TEST]),
    type=st.sampled_from([DistributionType.REPORT, DistributionType.DISPATCH, DistributionType.ACK]),
    combined_confidentiality=words,
    language=st.sampled_from(["", "zh-CN"]),
    sender_roles=lists,
    recipient_roles=lists,
    keywords=lists,
    references=st.lists(st.just("D0,s,2026-01-01T00:00:00+08:00"), max_size=1).map(tuple),
    addresses=st.lists(st.builds(Address, names, st.lists(names, min_size=1, max_size=2).map(tuple)), max_size=2).map(tuple),
    areas=st.lists(areas, max_size=1).map(tuple),
    contents=st.lists(contents, max_size=2).map(tuple),
)


def test_every_sound_envelope_comes_back_as_it_went_and_is_valid_by_the_schema(shared):
    schema = etree.XMLSchema(etree.parse(str(shared / "samples/edxl_schema/EDXL-DE_Schema_v1.0.xsd")))

    @settings(max_examples=12, deadline=None)
    @given(envelopes)
    def holds(envelope):
        written = edxl_de.encode(envelope)
        schema.assertValid(etree.fromstring(written))
        found = edxl_de.decode(written)
        assert (found, found.refused) == (envelope, ())

    holds()


def test_messages_within_are_read():
    found = edxl_de.decode(edxl_de.encode(sample()))
    assert found.alerts == (cap_sample(),)
    assert cap.decode(found.contents[0].embedded[0].data) == cap_sample()


@pytest.mark.parametrize("name", ["bushfire_valid.edxlde", "oasis_example_bushfire.edxlde"])
def test_a_published_envelope_is_read_with_every_message_in_it(shared, name):
    data = (shared / "samples/cap" / name).read_bytes()
    found = edxl_de.decode(data)
    assert (found.distribution_id, found.sender_id, found.status, found.type) == (
        "RFSuniqueID12345",
        "webmaster@rfs.nsw.gov.au",
        "Actual",
        "Report",
    )
    assert found.areas == (TargetArea(subdivisions=("AU-NSW",)),)
    written = data.count(b"<cap:identifier>")
    assert len(found.alerts) == written == len(found.contents) + len(found.refused) > 5
    assert found.alerts[0].infos[0].headline == "One Tree MVA (Unmapped Incident)"
    assert edxl_de.decode(edxl_de.encode(found)) == found


def folder(shared):
    return shared / "samples/edxl_de"


class Unexpected(Refusal):
    code = "unexpected"
    sentence = "有不认识的内容：{name}"


def strict_json(data):
    """Stands for the reader of a national profile: it knows two kinds of content."""
    message = json.loads(data)["message"]
    unknown = set(message) - {"technicalNoreq", "customContent"}
    if unknown or "unknown_property" in message:
        raise Unexpected(name=", ".join(sorted(unknown)))
    return message


def strict_xml(data):
    if b"invalid_key" in data:
        raise Unexpected(name="invalid_key")
    return data


READERS = {**edxl_de.READERS, "application/json": strict_json, "{urn:emergency:eda:1.9}message": strict_xml}


@pytest.mark.parametrize(
    ("name", "contents_", "refused"),
    [
        ("valid__EDXL-DE__EDXL-DE.json", 2, []),
        ("valid__custom-error__custom-error.json", 2, []),
        ("valid__EDXL-DE__EDXL-DE.xml", 1, []),
        ("failing__EDXL-DE__unparsable-content.json", 0, [1]),
        ("failing__EDXL-DE__invalid-content-valid-envelope.xml", 0, [1]),
    ],
)
def test_published_envelopes_of_2_0_keep_their_address_whatever_is_in_them(shared, name, contents_, refused):
    found = edxl_de.decode((folder(shared) / name).read_bytes(), READERS)
    assert (len(found.contents), [each.number for each in found.refused]) == (contents_, refused)
    assert found.addresses[0].scheme == "hubex"
    assert found.language == "fr-FR"
    assert found.expires.year == 2072
    assert all("不认识的内容" in each.message() for each in found.refused)
    assert found.type == ("Error" if "error" in name else "Report")


def test_contents_nobody_reads_are_kept_as_they_came(shared):
    found = edxl_de.decode((folder(shared) / "failing__EDXL-DE__unparsable-content.json").read_bytes())
    embedded = found.contents[0].embedded[0]
    assert (embedded.name, embedded.value) == ("application/json", None)
    assert json.loads(embedded.data)["message"]["unknown_property"] == "unknown_value"


GOOD = edxl_de.encode(sample()).decode()


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("<de:distributionID>D1", "<de:distributionID>", {"de_absent"}),
        ("<de:distributionID>D1", "<de:distributionID>D,1", {"de_commas"}),
        ("<de:senderID>bureau@anlan.example</de:senderID>", "", {"de_absent"}),
        ("<de:senderID>", "<de:senderID>x</de:senderID><de:senderID>", {"de_twice"}),
        ("2026-11-22T08:00:00+08:00", "2026-11-22T08:00:00", {"de_no_moment"}),
        ("<de:dateTimeSent>2026-11-22T08:00:00+08:00", "<de:dateTimeSent>", {"de_absent"}),
        (">Actual</de:dist", ">Draft</de:dist", {"de_not_one_of"}),
        (">Actual</de:dist", ">Real</de:dist", {"de_not_one_of"}),
        (">Report<", ">Update<", {"de_reference_absent"}),
        (">Report<", ">Cancel<", {"de_reference_absent"}),
        (">Report<", "><", {"de_absent"}),
        (">内部<", "><", {"de_absent"}),
        ("<de:contentObject>", "<de:targetArea/><de:contentObject>", {"de_area_empty"}),
        (
            "<de:contentObject>",
            "<de:targetArea><de:polygon>1,2 3</de:polygon><de:country>CN</de:country></de:targetArea><de:contentObject>",
            {"de_bad_polygon"},
        ),
        (
            "<de:contentObject>",
            "<de:targetArea><de:polygon>117,36 117,36 117,36 117,36</de:polygon></de:targetArea><de:contentObject>",
            {"de_bad_polygon"},
        ),
        ("<de:contentObject>", "<de:targetArea><de:circle>36,117 -1</de:circle></de:targetArea><de:contentObject>", {"de_bad_circle"}),
        (
            "<de:contentObject>",
            "<de:targetArea><de:circle>36 117</de:circle><de:country>CN</de:country></de:targetArea><de:contentObject>",
            {"de_bad_circle"},
        ),
        ("EDXL:DE:1.0", "EDXL:DE:9", {"de_not_an_envelope"}),
        ("<de:EDXL", '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><de:EDXL', {"xml_document_type"}),
        ("</de:EDXLDistribution>", "", {"xml_broken"}),
    ],
)
def test_an_envelope_that_cannot_be_believed_is_refused_by_name(old, new, codes):
    assert old in GOOD
    with pytest.raises(DistributionRefused) as refused:
        edxl_de.decode(GOOD.replace(old, new, 1).encode())
    assert refused.value.codes == codes


DATA = base64.b64encode(b"picture").decode()


@pytest.mark.parametrize(
    ("bad", "codes"),
    [
        ("", {"de_no_content"}),
        ("<de:xmlContent/>", {"de_no_content"}),
        (f"<de:nonXMLContent><de:contentData>{DATA}</de:contentData></de:nonXMLContent>", {"de_mime_type_absent"}),
        ("<de:nonXMLContent><de:mimeType>image/png</de:mimeType></de:nonXMLContent>", {"de_nothing_attached"}),
        (
            "<de:nonXMLContent><de:mimeType>a/b</de:mimeType><de:uri>x</de:uri><de:contentData>%</de:contentData></de:nonXMLContent>",
            {"de_bad_base64"},
        ),
        (
            f"<de:nonXMLContent><de:mimeType>a/b</de:mimeType><de:size>9</de:size><de:contentData>{DATA}</de:contentData></de:nonXMLContent>",
            {"size_differs"},
        ),
        (
            f"<de:nonXMLContent><de:mimeType>a/b</de:mimeType><de:digest>00</de:digest><de:contentData>{DATA}</de:contentData></de:nonXMLContent>",
            {"digest_differs"},
        ),
        (
            f"<de:xmlContent><de:embeddedXMLContent><alert xmlns='{cap.message.NAMESPACE}'><identifier>a b</identifier></alert></de:embeddedXMLContent></de:xmlContent>",
            {"characters", "missing", "no_info"},
        ),
    ],
)
def test_one_bad_content_never_costs_the_envelope_or_the_others(bad, codes):
    found = edxl_de.decode(GOOD.replace("<de:contentObject>", f"<de:contentObject>{bad}</de:contentObject><de:contentObject>", 1).encode())
    assert found.contents == sample().contents
    assert [(each.number, each.codes) for each in found.refused] == [(1, codes)]
    assert "第 1 项" in found.refused[0].message()


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (replace(sample(), references=("D0",)), "de_not_a_reference"),
        (replace(sample(), expires=sample().sent), "de_expires_first"),
        (replace(sample(), edition=edxl_de.Edition.V2_0), "de_not_one_of"),
        (replace(sample(), contents=(Content(),)), "de_no_content"),
        (replace(sample(), contents=(replace(sample().contents[0], other=OtherContent("a/b", "x")),)), "de_two_contents"),
        (replace(sample(), contents=(Content(embedded=(Embedded("x", b"<x/>"),)),)), "de_broken_xml"),
        (replace(sample(), contents=(Content(embedded=(Embedded("x", b"rubbish"),)),)), "xml_broken"),
        (replace(sample(), language="\x00"), "not_writable"),
    ],
)
def test_nothing_unsound_is_ever_written(envelope, code):
    with pytest.raises(DistributionRefused) as refused:
        edxl_de.encode(envelope)
    assert code in refused.value.codes


def test_contents_beyond_measure_are_not_lost_in_silence():
    whole = GOOD.split("<de:contentObject>")[1].removesuffix("</de:EDXLDistribution>")
    found = edxl_de.decode(
        GOOD.replace("</de:EDXLDistribution>", f"<de:contentObject>{whole}" * 1000 + "</de:EDXLDistribution>").encode(), {}
    )
    assert len(found.contents) == 1000
    assert [(each.number, each.codes) for each in found.refused] == [(1001, {"de_too_many_contents"})]


@pytest.mark.parametrize("data", [b"{", b"{}", b'{"content": 7}', b'{"a":' * 50_000])
def test_json_that_is_no_envelope_is_refused(data):
    with pytest.raises(DistributionRefused):
        edxl_de.decode(data)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=100) | st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=4)), max_size=4))
def test_damaged_envelopes_are_read_or_refused_and_never_crash(damage):
    if isinstance(damage, bytes):
        data = damage
    else:
        written = bytearray(GOOD.encode())
        for place, bytes_ in damage:
            written[place % len(written) : place % len(written) + len(bytes_)] = bytes_
        data = bytes(written)
    try:
        edxl_de.decode(data)
    except DistributionRefused:
        return
