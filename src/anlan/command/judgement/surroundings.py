"""Who is there and who can come, as blocks of the judgement sheet."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from anlan.command.exposure import door as exposure
from anlan.command.exposure.door import Exposure
from anlan.command.judgement import evacuating, exposing, leaving_told, reaching, wording
from anlan.command.judgement.models import Run
from anlan.desk.documents import Block, Heading, Paragraph, Table
from anlan.ground.organisations.door import KINDS
from anlan.kernel.access import Actor

TEAMS_SHOWN = 4
LINES_SHOWN = 6


def blocks(run: Run, actor: Actor, now: datetime) -> tuple[Block, ...]:
    """What other rooms know of the surroundings of a run's zones, as far as ``actor`` may see it."""
    return (*_exposed(exposing.exposed(run, actor, now)), *_coming(run, now))


def leaving_blocks(run: Run, actor: Actor, now: datetime) -> tuple[Block, ...]:
    """Who goes to which shelter on foot, by the roads as they are open now."""
    plan = evacuating.plan(run, evacuating.default_choice(run, now), now)
    return leaving_told.blocks(plan, run, actor)


def _exposed(told: Exposure) -> tuple[Block, ...]:
    """How many people, and the first lines of the first hour."""
    unknown = bool(told.people.unknown)
    people = wording.people_told(None if unknown and told.people.total < 1 else exposure.rounded(told.people.total))
    found: list[Block] = [
        Heading(_("影响到谁")),
        Paragraph(
            _("影响范围内约 {people} 人（{when}），防护目标 {facilities} 处，企业 {enterprises} 家，危险源 {hazards} 处。").format(
                people=people,
                when=_("夜间") if told.night else _("白天"),
                facilities=len(told.facilities),
                enterprises=len(told.enterprises),
                hazards=len(told.hazards),
            )
        ),
    ]
    rows = tuple(
        (
            str(line.rank),
            line.who,
            wording.people_told(line.people),
            wording.minutes(line.arrival_s),
            _(exposure.DOINGS[line.doing]),
            line.phone or "—",
        )
        for line in told.first_hour[:LINES_SHOWN]
    )
    if rows:
        header = ("#", _("先通知"), _("人数"), _("到达"), _("怎么办"), _("电话"))
        found.append(Table(header, rows, (0.3, 1.8, 0.7, 0.7, 2.0, 1.0)))
    beyond = "；".join(
        _("{place} {n} 处，请联系 {bureau} {phone}").format(place=each.place_name, n=each.facilities, bureau=each.ask, phone=each.phone)
        for each in told.outside
    )
    if beyond:
        found.append(Paragraph(_("管辖范围以外的防护目标：{beyond}").format(beyond=beyond)))
    return tuple(found)


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
