"""Units, calls and messages in the reader's words, for lists, pages and parts of pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.command.field import queries, rules
from anlan.command.field.models import FieldUnit
from anlan.desk.resource.declare import Tone
from anlan.kernel import clock
from anlan.kernel.access import Actor

TONES: dict[str, Tone] = {rules.CALLING: "red", rules.LIVE: "green", rules.STALE: "grey", rules.SILENT: "grey"}


def _state_code(row: FieldUnit) -> str:
    return rules.state(row.heard_at, row.stale_at, clock.now(), calling=row.calling)


def state_label(row: FieldUnit) -> str:
    """How current the unit's position is, in words."""
    return str(_(rules.STATES[_state_code(row)]))


def tone_of(row: FieldUnit) -> Tone:
    """Red while it calls for help, green while the position holds, grey afterwards."""
    return TONES[_state_code(row)]


def talk_of(row: FieldUnit, actor: Actor, *, text: str = "", refusal: str = "") -> dict[str, Any]:
    """What the part of a unit's page on calls and messages shows; ``text``: what was typed and refused."""
    may = actor.may("field.answer", place_code=row.place_code, classification=row.classification)
    return {
        "record": row,
        "calls": [(call, queries.call_label(call), _ending(call.ended_how)) for call in row.calls.order_by("-raised_at")[:10]],
        "messages": [(message, str(_(rules.TALK_STATES[message.state]))) for message in queries.messages(row)],
        "may_answer": may,
        "text": text,
        "refusal": refusal,
        "most": rules.LONGEST_MESSAGE,
    }


def _ending(how: str) -> str:
    return str(_(rules.ENDINGS[how])) if how else ""
