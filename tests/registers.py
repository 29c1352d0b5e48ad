"""A register of many recipients, set by one statement, for tests and benches that count or tell them."""

from __future__ import annotations

import random
from collections.abc import Sequence

_FILL = """
INSERT INTO audiences_recipient (id, place_code, classification, created_at, updated_at, version, name, role, unit, longitude, latitude, cell, phone, email,
  device, language, needs, consent_at, consent_how, withdrawn_at, quiet_from, quiet_until, ground, reach, source_note)
SELECT gen_random_uuid(), (%s::text[])[1 + n %% %s] || lpad((1 + n %% 17)::text, 3, '0'), 1, now(), now(), 1, '示例' || n,
  CASE WHEN n %% 200 = 0 THEN 'grid_member' ELSE 'resident' END, '', p.lon, p.lat, p.cell, '100' || lpad(n::text, 8, '0'), '', '', 'zh', '', now(), '', NULL,
  NULL, NULL, CASE WHEN n %% 200 = 0 THEN 1 ELSE 2 END, 1, %s
FROM generate_series(1, %s) AS n
JOIN unnest(%s::float8[], %s::float8[], %s::bigint[]) WITH ORDINALITY AS p(lon, lat, cell, at) ON p.at = 1 + (n * 7919::bigint) %% %s
"""
MOST_POINTS = 20_000
"""So many places where somebody lives; more people than that live several to a house."""


def fill(people: int, counties: Sequence[str], *, note: str, middle: tuple[float, float] = (117.0, 36.65), spread: float = 0.25) -> None:
    """So many residents of ``counties`` (and a grid member among each 200), scattered about a point in degrees; ``note`` marks them."""
    from django.db import connection

    from anlan.ground.audiences.counting import cell_of

    dice = random.Random(20)
    points = [(middle[0] + dice.gauss(0, spread), middle[1] + dice.gauss(0, spread * 0.8)) for _ in range(min(people, MOST_POINTS))]
    columns = [[lon for lon, _ in points], [lat for _, lat in points], [cell_of(lon, lat) for lon, lat in points]]
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [list(counties), len(counties), note, people, *columns, len(points)])


def empty(note: str) -> int:
    """Take out what :func:`fill` brought in under ``note``; how many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audiences_recipient WHERE source_note = %s", [note])
        return int(cursor.rowcount)
