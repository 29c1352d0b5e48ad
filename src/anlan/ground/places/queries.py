"""Reads that go to the database."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from anlan.ground.places.index import FIELDS, FigureInfo, PlaceInfo, info_of
from anlan.ground.places.models import Place, PlaceFigure
from anlan.kernel.levels import Level


def matching(text: str) -> QuerySet[Place]:
    """Places in force that answer to ``text``, best first: exact code or name, then beginnings, then anything that holds it.

    ``text`` is a code or its beginning, Chinese, pinyin with or without blanks, or initials; several words must all match somewhere
    in the place's names.
    """
    wanted = text.strip().lower()
    if not wanted:
        return Place.objects.none()
    places = Place.objects.filter(valid_to=None).exclude(level=Level.NATION)
    if wanted.isascii() and wanted.isdigit():
        code = wanted[:9] if len(wanted) == 12 else wanted
        return places.filter(code__startswith=code).order_by("level", "code")
    if wanted.isascii():
        joined = wanted.replace(" ", "").replace("'", "")
        exact, begins, holds = (
            Q(initials=joined) | Q(pinyin=joined),
            Q(initials__startswith=joined) | Q(pinyin__startswith=joined),
            Q(pinyin__contains=joined) | Q(initials__contains=joined),
        )
    else:
        exact, begins, holds = (
            Q(name=wanted) | Q(short_name=wanted),
            Q(name__startswith=wanted),
            Q(name__contains=wanted),
        )
    rank = Case(When(exact, then=Value(0)), When(begins, then=Value(1)), default=Value(2), output_field=IntegerField())
    return places.filter(exact | begins | holds).annotate(rank=rank).order_by("rank", "level", "code")


def search(text: str, limit: int, *, level: Level | None = None, within: str = "") -> tuple[PlaceInfo, ...]:
    """The first ``limit`` places of :func:`matching` as door objects."""
    places = matching(text)
    if level is not None:
        places = places.filter(level=level)
    if within:
        places = places.filter(code__startswith=within)
    return tuple(info_of(row) for row in places.values_list(*FIELDS)[:limit])


def figures(code: str) -> tuple[FigureInfo, ...]:
    """All facts about a place, newest first."""
    rows = PlaceFigure.objects.filter(place_id=code).order_by("-year", "figure_code")
    return tuple(
        FigureInfo(row.place_id, row.figure_code, row.value.normalize(), row.unit, row.year, row.source, row.status, row.note)
        for row in rows
    )
