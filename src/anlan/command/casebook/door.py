"""What other rooms may ask of an incident's books, and what they announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from anlan.command.casebook.rules import Figures
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["CasebookChanged", "Figures"]


@dataclass(frozen=True, kw_only=True)
class CasebookChanged(Event):
    """A book of the incident ``subject_id`` grew. ``book``: people, decisions, statements or cost. Nobody is named."""

    kind: ClassVar[str] = "casebook.changed"
    action: ClassVar[str] = "casebook.view"
    book: str
    statement_id: str = ""
    state: str = ""


def figures(incident_id: UUID, actor: Actor | None) -> Figures:
    """Casualties as the ledger of people counts them."""
    from anlan.command.casebook import queries

    return queries.figures(incident_id, actor)
