"""The gateway's part towards a session, without network and stream: lets senders in by their secret and carries actions out in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from anlan.sense.gateways.session import Action, Asked, Close, Deliver, Happened, Heard, Identify, Measured, Reply, Session, SetApart


@dataclass
class Carrier:
    """One connection. ``secrets``: whom the gateway lets in, and by what. ``missing``: the gap it knows of when a sender comes in."""

    session: Session
    secrets: Mapping[str, str]
    now_ms: int
    missing: tuple[int, int] | None = None
    asked: list[Identify] = field(default_factory=list)
    admitted: set[str] = field(default_factory=set)

    def send(self, *data: bytes, later_ms: int = 0) -> list[Action]:
        """What is done about bytes that arrive at once, ``later_ms`` after what came before."""
        self.now_ms += later_ms
        return self._carry_out(self.session.receive(b"".join(data), self.now_ms))

    def _carry_out(self, actions: Iterable[Action]) -> list[Action]:
        under_way, done = [iter(actions)], []
        while under_way:
            action = next(under_way[-1], None)
            if action is None:
                under_way.pop()
            elif isinstance(action, Identify):
                under_way.append(iter(self._identify(action)))
            else:
                done.append(action)
        return done

    def _identify(self, asked: Identify) -> list[Action]:
        self.asked.append(asked)
        admitted = self.secrets.get(asked.address) == asked.secret
        actions = list(self.session.identified(asked.address, admitted, self.now_ms))
        if admitted and asked.address not in self.admitted:
            self.admitted.add(asked.address)
            if self.missing is not None:
                actions += self.session.ask_again(Asked(asked.address, *self.missing), self.now_ms)
        return actions


def sent(actions: Iterable[Action]) -> bytes:
    """Everything that goes to the sender, in order."""
    return b"".join(a.data if isinstance(a, Reply) else a.answer for a in actions if isinstance(a, Reply | Deliver))


def measured(actions: Iterable[Action]) -> list[Measured]:
    """Everything measured, in order."""
    return [each for a in actions if isinstance(a, Deliver) for each in a.measured]


def happened(actions: Iterable[Action]) -> list[Happened]:
    """Everything that happened, in order."""
    return [each for a in actions if isinstance(a, Deliver) for each in a.happened]


def told(actions: Iterable[Action]) -> list[tuple[str, bool]]:
    """Kinds of what happened and whether it began."""
    return [(each.kind, each.active) for each in happened(actions)]


def apart(actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Whom what was set apart was counted against, and why."""
    return [(a.address, a.reason.code) for a in actions if isinstance(a, SetApart)]


def facts(actions: Iterable[Action]) -> list[object]:
    """Actions as facts to compare: two refusals of the same reason are two objects."""
    return [(a.address, a.reason.code, a.reason.facts, a.data) if isinstance(a, SetApart) else a for a in actions]


def without_signs_of_life(actions: Iterable[Action]) -> list[Action]:
    """Actions that do something; a sign of life may be told more often when bytes come in more portions."""
    return [a for a in actions if not isinstance(a, Heard)]


def closed(actions: Iterable[Action]) -> bool:
    """Whether the connection is to end."""
    return any(isinstance(a, Close) for a in actions)
