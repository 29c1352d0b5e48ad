"""``anlan bench outage``: each process of the stream killed in turn under ten thousand readings a second; the last line says what is left of it.

Exit code 1 when an acknowledged reading is lost, the record disagrees with the store, or an alarm that was due is missing or doubled.
"""

from __future__ import annotations

import argparse
import json as encoder
import time
from dataclasses import asdict

from tests.rooms.sense.outage import KILLED, Caller, Fleet, fleet, kill_in_turn, node, proved


def main(*, json: bool = False, arguments: list[str] | None = None) -> int:
    """Run it and print one JSON line."""
    parser = argparse.ArgumentParser(prog="anlan bench outage")
    parser.add_argument("--rate", type=int, default=10_000, help="readings a second")
    parser.add_argument("--load-s", type=float, default=15.0, help="seconds of load before each kill")
    parser.add_argument("--down-s", type=float, default=10.0, help="seconds that each process stays dead")
    parser.add_argument("--kill", default=",".join(KILLED), help="which processes, in this order")
    chosen = parser.parse_args(arguments or [])
    senders, caller = fleet(chosen.rate), Caller(channel=1_000_000)
    begun = time.monotonic()
    with node(senders, caller) as (running, gateway_port):
        sending = Fleet(running, senders, caller, gateway_port)
        sending.start()
        down = kill_in_turn(running, load_s=chosen.load_s, down_s=chosen.down_s, which=chosen.kill.split(","))
        sending.end()
        sent_s = time.monotonic() - begun
        outcome = proved(running, senders, caller, seconds=600)
    outcome.down_s = down
    figures = {**asdict(outcome), "readings_per_s": round(outcome.acknowledged / sent_s), "seconds": round(time.monotonic() - begun)}
    print(encoder.dumps(figures))  # noqa: T201 - the last line is the result
    whole = outcome.lost == 0 and outcome.counted == outcome.stored
    alarms = (
        outcome.alarms_raised == outcome.alarms_due and not outcome.alarms_doubled and outcome.late_alarms == outcome.late_alarms_marked
    )
    return 0 if whole and alarms else 1
