"""Movements from an enterprise's own system: balances follow from what was sent, however often it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.rooms.prevent.holdings.works import Works

from anlan.desk.sending import all_sendables, reading, taking
from anlan.kernel.errors import Invalid
from anlan.ledger.models import AuditEntry
from anlan.prevent.holdings import refusals
from anlan.prevent.holdings.models import Movement


def send(works: Works, code: str, number: str, content: dict[str, Any], by: str = "manager") -> taking.Taken:
    return taking.take(sendable(code), number, content, **works.by(by))


def sendable(code: str) -> Any:
    return next(each for each in all_sendables() if each.code == code)


def bought(works: Works, quantity: object, hours: float = 5, **more: Any) -> dict[str, Any]:
    at = (works.clock.now() - timedelta(hours=hours)).isoformat()
    return {"kind": "bought", "product": "液氯 99.6%", "store": "T1", "at": at, "quantity": quantity, "unit": "t", **more}


def test_a_movement_is_entered_once_and_corrected_by_other_content(works: Works) -> None:
    first = send(works, "chemical-movements", "W-1", bought(works, 12.5))
    assert (first.result, works.tonnes()) == ("created", 12.5)
    before = AuditEntry.objects.count()
    assert send(works, "chemical-movements", "W-1", bought(works, 12.5)).result == "same"
    assert send(works, "chemical-movements", "W-1", bought(works, "12.50")).result == "same"
    assert AuditEntry.objects.count() == before
    second = send(works, "chemical-movements", "W-1", bought(works, 11))
    assert (second.result, works.tonnes()) == ("changed", 11)
    assert second.record.pk != first.record.pk
    # Another system uses the same number for something else; one that is in the ledger by hand is meant.
    other = send(works, "chemical-movements", "W-1", bought(works, 1), by="operator")
    assert (other.result, other.record.external_id, works.tonnes()) == ("created", "W-1@operator", 12)
    assert send(works, "chemical-movements", "W-1", bought(works, 2), by="operator").result == "changed"
    by_hand = works.record("bought", 3, external_id="W-7")
    meant = send(works, "chemical-movements", "W-7", bought(works, 4))
    assert (meant.result, works.tonnes()) == ("changed", 17)
    assert Movement.objects.get(pk=by_hand.pk).reversed_at is not None
    # The count says what is there; a load leaves by truck.
    send(works, "chemical-movements", "Z-1", {**bought(works, 16.5, 1), "kind": "counted"})
    load = {"kind": "sent", "plate": "鲁A1", "driver": "孙", "expected_at": works.clock.now().isoformat(), "receiver_name": "外省用户"}
    assert send(works, "chemical-movements", "L-1", {**bought(works, 2, 3), **load}).result == "created"
    assert send(works, "chemical-movements", "L-1", {**bought(works, 2, 3), **load}).result == "same"
    for content, names in (
        ({**bought(works, -1)}, {"quantity"}),
        ({**bought(works, 1), "store": "?"}, {"store"}),
        ({**bought(works, 1), "unit": ""}, {"unit"}),
    ):
        with pytest.raises(Invalid) as caught:
            send(works, "chemical-movements", "X-1", content)
        assert set(caught.value.fields) == names
    with pytest.raises(refusals.NotEnough):
        send(works, "chemical-movements", "X-2", {**bought(works, 999, 1), "kind": "used"})
    # What was taken back shows in what changed since.
    told = reading.changed(sendable("chemical-movements"), works.actor("manager"), updated_since="", after="", limit="100").items
    assert {each["external_id"] for each in told} >= {"W-1", "W-7", "Z-1", "L-1"}
    assert sum(bool(each["record"]["reversed_at"]) for each in told) == 3
