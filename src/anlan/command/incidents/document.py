"""The timeline of an incident as a PDF, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.incidents import rules
from anlan.command.incidents.models import Incident
from anlan.command.incidents.rules import TimelineLine
from anlan.command.incidents.timeline import level_label, local
from anlan.desk.documents import Block, Document, Heading, Lines, Pairs, TimelineRow, pdf
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.report.filings import door as filings


def timeline_document(incident: Incident, lines: Sequence[TimelineLine], actor: Actor, now: datetime) -> bytes:
    """Render the incident with ``lines``. Raises ``NoFont``."""
    own = organisations.organisation(actor.organisation_id) if actor.organisation_id else None
    bureau = own or organisations.bureau_of(incident.place_code)
    marks = (_("演练"),) if incident.exercise else ()
    return pdf(
        Document(
            title=_("{title}：处置过程").format(title=incident.title),
            organ=bureau.name if bureau else places.place_name(incident.place_code),
            date=local(now),
            marks=marks,
            foot=_("由安澜平台生成，数据截至 {at}").format(at=local(now)),
            page=_("第 {page} 页，共 {pages} 页"),
            language="en" if get_language() == "en" else "zh",
            blocks=_blocks(incident, lines, level_label(incident, actor)),
        )
    )


def _blocks(incident: Incident, lines: Sequence[TimelineLine], level: str) -> tuple[Block, ...]:
    met = sum(1 for line in lines if line.met is True)
    missed = [line for line in lines if line.met is False]
    facts = [
        (_("事件类别"), filings.kind_name(incident.kind)),
        (_("发生时间"), local(incident.occurred_at)),
        (_("发生地点"), f"{places.full_name(incident.place_code)} {incident.location}".strip()),
        (_("事故等级"), level),
        (_("状态"), incident.get_state_label()),
        (_("时限"), _("按时 {met} 项，超时 {missed} 项").format(met=met, missed=len(missed))),
    ]
    for response in incident.responses.all():
        label = _(rules.RESPONSE_LEVELS[response.level])
        facts.append((label, _("{matter}；依据：{grounds}").format(matter=response.matter, grounds=response.grounds)))
    blocks: list[Block] = [Heading(_("概况")), Pairs(tuple(facts))]
    if missed:
        rows = tuple(
            (local(line.at), _("{title}，超时 {n} 分钟（{who}）").format(title=line.title, n=line.late_minutes, who=line.who))
            for line in missed
        )
        blocks += [Heading(_("超时事项")), Pairs(rows)]
    blocks += [Heading(_("过程")), Lines(tuple(_row(line) for line in lines))]
    return tuple(blocks)


def _row(line: TimelineLine) -> TimelineRow:
    verdict, tone = "", ""
    if line.met is True:
        verdict, tone = _("按时"), "green"
    elif line.met is False:
        verdict, tone = _("超时 {n} 分钟").format(n=line.late_minutes), "red"
    kind = _(rules.TIMELINE_KINDS[line.kind])
    return TimelineRow(at=local(line.at), title=f"[{kind}] {line.title}", text=line.text, who=line.who, verdict=verdict, tone=tone)  # type: ignore[arg-type]
