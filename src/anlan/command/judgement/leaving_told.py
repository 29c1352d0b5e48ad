"""A plan of evacuation in words, for whom it may be told: rows of the page, blocks of the sheet, lines of the map.

The numbers are the same for every reader. Shelters outside his jurisdiction are told without their names and places, with the bureau to ask; places
of people outside it as their county.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.judgement import facts, leaving, wording
from anlan.command.judgement.leaving import Compared, Moving, Origin, Plan, Refuge
from anlan.command.judgement.models import Run
from anlan.command.judgement.parameters import figure
from anlan.desk.documents import Block, Heading, Paragraph, Table
from anlan.ground.facilities import door as facilities
from anlan.ground.facilities.door import Facility
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.routing.classes import LABELS as CLASSES

COUNTY_DIGITS = 6
ROWS_SHOWN = 40


@dataclass(frozen=True)
class _Names:
    """What a reader may see by name."""

    actor: Actor | None
    seen: Mapping[str, Facility]

    @classmethod
    def of(cls, plan: Plan, actor: Actor | None) -> _Names:
        records = {each.refuge.record for each in plan.moves} | set(plan.around.unusable.unknown_room)
        seen = facilities.visible(records, actor) if actor is not None else records
        return cls(actor, {record: facilities.facility(record) for record in seen})

    def origin(self, origin: Origin) -> str:
        """The place people come from: its own name, or that of its county."""
        county = origin.place_code[:COUNTY_DIGITS]
        if self.actor is None or self.actor.may("population.view", place_code=county):
            return origin.name
        return places.place_name(county)

    def refuge(self, refuge: Refuge) -> str:
        """The shelter, or whom to ask for it."""
        if refuge.record in self.seen:
            return refuge.name
        bureau = organisations.bureau_of(refuge.place_code)
        return _("{place}的避难场所（不在您的管辖范围内，请联系{bureau}）").format(
            place=places.place_name(refuge.place_code[:COUNTY_DIGITS]), bureau=bureau.name if bureau is not None else "—"
        )


def told(plan: Plan, run: Run, actor: Actor | None) -> dict[str, Any]:
    """The plan as its part of the page shows it."""
    names = _Names.of(plan, actor)
    return {
        "at": plan.at,
        "refused": wording.refusal_now(plan.refused) if plan.refused is not None else "",
        "summary": summary(plan),
        "verdict": verdict(plan, run),
        "better_inside": better_inside(plan),
        "rows": rows(plan, names),
        "shelters": shelters(plan, names),
        "stranded": _stranded(plan, names),
        "short": _short(plan, names),
        "loads": [
            {
                "name": each.name or _("无名道路"),
                "class": _(CLASSES.get(each.road_class, each.road_class)),
                "people": wording.people_told(each.people),
                "wait": wording.minutes(each.delay_s) if each.delay_s >= 60 else "—",
            }
            for each in plan.loads
        ],
        "compared": _compared(plan),
        "notes": notes(plan, names),
        "basis": basis(plan),
        "lines": lines(plan, names),
    }


def total(plan: Plan) -> str:
    """How many must go, as far as it is known."""
    unknown = bool(plan.around.unknown)
    return wording.people_told(None if unknown and not plan.people else plan.people, not unknown)


def summary(plan: Plan) -> tuple[str, ...]:
    """Who has a place and who has none, and when the last is safe."""
    if plan.refused is not None:
        return (_("需要离开的人：{people}").format(people=total(plan)),)
    if not plan.people:
        return (total_unknown(plan),)
    found = [
        _("需要离开的人数：{people}。有去处 {placed}，缺安置位置 {short}，到不了避难场所 {stranded}。").format(
            people=total(plan),
            placed=wording.people_told(plan.placed),
            short=wording.people_told(plan.short),
            stranded=wording.people_told(plan.stranded),
        )
    ]
    if plan.moves:
        text = _("现在通知：{last}后最后一批出发，{clear}后全部到达（{at}）。")
        found.append(text.format(last=wording.minutes(plan.last_s), clear=wording.minutes(plan.clear_s), at=_clock(plan, plan.clear_s)))
    if plan.trips:
        found.append(_("共 {n} 车次。").format(n=plan.trips))
    if plan.bottleneck:
        found.append(_("最堵的路段：{road}。").format(road=plan.bottleneck))
    return tuple(found)


def total_unknown(plan: Plan) -> str:
    """Nobody is known to be there: because nobody is, or because nobody counted."""
    if plan.around.unknown:
        return _("范围内有多少人不清楚（当地没有人口数据），无法安排去处。")
    return _("范围内没有登记或估计到的人，不需要安置。")


def verdict(plan: Plan, run: Run) -> str:
    """Whether they are out before the cloud is there."""
    if not plan.moves:
        return ""
    in_time = plan.in_time
    if in_time is None:
        return _("火灾、爆炸没有到达过程，无法倒推最迟出发时间；应在可能发生之前撤离。")
    if _gone(plan, run):
        return _("按研判，气云此时已经离开。先核实浓度，再决定是否还要转移。")
    if in_time >= plan.placed:
        soonest = min(each.latest_s for each in plan.moves if each.latest_s is not None)
        if not math.isfinite(soonest):
            return _("都能在气云到达前离开。")
        return _("都能在气云到达前离开；最先受影响的地方最迟 {at} 出发。").format(at=_clock(plan, soonest))
    if in_time == 0:
        return _("气云到达前已来不及撤出。就地避险（关闭门窗和通风）更好，等气云过后再转移。")
    return _("约 {ready} 人来得及在气云到达前离开；其余约 {late} 人来不及，就地避险（关闭门窗和通风）更好。").format(
        ready=wording.people_told(in_time), late=wording.people_told(plan.placed - in_time)
    )


def better_inside(plan: Plan) -> bool:
    """Whether some who have a place would be overtaken."""
    return plan.in_time is not None and plan.in_time < plan.placed


def _gone(plan: Plan, run: Run) -> bool:
    began = facts.began_at(run)
    ends = [zone.departure_s for zone in facts.zones(run) if zone.severity <= plan.choice.severity]
    if began is None or not ends or any(each is None for each in ends):
        return False
    return (plan.at - began).total_seconds() > max(each or 0.0 for each in ends)


def _clock(plan: Plan, seconds: float) -> str:
    return timezone.localtime(plan.at + timedelta(seconds=seconds)).strftime("%H:%M")


def _latest(plan: Plan, seconds: float | None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return "—"
    return _clock(plan, seconds) if seconds > 0 else _("已来不及")


def rows(plan: Plan, names: _Names) -> list[dict[str, Any]]:
    """From where to which shelter: people of one place who go to one shelter together."""
    groups: dict[tuple[str, str], list[Moving]] = {}
    for each in plan.moves:
        groups.setdefault((names.origin(each.origin), each.refuge.record), []).append(each)
    found = []
    for (origin, _record), moves in groups.items():
        people = sum(each.people for each in moves)
        in_time = [each.in_time for each in moves]
        ready = None if any(each is None for each in in_time) else sum(each or 0 for each in in_time)
        latest = [each.latest_s for each in moves if each.latest_s is not None]
        found.append(
            {
                "origin": origin,
                "shelter": names.refuge(moves[0].refuge),
                "people": wording.people_told(people),
                "count": people,
                "time": _span(wording.minutes, [each.seconds for each in moves]),
                "length": _span(wording.distance, [each.length_m for each in moves]),
                "latest": _latest(plan, min(latest)) if latest else "—",
                "ready": _ready(ready, people),
                "tone": "" if ready is None else "green" if ready >= people else "red" if ready == 0 else "orange",
            }
        )
    return sorted(found, key=lambda row: -row["count"])


def _span(say: Any, figures: Sequence[float]) -> str:
    low, high = say(min(figures)), say(max(figures))
    return str(low) if low == high else f"{low}–{high}"


def _ready(ready: int | None, people: int) -> str:
    if ready is None:
        return "—"
    if ready >= people:
        return _("全部来得及")
    return _("来不及") if ready == 0 else _("约 {n} 人来得及").format(n=wording.people_told(ready))


def shelters(plan: Plan, names: _Names) -> list[dict[str, Any]]:
    """How full each shelter gets, the fullest first."""
    taken: dict[str, int] = {}
    refuges = {each.refuge.record: each.refuge for each in plan.moves}
    for each in plan.moves:
        taken[each.refuge.record] = taken.get(each.refuge.record, 0) + each.people
    found = []
    for record, people in sorted(taken.items(), key=lambda pair: (-pair[1] / refuges[pair[0]].room, pair[0])):
        seen = names.seen.get(record)
        found.append(
            {
                "name": names.refuge(refuges[record]),
                "people": wording.people_told(people),
                "room": f"{refuges[record].room:,}",
                "share": f"{100 * people / refuges[record].room:.0f}%",
                "full": people >= refuges[record].room,
                "contact": seen.contact_name if seen is not None else "",
                "phone": seen.contact_phone if seen is not None else "",
            }
        )
    return found


def _stranded(plan: Plan, names: _Names) -> list[dict[str, str]]:
    groups: dict[tuple[str, str], int] = {}
    for each in plan.cut_off:
        key = (names.origin(each.origin), each.reason)
        groups[key] = groups.get(key, 0) + each.origin.people
    return [
        {"origin": origin, "why": _(leaving.REASONS[reason]), "people": wording.people_told(people)}
        for (origin, reason), people in groups.items()
    ]


def _short(plan: Plan, names: _Names) -> list[dict[str, str]]:
    groups: dict[str, int] = {}
    for origin, people in plan.without_place:
        groups[names.origin(origin)] = groups.get(names.origin(origin), 0) + people
    return [{"origin": origin, "people": wording.people_told(people)} for origin, people in groups.items()]


def _compared(plan: Plan) -> list[dict[str, str]]:
    if plan.planned is None or plan.nearest is None:
        return []
    return [_side(_("统一安排"), plan.planned), _side(_("各自去最近的"), plan.nearest)]


def _side(name: str, side: Compared) -> dict[str, str]:
    return {
        "name": name,
        "short": wording.people_told(side.short),
        "longest": wording.minutes(side.longest_s),
        "hours": f"{side.person_hours:,.0f}",
    }


def notes(plan: Plan, names: _Names) -> list[str]:
    """What was not counted on, and what is dangerous about the plan."""
    found, unusable = [], plan.around.unusable
    if plan.choice.means == leaving.BUS:
        found.append(_("客车须驶入影响范围接人：驾驶员应有防护，气云到达后不得再驶入。"))
    if plan.around.unknown:
        unknown = "、".join(places.place_name(code) for code in plan.around.unknown)
        found.append(_("以下地方没有人口数据，人数不详，未计入：{places}").format(places=unknown))
    if unusable.unknown_room:
        known = [names.seen[record].name for record in unusable.unknown_room if record in names.seen]
        found.append(
            _("{n} 处避难场所容量不详，未计入：{names}").format(
                n=len(unusable.unknown_room), names="、".join(known) or _("不在您的管辖范围内")
            )
        )
    if unusable.in_danger:
        found.append(_("{n} 处避难场所在影响范围或不确定带内，不能用。").format(n=unusable.in_danger))
    if unusable.closed:
        found.append(_("{n} 处避难场所已满或已关闭。").format(n=unusable.closed))
    return found


def basis(plan: Plan) -> str:
    """What the plan rests on."""
    day = plan.at.date()
    if plan.choice.means == leaving.BUS:
        text = _(
            "客车 {n} 辆、每车 {seats} 座，{ready} min 集结，空车 {empty} min 到出发地，上车 {load} min；查找 {reach} km 内的避难场所；均为本平台默认值或页面所填。"
        )
        return text.format(
            n=plan.choice.vehicles,
            seats=plan.choice.seats,
            ready=f"{figure('bus_ready_min', day):g}",
            empty=f"{figure('bus_empty_min', day):g}",
            load=f"{figure('bus_load_min', day):g}",
            reach=f"{figure('shelter_bus_km', day):g}",
        )
    text = _("步行，查找 {reach} km 内的避难场所（本平台默认值）；出发过程：{curve}；步行不计道路拥挤。")
    return text.format(reach=f"{figure('shelter_foot_km', day):g}", curve=_(leaving.CURVES[plan.choice.curve]))


def lines(plan: Plan, names: _Names) -> dict[str, Any]:
    """The ways on the map as GeoJSON, and the shelters; those that the reader may not see are left out."""
    features: list[dict[str, Any]] = []
    drawn: set[str] = set()
    for each in plan.moves:
        if each.refuge.record not in names.seen or len(each.points) < 2:
            continue
        told_line = {"part": "way", "people": each.people, "name": each.refuge.name}
        features.append(_feature("LineString", [list(point) for point in (each.origin.point, *each.points, each.refuge.point)], told_line))
        if each.refuge.record not in drawn:
            drawn.add(each.refuge.record)
            features.append(_feature("Point", list(each.refuge.point), {"part": "shelter", "name": each.refuge.name}))
    return {"type": "FeatureCollection", "features": features}


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


# --- elsewhere -------------------------------------------------------------------------------------------------------------------


def brief(kept: Mapping[str, Any] | None) -> list[str]:
    """What a run kept of it, one phrase for each way of going, for the table of options; nothing of a run that has none."""
    found = []
    for means, label in leaving.MEANS.items():
        one = (kept or {}).get(means)
        if not one:
            continue
        if "refusal" in one:
            # A missing net of roads or shelter is the same for whoever goes, and told once.
            why = wording.refusal_told(one["refusal"])
            if not any(why in line for line in found):
                found.append(f"{_(label)}：{why}")
        elif not one["people"]:
            found.append(_("安置：人数不详") if (kept or {}).get("unknown") else _("安置：范围内没有人"))
            break
        else:
            found.append(_brief(_(label), one))
    return found


def _brief(label: str, one: Mapping[str, Any]) -> str:
    short = wording.people_told(one["short"] + one["stranded"])
    if one["clear_s"] is None:
        return _("{means}：没有人到得了避难场所").format(means=label)
    return _("{means}：有位置的人 {clear}到齐，缺 {short} 个位置").format(means=label, clear=wording.minutes(one["clear_s"]), short=short)


def blocks(plan: Plan, run: Run, actor: Actor | None) -> tuple[Block, ...]:
    """The plan as blocks of the judgement sheet."""
    names = _Names.of(plan, actor)
    found: list[Block] = [
        Heading(_("附：疏散安置（{means}，{at}）").format(means=_(leaving.MEANS[plan.choice.means]), at=_clock(plan, 0.0)))
    ]
    first: Iterable[str] = (*summary(plan), verdict(plan, run))
    found.append(Paragraph("".join(first)))
    if plan.refused is not None:
        found.append(Paragraph(wording.refusal_now(plan.refused)))
    if plan.moves:
        header = (_("出发地"), _("避难场所"), _("人数"), _("用时"), _("最迟出发"), _("能否来得及"))
        table = rows(plan, names)[:ROWS_SHOWN]
        body = tuple((row["origin"], row["shelter"], row["people"], row["time"], row["latest"], row["ready"]) for row in table)
        found.append(Table(header, body, (1.4, 1.8, 0.7, 0.9, 0.8, 1.1)))
    missing = [f"{row['origin']} {row['people']}（{row['why']}）" for row in _stranded(plan, names)]
    missing += [_("{origin} {people}（没有位置）").format(**row) for row in _short(plan, names)]
    if missing:
        found.append(Paragraph(_("没有去处的人：{who}").format(who="；".join(missing))))
    found.append(Paragraph("\n".join((*notes(plan, names), basis(plan)))))
    return tuple(found)
