"""Other nodes, played by a key: what they sign is as real as what a node signs that runs."""

from __future__ import annotations

import itertools
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anlan.federation import addressing, keys, outbox, trust
from anlan.federation.envelope import Address, Envelope, Lane, seal, sign
from anlan.federation.models import BELOW, JOINED, Node, OutboxEnvelope
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level

NOW = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)
NATION, PROVINCE, CITY, LIXIA, SHIZHONG, BEIJING = "000000", "370000", "370100", "370102", "370103", "110000"
SUBJECT = UUID(int=77)
_seeds = itertools.count(1)


@dataclass
class Other:
    """A node that is not this one."""

    name: str
    level: Level
    place_code: str
    levels: Sequence[Level] = ()
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(next(_seeds).to_bytes(32, "big")))
    number: int = 1_000

    @property
    def raw(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        return keys.name_of(self.raw)

    @property
    def bureau(self) -> Address:
        return Address(self.level, self.place_code)

    def card(self, **other: Any) -> dict[str, Any]:
        """Its card; ``other``: what is different in this one."""
        levels = sorted({int(self.level), *map(int, self.levels)})
        public = b64encode(self.raw).decode()
        return {
            "id": self.id,
            "name": self.name,
            "level": int(self.level),
            "place": self.place_code,
            "levels": levels,
            "key": public,
        } | other

    def known(self, relation: str = BELOW, state: str = JOINED, **more: Any) -> Node:
        """The row of it in this node's tables."""
        values = {**trust.read_card(self.card()), "relation": relation, "state": state, "asked_at": NOW, "joined_at": NOW, **more}
        return Node.objects.create(**values)

    def envelope(self, *to: Address, **other: Any) -> Envelope:
        """One that it wrote; ``other``: what is different in this one."""
        plain: dict[str, Any] = {
            "id": new_id(), "kind": "test.note", "origin": self.id, "sender": self.bureau, "to": to, "lane": Lane.ROUTINE,
            "subject": SUBJECT, "place_code": self.place_code, "title": "示例", "made_at": NOW, "exercise": False, "body": {},
        }  # fmt: skip
        return Envelope(**{**plain, **other})

    def sealed(self, *to: Address, **other: Any) -> str:
        """The same as it travels."""
        return seal(self.envelope(*to, **other), self.key)

    def request(
        self,
        envelopes: Sequence[str] = (),
        answers: Sequence[Sequence[str]] = (),
        *,
        signed_by: Ed25519PrivateKey | None = None,
        changed: Mapping[str, Any] | None = None,
        **other: Any,
    ) -> bytes:
        """A call of it, with the next number; ``other`` and ``changed``: what is different in this one."""
        self.number += 1
        said: Mapping[str, Any] = {
            "version": 1, "to": keys.identity().node_id, "number": self.number, "envelopes": list(envelopes),
            "answers": [list(each) for each in answers], "seen": "",
        }  # fmt: skip
        return sign({**said, **other, **(changed or {})}, self.id, signed_by or self.key).encode()


def city(levels: Sequence[Level] = (Level.CITY,)) -> Node:
    """This node calls itself Jinan."""
    return trust.call_oneself("济南市应急管理局", Level.CITY, CITY, levels, now=NOW)


def posted(to: Address, lane: Lane = Lane.ROUTINE, *more: Address, **other: Any) -> OutboxEnvelope:
    """Something that waits to go to a bureau elsewhere, or to several: what goes first of it."""
    values: dict[str, Any] = {
        "kind": "test.note", "to": (to, *more), "lane": lane, "subject": SUBJECT, "place_code": to.place_code, "title": "示例", "body": {},
    }  # fmt: skip
    rows = outbox.post(outbox.Letter(**{**values, **other}), now=NOW)
    assert rows, addressing.next_hop(to)
    return rows[0]
