"""A line protocol for tests of the gateway: ``ID address secret``, ``V address time code=value[!] …``, ``E address time kind``, ``B …`` (bad).

Run as a process it is a gateway that speaks nothing else: ``python -m tests.rooms.sense.gateways.toy`` with ``TOY_PORT``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.ledger.process import serve
from anlan.sense.gateways.gateway import Gateway
from anlan.sense.gateways.session import Action, Asked, Close, Deliver, Happened, Heard, Identify, Measured, Reply, SetApart

PROTOCOL = "toy"


class BadLine(Refusal):
    code: ClassVar[str] = "toy_bad_line"
    sentence: ClassVar[str] = "bad line"


class Session:
    def __init__(self) -> None:
        self._held = b""

    def receive(self, data: bytes, now_ms: int) -> Iterator[Action]:
        self._held += data
        while b"\n" in self._held:
            line, self._held = self._held.split(b"\n", 1)
            yield from self._line(line, now_ms)

    def _line(self, line: bytes, now_ms: int) -> Iterator[Action]:
        word, *rest = line.decode().split(" ")
        match word, rest:
            case "ID", [address, secret]:
                yield Identify(address, secret)
            case "V", [address, time, *values]:
                found = {code: float(value.rstrip("!")) for code, value in (each.split("=") for each in values)}
                marked = {each.split("=")[0]: "!" for each in values if each.endswith("!")}
                yield Deliver(address, (Measured(int(time), found, marked),), answer=f"OK {time}\n".encode())
            case "E", [address, time, kind]:
                yield Deliver(address, happened=(Happened(int(time), f"toy.{kind}", "1", "it rang"),), answer=f"OK {time}\n".encode())
            case "H", [address]:
                yield Heard(address)
                yield Reply(b"HERE\n")
            case "Q", []:
                yield Close("asked")
            case _:
                yield SetApart("", BadLine(), line)

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterator[Action]:
        yield Reply(f"{'WELCOME' if admitted else 'NO'} {address}\n".encode())

    def ask_again(self, asked: Asked, now_ms: int) -> Iterator[Action]:
        yield Reply(f"AGAIN {asked.since_ms}\n".encode())

    @property
    def waiting(self) -> int:
        return len(self._held)


async def _run(stop: asyncio.Event) -> None:
    await Gateway({PROTOCOL: Session}).run(os.environ["ANLAN_NATS_URL"], {PROTOCOL: ("127.0.0.1", int(os.environ["TOY_PORT"]))}, stop)


if __name__ == "__main__":
    sys.exit(serve("gateway", _run))
