"""One exchange over a link: the lower node calls, hands over what goes first and fetches what waits for it; both sides sign all they say.

The lower node calls because a county sits behind a gateway that lets nothing in. A request carries a number that only grows, so that a copy of an
old one fetches nothing. What was kept but not yet answered for goes again; the inbox keeps it once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import jwt
from django.db import transaction
from django.utils.translation import gettext

from anlan.federation import addressing, inbox, keys, outbox, trust
from anlan.federation.envelope import sign, signer_of, verified
from anlan.federation.events import LinkChanged
from anlan.federation.models import BELOW, JOINED, Node
from anlan.federation.outbox import Answer
from anlan.federation.refusals import EnvelopeMalformed, LinkFailed, NotForUs, NotJoined, OriginUnknown, Stale
from anlan.ledger.events import announce

PATH = "/relay/exchange/"
MOST_REQUEST_BYTES = 8_000_000
"""As long as one request or answer may be (project default)."""
CONNECT_SECONDS, SECONDS = 8.0, 30.0
"""How long a link may take to open and to answer; 2G is slow, but it is not silent. Project defaults."""
CUT_AFTER_SECONDS = 30
"""A link that failed for so long is told to people as cut (project default)."""
Post = Callable[[str, bytes], tuple[int, bytes]]


@dataclass
class Said:
    """What one side says in an exchange."""

    signer: str
    to: str
    number: int
    envelopes: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    seen: str = ""
    catalogue: Any = None


def _written(said: Said) -> bytes:
    payload: dict[str, Any] = {
        "version": 1,
        "to": said.to,
        "number": said.number,
        "envelopes": said.envelopes,
        "answers": [[str(each.envelope_id), each.outcome, each.code, each.words] for each in said.answers],
        "seen": said.seen,
    }
    if said.catalogue is not None:
        payload["catalogue"] = said.catalogue
    return sign(payload, said.signer, keys.identity().private).encode()


def _read(text: str, node: Node) -> Said:
    payload = verified(text, keys.public_key(node.public_key), name=node.name)
    try:
        envelopes, answers = payload["envelopes"], payload["answers"]
        if not isinstance(envelopes, list) or not all(isinstance(each, str) for each in envelopes):
            raise TypeError("envelopes")
        told = [Answer(UUID(one), str(outcome), str(code), str(words)) for one, outcome, code, words in answers]
        number, seen = payload["number"], str(payload["seen"])
        if not isinstance(number, int) or not 0 < number < 2**63 or len(seen) > 64:
            raise ValueError("number")
        return Said(node.pk, str(payload["to"]), number, envelopes, told, seen, payload.get("catalogue"))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise EnvelopeMalformed(why=f"{type(wrong).__name__}: {wrong}"[:200]) from wrong


# --- the side that is called -----------------------------------------------------------------------------------------------------


def caller_of(body: bytes) -> tuple[Node, Said]:
    """Who calls, and what it says, once its signature holds. Raises ``EnvelopeMalformed``, ``OriginUnknown``, ``NotJoined``, ``SignatureWrong``."""
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    signer = _signer(text)
    node = Node.objects.filter(pk=signer, relation=BELOW).first()
    if node is None:
        raise OriginUnknown(node=keys.fingerprint(signer[: keys.ID_LENGTH]))
    if node.state != JOINED:
        raise NotJoined
    return node, _read(text, node)


def unverified(text: str) -> dict[str, Any]:
    """What a signed text says, not believed yet: only to find the key that it must be signed with. Raises ``EnvelopeMalformed``."""
    try:
        return dict(jwt.decode(text, options={"verify_signature": False}))
    except (jwt.InvalidTokenError, TypeError, ValueError) as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong


def uuid_of(node: Node) -> UUID:
    """A node's name as the identity that the audit keeps."""
    return UUID(node.pk)


def _signer(text: str) -> str:
    # An exchange is longer than one envelope may be; its head is not.
    return signer_of(".".join((text.partition(".")[0], "", "")))


def answer(node: Node, said: Said, *, now: datetime) -> bytes:
    """What the called side says: it keeps what came, settles what it had sent, and hands over what waits for the caller.

    Raises ``NotForUs``, ``Stale`` for a request that was taken already.
    """
    me = keys.identity()
    if said.to != me.node_id:
        raise NotForUs
    with transaction.atomic():
        locked = Node.objects.select_for_update().get(pk=node.pk)
        if said.number <= locked.last_number:
            raise Stale
        Node.objects.filter(pk=node.pk).update(last_number=said.number)
        contact(locked, now)
        heard = _hear(locked, said, now)
    answers = [inbox.take(each, node, now=now) for each in said.envelopes]
    reply = Said(me.node_id, node.pk, said.number, [row.sealed for row in outbox.batch(node, now)], answers, heard)
    _with_catalogue(reply, node, said.seen)
    return _written(reply)


def _hear(node: Node, said: Said, now: datetime) -> str:
    """Settle what the other side answered and learn whom it knows; the digest of what was learnt last."""
    for each in said.answers:
        outbox.settle(node, each, now)
    if said.catalogue is not None:
        trust.learn(node, said.catalogue, now=now)
        node.catalogue_heard = trust.digest(said.catalogue)
        Node.objects.filter(pk=node.pk).update(catalogue_heard=node.catalogue_heard)
    return node.catalogue_heard


def _with_catalogue(said: Said, node: Node, seen: str) -> None:
    catalogue = trust.catalogue_for(node)
    if trust.digest(catalogue) != seen:
        said.catalogue = catalogue


# --- the side that calls ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exchanged:
    """What one call did: envelopes handed over, envelopes fetched, and whether there is more to do at once."""

    sent: int
    fetched: int
    more: bool


def call(node: Node, post: Post, *, now: Callable[[], datetime], answers: Sequence[Answer] = ()) -> tuple[Exchanged, list[Answer]]:
    """One exchange with the node above; the answers for what was fetched go with the next one.

    Raises ``LinkFailed`` when the node cannot be reached or refuses; nothing is lost by that.
    """
    me = keys.identity()
    going = outbox.batch(node, now())
    said = Said(me.node_id, node.pk, _next_number(node), [row.sealed for row in going], list(answers), node.catalogue_heard)
    _with_catalogue(said, node, node.catalogue_seen)
    status, raw = post(node.address.rstrip("/") + PATH, _written(said))
    if status != 200:
        raise LinkFailed(node=node.name, why=reason(status, raw))
    try:
        reply = _read(raw.decode("ascii"), node)
    except UnicodeDecodeError as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    if reply.to != me.node_id or reply.number != said.number:
        raise NotForUs
    with transaction.atomic():
        locked = Node.objects.select_for_update().get(pk=node.pk)
        contact(locked, now())
        node.catalogue_heard, node.catalogue_seen = _hear(locked, reply, now()), reply.seen
        Node.objects.filter(pk=node.pk).update(catalogue_seen=reply.seen)
    fetched = [inbox.take(each, node, now=now()) for each in reply.envelopes]
    settled = {each.envelope_id for each in reply.answers if each.outcome != outbox.LATER}
    more = bool(fetched) or (bool(settled) and outbox.waits(node, now()))
    return Exchanged(len(going), len(fetched), more), fetched


def _next_number(node: Node) -> int:
    """The time, so that a node restored from a copy goes on above what it said before; yet never less than the last, when the clock was set back."""
    node.last_number = max(time.time_ns(), node.last_number + 1)
    Node.objects.filter(pk=node.pk).update(last_number=node.last_number)
    return node.last_number


def reason(status: int, raw: bytes) -> str:
    """Why the other side refused, in its own words where it has any."""
    try:
        told = httpx.Response(status, content=raw).json()
        return f"{told['message']}（{told['code']}）"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {status}"


def trouble_of(wrong: Exception) -> str:
    """Why a call failed, for whoever looks after the link: the words of the library help nobody on duty."""
    if isinstance(wrong, httpx.TimeoutException):
        return gettext("对方没有及时应答，网络可能很慢或中断。")
    if isinstance(wrong, httpx.ConnectError):
        return gettext("连接不上对方，请核对地址、网络和网关，或对方节点没有运行。")
    if isinstance(wrong, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return gettext("地址无法使用。")
    return gettext("连接中断（{kind}）。").format(kind=type(wrong).__name__)


def by_http(client: httpx.Client) -> Post:
    """A link over HTTP(S). Raises ``LinkFailed``."""

    def post(url: str, body: bytes) -> tuple[int, bytes]:
        try:
            with client.stream(
                "POST", url, content=body, headers={"Content-Type": "application/jose", "Accept": "application/json"}
            ) as response:
                raw = bytearray()
                for part in response.iter_bytes():
                    raw += part
                    if len(raw) > MOST_REQUEST_BYTES:
                        raise LinkFailed(node=url, why=f"> {MOST_REQUEST_BYTES} B")
                return response.status_code, bytes(raw)
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            raise LinkFailed(node=url, why=trouble_of(wrong)) from wrong

    return post


# --- how a link is ---------------------------------------------------------------------------------------------------------------


def contact(node: Node, now: datetime) -> None:
    """The other side answered or called; a link that was told as cut is told as back. Call inside a transaction."""
    told = node.told_cut_at is not None
    node.last_contact_at, node.failing_since, node.trouble, node.told_cut_at = now, None, "", None
    node.save(update_fields=["last_contact_at", "failing_since", "trouble", "told_cut_at"])
    if told:
        announce(changed(node, "back", now))


def failed(node: Node, why: str, now: datetime) -> None:
    """A call failed; a link that has failed for a while is told as cut, once."""
    with transaction.atomic():
        node = Node.objects.select_for_update().get(pk=node.pk)
        node.failing_since, node.trouble = node.failing_since or now, why[:300]
        if node.told_cut_at is None and (now - node.failing_since).total_seconds() >= CUT_AFTER_SECONDS:
            node.told_cut_at = now
            announce(changed(node, "cut", now))
        node.save(update_fields=["failing_since", "trouble", "told_cut_at"])


SILENT_SECONDS = 90
"""A node below that has not called for so long is told as cut (project default; it calls every two seconds)."""


def look_below(now: datetime) -> None:
    """Nodes below that no longer call are told as cut, once."""
    for node in Node.objects.filter(relation=BELOW, state=JOINED, told_cut_at__isnull=True, last_contact_at__isnull=False):
        if node.last_contact_at is not None and (now - node.last_contact_at).total_seconds() >= SILENT_SECONDS:
            with transaction.atomic():
                node.told_cut_at = now
                node.failing_since = node.last_contact_at
                node.save(update_fields=["told_cut_at", "failing_since"])
                announce(changed(node, "cut", now))


def changed(node: Node, what: str, now: datetime) -> LinkChanged:
    """The word that something about a link changed. It is of the node's own place: who looks after this node's links hears it."""
    own = addressing.own()
    return LinkChanged(
        subject_id=uuid_of(node),
        place_code=own.place_code if own is not None else node.place_code,
        at=now,
        what=what,
        node=node.name,
        node_id=node.pk,
        waiting=outbox.waiting(node).count(),
    )
