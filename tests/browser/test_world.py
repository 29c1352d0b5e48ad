"""The world that the browser suite looks at. It is filled here, in the worker that waits most; the others find it ready and copy it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from tests.browser import pages
from tests.browser.node import filled_world

pytestmark = pytest.mark.browser


def test_the_world_holds_a_record_for_every_page_and_an_account_for_every_role(common: Path, chromium: str) -> None:
    world = filled_world(common, settings.DATABASES["default"])
    looks = pages.looks()
    assert not {argument for look in looks for argument in look.arguments} - set(world.told["records"])
    assert not {look.role for look in looks if look.role} - set(world.told["accounts"])
