"""Verbs of a draft: a plan of one's own from an example, the next edition, and its parts written one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.plans import queries, rules, services
from anlan.command.plans.models import PlanAction, PlanChapter, PlanLevel, PlanRole, PlanTemplate
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change

Part: TypeAlias = PlanLevel | PlanRole | PlanAction | PlanChapter
PARTS: Final[Mapping[str, type[Part]]] = {"level": PlanLevel, "role": PlanRole, "action": PlanAction, "chapter": PlanChapter}


def copy_as_own(source: PlanTemplate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> PlanTemplate:
    """A draft of one's own with the content of ``source``; ``values`` has code, title and place_code. Raises ``CodeTaken``, ``MalformedTemplate``."""
    _free(values["code"], 1)
    content = queries.content_of(source) | {
        "code": values["code"],
        "title": values["title"],
        "place_code": values["place_code"],
        "edition": 1,
        "enterprise_id": actor.enterprise_id,
        "subject": values.get("subject", ""),
        "example": False,
        "source": _("由“{plan}”第 {edition} 版改编").format(plan=source.title, edition=source.edition)[:200],
    }
    return services.create_plan(content, actor=actor, now=now)


def next_edition(plan: PlanTemplate, *, actor: Actor, now: datetime) -> PlanTemplate:
    """A draft of the next edition with the content of ``plan``. Raises ``CodeTaken`` when the next edition is already being written."""
    edition = plan.edition + 1
    _free(plan.code, edition)
    return services.create_plan(queries.content_of(plan) | {"edition": edition}, actor=actor, now=now)


def _free(code: str, edition: int) -> None:
    if PlanTemplate.objects.filter(code=code, edition__gte=edition).exists():
        raise rules.CodeTaken(code=code, edition=edition)


def describe(plan: PlanTemplate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> PlanTemplate:
    """Write what a draft says of itself: title, plan_type, kind, trigger, purpose. Raises ``NotADraft``."""
    with change(actor, "plans.change", now=now, record=plan):
        locked = _draft(plan)
        for name in ("title", "plan_type", "kind", "subject", "trigger", "purpose"):
            setattr(locked, name, values[name])
        locked.save()
    return locked


def put(plan: PlanTemplate, what: str, row: Part, *, actor: Actor, now: datetime) -> Part:
    """Write one level, role, action or chapter of a draft, new or changed. Raises ``NotADraft``, ``MalformedTemplate`` when the parts then disagree."""
    with change(actor, "plans.change", now=now, record=plan) as gathered:
        locked = _draft(plan)
        row.plan = locked
        if not isinstance(row, PlanLevel) and not row.order:
            row.order = _next_number(locked, PARTS[what])
        if isinstance(row, PlanRole | PlanAction) and not row.code:
            row.code = f"{what}-{row.order}"
        row.save()
        services.check_parts(queries.content_of(locked), locked.code)
        gathered.facts.update({"part": what, "row": str(row.pk)})
    return row


def remove(plan: PlanTemplate, what: str, row: Part, *, actor: Actor, now: datetime) -> None:
    """Take one part out of a draft. Raises ``NotADraft``, ``StillUsed`` for a role with actions or groups, ``MalformedTemplate``."""
    with change(actor, "plans.change", now=now, record=plan) as gathered:
        locked = _draft(plan)
        if isinstance(row, PlanRole) and (
            locked.actions.filter(role_code=row.code).exists() or locked.roles.filter(parent=row.code).exists()
        ):
            raise rules.StillUsed(role=row.name)
        gathered.facts.update({"part": what, "removed": str(row)[:100] or str(row.pk)})
        row.delete()
        services.check_parts(queries.content_of(locked), locked.code)


def part(plan: PlanTemplate, what: str, pk: object) -> Part:
    """One part of a plan. Raises ``NotFound``."""
    model = PARTS.get(what)
    found = model._default_manager.filter(plan=plan, pk=pk).first() if model is not None else None
    if found is None:
        raise NotFound(what=f"{what} {pk}")
    return found


def _draft(plan: PlanTemplate) -> PlanTemplate:
    """The draft, locked: parts of a plan in force are never changed. Raises ``NotADraft``."""
    assert transaction.get_connection().in_atomic_block
    locked = PlanTemplate.objects.select_for_update().get(pk=plan.pk)
    if locked.state != rules.DRAFT:
        raise rules.NotADraft(plan=locked.title)
    return locked


def _next_number(plan: PlanTemplate, model: type[Any]) -> int:
    last = model.objects.filter(plan=plan).order_by("-order").values_list("order", flat=True).first()
    return int(last or 0) + 1
