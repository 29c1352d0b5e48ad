"""Whom the feed tells: those who listen, everything; those who do not, one message in a while."""

import json

import numpy as np

from anlan.sense.things.feed import LOOK_SECONDS, Listening, entity
from anlan.wire.blocks import EXERCISE, Block


def block(*channels):
    count = len(channels)
    return Block(np.array(channels, np.int32), np.arange(count, dtype=np.int64), np.zeros(count), np.zeros(count, np.uint8))


def chosen(listening, rows, now):
    told, asking = listening.chosen(rows, now)
    return told.tolist(), asking.tolist()


def test_a_channel_is_tried_with_its_newest_row_and_then_told_only_where_somebody_listens():
    listening = Listening()
    assert chosen(listening, block(5, 7, 5, 7, 2000), 0.0) == ([2, 3, 4], [2, 3, 4])
    listening.nobody(7)
    listening.nobody(2000)
    assert chosen(listening, block(5, 7, 5), 1.0) == ([0, 2], [])
    # Later everybody is tried again; who had left is found out then, who has come too.
    assert chosen(listening, block(5, 7, 5), LOOK_SECONDS + 1) == ([0, 1, 2], [1, 2])


def test_an_observation_is_told_with_its_identifier_and_quality():
    told = json.loads(entity(7, 1_790_000_000_123, 0.5, EXERCISE))
    assert told == {
        "@iot.id": "7-1790000000123",
        "@iot.selfLink": "Observations('7-1790000000123')",
        "Datastream@iot.navigationLink": "Datastreams(7)",
        "phenomenonTime": "2026-09-21T14:13:20.123Z",
        "result": 0.5,
        "resultTime": "2026-09-21T14:13:20.123Z",
        "resultQuality": ["exercise"],
    }
