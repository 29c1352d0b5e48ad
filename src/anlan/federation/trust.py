"""Whom this node trusts: its own card, nodes that joined after a person compared the fingerprints, and nodes that those vouch for.

A node vouches for those behind it: one below for nodes within its own place, one above for all others. Nobody is trusted by the network alone.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet

from anlan.federation import addressing, keys
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, LEFT, SELF, Node
from anlan.federation.refusals import EnvelopeMalformed, NoIdentity
from anlan.kernel.levels import Level, MalformedPlaceCode, covers, level_of, prefix_of

MOST_NODES = 5_000
"""More nodes than this in one catalogue are no catalogue (project default; China has about 3,200 counties)."""


def call_oneself(name: str, level: Level, place_code: str, levels: Iterable[Level], *, now: datetime) -> Node:
    """Keep what this node is called among nodes, and which levels of bureaus work on it."""
    me = keys.identity()
    served = sorted({int(level), *(int(each) for each in levels)})
    own = addressing.own() or Node(relation=SELF, asked_at=now)
    if own.pk and own.pk != me.node_id:
        # The key was replaced: under the old name nobody would believe us.
        own.delete()
        own = Node(relation=SELF, asked_at=now)
    own.id, own.state, own.name, own.level, own.place_code = me.node_id, JOINED, name, int(level), place_code
    own.levels, own.public_key, own.joined_at = served, me.public, own.joined_at or now
    own.save()
    return own


def card() -> dict[str, Any]:
    """What this node says of itself to a node that it joins. Raises ``NoIdentity``."""
    own = addressing.own()
    if own is None:
        raise NoIdentity
    return card_of(own)


def card_of(node: Node) -> dict[str, Any]:
    """A node as it is told to others."""
    return {
        "id": node.pk,
        "name": node.name,
        "level": node.level,
        "place": node.place_code,
        "levels": node.levels,
        "key": node.public_key,
    }


def read_card(value: Any) -> dict[str, Any]:
    """Field values of a node from its card. Raises ``EnvelopeMalformed`` for one that is not sound, or whose name is not its key's."""
    try:
        key, levels = str(value["key"]), sorted({int(Level(each)) for each in value["levels"]})
        raw = b64decode(key, validate=True)
        found = {
            "id": str(value["id"]),
            "name": str(value["name"]).replace("\x00", "").strip()[:100],
            "level": int(Level(value["level"])),
            "place_code": str(value["place"]),
            "levels": levels,
            "public_key": key,
        }
        level_of(found["place_code"])
        # A card is read before anything vouches for its text, and half a surrogate pair can be neither kept nor shown.
        found["name"].encode()
    except (KeyError, TypeError, ValueError, MalformedPlaceCode) as wrong:
        raise EnvelopeMalformed(why=f"card: {type(wrong).__name__}") from wrong
    if len(raw) != 32 or keys.name_of(raw) != found["id"] or not found["name"]:
        raise EnvelopeMalformed(why="card: key")
    return found


def catalogue_for(peer: Node) -> list[dict[str, Any]]:
    """Nodes that this one vouches for to a joined node: for one above, itself and those below; for one below, itself and all but those behind it."""
    rows: QuerySet[Node] = Node.objects.filter(state=JOINED)
    if peer.relation == ABOVE:
        rows = rows.filter(Q(relation__in=(SELF, BELOW)) | Q(relation=BEYOND, via__relation=BELOW))
    else:
        rows = rows.exclude(pk=peer.pk).exclude(via=peer)
    return [card_of(node) for node in rows.order_by("pk")[:MOST_NODES]]


def digest(catalogue: list[dict[str, Any]]) -> str:
    """One short text for one catalogue."""
    return sha256(json.dumps(catalogue, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def learn(peer: Node, catalogue: Any, *, now: datetime) -> None:
    """Take over the nodes that a joined node vouches for; those it no longer names are gone. Cards that are wrong or out of its scope are left out.

    Raises ``EnvelopeMalformed`` when it is no catalogue at all.
    """
    if not isinstance(catalogue, list) or len(catalogue) > MOST_NODES:
        raise EnvelopeMalformed(why="catalogue")
    own, named = addressing.own(), set()
    for value in catalogue:
        try:
            values = read_card(value)
        except EnvelopeMalformed:
            continue
        if values["id"] == peer.pk:
            _refresh(peer, values)
        elif own is not None and values["id"] != own.pk and _vouched(peer, own, values):
            named.add(values["id"])
            _introduce(peer, values, now)
    Node.objects.filter(relation=BEYOND, via=peer, state=JOINED).exclude(pk__in=named).update(state=LEFT)


def _refresh(peer: Node, values: Mapping[str, Any]) -> None:
    """What a joined node says of itself anew: its name and levels; not its place, which a person agreed to."""
    Node.objects.filter(pk=peer.pk).update(name=values["name"], levels=values["levels"])
    peer.name, peer.levels = values["name"], values["levels"]


def _vouched(peer: Node, own: Node, values: Mapping[str, Any]) -> bool:
    place = values["place_code"]
    if peer.relation == BELOW:
        return covers(prefix_of(peer.place_code), place) and all(level >= peer.level for level in values["levels"])
    # What is above tells of others, never of our own places.
    return not (covers(prefix_of(own.place_code), place) and max([values["level"], *values["levels"]]) >= own.level)


def _introduce(peer: Node, values: Mapping[str, Any], now: datetime) -> None:
    found = Node.objects.filter(pk=values["id"]).first()
    if found is not None and found.relation in (SELF, ABOVE, BELOW) and found.state in (JOINED, ASKED):
        return
    rest = {name: value for name, value in values.items() if name != "id"}
    told = {**rest, "relation": BEYOND, "state": JOINED, "via": peer, "asked_at": now, "joined_at": now, "joined_by": peer.name}
    Node.objects.update_or_create(pk=values["id"], defaults=told)
