"""Pages of resources: what is refused stands in the form, what is done is seen, another county sees none of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.resources import services, stocking
from anlan.command.resources.models import RescueResource, StockItem

pytestmark = pytest.mark.django_db


def test_readiness_certificates_stock_and_the_question_who_can_help(world: None) -> None:
    clerk = actor("bureau_clerk", "370102")
    told: dict[str, Any] = {"actor": clerk, "now": NOW}
    values = {"place_code": "370102", "longitude": 117.05, "latitude": 36.66}
    team = services.register_resource(kind="team", name="危化队", offers="危化品泄漏堵漏 2", duty_phone="000-0000001", **values, **told)
    depot = services.register_resource(kind="depot", name="县储备库", **values, **told)
    item = stocking.register_item(depot_id=depot.pk, code="1010200", unit="公斤", minimum=5, **told)
    client = client_for("bureau_clerk")
    page = reverse("resources:detail", args=[team.pk])
    act = lambda code, **sent: client.post(reverse("resources:act", args=[team.pk, code]), sent)  # noqa: E731
    assert act("readiness", **{"readiness-readiness": "out"}).status_code == 422, "a reason is needed"
    assert act("readiness", **{"readiness-readiness": "limited", "readiness-reason": "缺车"}).status_code == 302
    assert act("certificate", **{"certificate-name": "资质", "certificate-valid_until": "2020-01-01"}).status_code == 302
    assert act("confirm").status_code == 302
    shown = client.get(page).content.decode()
    assert "缺车" in shown
    assert "已过期" in shown
    assert RescueResource.objects.get(pk=team.pk).readiness == "limited"
    move = lambda code, **sent: client.post(reverse("resources:move_stock", args=[item.pk, code]), sent)  # noqa: E731
    assert move("receive", **{"receive-quantity": "8", "receive-batch": "A"}).status_code == 302
    refused = move("issue", **{"issue-quantity": "9"})
    assert refused.status_code == 422
    assert "8 公斤" in refused.content.decode()
    lot = item.batches.get()
    assert move("count", **{"count-quantity": "4", "count-lot": str(lot.pk), "count-note": "盘亏"}).status_code == 302
    assert StockItem.objects.get(pk=item.pk).quantity == 4
    assert "盘亏" in client.get(reverse("resources:stock", args=[item.pk])).content.decode()
    asked = {"capability": "hazmat_leak", "quantity": "1", "longitude": "117.04", "latitude": "36.66"}
    found = client.get(reverse("resources:recommend"), asked).content.decode()
    assert "危化队" in found
    assert '<svg class="reach"' in found
    assert client.get(reverse("resources:recommend"), asked | {"longitude": "x"}).status_code == 422
    assert client.get(reverse("resources:recommend")).status_code == 200
    assert client_for("duty_officer", "370103").get(page).status_code == 404
