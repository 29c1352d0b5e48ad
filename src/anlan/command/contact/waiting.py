"""What waits for somebody: notices to confirm, roll calls to answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from anlan.command.contact import queries, rules
from anlan.desk.todo import Todo
from anlan.kernel.access import Actor

MOST = 30


def todo(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Lines of open notices that the actor has not confirmed."""
    rows = queries.received(actor).filter(notice__state=rules.OPEN, notice__ask_receipt=True, state__in=rules.ANSWERABLE)
    for line in rows[:MOST]:
        due = line.notice.due_at
        yield Todo(
            title=line.notice.title,
            kind=_(rules.KINDS[line.notice.kind]),
            url=queries.receive_address(line.pk),
            what=_("应答点名") if line.notice.kind == rules.ROLL else _("签收"),
            since=line.called_at,
            until=due,
            overdue=due is not None and now > due,
            exercise=line.notice.exercise,
            subject=line.pk,
        )
