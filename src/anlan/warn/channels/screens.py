"""What channels add to the pages of bulletins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.warn.channels import queries


def _bulletin_panel(bulletin: Any, _request: HttpRequest) -> Mapping[str, Any] | None:
    if bulletin.published_at is None:
        return None
    return {"dispatches": queries.dispatches(bulletin.pk), "receipts": queries.receipts(bulletin.pk)}


panels.register(
    "bulletins.detail",
    "dispatches",
    label=_("发布渠道与回执"),
    order=10,
    template="channels/_bulletin.html",
    provider=_bulletin_panel,
    action="bulletins.view",
)
