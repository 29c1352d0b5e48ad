"""Reads of the links: who is joined and how the link is, what waits, what was set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from anlan.desk.joints import LinkState
from anlan.federation import addressing, link, outbox
from anlan.federation.envelope import Lane
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, SET_ASIDE, InboxEnvelope, LinkCut, Node, OutboxEnvelope
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import covers, prefix_of
from anlan.report.relays import rules

HEALTHY, HELD, CUT, ASKING, NEW, PARTED = "healthy", "held", "cut", "asking", "new", "parted"


@dataclass(frozen=True)
class Link:
    """One link as it is shown. ``waiting``: envelopes by lane; ``oldest``: since when the first of them waits; ``refused``: not taken by the other side."""

    node: Node
    state: str
    waiting: dict[Lane, int]
    oldest: datetime | None
    refused: int

    @property
    def count(self) -> int:
        """All that waits."""
        return sum(self.waiting.values())


def own() -> Node | None:
    """This node among nodes."""
    return addressing.own()


def links(now: datetime) -> tuple[Link, ...]:
    """Every link with a neighbour, the one upward first; nodes that left or were refused and have nothing waiting are not shown."""
    nodes = list(Node.objects.filter(relation__in=(ABOVE, BELOW)).order_by("relation", "place_code"))
    rows = outbox.waiting().filter(peer__in=nodes).order_by().values("peer_id", "lane").annotate(count=Count("id"), oldest=Min("made_at"))
    waiting: dict[str, dict[Lane, int]] = {}
    oldest: dict[str, datetime] = {}
    for row in rows:
        waiting.setdefault(row["peer_id"], {})[Lane(row["lane"])] = row["count"]
        oldest[row["peer_id"]] = min(row["oldest"], oldest.get(row["peer_id"], row["oldest"]))
    refused = Counter(OutboxEnvelope.objects.filter(peer__in=nodes).exclude(refused_code="").values_list("peer_id", flat=True))
    found = (
        Link(node, _state(node, oldest.get(node.pk), now), waiting.get(node.pk, {}), oldest.get(node.pk), refused[node.pk])
        for node in nodes
    )
    return tuple(each for each in found if each.node.state in (ASKED, JOINED) or each.count)


def _state(node: Node, oldest: datetime | None, now: datetime) -> str:
    if node.state != JOINED:
        return ASKING if node.state == ASKED else PARTED
    if node.last_contact_at is None:
        return NEW
    silent = (now - node.last_contact_at).total_seconds()
    if (
        node.told_cut_at is not None
        or (node.failing_since is not None and silent >= link.CUT_AFTER_SECONDS)
        or silent >= link.SILENT_SECONDS
    ):
        return CUT
    if oldest is not None and (now - oldest).total_seconds() > 60 * rules.OLD_MINUTES:
        return HELD
    return HEALTHY


def link_of(node: Node, now: datetime) -> Link:
    """One neighbour's link, also of a node that has left."""
    rows = outbox.waiting(node).order_by().values("lane").annotate(count=Count("id"), oldest=Min("made_at"))
    waiting = {Lane(row["lane"]): row["count"] for row in rows}
    oldest = min((row["oldest"] for row in rows), default=None)
    refused = OutboxEnvelope.objects.filter(peer=node).exclude(refused_code="").count()
    return Link(node, _state(node, oldest, now), waiting, oldest, refused)


def beyond() -> QuerySet[Node]:
    """Nodes that are reached through a neighbour."""
    return Node.objects.filter(relation=BEYOND, state=JOINED).select_related("via").order_by("level", "place_code")


def waiting(limit: int = 100) -> list[OutboxEnvelope]:
    """What waits to go, in the order in which it goes."""
    return list(outbox.waiting().select_related("peer")[:limit])


def set_aside() -> QuerySet[InboxEnvelope]:
    """What came and could not be worked on, newest first."""
    return InboxEnvelope.objects.filter(state=SET_ASIDE).select_related("came_from").order_by("-taken_at")


def refused() -> QuerySet[OutboxEnvelope]:
    """What the other side did not take, newest first."""
    return OutboxEnvelope.objects.exclude(refused_code="").select_related("peer").order_by("-made_at")


def node(node_id: str) -> Node:
    """One neighbour. Raises ``NotFound``."""
    found = Node.objects.filter(pk=node_id, relation__in=(ABOVE, BELOW)).first()
    if found is None:
        raise NotFound(what=node_id)
    return found


def envelope(pk: UUID) -> InboxEnvelope:
    """One envelope that was set aside. Raises ``NotFound``."""
    found = set_aside().filter(pk=pk).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def cuts(actor: Actor) -> list[LinkCut]:
    """Links within this node that an exercise holds cut now, as far as the actor may see them."""
    rows = LinkCut.objects.filter(until__isnull=True)
    return [row for row in rows if _sees(actor, row.place_code)]


def cut(pk: UUID) -> LinkCut:
    """One link that an exercise holds, or held, cut. Raises ``NotFound``."""
    found = LinkCut.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def _sees(actor: Actor, place_code: str) -> bool:
    scopes: Iterable[str] = (grant.place_prefix for grant in actor.scopes("relays.view"))
    return any(covers(prefix, place_code) for prefix in scopes) or covers(prefix_of(place_code), actor.place_code)


def link_state() -> LinkState | None:
    """State of the link upward for the bar of every page, of the links downward where none is above; ``None`` for a node that stands alone."""
    up = addressing.above()
    if up is None:
        return _below_state()
    now = clock.now()
    rows = outbox.waiting(up).aggregate(count=Count("id"), oldest=Min("made_at"))
    state, count = _state(up, rows["oldest"], now), rows["count"]
    if state == CUT and up.last_contact_at is not None:
        minutes = max(1, round((now - up.last_contact_at).total_seconds() / 60))
        label = _("上级链路中断 {minutes} 分钟").format(minutes=minutes)
        return LinkState(f"{label} · {_waiting(count)}" if count else label, "red")
    if state == HELD:
        return LinkState(f"{_('上级链路积压')} · {_waiting(count)}", "orange")
    if state == NEW:
        return LinkState(_("上级链路待连接"), "orange")
    return LinkState(_("上级链路正常"), "healthy")


def _below_state() -> LinkState | None:
    rows = Node.objects.filter(relation=BELOW, state=JOINED)
    known, cut = rows.aggregate(known=Count("id"), cut=Count("told_cut_at")).values()
    if not known:
        return None
    if cut:
        return LinkState(ngettext("下级链路中断 {count} 条", "下级链路中断 {count} 条", cut).format(count=cut), "red")
    return LinkState(ngettext("下级链路 {count} 条，正常", "下级链路 {count} 条，正常", known).format(count=known), "healthy")


def _waiting(count: int) -> str:
    return ngettext("{count} 件待发", "{count} 件待发", count).format(count=count)
