"""What the editor and the approver are shown beside the words: doubts, contradictions, reach, and the last bulletin side by side."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.warn.bulletins import checking, grounds, hygiene, reach, rules
from anlan.warn.bulletins.models import Bulletin, MessageKind


def each(refusal: Refusal) -> list[Refusal | str]:
    """The refusals within one."""
    return list(refusal.fields.values()) if isinstance(refusal, Invalid) else [refusal]


@dataclass(frozen=True)
class Check:
    """One finding as it is shown, with the reason that was given."""

    code: str
    sentence: str
    needs_reason: bool
    reason: str


@dataclass(frozen=True)
class Contradiction:
    """A live bulletin that says otherwise, and what was answered. ``choices``: answer → label; an issuer changes only his own bulletins."""

    other: Bulletin
    level: str
    answer: str
    reason: str
    choices: tuple[tuple[str, str], ...]

    @property
    def answer_label(self) -> str:
        """The answer in words."""
        return _(hygiene.ANSWERS[self.answer]) if self.answer in hygiene.ANSWERS else ""


def checks(bulletin: Bulletin, now: datetime) -> dict[str, Any]:
    """Findings and contradictions of a bulletin as it stands."""
    return {"findings": _findings(bulletin, now), "contradictions": _contradictions(bulletin)}


def _findings(bulletin: Bulletin, now: datetime) -> list[Check]:
    return [
        Check(found.code, found.message(_), found.weight == hygiene.TO_ACCEPT, bulletin.accepted.get(found.code, ""))
        for found in checking.findings(bulletin, now)
    ]


def _contradictions(bulletin: Bulletin) -> list[Contradiction]:
    if bulletin.message_kind == MessageKind.CANCEL:
        return []
    shown = []
    for other in grounds.contradicting(bulletin):
        told = bulletin.answers.get(str(other.pk), {})
        own = other.place_code == bulletin.place_code
        possible = [
            (code, _(label))
            for code, label in hygiene.ANSWERS.items()
            if code == hygiene.BESIDE or (own and not (code == hygiene.UPDATE and bulletin.changes_id))
        ]
        shown.append(Contradiction(other, level_name(other.level), told.get("answer", ""), told.get("reason", ""), tuple(possible)))
    return shown


def level_name(code: str) -> str:
    """Name of a level in the language of the request."""
    row = rules.level(code)
    return row.name_en if get_language() == "en" else row.name_zh


@dataclass(frozen=True)
class Line:
    """One field side by side: pieces of the earlier and of the present words, each with whether it differs."""

    label: str
    before: tuple[tuple[str, bool], ...]
    after: tuple[tuple[str, bool], ...]
    differs: bool


_COMPARED = ("level", "headline", "area_description", "description", "instruction", "onset", "expires", "issuer_name")


def side_by_side(earlier: Bulletin, later: Bulletin) -> list[Line]:
    """Both bulletins field by field, what differs marked."""
    lines = []
    for name in _COMPARED:
        before, after = _value(earlier, name), _value(later, name)
        left, right = _pieces(before, after)
        lines.append(Line(_(rules.FIELD_LABELS[name]), left, right, before != after))
    return lines


def _value(bulletin: Bulletin, name: str) -> str:
    value = getattr(bulletin, name)
    if name == "level":
        return level_name(value)
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)


Pieces = tuple[tuple[str, bool], ...]


def _pieces(before: str, after: str) -> tuple[Pieces, Pieces]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        left.append((before[i1:i2], kind != "equal"))
        right.append((after[j1:j2], kind != "equal"))
    return tuple(piece for piece in left if piece[0]), tuple(piece for piece in right if piece[0])


def _last(bulletin: Bulletin) -> Bulletin | None:
    """What it is compared with: the one it changes, else the last published of the same event by the same issuer."""
    if bulletin.changes is not None:
        return bulletin.changes
    before = Bulletin.objects.filter(
        published_at__isnull=False,
        event_code=bulletin.event_code,
        place_code=bulletin.place_code,
        exercise=bulletin.exercise,
        published_at__lt=bulletin.published_at or timezone.now(),
    )
    return before.exclude(pk=bulletin.pk).exclude(message_kind=MessageKind.CANCEL).order_by("-published_at").first()


def approval(bulletin: Bulletin, actor: Actor, now: datetime) -> dict[str, Any]:
    """What stands beside the words on a bulletin's page: map, reach, doubts and answers, and the last one side by side."""
    waiting = bulletin.state in ("draft", "pending")
    last = _last(bulletin) if waiting or bulletin.changes_id else None
    context: dict[str, Any] = {
        "reach": reach.of_bulletin(bulletin, actor=actor, now=now),
        "map": map_of(bulletin),
        "last": last,
        "lines": side_by_side(last, bulletin) if last else [],
        "authority": _authority(bulletin, now),
        "stale": is_stale(bulletin, now),
    }
    return context | (checks(bulletin, now) if waiting else {"findings": [], "contradictions": []})


def _authority(bulletin: Bulletin, now: datetime) -> dict[str, str]:
    rule = rules.authority(bulletin.event_code, bulletin.level, bulletin.place_code, checking.day_of(now))
    return {"sentence": rule.sentence_en if get_language() == "en" else rule.sentence_zh, "source": rule.source, "status": rule.status}


def is_stale(bulletin: Bulletin, now: datetime) -> bool:
    """Whether a bulletin needs somebody; see :func:`anlan.warn.bulletins.hygiene.is_stale`."""
    touched = {"published": bulletin.published_at, "pending": bulletin.submitted_at}.get(bulletin.state) or bulletin.opened_at
    return hygiene.is_stale(
        state=bulletin.state,
        level=bulletin.level,
        onset=bulletin.onset,
        expires=bulletin.expires,
        touched=touched,
        now=now,
        on=checking.day_of(now),
    )


def map_of(bulletin: Bulletin) -> dict[str, Any] | None:
    """The warned area as GeoJSON for the small map, outlines of divisions thinned; ``None`` when no outline is known."""
    shape = grounds.whole_shape(bulletin)
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    # A five-hundredth of the view is finer than a screen shows.
    thin = shape.simplify(max(east - west, north - south) / 500)
    return {"type": "Feature", "properties": {"level": bulletin.level}, "geometry": thin.__geo_interface__}
