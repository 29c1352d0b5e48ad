"""Panels: parts that upper rooms add to a page of a lower room, which must not know them.

The page names itself (``"enterprises.detail"``) and hands its subject to whoever registered::

    # in the upper room's apps.py, ready()
    panels.register(
        "enterprises.detail", "devices", label=_("设备"), order=30, template="devices/_enterprise.html",
        provider=screens.enterprise_panel, action="devices.view",
    )

    # provider(subject, request) -> context of the template, or None to show nothing

A page that is long sets its parts by their ``shape``: two ``half`` ones stand beside each other where the screen is wide, a ``folded`` one shows
its title (and what the provider answers as ``brief``) until it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

Provider = Callable[[Any, HttpRequest], Mapping[str, Any] | None]
Shape = Literal["full", "half", "folded"]


@dataclass(frozen=True)
class Panel:
    """One registered part. ``action`` is needed to see it (``None``: whoever sees the page); ``order`` sorts, small first."""

    page: str
    code: str
    label: str | Promise
    order: int
    template: str
    provider: Provider
    action: str | None = None
    shape: Shape = "full"


@dataclass(frozen=True)
class Rendered:
    """A panel ready for the page: ``code`` serves as its anchor, ``brief`` is told while it is folded."""

    code: str
    label: str | Promise
    html: SafeString
    shape: Shape = "full"
    brief: str = ""


_panels: dict[tuple[str, str], Panel] = {}


def register(
    page: str,
    code: str,
    *,
    label: str | Promise,
    order: int,
    template: str,
    provider: Provider,
    action: str | None = None,
    shape: Shape = "full",
) -> Panel:
    """Add a panel to ``page``; the same ``code`` again replaces it, so that a reload is harmless."""
    panel = Panel(page, code, label, order, template, provider, action, shape)
    _panels[page, code] = panel
    return panel


def of_page(page: str) -> tuple[Panel, ...]:
    """The panels of ``page`` in their order."""
    return tuple(sorted((panel for panel in _panels.values() if panel.page == page), key=lambda p: (p.order, p.code)))


def render(page: str, subject: object, request: HttpRequest) -> tuple[Rendered, ...]:
    """The panels of ``page`` that the request's actor may see, filled for ``subject``; ``subject`` is in each template's context."""
    actor = getattr(request, "actor", None)
    shown: list[Rendered] = []
    for panel in of_page(page):
        if panel.action is not None and (actor is None or not actor.may_somewhere(panel.action)):
            continue
        context = panel.provider(subject, request)
        if context is not None:
            html = render_to_string(panel.template, {"subject": subject, **context}, request=request)
            shown.append(Rendered(panel.code, panel.label, SafeString(html), panel.shape, str(context.get("brief", ""))))
    return tuple(shown)
