"""What is read from a text: numbers, casualties, stances, places, times; on sentences, and for any text whatever."""

from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.opinion.measuring import PUBLISHED, READER, measure, precision, recall
from tests.rooms.sense.opinion.sentences import PLACES, SENTENCES, UNSEEN

from anlan.ledger.sources import Parameter
from anlan.report.filings import door as filings
from anlan.sense.opinion import rules
from anlan.sense.opinion.extraction import moments, numerals, persons
from anlan.sense.opinion.extraction.clauses import Context
from anlan.sense.opinion.extraction.companies import NamedEnterprise, Register
from anlan.sense.opinion.extraction.localities import Gazetteer

DIGITS = "零一二三四五六七八九"
PIECES = (
    "章丘区",
    "朝阳区",
    "示范",
    "爆炸",
    "没有",
    "3人",
    "十余人",
    "死亡",
    "受伤",
    "昨晚8点",
    "。",
    "，",
    "？",
    "谣言",
    "演练",
    "2015年",
    "网传",
    "\n",
    "a<b>",
    "😀",
)


def written(number: int) -> str:
    """A number below a hundred million as it is written in full."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return written(high) + "万" + (("零" if low < 1000 else "") + written(low) if low else "")
    text, rest, zero = "", number, False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, unit)
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text or "零"


@given(st.integers(0, 99_999_999))
def test_a_number_written_in_full_is_read_as_itself(number):
    text = written(number)
    short = text[1:] if text.startswith("一十") else text
    if len(text) <= numerals.LONGEST:
        # 三万五 is left out: a lone digit behind 万 is written with 零 when it is one.
        assert numerals.value_of(text) == number
        assert numerals.value_of(short) == number


@given(st.integers(0, 99_999_999))
def test_arabic_digits_of_any_width_are_read(number):
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    assert numerals.value_of(str(number)) == numerals.value_of(wide) == number


@given(st.text(alphabet="零〇一二两三十百千万0123.５多", max_size=14))
def test_nothing_that_looks_like_a_number_fails(text):
    value = numerals.value_of(text)
    assert value is None or value >= 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("百", 100),
        ("两百零五", 205),
        ("一百二", 120),
        ("二〇二五", 2025),
        ("1.2万", 12_000),
        ("十万", 100_000),
        ("百百", None),
        ("1.234", None),
        ("三万五", None),
    ],
)
def test_numbers_as_people_write_them(text, value):
    assert numerals.value_of(text) == value


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=24).map("".join))
def test_every_finding_is_made_of_the_words_it_names(text):
    reading = READER.read(text, PUBLISHED)
    for each in (*reading.kind_words, *reading.places, *reading.casualties, *reading.times):
        words = getattr(each, "words", None) or each.word
        assert text[each.start : each.end] == words
    for each in reading.casualties:
        assert each.low is None or each.high is None or each.low <= each.high
    for each in reading.times:
        assert each.from_at < each.until_at


@given(
    st.lists(st.sampled_from((*PIECES, "13812345678", "张建国先生", "伤者李四，", "a@b.cn")) | st.text(max_size=6), max_size=16).map(
        "".join
    )
)
def test_masking_keeps_every_offset_and_hides_telephone_numbers(text):
    hidden = persons.masked(text)
    assert len(hidden) == len(text)
    assert "13812345678" not in hidden or "13812345678" not in text


def test_the_invented_sentences_are_read_as_a_reader_reads_them():
    counts, wrong = measure(SENTENCES)
    assert len(SENTENCES) >= 80
    for name, count in counts.items():
        assert precision(count) >= 0.96, (name, wrong)
        assert recall(count) >= 0.96, (name, wrong)


def test_sentences_never_tuned_on_are_read_as_well_as_the_documentation_says():
    counts, wrong = measure(UNSEEN)
    floors = {"kind": 0.9, "stance": 0.75, "place": 0.9, "harm": 0.85}
    for name, floor in floors.items():
        assert precision(counts[name]) >= floor, wrong
        assert recall(counts[name]) >= floor, wrong


def test_one_name_of_several_places_stays_several_and_evidence_puts_one_first():
    undecided = READER.read("鼓楼区一栋楼着火了", PUBLISHED).place
    assert {each.code for each in undecided.candidates} == {"320106", "320302", "350102"}
    assert undecided.confidence == "low"
    by_near = READER.read("鼓楼区一栋楼着火了，徐州消防已到场", PUBLISHED).place
    assert (by_near.candidates[0].code, by_near.candidates[0].reasons) == ("320302", ("near",))
    by_source = READER.read("鼓楼区一栋楼着火了", PUBLISHED, "350100").place
    assert (by_source.candidates[0].code, by_source.confidence) == ("350102", "medium")
    assert len(by_source.candidates) == 3
    by_home = READER.read("市中区一仓库起火", PUBLISHED).place
    assert by_home.candidates[0].reasons == ("home",)
    assert Gazetteer(PLACES, "370400").read("市中区一仓库起火")[0].candidates[0].code == "370402"


def test_a_name_that_ends_within_a_word_or_begins_a_street_is_no_place():
    reading = READER.read("西安全会议召开，北京路上车多，四川籍工人", PUBLISHED)
    assert reading.places == ()


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("昨晚8点发生爆炸", "2026-11-25T20:00", "2026-11-25T21:00"),
        ("今天上午起火", "2026-11-26T06:00", "2026-11-26T12:00"),
        ("11月25日14时30分起火", "2026-11-25T14:30", "2026-11-25T15:30"),
        ("25日凌晨2点起火", "2026-11-25T02:00", "2026-11-25T03:00"),
        ("两小时前起火", "2026-11-26T17:30", "2026-11-26T18:30"),
        ("半小时前起火", "2026-11-26T19:15", "2026-11-26T19:45"),
        ("前天起火", "2026-11-24T00:00", "2026-11-25T00:00"),
        ("12月30日起火", "2025-12-30T00:00", "2025-12-31T00:00"),
        ("刚刚起火", "2026-11-26T19:00", "2026-11-26T20:00"),
        ("今早7点半起火", "2026-11-26T07:30", "2026-11-26T08:30"),
    ],
)
def test_a_time_is_counted_from_the_publishing(text, since, until):
    found = READER.read(text, PUBLISHED).time
    assert (found.from_at, found.until_at) == tuple(datetime.fromisoformat(f"{each}+08:00") for each in (since, until))


@pytest.mark.parametrize("text", ["提出三点要求", "第8点意见", "6月60日起火", "下周三起火", "25点起火"])
def test_what_is_no_time_is_read_as_none(text):
    assert moments.best(moments.read(Context(text, READER.cues, 2026), PUBLISHED)) is None


def test_an_enterprise_is_found_by_its_names_and_namesakes_stay_doubtful():
    one, two = UUID(int=1), UUID(int=2)
    register = Register(
        (NamedEnterprise(one, "济南市示范氯碱有限公司", "示范氯碱", "370114"), NamedEnterprise(two, "山东示范热电有限公司", "", "370102"))
    )
    found = register.read("示范氯碱冒烟了；济南市示范氯碱有限公司回应；山东示范热电停机")
    assert [(each.rule, each.confidence, each.id == str(one)) for each in found] == [
        ("short_name", "medium", True),
        ("full_name", "high", True),
        ("core", "low", False),
    ]
    both = Register((NamedEnterprise(one, "利民化工厂", "", "370114"), NamedEnterprise(two, "利民化工厂", "", "370102"))).read(
        "利民化工厂爆炸"
    )
    assert {each.confidence for each in both} == {"low"}


def test_private_persons_are_hidden_and_what_happened_is_not():
    told = persons.masked("死者王大力，男，48岁，家属电话13812345678。章丘区一化工厂爆炸，3人死亡，鲁A12345。")
    assert "王＊＊" in told
    assert "138＊＊＊＊＊＊＊＊" in told
    assert "鲁A" not in told
    assert "章丘区一化工厂爆炸，3人死亡" in told


def test_words_cues_and_figures_say_where_they_come_from_and_that_nobody_verified_them():
    for name, row_type in (
        ("words", rules.Word),
        ("cues", rules.Cue),
        ("figures", rules.Figure),
        ("common_names", rules.CommonName),
        ("parameters", Parameter),
    ):
        rows = rules.table(name, row_type)
        assert rows
        assert all(row.source and row.status == "unverified" for row in rows)
    assert {row.kind for row in rules.table("words", rules.Word)} == set(rules.kinds())
    assert set(rules.cues(PUBLISHED.date()).__dataclass_fields__) == {row.cue for row in rules.table("cues", rules.Cue)}


def test_kinds_are_those_of_information_reporting():
    assert {row.code: (row.name_zh, row.name_en) for row in rules.kinds().values()} == {
        row.code: (row.name_zh, row.name_en) for row in filings.event_kinds(PUBLISHED.date())
    }


def test_heat_is_what_the_documentation_says():
    assert [rules.heat(*each) for each in ((0, 0), (1, 0), (6, 0), (6, 6), (6, 20), (30, 10))] == [0, 2, 42, 6, 2, 84]


def test_those_on_duty_are_told_again_only_when_it_grows():
    assert rules.is_material({}, {"injured": 3}, enterprise_new=False)
    assert not rules.is_material({"injured": 3}, {"injured": 5}, enterprise_new=False)
    assert rules.is_material({"injured": 3}, {"injured": 6}, enterprise_new=False)
    assert rules.is_material({"injured": 3}, {"injured": 3, "dead": 1}, enterprise_new=False)
    assert rules.is_material({"injured": 3}, {"injured": 3}, enterprise_new=True)
    assert rules.figures_of({"dead": {"low": 0, "high": 0}, "moved": {"low": 200, "high": 200}}) == {}
