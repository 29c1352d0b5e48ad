"""Pages of evidence: the panel on a record's page, adding a file, reading its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.apps import apps
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource import find_for_model
from anlan.ground.evidence import door, queries, rules, services, serving
from anlan.ground.evidence.panel import panel_context
from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.records import Record
from anlan.ledger.scope import visible

MOST_FILES = 20
"""Files that one form may carry."""


@dataclass(frozen=True)
class Outcome:
    """What became of one uploaded file: its refusal, or that the record had it already, or neither."""

    filename: str
    refusal: str = ""
    known: bool = False


@requires("evidence.view")
@require_GET
def panel(request: ActorRequest, subject_type: str, subject_id: UUID) -> HttpResponse:
    """Fragment: the files of a record, with the form to add one."""
    actor = cast(Actor, request.actor)
    return render(request, "evidence/_panel.html", panel_context(_subject(subject_type, subject_id, actor), actor))


@requires("evidence.attach")
@require_POST
def attach(request: ActorRequest, subject_type: str, subject_id: UUID) -> HttpResponse:
    """Add the files of the form to a record, each by itself: a refused one does not lose the others."""
    actor = cast(Actor, request.actor)
    record = _subject(subject_type, subject_id, actor)
    photos = cast("list[UploadedFile]", request.FILES.getlist("photo"))
    files = [(file, rules.FIELD) for file in photos]
    files += [(file, rules.UPLOAD) for file in cast("list[UploadedFile]", request.FILES.getlist("file"))]
    outcomes = [_attach_one(record, file, origin, request, actor) for file, origin in files[:MOST_FILES]]
    if not outcomes:
        outcomes = [Outcome("", sentence(rules.NoFile()))]
    context = panel_context(record, actor) | {
        "refused": [outcome for outcome in outcomes if outcome.refusal],
        "known": [outcome for outcome in outcomes if outcome.known],
        "added": sum(not outcome.refusal and not outcome.known for outcome in outcomes),
    }
    return render(request, "evidence/_panel.html", context)


def _attach_one(record: Record, file: UploadedFile, origin: str, request: ActorRequest, actor: Actor) -> Outcome:
    name, now = file.name or "", clock.now()
    try:
        wanted = request.POST.get("classification", "")
        found = door.attach(
            record,
            file,
            actor=actor,
            now=now,
            caption=request.POST.get("caption", ""),
            classification=int(wanted) if wanted in ("0", "1", "2") else None,
            origin=origin,
        )
    except Refusal as refusal:
        return Outcome(name, sentence(refusal))
    return Outcome(name, known=found.created_at != now)


@requires("evidence.view")
@require_GET
def download(request: ActorRequest, exhibit_id: UUID) -> HttpResponseBase:
    """The bytes of an exhibit; ``?save=1`` always saves. Reading a sensitive one is written into the audit."""
    actor = cast(Actor, request.actor)
    exhibit = queries.exhibit(exhibit_id, actor)
    answer = serving.response(request, exhibit)
    if exhibit.classification >= Classification.SENSITIVE:
        services.note_reading(exhibit, actor=actor, now=clock.now())
    return answer


@requires("evidence.classify")
@require_POST
def raise_class(request: ActorRequest, exhibit_id: UUID) -> HttpResponse:
    """Raise the access class of an exhibit and show its page again; a class above the reader's own hides it from him."""
    actor = cast(Actor, request.actor)
    exhibit = queries.exhibit(exhibit_id, actor)
    wanted = request.POST.get("classification", "")
    if wanted not in ("1", "2"):
        raise Invalid({"classification": rules.AccessClassNotRaised(present=wanted)})
    services.raise_class(exhibit.pk, Classification(int(wanted)), reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("desk:evidence-detail", args=[exhibit.pk]))


def _subject(subject_type: str, subject_id: UUID, actor: Actor) -> Record:
    """The record a file belongs to, as far as ``actor`` may see it by its own room's permission. Raises ``NotFound``."""
    try:
        model = apps.get_model(subject_type)
    except (LookupError, ValueError):
        raise NotFound(what=subject_type) from None
    resource = find_for_model(model)
    if resource is None or not issubclass(model, Record):
        raise NotFound(what=subject_type)
    found = visible(model._default_manager.all(), actor, resource.actions.view).filter(pk=subject_id).first()
    if found is None:
        raise NotFound(what=str(subject_id))
    return found
