"""Reads that go to the database."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from anlan.ground.places.index import FIELDS, FigureInfo, PlaceInfo, current, info_of
from anlan.ground.places.models import Place, PlaceFigure
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
    found = _one_word(wanted)
    if not uppers and not wanted.isascii() and not found.exists():
        uppers, wanted = _split(wanted)
        found = _one_word(wanted)
    for upper in uppers:
        codes = _one_word(upper).filter(level__lt=Level.TOWNSHIP).values_list("code", flat=True)[:50]
        within = Q(pk=None)
        for code in codes:
            within |= Q(code__startswith=prefix_of(code))
        found = found.filter(within)
    return found


def _split(text: str) -> tuple[list[str], str]:
    """Cut the names of upper places from the front, the longest that fits each time: 山东省济南市历下区 → [山东省, 济南市], 历下区."""
    uppers: list[str] = []
    names = current().upper_names
    while True:
        length = next((size for size in range(min(len(text) - 1, 15), 1, -1) if text[:size] in names), 0)
        if not length:
            return uppers, text
        uppers.append(text[:length])
        text = text[length:]


def _one_word(wanted: str) -> QuerySet[Place]:
    places = Place.objects.filter(valid_to=None).exclude(level=Level.NATION)
    if wanted.isascii() and wanted.isdigit():
        code = wanted[:9] if len(wanted) == 12 else wanted
        return places.filter(code__startswith=code).order_by("level", "code")
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


def figures(code: str) -> tuple[FigureInfo, ...]:
    """All facts about a place, newest first."""
    rows = PlaceFigure.objects.filter(place_id=code).order_by("-year", "figure_code")
    return tuple(
        FigureInfo(row.place_id, row.figure_code, row.value.normalize(), row.unit, row.year, row.source, row.status, row.note)
        for row in rows
    )
