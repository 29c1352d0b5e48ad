"""What is kept only for a time goes; records stay."""

from datetime import timedelta

import pytest
from tests.rooms.warn.hazards import messages

from anlan.warn.hazards import reckoning, services, tidying
from anlan.warn.hazards.models import GridRun, HazardSignal, Intake, TownshipSpan


@pytest.mark.django_db
def test_the_grid_bytes_and_intakes_of_long_ago_go_and_the_signals_stay(ground, city_officer, monkeypatch):
    monkeypatch.setattr(tidying, "BATCH", 1)
    begin = ground.now()
    services.take(messages.alert("R1", begin), name="R1", via="接口", actor=city_officer, now=begin)
    reckoning.reckon_grid(begin)
    later = begin + timedelta(days=1200)
    services.take(messages.alert("R2", later), name="R2", via="接口", actor=city_officer, now=later)
    reckoning.reckon_grid(later)
    assert tidying.tidy(later) == {"spans": 0, "runs": 0, "intakes": 1, "hotspots": 0, "raw": 1}
    assert [bool(row.raw) for row in HazardSignal.objects.order_by("sent_at")] == [False, True]
    much_later = begin + timedelta(days=1900)
    spans = TownshipSpan.objects.count()
    removed = tidying.tidy(much_later)
    assert (removed["runs"], removed["spans"]) == (1, spans - TownshipSpan.objects.count())
    assert TownshipSpan.objects.filter(starts_at__lt=later).count() == 0 < TownshipSpan.objects.count()
    assert (GridRun.objects.count(), HazardSignal.objects.count(), Intake.objects.count()) == (1, 2, 1)
    assert not any(tidying.tidy(much_later).values())
