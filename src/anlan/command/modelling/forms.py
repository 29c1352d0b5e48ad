"""What somebody types on a model's page, as the inputs of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from anlan.consequence.catalogue import Input, Model

_BETWEEN = re.compile(r"[\s,，;；、]+")


def read(chosen: Model, typed: Mapping[str, str]) -> dict[str, Any]:
    """Inputs by name: what is left empty takes its default; several figures are separated by spaces or commas.

    What is no figure is passed on as it stands: the model refuses it by its name.
    """
    given: dict[str, Any] = {}
    for each in chosen.inputs:
        text = str(typed.get(each.name, "")).strip()
        if text:
            given[each.name] = text if each.choices else _figures(each, text)
    return given


def _figures(asked: Input, text: str) -> Any:
    parts = [part for part in _BETWEEN.split(text) if part] if asked.many else [text]
    try:
        figures = [float(part) for part in parts]
    except ValueError:
        return text
    return figures if len(figures) > 1 else figures[0]
