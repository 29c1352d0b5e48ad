"""The house stays a house: flows complete, routes guarded, migrations whole, rules pure, files of readable size."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

import anlan
from anlan.desk.guard import guard_of
from anlan.kernel.events import event_kinds
from anlan.kernel.flow import Flow
from anlan.ledger.records import Case
from anlan.site.rooms import ROOMS
from anlan.site.wiring import HEARERS

SOURCE = Path(anlan.__file__).parent
PYTHON = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def routes(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def test_every_route_declares_what_it_needs():
    unguarded = [route for route, view in routes(get_resolver().url_patterns) if guard_of(view) is None]
    assert unguarded == []


def known_actions():
    found = {}
    for path in SOURCE.rglob("rules.py"):
        module = import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
        found |= getattr(module, "ACTIONS", {})
    for name in ("anlan.desk.rules",):
        try:
            found |= getattr(import_module(name), "ACTIONS", {})
        except ModuleNotFoundError:
            continue
    return found


def test_every_guarded_route_names_a_declared_action():
    actions = known_actions()
    named = {guard_of(view) for _route, view in routes(get_resolver().url_patterns)} - {"*public*", "*signed-in*", None}
    assert named - set(actions) == set()


def cases():
    return [model for model in apps.get_models() if issubclass(model, Case)]


@pytest.mark.parametrize("model", cases(), ids=lambda model: model.__name__)
def test_every_case_has_a_complete_flow_table(model):
    assert isinstance(model.flow, Flow)
    assert model.flow.problems() == []


@pytest.mark.parametrize("model", cases(), ids=lambda model: model.__name__)
def test_every_move_of_a_case_names_a_declared_action_and_real_fields(model):
    actions, fields = known_actions(), {f.attname for f in model._meta.concrete_fields} | {f.name for f in model._meta.concrete_fields}
    for move in model.flow.moves:
        assert move.action in actions, move.code
        assert set(move.requires) <= fields, move.code
        assert set(move.not_by) <= fields, move.code
        assert move.announces is None or move.announces in event_kinds(), move.code


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_hearer_exists_and_hears_a_declared_event():
    for kind, hearers in HEARERS.items():
        assert kind in event_kinds(), kind
        for path in hearers:
            module, _, name = path.rpartition(".")
            assert callable(getattr(import_module(module), name)), path


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_kernel_wire_consequence_and_rules_know_no_django():
    pure = [p for p in PYTHON if p.name == "rules.py" or p.relative_to(SOURCE).parts[0] in {"kernel", "wire", "consequence", "routing"}]
    assert [(p, name) for p in pure for name in imported(p) if name.split(".")[0] == "django"] == []


def test_rules_never_read_the_clock():
    asks = re.compile(r"\b(clock\.now|datetime\.now|date\.today|timezone\.now|time\.time)\(")
    assert [path for path in PYTHON if path.name == "rules.py" and asks.search(path.read_text(encoding="utf-8"))] == []


def room_of(module):
    parts = module.split(".")
    return ".".join(parts[:3]) if len(parts) >= 3 and ".".join(parts[:3]) in ROOMS else None


def test_rooms_speak_to_each_other_only_through_doors():
    trespasses = []
    for path in PYTHON:
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        if module.startswith("anlan.site"):
            continue
        for name in imported(path):
            other = room_of(name)
            if other and other != room_of(module) and other.count(".") == 2 and name.split(".")[1] != "desk":
                if not name.startswith(f"{other}.door") and name != other:
                    trespasses.append(f"{module} -> {name}")
                if name == other:
                    continue
    assert sorted(set(trespasses)) == []


def test_no_file_is_longer_than_six_hundred_lines():
    assert [str(p) for p in PYTHON if p.read_text(encoding="utf-8").count("\n") > 600] == []


def test_no_name_says_nothing():
    assert [str(p) for p in PYTHON if p.stem in {"utils", "helpers", "common", "misc"}] == []
