"""Carriers behind real sockets of the loop-back: an HTTP gateway that speaks the documented contract, an SMPP centre. With the faults of real ones."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway:
    """What the HTTP gateway remembers and does wrong: ``fault`` is ``""``, ``hang``, ``redirect``, ``busy``, ``broken``, ``garbage``, ``drop`` or ``partial``."""

    def __init__(self) -> None:
        self.fault = ""
        self.rang: Counter[str] = Counter()
        self.texts: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.waiting: list[dict[str, str]] = []
        self.address = ""


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A running HTTP gateway."""
    held = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

        def _answer(self, status: int, body: Any) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", "http://169.254.169.254/latest/")
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            found, held.waiting = held.waiting, []
            self._answer(200, {"receipts": found, "cursor": "1"})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held.tokens.add(self.headers.get("Authorization", ""))
            if self.path.endswith("/ask"):
                return self._answer(200, {"states": {key: "accepted" if key in held.keys else "never" for key in asked["keys"]}})
            if held.fault == "redirect":
                return self._answer(302, {})
            if held.fault == "busy":
                return self._answer(429, {})
            if held.fault == "drop":
                return self.connection.shutdown(socket.SHUT_RDWR)
            for each in asked["messages"]:
                if each["key"] not in held.keys:
                    held.rang[each["address"]] += 1
                held.keys[each["key"]], held.texts[each["address"]] = each["address"], each["text"]
            if held.fault == "hang":
                time.sleep(1.0)
            if held.fault == "broken":
                return self._answer(500, {})
            if held.fault == "garbage":
                return self._answer(200, b"<html>")
            rows = [{"key": each["key"], "answer": "accepted"} for each in asked["messages"]]
            return self._answer(200, {"results": rows[1:] if held.fault == "partial" else rows})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


class Centre:
    """What the SMPP centre remembers: texts by number. ``fault`` is ``""``, ``throttle``, ``refuse``, ``silent`` or ``drop``; ``password`` is what it asks.

    ``mute_from``: having rung so many it takes on and answers no more. ``receipts``: it sends them.
    """

    def __init__(self) -> None:
        self.fault = ""
        self.password = "s3cret"
        self.texts: dict[str, str] = {}
        self.rang: Counter[str] = Counter()
        self.mute_from = 0
        self.receipts = True
        self.port = 0


_BIND, _SUBMIT, _DELIVER, _UNBIND = 0x09, 0x04, 0x05, 0x06


def _strings(body: bytes, count: int) -> tuple[list[str], bytes]:
    found = []
    for _ in range(count):
        text, _, body = body.partition(b"\0")
        found.append(text.decode("latin-1"))
    return found, body


@contextmanager
def centre() -> Iterator[Centre]:
    """A running SMPP 3.4 centre: binds, takes UCS-2 texts in parts, sends a receipt for each that asks for one."""
    held = Centre()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                self._serve()

        def _serve(self) -> None:
            number = 0
            while head := self.rfile.read(16):
                length, command, _status, sequence = struct.unpack(">IIII", head)
                body = self.rfile.read(length - 16)
                if command == _BIND:
                    (_system, password), _rest = _strings(body, 2)
                    self._say(command | 0x80000000, 0 if password == held.password else 0x0E, sequence, b"centre\0")
                elif command == _SUBMIT:
                    number += 1
                    if held.fault == "drop":
                        return
                    if held.fault != "silent":
                        self._submit(body, sequence, number)

        def _submit(self, body: bytes, sequence: int, number: int) -> None:
            status = {"throttle": 0x58, "refuse": 0x0B}.get(held.fault, 0)
            mute = 0 < held.mute_from <= held.rang.total()
            if not mute:
                self._say(_SUBMIT | 0x80000000, status, sequence, b"" if status else f"ref{number}".encode() + b"\0")
            if status:
                return
            (_service,), rest = _strings(body, 1)
            (_source,), rest = _strings(rest[2:], 1)
            (target,), rest = _strings(rest[2:], 1)
            esm = rest[0]
            _times, rest = _strings(rest[3:], 2)
            registered, size = rest[0], rest[4]
            held.rang[target] += bool(registered)
            text = rest[5 : 5 + size]
            held.texts[target] = held.texts.get(target, "") + text[6 if esm & 0x40 else 0 :].decode("utf-16-be")
            if registered and held.receipts and not mute:
                receipt = (
                    f"id:ref{number} sub:001 dlvrd:001 submit date:2611220918 done date:2611220918 stat:DELIVRD err:000 text:".encode()
                )
                pdu = b"\0\0\0" + target.encode() + b"\0\0\0" + b"source\0" + b"\x04\0\0\0\0\0\0\0\0" + bytes([len(receipt)]) + receipt
                self._say(_DELIVER, 0, 900 + number, pdu)

        def _say(self, command: int, status: int, sequence: int, body: bytes) -> None:
            self.wfile.write(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
