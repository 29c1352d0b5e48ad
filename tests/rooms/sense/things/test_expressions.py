"""Expressions, options and addresses: what is written is understood, whatever else is refused, and nothing crashes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.sense.things import entities, observing, options
from anlan.sense.things.expressions import Call, Literal, Not, Operation, Path, conjuncts, parse, parse_order
from anlan.sense.things.memory import evaluate

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def written(tree):
    """A tree as text again, every operation in brackets."""
    match tree:
        case Literal(None):
            return "null"
        case Literal(bool() as value):
            return str(value).lower()
        case Literal(str() as value):
            return "'" + value.replace("'", "''") + "'"
        case Literal(datetime() as value):
            return value.isoformat()
        case Literal(value):
            return repr(value)
        case Path(parts):
            return "/".join(parts)
        case Call(name, arguments):
            return f"{name}({','.join(map(written, arguments))})"
        case Not(operand):
            return f"not ({written(operand)})"
        case Operation(operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"


words = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda word: (
        word
        not in {
            "eq",
            "ne",
            "gt",
            "ge",
            "lt",
            "le",
            "and",
            "or",
            "not",
            "add",
            "sub",
            "mul",
            "div",
            "mod",
            "true",
            "false",
            "null",
            "asc",
            "desc",
        }
    )
)
literals = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=10),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
leaves = st.one_of(st.builds(Literal, literals), st.builds(lambda parts: Path(tuple(parts)), st.lists(words, min_size=1, max_size=3)))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Operation, st.sampled_from(["and", "or", "eq", "ne", "gt", "add", "mul", "mod"]), inner, inner),
        st.builds(lambda name, arguments: Call(name.lower(), tuple(arguments)), words, st.lists(inner, max_size=3)),
    ),
    max_leaves=10,
)


@given(trees)
def test_a_tree_written_down_is_read_back(tree):
    assert parse(written(tree)) == tree


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    for read in (parse, parse_order, lambda given: options.read([("$expand", given), ("$filter", given)]), entities.read_address):
        try:
            read(text)
        except Refusal as refusal:
            assert refusal.code.startswith("things_")


def test_precedence_is_that_of_the_standard():
    assert parse("a or b and not c eq 1 add 2 mul 3") == Operation(
        "or",
        Path(("a",)),
        Operation(
            "and",
            Path(("b",)),
            Not(Operation("eq", Path(("c",)), Operation("add", Literal(1), Operation("mul", Literal(2), Literal(3))))),
        ),
    )


def test_times_intervals_durations_and_geometries_are_literals():
    assert parse("2026-11-22T08:00:00+08:00") == Literal(NOW)
    assert parse("2026-11-22T08:00:00 08:00") == Literal(NOW)
    interval = parse("2026-11-22T00:00:00Z/2026-11-23T00:00:00Z").value
    assert (interval.start, interval.end) == (NOW, NOW + timedelta(days=1))
    assert parse("duration'P1DT2H'") == Literal(timedelta(days=1, hours=2))
    assert parse("geography'SRID=4326;POINT (117 36)'").value.x == 117


@pytest.mark.parametrize(
    "text",
    [
        "name eq",
        "eq 1",
        "(a",
        "a b",
        "f(1,",
        "'x",
        "geometry'POINT('",
        "2026-13-01T00:00:00Z",
        "a" * 9000,
        "(" * 60 + "a" + ")" * 60,
        " or ".join(["a"] * 300),
    ],
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(Refusal):
        parse(text)


def test_expands_nest_and_carry_options_of_their_own():
    found = options.read(
        [
            (
                "$expand",
                "Datastreams($filter=name eq 'a;b(,';$expand=Observations($top=1;$orderby=phenomenonTime desc)),Locations,Datastreams/Sensor",
            )
        ]
    )
    datastreams, locations = found.expand
    assert (datastreams.link, locations.link) == ("Datastreams", "Locations")
    assert datastreams.options.filter == Operation("eq", Path(("name",)), Literal("a;b(,"))
    observations, sensor = datastreams.options.expand
    assert (observations.link, observations.options.top, observations.options.order[0][1], sensor.link) == (
        "Observations",
        1,
        True,
        "Sensor",
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [("$top", "-1")],
        [("$top", "x")],
        [("$skip", "999999999")],
        [("$count", "maybe")],
        [("$resultFormat", "xml")],
        [("$apply", "x")],
        [("$expand", "A(")],
    ],
)
def test_options_that_mean_nothing_are_refused(pairs):
    with pytest.raises(Refusal):
        options.read(pairs)


def test_addresses_are_read_step_by_step():
    address = entities.read_address("Things('a/b''c')/Datastreams(3)/Observations/$ref")
    assert [(step.name, step.key) for step in address.steps] == [("Things", "a/b'c"), ("Datastreams", "3"), ("Observations", None)]
    assert address.tail == "$ref"
    assert entities.read_address("Datastreams(1)/unitOfMeasurement/symbol/$value").property == ("unitOfMeasurement", "symbol")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "Thing",
        "Things/name",
        "Things/Datastreams",
        "Datastreams(1)/Thing('x')",
        "Datastreams(1)/nothing",
        "Things(1)/$value",
        "Things(1)/name/$ref",
        "MultiDatastreams",
    ],
)
def test_addresses_that_lead_nowhere_are_refused(path):
    with pytest.raises(Refusal):
        entities.read_address(path)


def test_bounds_of_time_are_told_apart_from_what_the_store_must_compare():
    tree = parse("phenomenonTime ge 2026-11-22T00:00:00Z and resultTime lt 2026-11-22T00:00:01Z and result gt 5 and Datastream/name eq 'x'")
    wanted = observing.read(tree, NOW)
    ms = round(NOW.timestamp() * 1000)
    assert (wanted.since, wanted.until, wanted.where) == (ms, ms + 1000, ["gt", ["result"], ["number", 5]])
    assert wanted.points == (parse("name eq 'x'"),)


@given(st.integers(0, 10**13), st.sampled_from(["eq", "ge", "gt", "le", "lt"]), st.integers(-2, 2))
@example(256_451, "eq", 0)
def test_bounds_hold_exactly_the_moments_that_the_comparison_holds(ms, operator, off):
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    wanted = observing.read(Operation(operator, Path(("phenomenonTime",)), Literal(moment)), NOW)
    exact = round(moment.timestamp() * 1000)
    at = exact + off
    inside = (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)
    assert inside == {"eq": at == exact, "ge": at >= exact, "gt": at > exact, "le": at <= exact, "lt": at < exact}[operator]


def test_an_observation_is_found_by_its_identifier_alone():
    wanted = observing.read(parse("@iot.id eq '12-1790000000000'"), NOW)
    assert (wanted.channel, wanted.since, wanted.until) == (12, 1_790_000_000_000, 1_790_000_000_001)
    assert observing.read(parse("id eq 'x'"), NOW).nothing


@pytest.mark.parametrize(
    "text",
    ["result gt phenomenonTime", "resultQuality eq 'x'", "Datastream/name eq 'x' or result gt 1", "length(result) gt 1", "result eq true"],
)
def test_conditions_that_observations_do_not_know_are_refused(text):
    with pytest.raises(Refusal):
        observing.read(parse(text), NOW)


def test_conditions_in_memory():
    facts = {"@iot.id": "x", "name": "压力", "properties": {"unit": "MPa"}}
    assert evaluate(parse("name eq '压力' and endswith(properties/unit,'Pa') and not substringof('k',properties/unit)"), facts)
    with pytest.raises(Refusal):
        evaluate(parse("name gt 3"), facts)
    assert len(conjuncts(parse("a and b and (c or d)"))) == 3
