"""The township grid: what raises a cell, what never lowers it, and that every level has its reason."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.warn.hazards import grid, rules
from anlan.warn.hazards.grid import Chain, Compound, Exposure, Part, Threat

T, C, H = 6, 2, 24
COUNTY_OF = np.array([0, 0, 0, 1, 1, 1], np.intp)
NOBODY, NOWHERE = np.zeros(T), np.zeros(C)
NO_COMPOUND = Compound(hazards=99, level=1, by=1)
POND = Chain("rain-pond", "rain", 2, "pond", 1, 4)


def rows(*numbers):
    return np.array(numbers, np.intp)


def at(*numbers):
    found = NOBODY.copy()
    found[list(numbers)] = 1.0
    return found


threats = st.builds(
    Threat,
    key=st.sampled_from("abcdef"),
    families=st.sampled_from([("rain",), ("wind",), ("wind", "rain"), ("quake",)]),
    level=st.integers(1, 4),
    townships=st.sets(st.integers(0, T - 1), min_size=1).map(lambda held: rows(*sorted(held))),
    first=st.integers(0, H - 1),
    last=st.integers(0, H),
)
chains = st.builds(
    Chain,
    code=st.sampled_from("xyz"),
    family=st.sampled_from(["rain", "wind", "quake"]),
    level=st.integers(1, 4),
    object=st.sampled_from(["pond", "crane"]),
    at_least=st.just(1.0),
    result=st.integers(1, 4),
)
EXPOSED = {"pond": Exposure(at(0), at(1, 2), np.array([0.0, 1.0])), "crane": Exposure(at(3), NOBODY, np.array([1.0, 0.0]))}


def slow(given_threats, given_chains, exposed, compound):
    """The same levels, cell by cell."""
    levels = np.zeros((T + C, H), int)
    for township in range(T):
        for hour in range(H):
            here = [each for each in given_threats if township in each.townships and each.first <= hour < each.last]
            told = [each.level for each in here]
            for threat in here:
                for chain in given_chains:
                    held = exposed.get(chain.object)
                    if held is None or chain.family not in threat.families or threat.level < chain.level:
                        continue
                    if held.known[township] + held.shared[township] >= chain.at_least:
                        told.append(chain.result)
                    county = COUNTY_OF[township]
                    if held.unplaced[county] >= chain.at_least:
                        levels[T + county, hour] = max(levels[T + county, hour], chain.result)
            kinds = {each.families[0] for each in here if each.level >= compound.level}
            if len(kinds) >= compound.hazards:
                told.append(min(4, max(each.level for each in here) + compound.by))
            levels[township, hour] = max(told, default=0)
    return levels


@settings(max_examples=60)
@given(st.lists(threats, max_size=6), st.lists(chains, max_size=4))
def test_levels_are_those_of_the_rule_told_cell_by_cell(given_threats, given_chains):
    compound = Compound(2, 2, 1)
    found = grid.reckon(COUNTY_OF, H, given_threats, EXPOSED, given_chains, compound)
    assert (found.levels == slow(given_threats, given_chains, EXPOSED, compound)).all()


@settings(max_examples=60)
@given(st.lists(threats, max_size=6), st.lists(chains, max_size=4))
def test_every_level_of_a_stretch_is_the_highest_of_its_reasons(given_threats, given_chains):
    found = grid.reckon(COUNTY_OF, H, given_threats, EXPOSED, given_chains, Compound(2, 2, 1))
    covered = np.zeros((T + C, H), bool)
    for span in found.spans():
        assert span.parts
        assert span.level == max(part.level for part in span.parts) == span.parts[0].level
        assert (found.levels[span.township, span.first : span.last] == span.level).all()
        assert not covered[span.township, span.first : span.last].any()
        covered[span.township, span.first : span.last] = True
    assert (covered == (found.levels > 0)).all()


@settings(max_examples=60)
@given(st.lists(threats, min_size=1, max_size=6), st.lists(chains, max_size=4))
def test_one_more_hazard_never_lowers_a_cell(given_threats, given_chains):
    fewer = grid.reckon(COUNTY_OF, H, given_threats[:-1], EXPOSED, given_chains, Compound(2, 2, 1))
    more = grid.reckon(COUNTY_OF, H, given_threats, EXPOSED, given_chains, Compound(2, 2, 1))
    assert (more.levels >= fewer.levels).all()


def test_a_signal_stays_a_signal_where_nothing_is_exposed():
    found = grid.reckon(COUNTY_OF, H, [Threat("s", ("rain",), 2, rows(0), 3, 5)], {}, [POND], NO_COMPOUND)
    assert [(span.first, span.last, span.level, span.parts) for span in found.spans()] == [(3, 5, 2, (Part("s", "", 2),))]


def test_a_chain_asks_for_its_level_and_its_object():
    exposed = {"pond": Exposure(at(0), NOBODY, NOWHERE)}
    blue, yellow = (
        grid.reckon(COUNTY_OF, H, [Threat("s", ("rain",), level, rows(0, 1), 0, H)], exposed, [POND], NO_COMPOUND) for level in (1, 2)
    )
    assert blue.levels[:2, 0].tolist() == [1, 1]
    assert yellow.levels[:2, 0].tolist() == [4, 2]


def test_what_has_no_township_raises_its_county_and_no_township_beyond_the_signal():
    exposed = {"pond": Exposure(at(0), NOBODY, np.array([1.0, 0.0]))}
    found = grid.reckon(COUNTY_OF, H, [Threat("s", ("rain",), 3, rows(0, 1, 4), 0, H)], exposed, [POND], NO_COMPOUND)
    assert found.levels[:, 0].tolist() == [4, 3, 0, 0, 3, 0, 4, 0]
    told = {span.township: span.parts for span in found.spans()}
    assert told[0][0] == Part("s", "rain-pond", 4, grid.BY_TOWNSHIP)
    assert told[1] == (Part("s", "", 3),)
    assert told[T] == (Part("s", "rain-pond", 4, grid.BY_COUNTY),)


def test_one_without_a_township_may_stand_beside_those_of_a_township():
    two = Chain("rain-ponds", "rain", 2, "pond", 2, 4)
    exposed = {"pond": Exposure(at(0), NOBODY, np.array([1.0, 1.0]))}
    found = grid.reckon(COUNTY_OF, H, [Threat("s", ("rain",), 2, rows(0, 4), 0, H)], exposed, [two], NO_COMPOUND)
    assert found.levels[:, 0].tolist() == [2, 0, 0, 0, 2, 0, 4, 0]


def test_several_kinds_of_hazard_at_once_raise_the_highest_and_two_signals_of_one_kind_do_not():
    rain, wind, more_rain = (Threat(key, (key[:4],), 2, rows(0), 0, 2) for key in ("rain", "wind", "rain2"))
    compound = Compound(2, 2, 1)
    assert grid.reckon(COUNTY_OF, H, [rain, more_rain], {}, [], compound).levels[0, 0] == 2
    found = grid.reckon(COUNTY_OF, H, [rain, wind], {}, [], compound)
    assert found.levels[0, :3].tolist() == [3, 3, 0]
    assert found.spans()[0].parts[0].chain == grid.COMPOUND


def test_every_chain_names_a_family_and_an_object_that_exist_and_never_lowers():
    families = {kind for hazard in rules.hazards().values() for kind in hazard.kinds}
    for chain in rules.chains(date(2026, 11, 26)):
        assert chain.family in families, chain
        assert chain.object in rules.objects(), chain
        assert chain.result >= chain.level, chain
        assert chain.source, chain
        assert chain.status == "unverified" or "项目默认" not in chain.source, chain


def test_every_level_is_drawn_in_one_colour():
    assert rules.COLOURS == {0: "green", 1: "blue", 2: "yellow", 3: "orange", 4: "red"}
