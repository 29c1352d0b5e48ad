"""Hazard sources of one enterprise with the newest readings of their instruments: what each says, how old it is, whether it alarms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.ground.risksources.door import RiskSourceSummary
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.words import N_
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import queries, rules, wording

VIEW = "devices.view"
MOST_POINTS, MOST_SOURCES = 16, 40
"""Readings shown of one hazard source, and hazard sources shown; lists hold the others. Project defaults."""
_MAJOR_LEVELS: dict[int, str] = {1: N_("一级"), 2: N_("二级"), 3: N_("三级"), 4: N_("四级")}
_ORDER = (rules.ALARM, rules.OFFLINE, rules.NEVER, rules.UNKNOWN, rules.ONLINE)
"""What needs somebody stands first."""


@dataclass(frozen=True)
class Shown:
    """One point as the page shows it. ``old``: its newest reading is older than a point that is online has; ``remarks``: marks of quality."""

    point: ListedPoint
    value: str
    at: datetime | None
    state: str
    label: str
    tone: str
    old: bool
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """One hazard source: ``level`` says how grave a major one is, empty for one that is none; ``points`` what needs somebody first."""

    id: UUID
    name: str
    code: str
    level: str
    tone: str
    points: tuple[Shown, ...]
    more: int
    url: str


@dataclass(frozen=True)
class Watched:
    """What the part shows; ``known`` is false when the store of readings does not answer, ``left``: hazard sources not shown."""

    sources: tuple[Source, ...]
    known: bool
    left: int


def watched(enterprise_id: UUID, actor: Actor, now: datetime) -> Watched:
    """The hazard sources of an enterprise that ``actor`` may see, major ones first, with the newest readings of their points."""
    rows = risksources.of_enterprise(enterprise_id, actor) if actor.may_somewhere("risksources.view") else ()
    points = devices.points(actor, enterprise_id=enterprise_id) if rows else ()
    known = {row.id for row in rows}
    hanging: dict[UUID, list[ListedPoint]] = defaultdict(list)
    for point in points:
        if point.risk_source_id in known:
            hanging[cast(UUID, point.risk_source_id)].append(point)
    board = queries.board(tuple(point for mine in hanging.values() for point in mine), actor)
    chosen = sorted(rows, key=lambda row: (not row.is_major, row.major_level or 9, row.code))
    told = tuple(_source(row, hanging[row.id], board, now) for row in chosen[:MOST_SOURCES])
    return Watched(told, board.known, max(0, len(rows) - MOST_SOURCES))


def _source(row: RiskSourceSummary, points: list[ListedPoint], board: queries.Board, now: datetime) -> Source:
    shown = sorted((_shown(point, board, now) for point in points), key=lambda one: _ORDER.index(one.state))
    return Source(
        id=row.id,
        name=row.name,
        code=row.code,
        level=_level(row),
        tone=rules.LEVEL_TONES.get(row.major_level or 0, "orange"),
        points=tuple(shown[:MOST_POINTS]),
        more=max(0, len(shown) - MOST_POINTS),
        url=reverse("risksources:file", args=[row.id]),
    )


def _level(row: RiskSourceSummary) -> str:
    if not row.is_major:
        return ""
    word = _MAJOR_LEVELS.get(row.major_level or 0)
    return _("%(grade)s重大危险源") % {"grade": _(word) if word else _("未定级")}


def _shown(point: ListedPoint, board: queries.Board, now: datetime) -> Shown:
    reading, state, level = board.newest.get(point.channel), board.state(point, now), board.levels.get(point.id)
    return Shown(
        point=point,
        value=f"{wording.value_text(point, reading[1])} {point.unit}".strip() if reading else "",
        at=reading[0] if reading else None,
        state=state,
        # Beside a hazard source the question is not whether it reports but whether it alarms.
        label=_("未报警") if state == rules.ONLINE else wording.state_label(state, level),
        tone=wording.state_tone(state, level),
        old=reading is not None and now - reading[0] > timedelta(seconds=board.online_s),
        remarks=tuple(wording.remarks(reading[2])) if reading else (),
    )


def _context(enterprise_id: UUID, actor: Actor) -> dict[str, Any]:
    return {"enterprise_id": enterprise_id, "watched": watched(enterprise_id, actor, clock.now())}


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The part of an enterprise's page; nothing where no hazard source is registered."""
    context = _context(subject.pk, cast(Actor, request.actor))  # type: ignore[attr-defined]
    return context if context["watched"].sources else None


@requires(VIEW)
@require_GET
def readings_part(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The part alone, asked for again every few seconds. Raises ``NotFound``."""
    actor = cast(Actor, request.actor)
    return render(request, "monitor/_sources.html", _context(enterprises.enterprise(enterprise_id, actor).id, actor))
