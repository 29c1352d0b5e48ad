"""Reads of detection rules: who sees which, which points a rule watches, and rules as the stream needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import level_of, prefix_of
from anlan.ledger.scope import visible
from anlan.sense.criteria import rules
from anlan.sense.criteria.door import RuleSummary
from anlan.sense.criteria.models import Criterion, Replay, Suppression, UnitModel
from anlan.sense.devices import door as devices
from anlan.wire import criteria
from anlan.wire.criteria import Virtual

T = TypeVar("T")

VIEW = "criteria.view"
_PAGE = 10_000


def seen_by(actor: Actor | None) -> QuerySet[Criterion]:
    """Rules that ``actor`` may see; all of them for ``None``."""
    rows = Criterion.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(pk: UUID | str, actor: Actor | None) -> Criterion:
    """The rule. Raises ``NotFound``."""
    found = seen_by(actor).select_related("enterprise").filter(pk=pk).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def one_suppression(pk: UUID | str, actor: Actor | None) -> Suppression:
    """The suppression, as far as its rule may be seen. Raises ``NotFound``."""
    found = Suppression.objects.select_related("criterion").filter(pk=pk, criterion__in=seen_by(actor)).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def one_replay(pk: UUID | str, actor: Actor | None) -> Replay:
    """The replay, as far as its rule may be seen. Raises ``NotFound``."""
    found = Replay.objects.select_related("criterion").filter(pk=pk, criterion__in=seen_by(actor)).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def summary(row: Criterion) -> RuleSummary:
    """The rule as other rooms see it."""
    plain = {name: getattr(row, name) for name in ("code", "name", "kind", "level", "source", "article", "status")}
    return RuleSummary(
        **plain,
        id=row.pk,
        kind_label=_(rules.KINDS[row.kind]),
        url=reverse("desk:criteria-detail", args=[row.pk]),
        state=row.state,
        state_label=row.get_state_label(),
        parameters=row.parameters,
    )


def by_code(codes: Iterable[str], actor: Actor | None) -> dict[str, RuleSummary]:
    """Rules by code."""
    numbers = {int(code[1:]) for code in codes if code[:1] == "R" and code[1:].isdigit() and len(code) < 11}
    return {row.code: summary(row) for row in seen_by(actor).filter(number__in=numbers)}


def of_models(digests: Iterable[str], actor: Actor | None) -> list[Criterion]:
    """Rules that name one of these models, newest first."""
    return list(seen_by(actor).filter(kind="UNIT", parameters__model__in=list(digests)).order_by("-number"))


def unit_model(digest: str) -> bytes | None:
    """The bytes of a model of a process unit."""
    found = UnitModel.objects.filter(pk=digest).values_list("data", flat=True).first()
    return bytes(found) if found is not None else None


def owner(row: Criterion) -> Actor:
    """Somebody who sees exactly the points that the rule's owner answers for: those of its place, or of its enterprise."""
    prefix = prefix_of(row.place_code)
    grant = Grant("devices.view", prefix, row.enterprise_id, Classification.SENSITIVE)
    return Actor(row.pk, row.name, "rule", level_of(row.place_code), row.place_code, grants=(grant,), kind="system")


def is_unbounded(row: Criterion) -> bool:
    """Whether the rule is the nation's: its classes then reach every point of the node."""
    return row.enterprise_id is None and not prefix_of(row.place_code)


def channels(row: Criterion) -> tuple[int, ...]:
    """Channel numbers of the points in use that the rule watches now, ascending."""
    actor, found = owner(row), set()
    if row.channels:
        told = devices.sensors_by_channel(row.channels)
        found |= {channel for channel, sensor in told.items() if _is_the_owners(row, sensor)}
        # Points that nobody registered are virtual ones: their readings are reckoned on this node.
        found |= {channel for channel in row.channels if channel not in told}
    for sensor_class in row.sensor_classes:
        found |= set(_pages(lambda offset, code=sensor_class: devices.channels(
            actor, sensor_class=code, enterprise_id=row.enterprise_id, offset=offset, limit=_PAGE)))  # fmt: skip
    if row.risk_sources:
        wanted = {str(source) for source in row.risk_sources}
        listed = _pages(lambda offset: devices.points(actor, enterprise_id=row.enterprise_id, offset=offset, limit=_PAGE))
        found |= {point.channel for point in listed if str(point.risk_source_id) in wanted}
    return tuple(sorted(found))


def _is_the_owners(row: Criterion, sensor: devices.SensorSummary) -> bool:
    if row.enterprise_id is not None:
        return sensor.enterprise_id == row.enterprise_id
    return sensor.place_code.startswith(prefix_of(row.place_code))


def _pages(ask: Callable[[int], Sequence[T]]) -> Iterator[T]:
    for page in count():
        found = ask(page * _PAGE)
        yield from found
        if len(found) < _PAGE:
            return


def fingerprint(row: Criterion) -> str:
    """Digest of everything that decides whether the rule fires: a replay speaks of one wording only."""
    told = (row.kind, row.parameters, sorted(row.channels), sorted(row.sensor_classes), sorted(map(str, row.risk_sources)))
    return sha256(msgspec.json.encode((*told, str(row.enterprise_id or ""), row.place_code), order="deterministic")).hexdigest()


def replay_of(row: Criterion) -> Replay | None:
    """The newest finished replay of the rule as it now stands."""
    return row.replays.filter(state=Replay.DONE, fingerprint=fingerprint(row)).first()


def may_be_enacted(row: Criterion) -> bool:
    """Whether the rule as it stands was replayed, or somebody said why it cannot be."""
    return row.kind in rules.WITHOUT_HISTORY or bool(row.no_history_reason) or replay_of(row) is not None


def message(row: Criterion, now: datetime) -> criteria.Criterion:
    """The rule as the stream needs it at ``now``."""
    today = timezone.localdate(now)
    holds = (row.effective_from is None or row.effective_from <= today) and (row.effective_to is None or today <= row.effective_to)
    in_force = row.state == rules.IN_FORCE and holds
    parameters = criteria.parameters(row.kind, row.parameters)
    if not in_force:
        return criteria.Criterion(row.code, row.level, parameters, in_force=False)
    if isinstance(parameters, Virtual) or row.kind in rules.POINTS_OF_THEIR_OWN:
        scope = criteria.Scope()
    elif is_unbounded(row):
        scope = criteria.Scope(tuple(sorted(row.channels)), tuple(row.sensor_classes), (), tuple(map(str, row.risk_sources)))
    else:
        scope = criteria.Scope(channels(row))
    running = row.suppressions.filter(ended_at__isnull=True, until__gt=now).order_by("since", "pk")
    suppressions = tuple(criteria.Suppression(_ms(each.since), _ms(each.until), tuple(sorted(each.channels))) for each in running)
    return criteria.Criterion(row.code, row.level, parameters, scope, suppressions)


def messages(now: datetime) -> dict[str, criteria.Criterion]:
    """Every rule that was ever in force, as the stream needs it at ``now``, by code."""
    rows = Criterion.objects.filter(state__in=(rules.IN_FORCE, rules.WITHDRAWN)).order_by("number")
    return {row.code: message(row, now) for row in rows}


def virtual_inputs(but: UUID | None = None) -> dict[int, tuple[int, ...]]:
    """Input channels of the virtual points in force by their own channel, without those of the rule ``but``."""
    found = {}
    for row in Criterion.objects.filter(kind="VIRTUAL", state=rules.IN_FORCE).exclude(pk=but):
        given = criteria.parameters(row.kind, row.parameters)
        if isinstance(given, Virtual):
            found[given.channel] = tuple(given.inputs.values())
    return found


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
