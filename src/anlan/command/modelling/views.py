"""The catalogue of models over the API and as pages with a form to try each."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.modelling import forms, reckoning, rules, telling
from anlan.consequence.catalogue import Model, model, models
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.kernel.errors import Refusal

SHOWN = 50
"""Elements of an array that a page shows; the API gives all."""


def _json(content: object) -> JsonResponse:
    return JsonResponse(content, safe=False, json_dumps_params={"ensure_ascii": False})


@requires("models.view")
@require_GET
def api_list(_request: ActorRequest) -> JsonResponse:
    """``GET /api/v1/models/``: every model with its inputs, outputs and source."""
    return _json({"models": [telling.described(each, _) for each in models().values()]})


@requires("models.view")
@require_GET
def api_one(_request: ActorRequest, code: str) -> JsonResponse:
    """``GET /api/v1/models/<name>/``: one model. 404 ``model_unknown``."""
    return _json(telling.described(model(code), _))


@requires("models.run")
@require_POST
def api_run(request: ActorRequest, code: str) -> JsonResponse:
    """``POST /api/v1/models/<name>/run`` with a JSON object of inputs by name, as ``anlan model run`` takes it.

    Answers values, units, source and cautions; refuses as the model does (422), and what is too much (413) or takes too long (503).
    """
    chosen = model(code)
    found = reckoning.run(chosen.code, _inputs(request))
    return _json(found | {"cautions": telling.sentences(found["cautions"], _)})


def _inputs(request: ActorRequest) -> dict[str, Any]:
    """The object in the body. Raises ``TooMany``, ``NotAnObject``."""
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    if told.isdigit() and int(told) > rules.MOST_BYTES:
        raise rules.TooMany(most=rules.MOST_FIGURES, count="> " + str(rules.MOST_FIGURES))
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise rules.NotAnObject() from None
    if not isinstance(found, dict):
        raise rules.NotAnObject()
    return found


@requires("models.view")
@require_GET
def list_page(request: ActorRequest) -> HttpResponse:
    """Models by family, with what each answers and its source."""
    families = [
        (_(label), [each for each in models().values() if rules.family(each.code) == code]) for code, label in rules.FAMILIES.items()
    ]
    rows = [(label, [(each, _(each.title)) for each in found]) for label, found in families if found]
    return render(request, "modelling/list.html", {"families": rows, "count": len(models())})


@requires("models.view")
@require_http_methods(["GET", "POST"])
def model_page(request: ActorRequest, code: str) -> HttpResponse:
    """One model: inputs with units and ranges, source, and a form to try it."""
    chosen = model(code)
    actor = request.actor
    may_run = actor is not None and actor.may_somewhere("models.run")
    context: dict[str, Any] = {
        "model": chosen,
        "told": telling.described(chosen, _),
        "may_run": may_run,
        "typed": {},
        "family": _(rules.FAMILIES[rules.family(code)]),
    }
    status = 200
    if request.method == "POST" and may_run:
        typed = {each.name: request.POST.get(each.name, "") for each in chosen.inputs}
        context["typed"] = typed
        try:
            found = reckoning.run(code, forms.read(chosen, typed))
            context |= {"answer": _shown(chosen, found), "cautions": telling.sentences(found["cautions"], _), "credentials": found}
        except Refusal as refused:
            context["refusal"], status = sentence(refused), 422
    context["fields"] = [(each, context["typed"].get(each["name"], ""), _range(each)) for each in context["told"]["inputs"]]
    return render(request, "modelling/model.html", context, status=status)


def _range(each: dict[str, Any]) -> str:
    """The range of an input in words; empty where it has none."""
    low, high = each["low"], each["high"]
    if low is None and high is None:
        return ""
    begin = "" if low is None else f"{low:g} {'<' if each['low_excluded'] else '≤'} "
    return f"{begin}x{'' if high is None else f' ≤ {high:g}'}"


def _shown(chosen: Model, found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Meaning, value and unit of each output."""
    meanings = {each.name: _(each.meaning) for each in chosen.outputs}
    return [(meanings.get(name, name), _value(value), found["units"].get(name, "")) for name, value in found["values"].items()]


def _value(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(_value(each) for each in value[:SHOWN])
        return f"[{text}]" if len(value) <= SHOWN else _("[{text}, …] 共 {count} 个").format(text=text, count=len(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
