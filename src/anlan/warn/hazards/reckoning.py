"""The township grid reckoned and kept, and what changed of it announced."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from anlan.kernel.access import Classification
from anlan.kernel.ids import new_id
from anlan.ledger.events import announce_all
from anlan.ledger.sources import law_day
from anlan.warn.hazards import door, grid, gridding, rules
from anlan.warn.hazards.models import GridRun, TownshipSpan

log = structlog.get_logger()
MOST_TOLD = 60


@dataclass(frozen=True)
class _Stretch:
    """A stretch as it is kept."""

    starts_at: datetime
    ends_at: datetime
    level: int
    reasons: list[dict[str, object]]


@transaction.atomic
def reckon_grid(now: datetime) -> GridRun:
    """Reckon every township for the hours ahead from what is in force now; what is over stays as it was.

    A stretch that changes is cut off at ``now``: the past tells to the minute what was told then. Announces the counties that changed, and those that rose to orange or red. Reckoning twice in one hour changes nothing the second time.
    """
    began = time.monotonic()
    hour = rules.hour_of(now)
    day = law_day(now)
    hours = rules.parameter("horizon_hours", day)
    with connection.cursor() as cursor:
        # One reckoning at a time: two at once would each delete what the other wrote.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["hazards:grid"])
    ground = gridding.Ground()
    exposed = gridding.exposure(ground, day)
    chains = [grid.Chain(row.code, row.family, row.level, row.object, row.at_least, row.result) for row in rules.chains(day)]
    compound = grid.Compound(*(rules.parameter(f"compound_{name}", day) for name in ("hazards", "level", "raise")))
    run = GridRun(hour=hour, at=now, townships=ground.size, hazards=0, spans=0)
    changed: set[str] = set()
    risen: list[door.CountyRisen] = []
    for exercise in (False, True):
        threats = gridding.threats(ground, now, hours, exercise=exercise)
        if exercise and not threats and not TownshipSpan.objects.filter(exercise=True, ends_at__gt=now).exists():
            continue
        found = grid.reckon(ground.county_of, hours, threats, exposed, chains, compound).spans()
        news = _by_township(ground, found, now)
        before = _held(now, exercise)
        changed |= {code[:6] for code in news.keys() | before.keys() if _shape(news.get(code)) != _shape(before.get(code), now)}
        risen += _risen(news, before, now, exercise)
        run.spans += _keep(news, before, now, exercise)
        run.hazards += len(threats)
    run.save(force_insert=True)
    if changed:
        risen_events = [*risen, door.GridReckoned(subject_id=run.pk, place_code="000000", at=now, counties=tuple(sorted(changed)))]
        announce_all(risen_events)
    log.info("grid_reckoned", townships=ground.size, hazards=run.hazards, spans=run.spans, seconds=round(time.monotonic() - began, 2))
    return run


def _by_township(ground: gridding.Ground, found: Iterable[grid.Span], now: datetime) -> dict[str, list[_Stretch]]:
    hour = rules.hour_of(now)
    told: dict[tuple[grid.Part, ...], list[dict[str, object]]] = {}
    news: dict[str, list[_Stretch]] = defaultdict(list)
    for span in found:
        reasons = told.get(span.parts)
        if reasons is None:
            reasons = told[span.parts] = [_reason(part) for part in span.parts]
        starts, ends = max(now, hour + timedelta(hours=span.first)), hour + timedelta(hours=span.last)
        news[ground.rows[span.township]].append(_Stretch(starts, ends, span.level, reasons))
    return news


def _reason(part: grid.Part) -> dict[str, object]:
    source, _, key = part.key.partition(":")
    return {"source": source, "id": key, "chain": part.chain, "level": part.level, "located": part.located}


def _held(now: datetime, exercise: bool) -> dict[str, list[_Stretch]]:
    """Stretches kept that reach beyond ``now``."""
    held: dict[str, list[_Stretch]] = defaultdict(list)
    rows = TownshipSpan.objects.filter(ends_at__gt=now, exercise=exercise).order_by("place_code", "starts_at")
    for code, *values in rows.values_list("place_code", "starts_at", "ends_at", "level", "reasons").iterator(chunk_size=20_000):
        held[code].append(_Stretch(*values))
    return held


def _shape(stretches: list[_Stretch] | None, now: datetime | None = None) -> list[tuple[datetime, int]]:
    """When which level begins, from ``now`` on: what readers notice. The end of the last is the horizon's as much as the hazard's."""
    return [(max(each.starts_at, now) if now else each.starts_at, each.level) for each in stretches or ()]


def _risen(news: dict[str, list[_Stretch]], before: dict[str, list[_Stretch]], now: datetime, exercise: bool) -> list[door.CountyRisen]:
    """Counties in which townships, or hazard sources without a township, newly reach orange or red, or red after orange."""
    counties: dict[str, list[tuple[int, datetime, str, tuple[str, ...]]]] = defaultdict(list)
    for code, stretches in news.items():
        top = max(stretches, key=lambda each: each.level)
        if top.level >= rules.ORANGE and top.level > max((each.level for each in before.get(code, ())), default=0):
            chains = tuple(str(each["chain"]) for each in top.reasons if each["chain"] and each["level"] == top.level)
            counties[code[:6]].append((top.level, top.starts_at, code, chains))
    events = []
    for county, rows in sorted(counties.items()):
        level = max(row[0] for row in rows)
        worst = sorted((row for row in rows if row[0] == level), key=lambda row: row[2])
        townships = tuple(row[2] for row in worst if row[2] != county)
        events.append(
            door.CountyRisen(
                subject_id=new_id(),
                place_code=county,
                at=now,
                exercise=exercise,
                classification=Classification.PUBLIC,
                level=level,
                townships=townships[:MOST_TOLD],
                count=len(townships),
                since=min(row[1] for row in worst).isoformat(),
                chains=tuple(sorted({chain for row in worst for chain in row[3]})),
            )
        )
    return events


def _keep(news: dict[str, list[_Stretch]], before: dict[str, list[_Stretch]], now: datetime, exercise: bool) -> int:
    """Write the stretches: what runs on keeps its beginning, what ended or changed is cut off at ``now``, what is over is not touched."""
    rows = []
    for code, held in before.items():
        running = held[0] if held[0].starts_at < now else None
        if running is None:
            continue
        first = news[code][0] if news.get(code) else None
        if first is not None and (first.starts_at, first.level, first.reasons) == (now, running.level, running.reasons):
            news[code][0] = _Stretch(running.starts_at, first.ends_at, first.level, first.reasons)
        else:
            rows.append(_row(code, _Stretch(running.starts_at, now, running.level, running.reasons), exercise))
    rows += [_row(code, each, exercise) for code, stretches in news.items() for each in stretches]
    TownshipSpan.objects.filter(ends_at__gt=now, exercise=exercise).delete()
    TownshipSpan.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


def _row(code: str, each: _Stretch, exercise: bool) -> TownshipSpan:
    return TownshipSpan(
        place_code=code, starts_at=each.starts_at, ends_at=each.ends_at, level=each.level, reasons=each.reasons, exercise=exercise
    )
