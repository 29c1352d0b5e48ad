"""The risk card: the grade, why, what would better it, how it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.warn.riskpicture import explaining, factors, grading, living, queries, rules
from anlan.warn.riskpicture.models import AreaGrade, Grade, GradeMove
from anlan.warn.riskpicture.rules import Index

TREND = timedelta(days=30)
MOVES = 20
_EVIDENCE: dict[str, tuple[str, str, str]] = {
    "alarms": ("desk:alarms-list", "", "alarms.view"),
    "dangers": ("desk:dangers-list", "", "dangers.view"),
    "permits": ("desk:permits-list", "", "permits.view"),
    "commitment": ("desk:commitments-list", "", "commitments.view"),
    "certificates": ("desk:certificates-list", "&standing=expired", "enterprises.view"),
    "monitoring": ("desk:completeness-list", "", "completeness.view"),
}
"""Where the records behind a group of factors are listed: address, further filter, permission."""
_OF_FACTOR: dict[str, tuple[str, str, str]] = {
    "danger_major_overdue": ("desk:dangers-list", "&grade=major&overdue=1", "dangers.view"),
    "danger_major": ("desk:dangers-list", "&grade=major", "dangers.view"),
    "danger_overdue": ("desk:dangers-list", "&grade=general&overdue=1", "dangers.view"),
    "permit_conflict": ("permits:conflicts", "", "permits.view"),
    "standing": ("desk:risk-gradings-list", "", "standing.view"),
    "standing_red": ("desk:risk-gradings-list", "", "standing.view"),
    "major": ("desk:hazard-units-list", "", "hazardsources.view"),
}
"""The same where one factor has a narrower list than its group."""


@dataclass(frozen=True)
class Line:
    """One factor of the explanation: what was seen, what it adds, its share of the score for the bar, where the records are."""

    name: str
    seen: str
    note: str
    points: str
    share: int
    capped: bool
    url: str
    old: bool
    source: str
    status: str


@dataclass(frozen=True)
class Part:
    """A group of factors with what it adds in all."""

    name: str
    points: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Better:
    """One way to a better grade, in words."""

    grade: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """One line of the history."""

    at: datetime
    before: int | None
    after: int
    score: str
    why: str
    cause: str


def points(tenths: float) -> str:
    """Tenths of points as a number without needless zeros."""
    return f"{tenths / rules.TENTHS:g}"


def label(grade: int) -> str:
    """A grade in words."""
    return gettext(rules.GRADES[grade])


def tone(grade: int) -> str:
    """Its tone on a page."""
    return rules.TONES[grade]


def parts(row: Grade, index: Index, actor: Actor) -> list[Part]:
    """The explanation by group, what adds most first; its points add up to the score."""
    known = index.position
    total = max(1, sum(entry[4] for entry in row.factors))
    by_group: dict[str, list[tuple[int, Line]]] = {}
    for code, amount, hours, raw, part in row.factors:
        # What has faded to nothing is not told; a veto's own factor has no points and is.
        if code not in known or (not part and not raw and index.factors[known[code]].points):
            continue
        factor = index.factors[known[code]]
        line = Line(
            name=queries.worded(factor, "name"),
            seen=_seen(factor, amount) if factor.points or part else "",
            note=_note(factor, hours),
            points=points(part),
            share=max(2, round(100 * part / total)) if part else 0,
            capped=part < raw,
            url=_evidence(factor, row, actor),
            old=code in row.stale,
            source=factor.source,
            status=factor.status,
        )
        by_group.setdefault(factor.group, []).append((part, line))
    found = []
    for group in index.groups:
        lines = sorted(by_group.get(group.code, []), key=lambda each: -each[0])
        if lines:
            found.append(
                (
                    sum(part for part, _ in lines),
                    Part(queries.worded(group, "name"), points(sum(p for p, _ in lines)), tuple(o for _, o in lines)),
                )
            )
    return [part for _, part in sorted(found, key=lambda each: -each[0])]


def _seen(factor: rules.Factor, amount: float) -> str:
    """How much was seen, with its unit; nothing where the factor is there or is not."""
    unit = queries.worded(factor, "unit")
    if not unit:
        return ""
    return f"{amount:g} {unit.removesuffix('s') if amount == 1 else unit}"


def _note(factor: rules.Factor, hours: float) -> str:
    if not hours or factor.timing == rules.STEADY:
        return ""
    if factor.timing == rules.GROWS:
        return gettext("最长已等待%(length)s") % {"length": lasting(hours)}
    return gettext("随时间减弱，最早一项距今%(length)s") % {"length": lasting(hours)}


def lasting(hours: float) -> str:
    """A length of time in words: minutes, hours or days."""
    if hours < 1:
        number = max(1, round(hours * 60))
        return ngettext("%(n)d分钟", "%(n)d分钟", number) % {"n": number}
    if hours < 48:
        return ngettext("%(n)d小时", "%(n)d小时", round(hours)) % {"n": round(hours)}
    return ngettext("%(n)d天", "%(n)d天", round(hours / 24)) % {"n": round(hours / 24)}


def _evidence(factor: rules.Factor, row: Grade, actor: Actor) -> str:
    code = "major" if factor.code.startswith("major_") else factor.code
    found = _OF_FACTOR.get(code) or _EVIDENCE.get(factor.group)
    if found is None:
        return ""
    name, more, action = found
    if not actor.may(action, place_code=row.place_code, enterprise_id=row.enterprise_id, classification=row.classification):
        return ""
    return f"{reverse(name)}?enterprise={row.enterprise_id}{more}"


def betters(row: Grade, index: Index, now: datetime) -> tuple[list[Better], Better | None]:
    """Ways to a better grade, from what is known this moment; and what is left when all is done that can be done today, where that is no better."""
    known = grading.known(row.kind, ids=[row.enterprise_id if row.kind == rules.ENTERPRISE else row.source_id])  # type: ignore[list-item]
    if not known.subjects.ids:
        return [], None
    observed, _silent = factors.read(known.subjects, now)
    found = explaining.outlook(index, rules.columns(index, observed, now.timestamp()), row.grade)
    told = [Better(each.grade, tuple(_step(index, step) for step in each.steps)) for each in (found.singles or found.pairs)]
    rest = Better(found.best, ()) if row.grade < rules.BLUE and not told else None
    return told[:WAYS], rest


WAYS = 4
"""How many ways a card tells."""


def _step(index: Index, step: explaining.Step) -> str:
    factor = index.factors[index.position[step.factor]]
    facts = {"name": queries.worded(factor, "name"), "count": step.count, "total": step.total, "advice": queries.worded(factor, "advice")}
    if step.total == 1:
        return gettext("%(name)s：%(advice)s") % facts
    if step.count == step.total:
        return gettext("%(name)s（全部%(total)d项）：%(advice)s") % facts
    return gettext("%(name)s（%(total)d项中的%(count)d项）：%(advice)s") % facts


def moves(rows: Sequence[GradeMove], index: Index) -> list[Moved]:
    """The history in words."""
    causes = {GradeMove.TIME: gettext("随时间变化"), GradeMove.INDEX: gettext("启用新的指标体系")}
    found = []
    for row in rows:
        why = []
        for code, change in row.reasons:
            if code in index.position:
                why.append(
                    f"{queries.worded(index.factors[index.position[code]], 'name')} {'+' if change > 0 else '−'}{points(abs(change))}"
                )
        found.append(Moved(row.at, row.before, row.after, f"{row.score.normalize():f}", "；".join(why), causes.get(row.cause, "")))
    return found


def card(row: Grade, actor: Actor) -> dict[str, Any]:
    """Context of the risk card."""
    now = clock.now()
    index = queries.index_named(row.index_version) or living.live_index(now)
    recent = list(queries.moves_of(row).filter(at__gte=now - TREND)[:500])
    earlier = queries.moves_of(row).filter(at__lt=now - TREND).first()
    ways, rest = betters(row, index, now)
    vetoes = {veto.code: queries.worded(veto, "name") for veto in index.vetoes}
    return {
        "row": row,
        "tone": tone(row.grade),
        "label": label(row.grade),
        "before": row.before and label(row.before),
        "worse": row.before is not None and row.grade < row.before,
        "parts": parts(row, index, actor),
        "score": f"{row.score.normalize():f}",
        "over": points(row.over) if row.over else "",
        "vetoes": [vetoes[code] for code in row.vetoes if code in vetoes],
        "betters": [(label(each.grade), tone(each.grade), each.words) for each in ways],
        "rest": rest and label(rest.grade),
        "stale": bool(row.stale),
        "sources": [(each, label(each.grade), tone(each.grade)) for each in queries.of_sources(row.enterprise_id, actor)]
        if row.kind == rules.ENTERPRISE
        else [],
        "moves": [(each, each.before and label(each.before), label(each.after), tone(each.after)) for each in moves(recent[:MOVES], index)],
        "trend": trend(index, [*([earlier] if earlier else []), *reversed(recent)], now - TREND, now),
        "index": index,
        "bands": _bands(index),
    }


def brief(row: Grade, actor: Actor) -> dict[str, Any]:
    """The grade with its strongest reasons, for the page of the enterprise."""
    index = queries.index_named(row.index_version) or living.live_index(clock.now())
    vetoes = {veto.code: queries.worded(veto, "name") for veto in index.vetoes}
    lines = sorted((line for part in parts(row, index, actor) for line in part.lines), key=lambda each: -float(each.points))
    return {
        "row": row,
        "tone": tone(row.grade),
        "label": label(row.grade),
        "score": f"{row.score.normalize():f}",
        "vetoes": [vetoes[code] for code in row.vetoes if code in vetoes],
        "lines": lines[:BRIEF],
    }


BRIEF = 3
"""How many reasons stand on the page of the enterprise."""


@dataclass(frozen=True)
class AreaLine:
    """One region of the league: ``trend`` of its score within a week, in tenths (``None``: it was not graded then)."""

    row: AreaGrade
    name: str
    label: str
    tone: str
    trend: str
    worse: bool
    better: bool
    below: str
    inside: str


WEEK = timedelta(days=7)
_BELOW = {"nation": "province", "province": "city", "city": "county", "county": "township"}


AREAS_A_PAGE = 50


def _level(actor: Actor, by: str, levels: Sequence[str]) -> str:
    """The level asked for, else the one below the reader's own where regions of it are graded, else his own."""
    if by in levels:
        return by
    own, below = levels[0] if levels else "county", levels[1:2]
    return next((level for level in below if queries.seen_areas(actor, level).exists()), own)


def league(actor: Actor, by: str, place: str, page: str) -> dict[str, Any]:
    """Context of the league of regions; ``by`` a level and ``page`` a number as they were asked for, maybe nothing."""
    levels = queries.seen_levels(actor)
    by = _level(actor, by, levels)
    shown = Paginator(queries.seen_areas(actor, by, place), AREAS_A_PAGE).get_page(page)
    rows = list(shown)
    then = queries.latest_area_moves([row.place_code for row in rows], clock.now() - WEEK)
    words = {
        "nation": gettext("国家"), "province": gettext("省级"), "city": gettext("市级"), "county": gettext("县级"), "township": gettext("乡镇级"),
    }  # fmt: skip
    return {
        "lines": [_area_line(row, then.get(row.place_code), by) for row in rows],
        "page": shown,
        "by": by,
        "place": place,
        "place_name": places.place_name(place) if place else "",
        "groups": [(level, words[level]) for level in levels],
        "counts": [(grade, tone(grade), label(grade), number) for grade, number in queries.counts(actor).items()],
        "live": queries.live(),
    }


def _area_line(row: AreaGrade, then: GradeMove | None, by: str) -> AreaLine:
    change = None if then is None else row.score - then.score
    below = _BELOW.get(by, "")
    return AreaLine(
        row=row,
        name=places.place_name(row.place_code),
        label=label(row.grade),
        tone=tone(row.grade),
        trend="" if change is None else f"{abs(change):.1f}" if change else "0",
        worse=change is not None and change > 0,
        better=change is not None and change < 0,
        below=f"{reverse('riskpicture:league')}?by={below}&place={row.place_code}" if below else "",
        inside=f"{reverse('desk:risk-grades-list')}?place={row.place_code}&kind={rules.ENTERPRISE}",
    )


def _bands(index: Index) -> list[tuple[str, str, str]]:
    return [(tone(band.grade), label(band.grade), f"{band.above:g}") for band in sorted(index.bands, key=lambda each: each.grade)]


@dataclass(frozen=True)
class Trend:
    """A stepped line of scores with the bounds of the bands, ready to draw. Pixels."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    line: str
    rules: tuple[tuple[float, str, str], ...]
    days: tuple[tuple[float, datetime], ...]


def trend(index: Index, rows: Sequence[GradeMove], since: datetime, until: datetime) -> Trend | None:
    """The score over time as it was kept: it holds until the next one. ``None`` with nothing to draw."""
    if not rows:
        return None
    width, height, left, right, top, bottom = 720, 200, 96, 690, 10, 172
    highest = max([*(band.above for band in index.bands), *(float(row.score) for row in rows)]) * 1.1

    def x(at: datetime) -> float:
        return round(left + (right - left) * min(max((at - since) / (until - since), 0.0), 1.0), 1)

    def y(score: float) -> float:
        return round(bottom - (bottom - top) * score / highest, 1)

    drawn: list[tuple[float, float]] = []
    for row in rows:
        if drawn:
            drawn.append((x(row.at), drawn[-1][1]))
        drawn.append((x(row.at), y(float(row.score))))
    drawn.append((float(right), drawn[-1][1]))
    bounds = tuple((y(band.above), tone(band.grade), label(band.grade)) for band in index.bands)
    days = tuple((x(at), at) for at in (since + (until - since) * part / 5 for part in range(6)))
    return Trend(width, height, left, right, top, bottom, " ".join(f"{a},{b}" for a, b in drawn), bounds, days)
