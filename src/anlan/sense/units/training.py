"""A model of normal operation learnt in the background: history read, moments left out and counted, the model proved, a version kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import numpy as np
import structlog
from django.db import transaction

from anlan.desk.resource.importing.jobs import frozen, thawed
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change, permit
from anlan.sense.criteria import door as criteria
from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import Learnt
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.sense.units import history, queries, rules
from anlan.sense.units.history import Rows, Span
from anlan.sense.units.models import ModelVersion, ProcessUnit, Training
from anlan.sense.units.rules import Period
from anlan.wire.blocks import concatenate

log = structlog.get_logger()

SLICE = timedelta(days=1)
"""History is read piece by piece; after each, the job says how far it is and looks whether it is to stop."""
_READ_PERCENT = 60
"""Share of the work that reading is counted as."""
_GIVEN_UP_AFTER = timedelta(minutes=10)
"""A training that told nothing for so long is not being worked on."""
_LONGEST_LEAD_S = 3600.0
"""So long before a period it is looked for the readings that still hold at its beginning."""

Tell = Callable[[int, dict[str, int]], None]
"""Told how far the work is (per cent) and what was left out."""


class Cancelled(Exception):
    """Somebody stopped the job."""


@dataclass(frozen=True)
class Trained:
    """What came of a training: the rows it was learnt from, the model, channels that never moved, how many moments it looks back on."""

    rows: Rows
    learnt: Learnt
    still: list[int]


def queue_training(training_id: UUID) -> None:
    """Queue :func:`work` inside the present transaction."""
    from procrastinate.contrib.django import app

    app.configure_task("units.train", queue="replays").defer(training_id=str(training_id))


def start(unit: ProcessUnit, *, actor: Actor, now: datetime, queue: Callable[[UUID], None] = queue_training) -> Training:
    """Queue the training of a unit as it now stands. Raises :class:`rules.TrainingRunning`, ``NotPermitted``."""
    with change(actor, "units.train", now=now, record=unit) as gathered:
        locked = ProcessUnit.objects.select_for_update().get(pk=unit.pk)
        if locked.trainings.filter(state__in=(Training.WAITING, Training.RUNNING)).exists():
            raise rules.TrainingRunning
        made = Training.objects.create(unit=unit, actor=frozen(actor), by_name=actor.name, created_at=now, touched_at=now)
        gathered.facts.update({"training": str(made.pk), "points": len(unit.channels)})
        queue(made.pk)
    return made


def cancel(training: Training, *, actor: Actor, now: datetime) -> Training:
    """Stop a training; one that only waits ends at once. Raises ``NotPermitted``."""
    permit(actor, "units.train", record=training.unit)
    with change(actor, "units.train", now=now, record=training.unit) as gathered:
        locked = Training.objects.select_for_update().get(pk=training.pk)
        if locked.state == Training.WAITING:
            locked.state = Training.CANCELLED
        elif locked.state == Training.RUNNING and now - locked.touched_at > _GIVEN_UP_AFTER:
            # Its worker is gone and did not come back; should it come back after all, it stops at once.
            locked.state, locked.cancel_requested = Training.CANCELLED, True
        elif locked.state == Training.RUNNING:
            locked.cancel_requested = True
        locked.touched_at = now
        locked.save()
        gathered.facts.update({"training": str(training.pk), "cancelled": True})
    return locked


def work(training_id: UUID) -> None:
    """The background job. Harmless when run twice: begun again after a fault, it begins from the beginning."""
    training = Training.objects.select_related("unit").filter(pk=training_id).first()
    if training is None or not training.is_running:
        return
    mine = Training.objects.filter(pk=training.pk)
    mine.update(state=Training.RUNNING, percent=0, touched_at=clock.now())
    try:
        trained = learn(training.unit, lambda percent, left_out: _progress(training, percent, left_out))
        _finish(training, trained)
    except Cancelled:
        mine.update(state=Training.CANCELLED, touched_at=clock.now())
    except Refusal as refusal:
        facts = {name: value if isinstance(value, int | float) else str(value) for name, value in refusal.facts.items()}
        mine.update(state=Training.FAILED, problem=refusal.sentence, problem_facts=facts, touched_at=clock.now())
        log.warning("process unit not trained", training=str(training.pk), reason=str(refusal))


def _progress(training: Training, percent: int, left_out: dict[str, int]) -> None:
    told = {"left_out": left_out} if left_out else {}
    Training.objects.filter(pk=training.pk).update(percent=percent, touched_at=clock.now(), **told)
    if Training.objects.filter(pk=training.pk, cancel_requested=True).exists():
        raise Cancelled


def learn(unit: ProcessUnit, tell: Tell = lambda _percent, _left_out: None) -> Trained:
    """What the unit's history teaches. Raises the refusals of :mod:`rules`, ``TooLittleNormalData``, ``StoreSilent``, what ``tell`` raises."""
    normal, excluded = queries.kept_periods(unit.periods), [_span(each) for each in queries.kept_periods(unit.exclusions)]
    points = queries.points(unit.channels, unit.enterprise_id)
    if len(points) != len(unit.channels):
        raise rules.ChangedSinceTraining
    rows = _rows(unit, points, normal, excluded, tell)
    silent = [points[channel] for channel in unit.channels if channel not in rows.heard]
    if silent:
        raise rules.SilentPoints(points="、".join(f"{point.device_code}/{point.code} {point.name}" for point in silent[:10]))
    rules.check_enough(len(rows), len(unit.channels), unit.interval_s)
    still = np.ptp(rows.values, axis=0) <= 1e-9 * np.maximum(1.0, np.abs(rows.values).max(axis=0))
    if still.all():
        raise rules.NothingMoved
    lags = rules.lags_of(len(unit.channels))
    method = partial(multivariate.canonical_variates, lags=lags) if unit.method == rules.CVA else multivariate.principal_components
    share = (100 - _READ_PERCENT) / (multivariate.PARTS + 1)
    learnt = multivariate.learnt(
        rows.values,
        method,
        stretch=rows.stretch,
        quantile=unit.quantile,
        progress=lambda done: tell(min(99, round(_READ_PERCENT + share * done)), {}),
    )
    return Trained(rows, learnt, [channel for channel, stands in zip(unit.channels, still.tolist(), strict=True) if stands])


def _rows(
    unit: ProcessUnit, points: dict[int, devices.SensorSummary], normal: tuple[Period, ...], excluded: list[Span], tell: Tell
) -> Rows:
    whole = sum((each.until - each.since for each in normal), timedelta())
    done, parts = timedelta(), []
    interval_ms, age_ms = round(unit.interval_s * 1000), round(unit.age_s * 1000)
    lead = lead_of(unit.interval_s, unit.age_s)
    work = work_by_channel(points, normal)
    for period in normal:
        blocks, at = [], period.since - lead
        while at < period.until:
            # Whole intervals, so that the pieces together are what one question would be answered with.
            step = max(1, SLICE // timedelta(seconds=unit.interval_s)) * timedelta(seconds=unit.interval_s)
            end = min(period.until, at + step)
            blocks.append(stream.samples(unit.channels, at, end, unit.interval_s))
            done, at = done + (end - at), end
            tell(min(_READ_PERCENT, round(_READ_PERCENT * (done / (whole + lead * len(normal))))), {})
        told = {"work": work, "excluded": excluded}
        parts.append(history.rows(concatenate(blocks), unit.channels, _span(period), interval_ms, age_ms, **told))
    rows = history.joined(parts)
    tell(_READ_PERCENT, rows.left_out)
    return rows


def lead_of(interval_s: float, age_s: float) -> timedelta:
    """How long before a period readings are looked for that still hold at its beginning: whole intervals."""
    return -(-min(age_s, max(interval_s, _LONGEST_LEAD_S)) // interval_s) * timedelta(seconds=interval_s)


def work_by_channel(points: dict[int, devices.SensorSummary], periods: tuple[Period, ...]) -> dict[int, list[Span]]:
    """Maintenance and calibration of each point's device within the periods."""
    by_device: dict[UUID, list[Span]] = {}
    device_ids = {point.device_id for point in points.values()}
    for period in periods:
        for each in devices.work_on(device_ids, period.since, period.until):
            by_device.setdefault(each.device_id, []).append(_span(Period(each.since, each.until)))
    return {channel: by_device[point.device_id] for channel, point in points.items() if point.device_id in by_device}


def _span(period: Period) -> Span:
    return round(period.since.timestamp() * 1000), round(period.until.timestamp() * 1000)


def _finish(training: Training, trained: Trained) -> None:
    """Keep the model as the unit's next version. Raises :class:`rules.ModelTooLarge`, ``NotPermitted``."""
    model = trained.learnt.model
    data = multivariate.pack(model)
    if len(data) > rules.LARGEST_MODEL_BYTES:
        raise rules.ModelTooLarge(megabytes=round(len(data) / 2**20, 1))
    now, actor, unit = clock.now(), thawed(training.actor), training.unit
    with transaction.atomic(), change(actor, "units.train", now=now, record=ProcessUnit.objects.get(pk=unit.pk)) as gathered:
        ProcessUnit.objects.select_for_update().get(pk=unit.pk)
        newest = unit.versions.first()
        version = ModelVersion.objects.create(
            unit=unit,
            number=newest.number + 1 if newest is not None else 1,
            digest=criteria.keep_model(data, now),
            trained_at=now,
            by_name=training.by_name,
            method=unit.method,
            lags=model.lags,
            quantile=unit.quantile,
            interval_s=unit.interval_s,
            age_s=unit.age_s,
            channels=unit.channels,
            periods=unit.periods,
            exclusions=unit.exclusions,
            rows=len(trained.rows),
            left_out=trained.rows.left_out,
            limit_state=model.limits[0],
            limit_residual=model.limits[1],
            false_alarm_rate=trained.learnt.false_alarm_rate,
            still=trained.still,
        )
        Training.objects.filter(pk=training.pk).update(
            state=Training.DONE, percent=100, version=version, left_out=trained.rows.left_out, touched_at=now
        )
        gathered.facts.update({"training": str(training.pk), "version": version.number, "model": version.digest, "rows": version.rows})
