"""``anlan bench tep``: the 21 faults of the Tennessee Eastman process, canonical variates beside classical PCA, in one run.

Trained on the normal run ``d00``; each testing run ``dNN_te`` has its fault from row 160 on (8 hours at 3 minutes). Detection: the share of faulty
rows that alarm. Delay: minutes from the onset to the first of three alarms in a row. False alarms: the share of rows before the onset. Both
methods get their thresholds in the same way, and nothing was chosen by looking at the testing runs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from anlan.sense.detection import multivariate
from anlan.site.environment import PROJECT
from anlan.site.launcher.say import line

OWN_NODE = True
"""Nothing of a node is needed."""
METHODS = {"cva": multivariate.canonical_variates, "pca": multivariate.principal_components}
IN_A_ROW = 3


def evaluate(folder: Path) -> dict[str, list[dict[str, float | None]]]:
    """One row for each run 0–21 and method: ``detected``, ``delay_min``, ``false``, shares from 0 to 1."""
    from tests.stories import tep

    normal = tep.table(folder, "d00")
    found: dict[str, list[dict[str, float | None]]] = {}
    for name, method in METHODS.items():
        model = multivariate.trained(normal, method)
        found[name] = [_row(model, tep.table(folder, f"d{fault:02d}_te"), fault) for fault in range(22)]
    return found


def _row(model: multivariate.Model, run: np.ndarray, fault: int) -> dict[str, float | None]:
    from tests.stories import tep

    alarm = multivariate.scores(model, run).alarm
    before, after = alarm[: tep.ONSET_ROW], alarm[tep.ONSET_ROW :]
    if fault == 0:
        return {"detected": None, "delay_min": None, "false": float(alarm.mean())}
    return {"detected": float(after.mean()), "delay_min": _delay(after, tep.INTERVAL_S / 60), "false": float(before.mean())}


def _delay(alarm: np.ndarray, minutes: float) -> float | None:
    """Minutes to the end of the first :data:`IN_A_ROW` alarms in a row; ``None`` when there are none."""
    run = np.lib.stride_tricks.sliding_window_view(alarm, IN_A_ROW).all(axis=1)
    return float((np.argmax(run) + IN_A_ROW - 1) * minutes) if run.any() else None


def table(found: dict[str, list[dict[str, float | None]]]) -> str:
    """The table as it stands in docs/performance.md."""
    head = "| fault | detected, CVA | detected, PCA | delay, CVA | delay, PCA | false, CVA | false, PCA |\n|---|---|---|---|---|---|---|"
    rows = [head]
    for fault in range(22):
        cells = [("none" if fault == 0 else str(fault))]
        for column in ("detected", "delay_min", "false"):
            for name in METHODS:
                value = found[name][fault][column]
                cells.append("–" if value is None else f"{value:.0f} min" if column == "delay_min" else f"{100 * value:.1f} %")
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Evaluate; the data are read from the reference material beside the checkout (or ``ANLAN_SHARED``)."""
    from tests.stories import tep

    argparse.ArgumentParser(prog="anlan bench tep").parse_args(arguments or [])
    shared = Path(os.environ.get("ANLAN_SHARED") or PROJECT.parent / "shared")
    with tempfile.TemporaryDirectory() as folder:
        found = evaluate(tep.unpack(shared, Path(folder)))
    if not json:
        line(table(found))
    return {
        name: {
            "detected_mean": round(float(np.mean([row["detected"] for row in rows[1:]])), 4),
            "false_mean": round(float(np.mean([row["false"] for row in rows[1:]])), 4),
            "false_normal_run": round(rows[0]["false"] or 0.0, 4),
            "faults": {str(fault): row for fault, row in enumerate(rows) if fault},
        }
        for name, rows in found.items()
    }
