"""Pages of places: the tree, one place, its changes, what could not be joined, where the data comes from; tiles and look-up."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.admitting import by_key
from anlan.desk.guard import SIGNED_IN, requires, signed_in
from anlan.ground.places import index, joining, queries, rules, tiles
from anlan.ground.places.models import BoundaryMatch, DataLoad, Place, PlaceChange
from anlan.kernel.levels import NATION, Level

PAGE_SIZE = 50
MOST_FOUND = 200
MOST_SUGGESTED = 50


@require_GET
@requires("places.view")
def place_list(request: HttpRequest) -> HttpResponse:
    """Provinces, or with ``?q=`` what answers to it."""
    words = request.GET.get("q", "").strip()
    found = list(queries.matching(words)[: MOST_FOUND + 1]) if words else []
    load = DataLoad.objects.filter(pk="ground").first()
    context = {
        "words": words,
        "found": [(place, index.current().full_name(place.code)) for place in found[:MOST_FOUND]],
        "more": len(found) > MOST_FOUND,
        "provinces": () if words else index.current().children(NATION),
        "load": load,
        "counts": load.counts if load else {},
    }
    template = "places/_found.html" if request.headers.get("HX-Target") == "places-found" else "places/list.html"
    return render(request, template, context)


@require_GET
@requires("places.view")
def place_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One place with its figures, the places below and the changes of its code."""
    place = get_object_or_404(Place.objects.select_related("parent"), pk=code)
    known = index.current()
    return render(
        request,
        "places/detail.html",
        {
            "place": place,
            "full_name": known.full_name(code),
            "ancestors": known.ancestors(code),
            "successor": known.place(place.replaced_by) if place.replaced_by else None,
            "below": known.children(code) if place.current else (),
            "changes": PlaceChange.objects.filter(Q(old_code=code) | Q(new_code=code)),
            "figures": [
                {
                    "label": _(rules.FIGURES.get(item.figure_code, item.figure_code)),
                    "value": f"{item.value:,f} {item.unit}",
                    "note": item.note,
                    "year": item.year,
                    "source": item.source,
                    "status": _(rules.STATUSES[item.status]),
                }
                for item in queries.figures(code)
            ],
            "method": _(rules.POSITION_METHODS[place.position_method]) if place.position_method else "",
            "boundary": _(joining.METHODS[place.boundary]) if place.boundary else "",
            "zoom": {Level.PROVINCE: 6, Level.CITY: 8, Level.COUNTY: 10}.get(Level(place.level), 12),
        },
    )


@require_GET
@requires("places.view")
def change_list(request: HttpRequest) -> HttpResponse:
    """「1980 年以来的变更」, newest first, by year, kind and words."""
    year, kind, words = (request.GET.get(name, "").strip() for name in ("year", "kind", "q"))
    page = Paginator(_changes(year, kind, words), PAGE_SIZE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    return render(
        request,
        "places/changes.html",
        {
            "page": page,
            "rows": page,
            "years": PlaceChange.objects.order_by("-year").values_list("year", flat=True).distinct(),
            "kinds": [(code, _(label)) for code, label in rules.CHANGE_KINDS.items()],
            "year": year,
            "kind": kind,
            "words": words,
            "asked": asked.urlencode(),
        },
    )


def _changes(year: str, kind: str, words: str) -> QuerySet[PlaceChange]:
    found = PlaceChange.objects.all()
    if year.isdecimal():
        found = found.filter(year=int(year))
    if kind:
        found = found.filter(kind=kind)
    if words:
        found = found.filter(
            Q(old_name__contains=words)
            | Q(new_name__contains=words)
            | Q(old_code__startswith=words)
            | Q(new_code__startswith=words)
            | Q(document__contains=words)
        )
    return found


@dataclass(frozen=True)
class _Group:
    """Outlines joined in one way."""

    label: str
    rows: list[tuple[BoundaryMatch, str]]


@require_GET
@requires("places.view")
def boundary_list(request: HttpRequest) -> HttpResponse:
    """What does not simply agree between code list and outlines: places without an outline, outlines joined otherwise or not at all."""
    known = index.current()
    unlike = BoundaryMatch.objects.exclude(method__in=(joining.SAME_CODE, joining.DIRECT)).filter(layer="county")
    groups = [
        _Group(
            _(joining.METHODS[method]),
            [(row, known.full_name(row.place_code)) for row in unlike if row.method == method],
        )
        for method in (joining.NOT_LISTED, joining.CODE_CHANGE, joining.MERGED, joining.SAME_NAME)
    ]
    without = Place.objects.filter(level=Level.COUNTY, valid_to=None, boundary="")
    return render(
        request,
        "places/boundaries.html",
        {
            "groups": [group for group in groups if group.rows],
            "without": [(place, known.full_name(place.code)) for place in without],
            "agreeing": BoundaryMatch.objects.filter(layer="county", method=joining.SAME_CODE).count(),
        },
    )


@require_GET
@signed_in
def about_data(request: HttpRequest) -> HttpResponse:
    """Origin, licence and limits of the reference data, as the licences ask."""
    return render(request, "places/about_data.html", {"load": DataLoad.objects.filter(pk="ground").first()})


def _asked(request: HttpRequest) -> tuple[index.PlaceInfo, ...]:
    level, limit = request.GET.get("level", ""), request.GET.get("limit", "")
    return queries.search(
        request.GET.get("q", ""),
        min(int(limit), MOST_SUGGESTED) if limit.isdecimal() else 20,
        level=Level(int(level)) if level.isdecimal() and int(level) in set(Level) else None,
        within=request.GET.get("within", ""),
    )


@require_GET
@signed_in
def place_search(request: HttpRequest) -> JsonResponse:
    """``?q=&level=&within=&limit=`` → ``{"places": [{"code", "name", "full_name", "level", "longitude", "latitude", "approximate"}]}``."""
    known = index.current()
    return JsonResponse(
        {
            "places": [
                {
                    "code": place.code,
                    "name": place.name,
                    "full_name": known.full_name(place.code),
                    "level": int(place.level),
                    "longitude": place.longitude,
                    "latitude": place.latitude,
                    "approximate": place.approximate,
                }
                for place in _asked(request)
            ]
        },
        json_dumps_params={"ensure_ascii": False},
    )


@require_GET
@signed_in
def place_options(request: HttpRequest) -> HttpResponse:
    """The picker's suggestions as radio buttons named ``?name=``, for forms without a script of their own."""
    known = index.current()
    name = request.GET.get("name", "place_code")
    if not name.isidentifier():
        raise Http404
    return render(
        request,
        "places/_options.html",
        {"name": name, "options": [(place.code, known.full_name(place.code)) for place in _asked(request)]},
    )


@require_GET
@requires(SIGNED_IN, admits=by_key)
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """One vector tile. Raises ``NoSuchTile``."""
    found = tiles.tile(z, x, y)
    fresh = get_conditional_response(request, etag=found.etag)
    if isinstance(fresh, HttpResponseNotModified):
        return fresh
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        found.content if packed else gzip.decompress(found.content),
        content_type="application/vnd.mapbox-vector-tile",
    )
    if packed:
        response["Content-Encoding"] = "gzip"
    response["ETag"] = found.etag
    response["Vary"] = "Accept-Encoding, Cookie"
    response["Cache-Control"] = "private, max-age=3600"
    return response
