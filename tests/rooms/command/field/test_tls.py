"""The field port with TLS: a certificate speaks for one unit."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.rooms.command.field.test_connections import Watched, cut_off, marker, run, until

from anlan.command.field import port, rules
from anlan.command.field.rules import Account
from anlan.kernel.ids import new_id


def _certificates(folder: Path) -> None:
    """An authority, the node's certificate and a terminal's, as PEM files."""
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    for name, public in (
        ("ca", authority),
        ("node", ec.generate_private_key(ec.SECP256R1())),
        ("unit", ec.generate_private_key(ec.SECP256R1())),
    ):
        begins = datetime.now(UTC) - timedelta(days=1)
        made = (
            x509.CertificateBuilder()
            .subject_name(issuer if name == "ca" else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(public.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=9))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .sign(authority, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(public.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_a_certificate_on_record_lets_its_unit_in_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _certificates(tmp_path)
    for word, file in (("CERT", "node.pem"), ("KEY", "node.key"), ("CA", "ca.pem")):
        monkeypatch.setenv(f"ANLAN_COT_TLS_{word}", str(tmp_path / file))
    mine = sha256(x509.load_pem_x509_certificate((tmp_path / "unit.pem").read_bytes()).public_bytes(Encoding.DER)).hexdigest()

    async def work(watched: Watched) -> None:
        watched.port.admit({uid: Account(new_id(), uid, "有证", held, "370102") for uid, held in (("T", mine), ("U", "cd" * 32))})
        secured = await watched.port.open("127.0.0.1", 0, port.tls())
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        context.check_hostname = False
        # Without a certificate the line ends; with TLS 1.3 the client learns of it only when it reads.
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            reader, writer = await asyncio.open_connection("127.0.0.1", secured, ssl=context)
            writer.write(marker("T", "有证"))
            assert await reader.read() == b""
        assert (watched.notes, watched.turned) == ([], [])
        context.load_cert_chain(tmp_path / "unit.pem", tmp_path / "unit.key")
        for uid in ("U", "T"):
            reader, writer = await asyncio.open_connection("127.0.0.1", secured, ssl=context)
            watched.writers.append(writer)
            writer.write(marker(uid, "改名"))
            if uid == "U":
                await cut_off(reader)
        await until(lambda: len(watched.notes) == 1)
        assert [(each.uid, each.fingerprint, each.reason) for each in watched.turned] == [("U", mine, rules.WrongCertificate.code)]

    run(work)
