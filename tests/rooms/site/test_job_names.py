"""Jobs by name: what code asks for and what the worker knows."""

from __future__ import annotations

import re
from pathlib import Path

from procrastinate.contrib.django import app

import anlan


def test_every_job_that_some_code_asks_for_is_declared() -> None:
    """A job that nobody declares is taken up, not found and given up, and whoever waits for it waits for ever."""
    sources = Path(anlan.__file__).parent.rglob("*.py")
    asked = {name for path in sources for name in re.findall(r'configure_task\(\s*"([\w.]+)"', path.read_text(encoding="utf-8"))}
    assert len(asked) > 5
    assert not asked - app.tasks.keys()
