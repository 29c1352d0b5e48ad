"""Pages of a device's names in field protocols: give one, map its points, change its secret, take it away."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid
from anlan.ledger.changes import permit
from anlan.sense.devices import addressing, fieldforms, fieldkeys, queries, rules
from anlan.sense.devices.door import IssuedAddress
from anlan.sense.devices.editing import edit
from anlan.sense.devices.models import DeviceAddress
from anlan.wire import addresses, keys


@requires("devices.credentials")
@require_http_methods(["GET", "POST"])
def add_address(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Give a device a name in a field protocol; the answer to the form itself shows the secret, once."""
    actor = cast(Actor, request.actor)
    device = queries.one_device(device_id, actor)
    permit(actor, "devices.credentials", record=device)

    def save(values: dict[str, Any]) -> HttpResponse:
        issued = addressing.add_address(device.pk, addressing.Told(**values), actor=actor, now=clock.now())
        return _page(request, queries.one_address(issued.id, actor), issued)

    back_url = reverse("devices:device", args=[device.pk])
    return edit(
        request, fieldforms.AddressForm(request.POST or None), _("登记现场协议地址：%(name)s") % {"name": device.name}, back_url, save
    )


@requires("devices.view")
@require_GET
def address_page(request: ActorRequest, address_id: UUID) -> HttpResponse:
    """One name: protocol, secret's age, and which point is which code."""
    return _page(request, queries.one_address(address_id, cast(Actor, request.actor)))


@requires("devices.credentials")
@require_http_methods(["GET", "POST"])
def change_address(request: ActorRequest, address_id: UUID) -> HttpResponse:
    """Change the name, its interval and the mapping of its points."""
    actor = cast(Actor, request.actor)
    row = queries.one_address(address_id, actor)
    permit(actor, "devices.credentials", record=row)
    form = fieldforms.MappingForm(request.POST or None, row=row, sensors=list(row.device.sensors.filter(in_use=True).order_by("code")))

    def save(values: dict[str, Any]) -> None:
        told = addressing.Told(row.protocol, values["address"], interval_s=values.get("interval_s") or row.interval_s, points=form.points())
        addressing.change_address(row, told, actor=actor, now=clock.now())

    heading = _("测点对应：%(name)s") % {"name": f"{row.device.name} {row.address}"}
    return edit(request, form, heading, reverse("devices:address", args=[row.pk]), save)


@requires("devices.credentials")
@require_http_methods(["GET", "POST"])
def address_key(request: ActorRequest, address_id: UUID) -> HttpResponse:
    """Enter the SM4 key of an HJ 212 station, or another in its place. It is never shown again."""
    actor = cast(Actor, request.actor)
    row = queries.one_address(address_id, actor)
    permit(actor, "devices.credentials", record=row)

    def save(values: dict[str, Any]) -> None:
        try:
            fieldkeys.set_key(row, **values, actor=actor, now=clock.now())
        except keys.MalformedKey as refusal:
            raise Invalid({"key": refusal}) from refusal

    form, back_url = fieldforms.KeyForm(request.POST or None), reverse("devices:address", args=[row.pk])
    answer = edit(request, form, _("SM4 密钥：%(name)s") % {"name": row.address}, back_url, save)
    answer["Cache-Control"] = "no-store"
    return answer


@requires("devices.credentials")
@require_POST
def address_verb(request: ActorRequest, address_id: UUID, verb: str) -> HttpResponse:
    """Put a new secret in force, or take the key or the name away."""
    actor = cast(Actor, request.actor)
    row = queries.one_address(address_id, actor)
    if verb == "remove":
        addressing.remove_address(row, actor=actor, now=clock.now())
        return HttpResponseRedirect(reverse("devices:device", args=[row.device_id]))
    if verb == "forget_key":
        fieldkeys.forget_key(row, actor=actor, now=clock.now())
        return HttpResponseRedirect(reverse("devices:address", args=[row.pk]))
    secret = request.POST.get("secret", "").strip()
    issued = addressing.rotate(row, secret=secret, actor=actor, now=clock.now())
    return _page(request, queries.one_address(row.pk, actor), issued)


def _page(request: ActorRequest, row: DeviceAddress, issued: IssuedAddress | None = None) -> HttpResponse:
    actor = cast(Actor, request.actor)
    sensors = {sensor.pk: sensor for sensor in row.device.sensors.all()}
    may = actor.may("devices.credentials", place_code=row.place_code, enterprise_id=row.enterprise_id, classification=row.classification)
    context = {
        "row": row,
        "device": row.device,
        "issued": issued,
        "calling": row.protocol in addresses.CALLING,
        "keyed": row.protocol == addresses.HJ212,
        "key_usable": fieldkeys.usable(row),
        "modbus": row.protocol == addresses.MODBUS,
        "points": [(point, sensors[point.sensor_id]) for point in row.points.all()],
        "unmapped": [s for pk, s in sensors.items() if s.in_use and pk not in {point.sensor_id for point in row.points.all()}],
        "may_change": may and row.device.state != rules.RETIRED,
    }
    answer = render(request, "devices/address.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
