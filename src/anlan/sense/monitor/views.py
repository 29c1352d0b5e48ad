"""Pages that watch points: the live list, curves as data, table and file, the comparison."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource import cells
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import queries, rules, telling, wording
from anlan.sense.stream import door as stream

ROWS_WITHOUT_SCRIPT = 100
MOST_BUCKETS, TABLE_BUCKETS, FOUND_AT_MOST = 2000, 60, 20
VIEW = "devices.view"


def _json(content: object) -> HttpResponse:
    answer = HttpResponse(msgspec.json.encode(content), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def _filters(request: ActorRequest) -> rules.Filters:
    return rules.filters(request.GET.dict(), request.GET.getlist("p"))


@requires(VIEW)
@require_GET
def points_page(request: ActorRequest) -> HttpResponse:
    """The live list. Without a script its first rows stand as a table, with the same filters and pages."""
    actor, now, filters = cast(Actor, request.actor), clock.now(), _filters(request)
    state = request.GET.get("state", "")
    board = queries.listed(filters, actor, ROWS_WITHOUT_SCRIPT)
    rows = [row for row in _rows(board, now) if not state or row["state"] == state]
    context = {
        "rows": rows,
        "known": board.known,
        "total": board.total,
        "filters": filters,
        "classes": [(row.code, wording.class_label(row.code)) for row in devices.sensor_classes()],
        "states": [(code, _(label)) for code, label in rules.STATES.items()],
        "state": state,
        "last": filters.offset + len(board.points),
        "earlier": _at_offset(request, max(0, filters.offset - ROWS_WITHOUT_SCRIPT)) if filters.offset else "",
        "later": _at_offset(request, filters.offset + ROWS_WITHOUT_SCRIPT) if filters.offset + len(board.points) < board.total else "",
        "data_time": now,
        "most": rules.MOST_ROWS,
    }
    return render(request, "monitor/points.html", context)


def _at_offset(request: ActorRequest, offset: int) -> str:
    asked = request.GET.copy()
    asked["offset"] = str(offset)
    return f"?{asked.urlencode()}"


def _rows(board: queries.Board, now: datetime) -> list[dict[str, Any]]:
    found = []
    for point in board.points:
        reading, state, level = board.newest.get(point.channel), board.state(point, now), board.levels.get(point.id)
        found.append(
            {
                "point": point,
                "class_label": wording.class_label(point.sensor_class),
                "at": reading[0] if reading else None,
                "value": wording.value_text(point, reading[1]) if reading else "",
                "state": state,
                "label": wording.state_label(state, level),
                "tone": wording.state_tone(state, level),
                "remarks": wording.remarks(reading[2]) if reading else [],
            }
        )
    return found


@requires(VIEW)
@require_GET
def rows_data(request: ActorRequest) -> HttpResponse:
    """Up to ten thousand points of the live list with their newest values, as data."""
    filters, now = _filters(request), clock.now()
    return _json(telling.rows(queries.listed(filters, cast(Actor, request.actor)), now, filters.offset))


@requires(VIEW)
@require_GET
def levels_data(request: ActorRequest) -> HttpResponse:
    """Levels of active alarms by channel number, of every point that has one."""
    actor = cast(Actor, request.actor)
    levels = queries.levels(actor)
    return _json({"levels": {str(point.channel): levels[point.id] for point in devices.points(actor, ids=levels)}})


def _chosen(request: ActorRequest) -> tuple[ListedPoint, ...]:
    return queries.chosen([rules.identifier(text) for text in request.GET.getlist("p")], cast(Actor, request.actor))


@requires(VIEW)
@require_GET
def curves_data(request: ActorRequest) -> HttpResponse:
    """Curves of up to eight points in a window, with limits, alarms and work, as data. 503 when the store does not answer."""
    points, window = _chosen(request), rules.window(request.GET.dict(), clock.now())
    return _json(telling.curves(queries.curves(points, window, MOST_BUCKETS, cast(Actor, request.actor)), window))


@requires(VIEW)
@require_GET
def table_page(request: ActorRequest) -> HttpResponse:
    """The same curves as a table: for screen readers, for printing, without a script."""
    actor, points, window = cast(Actor, request.actor), _chosen(request), rules.window(request.GET.dict(), clock.now())
    tables, known = [], True
    try:
        tables = [(one, _table(one)) for one in queries.curves(points, window, TABLE_BUCKETS, actor)]
    except stream.StoreSilent:
        known = False
    context = {"points": points, "tables": tables, "known": known, "window": window, "back": _back(points, window)}
    return render(request, "monitor/table.html", context)


def _back(points: tuple[ListedPoint, ...], window: rules.Window) -> str:
    if len(points) == 1:
        return reverse("devices:sensor", args=[points[0].id])
    return f"{reverse('monitor:compare')}?{_query(points, window)}"


def _query(points: tuple[ListedPoint, ...], window: rules.Window, **more: str) -> str:
    times = (
        [("span", str(round(window.span.total_seconds())))]
        if window.live
        else [("since", str(telling.milliseconds(window.since))), ("until", str(telling.milliseconds(window.until)))]
    )
    return urlencode([("p", str(point.id)) for point in points] + times + list(more.items()))


def _table(one: queries.Curve) -> list[dict[str, Any]]:
    """Buckets as lines; where a gap lies between two of them a line says so."""
    curve, lines = one.curve, []
    gaps = dict(queries.gaps(curve))
    columns = zip(curve.time, curve.lowest, curve.mean, curve.highest, curve.count, strict=True)
    for at, low, mean, high, count in columns:
        bits = telling.marks_of(curve, at, at + curve.width_ms)
        lines.append(
            {
                "at": _moment(at),
                "low": wording.value_text(one.point, low),
                "mean": wording.value_text(one.point, mean),
                "high": wording.value_text(one.point, high),
                "count": count,
                "remarks": wording.remarks(bits),
            }
        )
        if at in gaps:
            lines.append({"gap": (_moment(at), _moment(gaps[at]))})
    return lines


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@requires(VIEW)
@require_GET
def export(request: ActorRequest) -> HttpResponse:
    """What a chart shows as CSV, written down in the audit log before it leaves."""
    actor, points, window = cast(Actor, request.actor), _chosen(request), rules.window(request.GET.dict(), clock.now())
    found = queries.curves(points, window, MOST_BUCKETS, actor)
    with change(actor, VIEW, now=clock.now(), place_code=actor.place_code, enterprise_id=actor.enterprise_id) as made:
        made.facts.update(
            exported=[str(point.id) for point in points], since=window.since.isoformat(), until=window.until.isoformat(), format="csv"
        )
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerows(_lines(found))
    name = quote(f"{_('曲线')}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.csv")
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(found: tuple[queries.Curve, ...]) -> Iterator[list[Any]]:
    yield [
        _("企业"),
        _("测点"),
        _("测点编号"),
        _("计量单位"),
        _("时间"),
        _("最低"),
        _("平均"),
        _("最高"),
        _("末值"),
        _("读数个数"),
        _("标记"),
    ]
    for one in found:
        point, curve = one.point, one.curve
        head = [cells.safe(text) for text in (point.enterprise_name, point.name, point.code, point.unit)]
        for number, at in enumerate(curve.time):
            last = curve.last[number]
            marks = " ".join(wording.remarks(telling.marks_of(curve, at, at + curve.width_ms)))
            moment = timezone.localtime(_moment(at)).isoformat(timespec="milliseconds")
            figures = [curve.lowest[number], curve.mean[number], curve.highest[number], "" if last is None else last, curve.count[number]]
            yield [*head, moment, *figures, marks]


@requires(VIEW)
@require_GET
def compare_page(request: ActorRequest) -> HttpResponse:
    """Up to eight points over the same time. Everything chosen stands in the address; without a script the curves are drawn here."""
    actor, points, window = cast(Actor, request.actor), _chosen(request), rules.window(request.GET.dict(), clock.now())
    axes = request.GET.get("axes", rules.STACKED)
    axes = axes if axes in rules.AXES else rules.STACKED
    words = request.GET.get("add", "").strip()[:100]
    context = {
        "points": [(point, _without(points, point, window, axes)) for point in points],
        "found": _found(words, points, window, axes, actor),
        "words": words,
        "full": len(points) >= rules.MOST_COMPARED,
        "most": rules.MOST_COMPARED,
        "axes": [(code, _(label), code == axes) for code, label in rules.AXES.items()],
        "spans": [(seconds, _(label), window.live and window.span == timedelta(seconds=seconds)) for seconds, label in rules.SPANS.items()],
        "keep": _keep(points, window, axes),
        "window": window,
        "island": island(points, window, axes=axes, address=True),
        "charts": [(point, stream.chart(point.id, window.since, window.until, actor=actor)) for point in points],
        "time_format": time_format(window.span),
        **_statistics(points, window),
    }
    return render(request, "monitor/compare.html", context)


@requires(VIEW)
@require_GET
def statistics_part(request: ActorRequest) -> HttpResponse:
    """The figures of a comparison alone, for the window that a chart shows."""
    points, window = _chosen(request), rules.window(request.GET.dict(), clock.now())
    return render(request, "monitor/_statistics.html", {"window": window, **_statistics(points, window)})


def _statistics(points: tuple[ListedPoint, ...], window: rules.Window) -> dict[str, Any]:
    if not points:
        return {"statistics": None, "known": True}
    try:
        found = queries.statistics(points, window)
    except stream.StoreSilent:
        return {"statistics": None, "known": False}
    rows = []
    for point, figures in found.figures:
        texts = None
        if figures is not None:
            told = (figures.lowest, figures.mean, figures.highest, figures.deviation)
            texts = [f"{value:.{point.decimals + telling.MORE_DECIMALS}f}" if value == value else "—" for value in told]
        rows.append((point, figures, texts))
    pairs = [
        (one, other, f"{coefficient:.3f}" if coefficient is not None else "—", number)
        for one, other in itertools.combinations(points, 2)
        for coefficient, number in (found.correlations[one.id, other.id],)
    ]
    return {"statistics": found, "figures": rows, "pairs": pairs, "width": timedelta(milliseconds=found.width_ms), "known": True}


def _keep(points: tuple[ListedPoint, ...], window: rules.Window, axes: str) -> list[tuple[str, str]]:
    """What a form of the page must carry on."""
    kept = [("p", str(point.id)) for point in points]
    if window.live:
        return [*kept, ("axes", axes), ("span", str(round(window.span.total_seconds())))]
    return [*kept, ("axes", axes), ("since", str(telling.milliseconds(window.since))), ("until", str(telling.milliseconds(window.until)))]


def _without(points: tuple[ListedPoint, ...], point: ListedPoint, window: rules.Window, axes: str) -> str:
    return f"?{_query(tuple(one for one in points if one.id != point.id), window, axes=axes)}"


def _found(
    words: str, points: tuple[ListedPoint, ...], window: rules.Window, axes: str, actor: Actor
) -> list[tuple[ListedPoint, str]] | None:
    """Points that a search finds, each with the address that adds it; ``None`` without a search."""
    if not words:
        return None
    known = {point.id for point in points}
    found = devices.points(actor, text=words, limit=FOUND_AT_MOST)
    return [(one, f"?{_query((*points, one), window, axes=axes)}") for one in found if one.id not in known]


def time_format(span: timedelta) -> str:
    """Format of times on a drawn axis."""
    return "H:i" if span <= timedelta(days=1) else ("m-d H:i" if span <= timedelta(days=3) else "Y-m-d")


def island(points: tuple[ListedPoint, ...], window: rules.Window, *, axes: str = rules.STACKED, address: bool = False) -> dict[str, Any]:
    """What the script of a chart is told. ``address``: whether it keeps the window in the page's address."""
    return {
        "points": [str(point.id) for point in points],
        "since": telling.milliseconds(window.since),
        "until": telling.milliseconds(window.until),
        "live": window.live,
        "axes": axes,
        "address": address,
        "curves": reverse("monitor:curves"),
        "table": reverse("monitor:table"),
        "export": reverse("monitor:export"),
        "compare": reverse("monitor:compare"),
        "statistics": reverse("monitor:statistics"),
        "spans": list(rules.SPANS),
    }
