"""When what was sent will be on scene, kept with its task; reckoned anew when a road is closed or opened, and told to whoever waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.incidents import door, queries, rules
from anlan.command.incidents.announcing import about, write_entry
from anlan.command.incidents.models import ResponseTask
from anlan.command.resources import door as resources
from anlan.ground.roads import door as roads
from anlan.kernel.access import system_actor
from anlan.ledger.changes import change

_CLERK = system_actor("incidents")
RECKONED = ("expected_at", "first_expected_at", "way")


def road_news(event: roads.RoadClosed | roads.RoadOpened) -> str:
    """What happened to a road, in words."""
    return (_("{road}封闭") if isinstance(event, roads.RoadClosed) else _("{road}恢复通行")).format(road=event.name)


def set_out(task: ResponseTask, now: datetime, *, left_at: datetime | None = None) -> None:
    """Reckon when the resource of a task, ordered or gone at ``now``, will be there. The task is saved by the caller."""
    end = _scene(task)
    found = None
    if end is not None and task.resource_id is not None:
        found = resources.set_out(task.resource_id, end, ordered_at=now, left_at=left_at, exercise=task.exercise)
    task.expected_at = found.at if found is not None else None
    task.way = found.kept() if found is not None else {}
    if left_at is None or task.first_expected_at is None:
        task.first_expected_at = task.expected_at


def reckon(now: datetime, because: str, least: timedelta = rules.SHIFT, *, exercise: bool = False) -> int:
    """Reckon anew everything that is under way; how many arrivals moved by ``least`` or more. Run twice, the second time moves nothing.

    ``exercise``: only what is under way in exercises, which may have a time of their own.
    """
    rows = queries.under_way().filter(exercise=True) if exercise else queries.under_way()
    return sum(_reckon(key, now, because, least) for key in rows.values_list("pk", flat=True))


def _reckon(key: object, now: datetime, because: str, least: timedelta) -> bool:
    with transaction.atomic():
        task = queries.under_way().select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        end = _scene(task) if task is not None else None
        if task is None or end is None or task.resource_id is None:
            return False
        found = resources.go_on(task.resource_id, end, resources.Arrival.read(task.way), now=now, exercise=task.exercise)
        was, comes = task.expected_at, found.at if found is not None else None
        if not moved(was, comes, least):
            return False
        with change(_CLERK, "incidents.order_task", now=now, record=task) as gathered:
            task.expected_at, task.way = comes, found.kept() if found is not None else task.way
            task.save(update_fields=["expected_at", "way"])
            minutes = rules.shift_minutes(was, comes)
            write_entry(task.incident, "system", sentence(task.resource_name, was, comes, because), _CLERK, now)
            gathered.facts.update({"expected": _clock(comes), "because": because})
            gathered.announce(_moved(task, minutes, because, now))
        return True


def _scene(task: ResponseTask) -> tuple[float, float] | None:
    incident = task.incident
    return None if incident.longitude is None or incident.latitude is None else (incident.longitude, incident.latitude)


def moved(was: datetime | None, comes: datetime | None, least: timedelta = rules.SHIFT) -> bool:
    """Whether an arrival moved by as much as is worth telling; ``None``: no open road leads there."""
    if was is None or comes is None:
        return was is not comes
    return abs(comes - was) >= least


def sentence(force: str, was: datetime | None, comes: datetime | None, because: str) -> str:
    """What is told of an arrival that moved."""
    minutes = rules.shift_minutes(was, comes)
    told = {"force": force, "road": because, "at": _clock(comes), "minutes": abs(minutes)}
    if comes is None:
        return _("{road}：{force}无路可到现场").format(**told)
    if was is None:
        return _("{road}：{force}又可到场，预计 {at}").format(**told)
    late = _("{road}：{force}改道，预计 {at} 到场，晚 {minutes} 分钟")
    return (late if minutes > 0 else _("{road}：{force}预计 {at} 到场，早 {minutes} 分钟")).format(**told)


def _moved(task: ResponseTask, minutes: int, because: str, now: datetime) -> door.ArrivalMoved:
    return door.ArrivalMoved(
        **about(task.incident, now),
        title=task.incident.title,
        task_id=str(task.pk),
        force=task.resource_name,
        minutes=minutes,
        expected=_clock(task.expected_at),
        because=because,
        blocked=task.expected_at is None,
    )


def _clock(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%H:%M") if moment is not None else "—"
