"""The page of one alarm with its curve, history and verbs, and the verbs themselves. The desk of open alarms stands in :mod:`.desk`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence, wants_json
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.evidence import door as evidence
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.alarms import desk, naming, queries, rules, services, sweeping, tables, timing, wording
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream

_ = gettext_lazy
PAGE = "alarms.detail"
"""Name of the alarm's page for panels of the rooms above."""
_AROUND = timedelta(minutes=30)


class NoteForm(ResourceForm):
    """What was seen or done, with a photograph."""

    kind = forms.ChoiceField(label=_("类别"), choices=[(code, _(label)) for code, label in rules.NOTE_KINDS.items()], initial=rules.MEASURE)
    text = forms.CharField(label=_("处置情况"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    photo = forms.FileField(label=_("现场照片"), required=False, widget=forms.FileInput({"accept": "image/*"}))


class ShelvingForm(ResourceForm):
    """How long and why an alarm is put aside."""

    minutes = forms.IntegerField(label=_("搁置时长（分钟）"), min_value=1, max_value=timing.LONGEST_MINUTES)
    reason = forms.CharField(label=_("搁置理由"), max_length=200)


class ReviewForm(ResourceForm):
    """What an alarm turned out to be."""

    finding = forms.ChoiceField(label=_("原因认定"))
    note = forms.CharField(label=_("复核说明"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate(clock.now())
        choices = [("", gettext("请选择")), *((row.code, wording.finding_label(row.code)) for row in tables.findings(today))]
        cast(forms.ChoiceField, self.fields["finding"]).choices = choices


@requires("alarms.view")
@require_GET
def alarm_page(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """One alarm: both axes, owner, elapsed time, the curve around it, what was done."""
    actor = cast(Actor, request.actor)
    return render(request, "alarms/alarm.html", _context(request, queries.one(alarm_id, actor), actor))


@requires("alarms.acknowledge")
@require_POST
def acknowledge(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Acknowledge an alarm in the name of whoever is signed in. Back to where the button stood."""
    actor = cast(Actor, request.actor)
    services.acknowledge(queries.one(alarm_id, actor), request.POST.get("note", ""), actor=actor, now=clock.now())
    return _back(request, alarm_id)


@requires("alarms.handle")
@require_POST
def add_note(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Write down what was seen or done about an alarm; a photograph that is refused does not take the words with it."""
    actor, now = cast(Actor, request.actor), clock.now()
    alarm = queries.one(alarm_id, actor)
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, alarm, actor, form)
    text, photo = form.cleaned_data["text"], form.cleaned_data["photo"]
    services.add_note(alarm, text, form.cleaned_data["kind"], actor=actor, now=now)
    if photo is not None:
        try:
            evidence.attach(alarm, photo, actor=actor, now=now, caption=text[:200])
        except Refusal as refusal:
            messages.error(request, gettext("处置情况已保存，照片没有保存：%(why)s") % {"why": sentence(refusal)})
    return _back(request, alarm_id)


@requires("alarms.handle")
@require_POST
def reset(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Say that equipment was reset on the spot."""
    actor = cast(Actor, request.actor)
    services.reset(queries.one(alarm_id, actor), request.POST.get("reason", ""), actor=actor, now=clock.now())
    return _back(request, alarm_id)


@requires("alarms.shelve")
@require_POST
def shelve(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Put an alarm aside for a while, or take it back (``end``)."""
    actor = cast(Actor, request.actor)
    alarm = queries.one(alarm_id, actor)
    if request.POST.get("end"):
        services.unshelve(alarm, actor=actor, now=clock.now())
        sweeping.unshelve(clock.now())
        return _back(request, alarm_id)
    form = ShelvingForm(request.POST)
    if not form.is_valid():
        return _refused(request, alarm, actor, form)
    services.shelve(alarm, form.cleaned_data["minutes"], form.cleaned_data["reason"], actor=actor, now=clock.now())
    return _back(request, alarm_id)


@requires("alarms.review")
@require_POST
def review(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Close an alarm, or (``whole``) all of its group that wait for it, with what it was."""
    actor = cast(Actor, request.actor)
    alarm = queries.one(alarm_id, actor)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _refused(request, alarm, actor, form)
    rows = queries.alarms(actor)
    rows = rows.filter(group_key=alarm.group_key) if request.POST.get("whole") else rows.filter(pk=alarm.pk)
    services.review(rows.order_by(), form.cleaned_data["finding"], form.cleaned_data["note"], actor=actor, now=clock.now())
    return _back(request, alarm_id)


def _back(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(desk.back_to(request, reverse("alarms:detail", args=[alarm_id])))


def _refused(request: ActorRequest, alarm: Alarm, actor: Actor, form: ResourceForm) -> HttpResponse:
    """The page again with what was typed; to a script only what is wrong."""
    if wants_json(request):
        fields = {name: str(errors[0]) for name, errors in form.errors.items()}
        return JsonResponse({"code": "invalid", "message": "；".join(fields.values()), "fields": fields}, status=422)
    return render(request, "alarms/alarm.html", _context(request, alarm, actor, form), status=422)


def _context(request: ActorRequest, alarm: Alarm, actor: Actor, bound: ResourceForm | None = None) -> dict[str, Any]:
    now = clock.now()
    owner = enterprises.enterprises([alarm.enterprise_id]).get(alarm.enterprise_id)
    source = risksources.risk_sources([alarm.risk_source_id]).get(alarm.risk_source_id) if alarm.risk_source_id else None
    group = queries.alarms(actor).filter(group_key=alarm.group_key).exclude(pk=alarm.pk).order_by("raised_at")
    others = queries.alarms(actor).filter(event_key=alarm.event_key).exclude(group_key=alarm.group_key).order_by("raised_at")[:20]
    point = naming.shown_point(alarm)
    made = {form: bound if isinstance(bound, form) else form() for form in (NoteForm, ShelvingForm, ReviewForm)}
    return {
        "alarm": alarm,
        "tone": wording.LEVEL_TONES[alarm.level],
        "state": wording.state_label(alarm),
        "says": wording.says(alarm),
        "kind": wording.kind_label(alarm.kind),
        "marks": wording.quality_marks(alarm),
        "delay": wording.duration(alarm.delay) if alarm.late else "",
        "elapsed": wording.duration((alarm.cleared_at or now) - alarm.raised_at),
        "runs": alarm.state in rules.OPEN_STATES,
        "owner": owner.name if owner else "",
        "owner_url": reverse("enterprises:file", args=[alarm.enterprise_id]),
        "full_place": places.full_name(alarm.place_code),
        "sensor": point,
        "device": devices.device(alarm.device_id),
        "risk_source": source,
        "timeline": queries.timeline(alarm),
        "note_labels": {f"note:{kind}": gettext(label) for kind, label in rules.NOTE_KINDS.items()},
        "cause": queries.alarms(actor).filter(pk=alarm.cause_id).first() if alarm.cause_id else None,
        "group": listed(group[:50]),
        "group_count": group.count(),
        "others": listed(others),
        "finding": wording.finding_label(alarm.finding) if alarm.finding else "",
        "facts": wording.facts(alarm),
        "contributions": naming.contributions(alarm),
        "figures": {name: f"{getattr(alarm, name):.6g}" for name in ("limit", "value", "peak")},
        "measured": alarm.kind in rules.LIMIT_KINDS,
        "panels": panels.render(PAGE, alarm, request),
        **evidence.panel_context(alarm, actor),
        **_verbs(alarm, actor, now),
        "note_form": list(made[NoteForm]),
        "shelving_form": list(made[ShelvingForm]),
        "review_form": list(made[ReviewForm]),
        "errors": bound.summary() if bound is not None else [],
        **_curve(alarm, point, now),
    }


def _verbs(alarm: Alarm, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the actor may do with the alarm as it stands."""
    is_open = alarm.state in rules.OPEN_STATES
    longest = timing.length(tables.SHELVING, alarm.level, now) or timedelta()
    return {
        "may_acknowledge": rules.acknowledge_move(alarm.state, alarm.level) is not None and desk.may(actor, "acknowledge", alarm),
        "may_handle": desk.may(actor, "handle", alarm),
        "may_reset": alarm.kind == rules.HAPPENED and alarm.state == rules.ACKNOWLEDGED and desk.may(actor, "handle", alarm),
        "may_shelve": is_open and bool(longest) and not alarm.is_shelved(now) and desk.may(actor, "shelve", alarm),
        "may_unshelve": alarm.is_shelved(now) and desk.may(actor, "shelve", alarm),
        "shelved": alarm.is_shelved(now),
        "longest": int(longest.total_seconds() // 60),
        "waits_review": alarm.state == rules.REVIEWING,
        "may_review": alarm.state == rules.REVIEWING and desk.may(actor, "review", alarm),
        "own": alarm.acknowledged_by_id == actor.account_id,
    }


def listed(rows: Iterable[Alarm]) -> list[tuple[Alarm, str, str]]:
    """Alarms with colour and state in words, as ``alarms/_list.html`` takes them."""
    return [(row, wording.LEVEL_TONES[row.level], wording.state_label(row)) for row in rows]


def _curve(alarm: Alarm, point: devices.SensorSummary | None, now: datetime) -> dict[str, Any]:
    """The readings around the alarm: half an hour before to half an hour after it, at most until now."""
    if point is None:
        return {}
    end = alarm.cleared_at or now
    since, until = alarm.raised_at - _AROUND, min(now, end + _AROUND)
    if until <= alarm.raised_at:
        until = alarm.raised_at + _AROUND
    rules_drawn = [stream.Rule(alarm.limit, f"{alarm.kind} {alarm.limit:g}", wording.LEVEL_TONES[alarm.level])]
    marks = [alarm.raised_at, *([alarm.cleared_at] if alarm.cleared_at else [])]
    length = until - since
    return {
        "chart": stream.chart(point.id, since, until, rules=rules_drawn if alarm.kind in rules.LIMIT_KINDS else [], marks=marks),
        "chart_label": gettext("报警前后的读数曲线"),
        "chart_time_format": "H:i" if length <= timedelta(days=1) else "m-d H:i",
    }


def sensor_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Alarms of a measuring point, for its page."""
    return {"rows": listed(queries.alarms(cast(Actor, request.actor)).filter(sensor_id=subject.pk)[:10])}


def enterprise_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Alarms of an enterprise, for its file page."""
    return {"rows": listed(queries.alarms(cast(Actor, request.actor)).filter(enterprise_id=subject.pk)[:10])}
