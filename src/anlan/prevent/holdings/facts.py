"""What this room tells at the head, in the timeline and in the printed file of an enterprise."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.kernel.access import Actor
from anlan.prevent.holdings import presenting, quantities, queries, rules

PAGE = "enterprises.detail"
_NAMED = 2
"""Products named in the strip; the note counts the others."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def stock_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """The largest quantities held, limits that are exceeded, counts and loads that wait; quiet where nothing is held."""
    actor = _actor(request)
    rows = list(queries.holdings(actor).filter(enterprise_id=subject.pk, mass_kg__gt=0)[:50])
    if not rows:
        return [facts.Fact(_("危险化学品"), _("无登记存量"), url="#holdings", quiet=True)]
    held: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        held[row.product.name] += row.mass_kg
    told = [f"{name} {quantities.told(mass)}" for name, mass in sorted(held.items(), key=lambda pair: -pair[1])]
    over = len(presenting.limit_warnings(rows))
    counts = queries.movements(actor).filter(enterprise_id=subject.pk, to_explain=True).order_by().count()
    late = queries.loads(actor).filter(enterprise_id=subject.pk, state=rules.ON_ROAD, overdue=True).order_by().count()
    parts = [gettext("超限 %(n)d 项") % {"n": over}] if over else []
    parts += [gettext("盘点差异 %(n)d") % {"n": counts}] if counts else []
    parts += [gettext("运输逾期 %(n)d") % {"n": late}] if late else []
    parts += [gettext("另 %(n)d 种") % {"n": len(told) - _NAMED}] if len(told) > _NAMED else []
    tone: facts.Tone = "red" if over or late else "orange" if counts else "blue"
    return [facts.Fact(_("危险化学品"), " · ".join(told[:_NAMED]), tone, " · ".join(parts), queries.book_address(subject.pk))]


def moved(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Entries of the ledger by the moment at which the chemical moved."""
    rows = queries.movements(_actor(request)).filter(enterprise_id=subject.pk, at__lte=until).order_by("-at", "-pk")
    return [_movement(presenting.line(row)) for row in rows[:limit]]


def _movement(line: presenting.MovementLine) -> timeline.Happening:
    row = line.row
    other = row.counterpart or (row.other_store.name if row.other_store is not None else "")
    where = f"{row.store.name} → {other}" if other else row.store.name
    return timeline.Happening(
        at=row.at,
        key=str(row.pk),
        title=f"{line.kind} {row.product.title} {line.mass}",
        note=" · ".join(part for part in (where, line.warning) if part),
        who=row.by_name,
        tone="orange" if row.to_explain else "grey",
        url=line.url,
    )


def sent(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Loads from and to the enterprise by their departure."""
    either = Q(enterprise_id=subject.pk) | Q(receiver_id=subject.pk)
    rows = queries.loads(_actor(request)).filter(either, departed_at__lte=until).order_by("-departed_at", "-pk")
    return [
        timeline.Happening(
            at=line.row.departed_at,
            key=str(line.row.pk),
            title=line.row.title,
            note=f"{line.mass} · {line.state}",
            who=line.row.driver,
            tone=cast("facts.Tone", line.tone),
            url=line.url,
        )
        for line in (presenting.load_line(row) for row in rows[:limit])
    ]


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """What is held where, as the printed file of the enterprise has it."""
    header = (gettext("品种名称"), gettext("储存场所"), gettext("现存量"), gettext("最近出入库"))
    rows = queries.holdings(_actor(request)).filter(enterprise_id=subject.pk, mass_kg__gt=0)
    lines = tuple(
        (
            row.product.title,
            row.store.name,
            quantities.told(row.mass_kg),
            f"{localtime(row.last_at):%Y-%m-%d %H:%M}" if row.last_at else "—",
        )
        for row in rows[:200]
    )
    return [Table(header, lines, (3, 3, 2, 2))] if lines else []


facts.register(
    PAGE,
    "holdings",
    order=24,
    provider=stock_facts,
    action="holdings.view",
    live=("holdings.changed", "holdings.exceeded", "holdings.count", "holdings.load"),
)
timeline.register(PAGE, "holdings", label=_("化学品出入库"), order=60, provider=moved, action="holdings.view")
timeline.register(PAGE, "holding-loads", label=_("化学品运输"), order=61, provider=sent, action="holdings.view")
papers.register(PAGE, "holdings", label=_("危险化学品台账"), order=14, provider=printed, action="holdings.view")
