"""The real supervisor with the real database and stream, killed in every way."""

import os
import time

import psutil
import pytest

from anlan.site.launcher import engines, node, ordered, status, supervision
from anlan.site.launcher.node import ENGINE_VARIABLES
from anlan.site.launcher.processes import DATABASE, STREAM

pytestmark = pytest.mark.engines


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A node of which only the engines run, supervised."""
    for variable in ENGINE_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    made = node.prepare(tmp_path / "home", port=node.free_port(), host=None, empty=True, usual_ports=False)
    ordered.prepare_engines(made)
    supervision.launch(made)
    try:
        start_engines(made)
        yield made
    finally:
        supervision.stop_all(made)


def start_engines(made):
    addresses = made.environment()
    for stage in (DATABASE, STREAM):
        supervision.start_stage(made, stage)
    until(lambda: engines.database_answers(addresses["ANLAN_DATABASE_URL"]) and engines.port_answers(addresses["ANLAN_NATS_URL"]))
    until(lambda: state(made, "nats")["state"] == "running" and state(made, "postgres")["state"] == "running")
    until(lambda: {"nats", "postgres"} <= supervision.recall(made).keys())


def until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.1)


def state(made, name):
    return next(row for row in status.of(made)["services"] if row["name"] == name)


def test_whatever_is_killed_is_told_truly_and_comes_back(running):
    for name in ("nats", "postgres"):
        before = state(running, name)
        psutil.Process(before["pid"]).kill()
        until(lambda name=name, before=before: state(running, name)["pid"] != before["pid"], 5)
        assert status.of(running)["overall"] == "degraded"
        until(lambda name=name, before=before: state(running, name)["state"] == "running" and state(running, name)["restarts"] == 1)
        assert state(running, name)["pid"] != before["pid"]
        assert psutil.pid_exists(state(running, name)["pid"])

    address = running.environment()["ANLAN_DATABASE_URL"]
    until(lambda: engines.database_answers(address))

    # The supervisor itself: the watch ends what it left and brings everything back.
    old = supervision.supervisor_pid(running)
    psutil.Process(old).kill()
    until(lambda: supervision.supervisor_pid(running) not in {None, old})
    until(lambda: engines.database_answers(address) and state(running, "nats")["state"] == "running")


def test_a_clean_stop_leaves_no_process_and_no_socket_and_the_database_comes_up_again(running):
    pids = [row["pid"] for row in status.of(running)["services"] if row["pid"]]
    assert len(pids) == 2
    engines.make_database(running.environment()["ANLAN_DATABASE_URL"])
    supervision.stop_all(running)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert status.of(running)["overall"] == "stopped"
    assert "database system is shut down" in (running.logs / "postgres.log").read_text()
    assert not [path for path in running.run.rglob("*") if path.is_socket()]

    again = node.prepare(running.home, port=None, host=None, empty=True)
    ordered.prepare_engines(again)
    supervision.launch(again)
    start_engines(again)
    assert engines.database_answers(again.environment()["ANLAN_DATABASE_URL"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another user")
def test_a_root_node_runs_the_database_as_an_ordinary_user(running):
    server = psutil.Process(state(running, "postgres")["pid"])
    assert server.uids().real != 0
    assert server.username() == engines.UNPRIVILEGED
