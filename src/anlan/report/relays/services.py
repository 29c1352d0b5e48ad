"""Verbs of the links: what this node is called, joining and leaving, trying again, and links that an exercise cuts. One transaction each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from anlan.federation import addressing, inbox, keys, link, outbox, trust
from anlan.federation.envelope import sign, signer_of, verified
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, LEFT, REFUSED, SELF, InboxEnvelope, LinkCut, Node
from anlan.federation.refusals import EnvelopeMalformed, LinkFailed, NoIdentity
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import Level, covers, prefix_of
from anlan.ledger.changes import change
from anlan.report.relays import refusals, rules

Fetch = Callable[[str], tuple[int, bytes]]
IDENTITY, JOIN = "/relay/identity/", "/relay/join/"


def call_oneself(name: str, level: Level, place_code: str, levels: Collection[Level], *, actor: Actor, now: datetime) -> Node:
    """Say what this node is called, where it is and which levels of bureaus work on it. Raises ``NameNeeded``, ``NotPermitted``."""
    if not name.strip():
        raise refusals.NameNeeded(field="节点名称")
    with change(actor, "relays.manage", now=now, place_code=place_code) as gathered:
        own = trust.call_oneself(name.strip()[:100], level, place_code, levels, now=now)
        gathered.subject = own
        gathered.facts.update({"fingerprint": own.fingerprint, "levels": own.levels})
    return own


def address_of(text: str) -> str:
    """A node's address without what does not belong to it. Raises ``AddressUnsound``."""
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError as wrong:
        raise refusals.AddressUnsound(address=text) from wrong
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise refusals.AddressUnsound(address=text)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def look_up(address: str, fetch: Fetch | None = None) -> Node:
    """Who answers at an address, not kept yet: a person compares the fingerprint first. Raises ``AddressUnsound``, ``LinkFailed``, ``EnvelopeMalformed``."""
    url = address_of(address)
    status, raw = (fetch or _fetch)(url + IDENTITY)
    if status != 200:
        raise LinkFailed(node=url, why=f"HTTP {status}")
    values = trust.read_card(_json(raw))
    if values["id"] == keys.identity().node_id:
        raise refusals.ItIsOurselves
    return Node(**values, relation=ABOVE, address=url, state=ASKED)


def _json(raw: bytes) -> Any:
    try:
        return httpx.Response(200, content=raw).json()
    except ValueError as wrong:
        raise EnvelopeMalformed(why="card: JSON") from wrong


def _fetch(url: str) -> tuple[int, bytes]:
    try:
        with httpx.stream("GET", url, timeout=link.CONNECT_SECONDS, trust_env=False, headers={"Accept": "application/json"}) as response:
            raw = b""
            for part in response.iter_bytes():
                raw += part
                if len(raw) > rules.IDENTITY_BYTES:
                    raise LinkFailed(node=url, why=f"> {rules.IDENTITY_BYTES} B")
            return response.status_code, raw
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        raise LinkFailed(node=url, why=link.trouble_of(wrong)) from wrong


def join_above(
    address: str, node_id: str, *, actor: Actor, now: datetime, fetch: Fetch | None = None, post: link.Post | None = None
) -> Node:
    """Join the node above whose fingerprint a person has compared, and ask it to let this one in.

    Raises ``NoIdentity``, ``AlreadyAbove``, ``FingerprintDiffers``, ``NotAbove``, ``LinkFailed``.
    """
    own = addressing.own()
    if own is None:
        raise NoIdentity
    found = look_up(address, fetch)
    if found.pk != node_id:
        raise refusals.FingerprintDiffers
    other = addressing.above()
    if other is not None and other.pk != found.pk:
        raise refusals.AlreadyAbove(node=other.name)
    if found.level >= own.level or not covers(prefix_of(found.place_code), own.place_code):
        raise refusals.NotAbove(node=found.name, level=Level(found.level).label)
    payload = {"to": found.pk, "card": trust.card()}
    sealed = sign(payload, own.pk, keys.identity().private).encode()
    if post is not None:
        status, raw = post(found.address + JOIN, sealed)
    else:
        with httpx.Client(timeout=link.CONNECT_SECONDS, trust_env=False) as client:
            status, raw = link.by_http(client)(found.address + JOIN, sealed)
    if status != 200:
        raise LinkFailed(node=found.name, why=link.reason(status, raw))
    with change(actor, "relays.manage", now=now, place_code=own.place_code) as gathered:
        found.state, found.asked_at, found.joined_at, found.joined_by = JOINED, now, now, actor.name
        # One that was known before keeps its row, to which envelopes point, and what waits for it; which nodes each knows is told anew.
        kept = Node.objects.select_for_update().filter(pk=found.pk).first()
        if kept is not None:
            found.last_number, found.takes_exercises = kept.last_number, kept.takes_exercises
        found.save()
        gathered.subject = found
        gathered.facts.update({"fingerprint": found.fingerprint, "address": found.address})
        gathered.announce(link.changed(found, "joined", now))
    return found


def receive_ask(body: bytes, *, now: datetime) -> Node:
    """A node asks to be let in below this one; a person decides. Raises ``NoIdentity``, ``EnvelopeMalformed``, ``SignatureWrong``, ``NotBelow``, ``TooManyAsk``."""
    own = addressing.own()
    if own is None:
        raise NoIdentity
    values = _asked(body, own)
    if values["level"] <= own.level or not covers(prefix_of(own.place_code), values["place_code"]):
        raise refusals.NotBelow(node=values["name"])
    node = Node.objects.filter(pk=values["id"]).first()
    if node is not None and node.relation == BELOW and node.state in (JOINED, ASKED):
        return node
    if node is not None and node.relation in (SELF, ABOVE) and node.state == JOINED:
        # The node above cannot make itself one below.
        raise refusals.NotBelow(node=values["name"])
    asking = Node.objects.filter(relation=BELOW, state=ASKED).count()
    if asking >= rules.MOST_ASKING:
        raise refusals.TooManyAsk(count=asking)
    with change(system_actor(values["name"]), "relays.ask", now=now, place_code=values["place_code"]) as gathered:
        fresh = {**values, "relation": BELOW, "state": ASKED, "asked_at": now, "via": None, "joined_at": None}
        node, _made = Node.objects.update_or_create(pk=fresh.pop("id"), defaults=fresh)
        gathered.subject = node
        gathered.facts["fingerprint"] = node.fingerprint
        gathered.announce(link.changed(node, "asked", now))
    return node


def _asked(body: bytes, own: Node) -> dict[str, Any]:
    """The card of the node that asks, signed with the key that it names."""
    try:
        text = body.decode("ascii")
        signer_of(text)
        claims: Mapping[str, Any] = link.unverified(text)
        values = trust.read_card(claims["card"])
        verified(text, keys.public_key(values["public_key"]), name=values["name"])
        if claims["to"] != own.pk:
            raise link.NotForUs
    except (UnicodeDecodeError, KeyError, TypeError) as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    return values


def accept(node: Node, *, actor: Actor, now: datetime) -> Node:
    """Let a node in that asked, after its fingerprint was compared."""
    return _decide(node, ASKED, JOINED, "joined", actor=actor, now=now)


def refuse(node: Node, *, actor: Actor, now: datetime) -> Node:
    """Do not let a node in."""
    return _decide(node, ASKED, REFUSED, "left", actor=actor, now=now)


def leave(node: Node, *, actor: Actor, now: datetime) -> Node:
    """Part from a neighbour: nothing goes or comes any more; what waits for it waits on."""
    made = _decide(node, JOINED, LEFT, "left", actor=actor, now=now)
    Node.objects.filter(relation=BEYOND, via=node).update(state=LEFT)
    return made


def _decide(node: Node, before: str, after: str, what: str, *, actor: Actor, now: datetime) -> Node:
    own = addressing.own()
    with change(actor, "relays.manage", now=now, record=node, place_code=own.place_code if own is not None else None) as gathered:
        locked = Node.objects.select_for_update().filter(pk=node.pk, state=before).first()
        if locked is None:
            raise NotFound(what=node.name)
        node.state = after
        if after == JOINED:
            node.joined_at, node.joined_by = now, actor.name
        node.failing_since, node.told_cut_at, node.trouble = None, None, ""
        node.save(update_fields=["state", "joined_at", "joined_by", "failing_since", "told_cut_at", "trouble"])
        gathered.facts["fingerprint"] = node.fingerprint
        gathered.announce(link.changed(node, what, now))
    return node


def let_exercises(node: Node, takes: bool, *, actor: Actor, now: datetime) -> Node:
    """Whether what belongs to exercises goes to a neighbour too; without it no exercise leaves this node."""
    own = addressing.own()
    with change(actor, "relays.manage", now=now, record=node, place_code=own.place_code if own is not None else None):
        node.takes_exercises = takes
        node.save(update_fields=["takes_exercises"])
    return node


def send_again(node: Node, since: datetime, *, actor: Actor, now: datetime) -> int:
    """Send everything of a link since a moment once more, for a neighbour that was restored from a copy; returns how many."""
    own = addressing.own()
    with change(actor, "relays.manage", now=now, record=node, place_code=own.place_code if own is not None else None) as gathered:
        count = outbox.again(node, since)
        gathered.facts.update({"since": since.isoformat(), "count": count})
    return count


def try_again(row: InboxEnvelope, *, actor: Actor, now: datetime) -> InboxEnvelope:
    """Work once more on an envelope that was set aside (after an upgrade, after a node was joined)."""
    # What could not be read lies at the place of the node that brought it, which may be one above: whoever looks after this node decides.
    own = addressing.own()
    with change(actor, "relays.manage", now=now, place_code=own.place_code if own is not None else row.place_code) as gathered:
        done = inbox.work(row.pk, now=now)
        if done is None:
            raise NotFound(what=row.title)
        gathered.subject = done
        gathered.facts["state"] = done.state
    return done


def cut(level: Level, place_code: str, reason: str, *, actor: Actor, now: datetime) -> LinkCut:
    """Hold the link between a bureau of this node and those above it cut, for what belongs to exercises. A second cut of the same link is the first."""
    with change(actor, "relays.cut", now=now, place_code=place_code) as gathered:
        found = LinkCut.objects.filter(until__isnull=True, level=int(level), place_code=place_code).first()
        row = found or LinkCut.objects.create(
            level=int(level), place_code=place_code, reason=reason.strip()[:200], since=now, by_name=actor.name
        )
        gathered.subject = row
    return row


def mend(row: LinkCut, *, actor: Actor, now: datetime) -> int:
    """The link is back: what waited goes over it, flash first; returns how much it was. Raises ``NothingHeld``."""
    with change(actor, "relays.cut", now=now, record=row) as gathered:
        locked = LinkCut.objects.select_for_update().filter(pk=row.pk, until__isnull=True).first()
        if locked is None:
            raise refusals.NothingHeld
        row.until = now
        row.save(update_fields=["until"])
        gone = list(outbox.waiting().filter(cut=row))
        for each in gone:
            inbox.take(each.sealed, None, now=now)
        gathered.facts["count"] = len(gone)
    return len(gone)
