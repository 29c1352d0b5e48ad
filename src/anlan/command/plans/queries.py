"""Reads of plans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.command.plans import law, rules, standard
from anlan.command.plans.door import PlanLevelSummary, PlanSummary
from anlan.command.plans.models import PlanFiling, PlanRecord, PlanTemplate
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import code_of, covers, prefix_of
from anlan.ledger.sources import law_day


def plans(actor: Actor | None) -> QuerySet[PlanTemplate]:
    """Plans that ``actor`` may see: those in force at his places or above them, for a plan of the province guides its counties too.

    Drafts are seen only within one's own jurisdiction.
    """
    rows = PlanTemplate.objects.prefetch_related("levels")
    if actor is None:
        return rows
    seen = Q(pk__in=[])
    for grant in actor.scopes("plans.view"):
        if grant.enterprise_id is not None:
            public = Q(enterprise_id=None, place_code__in=_upward(actor.place_code)) & ~Q(state=rules.DRAFT)
            seen |= Q(enterprise_id=grant.enterprise_id) | public
            continue
        above = Q(enterprise_id=None, place_code__in=_upward(grant.place_prefix)) & ~Q(state=rules.DRAFT)
        # What an enterprise is still writing is its own affair.
        seen |= (Q(place_code__startswith=grant.place_prefix) & ~Q(state=rules.DRAFT, enterprise_id__isnull=False)) | above
    return rows.filter(seen)


def _upward(code: str) -> list[str]:
    """A place and all above it."""
    return [code_of(code[:digits]) for digits in (0, 2, 4, 6) if digits <= len(code)]


def _own(actor: Actor) -> Q:
    """Rows at the places or of the enterprise of ``actor``, and none above."""
    own = Q(pk__in=[])
    for grant in actor.scopes("plans.view"):
        own |= Q(enterprise_id=grant.enterprise_id) if grant.enterprise_id is not None else Q(place_code__startswith=grant.place_prefix)
    return own


def filings(actor: Actor) -> QuerySet[PlanFiling]:
    """Filings of the plans that ``actor`` may see, but not of plans above him: whether those are filed is their own affair."""
    return PlanFiling.objects.select_related("plan").filter(_own(actor))


_Told = tuple[str, date, int]
"""A record of a plan: its kind, its day, the edition it was made for."""


def standing(row: PlanTemplate, on: date) -> law.Standing | None:
    """What the law knows of a plan; ``None`` unless it is in force. Drills and evaluations of earlier editions count: the plan is the same."""
    told = PlanRecord.objects.filter(plan__code=row.code, plan__enterprise_id=row.enterprise_id)
    return _standing(row, tuple(told.values_list("kind", "day", "plan__edition")), on)


def _standing(row: PlanTemplate, told: Iterable[_Told], on: date) -> law.Standing | None:
    if row.state != rules.IN_FORCE or row.issued_on is None or row.example:
        return None
    known = tuple((kind, day) for kind, day, edition in told if kind != law.REVISION or edition >= row.edition)
    submitted = min((each.submitted_on for each in row.filings.all()), default=None)
    return law.Standing(row.plan_type, law.subject(row.subject, on), row.issued_on, submitted, known)


def owed(actor: Actor, on: date) -> list[tuple[PlanTemplate, law.Duty]]:
    """What is owed for every plan in force that is the business of ``actor``, the earliest first."""
    rows = list(PlanTemplate.objects.filter(_own(actor), state=rules.IN_FORCE, example=False).prefetch_related("filings"))
    told: dict[tuple[str, UUID | None], list[_Told]] = {}
    for record in PlanRecord.objects.filter(plan__code__in={row.code for row in rows}).select_related("plan"):
        told.setdefault((record.plan.code, record.plan.enterprise_id), []).append((record.kind, record.day, record.plan.edition))
    found = []
    for row in rows:
        known = _standing(row, told.get((row.code, row.enterprise_id), ()), on)
        found += [(row, duty) for duty in law.owed(known, on)] if known is not None else []
    return sorted(found, key=lambda pair: pair[1].due)


def plan(plan_id: UUID | str, actor: Actor | None) -> PlanTemplate:
    """One plan. Raises ``NotFound``."""
    found = plans(actor).filter(pk=plan_id).first()
    if found is None:
        raise NotFound(what=str(plan_id))
    return found


def summary(row: PlanTemplate) -> PlanSummary:
    """A plan as other rooms see it."""
    return PlanSummary(
        id=row.pk,
        code=row.code,
        edition=row.edition,
        title=row.title,
        kind=row.kind,
        place_code=row.place_code,
        trigger=row.trigger,
        example=row.example,
        levels=tuple(
            PlanLevelSummary(
                level=level.level,
                label=_(rules.RESPONSE_LEVELS[level.level]),
                condition=level.condition,
                decided_by=level.decided_by,
                expected_hours=level.expected_hours,
                measures=level.measures,
            )
            for level in sorted(row.levels.all(), key=lambda item: list(rules.RESPONSE_LEVELS).index(item.level))
        ),
        address=reverse("plans:detail", args=[row.pk]),
    )


def _in_force() -> QuerySet[PlanTemplate]:
    return PlanTemplate.objects.filter(state=rules.IN_FORCE, enterprise_id=None).prefetch_related("levels")


def plan_for(kind: str, place_code: str) -> PlanSummary | None:
    """The most local, then newest plan in force for an event."""
    rows = {row.pk: row for row in _in_force().filter(kind=kind)}
    chosen = rules.choose((rules.Candidate(row.pk, row.kind, row.place_code, row.edition) for row in rows.values()), kind, place_code)
    return None if chosen is None else summary(next(row for pk, row in rows.items() if pk == chosen.id))


def plans_for(place_code: str) -> tuple[PlanSummary, ...]:
    """Every plan in force that covers a place."""
    return tuple(summary(row) for row in _in_force() if covers(prefix_of(row.place_code), place_code))


def structure(plan_id: UUID, level: str) -> tuple[rules.PlanGroup, ...]:
    """Groups of a plan's command structure at a level, the commander first and the others under him. Raises ``NotFound``."""
    return rules.structure_of(
        (
            (
                rules.PlanGroup(
                    code=role.code,
                    name=role.name,
                    parent=role.parent,
                    role_code=role.code,
                    filled_by=role.filled_by,
                    duties=role.duty,
                ),
                role.levels,
            )
            for role in plan(plan_id, None).roles.all()
        ),
        level,
    )


_ABOUT: Final = (
    "code",
    "edition",
    "title",
    "plan_type",
    "kind",
    "place_code",
    "trigger",
    "purpose",
    "example",
    "source",
    "enterprise_id",
    "subject",
)
_LEVEL: Final = ("level", "condition", "decided_by", "expected_hours", "measures")
_ROLE: Final = ("code", "name", "filled_by", "duty", "parent", "levels")
_ACTION: Final = ("code", "levels", "text", "deadline_min", "resource", "done_when", "depends_on", "form", "capability")
_CHAPTER: Final = ("clause", "heading", "text", "origin")


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def content_of(row: PlanTemplate) -> dict[str, Any]:
    """A plan as the structure that :func:`services.create_plan` takes."""
    return _fields(row, _ABOUT) | {
        "levels": [_fields(each, _LEVEL) for each in row.levels.order_by("level")],
        "roles": [_fields(each, _ROLE) for each in row.roles.order_by("order")],
        "actions": [{"role": each.role_code} | _fields(each, _ACTION) for each in row.actions.order_by("order")],
        "chapters": [_fields(each, _CHAPTER) for each in row.chapters.order_by("order")],
    }


def edition_of(row: PlanTemplate) -> dict[str, dict[str, dict[str, str]]]:
    """A plan as :mod:`comparing` takes it: parts, rows by what names them to the reader, fields as text."""
    content = content_of(row)

    def keyed(part: str, *names: str) -> dict[str, dict[str, str]]:
        return {
            next(str(each[name]) for name in names if each[name]): {field: str(value) for field, value in each.items() if field != "origin"}
            for each in content[part]
        }

    return {
        "about": {"about": {name: str(content[name]) for name in ("title", "plan_type", "kind", "trigger", "purpose")}},
        "levels": keyed("levels", "level"),
        "roles": keyed("roles", "code"),
        "actions": keyed("actions", "code"),
        "chapters": keyed("chapters", "clause", "heading"),
    }


def lacking(row: PlanTemplate, now: datetime) -> standard.Completeness:
    """What a plan lacks of the standard today."""
    return standard.completeness(row.plan_type, {each.clause: each.text for each in row.chapters.all() if each.clause}, law_day(now))


def editions(row: PlanTemplate, actor: Actor) -> QuerySet[PlanTemplate]:
    """The other editions of a plan that ``actor`` may see, newest first."""
    return plans(actor).filter(code=row.code).exclude(pk=row.pk).order_by("-edition")


def instantiate(plan_id: UUID, level: str, started_at: datetime) -> tuple[rules.TaskDraft, ...]:
    """Tasks of a plan at a level. Raises ``NotFound``, ``NoActions``."""
    found = plan(plan_id, None)
    roles = {role.code: role for role in found.roles.all()}
    drafts = rules.tasks_at(
        (
            rules.ActionRow(
                code=row.code,
                levels=row.levels,
                role_name=roles[row.role_code].name,
                filled_by=roles[row.role_code].filled_by,
                text=row.text,
                deadline_min=row.deadline_min,
                resource=row.resource,
                done_when=row.done_when,
                group=row.role_code,
                depends_on=rules.listed(row.depends_on),
                form=row.form,
                capability=row.capability,
            )
            for row in found.actions.all()
        ),
        level,
        started_at,
    )
    if not drafts:
        raise rules.NoActions(plan=found.title, level=_(rules.RESPONSE_LEVELS[level]))
    return drafts
