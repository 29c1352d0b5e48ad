"""A safe formula over named values, reckoned for whole columns at once. Parsed by ``ast``, checked node by node, never given to ``eval``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MOST_NODES = 200

_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.float_power,
}
_UNARY: dict[type[ast.unaryop], Callable[..., Any]] = {ast.UAdd: np.positive, ast.USub: np.negative}
_COMPARE: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


def _mean(*values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sum(np.broadcast_arrays(*values), axis=0) / len(values)


def _least(*values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum.reduce(np.broadcast_arrays(*values))


def _greatest(*values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum.reduce(np.broadcast_arrays(*values))


def _where(condition: NDArray[np.float64], then: NDArray[np.float64], otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(condition), np.nan, np.where(condition != 0, then, otherwise))


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "abs": (np.abs, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "exp": (np.exp, 1, 1),
    "log": (np.log, 1, 1),
    "log10": (np.log10, 1, 1),
    "min": (_least, 1, 32),
    "max": (_greatest, 1, 32),
    "mean": (_mean, 1, 32),
    "where": (_where, 3, 3),
}
"""Function, least and greatest number of arguments."""


class FormulaRefused(Refusal):
    code: ClassVar[str] = "formula_refused"
    sentence: ClassVar[str] = N_("公式“{formula}”不能使用：{reason}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Formula:
    """A checked formula. ``names``: the inputs it asks for."""

    text: str
    names: frozenset[str]
    _tree: ast.expr

    def evaluate(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The result by row; what cannot be reckoned (division by zero, root of a negative number) is NaN. ``values``: equal lengths."""
        size = len(next(iter(values.values()))) if values else 1
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(_known(_reckon(self._tree, values)), np.float64), size)
        return found.copy()


def parse(text: str) -> Formula:
    """The formula in ``text``: numbers, names, ``+ - * / **``, comparisons (1 or 0) and :data:`FUNCTIONS`. Raises :class:`FormulaRefused`."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
        raise FormulaRefused(formula=text[:80], reason=str(wrong)[:80]) from None
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST_NODES:
        raise FormulaRefused(formula=text[:80], reason=f"{len(nodes)} > {MOST_NODES}")
    names: set[str] = set()
    _check(tree, text, names)
    return Formula(text, frozenset(names), tree)


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) < 1e300:
            return
        case ast.Name(id=name) if name not in FUNCTIONS:
            names.add(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text, names)
            _check(right, text, names)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _check(operand, text, names)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            _check(left, text, names)
            _check(right, text, names)
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in FUNCTIONS:
            _function, least, most = FUNCTIONS[name]
            if not least <= len(given) <= most:
                raise FormulaRefused(formula=text[:80], reason=f"{name}({len(given)})")
            for each in given:
                _check(each, text, names)
        case _:
            raise FormulaRefused(formula=text[:80], reason=ast.unparse(node)[:80])


def _known(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN where ``found`` is not finite: what was divided by zero stays unknown, however it is used further on."""
    return np.where(np.isfinite(found), found, np.nan)


def _reckon(node: ast.expr, values: Mapping[str, NDArray[np.float64]]) -> Any:
    match node:
        case ast.Constant(value=value):
            return np.float64(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _known(_BINARY[type(op)](_reckon(left, values), _reckon(right, values)))
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_reckon(operand, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            first, second = _reckon(left, values), _reckon(right, values)
            told = _COMPARE[type(op)](first, second).astype(np.float64)
            # A comparison with what is unknown is unknown.
            return np.where(np.isnan(first) | np.isnan(second), np.nan, told)
        case ast.Call(func=ast.Name(id=name), args=given):
            return _known(FUNCTIONS[name][0](*(_reckon(each, values) for each in given)))
    raise TypeError(ast.dump(node))
