"""How links and envelopes are shown: words and tones of their states, and titles only for those who may see what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from anlan.federation import acknowledging
from anlan.federation.envelope import Lane
from anlan.federation.models import ABOVE, JOINED, RELATIONS, InboxEnvelope, LinkCut, Node, OutboxEnvelope
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.report.relays import queries
from anlan.report.relays.queries import Link

KINDS: dict[str, str] = {"filings.dossier": N_("事故信息"), acknowledging.KIND: N_("送达回执"), "": N_("无法读出")}
STATES: dict[str, tuple[str, str]] = {
    queries.HEALTHY: ("green", N_("正常")),
    queries.HELD: ("orange", N_("积压")),
    queries.CUT: ("red", N_("中断")),
    queries.ASKING: ("orange", N_("申请接入，待确认")),
    queries.NEW: ("orange", N_("等待首次联系")),
    queries.PARTED: ("grey", N_("已断开")),
}
AWAITING = N_("等待上级同意")
"""Word of the link upward before the node above has answered for the first time."""
LANE_TONES = {Lane.FLASH: "red", Lane.URGENT: "orange", Lane.ROUTINE: "blue", Lane.BULK: "grey"}


@dataclass(frozen=True)
class Row:
    """One link of the table, or at the head of the page."""

    link: Link
    tone: str
    word: str
    relation: str
    level: str
    place: str
    lanes: tuple[tuple[str, str, int], ...]
    """Tone, word and number for each lane."""
    minutes: int
    """Since the last contact."""

    @property
    def node(self) -> Node:
        """The neighbour."""
        return self.link.node

    @property
    def is_cut(self) -> bool:
        """Whether people report by telephone meanwhile."""
        return self.link.state == queries.CUT

    @property
    def waits(self) -> tuple[tuple[str, str, int], ...]:
        """The lanes in which something waits."""
        return tuple(lane for lane in self.lanes if lane[2])


def row_of(link: Link, now: datetime) -> Row:
    """A link in words."""
    tone, word = STATES[link.state]
    node = link.node
    if link.state == queries.NEW and node.relation == ABOVE:
        word = AWAITING
    silent = (now - node.last_contact_at).total_seconds() if node.last_contact_at is not None else 0
    return Row(
        link=link,
        tone=tone,
        word=_(word),
        relation=str(RELATIONS[node.relation]),
        level=level_word(node.level),
        place=places.full_name(node.place_code),
        lanes=tuple((LANE_TONES[lane], _(lane.label), link.waiting.get(lane, 0)) for lane in Lane),
        minutes=max(1, round(silent / 60)),
    )


def upward(rows: Iterable[Row]) -> Row | None:
    """The link to the node above."""
    return next((row for row in rows if row.node.relation == ABOVE and row.node.state == JOINED), None)


def level_word(level: int) -> str:
    """A level in words."""
    return _(Level(level).label)


def level_words(levels: Iterable[int]) -> list[str]:
    """Levels in words, the highest first."""
    return [level_word(level) for level in sorted(levels)]


def described(node: Node) -> dict[str, Any]:
    """A node as its card is shown."""
    return {
        "node": node,
        "level": level_word(node.level),
        "place": places.full_name(node.place_code),
        "levels": level_words(node.levels),
        "groups": node.fingerprint.split(),
    }


def envelope(row: OutboxEnvelope | InboxEnvelope, actor: Actor) -> dict[str, Any]:
    """An envelope as a line. An envelope does not tell the class of what is in it: its title is for those who may see any."""
    may = actor.may("filings.view", place_code=row.place_code, classification=Classification.SENSITIVE)
    shown: dict[str, Any] = {
        "row": row,
        "title": (row.title if may else "") or "—",
        "kind": _(KINDS.get(row.kind, row.kind)),
        "tone": LANE_TONES.get(Lane(row.lane), "grey"),
    }
    if isinstance(row, OutboxEnvelope):
        shown["to"] = [f"{places.place_name(to.place_code)} · {level_word(to.level)}" for to in row.to]
    return shown


def cut_line(row: LinkCut, actor: Actor) -> dict[str, Any]:
    """A link that an exercise holds cut, and whether the actor may mend it."""
    return {
        "row": row,
        "place": places.place_name(row.place_code),
        "level": level_word(row.level),
        "may_mend": actor.may("relays.cut", place_code=row.place_code),
    }
