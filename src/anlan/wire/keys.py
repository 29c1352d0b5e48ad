"""Keys of equipment as they are kept and as they travel: enciphered with a key derived from the node's own secret. Pure.

A digest would not do: whoever opens what a station enciphered needs the key itself. So the database, its backups and the files of the stream hold
the enciphered form alone, and only processes of this node, which have its secret, can open it. Fernet: AES-128-CBC with HMAC-SHA-256.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import ClassVar

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

KEY_BYTES = 16
_HEXADECIMAL = re.compile(rf"[0-9A-Fa-f]{{{2 * KEY_BYTES}}}")


class MalformedKey(Refusal):
    code: ClassVar[str] = "device_malformed_key"
    sentence: ClassVar[str] = N_("SM4 密钥应为 {digits} 位十六进制数字（{bytes} 字节），不能全部相同，请照设备中的密钥填写。")
    status: ClassVar[int] = 422


def checked_key(text: str) -> bytes:
    """The 16 bytes that 32 hexadecimal digits say; blanks, hyphens and colons between them are passed over.

    Raises :class:`MalformedKey`, for a key of one repeated byte too: factories deliver equipment with it.
    """
    digits = re.sub(r"[\s:-]", "", text)
    key = bytes.fromhex(digits) if _HEXADECIMAL.fullmatch(digits) else b""
    if len(set(key)) < 2:
        raise MalformedKey(digits=2 * KEY_BYTES, bytes=KEY_BYTES)
    return key


def sealed(key: bytes, node_secret: str) -> str:
    """``key`` as it is kept and travels."""
    return _cipher(node_secret).encrypt(key).decode("ascii")


def opened(kept: str, node_secret: str) -> bytes | None:
    """The key again; ``None`` when nothing is kept, or when it was kept under another secret of the node (then it must be entered anew)."""
    if not kept or not node_secret:
        return None
    try:
        return _cipher(node_secret).decrypt(kept.encode())
    except (InvalidToken, UnicodeEncodeError):
        return None


@lru_cache(maxsize=4)
def _cipher(node_secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"anlan key of field equipment").derive(node_secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
