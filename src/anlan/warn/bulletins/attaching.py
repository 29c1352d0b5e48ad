"""Files of a bulletin: kept by the evidence room, fixed when it is submitted, named with their digest in the message, and served once it is out."""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO
from uuid import UUID

from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor
from anlan.warn.bulletins.models import Bulletin

SUBJECT = "bulletins.bulletin"
_PIECE = 1 << 20


def frozen(bulletin: Bulletin, actor: Actor) -> list[dict[str, Any]]:
    """The files as they are now. What is attached later belongs to the record and does not go out.

    The digest in the message is SHA-1, as CAP-v1.2 §3.2.3 demands; the SHA-256 of the evidence room stands beside it.
    """
    return [
        {
            "id": str(exhibit.id),
            "name": exhibit.filename,
            "caption": exhibit.caption or exhibit.filename,
            "media_type": exhibit.media_type,
            "size": exhibit.size,
            "sha256": exhibit.sha256,
            "sha1": _sha1(evidence.open_bytes(exhibit.id, actor)),
        }
        for exhibit in evidence.list_for(SUBJECT, bulletin.pk, actor)
    ]


def _sha1(stream: BinaryIO) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def open_published(bulletin: Bulletin, exhibit_id: UUID, actor: Actor) -> tuple[dict[str, Any], BinaryIO] | None:
    """A file that went out with a published bulletin; ``None`` when it did not. Raises what the evidence room raises."""
    row = next((each for each in bulletin.attachments if each["id"] == str(exhibit_id)), None)
    return (row, evidence.open_bytes(exhibit_id, actor)) if row is not None else None
