"""The inputs above a list, ready for the template, and the places an actor may choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anlan.desk.joints import joints
from anlan.desk.resource.asking import Question, choices_of, scoped
from anlan.desk.resource.declare import Choice, DateRange, Equals, Filter, Flag, PlaceFilter, Resource, Text
from anlan.desk.resource.registry import find_for_model
from anlan.desk.resource.values import field_of, label_of, place_text
from anlan.kernel.access import Actor
from anlan.kernel.levels import NATION, code_of


@dataclass(frozen=True)
class Option:
    """One choice of an input."""

    value: str
    label: Text
    chosen: bool = False


@dataclass(frozen=True)
class FilterInput:
    """One filter: ``kind`` is ``choice``, ``flag``, ``place``, ``dates`` or ``fixed``; ``value`` is what was given.

    ``fixed``: what a link asked for and no input could show, in words in ``options``.
    """

    kind: str
    name: str
    label: Text
    value: str = ""
    until: str = ""
    options: Sequence[Option] = field(default_factory=tuple)


def place_options(actor: Actor, action: str, chosen: str) -> tuple[Option, ...]:
    """The places to choose from: what the actor's grants reach, then a step down from what is chosen, indented by level.

    A list of 2,847 counties in a box helps nobody: each choice opens the places below it.
    """
    roots = sorted({code_of(grant.place_prefix) for grant in actor.scopes(action) if grant.enterprise_id is None})
    if joints.place_children is None:
        return tuple(Option(code, place_text(code), code == chosen) for code in roots)
    here = chosen or (roots[0] if len(roots) == 1 else "")
    above = joints.place_ancestors(here) if here and joints.place_ancestors is not None else ()
    reachable = [place.code for place in above if actor.may(action, place_code=place.code)]
    path = list(dict.fromkeys([*roots, *reachable, *([here] if here else [])]))
    below = [place.code for place in joints.place_children(here)] if here else []
    codes = [code for code in dict.fromkeys([*path, *below]) if code == NATION or actor.may(action, place_code=code) or code in roots]
    depth = {code: "　" * index for index, code in enumerate(path)}
    return tuple(Option(code, depth.get(code, "　" * len(path)) + place_text(code), code == chosen) for code in codes)


def filter_inputs(resource: Resource, actor: Actor, question: Question) -> tuple[FilterInput, ...]:
    """The declared filters with what was chosen."""
    return tuple(made for wanted in resource.filters if (made := _input(resource, actor, question, wanted)) is not None)


def _input(resource: Resource, actor: Actor, question: Question, wanted: Filter) -> FilterInput | None:
    given = question.chosen.get(wanted.name, [])
    value = given[0] if given else ""
    if isinstance(wanted, Equals):
        if not value:
            return None
        return FilterInput(
            "fixed", wanted.name, wanted.label or "", value, options=(Option(value, _named(resource, wanted, actor, value)),)
        )
    label = wanted.label
    if isinstance(wanted, PlaceFilter):
        label = label or label_of(resource.model, wanted.column, None)
        options = place_options(actor, resource.actions.view, value)
        return FilterInput("place", wanted.name, label, value, options=options) if len(options) > 1 else None
    label = label_of(resource.model, wanted.column, label)
    if isinstance(wanted, DateRange):
        ends = [question.chosen.get(f"{wanted.name}_{end}", [""])[0] for end in ("from", "to")]
        return FilterInput("dates", wanted.name, label, ends[0], ends[1])
    if isinstance(wanted, Flag):
        return FilterInput("flag", wanted.name, label, value)
    if isinstance(wanted, Choice):
        options = tuple(Option(str(code), text, str(code) in given) for code, text in choices_of(resource, wanted))
        if len(given) > 1:  # a box shows one: the last of several would stand there as if it were all
            return FilterInput("fixed", wanted.name, label, value, options=tuple(option for option in options if option.chosen))
        return FilterInput("choice", wanted.name, label, value, options=options)
    raise TypeError(f"no input for {type(wanted).__name__}")


def _named(resource: Resource, wanted: Equals, actor: Actor, value: str) -> str:
    """What the key of a link stands for, where the actor may see it; without that, nothing."""
    column = field_of(resource.model, wanted.column)
    other = find_for_model(column.related_model) if column is not None and isinstance(column.related_model, type) else None
    if other is None:
        return "" if column is None or column.is_relation else value
    record = scoped(other, actor).filter(pk=value).first() if actor.may_somewhere(other.actions.view) else None
    return str(record) if record is not None else ""
