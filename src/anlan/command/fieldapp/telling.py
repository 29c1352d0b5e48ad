"""What the field app tells in the timeline of an incident: reports that belong to it, and what its people told from their phones."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.fieldapp import queries, rules
from anlan.command.incidents.door import TimelineLine
from anlan.kernel.access import Actor


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of an incident that ``actor`` may see, each at the moment at which it happened."""
    if not actor.may_somewhere(queries.VIEW):
        return
    for report in queries.reports(actor).filter(incident_id=incident_id):
        title = _("一键上报：{title}").format(title=report.title)
        yield TimelineLine(
            report.happened_at, "field", title, report.words, report.sender_name, subject_id=report.pk, address=queries.address(report.pk),
            code="fieldapp.report",
        )  # fmt: skip
    for step in queries.steps(incident_id, actor):
        words = f"{_(rules.STEPS[step.kind])}：{step.subject}" if step.subject else _(rules.STEPS[step.kind])
        late = step.received_at - step.happened_at > rules.CLOCK_TOLERANCE
        told = _("（断网，{time} 送达）").format(time=f"{timezone.localtime(step.received_at):%H:%M}") if late else ""
        yield TimelineLine(
            step.happened_at, "field", words, f"{step.words}{told}", step.who, subject_id=step.pk, code=f"fieldapp.{step.kind}"
        )
