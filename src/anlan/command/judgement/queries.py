"""Reads of judgements and runs, scoped to what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.command.judgement import rules
from anlan.command.judgement.models import Judgement, Run
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "judgement.view"


def judgements(actor: Actor | None) -> QuerySet[Judgement]:
    """Judgements that ``actor`` may see, newest first."""
    rows = Judgement.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def judgement(judgement_id: UUID | str, actor: Actor | None) -> Judgement:
    """One judgement. Raises ``NotFound``."""
    found = judgements(actor).filter(pk=judgement_id).first()
    if found is None:
        raise NotFound(what=str(judgement_id))
    return found


def for_subject(kind: str, subject_id: UUID, actor: Actor | None) -> QuerySet[Judgement]:
    """Judgements of an alarm, filing, incident or hazard source. Raises ``NotFound`` for another kind."""
    if kind not in rules.LINKS:
        raise NotFound(what=kind)
    return judgements(actor).filter(**{f"{kind}_id": subject_id})


def live() -> QuerySet[Judgement]:
    """Judgements under way that follow the readings."""
    return Judgement.objects.filter(state=rules.LIVE, automatic=True, last_number__gt=0)


def runs(actor: Actor | None) -> QuerySet[Run]:
    """Runs of judgements that ``actor`` may see."""
    rows = Run.objects.select_related("judgement")
    if actor is None:
        return rows
    return visible(
        rows,
        actor,
        VIEW,
        place="judgement__place_code",
        enterprise="judgement__enterprise_id",
        classification="judgement__classification",
    )


def run(run_id: UUID | str, actor: Actor | None) -> Run:
    """One run. Raises ``NotFound``."""
    found = runs(actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound(what=str(run_id))
    return found


def newest(judgement: Judgement, *, answered: bool = False) -> Run | None:
    """The newest run; ``answered``: the newest that has a result."""
    rows = judgement.runs.order_by("-number")
    return (rows.filter(state=rules.DONE) if answered else rows).first()


def last_answers(judgement: Judgement, number: int, before: int | None = None) -> Sequence[Run]:
    """The last ``number`` runs with a result, newest first; ``before``: those with a smaller number."""
    rows = judgement.runs.filter(state=rules.DONE).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return list(rows[:number])


def unfinished(judgement: Judgement) -> Run | None:
    """The run that is waiting or under way, if any."""
    return judgement.runs.filter(state__in=rules.UNFINISHED).order_by("-number").first()


def latest_runs(
    actor: Actor | None,
    *,
    at: datetime,
    box: tuple[float, float, float, float] | None = None,
    incident_id: UUID | None = None,
    limit: int = 100,
) -> Sequence[Run]:
    """The newest answered run until ``at`` of each live judgement, newest first."""
    rows = runs(actor).filter(state=rules.DONE, judgement__state=rules.LIVE, finished_at__lte=at)
    if incident_id is not None:
        rows = rows.filter(judgement__incident_id=incident_id)
    newest_ids = rows.order_by("judgement_id", "-number").distinct("judgement_id").values("pk")
    chosen = Run.objects.select_related("judgement").filter(pk__in=newest_ids)
    if box is not None:
        west, south, east, north = box
        chosen = chosen.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    return list(chosen.order_by("-finished_at")[:limit])
