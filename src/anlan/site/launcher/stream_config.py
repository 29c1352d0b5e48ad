"""Configuration of the message stream (NATS with JetStream and MQTT).

Processes of the node sign in as one internal user. Everybody else, that is every device, is asked of the gatekeeper
(:mod:`anlan.sense.devices.gatekeeper`) by NATS's auth callout: it answers with a user token signed by the issuer key below.
"""

from __future__ import annotations

import json
import os
import re

import nkeys

from anlan.site.launcher.node import NATS_USER, Node
from anlan.site.launcher.say import Trouble

ACCOUNT = "NODE"
LONGEST_SYNC_MS = 500
LARGEST_MESSAGE_BYTES = 8 * 1024 * 1024


def issuer(node: Node) -> str:
    """Public key (``A…``) of the account key that signs what the gatekeeper grants; its seed is ``secrets/nats-issuer.seed``."""
    return nkeys.from_seed(node.secret("nats-issuer.seed").encode()).public_key.decode()  # type: ignore[attr-defined]


def written_through() -> str:
    """After how long the stream writes through to the disk: ``ANLAN_STREAM_SYNC``, ``always`` or some ``…ms``; 100 ms unless told.

    Raises :class:`Trouble` for anything else, and beyond 500 ms: the detector's memory is written that much later than what it said.
    """
    told = os.environ.get("ANLAN_STREAM_SYNC", "100ms").strip()
    if told == "always" or (re.fullmatch(r"[1-9][0-9]{0,2}ms", told) and int(told[:-2]) <= LONGEST_SYNC_MS):
        return told
    raise Trouble(f"ANLAN_STREAM_SYNC is {told!r}; it must be 'always' or milliseconds from 1ms to {LONGEST_SYNC_MS}ms.")


def nats_config(node: Node) -> str:
    """The text of ``run/nats.conf``."""
    quoted = json.dumps
    return f"""\
server_name: {quoted("anlan-" + node.code[-12:])}
listen: "127.0.0.1:{node.ports["nats"]}"
max_payload: {LARGEST_MESSAGE_BYTES}
# What was acknowledged survives the end of any process at any moment; the disk itself has it after so long (docs/adr/0027).
jetstream {{
  store_dir: {quoted(str(node.home / "nats"))}
  sync_interval: {written_through()}
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
    # Who connects and who goes, for the gatekeeper.
    imports: [
      {{ stream: {{ account: SYS, subject: "$SYS.ACCOUNT.{ACCOUNT}.CONNECT" }}, to: "lines.mqtt.connect" }}
      {{ stream: {{ account: SYS, subject: "$SYS.ACCOUNT.{ACCOUNT}.DISCONNECT" }}, to: "lines.mqtt.disconnect" }}
    ]
  }}
  SYS {{
    exports: [ {{ stream: "$SYS.ACCOUNT.{ACCOUNT}.*", accounts: [ {ACCOUNT} ] }} ]
  }}
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
