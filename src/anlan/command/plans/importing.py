"""Verbs of the import: a Word file becomes proposals, and a person takes each into the draft, changes it, or leaves it out.

Nothing is in the draft before somebody said so, and what was left out stays listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from anlan.command.plans import editing, mapping, reading, rules, standard
from anlan.command.plans.models import ImportStep, PlanAction, PlanChapter, PlanImport, PlanRole, PlanTemplate
from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day

LONGEST_ACTION = 200


def start(plan: PlanTemplate, name: str, content: bytes, *, actor: Actor, now: datetime) -> PlanImport:
    """Read a Word file for a draft and keep what each of its pieces may be.

    Raises ``NotADraft``, ``ReadAlready`` for the same file again, and the refusals of :func:`reading.read`.
    """
    if plan.state != rules.DRAFT:
        raise rules.NotADraft(plan=plan.title)
    print_of = sha256(content).hexdigest()
    if plan.imports.filter(sha256=print_of).exists():
        raise rules.ReadAlready(name=name)
    read = reading.read(content, name)
    proposals = mapping.propose(read.pieces, standard.chapters(plan.plan_type, law_day(now)))
    with change(actor, "plans.change", now=now, record=plan) as gathered:
        row = PlanImport.objects.create(
            plan=plan, name=name[:200], sha256=print_of, pictures=read.pictures, by_id=actor.account_id, by_name=actor.name, at=now
        )
        ImportStep.objects.bulk_create(
            ImportStep(
                document=row,
                order=number,
                kind=each.kind,
                clause=each.clause,
                heading=each.heading,
                text=each.text,
                first_piece=each.numbers[0],
                last_piece=each.numbers[-1],
                confidence=each.confidence,
                reason=each.reason,
                values=dict(each.values),
            )
            for number, each in enumerate(proposals, 1)
        )
        gathered.facts.update({"file": name, "sha256": print_of, "pieces": len(read.pieces), "proposals": len(proposals)})
    return row


def take_chapter(step: ImportStep, clause: str, heading: str, text: str, *, actor: Actor, now: datetime) -> ImportStep:
    """Put a step into the draft as a chapter, as it is or changed; text for a chapter that is there already is added to it.

    Raises ``StepDecided``, ``NotADraft``.
    """
    plan = step.document.plan
    with change(actor, "plans.change", now=now, record=plan):
        locked = _waiting(step)
        row = plan.chapters.filter(clause=clause).first() if clause else None
        if row is None:
            row = PlanChapter(plan=plan, clause=clause, heading=heading or standard.titles().get(clause, ""))
        row.text = "\n".join(part for part in (row.text, text) if part)
        row.origin = "；".join(part for part in (row.origin, locked.origin) if part)[:200]
        editing.put(plan, "chapter", row, actor=actor, now=now)
        same = (clause, heading, text) == (locked.clause, locked.heading, locked.text)
        return _decide(locked, ImportStep.TAKEN if same else ImportStep.CHANGED, actor, now)


def take_action(step: ImportStep, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> ImportStep:
    """Put a step into the draft as an action: ``text``, ``role_code``, ``levels``, ``deadline_min``, ``resource``, ``done_when``.

    Raises ``StepDecided``, ``NotADraft``, ``MalformedTemplate``.
    """
    plan = step.document.plan
    with change(actor, "plans.change", now=now, record=plan):
        locked = _waiting(step)
        editing.put(plan, "action", PlanAction(plan=plan, **values), actor=actor, now=now)
        told = {key: str(values.get(key, "")) for key in ("text", "resource", "done_when")}
        same = all(told[key] == locked.values.get(key, "") for key in told)
        return _decide(locked, ImportStep.TAKEN if same else ImportStep.CHANGED, actor, now)


def leave_out(step: ImportStep, *, actor: Actor, now: datetime) -> ImportStep:
    """Leave a step out of the draft; it stays listed. Raises ``StepDecided``, ``NotADraft``."""
    with change(actor, "plans.change", now=now, record=step.document.plan):
        return _decide(_waiting(step), ImportStep.LEFT_OUT, actor, now)


def first_values(step: ImportStep) -> dict[str, Any]:
    """What a form of an action begins with: the row's own words, the role of that name, minutes where they are told."""
    roles = PlanRole.objects.filter(plan_id=step.document.plan_id)
    told = step.values.get("role", "")
    role = next((each.code for each in roles if told and (each.name in told or told in each.name)), "")
    return {
        "text": step.values.get("text", "")[:LONGEST_ACTION],
        "role_code": role,
        "deadline_min": mapping.minutes(step.values.get("deadline_min", "")),
        "resource": step.values.get("resource", "")[:LONGEST_ACTION],
        "done_when": step.values.get("done_when", "")[:LONGEST_ACTION],
    }


def _waiting(step: ImportStep) -> ImportStep:
    """The step, locked; two people at one document never decide the same one twice."""
    locked = ImportStep.objects.select_for_update().get(pk=step.pk)
    if locked.state != ImportStep.WAITING:
        raise rules.StepDecided(who=locked.decided_by)
    plan = PlanTemplate.objects.get(pk=step.document.plan_id)
    if plan.state != rules.DRAFT:
        raise rules.NotADraft(plan=plan.title)
    return locked


def _decide(step: ImportStep, state: str, actor: Actor, now: datetime) -> ImportStep:
    step.state, step.decided_by, step.decided_at = state, actor.name, now
    step.save(update_fields=["state", "decided_by", "decided_at"])
    return step
