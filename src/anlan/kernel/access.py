"""Jurisdiction: posts grant named actions over a subtree of places and a class of information.

One function answers ``may``; one queryset filter (:mod:`anlan.ledger.scope`) answers what is visible. Nothing asks for a role by
name. Everything that no grant covers is denied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import cached_property
from uuid import UUID, uuid5

from anlan.kernel.levels import NATION, Level, covers
from anlan.kernel.words import N_

_SYSTEM_NAMESPACE = UUID("6f1d3c1e-5f0e-4f57-9d0a-5a1a11a71a00")


class Classification(IntEnum):
    """Class of information; a post reads up to its own class. State secrets have no place on this network."""

    PUBLIC = 0
    INTERNAL = 1
    SENSITIVE = 2

    @property
    def label(self) -> str:
        """Chinese source text of the class."""
        return (N_("公开"), N_("内部"), N_("敏感"))[self]


@dataclass(frozen=True)
class Grant:
    """Leave to do ``action`` (a name, or a pattern with ``*``) on records below ``place_prefix``.

    With ``enterprise_id`` the grant reaches only that enterprise's own records, wherever they are.
    """

    action: str
    place_prefix: str
    enterprise_id: UUID | None = None
    classification: Classification = Classification.INTERNAL

    def allows(self, action: str) -> bool:
        """Whether the grant names ``action``."""
        return self.action == action or ("*" in self.action and fnmatchcase(action, self.action))


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: an account at one of its posts, or a supervised process."""

    account_id: UUID
    name: str
    post: str
    level: Level
    place_code: str
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    kind: str = "person"
    post_id: UUID | None = None
    facts: dict[str, object] = field(default_factory=dict, compare=False, hash=False)

    @cached_property
    def _by_action(self) -> dict[str, tuple[Grant, ...]]:
        return {}

    def scopes(self, action: str) -> tuple[Grant, ...]:
        """The grants that name ``action``; empty when the actor may never do it."""
        known = self._by_action.get(action)
        if known is None:
            known = tuple(grant for grant in self.grants if grant.allows(action))
            self._by_action[action] = known
        return known

    def may(
        self,
        action: str,
        *,
        place_code: str = "",
        enterprise_id: UUID | None = None,
        classification: Classification | int = Classification.PUBLIC,
    ) -> bool:
        """Whether the actor may do ``action`` on a record at ``place_code`` of ``enterprise_id`` with ``classification``."""
        return any(
            classification <= grant.classification
            and (grant.enterprise_id == enterprise_id if grant.enterprise_id is not None else covers(grant.place_prefix, place_code))
            for grant in self.scopes(action)
        )

    def may_somewhere(self, action: str) -> bool:
        """Whether any grant names ``action``: guards a page whose rows are then scoped one by one."""
        return bool(self.scopes(action))


def system_actor(name: str) -> Actor:
    """The actor of a supervised process (detector, worker, loader); audited under that name, allowed everything."""
    return Actor(
        account_id=uuid5(_SYSTEM_NAMESPACE, name),
        name=name,
        post="system",
        level=Level.NATION,
        place_code=NATION,
        grants=(Grant("*", "", None, Classification.SENSITIVE),),
        kind="system",
    )
