"""How equipment misbehaves, as a menu for the load tool."""

from __future__ import annotations

import json
import random
from enum import StrEnum


class Fault(StrEnum):
    """One way to misbehave; each strikes one message in :data:`ONE_IN`."""

    DROP = "drop"
    """The connection breaks without a word; what was not acknowledged is sent again."""
    TWICE = "twice"
    """A message is sent a second time as if its acknowledgement had been lost."""
    GARBAGE = "garbage"
    """A message that is no JSON comes between."""
    NOT_A_NUMBER = "nan"
    """NaN stands where a number should, beside good values."""
    STRANGER = "stranger"
    """A point that nobody registered stands beside good values."""


ONE_IN = 200


def strikes(faults: frozenset[Fault], dice: random.Random) -> Fault | None:
    """Which fault strikes the next message, mostly none."""
    return dice.choice(sorted(faults)) if faults and dice.randrange(ONE_IN) == 0 else None


def spoilt(fault: Fault, payload: bytes) -> bytes:
    """``payload`` as a broken device would send it; its good values stay good (``GARBAGE`` stands beside, not instead)."""
    if fault is Fault.NOT_A_NUMBER:
        return payload.replace(b'"v":{', b'"v":{"broken":NaN,', 1)
    if fault is Fault.STRANGER:
        return payload.replace(b'"v":{', b'"v":{"stranger":1.0,', 1)
    return payload


GARBAGE = json.dumps("neither sample nor list").encode()[:-3]
