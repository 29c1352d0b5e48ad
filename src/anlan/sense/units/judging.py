"""How a process unit stands and stood: both statistics over the last hours and what each point contributes, reckoned on demand from history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from anlan.sense.detection import multivariate
from anlan.sense.stream import door as stream
from anlan.sense.units import history, queries, rules, training
from anlan.sense.units.models import ModelVersion


@dataclass(frozen=True)
class Course:
    """Both statistics as multiples of their thresholds, by moment; ``shares``: by channel, its share (0 to 1) in both at ``at``.

    ``since``: from when on; later than asked where so many moments of so many points are too much for a page. ``at`` is ``None`` where no moment could be judged; ``known``: how many moments had every reading they need, of ``moments``.
    """

    since: datetime
    moments: tuple[datetime, ...]
    state: tuple[float, ...]
    residual: tuple[float, ...]
    known: int
    missing: dict[int, int]
    at: datetime | None = None
    at_state: float = 0.0
    at_residual: float = 0.0
    shares: dict[int, tuple[float, float]] | None = None


def course(version: ModelVersion, since: datetime, until: datetime, at: datetime | None = None) -> Course:
    """How the unit stood in [since, until) by the model; shares at the judged moment nearest to ``at``, by default the worst one.

    Raises ``StoreSilent``, ``MalformedModel``, ``NoVersion``.
    """
    model = queries.model_of(version)
    interval = timedelta(seconds=version.interval_s)
    # Whole intervals since 1970: a page opened again shows the same moments.
    step = round(version.interval_s * 1000)
    first, last = _ms(since) // step * step, _ms(until) // step * step
    first = max(first, last - step * max(1, rules.MOST_CELLS_SHOWN // len(version.channels)))
    lead = training.lead_of(version.interval_s, version.age_s) + (model.lags - 1) * interval
    samples = stream.samples(version.channels, _moment(first) - lead, _moment(last), version.interval_s)
    begin = first - (model.lags - 1) * step
    rows = history.rows(samples, version.channels, (begin, last), step, round(version.age_s * 1000), live=True)
    if not len(rows):
        return Course(_moment(first), (), (), (), 0, rows.missing)
    found = multivariate.scores(model, rows.values, rows.stretch)
    judged = np.flatnonzero(np.isfinite(found.state))
    state, residual = found.state[judged] / model.limits[0], found.residual[judged] / model.limits[1]
    moments = tuple(_moment(int(ms)) for ms in rows.time[judged])
    if not moments:
        return Course(_moment(first), (), (), (), len(rows), rows.missing)
    chosen = int(np.argmax(np.maximum(state, residual)))
    if at is not None:
        chosen = int(np.argmin(np.abs(rows.time[judged] - _ms(at))))
    end = int(judged[chosen])
    parts = multivariate.shares(model, rows.values[end - model.lags + 1 : end + 1])
    split = [part / max(float(part.sum()), 1e-300) for part in parts]
    shares = {channel: (float(split[0][place]), float(split[1][place])) for place, channel in enumerate(version.channels)}
    figures = float(state[chosen]), float(residual[chosen])
    told = (_moment(first), moments, tuple(state.tolist()), tuple(residual.tolist()))
    return Course(*told, len(rows), rows.missing, moments[chosen], *figures, shares)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
