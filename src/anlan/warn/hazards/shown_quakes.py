"""What the pages of an earthquake show: seconds and degrees of places and hazard sources, what was sent, what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext

from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.warn.hazards import eew, quaking, queries, rules, shaking
from anlan.warn.hazards.models import Outcome, Quake

FELT = 3.5
"""Places below degree IV feel little and are not listed. Project default."""
SHOWN = 60
ROMAN = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "Ⅵ", "Ⅶ", "Ⅷ", "Ⅸ", "Ⅹ", "Ⅺ", "Ⅻ")
ADVICE = {
    "strong": N_("立即避险：伏地、遮挡、抓牢；装置按预案紧急停车"),
    "felt": N_("有明显震感：远离玻璃和悬挂物，检查装置"),
    "weak": N_("震感轻微，注意后续信息"),
}


@dataclass(frozen=True)
class Line:
    """One place or hazard source. ``arrives``: when the S wave is there; ``degree`` as it is told (Ⅵ)."""

    name: str
    degree: str
    tone: str
    intensity: float
    distance_km: int
    arrives: datetime
    shaking: bool
    url: str

    @property
    def arrives_ms(self) -> int:
        """``arrives`` for scripts, ms since 1970."""
        return int(self.arrives.timestamp() * 1000)


def degree(intensity: float) -> str:
    """An intensity as the nearest whole degree in Roman figures, as GB/T 17742-2020 writes it."""
    return ROMAN[int(min(max(intensity + 0.5, 1.0), 12.0))] if np.isfinite(intensity) else "—"


def tone(intensity: float, now: datetime) -> str:
    """Colour of an intensity by its level."""
    return rules.COLOURS[rules.level_of_intensity(intensity, law_day(now))] if intensity >= FELT else "grey"


def _lines(quake: Quake, rows: list[tuple[str, float, float, str]], now: datetime) -> list[Line]:
    if not rows or quake.cancelled:
        return []
    told = quaking.expected(quake, [row[1] for row in rows], [row[2] for row in rows], now)
    found = [
        Line(
            name,
            degree(float(told.intensity[number])),
            tone(float(told.intensity[number]), now),
            float(told.intensity[number]),
            round(float(told.distance_km[number])),
            now + timedelta(seconds=float(told.seconds[number])),
            bool(told.seconds[number] <= 0),
            url,
        )
        for number, (name, _lon, _lat, url) in enumerate(rows)
        if told.intensity[number] >= FELT
    ]
    return sorted(found, key=lambda line: (-line.intensity, line.distance_km, line.name))


def townships(quake: Quake, actor: Actor, now: datetime) -> list[Line]:
    """Townships of the jurisdiction that will feel it, strongest first."""
    ground = places.townships()
    first, last = np.searchsorted(ground.codes, [prefix_of(actor.place_code), prefix_of(actor.place_code) + "~"])
    felt = eew.intensities(shaking.origin_of(quake), ground.longitudes[first:last], ground.latitudes[first:last])
    strongest = np.argsort(-np.nan_to_num(felt, nan=0.0), kind="stable")[:SHOWN] + first
    within_one = len(prefix_of(actor.place_code)) >= 6
    rows = [
        (
            places.place_name(code) if within_one else places.place_name(code[:6]) + places.place_name(code),
            float(ground.longitudes[at]),
            float(ground.latitudes[at]),
            reverse("hazards:township", args=[code]),
        )
        for at in strongest.tolist()
        if np.isfinite(ground.longitudes[at])
        for code in (str(ground.codes[at]),)
    ]
    return _lines(quake, rows, now)


def sources(quake: Quake, actor: Actor, now: datetime) -> list[Line]:
    """Hazard sources that the actor may see and that will feel it, strongest first."""
    reach = 3.0
    box = (quake.longitude - reach, quake.latitude - reach, quake.longitude + reach, quake.latitude + reach)
    rows = [
        (each.name, each.longitude, each.latitude, reverse("risksources:file", args=[each.id]))
        for each in risksources.within(box, actor)
        if each.longitude is not None and each.latitude is not None
    ]
    return _lines(quake, rows, now)[:SHOWN]


def own(quake: Quake, actor: Actor, now: datetime) -> dict[str, Any]:
    """The big figure: the reader's own place."""
    place = places.place(actor.place_code)
    if place is None or place.longitude is None or place.latitude is None or quake.cancelled:
        return {"name": places.full_name(actor.place_code), "known": False}
    line = quaking.expected(quake, [place.longitude], [place.latitude], now)
    felt = float(line.intensity[0])
    strong = rules.parameter("eew_strong", law_day(now)) - 0.5
    advice = ADVICE["strong" if felt >= strong else "felt" if felt >= FELT else "weak"]
    return {
        "name": places.full_name(actor.place_code),
        "known": True,
        "degree": degree(felt),
        "tone": tone(felt, now),
        "distance_km": round(float(line.distance_km[0])),
        "seconds": float(line.seconds[0]),
        "arrives": now + timedelta(seconds=float(line.seconds[0])),
        "shaking": bool(line.seconds[0] <= 0),
        "arrives_ms": int((now + timedelta(seconds=float(line.seconds[0]))).timestamp() * 1000),
        "strong": felt >= strong,
        "advice": gettext(advice),
    }


def page(quake: Quake, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything of the page of one earthquake."""
    counts = dict(quake.outcomes.values_list("kind").annotate(number=Count("pk")))
    orders = list(queries.orders(actor).filter(quake=quake).order_by("sent_at", "plant_action__name")[:100])
    told = [(order, actor.may("hazards.acknowledge", place_code=order.place_code, enterprise_id=order.enterprise_id)) for order in orders]
    region = shaking.region_at(quake.longitude, quake.latitude)
    return {
        "quake": quake,
        "own": own(quake, actor, now),
        "townships": townships(quake, actor, now),
        "sources": sources(quake, actor, now),
        "blind_km": round(eew.blind_km(shaking.origin_of(quake), now, shaking.crust())),
        "over": now - quake.origin_at > timedelta(minutes=10),
        "estimates": list(quake.estimates.order_by("-number")),
        "orders": told,
        "answered": queries.heard_of_orders(quake, actor),
        "outcomes": [(gettext(str(label)), counts.get(kind, 0)) for kind, label in Outcome.KINDS.items()] if counts else [],
        "region": region,
        "may_cancel": actor.may("hazards.estimate", place_code=actor.place_code) and not quake.cancelled and not quake.catalogued,
        "now": now,
        "now_ms": int(now.timestamp() * 1000),
    }
