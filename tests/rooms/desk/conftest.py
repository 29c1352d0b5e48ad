"""Browsers whose actor is given, invented enterprises in Jinan, and spreadsheets made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client
from tests.rooms.ground.plants import NOW, officer, values

from anlan.ground.enterprises import services
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, system_actor

_acting: dict[str, Actor] = {}


class Named:
    """Stands where sign-in stands: the actor is named by a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = AnonymousUser()
        request.actor = _acting.get(request.headers.get("X-Test-Actor", ""))  # type: ignore[attr-defined]
        return self.get_response(request)


@pytest.fixture
def browser(settings: Any, tmp_path: Path) -> Iterator[Callable[[Actor], Client]]:
    """``browser(actor)`` is a client in which everything is the product's but the signing in."""
    settings.MIDDLEWARE = [
        f"{__name__}.Named" if name.endswith("ActorMiddleware") else name
        for name in django_settings.MIDDLEWARE
        if not name.startswith("axes.")
    ]
    settings.ANLAN = {**django_settings.ANLAN, "HOME": tmp_path}

    def open_for(actor: Actor) -> Client:
        key = str(actor.account_id)
        _acting[key] = actor
        return Client(headers={"X-Test-Actor": key})

    yield open_for
    _acting.clear()


@pytest.fixture
def lixia() -> Actor:
    """An officer of 历下区 (370102)."""
    return officer("370102")


@pytest.fixture
def shizhong() -> Actor:
    """An officer of 市中区 (370103)."""
    return officer("370103")


@pytest.fixture
def jinan() -> Actor:
    """An officer of 济南市 (3701)."""
    return officer("370100")


@pytest.fixture
def plants(jinan_places: None) -> list[Enterprise]:
    """Three enterprises in 历下区 and one in 市中区."""
    loader = system_actor("tests")
    rows = [
        values(1, name="济南华鲁化工有限公司"),
        values(2, name="济南泉城燃气有限公司"),
        values(3, name='=HYPERLINK("http://bad")机械厂'),
        values(4, name="济南市中烟花厂", place_code="370103", longitude="116.9976", latitude="36.6512"),
    ]
    return [services.register_enterprise(actor=loader, now=NOW, **row) for row in rows]


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """An xlsx file of these rows."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()
