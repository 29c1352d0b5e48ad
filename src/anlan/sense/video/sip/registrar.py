"""What the signalling server answers and asks: bytes in, actions out, with a clock handed in. No Django, no network.

Registration with digest (GB/T 28181-2016, 9.1), signs of life (9.6), catalogue (9.5), alarms (9.4), mobile position (9.11).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from anlan.kernel.errors import Refusal
from anlan.sense.video.facts import LineDown, LineUp
from anlan.sense.video.sip import rules
from anlan.sense.video.sip.accounts import Account, Action, Note, Peer, Refused, Secure, Send, Session
from anlan.sense.video.sip.asking import Asking
from anlan.sense.video.sip.hearing import Hearing
from anlan.wire.gb28181 import digest, message
from anlan.wire.gb28181.codes import is_code
from anlan.wire.gb28181.message import Request, Response
from anlan.wire.gb28181.refusals import MissingHeader
from anlan.wire.gb28181.xml import BEIJING

ALLOW = "REGISTER, MESSAGE, NOTIFY, OPTIONS"


class Registrar:
    """Everything the server knows.

    ``server``: our code, ``realm``: our domain (its first ten digits where none is given), ``reach``: host and port by which a peer's host
    reaches us.
    """

    def __init__(
        self,
        server: str,
        *,
        realm: str = "",
        algorithms: tuple[str, ...] = (digest.MD5,),
        reach: Callable[[str], str] = lambda _host: "127.0.0.1:5060",
    ) -> None:
        self.server, self.realm = server, realm or server[:10]
        self._algorithms = algorithms
        self._key = secrets.token_bytes(32)
        self.accounts: dict[str, Account] = {}
        self.sessions: dict[str, Session] = {}
        self._answered: OrderedDict[tuple[object, ...], tuple[float, bytes]] = OrderedDict()
        self._nonces: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._guesses: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self.asking = Asking(server, self.realm, reach)
        self._hearing = Hearing(self.asking)
        self._tag = secrets.token_hex(4)

    def admit(self, accounts: Mapping[str, Account], now_ms: int) -> list[Action]:
        """Take over who may register; whoever may no longer is off line at once."""
        actions: list[Action] = []
        for code in [code for code in self.sessions if code not in accounts or accounts[code].password != self.accounts[code].password]:
            actions.append(Note(LineDown(code, "not admitted", now_ms)))
            del self.sessions[code]
        self.accounts = dict(accounts)
        return actions

    def restore(self, code: str, peer: Peer, until: float, now: float) -> None:
        """Go on with a registration of the run before."""
        if code in self.accounts:
            self.sessions[code] = Session(peer, f"sip:{code}@{peer.host}:{peer.port}", until, now, catalog_due=now, told_heard=now)

    # --- In -----------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, peer: Peer, now: float, now_ms: int) -> list[Action]:
        """What follows from one message (a datagram, or a frame of a connection)."""
        if not data.strip(b"\r\n\x00 "):
            return []
        try:
            found = message.parse(data)
            if isinstance(found, Response):
                return self.asking.answered(found, now)
            name = (peer.transport, peer.host, peer.port, *found.transaction)
            kept = self._answered.get(name)
            if kept is not None and kept[0] > now:
                # Sent again because our answer got lost; an alarm whose answer is still owed has none yet.
                if not kept[1]:
                    return []
                return [Send(peer, kept[1])]
            return self._request(found, data, peer, now, now_ms, name)
        except Refusal as refusal:
            return [Refused("", refusal, data[:400], peer)]

    def _request(self, request: Request, data: bytes, peer: Peer, now: float, now_ms: int, name: tuple[object, ...]) -> list[Action]:
        code = message.parse_address(request.get("From")).user
        actions: list[Action]
        match request.method:
            case "REGISTER":
                actions = self._register(request, code, peer, now, now_ms)
            case "MESSAGE" | "NOTIFY":
                actions = self._said(request, code, data, peer, now, now_ms, name)
            case "OPTIONS":
                actions = [Send(peer, self._answer(request, 200, peer, ("Allow", ALLOW)))]
            case "ACK":
                return []
            case "BYE" | "CANCEL":
                actions = [Send(peer, self._answer(request, 481, peer))]
            case _:
                actions = [Send(peer, self._answer(request, 405, peer, ("Allow", ALLOW)))]
        owed = any(isinstance(action, Secure) for action in actions)
        sent = next((action.data for action in actions if isinstance(action, Send)), b"")
        self._keep(name, b"" if owed else sent, now)
        return actions

    def secured(self, secure: Secure, now: float) -> list[Action]:
        """An alarm lies in the database: now the device is answered."""
        self._keep(secure.transaction, secure.answers[0], now)
        return [Send(secure.peer, data) for data in secure.answers]

    def not_secured(self, secure: Secure) -> None:
        """An alarm could not be kept: the device, unanswered, sends it again and is heard anew."""
        self._answered.pop(secure.transaction, None)

    def _keep(self, name: tuple[object, ...], data: bytes, now: float) -> None:
        self._answered[name] = (now + rules.TRANSACTION_SECONDS, data)
        self._answered.move_to_end(name)
        while len(self._answered) > rules.MOST_TRANSACTIONS:
            self._answered.popitem(last=False)

    def _answer(self, request: Request, status: int, peer: Peer, *headers: tuple[str, str]) -> bytes:
        return message.encode(message.answer(request, status, tag=self._tag, seen=(peer.host, peer.port), headers=headers))

    # --- Registration -------------------------------------------------------------------------------------------------

    def _register(self, request: Request, code: str, peer: Peer, now: float, now_ms: int) -> list[Action]:
        expires = _expires(request)
        if not is_code(code) or expires is None:
            return [
                Send(peer, self._answer(request, 400, peer)),
                Refused("", MissingHeader(name="From, Expires"), code.encode()[:40], peer),
            ]
        told = request.get("Authorization")
        if not told:
            return [Send(peer, self._challenge(request, peer, now))]
        refusal = self._unproven(request, code, told, peer, now)
        if isinstance(refusal, bytes):
            return [Send(peer, refusal)]
        if refusal is not None:
            return [Send(peer, self._answer(request, 403, peer)), Refused(code if code in self.accounts else "", refusal, b"", peer)]
        if expires == 0:
            return self._sign_off(request, code, peer, now_ms)
        if expires < rules.MIN_EXPIRES:
            return [Send(peer, self._answer(request, 423, peer, ("Min-Expires", str(rules.MIN_EXPIRES))))]
        return self._sign_on(request, code, peer, min(expires, rules.MAX_EXPIRES), now, now_ms)

    def _sign_on(self, request: Request, code: str, peer: Peer, expires: int, now: float, now_ms: int) -> list[Action]:
        contact = _contact(request, code, peer)
        before = self.sessions.get(code)
        fresh = before is None or before.peer != peer or not before.online
        session = before if before is not None and not fresh else Session(peer, contact, 0.0, now, catalog_due=now)
        session.contact, session.until, session.heard, session.online = contact, now + expires, now, True
        self.sessions[code] = session
        date = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        answer = self._answer(request, 200, peer, ("Contact", f"<{contact}>;expires={expires}"), ("Date", date), ("Expires", str(expires)))
        actions: list[Action] = [Send(peer, answer), Note(LineUp(code, peer.text, now_ms + expires * 1000, now_ms))]
        if fresh:
            actions += self.asking.greet(self.accounts[code], session, now)
        return actions

    def _sign_off(self, request: Request, code: str, peer: Peer, now_ms: int) -> list[Action]:
        self.sessions.pop(code, None)
        answer = self._answer(request, 200, peer, ("Expires", "0"))
        return [Send(peer, answer), Note(LineDown(code, "signed off", now_ms))]

    def _challenge(self, request: Request, peer: Peer, now: float, *, stale: bool = False) -> bytes:
        nonce = self._nonce(now)
        headers = [("WWW-Authenticate", digest.Challenge(self.realm, nonce, name, "auth", stale).header()) for name in self._algorithms]
        return self._answer(request, 401, peer, *headers)

    def _nonce(self, now: float) -> str:
        """A nonce that tells its own age, so that nobody who merely knocks takes up memory."""
        made = f"{int(now * 1000):x}.{secrets.token_hex(6)}"
        return f"{made}.{self._mark(made)}"

    def _mark(self, made: str) -> str:
        return hmac.digest(self._key, made.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:24]

    def _unproven(self, request: Request, code: str, told: str, peer: Peer, now: float) -> Refusal | bytes | None:
        """``None`` when the password was proven; bytes of a new challenge when the nonce is stale; else why not."""
        account = self.accounts.get(code)
        if account is None:
            return rules.UnknownPlatform(code=code)
        guesser = (peer.host, code)
        count, since = self._guesses.get(guesser, (0, now))
        if count >= rules.GUESSES and now - since < rules.GUESS_SECONDS:
            return rules.TooManyGuesses(peer=peer.host, code=code)
        found = digest.parse_credentials(told)
        made, _dot, mark = found.nonce.rpartition(".")
        if not hmac.compare_digest(self._mark(made).encode(), mark.encode("utf-8", "surrogatepass")):
            return self._challenge(request, peer, now, stale=True)
        made_at = int(made.partition(".")[0], 16) / 1000
        used = self._nonces.get(found.nonce)
        if now - made_at > rules.NONCE_SECONDS or (used is not None and found.count <= used[1]):
            return self._challenge(request, peer, now, stale=True)
        secret = digest.secret_hash(code, self.realm, account.password, found.algorithm)
        if found.username != code or found.realm != self.realm or not digest.fits(secret, found, "REGISTER", request.body):
            self._guesses[guesser] = (count + 1, since) if now - since < rules.GUESS_SECONDS else (1, now)
            while len(self._guesses) > rules.MOST_GUESSERS:
                self._guesses.popitem(last=False)
            return rules.WrongPassword(code=code)
        self._guesses.pop(guesser, None)
        self._nonces[found.nonce] = (now, found.count)
        while len(self._nonces) > rules.MOST_NONCES:
            self._nonces.popitem(last=False)
        return None

    # --- What is said -------------------------------------------------------------------------------------------------

    def _said(
        self, request: Request, code: str, data: bytes, peer: Peer, now: float, now_ms: int, name: tuple[object, ...]
    ) -> list[Action]:
        session = self.sessions.get(code)
        if session is None or session.peer.host != peer.host:
            refusal = rules.NotRegistered(code=code[:40])
            return [Send(peer, self._answer(request, 403, peer)), Refused(code if code in self.accounts else "", refusal, data[:400], peer)]
        actions: list[Action] = []
        session.heard, session.peer = now, peer
        if not session.online:
            session.online = True
            actions.append(Note(LineUp(code, peer.text, now_ms + int((session.until - now) * 1000), now_ms)))
            actions += self.asking.greet(self.accounts[code], session, now)
        answers = (self._answer(request, 200, peer),)
        try:
            heard = self._hearing.hear(code, session, request.body, now, now_ms)
        except Refusal as refusal:
            # A command that we do not know is no fault of the device; a body that is none is.
            status = 200 if refusal.status == 422 else 400
            return [Send(peer, self._answer(request, status, peer)), Refused(code, refusal, request.body[:400], peer), *actions]
        if heard.alarm is not None:
            return [*actions, Secure(heard.alarm, peer, (*answers, *heard.confirmations), name)]
        return [Send(peer, answers[0]), *actions, *heard.actions]

    # --- Time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: float, now_ms: int) -> list[Action]:
        """What is due: lines given up, registrations at their end, catalogues to ask for or to close, requests to send again."""
        actions: list[Action] = list(self.asking.again(now))
        for code in list(self.sessions):
            session, account = self.sessions[code], self.accounts[code]
            silent = now - session.heard
            if now >= session.until:
                del self.sessions[code]
                if session.online:
                    actions.append(Note(LineDown(code, "registration expired", now_ms)))
                continue
            if session.online and silent > account.heartbeat_s * account.count + account.heartbeat_s / 2:
                session.online = False
                actions.append(Note(LineDown(code, "no sign of life", now_ms - int(silent * 1000))))
                continue
            actions += self._hearing.close_gatherings(code, session, now, now_ms)
            if session.online:
                actions += self.asking.renew(account, session, now)
        return actions

    def lost(self, connection: int) -> None:
        """A TCP connection ended: nothing can be asked over it; the platform is given up when its signs of life stay away."""
        self.asking.forget(connection)


def _expires(request: Request) -> int | None:
    """Seconds asked for: of the Contact, else of Expires; ``None`` for what is no number."""
    contacts = request.all("Contact")
    told = message.parameters(contacts[0]).get("expires", "") if contacts else ""
    told = told or request.get("Expires") or str(rules.DEFAULT_EXPIRES)
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _contact(request: Request, code: str, peer: Peer) -> str:
    """Where we send requests: the user of the Contact at the address the packet really came from, for devices behind NAT tell a false one."""
    contacts: Iterable[str] = request.all("Contact")
    user = next((message.parse_address(value).user for value in contacts), "") or code
    return f"sip:{user}@{peer.host}:{peer.port}" + (";transport=tcp" if peer.transport == "TCP" else "")
