"""Channels: what each can do, whom it reaches, and what an exercise may use."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "channels.view": N_("查看预警发布渠道与回执"),
}


@dataclass(frozen=True)
class ChannelKind:
    """One way out. ``internal`` channels stay inside the node: an exercise uses only those."""

    code: str
    label: str
    internal: bool


IN_PAGE = ChannelKind("in_page", N_("页面提示"), internal=True)
FEED = ChannelKind("cap_feed", N_("CAP 订阅源"), internal=False)
KINDS = (IN_PAGE, FEED)


def channels_for(exercise: bool) -> tuple[ChannelKind, ...]:
    """The channels that a bulletin goes to. Nothing of an exercise leaves to real receivers."""
    return tuple(kind for kind in KINDS if kind.internal or not exercise)
