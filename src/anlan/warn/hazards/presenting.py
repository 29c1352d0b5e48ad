"""What the pages of natural hazards show, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from anlan.desk import kept
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.ledger.sources import law_day
from anlan.warn.hazards import queries, rules
from anlan.warn.hazards.models import HazardFeed, TownshipSpan

STALE = timedelta(minutes=75)
"""The grid is reckoned each hour and after each signal: older than this something is wrong. Project default."""
HOURS_BACK = 24
SHOWN = 200


@dataclass(frozen=True)
class Hour:
    """One hour of the strip: its level in the jurisdiction, and its place on the slider (0 is now)."""

    at: datetime
    offset: int
    level: int
    tone: str
    label: str
    known: bool


@dataclass(frozen=True)
class Line:
    """One township (or county) in the table; ``alike``: name and address of others of which the same is to be said."""

    code: str
    name: str
    county: str
    level: int
    tone: str
    label: str
    until: datetime | None
    reasons: list[str]
    more: int
    url: str
    alike: tuple[tuple[str, str], ...] = ()


def label(level: int) -> str:
    """A level in words."""
    return gettext(rules.LEVELS[level])


def strip(prefix: str, now: datetime, *, exercise: bool = False) -> list[Hour]:
    """The hours past and ahead with the highest level of each."""
    hour = rules.hour_of(now)
    ahead = rules.parameter("horizon_hours", law_day(now))
    first = hour - timedelta(hours=HOURS_BACK)
    top = [0] * (HOURS_BACK + ahead)
    rows = TownshipSpan.objects.filter(ends_at__gt=first, starts_at__lt=hour + timedelta(hours=ahead), exercise=exercise)
    rows = rows.filter(place_code__startswith=prefix) if prefix else rows
    for starts, ends, level in rows.values_list("starts_at", "ends_at", "level").distinct():
        begin = max(0, int((starts - first).total_seconds() // 3600))
        for each in range(begin, min(len(top), ceil((ends - first).total_seconds() / 3600))):
            top[each] = max(top[each], level)
    known = queries.known_hours(first, HOURS_BACK + ahead, ahead)
    return [
        Hour(
            first + timedelta(hours=number), number - HOURS_BACK, level, rules.COLOURS[level] if known[number] else "grey",
            label(level) if known[number] else gettext("未计算"), known[number],
        )
        for number, level in enumerate(top)
    ]  # fmt: skip


def counties(actor: Actor, prefix: str, at: datetime, *, exercise: bool = False) -> list[Line]:
    """Counties with a hazard, worst first."""
    found = queries.county_levels(at, exercise=exercise, prefix=prefix)
    seen = ((code, held) for code, held in found.items() if queries.may_look(actor, code))
    rows = sorted(seen, key=lambda row: (-row[1].level, -row[1].townships, row[0]))
    return [
        Line(
            code,
            places.full_name(code),
            "",
            held.level,
            rules.COLOURS[held.level],
            label(held.level),
            None,
            queries.township_words(held),
            0,
            f"{reverse('hazards:nowcast')}?place={code}",
        )
        for code, held in rows[:SHOWN]
    ]


def townships(actor: Actor, prefix: str, at: datetime, *, exercise: bool = False) -> list[Line]:
    """Townships with a hazard, worst first, each with its first reasons; those of which the same is to be said in one line."""
    rows = [row for row in queries.worst_townships(at, prefix, exercise=exercise, limit=SHOWN) if queries.may_look(actor, row.place_code)]
    sentences = queries.reason_sentences(rows)
    until = queries.held_until(rows, exercise=exercise)
    lines: dict[tuple[object, ...], Line] = {}
    for row in rows:
        told = sentences[row.pk]
        name = places.place_name(row.place_code) if len(row.place_code) == 9 else unplaced_name(row.place_code)
        url = reverse("hazards:township", args=[row.place_code])
        key = (row.place_code[:6], len(row.place_code), row.level, until[row.pk], *told)
        if key in lines:
            lines[key] = replace(lines[key], alike=(*lines[key].alike, (name, url)))
            continue
        county, tone = places.place_name(row.place_code[:6]), rules.COLOURS[row.level]
        more = max(0, len(told) - 2)
        lines[key] = Line(row.place_code, name, county, row.level, tone, label(row.level), until[row.pk], told[:2], more, url)
    return list(lines.values())


def unplaced_name(county: str) -> str:
    """What the row of a county is called that stands for what has no township in it."""
    return gettext("%(county)s（所在乡镇未登记）") % {"county": places.place_name(county)}


def headline(prefix: str, now: datetime) -> dict[str, Any]:
    """The sentence at the head: the highest level ahead, where and from when."""
    level, since = queries.highest_ahead(prefix, now)
    run = queries.last_run()
    return {
        "level": level,
        "tone": rules.COLOURS[level],
        "label": label(level),
        "since": since if since and since > now else None,
        "run": run,
        "stale": run is None or now - run.at > STALE,
    }


def stretches(code: str, now: datetime) -> list[dict[str, Any]]:
    """The hours of one township with their reasons, from a day ago to the horizon."""
    ahead = rules.parameter("horizon_hours", law_day(now))
    rows = queries.township_hours(code, now - timedelta(hours=HOURS_BACK), now + timedelta(hours=ahead))
    sentences, until = queries.reason_sentences(rows), queries.held_until(rows)
    return [
        {
            "row": row,
            "until": until[row.pk],
            "tone": rules.COLOURS[row.level],
            "label": label(row.level),
            "reasons": sentences[row.pk],
            "now": row.starts_at <= now < row.ends_at,
            "past": row.ends_at <= now,
        }
        for row in rows
    ]


def chains_now(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Chains that hold in the hour of now, of the stretches of a page."""
    return {reason["chain"] for each in rows if each["now"] for reason in each["row"].reasons if reason["chain"]}


def unplaced(county: str, actor: Actor, chains: Collection[str]) -> list[dict[str, Any]]:
    """What chains ask for in a county and of which nobody entered the township, with where to enter it: what ``chains`` name first."""
    named = {row.object for row in rules.table("chains", rules.ChainRule) if row.code in chains}
    found = sorted([*_unplaced_sources(county, actor), *_unplaced_works(county, actor)], key=lambda each: each["thing"].code not in named)
    return [{**each, "kind": queries.worded(each["thing"], "name"), "concerned": each["thing"].code in named} for each in found[:SHOWN]]


def _unplaced_sources(county: str, actor: Actor) -> list[dict[str, Any]]:
    kinds = rules.sought_in("risksources")
    rows = [each for each in risksources.at_places(kinds, county, actor, limit=1000) if len(each.place_code) == 6]
    owners = enterprises.names({each.enterprise_id for each in rows})
    return [
        {
            "thing": kinds[each.kind],
            "name": each.name,
            "enterprise": owners.get(each.enterprise_id, ""),
            "url": reverse("risksources:file", args=[each.id]),
            "change_url": reverse("risksources:change", args=[each.id])
            if actor.may(
                "risksources.change", place_code=each.place_code, enterprise_id=each.enterprise_id, classification=each.classification
            )
            else "",
        }
        for each in rows
    ]


def _unplaced_works(county: str, actor: Actor) -> list[dict[str, Any]]:
    sectors = rules.sought_in("enterprises")
    return [
        {
            "thing": sectors[each.sector_code],
            "name": each.name,
            "enterprise": each.name,
            "url": reverse("enterprises:file", args=[each.id]),
            "change_url": "",
        }
        for each in enterprises.working_at(sectors, county, actor, limit=1000)
        if county in each.place_codes
    ]


def trouble(row: HazardFeed) -> str:
    """Why a feed could not be read, in the reader's language; empty when it could."""
    return "；".join(kept.said(each, gettext) for each in row.trouble)


def draft_url(code: str, present: dict[str, Any] | None, actor: Actor) -> str:
    """The editor of warnings with this township, level and event filled in; empty where nothing is to be warned of or the reader may not."""
    if present is None or not actor.may("bulletins.draft", place_code=code):
        return ""
    row: TownshipSpan = present["row"]
    event_code = rules.own_warning(reason["chain"] for reason in row.reasons)
    asked = {"area_codes": code, "level": rules.COLOURS[row.level], "event_code": event_code, "exercise": "1" if row.exercise else ""}
    return f"{reverse('bulletins:create')}?{urlencode({name: value for name, value in asked.items() if value})}" if event_code else ""


MOST_EXPOSED = 50


def exposed(code: str, actor: Actor) -> list[dict[str, Any]]:
    """What chains ask for at a township, hazard sources and enterprises, and what is known to be in its county only."""
    return [*_exposed_sources(code, actor), *_exposed_enterprises(code, actor)]


def _exposed_sources(code: str, actor: Actor) -> list[dict[str, Any]]:
    kinds = rules.sought_in("risksources")
    here = risksources.at_places(kinds, prefix_of(code), actor)
    around = [each for each in risksources.at_places(kinds, code[:6], actor) if len(each.place_code) == 6]
    return [
        _exposed(each.name, kinds[each.kind], reverse("risksources:file", args=[each.id]), exact)
        for exact, rows in ((True, here), (False, around))
        for each in rows[:MOST_EXPOSED]
    ]


def _exposed_enterprises(code: str, actor: Actor) -> list[dict[str, Any]]:
    sectors = rules.sought_in("enterprises")
    here, around = [], []
    for each in enterprises.working_at(sectors, code[:6], actor):
        if code in each.place_codes:
            here.append(each)
        elif any(place == code[:6] for place in each.place_codes):
            around.append(each)
    return [
        _exposed(each.name, sectors[each.sector_code], reverse("enterprises:file", args=[each.id]), exact)
        for exact, rows in ((True, here), (False, around))
        for each in rows[:MOST_EXPOSED]
    ]


def _exposed(name: str, thing: rules.Object, url: str, exact: bool) -> dict[str, Any]:
    return {"name": name, "kind": queries.worded(thing, "name"), "url": url, "exact": exact}
