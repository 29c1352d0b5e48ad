"""The drawn plan of an enterprise: look at it, put things in their places by hand or by form."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import layout, plan, rules, services, wording

MOST_LISTED = 300
"""Lines of the list under a plan; the live list holds more."""
FILL_LEFT, FILL_TOP, FILL_WIDTH, FILL_HEIGHT = 10.0, 8.0, 32.0, 36.0
"""The inside of a drawn tank, within its figure."""


class PlaceForm(ResourceForm):
    """Put a thing on the plan by numbers: what dragging does, for the keyboard."""

    thing = forms.ChoiceField(label=_("对象"))
    east_m = forms.FloatField(label=_("向东（米）"), widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}))
    north_m = forms.FloatField(label=_("向北（米）"), widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}))

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["thing"]).choices = things


@requires("devices.view")
@require_GET
def plan_page(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The plan with the newest values of its points."""
    return _page(request, enterprise_id, None)


@requires(services.ARRANGE)
@require_POST
def place(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Put one thing somewhere, or let it go back (``release``). The form is what a drag sends, too."""
    actor = cast(Actor, request.actor)
    known = layout.layout(enterprise_id, actor)
    form = PlaceForm(request.POST, things=_choices(known.plan))
    back = f"{reverse('monitor:plan', args=[enterprise_id])}?arrange=1"
    if request.POST.get("release"):
        form.fields["east_m"].required = form.fields["north_m"].required = False
    if not form.is_valid():
        return _page(request, enterprise_id, form)
    kind, _colon, subject = form.cleaned_data["thing"].partition(":")
    try:
        if request.POST.get("release"):
            services.release(enterprise_id, kind, UUID(subject), actor=actor, now=clock.now())
        else:
            spot = form.cleaned_data["east_m"], form.cleaned_data["north_m"]
            services.place(enterprise_id, kind, UUID(subject), *spot, actor=actor, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, enterprise_id, form)
    return HttpResponseRedirect(back)


def _choices(drawn: plan.Plan) -> list[tuple[str, str]]:
    things = [block.thing for block in drawn.blocks] + list(drawn.tray)
    return [(f"{thing.kind}:{thing.id}", thing.name) for thing in things]


def _page(request: ActorRequest, enterprise_id: UUID, refused: PlaceForm | None) -> HttpResponse:
    actor = cast(Actor, request.actor)
    found = layout.layout(enterprise_id, actor)
    owner = found.owner
    may_arrange = actor.may(services.ARRANGE, place_code=owner.place_code, enterprise_id=owner.id, classification=owner.classification)
    tags = _tags(found)
    form = refused or PlaceForm(things=_choices(found.plan))
    context = {
        "owner": owner,
        "owner_url": reverse("enterprises:file", args=[owner.id]),
        "plan": found.plan,
        "view": " ".join(f"{number:g}" for number in found.plan.view),
        "blocks": [_drawn(block, tags, found) for block in found.plan.blocks],
        "tray": [(thing, [tags[tag] for tag in thing.tags]) for thing in found.plan.tray],
        "rows": list(tags.values())[:MOST_LISTED],
        "total": len(tags),
        "known": found.board.known,
        "may_arrange": may_arrange,
        "arranging": may_arrange and ("arrange" in request.GET or refused is not None),
        "form": form,
        "fields": list(form),
        "errors": form.summary() if refused is not None else [],
        "data_time": clock.now(),
        "island": {
            "enterprise": str(owner.id),
            "scale": found.plan.scale,
            "zero": found.plan.zero,
            "online": found.board.online_s * 1000,
            "known": found.board.known,
            "levels": reverse("monitor:levels"),
            "points": {
                str(row["point"].channel): {
                    "decimals": row["point"].decimals,
                    "unit": row["point"].unit,
                    "level": found.board.levels.get(row["point"].id),
                    "at": row["at_ms"],
                }
                for row in tags.values()
            },
        },
    }
    return render(request, "monitor/plan.html", context, status=422 if refused is not None else 200)


def _tags(found: layout.Layout) -> dict[UUID, dict[str, Any]]:
    now = clock.now()
    return {point.id: _tag(point, found, now) for point in found.board.points}


def _tag(point: ListedPoint, found: layout.Layout, now: Any) -> dict[str, Any]:
    reading, state, level = found.board.newest.get(point.channel), found.board.state(point, now), found.board.levels.get(point.id)
    return {
        "point": point,
        "class_label": wording.class_label(point.sensor_class),
        "at": reading[0] if reading else None,
        "at_ms": round(reading[0].timestamp() * 1000) if reading else 0,
        "value": wording.value_text(point, reading[1]) if reading else "—",
        "state": state,
        "label": wording.state_label(state, level),
        "tone": wording.state_tone(state, level),
        "remarks": wording.remarks(reading[2]) if reading else [],
        "url": reverse("devices:sensor", args=[point.id]),
    }


def _drawn(block: plan.Block, tags: dict[UUID, dict[str, Any]], found: layout.Layout) -> dict[str, Any]:
    """A block as the template draws it: everything in drawing units, names cut to their room."""
    vessel = found.vessels.get(block.thing.id)
    fill: dict[str, Any] | None = None
    if vessel is not None:
        reading = found.board.newest.get(vessel.point.channel)
        share = rules.filled(reading[1], vessel.low, vessel.high) if reading else None
        fill = {
            "channel": vessel.point.channel,
            "low": vessel.low,
            "high": vessel.high,
            "share": share,
            "percent": None if share is None else round(share * 100),
            "left": block.x + FILL_LEFT,
            "top": block.y + plan.NAME_HEIGHT + FILL_TOP,
            "width": FILL_WIDTH,
            "full": FILL_HEIGHT,
            "y": block.y + plan.NAME_HEIGHT + FILL_TOP + FILL_HEIGHT * (1 - (share or 0.0)),
            "height": FILL_HEIGHT * (share or 0.0),
        }
    return {
        "thing": block.thing,
        "key": f"{block.thing.kind}:{block.thing.id}",
        "x": block.x,
        "y": block.y + plan.NAME_HEIGHT,
        "centre": block.centre,
        "true": (block.true_x, block.true_y),
        "moved": block.moved,
        "name_at": (block.x, block.y + plan.LETTER),
        "name": plan.cut(block.thing.name, block.width),
        "fill": fill,
        "tags": [
            {
                **tags[tag.id],
                "x": tag.x,
                "y": tag.y,
                "text_y": tag.y + 14,
                "value_x": tag.x + plan.TAG_WIDTH - 6,
                "short": plan.cut(tags[tag.id]["point"].name, plan.TAG_WIDTH - 82),
            }
            for tag in block.tags
            if tag.id in tags
        ],
    }
