"""A video platform for tests: it registers, answers, says things, without a network."""

from __future__ import annotations

from dataclasses import dataclass, field

from anlan.sense.video.sip.accounts import UDP, Account, Action, Note, Peer, Refused, Secure, Send
from anlan.sense.video.sip.registrar import Registrar
from anlan.wire.gb28181 import digest, manscdp, message
from anlan.wire.gb28181.contents import Content
from anlan.wire.gb28181.message import Request, Response

SERVER, REALM = "37011400002000000001", "3701140000"
PLATFORM, CAMERA = "37011400001180000001", "37011400001320000001"
PASSWORD = "Quiet-Harbour-7"
NOW_MS = 1_795_564_800_000


def account(code: str = PLATFORM, **more: object) -> Account:
    return Account(code, PASSWORD, 60, 3, **more)  # type: ignore[arg-type]


def registrar(*codes: str, **more: object) -> Registrar:
    made = Registrar(SERVER, **more)  # type: ignore[arg-type]
    made.admit({code: account(code) for code in codes or (PLATFORM,)}, NOW_MS)
    return made


@dataclass
class Device:
    """One side of the talk. ``heard``: what the server sent; ``facts``: what it noted; ``now``: seconds of its clock."""

    at: Registrar
    code: str = PLATFORM
    password: str = PASSWORD
    peer: Peer = field(default_factory=lambda: Peer(UDP, "192.0.2.7", 5060))
    now: float = 1000.0
    number: int = 0
    heard: list[message.Message] = field(default_factory=list)
    facts: list[object] = field(default_factory=list)
    owed: list[Secure] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def now_ms(self) -> int:
        return NOW_MS + int((self.now - 1000.0) * 1000)

    def take(self, actions: list[Action]) -> list[message.Message]:
        found = []
        for action in actions:
            match action:
                case Send(_peer, data):
                    found.append(message.parse(data))
                case Note(fact):
                    self.facts.append(fact)
                case Secure():
                    self.owed.append(action)
                case Refused(_code, reason, _data, _peer):
                    self.refused.append(reason.code)
        self.heard += found
        return found

    def request(self, method: str, body: bytes = b"", *headers: tuple[str, str]) -> Request:
        self.number += 1
        told = (
            ("Via", f"SIP/2.0/{self.peer.transport} {self.peer.host}:{self.peer.port};rport;branch=z9hG4bK{self.code}{self.number}"),
            ("From", f"<sip:{self.code}@{REALM}>;tag=d{self.number}"),
            ("To", f"<sip:{SERVER}@{REALM}>"),
            ("Call-ID", f"call-{self.code}"),
            ("CSeq", f"{self.number} {method}"),
            *headers,
        )
        return Request(told, body, method, f"sip:{SERVER}@{REALM}")

    def send(self, request: Request) -> list[message.Message]:
        return self.take(self.at.receive(message.encode(request), self.peer, self.now, self.now_ms))

    def tick(self, seconds: float) -> list[message.Message]:
        self.now += seconds
        return self.take(self.at.tick(self.now, self.now_ms))

    def register(self, expires: int = 3600, algorithm: str = "", *, password: str = "") -> Response:
        """Register as devices do: once without proof, then with the challenge answered; the last response."""
        contact = (("Contact", f"<sip:{self.code}@{self.peer.host}:{self.peer.port}>"), ("Expires", str(expires)))
        first = self.send(self.request("REGISTER", b"", *contact))[0]
        assert isinstance(first, Response)
        if first.status != 401:
            return first
        offers = [digest.parse_challenge(value) for value in first.all("WWW-Authenticate")]
        challenge = next(offer for offer in offers if not algorithm or offer.algorithm == algorithm)
        proof = digest.respond(challenge, self.code, password or self.password, "REGISTER", f"sip:{SERVER}@{REALM}", cnonce="c0ffee")
        last = self.send(self.request("REGISTER", b"", *contact, ("Authorization", proof.header())))[0]
        assert isinstance(last, Response)
        return last

    def say(
        self, root: str, command: str, content: Content, *, serial: int = 1, device: str = "", method: str = "MESSAGE"
    ) -> list[message.Message]:
        body = manscdp.encode(manscdp.Body(root, command, serial, device or self.code, content))
        return self.send(self.request(method, body, ("Content-Type", message.MANSCDP)))

    def asked(self, command: str) -> list[manscdp.Body]:
        """Queries of one command that the server sent."""
        bodies = [manscdp.decode(found.body) for found in self.heard if isinstance(found, Request)]
        return [body for body in bodies if body.command == command]

    def of(self, kind: type) -> list[object]:
        return [fact for fact in self.facts if isinstance(fact, kind)]
