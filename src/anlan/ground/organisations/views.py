"""Pages of an organisation that the desk does not make by itself: the people to call, dissolving, the list of sectors."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.organisations import queries, rules, services
from anlan.ground.organisations.models import Organisation
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import permit
from anlan.ledger.scope import visible

MOST_CONTACTS = 12


class ContactForm(forms.Form):
    """One person to call; a line without a name is left out."""

    name = forms.CharField(label=_("姓名"), max_length=40, required=False)
    duty = forms.CharField(label=_("职务"), max_length=60, required=False)
    phone = forms.CharField(label=_("电话"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean(self) -> dict[str, Any]:
        """A telephone without a name is a mistake, not an empty line; a wrong number is named at its line."""
        values = super().clean() or {}
        if not values.get("name") and (values.get("duty") or values.get("phone")):
            self.add_error("name", gettext("请填写姓名。"))
        try:
            values["phone"] = rules.checked_phone(values.get("phone") or "")
        except rules.WrongPhone as wrong:
            self.add_error("phone", wrong.message(gettext))
        return values


Contacts = forms.formset_factory(ContactForm, extra=3, max_num=MOST_CONTACTS)


class DissolveForm(ResourceForm):
    """The day from which an organisation is no more."""

    on = forms.DateField(label=_("撤销日期"), widget=forms.DateInput(attrs={"type": "date"}))


def _organisation(organisation_id: UUID, actor: Actor, action: str) -> Organisation:
    """The organisation on which the actor may do ``action``. Raises :class:`NotFound`, ``NotPermitted``."""
    seen = visible(Organisation.objects.all(), actor, "organisations.view")
    row = seen.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(what=gettext("机构"))
    permit(actor, action, record=row)
    return row


def _page_of(row: Organisation) -> str:
    return reverse("desk:organisations-detail", args=[row.pk])


@requires("organisations.change")
@require_http_methods(["GET", "POST"])
def contacts(request: ActorRequest, organisation_id: UUID) -> HttpResponse:
    """The people to call, in the order of calling."""
    actor = cast(Actor, request.actor)
    row = _organisation(organisation_id, actor, "organisations.change")
    if request.method == "POST":
        lines = Contacts(request.POST, prefix="contact")
        if lines.is_valid():
            named = [line.cleaned_data for line in lines if line.cleaned_data.get("name")]
            services.set_contacts(row.pk, named, actor=actor, now=clock.now())
            return HttpResponseRedirect(_page_of(row))
    else:
        lines = Contacts(initial=list(row.contacts.values("name", "duty", "phone")), prefix="contact")
    context = {"row": row, "lines": lines, "back_url": _page_of(row)}
    return render(request, "organisations/contacts.html", context, status=422 if lines.is_bound else 200)


@requires("organisations.dissolve")
@require_http_methods(["GET", "POST"])
def dissolve(request: ActorRequest, organisation_id: UUID) -> HttpResponse:
    """Dissolve an organisation from a day on."""
    actor = cast(Actor, request.actor)
    row = _organisation(organisation_id, actor, "organisations.dissolve")
    form = DissolveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.dissolve_organisation(row.pk, on=form.cleaned_data["on"], actor=actor, now=clock.now())
            return HttpResponseRedirect(_page_of(row))
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"row": row, "form": form, "errors": form.summary() if form.is_bound else [], "back_url": _page_of(row)}
    return render(request, "organisations/dissolve.html", context, status=422 if form.is_bound else 200)


@requires("organisations.view")
@require_GET
def sector_list(request: ActorRequest) -> HttpResponse:
    """The 51 sectors with their responsible ministries."""
    english = (get_language() or "").startswith("en")
    rows = [
        (
            item.code,
            item.name_en if english else item.name_zh,
            item.ministry_en if english else item.ministry_zh,
            item.criteria_zh,
            item.restricted,
        )
        for item in queries.listed_sectors()
    ]
    return render(request, "organisations/sectors.html", {"rows": rows, "source": queries.listed_sectors()[0].source})
