"""What live risk grades are made from, invented for the synthetic enterprises: every factor has somebody whom it concerns.

Yearly gradings of seven in ten, hazard sources of three in ten, alarms in every state, certificates run out, works going on and in conflict, commitments
missing, silent points, accidents, and hazard levels over a third of all townships. The shares are rather too high than too low.
"""

from __future__ import annotations

import time
from typing import Any

_ENTERPRISES = (
    "(SELECT row_number() OVER (ORDER BY id) AS n, id AS enterprise_id, place_code, longitude, latitude FROM enterprises_enterprise) AS e"
)
_DAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
_SCORE = "50 + (e.n * 37 % 500) / 10.0"
_EACH = {"place_code": "e.place_code", "enterprise_id": "e.enterprise_id", "classification": "1"}
_CASE = {**_EACH, "opened_at": "now() - interval '2 days'", "exercise": "false"}


def fill() -> float:
    """Fill the tables; returns the seconds it took. Does nothing where they are filled."""
    from django.db import connection, transaction

    from anlan.prevent.standing.models import Grading

    began = time.perf_counter()
    if Grading.objects.exists():
        return 0.0
    with transaction.atomic():
        _fill()
    with connection.cursor() as db:
        db.execute("ANALYZE")
    return time.perf_counter() - began


def _fill() -> None:
    from anlan.ground.enterprises.models import Certificate
    from anlan.ground.risksources.models import RiskSource
    from anlan.prevent.permits.models import Commitment, Permit, Work
    from anlan.prevent.standing.models import Grading
    from anlan.report.filings.models import Filing
    from anlan.sense.alarms.models import Alarm
    from anlan.sense.completeness.models import CompletenessDay
    from anlan.sense.devices.models import Device
    from anlan.warn.hazards.models import GridRun, TownshipSpan

    _insert(
        Grading,
        f"{_ENTERPRISES} WHERE e.n % 10 < 7",
        **_CASE,
        state="'accepted'",
        year="2026",
        rules_on=_DAY,
        self_score=_SCORE,
        review_score=_SCORE,
        colour=f"CASE WHEN {_SCORE} < 60 OR e.n % 50 = 0 THEN 'red' WHEN {_SCORE} < 75 THEN 'orange' WHEN {_SCORE} < 90 THEN 'yellow' ELSE 'blue' END",
        reviewed_at="now() - interval '30 days'",
    )
    kinds = "(ARRAY['tank', 'tank_farm', 'installation', 'warehouse', 'tailings_pond', 'pipeline'])[1 + e.n % 6]"
    _insert(
        RiskSource,
        f"{_ENTERPRISES} WHERE e.n % 10 < 3",
        **_EACH,
        code="'R' || e.n",
        name="e.n || ' 号罐组'",
        kind=kinds,
        is_major="e.n % 3 = 0",
        major_level="CASE WHEN e.n % 3 = 0 THEN 1 + e.n % 4 END",
        longitude="e.longitude",
        latitude="e.latitude",
        state="'in_use'",
        search_tokens="''",
    )
    _insert(Device, f"{_ENTERPRISES} WHERE e.n = 1", **_EACH, search_tokens="''")
    state = "CASE e.n % 4 WHEN 0 THEN 'raised' WHEN 1 THEN 'acknowledged' ELSE 'returned' END"
    _insert(
        Alarm,
        f"{_ENTERPRISES}, devices_device AS d WHERE e.n % 20 = 0",
        **{**_CASE, "classification": "1"},
        state=state.replace("e.n", "(e.n / 20)"),
        episode="'bench-' || e.n",
        device_id="d.id",
        kind="'HH'",
        level="1 + (e.n / 20) % 4",
        raised_at="now() - interval '90 minutes'",
        received_at="now() - interval '90 minutes'",
        cleared_at="CASE WHEN (e.n / 20) % 4 > 1 THEN now() - interval '10 minutes' END",
        acknowledged_at="CASE WHEN (e.n / 20) % 4 = 1 THEN now() - interval '80 minutes' END",
    )
    _insert(
        Certificate,
        f"{_ENTERPRISES} WHERE e.n % 10 = 1",
        **_EACH,
        kind="'safety_licence'",
        holder="CASE WHEN e.n % 20 = 1 THEN 'unit' ELSE 'person' END",
        number="'C' || e.n",
        due_on=f"{_DAY} - 30",
        in_use="true",
        search_tokens="''",
    )
    _insert(Work, f"{_ENTERPRISES} WHERE e.n = 1", **_CASE)
    _insert(
        Permit,
        f"{_ENTERPRISES}, permits_work AS w, generate_series(1, 2) AS twice WHERE e.n % 20 = 2 AND (twice = 1 OR e.n % 100 = 2)",
        **_CASE,
        state="'working'",
        work_id="w.id",
        number="'P' || e.n || '-' || twice",
        kind="CASE twice WHEN 1 THEN 'hot_work' ELSE 'confined_space' END",
        grade_code="CASE twice WHEN 1 THEN 'hot_work-1' ELSE 'confined_space' END",
        location="'罐区'",
        location_key="'罐区'",
        longitude="e.longitude",
        latitude="e.latitude",
        valid_from="now() - interval '2 hours'",
        valid_until="now() + interval '6 hours'",
        started_at="now() - interval '1 hour'",
        search_tokens="''",
    )
    _insert(
        Commitment,
        f"{_ENTERPRISES} WHERE e.n % 10 < 3",
        **_EACH,
        day=_DAY,
        due_at="now() - interval '1 minute'",
        given_at="CASE WHEN e.n % 2 = 0 THEN now() - interval '2 minutes' END",
        # Noticed already, so that no sweep tells thousands of plants while one alarm is timed.
        missed="e.n % 2 <> 0",
        state="CASE WHEN e.n % 2 = 0 THEN 'given' ELSE 'owed' END",
        contradicted="e.n % 20 = 0",
    )
    # The day of which silence is told is yesterday's before eight in the morning.
    _insert(
        CompletenessDay,
        f"{_ENTERPRISES}, generate_series(0, 1) AS ago WHERE e.n % 5 = 0",
        **_EACH,
        day=f"{_DAY} - ago",
        points="20",
        silent="1 + e.n / 5 % 20",
        as_of="now()",
    )
    _insert(
        Filing,
        f"{_ENTERPRISES} WHERE e.n % 100 = 3",
        **_CASE,
        state="'sent'",
        kind="'accident'",
        occurred_at="now() - interval '200 days'",
        known_at="now() - interval '200 days'",
        source="'phone'",
    )
    _insert(
        TownshipSpan,
        "places_place AS p WHERE p.level = 4 AND hashtext(p.code) % 3 = 0",
        place_code="p.code",
        starts_at="now() - interval '1 hour'",
        ends_at="now() + interval '23 hours'",
        level="1 + abs(hashtext(p.code)) % 4",
        exercise="false",
    )
    _insert(GridRun, "(SELECT 1) AS once", hour="date_trunc('hour', now())", at="now()", townships="38749")


def _insert(model: Any, source: str, /, **columns: str) -> None:
    """Rows of a model from ``source`` (what stands behind FROM): ``columns`` are expressions of SQL, the rest is empty."""
    from django.db import connection

    told = {"id": "gen_random_uuid()", "version": "1", "created_at": "now()", "updated_at": "now()", **columns}
    known = {field.column: field for field in model._meta.concrete_fields}
    told = {name: value for name, value in told.items() if name in known}
    told |= {name: _empty(field) for name, field in known.items() if name not in told and not field.null}
    names = ", ".join(f'"{name}"' for name in told)
    with connection.cursor() as db:
        db.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(told.values())} FROM {source}')


def _empty(field: Any) -> str:
    kind = field.get_internal_type()
    if "Integer" in kind or kind == "FloatField":
        return "0"
    return _EMPTY.get(kind, "''")


_EMPTY = {"JSONField": "'[]'", "BooleanField": "false", "DateTimeField": "now()", "DateField": _DAY, "UUIDField": "gen_random_uuid()"}
