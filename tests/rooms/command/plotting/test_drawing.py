"""The schema of boards and their merging, without a database."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from anlan.command.plotting import document, drawing, rules, shapes
from anlan.command.plotting.document import EMPTY
from anlan.command.plotting.drawing import Mark
from anlan.command.plotting.symbols import GROUPS, symbols
from anlan.kernel.geo import Point, haversine_m

ONE, TWO = "1" * 32, "2" * 32
WANG = Mark("a" * 36, "王工", "值班员", "2026-11-22T01:00:00+00:00", 1)
LI = Mark("b" * 36, "李工", "救援队", "2026-11-22T01:01:00+00:00", 2)
PLACE = {"type": "Point", "coordinates": [117.05, 36.66]}


def new(name: str = ONE, **fields: Any) -> dict[str, Any]:
    return {f"{name}:{field}": value for field, value in ({"kind": "point", "geometry": PLACE} | fields).items()}


def checked(effect: dict[str, Any], before: drawing.Objects | None = None, mark: Mark = WANG, over_locks: bool = False) -> drawing.Objects:
    after = drawing.fold(before or {}, effect, mark)
    drawing.check(before or {}, after, effect, account_id=mark.account_id, over_locks=over_locks)
    return after


# --- schema ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"geometry": {"type": "Point", "coordinates": [181.0, 0]}}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [float("nan"), 0]}}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [117.0, 36.0, 5.0]}}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [True, 36.0]}}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [117.0, 36.0], "more": 1}}, "geometry"),
        ({"geometry": {"type": "MultiPoint", "coordinates": [[117.0, 36.0]]}}, "geometry"),
        ({"kind": "line"}, "geometry"),
        ({"kind": "line", "geometry": {"type": "LineString", "coordinates": [[117.0, 36.0]]}}, "geometry"),
        ({"kind": "area", "geometry": {"type": "Polygon", "coordinates": [[[117, 36], [118, 36], [118, 37], [117, 37]]]}}, "geometry"),
        ({"kind": "area", "geometry": {"type": "Polygon", "coordinates": [[[117, 36], [118, 36], [117, 36], [117, 36]]]}}, "geometry"),
        ({"kind": "cloud"}, "kind"),
        ({"kind": "symbol"}, "symbol"),
        ({"kind": "symbol", "symbol": "unicorn"}, "symbol"),
        ({"kind": "circle"}, "radius"),
        ({"kind": "circle", "radius": -5}, "radius"),
        ({"kind": "circle", "radius": 1e9}, "radius"),
        ({"kind": "sector", "radius": 100, "from": 10}, "to"),
        ({"kind": "text", "title": ""}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"title": "a\u0000b"}, "title"),
        ({"remark": 5}, "remark"),
        ({"tone": "pink"}, "tone"),
        ({"lock": "yes"}, "lock"),
    ],
)
def test_an_object_that_cannot_be_is_refused_by_its_field(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(rules.WrongValue) as refused:
        checked(new(**fields))
    assert refused.value.facts["field"] == wrong and refused.value.facts["object"] == ONE


def test_a_new_object_must_come_whole_and_keeps_its_kind() -> None:
    with pytest.raises(rules.WrongValue):
        checked({f"{ONE}:title": "无位置"})
    there = checked(new(title="集结点"))
    with pytest.raises(rules.WrongValue):
        checked({f"{ONE}:kind": "text"}, there)


@pytest.mark.parametrize("key", ["objects", f"{ONE}:author", f"{ONE[:-1]}:kind", f"{ONE}:kind:x", "", f"{ONE.replace('1', 'G')}:kind"])
def test_a_key_that_no_board_has_is_foreign(key: str) -> None:
    with pytest.raises(rules.ForeignContent):
        drawing.split(key)


def test_deleting_is_a_mark_and_can_be_taken_back() -> None:
    there = checked(new(title="火点"))
    gone = checked({f"{ONE}:deleted": True}, there, LI)
    assert not gone[ONE].there and gone[ONE].title == "火点"
    assert gone[ONE].created == WANG and gone[ONE].changed == LI
    assert drawing.what_happened(there, gone, ONE, {f"{ONE}:deleted": True})[0] == "deleted"
    back = checked({f"{ONE}:deleted": None}, gone)
    assert back[ONE].there and drawing.what_happened(gone, back, ONE, {f"{ONE}:deleted": None})[0] == "restored"


def test_a_creation_taken_back_leaves_nothing_to_be_seen() -> None:
    there = checked(new(title="误点"))
    gone = checked(dict.fromkeys(new(title="误点")), there)
    assert not gone[ONE].there and gone[ONE].fields == {}


def test_a_locked_object_is_changed_by_its_locker_and_by_who_may_pass_over_locks_only() -> None:
    locked = checked(new(lock=True, title="指挥部"))
    assert checked({f"{ONE}:title": "前指"}, locked)[ONE].locked == WANG
    with pytest.raises(rules.ObjectLocked) as refused:
        checked({f"{ONE}:title": "前指"}, locked, LI)
    assert refused.value.facts["name"] == "王工"
    with pytest.raises(rules.ObjectLocked):
        checked({f"{ONE}:lock": False}, locked, LI)
    assert checked({f"{ONE}:lock": False}, locked, LI, over_locks=True)[ONE].locked is None


def test_a_full_board_takes_nothing_new_but_may_be_changed_and_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_OBJECTS", 1)
    there = checked(new())
    with pytest.raises(rules.BoardFull):
        checked(new(TWO), there)
    checked({f"{ONE}:title": "一"}, there)
    checked({f"{ONE}:deleted": True}, there)


def test_symbols_have_codes_names_and_drawings() -> None:
    assert len(symbols()) >= 40
    for symbol in symbols().values():
        assert symbol.group in GROUPS and symbol.tone in drawing.TONES and symbol.name_zh and symbol.name_en
        assert symbol.outline.startswith("M") and symbol.standard_code == "" and symbol.status == "unverified"
    assert len({symbol.name_zh for symbol in symbols().values()}) == len(symbols())


# --- merging -----------------------------------------------------------------------------------------------------------------------


def test_an_update_tells_its_effect_and_whose_hand_wrote() -> None:
    update = document.composed(EMPTY, new(title="水源", radius=5.0), hand=7)
    merged = document.merge(EMPTY, update)
    assert merged.fresh and merged.hands == {7}
    assert merged.effect == new(title="水源", radius=5)
    again = document.merge(merged.state, update)
    assert not again.fresh and again.state == merged.state and again.effect == {}


def test_changes_of_different_fields_of_one_object_are_both_kept() -> None:
    base = document.merge(EMPTY, document.composed(EMPTY, new(title="旧")))
    ours = document.composed(base.state, {f"{ONE}:title": "新"})
    theirs = document.composed(base.state, {f"{ONE}:remark": "已断电"})
    state = document.merge(document.merge(base.state, ours).state, theirs).state
    assert document.contents(state) == new(title="新", remark="已断电")


@pytest.mark.parametrize("noise", [b"", b"\x00", b"no update at all", b"\xff" * 40, b"\x01\x02\x05\x00(\x01\x07objects"])
def test_malformed_bytes_are_refused(noise: bytes) -> None:
    with pytest.raises(rules.UnreadableUpdate):
        document.merge(EMPTY, noise)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_never_do_more_than_be_refused(data: st.DataObject) -> None:
    whole = bytearray(document.composed(EMPTY, new(title="水源"), hand=7))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        merged = document.merge(EMPTY, bytes(whole))
    except (rules.UnreadableUpdate, rules.ForeignContent, rules.UpdateHasGap):
        return
    assert document.contents(merged.state) == {key: value for key, value in merged.effect.items() if value is not None}


def test_an_update_too_large_is_refused_unread() -> None:
    with pytest.raises(rules.UpdateTooLarge):
        document.merge(EMPTY, bytes(rules.LARGEST_UPDATE + 1))


@pytest.mark.parametrize("what", ["text", "list", "nested", "bytes", "key"])
def test_content_of_another_schema_is_refused(what: str) -> None:
    doc: Doc[Any] = Doc()
    if what == "text":
        doc.get("notes", type=Text).insert(0, "x")
    elif what == "list":
        doc.get("objects", type=Array).append(1)
    elif what == "nested":
        doc.get("objects", type=Map)[f"{ONE}:title"] = Map({"a": 1})
    elif what == "bytes":
        doc.get("objects", type=Map)[f"{ONE}:title"] = b"raw"
    else:
        doc.get("objects", type=Map)["author"] = "王工"
    with pytest.raises(rules.ForeignContent):
        document.merge(EMPTY, doc.get_update())


def test_an_update_that_builds_on_what_never_came_is_refused() -> None:
    doc: Doc[Any] = Doc(client_id=9)
    table = doc.get("objects", type=Map)
    table[f"{ONE}:kind"] = "point"
    before = doc.get_state()
    table[f"{ONE}:geometry"] = PLACE
    with pytest.raises(rules.UpdateHasGap):
        document.merge(EMPTY, doc.get_update(before))


def test_a_deletion_ahead_of_its_content_does_not_lie_in_wait() -> None:
    """An update may name for deletion what has not come yet: once kept, it would take away another post's later drawing."""
    victim: Doc[Any] = Doc(client_id=9)
    table = victim.get("objects", type=Map)
    for key, value in new(title="将来").items():
        table[key] = value
    later = victim.get_update()
    at = victim.get_state()
    del table[f"{ONE}:title"]
    attack = victim.get_update(at)
    try:
        state = document.merge(EMPTY, attack).state
    except rules.UpdateHasGap:
        state = EMPTY
    assert document.contents(document.merge(state, later).state) == new(title="将来")


CHANGES = st.dictionaries(
    st.sampled_from([f"{name}:{field}" for name in (ONE, TWO) for field in ("title", "remark", "tone", "deleted")]),
    st.one_of(st.none(), st.text("甲乙丙丁", max_size=3), st.booleans()),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), CHANGES), min_size=2, max_size=8), st.integers(0, 2**32))
def test_posts_that_draw_at_the_same_time_see_the_same_in_whatever_order_it_arrives(steps: list[Any], seed: int) -> None:
    base = document.merge(EMPTY, document.composed(EMPTY, new() | new(TWO), hand=99)).state
    own, written = dict.fromkeys((1, 2, 3), base), {1: [], 2: [], 3: []}
    for post, effect in steps:
        update = document.composed(own[post], effect, hand=post)
        if update != EMPTY:
            own[post] = document.joined(own[post], [update])
            written[post].append(update)
    ends = []
    for turn in range(3):
        # Updates of one post come in their order; those of different posts in any.
        waiting = {post: list(updates) for post, updates in written.items() if updates}
        dice, state, effects = random.Random(seed + turn), base, dict(document.contents(base))
        while waiting:
            post = dice.choice(sorted(waiting))
            merged = document.merge(state, waiting[post].pop(0))
            state, effects = merged.state, effects | merged.effect
            if not waiting[post]:
                del waiting[post]
        ends.append(document.contents(state))
        # What the log tells is what the document holds: replay needs no document.
        assert {key: value for key, value in effects.items() if value is not None} == ends[-1]
    assert ends[0] == ends[1] == ends[2]


# --- shapes ------------------------------------------------------------------------------------------------------------------------


@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(0, 360), st.floats(1, 50_000))
def test_a_destination_lies_at_its_distance(longitude: float, latitude: float, bearing: float, metres: float) -> None:
    to = shapes.destination((longitude, latitude), bearing, metres)
    assert haversine_m(Point(longitude, latitude), Point(*to)) == pytest.approx(metres, rel=1e-3, abs=0.1)


def test_a_sector_opens_clockwise_and_over_north() -> None:
    ring = shapes.sector((117.0, 36.0), 1000.0, 315.0, 45.0)
    assert ring[0] == ring[-1] == (117.0, 36.0)
    assert min(latitude for _, latitude in ring) >= 36.0
    assert max(latitude for _, latitude in ring) == pytest.approx(36.0 + 1000 / 111_195, abs=1e-5)
    assert shapes.sector((117.0, 36.0), 1000.0, 90.0, 90.0) == shapes.circle((117.0, 36.0), 1000.0)
