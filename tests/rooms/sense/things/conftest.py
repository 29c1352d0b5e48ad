"""Two plants on both sides of a county line, their readings, and who asks for them."""

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from tests.rooms.sense.plant import NOW, Plant
from tests.rooms.sense.things.readings import Readings

from anlan.kernel import clock as kernel_clock
from anlan.sense.stream import door as stream
from anlan.sense.uplink import admission, rules
from anlan.sense.uplink.admission import Brake

ROOT = "/api/sensorthings/v1.1"
MS = round(NOW.timestamp() * 1000)


@pytest.fixture
def readings(monkeypatch):
    kept = Readings()
    monkeypatch.setattr(stream, "observations", kept.observations)
    monkeypatch.setattr(stream, "observation_count", kept.observation_count)
    return kept


@pytest.fixture
def plants(db, readings, monkeypatch):
    """Ours (370102) and theirs (370103); each with five readings of the pressure, a minute apart, the last now."""
    monkeypatch.setattr(admission, "guesses", Brake(rules.GUESSES_A_MINUTE, rules.GUESSES_A_MINUTE))
    monkeypatch.setattr(admission, "requests", Brake(rules.REQUESTS_A_MINUTE, rules.REQUESTS_A_MINUTE))
    with kernel_clock.moved_to(NOW):
        ours, theirs = Plant(1, "370102"), Plant(2, "370103")
        for plant in (ours, theirs):
            for number in range(5):
                readings.add(plant.pressure.channel, MS - (4 - number) * 60_000, number / 10)
        yield ours, theirs


class Asking:
    """Asks as somebody; answers are JSON."""

    def __init__(self, client, headers=None):
        self.client, self.headers = client, headers or {}

    def get(self, path, status=200, **options):
        query = urlencode({f"${name}" if name != "resultFormat" else name: value for name, value in options.items()}, quote_via=quote)
        answer = self.client.get(f"{ROOT}/{path}" + (f"?{query}" if query else ""), headers=self.headers)
        assert answer.status_code == status, answer.content.decode()
        return answer.json() if answer["Content-Type"] == "application/json" else answer.content.decode()

    def follow(self, link):
        answer = self.client.get(link.removeprefix("http://testserver"), headers=self.headers)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def send(self, method, path, body, status=201, content="application/json"):
        answer = getattr(self.client, method)(f"{ROOT}/{path}", json.dumps(body), content_type=content, headers=self.headers)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()


def machine_of(plant):
    told = base64.b64encode(f"{plant.issued.credential.username}:{plant.issued.secret}".encode()).decode()
    return Asking(Client(enforce_csrf_checks=True), {"Authorization": f"Basic {told}"})
