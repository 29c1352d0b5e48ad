"""``anlan model``: what there is, and one of it run, without a node."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from anlan.consequence.catalogue import models
from anlan.site.launcher import main as launcher

BREACH = {"volume_m3": 1e6, "head_m": 20, "breach_m": 20}


@pytest.fixture(autouse=True)
def without_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("the command asked for a node")

    monkeypatch.setattr(launcher, "_enter_node", refuse)


def said(*words: str) -> int:
    return launcher.main(["model", *words])


def test_the_list_tells_every_model_with_units_ranges_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("list", "--json") == 0
    told = {each["model"]: each for each in json.loads(capsys.readouterr().out)}
    assert set(told) == set(models())
    volume, head, breach, cause = told["froehlich_1995_breach"]["inputs"]
    assert (volume["name"], volume["unit"], volume["low"], volume["high"]) == ("volume_m3", "m³", 1e3, 5e10)
    assert volume["default"] is None
    assert cause["default"] == "overtopping"
    assert cause["choices"] == ["overtopping", "piping"]
    assert head["meaning"] != breach["meaning"]


def test_the_list_is_for_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("list", "fire_ellipse") == 0
    shown = capsys.readouterr().out
    assert "rate_m_s" in shown
    assert "(0, 86400] each" in shown
    assert "required" in shown
    assert "froehlich" not in shown


def test_a_run_carries_model_version_source_units_and_cautions(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("run", "froehlich_1995_breach", "--json", json.dumps(BREACH)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model"] == "froehlich_1995_breach"
    assert told["version"] == "1"
    assert "Froehlich 1995a" in told["citation"]
    assert told["values"]["peak_m3_s"] == pytest.approx(1467.12, rel=1e-5)
    assert told["units"]["peak_m3_s"] == "m³/s"
    assert "at_the_dam" in {each["code"] for each in told["cautions"]}
    assert all("{" not in each["sentence"] for each in told["cautions"])


def test_inputs_come_from_a_file_or_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(BREACH))
    assert said("run", "froehlich_1995_breach", "--json", f"@{file}") == 0
    of_file = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(BREACH)))
    assert said("run", "froehlich_1995_breach", "--json", "-") == 0
    assert capsys.readouterr().out == of_file


def test_lists_of_figures_give_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("run", "yu_2013", "--json", '{"region": "active", "magnitude": 6, "distance_km": [10, 20, 50]}') == 0
    found = json.loads(capsys.readouterr().out)["values"]["pga_m_s2"]
    assert found == sorted(found, reverse=True)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("no_such_model", "{}"),
        ("froehlich_1995_breach", "{}"),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": -1})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"colour": "red"})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": "much"})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": None})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": {"a": 1}})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": [1e6, [1e7]]})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"volume_m3": [1e6, 1e7], "head_m": [1, 2, 3]})),
        ("froehlich_1995_breach", json.dumps(BREACH | {"cause": ["piping"]})),
        ("froehlich_1995_breach", '{"volume_m3": NaN, "head_m": 20, "breach_m": 20}'),
        ("froehlich_1995_breach", '{"volume_m3": 1e999, "head_m": 20, "breach_m": 20}'),
        ("froehlich_1995_breach", "[1, 2"),
        ("froehlich_1995_breach", "[1, 2]"),
        ("froehlich_1995_breach", "@/no/such/file.json"),
        ("mine_airflow", '{"start": [1, 3], "end": [2, 4], "resistance": [1, 1], "fan_pa": [100, 0]}'),
    ],
)
def test_a_refusal_is_one_sentence_and_two(capsys: pytest.CaptureFixture[str], name: str, inputs: str) -> None:
    assert said("run", name, "--json", inputs) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("anlan: ")
    assert shown.err.count("\n") == 1
    assert "{" not in shown.err


def test_a_list_of_a_model_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("list", "no_such_model") == 2
    assert "no_such_model" in capsys.readouterr().err


def test_the_command_stands_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert launcher.main([]) == 0
    assert "model run NAME --json INPUTS" in capsys.readouterr().out
