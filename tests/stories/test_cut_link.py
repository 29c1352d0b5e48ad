"""The chlorine release on four nodes, each with a database of its own: the county's link is cut for forty minutes in the middle of it.

What the county writes meanwhile waits; when the link is back what is gravest goes first, everything arrives and nothing arrives twice. Before and after it
the report goes up and instructions and receipts come down, node by node.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.jinan import actor
from tests.stories.network import Network, came, network, waiting

from anlan.desk.models import Notification
from anlan.federation.envelope import Lane
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.places import index
from anlan.kernel.levels import Level
from anlan.ledger.models import Clock, ClockState
from anlan.report.filings import instructing, queries, refusals, rules, services, way
from anlan.report.filings.models import Filing
from anlan.report.relays import queries as links
from anlan.report.relays import services as relays

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(120)]
COUNTY, CITY, PROVINCE, NATION = Level.COUNTY, Level.CITY, Level.PROVINCE, Level.NATION


@pytest.fixture
def nodes(db: None, clock: Any, tmp_path: Path, settings: Any) -> Iterator[Network]:
    settings.ALLOWED_HOSTS = ["*"]
    index.forget()
    with network(tmp_path, ("370102", "370100", "370000", "000000")) as made:
        made.join(clock.now())
        yield made
    index.forget()


def filing_at(nodes: Network, level: Level) -> Filing:
    with nodes[level].at():
        return Filing.objects.get()


def report(nodes: Network, now: Any) -> Any:
    """The works reports to its county, which signs and reports to the city and directly to the nation."""
    with nodes[COUNTY].at() as county:
        plant = Enterprise.objects.create(
            uscc="91370102MA00000A0X",
            name="示范氯碱有限公司",
            place_code="370102",
            registered_address="历下区化工路1号",
            longitude=117.05,
            latitude=36.66,
        )
        values = {
            "kind": "hazchem_leak",
            "title": "示范氯碱有限公司氯气泄漏",
            "occurred_at": now,
            "known_at": now,
            "place_code": "370102",
            "location": "液氯储存区",
            "enterprise_id": plant.pk,
            "unit_profile": "氯碱生产企业",
            "scene": "G3报警",
            "brief_course": "V-102 泄漏",
            "deaths": 0,
            "serious_injured": 0,
            "injured": 2,
            "missing": 0,
            "evacuated": 1200,
            "direct_loss": None,
            "unknown": ["direct_loss"],
            "measures_taken": "水幕已开",
            "exercise": True,
        }
        manager = actor("enterprise_manager", "370102", enterprise_id=plant.pk)
        filing = services.create_filing(values, actor=manager, now=now)
        services.submit(filing, actor=manager, now=now)
        services.receive(filing, actor=county.post("duty_officer"), now=now)
    return filing.pk


def supplement(nodes: Network, now: Any, **values: Any) -> None:
    with nodes[COUNTY].at() as county:
        services.supplement(
            queries.filing(Filing.objects.get().pk, None), values, actor=county.post("duty_officer"), now=now, reason="续报"
        )
    nodes.run()


def sign(nodes: Network, level: Level, now: Any) -> None:
    with nodes[level].at() as node:
        filing = Filing.objects.get()
        while queries.to_sign(filing, level).exists():
            services.receive(filing, actor=node.post("duty_officer"), now=now)
    nodes.run()


def test_a_link_cut_for_forty_minutes_loses_nothing_doubles_nothing_and_brings_the_dead_first(nodes: Network, clock: Any) -> None:
    began = clock.now()
    key = report(nodes, began)
    clock.set(began + timedelta(minutes=16))
    with nodes[COUNTY].at() as county:
        filing = queries.filing(key, None)
        services.report_up(filing, actor=county.post("duty_officer"), now=clock.now())
        services.report_directly(filing, NATION, actor=county.post("duty_officer"), now=clock.now(), note="可能升级")
        assert filing.steps.filter(delivered_at__isnull=True).count() == 2, "both are on their way"
        assert Clock.objects.get(rule_code="county_city").met_at is None, "what has not arrived is not reported"
        with pytest.raises(refusals.NotYourStep):
            services.receive(filing, actor=actor("duty_officer", "370100"), now=clock.now())
    nodes.run()
    with nodes[COUNTY].at():
        assert not Filing.objects.get().steps.filter(delivered_at__isnull=True).exists()
        assert Clock.objects.get(rule_code="county_city").state == ClockState.MET
    assert {filing_at(nodes, level).pk for level in (CITY, NATION)} == {key}, "one name on every node"
    with nodes[PROVINCE].at():
        assert not Filing.objects.exists(), "the province only handed it on"
    with nodes[CITY].at():
        at_city = Filing.objects.get()
        assert (at_city.source, at_city.reporter_name, at_city.exercise) == (rules.SOURCE_LOWER, "示范氯碱有限公司", True)
        assert (at_city.evacuated, at_city.reporting_code, at_city.state) == (1200, "N", rules.REPORTED_UP)
        assert not Clock.objects.filter(rule_code__in=("enterprise_county", "county_city")).exists(), (
            "what the county owes is counted there"
        )

    clock.set(began + timedelta(minutes=17))
    for level in (CITY, NATION):
        sign(nodes, level, clock.now())
    at_county = filing_at(nodes, COUNTY)
    assert (at_county.state, at_county.holder_level) == (rules.RECEIVED, CITY)
    with nodes[COUNTY].at():
        signed = {(step.kind, step.receiver_level) for step in at_county.steps.filter(received_at=clock.now())}
    assert signed == {("written", CITY), ("direct", NATION)}

    # The link is cut. The county works on; what it writes waits.
    clock.set(began + timedelta(minutes=52))
    nodes[COUNTY].link_is_up = False
    seen = len(came(nodes[CITY]))
    for minutes, values in (
        (60, {"scene": "两岗出动，水幕稀释"}),
        (70, {"scene": "阀门已封堵，读数下降"}),
        (75, {"deaths": 1, "serious_injured": 4}),
    ):
        clock.set(began + timedelta(minutes=minutes))
        supplement(nodes, clock.now(), **values)
    held = waiting(nodes[COUNTY])
    assert [row.lane for row in held] == [Lane.FLASH, Lane.URGENT, Lane.URGENT], "three wait, the dead before what was written before them"
    with nodes[COUNTY].at():
        assert Filing.objects.get().deaths == 1
        shown = links.link_state()
        assert shown is not None
        assert (shown.tone, "3 件待发" in shown.label) == ("red", True)
    assert len(came(nodes[CITY])) == seen
    assert filing_at(nodes, CITY).deaths == 0

    # It is back.
    clock.set(began + timedelta(minutes=92))
    nodes[COUNTY].link_is_up = True
    nodes.run()
    fresh = [row for row in came(nodes[CITY])[seen:] if row.kind == "filings.dossier"]
    assert [row.lane for row in fresh] == [Lane.FLASH, Lane.URGENT, Lane.URGENT]
    assert not waiting(nodes[COUNTY])
    for level in (CITY, NATION):
        there = filing_at(nodes, level)
        with nodes[level].at():
            numbers = list(there.versions.values_list("number", flat=True))
            assert numbers == [1, 2, 3, 4], "nothing twice, nothing lost, each under its own number"
        assert (there.deaths, there.scene, there.reporting_code) == (1, "阀门已封堵，读数下降", "IV"), (
            "as the county holds it, whatever came first"
        )
    with nodes[CITY].at():
        assert set(Filing.objects.get().steps.filter(kind="supplement").values_list("delivered_at", flat=True)) == {clock.now()}
    with nodes[COUNTY].at():
        assert links.link_state().label == "上级链路正常"

    # Sent once more, because the city was restored from a copy: nothing is done twice.
    before = {level: _counted(nodes, level) for level in (CITY, NATION)}
    with nodes[COUNTY].at() as county:
        row = links.links(clock.now())[0].node
        assert relays.send_again(row, began, actor=county.post("duty_leader"), now=clock.now()) > 3
    nodes.run()
    assert {level: _counted(nodes, level) for level in (CITY, NATION)} == before


def _counted(nodes: Network, level: Level) -> tuple[int, int, int]:
    with nodes[level].at():
        filing = Filing.objects.get()
        return filing.versions.count(), filing.steps.count(), Notification.objects.count()


def test_a_report_that_waited_past_its_deadline_is_late_here_and_marked_above(nodes: Network, clock: Any) -> None:
    began = clock.now()
    key = report(nodes, began)
    nodes[COUNTY].link_is_up = False
    clock.set(began + timedelta(minutes=100))
    with nodes[COUNTY].at() as county:
        services.report_up(queries.filing(key, None), actor=county.post("duty_officer"), now=clock.now())
    nodes.run()
    clock.set(began + timedelta(minutes=121))
    nodes.run()
    with nodes[COUNTY].at():
        assert Clock.objects.get(rule_code="county_city").state == ClockState.MISSED, "it rings: the officer telephones"
        (leg,) = [
            leg for leg in way.legs(queries.filing(key, None), clock.now()) if leg.kind == "逐级上报" and leg.receiver.startswith("济南市")
        ]
        assert leg.state == way.UNDER_WAY
    clock.set(began + timedelta(minutes=134))
    nodes[COUNTY].link_is_up = True
    nodes.run()
    for level in (COUNTY, CITY):
        with nodes[level].at():
            mark = Filing.objects.get().marks.get()
            assert (mark.kind, mark.who, mark.late_minutes) == (rules.LATE, "历下区应急管理局", 14)
            assert Filing.objects.get().steps.get(kind="written", receiver_level=CITY).late_minutes == 14


def test_instructions_come_down_and_answers_go_up_node_by_node(nodes: Network, clock: Any) -> None:
    began = clock.now()
    key = report(nodes, began)
    with nodes[COUNTY].at() as county:
        services.report_up(queries.filing(key, None), actor=county.post("duty_officer"), now=began)
    nodes.run()
    sign(nodes, CITY, began)
    with nodes[CITY].at() as city:
        services.report_up(queries.filing(key, None), actor=city.post("duty_officer"), now=began)
    nodes.run()
    sign(nodes, PROVINCE, began)
    assert (filing_at(nodes, COUNTY).holder_level, filing_at(nodes, COUNTY).state) == (PROVINCE, rules.RECEIVED), (
        "the county sees how far it is"
    )

    clock.advance(hours=3)
    due = clock.now() + timedelta(hours=6)
    with nodes[PROVINCE].at() as province:
        leader = province.post("duty_leader")
        above = instructing.instruct(queries.filing(key, None), "查明原因", "副省长", actor=leader, now=clock.now(), to_level=CITY, due=due)
    nodes.run()
    with nodes[COUNTY].at():
        assert not Filing.objects.get().instructions.exists(), "it was not meant for the county"
    with nodes[CITY].at() as city:
        assert Clock.objects.get(rule_code=instructing.clock_code(above)).until == due
        below = instructing.pass_down(queries.filing(key, None), above.pk, "请县局查明", actor=city.post("duty_leader"), now=clock.now())
    nodes.run()
    with nodes[COUNTY].at() as county:
        row = Filing.objects.get().instructions.get()
        assert (row.pk, row.given_by, row.due) == (below.pk, "副省长", due)
        instructing.complete(queries.filing(key, None), row.pk, "阀杆断裂", actor=county.post("duty_officer"), now=clock.now())
    nodes.run()
    with nodes[CITY].at() as city:
        filing = queries.filing(key, None)
        assert filing.instructions.get(pk=below.pk).outcome == "阀杆断裂"
        instructing.complete(filing, above.pk, "县局已查明", actor=city.post("duty_officer"), now=clock.now())
        instructing.confirm(filing, below.pk, actor=city.post("duty_leader"), now=clock.now())
    nodes.run()
    clock.advance(minutes=30)
    with nodes[PROVINCE].at() as province:
        filing = queries.filing(key, None)
        assert Clock.objects.get(rule_code=instructing.clock_code(above)).state == ClockState.MET
        instructing.confirm(filing, above.pk, actor=province.post("duty_leader"), now=clock.now(), returned="请附检测报告")
    nodes.run()
    with nodes[CITY].at():
        row = Filing.objects.get().instructions.get(pk=above.pk)
        assert (row.done_at, row.returned) == (None, "请附检测报告")
        assert Clock.objects.get(rule_code=instructing.clock_code(above), state=ClockState.RUNNING).until == due
    with nodes[COUNTY].at():
        assert Filing.objects.get().instructions.get().confirmed_at == clock.now() - timedelta(minutes=30)
