"""Planning as one statement of the database: the same law as :mod:`.planning`, written as a query over a relation of recipients.

Only for those who need no second thought: whoever has no channel, or quiet hours that the message must heed, is given back and planned one by one.
"""

from __future__ import annotations

from typing import Any

from anlan.ground.audiences import door as audiences
from anlan.warn.channels import rules
from anlan.warn.channels.models import Message

_CHOSEN = """
chosen AS MATERIALIZED (
  SELECT a.*, CASE WHEN {plain} THEN {way} END AS way FROM {source} a),
"""
_ROWS = """
SELECT %s::uuid, c.id, c.place_code, c.role, w.channel, CASE w.address WHEN 'phone' THEN c.phone WHEN 'email' THEN c.email ELSE c.device END,
  c.language, w.step, %s::boolean, (%s + coalesce(r.rank, %s))::smallint, w.confirm, 0::smallint, 0::smallint, NULL::timestamptz, '', ''
FROM chosen c
JOIN unnest(%s::smallint[], %s::text[], %s::text[], %s::smallint[], %s::boolean[]) AS w(way, channel, address, step, confirm) ON w.way = c.way
LEFT JOIN unnest(%s::text[], %s::smallint[]) AS r(role, rank) ON r.role = c.role
"""
COUNTED = "SELECT count(*), array_agg(id) FILTER (WHERE way IS NULL) FROM chosen"
"""How many there were, and the ids of those who are planned one by one."""


def statement(message: Message, source: str, values: tuple[object, ...]) -> tuple[tuple[str, str], list[Any]]:
    """What stands before the INSERT and what it takes, and the values of both. ``source``: a relation in parentheses with its ``values``."""
    device = {code: row.channel for code, row in audiences.roles().items() if row.channel}
    ladder = [row for row in rules.ladder(message.level) if _allowed(message, row.channel)]
    channels = [channel for channel in sorted(set(device.values())) if _allowed(message, channel)]
    ways = [(row.channel, row.step, row.until == "confirmed") for row in ladder] + [(channel, 1, message.confirm) for channel in channels]
    number = {channel: at for at, (channel, _step, _confirm) in enumerate(ways) if at >= len(ladder)}
    own = {role: number[channel] for role, channel in device.items() if channel in number}
    way = f"CASE WHEN role = ANY(%s) THEN CASE WHEN device <> '' THEN {_own(own)} END ELSE {_climbing([row.channel for row in ladder])} END"
    plain = "TRUE" if message.level == "red" else "quiet_until IS NULL"
    kinds = [rules.channels()[channel].address for channel, _step, _confirm in ways]
    ranks = {code: min(rank_of(message, code), 9) for code in audiences.roles()}
    columns: list[object] = [list(range(len(ways))), [row[0] for row in ways], kinds, [row[1] for row in ways], [row[2] for row in ways]]
    return (_CHOSEN.format(plain=plain, way=way, source=source), _ROWS), [
        list(device),
        *values,
        message.pk,
        message.inside,
        rules.priority(message.level, 0),
        rank_of(message, ""),
        *columns,
        list(ranks),
        list(ranks.values()),
    ]


def rank_of(message: Message, role: str) -> int:
    """Who is told first within a level, small first. What a device must carry out goes before everything that people are told."""
    if message.confirm:
        return 0
    return audiences.roles()[role].rank if role in audiences.roles() else 9


def _allowed(message: Message, channel: str) -> bool:
    return message.allowed is None or channel in message.allowed


def _own(ways: dict[str, int]) -> str:
    """The way of a device by its role. Codes are the project's own data, never input."""
    if not ways:
        return "NULL::int"
    cases = " ".join(f"WHEN '{role}' THEN {way}" for role, way in ways.items())
    return f"CASE role {cases} END"


def _climbing(channels: list[str]) -> str:
    """The first step of the ladder that a person can take: he has the address, and is not called by a machine if he does not hear."""
    if not channels:
        return "NULL::int"
    heard = " AND NOT ('hearing' = ANY(string_to_array(needs, ' ')))"
    steps = (
        f"WHEN {rules.channels()[code].address} <> ''{heard if code == 'voice' else ''} THEN {way}" for way, code in enumerate(channels)
    )
    return f"CASE {' '.join(steps)} END"
