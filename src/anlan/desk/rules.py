"""What the desk's own pages ask for."""

from __future__ import annotations

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "map.view": N_("查看一张图"),
    "wallboard.view": N_("查看大屏"),
    "desk.view": N_("查看待办、通知和搜索"),
}
