"""Where a bureau works: on this node, on one that is joined to it, or beyond one; the nearest (longest place) wins."""

from __future__ import annotations

from django.db.models import Q

from anlan.federation.envelope import Address
from anlan.federation.models import ABOVE, BELOW, BEYOND, JOINED, SELF, LinkCut, Node
from anlan.kernel.levels import code_of, covers, prefix_of


def own() -> Node | None:
    """This node as it calls itself; ``None`` while it stands alone."""
    return Node.objects.filter(relation=SELF).first()


def above() -> Node | None:
    """The node above that is called."""
    return Node.objects.filter(relation=ABOVE, state=JOINED).first()


def node_of(to: Address) -> Node | None:
    """The node on which a bureau works, as far as it is known. What a node below says of itself never outweighs the node that is nearer to it."""
    near = {to.place_code, *(code_of(to.place_code[:digits]) for digits in (0, 2, 4, 6))}
    serving = [node for node in Node.objects.filter(state=JOINED, place_code__in=near).select_related("via") if node.serves(to)]
    return max(serving, key=lambda node: (len(prefix_of(node.place_code)), node.relation != BEYOND), default=None)


def next_hop(to: Address) -> Node | None:
    """The joined node to which what is for ``to`` is given; ``None``: the bureau works here, or nowhere that could be reached."""
    mine = own()
    if mine is None:
        return None
    found = node_of(to)
    if found is not None:
        return None if found.relation == SELF else found.via if found.relation == BEYOND else found
    # The node above may know more, until it has told whom it knows: then the bureau works on no node, and what is sent to it goes by other ways.
    up = above() if to.level < mine.level else None
    return up if up is not None and not up.catalogue_heard else None


def elsewhere(to: Address, *, exercise: bool) -> bool:
    """Whether what is sent to a bureau has to travel; an exercise only to nodes that take exercises."""
    hop = next_hop(to)
    return hop is not None and (not exercise or hop.takes_exercises)


def cut_between(sender: Address, to: Address) -> LinkCut | None:
    """The cut that an exercise holds between a bureau of this node and one above it."""
    if to.level >= sender.level:
        return None
    rows = LinkCut.objects.filter(until__isnull=True, level=int(sender.level))
    return next((row for row in rows if covers(prefix_of(row.place_code), sender.place_code)), None)


def may_speak_of(node: Node, place_code: str) -> bool:
    """Whether a node may send what is about a place: one below only of its own places, one above only of ours."""
    mine = own()
    if mine is None:
        return False
    beside = node.via if node.relation == BEYOND else node
    if beside is None or beside.relation == BELOW:
        return covers(prefix_of(node.place_code), place_code)
    return covers(prefix_of(mine.place_code), place_code)


def joined(relation: str) -> list[Node]:
    """Nodes of one relation that are joined."""
    return list(Node.objects.filter(Q(state=JOINED), relation=relation))
