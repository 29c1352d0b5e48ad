"""Whatever equipment can tell has a level of its own, or is said to be no alarm: nothing is left to the row for everything else."""

from __future__ import annotations

from datetime import date

from anlan.sense.alarms.tables import happening_rules
from anlan.wire.gb26875 import codes
from anlan.wire.jt808 import bits
from anlan.wire.sl651.elements import conditions


def test_every_state_and_operation_that_sessions_tell_has_its_row() -> None:
    told = {f"jt808.{bit.word}" for edition in (2013, 2019) for bit in bits.alarm_bits(bits.alarm_mask(edition), edition)}
    told |= {f"sl651.{condition.word}" for condition in conditions() if condition.told != "never"} | {"sl651.manual_text"}
    told |= {f"gb26875.{bit.word}" for of in ("system_state", "part_state", "device_state") for bit in codes.bits(of)}
    told |= {f"gb26875.{done.word}" for of in ("facility_operation", "device_operation") for done in codes.names(of).values()}
    levels = {rule.kind: rule.level for rule in happening_rules(date(2026, 9, 21))}
    assert told - set(levels) == set()
    assert (levels["gb26875.fire"], levels["gb26875.manual_alarm"], levels["gb26875.silence"]) == (1, 1, None)
