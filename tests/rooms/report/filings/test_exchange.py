"""Reports that other nodes tell: taken over field by field, and nothing that only this node may say."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest
from tests.rooms.federation.others import CITY, LIXIA, NOW, SHIZHONG, SUBJECT, Other, city
from tests.rooms.jinan import SPACE, actor

from anlan.federation import acknowledging, inbox
from anlan.federation.envelope import Address, Lane
from anlan.federation.models import APPLIED, SET_ASIDE, InboxEnvelope, OutboxEnvelope
from anlan.kernel.levels import Level
from anlan.ledger import events
from anlan.ledger.models import Announcement
from anlan.report.filings import door, instructing, queries, rules, services, way
from anlan.report.filings.exchange import KIND
from anlan.report.filings.models import Filing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
HERE = Address(Level.CITY, CITY)


@pytest.fixture
def county() -> Other:
    """The county's node, joined below this one, which is the city's."""
    city()
    made = Other("历下区节点", Level.COUNTY, LIXIA)
    made.known()
    return made


def version(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A version as it is told; ``changed``: what it says otherwise than the first, and says so."""
    content: dict[str, Any] = {
        "title": "氨泄漏", "kind": "hazchem_leak", "occurred_at": NOW.isoformat(), "location": "化工路9号", "longitude": None, "latitude": None,
        "unit_profile": "", "scene": "已警戒", "brief_course": "", "measures_taken": "", "other": "", "deaths": 0, "serious_injured": 0, "injured": 3,
        "missing": 0, "trapped": None, "endangered": None, "evacuated": None, "direct_loss": None, "serious_pollution": False,
        "key_facility_threatened": False, "other_near_miss": False, "impact": "", "accident_type": "", "type_final": False, "loss_unknown": 0,
        "unknown": [],
    }  # fmt: skip
    return {
        "id": str(uuid5(SPACE, f"version {number} {sorted(changed)}")), "number": number, "kind": "first" if number == 1 else "supplement",
        "content": content | changed, "changed": {name: [content[name], value] for name, value in changed.items()}, "level_code": "",
        "forecast_code": "", "provisional": True, "reason": "", "author_id": str(uuid5(SPACE, "author")), "author_name": "程安", "post": "值班员",
        "at": (NOW + timedelta(minutes=number)).isoformat(),
    }  # fmt: skip


def step(name: str = "up", **other: Any) -> dict[str, Any]:
    """The county's report to the city, as it is told."""
    plain = {
        "id": str(uuid5(SPACE, name)), "sequence": 1, "kind": "written", "rule_code": "county_city", "version_number": 1,
        "sender_level": 3, "sender_name": "历下区应急管理局", "receiver_level": 2, "receiver_name": "济南市应急管理局",
        "due": (NOW + timedelta(hours=2)).isoformat(), "sent_at": NOW.isoformat(), "sent_by": "程安", "late_seconds": 0, "received_at": None,
        "received_by": "", "note": "", "number_called": "", "read_back_by": "", "unknown": [], "noted_at": None,
    }  # fmt: skip
    return plain | other


def head(**other: Any) -> dict[str, Any]:
    """What is said with each envelope."""
    plain = {
        "known_at": NOW.isoformat(), "opened_at": NOW.isoformat(), "classification": 1, "source": "phone", "reporter_id": str(uuid5(SPACE, "author")),
        "reporter_name": "程安", "reporter_phone": "", "unit_name": "示范化工", "unit_code": "91370102MA00000A0X", "state": "reported_up",
        "holder_level": 2, "why": "",
    }  # fmt: skip
    return plain | other


def told(county: Other, body: Mapping[str, Any], **other: Any) -> InboxEnvelope:
    """An envelope of the county came and was worked on."""
    answer = inbox.take(county.sealed(HERE, kind=KIND, lane=Lane.FLASH, body=dict(body), **other), county_row(county), now=NOW)
    row = InboxEnvelope.objects.filter(envelope_id=answer.envelope_id).first()
    assert row is not None, answer
    return inbox.work(row.pk, now=NOW) or row


def county_row(county: Other) -> Any:
    return inbox.Node.objects.get(pk=county.id)


WHOLE = {"header": head(), "versions": [version()], "steps": [step()]}


def test_a_report_from_below_waits_for_the_signature_here_and_owes_nothing_of_the_countys(county: Other) -> None:
    assert told(county, WHOLE).state == APPLIED
    filing = Filing.objects.get()
    assert (filing.pk, filing.state, filing.holder_level, filing.injured) == (SUBJECT, rules.REPORTED_UP, Level.CITY, 3)
    assert (filing.source, filing.reporter_name) == (rules.SOURCE_LOWER, "示范化工"), "its unit has no file here and is named"
    assert [step.sent_by for step in queries.to_sign(filing, Level.CITY)] == ["程安"]
    assert Announcement.objects.filter(kind="filings.reported_up").count() == 1
    assert OutboxEnvelope.objects.get().kind == acknowledging.KIND


def test_what_is_told_again_changes_nothing(county: Other) -> None:
    told(county, WHOLE)
    told(county, WHOLE)
    filing = Filing.objects.get()
    assert (filing.versions.count(), filing.steps.count(), filing.sources.count()) == (1, 1, 1)


def test_a_later_version_that_comes_first_is_not_undone_by_the_earlier_one(county: Other) -> None:
    told(county, WHOLE)
    told(county, {"header": head(), "versions": [version(3, deaths=1)]})
    told(county, {"header": head(), "versions": [version(2, scene="泄漏减小", injured=4)]})
    filing = Filing.objects.get()
    assert (filing.deaths, filing.injured, filing.scene) == (1, 4, "泄漏减小")
    assert list(filing.versions.values_list("number", flat=True)) == [1, 2, 3]
    assert filing.reporting_code == "IV"


def test_two_versions_of_one_number_are_both_kept(county: Other) -> None:
    told(county, WHOLE)
    services.supplement(Filing.objects.get(), {"scene": "市局到场"}, actor=actor("duty_officer", CITY), now=NOW + timedelta(minutes=5))
    told(county, {"header": head(), "versions": [version(2, injured=4)]})
    filing = Filing.objects.get()
    assert list(filing.versions.values_list("number", flat=True)) == [1, 2, 3]
    assert (filing.scene, filing.injured) == ("市局到场", 4)


def test_nobody_else_signs_for_a_bureau_of_this_node(county: Other) -> None:
    told(county, WHOLE)
    told(county, {"header": head(), "steps": [step(received_at=NOW.isoformat(), received_by="别人", note="改写")]})
    row = Filing.objects.get().steps.get()
    assert (row.received_at, row.note) == (None, "")
    services.receive(Filing.objects.get(), actor=actor("duty_officer", CITY), now=NOW)
    assert Filing.objects.get().steps.get().received_by == actor("duty_officer", CITY).name


def test_an_instruction_is_answered_by_whom_it_was_given_to_and_judged_by_who_gave_it(county: Other) -> None:
    told(county, WHOLE)
    filing, leader = Filing.objects.get(), actor("duty_leader", CITY)
    given = instructing.instruct(filing, "全力救治", "市长", actor=leader, now=NOW, to_level=Level.COUNTY)
    row: dict[str, Any] = {
        "id": str(given.pk), "text": "改写", "given_by": "市长", "given_by_post": "", "given_level": 2, "entered_by_id": str(leader.account_id),
        "at": NOW.isoformat(), "done_at": NOW.isoformat(), "done_by": "程安", "outcome": "已送医", "to_level": 3, "due": None, "parent_id": None,
        "confirmed_at": NOW.isoformat(), "confirmed_by": "程安", "returned": "",
    }  # fmt: skip
    told(county, {"header": head(), "instructions": [row]})
    given.refresh_from_db()
    assert (given.outcome, given.done_by) == ("已送医", "程安")
    assert (given.text, given.confirmed_at) == ("全力救治", None)


@pytest.mark.parametrize(
    "body",
    [
        {"header": head(), "versions": [version(), version(2) | {"at": "gestern"}], "steps": [step()]},
        {"header": head(), "versions": [version()], "steps": [step(receiver_level=9)]},
        {"header": head(), "versions": [version()], "steps": [step(kind="smoke")]},
        {"header": head(), "versions": [version(deaths=-1)], "steps": [step()]},
        {"header": head(), "versions": [version(kind="volcano")], "steps": [step()]},
        {"header": head(holder_level=True), "versions": [version()]},
        {"header": head() | {"state": "flying"}, "versions": [version()]},
        {"versions": [version()]},
        {"header": head(), "steps": [step()]},
        {"header": head(), "versions": "all", "steps": [step()]},
    ],
)
def test_a_report_that_is_not_sound_is_set_aside_whole_and_the_next_is_taken(county: Other, body: dict[str, Any]) -> None:
    row = told(county, body)
    assert row.state == SET_ASIDE and row.refused_words
    assert not Filing.objects.exists()
    assert told(county, WHOLE).state == APPLIED


ODD: tuple[Any, ...] = (
    None, True, -1, 7, 2**40, 10**30, 1.5, "", "x", "长" * 6000, [], ["a"], [[1, 2]], {}, {"a": 1}, {"gestern": [1, 2]}, {"deaths": 3}, "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59+00:00", "2026-11-22T18:14:00", "370102", [None], {"deaths": [None, {"a": 1}]},
)  # fmt: skip
FIELDS = (
    *(("header", name) for name in head()),
    *(("versions", name) for name in version()),
    *(("steps", name) for name in step()),
    *(("content", name) for name in version()["content"]),
)


@pytest.mark.parametrize(("part", "name"), FIELDS)
def test_whatever_stands_in_one_field_is_taken_or_set_aside_and_every_page_still_shows(county: Other, part: str, name: str) -> None:
    reader = actor("duty_officer", CITY)
    # Of two dozen odd values every field meets six, its neighbours the others.
    for number, value in enumerate(ODD[FIELDS.index((part, name)) % 4 :: 4]):
        body = deepcopy(WHOLE)
        place = body["versions"][0]["content"] if part == "content" else body[part] if part == "header" else body[part][0]
        place[name] = value
        subject = uuid5(SPACE, f"odd {number}")
        for row, key in ((body["versions"][0], "version"), (body["steps"][0], "step")):
            if (part, name) not in (("versions", "id"), ("steps", "id")):
                row["id"] = str(uuid5(SPACE, f"{key} {number}"))
        row = told(county, body, subject=subject)
        assert row.state in (APPLIED, SET_ASIDE)
        if row.state == APPLIED:
            assert door.entries(subject, None, NOW) and way.legs(queries.filing(subject, None), NOW)
        else:
            assert row.refused_words and not Filing.objects.filter(pk=subject).exists()
    assert told(county, WHOLE).state == APPLIED
    assert events.deliver_pending() and door.open_filings(reader)


def test_a_report_does_not_move_to_another_place(county: Other) -> None:
    told(county, WHOLE)
    other = Other("市中区节点", Level.COUNTY, SHIZHONG)
    other.known()
    assert told(other, WHOLE).refused_code == "conflict"
    assert Filing.objects.get().place_code == LIXIA


def test_the_case_follows_its_flow_and_never_goes_back(county: Other) -> None:
    told(county, WHOLE)
    services.receive(Filing.objects.get(), actor=actor("duty_officer", CITY), now=NOW)
    told(county, {"header": head(), "versions": [version(2, injured=5)]})
    assert Filing.objects.get().state == rules.RECEIVED
    told(county, {"header": head(state="withdrawn", why="误报"), "versions": [version(3, injured=0)]})
    assert Filing.objects.get().state == rules.WITHDRAWN
