"""The check sum of HJ 212 (annex A) and the one it is most often confused with.

Both use the polynomial 0xA001 and begin with 0xFFFF. HJ 212 puts a byte against the *upper* half of the register shifted down, so that the
lower half is lost at every byte; CRC-16 of Modbus puts it against the lower half and keeps both. Makers who took a library for Modbus send
frames that nobody else accepts.
"""

from __future__ import annotations


def _table() -> tuple[int, ...]:
    table = []
    for register in range(256):
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
        table.append(register)
    return tuple(table)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """Check sum of a data segment: HJ 212-2017 annex A, HJ 212-2025 annex A.1; ``crc16(b"\\0") == 0x4040``."""
    register = 0xFFFF
    for byte in data:
        register = _TABLE[(register >> 8) ^ byte]
    return register


def modbus_crc16(data: bytes) -> int:
    """CRC-16 as Modbus computes it: ``modbus_crc16(b"123456789") == 0x4B37``."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register
