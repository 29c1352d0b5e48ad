"""What we ask platforms: catalogue, description, subscriptions. Requests over UDP are sent again until answered. No Django, no network."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anlan.sense.video.sip import rules
from anlan.sense.video.sip.accounts import UDP, Account, Action, Peer, Send, Session, Subscription
from anlan.wire.gb28181 import manscdp, message
from anlan.wire.gb28181.contents import AlarmQuery, Asked, ConfigQuery, Content, Done, PositionQuery
from anlan.wire.gb28181.message import Request, Response

ALARM, CATALOG, POSITION = "Alarm", "Catalog", "MobilePosition"


@dataclass(slots=True)
class _Pending:
    peer: Peer
    data: bytes
    due: float
    interval: float
    until: float
    session: Session
    subscription: Subscription | None


class Asking:
    """Our side as a client. ``reach``: host and port by which a peer's host reaches us, told in Via and Contact."""

    def __init__(self, server: str, realm: str, reach: Callable[[str], str]) -> None:
        self._server, self._realm, self._reach = server, realm, reach
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._serial = secrets.randbelow(100_000)

    def greet(self, account: Account, session: Session, now: float) -> list[Action]:
        """What a platform is asked when it came on line."""
        actions = [
            self._ask(account.code, session, "DeviceInfo", Asked(), now),
            self._ask(account.code, session, "ConfigDownload", ConfigQuery("BasicParam"), now),
        ]
        session.subscriptions = {}
        session.catalog_due = now
        return [*actions, *self.renew(account, session, now)]

    def renew(self, account: Account, session: Session, now: float) -> list[Action]:
        """Whatever is due at a platform on line: the catalogue once an hour, subscriptions shortly before their end."""
        actions: list[Action] = []
        if now >= session.catalog_due:
            session.catalog_due = now + rules.CATALOG_EVERY_SECONDS
            actions.append(self._ask(account.code, session, "Catalog", Asked(), now))
        for event in (ALARM, CATALOG, *((POSITION,) if account.positions else ())):
            held = session.subscriptions.get(event)
            if held is None:
                held = session.subscriptions[event] = Subscription(event, f"{secrets.token_hex(8)}@{self._realm}", secrets.token_hex(4))
            if not held.refused and now >= held.renew_at:
                held.renew_at = now + rules.SUBSCRIBE_SECONDS * 0.8
                actions.append(self._subscribe(account.code, session, held, now))
        return actions

    def _next(self) -> int:
        self._serial = self._serial % 999_999 + 1
        return self._serial

    def _ask(self, code: str, session: Session, command: str, content: Content, now: float) -> Action:
        return self._send(self.message(code, session.contact, session.peer, "Query", command, self._next(), content), session, now)

    def confirm_alarm(self, code: str, device: str, serial: int | None, session: Session) -> bytes:
        """The confirmation of an alarm at the level of MANSCDP (GB/T 28181-2016, A.2.6)."""
        request = self.message(code, session.contact, session.peer, "Response", "Alarm", serial or 0, Done("OK"), device=device)
        return message.encode(request)

    def message(
        self, code: str, contact: str, peer: Peer, root: str, command: str, serial: int, content: Content, *, device: str = ""
    ) -> Request:
        """A MESSAGE with a body."""
        body = manscdp.encode(manscdp.Body(root, command, serial, device or code, content))
        call_id = f"{secrets.token_hex(8)}@{self._realm}"
        return self._request("MESSAGE", code, contact, peer, body, call_id, secrets.token_hex(4), "", 1 + secrets.randbelow(10_000))

    def _subscribe(self, code: str, session: Session, held: Subscription, now: float) -> Action:
        content: Content = {ALARM: AlarmQuery(0, 4, "0"), CATALOG: Asked(), POSITION: PositionQuery(60)}[held.event]
        body = manscdp.encode(manscdp.Body("Query", held.event, self._next(), code, content))
        held.cseq += 1
        event = "presence" if held.event == ALARM else held.event
        headers = (("Event", event), ("Expires", str(rules.SUBSCRIBE_SECONDS)))
        request = self._request(
            "SUBSCRIBE", code, session.contact, session.peer, body, held.call_id, held.tag, held.to_tag, held.cseq, *headers
        )
        return self._send(request, session, now, held)

    def _request(
        self, method: str, code: str, contact: str, peer: Peer, body: bytes, call_id: str, tag: str, to_tag: str, cseq: int,
        *headers: tuple[str, str],
    ) -> Request:  # fmt: skip
        branch, address = f"z9hG4bK{secrets.token_hex(8)}", self._reach(peer.host)
        told = (
            ("Via", f"SIP/2.0/{peer.transport} {address};rport;branch={branch}"),
            ("From", f"<sip:{self._server}@{self._realm}>;tag={tag}"),
            ("To", f"<sip:{code}@{self._realm}>" + (f";tag={to_tag}" if to_tag else "")),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", f"<sip:{self._server}@{address}>"),
            ("Max-Forwards", "70"),
            *headers,
            ("Content-Type", message.MANSCDP),
        )
        return Request(told, body, method, contact)

    def _send(self, request: Request, session: Session, now: float, held: Subscription | None = None) -> Send:
        data = message.encode(request)
        branch = request.transaction[0]
        interval = rules.T1 if session.peer.transport == UDP else rules.TRANSACTION_SECONDS
        self._pending[branch] = _Pending(session.peer, data, now + interval, interval, now + rules.TRANSACTION_SECONDS, session, held)
        while len(self._pending) > rules.MOST_PENDING:
            self._pending.popitem(last=False)
        return Send(session.peer, data)

    def again(self, now: float) -> Iterator[Send]:
        """Requests whose answer did not come, with doubling pauses (RFC 3261, 17.1.2); at last they are given up."""
        for branch in [branch for branch, waiting in self._pending.items() if waiting.due <= now]:
            waiting = self._pending[branch]
            if now >= waiting.until:
                del self._pending[branch]
                continue
            waiting.interval = min(waiting.interval * 2, rules.T2)
            waiting.due = now + waiting.interval
            yield Send(waiting.peer, waiting.data)

    def answered(self, response: Response, now: float) -> list[Action]:
        """A platform answered a request of ours."""
        waiting = self._pending.get(response.transaction[0])
        if waiting is None:
            return []
        if response.status < 200:
            waiting.due = now + rules.T2
            return []
        del self._pending[response.transaction[0]]
        held = waiting.subscription
        if held is not None:
            if response.status < 300:
                held.to_tag = message.parse_address(response.get("To")).tag
            elif held.to_tag:
                # The platform lost the dialogue: begin a new one.
                held.to_tag, held.call_id, held.cseq, held.renew_at = "", f"{secrets.token_hex(8)}@{self._realm}", 0, now
            else:
                held.refused = True
        return []

    def forget(self, connection: int) -> None:
        """Drop what waits for an answer over a connection that ended."""
        for branch in [branch for branch, waiting in self._pending.items() if waiting.peer.connection == connection != 0]:
            del self._pending[branch]
