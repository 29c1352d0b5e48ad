"""Refusals as lines of an error summary."""

from __future__ import annotations

from anlan.desk.refusals import sentence
from anlan.kernel.errors import Invalid, Refusal


def messages_of(refusal: Refusal) -> list[tuple[str, str]]:
    """Pairs of the input's name (empty for the whole form) and the sentence."""
    if isinstance(refusal, Invalid) and refusal.fields:
        return [(name, sentence(why)) for name, why in refusal.fields.items()]
    return [("", sentence(refusal))]
