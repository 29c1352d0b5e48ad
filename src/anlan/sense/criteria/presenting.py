"""Rules, replays and templates as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.ledger.changes import permit
from anlan.sense.criteria import catalogue, packed, points, queries, replaying, rules, wording
from anlan.sense.criteria.models import Criterion, Replay
from anlan.sense.devices import door as devices
from anlan.wire import criteria

_HELP: dict[str, Any] = {
    "LIMIT": gettext_lazy("数值达到限值即报警，低于（或高于）复位值才解除；可要求持续一段时间。"),
    "RATE": gettext_lazy("单位时间内变化过快，或相邻读数突变。"),
    "FROZEN": gettext_lazy("读数照常到来，数值却长时间不变。"),
    "BLOCKED": gettext_lazy("数值不变而邻近测点明显变化：疑似被堵塞、包裹、遮挡。"),
    "RANGE": gettext_lazy("超出量程：多为断线、饱和等仪表故障。"),
    "DRIFT": gettext_lazy("与测同一对象的另一测点均值相差过大。"),
    "SILENT": gettext_lazy("该上报而没有上报。整条链路中断只报一条，并说明涉及几个测点。"),
    "REPEATED": gettext_lazy("一段数据一再原样重复：疑似篡改、回放。"),
    "CONFIGURED": gettext_lazy("测点自身的高限、高高限缺失或比规定宽松，不需要读数。"),
    "COMBINED": gettext_lazy("几个测点的条件同时成立；可限定状态条件和时段。"),
    "COLOURS": gettext_lazy("由各监测点的四色限值得出尾矿库的预警颜色。"),
    "VIRTUAL": gettext_lazy("由其他测点按公式算出的测点，可再对它设规则。"),
    "UNIT": gettext_lazy("多个测点之间的关系偏离正常工况，单看每个测点都不超限。模型由正常工况的历史数据训练得出。"),
}


def kind_help(kind: str) -> str:
    """What a kind watches for, in a sentence."""
    return str(_HELP[kind])


def kinds_explained() -> list[tuple[str, str]]:
    """Every kind with its sentence."""
    return [(_(label), kind_help(kind)) for kind, label in rules.KINDS.items() if kind not in rules.LEARNT]


def _worded(value: Any, ask: wording.Ask) -> str:
    if ask.how == wording.CHOICE:
        return str(dict(ask.choices).get(str(value), value))
    if ask.how == "flag":
        return _("是") if value else _("否")
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:g}"
    return str(value)


def _shown(value: Any, ask: wording.Ask, named: dict[int, str]) -> str:
    if value is None:
        return "—"
    if ask.how == wording.POINT:
        return named.get(value, f"#{value}")
    if ask.how == wording.POINTS:
        return "、".join(named.get(each, f"#{each}") for each in value)
    return _worded(value, ask)


def _channels_in(row: Criterion) -> set[int]:
    return set(replaying.read_points(row)) | {value for key, value in row.parameters.items() if key in ("channel", "twin")}


def parameters_context(row: Criterion, _request: HttpRequest) -> dict[str, Any]:
    """What the rule says: parameters, rows, hours, points."""
    watched = queries.channels(row) if row.kind not in rules.POINTS_OF_THEIR_OWN else ()
    named = points.names([*list(watched)[:200], *(_channels_in(row) if len(watched) <= rules.MOST_REPLAYED_POINTS else ())])
    # With what the rule leaves open filled in as the detector does.
    told = msgspec.to_builtins(criteria.parameters(row.kind, row.parameters))
    lines = [(ask.label, _shown(told.get(ask.name), ask, named)) for ask in wording.ASKS[row.kind]]
    tables = []
    for name, label, asks in wording.ROWS.get(row.kind, ()):
        given = told.get(name) or []
        if isinstance(given, dict):
            given = [{"name": key, "channel": channel} for key, channel in given.items()]
        if given:
            cells = [[_shown(each.get(ask.name), ask, named) for ask in asks] for each in given]
            tables.append((label, [ask.label for ask in asks], cells))
    if row.kind in rules.LEARNT:
        lines += [(_("判断间隔（秒）"), f"{told['interval_s']:g}"), (_("模型指纹（SHA-256）"), told["model"])]
        tables.append((_("测点"), [_("测点")], [[named.get(channel, f"#{channel}")] for channel in told["channels"]]))
    if hours := told.get("hours"):
        days = "、".join(str(label) for day, label in wording.WEEKDAYS if day in hours.get("weekdays", range(7)))
        since, until = hours.get("since", 0), hours.get("until", 1440)
        lines.append((_("监视时间"), f"{since // 60:02d}:{since % 60:02d}–{until // 60:02d}:{until % 60:02d} {days}"))
    classes = [_class_name(code) for code in row.sensor_classes]
    return {
        "rule": row,
        "help": kind_help(row.kind),
        "lines": lines,
        "tables": tables,
        "watched": len(watched),
        "points": [named.get(channel, f"#{channel}") for channel in list(watched)[:20]],
        "classes": classes,
        "own_points": row.kind in rules.POINTS_OF_THEIR_OWN,
    }


def _class_name(code: str) -> str:
    found = devices.sensor_class(code)
    if found is None:
        return code
    return found.name_en if get_language() == "en" else found.name_zh


def _may(actor: Actor, action: str, row: Criterion) -> bool:
    try:
        permit(actor, action, record=row)
    except NotPermitted:
        return False
    return True


def work_context(row: Criterion, request: HttpRequest) -> dict[str, Any]:
    """What may be done beside the moves, and what stands in the way of putting the rule in force."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    editable = row.state in rules.EDITABLE
    return {
        "rule": row,
        "may_change": editable and _may(actor, "criteria.draft", row),
        "may_replay": row.state in (*rules.EDITABLE, rules.IN_FORCE)
        and row.kind not in rules.WITHOUT_HISTORY
        and _may(actor, "criteria.test", row),
        "may_follow": row.state == rules.IN_FORCE and _may(actor, "criteria.draft", row),
        "own": editable and actor.account_id in (row.drafted_by_id, row.changed_by_id),
        "replayed": queries.may_be_enacted(row),
        "editable": editable,
    }


@dataclass(frozen=True)
class Firing:
    """One alarm that the rule would have raised."""

    point: str
    kind: str
    level: int
    raised: datetime
    cleared: datetime | None
    value: str
    peak: str


def replays_context(row: Criterion, actor: Actor) -> dict[str, Any]:
    """Replays of a rule, the newest with its list of firings."""
    found = list(row.replays.all()[:10])
    newest = next((each for each in found if each.state == Replay.DONE), None)
    firings: list[Firing] = []
    by_point: list[tuple[str, int]] = []
    if newest is not None:
        channels = {int(each["channel"]) for each in (*newest.firings[:100], *newest.by_point[:20])}
        named, units = points.names(channels), points.units(channels)
        by_point = [(named.get(int(each["channel"]), f"#{each['channel']}"), int(each["fired"])) for each in newest.by_point[:20]]
        firings = [_firing(each, named, units) for each in newest.firings[:100]]
    return {
        "rule": row,
        "replays": found,
        "newest": newest,
        "current": newest is not None and newest.fingerprint == queries.fingerprint(row),
        "firings": firings,
        "by_point": by_point,
        "hours": newest.seconds / 3600 if newest else 0,
        "virtual": row.kind == "VIRTUAL",
        "running": any(each.is_running for each in found),
        "may_cancel": _may(actor, "criteria.test", row),
    }


def _firing(told: dict[str, Any], named: dict[int, str], units: dict[int, str]) -> Firing:
    channel, cleared = int(told["channel"]), told.get("cleared_ms")
    unit = units.get(channel, "") if told["kind"] in ("HH", "H", "L", "LL", "COMBINED") else ""
    return Firing(
        named.get(channel, f"#{channel}"),
        str(told["kind"]),
        int(told["level"]),
        replaying.moment(int(told["raised_ms"])),
        replaying.moment(int(cleared)) if cleared else None,
        f"{told['value']:g} {unit}".strip(),
        f"{told['peak']:g} {unit}".strip(),
    )


def replays_fragment(row: Criterion, request: HttpRequest) -> dict[str, Any]:
    """See :func:`replays_context`."""
    return replays_context(row, request.actor)  # type: ignore[attr-defined]


def suppressions_context(row: Criterion, request: HttpRequest) -> dict[str, Any]:
    """Suppressions of a rule, newest first, those running marked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = clock.now()
    found = list(row.suppressions.all()[:20])
    named = points.names({channel for each in found for channel in each.channels})
    rows = [
        {
            "row": each,
            "running": each.ended_at is None and each.until > now,
            "points": "、".join(named.get(channel, f"#{channel}") for channel in each.channels),
        }
        for each in found
    ]
    may = _may(actor, "criteria.suppress", row)
    return {"rule": row, "rows": rows, "may_suppress": may and row.state == rules.IN_FORCE, "may_end": may}


def template(given: catalogue.Template) -> dict[str, Any]:
    """A template in the reader's language."""
    english = get_language() == "en"
    return {
        "code": given.code,
        "name": given.name_en if english else given.name_zh,
        "note": given.note_en if english else given.note_zh,
        "kinds": [_part(part, english) for part in given.rules],
        "source": given.source,
        "article": given.article,
        "status": given.status,
        "status_label": _(rules.STATUSES[given.status]),
        "tone": rules.STATUS_TONES.get(given.status, "grey"),
        "sensor_class": _class_name(given.sensor_class) if given.sensor_class else "",
    }


def _part(part: catalogue.Part, english: bool) -> str:
    asks = {ask.name: ask for ask in wording.ASKS[part.kind]}
    words = [
        f"{asks[name].label} {_worded(value, asks[name])}"
        for name, value in part.parameters.items()
        if name in asks and value not in (None, [])
    ]
    suffix = part.suffix_en if english else part.suffix_zh
    return f"{suffix or _(rules.KINDS[part.kind])}：{'，'.join(words)}"


def templates_by_group() -> list[tuple[str, list[dict[str, Any]]]]:
    """Every template by its group."""
    found = [
        (_(label), [template(each) for each in catalogue.templates() if each.group == group]) for group, label in catalogue.GROUPS.items()
    ]
    held = [template(each) for each in packed.templates(localdate(clock.now()))]
    return [*found, (_("行业包"), held)] if held else found
