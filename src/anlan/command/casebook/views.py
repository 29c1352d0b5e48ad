"""The books of an incident on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from anlan.command.casebook import forms, queries, rules, services
from anlan.command.incidents import door as incidents
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves

_FORMS: dict[str, type[Any]] = {
    "people": forms.PersonForm,
    "decisions": forms.DecisionForm,
    "statements": forms.StatementForm,
    "cost": forms.CostForm,
}


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def address(incident_id: UUID, book: str = "") -> str:
    """The page of the books, at one of them."""
    return reverse("casebook:book", args=[incident_id]) + (f"#{book}" if book else "")


@requires("casebook.view")
@require_GET
def book(request: HttpRequest, incident: UUID) -> HttpResponse:
    """People, decisions, statements, cost."""
    return _show(request, incident)


def _show(request: HttpRequest, incident: UUID, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor = _actor(request)
    summary = incidents.incident(incident, actor)

    def may(action: str) -> bool:
        return summary.closed_at is None and actor.may(action, place_code=summary.place_code, classification=summary.classification)

    report, compared = queries.compared(incident, actor)
    labels = {"deaths": rules.DEAD, "serious_injured": rules.SERIOUS, "injured": rules.LIGHT, "missing": rules.MISSING}
    context = {
        "incident": summary,
        "people": [(row, available_moves(row, actor)) for row in queries.people(incident, actor)],
        "may_see_people": actor.may_somewhere("casebook.people"),
        "report": report,
        "compared": [(rules.PERSON_FLOW.state(labels[row.code]).label, row) for row in compared],
        "differs": report is not None and any(row.differs for row in compared),
        "decisions": queries.decisions(incident, actor).order_by("-at"),
        "statements": [(row, {m.code for m in available_moves(row, actor)}) for row in queries.statements(incident, actor)],
        "costs": queries.costs(incident, actor),
        "total": queries.total(incident, actor),
        "aid_cost": queries.dispatch.cost(incident, actor),
        "may": {code.removeprefix("casebook."): may(code) for code in rules.ACTIONS},
        "forms": {code: form(prefix=code, label_suffix="") for code, form in _FORMS.items()} | bound,
        "wrong": next(iter(bound), ""),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    status = refusal.status if refusal else 422 if bound else 200
    return render(request, "casebook/book.html", context, status=status)


@requires("casebook.view")
@require_POST
def add(request: HttpRequest, incident: UUID, what: str) -> HttpResponse:
    """Add to one of the books; each asks for its own permission."""
    if what not in _FORMS:
        raise NotFound(what=what)
    form = _FORMS[what](request.POST, prefix=what, label_suffix="")
    if not form.is_valid():
        return _show(request, incident, **{what: form})
    told: dict[str, Any] = {"actor": _actor(request), "now": clock.now()}
    given = form.cleaned_data
    verbs: dict[str, Callable[[], object]] = {
        "people": lambda: services.enter_person(incident, given["state"], given, **told),
        "decisions": lambda: services.decide(incident, given, **told),
        "statements": lambda: services.draft_statement(incident, given, **told),
        "cost": lambda: services.enter_cost(incident, given, **told),
    }
    return _run(request, incident, what, verbs[what])


def _run(request: HttpRequest, incident: UUID, what: str, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _show(request, incident, refusal)
    return redirect(address(incident, what))


@requires("casebook.people")
@require_POST
def person_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """What became of somebody, or that the family was told (``family``)."""
    told: dict[str, Any] = {"actor": _actor(request), "now": clock.now()}
    row, post = queries.person(pk, told["actor"]), request.POST
    if code == "family":
        verb: Callable[[], object] = lambda: services.tell_family(row, post.get("family_name", ""), post.get("family_phone", ""), **told)  # noqa: E731
    else:
        verb = lambda: services.move_person(row, code, post.get("reason", ""), post.get("hospital", ""), **told)  # noqa: E731
    return _run(request, row.incident_id, "people", verb)


@requires("casebook.view")
@require_POST
def statement_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Carry a statement on."""
    told: dict[str, Any] = {"actor": _actor(request), "now": clock.now()}
    row, post = queries.statement(pk, told["actor"]), request.POST
    return _run(
        request,
        row.incident_id,
        "statements",
        lambda: services.move_statement(row, code, post.get("reason", ""), post.get("spokesperson", ""), **told),
    )
