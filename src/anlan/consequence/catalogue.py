"""Every model by name, with its inputs, their units and ranges, its outputs and where it was published: for engineers and other systems."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar

import numpy as np

from anlan import consequence
from anlan.consequence.validity import Contradiction, NoFigure, within
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class UnknownModel(Refusal):
    code: ClassVar[str] = "model_unknown"
    sentence: ClassVar[str] = N_("没有名为“{model}”的模型。可用模型见模型清单。")
    status: ClassVar[int] = 404


class UnknownInput(Refusal):
    code: ClassVar[str] = "model_unknown_input"
    sentence: ClassVar[str] = N_("模型 {model} 没有名为“{name}”的输入。它的输入是：{known}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Input:
    """One figure or word a model asks for. ``choices``: words allowed, for an input that is no figure; ``default`` ``None``: it must be given."""

    name: str
    unit: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    default: float | str | None = None
    choices: tuple[str, ...] = ()
    many: bool = False
    """An array may be given: the answer has its shape. Arrays given together fit each other as numpy broadcasts them."""
    open_low: bool = False


@dataclass(frozen=True)
class Output:
    """One figure a model gives."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Credentials:
    """Where an answer comes from. ``sigma_set`` and ``averaging_s``: of dispersion, without which a concentration means nothing."""

    model: str
    version: str
    citation: str
    sigma_set: str = ""
    averaging_s: float | None = None


@dataclass(frozen=True)
class Caution:
    """What a reader of an answer must know of it: a permanent code, a Chinese sentence with named fields, and the facts that fill it."""

    code: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Outputs by name (figures or arrays, in the units of the model's outputs), where they come from, and what to know of them."""

    values: Mapping[str, Any]
    by: Credentials
    cautions: tuple[Caution, ...] = ()


Run = Callable[..., Answer]


@dataclass(frozen=True)
class Model:
    """One published model. ``run`` gets the checked inputs by name as keywords."""

    code: str
    title: str
    version: str
    citation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    run: Run

    @property
    def credentials(self) -> Credentials:
        """Name, version and source, as every answer carries them."""
        return Credentials(self.code, self.version, self.citation)

    def answer(self, given: Mapping[str, Any]) -> Answer:
        """The answer to ``given``, inputs by name. Raises :class:`UnknownInput`, ``NoFigure``, ``NotFinite``, ``OutOfRange``, ``Contradiction``."""
        known = {each.name: each for each in self.inputs}
        for name in given:
            if name not in known:
                raise UnknownInput(model=self.code, name=name, known=", ".join(known))
        checked = {name: self._checked(each, given.get(name, each.default)) for name, each in known.items()}
        sizes = {name: np.shape(value) for name, value in checked.items() if np.ndim(value)}
        try:
            np.broadcast_shapes(*sizes.values())
        except ValueError:
            reason = ", ".join(f"{name}: {'×'.join(map(str, size))}" for name, size in sizes.items())
            raise Contradiction(model=self.code, reason=reason) from None
        return self.run(**checked)

    def _checked(self, asked: Input, value: Any) -> Any:
        if value is None:
            raise NoFigure(model=self.code, what=asked.meaning, unit=asked.unit or asked.name)
        if asked.choices:
            if value not in asked.choices:
                raise Contradiction(model=self.code, reason=f"{asked.name} = {value!r}; {' / '.join(asked.choices)}")
            return value
        found = within(value, asked.low, asked.high, model=self.code, what=asked.meaning, unit=asked.unit, open_low=asked.open_low)
        if not found.size:
            raise NoFigure(model=self.code, what=asked.meaning, unit=asked.unit or asked.name)
        if found.ndim and not asked.many:
            raise Contradiction(model=self.code, reason=f"{asked.name}: 1 ≠ {found.size}")
        return found if found.ndim else float(found)


@cache
def models() -> Mapping[str, Model]:
    """Every model by its code: the ``MODELS`` of every module of this package."""
    found: dict[str, Model] = {}
    for module in iter_modules(consequence.__path__):
        for each in getattr(import_module(f"anlan.consequence.{module.name}"), "MODELS", ()):
            if each.code in found:
                raise ValueError(f"two models are named {each.code}")
            found[each.code] = each
    return found


def model(code: str) -> Model:
    """The model of that code. Raises :class:`UnknownModel`."""
    try:
        return models()[code]
    except KeyError:
        raise UnknownModel(model=code) from None


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs as JSON takes them; a figure that is not finite would be a fault of the model and raises ``ValueError``."""
    told: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str | bool | int):
            told[name] = value
            continue
        figures = np.asarray(value, np.float64)
        if not np.isfinite(figures).all():
            raise ValueError(f"{name} is not finite")
        told[name] = figures.tolist()
    return told
