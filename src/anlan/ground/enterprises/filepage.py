"""The page of an enterprise (一企一档): who it is, what stands there now, what happened, and everything the rooms above know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk import facts, panels, timeline
from anlan.desk.documents import pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource import find_for_model
from anlan.desk.resource.detail import history
from anlan.ground.enterprises import certificates, mergerules, queries, rules, sheet, siteplan, wording
from anlan.ground.enterprises.certificate_screens import STANDING_TONES
from anlan.ground.enterprises.models import Certificate, DuplicateCandidate, Enterprise, EnterpriseContact, Site
from anlan.ground.enterprises.rules import EnterpriseMerged
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day

PAGE = "enterprises.detail"
"""Name of the page for panels, facts and kinds of the timeline of the rooms above."""
TIMELINE_LENGTH = 12
FIRST_HAPPENINGS = 6
"""What the page itself shows of its timeline; the rest is turned to page by page."""
FIRST_CERTIFICATES = 5
MOST_CERTIFICATES = 300


def _enterprise(enterprise_id: UUID, actor: Actor) -> Enterprise:
    row = queries.enterprises(actor).select_related("supervisor").filter(pk=enterprise_id).first()
    if row is None:
        queries.refuse_merged(enterprise_id, actor)
        raise NotFound(what=_("企业"))
    return row


@requires("enterprises.view")
@require_GET
def file_page(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Everything known of one enterprise, as far as the reader may see it."""
    actor = cast(Actor, request.actor)
    try:
        row = _enterprise(enterprise_id, actor)
    except EnterpriseMerged as gone:
        # Old links and printed codes lead on to the file that took this one over, and the page says so.
        return HttpResponseRedirect(f"{reverse('enterprises:file', args=[gone.facts['id']])}?merged={enterprise_id}")
    sites = list(row.sites.all())
    may = _may(row, actor)
    contacts = _contacts(row, plain=may["view_contacts"])
    held = _held(row)
    completeness = queries.completeness(row, law_day(clock.now()))
    context: dict[str, Any] = {
        "row": row,
        "came_from": _came_from(request, row),
        "merged_files": queries.merged_files(row),
        "suspected": _suspected(row, actor),
        "may": may,
        "state_tone": wording.STATE_TONES.get(row.state, "grey"),
        "sector": wording.sector_label(row.sector_code),
        "industry": wording.industry_label(row.industry_code),
        "where": _where(row),
        "supervisor": organisations.organisation(row.supervisor_id) if row.supervisor_id else None,
        "answers": _answers(contacts),
        "sites": [(site, places.place_name(site.place_code)) for site in sites],
        "plan": _plan(row, sites, actor),
        "contacts": contacts,
        "completeness": completeness,
        "missing": [(_(need.label), need.weight, _mend(row, need.code)) for need in completeness.missing],
        "held_any": bool(held),
        "held": [(_(label), *_first([one for one in held if one.row.holder == holder])) for holder, label in certificates.HOLDERS.items()],
        "principal_warning": _principal_warning(contacts, held),
        "facts": facts.gather(PAGE, row, request),
        "facts_trigger": facts.trigger(PAGE),
        "panels": panels.render(PAGE, row, request),
        "history": history(resource, row) if (resource := find_for_model(type(row))) else [],
        "change_url": reverse("desk:enterprises-change", args=[row.pk]),
        "list_url": reverse("desk:enterprises-list"),
        **_timeline(request, row, FIRST_HAPPENINGS),
    }
    return render(request, "enterprises/file.html", context)


@requires("enterprises.view")
@require_GET
def facts_part(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The strip of facts alone, asked for again as things change."""
    row = _enterprise(enterprise_id, cast(Actor, request.actor))
    context = {"row": row, "facts": facts.gather(PAGE, row, request), "facts_trigger": facts.trigger(PAGE)}
    return render(request, "enterprises/_facts.html", context)


@requires("enterprises.view")
@require_GET
def timeline_part(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """A stretch of the timeline: ``?kind=`` one kind alone, ``?until=&skip=`` where the page before ended."""
    row = _enterprise(enterprise_id, cast(Actor, request.actor))
    return render(request, "enterprises/_timeline.html", {"row": row, **_timeline(request, row)})


@requires("enterprises.view")
@require_GET
def file_pdf(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The whole file as a document, to print or hand over."""
    actor, now = cast(Actor, request.actor), clock.now()
    row = _enterprise(enterprise_id, actor)
    contacts, held = _contacts(row, plain=_may(row, actor)["view_contacts"]), _held(row)
    warning = _principal_warning(contacts, held)
    paper = sheet.document(PAGE, row, sheet.contact_rows(contacts), [one.row for one in held], warning, request, now)
    answer = HttpResponse(pdf(paper), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.uscc}.pdf"'
    return answer


def _came_from(request: ActorRequest, row: Enterprise) -> Enterprise | None:
    """The merged file whose address led here."""
    try:
        key = UUID(request.GET.get("merged", ""))
    except ValueError:
        return None
    return queries.every().filter(pk=key, merged_into=row).first()


def _suspected(row: Enterprise, actor: Actor) -> DuplicateCandidate | None:
    """The likeliest other file of the same enterprise, for who may merge."""
    candidates = DuplicateCandidate.objects.filter(Q(first=row) | Q(second=row), state=mergerules.OPEN)
    return visible(candidates, actor, mergerules.ACTION).order_by("-score").first()


def _where(row: Enterprise) -> str:
    """Place and address; an address that begins with the place is not told twice."""
    place, address = places.full_name(row.place_code), row.registered_address
    return address if address.startswith(place) else f"{place} {address}".strip()


def _may(row: Enterprise, actor: Actor) -> dict[str, bool]:
    return {
        name: actor.may(f"enterprises.{name}", place_code=row.place_code, enterprise_id=row.pk, classification=row.classification)
        for name in ("change", "change_state", "view_contacts")
    }


def _contacts(row: Enterprise, *, plain: bool) -> list[tuple[EnterpriseContact, str]]:
    """People to call with the number as the reader may see it."""
    return [(one, one.phone if plain else rules.masked_phone(one.phone)) for one in queries.contacts(row.pk)]


@dataclass(frozen=True)
class _Held:
    """A certificate as the page shows it."""

    row: Certificate
    label: str
    tone: str
    unverified: bool


def _held(row: Enterprise) -> list[_Held]:
    """Licences and certificates in use, what falls due first in front."""
    return [
        _Held(
            one,
            wording.certificate_label(one.kind),
            STANDING_TONES[one.standing],
            wording.certificate_unverified(one.kind),
        )
        for one in queries.certificates_of(row.pk)[:MOST_CERTIFICATES]
    ]


def _first(held: list[_Held]) -> tuple[list[_Held], list[_Held]]:
    """Those that are shown at once, with all that are past their end or near it, and the rest."""
    due = [one for one in held if one.row.standing != certificates.VALID]
    ordered = due + [one for one in held if one.row.standing == certificates.VALID]
    count = max(FIRST_CERTIFICATES, len(due))
    return ordered[:count], ordered[count:]


def _principal_warning(contacts: list[tuple[EnterpriseContact, str]], held: list[_Held]) -> str:
    return queries.principal_warning((one.name for one, _phone in contacts if one.role == "principal"), (one.row for one in held))


def _mend(row: Enterprise, code: str) -> str:
    """Where what is missing is entered: the form of its part, or the part of the page of the room that asks for it."""
    if code in ("site", "boundary"):
        site = row.sites.filter(in_use=True).first() if code == "boundary" else None
        return reverse("enterprises:change_site", args=[site.pk]) if site else reverse("enterprises:add_site", args=[row.pk])
    if code in ("contact", "emergency_contact"):
        return f"{reverse('enterprises:add_contact', args=[row.pk])}?role={'principal' if code == 'contact' else 'emergency'}"
    if code in ("licence", "certified_manager"):
        kind = "?kind=manager_assessment" if code == "certified_manager" else ""
        return reverse("enterprises:add_certificate", args=[row.pk]) + kind
    return f"#{code.split('.')[0]}" if "." in code else reverse("desk:enterprises-change", args=[row.pk])


def _answers(contacts: list[tuple[EnterpriseContact, str]]) -> list[tuple[str, str, str]]:
    """Who answers, as ``(what for, name, phone)``: the principal, who is in charge of safety, whom one reaches at night."""
    found = []
    for label, roles in (
        (_("主要负责人"), ("principal",)),
        (_("安全负责人"), ("safety_director", "safety_manager")),
        (_("24 小时电话"), ("control_room", "emergency")),
    ):
        named = next(((one, phone) for role in roles for one, phone in contacts if one.role == role), None)
        found.append((label, named[0].name, named[1]) if named else (label, "", ""))
    return found


def _timeline(request: ActorRequest, row: Enterprise, limit: int = TIMELINE_LENGTH) -> dict[str, Any]:
    kinds = timeline.kinds(PAGE, request)
    kind = request.GET.get("kind", "")
    kind = kind if any(kind == one.code for one in kinds) else ""
    until, skip = _moment(request.GET.get("until", "")), request.GET.get("skip", "")
    page = timeline.read(
        PAGE,
        row,
        request,
        until=until or clock.now(),
        skip=min(int(skip), 10_000) if until and skip.isdecimal() else 0,
        limit=limit,
        kind=kind,
    )
    base = reverse("enterprises:timeline", args=[row.pk])
    more = {"kind": kind, "until": page.until.isoformat(), "skip": page.skip} if page.until else {}
    return {
        "kinds": kinds,
        "kind": kind,
        "lines": page.lines,
        "timeline_url": base,
        "older_url": f"{base}?{urlencode(more)}" if more else "",
        "newest_url": f"{base}?{urlencode({'kind': kind})}" if until else "",
    }


def _moment(text: str) -> datetime | None:
    """The moment of an address; what is none counts as not given: the newest page is shown."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _plan(row: Enterprise, sites: list[Site], actor: Actor) -> siteplan.Plan | None:
    """The plan with the sites, or else the enterprise's own point, and what rooms above add."""
    own = [
        siteplan.PlanPoint(site.longitude, site.latitude, site.name)
        for site in sites
        if site.in_use and site.longitude is not None and site.latitude is not None
    ]
    if not own and row.longitude is not None and row.latitude is not None:
        own = [siteplan.PlanPoint(row.longitude, row.latitude, row.short_name or row.name)]
    more = [point for provider in siteplan.providers.values() for point in provider(row.pk, actor)]
    return siteplan.draw([*own, *more], [site.boundary for site in sites if site.in_use and site.boundary])
