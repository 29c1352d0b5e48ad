"""The ledger of losses (GB 6721): what each item comes to, by whom it is told; the direct ones together are the loss that decides the level.

GB 6721-2025 holds for accidents from 2026-07-01; what the government and others pay for the rescue, and fines, are indirect there. Accidents before are
counted by GB/T 6721-1986, where fines and every rescue cost are direct.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day
from anlan.report.filings import content, door, queries, recording, refusals, rules, services, summaries
from anlan.report.filings.models import Filing, FilingLoss, FilingVersion

MOST = 10**15
"""CNY; more is a slip of the keyboard, and the column holds no more than eighteen digits."""


@dataclass(frozen=True)
class Line:
    """One item of the ledger as it stands. ``entry`` is ``None`` where nobody entered it; ``rescue`` what the books of the response hold for it, CNY."""

    item: rules.LossItem
    entry: FilingLoss | None
    rescue: int | None

    @property
    def name(self) -> str:
        """Name of the item in the reader's language."""
        return summaries.named(self.item)

    @property
    def amount(self) -> int | None:
        """CNY, ``None`` while not known."""
        return self.entry.amount if self.entry is not None else None

    @property
    def shown(self) -> str:
        """Ten thousand yuan as figures; empty while not known."""
        return summaries.ten_thousands(self.amount)

    @property
    def direct(self) -> bool:
        """Whether it counts toward the level."""
        return self.item.standing == rules.DIRECT

    @property
    def to_take_shown(self) -> str:
        """:attr:`to_take` in ten thousand yuan."""
        return summaries.ten_thousands(self.to_take)

    @property
    def to_take(self) -> int | None:
        """What the books of the response say and the ledger does not yet, CNY."""
        return self.rescue if self.rescue and self.rescue != self.amount else None


@dataclass(frozen=True)
class Ledger:
    """The losses of one report."""

    lines: tuple[Line, ...]
    sum: rules.Loss
    kept: bool
    # What others than the unit paid for the rescue and is no direct loss, CNY.
    rescue_by_others: int

    @property
    def shown(self) -> dict[str, str]:
        """The sums in ten thousand yuan, as figures."""
        sums = {"direct": self.sum.direct, "indirect": self.sum.indirect or None, "others": self.rescue_by_others or None}
        return {name: summaries.ten_thousands(amount) for name, amount in sums.items()}


def standing(filing: Filing) -> dict[str, FilingLoss]:
    """The newest entry of each item."""
    return {row.item: row for row in filing.losses.order_by("at", "id")}


def ledger(filing: Filing) -> Ledger | None:
    """The ledger of a report by the standard of the day of its event; ``None`` where the event is no accident of work."""
    items = queries.loss_items(law_day(filing.occurred_at)) if filing.loss_standard else ()
    if not items:
        return None
    entries, rescue = standing(filing), _rescue(filing.pk)
    held = {rules.ENTERPRISE_PAYS: rescue.enterprise, rules.ANYBODY_PAYS: rescue.enterprise + rescue.others}
    lines = tuple(Line(item, entries.get(item.code), held.get(item.rescue)) for item in items)
    counted = any(item.rescue == rules.ANYBODY_PAYS for item in items)
    amounts = {code: row.amount for code, row in entries.items()}
    return Ledger(lines, rules.add_losses(items, amounts), bool(entries), 0 if counted else rescue.others)


_tellers: list[Callable[[UUID], door.RescueCost]] = []


def join_rescue(teller: Callable[[UUID], door.RescueCost]) -> None:
    """See :func:`anlan.report.filings.door.join_rescue_cost`."""
    _tellers.append(teller)


def _rescue(filing_id: UUID) -> door.RescueCost:
    told = [teller(filing_id) for teller in _tellers]
    return door.RescueCost(sum(each.enterprise for each in told), sum(each.others for each in told))


def to_take(filing: Filing, code: str) -> int | None:
    """What the books of the response hold for an item, CNY; ``None`` where they hold nothing for it."""
    found = ledger(filing)
    return next((line.rescue for line in found.lines if line.item.code == code), None) if found is not None else None


def enter(filing: Filing, entries: Mapping[str, tuple[int | None, str]], *, actor: Actor, now: datetime) -> FilingVersion | None:
    """Enter items: ``{code: (CNY or None for not known, source)}``. The sum of the direct ones becomes the loss of the report, judged anew; sent
    already, it goes upward as a supplement (returned). Raises ``Invalid`` naming every wrong item, and what a supplement refuses.
    """
    items = {row.code: row for row in queries.loss_items(law_day(filing.occurred_at))} if filing.loss_standard else {}
    _check(items, entries)
    draft = filing.state == rules.DRAFT
    with change(actor, "filings.create" if draft else "filings.supplement", now=now, record=filing) as gathered:
        if not draft:
            recording.lock(filing)
        for code, (amount, source) in entries.items():
            told = {"amount": amount, "source": source.strip()[:200], "at": now, "by_id": actor.account_id, "by_name": actor.name}
            FilingLoss.objects.create(filing=filing, item=code, **told)
        found = rules.add_losses(items.values(), {code: row.amount for code, row in standing(filing).items()})
        values = {"direct_loss": found.direct, "loss_unknown": found.unknown, "unknown": _unknown(filing, found)}
        gathered.facts.update({"losses": sorted(entries), "direct_loss": found.direct, "unknown": found.unknown})
        gathered.announce(door.FilingChanged(**recording.about(filing, now), title=filing.title))
        if (filing.direct_loss, filing.loss_unknown) == (found.direct, found.unknown):
            return None
        if draft:
            content.apply(filing, values)
            content.judge_into(filing)
            filing.save()
            return None
        return services.supplement(filing, values, actor=actor, now=now)


def _unknown(filing: Filing, found: rules.Loss) -> list[str]:
    others = [name for name in filing.unknown if name != "direct_loss"]
    return [*others, "direct_loss"] if found.direct is None else others


def _check(items: Mapping[str, rules.LossItem], entries: Mapping[str, tuple[int | None, str]]) -> None:
    wrong: dict[str, Refusal | str] = {}
    for code, (amount, source) in entries.items():
        name = summaries.named(items[code]) if code in items else code
        if code not in items or (amount is not None and not 0 <= amount <= MOST):
            wrong[code] = refusals.NotAnAmount(item=name)
        elif amount is not None and not source.strip():
            wrong[code] = refusals.NoLossSource(item=name)
    if wrong or not entries:
        raise Invalid(fields=wrong or {"losses": refusals.NothingChanged()})
