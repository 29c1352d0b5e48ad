"""Who is to be woken: the leader on duty, beside the filing or the incident that he must know of."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.command.duty import queries
from anlan.kernel import clock
from anlan.kernel.access import Actor


def leaders(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The leaders on duty at the reader's own place, each with the address of a message to him by every way at once.

    Nothing for who may not send one, and nothing for an enterprise: it reports upward and does not wake the bureau's leader.
    """
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    if actor.enterprise_id is not None or not actor.may("contact.send", place_code=actor.place_code):
        return None
    about = {"title": str(subject), "at_once": "1", **({"exercise": "1"} if subject.exercise else {})}
    if subject._meta.label_lower == "incidents.incident":
        about |= {"subject_id": str(subject.pk), "subject_title": str(subject)}
    rows = [
        (each, f"{reverse('contact:compose')}?{urlencode({'to': f'account:{each.account_id}', **about})}")
        for each in queries.on_duty(actor.place_code, clock.now(), kind="leader")
        if each.account_id != actor.account_id
    ]
    return {"leaders": rows, "missing": _("当前没有带班领导在岗") if not rows else ""}
