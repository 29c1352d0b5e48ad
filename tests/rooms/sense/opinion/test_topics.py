"""Posts taken in, put together, arranged by people, judged, linked, told to those on duty, and erased."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.accounts import make_account
from tests.rooms.sense.opinion.conftest import NOW, raw, take

from anlan.desk.models import Notification
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import AuditEntry
from anlan.report.filings import door as filings
from anlan.sense.opinion import door, matching, queries, refusals, services
from anlan.sense.opinion.models import Arrangement, Post, Topic, Verdict

pytestmark = pytest.mark.django_db
LEAK = "历下区一化工厂氯气泄漏，3人中毒送医，大家快跑"
AGAIN = "朋友说今早历下区那个化工厂漏氯了，味道很大"
FIRE = "市中区一仓库起火，浓烟滚滚"


def only_topic():
    return Topic.objects.get(merged_into=None)


def test_posts_of_one_event_come_together_with_their_reasons_and_others_stay_apart(net, city_officer):
    taken = take(
        city_officer, raw(LEAK, 40), raw(AGAIN, 20, platform="论坛"), raw(FIRE), raw("今天天气不错"), raw("如果发生液氯泄漏怎么办")
    )
    assert (taken.new, taken.topics, taken.faults) == (5, 2, [])
    leak = Topic.objects.get(kind="hazchem_leak")
    assert (leak.place_code, leak.posts_count, leak.sources_count, leak.place_confidence) == ("370102", 2, 2, "high")
    assert leak.casualties == {"injured": {"low": 3, "high": 3, "posts": 1}}
    second = Post.objects.get(platform="论坛")
    assert [each["code"] for each in second.placed] == ["kind", "place", "time"]
    assert Post.objects.filter(topic=None).count() == 2
    entry = AuditEntry.objects.filter(action="opinion.import").get()
    assert entry.content["facts"]["new"] == 5


def test_the_same_post_counts_once_and_refreshes_its_figures(net, city_officer):
    take(city_officer, raw(LEAK, source_id="1", forwards=2), raw(LEAK, source_id="1", forwards=2))
    later = take(
        city_officer,
        raw(LEAK, source_id="1", forwards=90, fetched_at=(NOW + timedelta(minutes=5)).isoformat()),
        now=NOW + timedelta(minutes=6),
    )
    assert (later.new, later.twice, Post.objects.count()) == (0, 1, 1)
    assert Post.objects.get().forwards == 90


def test_a_bad_post_is_told_and_the_good_ones_beside_it_are_kept(net, city_officer):
    taken = take(city_officer, raw(LEAK), raw("", platform=""), raw("x", url="javascript:alert(1)"), raw(FIRE))
    assert taken.new == 2
    assert [(index, type(why)) for index, why in taken.faults] == [(1, refusals.FieldMissing), (2, refusals.NotAnAddress)]


def test_an_exercise_and_a_real_event_are_never_one_and_the_exercise_rings_nobody(net, city_officer):
    make_account("duty", "duty_officer", "370102")
    take(city_officer, raw("历下区开展氯气泄漏应急演练，模拟3人中毒"), raw("历下区氯气泄漏"))
    assert sorted(Topic.objects.values_list("exercise", "posts_count")) == [(False, 1), (True, 1)]
    deliver_pending()
    assert not Notification.objects.exists()


def test_what_has_no_place_is_seen_at_the_level_of_who_brought_it_in_alone(net, city_officer, county_officer):
    take(city_officer, raw("听说有个化工厂爆炸了，死了5个人"), raw(LEAK))
    assert queries.topics(city_officer).count() == 2
    assert [row.kind for row in queries.topics(county_officer)] == ["hazchem_leak"]


def test_other_counties_see_nothing_of_it_and_a_stranger_takes_nothing_in(net, city_officer, other_county_officer):
    take(city_officer, raw(LEAK))
    topic = only_topic()
    assert not queries.topics(other_county_officer).exists()
    assert not queries.posts(other_county_officer).exists()
    for verb in (
        lambda: services.judge(topic.pk, "false", grounds="x", actor=other_county_officer, now=NOW),
        lambda: services.split(topic.pk, [], actor=other_county_officer, now=NOW),
        lambda: services.link(topic.pk, "filing", topic.pk, "x", actor=other_county_officer, now=NOW),
        lambda: services.erase(Post.objects.get().pk, "", actor=other_county_officer, now=NOW),
    ):
        with pytest.raises(NotFound):
            verb()


def test_a_named_enterprise_of_the_register_gives_the_place_and_rings_duty(net, city_officer, plant):
    make_account("duty", "duty_officer", "370102")
    take(city_officer, raw(f"{plant.name}冒黄烟，气味刺鼻，是不是氯气泄漏？"))
    topic = only_topic()
    assert (topic.enterprise_id, topic.place_code) == (plant.pk, plant.place_code)
    deliver_pending()
    told = Notification.objects.get()
    assert "未经核实" in told.sentence
    assert str(topic.pk) in told.url


def test_duty_is_told_once_again_when_it_grows_and_no_more_once_a_report_is_linked(net, city_officer):
    make_account("duty", "duty_officer", "370102")
    take(city_officer, raw(LEAK, 40))
    take(city_officer, raw("历下区化工厂氯气泄漏4人中毒", 30))
    deliver_pending()
    assert Notification.objects.count() == 1
    take(city_officer, raw("历下区化工厂氯气泄漏已死亡1人", 20))
    deliver_pending()
    assert Notification.objects.count() == 2
    services.link(only_topic().pk, "filing", only_topic().pk, "液氯泄漏", actor=city_officer, now=NOW)
    take(city_officer, raw("历下区化工厂氯气泄漏死亡20人", 10))
    deliver_pending()
    assert Notification.objects.count() == 2


def test_a_denial_joins_what_it_denies_and_is_counted_as_such(net, city_officer):
    take(city_officer, raw("网传历下区氯气泄漏死了30人", 50), raw("【辟谣】历下区氯气泄漏致30人死亡系谣言", 10, author_type="official"))
    topic = only_topic()
    assert (topic.posts_count, topic.denials_count) == (2, 1)
    assert topic.casualties["dead"]["posts"] == 1


def test_posts_are_moved_split_and_merged_and_each_is_undone(net, city_officer):
    take(city_officer, raw(LEAK, 40), raw(AGAIN, 30), raw(FIRE))
    leak, fire = Topic.objects.get(kind="hazchem_leak"), Topic.objects.get(kind="fire")
    post = Post.objects.get(text=AGAIN)
    moved = services.move([post.pk], fire.pk, reason="说的是仓库", actor=city_officer, now=NOW)
    post.refresh_from_db()
    assert (post.topic_id, post.by_person) == (fire.pk, True)
    services.undo(moved.pk, actor=city_officer, now=NOW)
    post.refresh_from_db()
    assert (post.topic_id, post.by_person) == (leak.pk, False)
    with pytest.raises(refusals.AlreadyUndone):
        services.undo(moved.pk, actor=city_officer, now=NOW)
    parted = services.split(leak.pk, [post.pk], actor=city_officer, now=NOW)
    assert parted.target.posts.count() == leak.posts.count() == 1
    merged = services.merge(parted.target_id, leak.pk, actor=city_officer, now=NOW)
    assert queries.topic(parted.target_id, city_officer).merged_into_id == leak.pk
    with pytest.raises(refusals.TopicMerged):
        services.judge(parted.target_id, "true", grounds="x", actor=city_officer, now=NOW) if city_officer.may(
            "opinion.judge", place_code="370102"
        ) else services.merge(parted.target_id, fire.pk, actor=city_officer, now=NOW)
    services.undo(merged.pk, actor=city_officer, now=NOW)
    assert queries.topic(parted.target_id, city_officer).merged_into_id is None
    assert Arrangement.objects.count() == 3
    assert AuditEntry.objects.filter(action="opinion.arrange").count() == 5


def test_what_was_moved_since_is_not_undone_and_a_topic_is_never_emptied_by_moving(net, city_officer):
    take(city_officer, raw(LEAK, 40), raw(AGAIN, 30), raw(FIRE))
    leak, fire = Topic.objects.get(kind="hazchem_leak"), Topic.objects.get(kind="fire")
    post = Post.objects.get(text=AGAIN)
    first = services.move([post.pk], fire.pk, actor=city_officer, now=NOW)
    services.move([post.pk], leak.pk, actor=city_officer, now=NOW)
    with pytest.raises(refusals.MovedSince):
        services.undo(first.pk, actor=city_officer, now=NOW)
    with pytest.raises(refusals.WouldBeEmpty):
        services.move(list(fire.posts.values_list("pk", flat=True)), leak.pk, actor=city_officer, now=NOW)
    with pytest.raises(refusals.SameTopic):
        services.merge(leak.pk, leak.pk, actor=city_officer, now=NOW)
    with pytest.raises(refusals.NothingChosen):
        services.move([], leak.pk, actor=city_officer, now=NOW)


def test_a_person_judges_with_grounds_and_earlier_findings_stay(net, city_officer, county_leader):
    take(city_officer, raw(LEAK))
    topic = only_topic()
    with pytest.raises(refusals.GroundsMissing):
        services.judge(topic.pk, "false", grounds=" ", actor=county_leader, now=NOW)
    with pytest.raises(NotPermitted):
        services.judge(topic.pk, "false", grounds="电话核实", actor=city_officer, now=NOW)
    services.judge(topic.pk, "pending", grounds="正在核实", actor=county_leader, now=NOW)
    services.judge(
        topic.pk,
        "false",
        grounds="电话企业，没有泄漏",
        reply="我县未发生此事",
        correction_url="https://example.cn/1",
        actor=county_leader,
        now=NOW + timedelta(minutes=9),
    )
    topic.refresh_from_db()
    assert (topic.verdict, topic.verdict_by_name) == ("false", county_leader.name)
    assert [row.verdict for row in topic.verdicts.all()] == ["false", "pending"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Verdict.objects.all().delete()


def test_what_a_person_settled_is_changed_by_no_post(net, city_officer):
    take(city_officer, raw(LEAK, 40))
    topic = only_topic()
    services.settle(topic.pk, kind="explosion", place_code="370102", title="历下爆炸", actor=city_officer, now=NOW)
    take(
        city_officer,
        raw("历下区一化工厂氯气泄漏，3人中毒送医，大家快跑！！", 20),
        raw("转：历下区一化工厂氯气泄漏，3人中毒送医，大家快跑", 10),
    )
    topic.refresh_from_db()
    assert (topic.posts_count, topic.kind, topic.title) == (3, "explosion", "历下爆炸")
    assert topic.settled["kind"]["by"] == city_officer.name
    with pytest.raises(refusals.NoSuchPlace):
        services.settle(topic.pk, place_code="999999", actor=city_officer, now=NOW)


def filing(actor, **more):
    values = {
        "kind": "hazchem_leak",
        "title": "液氯泄漏",
        "occurred_at": NOW - timedelta(minutes=50),
        "known_at": NOW - timedelta(minutes=40),
        "place_code": "370102",
        "location": "厂区",
        "source": "phone",
    }
    return filings.create_filing({**values, **more}, actor=actor, now=NOW)


def test_a_near_report_is_proposed_with_reasons_and_only_a_person_links_it(net, city_officer, county_officer):
    near = filing(county_officer)
    filing(county_officer, occurred_at=NOW - timedelta(days=9), title="很久以前")
    filing(county_officer, kind="road_traffic", title="车祸")
    take(city_officer, raw(LEAK))
    topic = only_topic()
    found = matching.proposals(topic, city_officer, NOW)
    assert [(each.subject.id, [why["code"] for why in each.reasons]) for each in found] == [(near, ["kind", "place", "time"])]
    assert topic.links_count == 0
    services.link(topic.pk, "filing", near, "液氯泄漏", linked=False, actor=city_officer, now=NOW)
    assert matching.proposals(topic, city_officer, NOW) == []
    services.unlink(topic.pk, topic.links.get().pk, actor=city_officer, now=NOW)
    assert matching.proposals(topic, city_officer, NOW)


def test_a_report_gets_guesses_with_their_reasons_and_no_number_from_a_rumour(net, city_officer, county_leader):
    take(city_officer, raw(LEAK))
    topic = only_topic()
    told = {each.field: each for each in door.guesses(topic.pk, city_officer)}
    assert (told["kind"].value, told["place_code"].value, told["injured"].value) == ("hazchem_leak", "370102", 3)
    assert all(each.why for each in told.values())
    assert "未经核实" in told["brief_course"].value
    services.judge(topic.pk, "false", grounds="没有此事", actor=county_leader, now=NOW)
    assert "injured" not in {each.field for each in door.guesses(topic.pk, city_officer)}


def test_texts_go_after_their_days_and_judged_ones_stay_longer(net, city_officer, county_leader):
    take(city_officer, raw(LEAK), raw(FIRE, account="某人"))
    services.judge(Topic.objects.get(kind="hazchem_leak").pk, "true", grounds="属实", actor=county_leader, now=NOW)
    assert services.erase_old(NOW + timedelta(days=179)) == 0
    assert services.erase_old(NOW + timedelta(days=181)) == 1
    assert services.erase_old(NOW + timedelta(days=181)) == 0
    gone = Post.objects.get(kind="fire")
    assert (gone.text, gone.account, gone.reading, gone.topic_id is not None) == ("", "", {}, True)
    assert take(city_officer, raw(FIRE, account="某人")).twice == 1
    assert services.erase_old(NOW + timedelta(days=1096)) == 1


def test_a_post_is_erased_by_a_person_with_a_reason_and_the_log_does_not_keep_it(net, city_officer, county_leader):
    take(city_officer, raw(LEAK))
    post = Post.objects.get()
    with pytest.raises(refusals.ReasonMissing):
        services.erase(post.pk, "", actor=county_leader, now=NOW)
    services.erase(post.pk, "本人要求", actor=county_leader, now=NOW)
    entry = AuditEntry.objects.filter(action="opinion.erase").get()
    assert LEAK not in str(entry.content)
    assert entry.content["facts"]["reason"] == "本人要求"


def test_heat_cools_with_time_alone(net, city_officer):
    take(city_officer, *(raw(f"历下区化工厂氯气泄漏了{n}", n) for n in range(5)))
    assert only_topic().heat == 30
    assert services.cool(NOW + timedelta(hours=7)) == 1
    assert only_topic().heat == 0
