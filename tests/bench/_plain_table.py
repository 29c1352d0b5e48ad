"""The baseline: the same blocks from the same intake, written to one plain PostgreSQL table with a key of channel and time.

As most platforms keep readings: a row each, a B-tree, ``ON CONFLICT DO NOTHING`` against what comes twice. It is written the fastest way that
PostgreSQL has, ``COPY`` into a temporary table and one insert for each batch.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
import psycopg

from anlan.ledger import broker
from anlan.wire import blocks
from anlan.wire.blocks import Block

_CREATE = """
DROP TABLE IF EXISTS bench_readings;
CREATE TABLE bench_readings (channel integer NOT NULL, time bigint NOT NULL, value double precision NOT NULL, quality smallint NOT NULL,
                             PRIMARY KEY (channel, time));
"""
_BATCH = 100_000


def _copy(connection: psycopg.Connection, block: Block) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE arrived (LIKE bench_readings) ON COMMIT DROP")
        with cursor.copy("COPY arrived FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_binary(block))
        cursor.execute("INSERT INTO bench_readings SELECT * FROM arrived ON CONFLICT DO NOTHING")


def _binary(block: Block) -> bytes:
    """The rows in PostgreSQL's binary COPY format (PostgreSQL manual, COPY, "Binary Format"), made in whole columns."""
    row = np.dtype(
        [("fields", ">i2"), ("l1", ">i4"), ("channel", ">i4"), ("l2", ">i4"), ("time", ">i8"), ("l3", ">i4"), ("value", ">f8"), ("l4", ">i4"),
         ("quality", ">i2")]
    )  # fmt: skip
    rows = np.empty(len(block), row)
    rows["fields"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 4, 4, 8, 8, 2
    rows["channel"], rows["time"], rows["value"], rows["quality"] = block.channel, block.time, block.value, block.quality
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


async def _blocks(url: str, most_rows: int, connection: psycopg.Connection) -> tuple[int, float]:
    """Read READINGS from its beginning; rows written and seconds of writing alone (reading the stream is not counted)."""
    stop = asyncio.Event()
    nc = await broker.connect(url, stop, name="baseline")
    cursor = broker.Cursor(nc, broker.READINGS, ("readings.0",), batch=200)
    rows, seconds = 0, 0.0
    waiting: list[Block] = []
    while rows < most_rows:
        for message in await cursor.next(2.0):
            block = blocks.decode(message.data)
            if len(block):
                waiting.append(block)
        held = sum(map(len, waiting))
        if held >= _BATCH or (held and cursor.pending == 0):
            began = time.perf_counter()
            _copy(connection, blocks.concatenate(waiting))
            seconds += time.perf_counter() - began
            rows, waiting = rows + held, []
        elif cursor.pending == 0:
            break
    await cursor.close()
    await nc.drain()
    return rows, seconds


def measure(nats_url: str, database_url: str, most_rows: int) -> dict[str, float]:
    """Write up to ``most_rows`` readings of the stream to the plain table and ask it for one channel's day."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_CREATE)
        rows, seconds = asyncio.run(_blocks(nats_url, most_rows, connection))
        connection.execute("VACUUM ANALYZE bench_readings")
        size = connection.execute("SELECT pg_total_relation_size('bench_readings')").fetchone()
        stored = connection.execute("SELECT count(*) FROM bench_readings").fetchone()
        channels = [row[0] for row in connection.execute("SELECT DISTINCT channel FROM bench_readings ORDER BY channel LIMIT 40")]
        taken = []
        for channel in channels:
            began = time.perf_counter()
            connection.execute(
                "SELECT time / 86400, min(value), max(value), avg(value) FROM bench_readings WHERE channel = %s GROUP BY 1", (channel,)
            ).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
        connection.execute("DROP TABLE bench_readings")
    assert size is not None and stored is not None
    return {
        "rows": rows,
        "per_s": round(rows / seconds) if seconds else 0,
        "bytes_per_reading": round(size[0] / max(1, stored[0]), 1),
        "series_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1) if taken else 0.0,
    }
