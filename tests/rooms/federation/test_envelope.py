"""What travels between nodes comes out as it was sealed, or is refused for a reason that can be told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from anlan.federation.envelope import MOST_BYTES, Address, Envelope, Lane, opened, seal, sign, signer_of, verified
from anlan.federation.refusals import EnvelopeMalformed, SignatureWrong
from anlan.kernel.levels import Level

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
ORIGIN = "0123456789abcdef" * 2
PLAIN = Envelope(
    id=UUID(int=1), kind="test.note", origin=ORIGIN, sender=Address(Level.COUNTY, "370102"), to=(Address(Level.CITY, "370100"), Address(Level.NATION, "000000")),
    lane=Lane.URGENT, subject=UUID(int=2), place_code="370102", title="液氯泄漏", made_at=datetime(2026, 11, 22, 2, 14, tzinfo=UTC),
    exercise=False, body={"words": "关闭门窗"},
)  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PLACES = st.from_regex("[0-9]{6}([0-9]{3})?", fullmatch=True)
ADDRESSES = st.builds(Address, st.sampled_from(Level), PLACES)
ENVELOPES = st.builds(
    Envelope,
    id=st.uuids(),
    kind=TEXT.map(lambda text: text[:64]),
    origin=st.from_regex("[0-9a-f]{32}", fullmatch=True),
    sender=ADDRESSES,
    to=st.lists(ADDRESSES, min_size=1, max_size=50).map(tuple),
    lane=st.sampled_from(Lane),
    subject=st.uuids(),
    place_code=PLACES,
    title=TEXT.map(lambda text: text[:200]),
    made_at=st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    exercise=st.booleans(),
    body=st.dictionaries(TEXT, JSON, max_size=5),
)


@given(ENVELOPES)
def test_what_was_sealed_comes_out_as_it_was(envelope: Envelope) -> None:
    sealed = seal(envelope, KEY)
    assert sealed.isascii() and signer_of(sealed) == envelope.origin
    assert opened(sealed, KEY.public_key()) == envelope


SEALED = seal(PLAIN, KEY)


@given(st.integers(0, len(SEALED) - 1), st.characters())
def test_one_changed_character_anywhere_is_refused(at: int, other: str) -> None:
    changed = f"{SEALED[:at]}{other}{SEALED[at + 1 :]}"
    if changed == SEALED:
        assert opened(changed, KEY.public_key()) == PLAIN
        return
    with pytest.raises((SignatureWrong, EnvelopeMalformed)):
        opened(changed, KEY.public_key())


def test_every_other_last_character_is_refused_too() -> None:
    # The last one carries four bits that mean nothing: a second text for the same envelope would be kept as a second one where it was set aside.
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=":
        if other != SEALED[-1]:
            with pytest.raises((SignatureWrong, EnvelopeMalformed)):
                opened(SEALED[:-1] + other, KEY.public_key())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_is_refused_and_never_stops_anything(garbage: bytes) -> None:
    text = garbage.decode("utf-8", "surrogateescape")
    for look in (signer_of, lambda value: opened(value, KEY.public_key())):
        with pytest.raises((SignatureWrong, EnvelopeMalformed)):
            look(text)


def test_a_text_nested_without_end_is_refused() -> None:
    deep = "[" * 50_000
    for text in (f"{jwt.utils.base64url_encode(deep.encode()).decode()}..", _signed(deep)):
        with pytest.raises(EnvelopeMalformed):
            opened(text, KEY.public_key())


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SignatureWrong) as refused:
        opened(SEALED, OTHER.public_key(), name="历下区")
    assert "历下区" in refused.value.message()


def _signed(text: str, **header: Any) -> str:
    return jwt.PyJWS(algorithms=["EdDSA"]).encode(text.encode("utf-8", "surrogatepass"), KEY, "EdDSA", {"kid": ORIGIN, **header})


def _payload() -> dict[str, Any]:
    return verified(SEALED, KEY.public_key())


WRONG: dict[str, list[Any]] = {
    "id": ["", "x", 5, None, [], {}],
    "kind": [None, 5, ["a"], "a\x00b", "\ud800"],
    "from": [None, 5, "", [], [3], [3, "370102", 1], [9, "370102"], [3, "37010"], [3, "３７０１０２"], [3, 370102], {"a": 1}],
    "to": [None, 5, [], {}, [2, "370100"], [[2, None]], [[[], "370100"]], [[2, "370100\x00"]], [[2, "370100"]] * 51],
    "lane": [None, -1, 4, "flash", [], 1.5],
    "subject": ["", 7, None],
    "place": ["", None, 370102, "37010a", "3701020", "370102 "],
    "title": [None, 5, [], "\x00", "\udfff"],
    "at": [None, 5, "", "yesterday", "2026-11-22T00:00:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"],
    "exercise": [None, 0, 1, "yes", "true", []],
    "body": [None, 5, "text", [], ["a"], {"deep": [{"er": "\x00"}]}, {"half": "\ud83d"}, {"\x00": 1}],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_field_that_holds_something_else_is_refused(field: str, value: Any) -> None:
    with pytest.raises(EnvelopeMalformed):
        opened(_signed(json.dumps({**_payload(), field: value})), KEY.public_key())


@pytest.mark.parametrize("field", list(WRONG))
def test_a_field_that_is_missing_is_refused(field: str) -> None:
    payload = _payload()
    del payload[field]
    with pytest.raises(EnvelopeMalformed):
        opened(_signed(json.dumps(payload)), KEY.public_key())


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_without_end_is_refused(number: str) -> None:
    text = json.dumps({**_payload(), "body": {"much": "?"}}).replace('"?"', number)
    with pytest.raises(EnvelopeMalformed):
        opened(_signed(text), KEY.public_key())


@pytest.mark.parametrize("text", ["", "5", "null", '"a"', "[]", "{", '{"id":'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(EnvelopeMalformed):
        opened(_signed(text), KEY.public_key())


def test_another_encoding_is_refused() -> None:
    text = json.dumps(_payload()).encode("utf-16")
    sealed = jwt.PyJWS(algorithms=["EdDSA"]).encode(text, KEY, "EdDSA", {"kid": ORIGIN})
    with pytest.raises(EnvelopeMalformed):
        opened(sealed, KEY.public_key())


@pytest.mark.parametrize("signer", ["", "x", ORIGIN.upper(), f"{ORIGIN}0", "\x00" * 32, "٣" * 32])
def test_a_signer_that_is_no_nodes_name_is_refused(signer: str) -> None:
    with pytest.raises(EnvelopeMalformed):
        signer_of(_signed("{}", kid=signer))


def test_an_unsigned_one_is_refused() -> None:
    head = jwt.utils.base64url_encode(json.dumps({"alg": "none", "kid": ORIGIN}).encode()).decode()
    with pytest.raises(EnvelopeMalformed):
        opened(f"{head}.{SEALED.split('.')[1]}.", KEY.public_key())


def test_one_that_is_too_long_is_neither_sealed_nor_read() -> None:
    with pytest.raises(EnvelopeMalformed):
        seal(replace(PLAIN, body={"words": "长" * MOST_BYTES}), KEY)
    with pytest.raises(EnvelopeMalformed):
        signer_of(SEALED + "A" * MOST_BYTES)


@pytest.mark.parametrize("words", ["\x00", "\ud800", float("nan"), float("inf")])
def test_what_no_node_could_keep_is_not_even_sealed(words: Any) -> None:
    with pytest.raises(EnvelopeMalformed):
        seal(replace(PLAIN, body={"words": [words]}), KEY)


def test_a_long_title_is_cut_and_not_refused() -> None:
    payload = {**_payload(), "title": "长" * 300}
    assert len(opened(sign(payload, ORIGIN, KEY), KEY.public_key()).title) == 200
