"""Reads of natural hazards. Warnings are public: whoever may see hazards sees those of his jurisdiction and those that reach it from above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import NATION, Level, level_of, prefix_of
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.warn.hazards import rules
from anlan.warn.hazards.door import PlaceLevel, SignalView
from anlan.warn.hazards.models import (
    LIVE,
    ActionOrder,
    GaugeThreshold,
    GridRun,
    HazardFeed,
    HazardSignal,
    HotSpot,
    Intake,
    PlantAction,
    Quake,
    TownshipSpan,
)

VIEW = "hazards.view"
FELT_FAR = 3.0
"""Magnitude from which an earthquake concerns other places than its own. Project default."""
MOST_PREFIXES = 60
"""Places asked for one by one; for more the whole grid of the hour is read."""


def worded(row: object, name: str) -> str:
    """A column that stands in two languages, in the reader's."""
    return str(getattr(row, f"{name}_en" if (get_language() or "").startswith("en") else f"{name}_zh"))


def hazard_name(code: str) -> str:
    """A kind of hazard in the reader's language; an unknown code is told as it is."""
    found = rules.hazards().get(code)
    return worded(found, "name") if found else code


def above(place_code: str) -> list[str]:
    """The place, the divisions above it, and the nation."""
    return [place_code, *(each.code for each in places.ancestors(place_code)), NATION]


def may_look(actor: Actor, place_code: str) -> bool:
    """Whether somebody may look at the grid of a place: in his jurisdiction, or his own county, where a plant's people stand too."""
    return actor.may(VIEW, place_code=place_code) or (actor.may_somewhere(VIEW) and actor.place_code[:6] == place_code[:6])


def reaching(place_code: str) -> Q:
    """Signals that name the place or a division above it, or one below it."""
    condition = Q(area_codes__overlap=above(place_code))
    prefix = prefix_of(place_code)
    return condition | Q(place_code__startswith=prefix) if prefix else Q()


def signals(actor: Actor | None) -> QuerySet[HazardSignal]:
    """Signals that ``actor`` may see: of his jurisdiction, and those of any office that reach his place."""
    every = HazardSignal.objects.defer("raw")
    if actor is None:
        return every
    if not actor.may_somewhere(VIEW):
        return every.none()
    return every.filter(Q(pk__in=visible(HazardSignal.objects.all(), actor, VIEW).values("pk")) | reaching(actor.place_code))


def in_force(rows: QuerySet[HazardSignal], at: datetime, until: datetime | None = None) -> QuerySet[HazardSignal]:
    """Of ``rows`` those that hold at ``at``, or at any time up to ``until``; what was replaced or lifted held until then."""
    over = Q(ended_at__isnull=False, ended_at__lte=at)
    return rows.filter(starts_at__lt=until or at + timedelta(microseconds=1), ends_at__gt=at).exclude(over)


def one_signal(signal_id: UUID | str, actor: Actor | None) -> HazardSignal:
    """One signal. Raises ``NotFound``."""
    found = signals(actor).filter(pk=signal_id).first()
    if found is None:
        raise NotFound(what=str(signal_id))
    return found


def quakes(actor: Actor | None) -> QuerySet[Quake]:
    """Earthquakes of the jurisdiction, and wherever they are those that are felt far."""
    every = Quake.objects.all()
    if actor is None or not actor.may_somewhere(VIEW):
        return every if actor is None else every.none()
    return every.filter(Q(pk__in=visible(every, actor, VIEW).values("pk")) | Q(magnitude__gte=FELT_FAR))


def hot_spots(actor: Actor | None) -> QuerySet[HotSpot]:
    """Hot spots of the jurisdiction."""
    return HotSpot.objects.all() if actor is None else visible(HotSpot.objects.all(), actor, VIEW)


def view_of(row: HazardSignal) -> SignalView:
    """The door's view of a signal."""
    return SignalView(
        id=row.pk,
        source=row.source,
        hazard=row.hazard,
        kind=hazard_name(row.hazard),
        title=row.title,
        level=row.level,
        tone=rules.COLOURS[row.level],
        sender=row.sender,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        exercise=row.exercise,
        url=reverse("hazards:signal", args=[row.pk]),
    )


def signals_at(place_code: str, now: datetime) -> tuple[SignalView, ...]:
    """See :func:`anlan.warn.hazards.door.signals_at`."""
    rows = in_force(HazardSignal.objects.defer("raw").filter(reaching(place_code)), now)
    return tuple(view_of(row) for row in rows.order_by("exercise", "-level", "starts_at")[:50])


# --- the grid ---------------------------------------------------------------------------------------------------------------------------


def last_run() -> GridRun | None:
    """The newest reckoning."""
    return GridRun.objects.first()


def is_known(at: datetime) -> bool:
    """Whether the grid was reckoned for the hour of ``at``: some run lies so that the hour is among those it looked ahead to."""
    hour = rules.hour_of(at)
    ahead = timedelta(hours=rules.parameter("horizon_hours", law_day(at)))
    return GridRun.objects.filter(hour__lte=hour, hour__gt=hour - ahead).exists()


def spans(at: datetime, *, exercise: bool = False, prefix: str = "") -> QuerySet[TownshipSpan]:
    """Stretches that hold at ``at`` in a place and below it."""
    rows = TownshipSpan.objects.filter(starts_at__lte=at, ends_at__gt=at, exercise=exercise)
    return rows.filter(place_code__startswith=prefix) if prefix else rows


class CountyLevel(NamedTuple):
    """The highest level of a county, how many of its townships have one, and the level of what has no township in it."""

    level: int = 0
    townships: int = 0
    unplaced: int = 0


def county_levels(at: datetime, *, exercise: bool = False, prefix: str = "") -> dict[str, CountyLevel]:
    """Levels of each county with a hazard at ``at``."""
    found: dict[str, CountyLevel] = {}
    for code, level in spans(at, exercise=exercise, prefix=prefix).values_list("place_code", "level"):
        held = found.get(code[:6], CountyLevel())
        own = {"unplaced": level} if len(code) == 6 else {"townships": held.townships + 1}
        found[code[:6]] = held._replace(level=max(held.level, level), **own)
    return found


def township_words(held: CountyLevel) -> list[str]:
    """What stands behind the level of a county: its townships, and what may lie in any of them."""
    told = [gettext("%(number)d 个乡镇有灾害风险") % {"number": held.townships}] if held.townships else []
    if held.unplaced:
        told.append(gettext("有危险源未登记所在乡镇，受影响级别%(level)s") % {"level": gettext(rules.LEVELS[held.unplaced])})
    return told


def township_hours(place_code: str, since: datetime, until: datetime, *, exercise: bool = False) -> list[TownshipSpan]:
    """The stretches of one township that meet [since, until), by beginning."""
    rows = TownshipSpan.objects.filter(place_code=place_code, ends_at__gt=since, starts_at__lt=until, exercise=exercise)
    return list(rows.order_by("starts_at"))


def worst_townships(at: datetime, prefix: str, *, exercise: bool = False, limit: int = 200) -> list[TownshipSpan]:
    """Townships with a hazard at ``at``, worst first."""
    return list(spans(at, exercise=exercise, prefix=prefix).order_by("-level", "place_code")[:limit])


def held_until(rows: Collection[TownshipSpan], *, exercise: bool = False) -> dict[UUID, datetime]:
    """Until when each of these stretches keeps its level or a higher one, through stretches that follow without a gap for other reasons."""
    if not rows:
        return {}
    ends = min(row.ends_at for row in rows)
    later: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    following = TownshipSpan.objects.filter(place_code__in={row.place_code for row in rows}, starts_at__gte=ends, exercise=exercise)
    for code, starts, end, level in following.order_by("starts_at").values_list("place_code", "starts_at", "ends_at", "level"):
        later[code].append((starts, end, level))
    found = {}
    for row in rows:
        until = row.ends_at
        for starts, end, level in later[row.place_code]:
            if starts == until and level >= row.level:
                until = end
        found[row.pk] = until
    return found


def highest_ahead(prefix: str, at: datetime) -> tuple[int, datetime | None]:
    """The highest level of the hours from ``at`` on in a place, and from when; (0, None) when none."""
    rows = TownshipSpan.objects.filter(ends_at__gt=at, exercise=False, place_code__startswith=prefix)
    top = rows.aggregate(top=Max("level"))["top"]
    if not top:
        return 0, None
    return top, rows.filter(level=top).order_by("starts_at").values_list("starts_at", flat=True).first()


def levels_at(place_codes: tuple[str, ...], now: datetime) -> dict[str, PlaceLevel]:
    """See :func:`anlan.warn.hazards.door.levels_at`."""
    known = is_known(now)
    wanted = {code: prefix_of(code) for code in place_codes}
    rows = list(_spans_in(set(wanted.values()), now).order_by("-level", "-ends_at", "place_code"))
    worst: dict[str, TownshipSpan] = {}
    for row in rows:
        for digits in (0, 2, 4, 6, 9):
            worst.setdefault(row.place_code[:digits], row)
    sentences = reason_sentences([worst[prefix] for prefix in set(wanted.values()) if prefix in worst])
    found = {}
    for code, prefix in wanted.items():
        row = worst.get(prefix)
        told = tuple(sentences[row.pk]) if row is not None else ()
        found[code] = PlaceLevel(code, row.level if row else 0, row.ends_at if row else None, told, known)
    return found


def _spans_in(prefixes: set[str], now: datetime) -> QuerySet[TownshipSpan]:
    """Stretches that hold now in any of these places; of the whole land where they are many."""
    condition = Q(pk__in=[])
    if "" in prefixes or len(prefixes) > MOST_PREFIXES:
        condition = Q()
    else:
        for prefix in prefixes:
            condition |= Q(place_code__startswith=prefix)
    return spans(now).filter(condition)


def worst_levels(place_codes: Iterable[str], now: datetime) -> dict[str, int]:
    """See :func:`anlan.warn.hazards.door.worst_levels`."""
    wanted = {code: prefix_of(code) for code in place_codes}
    if not is_known(now):
        return {}
    worst: dict[str, int] = {}
    for code, level in _spans_in(set(wanted.values()), now).order_by().values_list("place_code", "level"):
        for prefix in {code[:digits] for digits in (0, 2, 4, 6, 9)}:
            worst[prefix] = max(worst.get(prefix, 0), level)
    return {code: worst[prefix] for code, prefix in wanted.items() if worst.get(prefix)}


def reason_sentences(rows: Iterable[TownshipSpan]) -> dict[UUID, list[str]]:
    """Why each stretch has its level, in the reader's language, worst reason first."""
    rows = list(rows)
    ids: dict[str, set[str]] = {}
    for row in rows:
        for reason in row.reasons:
            ids.setdefault(reason["source"], set()).add(reason["id"])
    ids.pop("", None)
    titles: dict[str, str] = {}
    for signal in HazardSignal.objects.defer("raw").filter(pk__in=ids.get(rules.SIGNAL, set()) | ids.get(rules.GAUGE, set())):
        titles[str(signal.pk)] = _signal_words(signal)
    for quake in Quake.objects.filter(pk__in=ids.get(rules.QUAKE, ())):
        titles[str(quake.pk)] = gettext("%(at)s %(place)s M%(magnitude).1f 地震") % {
            "at": _clock(quake.origin_at),
            "place": quake.place_name,
            "magnitude": quake.magnitude,
        }
    for spot in HotSpot.objects.filter(pk__in=ids.get(rules.HOTSPOT, ())):
        titles[str(spot.pk)] = gettext("%(at)s 卫星热点（置信度 %(confidence)d%%）") % {
            "at": _clock(spot.seen_at),
            "confidence": spot.confidence,
        }
    return {row.pk: [_sentence(reason, titles) for reason in row.reasons] for row in rows}


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(rules.CHINA):%m-%d %H:%M}"


def _signal_words(row: HazardSignal) -> str:
    return gettext("%(kind)s%(level)s（%(sender)s，至 %(until)s）") % {
        "kind": hazard_name(row.hazard),
        "level": gettext(rules.LEVELS[row.level]),
        "sender": row.sender or row.area_description,
        "until": _clock(row.ended_at or row.ends_at),
    }


def _sentence(reason: dict[str, str], titles: dict[str, str]) -> str:
    level = gettext(rules.LEVELS[int(reason["level"])])
    title = titles.get(reason["id"], gettext("已删除的记录"))
    if reason["chain"] == "compound":
        return gettext("%(level)s：多种灾害同时出现，提高一级") % {"level": level}
    if not reason["chain"]:
        where = gettext("，按县定位") if reason["source"] in (rules.HOTSPOT, rules.QUAKE) else ""
        return _because(level, f"{title}{where}")
    chain = next((row for row in rules.table("chains", rules.ChainRule) if row.code == reason["chain"]), None)
    if chain is None:
        return _because(level, f"{title} → {reason['chain']}")
    thing = worded(rules.objects()[chain.object], "name")
    if chain.object == "people":
        where = gettext("人口按县平均")
    elif reason["located"] == "county":
        where = gettext("本县有%(thing)s未登记所在乡镇") % {"thing": thing}
    else:
        where = gettext("本乡镇登记有%(thing)s") % {"thing": thing}
    why = gettext("%(why)s（%(where)s）") % {"why": worded(chain, "reason"), "where": where}
    return _because(level, f"{title} → {why}")


def _because(level: str, why: str) -> str:
    return gettext("%(level)s：%(why)s") % {"level": level, "why": why}


def counties_of(prefix: str) -> list[str]:
    """Counties in force in a place, the place itself when it is one, by code."""
    code = prefix.ljust(6, "0")
    if len(prefix) >= 6:
        return [code[:6]]
    found: list[str] = []
    for child in places.children(code if prefix else NATION):
        found += [child.code] if child.level == Level.COUNTY else counties_of(prefix_of(child.code))
    return found


def is_county(code: str) -> bool:
    """Whether a code is a county of the list in force."""
    return len(code) == 6 and code.isdigit() and places.exists(code) and level_of(code) is Level.COUNTY


def is_township(code: str) -> bool:
    """Whether a code is a township of the list in force."""
    return len(code) == 9 and code.isdigit() and places.exists(code) and level_of(code) is Level.TOWNSHIP


def live_signals(actor: Actor | None) -> QuerySet[HazardSignal]:
    """Signals nobody replaced or lifted, highest first; whether their time is over is the reader's clock."""
    return signals(actor).filter(state=LIVE).order_by(F("level").desc(), "starts_at")


def known_hours(first: datetime, hours: int, ahead: int) -> list[bool]:
    """Of each hour from ``first`` on, whether some run looked at it."""
    runs = GridRun.objects.filter(hour__gt=first - timedelta(hours=ahead), hour__lt=first + timedelta(hours=hours))
    known = [False] * hours
    for hour in runs.values_list("hour", flat=True).distinct():
        begin = int((hour - first).total_seconds() // 3600)
        for each in range(max(0, begin), min(hours, begin + ahead)):
            known[each] = True
    return known


def one_intake(intake_id: UUID | str, actor: Actor | None) -> Intake:
    """One intake. Raises ``NotFound``."""
    rows = Intake.objects.all() if actor is None else visible(Intake.objects.all(), actor, VIEW)
    found = rows.filter(pk=intake_id).first()
    if found is None:
        raise NotFound(what=str(intake_id))
    return found


def feeds(actor: Actor | None) -> QuerySet[HazardFeed]:
    """Machine feeds of the jurisdiction."""
    rows = HazardFeed.objects.select_related("last_intake")
    return rows if actor is None else visible(rows, actor, VIEW)


def one_feed(feed_id: UUID | str, actor: Actor | None) -> HazardFeed:
    """One feed. Raises ``NotFound``."""
    found = feeds(actor).filter(pk=feed_id).first()
    if found is None:
        raise NotFound(what=str(feed_id))
    return found


def intakes_of(row: HazardFeed) -> QuerySet[Intake]:
    """What a feed brought, newest first."""
    return Intake.objects.filter(via=row.name, place_code=row.place_code).order_by("-received_at")


def one_quake(quake_id: UUID | str, actor: Actor | None) -> Quake:
    """One earthquake. Raises ``NotFound``."""
    found = quakes(actor).filter(pk=quake_id).first()
    if found is None:
        raise NotFound(what=str(quake_id))
    return found


def orders(actor: Actor | None) -> QuerySet[ActionOrder]:
    """Orders of plants in the jurisdiction, or of one's own."""
    rows = ActionOrder.objects.select_related("plant_action", "enterprise", "quake")
    return rows if actor is None else visible(rows, actor, VIEW)


def heard_of_orders(quake: Quake, actor: Actor) -> int:
    """A number that grows whenever something is heard of an earthquake's orders: those with a receipt, and those no longer waited for."""
    told = (
        orders(actor)
        .filter(quake=quake)
        .aggregate(carried=Count("pk", filter=~Q(carriage="")), settled=Count("pk", filter=~Q(state=ActionOrder.SENT)))
    )
    return int(told["carried"] + told["settled"])


def one_order(order_id: UUID | str, actor: Actor | None) -> ActionOrder:
    """One order. Raises ``NotFound``."""
    found = orders(actor).filter(pk=order_id).first()
    if found is None:
        raise NotFound(what=str(order_id))
    return found


def plant_actions(actor: Actor | None) -> QuerySet[PlantAction]:
    """Automatic actions of plants in the jurisdiction, or of one's own."""
    rows = PlantAction.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def one_action(action_id: UUID | str, actor: Actor | None) -> PlantAction:
    """One automatic action. Raises ``NotFound``."""
    found = plant_actions(actor).filter(pk=action_id).first()
    if found is None:
        raise NotFound(what=str(action_id))
    return found


def live_quake(now: datetime) -> Quake | None:
    """The earthquake whose warning is of use now: the newest that began within the last ten minutes (project default), exercises last."""
    rows = Quake.objects.filter(origin_at__gt=now - timedelta(minutes=10), origin_at__lte=now + timedelta(minutes=1))
    return rows.order_by("exercise", "-origin_at").first()


def thresholds(actor: Actor | None) -> QuerySet[GaugeThreshold]:
    """Thresholds of gauges in the jurisdiction."""
    rows = GaugeThreshold.objects.select_related("sensor")
    return rows if actor is None else visible(rows, actor, VIEW, enterprise="sensor__enterprise_id")
