"""What whoever takes over must know of rooms that stand below duty and cannot join its digest themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from anlan.command.contact import door as contact
from anlan.command.incidents import door as incidents
from anlan.command.resources import door as resources
from anlan.kernel.access import Actor

LOOKED_BACK = timedelta(hours=24)
"""Whom nobody reached in the last day still has to be reached (project default)."""


def unreached(actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    """Notices and roll calls of the last day that somebody did not answer."""
    if actor.may_somewhere("contact.view"):
        for title, names in contact.unanswered(actor, now - LOOKED_BACK):
            more = _("等 {n} 人").format(n=len(names)) if len(names) > 3 else ""
            yield {"title": f"{title}：{'、'.join(names[:3])}{more}"}


def by_mouth(actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    """Orders that somebody must still give by mouth."""
    for task in incidents.to_speak_to(actor, now):
        yield {"title": f"{task.title}：{task.resource_name or task.assignee}", "due": task.due.isoformat()}


def unconfirmed(actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    """Resources whose yearly confirmation is due."""
    if actor.may_somewhere("resources.view"):
        for found in resources.unconfirmed(actor, now):
            yield {"title": found.name, "label": found.owner_name}
