"""What this room hears of itself: who is told that a warning awaits him, was sent back, or is out.

Hearers run in a transaction of their own and may run twice; each occasion is told once.
"""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.warn.bulletins.door import BulletinPublished, BulletinReturned, BulletinSubmitted
from anlan.warn.bulletins.models import Bulletin


def tell_approvers(event: BulletinSubmitted) -> None:
    """Approvers of the issuing place are told that a warning awaits them; its writer, who may not approve it, is not."""
    bulletin = Bulletin.objects.filter(pk=event.subject_id).first()
    if bulletin is None or bulletin.state != "pending":
        return
    own = {bulletin.drafted_by_id, bulletin.submitted_by_id}
    for holder in people.holders_of("approver", bulletin.place_code, now=event.at):
        if holder.account_id not in own:
            _tell(holder.account_id, event, bulletin, N_("{by}提交的预警“{headline}”等待您审批。"), {"by": bulletin.submitted_by_name})


def tell_writer(event: BulletinReturned | BulletinPublished) -> None:
    """Whoever drafted or submitted the warning is told what became of it."""
    bulletin = Bulletin.objects.filter(pk=event.subject_id).first()
    if bulletin is None:
        return
    back = isinstance(event, BulletinReturned)
    sentence = N_("预警“{headline}”被退回修改。") if back else N_("预警“{headline}”已由{by}批准发布。")
    for account_id in {bulletin.drafted_by_id, bulletin.submitted_by_id} - {None}:
        if account_id is not None:
            _tell(account_id, event, bulletin, sentence, {"by": bulletin.approved_by_name})


def _tell(
    account_id: UUID,
    event: BulletinSubmitted | BulletinReturned | BulletinPublished,
    bulletin: Bulletin,
    sentence: str,
    facts: dict[str, str],
) -> None:
    notify(
        account_id,
        event=event.kind,
        once=f"{event.kind}:{bulletin.pk}:{event.at.isoformat()}",
        sentence=sentence,
        facts={"headline": bulletin.headline, **facts},
        url=reverse("bulletins:detail", args=[bulletin.pk]),
        tone=bulletin.level,
        exercise=bulletin.exercise,
        now=event.at,
    )
