"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.permits import committing, queries, rules
from anlan.prevent.permits.models import Commitment

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def permit_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Special works of the day: how many may go on now, and how many of their conflicts nobody answered."""
    actor, now = _actor(request), clock.now()
    today = [row for row in queries.of_today(subject.pk, actor, now)[:200] if not row.exercise]
    found = queries.live_conflicts(actor, now, within=[subject.pk], limit=None)
    conflicts = [each for each in found if not each.permit.exercise and not each.other.exercise]
    if not today and not conflicts:
        return [facts.Fact(_("今日特殊作业"), _("无"), url="#permits", quiet=True)]
    live = sum(row.state in rules.LIVE_STATES for row in today)
    overrun = sum(row.overrun for row in today)
    waiting = sum(each.answer is None for each in conflicts)
    parts = [gettext("可作业 %(n)d") % {"n": live}] if live else []
    parts += [gettext("超时未完工 %(n)d") % {"n": overrun}] if overrun else []
    # Two works may clash for several reasons; they are two works all the same.
    pairs = len({frozenset((each.permit.pk, each.other.pk)) for each in conflicts})
    parts += [gettext("作业冲突 %(n)d") % {"n": pairs}] if conflicts else []
    tone: facts.Tone = "red" if overrun or waiting else "orange" if conflicts else "blue" if live else "grey"
    url = f"{reverse('desk:permits-list')}?enterprise={subject.pk}"
    return [facts.Fact(_("今日特殊作业"), str(len(today)), tone, " · ".join(parts), url)]


def commitment_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Whether the day's commitment was given and still agrees with what the platform knows; quiet where none is owed."""
    now = clock.now()
    row = queries.commitments(_actor(request)).filter(enterprise_id=subject.pk, day=law_day(now)).first()
    if row is None and not committing.owes(subject):
        return [facts.Fact(_("今日安全承诺"), _("无须公告"), url="#permits", quiet=True)]
    if row is None:
        return [facts.Fact(_("今日安全承诺"), _("未公告"), "orange", url="#permits")]
    url = reverse("permits:commitment", args=[row.pk])
    if row.state != Commitment.GIVEN:
        late = row.due_at < now
        note = gettext("时限 %(at)s") % {"at": f"{row.due_at.astimezone(rules.CHINA):%H:%M}"}
        return [facts.Fact(_("今日安全承诺"), _("逾期未公告") if late else _("未公告"), "red" if late else "orange", note, url)]
    if row.contradicted:
        return [facts.Fact(_("今日安全承诺"), _("不属实"), "red", _("与平台记录不一致"), url)]
    return [facts.Fact(_("今日安全承诺"), _("已公告"), "green", row.given_by_name, url)]


def opened(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Permits by the moment they were asked for."""
    rows = queries.permits(_actor(request)).filter(enterprise_id=subject.pk, opened_at__lte=until).order_by("-opened_at", "-pk")
    return [
        timeline.Happening(
            at=row.opened_at,
            key=str(row.pk),
            title=f"{row.number} {row.title}",
            note=f"{queries.worded(queries.grade(row.grade_code))} · {row.get_state_label()}",
            who=row.applicant_name,
            tone=cast("facts.Tone", queries.tone(row)),
            url=queries.address(row.pk),
            exercise=row.exercise,
        )
        for row in rows[:limit]
    ]


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Special works of the day, as the printed file of the enterprise has them."""
    header = (gettext("作业票编号"), gettext("作业内容"), gettext("作业级别"), gettext("状态"), gettext("有效期至"))
    rows = queries.of_today(subject.pk, _actor(request), clock.now()).filter(exercise=False)
    lines = tuple(
        (
            row.number,
            row.title,
            queries.worded(queries.grade(row.grade_code)),
            row.get_state_label(),
            f"{localtime(row.valid_until):%m-%d %H:%M}",
        )
        for row in rows[:100]
    )
    return [Table(header, lines, (2, 2.6, 1.8, 1.8, 1.4))] if lines else []


facts.register(
    PAGE,
    "permits",
    order=30,
    provider=permit_facts,
    action="permits.view",
    live=("permits.changed", "permits.approved", "permits.paused", "permits.expired", "permits.closed"),
)
facts.register(
    PAGE,
    "commitment",
    order=31,
    provider=commitment_facts,
    action="commitments.view",
    live=("commitments.given", "commitments.missed", "commitments.contradicted"),
)
timeline.register(PAGE, "permits", label=_("作业票"), order=30, provider=opened, action="permits.view")
papers.register(PAGE, "permits", label=_("今日特殊作业"), order=30, provider=printed, action="permits.view")
