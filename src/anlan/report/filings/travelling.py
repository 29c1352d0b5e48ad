"""Whether what is sent to a bureau has to travel to another node, and to whom it is addressed. Where it works on this node it is there at once."""

from __future__ import annotations

from anlan.federation import addressing
from anlan.federation.envelope import Address
from anlan.federation.models import LinkCut
from anlan.kernel.levels import Level, code_at
from anlan.report.filings.models import Filing


def address(filing: Filing, level: Level) -> Address:
    """The bureau of a level above the place of an event."""
    return Address(level, code_at(level, filing.place_code))


def elsewhere(filing: Filing, level: Level) -> bool:
    """Whether the bureau of a level works on another node; what belongs to an exercise is there only where it may go there."""
    return addressing.elsewhere(address(filing, level), exercise=filing.exercise)


def held(filing: Filing, sender: Level | None, receiver: Level) -> LinkCut | None:
    """The cut that an exercise holds between two bureaus of this node; what is no exercise is never held."""
    if not filing.exercise or sender is None:
        return None
    return addressing.cut_between(address(filing, sender), address(filing, receiver))


def travels(filing: Filing, sender: Level | None, receiver: Level) -> bool:
    """Whether what is sent now is not there at once."""
    return elsewhere(filing, receiver) or held(filing, sender, receiver) is not None
