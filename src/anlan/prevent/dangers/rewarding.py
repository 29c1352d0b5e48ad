"""What a verified tip earns, computed from the published measures with every step shown. Pure; amounts in yuan (CNY)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from anlan.ledger.sources import DatedRule
from anlan.prevent.dangers import refusals


@dataclass(frozen=True, kw_only=True)
class RewardRow(DatedRule):
    """One kind of tip: a share of the fine with a floor, or an amount for each verified concealed death; never above ``cap_yuan``."""

    code: str
    subject_zh: str
    subject_en: str
    percent_of_fine: int | None
    per_death_yuan: int | None
    floor_yuan: int | None
    cap_yuan: int


@dataclass(frozen=True)
class Reward:
    """The amount and how it came about: ``basis`` before the bonus and before floor and cap."""

    amount_yuan: Decimal
    basis_yuan: Decimal
    bonus_percent: int
    floored: bool
    capped: bool
    row: RewardRow


def reward(row: RewardRow, *, fine_yuan: Decimal | None, deaths: int | None, bonus_percent: int = 0) -> Reward:
    """The reward of one tip. A fine of zero earns the floor: the tip was verified although nothing was collected.

    ``bonus_percent`` is what an employee of the reported unit gets on top; the cap holds for the whole. Raises ``NothingToReward``.
    """
    if row.percent_of_fine is not None:
        if fine_yuan is None or not fine_yuan.is_finite() or fine_yuan < 0:
            raise refusals.NothingToReward()
        basis = fine_yuan * row.percent_of_fine / 100
    else:
        if deaths is None or deaths <= 0 or row.per_death_yuan is None:
            raise refusals.NothingToReward()
        basis = Decimal(row.per_death_yuan * deaths)
    floored = row.floor_yuan is not None and basis < row.floor_yuan
    amount = Decimal(row.floor_yuan) if floored and row.floor_yuan is not None else basis
    amount = amount * (100 + bonus_percent) / 100
    capped = amount > row.cap_yuan
    amount = Decimal(row.cap_yuan) if capped else amount
    return Reward(amount.quantize(Decimal("0.01"), ROUND_HALF_UP), basis, bonus_percent, floored, capped, row)
