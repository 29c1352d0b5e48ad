"""Names of devices in field protocols and the state of their lines: what is said is read again, old messages still decode, secrets hold."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire import addresses, links, readings, registry
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.readings import Sample

texts = st.text(max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
points = st.builds(PointEntry, texts, texts, numbers, numbers, texts, st.sampled_from(["big", "little"]))
names = st.builds(
    AddressEntry, st.sampled_from(addresses.PROTOCOLS), texts, st.booleans(), texts, texts, st.lists(points, max_size=3).map(tuple)
)


@given(st.lists(names, max_size=4).map(tuple))
def test_addresses_travel_with_their_device(told):
    entry = registry.Entry("c", True, (registry.DeviceEntry("d", True, addresses=told),))
    assert registry.decode(registry.encode(entry)) == entry


def test_a_registry_message_of_before_addresses_still_decodes():
    old = b'{"credential":"c","active":true,"devices":[["d",true,[["p",7,null,1.5,[]]],[[1,2]]]]}'
    assert registry.decode(old).devices[0].addresses == ()


def test_a_secret_opens_and_any_other_does_not():
    sealed = addresses.seal("123456")
    entry = AddressEntry(addresses.HJ212, "88888", salt=sealed.salt, digest=sealed.digest)
    assert entry.opens("123456")
    assert not entry.opens("123457")
    assert not entry.opens("")
    assert "123456" not in msgspec.json.encode(entry).decode()


def test_without_a_secret_nobody_is_let_in_unless_none_is_asked_on_purpose():
    assert not AddressEntry(addresses.HJ212, "88888").opens("")
    assert AddressEntry(addresses.HJ212, "88888", open=True).opens("anything")


def test_the_same_secret_is_kept_differently_each_time():
    assert addresses.seal("123456") != addresses.seal("123456")


@given(numbers, numbers, numbers)
def test_a_scaled_value_is_finite_or_no_number_at_all(raw, scale, offset):
    found = PointEntry("a", "b", scale, offset).value(raw)
    assert math.isfinite(found) or math.isnan(found)


@given(texts, texts, st.sampled_from(links.STATES), st.integers(0, 10**13), texts)
def test_the_state_of_a_line_is_read_as_it_was_said(credential, device, state, since, reason):
    link = links.Link(credential, device, state, since, "hj212", reason=reason)
    assert links.decode(links.encode(link)) == link
    assert link.subject.count(".") == 2


@given(st.binary(max_size=80))
def test_any_bytes_are_a_link_or_refused(data):
    try:
        links.decode(data)
    except Refusal as refusal:
        assert refusal.code == "link_malformed"


def test_a_state_that_nobody_knows_is_refused():
    with pytest.raises(links.MalformedLink):
        links.decode(b'{"credential":"c","device":"d","state":"half","since_ms":1,"protocol":"hj212"}')


def test_marks_of_the_sender_come_back_and_a_strange_mark_costs_no_value():
    sent = Sample(1, {"a": 1.0, "b": 2.0}, doubtful=("b",))
    assert readings.decode(readings.encode([sent])).samples == (sent,)
    decoded = readings.decode(b'{"t":1,"v":{"a":1},"doubtful":{"what":1}}')
    assert decoded.samples == (Sample(1, {"a": 1.0}),)
    assert decoded.refused == ()


@pytest.mark.parametrize(
    ("protocol", "given", "kept"),
    [
        (addresses.MODBUS, "192.168.1.20:502/1", "192.168.1.20:502/1"),
        (addresses.MODBUS, "plc-3.plant/247#tank_2", "plc-3.plant/247#tank_2"),
        (addresses.MODBUS, "[fe80::1]:1502/0", "[fe80::1]:1502/0"),
        (addresses.OPCUA, " opc.tcp://10.0.0.7:4840/server#t1 ", "opc.tcp://10.0.0.7:4840/server#t1"),
        (addresses.SL651, "00a0203041", "00A0203041"),
        (addresses.JT808, "13800138000", "13800138000"),
        (addresses.COALFILE, "370112000001", "370112000001"),
        (addresses.HJ212, "YB6701001000000000000001", "YB6701001000000000000001"),
    ],
)
def test_an_address_is_kept_as_its_protocol_writes_it(protocol, given, kept):
    assert addresses.checked_address(protocol, given) == kept


@pytest.mark.parametrize(
    ("protocol", "given"),
    [
        (addresses.MODBUS, "192.168.1.20:502"),
        (addresses.MODBUS, "192.168.1.20:99999/1"),
        (addresses.MODBUS, "192.168.1.20:502/248"),
        (addresses.MODBUS, "a b/1"),
        (addresses.OPCUA, "http://10.0.0.7:4840/"),
        (addresses.OPCUA, "opc.tcp://user:word@10.0.0.7:4840/"),
        (addresses.OPCUA, "opc.tcp://10.0.0.7:notaport/"),
        (addresses.JT808, "013800138000"),
        (addresses.SL651, "123"),
        (addresses.COALFILE, "../etc"),
        ("smoke signals", "x"),
    ],
)
def test_what_cannot_be_an_address_is_refused_with_an_example(protocol, given):
    with pytest.raises(addresses.MalformedAddress):
        addresses.checked_address(protocol, given)


def test_what_distinguishes_devices_behind_one_server_is_no_part_of_where_it_is():
    assert addresses.modbus_target("plc/7#a") == addresses.modbus_target("plc:502/7#b") == addresses.ModbusTarget("plc", 502, 7)
    assert addresses.opcua_endpoint("opc.tcp://h:4840/x#a") == "opc.tcp://h:4840/x"


@pytest.mark.parametrize(
    ("protocol", "code", "fine"),
    [
        (addresses.MODBUS, "holding:0", True),
        (addresses.MODBUS, "holding:65536", False),
        (addresses.MODBUS, "40001", False),
        (addresses.OPCUA, "ns=2;s=Tank1.Level", True),
        (addresses.OPCUA, "i=2258", True),
        (addresses.OPCUA, "Tank1.Level", False),
        (addresses.HJ212, "a21026", True),
        (addresses.HJ212, "", False),
        (addresses.HJ212, "a\nb", False),
    ],
)
def test_the_code_of_a_point_is_checked_as_its_protocol_writes_it(protocol, code, fine):
    if fine:
        assert addresses.checked_point_code(protocol, code) == code
    else:
        with pytest.raises(addresses.MalformedPointCode):
            addresses.checked_point_code(protocol, code)


def test_the_secret_before_a_rotation_opens_until_its_time_and_not_after():
    old, new = addresses.seal("old"), addresses.seal("new")
    entry = AddressEntry(
        addresses.HJ212,
        "88888",
        salt=new.salt,
        digest=new.digest,
        previous_salt=old.salt,
        previous_digest=old.digest,
        previous_until_ms=1000,
    )
    assert entry.opens("new", 5000) and entry.opens("old", 999)
    assert not entry.opens("old", 1000)
    assert entry.holds(old.digest, 999) and not entry.holds(old.digest, 1000) and entry.holds(new.digest, 5000) and not entry.holds("", 0)
