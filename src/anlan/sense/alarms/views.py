"""Pages of alarms: the desk where open alarms are acknowledged, and the page of one alarm with its curve and history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.sense.alarms import queries, rules, services, wording
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream

_ = gettext_lazy
PAGE = "alarms.detail"
"""Name of the alarm's page for panels of the rooms above."""
SHOWN = 100
_AROUND = timedelta(minutes=30)


class NoteForm(ResourceForm):
    """What was seen or done."""

    kind = forms.ChoiceField(label=_("类别"), choices=[(code, _(label)) for code, label in rules.NOTE_KINDS.items()])
    text = forms.CharField(label=_("处置情况"), max_length=2000, widget=forms.Textarea({"rows": 3}))


@requires("alarms.view")
@require_GET
def desk_page(request: ActorRequest) -> HttpResponse:
    """Open alarms, those that wait for somebody first; refreshed by events, a row under the cursor stays where it is."""
    actor = cast(Actor, request.actor)
    now = clock.now()
    found = list(queries.open_alarms(actor)[:SHOWN])
    names = enterprises.names({row.enterprise_id for row in found})
    context = {
        "rows": [_row(row, names.get(row.enterprise_id, ""), actor, now) for row in found],
        "open_count": queries.open_alarms(actor).count(),
        "unacknowledged_count": queries.unacknowledged(actor).count(),
        "shown": SHOWN,
        "data_time": now,
    }
    return render(request, "alarms/desk.html", context)


@requires("alarms.view")
@require_GET
def alarm_page(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """One alarm: both axes, owner, elapsed time, the curve around it, what was done."""
    actor = cast(Actor, request.actor)
    return render(request, "alarms/alarm.html", _context(request, queries.one(alarm_id, actor), actor, NoteForm()))


@requires("alarms.acknowledge")
@require_POST
def acknowledge(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Acknowledge an alarm in the name of whoever is signed in. Back to where the button stood."""
    actor = cast(Actor, request.actor)
    services.acknowledge(queries.one(alarm_id, actor), request.POST.get("note", ""), actor=actor, now=clock.now())
    back = reverse("alarms:desk") if request.POST.get("back") == "desk" else reverse("alarms:detail", args=[alarm_id])
    return HttpResponseRedirect(back)


@requires("alarms.handle")
@require_POST
def add_note(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Write down what was seen or done about an alarm."""
    actor = cast(Actor, request.actor)
    alarm = queries.one(alarm_id, actor)
    form = NoteForm(request.POST)
    if form.is_valid():
        services.add_note(alarm, form.cleaned_data["text"], form.cleaned_data["kind"], actor=actor, now=clock.now())
        return HttpResponseRedirect(reverse("alarms:detail", args=[alarm_id]))
    return render(request, "alarms/alarm.html", _context(request, alarm, actor, form), status=422)


def _row(row: Alarm, owner: str, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "alarm": row,
        "owner": owner,
        "place": places.place_name(row.place_code[:6]),
        "tone": wording.LEVEL_TONES[row.level],
        "state": wording.state_label(row),
        "elapsed": wording.duration((row.cleared_at or now) - row.raised_at),
        "may_acknowledge": not row.is_acknowledged and _may(actor, "acknowledge", row),
    }


def _context(request: ActorRequest, alarm: Alarm, actor: Actor, form: NoteForm) -> dict[str, Any]:
    now = clock.now()
    owner = enterprises.enterprises([alarm.enterprise_id]).get(alarm.enterprise_id)
    source = risksources.risk_sources([alarm.risk_source_id]).get(alarm.risk_source_id) if alarm.risk_source_id else None
    others = queries.alarms(actor).filter(event_key=alarm.event_key).exclude(pk=alarm.pk).order_by("raised_at")[:20]
    return {
        **_row(alarm, owner.name if owner else "", actor, now),
        "owner_url": reverse("enterprises:file", args=[alarm.enterprise_id]),
        "full_place": places.full_name(alarm.place_code),
        "sensor": devices.sensor(alarm.sensor_id) if alarm.sensor_id is not None else None,
        "device": devices.device(alarm.device_id),
        "risk_source": source,
        "timeline": queries.timeline(alarm),
        "note_labels": {f"note:{kind}": gettext(label) for kind, label in rules.NOTE_KINDS.items()},
        "others": [(other, wording.LEVEL_TONES[other.level], wording.state_label(other)) for other in others],
        "may_handle": _may(actor, "handle", alarm),
        "form": form,
        "fields": list(form),
        "errors": form.summary() if form.is_bound else [],
        "figures": {name: f"{getattr(alarm, name):.6g}" for name in ("limit", "value", "peak")},
        "panels": panels.render(PAGE, alarm, request),
        **_curve(alarm, now),
    }


def _curve(alarm: Alarm, now: datetime) -> dict[str, Any]:
    """The readings around the alarm: half an hour before to half an hour after it, at most until now."""
    if alarm.sensor_id is None:
        return {}
    end = alarm.cleared_at or now
    since, until = alarm.raised_at - _AROUND, min(now, end + _AROUND)
    if until <= alarm.raised_at:
        until = alarm.raised_at + _AROUND
    rule = stream.Rule(alarm.limit, f"{alarm.kind} {alarm.limit:g}", wording.LEVEL_TONES[alarm.level])
    marks = [alarm.raised_at, *([alarm.cleared_at] if alarm.cleared_at else [])]
    length = until - since
    return {
        "chart": stream.chart(alarm.sensor_id, since, until, rules=[rule], marks=marks),
        "chart_label": gettext("报警前后的读数曲线"),
        "chart_time_format": "H:i" if length <= timedelta(days=1) else "m-d H:i",
    }


def sensor_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Alarms of a measuring point, for its page."""
    rows = queries.alarms(cast(Actor, request.actor)).filter(sensor_id=subject.pk)[:10]
    return {"rows": [(row, wording.LEVEL_TONES[row.level], wording.state_label(row)) for row in rows]}


def enterprise_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Alarms of an enterprise, for its file page."""
    rows = queries.alarms(cast(Actor, request.actor)).filter(enterprise_id=subject.pk)[:10]
    return {"rows": [(row, wording.LEVEL_TONES[row.level], wording.state_label(row)) for row in rows]}


def _may(actor: Actor, verb: str, row: Alarm) -> bool:
    return actor.may(f"alarms.{verb}", place_code=row.place_code, enterprise_id=row.enterprise_id, classification=row.classification)
