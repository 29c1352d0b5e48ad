"""Trades of the demonstration: sectors of the official list, texts of their own, dangers judged by the criteria of their own sector."""

from collections import Counter
from datetime import UTC, datetime
from itertools import combinations

import pytest

from anlan.ground.enterprises import certificates, industry
from anlan.ground.organisations import door as organisations
from anlan.ground.packs import reading, services
from anlan.ground.packs import rules as pack_rules
from anlan.prevent.dangers import queries as dangers
from anlan.prevent.dangers import rules as danger_rules
from anlan.site.demo import dangers as drawn
from anlan.site.demo import trades, workdays
from anlan.site.demo.profiles import PROFILES

TRADES = {trade.code: trade for trade in (*trades.TRADES, trades.PLANT)}
TELLING = {
    "甲醇": {"chemical"}, "汽油": {"storage", "filling"}, "氨": {"cold"}, "液氯": {"chlorine"}, "尾矿": {"pond"}, "甲烷": {"coal"},
    "瓦斯": {"coal"}, "烟花": {"fireworks"}, "粮": {"grain"}, "塔式起重机": {"building"}, "高炉": {"steel"}, "铝液": {"aluminium"},
    "木粉": {"wood", "building"}, "乳化": {"explosives"}, "原油": {"oilfield"}, "液化天然气": {"gas"}, "罐车": {"haulage"},
    "丙酮": {"pharma"}, "制氢": {"power"}, "石灰": {"quarry"},
}  # fmt: skip
"""Words that tell a trade, and the trades that may say them."""


def texts(code):
    profile = PROFILES[code]
    for seen in profile.every_danger:
        yield from (seen.title, seen.location, seen.done)
    for risk in profile.risks:
        yield from (risk.thing, risk.unit, risk.event, risk.check)
    for factor in profile.factors:
        yield from (factor.place, factor.name)
    yield from profile.posts
    yield from profile.rooms


def test_the_demonstration_has_three_hundred_enterprises_over_at_least_eight_sectors_of_the_official_list():
    count = Counter()
    for trade in TRADES.values():
        count[trade.sector] += trade.count
    known = {row.code for row in organisations.listed_sectors()}
    assert sum(count.values()) == 300
    assert count.keys() <= known
    assert sum(share >= 6 for share in count.values()) >= 8
    assert max(count.values()) <= 150


@pytest.mark.parametrize("code", TRADES)
def test_every_trade_is_known_by_sector_and_industry_and_keeps_something(code):
    trade = TRADES[code]
    assert industry.industry(trade.industry) is not None
    assert trades.trade_of(trade.sector, trade.industry, "示范" if trade is not trades.PLANT else trades.PLANT_NAME) is trade
    assert len([seen for seen in PROFILES[code].dangers if not seen.criteria]) >= 2
    assert trade.scale(trade.staff[1]) in {"large", "medium", "small"}
    assert trade.hazards


@pytest.mark.parametrize("code", TRADES)
def test_a_major_danger_of_a_trade_is_judged_by_the_criteria_of_its_own_sector_on_every_day_of_the_year(code):
    own = danger_rules.SECTOR_OF.get(TRADES[code].sector, "other")
    majors = [seen for seen in PROFILES[code].dangers if seen.criteria]
    for day in ((2025, 12, 1), (2026, 6, 30), (2026, 7, 1), (2026, 11, 26)):
        offered = {each.code for each in dangers.offered(own, datetime(*day, 4, tzinfo=UTC)).criteria}
        assert all(offered.intersection(seen.criteria) for seen in majors), day
    if own != "other" and code != "chlorine":
        assert majors


@pytest.mark.parametrize("code", TRADES)
def test_what_a_trade_answers_to_its_packs_is_what_they_ask_and_its_papers_are_of_known_kinds(code):
    trade, profile = TRADES[code], PROFILES[code]
    for pack, given in profile.answers.items():
        content = reading.read(services.DATA / pack, {trade.sector for trade in TRADES.values()} | {"S48"}).content
        mark = True if pack in profile.marked else None
        assert pack_rules.concerns(content.head, sector=trade.sector, industry=trade.industry, mark=mark), pack
        assert set(pack_rules.answers(content.tables["fields"], given)) == set(given), pack
    assert profile.marked.keys() <= profile.answers.keys()
    assert {certificates.kind(kind).holder for kind in profile.papers} <= {certificates.UNIT}


@pytest.mark.parametrize("word", TELLING)
def test_no_trade_speaks_of_what_another_has(word):
    speaking = {code for code in TRADES if any(word in text for text in texts(code))}
    assert speaking <= TELLING[word]
    assert speaking


def test_no_two_trades_share_a_danger_at_the_same_place():
    own = {code: {(seen.title, seen.location) for seen in PROFILES[code].dangers} for code in TRADES}
    # What a works' yard has in common (a forklift truck) is the same in every yard.
    common = {("叉车转向灯损坏", "装卸区")}
    for one, other in combinations(own, 2):
        assert own[one] & own[other] <= common, (one, other)


def test_single_dangers_and_works_are_drawn_where_their_trade_has_such_a_place():
    for trade, location in [
        *((sketch.trade, sketch.location) for sketch in drawn._OF_OTHERS),
        *((trade, sketch.location.removesuffix("外")) for trade, sketch in workdays._WORKS),
    ]:
        assert any(location in text for text in texts(trade)), (trade, location)
