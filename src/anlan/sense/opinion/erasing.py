"""Texts and accounts erased: after their days, or by a person with a reason. What was counted and how a post is known again stays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.access import Actor, system_actor
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.sense.opinion import queries, refusals
from anlan.sense.opinion.models import Post

PAST_ITS_DAYS = N_("保存期满")
_CLEANER = system_actor("opinion")
_BLANK = {"title": "", "text": "", "account": "", "url": "", "source_id": "", "media": [], "reading": {}, "signature": b""}
AT_ONCE = 1000


def erase(post_id: UUID | str, reason: str, *, actor: Actor, now: datetime) -> Post:
    """Erase what a post says and who wrote it. Raises ``ReasonMissing``, ``NotFound``, ``NotPermitted``."""
    post = queries.post(post_id, actor)
    permit(actor, "opinion.erase", record=post)
    if not reason.strip():
        raise refusals.ReasonMissing()
    with change(actor, "opinion.erase", now=now, record=post) as made:
        for name, value in _BLANK.items():
            setattr(post, name, value)
        post.erased_at, post.erased_why = now, reason.strip()[:200]
        post.save()
        made.facts["reason"] = post.erased_why
    return post


def erase_old(now: datetime) -> int:
    """Erase posts that are past their days (``data/parameters.csv``), a thousand at a time with one audit entry each; returns how many."""
    ids, done = list(queries.kept_too_long(now)), 0
    for start in range(0, len(ids), AT_ONCE):
        chosen = ids[start : start + AT_ONCE]
        with change(_CLEANER, "opinion.erase", now=now, place_code="") as made:
            done += Post.objects.filter(pk__in=chosen).update(**_BLANK, erased_at=now, erased_why=PAST_ITS_DAYS, updated_at=now)
            made.facts.update({"posts": len(chosen), "reason": PAST_ITS_DAYS})
    return done
