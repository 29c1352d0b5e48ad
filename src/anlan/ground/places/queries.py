"""Reads that go to the database."""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from shapely.geometry import mapping

from anlan.ground.places.index import FIELDS, FigureInfo, PlaceInfo, current, info_of
from anlan.ground.places.models import Place, PlaceFigure, PlaceShape
from anlan.kernel.levels import Level, prefix_of

# What is left out when people type the pinyin of a name: lixia for 历下区, jinan for 济南市.
_SPOKEN_ENDINGS = ("sheng", "shi", "qu", "xian", "zhen", "xiang", "jiedao", "diqu", "meng", "qi")


def matching(text: str) -> QuerySet[Place]:
    """Places in force that answer to ``text``, best first: exact code or name, then beginnings, then anything that holds it.

    ``text`` is a code or its beginning, Chinese, pinyin or initials. Several words go from the upper place down (``济南 历下``,
    ``jinan lx``), and a Chinese name may follow its upper places without a blank (``山东省济南市历下区``).
    """
    words = text.strip().lower().replace("'", "").split()
    if not words:
        return Place.objects.none()
    *uppers, wanted = words
    found = _below(uppers, wanted)
    if wanted.isascii() or found.exists():
        return found
    for cut, rest in _splits(wanted):
        split = _below([*uppers, *cut], rest)
        if split.exists():
            return split
    return found


def _below(uppers: list[str], wanted: str) -> QuerySet[Place]:
    """Places that answer to ``wanted`` and lie in a place that answers to each of ``uppers``."""
    found = _one_word(wanted)
    for upper in uppers:
        codes = _one_word(upper).filter(level__lt=Level.TOWNSHIP).values_list("code", flat=True)[:50]
        within = Q(pk=None)
        for code in codes:
            within |= Q(code__startswith=prefix_of(code))
        found = found.filter(within)
    return found


def _splits(text: str) -> Iterator[tuple[list[str], str]]:
    """Ways to cut names of upper places from the front, longest names first: 枣庄市中区 → [枣庄市], 中区, then [枣庄], 市中区."""
    names = current().upper_names
    for size in range(min(len(text) - 1, 15), 1, -1):
        head, rest = text[:size], text[size:]
        if head in names:
            for cut, last in _splits(rest):
                yield [head, *cut], last
            yield [head], rest


def _one_word(wanted: str) -> QuerySet[Place]:
    places = Place.objects.filter(valid_to=None).exclude(level=Level.NATION)
    if wanted.isascii() and wanted.isdigit():
        code = Q(code12=wanted.ljust(12, "0")) if len(wanted) > 6 else Q(code__startswith=wanted)
        return places.filter(code | Q(code__startswith=wanted)).order_by("level", "code")
    if wanted.isascii():
        exact = Q(initials=wanted) | Q(pinyin__in=[wanted, *(wanted + ending for ending in _SPOKEN_ENDINGS)])
        begins = Q(initials__startswith=wanted) | Q(pinyin__startswith=wanted)
        holds = Q(pinyin__contains=wanted) | Q(initials__contains=wanted)
    else:
        exact = Q(name=wanted) | Q(short_name=wanted)
        begins, holds = Q(name__startswith=wanted), Q(name__contains=wanted)
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


def outline(code: str) -> dict[str, object] | None:
    """See :func:`anlan.ground.places.door.outline`."""
    rows = PlaceShape.objects.filter(place_code=code, band=0).exclude(layer="line").values_list("wkb", flat=True)
    shapes = shapely.from_wkb([bytes(row) for row in rows])
    return dict(mapping(shapely.union_all(shapes))) if len(shapes) else None


def figures(code: str) -> tuple[FigureInfo, ...]:
    """All facts about a place, newest first."""
    rows = PlaceFigure.objects.filter(place_id=code).order_by("-year", "figure_code")
    return tuple(
        FigureInfo(row.place_id, row.figure_code, row.value.normalize(), row.unit, row.year, row.source, row.status, row.note)
        for row in rows
    )


def values(figure_code: str, level: Level) -> dict[str, float]:
    """See :func:`anlan.ground.places.door.values`."""
    rows = PlaceFigure.objects.filter(figure_code=figure_code, place__level=level).order_by("year")
    return {code: float(value) for code, value in rows.values_list("place_id", "value").iterator(chunk_size=10_000)}
