"""What the launcher says: progress lines with elapsed seconds, and troubles as plain sentences instead of tracebacks."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The set-up that ran before this process, in the same command, hands its beginning over.
_STARTED = float(os.environ.pop("ANLAN_BEGAN", 0) or time.monotonic())
HEARTBEAT_SECONDS = 20.0


class Trouble(Exception):
    """Something the operator can mend: what is wrong and what to do, in one or two plain sentences."""

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def hand_over() -> None:
    """Let the process that replaces this one go on counting seconds."""
    os.environ["ANLAN_BEGAN"] = str(_STARTED)


def line(text: str = "") -> None:
    """One line to the operator on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """One progress line with the seconds since the command began."""
    line(f"[{time.monotonic() - _STARTED:6.1f} s] {text}")


def complain(text: str) -> None:
    """One line to the operator on standard error."""
    sys.stdout.flush()
    sys.stderr.write(f"anlan: {text}\n")
    sys.stderr.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """A step that takes a while: said when it begins, and again now and then until it ends."""
    progress(f"{text} …")
    ended = threading.Event()
    began = time.monotonic()

    def heartbeat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            progress(f"  … {text[:1].lower()}{text[1:]}: {time.monotonic() - began:.0f} s so far")

    thread = threading.Thread(target=heartbeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def explain(error: OSError) -> str:
    """The plain sentence for an operating system error."""
    where = f" at {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{where}. Free some space and try again."
    if error.errno == errno.EDQUOT:
        return f"The disk quota is used up{where}. Free some space and try again."
    if error.errno == errno.EROFS:
        return f"The file system is read-only{where}. Choose another folder (ANLAN_HOME for data) and try again."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"No permission to write{where}. Give this user the right, or choose another folder (ANLAN_HOME for data)."
    if error.errno == errno.EADDRINUSE:
        return f"A network port is already in use{where}."
    return f"The operating system refused: {error.strerror or error}{where}."


# What package tools print, and what it means. First match wins.
_KNOWN: tuple[tuple[tuple[str, ...], str], ...] = (
    (("No space left on device", "ENOSPC"), "The disk is full. Free some space and try again."),
    (("Disk quota exceeded",), "The disk quota is used up. Free some space and try again."),
    (("Read-only file system", "EROFS"), "The file system is read-only. Make it writable and try again."),
    (("Permission denied", "EACCES"), "No permission to write there. Run as the owner of the folder, or give this user the right."),
    (
        ("do not match the hashes", "hash mismatch", "Hash mismatch", "EINTEGRITY"),
        "A downloaded package is not the one that was locked. Nothing was installed; check the package index or mirror that is configured.",
    ),
    (
        (
            "Temporary failure in name resolution",
            "Name or service not known",
            "dns error",
            "Failed to establish a new connection",
            "Network is unreachable",
            "error sending request",
            "Connection refused",
            "timed out",
            "tunnel error",
            "Could not connect",
            "ConnectTimeout",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ECONNREFUSED",
            "ECONNRESET",
            "ETIMEDOUT",
            "Could not find a version that satisfies",
            "No matching distribution",
        ),
        "The package index was not reached. Check the network and the index or proxy settings of pip and npm, then try again.",
    ),
)


def explain_output(output: str, doing: str, log: Path) -> str:
    """The plain sentence for a failed tool: the known cause, or its last line and where the rest stands."""
    for marks, sentence in _KNOWN:
        if any(mark in output for mark in marks):
            return f"{doing} failed. {sentence} Details: {log}"
    last = [text for text in output.strip().splitlines() if text.strip()][-1:] or ["it said nothing"]
    return f"{doing} failed: {last[0].strip()[:300]} — details: {log}"
