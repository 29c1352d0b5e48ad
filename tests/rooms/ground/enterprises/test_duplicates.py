"""Comparing two files: what it says, and that it says the same whoever comes first and however it was found."""

from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.ground.enterprises import duplicates, mergerules, rules
from anlan.ground.enterprises.duplicates import Profile

JINAN = ("山东省", "济南市", "历下区")
TRUE = "91370100163070000T"


def body(first_8: str) -> str:
    """A body of a code that passes GB 11714."""
    return next(first_8 + letter for letter in "0123456789X" if duplicates.body_holds("91370102" + first_8 + letter + "0"))


def code(first_8: str, area: str = "370102") -> str:
    return rules.complete_credit_code("91" + area + body(first_8))


def profile(name="济南示范氯碱有限公司", uscc="", **more):
    return Profile(**({"code": uscc or code("16307001"), "name": name, "county": "370102", "places": JINAN} | more))


def reasons(one, other):
    return {reason.code for reason in duplicates.compare(one, other).reasons}


def test_the_check_of_the_organisation_code_follows_the_published_example():
    # GB 11714-1997 annex: body D2143569 has the check character X.
    assert duplicates.body_holds("91370102D2143569X0")
    assert not duplicates.body_holds("91370102D214356910")


def test_names_are_alike_without_brackets_width_forms_and_places():
    full = profile("济南示范氯碱（集团）有限公司", uscc=code("16307001"))
    assert reasons(full, profile("济南示范氯碱(集团)有限公司 ", uscc=code("77777701"))) == {"name_same"}
    assert reasons(profile(), profile("山东济南示范氯碱厂", uscc=code("77777701"))) == {"name_core"}
    assert "name_former" in reasons(profile(), profile("新名化工有限公司", uscc=code("77777701"), former_names=("济南示范氯碱有限公司",)))
    assert reasons(profile("济南华鑫化工厂"), profile("济南华鑫化公厂", uscc=code("77777701"))) == {"name_nearly"}


def test_numbered_works_of_one_family_are_not_alike():
    first, second = profile("济南示范1号化工有限公司"), profile("济南示范2号化工有限公司", uscc=code("77777701"))
    assert reasons(first, second) == set()
    assert reasons(profile("济南钢铁一厂"), profile("济南钢铁二厂", uscc=code("77777701"))) == set()


def test_names_of_nothing_but_blanks_make_nobody_alike():
    blank = profile("　", uscc=code("16307001"))
    assert reasons(blank, profile(uscc=code("77777701"), former_names=(" ",))) == set()
    assert reasons(blank, profile("()", uscc=code("77777701"))) == set()


def test_a_mistyped_code_is_told_by_the_check_of_its_body():
    good = code("16307001")
    for typed in (good[:9] + ("8" if good[9] != "8" else "5") + good[10:17], good[:11] + good[12] + good[11] + good[13:17]):
        wrong = rules.complete_credit_code(typed)
        found = duplicates.compare(profile(uscc=good), profile("别的名字", uscc=wrong))
        assert [reason.code for reason in found.reasons] == ["code_typing_error"]
        assert dict(found.reasons[0].facts) == {"wrong": wrong}
        assert found.score >= duplicates.figures()["shown_from"]


def test_the_same_body_under_another_area_is_the_same_unit_and_neighbours_in_the_register_are_not():
    assert "code_same_body" in reasons(profile(uscc=code("16307001")), profile("别的名字", uscc=code("16307001", "370103")))
    one, other = "91370102163070016", "91370102163070024"
    assert duplicates.body_holds(one + "0") == duplicates.body_holds(one + "X")
    both = [rules.complete_credit_code(text) for text in (one, other)]
    assert "code_typing_error" not in reasons(profile(uscc=both[0]), profile("别的名字", uscc=both[1]))


def test_person_address_and_nearness_count():
    here = {"person": "王安", "address": "山东省济南市历下区工业南路 1 号", "longitude": 117.0765, "latitude": 36.6665}
    there = {"person": "王安", "address": "工业南路1号", "longitude": 117.0770, "latitude": 36.6665}
    found = duplicates.compare(profile(**here), profile("新名化工有限公司", uscc=code("77777701"), **there))
    assert {reason.code for reason in found.reasons} == {"person_and_address", "near"}
    assert found.score == 65
    far = there | {"longitude": 117.2}
    assert "near" not in reasons(profile(**here), profile("新名化工有限公司", uscc=code("77777701"), **far))


words = st.sampled_from(["示范", "氯碱", "化工", "华鑫", "济南", "一", "二", "厂", "有限公司", "(集团)", "（集团）", "公司", "A", " "])
names = st.lists(words, min_size=1, max_size=5).map("".join)
bodies = st.text("012MAX", min_size=8, max_size=9)
profiles = st.builds(
    Profile,
    code=st.builds(lambda text: ("91370102" + text.ljust(9, "1"))[:17] + "0", bodies),
    name=names,
    former_names=st.lists(names, max_size=2).map(tuple),
    county=st.sampled_from(["370102", "370103"]),
    places=st.just(JINAN),
    person=st.sampled_from(["", "王安", "李宁"]),
    address=st.sampled_from(["", "工业南路1号", "济南市工业南路 1 号", "北园大街9号"]),
    longitude=st.sampled_from([None, 117.05, 117.0505]),
    latitude=st.sampled_from([None, 36.66]),
)


@settings(max_examples=150)
@given(profiles, profiles)
def test_comparing_is_the_same_both_ways_and_between_nothing_and_everything(one, other):
    found = duplicates.compare(one, other)
    assert found == duplicates.compare(other, one)
    assert 0 <= found.score <= 100
    assert {reason.code for reason in found.reasons} <= duplicates.REASONS.keys()
    for reason in found.reasons:
        assert "{" not in duplicates.REASONS[reason.code].format(**dict(reason.facts))


@settings(max_examples=60)
@given(profiles)
def test_a_file_is_wholly_like_itself(one):
    assert duplicates.compare(one, one).score == 100


@settings(max_examples=60)
@given(profiles, profiles, st.randoms())
def test_the_order_of_former_names_does_not_matter(one, other, random):
    shuffled = list(one.former_names)
    random.shuffle(shuffled)
    turned = Profile(**{**one.__dict__, "former_names": tuple(shuffled)})
    assert duplicates.compare(turned, other) == duplicates.compare(one, other)
    assert duplicates.keys(turned) == duplicates.keys(one)


@settings(max_examples=300)
@given(profiles, profiles)
def test_whoever_is_shown_is_found_by_a_key(one, other):
    if duplicates.compare(one, other).score >= duplicates.figures()["shown_from"]:
        assert duplicates.keys(one) & duplicates.keys(other)


@given(st.text("AB12", min_size=2, max_size=6), st.text("AB12", min_size=2, max_size=6))
def test_one_difference_is_what_one_edit_makes(one, other):
    edits = {one[:at] + one[at + 1 :] for at in range(len(one))}
    edits |= {one[:at] + letter + one[at + more :] for at in range(len(one) + 1) for letter in "AB12" for more in (0, 1)}
    edits |= {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    assert duplicates.differ_once(one, other) == (one != other and other in edits)


def test_the_value_that_only_one_side_has_then_the_right_code_then_the_later_one_is_proposed():
    from datetime import UTC, datetime

    old, new = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    blank = {column: "" for columns in mergerules.PARTS.values() for column in columns} | {"longitude": None, "latitude": None}
    wrong = rules.complete_credit_code("9137010216307099" + ("1" if body("16307099")[-1] != "1" else "2"))
    survivor = mergerules.Side(blank | {"uscc": wrong, "name": "甲", "staff_count": 10, "state": "operating"}, old)
    loser = mergerules.Side(
        blank | {"uscc": code("16307001"), "name": "乙", "staff_count": None, "state": "suspended", "longitude": 1.0, "latitude": 2.0}, new
    )
    found = {proposal.part: (proposal.side, proposal.why) for proposal in mergerules.proposals(survivor, loser) if proposal.differs}
    assert found == {
        "uscc": ("loser", mergerules.CHECKED),
        "name": ("loser", mergerules.NEWER),
        "staff_count": ("survivor", mergerules.ONLY_ONE),
        "point": ("loser", mergerules.ONLY_ONE),
        "state": ("survivor", mergerules.KEPT),
    }


def test_two_places_have_the_lowest_common_one():
    assert mergerules.common_place("370102", "370102") == "370102"
    assert mergerules.common_place("370102001", "370102003") == "370102"
    assert mergerules.common_place("370102", "370103") == "370100"
    assert mergerules.common_place("370102", "371302") == "370000"
    assert mergerules.common_place("370102", "110101") == "000000"
