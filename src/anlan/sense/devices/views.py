"""Pages of devices: the device, the measuring point with its curve, limits, maintenance, credentials."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.desk.todo import PER_SOURCE, Todo
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.changes import permit
from anlan.sense.devices import calibrationpages, exercising, forms, queries, rules, services, wording
from anlan.sense.devices.editing import edit
from anlan.sense.devices.models import Device, Sensor
from anlan.sense.stream import door as stream
from anlan.wire import addresses
from anlan.wire.blocks import DOUBTFUL, EXERCISE, LATE, MAINTENANCE, OUT_OF_RANGE

DEVICE_PAGE, SENSOR_PAGE = "devices.detail", "sensors.detail"
"""Names of the pages for panels of the rooms above."""


PANEL_POINTS = 200


@requires("devices.view")
@require_GET
def device_page(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """One device: what it is, its points with their newest values, work on it."""
    actor = cast(Actor, request.actor)
    device = queries.one_device(device_id, actor)
    points = list(device.sensors.filter(in_use=True).order_by("code"))
    context = {
        "device": device,
        "owner": enterprises.names([device.enterprise_id]).get(device.enterprise_id, ""),
        "owner_url": reverse("enterprises:file", args=[device.enterprise_id]),
        "risk_source": risksources.risk_sources([device.risk_source_id]).get(device.risk_source_id) if device.risk_source_id else None,
        "place": places.full_name(device.place_code),
        "tone": wording.STATE_TONES.get(device.state, "grey"),
        "rows": point_rows(points),
        "windows": queries.windows(actor).filter(device=device)[:10],
        "working": queries.under_maintenance(device.pk, clock.now()),
        "exercised": queries.exercised(device.pk, clock.now()),
        "may": {verb: _may(actor, verb, device) for verb in ("register", "maintain", "credentials", "change")},
        "calibrations": calibrationpages.calibration_rows(points, timezone.localdate(clock.now())),
        "now": clock.now(),
        **_line(device),
        "panels": panels.render(DEVICE_PAGE, device, request),
    }
    return render(request, "devices/device.html", context)


def _line(device: Device) -> dict[str, Any]:
    line = queries.link_of(device)
    return {
        "line": line,
        "line_tone": wording.LINK_TONES[line.state],
        "line_label": wording.link_label(line, clock.now()),
        "line_reason": wording.link_reason(line.reason),
        "field_addresses": queries.addresses(None).filter(device=device),
        "calling": addresses.CALLING,
    }


@requires("devices.view")
@require_GET
def sensor_page(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """One measuring point: newest value, curve, limits in force and before."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    hours = _hours(request)
    sets = list(queries.threshold_sets(sensor.pk)[:20])
    today = timezone.localdate(clock.now())
    context = {
        "sensor": sensor,
        "summary": queries.sensor_summary(sensor),
        "owner": enterprises.names([sensor.enterprise_id]).get(sensor.enterprise_id, ""),
        "owner_url": reverse("enterprises:file", args=[sensor.enterprise_id]),
        "class_label": wording.class_label(sensor.sensor_class),
        "sets": [(each, each.effective_from <= today and (each.effective_to is None or each.effective_to >= today)) for each in sets],
        "ranges": [(value, label, value == hours) for value, label in wording.RANGES.items()],
        "hours": hours,
        "may": {verb: _may(actor, verb, sensor) for verb in ("set_thresholds", "change")},
        "panels": panels.render(SENSOR_PAGE, sensor, request),
        **_curve(sensor, hours, actor),
    }
    return render(request, "devices/sensor.html", context)


@requires("devices.view")
@require_GET
def sensor_curve(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """The newest value and the curve alone, for refreshing."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    hours = _hours(request)
    return render(request, "devices/_curve.html", {"sensor": sensor, "hours": hours, **_curve(sensor, hours, actor)})


@requires("devices.set_thresholds")
@require_http_methods(["GET", "POST"])
def thresholds_page(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Put new limits in force for a point."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    permit(actor, "devices.set_thresholds", record=sensor)
    present = queries.limits_on(sensor.pk, timezone.localdate(clock.now()))
    form = forms.ThresholdForm(request.POST or None, unit=sensor.unit, present=present)

    def save(values: dict[str, Any]) -> None:
        facts = {name: values[name] for name in ("basis", "source", "status", "effective_from")}
        services.set_thresholds(sensor.pk, form.limits(), **facts, actor=actor, now=clock.now())

    return edit(request, form, _("报警阈值：%(name)s") % {"name": sensor.name}, reverse("devices:sensor", args=[sensor.pk]), save)


@requires("devices.register")
@require_http_methods(["GET", "POST"])
def add_device(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Register a device of an enterprise."""
    actor = cast(Actor, request.actor)
    owner = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "devices.register", place_code=owner.place_code, enterprise_id=owner.id)
    active = queries.credentials(actor).filter(enterprise_id=owner.id, state=rules.ACTIVE)
    form = forms.DeviceForm(
        request.POST or None,
        credentials=[(str(row.pk), f"{row.username} {row.label}") for row in active],
        risk_sources=[(str(row.id), row.name) for row in risksources.of_enterprise(owner.id, actor)],
    )
    heading = _("登记设备：%(name)s") % {"name": owner.name}
    back_url = reverse("enterprises:file", args=[owner.id])
    return edit(request, form, heading, back_url, lambda values: services.register_device(owner.id, values, actor=actor, now=clock.now()))


@requires("devices.register")
@require_http_methods(["GET", "POST"])
def add_sensor(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Add a measuring point to a device."""
    actor = cast(Actor, request.actor)
    device = queries.one_device(device_id, actor)
    permit(actor, "devices.register", record=device)
    form = forms.SensorForm(request.POST or None)
    heading = _("添加测点：%(name)s") % {"name": device.name}
    back_url = reverse("devices:device", args=[device.pk])
    return edit(
        request,
        form,
        heading,
        back_url,
        lambda values: services.add_sensor(device.pk, {"unit": "", **values}, actor=actor, now=clock.now()),
    )


@requires("devices.maintain")
@require_http_methods(["GET", "POST"])
def maintenance_page(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Enter a time of work on a device, or of an exercise."""
    actor = cast(Actor, request.actor)
    device = queries.one_device(device_id, actor)
    permit(actor, "devices.maintain", record=device)
    heading = _("登记检修或演练：%(name)s") % {"name": device.name}
    return edit(
        request,
        forms.MaintenanceForm(request.POST or None),
        heading,
        reverse("devices:device", args=[device.pk]),
        lambda values: services.plan_maintenance(device, **values, actor=actor, now=clock.now()),
    )


@requires("devices.credentials")
@require_http_methods(["GET", "POST"])
def credentials_page(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Credentials of an enterprise's equipment; a secret just issued is shown once, on the answer to its own request."""
    actor = cast(Actor, request.actor)
    owner = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "devices.credentials", place_code=owner.place_code, enterprise_id=owner.id)
    form, issued = forms.CredentialForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        issued = services.issue_credential(owner.id, label=form.cleaned_data["label"], actor=actor, now=clock.now())
        form = forms.CredentialForm()
    return _credentials(request, actor, owner, form, issued)


@requires("devices.credentials")
@require_POST
def credential_verb(request: ActorRequest, credential_id: UUID, verb: str) -> HttpResponse:
    """Rotate the secret of a credential, bound what it may send, or revoke it."""
    actor = cast(Actor, request.actor)
    credential = queries.one_credential(credential_id, actor)
    owner = enterprises.enterprise(credential.enterprise_id, actor)
    if verb == "quota":
        quota = forms.QuotaForm(request.POST)
        if not quota.is_valid():
            return _credentials(request, actor, owner, forms.CredentialForm(), None, quota)
        services.set_quota(credential, **quota.cleaned_data, actor=actor, now=clock.now())
        return HttpResponseRedirect(reverse("devices:credentials", args=[owner.id]))
    if verb == "revoke":
        form = forms.RevokeForm(request.POST)
        if not form.is_valid():
            return _credentials(request, actor, owner, forms.CredentialForm(), None, form)
        services.revoke_credential(credential, reason=form.cleaned_data["reason"], actor=actor, now=clock.now())
        return HttpResponseRedirect(reverse("devices:credentials", args=[owner.id]))
    issued = services.rotate_secret(credential, actor=actor, now=clock.now())
    return _credentials(request, actor, owner, forms.CredentialForm(), issued)


def _credentials(
    request: ActorRequest,
    actor: Actor,
    owner: enterprises.EnterpriseSummary,
    form: ResourceForm,
    issued: object,
    wrong: ResourceForm | None = None,
) -> HttpResponse:
    """The page; ``wrong`` is a form of another verb that was refused."""
    refused = wrong or (form if form.is_bound else None)
    issued_ones = queries.credentials(actor).filter(enterprise_id=owner.id).select_related("over_quota")
    rows = [(row, wording.CREDENTIAL_TONES.get(row.state, "grey"), getattr(row, "over_quota", None)) for row in issued_ones]
    context = {
        "owner": owner,
        "owner_url": reverse("enterprises:file", args=[owner.id]),
        "rows": rows,
        "form": form,
        "fields": list(form),
        "errors": refused.summary() if refused is not None else [],
        "issued": issued,
    }
    answer = render(request, "devices/credentials.html", context, status=422 if refused is not None and refused.errors else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def todo(actor: Actor, now: datetime) -> list[Todo]:
    """Credentials whose equipment sends more than it may."""
    return [
        Todo(
            title=f"{row.enterprise.name}：{row.label or row.username}",
            kind=_("接入限额"),
            url=reverse("devices:credentials", args=[row.enterprise_id]),
            what=_("上报超过每分钟限额（已 %(n)s 条报文）：核对设备上报频率，或调整限额") % {"n": row.over_quota.messages},
            place=places.place_name(row.place_code),
            since=row.over_quota.since,
            subject=row.pk,
        )
        for row in queries.over_quota(actor, now - rules.OVER_QUOTA_SHOWN)[:PER_SOURCE]
    ]


@requires("devices.view")
@require_GET
def enterprise_points(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Points of an enterprise with their newest values, for refreshing its file page. Raises ``NotFound`` where it may not be seen."""
    actor = cast(Actor, request.actor)
    enterprises.enterprise(enterprise_id, actor)
    points = list(queries.sensors_of(enterprise_id, actor)[:PANEL_POINTS])
    return render(request, "devices/_points.html", {"rows": point_rows(points)})


def enterprise_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Devices and points of an enterprise, for its file page."""
    actor = cast(Actor, request.actor)
    found = list(queries.devices_of(subject.pk, actor)[:50])
    points = list(queries.sensors_of(subject.pk, actor)[:PANEL_POINTS])
    may = actor.may("devices.credentials", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification)
    told = ngettext("%(n)s 台设备", "%(n)s 台设备", len(found)) % {"n": len(found)}
    return {
        "brief": told if found else _("还没有登记设备，无法在线监测。"),
        "devices": [(device, wording.STATE_TONES.get(device.state, "grey")) for device in found],
        "rows": point_rows(points),
        "may_credentials": may,
        "may_maintain": actor.may(
            "devices.maintain", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification
        ),
        "exercises": exercising.announced(subject.pk, clock.now()),
        "now": clock.now(),
        "may_register": actor.may(
            "devices.register", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification
        ),
        "enterprise_id": subject.pk,
    }


def point_rows(points: list[Sensor]) -> list[dict[str, Any]]:
    """Points with their newest values; ``reading`` is ``None`` for never heard, ``known`` false when the store is silent."""
    try:
        newest, known = stream.latest_by_channel([point.channel for point in points]), True
    except stream.StoreSilent:
        newest, known = {}, False
    now = clock.now()
    rows = []
    for point in points:
        reading = newest.get(point.channel)
        fresh = reading is not None and (now - reading[0]).total_seconds() <= queries.ONLINE_SECONDS
        rows.append(
            {
                "point": point,
                "class_label": wording.class_label(point.sensor_class),
                "known": known,
                "at": reading[0] if reading else None,
                "value": f"{reading[1]:.{point.decimals}f}" if reading else "",
                "fresh": fresh,
                "remarks": quality_words(reading[2]) if reading else [],
            }
        )
    return rows


def quality_words(quality: int) -> list[str]:
    """What the marks of a reading mean, in words."""
    words = {OUT_OF_RANGE: _("超出量程"), MAINTENANCE: _("检修中"), LATE: _("迟到"), EXERCISE: _("演练"), DOUBTFUL: _("设备标记为无效")}
    return [word for bit, word in words.items() if quality & bit]


def _curve(sensor: Sensor, hours: int, actor: Actor) -> dict[str, Any]:
    until = clock.now()
    since = until - timedelta(hours=hours)
    limits = queries.limits_on(sensor.pk, timezone.localdate(until))
    drawn = [stream.Rule(limit.limit, f"{limit.kind} {limit.limit:g}", wording.LEVEL_TONES[limit.level]) for limit in limits]
    return {
        "row": point_rows([sensor])[0],
        "limits": [
            (limit, wording.kind_label(limit.kind), wording.LEVEL_TONES[limit.level], _(rules.LEVELS[limit.level])) for limit in limits
        ],
        "chart": stream.chart(sensor.pk, since, until, rules=drawn, actor=actor),
        "chart_label": _("%(name)s 最近 %(hours)s 小时的读数曲线") % {"name": sensor.name, "hours": hours},
        "chart_time_format": wording.time_format(until - since),
        "data_time": until,
    }


def _hours(request: ActorRequest) -> int:
    text = request.GET.get("hours", "24")
    return int(text) if text.isdigit() and int(text) in wording.RANGES else 24


def _may(actor: Actor, verb: str, record: Device | Sensor) -> bool:
    return actor.may(
        f"devices.{verb}", place_code=record.place_code, enterprise_id=record.enterprise_id, classification=record.classification
    )
