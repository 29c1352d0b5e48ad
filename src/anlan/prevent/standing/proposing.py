"""What the platform knows of an item before anybody answers: proposals with where they come from. Somebody decides in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from anlan.ground.chemicals import door as chemicals
from anlan.ground.enterprises import door as enterprises
from anlan.ground.packs import door as packs
from anlan.ground.risksources import door as risksources
from anlan.kernel.words import N_
from anlan.prevent.dangers import door as dangers
from anlan.prevent.hazardsources import door as hazardsources
from anlan.prevent.standing import queries
from anlan.prevent.standing.door import Proposal

INHALED = frozenset({"氯", "氯气", "液氯", "光气"})
"""Highly toxic by inhalation, as the guide names them; others ("等") are for people to judge."""
EXPLOSIVE_CLASS = "1"
CLOSED = ("closed", "cancelled")

SENTENCES: dict[str, str] = {
    "units": N_("重大危险源单元：{names}"),
    "unassessed": N_("有 {names} 个单元尚未辨识分级，可能还有更高等级"),
    "substances": N_("危险源登记的物质：{names}；是否属于本项请核对"),
    "facts": N_("按企业填写的行业信息，数量 {names}"),
    "standardization": N_("企业档案中的标准化证书，有效期至 {names}"),
    "operators": N_("企业档案中有 {names} 本特种作业操作证已过期；是否仍持证上岗请核对"),
    "dangers": N_("未销号的重大隐患：{names}；是否仍存在请核对"),
    "accidents": N_("信息报送中的事故：{names}；等级和伤亡以调查结论为准，请核对"),
    "no_accidents": N_("平台近五年没有该企业的事故信息；平台启用前的事故请核对"),
}
"""How proposals are told; ``sure`` ones follow from an accepted record, the others are only likely."""


Provider = Callable[[UUID, date], dict[str, Proposal]]

more: dict[str, Provider] = {}
"""What rooms above know (accidents, plans), by the room's code; see ``door.register_proposals``."""


def proposals(enterprise_id: UUID, day: date) -> dict[str, dict[str, Any]]:
    """Proposals by item, as a grading keeps them."""
    found: dict[str, Proposal] = {}
    for part in (_units, _substances, _facts, _certificates, _dangers, *more.values()):
        for code, proposal in part(enterprise_id, day).items():
            found.setdefault(code, proposal)
    return {code: asdict(proposal) for code, proposal in found.items()}


def _units(enterprise_id: UUID, _day: date) -> dict[str, Proposal]:
    units = hazardsources.units_of(enterprise_id)
    waiting = sum(unit.assessed_at is None or unit.to_reassess for unit in units)
    found = {}
    for level in (1, 2, 3, 4):
        own = [unit for unit in units if unit.is_major and unit.major_level == level]
        if own:
            found[f"hazard_{level}"] = Proposal(1, "units", _joined(unit.name for unit in own), sure=not waiting, url=own[0].url)
    if waiting and not found:
        found["hazard_4"] = Proposal(0, "unassessed", str(waiting))
    return found


def _substances(enterprise_id: UUID, _day: date) -> dict[str, Proposal]:
    explosives, inhaled, regulated = set(), set(), set()
    for source in risksources.of_enterprise(enterprise_id):
        for chemical in chemicals.of_source(source.substance_name, source.substance_cas)[:1]:
            if chemical.hazard_class.partition(".")[0] == EXPLOSIVE_CLASS:
                explosives.add(chemical.name_zh)
            if chemical.regulated:
                (inhaled if chemical.name_zh in INHALED else regulated).add(chemical.name_zh)
    told = (("explosives", explosives), ("inhalation", inhaled), ("regulated", regulated))
    return {code: Proposal(len(names), "substances", _joined(sorted(names))) for code, names in told if names}


def _facts(enterprise_id: UUID, _day: date) -> dict[str, Proposal]:
    facts = packs.facts_of(enterprise_id, "hazchem")
    found = {}
    if facts.get("in_park") is False:
        found["outside_park"] = Proposal(1, "facts", "1")
    for field, item in (("processes", "processes"), ("class_a_places", "class_a"), ("class_b_places", "class_b")):
        number = facts.get(field)
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            found[item] = Proposal(number, "facts", str(number))
    return found


def _certificates(enterprise_id: UUID, day: date) -> dict[str, Proposal]:
    """The highest level of standardization that is still valid; special operators whose certificate in use has run out."""
    held = enterprises.certificates_of(enterprise_id)
    found = {}
    for level in ("1", "2", "3"):
        own = [
            row
            for row in held
            if row.kind == f"standardization_{level}" and row.standing != "expired" and (row.due_on is None or row.due_on >= day)
        ]
        if own:
            found[f"standard_{level}"] = Proposal(
                1,
                "standardization",
                _joined(row.due_on.isoformat() if row.due_on else "—" for row in own),
                sure=True,
                proof="企业档案中的标准化证书",
            )
            break
    ended = [row for row in held if row.kind == "special_operation" and row.standing == "expired"]
    if ended:
        found["veto_operators"] = Proposal(1, "operators", str(len(ended)))
    return found


def _dangers(enterprise_id: UUID, day: date) -> dict[str, Proposal]:
    standing = [row for row in dangers.of_enterprise(enterprise_id, limit=200) if row.grade == "major" and row.state not in CLOSED]
    found = {}
    for item in queries.items(day):
        own = [row for row in standing if row.criterion and row.criterion in item.danger_criteria.split()]
        if own:
            found[item.code] = Proposal(len(own) if item.counted else 1, "dangers", _joined(row.title for row in own), url=own[0].url)
    return found


def _joined(names: Iterable[str]) -> str:
    told = list(names)
    return "、".join(told[:5]) + ("…" if len(told) > 5 else "")
