"""The one gate out of the node: nothing is handed to a carrier but here, and what is of an exercise or a test goes to simulated carriers only.

A test walks the source and finds no other caller of an adapter's ``send``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings as django_settings

from anlan.warn.channels import rules
from anlan.warn.channels.adapters import KINDS, Adapter, Settings, open_adapter
from anlan.warn.channels.adapters.contract import Outgoing, Result, SecretMissing
from anlan.warn.channels.models import Carrier
from anlan.warn.channels.rules import Purpose

TEST_MARK = "【测试】"
TIMEOUT_S = 10.0
"""No call to a carrier takes longer. Project default."""


def demonstration() -> bool:
    """Whether this node is a demonstration, where nothing is real."""
    return bool(django_settings.ANLAN["DEMO"])


def is_simulated(carrier: Carrier) -> bool:
    """Whether nothing of what the carrier takes leaves the node; an adapter that nobody knows is taken for real."""
    kind = KINDS.get(carrier.adapter)
    return kind is not None and kind.simulated


def takes(carrier: Carrier, *, inside: bool) -> bool:
    """Whether the carrier may be handed messages that are (or are not) of an exercise or a test."""
    return rules.may_take(simulated=is_simulated(carrier), inside=inside, demonstration=demonstration())


def hand_over(carrier: Carrier, adapter: Adapter, batch: Sequence[Outgoing], *, inside: bool) -> list[Result]:
    """Hand a batch to a carrier. Raises :class:`rules.NeverLeaves`, :class:`rules.NotReallySent`, and what the adapter raises."""
    if not takes(carrier, inside=inside):
        raise rules.NeverLeaves(carrier=carrier.name) if inside or demonstration() else rules.NotReallySent(carrier=carrier.name)
    return adapter.send(batch)


def try_out(carrier: Carrier, adapter: Adapter, one: Outgoing) -> Result:
    """Hand a carrier one text that says that it is a test. Raises :class:`rules.NeverLeaves` in a demonstration, and what the adapter raises."""
    if not rules.may_take(simulated=is_simulated(carrier), inside=True, demonstration=demonstration(), purpose=Purpose.CARRIER_TEST):
        raise rules.NeverLeaves(carrier=carrier.name)
    if TEST_MARK not in one.text or TEST_MARK not in one.title:
        raise ValueError("a text that tries a carrier says so")
    return adapter.send([one])[0]


def opened(carrier: Carrier) -> Adapter:
    """The adapter of a carrier with its secret. Raises ``SecretMissing`` and what the adapter refuses of its settings."""
    return open_adapter(
        carrier.adapter,
        Settings(
            name=carrier.name,
            channel=carrier.channel,
            endpoint=carrier.endpoint,
            options=carrier.options or {},
            secret=secret_of(carrier.secret),
            timeout_s=TIMEOUT_S,
            hosts=allowed_hosts(),
        ),
    )


def allowed_hosts() -> tuple[str, ...]:
    """Hosts that the node's operator lets it speak to: ``ANLAN_CARRIER_HOSTS``, by commas. A record in the database cannot widen this."""
    return tuple(host.strip().lower() for host in os.environ.get("ANLAN_CARRIER_HOSTS", "").split(",") if host.strip())


def secret_of(name: str) -> str:
    """The secret of that name: the environment's ``ANLAN_CARRIER_SECRET_<NAME>``, else the file ``secrets/carriers/<name>`` of the node's home.

    Raises :class:`SecretMissing`. An empty name is no secret.
    """
    if not name:
        return ""
    held = os.environ.get(f"ANLAN_CARRIER_SECRET_{name.upper().replace('-', '_')}")
    if held:
        return held
    file = Path(django_settings.ANLAN["HOME"]) / "secrets" / "carriers" / Path(name).name
    if not file.is_file():
        raise SecretMissing(name=name)
    return file.read_text(encoding="utf-8").strip()
