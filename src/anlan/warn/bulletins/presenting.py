"""What the editor and the approver are shown beside the words: doubts, contradictions, reach, and the last bulletin side by side."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.levels import prefix_of
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import audience, checking, grounds, hygiene, reach, rules, templating
from anlan.warn.bulletins.forms import told_area
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
_WHOLE = frozenset({"level", "onset", "expires"})


def side_by_side(earlier: Bulletin, later: Bulletin) -> list[Line]:
    """Both bulletins field by field, what differs marked."""
    return [_line(_(rules.FIELD_LABELS[name]), _value(earlier, name), _value(later, name), whole=name in _WHOLE) for name in _COMPARED]


def figures_side_by_side(before: Figures, after: Figures) -> list[Line]:
    """How large both areas are and whom they reach."""
    return [_line(label, one, other, whole=True) for (label, one), (_same, other) in zip(before.told(), after.told(), strict=True)]


@dataclass(frozen=True)
class Figures:
    """What stands beside a bulletin's words: how large its area is, and whom it reaches."""

    reach: reach.Reach | None
    who: audience.Who | None

    def told(self) -> list[tuple[str, str]]:
        """Label and value, for comparing."""
        found, who = self.reach, self.who
        return [
            (_("面积"), f"{found.km2:,.2f} km²" if found else "—"),
            (_("人数（估算）"), f"{found.people:,}" if found and found.people is not None else "—"),
            (_("登记的受众"), f"{who.people:,}" if who and not who.refusal else "—"),
        ]


def _line(label: str, before: str, after: str, *, whole: bool) -> Line:
    """``whole``: a figure, a level or a time is another one, not the same with other letters in it."""
    differs = before != after
    left, right = (((before, differs),), ((after, differs),)) if whole else _pieces(before, after)
    return Line(label, left, right, differs)


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


def approval(bulletin: Bulletin, request: HttpRequest, actor: Actor, now: datetime) -> dict[str, Any]:
    """What stands beside the words on a bulletin's page: map, reach, whom it tells at what cost, doubts, and the last one side by side.

    Once it is out, the register says nothing of it any more: whom it reached is told by the room that carries it.
    """
    waiting = bulletin.state in ("draft", "pending")
    last = _last(bulletin) if waiting or bulletin.changes_id else None
    told = audience.of_bulletin(bulletin, request) if waiting else {}
    own = Figures(reach.of_bulletin(bulletin, actor=actor, now=now), told.get("who"))
    context: dict[str, Any] = told | {
        "reach": own.reach,
        "further": [(row, bulletin.texts[row.code]) for row in templating.languages() if row.code in bulletin.texts],
        "map": map_of(bulletin),
        "last": last,
        "lines": side_by_side(last, bulletin) if last else [],
        "authority": _authority(bulletin, now),
        "stale": stale(bulletin, now),
    }
    if last is not None and waiting:
        told_last = audience.of_bulletin(last, request)
        context["lines"] += figures_side_by_side(Figures(reach.of_bulletin(last, actor=actor, now=now), told_last.get("who")), own)
        context["last_ways"] = told_last.get("ways", ())
    return context | (checks(bulletin, now) if waiting else {"findings": [], "contradictions": []})


def _authority(bulletin: Bulletin, now: datetime) -> dict[str, str]:
    rule = rules.authority(bulletin.event_code, bulletin.level, bulletin.place_code, checking.day_of(now))
    return {"sentence": rule.sentence_en if get_language() == "en" else rule.sentence_zh, "source": rule.source, "status": rule.status}


def stale(bulletin: Bulletin, now: datetime) -> str:
    """Why a bulletin needs somebody, in words, empty when it does not; see :func:`anlan.warn.bulletins.hygiene.staleness`."""
    touched = {"published": bulletin.published_at, "pending": bulletin.submitted_at}.get(bulletin.state) or bulletin.opened_at
    # An all-clear ends by itself.
    if bulletin.message_kind == MessageKind.CANCEL and bulletin.state == "published":
        return ""
    why = hygiene.staleness(
        state=bulletin.state, level=bulletin.level, expires=bulletin.expires, touched=touched, now=now, on=checking.day_of(now)
    )
    return _(hygiene.STALE[why]) if why else ""


def map_of(bulletin: Bulletin) -> dict[str, Any] | None:
    """The warned area as GeoJSON for the small map, outlines of divisions thinned; ``None`` when no outline is known."""
    shape = grounds.whole_shape(bulletin)
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    # A five-hundredth of the view is finer than a screen shows.
    thin = shape.simplify(max(east - west, north - south) / 500)
    return {"type": "Feature", "properties": {"level": bulletin.level}, "geometry": thin.__geo_interface__}


def languages(request: HttpRequest, bulletin: Bulletin | None) -> list[dict[str, Any]]:
    """Further languages with what was written in them, as it was sent or as it is kept."""
    shown = []
    for row in templating.languages():
        kept = bulletin.texts.get(row.code, {}) if bulletin else {}
        words = {
            name: request.POST.get(f"text-{row.code}-{name}", kept.get(name, "")) for name in ("headline", "description", "instruction")
        }
        name = row.name_en if get_language() == "en" else row.name_zh
        shown.append(
            {"code": row.code, "tag": row.tag, "name": name, "own_name": row.own_name, "words": words, "open": any(words.values())}
        )
    return shown


def template_facts(data: QueryDict, place_code: str, language: str) -> dict[str, str]:
    """What the blanks of a template are filled with, from the form as it stands; what is not there or makes no sense stays a blank."""
    english = language == "en"
    levels, kinds = {row.code: row for row in rules.levels()}, {row.code: row for row in rules.event_types()}
    level, kind = levels.get(data.get("level", "")), kinds.get(data.get("event_code", ""))
    return {
        "issuer": data.get("issuer_name", ""),
        "event": kind.name_zh if kind else "",
        "event_en": kind.name_en.lower() if kind else "",
        "level": (level.name_en if english else level.name_zh) if level else "",
        "subject": data.get("subject", ""),
        "area": _area_words(data, place_code),
        "onset": _moment(data.get("onset", "")),
        "expires": _moment(data.get("expires", "")),
        "contact": data.get("contact", ""),
    }


def _moment(text: str) -> str:
    return text.replace("T", " ")[:16]


def _area_words(data: QueryDict, place_code: str) -> str:
    codes = [code for code in data.getlist("area_codes") if code.startswith(prefix_of(place_code)[:6])]
    parts = [places.place_name(code) for code in codes]
    shape = _drawn(data)
    if shape is not None:
        townships = [places.place_name(code) for code in grounds.townships_in(shape)[:8]]
        parts.append("、".join(townships or [places.place_name(code) for code in sorted(places.outlines(shape))]))
    radius = data.get("circle_radius_km", "")
    if radius and data.get("subject"):
        parts.append(_("%(subject)s周边 %(km)s 公里") % {"subject": data["subject"], "km": radius})
    return "、".join(part for part in parts if part)


def _drawn(data: QueryDict) -> BaseGeometry | None:
    try:
        told = told_area(data.get("area", ""))
        return areas.read(told).shape if told else None
    except (ValidationError, Refusal):
        return None
