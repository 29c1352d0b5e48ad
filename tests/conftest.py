"""What every test may ask for: engines, a database of its own, a movable clock, real places, the browser, reference material.

``./anlan test`` starts the engines and hands their addresses over. Pytest run by hand without ``ANLAN_DATABASE_URL`` starts its own.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import gc
import os
import pickle
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# A property holds or does not; how long an example takes on a busy machine says nothing.
hypothesis.settings.register_profile("anlan", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("anlan")

JINAN = "3701"
PROJECT = Path(__file__).resolve().parents[1]
_borrowed = ExitStack()


def _own_engines() -> None:
    """Start engines and point the settings at them; pytest-django read the settings before this file."""
    from django.conf import settings

    from anlan.site import environment
    from anlan.site.launcher.scratch import scratch_node

    atexit.register(_borrowed.close)
    node = _borrowed.enter_context(scratch_node(telemetry=True))
    addresses = node.environment()
    settings.DATABASES["default"].update(environment.django_database(addresses["ANLAN_DATABASE_URL"], os.environ.get("ANLAN_TEST_DB")))
    settings.ANLAN.update(HOME=node.home, NATS_URL=addresses["ANLAN_NATS_URL"], TELEMETRY_URL=addresses["ANLAN_TELEMETRY_URL"])


if not os.environ.get("ANLAN_DATABASE_URL"):
    _own_engines()


WALK = "tests/browser/test_pages.py"
WORLD = "tests/browser/test_world.py"
NODES = "tests/rooms/federation/test_running_nodes.py"
TOGETHER = (
    WALK,
    WORLD,
    "tests/browser/",
    NODES,
    "tests/rooms/ground/places/",
    "tests/rooms/sense/detection/test_multivariate.py",
    "tests/rooms/sense/stream/test_tep.py",
    "tests/stories/test_unit_story.py",
)
"""Tests that share something dear (a node and a browser, the whole country, a learnt model) run in one worker. The walk through every page is
apart from the other browser tests: two processors would wait for them at the end."""
WALKS = 4
WAITING = (
    WORLD,
    NODES,
    "tests/rooms/sense/detection/test_detector.py",
    "tests/rooms/sense/gateways/",
    "tests/rooms/sense/stream/",
    "tests/rooms/site/test_launcher_",
    "tests/stories/test_outage.py",
)
"""Tests of whole processes, which wait more than they work and touch no database; before them the world is filled for which others would wait."""


class DearTogether(LoadScopeScheduling):
    """Hands out tests one by one in the order in which they were collected, but those of :data:`TOGETHER` all at once.

    One worker begins with those of :data:`WAITING`, which are collected last: while they wait, the others have the processors. Were they left
    to the end, everybody would wait at once.

    The order matters: pytest-django puts what touches the database first, and nothing of that may run in a worker after its browser was opened
    (the browser's event loop outlives the rollback). Marks of groups are of no use: the node ids that pytest 9 tells are no longer those that
    xdist 3.8 writes the group into.
    """

    waiter: WorkerController | None = None
    """The worker that runs what waits."""

    def _split_scope(self, nodeid: str) -> str:
        found = next((prefix for prefix in TOGETHER if nodeid.startswith(prefix)), nodeid)
        # The walk is the longest of all: in parts, so that no processor waits for another at the end. A worker keeps its node for its next part.
        return f"{found}{crc32(nodeid.encode()) % WALKS}" if found == WALK else found

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self.waiter not in self.assigned_work:
            self.waiter = node
        last = next(reversed(self.workqueue))
        if node is self.waiter and last.startswith(WAITING):
            self.workqueue.move_to_end(last, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """How tests are handed to workers."""
    config.option.loadscopereorder = False
    return DearTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits comes last, the first of it at the very end, where its worker begins; the order is otherwise as pytest-django left it."""

    def place(item: pytest.Item) -> int:
        kind = next((number for number, prefix in enumerate(WAITING) if item.nodeid.startswith(prefix)), None)
        return 0 if kind is None or item.get_closest_marker("django_db") else len(WAITING) - kind

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Tests, modules and tables are there until the end: the collector need not walk them again after each thousand new objects."""
    gc.collect()
    gc.freeze()


# Playwright keeps its event loop running in the thread of the tests, and Django would refuse the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """With ``ANLAN_TEST_COSTS`` naming a file, write what each test took of the worker's processor; other work on the machine does not count."""
    costs = os.environ.get("ANLAN_TEST_COSTS")
    began = time.process_time()
    answer = yield
    if costs:
        with Path(costs).open("a", encoding="utf-8") as kept:
            kept.write(f"{time.process_time() - began:.3f} {item.nodeid}\n")
    return answer


def _without_the_browsers_loop(item: pytest.Item) -> Iterator[None]:
    loop = None if item.get_closest_marker("browser") else asyncio._get_running_loop()
    if loop is None:
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Let a test's own event loops run although a browser was open before."""
    return (yield from _without_the_browsers_loop(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """The same for the test itself."""
    return (yield from _without_the_browsers_loop(item))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Copy the migrated database that ``./anlan test`` made, instead of migrating once for every worker."""
    from django.db import connections

    template = os.environ.get("ANLAN_TEST_TEMPLATE")
    if template:
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A password takes a tenth of a second by design; that the node's own method is slow has a test of its own."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickArgon2"]):
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference material beside the checkout (or ``ANLAN_SHARED``); tests that need it are skipped without it."""
    found = Path(os.environ.get("ANLAN_SHARED") or PROJECT.parent / "shared")
    if not found.is_dir():
        pytest.skip(f"reference material is not there: {found} (set ANLAN_SHARED)")
    return found


@pytest.fixture
def clock() -> Iterator[ModuleType]:
    """The node's clock, stopped at a fixed moment; move it with ``set`` and ``advance``. It runs again afterwards."""
    from anlan.kernel import clock as kernel_clock

    kernel_clock.set(datetime(2026, 11, 22, 0, 0, tzinfo=UTC))
    yield kernel_clock
    kernel_clock.run()


@pytest.fixture(scope="session")
def jinan_assembled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The part of the nation that :func:`jinan_places` loads, put together once for all workers of a run: that takes seconds, reading it none."""
    from anlan.ground.places import loading

    own = tmp_path_factory.getbasetemp()
    folder = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    kept, part = folder / "jinan.pickle", loading._small_part
    with (folder / "jinan.lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(part(JINAN)))
        fcntl.flock(lock, fcntl.LOCK_UN)
        ground = pickle.loads(kept.read_bytes())
        patch.setattr(loading, "_small_part", lambda within: ground if within == JINAN else part(within))
        yield


@pytest.fixture
def jinan_places(db: None, jinan_assembled: None) -> None:
    """The real places of Jinan (3701) with everything above it, loaded from the data packages."""
    from anlan.ground.places import loading

    loading.load(within=JINAN)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium. Without one the browser suite is skipped with the reason; under CI it fails."""
    from anlan.site.launcher import browser

    found = browser.chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(browser.MISSING)
    if found is None:
        pytest.skip(browser.MISSING)
    return found
