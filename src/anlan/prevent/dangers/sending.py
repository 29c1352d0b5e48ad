"""Hidden dangers that an enterprise found itself, from its own system: what was found, and how far the removal has come.

One content tells the whole of it as the system knows it; each step that it tells and that was not made yet is made by the verb that a person would
use, with the same checks. Verifying, sending back, closing and cancelling are people's, whatever a system says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from anlan.desk.sending import Body, Sendable, Sent, register
from anlan.desk.sending.refusals import FieldMalformed
from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger import references
from anlan.ledger.flows import steps
from anlan.prevent.dangers import amending, importing, intake, judging, queries, refusals, rules, services
from anlan.prevent.dangers.models import Danger, Rectification

CODE = "dangers"
_READER = system_actor("dangers")
_ORDER = ("order_text", "order_basis", "deadline")
_START = ("responsible_name", "measures", "funds_yuan", "contingency", "plan")


class Picture(BaseModel):
    """A picture: its file name, and its bytes in Base64."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    base64: str


class DangerContent(Body):
    """A hidden danger as the enterprise's own system knows it, from the finding to the removal."""

    title: str = Field(min_length=1, max_length=120)
    location: str = Field(min_length=1, max_length=160)
    found_at: datetime
    description: str | None = None
    sector: str | None = None
    pictures: list[Picture] = Field(default_factory=list, max_length=9)
    exercise: bool = Field(False, description="of an exercise (演练); said once, when it is registered")
    grade: str | None = Field(None, description="general or major, by the list in force on the day of finding")
    criterion: str | None = Field(None, description="item of that list by code, article or wording")
    grade_reason: str | None = None
    order_text: str | None = Field(None, description="what the enterprise itself orders; with order_basis and deadline")
    order_basis: str | None = None
    deadline: datetime | None = None
    responsible_name: str | None = Field(None, description="work has begun: with measures; for a major danger all five fixes and the plan")
    measures: str | None = None
    funds_yuan: Decimal | None = Field(None, ge=Decimal(0), max_digits=14, decimal_places=2)
    contingency: str | None = None
    plan: dict[str, str] | None = Field(None, description="for a major danger: " + ", ".join(rules.PLAN_PARTS))
    outcome: str | None = Field(None, description="the danger is removed; with a picture in pictures_after")
    pictures_after: list[Picture] = Field(default_factory=list, max_length=9)


def _rows(actor: Actor, enterprise_id: UUID) -> QuerySet[Danger]:
    return queries.dangers(actor).filter(enterprise_id=enterprise_id).prefetch_related("rounds")


def _like(enterprise_id: UUID, external_id: str, body: DangerContent | None) -> Danger | None:
    """The danger that came in by the enterprise's spreadsheet under the same number, unless another system calls it so."""
    if body is None:
        return None
    found = Danger.objects.filter(source=rules.SELF_CHECK, source_id=importing.key_of(enterprise_id, external_id)).first()
    return None if found is None or references.is_numbered(found.pk, CODE) else found


def put(sent: Sent[DangerContent, Danger]) -> tuple[Danger, bool]:
    """Register or correct it, then make each step that the content tells and that was not made yet; all of it or nothing."""
    body = sent.body
    _check_order_of(body)
    danger, changed = (_report(sent), True) if sent.record is None else _amended(sent, sent.record)
    for make in (_pictures, _graded, _ordered, _started, _removed):
        changed |= make(danger, sent)
        danger.refresh_from_db()
    return danger, changed


def _check_order_of(body: DangerContent) -> None:
    """What cannot be told without what comes before it. Raises ``Invalid``."""
    wrong: dict[str, Refusal | str] = {}
    if body.criterion and not body.grade:
        wrong["grade"] = refusals.NeededWhenOrdered(field=gettext(intake.LABELS["grade"]))
    told = [name for name in _ORDER if getattr(body, name)]
    if told:
        for name in (*_ORDER, "grade"):
            if not getattr(body, name):
                wrong[name] = refusals.NeededWhenOrdered(field=gettext(intake.LABELS[name]))
    if wrong:
        raise Invalid(wrong)


# --- found -----------------------------------------------------------------------------------------------------------------------


def _report(sent: Sent[DangerContent, Danger]) -> Danger:
    body, key = sent.body, importing.key_of(sent.enterprise_id, sent.external_id)
    taken = Danger.objects.filter(source=rules.SELF_CHECK, source_id=key).exists()
    return services.report(
        enterprise_id=sent.enterprise_id,
        title=body.title,
        location=body.location,
        description=body.description or "",
        sector=body.sector or "",
        source=rules.SELF_CHECK,
        source_id=None if taken else key,
        external_number=sent.external_id,
        found_at=_zoned(body.found_at),
        exercise=body.exercise,
        actor=sent.actor,
        now=sent.now,
    )


def _amended(sent: Sent[DangerContent, Danger], danger: Danger) -> tuple[Danger, bool]:
    if danger.found_by_bureau or danger.source != rules.SELF_CHECK:
        raise refusals.NotSelfFound()
    told = {name: value for name, value in sent.body.values().items() if name in amending.AMENDABLE and (value or name == "description")}
    values = amending.cleaned(told | {"found_at": _zoned(sent.body.found_at)})
    if all(getattr(danger, name) == value for name, value in values.items()):
        return danger, False
    return amending.amend(danger.pk, actor=sent.actor, now=sent.now, **values), True


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else timezone.make_aware(moment)


def _pictures(danger: Danger, sent: Sent[DangerContent, Danger]) -> bool:
    return _attach(danger, sent.body.pictures, "pictures", sent)


def _attach(subject: Danger | Rectification, pictures: list[Picture], field: str, sent: Sent[DangerContent, Danger]) -> bool:
    """Attach what is not there yet; says whether anything was."""
    there = {each.sha256 for each in evidence.list_for(subject._meta.label_lower, subject.pk, _READER)} if pictures else set()
    fresh = False
    for number, picture in enumerate(pictures):
        try:
            raw = base64.b64decode(picture.base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Invalid({f"{field}.{number}.base64": FieldMalformed(why="Base64")}) from error
        if hashlib.sha256(raw).hexdigest() in there:
            continue
        evidence.attach(subject, ContentFile(raw, name=picture.name), actor=sent.actor, now=sent.now)
        fresh = True
    return fresh


# --- graded, ordered, begun, removed ---------------------------------------------------------------------------------------------


def _graded(danger: Danger, sent: Sent[DangerContent, Danger]) -> bool:
    grade, reason = sent.body.grade or "", sent.body.grade_reason or ""
    if not grade:
        return False
    if grade not in rules.GRADES:
        raise Invalid({"grade": refusals.UnknownCode(value=grade, field=gettext(intake.LABELS["grade"]))})
    criterion = intake.criterion_of(sent.body.criterion, judging.of(danger)) if sent.body.criterion else ""
    if (danger.grade, danger.criterion, danger.grade_reason) == (grade, criterion, reason or danger.grade_reason):
        return False
    if danger.state not in (rules.FOUND, rules.GRADED) or _graded_by_another(danger, sent.actor):
        raise refusals.StepTaken(field=gettext(intake.LABELS["grade"]))
    services.grade(danger.pk, grade=grade, criterion=criterion, reason=reason, actor=sent.actor, now=sent.now)
    return True


def _graded_by_another(danger: Danger, actor: Actor) -> bool:
    """Whether somebody else graded it last: what an inspector found graver is not made lighter by a system that knows its own grade only."""
    last = steps(danger).filter(move__in=("grade", "regrade")).order_by("-at", "-id").first()
    return last is not None and last.actor_id != actor.account_id


def _ordered(danger: Danger, sent: Sent[DangerContent, Danger]) -> bool:
    body = sent.body
    if not body.order_text or not body.order_basis or body.deadline is None:
        return False
    deadline = _zoned(body.deadline)
    if danger.ordered_at is None:
        services.order(
            danger.pk, order_text=body.order_text, order_basis=body.order_basis, deadline=deadline, actor=sent.actor, now=sent.now
        )
        return True
    same = (danger.order_text, danger.order_basis) == (body.order_text, body.order_basis)
    # A deadline that was extended since is not taken back by a system that knows the first one only.
    if not same or deadline not in (danger.first_deadline, danger.deadline):
        raise refusals.StepTaken(field=gettext(intake.LABELS["order_text"]))
    return False


def _started(danger: Danger, sent: Sent[DangerContent, Danger]) -> bool:
    body = sent.body
    if not body.responsible_name and not body.measures:
        return False
    if danger.ordered_at is None:
        raise refusals.StepMissing(field=gettext(rules.FIVE_FIXES["measures"]), before=gettext(intake.LABELS["order_text"]))
    if danger.state == rules.ORDERED:
        services.start(
            danger.pk,
            responsible_name=body.responsible_name or "",
            measures=body.measures or "",
            funds_yuan=body.funds_yuan,
            contingency=body.contingency or "",
            plan=body.plan,
            actor=sent.actor,
            now=sent.now,
        )
        return True
    told = {name: value for name, value in body.values().items() if name in _START and value not in (None, "", {})}
    if "plan" in told:
        told["plan"] = services.plan_of(body.plan)
    if any(getattr(danger, name) != value for name, value in told.items()):
        raise refusals.StepTaken(field=gettext(rules.FIVE_FIXES["measures"]))
    return False


def _removed(danger: Danger, sent: Sent[DangerContent, Danger]) -> bool:
    outcome = sent.body.outcome or ""
    if not outcome:
        return False
    judged = danger.rounds.filter(done_at__isnull=False).order_by("-number").first()
    if judged is not None and judged.outcome == outcome:
        # Told already. What was sent back is removed anew by a new outcome, not by the old one once more.
        return False
    if danger.state not in (rules.GRADED, rules.ORDERED, rules.RECTIFYING):
        if danger.state == rules.FOUND:
            raise refusals.StepMissing(field=gettext(intake.LABELS["outcome"]), before=gettext(intake.LABELS["grade"]))
        raise refusals.StepTaken(field=gettext(intake.LABELS["outcome"]))
    round_ = services.open_round(danger.pk, actor=sent.actor, now=sent.now)
    _attach(round_, sent.body.pictures_after, "pictures_after", sent)
    services.rectify(danger.pk, outcome=outcome, actor=sent.actor, now=sent.now)
    return True


# --- read back -------------------------------------------------------------------------------------------------------------------

_TOLD = (
    "title", "location", "found_at", "description", "sector", "source", "grade", "criterion", "grade_reason", "repeated", "order_text",
    "order_basis", "deadline", "first_deadline", "overdue", "responsible_name", "measures", "funds_yuan", "contingency", "plan", "outcome",
    "rectified_at", "verdict", "verified_at", "closed_at", "state",
)  # fmt: skip


def _told(danger: Danger, _actor: Actor) -> dict[str, Any]:
    rounds = [
        {"number": each.number, "outcome": each.outcome, "done_at": each.done_at, "accepted": each.accepted, "verdict": each.verdict}
        for each in danger.rounds.all()
    ]
    return {**{name: getattr(danger, name) for name in _TOLD}, "state_label": danger.get_state_label(), "rounds": rounds}


register(
    Sendable(
        code=CODE,
        label=_("事故隐患"),
        view=queries.VIEW,
        write=rules.SENDABLE[0],
        body=DangerContent,
        rows=_rows,
        told=_told,
        put=put,
        like=_like,
        never=("state", "verdict", "verified_at", "verified_by_name", "closed_at", "source", "listed_level", "public_text"),
    )
)
