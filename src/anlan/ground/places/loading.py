"""Fills the tables of places from the installed data packages: one transaction, the same input gives the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import structlog
from django.db import connection, models

from anlan.ground.places import assembly, figures, index, packages
from anlan.ground.places.models import BoundaryMatch, DataLoad, Place, PlaceChange, PlaceFigure, PlaceShape
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.levels import NATION
from anlan.kernel.words import N_
from anlan.ledger.changes import change

log = structlog.get_logger()

LOADER_VERSION = 3
"""Raise it whenever the same packages would give other rows."""

LOAD_NAME = "ground"
BATCH = 2000

Progress = Callable[[str, int, int], None]
"""Told what is being done (Chinese source text), how much is done and how much there is."""


@dataclass(frozen=True)
class LoadResult:
    """What a load did. ``counts`` is rows by kind; ``skipped`` when the tables already held these versions."""

    version: str
    skipped: bool
    counts: dict[str, int]


def _quiet(_what: str, _done: int, _total: int) -> None:
    pass


def wanted_version(within: str = "") -> str:
    """Versions of packages, of the room's own data files and of the loader. Raises ``DataPackageMissing``."""
    own = sha256(b"".join(path.read_bytes() for path in sorted(figures.FOLDER.glob("*.csv")))).hexdigest()[:12]
    return f"loader=={LOADER_VERSION} {packages.versions()} data=={own}" + (f" within=={within}" if within else "")


def loaded_version() -> str:
    """The version in the tables; empty before the first load."""
    return DataLoad.objects.filter(pk=LOAD_NAME).values_list("version", flat=True).first() or ""


def load(progress: Progress = _quiet, *, now: datetime | None = None, force: bool = False, within: str = "") -> LoadResult:
    """Load places, changes, outlines and figures; do nothing when these versions are loaded.

    ``within`` limits places and outlines to a place prefix (with everything above it), for tests. Raises ``DataPackageMissing``.
    """
    version = wanted_version(within)
    known = DataLoad.objects.filter(pk=LOAD_NAME).first()
    if known and known.version == version and not force:
        return LoadResult(version, True, known.counts)
    ground = _small_part(within) if within else assembly.assemble(progress)
    # The load is audited at the edge of the house: nobody passes a time to a set-up step, so it is read here once.
    at = now or clock.now()
    with change(system_actor("reference-data"), "places.load", now=at, place_code=NATION) as made:
        _empty(PlaceFigure, PlaceShape, BoundaryMatch, PlaceChange, Place)
        _write(progress, N_("行政区划"), ground.places)
        _write(progress, N_("区划变更"), ground.changes)
        _write(progress, N_("行政区界线"), ground.shapes, 500)
        _write(progress, N_("界线对应"), ground.matches)
        _write(progress, N_("统计数据"), ground.figures)
        # A place whose parent is missing must show here and once, not at the end of whatever transaction this one stands in.
        connection.check_constraints()
        counts = _counts(ground)
        DataLoad.objects.update_or_create(name=LOAD_NAME, defaults={"version": version, "loaded_at": at, "counts": counts})
        made.facts.update(version=version, counts=counts)
    index.forget()
    log.info("places.loaded", version=version, **counts)
    return LoadResult(version, False, counts)


@lru_cache(maxsize=2)
def _small_part(within: str) -> assembly.Ground:
    """A part is loaded again and again by tests, but put together only once."""
    return assembly.assemble(_quiet, within)


def _empty(*tables: type[models.Model]) -> None:
    """Delete all rows in the order given. No signals and no cascades are wanted here, so the rows need not be fetched first."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table._meta.db_table)}")


def _write(progress: Progress, what: str, rows: Sequence[models.Model], batch: int = BATCH) -> None:
    """COPY rows into their table; several times faster than INSERT. A column filled by the database is left out."""
    progress(what, 0, len(rows))
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = [field.attname for field in fields]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for done, row in enumerate(rows, 1):
            copy.write_row([getattr(row, name) for name in names])
            if done % batch == 0 or done == len(rows):
                progress(what, done, len(rows))
    if len(rows) > batch:
        # The planner knows nothing of rows that have just been copied in.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(meta.db_table)}")


def _counts(ground: assembly.Ground) -> dict[str, int]:
    in_force: Iterable[int] = (place.level for place in ground.places if place.valid_to is None)
    levels = Counter(in_force)
    return {
        "provinces": levels[1],
        "cities": levels[2],
        "counties": levels[3],
        "townships": levels[4],
        "former": sum(place.valid_to is not None for place in ground.places),
        "changes": len(ground.changes),
        "shapes": len(ground.shapes),
        "boundaries": len(ground.matches),
        "figures": len(ground.figures),
    }
