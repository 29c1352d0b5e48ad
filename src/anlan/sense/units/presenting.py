"""Process units as pages show them: points, versions, trainings, the course of both statistics, contributions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.ledger.changes import permit
from anlan.sense.criteria import door as criteria
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.sense.units import judging, queries, rules
from anlan.sense.units.models import ModelVersion, ProcessUnit, Training

HOURS = (1, 8, 24, 72)
_HOURS = 8
MOST_COMPARED, MOST_BARS = 8, 12


def may(actor: Actor, action: str, unit: ProcessUnit) -> bool:
    """Whether the actor may do ``action`` on the unit."""
    try:
        permit(actor, action, record=unit)
    except NotPermitted:
        return False
    return True


@dataclass(frozen=True)
class Bar:
    """What one point contributes, in per cent of each statistic; ``width``: of the bar, in per cent of the longest."""

    point: devices.SensorSummary | None
    channel: int
    state: float
    residual: float
    width: float


def version_line(version: ModelVersion, known: dict[int, devices.SensorSummary], rule: criteria.RuleSummary | None) -> dict[str, Any]:
    """A version as the table shows it."""
    return {
        "version": version,
        "method": version.get_method_display(),
        "rate": f"{100 * version.false_alarm_rate:.2f}",
        "left_out": left_out(version.left_out, version.interval_s),
        "still": "、".join(known[channel].name if channel in known else f"#{channel}" for channel in version.still),
        "rule": rule,
    }


def left_out(counts: dict[str, int], interval_s: float) -> str:
    """Moments that were left out of a training, by reason, in hours."""
    told = [(rules.LEFT_OUT[reason], number) for reason, number in counts.items() if number and reason in rules.LEFT_OUT]
    return "；".join(f"{_(label)} {number} （{number * interval_s / 3600:.1f} h）" for label, number in told)


def trainings_context(unit: ProcessUnit, actor: Actor) -> dict[str, Any]:
    """Trainings of a unit: the one that runs, and the last that came to nothing."""
    found = list(unit.trainings.all()[:5])
    running = next((each for each in found if each.is_running), None)
    newest = found[0] if found else None
    failed = newest if newest is not None and newest.state in (Training.FAILED, Training.CANCELLED) else None
    return {
        "unit": unit,
        "running": running,
        "failed": failed,
        "problem": _problem(failed) if failed is not None else "",
        "left_out": left_out(failed.left_out, unit.interval_s) if failed is not None else "",
        "may_train": may(actor, "units.train", unit),
        "finished": str(newest.pk) if newest is not None and newest.state == Training.DONE else "",
    }


def _problem(training: Training) -> str:
    """Why a training came to nothing, in the reader's language."""
    return _(training.problem).format_map(training.problem_facts) if training.problem else ""


def page_context(unit: ProcessUnit, request: HttpRequest) -> dict[str, Any]:
    """Everything on the page of a unit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    versions = list(unit.versions.all()[:20])
    found = queries.rules_of(unit, actor)
    live = next((rule for rule in found if rule.state == criteria.IN_FORCE), None)
    known = devices.sensors_by_channel({*unit.channels, *(channel for version in versions for channel in version.channels)})
    by_digest: dict[str, criteria.RuleSummary] = {}
    for rule in found:
        held = by_digest.get(rule.parameters["model"])
        if held is None or rule.state == criteria.IN_FORCE:
            by_digest[rule.parameters["model"]] = rule
    points = [known[channel] for channel in unit.channels if channel in known]
    compared = "&".join(f"p={point.id}" for point in points[:MOST_COMPARED])
    return {
        "unit": unit,
        "points": points,
        "versions": [version_line(version, known, by_digest.get(version.digest)) for version in versions],
        "newest": versions[0] if versions else None,
        "live": live,
        "pending": next((rule for rule in found if rule.state in ("draft", "tested")), None),
        "periods": queries.kept_periods(unit.periods),
        "exclusions": queries.kept_periods(unit.exclusions),
        "compare": f"{reverse('monitor:compare')}?{compared}" if compared else "",
        "may_change": may(actor, "units.change", unit),
        "may_draft": may(actor, "criteria.draft", unit),
        "stale": bool(versions) and _differs(unit, versions[0]),
        **trainings_context(unit, actor),
        **course_context(unit, request, known),
    }


def _differs(unit: ProcessUnit, version: ModelVersion) -> bool:
    names = ("channels", "interval_s", "age_s", "periods", "exclusions", "method", "quantile")
    return any(getattr(unit, name) != getattr(version, name) for name in names)


def course_context(unit: ProcessUnit, request: HttpRequest, known: dict[int, devices.SensorSummary]) -> dict[str, Any]:
    """Charts of both statistics over the hours asked for, and the shares at the moment asked for."""
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked.isdigit() and int(asked) in HOURS else _HOURS
    version = queries.version_watching(unit)
    context: dict[str, Any] = {"hours": hours, "all_hours": HOURS, "judged_by": version, "course": None, "course_problem": ""}
    if version is None:
        return context
    at, until = _moment(request.GET.get("at", "")), clock.now()
    since = until - timedelta(hours=hours)
    if at is not None and at < since:
        # An alarm of long ago is looked at in its own hours.
        since, until = at - timedelta(hours=hours) / 2, min(until, at + timedelta(hours=hours) / 2)
    try:
        found = judging.course(version, since, until, at)
    except stream.StoreSilent as silent:
        return {**context, "course_problem": sentence(silent)}
    except Refusal as refusal:
        return {**context, "course_problem": sentence(refusal)}
    shortened = found.since - since > timedelta(minutes=30)
    since = max(since, found.since)
    threshold = (stream.Rule(1.0, _("阈值"), "red"),)
    marks = [found.at] if found.at is not None else []
    missing = [known[channel].name if channel in known else f"#{channel}" for channel in sorted(found.missing)]
    return {
        **context,
        "course": found,
        "state_chart": stream.draw(zip(found.moments, found.state, strict=True), since, until, rules=threshold, marks=marks),
        "residual_chart": stream.draw(zip(found.moments, found.residual, strict=True), since, until, rules=threshold, marks=marks),
        "time_format": "H:i" if hours <= 24 else "m-d H:i",
        "missing": "、".join(missing[:10]),
        "shortened": found.since if shortened else None,
        "bars": _bars(found, known),
        "above": found.at is not None and max(found.at_state, found.at_residual) > 1.0,
    }


def _bars(found: judging.Course, known: dict[int, devices.SensorSummary]) -> list[Bar]:
    """The points that contribute most to the statistic that is higher, the largest first."""
    if found.shares is None:
        return []
    leading = 0 if found.at_state >= found.at_residual else 1
    ordered = sorted(found.shares.items(), key=lambda entry: -entry[1][leading])[:MOST_BARS]
    longest = max(ordered[0][1][leading], 1e-9)
    return [
        Bar(known.get(channel), channel, round(100 * both[0], 1), round(100 * both[1], 1), round(100 * both[leading] / longest, 1))
        for channel, both in ordered
    ]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def alarm_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The unit behind an alarm, for the alarm's page: its course at the time of the alarm is one step away."""
    if getattr(subject, "kind", "") != "UNIT":
        return None
    unit = queries.unit_of_rule(subject.rule)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if unit is None or not may(actor, queries.VIEW, unit):
        return None
    return {"unit": unit, "at": timezone.localtime(subject.raised_at).strftime("%Y-%m-%dT%H:%M:%S")}
