"""What the demonstration lets a visitor do."""

from __future__ import annotations

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "demo.drill": N_("开始和结束演练"),
}
