"""What rooms tell on the page of an enterprise, asked as its page asks: facts, lines of the timeline, parts of the printed file."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from django.http import HttpRequest

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Table
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor

PAGE = "enterprises.detail"


class Told:
    """The page of one enterprise as one actor has it told."""

    def __init__(self, enterprise_id: object, actor: Actor) -> None:
        self.subject = Enterprise.objects.get(pk=enterprise_id)
        self.request = cast("HttpRequest", SimpleNamespace(actor=actor))

    def fact(self, label: str) -> facts.Fact | None:
        """The fact under a label, ``None`` where nobody tells it."""
        found = facts.gather(PAGE, self.subject, self.request)
        return next((one for one in found if str(one.label) == label), None)

    def lines(self, kind: str, until: datetime) -> list[timeline.Happening]:
        """The lines of one kind up to a moment."""
        return [line.happening for line in timeline.read(PAGE, self.subject, self.request, until=until, kind=kind).lines]

    def printed(self) -> list[tuple[str, ...]]:
        """Every row of every table of the printed file."""
        tables: list[Any] = [block for block in papers.blocks(PAGE, self.subject, self.request) if isinstance(block, Table)]
        return [row for table in tables for row in table.rows]
