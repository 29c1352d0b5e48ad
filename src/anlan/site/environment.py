"""What the environment says about this node: folders, engine addresses, mode. Read once, in one place.

Every engine can be replaced by an address here (``ANLAN_DATABASE_URL``, ``ANLAN_NATS_URL``, ``ANLAN_TELEMETRY_URL``); the launcher
fills in the addresses of the engines that it runs itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Environment:
    """Settings of one node as the operating system hands them over."""

    home: Path
    database_url: str
    nats_url: str
    telemetry_url: str
    demo: bool
    debug: bool
    secret_key: str
    allowed_hosts: tuple[str, ...]
    test_database: str | None
    web_port: int


def default_home() -> Path:
    """Where data lives when ``ANLAN_HOME`` is not set: ``/var/lib/anlan`` for root, else ``~/.local/share/anlan``."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/anlan")
    return Path.home() / ".local" / "share" / "anlan"


def read() -> Environment:
    """Read the process environment; nothing is created and nothing is checked here."""
    env = os.environ
    return Environment(
        home=Path(env.get("ANLAN_HOME") or default_home()),
        database_url=env.get("ANLAN_DATABASE_URL", ""),
        nats_url=env.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"),
        telemetry_url=env.get("ANLAN_TELEMETRY_URL", "http://127.0.0.1:8126"),
        demo=env.get("ANLAN_DEMO", "0") == "1",
        debug=env.get("ANLAN_DEBUG", "0") == "1",
        secret_key=env.get("ANLAN_SECRET_KEY", ""),
        allowed_hosts=tuple(h for h in env.get("ANLAN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h),
        test_database=env.get("ANLAN_TEST_DB") or None,
        web_port=int(env.get("ANLAN_PORT", "8120")),
    )


def django_database(url: str, test_name: str | None = None) -> dict[str, object]:
    """Turn ``postgres://user:password@host:port/name?host=/socket/folder`` into Django's ``DATABASES`` entry.

    Raises ``ValueError`` when the scheme is not PostgreSQL's.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"ANLAN_DATABASE_URL must start with postgres://, not {parts.scheme!r}")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    entry: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "anlan",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "OPTIONS": {**query},
    }
    if test_name:
        entry["TEST"] = {"NAME": test_name}
    return entry
