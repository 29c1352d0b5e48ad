"""Pages of figures and rules: statistics beside benchmarks, nuisance alarms with what to do, times in force, messages kept apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource import cells
from anlan.desk.resource.forms import check_place
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import change
from anlan.sense.alarms import intake, rules, services, statistics, tables, timing, wording
from anlan.sense.alarms.models import ApartMessage
from anlan.sense.alarms.statistics import Asked
from anlan.sense.devices import door as devices

_ = gettext_lazy
PAGE = 25
DAYS = 30
_BY = {"enterprise": _("企业"), "level": _("报警级别"), "kind": _("报警类别"), "place": _("归属地")}
_OF = {
    statistics.FREQUENT: _("最频繁"),
    statistics.CHATTERING: _("抖动"),
    statistics.FLEETING: _("短暂"),
    statistics.STANDING: _("持续超过 24 小时"),
}
_PROPOSALS = {
    statistics.FREQUENT: _("核对限值是否贴近正常工况；确需保留时增加延时或回差，并在班组中落实处置动作。"),
    statistics.CHATTERING: _("增加回差（死区）或延时，检查信号噪声和接线。"),
    statistics.FLEETING: _("增加延时，使无需处置的短暂越限不报警；如由启停引起，按工况抑制。"),
    statistics.STANDING: _("确认是否为真实异常：是则登记隐患并限期整改，否则检修仪表、调整限值或登记检修。"),
}
_OF_KIND = {
    "LINK": _("检查通信线路、供电和网关；多次断线的更换链路。"),
    "SILENT": _("检查探头供电、接线和上报间隔设置。"),
    "FROZEN": _("检查传感器是否失效、被固定或被屏蔽。"),
    "RANGE": _("核对量程设置，检查传感器和变送器。"),
}


@requires("alarms.view")
@require_GET
def statistics_page(request: ActorRequest) -> HttpResponse:
    """How soon alarms are answered and over, and what an operator gets, beside the benchmarks."""
    actor, now = cast(Actor, request.actor), clock.now()
    asked, wrong = asked_of(request.GET, now)
    number = page_of(request.GET)
    if request.GET.get("format"):
        heads = (_BY[asked.by], *_ANSWER_HEADS)
        found = statistics.answers(actor, asked)
        names = _names(asked.by, found)
        return export(request, gettext("报警统计"), heads, ([names[row.key], *_answer_cells(row)] for row in found), asked)
    found = statistics.answers(actor, asked, (number - 1) * PAGE, PAGE + 1)
    names = _names(asked.by, found)
    context = {
        **_common(request, asked, wrong, number, len(found) > PAGE),
        "rows": [{"name": names[row.key], "row": row, "lengths": _lengths(row)} for row in found[:PAGE]],
        "by_label": _BY[asked.by],
        "groupings": [(code, label, code == asked.by) for code, label in _BY.items()],
        "measures": [_measured(each) for each in statistics.load(actor, asked, now)],
    }
    return render(request, "alarms/statistics.html", context)


@requires("alarms.view")
@require_GET
def nuisance_page(request: ActorRequest) -> HttpResponse:
    """Alarms that disturb: which point, how often, and what to do about it."""
    actor, now = cast(Actor, request.actor), clock.now()
    asked, wrong = asked_of(request.GET, now)
    number, of = page_of(request.GET), request.GET.get("of", "")
    of = of if of in _OF else statistics.FREQUENT
    if request.GET.get("format"):
        rows = _nuisance_rows(statistics.nuisances(actor, asked, of, now), of)
        lines = ([r["point"], r["owner"], r["kind"], r["each"].number, f"{r['each'].share:.1f}", r["proposal"]] for r in rows)
        return export(request, gettext("滋扰报警"), _NUISANCE_HEADS, lines, asked)
    found = statistics.nuisances(actor, asked, of, now, (number - 1) * PAGE, PAGE + 1)
    context = {
        **_common(request, asked, wrong, number, len(found) > PAGE),
        "rows": _nuisance_rows(found[:PAGE], of),
        "of": of,
        "tabs": [(code, label, code == of, query_of(request.GET, of=code, page="")) for code, label in _OF.items()],
        "standing": of == statistics.STANDING,
    }
    return render(request, "alarms/nuisances.html", context)


def asked_of(given: QueryDict, now: datetime) -> tuple[Asked, list[str]]:
    """What an address asks for, and sentences about what it says wrongly; the last 30 days where it says nothing."""
    wrong: list[str] = []
    today = timezone.localtime(now).date()
    first, last = _day(given.get("since", "")), _day(given.get("until", ""))
    last = last or today
    first = first or last - timedelta(days=DAYS - 1)
    if first > last:
        wrong.append(gettext("开始日期不能晚于结束日期，已改为同一天。"))
        first = last
    place = given.get("place", "").strip()
    if place:
        try:
            place = check_place(place)
        except Refusal as refusal:
            wrong.append(refusal.message(gettext))
            place = ""
    by = given.get("by", "")
    asked = Asked(
        since=timezone.make_aware(datetime(first.year, first.month, first.day)),  # noqa: DTZ001 - made aware here
        until=timezone.make_aware(datetime(last.year, last.month, last.day)) + timedelta(days=1),  # noqa: DTZ001
        place=place,
        enterprise=_key(given.get("enterprise", "")),
        level=_number(given.get("level", ""), 4, 0),
        kind=given.get("kind", "") if given.get("kind", "") in rules.KINDS else "",
        by=by if by in statistics.GROUPINGS else "enterprise",
        operators=_number(given.get("operators", ""), 99, 1),
    )
    return asked, wrong


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _number(text: str, most: int, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 and 1 <= int(text) <= most else otherwise


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def page_of(given: QueryDict) -> int:
    """The page asked for, 1 where none is."""
    text = given.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def query_of(given: QueryDict, **changes: object) -> str:
    """The same address with some of its parameters changed; empty ones are left out."""
    values = {name: given[name] for name in given if name != "format"} | {name: str(value) for name, value in changes.items()}
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _common(request: ActorRequest, asked: Asked, wrong: list[str], number: int, more: bool) -> dict[str, Any]:
    owner = enterprises.names([asked.enterprise]).get(asked.enterprise, "") if asked.enterprise else ""
    return {
        "asked": asked,
        "wrong": wrong,
        "since": timezone.localtime(asked.since).date(),
        "until": (timezone.localtime(asked.until) - timedelta(days=1)).date(),
        "enterprise_name": owner,
        "place_name": places.full_name(asked.place) if asked.place else "",
        "levels": [(level, wording.level_label(level), level == asked.level) for level in rules.LEVELS],
        "kinds": [(code, gettext(label), code == asked.kind) for code, label in rules.KINDS.items()],
        "number": number,
        "next": query_of(request.GET, page=number + 1) if more else "",
        "previous": query_of(request.GET, page=number - 1 if number > 2 else "") if number > 1 else "",
        "csv": query_of(request.GET, page="", format="") + "&format=csv",
        "xlsx": query_of(request.GET, page="", format="") + "&format=xlsx",
        "all_enterprises": query_of(request.GET, enterprise="", page=""),
    }


def _names(by: str, found: Iterable[statistics.Answer]) -> dict[Any, str]:
    if by == "level":
        return {row.key: wording.level_label(row.key) for row in found}
    if by == "kind":
        return {row.key: wording.kind_label(row.key) for row in found}
    if by == "place":
        return {row.key: places.place_name(row.key) for row in found}
    return {row.key: row.name for row in found}


_ANSWER_HEADS = (
    *(_("报警数"), _("归入起因"), _("未确认")),
    *(_("确认时间中位数（秒）"), _("确认时间 P95（秒）"), _("恢复时间中位数（秒）"), _("恢复时间 P95（秒）")),
)
_NUISANCE_HEADS = (_("测点或设备"), _("企业"), _("报警类别"), _("次数"), _("占比（%）"), _("建议"))


def _lengths(row: statistics.Answer) -> list[str]:
    values = (row.acknowledge_median, row.acknowledge_p95, row.clear_median, row.clear_p95)
    return [wording.duration(value) if value is not None else "—" for value in values]


def _answer_cells(row: statistics.Answer) -> list[object]:
    values = (row.acknowledge_median, row.acknowledge_p95, row.clear_median, row.clear_p95)
    return [row.number, row.explained, row.waiting, *(round(v.total_seconds(), 1) if v is not None else "" for v in values)]


def _measured(each: statistics.Measure) -> dict[str, Any]:
    english = wording.in_english()
    row = each.benchmark
    return {
        "name": row.name_en if english else row.name_zh,
        "unit": row.unit_en if english else row.unit_zh,
        "value": "—" if each.value is None else f"{each.value:.2f}".rstrip("0").rstrip("."),
        "row": row,
        "verdict": each.verdict,
    }


def _nuisance_rows(found: Sequence[statistics.Nuisance], of: str) -> list[dict[str, Any]]:
    points = devices.sensors({each.sensor_id for each in found if each.sensor_id is not None})
    machines = {each.device_id: devices.device(each.device_id) for each in found if each.sensor_id not in points}
    owners = enterprises.names({point.enterprise_id for point in points.values()} | {each.enterprise_id for each in machines.values()})
    rows = []
    for each in found:
        point = points.get(each.sensor_id) if each.sensor_id is not None else None
        machine = machines.get(each.device_id)
        owner = point or machine
        rows.append(
            {
                "each": each,
                "point": f"{point.device_name} {point.name}" if point is not None else machine.name if machine is not None else "",
                "url": reverse("devices:sensor", args=[point.id])
                if point is not None
                else reverse("devices:device", args=[each.device_id]),
                "owner": owners.get(owner.enterprise_id, "") if owner is not None else "",
                "kind": wording.kind_label(each.kind),
                "level": wording.level_label(each.level),
                "tone": wording.LEVEL_TONES[each.level],
                "longest": wording.duration(each.longest) if each.longest is not None else "",
                "proposal": str(
                    _OF_KIND.get(each.kind, _PROPOSALS[of]) if of in (statistics.FREQUENT, statistics.STANDING) else _PROPOSALS[of]
                ),
            }
        )
    return rows


def export(request: ActorRequest, name: str, heads: Iterable[object], rows: Iterable[Sequence[object]], asked: Asked) -> HttpResponse:
    """The table as CSV or a workbook; who took it out is written down before it leaves."""
    actor, now, form = cast(Actor, request.actor), clock.now(), request.GET.get("format", "csv")
    if form not in ("csv", "xlsx"):
        raise NotFound(what=form)
    with change(actor, "alarms.view", now=now, place_code=actor.place_code, enterprise_id=actor.enterprise_id) as gathered:
        gathered.facts.update({"exported": name, "format": form, "filters": {key: request.GET[key] for key in request.GET}})
    table = [[str(head) for head in heads], *([cells.safe(each) if isinstance(each, str) else each for each in row] for row in rows)]
    content = io.BytesIO()
    if form == "csv":
        text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="", write_through=True)
        csv.writer(text).writerows(table)
        body, kind = content.getvalue(), "text/csv; charset=utf-8"
    else:
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
        body, kind = content.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(body, content_type=kind)
    stamp = f"{timezone.localtime(asked.since):%Y%m%d}-{timezone.localtime(asked.until) - timedelta(days=1):%Y%m%d}"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{stamp}.{form}')}"
    response["Cache-Control"] = "no-store"
    return response


@requires("alarms.view")
@require_http_methods(["GET", "POST"])
def rules_page(request: ActorRequest) -> HttpResponse:
    """Every time, rung, happening and finding in force with its source; whoever may changes this node's own times here."""
    actor, now = cast(Actor, request.actor), clock.now()
    if request.method == "POST":
        text = request.POST.get("minutes", "")
        minutes = int(text) if text.isdecimal() and len(text) < 8 else -1
        services.set_span(request.POST.get("name", ""), minutes, request.POST.get("reason", ""), actor=actor, now=now)
        messages.success(request, gettext("已生效。"))
        return HttpResponseRedirect(reverse("alarms:rules"))
    day, posts = timezone.localtime(now).date(), people.post_kinds()
    held = timing.in_force(now)
    context = {
        "spans": [each for each in held.values() if isinstance(each.row, tables.Span)],
        "ladder": [
            (each, wording.post_label(each.row.post_kind, posts), wording.level_label(each.row.level), wording.LEVEL_TONES[each.row.level])
            for each in held.values()
            if isinstance(each.row, tables.Step)
        ],
        "span_labels": {tables.ACKNOWLEDGEMENT: gettext("确认有效期"), tables.SHELVING: gettext("最长搁置时间")},
        "level_labels": {str(level): wording.level_label(level) for level in rules.LEVELS},
        "happenings": tables.happening_rules(day),
        "findings": tables.findings(day),
        "english": wording.in_english(),
        "may_configure": actor.may("alarms.configure", place_code=actor.place_code),
        "longest": timing.LONGEST_MINUTES,
    }
    return render(request, "alarms/rules.html", context)


@requires("alarms.apart")
@require_GET
def apart_page(request: ActorRequest) -> HttpResponse:
    """What the stream said and nobody could make an alarm of."""
    number = page_of(request.GET)
    waiting = ApartMessage.objects.filter(taken_at__isnull=True)
    rows = list(waiting[(number - 1) * PAGE : number * PAGE + 1])
    context = {
        "rows": [(row, bytes(row.data).decode("utf-8", "replace")[:400]) for row in rows[:PAGE]],
        "total": waiting.count(),
        "number": number,
        "next": query_of(request.GET, page=number + 1) if len(rows) > PAGE else "",
        "previous": query_of(request.GET, page=number - 1) if number > 1 else "",
    }
    return render(request, "alarms/apart.html", context)


@requires("alarms.apart")
@require_POST
def take_again(request: ActorRequest) -> HttpResponse:
    """Try to take in what is kept apart."""
    actor, now = cast(Actor, request.actor), clock.now()
    with change(actor, "alarms.apart", now=now, place_code=actor.place_code) as gathered:
        done = intake.take_again(now)
        gathered.facts.update({"taken": done})
    messages.success(request, gettext("已重新识别 %(n)s 条。") % {"n": done})
    return HttpResponseRedirect(reverse("alarms:apart"))
