"""Which warnings of others the room of natural hazards is handed: natural ones, and only those that are believed."""

from __future__ import annotations

from uuid import UUID

from anlan.warn.bulletins import foreign
from anlan.warn.bulletins.door import ForeignMessage
from anlan.warn.bulletins.models import ForeignWarning, SignatureState
from anlan.wire import cap


def is_believed(row: ForeignWarning) -> bool:
    """Whether a message may change anything but the list: its signature holds, or none was agreed with its feed and it ends no verified one."""
    if row.signature == SignatureState.VERIFIED:
        return True
    agreed = foreign.trust_of(row.subscription) is not None
    return (
        not agreed
        and row.signature != SignatureState.BROKEN
        and not foreign.named_by(row).filter(signature=SignatureState.VERIFIED).exists()
    )


_NATURAL = {cap.message.Category.MET, cap.message.Category.GEO}


def is_natural(alert: cap.Alert) -> bool:
    """Whether a message tells of a natural hazard: by its event code (11…, 自然灾害), else by its category (CAP-v1.2 §3.2.2)."""
    codes = [pair.value for info in alert.infos for pair in info.event_codes if pair.value_name == "CN-eventType"]
    if codes:
        return any(code.startswith("11") for code in codes)
    return any(_NATURAL & set(info.categories) for info in alert.infos)


def for_hazards(warning_id: UUID) -> ForeignMessage | None:
    """See :func:`anlan.warn.bulletins.door.foreign_message`."""
    row = ForeignWarning.objects.select_related("subscription").filter(pk=warning_id).first()
    if row is None or row.status not in ("Actual", "Exercise") or not is_believed(row):
        return None
    data = bytes(row.message)
    # A cancellation may come without a category of its own: what it ends tells what it is about.
    told = [data, *(bytes(each.message) for each in foreign.named_by(row))]
    if not any(is_natural(foreign.alert_of(each)[0]) for each in told):
        return None
    return ForeignMessage(data, row.subscription.name, row.place_code, row.identifier, row.exercise)
