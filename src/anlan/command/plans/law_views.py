"""Pages of the law of plans: what is owed, and for one plan its reviews, filing, drills and evaluations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.command.plans import law, law_forms, obliging, queries, rules
from anlan.command.plans.models import PlanFiling, PlanTemplate
from anlan.desk.documents import Document, Pairs, Signatures, pdf
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day

PAGE = 50


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("plans.view")
@require_GET
def owed(request: HttpRequest) -> HttpResponse:
    """The calendar of what is owed, the overdue first."""
    today = law_day(clock.now())
    found = queries.owed(_actor(request), today)
    wanted = request.GET.get("what", "")
    rows = [(plan, duty, duty.overdue(today)) for plan, duty in found if wanted in ("", duty.code)]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "late": sum(duty.overdue(today) for _plan, duty in found),
        "kinds": [(code, _(label)) for code, label in law.LABELS.items()],
        "wanted": wanted,
    }
    return render(request, "plans/owed.html", context)


@requires("plans.view")
@require_GET
def manage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything the law asks of one plan."""
    return _show(request, queries.plan(pk, _actor(request)))


def _show(request: HttpRequest, plan: PlanTemplate, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor, today = _actor(request), law_day(clock.now())
    subject = law.subject(plan.subject, today)
    known = queries.standing(plan, today)
    filing = queries.filings(actor).filter(plan=plan).first()
    may_change = actor.may("plans.change", place_code=plan.place_code, enterprise_id=plan.enterprise_id)
    may_file = actor.may("plans.file", place_code=plan.place_code, enterprise_id=plan.enterprise_id)
    names = {row.code: row.title for row in law.materials("enterprise", today)}
    kinds = {**{code: _(label) for code, label in law.DRILL_KINDS.items()}, **{row.code: row.title for row in law.triggers(today)}}
    context = {
        "plan": plan,
        "subject": subject,
        "owed": [(duty, duty.overdue(today)) for duty in law.owed(known, today)] if known is not None else [],
        "reviews": plan.reviews.all(),
        "records": [(row, kinds.get(row.how, "")) for row in plan.records.all()],
        "filing": filing,
        "handed_in": [names[code] for code in filing.materials if code in names] if filing else [],
        "not_handed_in": [row.title for row in obliging.missing_materials(filing)] if filing else [],
        "moves": {move.code for move in available_moves(filing, actor)} if filing else set(),
        "may_change": may_change,
        "may_review": may_change and plan.state == rules.DRAFT,
        "may_file": may_file and filing is None and plan.state == rules.IN_FORCE and not plan.example,
        "review_form": law_forms.ReviewForm(prefix="review"),
        "record_form": law_forms.RecordForm(prefix="record"),
        "file_form": law_forms.FileForm(prefix="file", kind=subject.kind),
        "refusal_message": sentence(refusal) if refusal else "",
        **bound,
    }
    return render(request, "plans/manage.html", context, status=refusal.status if refusal else 200)


def _do(request: HttpRequest, pk: UUID, act: Callable[[PlanTemplate, Actor, Any], object]) -> HttpResponse:
    plan = queries.plan(pk, _actor(request))
    try:
        act(plan, _actor(request), clock.now())
    except Refusal as refusal:
        return _show(request, plan, refusal)
    return redirect("plans:manage", pk)


@requires("plans.change")
@require_POST
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the minutes of a review."""
    form = law_forms.ReviewForm(request.POST, prefix="review")
    if not form.is_valid():
        return _wrong(request, pk, review_form=form)
    given = form.cleaned_data
    return _do(
        request,
        pk,
        lambda plan, actor, now: obliging.record_review(plan, given["held_on"], given["experts"], given["minutes"], actor=actor, now=now),
    )


@requires("plans.change")
@require_POST
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a drill, an evaluation or a reason to revise."""
    form = law_forms.RecordForm(request.POST, prefix="record")
    if not form.is_valid():
        return _wrong(request, pk, record_form=form)
    return _do(request, pk, lambda plan, actor, now: obliging.record(plan, form.cleaned_data, actor=actor, now=now))


@requires("plans.file")
@require_POST
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a plan in, or what was missing."""
    plan = queries.plan(pk, _actor(request))
    form = law_forms.FileForm(request.POST, prefix="file", kind=law.subject(plan.subject, law_day(clock.now())).kind)
    if not form.is_valid():
        return _wrong(request, pk, file_form=form)
    given = form.cleaned_data["materials"]

    def act(found: PlanTemplate, actor: Actor, now: Any) -> object:
        held = found.filings.first()
        return (
            obliging.file_plan(found, given, actor=actor, now=now) if held is None else obliging.complete(held, given, actor=actor, now=now)
        )

    return _do(request, pk, act)


@requires("plans.accept")
@require_POST
def check(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Enter a filing in the register, or tell once what is missing."""

    def act(plan: PlanTemplate, actor: Actor, now: Any) -> object:
        held = _filing(plan, actor)
        if code == "accept":
            return obliging.accept(held, actor=actor, now=now)
        if code == "tell":
            return obliging.tell_missing(held, request.POST.get("reason", ""), actor=actor, now=now)
        raise NotFound(what=code)

    return _do(request, pk, act)


def _filing(plan: PlanTemplate, actor: Actor) -> PlanFiling:
    found = queries.filings(actor).filter(plan=plan).first()
    if found is None:
        raise NotFound(what=str(plan.pk))
    return found


def _wrong(request: HttpRequest, pk: UUID, **bound: Any) -> HttpResponse:
    answer = _show(request, queries.plan(pk, _actor(request)), **bound)
    answer.status_code = 422
    return answer


@requires("plans.view")
@require_GET
def register(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The registration form (备案登记表) of a filed plan, to print."""
    actor, plan = _actor(request), queries.plan(pk, _actor(request))
    row = _filing(plan, actor)
    if row.filed_on is None:
        raise NotFound(what=str(pk))
    document = Document(
        title=_("生产安全事故应急预案备案登记表"),
        organ=row.filed_with,
        number=row.number,
        date=f"{row.filed_on:%Y-%m-%d}",
        foot=law.parameter_row("check_within", row.submitted_on).source,
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        blocks=(
            Pairs(
                (
                    (_("备案编号"), row.number),
                    (_("预案名称"), plan.title),
                    (_("预案编号"), f"{plan.code} / {plan.edition}"),
                    (_("适用地区"), places.full_name(plan.place_code)),
                    (_("单位类别"), law.subject(plan.subject, row.submitted_on).title),
                    (_("公布日期"), f"{plan.issued_on:%Y-%m-%d}" if plan.issued_on else ""),
                    (_("申请日期"), f"{row.submitted_on:%Y-%m-%d}"),
                    (_("申请人"), row.submitted_by_name),
                    (_("备案日期"), f"{row.filed_on:%Y-%m-%d}"),
                    (_("抄送"), obliging.copied_to(plan, row.submitted_on) or "—"),
                    (_("备案方式"), _("逾期视为备案") if row.by_silence else _("核对后备案")),
                ),
                boxed=True,
            ),
            Signatures(((_("备案机关"), row.filed_with),)),
        ),
    )
    answer = HttpResponse(pdf(document), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="plan-{row.number}.pdf"'
    return answer
