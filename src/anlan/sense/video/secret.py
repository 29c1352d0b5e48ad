"""Passwords of video equipment at rest: encrypted with the node's own key, as second factors are, so that a copied database alone opens nothing.

A digest can only be checked by whoever knows the password (or what is as good as it), so it cannot be kept as a hash.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@cache
def _cipher(secret_key: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"anlan video platform password").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def sealed(password: str) -> bytes:
    """The password as it is kept."""
    return _cipher(settings.SECRET_KEY).encrypt(password.encode())


def opened(kept: bytes | memoryview) -> str | None:
    """The password again; ``None`` when it was kept under another key of the node (then it must be set anew)."""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(bytes(kept)).decode()
    except InvalidToken:
        return None
