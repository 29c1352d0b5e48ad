"""Reads of contact: the list of everybody, notices, what became of them, roll calls by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.contact import rules
from anlan.command.contact.door import Receipt, Receipts
from anlan.command.contact.models import Contact, Group, Line, Notice
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible


def contacts(actor: Actor) -> QuerySet[Contact]:
    """Saved contacts that ``actor`` may see."""
    return visible(Contact.objects.all(), actor, "contact.view")


def groups(actor: Actor) -> QuerySet[Group]:
    """One's own groups, and those shared at places that ``actor`` may see."""
    return visible(Group.objects.all(), actor, "contact.view").filter(Q(shared=True) | Q(owner_id=actor.account_id))


def notices(actor: Actor | None) -> QuerySet[Notice]:
    """Notices that ``actor`` may see as a sender, newest first."""
    rows = Notice.objects.all()
    return rows if actor is None else visible(rows, actor, "contact.view")


def notice(notice_id: UUID | str, actor: Actor | None) -> Notice:
    """One notice. Raises ``NotFound``."""
    found = notices(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound(what=str(notice_id))
    return found


def lines(actor: Actor) -> QuerySet[Line]:
    """Receipts of the notices that ``actor`` may see as a sender."""
    return Line.objects.filter(notice__in=notices(actor))


def received(actor: Actor) -> QuerySet[Line]:
    """What was sent to ``actor``: to himself, to the post at exactly his place, to his organisation, to his enterprise. Newest first."""
    if not actor.may_somewhere("contact.receive"):
        return Line.objects.none()
    mine = Q(account_id=actor.account_id)
    if actor.enterprise_id is not None:
        mine |= Q(enterprise_id=actor.enterprise_id, key__startswith="enterprise:")
    else:
        mine |= Q(key=f"duty:{actor.place_code}")
        if actor.organisation_id is not None:
            mine |= Q(organisation_id=actor.organisation_id)
    begun = Q(notice__state__in=(rules.OPEN, rules.CLOSED, rules.STOPPED)) & ~Q(state=rules.WAITING)
    return Line.objects.filter(mine & begun).select_related("notice").order_by("-created_at", "-id")


def received_line(line_id: UUID | str, actor: Actor) -> Line:
    """One line that was sent to ``actor``. Raises ``NotFound``."""
    found = received(actor).filter(pk=line_id).first()
    if found is None:
        raise NotFound(what=str(line_id))
    return found


def unanswered(actor: Actor, since: datetime) -> list[tuple[Notice, list[str]]]:
    """Notices and roll calls sent since a moment with those whom no way reached, newest first."""
    asked = lines(actor).filter(
        notice__ask_receipt=True, notice__opened_at__gte=since, state__in=(rules.SILENT, rules.NOBODY, rules.NO_WAY)
    )
    found: dict[UUID, tuple[Notice, list[str]]] = {}
    for row in asked.exclude(notice__state=rules.STOPPED).select_related("notice").order_by("-notice__opened_at", "name"):
        found.setdefault(row.notice_id, (row.notice, []))[1].append(row.name)
    return list(found.values())


def line(row: Notice, line_id: UUID | str) -> Line:
    """One line of a notice. Raises ``NotFound``."""
    found = row.lines.filter(pk=line_id).first()
    if found is None:
        raise NotFound(what=str(line_id))
    return found


def tally(row: Notice) -> rules.Tally:
    """What became of everybody."""
    found = list(row.lines.values_list("state", "seconds"))
    return rules.tally([state for state, _seconds in found], [seconds for _state, seconds in found if seconds is not None])


def receipts(row: Notice) -> Receipts:
    """A notice with its lines as other rooms see it."""
    lines = tuple(
        Receipt(
            each.name,
            each.post,
            each.state,
            _(rules.LINE_STATES[each.state]),
            each.told_at,
            each.told_by,
            each.confirmed_at,
            each.confirmed_by,
            each.confirmed_name,
            each.answer,
            each.key,
        )
        for each in row.lines.all()
    )
    return Receipts(row.pk, row.title, row.opened_at, row.sent_by_name, row.state, address(row.pk), tally(row), lines)


def address(notice_id: UUID | str) -> str:
    """Address of the sender's page of a notice."""
    return reverse("contact:detail", args=[notice_id])


def receive_address(line_id: UUID | str) -> str:
    """Address of the receiver's page."""
    return reverse("contact:receive", args=[line_id])


def due_lines(now: datetime) -> QuerySet[Line]:
    """Lines whose next step has come."""
    return (
        Line.objects.filter(next_at__lte=now, notice__state__in=(rules.PLANNED, rules.OPEN))
        .select_related("notice")
        .order_by("next_at", "id")
    )


def overdue(row: Notice, now: datetime) -> QuerySet[Line]:
    """Lines that owe an answer after the time set for it."""
    if row.due_at is None or now <= row.due_at:
        return Line.objects.none()
    return row.lines.exclude(state__in=(rules.CONFIRMED, rules.DROPPED))


@dataclass(frozen=True)
class MonthRow:
    """Roll calls of one place in one month."""

    place_code: str
    tally: rules.Tally


def month(begins: datetime, ends: datetime, actor: Actor) -> list[MonthRow]:
    """Roll calls called from ``begins`` until before ``ends`` by place, for the lines of notices that ``actor`` may see. Exercises count: a roll call is one."""
    rows = Line.objects.filter(
        notice__in=notices(actor).filter(kind=rules.ROLL), notice__begins_at__gte=begins, notice__begins_at__lt=ends
    ).values_list("place_code", "state", "seconds")
    by_place: dict[str, list[tuple[str, int | None]]] = {}
    for place_code, state, seconds in rows:
        by_place.setdefault(place_code, []).append((state, seconds))
    return [
        MonthRow(code, rules.tally([state for state, _s in found], [s for _state, s in found if s is not None]))
        for code, found in sorted(by_place.items())
    ]


def month_of(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of a month ``YYYY-MM`` in the node's time zone; of the present one when the text is none."""
    local = timezone.localtime(now)
    try:
        first = timezone.make_aware(datetime.strptime(text, "%Y-%m"))  # noqa: DTZ007 - made aware here
    except ValueError:
        first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, after
