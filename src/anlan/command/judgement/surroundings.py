"""Who is there and who can come, as blocks of the judgement sheet."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from anlan.command.judgement import reaching, wording
from anlan.command.judgement.models import Run
from anlan.desk.documents import Block, Heading, Paragraph, Table
from anlan.ground.organisations.door import KINDS
from anlan.kernel.access import Actor

TEAMS_SHOWN = 4


def blocks(run: Run, actor: Actor, now: datetime) -> tuple[Block, ...]:
    """What other rooms know of the surroundings of a run's zones, as far as ``actor`` may see it."""
    del actor
    return _coming(run, now)


def _coming(run: Run, now: datetime) -> tuple[Block, ...]:
    told = reaching.who_can_come(run, at=now)
    if not told.coming:
        return ()
    rows = tuple(
        (
            each.organisation.name,
            _(KINDS[each.organisation.kind]),
            wording.minutes(each.seconds) if each.seconds is not None else _("无路可达"),
            wording.distance(each.straight_m),
            each.organisation.duty_phone or "—",
        )
        for each in told.coming[:TEAMS_SHOWN]
    )
    header = (_("队伍或医院"), _("类型"), _("路上用时"), _("直线距离"), _("值班电话"))
    found: list[Block] = [Heading(_("谁能到场")), Table(header, rows, (2.0, 1.0, 0.8, 0.8, 1.0))]
    if told.refused:
        found.append(Paragraph(wording.refusal_told(told.refused)))
    return tuple(found)
