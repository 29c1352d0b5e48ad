"""``anlan bench relays``: reports that a county sends straight to the nation, over two relays (city, province), all four nodes running here.

Each figure is in seconds, from the moment at which the county's officer sent the report until the nation's database holds it. The wall clock of one
machine, whose two processors carry all twelve processes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

LIMIT_S = 3.0
PLACES = {"370102": "历下区节点", "370100": "济南市节点", "370000": "山东省节点", "000000": "国家节点"}


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, Any]:
    """Run it; its figures."""
    parser = argparse.ArgumentParser(prog="anlan bench relays")
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--every-s", type=float, default=1.0, help="seconds between two reports")
    chosen = parser.parse_args(arguments or [])
    import django

    django.setup()
    from tests.rooms.federation.nodes import join, nodes, until

    with tempfile.TemporaryDirectory(prefix="anlan-relays-") as folder, nodes(Path(folder), PLACES) as made:
        county, *_relays, nation = made
        for node in made:
            node.call_oneself()
            node.start("worker", *(["web"] if node is not county else []), *(["courier"] if node is not nation else []))
        for lower, upper in pairwise(made):
            join(lower, upper)
        known = "SELECT 1 FROM federation_node WHERE name = %s AND state = 'joined'"
        until(lambda: bool(nation.rows(known, county.name)) and bool(county.rows(known, nation.name)))
        _travel(county, nation)
        seconds = []
        for _ in range(chosen.reports):
            began = time.monotonic()
            seconds.append(_travel(county, nation))
            time.sleep(max(0.0, began + chosen.every_s - time.monotonic()))
    seconds.sort()
    return {
        "reports": len(seconds),
        "p50_s": round(seconds[len(seconds) // 2], 2),
        "p99_s": round(seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)], 2),
        "worst_s": round(seconds[-1], 2),
        "limit_s": LIMIT_S,
    }


def _travel(county: Any, nation: Any) -> float:
    """Write a report, send it, and wait for it."""
    from tests.rooms.federation.nodes import reported
    from tests.rooms.jinan import actor

    from anlan.kernel import clock
    from anlan.kernel.levels import Level
    from anlan.report.filings import services

    filing = reported(county)
    with county.at():
        services.report_directly(filing, Level.NATION, actor=actor("duty_officer", county.place_code), now=clock.now())
        sent = time.monotonic()
    while not nation.rows("SELECT 1 FROM filings_filing WHERE id = %s", filing.pk):
        if time.monotonic() - sent > 60:
            raise TimeoutError(filing.pk)
        time.sleep(0.005)
    return time.monotonic() - sent
