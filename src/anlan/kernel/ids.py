"""Identifiers: UUID version 7 (RFC 9562 §5.7), ordered by the time they were made, so that indexes grow at one end."""

from __future__ import annotations

from uuid import UUID

import uuid6


def new_id() -> UUID:
    """A fresh time-ordered identifier as a standard :class:`uuid.UUID`."""
    return UUID(bytes=uuid6.uuid7().bytes)
