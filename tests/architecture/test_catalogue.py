"""The catalogue of models keeps its promises: units, meanings, sources, tests, and English for whatever it may say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

import anlan.consequence
from anlan.consequence.catalogue import Input, Model, Output, models
from anlan.kernel.errors import Refusal

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = Path(anlan.consequence.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
FLAG = "是否"
MODELS = list(models().values())


def modules() -> list[ModuleType]:
    return [import_module(f"anlan.consequence.{path.stem}") for path in sorted(FOLDER.glob("*.py")) if path.stem != "__init__"]


@pytest.fixture(scope="module")
def english() -> set[str]:
    with (FOLDER / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        return {message.id for message in read_po(file) if message.id and message.string and not message.fuzzy}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
def test_every_model_names_its_source_and_version_and_a_chinese_title(model: Model) -> None:
    assert model.citation.strip()
    assert model.version.strip()
    assert CHINESE.search(model.title)
    assert re.fullmatch(r"[a-z0-9_.]+", model.code)
    assert model.inputs
    assert model.outputs


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
def test_every_figure_of_a_model_has_a_unit_and_every_name_a_chinese_meaning(model: Model) -> None:
    for each in model.inputs:
        assert CHINESE.search(each.meaning), each.name
        # Words to choose from have no unit; a ratio has 1.
        assert each.unit or each.choices, each.name
    for told in model.outputs:
        assert CHINESE.search(told.meaning), told.name
        assert told.unit or FLAG in told.meaning, told.name
    names = [each.name for each in model.inputs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
def test_every_range_begins_somewhere_and_holds_its_default(model: Model) -> None:
    for each in model.inputs:
        if each.choices:
            assert each.default is None or each.default in each.choices, each.name
            continue
        assert each.low < each.high, each.name
        assert each.low > -float("inf"), each.name
        assert each.default is None or each.low <= float(each.default) <= each.high, each.name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
def test_every_model_has_a_file_of_tests(model: Model) -> None:
    assert model.run.__module__.startswith("anlan.consequence.")
    home = next(module for module in modules() if model in getattr(module, "MODELS", ())).__name__.rpartition(".")[2]
    tests = [*(PROJECT / "tests/rooms/consequence").glob("test_*.py"), *(PROJECT / "tests/reference").glob("test_*.py")]
    speaks_of = re.compile(
        rf"\banlan\.consequence\.{home}\b|\banlan\.consequence import [^\n]*\b{home}\b|[\"']{re.escape(model.code)}[\"']"
    )
    assert any(speaks_of.search(path.read_text(encoding="utf-8")) for path in tests), home


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.code)
def test_every_text_of_a_model_has_english(model: Model, english: set[str]) -> None:
    said: list[Input | Output] = [*model.inputs, *model.outputs]
    assert {model.title, *(each.meaning for each in said)} <= english


def refusals() -> list[type[Refusal]]:
    return [
        each
        for module in modules()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Refusal) and each.__module__ == module.__name__
    ]


@pytest.mark.parametrize("refusal", refusals(), ids=lambda each: each.__name__)
def test_every_refusal_has_a_code_of_its_own_and_english(refusal: type[Refusal], english: set[str]) -> None:
    assert refusal.code != Refusal.code
    assert refusal.sentence in english
    assert 400 <= refusal.status < 500


def sentences(module: ModuleType) -> Iterator[tuple[int, str]]:
    """Line and text of the sentence of every ``Caution(…)`` a module makes: a text marked there, or one of a constant."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Caution":
            given = node.args[1] if len(node.args) > 1 else next(word.value for word in node.keywords if word.arg == "sentence")
            if isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id == "N_":
                yield node.lineno, ast.literal_eval(given.args[0])
            elif isinstance(given, ast.Name):
                yield node.lineno, getattr(module, given.id)
            elif isinstance(given, ast.Attribute) and isinstance(given.value, ast.Name):
                yield node.lineno, getattr(getattr(module, given.value.id), given.attr)
            else:
                raise AssertionError(f"{module.__name__}:{node.lineno}: the sentence of a caution is a marked text or a constant")


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_caution_has_english(module: ModuleType, english: set[str]) -> None:
    missing = [(line, sentence) for line, sentence in sentences(module) if sentence not in english]
    assert missing == []
