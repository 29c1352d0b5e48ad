"""Verbs of plans: loading structured plans, issuing and retiring them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.command.plans import law, queries, rules, standard
from anlan.command.plans.models import PlanAction, PlanChapter, PlanLevel, PlanRole, PlanTemplate
from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day

_DATA = Path(__file__).parent / "data"
_NEEDED = ("code", "title", "plan_type", "kind", "place_code", "trigger", "source", "levels", "roles", "actions")


def load_examples(*, actor: Actor, now: datetime) -> int:
    """Load the example plans of the room's ``data`` folder and put them in force; returns how many were new."""
    new = 0
    for path in sorted(_DATA.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if PlanTemplate.objects.filter(code=content["code"], edition=content["edition"]).exists():
            continue
        plan = create_plan(content, actor=actor, now=now, file=path.name)
        issue(plan, actor=actor, now=now)
        new += 1
    return new


def create_plan(content: Mapping[str, Any], *, actor: Actor, now: datetime, file: str = "") -> PlanTemplate:
    """Make a draft plan from its structure (keys as in ``data/hazchem_leak.json``). Raises ``MalformedTemplate``."""
    check_structure(content, file)
    with change(actor, "plans.change", now=now, place_code=content["place_code"], enterprise_id=content.get("enterprise_id")) as gathered:
        plan = PlanTemplate.objects.create(
            state=rules.DRAFT,
            opened_at=now,
            organisation_id=actor.organisation_id,
            **{name: content[name] for name in ("code", "title", "plan_type", "kind", "place_code", "trigger", "source")},
            edition=content.get("edition", 1),
            purpose=content.get("purpose", ""),
            example=content.get("example", False),
            enterprise_id=content.get("enterprise_id"),
            subject=content.get("subject") or law.BUREAU,
        )
        _fill(plan, content)
        gathered.subject = plan
        gathered.facts["actions"] = len(content["actions"])
        open_case(plan, actor=actor, now=now)
    return plan


def _fill(plan: PlanTemplate, content: Mapping[str, Any]) -> None:
    PlanLevel.objects.bulk_create(PlanLevel(plan=plan, **row) for row in content["levels"])
    PlanRole.objects.bulk_create(PlanRole(plan=plan, order=number, **row) for number, row in enumerate(content["roles"], 1))
    PlanAction.objects.bulk_create(
        PlanAction(plan=plan, order=number, role_code=row["role"], **{k: v for k, v in row.items() if k != "role"})
        for number, row in enumerate(content["actions"], 1)
    )
    PlanChapter.objects.bulk_create(
        PlanChapter(
            plan=plan,
            order=number,
            clause=row.get("clause", ""),
            heading=row.get("heading") or standard.titles()[row["clause"]],
            text=row.get("text", ""),
            origin=row.get("origin", ""),
        )
        for number, row in enumerate(content.get("chapters", ()), 1)
    )


def check_structure(content: Mapping[str, Any], file: str) -> None:
    """Refuse a plan whose parts do not fit together. Raises ``MalformedTemplate`` with the first reason."""
    lacking = [name for name in _NEEDED if not content.get(name)]
    levels = {row.get("level") for row in content.get("levels", ())}
    why = ""
    if lacking:
        why = _("缺少 {names}").format(names="、".join(lacking))
    elif content["plan_type"] not in rules.PLAN_TYPES or not levels <= set(rules.RESPONSE_LEVELS):
        why = _("预案类型或响应级别不在代码表中")
    else:
        why = _wrong_parts(content, levels)
    if why:
        raise rules.MalformedTemplate(file=file or str(content.get("code", "")), why=why)


def check_parts(content: Mapping[str, Any], code: str) -> None:
    """Refuse a draft whose parts disagree, though it may still lack some. Raises ``MalformedTemplate``."""
    if why := _wrong_parts(content, {row["level"] for row in content["levels"]}):
        raise rules.MalformedTemplate(file=code, why=why)


def _wrong_parts(content: Mapping[str, Any], levels: set[Any]) -> str:
    roles, actions = {row.get("code") for row in content["roles"]}, {row["code"] for row in content["actions"]}
    for row in content["roles"]:
        if row.get("parent") and row["parent"] not in roles:
            return _("角色 {role} 的上级组未定义").format(role=row["code"])
    for row in content["actions"]:
        if row["role"] not in roles:
            return _("行动 {action} 的角色 {role} 未定义").format(action=row["code"], role=row["role"])
        if not set(rules.listed(row["levels"])) <= levels:
            return _("行动 {action} 的级别未定义").format(action=row["code"])
        if not set(rules.listed(row.get("depends_on", ""))) <= actions:
            return _("行动 {action} 的前置行动未定义").format(action=row["code"])
    waiting = rules.circle({row["code"]: rules.listed(row.get("depends_on", "")) for row in content["actions"]})
    return _("行动 {actions} 互相等待").format(actions="、".join(waiting)) if waiting else ""


def issue(plan: PlanTemplate, *, actor: Actor, now: datetime) -> PlanTemplate:
    """Put a draft in force from today; the edition before it is retired. Raises ``MalformedTemplate`` when it lacks levels, roles or actions."""
    check_structure(queries.content_of(plan), plan.title)
    law.check_reviewed(plan.subject, plan.example, plan.reviews.values_list("passed", flat=True).first(), law_day(now))
    day = law_day(now)

    def retire_older(locked: PlanTemplate, *_others: object) -> None:
        older = PlanTemplate.objects.filter(code=locked.code, state=rules.IN_FORCE).exclude(pk=locked.pk)
        for row in older:
            advance(row, "retire", actor=actor, now=now, reason=_("由第 {edition} 版代替").format(edition=locked.edition))

    return advance(plan, "issue", actor=actor, now=now, fields={"issued_on": plan.issued_on or day}, after=retire_older)


def retire(plan: PlanTemplate, reason: str, *, actor: Actor, now: datetime) -> PlanTemplate:
    """Take a plan out of force."""
    return advance(plan, "retire", actor=actor, now=now, reason=reason)
