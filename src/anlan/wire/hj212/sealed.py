"""The enciphered data area of HJ 212-2025 (6.4.2 and annex A.2): SM4 in ECB mode without padding.

The whole blocks of 16 bytes are enciphered and written as ``{0xE4,0x3E,…}``; what is left of fewer than 16 bytes follows as it is. Length and
check sum of the frame are those of the plain text. (Read in a test suite that quotes the annex, not in the standard itself: unverified.)
"""

from __future__ import annotations

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from anlan.wire.hj212.refusals import BadSeal, SealNotAvailable

KEY_BYTES = 16
_BLOCK_BYTES = 16
_AREA = re.compile(rb"\{((?:0[xX][0-9A-Fa-f]{2}(?:,|(?=\})))*)\}(.*)", re.DOTALL)


def seal(area: bytes, key: bytes) -> bytes:
    """The data area as it travels. Raises :class:`BadSeal` (the key has not 16 bytes), :class:`SealNotAvailable`."""
    whole = len(area) // _BLOCK_BYTES * _BLOCK_BYTES
    if whole == 0:
        return area
    secret = _run(area[:whole], key, opening=False)
    return b"{%s}%s" % (",".join(f"0x{byte:02X}" for byte in secret).encode(), area[whole:])


def unseal(area: bytes, key: bytes) -> bytes:
    """The plain data area. Raises :class:`BadSeal`, :class:`SealNotAvailable`; only the check sum tells whether the key was the right one."""
    found = _AREA.fullmatch(area)
    if found is None:
        raise BadSeal(reason="{0x…}")
    secret = bytes(int(byte, 16) for byte in found[1].split(b",") if byte)
    if len(secret) % _BLOCK_BYTES:
        raise BadSeal(reason=f"{len(secret)} % {_BLOCK_BYTES}")
    return _run(secret, key, opening=True) + found[2]


def _run(data: bytes, key: bytes, *, opening: bool) -> bytes:
    if len(key) != KEY_BYTES:
        raise BadSeal(reason=f"{len(key)} ≠ {KEY_BYTES}")
    try:
        cipher = Cipher(SM4(key), modes.ECB())
        turn = cipher.decryptor() if opening else cipher.encryptor()
        return turn.update(data) + turn.finalize()
    except UnsupportedAlgorithm:
        raise SealNotAvailable() from None
