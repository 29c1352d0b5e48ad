"""Pages that keep measuring points true: calibrations of a point, its interval, and maintenance that ends early."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.declare import Tone
from anlan.desk.resource.forms import ResourceForm
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.changes import permit
from anlan.sense.devices import calibrating, classes, queries, rules
from anlan.sense.devices.editing import edit
from anlan.sense.devices.models import Sensor


class CalibrationForm(ResourceForm):
    """One calibration that took place."""

    calibrated_on = forms.DateField(label=gettext_lazy("校准日期"), widget=forms.DateInput({"type": "date"}))
    result = forms.ChoiceField(
        label=gettext_lazy("结果"), choices=[(code, gettext_lazy(label)) for code, label in rules.CALIBRATION_RESULTS.items()]
    )
    performed_by = forms.CharField(label=gettext_lazy("校准单位"), max_length=120)
    certificate = forms.CharField(label=gettext_lazy("证书编号"), max_length=80, required=False)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)


class IntervalForm(ResourceForm):
    """The interval of one point."""

    days = forms.IntegerField(
        label=gettext_lazy("校准周期（天）"),
        required=False,
        min_value=1,
        max_value=rules.LONGEST_CALIBRATION_DAYS,
        help_text=gettext_lazy("按检定规程或说明书填写；留空即用该类测点的默认周期。"),
    )


@requires("devices.view")
@require_GET
def calibrations_page(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Every calibration of a point and when the next is due."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    context = {
        "sensor": sensor,
        "standing": calibration_rows([sensor], timezone.localdate(clock.now()))[0],
        "default": classes.calibration_intervals().get(sensor.sensor_class),
        "default_status": _(rules.STATUSES.get(getattr(classes.calibration_intervals().get(sensor.sensor_class), "status", ""), "")),
        "records": [(row, "green" if row.result == rules.PASSED else "red") for row in queries.calibrations(sensor.pk)[:50]],
        "may_maintain": _may_maintain(actor, sensor),
    }
    return render(request, "devices/calibrations.html", context)


@requires("devices.maintain")
@require_http_methods(["GET", "POST"])
def record_calibration(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Enter a calibration of a point."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    permit(actor, "devices.maintain", record=sensor)
    form = CalibrationForm(request.POST or None, initial={"calibrated_on": timezone.localdate(clock.now())})
    heading = _("登记校准：%(name)s") % {"name": sensor.name}
    back_url = reverse("devices:calibrations", args=[sensor.pk])
    return edit(
        request, form, heading, back_url, lambda values: calibrating.record_calibration(sensor, **values, actor=actor, now=clock.now())
    )


@requires("devices.maintain")
@require_http_methods(["GET", "POST"])
def calibration_interval(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Give a point an interval of its own."""
    actor = cast(Actor, request.actor)
    sensor = queries.one_sensor(sensor_id, actor)
    permit(actor, "devices.maintain", record=sensor)
    form = IntervalForm(request.POST or None, initial={"days": sensor.calibration_days})
    heading = _("校准周期：%(name)s") % {"name": sensor.name}

    def save(values: dict[str, Any]) -> None:
        calibrating.set_calibration_interval(sensor, values["days"], actor=actor, now=clock.now())

    return edit(request, form, heading, reverse("devices:calibrations", args=[sensor.pk]), save)


@requires("devices.maintain")
@require_POST
def end_maintenance(request: ActorRequest, window_id: UUID) -> HttpResponse:
    """End work on a device now."""
    actor = cast(Actor, request.actor)
    window = queries.one_window(window_id, actor)
    calibrating.end_maintenance(window, actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("devices:device", args=[window.device.pk]))


def calibration_rows(points: list[Sensor], today: date) -> list[dict[str, Any]]:
    """Points with their interval, the last calibration, the day the next is due, and what that means today."""
    rows = []
    for point in points:
        days = point.calibration_days or classes.calibration_days(point.sensor_class)
        label, tone = _standing(point, days, today)
        rows.append({"point": point, "days": days, "own": point.calibration_days is not None, "label": label, "tone": tone})
    return rows


def _standing(point: Sensor, days: int | None, today: date) -> tuple[str, Tone]:
    if days is None:
        return _("未规定周期"), "grey"
    if point.calibration_due is None:
        return _("未登记校准"), "yellow"
    left = (point.calibration_due - today).days
    if left < 0:
        return _("超期 %(days)s 天") % {"days": -left}, "red"
    if left <= min(rules.CALIBRATION_SOON_DAYS, days // 3):
        return _("还有 %(days)s 天到期") % {"days": left}, "yellow"
    return _("有效"), "green"


def _may_maintain(actor: Actor, sensor: Sensor) -> bool:
    return actor.may(
        "devices.maintain", place_code=sensor.place_code, enterprise_id=sensor.enterprise_id, classification=sensor.classification
    )
