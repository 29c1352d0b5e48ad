"""Pages of boards, and what the page's script asks for."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from math import isfinite
from typing import Any, cast
from uuid import UUID

import msgspec
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.incidents import door as incidents
from anlan.command.plotting import drawing, exporting, queries, rules, services, shapes
from anlan.command.plotting.forms import BoardForm
from anlan.command.plotting.models import Board
from anlan.command.plotting.symbols import GROUPS, symbols
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.joints import joints
from anlan.desk.refusals import answer, sentence
from anlan.desk.resource.api import box_of
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.geo import CHINA_BOX

CATCH_UP_AT_MOST = 300
"""A page that missed more reads the whole board anew."""
HISTORY_AT_MOST = 200
FEATURES_AT_MOST = 2000
_AROUND_DEG = 0.02
"""What a fresh board shows around its place: about two kilometres each way."""


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _mine(request: ActorRequest, board_id: UUID) -> Board:
    return queries.board(board_id, _actor(request))


# --- pages -------------------------------------------------------------------------------------------------------------------------


@requires("plotting.open")
@require_http_methods(["GET", "POST"])
def create(request: ActorRequest) -> HttpResponse:
    """Open a board, for an incident (``?incident=``) or by itself."""
    actor, now = _actor(request), clock.now()
    asked = request.POST.get("incident_id") or request.GET.get("incident") or ""
    incident = incidents.incident(asked, actor) if asked else None
    place = incident.place_code if incident is not None else actor.place_code
    first: dict[str, Any] = {"place_code": place}
    if incident is not None:
        first |= {"title": incident.title, "incident_id": incident.id}
    form = BoardForm(request.POST or None, initial=first, place=place, of_incident=incident is not None)
    if request.method == "POST" and form.is_valid():
        try:
            board = services.open_board(form.cleaned_data, actor=actor, now=now)
            return HttpResponseRedirect(reverse("plotting:board", args=[board.pk]))
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    context = {"form": form, "errors": _errors(form), "incident": incident, "heading": gettext("新建标绘图")}
    return render(request, "plotting/form.html", context, status=422 if form.errors else 200)


@requires("plotting.manage")
@require_http_methods(["GET", "POST"])
def set_up(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """Name, remark and editors of a board."""
    board, actor = _mine(request, board_id), _actor(request)
    first: dict[str, Any] = {"title": board.title, "remark": board.remark, "restricted": board.restricted}
    first["editors"] = [str(editor.account_id) for editor in board.editors.all()]
    form = BoardForm(request.POST or None, initial=first, place=board.place_code, board=board)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_up(board, form.cleaned_data, actor=actor, now=clock.now())
            return HttpResponseRedirect(reverse("plotting:board", args=[board.pk]))
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    context = {"form": form, "errors": _errors(form), "board": board, "heading": gettext("标绘图设置")}
    return render(request, "plotting/form.html", context, status=422 if form.errors else 200)


def _errors(form: Any) -> list[tuple[str, str]]:
    return [("" if name == "__all__" else name, str(error)) for name, each in form.errors.items() for error in each]


@requires("plotting.manage")
@require_POST
def close(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """Close a board."""
    services.close(_mine(request, board_id), actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("plotting:board", args=[board_id]))


@requires("plotting.view")
@require_GET
def board_page(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """The board. ``?object=`` picks an object, ``?c=lon,lat&z=`` says where to look, ``?replay=`` opens the replay at a number."""
    board, actor = _mine(request, board_id), _actor(request)
    english = get_language() == "en"
    palette = [
        (gettext(label), [(each, each.name_en if english else each.name_zh) for each in symbols().values() if each.group == group])
        for group, label in GROUPS.items()
    ]
    incident = None
    if board.incident_id is not None and actor.may_somewhere("incidents.view"):
        try:
            incident = incidents.incident(board.incident_id, actor)
        except NotFound:
            incident = None
    objects = [drawn for drawn in queries.objects_at(board.pk).values() if drawn.there]
    context = {
        "board": board,
        "incident": incident,
        "place": places.full_name(board.place_code),
        "config": _config(board, actor, objects, english),
        "palette": palette,
        "tones": [(code, gettext(label)) for code, label in drawing.TONES.items()],
        "fills": [(code, gettext(label)) for code, label in drawing.FILLS.items()],
        "dashes": [(code, gettext(label)) for code, label in drawing.DASHES.items()],
        "kinds": [(code, gettext(label)) for code, label in drawing.KINDS.items()],
        "may_draw": queries.may_draw(board, actor),
        "may_manage": queries.may_manage(board, actor),
        "editors": list(board.editors.all()) if board.restricted else [],
    }
    return render(request, "plotting/board.html", context)


def _config(board: Board, actor: Actor, objects: list[drawing.Drawn], english: bool) -> dict[str, Any]:
    """What the page's script needs to know."""
    refusal = queries.why_not_draw(board, actor)
    return {
        "board": str(board.pk),
        "title": board.title,
        "exercise": board.exercise,
        "mayDraw": queries.may_draw(board, actor),
        "overLocks": queries.may_manage(board, actor),
        "why": sentence(refusal) if refusal is not None else "",
        "me": {"account": str(actor.account_id), "name": actor.name, "post": actor.post},
        "urls": {name: reverse(f"plotting:{name}", args=[board.pk]) for name in ("state", "updates", "presence", "then", "history")},
        "symbols": [
            {"code": s.code, "name": s.name_en if english else s.name_zh, "tone": s.tone, "outline": s.outline, "lines": s.lines}
            for s in symbols().values()
        ],
        "kinds": {code: gettext(label) for code, label in drawing.KINDS.items()},
        "tones": {code: gettext(label) for code, label in drawing.TONES.items()},
        "map": {
            "bounds": _bounds(board, objects),
            "prefixes": [],
            "tiles": "/tiles/places/{z}/{x}/{y}.mvt",
            "counties": False,
            "alarmKinds": [],
            "layers": [],
        },
    }


def _bounds(board: Board, objects: list[drawing.Drawn]) -> list[float]:
    """Everything drawn, else around the board's place, else its county."""
    seen = [position for drawn in objects for position in shapes.positions(shapes.geometry_of(drawn))]
    if not seen and board.longitude is not None and board.latitude is not None:
        seen = [(board.longitude, board.latitude)]
    if seen:
        longitudes, latitudes = zip(*seen, strict=True)
        margin = _AROUND_DEG if max(longitudes) - min(longitudes) < _AROUND_DEG else 0.0
        return [min(longitudes) - margin, min(latitudes) - margin, max(longitudes) + margin, max(latitudes) + margin]
    found = joints.place_bounds(board.place_code) if joints.place_bounds is not None else None
    return list(found or CHINA_BOX)


# --- what the script asks ----------------------------------------------------------------------------------------------------------


@requires("plotting.view")
@require_GET
def state(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """The whole board: ``{"sequence", "state" (Yjs update, base64), "objects": {id: {created, changed, locked}}}``."""
    board = _mine(request, board_id)
    sequence = queries.sequence_of(board)
    objects = queries.objects_at(board.pk, sequence)
    marks = {name: {"created": drawn.created, "changed": drawn.changed, "locked": drawn.locked} for name, drawn in objects.items()}
    told = {
        "sequence": sequence,
        "state": b64encode(queries.state_at(board.pk, sequence)).decode(),
        "objects": msgspec.to_builtins(marks),
        "mayDraw": queries.may_draw(board, _actor(request)),
    }
    return JsonResponse(told)


@requires("plotting.view")
@require_http_methods(["GET", "POST"])
def updates(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """GET ``?after=``: what was drawn since. POST: one Yjs update as the body; ``X-Drawn-At`` says (ms) when, if it waited for a connection."""
    if request.method == "POST":
        return _draw(request, board_id)
    board = _mine(request, board_id)
    after = _whole(request.GET.get("after", ""))
    rows = list(queries.updates(board.pk, after)[: CATCH_UP_AT_MOST + 1])
    if len(rows) > CATCH_UP_AT_MOST:
        return JsonResponse({"anew": True})
    return JsonResponse({"updates": [services.message_of(row) for row in rows]})


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _draw(request: ActorRequest, board_id: UUID) -> HttpResponse:
    try:
        told = _whole(request.headers.get("Content-Length", ""))
        if told > rules.LARGEST_UPDATE:
            raise rules.UpdateTooLarge(size=-(-told // 1024), most=rules.LARGEST_UPDATE // 1024)
        taken = services.draw(
            board_id, request.body, actor=_actor(request), now=clock.now(), drawn_at=_moment(request.headers.get("X-Drawn-At", ""))
        )
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse({"sequence": taken.sequence, "vector": b64encode(taken.vector).decode(), "fresh": taken.fresh})


def _moment(text: str) -> datetime | None:
    """A time in milliseconds since 1970; ``None`` for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _refused(refusal: Refusal) -> HttpResponse:
    """The refusal for the script: which object it is about too, so that everything else can be sent again."""
    if isinstance(refusal, rules.WrongValue):
        words = {name: gettext(str(refusal.facts[name])) for name in ("label", "why")}
        refusal = rules.WrongValue(**{**refusal.facts, **words})
    told = {"code": refusal.code, "message": sentence(refusal), "object": refusal.facts.get("object", "")}
    response = JsonResponse(told, status=refusal.status, json_dumps_params={"ensure_ascii": False})
    response["X-Anlan-Refusal"] = refusal.code
    return response


@requires("plotting.view")
@require_POST
def presence(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """Who is here: ``{"hand": 1, "cursor": [lon, lat] or null, "leaving": false}``; told on, never kept."""
    board = _mine(request, board_id)
    try:
        told = json.loads(request.body[:1000] or b"{}")
        where = {"hand": int(told["hand"]), "cursor": _cursor(told.get("cursor")), "leaving": bool(told.get("leaving"))}
    except (ValueError, TypeError, KeyError, AttributeError):
        return _refused(rules.UnreadableUpdate())
    services.tell_presence(board, where, actor=_actor(request))
    return HttpResponse(status=204)


def _cursor(value: Any) -> list[float] | None:
    if value is None:
        return None
    longitude, latitude = (float(each) for each in value)
    if not (isfinite(longitude) and isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError(value)
    return [round(longitude, 6), round(latitude, 6)]


@requires("plotting.view")
@require_GET
def then(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """What was on the board after ``?sequence=`` updates or at ``?time=`` (ISO 8601), as GeoJSON with the number and who drew last."""
    board = _mine(request, board_id)
    sequence = _sequence_asked(request, board)
    objects = queries.objects_at(board.pk, sequence)
    last = queries.updates(board.pk, sequence - 1, sequence).defer("content").first() if sequence else None
    features = [queries.feature(board, drawn) for drawn in objects.values() if drawn.there]
    told = {
        "sequence": sequence,
        "last": queries.sequence_of(board),
        "mark": msgspec.to_builtins(queries.mark_of(last)) if last is not None else None,
        "collection": exporting.geojson(
            board.title, features, at=last.at if last is not None else board.opened_at, exercise=board.exercise
        ),
    }
    return JsonResponse(told)


def _sequence_asked(request: ActorRequest, board: Board) -> int:
    """The number asked for by number or time, else the present one. Raises ``NothingThen``."""
    last = queries.sequence_of(board)
    at = _instant(request.GET.get("time", ""))
    if at is not None:
        if at < board.opened_at:
            raise rules.NothingThen
        return queries.sequence_at(board.pk, at)
    if text := request.GET.get("sequence", ""):
        if not text.isdigit() or len(text) > 9:
            raise rules.NothingThen
        return min(int(text), last)
    return last


@requires("plotting.view")
@require_GET
def history(request: ActorRequest, board_id: UUID) -> HttpResponse:
    """Fragment: what was drawn, by whom, at which post and when, newest first. ``?object=`` keeps to one object."""
    board = _mine(request, board_id)
    last = queries.sequence_of(board)
    first = max(0, last - HISTORY_AT_MOST)
    objects = queries.objects_at(board.pk, first)
    lines = []
    for row in queries.updates(board.pk, first).defer("content"):
        after = drawing.fold(objects, row.effect, queries.mark_of(row))
        for name in drawing.touched(row.effect):
            if request.GET.get("object", name) == name:
                lines.append({"row": row, "object": name, **_words(objects, after, name, row.effect)})
        objects = after
    lines.reverse()
    return render(request, "plotting/_history.html", {"lines": lines, "cut": first > 0, "board": board})


def _words(before: drawing.Objects, after: drawing.Objects, name: str, effect: drawing.Effect) -> dict[str, Any]:
    verb, fields = drawing.what_happened(before, after, name, effect)
    shown = after[name] if after[name].kind else before.get(name, after[name])
    verbs = {"added": gettext("标绘"), "deleted": gettext("删除"), "restored": gettext("恢复"), "changed": gettext("修改")}
    between = ", " if get_language() == "en" else "、"
    return {"verb": verbs[verb], "title": _title_of(shown), "fields": between.join(gettext(drawing.LABELS[field]) for field in fields)}


def _title_of(drawn: drawing.Drawn) -> str:
    """How an object is called: its title, else its symbol, else its kind."""
    symbol = symbols().get(str(drawn.fields.get("symbol", "")))
    named = (symbol.name_en if get_language() == "en" else symbol.name_zh) if symbol is not None else ""
    return drawn.title or named or gettext(drawing.KINDS.get(drawn.kind, "点"))


# --- for other programs and the one map --------------------------------------------------------------------------------------------


@requires("plotting.view")
@require_GET
def export(request: ActorRequest, board_id: UUID, form: str) -> HttpResponse:
    """The board as ``geojson`` or ``kml``, now or as of ``?sequence=`` or ``?time=``."""
    board = _mine(request, board_id)
    sequence = _sequence_asked(request, board)
    features = [queries.feature(board, drawn) for drawn in queries.objects_at(board.pk, sequence).values() if drawn.there]
    if form == "geojson":
        content = exporting.geojson(board.title, features, at=clock.now(), exercise=board.exercise)
        response = HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/geo+json")
    else:
        response = HttpResponse(
            exporting.kml(board.title, features, exercise=board.exercise), content_type="application/vnd.google-earth.kml+xml"
        )
    name = slugify(board.title) or "plotting"
    response["Content-Disposition"] = f'attachment; filename="{name}-{sequence}.{form}"'
    return response


@requires("plotting.view")
@require_GET
def map_features(request: ActorRequest) -> HttpResponse:
    """What is drawn on open boards inside ``?bbox=``, as a layer of the one map; ``?shape=`` points, lines or areas, ``?at=`` a time (then of boards open at that time)."""
    try:
        box = box_of(request.GET.get("bbox", ""))
    except Refusal as refusal:
        return answer(request, refusal)
    wanted = {"points": ("Point",), "lines": ("LineString",), "areas": ("Polygon",)}.get(
        request.GET.get("shape", ""), ("Point", "LineString", "Polygon")
    )
    at = _instant(request.GET.get("at", ""))
    boards = queries.boards(_actor(request)).filter(state=rules.OPEN)
    if at is not None:
        boards = queries.open_then(queries.boards(_actor(request)), at)
    found: list[dict[str, Any]] = []
    for board in boards.order_by("-opened_at")[: queries.SUMMARIES_AT_MOST]:
        for each in queries.features(board, at):
            if each.geometry["type"] in wanted and shapes.meets(each.geometry, box):
                found.append(_map_feature(board, each))
    told: dict[str, Any] = {"type": "FeatureCollection", "features": found[:FEATURES_AT_MOST], "truncated": len(found) > FEATURES_AT_MOST}
    return JsonResponse(told | ({"at": at.isoformat()} if at is not None else {}))


def _instant(text: str) -> datetime | None:
    """An ISO time with its zone; ``None`` for an empty text. Raises ``NothingThen`` for what is no time."""
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise rules.NothingThen
    return at


def _map_feature(board: Board, each: Any) -> dict[str, Any]:
    symbol = symbols().get(str(each.fields.get("symbol", "")))
    title = each.title or (symbol.name_zh if symbol is not None else gettext(drawing.KINDS[each.kind]))
    properties = {
        "id": f"{board.pk}.{each.id}",
        "title": f"{exporting.EXERCISE if board.exercise else ''}{title}",
        "tone": "plain",
        "board": board.title,
        "by": f"{each.changed_by} {each.changed_post}",
        "at": each.changed_at.isoformat(),
        "url": f"{reverse('plotting:board', args=[board.pk])}?object={each.id}",
        "exercise": board.exercise,
    }
    return {"type": "Feature", "id": properties["id"], "geometry": each.geometry, "properties": properties}
