"""Pages and interface of public opinion: guesses look like guesses, hostile text stays text, personal data is masked, keys bring posts in."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.sense.opinion.conftest import NOW, raw, take

from anlan.desk.resource.declare import Sheet, SheetColumn
from anlan.desk.resource.importing import reading
from anlan.ground.people import queries as people
from anlan.ground.people import services as people_services
from anlan.ground.people.refusals import KeySendsListedOnly
from anlan.kernel.errors import Refusal
from anlan.report.filings.models import Filing
from anlan.sense.opinion import importing
from anlan.sense.opinion.models import Arrangement, Post, Topic, TopicLink

pytestmark = pytest.mark.django_db
LEAK = "历下区一化工厂氯气泄漏，3人中毒送医<script>alert(1)</script>&lt;img src=x onerror=alert(2)&gt;，死者张建国先生电话13812345678"


def signed_in(kind="duty_officer", place="370102") -> Client:
    return client_of(make_account(f"{kind}-{place}".replace("_", "-"), kind, place))


@pytest.fixture
def leak(net, city_officer):
    """A topic of two posts."""
    take(
        city_officer,
        raw(LEAK, 40, account="某某某", author_type="person"),
        raw("朋友说历下区那个化工厂漏氯了，味道很大", 20, platform="论坛"),
    )
    return Topic.objects.get()


def test_the_page_of_a_topic_tells_guesses_as_guesses_with_their_words_and_reasons(leak):
    page = signed_in().get(f"/opinion/topics/{leak.pk}/").content.decode()
    for told in ("未经核实", "chip-guess", "氯气泄漏</mark>", "类别相同", "见于 1 条帖文", "系统不判定真假", "opinion-bar"):
        assert told in page, told
    assert "chip-settled" not in page


def test_hostile_text_is_shown_as_text_and_nothing_of_it_runs_or_is_fetched(leak):
    page = signed_in().get(f"/opinion/topics/{leak.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_names_and_numbers_are_masked_for_those_who_may_not_see_them(leak):
    post = Post.objects.get(platform="微博")
    for kind, plain in (("inspector", False), ("duty_officer", True)):
        client = signed_in(kind)
        for address in (f"/opinion/topics/{leak.pk}/", f"/opinion/posts/{post.pk}/"):
            page = client.get(address).content.decode()
            assert ("13812345678" in page) is plain
            assert ("张建国" in page) is plain
            assert ("某某某" in page) is plain
        exported = b"".join(client.get("/opinion-posts/export/?format=csv").streaming_content).decode()
        assert "13812345678" not in exported


def test_lists_tell_topics_rumours_and_posts_and_other_counties_get_none(leak):
    client = signed_in("duty_leader")
    assert leak.title in client.get("/opinion-topics/").content.decode()
    assert leak.title not in client.get("/opinion-rumours/").content.decode()
    client.post(f"/opinion/topics/{leak.pk}/judge/", {"verdict": "false", "grounds": "电话核实，没有泄漏"})
    assert "不实（谣言）" in client.get("/opinion-rumours/").content.decode()
    assert "漏氯" in client.get("/opinion-posts/").content.decode()
    other = signed_in("duty_leader", "370103")
    assert leak.title not in other.get("/opinion-topics/").content.decode()
    assert other.get(f"/opinion/topics/{leak.pk}/").status_code == 404
    assert other.post(f"/opinion/topics/{leak.pk}/judge/", {"verdict": "false", "grounds": "x"}).status_code == 404


def test_a_verdict_without_grounds_is_refused_on_the_page(leak):
    answer = signed_in("duty_leader").post(f"/opinion/topics/{leak.pk}/judge/", {"verdict": "true", "grounds": ""})
    assert answer.status_code == 422
    assert not Topic.objects.exclude(verdict="").exists()


def test_what_a_person_confirms_looks_different(leak):
    client = signed_in()
    client.post(f"/opinion/topics/{leak.pk}/settle/", {"kind": "hazchem_leak", "place_code": "370102", "title": leak.title})
    assert "chip-settled" in client.get(f"/opinion/topics/{leak.pk}/").content.decode()
    assert client.post(f"/opinion/topics/{leak.pk}/settle/", {"kind": "x", "place_code": "370102"}).status_code == 422


def test_posts_are_split_and_the_split_is_undone_on_the_page(leak):
    client, post = signed_in(), Post.objects.get(platform="论坛")
    assert client.post(f"/opinion/topics/{leak.pk}/arrange/", {"do": "split"}).status_code == 422
    client.post(f"/opinion/topics/{leak.pk}/arrange/", {"do": "split", "post": str(post.pk), "reason": "另一家厂"})
    made = Arrangement.objects.get()
    assert "另一家厂" in client.get(f"/opinion/topics/{leak.pk}/").content.decode()
    client.post(f"/opinion/topics/{leak.pk}/undo/{made.pk}/")
    post.refresh_from_db()
    assert post.topic_id == leak.pk
    gone = client.get(f"/opinion/topics/{made.target_id}/")
    assert (gone.status_code, gone.url) == (302, f"/opinion/topics/{leak.pk}/")


def test_a_report_begun_from_a_topic_marks_each_guess_and_is_linked_by_whoever_wrote_it(leak):
    client = signed_in()
    page = client.get(f"/filings/new/?opinion={leak.pk}").content.decode()
    for told in ("以下各项是推测", "事件类别（推测）", "data-guess", "见于 1 条帖文"):
        assert told in page, told
    values = {
        "kind": "hazchem_leak",
        "title": "液氯泄漏",
        "occurred_at": "2026-11-26T08:40",
        "known_at": "2026-11-26T09:00",
        "place_code": "370102",
        "location": "厂区",
        "source": "phone",
        "then": "save",
    }
    wrong = client.post(f"/filings/new/?opinion={leak.pk}", {**values, "title": ""})
    assert wrong.status_code == 422
    assert "事件类别（推测）" in wrong.content.decode()
    client.post(f"/filings/new/?opinion={leak.pk}", values)
    link = TopicLink.objects.get()
    filing = Filing.objects.get()
    assert (link.subject_id, link.state) == (filing.pk, "linked")
    assert leak.title in client.get(f"/filings/{filing.pk}/").content.decode()
    assert "（推测）" not in client.get("/filings/new/").content.decode()
    assert client.get(f"/filings/new/?opinion={filing.pk}").status_code == 404


def test_a_proposed_report_is_turned_down_or_linked_by_hand(leak):
    client = signed_in()
    values = {
        "kind": "hazchem_leak",
        "title": "液氯泄漏",
        "occurred_at": "2026-11-26T08:40",
        "known_at": "2026-11-26T09:00",
        "place_code": "370102",
        "location": "厂区",
        "source": "phone",
        "then": "save",
    }
    client.post("/filings/new/", values)
    filing = Filing.objects.get()
    assert "是同一件事" in client.get(f"/opinion/topics/{leak.pk}/").content.decode()
    client.post(f"/opinion/topics/{leak.pk}/link/", {"kind": "filing", "subject": str(filing.pk), "linked": "0"})
    assert TopicLink.objects.get().state == "rejected"
    client.post(f"/opinion/topics/{leak.pk}/link/", {"link": str(TopicLink.objects.get().pk)})
    client.post(f"/opinion/topics/{leak.pk}/link/", {"kind": "filing", "subject": str(filing.pk), "linked": "1"})
    assert TopicLink.objects.get().state == "linked"
    assert client.post(f"/opinion/topics/{leak.pk}/link/", {"kind": "filing", "subject": str(leak.pk), "linked": "1"}).status_code == 422


def test_a_post_is_erased_with_a_reason(leak):
    client, post = signed_in("duty_leader"), Post.objects.get(platform="微博")
    client.post(f"/opinion/posts/{post.pk}/erase/", {"reason": ""})
    assert Post.objects.get(pk=post.pk).text
    client.post(f"/opinion/posts/{post.pk}/erase/", {"reason": "本人要求"})
    assert "本人要求" in client.get(f"/opinion/posts/{post.pk}/").content.decode()
    assert signed_in("inspector").post(f"/opinion/posts/{post.pk}/erase/", {"reason": "x"}).status_code == 403


def issue(kind, writes, actions=("opinion.view",)):
    security = actor_of(make_account(f"security-{kind}".replace("_", "-"), "security_admin", "370102"))
    account = make_account(f"system-{kind}".replace("_", "-"), kind, "370102")
    (holding,) = people.holdings_of(account.id, NOW)
    issued = people_services.issue_key(
        holding.id, label="采集", actions=actions, writes=writes, expires_at=NOW + timedelta(days=9), actor=security, now=NOW
    )
    return Client(headers={"Authorization": f"Bearer {issued.key.username}.{issued.secret}"})


def test_a_key_of_a_bureau_brings_posts_in_and_nothing_else(net):
    collector = issue("bureau_clerk", ("opinion.import",))
    sent = [raw("历下区化工厂氯气泄漏"), raw("", 3), raw("历下区一仓库起火")]
    answer = collector.post("/api/v1/opinion/posts", json.dumps({"posts": sent}), content_type="application/json")
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("new", "twice", "bad", "topics")} == {"new": 2, "twice": 0, "bad": 1, "topics": 2}
    assert answer.json()["faults"][0]["code"] == "opinion_post_empty"
    lines = "\n".join(json.dumps(each) for each in sent)
    assert collector.post("/api/v1/opinion/posts", lines, content_type="application/x-ndjson").json()["twice"] == 2
    topic = Topic.objects.all()[0]
    for address in (f"/opinion/topics/{topic.pk}/judge/", f"/opinion/topics/{topic.pk}/arrange/", "/api/v1/hazards/take"):
        assert collector.post(address, {}).status_code in {302, 401, 403}
    assert collector.get("/api/v1/opinion-topics").status_code == 200


def test_a_key_that_only_reads_and_one_that_asks_for_more_bring_nothing_in(net):
    reader = issue("bureau_clerk", ())
    assert reader.post("/api/v1/opinion/posts", "{}", content_type="application/json").status_code == 403
    assert Client().post("/api/v1/opinion/posts", "{}", content_type="application/json").status_code == 401
    with pytest.raises(KeySendsListedOnly):
        issue("duty_leader", ("opinion.judge",))
    with pytest.raises(KeySendsListedOnly):
        issue("inspector", ("opinion.import",))


@pytest.mark.parametrize("body", ["", "[]", "7", '{"posts": 1}', "[1]", "not json", "[" * 5000])
def test_what_is_no_post_is_refused_whole(net, body):
    answer = signed_in().post("/api/v1/opinion/posts", body, content_type="application/json")
    assert answer.status_code == 422


def test_a_file_is_cleaned_row_by_row_and_json_lines_are_a_sheet_as_well(net, county_officer, tmp_path):
    sheet = Sheet(
        (
            SheetColumn("platform", "平台", required=True),
            SheetColumn("published_at", "发布时间"),
            SheetColumn("text", "正文"),
            SheetColumn("media", "媒体"),
        ),
        write=importing.write,
    )
    file = tmp_path / "posts.jsonl"
    lines = [
        raw("历下区一仓库起火", media=["https://e.cn/1", "https://e.cn/2"]),
        {"平台": "论坛", "正文": "历下区氯气泄漏", "发布时间": "2026-11-26 08:00"},
    ]
    file.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in lines), encoding="utf-8")
    with pytest.raises(Refusal):
        reading.read(file, sheet)  # the same column under two names
    file.write_text(
        "\n".join(json.dumps(each) for each in (lines[0], raw("历下区氯气泄漏"), raw(" "), raw("x", 1, published_at="昨天"))),
        encoding="utf-8",
    )
    rows = [{**dict.fromkeys(("url", "forwards")), **texts} for _number, texts in reading.read(file, sheet).cells()]
    refused = importing.resolve(rows, actor=county_officer, now=NOW)
    assert {index: column for index, (column, _why) in refused.items()} == {2: "text", 3: "published_at"}
    assert importing.write(rows[:2], actor=county_officer, now=NOW) == 2
    assert Post.objects.get(kind="fire").media == ["https://e.cn/1", "https://e.cn/2"]
    file.write_text('{"platform": "a"}\n[1]', encoding="utf-8")
    with pytest.raises(reading.LineUnreadable):
        reading.read(file, sheet)
