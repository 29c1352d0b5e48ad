"""Pages of the import: choose a Word file, then confirm piece by piece what goes into the draft."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms as django_forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.command.plans import forms, importing, mapping, queries, reading
from anlan.command.plans.models import ImportStep, PlanAction, PlanChapter, PlanImport, PlanTemplate
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal

PAGE = 30


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose a Word file for a draft."""
    plan = queries.plan(pk, _actor(request))
    refusal: Refusal | None = None
    if request.method == "POST":
        sent = request.FILES.get("file")
        try:
            if sent is None:
                raise reading.NotWord(name="")
            if (sent.size or 0) > reading.MOST_BYTES:
                raise reading.TooLong(name=sent.name, found=f"{(sent.size or 0) >> 20} MB", most=f"{reading.MOST_BYTES >> 20} MB")
            made = importing.start(plan, sent.name or "", sent.read(), actor=_actor(request), now=clock.now())
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("plans:import", pk, made.pk)
    context = {"plan": plan, "imports": plan.imports.all(), "refusal_message": sentence(refusal) if refusal else ""}
    return render(request, "plans/upload.html", context, status=refusal.status if refusal else 200)


@requires("plans.change")
@require_GET
def steps(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    """What was found in a file, what has been decided, what still waits."""
    plan = queries.plan(pk, _actor(request))
    row = _document(plan, document)
    every = list(row.steps.values_list("state", flat=True))
    wanted = request.GET.get("state", ImportStep.WAITING)
    shown = row.steps.filter(state=wanted) if wanted in ImportStep.STATES else row.steps.all()
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = {
        "plan": plan,
        "document": row,
        "page": page,
        "lines": [(step, _(mapping.KINDS[step.kind]), _(mapping.REASONS[step.reason])) for step in page.object_list],
        "states": [(code, _(label), every.count(code)) for code, label in ImportStep.STATES.items()],
        "wanted": wanted,
        "decided": len(every) - every.count(ImportStep.WAITING),
        "total": len(every),
    }
    return render(request, "plans/import.html", context)


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: UUID, document: UUID, row: UUID) -> HttpResponse:
    """One piece: taken as it is, changed, taken as something else, or left out."""
    plan = queries.plan(pk, _actor(request))
    found = _document(plan, document).steps.filter(pk=row).first()
    if found is None:
        raise NotFound(what=str(row))
    kind = request.GET.get("as", found.kind)
    form = _form(request, plan, found, kind)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "leave":
                importing.leave_out(found, actor=_actor(request), now=clock.now())
                return redirect("plans:import", pk, document)
            if form.is_valid():
                _take(found, kind, form, _actor(request))
                return redirect("plans:import", pk, document)
        except Refusal as refused:
            refusal = refused
    context = {
        "plan": plan,
        "document": found.document,
        "step": found,
        "form": form,
        "as_action": kind == mapping.ACTION,
        "reason": _(mapping.REASONS[found.reason]),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "plans/step.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


def _form(request: HttpRequest, plan: PlanTemplate, found: ImportStep, kind: str) -> django_forms.ModelForm[Any]:
    posted = request.POST if request.method == "POST" and request.POST.get("do") != "leave" else None
    if kind == mapping.ACTION:
        first = importing.first_values(found) if found.values else {"text": found.text[: importing.LONGEST_ACTION]}
        return forms.ActionForm(posted, instance=PlanAction(plan=plan, **{k: v for k, v in first.items() if v is not None}), plan=plan)
    first_chapter = PlanChapter(plan=plan, clause=found.clause, heading=found.heading, text=found.text or _whole(found))
    return forms.ChapterForm(posted, instance=first_chapter, plan=plan, adding=True)


def _whole(found: ImportStep) -> str:
    return "\n".join(str(value) for value in found.values.values() if value)


def _take(found: ImportStep, kind: str, form: Any, actor: Actor) -> None:
    given = form.cleaned_data
    if kind == mapping.ACTION:
        importing.take_action(found, given, actor=actor, now=clock.now())
    else:
        importing.take_chapter(found, given["clause"], given["heading"], given["text"], actor=actor, now=clock.now())


def _document(plan: PlanTemplate, pk: UUID) -> PlanImport:
    found = plan.imports.filter(pk=pk).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found
