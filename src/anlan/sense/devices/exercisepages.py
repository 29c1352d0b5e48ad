"""Pages of exercises (演练) announced for all devices of an enterprise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import permit
from anlan.sense.devices import exercising, rules
from anlan.sense.devices.editing import edit

_USUAL = timedelta(hours=2)


class ExerciseForm(ResourceForm):
    """An exercise of a whole enterprise."""

    since = forms.DateTimeField(label=gettext_lazy("开始时间"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    until = forms.DateTimeField(label=gettext_lazy("结束时间"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    reason = forms.CharField(label=gettext_lazy("事由"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "对该企业全部设备生效，一次最长 %(hours)s 小时。期间只有设备自己标记为演练的读数按演练处理；没有标记的读数照常报警，演练不屏蔽任何报警。"
        ) % {"hours": rules.LONGEST_EXERCISE // timedelta(hours=1)}


@requires("devices.maintain")
@require_http_methods(["GET", "POST"])
def announce_exercise(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Announce an exercise for all devices of an enterprise."""
    actor = cast(Actor, request.actor)
    owner = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "devices.maintain", place_code=owner.place_code, enterprise_id=owner.id)
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    as_input = "%Y-%m-%dT%H:%M"
    form = ExerciseForm(request.POST or None, initial={"since": now.strftime(as_input), "until": (now + _USUAL).strftime(as_input)})
    heading = _("登记演练：%(name)s") % {"name": owner.name}
    back_url = reverse("enterprises:file", args=[owner.id])
    return edit(
        request,
        form,
        heading,
        back_url,
        lambda values: exercising.announce_exercise(owner.id, **values, actor=actor, now=clock.now()),
    )


@requires("devices.maintain")
@require_POST
def end_exercise(request: ActorRequest, announcement: UUID) -> HttpResponse:
    """End an exercise of all devices now, or call it off. Raises ``NotFound`` where its enterprise may not be seen."""
    actor = cast(Actor, request.actor)
    owner_id = exercising.enterprise_of(announcement)
    if owner_id is None:
        raise NotFound(what=str(announcement))
    owner = enterprises.enterprise(owner_id, actor)
    exercising.end_exercise(announcement, actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("enterprises:file", args=[owner.id]))
