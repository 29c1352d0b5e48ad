"""Many points side by side in rows of one interval: of each point and each interval the last reading, out of the store in one question.

What is learnt of a process unit looks at weeks of hundreds of points. Reading every single reading would carry a hundred times what is used.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from anlan.sense.stream.observed import Ask, MalformedCondition
from anlan.wire.blocks import Block

MOST_CHANNELS = 500
MOST_CELLS = 250_000
"""So many intervals of points are answered at once; whoever wants more asks piece by piece (:func:`pieces`)."""
_BITS = " + ".join(f"max(bitAnd(quality, {1 << bit}))" for bit in range(8))
_QUERY = f"""
SELECT channel, toUnixTimestamp64Milli(max(time)), {{value}}, {_BITS}
FROM {{table}} FINAL
WHERE bitAnd(quality, {{without}}) = 0 AND channel IN {{{{channels:Array(Int32)}}}}
  AND time >= fromUnixTimestamp64Milli({{{{since:Int64}}}}) AND time < fromUnixTimestamp64Milli({{{{until:Int64}}}})
GROUP BY channel, intDiv(toUnixTimestamp64Milli(time) - {{{{since:Int64}}}}, {{{{width:Int64}}}})
ORDER BY 2, channel
SETTINGS do_not_merge_across_partitions_select_final = 1, max_execution_time = 30
"""


LAST, TOTAL = "argMax(value, time)", "sum(value)"


class Sampling(msgspec.Struct, frozen=True):
    """The last reading of each interval of ``width`` ms, counted from ``since``, of ``channels`` in [``since``, ``until``), ms since 1970 UTC.

    ``total``: the sum of the interval's readings in its place, at the time of the last. ``without``: readings with any of these marks are left out.
    """

    channels: list[int]
    since: int
    until: int
    width: int
    total: bool = False
    without: int = 0


def checked(asked: Sampling) -> Sampling:
    """``asked`` itself when it can be asked. Raises ``MalformedCondition``."""
    if not 0 < len(asked.channels) <= MOST_CHANNELS or asked.width <= 0 or asked.until <= asked.since or not 0 <= asked.without < 256:
        raise MalformedCondition(reason="channels, width, until, without")
    if len(asked.channels) * -(-(asked.until - asked.since) // asked.width) > MOST_CELLS:
        raise MalformedCondition(reason=f"> {MOST_CELLS}")
    return asked


def pieces(asked: Sampling) -> Iterator[Sampling]:
    """``asked`` in pieces that are answered at once, in order of time; together they say the same."""
    step = max(1, MOST_CELLS // max(1, len(asked.channels))) * asked.width
    for since in range(asked.since, asked.until, step):
        yield msgspec.structs.replace(asked, since=since, until=min(asked.until, since + step))


def find(asked: Sampling, ask: Ask, table: str) -> Block:
    """The readings asked for, ascending in time; ``quality``: every mark that a reading of the interval carries."""
    told = {"channels": asked.channels, "since": asked.since, "until": asked.until, "width": asked.width}
    query = _QUERY.format(table=table, value=TOTAL if asked.total else LAST, without=asked.without)
    rows = ask(query, told)
    channel, time, value, quality = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Block(np.array(channel, np.int32), np.array(time, np.int64), np.array(value, np.float64), np.array(quality, np.uint8))
