"""Judgements under way follow the readings: newer wind or tank readings that differ enough ask for another run, marked as automatic."""

from __future__ import annotations

from datetime import datetime

import structlog

from anlan.command.judgement import prefilling, queries, services
from anlan.command.judgement.models import Judgement
from anlan.command.judgement.parameters import figure
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal

log = structlog.get_logger()
_FIGURES = ("rerun_turn_deg", "rerun_wind_share", "rerun_tank_share")


def follow(now: datetime, queue: services.Queue) -> int:
    """Ask for the runs that are due; how many were. A judgement that refuses does not keep the others from theirs."""
    asked = 0
    for judgement in queries.live():
        if services.due_again(judgement, now):
            try:
                asked += again(judgement, now, queue)
            except Refusal as refusal:
                log.warning("judgement.not_followed", judgement=str(judgement.pk), code=refusal.code)
    return asked


def again(judgement: Judgement, now: datetime, queue: services.Queue) -> bool:
    """Ask for another run of one judgement if its readings changed enough; whether it was asked for."""
    actor = system_actor("judgement")
    form = services.form_of(judgement)
    newer = prefilling.live(form, judgement.risk_source_id, actor, now=now, exercise=judgement.exercise)
    figures = {name: figure(name, now.date()) for name in _FIGURES}
    changed = prefilling.worth_running(form, newer, figures)
    if not changed:
        return False
    services.ask_run(judgement, judgement.kind, {}, refreshed=newer, automatic=True, because=changed, queue=queue, actor=actor, now=now)
    return True
