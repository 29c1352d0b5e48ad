"""Posts from a file: the desk reads, checks and shows it; here each row is cleaned, and what is good is taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.opinion import cleaning, refusals, taking
from anlan.sense.opinion.taking import Taken

FROM_A_FILE = N_("文件导入")
_COLUMN_OF: dict[type[Refusal], str] = {
    refusals.WrittenAhead: "published_at",
    refusals.TooOld: "published_at",
    refusals.NotAMoment: "published_at",
    refusals.NotAnAddress: "url",
    refusals.NoSuchAuthorType: "author_type",
    refusals.PostEmpty: "text",
    refusals.NotACount: "forwards",
}


def resolve(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> Mapping[int, tuple[str, Refusal]]:
    """Clean each row; into a good one go ``clean`` and the place of who brings it in. What is refused is told by index, with a column."""
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, row in enumerate(rows):
        try:
            row["clean"] = cleaning.clean(row, now)
            row["place_code"] = actor.place_code
        except Refusal as refusal:
            refused[index] = (_COLUMN_OF.get(type(refusal), "text"), refusal)
    return refused


def write(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Take in up to a thousand checked rows; how many were new."""
    taken = Taken()
    taking.keep([row["clean"] for row in rows], taken, via=FROM_A_FILE, actor=actor, now=now)
    return taken.new
