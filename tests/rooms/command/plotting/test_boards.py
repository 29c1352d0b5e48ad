"""Boards in the database: drawing, catching up, attribution, walls, replay, the chained log."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.incidents import door as incidents
from anlan.command.plotting import document, door, exporting, queries, rules, services
from anlan.command.plotting.document import EMPTY
from anlan.command.plotting.models import Board, BoardCheckpoint, BoardUpdate
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry

pytestmark = pytest.mark.django_db
ONE, TWO = "1" * 32, "2" * 32
HERE = {"type": "Point", "coordinates": [117.05, 36.66]}


def new(name: str = ONE, **fields: Any) -> dict[str, Any]:
    return {f"{name}:{field}": value for field, value in ({"kind": "point", "geometry": HERE} | fields).items()}


def opened(by: Actor, **values: Any) -> Board:
    return services.open_board({"title": "氯气泄漏标绘", "place_code": "370102"} | values, actor=by, now=NOW)


@pytest.fixture
def officer(world: None) -> Actor:
    return actor("duty_officer", "370102")


@pytest.fixture
def team(world: None) -> Actor:
    return actor("rescue_team", "370102")


@pytest.fixture
def leader(world: None) -> Actor:
    return actor("duty_leader", "370102")


def test_two_posts_draw_and_the_log_says_who_did_what(officer: Actor, team: Actor) -> None:
    board = opened(officer)
    first = services.draw(board.pk, document.composed(EMPTY, new(title="火点")), actor=officer, now=NOW)
    assert (first.sequence, first.fresh) == (1, True)
    theirs = document.composed(queries.state_at(board.pk), {f"{ONE}:remark": "已控制"})
    services.draw(board.pk, theirs, actor=team, now=NOW + timedelta(minutes=1))
    drawn = queries.objects_at(board.pk)[ONE]
    assert (drawn.created.name, drawn.created.post) == (officer.name, officer.post)
    assert (drawn.changed.name, drawn.changed.post, drawn.changed.sequence) == (team.name, team.post, 2)
    then = queries.objects_at(board.pk, 1)[ONE]
    assert "remark" not in then.fields and drawn.fields["remark"] == "已控制"
    told = list(Announcement.objects.filter(kind="plotting.changed").order_by("id").values_list("payload", flat=True))
    assert [each["sequence"] for each in told] == [0, 1, 2] and told[-1]["objects"] == [ONE]
    (feature,) = door.features_of(board.pk, NOW + timedelta(seconds=30))
    assert feature.changed_by == officer.name and feature.title == "火点"
    assert queries.verify(board.pk).intact


def test_what_is_sent_twice_is_taken_once(officer: Actor) -> None:
    board = opened(officer)
    update = document.composed(EMPTY, new())
    services.draw(board.pk, update, actor=officer, now=NOW)
    again = services.draw(board.pk, update, actor=officer, now=NOW)
    assert (again.sequence, again.fresh) == (1, False)
    assert BoardUpdate.objects.filter(board=board).count() == 1


def test_nobody_draws_with_another_ones_hand(officer: Actor, team: Actor) -> None:
    board = opened(officer)
    services.draw(board.pk, document.composed(EMPTY, new(), hand=7), actor=officer, now=NOW)
    forged = document.composed(queries.state_at(board.pk), {f"{ONE}:title": "伪造"}, hand=7)
    with pytest.raises(rules.ForeignHand):
        services.draw(board.pk, forged, actor=team, now=NOW)
    assert queries.objects_at(board.pk)[ONE].title == ""


def test_a_refused_update_leaves_no_trace_and_the_next_one_is_taken(officer: Actor, team: Actor) -> None:
    board = opened(officer)
    services.draw(board.pk, document.composed(EMPTY, new(lock=True)), actor=officer, now=NOW)
    state = queries.state_at(board.pk)
    with pytest.raises(rules.ObjectLocked):
        services.draw(board.pk, document.composed(state, {f"{ONE}:title": "改"}, hand=8), actor=team, now=NOW)
    with pytest.raises(rules.ForeignContent):
        services.draw(board.pk, document.composed(state, {"author": "王"}, hand=8), actor=team, now=NOW)
    with pytest.raises(rules.UnreadableUpdate):
        services.draw(board.pk, b"x", actor=team, now=NOW)
    services.draw(board.pk, document.composed(state, new(TWO), hand=8), actor=team, now=NOW)
    assert BoardUpdate.objects.filter(board=board).count() == 2 and set(queries.objects_at(board.pk)) == {ONE, TWO}


def test_who_may_not_draw_is_told_why(officer: Actor, team: Actor, leader: Actor) -> None:
    update = document.composed(EMPTY, new())
    restricted = opened(officer, restricted=True, editors={})
    with pytest.raises(rules.NotAnEditor):
        services.draw(restricted.pk, update, actor=team, now=NOW)
    services.set_up(restricted, {"editors": {team.account_id: team.name}}, actor=leader, now=NOW)
    services.draw(restricted.pk, update, actor=team, now=NOW)
    services.close(restricted, actor=leader, now=NOW)
    with pytest.raises(rules.BoardClosed):
        services.draw(restricted.pk, update, actor=officer, now=NOW)
    with pytest.raises(NotPermitted):
        services.close(opened(officer), actor=team, now=NOW)
    facts = AuditEntry.objects.filter(action="plotting.manage", subject_id=str(restricted.pk)).latest("sequence").content["facts"]
    assert facts["sequence"] == 1 and len(facts["digest"]) == 64


def test_a_wall_of_jurisdiction_stands_around_a_board(officer: Actor) -> None:
    board = opened(officer)
    stranger = actor("duty_officer", "370103")
    with pytest.raises(NotFound):
        services.draw(board.pk, document.composed(EMPTY, new()), actor=stranger, now=NOW)
    assert door.boards(None, stranger) == () and [each.id for each in door.boards(None, officer)] == [board.pk]
    with pytest.raises(NotFound):
        door.features_of(board.pk, actor=stranger)


def test_a_board_of_an_incident_takes_its_place_and_its_exercise(officer: Actor) -> None:
    values = {"title": "演练泄漏", "place_code": "370102", "longitude": 117.05, "latitude": 36.66, "exercise": True}
    incident = incidents.open_incident(values, actor=officer, now=NOW)
    board = opened(officer, incident_id=incident, title="现场标绘")
    assert (board.exercise, board.longitude, board.place_code) == (True, 117.05, "370102")
    (summary,) = door.boards(incident, officer, open_only=True)
    assert summary.exercise and summary.objects == 0
    services.draw(board.pk, document.composed(EMPTY, new(title="集结点")), actor=officer, now=NOW)
    features = door.features_of(board.pk)
    assert features[0].exercise
    text = exporting.kml(board.title, features, exercise=True).decode()
    assert "【演练】集结点" in text and "117.05,36.66" in text
    assert exporting.geojson(board.title, features, at=NOW, exercise=True)["features"][0]["properties"]["created_by"] == officer.name


def test_checkpoints_neither_lose_attribution_nor_replay(officer: Actor, team: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHECKPOINT_EVERY", 3)
    board = opened(officer)
    state = EMPTY
    for number in range(8):
        by = officer if number % 2 == 0 else team
        effect = new(title="0") if number == 0 else {f"{ONE}:title": str(number)}
        update = document.composed(state, effect, hand=10 + number % 2)
        services.draw(board.pk, update, actor=by, now=NOW + timedelta(minutes=number))
        state = document.joined(state, [update])
    assert list(BoardCheckpoint.objects.filter(board=board).values_list("sequence", flat=True)) == [3, 6]
    services._boards.clear()
    for sequence in range(1, 9):
        drawn = queries.objects_at(board.pk, sequence)[ONE]
        assert drawn.title == str(sequence - 1) and drawn.created.name == officer.name
        assert document.contents(queries.state_at(board.pk, sequence)) == {f"{ONE}:{name}": value for name, value in drawn.fields.items()}
    anchors = AuditEntry.objects.filter(action="plotting.draw", subject_id=str(board.pk))
    assert [entry.content["facts"]["sequence"] for entry in anchors.order_by("sequence")] == [3, 6]
    # A process that knows nothing of the board draws on.
    services.draw(board.pk, document.composed(state, {f"{ONE}:title": "末"}, hand=10), actor=officer, now=NOW)
    assert queries.verify(board.pk).intact


def test_the_log_takes_additions_only_and_a_changed_byte_shows(officer: Actor) -> None:
    board = opened(officer)
    services.draw(board.pk, document.composed(EMPTY, new()), actor=officer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        BoardUpdate.objects.filter(board=board).update(actor_name="别人")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plotting_boardupdate DISABLE TRIGGER plotting_boardupdate_append_only")
        cursor.execute("UPDATE plotting_boardupdate SET actor_name = '别人' WHERE board_id = %s", [board.pk])
        cursor.execute("ALTER TABLE plotting_boardupdate ENABLE TRIGGER plotting_boardupdate_append_only")
    assert queries.verify(board.pk).broken_at == 1


# --- as the page's script asks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(world: None) -> Client:
    return client_of(make_account("plot-duty", "duty_officer", "370102"))


def _post(client: Client, board: Board, content: bytes, **headers: str) -> Any:
    return client.post(f"/plotting/{board.pk}/updates/", content, content_type="application/octet-stream", headers=headers)


def test_a_page_draws_catches_up_and_replays(browser: Client, officer: Actor) -> None:
    wanted = {"title": "夜间标绘", "place_code": "370102"}
    board = services.open_board(wanted, actor=officer, now=clock.now() - timedelta(hours=1))
    long_ago = str(int((clock.now() - timedelta(minutes=10)).timestamp() * 1000))
    answer = _post(browser, board, document.composed(EMPTY, new(title="水源")), **{"X-Drawn-At": long_ago})
    assert answer.status_code == 200 and answer.json()["sequence"] == 1
    (missed,) = browser.get(f"/plotting/{board.pk}/updates/?after=0").json()["updates"]
    assert missed["mark"]["name"] == "Plot-Duty" and missed["mark"]["late"] is True and missed["objects"] == [ONE]
    whole = browser.get(f"/plotting/{board.pk}/state/").json()
    assert document.contents(base64.b64decode(whole["state"])) == new(title="水源")
    assert whole["objects"][ONE]["created"]["late"] is True
    # Late and gapless: a page that knows the vector knows what it still has to send.
    assert document.vector(base64.b64decode(answer.json()["vector"]))
    then = browser.get(f"/plotting/{board.pk}/then/?sequence=0").json()
    assert then["collection"]["features"] == [] and then["last"] == 1
    assert browser.get(f"/plotting/{board.pk}/then/?time=1999-01-01T00:00:00Z").status_code == 404
    assert "水源" in browser.get(f"/plotting/{board.pk}/history/").content.decode()
    assert json.loads(browser.get(f"/plotting/{board.pk}/export.geojson").content)["features"][0]["properties"]["title"] == "水源"
    assert browser.get(f"/plotting/{board.pk}/export.kml").content.startswith(b"<?xml")
    near = browser.get("/plotting/features.json?bbox=117,36,118,37&shape=points").json()["features"]
    assert [each["properties"]["title"] for each in near] == ["水源"]
    before = (board.opened_at + timedelta(seconds=1)).isoformat().replace("+", "%2B")
    assert browser.get(f"/plotting/features.json?bbox=117,36,118,37&at={before}").json()["features"] == []
    assert browser.get("/plotting/features.json?bbox=100,20,101,21").json()["features"] == []
    assert browser.get(f"/plotting/{board.pk}/").status_code == 200


def test_a_refusal_names_the_object_so_that_the_rest_can_be_sent_again(browser: Client, officer: Actor) -> None:
    board = opened(officer)
    both = new() | new(TWO, kind="circle")
    answer = _post(browser, board, document.composed(EMPTY, both))
    assert answer.status_code == 422 and answer.json()["object"] == TWO and "半径" in answer.json()["message"]
    assert _post(browser, board, bytes(rules.LARGEST_UPDATE + 1)).status_code == 413
    assert browser.post(f"/plotting/{board.pk}/presence/", "[]", content_type="application/json").status_code == 422
    told = json.dumps({"hand": 5, "cursor": [117.0, 36.0]})
    assert browser.post(f"/plotting/{board.pk}/presence/", told, content_type="application/json").status_code == 204


def test_a_board_is_opened_and_closed_by_its_forms(browser: Client, world: None) -> None:
    answer = browser.post("/plotting/new/", {"title": "夜间标绘", "place_code": "370102", "exercise": "on"})
    board = Board.objects.get(title="夜间标绘")
    assert answer.status_code == 302 and board.exercise
    assert browser.post("/plotting/new/", {"title": "", "place_code": "370102"}).status_code == 422
    account = make_account("plot-leader", "duty_leader", "370102")
    leader = client_of(account)
    assert leader.get(f"/plotting/{board.pk}/setup/").status_code == 200
    assert leader.post(f"/plotting/{board.pk}/close/").status_code == 302
    board.refresh_from_db()
    assert board.is_closed and not queries.may_draw(board, actor_of(account))
    assert browser.post(f"/plotting/{board.pk}/close/").status_code == 403
