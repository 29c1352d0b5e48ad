"""What a bulletin must pass before it is kept, submitted and approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.flow import FourEyes
from anlan.kernel.levels import level_of, prefix_of
from anlan.kernel.words import N_
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import grounds, hygiene, message, rules, templating
from anlan.warn.bulletins.models import Bulletin, MessageKind

_TEXTS = ("headline", "description", "instruction", "headline_en", "description_en", "instruction_en")


class UnknownCode(Refusal):
    code = "bulletin_unknown_code"
    sentence = N_("“{value}”不在现行代码表中，请从列表中选择。")
    status = 422


def day_of(now: datetime) -> date:
    """The day in China at ``now``, by which the law is chosen."""
    return now.astimezone(message.BEIJING).date()


def complete(bulletin: Bulletin, now: datetime) -> None:
    """Fill what follows from the rest and check what can be checked at any time. Raises ``Invalid`` naming every wrong field at once."""
    wrong: dict[str, Refusal | str] = {}

    def attempt(field: str, check: Any, *values: Any, **named: Any) -> None:
        try:
            check(*values, **named)
        except Refusal as refusal:
            wrong[field] = refusal

    known_level = bulletin.level in {row.code for row in rules.levels()}
    if not known_level:
        wrong["level"] = UnknownCode(value=bulletin.level)
    if bulletin.event_code not in {row.code for row in rules.event_types()}:
        wrong["event_code"] = UnknownCode(value=bulletin.event_code)
    else:
        attempt(
            "event_code",
            rules.check_authority,
            bulletin.event_code,
            level_of(bulletin.place_code),
            day_of(now),
            warning_level=bulletin.level if known_level else "",
            place_code=bulletin.place_code,
        )
    attempt("area_codes", rules.check_area, bulletin.place_code, bulletin.area_codes, bulletin.circle, drawn=bool(bulletin.area))
    attempt("area", _take_area, bulletin, day_of(now))
    attempt("expires", rules.check_times, bulletin.onset, bulletin.expires, now)
    for code in bulletin.area_codes:
        if not places.exists(code):
            wrong["area_codes"] = UnknownCode(value=code)
    attempt("message_kind", _check_following, bulletin)
    attempt("texts", _check_languages, bulletin)
    if wrong:
        raise Invalid(fields=wrong)
    bulletin.area_description = describe_area(bulletin)


def _take_area(bulletin: Bulletin, on: date) -> None:
    """Bring what was drawn to the form that is kept, and measure it."""
    if not bulletin.area:
        bulletin.area, bulletin.area_km2, bulletin.area_holes = None, None, 0
        _take_box(bulletin)
        return
    earlier = bulletin.changes
    if earlier is not None and bulletin.area == earlier.area:
        bulletin.area_km2, bulletin.area_holes = earlier.area_km2, earlier.area_holes
        _take_box(bulletin)
        return
    found = areas.read(bulletin.area)
    hygiene.check_vertices(areas.vertices(found.shape), on)
    grounds.check_inside(found.shape, bulletin.place_code, on)
    bulletin.area, bulletin.area_km2 = areas.geojson(found.shape), round(areas.area_km2(found.shape), 4)
    bulletin.area_holes = found.holes
    _take_box(bulletin)


def _take_box(bulletin: Bulletin) -> None:
    west, south, east, north = areas.stored(bulletin.area).bounds if bulletin.area else (None, None, None, None)
    bulletin.area_west, bulletin.area_south, bulletin.area_east, bulletin.area_north = west, south, east, north


def _check_following(bulletin: Bulletin) -> None:
    if bulletin.message_kind == MessageKind.ALERT:
        return
    earlier = bulletin.changes
    if earlier is None:
        raise rules.FollowsNothing
    if bulletin.message_kind == MessageKind.CANCEL:
        same = ("event_code", "level", "area_codes", "area", "circle")
        if any(getattr(bulletin, name) != getattr(earlier, name) for name in same):
            raise rules.CancelIsNoAlert


class LanguageIncomplete(Refusal):
    code = "bulletin_language_incomplete"
    sentence = N_("“{language}”须同时写标题和警示事项，或都不写。")
    status = 422


def _check_languages(bulletin: Bulletin) -> None:
    known = {row.code: row for row in templating.languages()}
    for code, words in bulletin.texts.items():
        if code not in known:
            raise UnknownCode(value=code)
        if not (words.get("headline") and words.get("description")):
            raise LanguageIncomplete(language=known[code].name_zh)


def describe_area(bulletin: Bulletin) -> str:
    """The warned area in words: place names, the circle around its county, and what was drawn by the townships in it."""
    parts = [places.full_name(code) for code in bulletin.area_codes]
    if bulletin.circle is not None:
        longitude, latitude, radius = bulletin.circle
        county = places.county_at(longitude, latitude)
        name = places.full_name(county.code) if county else ""
        parts.append(f"{name}（{longitude:.4f}，{latitude:.4f}）周边 {radius:g} 公里")
    if bulletin.area:
        parts.append(_describe_drawn(bulletin))
    return "、".join(parts)[:500]


_NAMED = 12


def _describe_drawn(bulletin: Bulletin) -> str:
    shape = areas.stored(bulletin.area or {})
    codes = grounds.townships_in(shape)
    names = [places.place_name(code) for code in codes[:_NAMED]]
    more = f"等 {len(codes)} 个乡镇（街道）" if len(codes) > _NAMED else ""
    counties = "、".join(
        places.full_name(code) for code in sorted(places.outlines(shape)) if code.startswith(prefix_of(bulletin.place_code)[:6])
    )
    within = f"{counties or places.full_name(bulletin.place_code)}境内画出的范围（约 {bulletin.area_km2:.1f} 平方千米"
    return f"{within}{'，' if names else ''}{'、'.join(names)}{more}）"


def findings(bulletin: Bulletin, now: datetime) -> list[hygiene.Finding]:
    """What hygiene says of a bulletin as it stands; an empty list is a clean bulletin."""
    on = day_of(now)
    shape, divisions = grounds.exact_shape(bulletin), grounds.division_shape(bulletin.area_codes)
    found = hygiene.area_findings(
        drawn_km2=areas.area_km2(shape) if shape is not None else 0.0,
        event_code=bulletin.event_code,
        level=bulletin.level,
        holes=bulletin.area_holes,
        divisions_km2=areas.area_km2(divisions) if divisions is not None else 0.0,
        on=on,
    )
    if bulletin.message_kind != MessageKind.CANCEL:
        found += hygiene.time_findings(bulletin.onset, bulletin.expires, now, on)
    if near := grounds.neighbours(bulletin):
        sentence = N_("范围触及相邻地区（{places}），须通报当地。")
        found.append(hygiene.Finding("neighbours", hygiene.TOLD, sentence, {"places": "、".join(near[:6])}))
    return found


def check_final(bulletin: Bulletin, now: datetime) -> list[Bulletin]:
    """What must hold on submission and again on approval; returns the live bulletins that say otherwise and were answered.

    Raises ``templating.BlanksLeft``, ``rules.NotLive``, ``hygiene.NotAccepted``, ``hygiene.NotAnswered``, ``hygiene.CannotAnswerSo``.
    """
    further = {f"{code}.{name}": text for code, words in bulletin.texts.items() for name, text in words.items()}
    templating.check_filled({name: getattr(bulletin, name) for name in _TEXTS} | further, gettext)
    if bulletin.changes is not None and bulletin.changes.state != "published":
        raise rules.NotLive(state=str(bulletin.changes.get_state_label()))
    if bulletin.state == "draft":
        # What time alone made doubtful since the submission does not hold an approval up; a passed validity does.
        hygiene.check_accepted(findings(bulletin, now), bulletin.accepted, gettext)
    others = grounds.contradicting(bulletin) if bulletin.message_kind != MessageKind.CANCEL else []
    for other in others:
        check_answer(bulletin, other)
    return others


def check_answer(bulletin: Bulletin, other: Bulletin) -> None:
    """Whether it was said what becomes of a live bulletin that says otherwise. Raises ``hygiene.NotAnswered``, ``hygiene.CannotAnswerSo``."""
    told: Mapping[str, Any] = bulletin.answers.get(str(other.pk), {})
    answer = told.get("answer", "")
    if answer not in hygiene.ANSWERS or (answer == hygiene.BESIDE and not str(told.get("reason", "")).strip()):
        raise hygiene.NotAnswered(headline=other.headline, id=str(other.pk))
    if answer != hygiene.BESIDE and (other.place_code != bulletin.place_code or (answer == hygiene.UPDATE and bulletin.changes_id)):
        raise hygiene.CannotAnswerSo(headline=other.headline)


def _hands(bulletin: Bulletin) -> set[UUID]:
    return {hand for hand in (*bulletin.hands, bulletin.drafted_by_id, bulletin.submitted_by_id) if hand is not None}


def had_a_hand(bulletin: Bulletin, actor: Actor) -> bool:
    """Whether ``actor``, by this or another account known to be his, wrote, changed or submitted the bulletin."""
    return bool(_hands(bulletin) & people.of_the_same_person(actor.account_id))


def check_eyes(bulletin: Bulletin, actor: Actor, move_label: str) -> None:
    """Nobody approves what he had a hand in, by whatever route, at whatever post, or by another account known to be his.

    Raises ``FourEyes``, :class:`rules.SamePerson`.
    """
    if actor.kind != "person" or actor.account_id in _hands(bulletin):
        raise FourEyes(move=move_label)
    if _hands(bulletin) & people.of_the_same_person(actor.account_id):
        raise rules.SamePerson


def check_approval(bulletin: Bulletin, actor: Actor, now: datetime) -> None:
    """Everything that approval asks beyond the flow table; see ``services.approve`` for what it raises."""
    on = day_of(now)
    Bulletin.flow.check("approve", bulletin.state, dict.fromkeys(rules.CONTENT, "."), actor.account_id, {})
    check_eyes(bulletin, actor, Bulletin.flow.move("approve").label)
    kind = str(actor.facts.get("post_kind", ""))
    rules.check_approver(kind, event_code=bulletin.event_code, warning_level=bulletin.level, place_code=bulletin.place_code, on=on)
    rules.check_authority(
        bulletin.event_code, level_of(bulletin.place_code), on, warning_level=bulletin.level, place_code=bulletin.place_code
    )
    rules.check_times(bulletin.onset, bulletin.expires, now)
    check_final(bulletin, now)
