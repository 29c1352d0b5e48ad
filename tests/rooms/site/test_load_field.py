"""Devices of field protocols in the load tool speak what the gateways' sessions understand, and know when they were answered."""

import random

import pytest

from anlan.sense.gateways import hj212, jt808
from anlan.sense.gateways.session import Deliver, Identify, Reply
from anlan.site.load.field import JT808_POINTS, Answered, Station, Terminal

NOW = 1_790_000_000_000


def converse(session, data, secret, now_ms=NOW):
    """What the gateway delivers, and the bytes that come back to the device."""
    delivered, back = [], b""

    def carry_out(actions):
        nonlocal back
        for action in actions:
            match action:
                case Identify():
                    carry_out(session.identified(action.address, action.secret == secret, now_ms))
                case Deliver():
                    delivered.extend(action.measured)
                    back += action.answer
                case Reply():
                    back += action.data

    carry_out(session.receive(data, now_ms))
    return delivered, back


def heard(device, data):
    """What the device makes of an answer that arrives in pieces."""
    found = []
    dice = random.Random(7)
    while data:
        size = dice.randrange(1, 9)
        found += device.hear(data[:size])
        data = data[size:]
    return found


def test_a_terminal_is_let_in_by_its_identifier_and_its_positions_are_delivered_and_answered():
    device, session = Terminal("139000000001", "L000001", 1), jt808.Session()
    _none, back = converse(session, device.hello(), "L000001")
    assert heard(device, back) == [Answered(0, True)]
    key, data = device.message(NOW)
    (position,), back = converse(session, data, "L000001")
    assert heard(device, back) == [Answered(key, True)]
    assert position.time_ms == NOW and set(position.values) == set(JT808_POINTS)
    scaled = [position.values[code] * scale + offset for code, (scale, offset) in JT808_POINTS.items()]
    assert all(-1 <= value <= 100 for value in scaled)


def test_a_terminal_with_another_identifier_is_turned_away():
    device, session = Terminal("139000000001", "wrong", 1), jt808.Session()
    _none, back = converse(session, device.hello(), "L000001")
    assert [answered.fine for answered in heard(device, back)] == [False]


def test_a_stations_report_is_delivered_whole_and_answered_by_its_time():
    device, session = Station("LOAD20260921000000000001", "000001", ("P000", "P001", "P002"), 1), hj212.Session()
    key, data = device.message(NOW)
    (report,), back = converse(session, device.hello() + data, "000001")
    assert heard(device, back) == [Answered(key, True)]
    assert report.time_ms == NOW and set(report.values) == {"P000", "P001", "P002"}


@pytest.mark.parametrize("device", [Terminal("139000000001", "x", 1), Station("LOAD00000001", "x", ("P000",), 1)], ids=["jt808", "hj212"])
def test_no_device_sends_twice_in_a_second(device):
    sent = [device.message(NOW + at) for at in range(0, 3000, 250)]
    assert sum(each is not None for each in sent) == 3
    assert len({each[0] for each in sent if each is not None}) == 3
