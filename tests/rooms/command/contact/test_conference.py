"""A link to a conference room: only where a server was set up, signed for one person and one room."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from anlan.command.contact.conference import LASTING, Server, link

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("server", [Server(""), Server("http://meet.example/{room}"), Server("https://meet.example/{room}?jwt={token}")])
def test_without_a_server_or_its_secret_there_is_no_link(server: Server) -> None:
    assert link(server, "room", "王某", NOW) == ""


def test_a_link_is_signed_for_one_person_and_one_room_and_ends() -> None:
    found = link(Server("https://meet.example/{room}?jwt={token}", secret="s3"), "anlan-1", "王某", NOW)
    assert found.startswith("https://meet.example/anlan-1?jwt=")
    head, claims, sign = found.partition("jwt=")[2].split(".")
    told = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert (told["room"], told["context"]["user"]["name"], told["exp"]) == ("anlan-1", "王某", int((NOW + LASTING).timestamp()))
    wanted = hmac.new(b"s3", f"{head}.{claims}".encode(), sha256).digest()
    assert urlsafe_b64decode(sign + "=" * (-len(sign) % 4)) == wanted
