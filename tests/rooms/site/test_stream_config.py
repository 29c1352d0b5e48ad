"""How often the stream writes through to the disk is told by the environment, and only what the detector can live with is accepted."""

from __future__ import annotations

import pytest

from anlan.sense.stream.detector import SETTLE_SECONDS
from anlan.site.launcher import stream_config
from anlan.site.launcher.say import Trouble


@pytest.mark.parametrize("told", ["always", "1ms", "100ms", "500ms"])
def test_a_window_within_reason_is_taken(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_STREAM_SYNC", told)
    assert stream_config.written_through() == told


@pytest.mark.parametrize("told", ["", "0ms", "501ms", "2s", "never", "100", "always; port: 1"])
def test_anything_else_is_refused_in_words(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_STREAM_SYNC", told)
    with pytest.raises(Trouble, match="ANLAN_STREAM_SYNC"):
        stream_config.written_through()


def test_the_detector_waits_longer_than_the_longest_window() -> None:
    assert SETTLE_SECONDS * 1000 >= stream_config.LONGEST_SYNC_MS
