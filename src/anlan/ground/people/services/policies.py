"""The node's own values of the sign-in policy."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from anlan.ground.people import rules
from anlan.ground.people.models import PolicyValue
from anlan.ground.people.refusals import PolicyOutOfBounds
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change
from anlan.ledger.sources import in_force


def set_policy(code: str, value: int, *, actor: Actor, now: datetime) -> PolicyValue:
    """Set one value from now on. Raises :class:`NotFound`, :class:`PolicyOutOfBounds`."""
    rule = next((r for r in in_force(rules.policy_rules(), timezone.localtime(now).date()) if r.code == code), None)
    if rule is None:
        raise NotFound(what=code)
    if not rule.lowest <= value <= rule.highest:
        raise PolicyOutOfBounds(name=rule.name_zh, lowest=rule.lowest, highest=rule.highest)
    with change(actor, "people.set_policy", now=now, place_code=actor.place_code) as c:
        row = PolicyValue.objects.create(code=code, value=value, effective_from=now, set_by=actor.account_id)
        c.subject = row
    return row
