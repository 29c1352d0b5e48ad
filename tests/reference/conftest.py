"""The open reference cases of the test module that asks: it names its ``TOPIC``."""

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def cases(request: pytest.FixtureRequest, shared: Path) -> dict[str, Any]:
    """Every case of the module's topic by its identifier; the test is skipped where the cases are not there."""
    path = shared / "reference/consequence" / f"{request.module.TOPIC}.json"
    if not path.is_file():
        pytest.skip(f"reference cases are not there: {path}")
    return {case["id"]: case for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}
