"""Natural hazards weigh in live risk grades through the assembly: neither room knows the other's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from anlan.site import contributing
from anlan.site.wiring import HEARERS
from anlan.warn.hazards.door import GridReckoned
from anlan.warn.riskpicture import hearing, indices
from anlan.warn.riskpicture.rules import Observed, Subjects

NOW = datetime(2026, 7, 20, 6, tzinfo=UTC)


def test_the_level_of_the_grid_is_a_factor_where_it_was_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = {"370181": 4, "370104": 1}
    monkeypatch.setattr(contributing.hazards, "worst_levels", lambda codes, now: {code: levels[code] for code in codes if code in levels})
    places = ("370102", "370181", "370103", "370104", "370181")
    subjects = Subjects("enterprise", tuple(uuid4() for _ in places), tuple(uuid4() for _ in places), places, (None,) * len(places))
    assert list(contributing.hazard_levels(subjects, NOW)) == [
        Observed("hazard_red", 1, 1.0),
        Observed("hazard_blue", 3, 1.0),
        Observed("hazard_red", 4, 1.0),
    ]


def test_every_level_has_a_factor_in_the_index() -> None:
    assert set(contributing.HAZARD_FACTORS) == {1, 2, 3, 4}
    newest = indices.delivered()[-1]
    index = indices.read(newest, indices.texts(newest))
    assert set(contributing.HAZARD_FACTORS.values()) <= {factor.code for factor in index.factors}


def test_a_grid_that_changed_has_its_counties_graded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[tuple[tuple[str, ...], datetime]] = []
    monkeypatch.setattr(hearing.waiting, "note_places", lambda codes, now: marked.append((tuple(codes), now)))
    hearing.hear_grid(GridReckoned(subject_id=uuid4(), place_code="100000", at=NOW, counties=("370181", "370102")))
    assert marked == [(("370181", "370102"), NOW)]
    assert "anlan.warn.riskpicture.hearing.hear_grid" in HEARERS["hazards.grid"]
