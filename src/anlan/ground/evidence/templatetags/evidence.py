"""``{% evidence_panel record %}``: the files of a record and the form to add one, on any room's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from anlan.ground.evidence.panel import panel_context
from anlan.ledger.records import Record

register = template.Library()


@register.inclusion_tag("evidence/_panel.html", takes_context=True)
def evidence_panel(context: RequestContext, record: Record) -> dict[str, Any]:
    """The panel for ``record``; shows nothing to somebody who may not see evidence."""
    request: Any = context["request"]
    return {**panel_context(record, request.actor), "request": request}


@register.filter
def file_size(size: int) -> str:
    """A size for people: ``340 kB``, ``2.4 MB``."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
