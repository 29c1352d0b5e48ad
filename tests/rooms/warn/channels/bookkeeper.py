"""A carrier in a process of its own that speaks the HTTP contract and keeps a book of whom it told: what was sent is counted there, not by the sender.

``python -m tests.rooms.warn.channels.bookkeeper <folder> '<what it does wrong, as JSON>'``. It prints its port. The book has a line for each person told: key, address,
message, seconds since 1970. Another line of the same key means that the person heard it again.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[4]
BOOK, FIRST = "book", "first"


@dataclass
class Faults:
    """What it does wrong. ``once``: it takes a key only once. ``slow_s``: for each batch. ``hangs_at``: the batch with which it has told so many is told
    and never answered. ``forgets``: it says "never" of everything it was asked. ``receipts``: it sends them; ``double``: each twice; ``strays``: and so many for
    keys that it was never handed."""

    once: bool = True
    slow_s: float = 0.0
    hangs_at: int = 0
    forgets: bool = False
    receipts: bool = False
    double: bool = False
    strays: int = 0


class Bookkeeper:
    """The server."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.faults = faults
        self.keys: set[str] = set()
        self.fresh: list[str] = []
        self.book, self.first = (os.open(folder / name, os.O_CREAT | os.O_APPEND | os.O_WRONLY) for name in (BOOK, FIRST))
        self.messages: set[str] = set()

    async def serve(self) -> None:
        """Serve until killed."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=2**16)
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - it tells whoever started it
        await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
                body = json.loads(await reader.readexactly(length)) if length else {}
                answer = json.dumps(await self._answer(lines[0].split()[1], body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path.partition("?")[0].endswith("/receipts"):
            return {"receipts": self._receipts(), "cursor": "1"}
        if path.endswith("/ask"):
            return {"states": {key: "accepted" if key in self.keys and not self.faults.forgets else "never" for key in body["keys"]}}
        return {"results": await self._tell(body["messages"])}

    async def _tell(self, messages: list[dict[str, Any]]) -> list[dict[str, str]]:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        told = [each for each in messages if not (self.faults.once and each["key"] in self.keys)]
        now = time.time()
        os.write(self.book, "".join(f"{each['key']}\t{each['address']}\t{each['message']}\t{now:.4f}\n" for each in told).encode())
        self.keys.update(each["key"] for each in messages)
        for message in {each["message"] for each in told} - self.messages:
            self.messages.add(message)
            os.write(self.first, f"{message}\t{now:.4f}\n".encode())
        if self.faults.receipts:
            self.fresh += [each["key"] for each in told]
        if 0 < self.faults.hangs_at <= len(self.keys):
            self.faults.hangs_at = 0
            await asyncio.sleep(3600)
        return [{"key": each["key"], "answer": "accepted"} for each in messages]

    def _receipts(self) -> list[dict[str, str]]:
        at = datetime.now(UTC).isoformat()
        keys, self.fresh = self.fresh, []
        keys = keys * 2 if self.faults.double else keys
        strays = [f"ffffffffffff-{900_000_000 + number}" for number in range(self.faults.strays)] if keys else []
        return [{"key": key, "state": "delivered", "at": at} for key in [*keys, *strays]]


@dataclass
class Book:
    """A running bookkeeper, as whoever started it sees it."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    _read: int = 0
    _lines: int = 0

    @property
    def address(self) -> str:
        """Where it listens; also what ``ANLAN_CARRIER_HOSTS`` must hold."""
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> Iterator[tuple[str, str, str, float]]:
        """Key, address, message and time of everybody it told, in order."""
        for line in (self.folder / BOOK).read_text(encoding="utf-8").splitlines():
            key, address, message, at = line.split("\t")
            yield key, address, message, float(at)

    def size(self) -> int:
        """How many lines there are; only what is new is read."""
        with (self.folder / BOOK).open("rb") as file:
            file.seek(self._read)
            for part in iter(lambda: file.read(2**20), b""):
                self._read, self._lines = self._read + len(part), self._lines + part.count(b"\n")
        return self._lines

    def first_of(self, message: str) -> float | None:
        """When the first person of a message was told (seconds since 1970)."""
        lines = (line.split("\t") for line in (self.folder / FIRST).read_text(encoding="utf-8").splitlines())
        return next((float(at) for name, at in lines if name == message), None)

    def told(self) -> Counter[str]:
        """How often each address was told."""
        return Counter(address for _key, address, _message, _at in self.lines())


@contextmanager
def bookkeeper(folder: Path, **faults: Any) -> Iterator[Book]:
    """A bookkeeper with its book in ``folder``, which is made."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.rooms.warn.channels.bookkeeper", str(folder), json.dumps(faults)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Book(folder, int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(Bookkeeper(Path(sys.argv[1]), Faults(**json.loads(sys.argv[2]))).serve())
