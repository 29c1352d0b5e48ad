"""Pages of plans: one plan, its parts written, its task board seen beforehand, cards to print, what changed."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.plans import comparing, editing, forms, queries, rules, services, standard
from anlan.command.plans.models import PlanAction, PlanChapter, PlanLevel, PlanRole, PlanTemplate
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.levels import code_of
from anlan.kernel.words import N_
from anlan.ledger.flows import available_moves
from anlan.report.filings import door as filings


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("plans.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One plan: when it is started, who decides, who does what until when."""
    plan = queries.plan(pk, _actor(request))
    roles = {role.code: role for role in plan.roles.all()}
    actor, now = _actor(request), clock.now()
    found = queries.lacking(plan, now)
    context = {
        "plan": plan,
        "levels": [(level, _written(plan, level.level)) for level in queries.summary(plan).levels],
        "roles": roles.values(),
        "tree": [(group, group.parent and roles[group.parent].name) for group in queries.structure(plan.pk, plan.top_level)],
        "actions": [(action, roles.get(action.role_code), _names(plan, action.depends_on)) for action in plan.actions.all()],
        "chapters": plan.chapters.all(),
        "lacking": found,
        "kind_name": filings.kind_name(plan.kind),
        "place_name": places.place_name(plan.place_code),
        "plan_type": _(rules.PLAN_TYPES[plan.plan_type]),
        "moves": available_moves(plan, actor),
        "editions": queries.editions(plan, actor),
        "can_edit": plan.state == rules.DRAFT and actor.may("plans.change", place_code=plan.place_code, enterprise_id=plan.enterprise_id),
        "can_renew": plan.state == rules.IN_FORCE
        and not plan.example
        and actor.may("plans.change", place_code=plan.place_code, enterprise_id=plan.enterprise_id),
        "can_copy": bool(actor.scopes("plans.change")),
    }
    return render(request, "plans/detail.html", context)


def _written(plan: PlanTemplate, level: str) -> PlanLevel:
    return next(row for row in plan.levels.all() if row.level == level)


def _names(plan: PlanTemplate, codes: str) -> str:
    texts = {row.code: row.text for row in plan.actions.all()}
    return "；".join(texts.get(code, code) for code in rules.listed(codes))


@requires("plans.view")
@require_GET
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The orders that starting a level would give, by group, each with its minutes from the start and what it waits for."""
    plan, now = queries.plan(pk, _actor(request)), clock.now()
    levels = [(level.level, level.label) for level in queries.summary(plan).levels]
    chosen = request.GET.get("level", "")
    if chosen not in {code for code, _label in levels}:
        chosen = levels[-1][0] if levels else ""
    context: dict[str, Any] = {"plan": plan, "levels": levels, "chosen": chosen, "columns": [], "count": 0, "refusal_message": ""}
    try:
        drafts = queries.instantiate(plan.pk, chosen, now)
    except Refusal as refusal:
        context["refusal_message"] = sentence(refusal)
    else:
        titles = {draft.code: draft.title for draft in drafts}
        lines = [(draft, round((draft.due - now).total_seconds() / 60), [titles[code] for code in draft.depends_on]) for draft in drafts]
        groups = queries.structure(plan.pk, chosen)
        context["columns"] = [(group, [line for line in lines if line[0].group == group.code]) for group in groups]
        context["count"] = len(drafts)
    return render(request, "plans/preview.html", context)


@requires("plans.view")
@require_GET
def cards(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Emergency cards (应急处置卡), one for each role: what it does, in order of time, to be printed and carried."""
    plan = queries.plan(pk, _actor(request))
    actions = sorted(plan.actions.all(), key=lambda row: row.deadline_min)
    rows = [(role, [row for row in actions if row.role_code == role.code]) for role in plan.roles.all()]
    return render(request, "plans/cards.html", {"plan": plan, "rows": [row for row in rows if row[1] or row[0].duty]})


@requires("plans.view")
@require_GET
def compare(request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
    """What changed from another edition of the same plan (or the plan it was taken from) to this one."""
    actor = _actor(request)
    new, old = queries.plan(pk, actor), queries.plan(other, actor)
    if new.code == old.code and new.edition < old.edition:
        new, old = old, new
    found = comparing.differences(queries.edition_of(old), queries.edition_of(new))
    lines = [
        {"part": _(PART_NAMES[each.part]), "how": each.how, "key": each.key, "fields": [(_field(f), b, a) for f, b, a in each.fields]}
        for each in found
    ]
    return render(request, "plans/compare.html", {"new": new, "old": old, "lines": lines})


PART_NAMES = {
    "about": N_("基本信息"),
    "levels": N_("响应分级"),
    "roles": N_("指挥体系"),
    "actions": N_("行动"),
    "chapters": N_("预案章节"),
}


def _field(name: str) -> str:
    if name == "role":
        return _("角色")
    for model in (PlanAction, PlanRole, PlanLevel, PlanChapter, PlanTemplate):
        found = next((field for field in model._meta.concrete_fields if field.name == name), None)
        if found is not None:
            return str(found.verbose_name)
    return name


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a plan of one's own with the content of another."""
    actor, source = _actor(request), queries.plan(pk, _actor(request))
    own = sorted({code_of(grant.place_prefix) for grant in actor.scopes("plans.change") if grant.enterprise_id is None})
    of_enterprise = actor.enterprise_id is not None
    start = {"title": source.title.replace("（示例）", "")}
    form = forms.CopyForm(
        request.POST if request.method == "POST" else None,
        initial=start,
        own=[actor.place_code] if of_enterprise else own,
        of_enterprise=of_enterprise,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = editing.copy_as_own(source, form.cleaned_data, actor=actor, now=clock.now())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("plans:detail", made.pk)
    return _form(request, source, form, _("据此编制本单位预案"))


@requires("plans.change")
@require_POST
def renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin the next edition."""
    plan = queries.plan(pk, _actor(request))
    try:
        made = editing.next_edition(plan, actor=_actor(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("plans:detail", pk)
    return redirect("plans:detail", made.pk)


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write what a draft says of itself."""
    plan = queries.plan(pk, _actor(request))
    form = forms.AboutForm(request.POST if request.method == "POST" else None, instance=plan)
    if request.method == "POST" and form.is_valid():
        try:
            editing.describe(plan, form.cleaned_data, actor=_actor(request), now=clock.now())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("plans:detail", pk)
    return _form(request, plan, form, _("修改基本信息"))


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """One more level, role, action or chapter of a draft."""
    if what not in editing.PARTS:
        raise NotFound(what=what)
    return _put(request, queries.plan(pk, _actor(request)), what, editing.PARTS[what]())


@requires("plans.change")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID, what: str, row: UUID) -> HttpResponse:
    """Write a level, role, action or chapter anew."""
    plan = queries.plan(pk, _actor(request))
    return _put(request, plan, what, editing.part(plan, what, row))


def _put(request: HttpRequest, plan: PlanTemplate, what: str, row: editing.Part) -> HttpResponse:
    row.plan = plan
    clause = request.GET.get("clause", "")
    if isinstance(row, PlanChapter) and row._state.adding and clause:
        row.clause, row.heading = clause, standard.titles().get(clause, "")
    form = forms.PART_FORMS[what](request.POST if request.method == "POST" else None, instance=row, plan=plan)
    if request.method == "POST" and form.is_valid():
        try:
            editing.put(plan, what, form.save(commit=False), actor=_actor(request), now=clock.now())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("plans:detail", plan.pk)
    title = _("修改{part}") if not row._state.adding else _("添加{part}")
    return _form(request, plan, form, title.format(part=row._meta.verbose_name))


@requires("plans.change")
@require_POST
def remove(request: HttpRequest, pk: UUID, what: str, row: UUID) -> HttpResponse:
    """Take one part out of a draft."""
    plan = queries.plan(pk, _actor(request))
    try:
        editing.remove(plan, what, editing.part(plan, what, row), actor=_actor(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("plans:detail", pk)


def _form(request: HttpRequest, plan: PlanTemplate, form: Any, title: str) -> HttpResponse:
    errors = [("", str(error)) for error in form.non_field_errors()]
    errors += [(name, f"{form.fields[name].label}：{each}") for name, found in form.errors.items() if name != "__all__" for each in found]
    context = {"plan": plan, "form": form, "errors": errors, "title": title}
    return render(request, "plans/form.html", context, status=422 if form.errors else 200)


@requires("plans.issue")
@require_POST
def move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Issue or retire a plan."""
    actor, now = _actor(request), clock.now()
    plan = queries.plan(pk, actor)
    try:
        if code == "issue":
            services.issue(plan, actor=actor, now=now)
        elif code == "retire":
            services.retire(plan, request.POST.get("reason", ""), actor=actor, now=now)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("plans:detail", pk)
