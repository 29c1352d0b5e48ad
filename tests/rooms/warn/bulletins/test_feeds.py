"""What leaves the node is signed and readable by others; what comes in is kept once, judged, and never goes round."""

import base64
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.warn.bulletins.test_issuing import INSIDE, content, people, published, submitted  # noqa: F401

from anlan.desk import fetching
from anlan.ground.evidence import door as evidence
from anlan.kernel.errors import Conflict, NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.warn.bulletins import foreign, services, signing
from anlan.warn.bulletins.models import Bulletin, ForeignWarning, Subscription
from anlan.warn.hazards import door as hazards
from anlan.warn.hazards.models import HazardSignal
from anlan.wire import cap, cap_cn
from anlan.wire.cap import signature
from anlan.wire.feeds.inward import LinkRefused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    """A node's folder of the test's own."""
    settings.ANLAN = settings.ANLAN | {"HOME": tmp_path}


def test_what_goes_out_is_signed_valid_by_the_schema_and_verified_with_the_served_certificate(people, clock, client, shared):  # noqa: F811
    bulletin = published(people, clock, area=INSIDE)
    data = client.get(f"/cap/{bulletin.identifier}.xml").content
    etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd"))).assertValid(etree.fromstring(data))
    served = client.get("/cap/certificate.pem").content
    verified = signature.verify(data, signature.Trust(certificates=(served,)), now=clock.now())
    assert verified.alert.identifier == bulletin.identifier
    assert verified.fingerprint == Bulletin.objects.get(pk=bulletin.pk).signed_by
    with pytest.raises(signature.SignatureRefused):
        signature.verify(data.replace("关闭".encode(), "打开".encode()), signature.Trust(certificates=(served,)), now=clock.now())


def test_after_a_rotation_the_new_key_signs_and_the_old_certificate_is_still_served(clock):
    first = signing.ensure(clock.now())
    assert signing.ensure(clock.now()).fingerprint == first.fingerprint
    clock.advance(days=1)
    second = signing.rotate(clock.now())
    assert signing.ensure(clock.now()).fingerprint == second.fingerprint
    assert signing.certificates(clock.now()).count(b"BEGIN CERTIFICATE") == 2
    clock.advance(days=715)
    assert signing.ensure(clock.now()).fingerprint not in {first.fingerprint, second.fingerprint}
    assert (signing.folder() / f"{first.name}.key").stat().st_mode & 0o077 == 0


def test_a_warning_is_not_held_back_for_a_broken_key(people, clock):  # noqa: F811
    pair = signing.ensure(clock.now())
    (signing.folder() / f"{pair.name}.key").write_text("no key")
    assert published(people, clock).signed_by not in ("", pair.fingerprint)
    for file in signing.folder().iterdir():
        file.unlink()
    signing.folder().rmdir()
    signing.folder().write_text("in the way")
    clock.advance(hours=7)
    unsigned = published(people, clock)
    assert (unsigned.state, unsigned.signed_by) == ("published", "")
    assert "未签名" in client_of(people["writer"]).get(f"/warnings/{unsigned.pk}/").content.decode()


def test_a_standard_reader_reads_both_feeds_and_never_an_exercise(people, clock, client):  # noqa: F811
    real = published(people, clock)
    published_exercise = services.draft(actor=actor_of(people["writer"]), now=clock.now(), exercise=True, **content(clock))
    services.submit(published_exercise, actor=actor_of(people["writer"]), now=clock.now())
    services.approve(published_exercise, actor=actor_of(people["approver"]), now=clock.now())
    for address in ("/cap/feed.atom", "/cap/feed.rss"):
        answer = client.get(address)
        read = feedparser.parse(answer.content)
        assert not read.bozo
        assert [entry.title for entry in read.entries] == [real.headline]
        assert [link.href for link in read.entries[0].links if link.href.endswith(f"/cap/{real.identifier}.xml")]
        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    for address in (".xml", ".cn.xml"):
        assert client.get(f"/cap/{published_exercise.identifier}{address}").status_code == 404


def test_the_same_message_in_the_form_of_the_release_platforms(people, clock, client):  # noqa: F811
    bulletin = published(people, clock)
    read = cap_cn.decode(client.get(f"/cap/{bulletin.identifier}.cn.xml").content)
    assert (read.identifier, read.infos[0].event_type, read.infos[0].severity) == (bulletin.identifier, "12D00", cap_cn.Level.RED)


PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def test_files_that_were_there_on_submission_go_out_with_their_digest(people, clock, client):  # noqa: F811
    from django.core.files.uploadedfile import SimpleUploadedFile

    writer = actor_of(people["writer"])
    bulletin = services.draft(actor=writer, now=clock.now(), **content(clock))
    kept = evidence.attach(bulletin, SimpleUploadedFile("map.png", PICTURE), actor=writer, now=clock.now(), caption="疏散路线图")
    services.submit(bulletin, actor=writer, now=clock.now())
    clock.advance(seconds=1)
    services.approve(bulletin, actor=actor_of(people["approver"]), now=clock.now())
    resource = cap.decode(bytes(bulletin.message)).infos[0].resources[0]
    assert (resource.resource_desc, resource.mime_type, resource.size) == ("疏散路线图", "image/png", len(PICTURE))
    import hashlib

    assert resource.digest == hashlib.sha1(PICTURE, usedforsecurity=False).hexdigest()
    answer = client.get(f"/cap/{resource.uri}")
    assert b"".join(answer.streaming_content) == PICTURE
    later = evidence.attach(bulletin, SimpleUploadedFile("b.png", PICTURE + b"\0"), actor=writer, now=clock.now())
    assert client.get(f"/cap/{bulletin.identifier}/{later.id}").status_code == 404
    assert kept.id != later.id


def test_further_languages_go_out_beside_chinese_and_english(people, clock):  # noqa: F811
    words = {"ug": {"headline": "ئاگاھلاندۇرۇش", "description": "…", "instruction": "…"}}
    bulletin = published(people, clock, texts=words, headline_en="Red warning", description_en="Chlorine.", instruction_en="Stay in.")
    infos = cap.decode(bytes(bulletin.message)).infos
    assert [info.language for info in infos] == ["zh-CN", "en-US", "ug-CN"]


def alert(number=1, *, sender="warn.example.org", kind=cap.MessageType.ALERT, references=(), clock, **changes):
    info = cap.Info(
        categories=(cap.message.Category.MET,),
        event="Rainstorm",
        urgency=cap.Urgency.IMMEDIATE,
        severity=cap.Severity.SEVERE,
        certainty=cap.Certainty.OBSERVED,
        headline=f"暴雨 {number}",
        description="将有大雨",
        expires=clock.now() + timedelta(hours=3),
        parameters=changes.pop("parameters", ()),
        areas=(cap.Area("山区", polygons=(((36.6, 117.0), (36.6, 117.1), (36.7, 117.1), (36.6, 117.0)),)),),
    )
    values = {"status": cap.Status.ACTUAL, "scope": cap.Scope.PUBLIC, "sent": clock.now(), "infos": (info,)} | changes
    return cap.Alert(identifier=f"m{number}", sender=sender, msg_type=kind, references=tuple(references), **values)


@pytest.fixture
def source(people, clock):  # noqa: F811
    leader = make_account("leader", "duty_leader", "370102")
    return foreign.subscribe(actor=actor_of(leader), now=clock.now(), name="邻省气象", url="https://cap.example.org/feed.atom")


def test_a_feed_is_read_and_each_message_kept_once(source, clock):
    entries = [cap.FeedEntry(alert(n, clock=clock), f"https://cap.example.org/{n}.xml", clock.now()) for n in (1, 2)]
    feed = cap.encode_feed(
        feed_id="x", title="t", href="https://cap.example.org/feed.atom", author="a", updated=clock.now(), entries=entries
    )
    bodies = {"https://cap.example.org/feed.atom": feed} | {e.href: cap.encode(e.alert) for e in entries}
    asked = []

    def fetch(url, **_named):
        asked.append(url)
        if url.endswith("2.xml") and asked.count(url) == 1:
            raise fetching.FetchFailed(url=url, why="HTTP 500")
        return fetching.Fetched(bodies[url], url, etag='"e"')

    assert foreign.read_due(clock.now(), fetch=fetch) == 1
    source.refresh_from_db()
    assert source.trouble[0]["facts"] == {"count": "1"}
    assert foreign.read_due(clock.now(), fetch=fetch) == 0, "not before its time"
    clock.advance(minutes=5)
    assert foreign.read_due(clock.now(), fetch=fetch) == 1
    clock.advance(minutes=5)
    assert foreign.read_due(clock.now(), fetch=fetch) == 0
    assert asked.count("https://cap.example.org/1.xml") == 1
    assert sorted(ForeignWarning.objects.values_list("headline", "signature")) == [("暴雨 1", "none"), ("暴雨 2", "none")]
    assert Bulletin.objects.count() == 0, "nothing is issued by itself"


def test_one_bad_feed_costs_the_others_nothing(source, clock):
    Subscription.objects.create(place_code="370102", name="坏", url="https://bad.example.org/")

    def fetch(url, **_named):
        if "bad" in url:
            raise fetching.FetchFailed(url=url, why="HTTP 500")
        return fetching.Fetched(cap.encode(alert(clock=clock)), url)

    assert foreign.read_due(clock.now(), fetch=fetch) == 1
    assert Subscription.objects.get(name="坏").trouble


def test_the_signature_is_told_as_it_is(source, clock):
    pair = signing.ensure(clock.now())
    signed = signature.sign(alert(clock=clock), key=pair.key, certificate=pair.certificate)
    assert foreign.take_in(source, signed, clock.now())[0].signature == "unverified"
    ForeignWarning.objects.all().delete()
    source.certificates = pair.certificate.decode()
    assert foreign.take_in(source, signed, clock.now())[0].signature == "verified"
    ForeignWarning.objects.all().delete()
    broken = foreign.take_in(source, signed.replace("将有大雨".encode(), "没有大雨".encode()), clock.now())[0]
    assert broken.signature == "broken"
    assert broken.doubts[0]["sentence"]


def test_a_cancellation_ends_what_it_names_but_never_a_verified_one_by_an_unsigned(source, clock):
    first = alert(clock=clock)
    kept, _ = foreign.take_in(source, cap.encode(first), clock.now())
    cancel = alert(2, kind=cap.MessageType.CANCEL, references=[cap.reference_to(first)], clock=clock)
    ForeignWarning.objects.update(signature="verified")
    foreign.take_in(source, cap.encode(cancel), clock.now())
    assert ForeignWarning.objects.get(pk=kept.pk).ended_at is None
    ForeignWarning.objects.update(signature="none")
    again = alert(3, kind=cap.MessageType.CANCEL, references=[cap.reference_to(first)], clock=clock)
    foreign.take_in(source, cap.encode(again), clock.now())
    assert ForeignWarning.objects.get(pk=kept.pk).ended_at is not None


def test_what_is_our_own_does_not_come_back(source, people, clock):  # noqa: F811
    own = published(people, clock)
    mine = cap.decode(bytes(own.message))
    relayed = alert(5, kind=cap.MessageType.UPDATE, references=[cap.reference_to(mine)], clock=clock)
    same_sender = alert(6, sender="37010200000000", clock=clock)
    far = alert(7, parameters=(cap.Parameter("Anlan-hops", "4"),), clock=clock)
    platform = cap_cn.encode(cap_cn.from_cap(mine))
    for data in (bytes(own.message), platform, *map(cap.encode, (relayed, same_sender, far))):
        with pytest.raises(foreign.Looped):
            foreign.take_in(source, data, clock.now())
    assert ForeignWarning.objects.count() == 0


def test_a_message_of_a_release_platform_is_read_too(source, clock, shared):
    data = (shared / "samples/cap_cn/henan_20200205_11B06_update.xml").read_bytes()
    kept, fresh = foreign.take_in(source, data, clock.now())
    assert fresh
    assert kept.sender == "41000041600000"[: len(kept.sender)] or kept.sender


def test_an_officer_takes_a_foreign_warning_over_as_his_own_draft_once(source, people, clock):  # noqa: F811
    kept, _ = foreign.take_in(source, cap.encode(alert(clock=clock, parameters=(cap.Parameter("Anlan-hops", "1"),))), clock.now())
    writer = client_of(people["writer"])
    assert "据此起草" in writer.get(f"/foreign-warnings/{kept.pk}/").content.decode()
    page = writer.get(f"/warnings/new/?foreign={kept.pk}").content.decode()
    assert "暴雨 1" in page
    assert str(kept.pk) in page
    made = services.draft(actor=actor_of(people["writer"]), now=clock.now(), **content(clock))
    foreign.taken_over(kept.pk, made, actor=actor_of(people["writer"]), now=clock.now())
    assert Bulletin.objects.get(pk=made.pk).hops == 2
    with pytest.raises(Conflict):
        foreign.taken_over(kept.pk, made, actor=actor_of(people["writer"]), now=clock.now())


def test_a_feed_that_leads_inward_is_not_registered_nor_by_whom_may_not(people, clock):  # noqa: F811
    leader = actor_of(make_account("leader", "duty_leader", "370102"))
    for url in ("http://127.0.0.1/feed", "http://169.254.169.254/", "http://intranet/feed", "x"):
        with pytest.raises(LinkRefused):
            foreign.subscribe(actor=leader, now=clock.now(), name="n", url=url)
    with pytest.raises(foreign.NoCertificate):
        foreign.subscribe(actor=leader, now=clock.now(), name="n", url="https://a.example.org/", certificates="x")
    with pytest.raises(foreign.NoSuchInterval):
        foreign.subscribe(actor=leader, now=clock.now(), name="n", url="https://a.example.org/", every_minutes=0)
    with pytest.raises(NotPermitted):
        foreign.subscribe(actor=actor_of(people["writer"]), now=clock.now(), name="n", url="https://a.example.org/")


def test_words_are_filled_in_the_editor_and_blanks_are_told(people, clock):  # noqa: F811
    writer = client_of(people["writer"])
    form = {"event_code": "12D00", "level": "red", "issuer_name": "历下区应急管理局", "area_codes": ["370102"], "then": "template"}
    form |= {"onset": "2026-11-22T08:00", "expires": "2026-11-22T20:00", "subject": "某化工厂"}
    page = writer.post("/warnings/new/", form).content.decode()
    assert "某化工厂发生危险化学品泄漏" in page
    assert "Red warning of hazardous chemicals accident" in page
    assert "还有没有填的空" in page
    assert "联系方式" in page


def test_lists_show_what_stands_out_and_lead_to_the_editor(source, people, clock):  # noqa: F811
    made = published(people, clock, event_code="12G00", headline="火灾预警")
    foreign.take_in(source, cap.encode(alert(clock=clock)), clock.now())
    writer = client_of(people["writer"])
    page = writer.get("/bulletins/").content.decode()
    assert made.headline in page
    assert "过期未解除" not in page
    assert "/warnings/new/" in page
    assert "/warning-feeds/" in page
    clock.advance(hours=7)
    assert "过期未解除" in writer.get("/bulletins/").content.decode()
    assert "暴雨 1" in writer.get("/foreign-warnings/").content.decode()


def test_what_a_reading_said_is_told_in_the_language_of_the_reader(source, people, clock):  # noqa: F811
    def fetch(url, **_named):
        raise fetching.FetchFailed(url=url, why="内容过大。")

    foreign.read_due(clock.now(), fetch=fetch)
    odd = alert(clock=clock, sent=clock.now() + timedelta(hours=2))
    kept, _ = foreign.take_in(source, cap.encode(odd), clock.now())
    reader = client_of(people["writer"])
    assert "内容过大" in reader.get(f"/warning-feeds/{source.pk}/").content.decode()
    chinese = reader.get(f"/foreign-warnings/{kept.pk}/").content.decode()
    reader.cookies["anlan_language"] = "en"
    page = reader.get(f"/warning-feeds/{source.pk}/").content.decode()
    assert "it is too large" in page
    assert "内容过大" not in page
    english = reader.get(f"/foreign-warnings/{kept.pk}/").content.decode()
    (doubt,) = [each for each in kept.doubts if "未来" in each["sentence"] or "晚于" in each["sentence"]]
    assert doubt["sentence"].split("{")[0] in chinese
    assert doubt["sentence"].split("{")[0] not in english


def rain(clock, number="1", *, kind=cap.MessageType.ALERT, references=(), **changes):
    """A rainstorm signal of a neighbour for 历下区."""
    told = alert(number, clock=clock, kind=kind, references=references, **changes)
    (info,) = told.infos
    area = cap.Area("历下区", geocodes=(cap.Parameter("CN-geocode", "370102"),))
    return replace(told, infos=(replace(info, event_codes=(cap.Parameter("CN-eventType", "11B03"),), areas=(area,)),))


def test_a_foreign_rain_warning_raises_the_township_grid_once(source, clock):
    now = clock.now()
    data = cap.encode(rain(clock))
    for _ in range(2):
        foreign.take_in(source, data, now)
        deliver_pending()
    signal = HazardSignal.objects.get()
    assert (bytes(signal.raw), signal.via, signal.level) == (data, source.name, 3)
    assert hazards.levels_at(["370102001"], now)["370102001"].level == 3
    first = rain(clock)
    foreign.take_in(source, cap.encode(rain(clock, "2", kind=cap.MessageType.CANCEL, references=[cap.reference_to(first)])), now)
    deliver_pending()
    assert HazardSignal.objects.get(identifier__endswith=",m1").state == "lifted"


def test_what_is_not_believed_or_not_natural_changes_no_township(source, clock):
    now = clock.now()
    chemical = rain(clock)
    (info,) = chemical.infos
    chemical = replace(chemical, infos=(replace(info, event_codes=(cap.Parameter("CN-eventType", "12D00"),)),))
    foreign.take_in(source, cap.encode(chemical), now)
    foreign.take_in(source, cap.encode(rain(clock, "2", status=cap.Status.TEST)), now)
    source.certificates = signing.ensure(now).certificate.decode()
    source.save()
    foreign.take_in(source, cap.encode(rain(clock, "3")), now)
    deliver_pending()
    assert ForeignWarning.objects.count() == 3
    assert not HazardSignal.objects.exists()
