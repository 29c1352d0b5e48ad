"""Every process of the stream is killed in turn under load: what was acknowledged is there exactly once, and no alarm that was due is missing.

The long version with ten thousand readings a second is ``anlan bench outage``.
"""

from __future__ import annotations

import pytest
from tests.rooms.sense.outage import KILLED, Caller, Fleet, fleet, kill_in_turn, node, proved


@pytest.mark.engines
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_or_doubled_when_each_process_is_killed_in_turn() -> None:
    senders = fleet(2000)
    caller = Caller(channel=100_000)
    with node(senders, caller) as (running, gateway_port):
        sending = Fleet(running, senders, caller, gateway_port)
        sending.start()
        down = kill_in_turn(running, load_s=1.5, down_s=1.0)
        sending.end()
        outcome = proved(running, senders, caller)
    assert set(down) == set(KILLED)
    assert outcome.acknowledged > 10_000
    assert outcome.lost == 0
    assert outcome.counted == outcome.stored, "the record counts every stored reading exactly once"
    assert outcome.alarms_due > 20
    assert (outcome.alarms_raised, outcome.alarms_doubled) == (outcome.alarms_due, 0)
    assert outcome.late_alarms > 0
    assert outcome.late_alarms_marked == outcome.late_alarms
    assert outcome.reconnections > 0, "devices did lose the node"
