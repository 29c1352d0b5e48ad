"""What the page of a judgement shows: the form with its provenance, the answer, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.judgement import areas, comparing, exposing, facts, inputs, leaving_told, queries, rules, ways, wording
from anlan.command.judgement.inputs import Field, Filled
from anlan.command.judgement.models import Judgement, Run
from anlan.command.judgement.parameters import figure
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.routing.vehicles import LABELS as VEHICLES

RUNS_LISTED = 20
BLIND_KG_S = 100.0
"""An upper end above this tells nothing: the detectors do not stand downwind. Project default."""


@dataclass(frozen=True)
class Shown:
    """One input of the page. ``error``: why what stands there was refused."""

    field: Field
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    help: str
    provenance: str
    origin: str
    origin_label: str
    error: str
    releases: str


def groups(
    kind: str, form: Mapping[str, Filled], given: Mapping[str, Any], wrong: Mapping[str, Refusal | str], now: datetime
) -> list[tuple[str, list[Shown]]]:
    """The inputs of a kind by group; ``given`` are texts that were refused and stay as they were typed."""
    found: dict[str, list[Shown]] = {}
    for wanted in inputs.FIELDS:
        if kind in wanted.kinds:
            found.setdefault(wanted.group, []).append(_shown(kind, wanted, form.get(wanted.name), given, wrong))
    return [(_(inputs.GROUPS[group]), rows) for group, rows in found.items()]


def _shown(kind: str, wanted: Field, filled: Filled | None, given: Mapping[str, Any], wrong: Mapping[str, Refusal | str]) -> Shown:
    value = str(given[wanted.name]) if wanted.name in given else _text(wanted, filled)
    if wanted.moment and value:
        value = _local(value)
    origin = filled.origin if filled is not None and filled.value is not None else ""
    return Shown(
        field=wanted,
        label=_(wanted.label),
        value=value,
        choices=_choices(wanted, filled),
        help=_(wanted.help) if wanted.help else "",
        provenance=wording.provenance(filled),
        origin=origin,
        origin_label=_(rules.ORIGINS[origin]) if origin in rules.ORIGINS else "",
        error=wording.refusal_now(wrong[wanted.name]) if wanted.name in wrong else "",
        releases=" ".join(wanted.releases) if kind == rules.TOXIC else "",
    )


def _choices(wanted: Field, filled: Filled | None) -> tuple[tuple[str, str], ...]:
    """What may be chosen: the field's own choices, or the chemicals among which the register leaves the choice."""
    if filled is not None and filled.value is None and filled.facts.get("candidates"):
        return tuple((each, each) for each in filled.facts["candidates"])
    return tuple((code, _(label)) for code, label in wanted.choices.items())


def _text(wanted: Field, filled: Filled | None) -> str:
    if filled is None or filled.value is None:
        return ""
    return str(filled.value) if wanted.moment else inputs.shown(wanted, filled.value)


def _local(text: str) -> str:
    """A moment as the browser's input wants it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (timezone.localtime(moment) if moment.tzinfo else moment).strftime("%Y-%m-%dT%H:%M")


def links(judgement: Judgement, actor: Actor) -> list[tuple[str, str]]:
    """What the judgement is about: label and address of each record."""
    routes = {"alarm": "alarms:detail", "filing": "filings:detail", "incident": "incidents:detail", "risk_source": "risksources:file"}
    actions = {"alarm": "alarms.view", "filing": "filings.view", "incident": "incidents.view", "risk_source": "risksources.view"}
    found = []
    for kind, label in rules.LINKS.items():
        subject = getattr(judgement, f"{kind}_id")
        if subject is None or not actor.may_somewhere(actions[kind]):
            continue
        found.append((_(label), reverse(routes[kind], args=[subject])))
    return found


def answer(judgement: Judgement, number: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """The answer that is looked at (``number``, else the newest), and the runs there are."""
    every = list(judgement.runs.order_by("-number")[:RUNS_LISTED])
    newest = every[0] if every else None
    chosen = next((run for run in every if str(run.number) == number), None)
    if chosen is None:
        # While the newest is still being reckoned, or was refused, the last answer stays on the page with its number.
        chosen = next((run for run in every if run.result), newest)
    before = queries.last_answers(judgement, 1, chosen.number) if chosen is not None else []
    last = list(reversed(queries.last_answers(judgement, 3, chosen.number + 1))) if chosen is not None else []
    return {
        "run": chosen,
        "newest": newest,
        "going": newest if newest is not None and not newest.finished else None,
        "runs": [(run, wording.headline(run), rules.RUN_TONES.get(run.state, "grey"), _because(run)) for run in every],
        "headline": wording.headline(chosen) if chosen is not None else "",
        "trend": wording.trend_of(last),
        "changes": wording.changes(before[0] if before else None, chosen) if chosen is not None else (),
        "before": before[0] if before else None,
        "refused": wording.refusal_told(newest.refusal) if newest is not None and newest.refusal and newest != chosen else "",
        **(_told(chosen, actor) if chosen is not None and chosen.result else {}),
        "now": now,
    }


def _because(run: Run) -> str:
    return "、".join(_(inputs.BY_NAME[name].label) for name in run.because if name in inputs.BY_NAME)


def _told(run: Run, actor: Actor) -> dict[str, Any]:
    result = run.result
    passages, hidden = exposing.passages_for(run, actor)
    release = result["release"]
    return {
        "zones": [
            {
                "code": zone["code"],
                "name": wording.zone_name(zone),
                "label": _(zone["label"]),
                "tone": areas.tone(zone["severity"]),
                "limit": f"{zone['limit']:g} {zone['unit']}",
                "reach": wording.reach_told(zone["reach_m"], run.kind),
                "band": wording.band_told(zone["band_m"], run.kind) or "—",
                "area": _area(zone["area_m2"]),
                "arrival": wording.minutes(zone["arrival_s"]) if run.kind == rules.TOXIC else "—",
                "arrives_at": wording.arrives(run, zone),
                "departure": wording.minutes(zone["departure_s"]),
                "people": wording.people_told(zone.get("people"), zone.get("people_known", True)),
                "status": zone["status"],
                "source": zone["source"],
            }
            for zone in sorted(result["zones"], key=lambda each: each["severity"])
        ],
        "unreached": [{"name": wording.zone_name(level), "limit": f"{level['limit']:g} {level['unit']}"} for level in result["unreached"]],
        "passages": [
            {
                "name": row["name"] or _("下风向 {distance}").format(distance=wording.distance(row["distance_m"])),
                "arrival": wording.minutes(row["arrival_s"]),
                "peak_at": wording.minutes(row["peak_s"]),
                "departure": wording.minutes(row["departure_s"]),
                "peak": wording.significant(row["peak"]),
                "now": wording.significant(row["now"]),
                "dose_so_far": wording.significant(row["dose_so_far"]),
                "dose": wording.significant(row["dose"]),
                "unit": row["unit"],
            }
            for row in passages
        ],
        "passages_hidden": hidden,
        "release": release_told(release),
        **_options(run),
        "cautions": wording.cautions_told(result["cautions"]),
        "first_cautions": wording.cautions_told(_first(result["cautions"])),
        "other_cautions": wording.cautions_told([each for each in result["cautions"] if each not in _first(result["cautions"])]),
        "models": result["models"],
        "estimate": _estimate(run),
        "inputs": wording.inputs_told(run),
        "began": facts.began_at(run),
    }


def ways_told(run: Run, given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The form that asks where crews set out, and both ways from there."""
    vehicle = given.get("vehicle") or "fire_engine"
    form = {
        "longitude": given.get("from_longitude", ""),
        "latitude": given.get("from_latitude", ""),
        "vehicle": vehicle,
        "vehicles": [(code, _(label)) for code, label in VEHICLES.items()],
        "upwind": f"{figure('upwind_m', run.asked_at.date()):g}",
        "refused": "",
    }
    try:
        start = ways.start_asked(given)
    except Refusal as refusal:
        form["refused"] = wording.refusal_now(refusal)
        start = None
    if start is None:
        return {"ways_form": form, "ways": []}
    rows = [
        {
            "name": _(ways.WAYS[way.code]),
            "refused": wording.refusal_told(way.refused) if way.refused else "",
            "time": wording.minutes(way.seconds),
            "length": wording.distance(way.length_m),
            "inside": wording.distance(way.inside_m) if way.inside_m > 0 else _("不经过"),
        }
        for way in ways.ways(run, start, vehicle, now)
    ]
    return {"ways_form": form, "ways": rows}


FIRST = (
    "rate_given",
    "rate_for_an_hour",
    "followed_for_a_day",
    "heavy_ignored",
    "over_edge",
    "far",
    "members_left_out",
    "flat_open_ground",
    "circle_without_band",
    "ground_counted",
)
"""Cautions that whoever decides must read first; the others tell engineers how it was reckoned."""


def _first(kept: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted((each for each in kept if each["code"] in FIRST), key=lambda each: FIRST.index(each["code"]))


def _options(run: Run) -> dict[str, Any]:
    """The options side by side, what they rest on, and the one that harms over the shortest way."""
    kept = run.result["options"]
    if not kept:
        return {"options": []}
    rows = [
        {
            "name": _(comparing.OPTIONS[each["option"]]),
            "curtain": each["curtain"],
            "reach": wording.reach_told(each["reach_m"]) if each["reach_m"] > 0 else _("无"),
            "area": _area(each["area_m2"]) if each["reach_m"] > 0 else "—",
            "people": wording.people_told(each.get("people"), each.get("people_known", True)),
            "time": wording.minutes(each["seconds"]) if each["seconds"] is not None else _("立即"),
            "needs": "；".join(
                [_(part) for part in (comparing.NEEDS[each["option"]], comparing.CURTAIN_NEEDS if each["curtain"] else "") if part]
                + (leaving_told.brief(run.result.get("leaving")) if each["option"] == comparing.EVACUATE and not each["curtain"] else [])
            )
            or "—",
        }
        for each in kept
    ]
    day = run.asked_at.date()
    basis = _(
        "受害：剂量达到 {level}（{minutes} min）的剂量。室内换气每小时 {changes} 次，撤离准备 {delay} min、步行 {walk} m/s 横风离开，水幕削减 {curtain}%；均为本平台默认值，可在参数表中更换。"
    ).format(
        level=kept[0]["level"],
        minutes=f"{kept[0]['minutes']:g}",
        changes=f"{figure('air_changes_per_h', day):g}",
        delay=f"{figure('evacuation_delay_min', day):g}",
        walk=f"{figure('walking_m_s', day):g}",
        curtain=f"{100 * figure('curtain_share', day):g}",
    )
    advice = comparing.best([each for each in kept if not each["curtain"]])
    return {"options": rows, "basis": basis, "advice": _(comparing.OPTIONS[advice])}


def _area(square_m: float) -> str:
    return f"{square_m / 1e6:.2f} km²" if square_m >= 1e5 else f"{square_m / 1e4:.1f} ha"


def release_told(release: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The source in words."""
    found = [(_("途径"), _(wording.PATHS.get(release["path"], release["path"])))]
    figures = (
        ("rate_kg_s", _("初始速率"), "kg/s"),
        ("highest_rate_kg_s", _("最大速率"), "kg/s"),
        ("at_once_kg", _("瞬间进入空气"), "kg"),
        ("airborne_kg", _("进入空气总量"), "kg"),
        ("ground_kg", _("留在地面"), "kg"),
        ("vessel_kg", _("留在容器"), "kg"),
        ("flame_m", _("火焰长度"), "m"),
        ("diameter_m", _("直径"), "m"),
        ("tnt_kg", _("TNT 当量"), "kg"),
    )
    for name, label, unit in figures:
        value = release.get(name)
        if value:
            found.append((label, f"{value:.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"))
    if release.get("duration_s"):
        found.append((_("持续"), wording.minutes(release["duration_s"])))
    return found


def _estimate(run: Run) -> dict[str, Any] | None:
    kept = run.estimate
    if not kept:
        return None
    if "refusal" in kept:
        return {"refused": wording.refusal_told(kept["refusal"])}
    rate = kept["rate_kg_s"]
    if rate is None and kept["high_kg_s"] > BLIND_KG_S:
        return {"refused": _("测点均未检出，且泄漏点不在它们能看到的上风侧，不能据此判断泄漏大小。")}
    return {
        "rate": f"{rate:.2g} kg/s" if rate is not None else _("低于 {high} kg/s").format(high=f"{kept['high_kg_s']:.2g}"),
        "band": f"{kept['low_kg_s']:.2g}–{kept['high_kg_s']:.2g} kg/s",
        "known": rate is not None,
        "readings": [
            {
                "name": each["name"],
                "value": f"{wording.significant(each['value'])} {each['unit']}",
                "at": datetime.fromisoformat(each["at"]),
            }
            for each in kept["readings"]
        ],
        "cautions": wording.cautions_told(kept["cautions"]),
    }
