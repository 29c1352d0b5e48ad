"""Pages of detection rules beside list and detail of the desk: writing a rule, templates, replays, suppressions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.refusing import messages_of
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.sense.criteria import catalogue, forms, packed, presenting, queries, replaying, rules, services
from anlan.sense.criteria.models import Criterion
from anlan.sense.criteria.points import PointBook

_EDIT = "criteria/edit.html"


def _actor(request: ActorRequest) -> Actor:
    assert request.actor is not None  # the guard lets nobody else in
    return request.actor


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(what=str(text)[:60]) from None


@requires("criteria.draft")
@require_http_methods(["GET", "POST"])
def begin(request: ActorRequest) -> HttpResponse:
    """Choose the kind and whose rule it is; then write it."""
    if kind := request.GET.get("kind"):
        return _write(request, kind)
    form = forms.BeginForm(request.POST or None, actor=_actor(request))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["enterprise"]
        query = f"?kind={form.cleaned_data['kind']}" + (f"&enterprise={chosen}" if chosen else "")
        return redirect(reverse("criteria:create") + query)
    context = {"form": form, "errors": form.summary(), "kinds": presenting.kinds_explained()}
    return render(request, "criteria/begin.html", context, status=422 if form.errors else 200)


def _write(request: ActorRequest, kind: str) -> HttpResponse:
    if kind not in rules.KINDS:
        raise NotFound(what=kind[:20])
    if kind in rules.LEARNT:
        raise rules.WrittenElsewhere
    enterprise_id = _uuid(request.GET.get("enterprise"))
    if enterprise_id is not None:
        enterprises.enterprise(enterprise_id, _actor(request))
    initial: dict[str, Any] = {"effective_from": timezone.localdate()}
    parameters: Mapping[str, Any] = {}
    template = request.GET.get("template", "")
    if template:
        given = packed.find(template, timezone.localdate(clock.now()))
        part = given.rules[0]
        parameters = part.parameters
        initial |= {"name": given.name_zh, "level": part.level, "source": given.source, "article": given.article, "status": given.status}
        initial |= {"note": given.note_zh, "sensor_classes": [given.sensor_class] if given.sensor_class else []}
    initial |= forms.initial_of(kind, parameters)
    editor = _Editor(request, kind, enterprise_id, initial, forms.rows_of(kind, parameters))
    if editor.accepts():
        try:
            row = services.draft(
                **editor.content(), kind=kind, enterprise_id=enterprise_id, template=template, actor=_actor(request), now=clock.now()
            )
            return redirect("desk:criteria-detail", row.pk)
        except Refusal as refusal:
            editor.refuse(refusal)
    return editor.page(_("起草检测规则"), reverse("desk:criteria-list"))


@requires("criteria.draft")
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Change a rule that is not in force."""
    row = queries.one(pk, _actor(request))
    if row.state not in rules.EDITABLE:
        raise rules.NotEditable(name=row.name, state=row.get_state_label())
    scope = {"points": list(row.channels), "sensor_classes": row.sensor_classes, "risk_sources": row.risk_sources}
    initial = {**forms.initial_from(row), **scope}
    editor = _Editor(request, row.kind, row.enterprise_id, initial, forms.rows_of(row.kind, row.parameters))
    if editor.accepts():
        try:
            services.revise(row, **editor.content(row.level), actor=_actor(request), now=clock.now())
            return redirect("desk:criteria-detail", row.pk)
        except Refusal as refusal:
            editor.refuse(refusal)
    return editor.page(_("修改检测规则"), reverse("desk:criteria-detail", args=[pk]))


class _Editor:
    """The forms of one rule together: words and parameters, rows, scope."""

    def __init__(
        self,
        request: ActorRequest,
        kind: str,
        enterprise_id: UUID | None,
        initial: Mapping[str, Any],
        rows: Mapping[str, list[dict[str, Any]]],
    ) -> None:
        self._request, self._kind, self._enterprise_id = request, kind, enterprise_id
        data = request.POST if request.method == "POST" else None
        self.book = PointBook(enterprise_id, _actor(request))
        more = forms.ROWS_SHOWN if data is not None and "more" in data else 0
        if data is not None and more:
            data = data.copy()
            for name, _label, _asks in forms.wording.ROWS.get(kind, ()):
                key = f"{name}-TOTAL_FORMS"
                data[key] = str(min(forms.MOST_ROWS, int(data.get(key, "0") or 0) + more))
        self._more = bool(more)
        self.form = forms.RuleForm(data, kind=kind, book=self.book, initial=dict(initial))
        self.sets = forms.formsets(kind, self.book, data, rows)
        self.scope = None
        if kind not in rules.POINTS_OF_THEIR_OWN:
            told = {"actor": _actor(request), "enterprise_id": enterprise_id, "book": self.book}
            self.scope = forms.ScopeForm(data, initial=dict(initial), **told)
        self.errors: list[tuple[str, str]] = []

    def accepts(self) -> bool:
        """Whether it was sent and every input can be read."""
        if self._request.method != "POST" or self._more:
            return False
        forms_ = [self.form, *([self.scope] if self.scope else [])]
        valid = [form.is_valid() for form in forms_] + [formset.is_valid() for _name, _label, formset in self.sets]
        self.errors = [entry for form in forms_ for entry in form.summary()]
        for _name, label, formset in self.sets:
            for number, row in enumerate(formset.forms, 1):
                self.errors += [(f"{row.prefix}-{name}", f"{label} {number}：{text}") for name, told in row.errors.items() for text in told]
            self.errors += [(f"{formset.prefix}-0-channel", str(text)) for text in formset.non_form_errors()]
        return all(valid)

    def content(self, level: int = 4) -> dict[str, Any]:
        """What was written, as the services take it. A form without a level (a pond) has ``level``."""
        return {
            **self.form.texts(),
            "level": self.form.cleaned_data.get("level", level),
            "parameters": {**self.form.parameters(), **forms.rows_from(self.sets)},
            "scope": self.scope.scope() if self.scope else services.Scope(),
        }

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal beside its inputs, and in the summary."""
        if isinstance(refusal, Invalid):
            for form in (self.form, *([self.scope] if self.scope else [])):
                mine = {name: why for name, why in refusal.fields.items() if name in form.fields}
                if mine:
                    form.refuse(Invalid(fields=mine))
        self.errors = messages_of(refusal)

    def page(self, heading: str, back_url: str) -> HttpResponse:
        """The form, with what is wrong above it."""
        owner = enterprises.names([self._enterprise_id]).get(self._enterprise_id, "") if self._enterprise_id else ""
        context = {
            "heading": heading,
            "kind_label": _(rules.KINDS[self._kind]),
            "kind_help": presenting.kind_help(self._kind),
            "owner": owner,
            "groups": [*self.form.grouped(), *(self.scope.grouped() if self.scope else [])],
            "sets": self.sets,
            "errors": self.errors,
            "back_url": back_url,
            "suggestions": self.book.suggestions(),
        }
        return render(self._request, _EDIT, context, status=422 if self.errors else 200)


@requires("criteria.draft")
@require_POST
def follow_up(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Draft the next wording of a rule in force."""
    made = services.follow_up(queries.one(pk, _actor(request)), actor=_actor(request), now=clock.now())
    return redirect("criteria:change", made.pk)


@requires("criteria.view")
@require_GET
def templates(request: ActorRequest) -> HttpResponse:
    """Ready-made rules, by group."""
    may_draft = _actor(request).may_somewhere("criteria.draft")
    return render(request, "criteria/templates.html", {"groups": presenting.templates_by_group(), "may_draft": may_draft})


@requires("criteria.draft")
@require_http_methods(["GET", "POST"])
def apply(request: ActorRequest, code: str) -> HttpResponse:
    """Apply a template: name the enterprise and the points, or its class; drafts are made."""
    template = packed.find(code, timezone.localdate(clock.now()))
    enterprise_id = _uuid(request.GET.get("enterprise"))
    if not template.as_it_stands:
        query = f"?kind={template.rules[0].kind}&template={code}" + (f"&enterprise={enterprise_id}" if enterprise_id else "")
        form = forms.BeginForm(request.POST or None, actor=_actor(request), initial={"kind": template.rules[0].kind})
        del form.fields["kind"]
        if enterprise_id is not None:
            return redirect(reverse("criteria:create") + query)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data["enterprise"]
            return redirect(reverse("criteria:create") + query + (f"&enterprise={chosen}" if chosen else ""))
        context = {"form": form, "errors": form.summary(), "kinds": (), "template": presenting.template(template)}
        return render(request, "criteria/begin.html", context, status=422 if form.errors else 200)
    return _apply(request, template, enterprise_id)


def _apply(request: ActorRequest, template: catalogue.Template, enterprise_id: UUID | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    if data is not None and not enterprise_id:
        chosen = forms.BeginForm({**data.dict(), "kind": "LIMIT"}, actor=_actor(request))
        enterprise_id = chosen.cleaned_data.get("enterprise") if chosen.is_valid() else None
    book = PointBook(enterprise_id, _actor(request))
    told = {"actor": _actor(request), "enterprise_id": enterprise_id, "book": book, "template": template}
    owner = enterprises.enterprise(enterprise_id, _actor(request)).uscc if enterprise_id else ""
    form = forms.ApplyForm(data, initial={"enterprise": owner}, **told)
    errors: list[tuple[str, str]] = []
    if data is not None:
        if form.is_valid():
            try:
                made = services.apply_template(
                    template.code,
                    form.scope(),
                    enterprise_id=form.cleaned_data["enterprise"],
                    actor=_actor(request),
                    now=clock.now(),
                )
                return redirect("desk:criteria-detail", made[0].pk) if len(made) == 1 else redirect("desk:criteria-list")
            except Refusal as refusal:
                errors = messages_of(refusal)
        else:
            errors = form.summary()
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": errors,
        "template": presenting.template(template),
        "suggestions": book.suggestions(),
    }
    return render(request, "criteria/apply.html", context, status=422 if errors else 200)


@requires("criteria.test")
@require_http_methods(["GET", "POST"])
def replay(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Choose a stretch of history and start a replay."""
    row, now = queries.one(pk, _actor(request)), clock.now()
    local = timezone.localtime(now)
    form = forms.ReplayForm(request.POST or None, initial={"since": local - timedelta(days=30), "until": local})
    errors: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                replaying.start(row, **form.cleaned_data, actor=_actor(request), now=now, queue=replaying.queue_replay)
                return HttpResponseRedirect(reverse("desk:criteria-detail", args=[pk]) + "#replays")
            except Refusal as refusal:
                errors, status = messages_of(refusal), refusal.status
        else:
            errors, status = form.summary(), 422
    context = _plain_form(row, form, errors, _("用历史数据回放"), _("开始回放"))
    return render(request, "criteria/form.html", context, status=status)


def _plain_form(row: Criterion, form: forms.ResourceForm, errors: list[tuple[str, str]], heading: str, button: str) -> dict[str, Any]:
    back = reverse("desk:criteria-detail", args=[row.pk])
    return {"rule": row, "form": form, "groups": form.grouped(), "errors": errors, "heading": heading, "button": button, "back_url": back}


@requires("criteria.test")
@require_POST
def cancel_replay(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Stop a replay."""
    found = queries.one_replay(pk, _actor(request))
    replaying.cancel(found, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("desk:criteria-detail", args=[found.criterion_id]) + "#replays")


@requires("criteria.view")
@require_GET
def replays(request: ActorRequest, pk: UUID) -> HttpResponse:
    """What replays of the rule found; asks for itself again while one runs."""
    row = queries.one(pk, _actor(request))
    return render(request, "criteria/_replays.html", presenting.replays_context(row, _actor(request)))


@requires("criteria.suppress")
@require_http_methods(["GET", "POST"])
def suppress(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Let the rule raise nothing for a time."""
    row, now = queries.one(pk, _actor(request)), clock.now()
    book = PointBook(row.enterprise_id, _actor(request))
    form = forms.SuppressForm(request.POST or None, book=book)
    errors: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.suppress(
                    row,
                    since=data["since"],
                    until=data["until"],
                    reason=data["reason"],
                    channels=tuple(data["points"] or ()),
                    actor=_actor(request),
                    now=now,
                )
                return HttpResponseRedirect(reverse("desk:criteria-detail", args=[pk]) + "#suppressions")
            except Refusal as refusal:
                form.refuse(refusal)
                errors, status = messages_of(refusal), refusal.status
        else:
            errors, status = form.summary(), 422
    context = _plain_form(row, form, errors, _("抑制规则"), _("开始抑制"))
    longest = services.longest_suppression()
    context["notice"] = _("一次最长 %(hours)d 小时。期间不产生新报警；到期仍未恢复的，到期时报警。") % {
        "hours": longest.total_seconds() // 3600
    }
    context["suggestions"] = book.suggestions()
    return render(request, "criteria/form.html", context, status=status)


@requires("criteria.suppress")
@require_POST
def end_suppression(request: ActorRequest, pk: UUID) -> HttpResponse:
    """End a suppression before its time."""
    found = queries.one_suppression(pk, _actor(request))
    services.end_suppression(found, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("desk:criteria-detail", args=[found.criterion_id]) + "#suppressions")
