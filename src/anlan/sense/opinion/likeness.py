"""How alike texts are: MinHash (Broder 1997) of their runs of three characters. Pure; numpy arrays in and out."""

from __future__ import annotations

import re
import unicodedata
from zlib import crc32

import numpy as np

SIZE = 64
"""Hashes in a signature; the likeness read from it is off by about 1/√64 at worst."""
_RUN = 3
_SKIPPED = re.compile(r"https?://\S+|@[\w\u4e00-\u9fff-]{1,30}|[^\w\u4e00-\u9fff]+")
_PRIME = np.uint64(4_294_967_311)
_random = np.random.default_rng(20261126)
_A = _random.integers(1, 2**32 - 1, SIZE, dtype=np.uint64)
_B = _random.integers(0, 2**32 - 1, SIZE, dtype=np.uint64)


def signature(text: str) -> bytes:
    """The signature of a text: :data:`SIZE` numbers of 32 bits, little-endian; empty for a text too short to compare."""
    plain = _SKIPPED.sub("", unicodedata.normalize("NFKC", text).casefold())
    runs = {crc32(plain[at : at + _RUN].encode()) for at in range(len(plain) - _RUN + 1)}
    if not runs:
        return b""
    values = np.fromiter(runs, dtype=np.uint64, count=len(runs))
    # 32-bit factors and values: products stay below 2**64.
    hashed = (values[:, None] * _A[None, :] + _B[None, :]) % _PRIME
    return hashed.min(axis=0).astype("<u4").tobytes()


def matrix(signatures: list[bytes]) -> np.ndarray:
    """Signatures as rows of an array (n × :data:`SIZE`); an empty one is a row of noughts, which is like nothing."""
    rows = np.zeros((len(signatures), SIZE), dtype="<u4")
    for at, found in enumerate(signatures):
        if len(found) == SIZE * 4:
            rows[at] = np.frombuffer(found, dtype="<u4")
    return rows


def likeness(one: bytes, many: np.ndarray) -> np.ndarray:
    """The share of runs that a text has in common with each of many (0 to 1), as its signature tells."""
    if len(one) != SIZE * 4 or not len(many):
        return np.zeros(len(many))
    found = (many == np.frombuffer(one, dtype="<u4")[None, :]).mean(axis=1)
    found[~many.any(axis=1)] = 0.0
    return found
