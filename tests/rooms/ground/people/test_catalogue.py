"""Posts against the actions that the rooms really declare."""

from __future__ import annotations

from fnmatch import fnmatchcase

from anlan.ground.people import rules
from anlan.ground.people.catalogue import all_actions


def test_every_pattern_of_a_post_names_an_action_of_some_room() -> None:
    unmatched = [
        f"{kind.code}: {pattern}"
        for kind in rules.KINDS.values()
        for pattern in kind.patterns
        if not any(fnmatchcase(action, pattern) for action in all_actions())
    ]
    assert unmatched == []


def test_every_action_of_people_and_audit_belongs_to_exactly_one_administrator_or_to_two_that_only_look() -> None:
    for action in all_actions():
        if action.startswith(("people.", "audit.")):
            holders = [code for code in rules.ADMINISTRATORS if rules.KINDS[code].allows(action)]
            assert len(holders) == 1 or action == "people.view", action


def test_no_administrator_may_do_any_business() -> None:
    # Links: an administrator joins nodes and sees that something waits, not what (tests/rooms/report/relays).
    allowed = {"people", "audit", "organisations", "places", "relays"}
    for code in rules.ADMINISTRATORS:
        rooms = {action.split(".")[0] for action in all_actions() if rules.KINDS[code].allows(action)}
        assert rooms <= allowed, code


def test_what_only_processes_do_is_granted_to_no_post() -> None:
    for action in ("alarms.detect", "bulletins.keep", "relays.exchange"):
        assert not [kind.code for kind in rules.KINDS.values() if kind.allows(action)], action
