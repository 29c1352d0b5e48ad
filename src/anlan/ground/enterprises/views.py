"""The forms of the parts of an enterprise's file. The page itself is in :mod:`.filepage`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import certificates, certifying, forms, queries, services, wording
from anlan.ground.enterprises.models import Certificate, Enterprise, EnterpriseContact
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import permit


def _enterprise(enterprise_id: UUID, actor: Actor) -> Enterprise:
    row = queries.enterprises(actor).filter(pk=enterprise_id).first()
    if row is None:
        queries.refuse_merged(enterprise_id, actor)
        raise NotFound(what=_("企业"))
    return row


@requires("enterprises.change_state")
@require_http_methods(["GET", "POST"])
def state_page(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Put the enterprise into another state of operation, with the reason."""
    actor = cast(Actor, request.actor)
    row = _enterprise(enterprise_id, actor)
    permit(actor, "enterprises.change_state", record=row)
    form = forms.StateForm(row.state, request.POST or None)
    heading = _("变更经营状态：%(name)s") % {"name": row.name}
    return _edit(request, form, heading, row.pk, lambda values: services.change_state(row.pk, **values, actor=actor, now=clock.now()))


@requires("enterprises.change")
@require_http_methods(["GET", "POST"])
def add_site(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Add a plant area."""
    actor = cast(Actor, request.actor)
    row = _enterprise(enterprise_id, actor)
    permit(actor, "enterprises.change", record=row)
    form = forms.SiteForm(request.POST or None, initial={"place_code": row.place_code, "address": row.registered_address})
    heading = _("添加厂区：%(name)s") % {"name": row.name}
    return _edit(request, form, heading, row.pk, lambda values: services.add_site(row.pk, **values, actor=actor, now=clock.now()))


@requires("enterprises.change")
@require_http_methods(["GET", "POST"])
def change_site(request: ActorRequest, site_id: UUID) -> HttpResponse:
    """Correct a plant area."""
    actor = cast(Actor, request.actor)
    site = queries.sites(actor).filter(pk=site_id).first()
    if site is None:
        raise NotFound(what=_("厂区"))
    permit(actor, "enterprises.change", record=site)
    form = forms.SiteForm(request.POST or None, initial=_values(site, forms.SiteForm))
    heading = _("修改厂区：%(name)s") % {"name": site.name}
    return _edit(
        request,
        form,
        heading,
        site.enterprise_id,
        lambda values: services.change_site(site.pk, **values, actor=actor, now=clock.now()),
    )


@requires("enterprises.change")
@require_http_methods(["GET", "POST"])
def add_contact(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Add a person to call."""
    actor = cast(Actor, request.actor)
    row = _enterprise(enterprise_id, actor)
    permit(actor, "enterprises.change", record=row)
    heading = _("添加联系人：%(name)s") % {"name": row.name}
    return _edit(
        request,
        forms.ContactForm(request.POST or None, initial={"role": request.GET.get("role", "")}),
        heading,
        row.pk,
        lambda values: services.add_contact(row.pk, **values, actor=actor, now=clock.now()),
    )


@requires("enterprises.change")
@require_http_methods(["GET", "POST"])
def change_contact(request: ActorRequest, contact_id: UUID) -> HttpResponse:
    """Correct a person to call; without ``enterprises.view_contacts`` the number must be typed anew."""
    actor = cast(Actor, request.actor)
    contact = EnterpriseContact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound(what=_("联系人"))
    row = _enterprise(contact.enterprise_id, actor)
    permit(actor, "enterprises.change", record=row)
    initial = _values(contact, forms.ContactForm)
    if not queries.may_see_phones(row.pk, actor):
        initial["phone"] = ""
    heading = _("修改联系人：%(name)s") % {"name": contact.name}
    return _edit(
        request,
        forms.ContactForm(request.POST or None, initial=initial),
        heading,
        row.pk,
        lambda values: services.change_contact(contact.pk, **values, actor=actor, now=clock.now()),
    )


@requires("enterprises.change")
@require_http_methods(["GET", "POST"])
def add_certificate(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Enter a licence or certificate; ``?kind=`` chooses its kind."""
    actor = cast(Actor, request.actor)
    row = _enterprise(enterprise_id, actor)
    permit(actor, "enterprises.change", record=row)
    form = forms.CertificateForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    heading = _("登记证照：%(name)s") % {"name": row.name}
    return _edit(request, form, heading, row.pk, lambda values: certifying.add_certificate(row.pk, **values, actor=actor, now=clock.now()))


@requires("enterprises.view")
@require_http_methods(["GET", "POST"])
def certificate(request: ActorRequest, certificate_id: UUID) -> HttpResponse:
    """Correct a certificate; who may only look is led to the enterprise's page. A person's number must be typed anew unless it may be seen."""
    actor = cast(Actor, request.actor)
    found = Certificate.objects.filter(pk=certificate_id).first()
    if found is None:
        raise NotFound(what=_("证照"))
    row = _enterprise(found.enterprise_id, actor)
    if request.method == "GET" and not actor.may(
        "enterprises.change", place_code=row.place_code, enterprise_id=row.pk, classification=row.classification
    ):
        return HttpResponseRedirect(f"{reverse('enterprises:file', args=[row.pk])}#certificates")
    permit(actor, "enterprises.change", record=row)
    initial = _values(found, forms.CertificateForm)
    if found.holder == certificates.PERSON and not queries.may_see_phones(row.pk, actor):
        initial["number"] = ""
    heading = _("修改证照：%(name)s") % {"name": f"{wording.certificate_label(found.kind)} {found.person_name}".strip()}
    form = forms.CertificateForm(request.POST or None, initial=initial)
    return _edit(
        request, form, heading, row.pk, lambda values: certifying.change_certificate(found.pk, **values, actor=actor, now=clock.now())
    )


def _values(record: Any, form: type[ResourceForm]) -> dict[str, Any]:
    found = {name: getattr(record, name) for name in form.base_fields}
    if found.get("boundary"):
        found["boundary"] = json.dumps(found["boundary"], ensure_ascii=False)
    return found


def _edit(
    request: ActorRequest, form: ResourceForm, heading: str, enterprise_id: UUID, save: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Show a form, or save it and go back to the file; refusals stand beside the inputs they name."""
    back_url = reverse("enterprises:file", args=[enterprise_id])
    if request.method == "POST" and form.is_valid():
        try:
            save(dict(form.cleaned_data))
            return HttpResponseRedirect(back_url)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{cast(Actor, request.actor).account_id}:{request.path}",
        "version": None,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)
