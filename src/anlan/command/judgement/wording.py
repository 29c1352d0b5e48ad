"""Judgements in words: the sentence on top, where a figure comes from, cautions, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.judgement import inputs as form
from anlan.command.judgement import queries, rules
from anlan.command.judgement.door import JudgementSummary
from anlan.command.judgement.facts import InputFact, began_at
from anlan.command.judgement.geometry import heading
from anlan.command.judgement.inputs import Field, Filled
from anlan.command.judgement.models import Judgement, Run
from anlan.consequence import trend
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

FARTHEST_M = 10_000.0
"""How far the models of dispersion were published for; beyond, only "farther than that" is told in words."""
WINDS = (N_("北"), N_("东北"), N_("东"), N_("东南"), N_("南"), N_("西南"), N_("西"), N_("西北"))
TRENDS = {
    trend.GROWING: N_("范围在扩大"),
    trend.STEADY: N_("范围基本不变"),
    trend.SHRINKING: N_("范围在缩小"),
    trend.UNCLEAR: N_("范围变化不定"),
}
ATTRIBUTES = {
    "operating_pressure": N_("操作压力"),
    "design_pressure": N_("设计压力"),
    "operating_temperature": N_("操作温度"),
    "quantity": N_("登记存量"),
    "charge": N_("充装量"),
}
PATHS = {
    "pressurised_gas": N_("压缩气体放空"),
    "liquefied_gas": N_("液化气体闪蒸，部分落地成池"),
    "cryogenic": N_("低温液体沸腾液池"),
    "liquid": N_("液体成池蒸发"),
    "given_rate": N_("按填写的速率"),
    "pool_fire": N_("池火"),
    "jet_fire": N_("喷射火"),
    "fireball": N_("火球"),
    "cloud_blast": N_("蒸气云爆炸"),
    "tnt": N_("爆炸"),
}


def kind_label(kind: str) -> str:
    """Name of a kind of judgement."""
    return _(rules.KINDS.get(kind, kind))


def distance(metres: float) -> str:
    """A distance in words: metres below 1 km, else kilometres; rounded as the models deserve."""
    if metres < 1000:
        return f"{max(round(metres, -1), 10):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < FARTHEST_M else f"{metres / 1000:.0f} km"


def reach_told(metres: float, kind: str = rules.TOXIC) -> str:
    """A reach of a cloud: beyond the range of the models only that it is farther."""
    if kind == rules.TOXIC and metres > FARTHEST_M:
        return _("{distance} 以外").format(distance=distance(FARTHEST_M))
    return distance(metres)


def band_told(band: Sequence[float] | None, kind: str = rules.TOXIC) -> str:
    """Lowest and highest reach."""
    if not band:
        return ""
    low, high = (reach_told(each, kind) for each in band)
    return low if low == high else f"{low}–{high}"


def minutes(seconds: float | None) -> str:
    """A length of time."""
    if seconds is None:
        return "—"
    if seconds < 90:
        return _("{n} 秒").format(n=round(seconds))
    if seconds < 7200:
        return _("{n} 分钟").format(n=round(seconds / 60))
    return _("{n} 小时").format(n=f"{seconds / 3600:.1f}")


def significant(value: float) -> str:
    """A figure to three digits as people read it: 2,580 and not 2.58e+03; what is not to be told from nothing as "less than"."""
    if 0 < value < 0.001:
        return "< 0.001"
    told = float(f"{value:.3g}")
    return f"{told:,.0f}" if told >= 100 else f"{told:g}"


def people_told(people: int | None, known: bool = True) -> str:
    """A number of people, two digits of it (it is an estimate); one that is not whole is told as "at least", unknown never as nobody."""
    if people is None:
        return _("未知")
    digits = max(len(str(people)) - 2, 0)
    number = f"{round(people, -digits):,}"
    return number if known else _("至少 {number}").format(number=number)


def wind_name(degrees: float) -> str:
    """Name of the direction that a wind comes from or goes to."""
    return _(WINDS[round(degrees / 45.0) % 8])


def zone_name(zone: Mapping[str, Any]) -> str:
    """How a zone is called: the limit with its time of exposure."""
    if zone["minutes"]:
        return f"{zone['minutes']:g} min {zone['code']}"
    return zone["code"] if zone["unit"] in ("ppm", "mg/m³") else _(zone["label"])


def main_zone(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The zone the headline tells: from which on people are hurt for good or cannot get away (level 2), else the worst there is."""
    zones = result["zones"]
    second = [each for each in zones if str(each["code"]).endswith("-2")]
    return (second or sorted(zones, key=lambda each: each["severity"]) or [None])[0]


def substance_of(run: Run) -> str:
    """The chemical as it was asked for, in the reader's language where it is known."""
    kept = run.inputs.get("substance")
    return str(kept["value"]) if kept and kept.get("value") else ""


def number_of(run: Run, name: str) -> float | None:
    """A figure of the inputs."""
    kept = run.inputs.get(name)
    return float(kept["value"]) if kept and kept.get("value") is not None else None


def headline(run: Run) -> str:
    """The answer in one sentence, or why there is none."""
    if run.state == rules.REFUSED and run.refusal:
        return refusal_told(run.refusal)
    if not run.result:
        return _(rules.RUN_STATES[run.state])
    what = f"{substance_of(run)} {kind_label(run.kind)}".strip()
    zone = main_zone(run.result)
    if zone is None:
        return _("{what}：各级限值均未达到。").format(what=what)
    if run.kind != rules.TOXIC:
        return _("{what}：{zone} 半径 {reach}。").format(what=what, zone=zone_name(zone), reach=distance(zone["reach_m"]))
    wind = run.result["weather"]["wind_from_deg"]
    return _("{what}：{zone} 向{towards}下风向 {reach}（{band}），泄漏后 {arrival}到达远端。").format(
        what=what,
        zone=zone_name(zone),
        towards=wind_name(heading(wind)),
        reach=reach_told(zone["reach_m"]),
        band=band_told(zone["band_m"]),
        arrival=minutes(zone["arrival_s"]),
    )


def refusal_now(refusal: Refusal | str) -> str:
    """A refusal of this request in the reader's language, the words in it (names of fields, of vehicles) too. Units and names are no words of ours."""
    return refusal_told(told(refusal)) if isinstance(refusal, Refusal) else str(refusal)


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal in plain values, as a run keeps it: code, Chinese sentence, facts."""
    return {"code": refusal.code, "sentence": refusal.sentence, "facts": {name: str(value) for name, value in refusal.facts.items()}}


def refusal_told(kept: Mapping[str, Any]) -> str:
    """A refusal that was kept, in the reader's language."""
    return _(kept["sentence"]).format_map(_Blank({name: _(value) if value else value for name, value in kept["facts"].items()}))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def cautions_told(kept: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Cautions in the reader's language, each sentence once."""
    told = (
        _(each["sentence"]).format_map(
            _Blank({name: _(value) if isinstance(value, str) and value else value for name, value in each["facts"].items()})
        )
        for each in kept
    )
    return tuple(dict.fromkeys(told))


# --- provenance ------------------------------------------------------------------------------------------------------------------


def value_told(wanted: Field, filled: Filled | None) -> str:
    """The value as a person reads it."""
    if filled is None or filled.value is None:
        return ""
    if wanted.choices:
        return _(wanted.choices.get(str(filled.value), str(filled.value)))
    if wanted.moment:
        return _moment(datetime.fromisoformat(str(filled.value)))
    return form.shown(wanted, filled.value)


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def provenance(filled: Filled | None) -> str:
    """Where a value comes from, in one line; of a chemical that is still to be chosen, among which."""
    if filled is None:
        return ""
    if filled.value is None:
        return _several(filled.facts)
    facts = {name: value for name, value in filled.facts.items() if value is not None}
    at = _moment(filled.at) if filled.at else ""
    if filled.origin == "typed":
        return _("{who} {at} 填写").format(who=facts.get("who", ""), at=at).strip()
    if filled.origin == "sensor":
        away = float(facts.get("distance_m", 0))
        told = f"{facts.get('name', '')} {facts.get('reading', '')} · {at}"
        return _("{told}，相距 {distance}").format(told=told, distance=distance(away)) if away >= 10 else told
    if filled.origin == "record":
        attribute = facts.get("attribute")
        told = _("危险源档案“{name}”").format(name=facts.get("name", ""))
        return f"{told} {_(ATTRIBUTES[attribute])}" if attribute in ATTRIBUTES else told
    if filled.origin == "reckoned":
        return _reckoned(facts, at)
    if filled.origin == "default":
        return _default(facts)
    return f"{_(rules.ORIGINS.get(filled.origin, filled.origin))}{'：' if facts.get('name') else ''}{facts.get('name', '')}"


def _several(facts: Mapping[str, Any]) -> str:
    if not facts.get("candidates"):
        return ""
    return _("危险源档案“{name}”登记的“{registered}”对应几种化学品，请选定：{candidates}").format(
        name=facts.get("name", ""), registered=facts.get("registered", ""), candidates="、".join(facts["candidates"])
    )


def _reckoned(facts: Mapping[str, Any], at: str) -> str:
    if facts.get("as") == "air":
        return _("取气温")
    if facts.get("as") == "saturation":
        return _("{temperature} ℃ 时的饱和蒸气压").format(temperature=facts.get("temperature", ""))
    sky = {"clear_night": _("云量未知，按晴夜计"), "overcast": _("云量未知，按阴天计（偏安全）")}.get(str(facts.get("sky")), "")
    when = _("夜间") if facts.get("night") else _("白天")
    return _("按 {at}（{when}）、风速 {wind} m/s 推算；{sky}；{source}，未与原文核对").format(
        at=at,
        when=when,
        wind=facts.get("wind", ""),
        sky=sky or _("云量 {cloud} 成").format(cloud=facts.get("cloud", "")),
        source=facts.get("source", ""),
    )


def _default(facts: Mapping[str, Any]) -> str:
    if facts.get("as") == "now":
        return _("取建立研判的时间，请核对")
    source = str(facts.get("source", ""))
    return _("本平台默认值") if source in ("", "project") else _("默认值：{source}").format(source=source)


def inputs_told(run: Run) -> tuple[InputFact, ...]:
    """Every input of a run as a line of a sheet."""
    release = (run.inputs.get("release") or {}).get("value") or rules.HOLE
    found = []
    for wanted in form.asked(run.kind, str(release)):
        kept = run.inputs.get(wanted.name)
        if kept is None:
            continue
        filled = Filled.restored(kept)
        found.append(
            InputFact(
                wanted.name,
                _(wanted.label),
                value_told(wanted, filled) or "—",
                wanted.unit,
                _(rules.ORIGINS[filled.origin]),
                provenance(filled),
            )
        )
    return tuple(found)


# --- what changed ----------------------------------------------------------------------------------------------------------------


def trend_of(answers: Sequence[Run]) -> str:
    """Whether the main zone grows over the last three answers, oldest first; empty while there are fewer."""
    reaches = []
    for run in answers:
        zone = main_zone(run.result) if run.result else None
        reaches.append(float(zone["area_m2"]) if zone is not None else 0.0)
    if len(reaches) < trend.RUNS:
        return ""
    return _(TRENDS[trend.trend(reaches)])


def changes(before: Run | None, after: Run) -> tuple[str, ...]:
    """What differs between two answers: inputs that changed, and each zone's reach."""
    if before is None or not before.result or not after.result or before.kind != after.kind:
        return ()
    told = []
    for wanted in form.asked(after.kind, str((after.inputs.get("release") or {}).get("value") or rules.HOLE)):
        was, now = before.inputs.get(wanted.name), after.inputs.get(wanted.name)
        if was is None or now is None or form.same(wanted, was["value"], now["value"]):
            continue
        values = (value_told(wanted, Filled.restored(kept)) or "—" for kept in (was, now))
        told.append(f"{_(wanted.label)} {' → '.join(values)} {wanted.unit}".strip())
    earlier = {zone["code"]: zone for zone in before.result["zones"]}
    later = {zone["code"]: zone for zone in after.result["zones"]}
    for code in dict.fromkeys((*later, *earlier)):
        zone = later.get(code) or earlier[code]
        was, now = (reach_told(found["reach_m"], after.kind) if found else _("未达到") for found in (earlier.get(code), later.get(code)))
        if was != now:
            told.append(_("{what} 范围：{before} → {after}").format(what=zone_name(zone), before=was, after=now))
    return tuple(told)


def summary(judgement: Judgement) -> JudgementSummary:
    """A judgement with its newest answer."""
    run = queries.newest(judgement, answered=True)
    return JudgementSummary(
        id=judgement.pk,
        title=judgement.title,
        kind=judgement.kind,
        kind_label=kind_label(judgement.kind),
        state=judgement.state,
        state_label=judgement.get_state_label(),
        place_code=judgement.place_code,
        enterprise_id=judgement.enterprise_id,
        alarm_id=judgement.alarm_id,
        filing_id=judgement.filing_id,
        incident_id=judgement.incident_id,
        risk_source_id=judgement.risk_source_id,
        longitude=judgement.longitude,
        latitude=judgement.latitude,
        opened_at=judgement.opened_at,
        opened_by_name=judgement.opened_by_name,
        exercise=judgement.exercise,
        run_id=run.pk if run is not None else None,
        run_number=run.number if run is not None else 0,
        run_at=run.finished_at if run is not None else None,
        sentence=headline(run) if run is not None else "",
        address=reverse("judgement:detail", args=[judgement.pk]),
    )


def arrives(run: Run, zone: Mapping[str, Any]) -> datetime | None:
    """When the cloud reaches the far end of a zone."""
    began = began_at(run)
    if began is None or zone["arrival_s"] is None:
        return None
    return began + timedelta(seconds=float(zone["arrival_s"]))
