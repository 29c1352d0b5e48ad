"""The node's key for signing warnings: made at first need, kept in the node's folder, never in the database; rotated, its certificates served.

``<home>/secrets/cap`` holds pairs ``<name>.key`` and ``<name>.crt`` (PEM). A bureau with a certificate of its own puts its pair there. In use is
the pair whose certificate is valid and begins last; certificates that were in use stay, so that what they signed can be verified for ever.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from anlan.wire import cap
from anlan.wire.cap import signature

log = structlog.get_logger()
VALIDITY = timedelta(days=730)
RENEWED_BEFORE = timedelta(days=30)
"""How long a made certificate holds, and how long before its end the next one is made (project defaults)."""


@dataclass(frozen=True)
class Pair:
    """A key and its certificate, PEM."""

    name: str
    key: bytes
    certificate: bytes
    begins: datetime
    ends: datetime
    fingerprint: str


@dataclass(frozen=True)
class Signed:
    """The bytes that go out; ``fingerprint`` of the certificate (SHA-256, hexadecimal), empty when they had to go out unsigned."""

    data: bytes
    fingerprint: str


def folder() -> Path:
    """Where the pairs are."""
    return Path(settings.ANLAN["HOME"]) / "secrets" / "cap"


def sign(alert: cap.Alert, now: datetime) -> Signed:
    """``alert`` signed with the pair in use.

    A warning is never held back for a key: when no pair can be used or made, it goes out unsigned, its page says so, and the log tells why.
    Raises ``CapRefused`` when the message itself is unsound.
    """
    for pair in _usable(now):
        try:
            return Signed(signature.sign(alert, key=pair.key, certificate=pair.certificate), pair.fingerprint)
        except signature.CannotSign as refusal:
            log.error("warning_key_unusable", pair=pair.name, reason=str(refusal))
    try:
        made = rotate(now)
        return Signed(signature.sign(alert, key=made.key, certificate=made.certificate), made.fingerprint)
    except (OSError, signature.CannotSign) as wrong:
        log.error("warning_unsigned", reason=str(wrong))
        return Signed(cap.encode(alert), "")


def _usable(now: datetime) -> list[Pair]:
    """Pairs whose certificate is valid, newest first."""
    return sorted((pair for pair in pairs() if pair.begins <= now < pair.ends), key=lambda pair: pair.begins, reverse=True)


def pairs() -> Iterator[Pair]:
    """Every pair that can be read; one that cannot is told in the log and passed over."""
    for file in sorted(folder().glob("*.crt")):
        try:
            yield _pair(file.stem, file.with_suffix(".key").read_bytes(), file.read_bytes())
        except (OSError, ValueError) as wrong:
            log.error("warning_key_unreadable", file=str(file), reason=str(wrong))


def _pair(name: str, key: bytes, certificate: bytes) -> Pair:
    read = x509.load_pem_x509_certificate(certificate)
    fingerprint = read.fingerprint(hashes.SHA256()).hex()
    return Pair(name, key, certificate, read.not_valid_before_utc, read.not_valid_after_utc, fingerprint)


def ensure(now: datetime) -> Pair:
    """The pair in use; made when there is none or the last one ends soon. Raises ``OSError`` when it cannot be written."""
    usable = _usable(now)
    if usable and usable[0].ends - now > RENEWED_BEFORE:
        return usable[0]
    return rotate(now)


def rotate(now: datetime) -> Pair:
    """Make the next pair and take it into use; the ones before it stay for verifying. Raises ``OSError``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Anlan"), x509.NameAttribute(NameOID.COMMON_NAME, "Anlan warnings")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.replace(microsecond=0))
        .not_valid_after(now.replace(microsecond=0) + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = _pair(f"{now:%Y%m%dT%H%M%S}-{os.getpid()}", secret, certificate.public_bytes(serialization.Encoding.PEM))
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder() / f"{made.name}.key", made.key, 0o600)
    # The certificate comes last: a pair without it is not seen.
    _write(folder() / f"{made.name}.crt", made.certificate, 0o644)
    return made


def _write(file: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def certificates(now: datetime) -> bytes:
    """Certificates of this node as PEM, the one in use first. Raises ``OSError`` when none is there and none can be made."""
    current = ensure(now)
    others = sorted((pair for pair in pairs() if pair.fingerprint != current.fingerprint), key=lambda pair: pair.begins, reverse=True)
    return b"".join(pair.certificate for pair in (current, *others))
