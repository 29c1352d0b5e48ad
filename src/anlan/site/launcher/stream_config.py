"""Configuration of the message stream (NATS with JetStream and MQTT).

Processes of the node sign in as one internal user. Everybody else, that is every device, is asked of the gatekeeper
(:mod:`anlan.sense.devices.gatekeeper`) by NATS's auth callout: it answers with a user token signed by the issuer key below.
"""

from __future__ import annotations

import json

import nkeys

from anlan.site.launcher.node import NATS_USER, Node

ACCOUNT = "NODE"
LARGEST_MESSAGE_BYTES = 8 * 1024 * 1024


def issuer(node: Node) -> str:
    """Public key (``A…``) of the account key that signs what the gatekeeper grants; its seed is ``secrets/nats-issuer.seed``."""
    return nkeys.from_seed(node.secret("nats-issuer.seed").encode()).public_key.decode()  # type: ignore[attr-defined]


def nats_config(node: Node) -> str:
    """The text of ``run/nats.conf``."""
    quoted = json.dumps
    return f"""\
server_name: {quoted("anlan-" + node.code[-12:])}
listen: "127.0.0.1:{node.ports["nats"]}"
max_payload: {LARGEST_MESSAGE_BYTES}
# Statutory reports pass here: a message is acknowledged only when it lies on the disk.
jetstream {{
  store_dir: {quoted(str(node.home / "nats"))}
  sync_interval: always
  max_memory_store: 1GB
}}
mqtt {{
  listen: {quoted(f"{node.host}:{node.ports['mqtt']}")}
  # Devices send in bursts after a broken line; the default of 1024 unacknowledged messages makes them wait.
  max_ack_pending: 65535
}}
accounts {{
  {ACCOUNT} {{
    jetstream: enabled
    users: [ {{ user: {quoted(NATS_USER)}, password: {quoted(node.secret("nats-password"))} }} ]
  }}
  SYS {{}}
}}
system_account: SYS
authorization {{
  timeout: 5
  auth_callout {{
    issuer: {issuer(node)}
    auth_users: [ {NATS_USER} ]
    account: {ACCOUNT}
  }}
}}
"""
