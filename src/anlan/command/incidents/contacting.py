"""What contact tells in the timeline of an incident: who was told what about it, and how many have confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.contact import door as contact
from anlan.command.incidents.rules import TimelineLine
from anlan.kernel.access import Actor


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """One line for each notice about an incident that ``actor`` may see. Nobody is named."""
    for found in contact.about(incident_id, actor):
        tally = found.tally
        text = _("共 {people} 人，已确认 {confirmed}，无应答 {silent}").format(
            people=tally.people, confirmed=tally.confirmed, silent=tally.silent
        )
        title = _("通知：{title}").format(title=found.title)
        yield TimelineLine(
            found.at, "contact", title, text, found.by, subject_id=found.notice_id, address=found.address, code="contact.tell"
        )
