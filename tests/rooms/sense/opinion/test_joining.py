"""Posts made harmless, how alike texts are, and which topic a post joins."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.sense.opinion import cleaning, clustering, likeness, refusals

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FIGURES = clustering.Figures(timedelta(hours=72), timedelta(hours=24), 0.6, 0.12)
ONE, TWO, PLANT = UUID(int=1), UUID(int=2), UUID(int=9)


def raw(**more):
    return {"platform": "微博", "published_at": "2026-11-26 19:00", "text": "章丘区一化工厂起火", **more}


def test_markup_scripts_and_control_characters_go_and_the_words_stay():
    post = cleaning.clean(
        raw(text="<p>章丘区<b>起火</b>&nbsp;了</p><script>alert('x')</script>\x00\u202e<img src=x onerror=alert(1)>"), NOW
    )
    assert post.text == "章丘区起火 了"


@given(st.text(max_size=300))
def test_what_is_cleaned_holds_no_control_character_and_stays_when_cleaned_again(text):
    once = cleaning.plain_text(text)
    assert not [c for c in once if c != "\n" and ord(c) < 32]
    assert len(once) <= len(text) * 18


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"text": " <br> "}, refusals.PostEmpty),
        ({"platform": ""}, refusals.FieldMissing),
        ({"published_at": ""}, refusals.FieldMissing),
        ({"published_at": "昨天"}, refusals.NotAMoment),
        ({"published_at": "2026-11-27 19:00"}, refusals.WrittenAhead),
        ({"published_at": "1999-11-27 19:00"}, refusals.TooOld),
        ({"text": "字" * 20_001}, refusals.FieldTooLong),
        ({"text": {"a": 1}}, refusals.NotAText),
        ({"url": "javascript:alert(1)"}, refusals.NotAnAddress),
        ({"url": "http://[::1"}, refusals.NotAnAddress),
        ({"url": "https://e.cn/" + "a" * 1000}, refusals.FieldTooLong),
        ({"forwards": "-3"}, refusals.NotACount),
        ({"likes": True}, refusals.NotACount),
        ({"author_type": "机器人"}, refusals.NoSuchAuthorType),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(more, refusal):
    with pytest.raises(refusal):
        cleaning.clean(raw(**more), NOW)


@given(
    st.dictionaries(
        st.sampled_from(["platform", "text", "title", "published_at", "url", "forwards", "media", "author_type", "account"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=9), max_size=3),
    )
)
def test_any_values_are_kept_or_refused_and_never_fail(values):
    try:
        cleaning.clean(values, NOW)
    except Refusal as refusal:
        assert refusal.code.startswith("opinion_")


def test_the_same_post_is_known_again_by_its_number_or_its_content():
    one = cleaning.clean(raw(source_id="7"), NOW)
    assert one.digest == cleaning.clean(raw(source_id="7", text="改过的文字"), NOW).digest
    assert one.digest != cleaning.clean(raw(source_id="7", platform="抖音"), NOW).digest
    assert cleaning.clean(raw(), NOW).digest == cleaning.clean(raw(forwards=9, published_at="2026-11-26 19:05"), NOW).digest


def test_a_copy_is_alike_and_another_text_is_not():
    text = "昨晚8点章丘区明水街道一化工厂发生液氯泄漏，附近居民闻到刺鼻气味，消防已到场处置，请大家远离现场。"
    found = likeness.likeness(
        likeness.signature(text),
        likeness.matrix(
            [
                likeness.signature(text),
                likeness.signature("转发：" + text + " https://t.cn/x @某人"),
                likeness.signature("今天天气不错，章丘大葱丰收在望。"),
                b"",
            ]
        ),
    )
    assert found[0] == 1.0
    assert found[1] > 0.8
    assert found[2] < 0.15
    assert found[3] == 0.0
    assert likeness.signature("短") == b""
    assert not len(likeness.likeness(b"", np.zeros((0, likeness.SIZE), dtype="<u4")))


def post(kind="hazchem_leak", places=("370114",), enterprise=None, hours=0.0, exercise=False, happened=None):
    return clustering.Candidate(kind, exercise, places, enterprise, NOW + timedelta(hours=hours), happened)


def topic(id_=ONE, kind="hazchem_leak", place="370114", enterprise=None, exercise=False, happened=None):
    return clustering.Standing(id_, kind, exercise, place, enterprise, "示范氯碱", NOW, NOW, happened)


def joined(candidate, *topics, alike=None):
    found = clustering.choose(candidate, topics, alike or {}, FIGURES)
    return found.topic_id, [each["code"] for each in found.reasons]


def test_kind_county_and_time_together_join_and_are_told_as_the_reasons():
    assert joined(post(hours=3), topic()) == (ONE, ["kind", "place", "time"])
    assert joined(post(places=("370114001",)), topic())[0] == ONE
    assert joined(post(kind="poisoning"), topic(), alike={ONE: 0.08})[0] == ONE


@pytest.mark.parametrize(
    ("candidate", "standing"),
    [
        (post(kind="fire"), topic()),
        (post(places=("370102",)), topic()),
        (post(hours=30), topic()),
        (post(exercise=True), topic()),
        (post(places=()), topic()),
        (post(places=("370100",)), topic(place="370100")),
        (post(enterprise=PLANT), topic(enterprise=TWO)),
        (post(happened=(NOW - timedelta(hours=60), NOW - timedelta(hours=59))), topic(happened=(NOW, NOW + timedelta(hours=1)))),
    ],
)
def test_what_does_not_agree_makes_a_topic_of_its_own(candidate, standing):
    assert joined(candidate, standing) == (None, ["first"])


def test_one_enterprise_joins_where_the_place_is_not_told():
    assert joined(post(places=(), enterprise=PLANT), topic(enterprise=PLANT)) == (ONE, ["kind", "enterprise", "time"])


def test_a_copy_joins_whatever_was_read_but_not_where_the_county_was_changed():
    assert joined(post(kind="fire", places=()), topic(), alike={ONE: 0.7}) == (ONE, ["copy", "time"])
    assert joined(post(places=("370102",)), topic(), alike={ONE: 0.9})[0] is None
    assert joined(post(hours=80), topic(), alike={ONE: 0.9})[0] is None


def test_of_several_topics_the_one_with_most_that_agrees_is_taken():
    assert joined(post(), topic(ONE, kind="explosion"), topic(TWO), alike={ONE: 0.2, TWO: 0.1})[0] == TWO
    assert joined(post(enterprise=PLANT), topic(ONE), topic(TWO, enterprise=PLANT))[0] == TWO


def test_any_of_the_places_that_a_name_may_mean_lets_a_post_join():
    assert clustering.shared_place(("110105", "220104"), "220104") == "220104"
    assert clustering.shared_place(("110105",), "220104") is None
    assert clustering.shared_place(("370114001",), "370114") == "370114001"
