"""JT/T 808: frames, messages and positions of vehicle terminals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anlan.kernel.errors import Refusal
from anlan.wire.framing import Frame
from anlan.wire.jt808.framing import Framer
from anlan.wire.jt808.message import decode, encode


@pytest.fixture(scope="module")
def samples(shared: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared / "samples" / "jt808" / "frames.jsonl").read_text().splitlines()]


def test_every_collected_frame_is_judged_as_it_is_labelled(samples: list[dict[str, Any]]) -> None:
    for sample in samples:
        data = bytes.fromhex(sample["frame"])
        assert Framer().feed(data) == [Frame(data)]
        try:
            message = decode(data)
        except Refusal as refusal:
            assert not sample["valid"], f"{sample['frame'][:60]}: {refusal}"
            if not sample["xor_ok"]:
                assert refusal.code in {"jt808_check_byte", "jt808_too_short"}
            else:
                assert refusal.code == "jt808_length"
            continue
        assert sample["valid"], sample["frame"][:60]
        assert f"{message.identifier:04X}" == sample["msg_id"]
        assert (message.version is not None) == sample["v2019"]
        assert (message.part is not None) == sample["subpackage"]
        assert encode(message) == data
    assert len(samples) == 321
