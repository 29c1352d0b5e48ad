"""What judgement asks of the room of chemicals, in one place."""

from __future__ import annotations

from anlan.command.judgement import rules
from anlan.consequence.substance import Substance
from anlan.ground.chemicals import door as chemicals

TOXIC = "toxic"
"""Kind of limit that tells harm by breathing; flammable limits and those of work draw no toxic zone."""


def of_source(name: str, cas: str) -> tuple[chemicals.Chemical, ...]:
    """The chemicals that a hazard source may hold by its registered name and CAS number: none, one, or several among which somebody must choose."""
    return chemicals.of_source(name, cas)


def chemical(text: str) -> chemicals.Chemical:
    """The chemical that a person named. Raises ``UnknownChemical``."""
    found = chemicals.find(text)
    if found is None:
        raise rules.UnknownChemical(given=text)
    return found


def substance(code: str) -> Substance:
    """Its figures for the models."""
    return chemicals.substance(code)


def levels(code: str, minutes: float) -> tuple[chemicals.Endpoint, ...]:
    """Its limits of harm to people who breathe it for that long."""
    return tuple(each for each in chemicals.endpoints(code, minutes) if each.kind == TOXIC and each.value > 0)
