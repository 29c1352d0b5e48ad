"""Models and their answers as JSON takes them: for the API, for pages and for the command line alike. Knows no Django."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from anlan.consequence.catalogue import Answer, Model, plain

Translate = Callable[[str], str]


def described(chosen: Model, translate: Translate = str) -> dict[str, Any]:
    """A model: inputs with units, ranges and defaults, outputs, source; an end of a range that is not there is ``null``."""
    return {
        "model": chosen.code,
        "title": translate(chosen.title),
        "version": chosen.version,
        "citation": chosen.citation,
        "inputs": [
            {
                "name": each.name,
                "unit": each.unit,
                "meaning": translate(each.meaning),
                "low": each.low if math.isfinite(each.low) else None,
                "high": each.high if math.isfinite(each.high) else None,
                "low_excluded": each.open_low,
                "default": each.default,
                "choices": list(each.choices),
                "many": each.many,
            }
            for each in chosen.inputs
        ],
        "outputs": [{"name": each.name, "unit": each.unit, "meaning": translate(each.meaning)} for each in chosen.outputs],
    }


def answered(chosen: Model, answer: Answer, translate: Translate = str) -> dict[str, Any]:
    """An answer: model, version, source, values, their units, and what to know of them (code and sentence of each caution)."""
    told = untranslated(chosen, answer)
    return told | {"cautions": sentences(told["cautions"], translate)}


def untranslated(chosen: Model, answer: Answer) -> dict[str, Any]:
    """An answer whose cautions still hold their source sentence and facts, so that whoever shows them translates first and fills then."""
    units = {each.name: each.unit for each in chosen.outputs if each.name in answer.values}
    told: dict[str, Any] = {"model": answer.by.model, "version": answer.by.version, "citation": answer.by.citation}
    if answer.by.sigma_set:
        told["sigma_set"] = answer.by.sigma_set
    if answer.by.averaging_s is not None:
        told["averaging_s"] = answer.by.averaging_s
    cautions = [
        {"code": each.code, "sentence": each.sentence, "facts": {name: str(fact) for name, fact in each.facts.items()}}
        for each in answer.cautions
    ]
    return told | {"values": plain(answer.values), "units": units, "cautions": cautions}


def sentences(cautions: list[dict[str, Any]], translate: Translate) -> list[dict[str, str]]:
    """Cautions of :func:`untranslated` as finished sentences."""
    return [{"code": each["code"], "sentence": translate(each["sentence"]).format_map(each["facts"])} for each in cautions]
