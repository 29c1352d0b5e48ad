"""Whatever comes in on a port of equipment: no session fails, holds much, or reckons much more than what came."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.sense.gateways.carrying import Carrier, facts

from anlan.sense.gateways import gb26875 as gb26875_gateway
from anlan.sense.gateways import hj212 as hj212_gateway
from anlan.sense.gateways import jt808 as jt808_gateway
from anlan.sense.gateways import sl651 as sl651_gateway
from anlan.sense.gateways.remembering import OpenStates
from anlan.sense.gateways.session import Session, SetApart
from anlan.wire import gb26875, hj212, sl651
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.hj212 import framing as hj212_framing
from anlan.wire.jt808 import terminal
from anlan.wire.jt808.message import Message, encode
from anlan.wire.sl651 import framing as sl651_framing

NOW = 1_790_000_000_000
SESSIONS: dict[str, Callable[[], Session]] = {
    "hj212": hj212_gateway.Session,
    "sl651": lambda: sl651_gateway.Session(OpenStates()),
    "gb26875": lambda: gb26875_gateway.Session(OpenStates()),
    "jt808": lambda: jt808_gateway.Session(OpenStates()),
}
GOOD = {
    "hj212": hj212.encode(
        hj212.Message("1", "32", "2011", "1", "MN1", hj212.Flag.of(7), "DataTime=20260921120000;a-Rtd=1;b-R", packets=3, packet=1)
    ),
    "sl651": sl651.encode(
        sl651.Telegram(
            "0011223344", 5, "0001", 0x34, sl651.body.report(7, NOW, "0011223344", 0x48, []), end=0x17, packet=sl651.Packet(9, 1)
        )
    ),
    "gb26875": gb26875.encode(gb26875.Packet(1, 2, 889, 1, b"\x15\x01\x03" + bytes(6), NOW)),
    "jt808": encode(Message(terminal.AUTHENTICATION, "138", 1, b"code")),
}
SECRETS = {"MN1": "1", "0011223344": "0001", "889": "", "138": "code"}
# What each protocol's frames begin with, with lengths that reach far.
BEGINNINGS = {
    "hj212": [b"##9999", b"&&0000##9998", b"##0001QN=1;CP=&&"],
    "sl651": [b"\x7e\x7e" + b"\x03" * 9 + b"\x0f\xff\x02", b"\x7e\x7e" + b"\x01" * 9 + b"\x0f\xf0\x16", b"\x01" + b"F" * 22 + b"\x02"],
    "gb26875": [b"@@" + b"#" * 22 + b"\x00\x04", b"@"],
    "jt808": [b"\x7e\x7d\x02", b"\x7e" + b"\x00" * 700],
}


def carrier(protocol: str) -> Carrier:
    return Carrier(SESSIONS[protocol](), SECRETS, NOW, (NOW - 10_000_000, NOW))


@pytest.mark.parametrize("protocol", sorted(SESSIONS))
@settings(max_examples=300)
@given(st.data())
def test_any_bytes_give_the_same_however_they_come_and_nothing_but_refusals(protocol: str, data: st.DataObject) -> None:
    pieces = st.binary(max_size=60) | st.sampled_from([GOOD[protocol], *BEGINNINGS[protocol], GOOD[protocol][:-1], GOOD[protocol][:9]])
    stream = b"".join(data.draw(st.lists(pieces, max_size=8)))
    at = data.draw(st.integers(0, len(stream)))
    whole, split = carrier(protocol), carrier(protocol)
    found = whole.send(stream)
    assert facts([*split.send(stream[:at]), *split.send(stream[at:])]) == facts(found)
    for action in found:
        if isinstance(action, SetApart):
            assert action.reason.code.startswith((f"{protocol}_", "gateway_"))
            assert len(action.data) <= 1200


@pytest.mark.parametrize("protocol", sorted(SESSIONS))
def test_a_session_stays_far_below_a_megabyte(protocol: str) -> None:
    # Lists, codecs and code of the first use are not the session's.
    carrier(protocol).send(GOOD[protocol], b"".join(BEGINNINGS[protocol]))
    for beginning in (*BEGINNINGS[protocol], GOOD[protocol], b"x"):
        gc.collect()
        tracemalloc.start()
        held = carrier(protocol)
        for _ in range(3):
            held.send((beginning * (32_768 // len(beginning) + 1))[:32_768])
            assert held.session.waiting <= 3 * MOST_WAITING_BYTES
        held.asked.clear()
        gc.collect()
        size, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size < 500_000, beginning[:20]


@pytest.mark.parametrize(("protocol", "module", "framer"), [("hj212", hj212_framing, hj212.Framer), ("sl651", sl651_framing, sl651.Framer)])
def test_bytes_made_for_the_purpose_cost_no_more_than_a_few_check_sums_of_themselves(
    protocol: str, module: object, framer: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned = 0
    real = module.crc16  # type: ignore[attr-defined]

    def counting(data: bytes) -> int:
        nonlocal reckoned
        reckoned += len(data)
        return real(data)

    monkeypatch.setattr(module, "crc16", counting)
    for beginning in BEGINNINGS[protocol]:
        reckoned, cutting = 0, framer()
        data = beginning * (300_000 // len(beginning))
        for at in range(0, len(data), 32_768):
            cutting.feed(data[at : at + 32_768])
        assert reckoned < 3 * len(data), beginning
        # The frames of an honest sender behind it come out again.
        pieces = cutting.feed(b"\r\n" + (GOOD[protocol] + b"\r\n") * 500)
        assert [piece.data for piece in pieces if isinstance(piece, Frame)][-3:] == [GOOD[protocol].rstrip()] * 3
