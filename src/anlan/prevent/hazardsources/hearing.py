"""What this room hears: the register of hazard sources, new figures of population, and its own news for those who act next.

Hearers run in a transaction of their own and may run twice; a notification names its occasion.
"""

from __future__ import annotations

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.ground.population.door import PopulationImported, PopulationWithdrawn
from anlan.ground.risksources import door as risksources
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.prevent.hazardsources import door, filing, queries, reassessing, rules, services
from anlan.prevent.hazardsources.holding import SYSTEM, locked

_WEIGHS = {"design_max_t", "substance_name", "substance_cas", "state", "kind"}
_GRADES = {"is_major", "major_level"}
REGISTER_CHANGED = N_("危险源档案变更：{name}")
_ENTERPRISE = ("enterprise_manager", "enterprise_principal")
_BUREAU = ("inspector", "duty_leader")
_NONE = N_("不构成重大危险源")


def follow_register(event: risksources.RiskSourceChanged) -> None:
    """What the register says of a graded unit's hazard source changed: its substance asks to assess anew, its level is put right (ADR 50)."""
    changed = set(event.changed)
    found = queries.unit_of_source(event.subject_id, None)
    if found is None or found.assessed_at is None or not changed & (_WEIGHS | _GRADES):
        return
    unit = locked(found.pk)
    if changed & _WEIGHS:
        name = risksources.risk_source(event.subject_id).name
        reassessing.raise_one(unit, rules.INVENTORY, REGISTER_CHANGED, {"name": name}, actor=SYSTEM, now=event.at, automatic=True)
    last = queries.newest_assessment(unit.pk)
    if changed & _GRADES and last is not None:
        services.write_level(unit, last, event.at)


def count_people_again(event: PopulationImported | PopulationWithdrawn) -> None:
    """A new census of a place: whose surroundings changed is asked to assess anew."""
    reassessing.count_again(event.place_code, event.name, now=event.at)


def tell_reassessment(event: door.ReassessmentRaised) -> None:
    """The enterprise is told that a unit is to be assessed anew, its bureau where the level would change."""
    facts = {"name": event.name, "reason": event.reason}
    once = f"{event.kind}:{event.subject_id}:{event.trigger}:{event.at.isoformat()}"
    holders = _of_enterprise(event)
    tone = "yellow"
    if event.trial_level != event.level:
        holders, tone = [*holders, *_of_bureau(event)], "orange"
    _tell(event, holders, N_("单元“{name}”须重新评估：{reason}"), facts, tone, once)


def tell_regraded(event: door.HazardRegraded) -> None:
    """The enterprise and its bureau are told of another level."""
    worse = rules.severity(event.after) > rules.severity(event.before)
    facts = {"name": event.name, "before": _level(event.before), "after": _level(event.after)}
    once = f"{event.kind}:{event.subject_id}:{event.at.isoformat()}"
    sentence = N_("单元“{name}”的重大危险源等级变化：{before} → {after}。")
    _tell(event, [*_of_enterprise(event), *_of_bureau(event)], sentence, facts, "red" if worse else "blue", once)


def tell_filing(event: door.HazardFilingMoved) -> None:
    """Whoever acts next is told where a filing stands."""
    sentence = filing.TEXTS.get(event.state)
    if sentence is None:
        return
    to_bureau = event.state in (rules.SUBMITTED, rules.CANCELLING)
    holders = _of_bureau(event) if to_bureau else _of_enterprise(event)
    once = f"{event.kind}:{event.filing_id}:{event.state}:{event.at.isoformat()}"
    tone = "orange" if event.state == rules.RETURNED else "blue"
    _tell(event, holders, sentence, {"name": event.name, "reason": event.reason}, tone, once)


def _level(level: int | None) -> str:
    return rules.LEVELS[level] if level is not None else _NONE


def _of_enterprise(event: Event) -> list[people.Holder]:
    if event.enterprise_id is None:
        return []
    return [holder for kind in _ENTERPRISE for holder in people.holders_in_enterprise(kind, event.enterprise_id, now=event.at)]


def _of_bureau(event: Event) -> list[people.Holder]:
    return [holder for kind in _BUREAU for holder in people.holders_of(kind, event.place_code[:6], now=event.at)]


def _tell(event: Event, holders: list[people.Holder], sentence: str, facts: dict[str, str], tone: str, once: str) -> None:
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=once,
            sentence=sentence,
            facts=facts,
            url=queries.address(event.subject_id),
            tone=tone,
            now=event.at,
        )
