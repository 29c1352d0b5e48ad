"""Feeds: ours are read by a standard reader; those of others are read entry by entry; nothing they link to leads inward unseen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLSigner
from tests.rooms.wire.test_cap import alerts, sample
from tests.rooms.wire.test_cap_signature import NOW, bureau  # noqa: F401 - a fixture

from anlan.wire import cap, feeds
from anlan.wire.cap.encode import element
from anlan.wire.cap.signature import Trust, verify
from anlan.wire.feeds.decode import MOST_ENTRIES

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
HREF = "https://anlan.example/cap/1.xml"
PAGE = "https://anlan.example/warnings/1/"


def atom(*entries, **changes):
    return cap.encode_feed(
        feed_id="https://anlan.example/feed",
        title="某县预警",
        href="https://anlan.example/feed",
        author="某县应急管理局",
        updated=AT,
        entries=entries or [cap.FeedEntry(sample(), HREF, AT, size=1234, page=PAGE)],
    )


def rss(*entries):
    return cap.encode_rss(
        title="某县预警",
        description="某县应急管理局发布的预警",
        href="https://anlan.example/feed.rss",
        page="https://anlan.example/",
        language="zh-CN",
        updated=AT,
        entries=entries or [cap.FeedEntry(sample(), HREF, AT, size=1234, page=PAGE)],
    )


@pytest.mark.parametrize("written", [atom(), rss()], ids=["atom", "rss"])
def test_a_standard_reader_reads_our_feeds(written):
    read = feedparser.parse(written)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version in ("atom10", "rss20")
    assert read.feed.title == "某县预警"
    entry = read.entries[0]
    assert (entry.title, entry.link, entry.id) == ("危险化学品事故", PAGE, "urn:cap:37010200000000_20261122021800_0")
    assert (HREF, "application/cap+xml", "1234") in [(link.href, link.type, link.get("length")) for link in entry.links]
    assert feeds.decode(written).entries[0].message_link == HREF
    assert entry["updated_parsed" if read.version == "atom10" else "published_parsed"][:6] == (2026, 11, 22, 1, 2, 3)


def test_our_rss_is_valid_by_the_schema(shared):
    etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/rss-2_0.xsd"))).assertValid(etree.fromstring(rss()))


@pytest.mark.parametrize("write", [atom, rss])
def test_every_message_can_be_announced_and_read_again(write):
    @settings(max_examples=10, deadline=None)
    @given(alerts)
    def holds(alert):
        feed = feeds.decode(write(cap.FeedEntry(alert, HREF, AT)))
        assert feed.refused == ()
        assert [(e.id, e.updated, e.message_link) for e in feed.entries] == [(f"urn:cap:{alert.identifier}", AT, HREF)]
        info = alert.infos[0]
        assert feed.entries[0].title == " ".join((info.headline or info.event).split())

    holds()


def test_published_feeds_are_read_with_the_messages_within(shared):
    folder = shared / "samples/cap"
    quake = feeds.decode((folder / "oasis_example_earthquake.atom").read_bytes())
    assert [(e.id, e.message.version, e.message.alert.identifier) for e in quake.entries] == [("TRI13970876.1", "1.1", "TRI13970876.1")]
    assert quake.entries[0].message_link == "http://earthquake.usgs.gov/earthquakes/catalogs/cap/us2010apcd"
    assert "<" not in quake.entries[0].summary
    canada = feeds.decode((folder / "canada_signed.atom").read_bytes())
    assert canada.entries[0].message.signed
    assert cap.decode(canada.entries[0].message_bytes) == cap.decode((folder / "canada_signed.cap").read_bytes())
    amber = feeds.decode((folder / "oasis_example_amber.rss").read_bytes())
    assert [(e.id, e.updated) for e in amber.entries] == [("KAR0-0306112239-SW", datetime(2003, 6, 12, 5, 39, tzinfo=UTC))]
    assert amber.entries[0].message_link.endswith("/KAR0-0306112239-SW.cap")


def test_published_feeds_with_faults_lose_the_faulty_entry_and_say_why(shared):
    for name, lacking in (("no_id.atom", "id"), ("no_title.atom", "title")):
        feed = feeds.decode((shared / "samples/cap" / name).read_bytes())
        assert feed.entries == ()
        assert [(r.number, [dict(p.facts) for p in r.problems]) for r in feed.refused] == [(1, [{"name": lacking}])]


@pytest.mark.parametrize(
    ("name", "code"), [("xee.atom", "xml_document_type"), ("earthquake.cap", "not_a_feed"), ("naads_x509_cert.pem", "xml_broken")]
)
def test_what_is_no_feed_is_refused(shared, name, code):
    with pytest.raises(feeds.FeedRefused) as refused:
        feeds.decode((shared / "samples/cap" / name).read_bytes())
    assert refused.value.codes == {code}


GOOD = "<entry><id>good</id><title>好</title><updated>2026-11-22T09:02:03+08:00</updated></entry>"


def feed_with(*entries, head=""):
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {head}>{"".join(entries)}</feed>'.encode()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("<entry><title>x</title><updated>2026-11-22T09:02:03Z</updated></entry>", "lacks"),
        ("<entry><id>b</id><title>x</title></entry>", "lacks"),
        ("<entry><id>b</id><title>x</title><updated>yesterday</updated></entry>", "not_a_moment"),
        ("<entry><id>b</id><title>x</title><updated>2026-11-22T09:02:03</updated></entry>", "not_a_moment"),
        ("<entry><id>b</id><title>x</title><updated>0001-01-01T00:00:00+08:00</updated></entry>", "not_a_moment"),
        (f"<entry><id>{'b' * 1001}</id><title>x</title><updated>2026-11-22T09:02:03Z</updated></entry>", "too_long"),
        (
            "<entry><id>b</id><title>x</title><updated>2026-11-22T09:02:03Z</updated><content>"
            '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a b</identifier></alert></content></entry>',
            "characters",
        ),
        (
            "<entry><id>b</id><title>x</title><updated>2026-11-22T09:02:03Z</updated><content>"
            + '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>' * 2
            + "</content></entry>",
            "several_alerts",
        ),
        (GOOD, "same_id"),
    ],
)
def test_one_bad_entry_never_loses_the_others(bad, code):
    feed = feeds.decode(feed_with(GOOD, bad, GOOD.replace("good", "better")))
    assert [entry.id for entry in feed.entries] == ["good", "better"]
    assert feed.entries[0].updated == AT
    assert [(refused.number, code in refused.codes) for refused in feed.refused] == [(2, True)]
    assert "第 2 条" in feed.refused[0].message()


def test_a_feed_beyond_measure_is_read_as_far_as_the_limit_and_says_so():
    entry = "<entry><id>{0}</id><title>x</title><updated>2026-11-22T09:02:03Z</updated></entry>"
    feed = feeds.decode(feed_with(*(entry.format(n) for n in range(MOST_ENTRIES + 5))))
    assert len(feed.entries) == MOST_ENTRIES
    assert "too_many_entries" in {problem.code for problem in feed.problems}


def test_relative_links_are_joined_to_the_address_of_the_feed():
    entry = GOOD.replace("</entry>", '<link href="../m/1.cap" type="application/cap+xml; charset=utf-8"/><link href=""/></entry>')
    assert feeds.decode(feed_with(entry), "https://a.example/x/feed").entries[0].message_link == "https://a.example/m/1.cap"
    based = feed_with(entry, head='xml:base="https://b.example/y/"')
    assert feeds.decode(based, "https://a.example/x/feed").entries[0].message_link == "https://b.example/m/1.cap"


def test_an_item_of_rss_may_carry_its_message_by_link_enclosure_or_within():
    within = cap.encode(sample()).split(b"?>", 1)[1].decode()
    items = (
        "<item><title>a</title><guid>https://a.example/1.cap</guid></item>",
        '<item><title>b</title><guid isPermaLink="false">b</guid><enclosure url="/2.cap" type="application/cap+xml" length="1"/></item>',
        f"<item><title>c</title><link>https://a.example/3</link>{within}</item>",
        "<item><guid>d</guid></item>",
        "<item><title>e</title></item>",
        "<item><title>f</title><guid>f</guid><pubDate>32 Foo</pubDate></item>",
    )
    data = f"<rss version='2.0'><channel><title>t</title><link>https://a.example/</link>{''.join(items)}</channel></rss>"
    feed = feeds.decode(data.encode(), "https://a.example/feed")
    assert [entry.message_link for entry in feed.entries] == [f"https://a.example/{n}" for n in ("1.cap", "2.cap", "3")]
    assert feed.entries[2].message.alert == sample()
    assert [(r.number, *r.codes) for r in feed.refused] == [(4, "lacks"), (5, "lacks"), (6, "not_a_moment")]


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_signature_survives_the_travel_within_a_feed(bureau, inclusive):  # noqa: F811 - the fixture
    signed = bureau.sign().split(b"?>", 1)[1].decode()
    if inclusive:
        certificate = x509.load_pem_x509_certificate(bureau.certificate)
        whole = XMLSigner(signature_algorithm="ecdsa-sha256").sign(element(sample()), key=bureau.key, cert=[certificate])
        signed = etree.tostring(whole, encoding="unicode")
    entry = GOOD.replace("</entry>", f"<content type='text/xml'>{signed}</content></entry>")
    found = feeds.decode(feed_with(entry, head='xmlns:x="urn:x"')).entries[0]
    assert found.message.signed
    assert verify(found.message_bytes, Trust((bureau.certificate,)), now=NOW + timedelta(hours=1)).alert == sample()


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([GOOD, "<entry/>", "<entry><id/></entry>", "<x/>"]), max_size=6).map(lambda e: feed_with(*e))
)
def test_rubbish_is_refused_and_never_crashes(data):
    try:
        feeds.decode(data)
    except feeds.FeedRefused:
        return


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://www.12379.cn/data/alarm.xml", "www.12379.cn", 443),
        ("http://Example.COM:8080/a?b#c", "example.com", 8080),
        ("http://8.8.8.8/", "8.8.8.8", 80),
        ("http://[2400:3200::1]/", "2400:3200::1", 80),
        ("https://预警.example.cn./", "xn--ghqx0mhln.example.cn", 443),
    ],
)
def test_public_addresses_may_be_fetched(url, host, port):
    target = feeds.refuse_inward(url)
    assert (target.port, target.host.split(".")[-1]) == (port, host.split(".")[-1])
    assert target.host.isascii()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *((url, "link_no_address") for url in ("", "ftp://a.example/", "file:///etc/passwd", "//a.example/", "http://", "http:///x")),
        *(
            (url, "link_no_address")
            for url in ("http://a.example:99999/", "http://a.example:0/", "http://a b.example/", "http://a.example\\@b/")
        ),
        *(
            (url, "link_no_address")
            for url in ("javascript:alert(1)", "http://a.example/\n", "http://[::1/", "http://a.example/" + "x" * 2048)
        ),
        ("http://user:pass@a.example/", "link_credentials"),
        ("http://user@a.example/", "link_credentials"),
        *((f"http://{host}/", "link_inward") for host in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254")),
        *((f"http://{host}/", "link_inward") for host in ("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1")),
        *(
            (f"http://[{host}]/", "link_inward")
            for host in ("::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1")
        ),
        *(
            (f"http://[{host}]/", "link_inward")
            for host in ("64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::", "::ffff:0:7f00:1", "2001:db8::1", "fe80::1%25eth0")
        ),
        *((f"http://{host}/", "link_inward") for host in ("localhost", "LOCALHOST.", "a.localhost", "printer.local", "db", "x.internal")),
        ("http://１２７.0.0.1/", "link_inward"),
        ("http://127。0。0。1/", "link_inward"),
        *((f"http://{host}/", "link_odd") for host in ("2130706433", "127.1", "0177.0.0.1", "0x7f000001", "0x7f.0.0.1", "127.0.0.0x1")),
        *((f"http://{host}/", "link_odd") for host in ("127.0.0.1.1", "256.1.1.1", "a..example", "%31%32%37.0.0.1")),
        *((f"http://{host}/", "link_odd") for host in ("-a.example", "a!.example")),
    ],
)
def test_addresses_that_lead_inward_or_are_spelled_oddly_are_refused(url, code):
    with pytest.raises(feeds.LinkRefused) as refused:
        feeds.refuse_inward(url)
    assert refused.value.code == code
    assert "pass@" not in refused.value.message()


def test_an_administrator_may_admit_a_host_of_the_own_network():
    assert feeds.refuse_inward("http://10.1.2.3/feed", {"10.1.2.3"}).host == "10.1.2.3"
    assert feeds.refuse_inward("http://weather/feed", {"weather"}).port == 80
    with pytest.raises(feeds.LinkRefused):
        feeds.refuse_inward("http://10.1.2.4/feed", {"10.1.2.3"})


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"])
def test_what_a_name_resolves_to_is_judged_alike(address):
    assert feeds.is_inward(address)
    assert not feeds.is_inward("114.114.114.114")
    assert not feeds.is_inward("::ffff:114.114.114.114")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60).map(lambda t: f"http://{t}") | st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        target = feeds.refuse_inward(text)
    except feeds.LinkRefused:
        return
    assert target.host.isascii()


def test_an_alert_without_infos_still_has_a_title():
    acknowledged = replace(sample(), msg_type=cap.MessageType.ACK, infos=(), references=("a,b,2026-11-22T00:00:00+08:00",))
    assert feeds.decode(rss(cap.FeedEntry(acknowledged, HREF, AT))).entries[0].title == acknowledged.identifier
