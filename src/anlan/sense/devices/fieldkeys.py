"""Verbs of the SM4 key under which a station enciphers its data areas (HJ 212-2025): entered once, never shown again, replaced, taken away."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.sense.devices import rules
from anlan.sense.devices.announcing import announce
from anlan.sense.devices.models import DeviceAddress
from anlan.wire import addresses, keys


def set_key(row: DeviceAddress, *, key: str, actor: Actor, now: datetime) -> DeviceAddress:
    """Put a key in force (32 hexadecimal digits); the one before still opens for ``rules.ROTATION_OVERLAP``, until the station uses the new one.

    The audit names that a key was set, never the key. Raises ``MalformedKey``, ``NoKeys``, ``NotPermitted``.
    """
    if row.protocol != addresses.HJ212:
        raise rules.NoKeys(protocol=row.protocol)
    plain = keys.checked_key(key)
    with change(actor, "devices.credentials", now=now, record=row) as gathered:
        if row.key_sealed:
            row.previous_key_sealed, row.previous_key_until = row.key_sealed, now + rules.ROTATION_OVERLAP
        row.key_sealed = keys.sealed(plain, settings.SECRET_KEY).encode("ascii")
        row.key_set_at, row.key_set_by = now, actor.name[:100]
        row.save()
        gathered.facts["key"] = "set"
        announce(gathered, row.enterprise_id, row.place_code, now)
    return row


def forget_key(row: DeviceAddress, *, actor: Actor, now: datetime) -> DeviceAddress:
    """Take the key and the one before it away: enciphered data areas are refused from then on. Raises ``NotPermitted``."""
    with change(actor, "devices.credentials", now=now, record=row) as gathered:
        row.key_sealed = row.previous_key_sealed = b""
        row.key_set_at = row.previous_key_until = None
        row.key_set_by = ""
        row.save()
        gathered.facts["key"] = "removed"
        announce(gathered, row.enterprise_id, row.place_code, now)
    return row


def usable(row: DeviceAddress) -> bool:
    """Whether the key that is kept can be opened with this node's secret."""
    return keys.opened(bytes(row.key_sealed).decode("ascii"), settings.SECRET_KEY) is not None
