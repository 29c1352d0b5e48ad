"""The few packets of MQTT 3.1.1 that a sending device needs (OASIS MQTT 3.1.1: 3.1 CONNECT, 3.3 PUBLISH, 3.4 PUBACK).

A client library costs some 100 µs a message and a thread or task a connection; two thousand devices on the machine they load must cost
less than what they load.
"""

from __future__ import annotations

import struct

CONNACK, PUBACK = 2, 4


def _length(value: int) -> bytes:
    found = bytearray()
    while True:
        value, digit = divmod(value, 128)
        found.append(digit | (128 if value else 0))
        if not value:
            return bytes(found)


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def connect(client: str, username: str, secret: str, keep_alive_s: int = 0) -> bytes:
    """CONNECT with user name and password, clean session."""
    body = _text("MQTT") + bytes([4, 0b11000010]) + struct.pack("!H", keep_alive_s) + _text(client) + _text(username) + _text(secret)
    return b"\x10" + _length(len(body)) + body


def publish(topic: bytes, packet: int, payload: bytes, *, again: bool = False) -> bytes:
    """PUBLISH with QoS 1; ``packet`` 1–65535; ``again`` sets DUP."""
    size = 2 + len(topic) + 2 + len(payload)
    return (b"\x3a" if again else b"\x32") + _length(size) + struct.pack("!H", len(topic)) + topic + struct.pack("!H", packet) + payload


def answers(buffer: bytearray) -> list[tuple[int, int]]:
    """(packet type, packet identifier or return code) of the whole answers in ``buffer``, which are taken out of it.

    A server sends a publishing client packets of four bytes only; anything else raises ``ValueError``.
    """
    found: list[tuple[int, int]] = []
    whole = len(buffer) // 4 * 4
    for at in range(0, whole, 4):
        kind = buffer[at] >> 4
        if kind not in (CONNACK, PUBACK) or buffer[at + 1] != 2:
            raise ValueError(f"not an answer to a publisher: {bytes(buffer[at : at + 4]).hex()}")
        found.append((kind, buffer[at + 3] if kind == CONNACK else buffer[at + 2] << 8 | buffer[at + 3]))
    del buffer[:whole]
    return found
