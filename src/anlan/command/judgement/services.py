"""Verbs of judgement: open one, ask for a run, call it off, perform it, close."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.command.judgement import door, evacuating, exposing, geometry, queries, rules
from anlan.command.judgement.asking import question_of
from anlan.command.judgement.estimating import estimated
from anlan.command.judgement.inputs import Filled, checked, typed_over
from anlan.command.judgement.models import Judgement, Run
from anlan.command.judgement.parameters import figure
from anlan.command.judgement.prefilling import Prefilled
from anlan.command.judgement.reckoning import Place, answer
from anlan.command.judgement.wording import told
from anlan.consequence.cancelling import Cancelled, ShouldStop
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change
from anlan.ledger.flows import advance, open_case

Queue = Callable[[UUID], None]
ASKED_AGAIN_S = 0.2
"""How often a run under way asks the database whether it was called off. Project default."""


def open_judgement(
    title: str, prefilled: Prefilled, *, place_code: str = "", exercise: bool | None = None, actor: Actor, now: datetime
) -> Judgement:
    """Open a judgement with a form as it was filled. Raises ``NotPermitted``."""
    form = {name: filled.stored() for name, filled in prefilled.inputs.items()}
    judgement = Judgement(
        title=(title.strip() or prefilled.title)[:120],
        kind=prefilled.kind,
        substance_name=prefilled.substance_name[:100],
        place_code=place_code or prefilled.place_code,
        classification=prefilled.classification,
        enterprise_id=prefilled.enterprise_id,
        alarm_id=prefilled.origin.alarm_id,
        filing_id=prefilled.origin.filing_id,
        incident_id=prefilled.origin.incident_id,
        risk_source_id=prefilled.origin.risk_source_id,
        exercise=prefilled.exercise if exercise is None else exercise,
        longitude=_number(prefilled.inputs.get("longitude")),
        latitude=_number(prefilled.inputs.get("latitude")),
        form=form,
        state=rules.LIVE,
        opened_at=now,
        opened_by_id=actor.account_id,
        opened_by_name=actor.name,
    )
    with change(actor, "judgement.run", now=now, place_code=judgement.place_code, enterprise_id=judgement.enterprise_id) as gathered:
        judgement.save(force_insert=True)
        gathered.subject = judgement
        open_case(judgement, actor=actor, now=now)
        gathered.announce(door.JudgementChanged(**_about(judgement, now), title=judgement.title))
    return judgement


def _number(filled: Filled | None) -> float | None:
    return None if filled is None or filled.value is None else float(filled.value)


def form_of(judgement: Judgement) -> dict[str, Filled]:
    """The inputs the next run would take, with their provenance."""
    return {name: Filled.restored(kept) for name, kept in judgement.form.items()}


def ask_run(
    judgement: Judgement,
    kind: str,
    given: Mapping[str, Any],
    *,
    refreshed: Mapping[str, Filled] | None = None,
    automatic: bool = False,
    because: Sequence[str] = (),
    automatic_from_now: bool | None = None,
    queue: Queue,
    actor: Actor,
    now: datetime,
) -> Run:
    """Ask for a run: ``given`` are the form's texts by name, ``refreshed`` newer values of readings that replace what nobody typed.

    Everything a person can correct is refused here (``Invalid`` with every field); ``queue`` puts the reckoning before a worker in the same
    transaction. Raises ``IsClosed``, ``StillRunning``, ``NotPermitted``, ``UnknownKind``, ``UnknownChemical``.
    """
    if judgement.is_closed:
        raise rules.IsClosed()
    inputs = checked(kind, typed_over({**form_of(judgement), **(refreshed or {})}, given, who=actor.name, at=now))
    question_of(kind, inputs, now)
    with change(actor, "judgement.run", now=now, record=judgement) as gathered:
        locked = Judgement.objects.select_for_update().get(pk=judgement.pk)
        going = queries.unfinished(locked)
        if going is not None:
            raise rules.StillRunning(number=going.number)
        _remember(locked, kind, inputs, automatic_from_now)
        locked.save()
        run = Run.objects.create(
            judgement=locked,
            number=locked.last_number,
            kind=kind,
            inputs={name: filled.stored() for name, filled in inputs.items()},
            automatic=automatic,
            because=list(because),
            exercise=locked.exercise,
            asked_by_id=actor.account_id,
            asked_by_name=actor.name,
            asked_at=now,
            state=rules.WAITING,
        )
        gathered.subject = locked
        gathered.facts.update({"run": str(run.pk), "number": run.number, "automatic": automatic})
        gathered.announce(door.JudgementChanged(**_about(locked, now), title=locked.title))
        queue(run.pk)
    for name in ("kind", "form", "longitude", "latitude", "substance_name", "automatic", "last_number"):
        setattr(judgement, name, getattr(locked, name))
    return run


def _remember(judgement: Judgement, kind: str, inputs: Mapping[str, Filled], automatic: bool | None) -> None:
    judgement.kind = kind
    judgement.form = {**judgement.form, **{name: filled.stored() for name, filled in inputs.items()}}
    judgement.longitude, judgement.latitude = _number(inputs.get("longitude")), _number(inputs.get("latitude"))
    if "substance" in inputs:
        judgement.substance_name = str(inputs["substance"].value)[:100]
    if automatic is not None:
        judgement.automatic = automatic
    judgement.last_number += 1


def call_off(run: Run, *, actor: Actor, now: datetime) -> None:
    """Call a run off: one that waits ends at once, one under way at its next piece. Raises ``AlreadyFinished``, ``NotPermitted``."""
    with change(actor, "judgement.run", now=now, record=run.judgement) as gathered:
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if locked.finished:
            raise rules.AlreadyFinished(number=locked.number)
        locked.cancel_asked_at, locked.cancel_asked_by_name = now, actor.name
        if locked.state == rules.WAITING:
            locked.state, locked.finished_at = rules.CANCELLED, now
        locked.save()
        gathered.facts.update({"run": str(run.pk), "cancelled": locked.number})
        gathered.announce(door.JudgementChanged(**_about(run.judgement, now), title=run.judgement.title))


def perform(run_id: UUID, clock: Callable[[], datetime]) -> str:
    """Reckon a run and keep what came of it; returns the state. A run that is finished, or was called off, is left as it is: a job may come twice."""
    now = clock()
    with transaction.atomic():
        run = Run.objects.select_for_update().select_related(None).get(pk=run_id)
        if run.finished:
            return run.state
        run.state, run.began_at = rules.RUNNING, now
        run.save(update_fields=["state", "began_at"])
    limit_s = figure("time_limit_s", now.date())
    began = time.monotonic()
    should_stop = _should_stop(run_id, began, limit_s)
    try:
        outcome = _outcome(run, now, should_stop)
    except Cancelled:
        called_off = Run.objects.filter(pk=run_id, cancel_asked_at__isnull=False).exists()
        late = rules.TookTooLong(seconds=f"{limit_s:g}")
        outcome = {"state": rules.CANCELLED} if called_off else {"state": rules.REFUSED, "refusal": told(late)}
    except Refusal as refusal:
        outcome = {"state": rules.REFUSED, "refusal": told(refusal)}
    except Exception:
        _keep(run_id, {"state": rules.FAILED}, clock(), time.monotonic() - began)
        raise
    return _keep(run_id, outcome, clock(), time.monotonic() - began)


def _should_stop(run_id: UUID, began: float, limit_s: float) -> ShouldStop:
    asked = began

    def should_stop() -> bool:
        nonlocal asked
        moment = time.monotonic()
        if moment - began > limit_s:
            return True
        if moment - asked < ASKED_AGAIN_S:
            return False
        asked = moment
        return Run.objects.filter(pk=run_id, cancel_asked_at__isnull=False).exists()

    return should_stop


def _outcome(run: Run, now: datetime, should_stop: ShouldStop) -> dict[str, Any]:
    inputs = {name: Filled.restored(kept) for name, kept in run.inputs.items()}
    judgement = run.judgement

    def places_in(area: geometry.Area) -> Sequence[Place]:
        return exposing.places_in(area)

    question = question_of(run.kind, inputs, run.asked_at, places_in)
    result = answer(question, should_stop)
    estimate = None
    if run.kind == rules.TOXIC:
        # The reckoning backwards stands beside the answer; without sensors there is an answer all the same, and the reason is told.
        try:
            estimate = estimated(question, judgement.enterprise_id, now=run.asked_at, exercise=run.exercise, should_stop=should_stop)
        except Cancelled:
            raise
        except Refusal as refusal:
            estimate = {"refusal": told(refusal)}
    run.result = exposing.counted(result, run.asked_at)
    if should_stop():
        raise Cancelled()
    return {"state": rules.DONE, "result": {**run.result, "leaving": evacuating.kept(run, run.asked_at)}, "estimate": estimate}


def _keep(run_id: UUID, outcome: Mapping[str, Any], now: datetime, seconds: float) -> str:
    run = Run.objects.select_related("judgement").get(pk=run_id)
    judgement = run.judgement
    with change(system_actor("judgement"), "judgement.run", now=now, record=judgement) as gathered:
        locked = Run.objects.select_for_update().get(pk=run_id)
        if locked.finished:
            return locked.state
        locked.state = outcome["state"]
        locked.result, locked.estimate, locked.refusal = outcome.get("result"), outcome.get("estimate"), outcome.get("refusal")
        locked.finished_at, locked.seconds = now, round(seconds, 3)
        box = _box(locked.result)
        if box is not None:
            locked.west, locked.south, locked.east, locked.north = box
        locked.save()
        gathered.facts.update({"run": str(run_id), "number": locked.number, "state": locked.state})
        gathered.announce(
            door.JudgementRun(
                **_about(judgement, now),
                title=judgement.title,
                run_id=str(run_id),
                number=locked.number,
                state=locked.state,
                automatic=locked.automatic,
            )
        )
    return str(locked.state)


def _box(result: Mapping[str, Any] | None) -> tuple[float, float, float, float] | None:
    if not result:
        return None
    boxes = [box for zone in result["zones"] if (box := geometry.box_of(zone["band_area"] or zone["area"])) is not None]
    if not boxes:
        return None
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def close(judgement: Judgement, reason: str, *, actor: Actor, now: datetime) -> None:
    """End a judgement: its zones leave the map and nothing runs by itself any more. Raises ``ReasonRequired``, ``WrongState``."""

    def announced(case: Judgement, _move: Any, _gathered: Any) -> door.JudgementChanged:
        return door.JudgementChanged(**_about(case, now), title=case.title)

    advance(judgement, "close", actor=actor, now=now, reason=reason, event=announced)


def due_again(judgement: Judgement, now: datetime) -> bool:
    """Whether a live judgement may run again by itself now: not too soon after the last run, not for ever."""
    newest = queries.newest(judgement)
    if newest is None or not newest.finished or newest.finished_at is None:
        return False
    day = now.date()
    if now - judgement.opened_at > timedelta(hours=figure("rerun_hours", day)):
        return False
    return now - newest.asked_at >= timedelta(minutes=figure("rerun_pause_min", day))


def _about(judgement: Judgement, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": judgement.pk,
        "place_code": judgement.place_code,
        "enterprise_id": judgement.enterprise_id,
        "classification": judgement.classification,
        "exercise": judgement.exercise,
        "at": now,
    }
