"""Models over the API and as pages."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from tests.accounts import client_for

from anlan.command.modelling import reckoning
from anlan.consequence.catalogue import models

pytestmark = pytest.mark.django_db
BREACH = "froehlich_1995_breach"
INPUTS = {"volume_m3": 1e6, "head_m": 20, "breach_m": 20}


@pytest.fixture(scope="module", autouse=True)
def _ended():
    """The process that reckons takes its time to start beside others; how long a model may take is not what these tests are about."""
    reckoning.run(BREACH, INPUTS, seconds=120)
    yield
    reckoning.close()


def run(client, code, body):
    return client.post(f"/api/v1/models/{code}/run", data=body, content_type="application/json")


def test_the_api_lists_tells_and_runs_models(db):
    client = client_for("duty_officer")
    assert {each["model"] for each in client.get("/api/v1/models/").json()["models"]} == set(models())
    told = client.get(f"/api/v1/models/{BREACH}/").json()
    assert {each["name"] for each in told["inputs"]} >= set(INPUTS)
    answer = run(client, BREACH, json.dumps(INPUTS))
    assert answer.status_code == 200
    found = answer.json()
    assert found["values"]["peak_m3_s"] > 0
    assert found["units"]["peak_m3_s"] == "m³/s"
    assert found["citation"]
    assert all(each["code"] and each["sentence"] for each in found["cautions"])


@pytest.mark.parametrize(
    ("code", "body", "status", "refusal"),
    [
        ("oracle", "{}", 404, "model_unknown"),
        (BREACH, "{}", 422, "model_no_figure"),
        (BREACH, '{"weight": 1}', 422, "model_unknown_input"),
        (BREACH, "[1]", 422, "model_inputs_unreadable"),
        (BREACH, "{", 422, "model_inputs_unreadable"),
        (BREACH, json.dumps({"volume_m3": [1.0] * 100_001}), 413, "model_too_many_figures"),
    ],
)
def test_refusals_of_the_api_have_code_and_sentence(db, code, body, status, refusal):
    answer = run(client_for("duty_officer"), code, body)
    assert answer.status_code == status
    assert answer.json()["code"] == refusal
    assert answer.json()["message"]


def test_who_may_not_is_refused(db):
    assert run(client_for("wallboard"), BREACH, json.dumps(INPUTS)).status_code == 403
    assert client_for("wallboard").get("/api/v1/models/").status_code == 200
    assert client_for("rescue_team").get("/api/v1/models/").status_code == 403


def test_the_page_of_a_model_tries_it_and_tells_why_not(db):
    client = client_for("duty_officer")
    assert reverse("modelling:model", args=[BREACH]) in client.get(reverse("modelling:list")).content.decode()
    where = reverse("modelling:model", args=[BREACH])
    assert "volume_m3" in client.get(where).content.decode()
    text = client.post(where, {name: str(value) for name, value in INPUTS.items()}).content.decode()
    assert "须知" in text
    assert "m³/s" in text
    refused = client.post(where, {"volume_m3": "很多"})
    assert refused.status_code == 422
    assert "很多" in refused.content.decode()
