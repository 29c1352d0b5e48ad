"""Criteria of major hidden dangers by sector, as dated data: which list judges a danger, and what is said where none is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from anlan.ledger.sources import DatedRule
from anlan.prevent.dangers import refusals, rules


@dataclass(frozen=True, kw_only=True)
class CriteriaList(DatedRule):
    """One published list. ``complete``: every item is held; ``judged_until``: last day it judges, where a newer list took its place
    although the text itself stays in force."""

    code: str
    sector: str
    name_zh: str
    name_en: str
    document: str
    complete: bool
    judged_until: date | None
    note_zh: str
    note_en: str

    def judges_on(self, day: date) -> bool:
        """Whether a danger found on ``day`` is judged by this list."""
        return self.holds_on(day) and (self.judged_until is None or day <= self.judged_until)


@dataclass(frozen=True, kw_only=True)
class Criterion(DatedRule):
    """One item of a list in the wording of its source. ``complete``: the wording is whole; where not, the text says where it breaks off."""

    code: str
    list: str
    item: str
    article: str
    group_zh: str
    text_zh: str
    text_en: str
    complete: bool


@dataclass(frozen=True)
class Offered:
    """What judges a danger of a sector on a day: lists and their items; both empty where no list of that day is held."""

    lists: tuple[CriteriaList, ...]
    criteria: tuple[Criterion, ...]

    @property
    def complete(self) -> bool:
        """Whether every item of that day is held, so that nothing found there is major without one of them."""
        return bool(self.lists) and all(each.complete for each in self.lists)


def offered(lists: Iterable[CriteriaList], criteria: Iterable[Criterion], *, sector: str, day: date) -> Offered:
    """Lists and items that judge a danger of ``sector`` found on ``day`` (China)."""
    judging = tuple(each for each in lists if each.sector == sector and each.judges_on(day))
    codes = {each.code for each in judging}
    return Offered(judging, tuple(each for each in criteria if each.list in codes and each.holds_on(day)))


def check_grade(grade: str, criterion: str, reason: str, judged_by: Offered, *, day: date, known: Iterable[Criterion]) -> None:
    """Whether a grade may be given: 重大 needs an item in force on the day it was found, or a written reason; 一般 stands against no item.

    Raises ``UnknownCode``, ``CriterionNotInForce``, ``CriterionNeeded``, ``GeneralByCriterion``.
    """
    if grade not in rules.GRADES:
        raise refusals.UnknownCode(value=grade, field=rules.FLOW.field_labels["grade"])
    if criterion:
        if criterion not in {each.code for each in judged_by.criteria}:
            other = next((each for each in known if each.code == criterion), None)
            if other is None:
                raise refusals.UnknownCode(value=criterion, field=rules.CRITERION_LABEL)
            raise refusals.CriterionNotInForce(name=f"{other.article} {other.text_zh[:30]}", day=day.isoformat())
        if grade == rules.GENERAL:
            raise refusals.GeneralByCriterion()
    elif grade == rules.MAJOR and not reason.strip():
        raise refusals.CriterionNeeded()
