"""What the supervisor is told, in which order things stop, and what the watch does about those that fall."""

import configparser
import shlex

import pytest

from anlan.site.launcher import engines, main, node, processes, status, supervision, watch
from anlan.site.launcher.node import ENGINE_VARIABLES


@pytest.fixture
def made(tmp_path, monkeypatch):
    for variable in ENGINE_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    return node.prepare(tmp_path / "100% home", port=18121, host=None, empty=False)


class Recorder:
    """Stands in for the supervisor: everything runs until it is told to stop."""

    def __init__(self, node_):
        self.calls = []
        self.states = {service.name: "RUNNING" for service in processes.services(node_)} | {"watch": "RUNNING"}

    def answers(self):
        return True

    def processes(self):
        return {name: {"name": name, "statename": state, "pid": 0} for name, state in self.states.items()}

    def start(self, name):
        self.calls.append(("start", name))

    def stop(self, name):
        self.calls.append(("stop", name))
        self.states[name] = "STOPPED"

    def end(self):
        self.calls.append(("end", ""))


@pytest.fixture
def recorder(made, monkeypatch):
    recorder = Recorder(made)
    for module in (supervision, watch):
        monkeypatch.setattr(module, "Supervisor", lambda _node: recorder)
    return recorder


def configured(made, monkeypatch):
    # How root starts the database is tried out on real folders elsewhere.
    monkeypatch.setattr(engines, "_prefix", lambda *_folders: ())
    parser = configparser.ConfigParser(interpolation=configparser.BasicInterpolation(), strict=True)
    parser.read_string(supervision.configuration(made))
    return parser


def test_every_service_is_configured_to_come_back_and_to_keep_its_log_small(made, monkeypatch):
    config = configured(made, monkeypatch)
    for service in processes.services(made):
        program = config[f"program:{service.name}"]
        assert program["autorestart"] == "true"
        assert int(program["startretries"]) >= 5
        assert int(program["stdout_logfile_maxbytes"]) > 0
        assert program["stdout_logfile"] == f"{made.logs}/{service.name}.log"


def test_a_percent_sign_in_a_path_survives(made, monkeypatch):
    config = configured(made, monkeypatch)
    assert "100% home" in " ".join(shlex.split(config["program:nats"]["command"]))


def test_the_database_gets_its_signal_alone_and_shuts_down_fast(made, monkeypatch):
    program = configured(made, monkeypatch)["program:postgres"]
    assert (program["stopsignal"], program["stopasgroup"]) == ("INT", "false")


def test_takers_of_work_stop_before_the_stream_and_the_stream_before_the_database(made, recorder):
    supervision.stop_all(made)
    order = [name for verb, name in recorder.calls if verb == "stop"]
    assert order[0] == "watch", "or it would start again what is stopped"
    assert order[-2:] == ["nats", "postgres"]
    assert order.index("simulator") < order.index("web")
    assert all(order.index(name) < order.index("nats") for name in ("web", "worker", "gatekeeper", "intake", "alarms", "telemetry"))
    assert recorder.calls[-1] == ("end", "")


def test_every_process_of_the_table_exists():
    from importlib.util import find_spec

    missing = [service.module for service in processes.SERVICES_TABLE if service.module and find_spec(service.module) is None]
    assert missing == []


def test_an_empty_node_has_no_demonstration_devices(tmp_path):
    empty = node.prepare(tmp_path / "home", port=18122, host=None, empty=True)
    assert "simulator" not in [service.name for service in processes.services(empty)]


def test_what_the_supervisor_gave_up_is_tried_again_after_a_pause_for_ever(made, recorder):
    observer = watch.Watch(made)
    recorder.states["web"] = "FATAL"
    for second in range(100):
        observer.look(recorder.processes(), float(second))
    starts = [call for call in recorder.calls if call == ("start", "web")]
    assert len(starts) == 4


def test_restarts_are_counted_by_new_processes(made, recorder, monkeypatch):
    monkeypatch.setattr(watch, "end_group", lambda _pid: None)
    monkeypatch.setattr(watch.psutil, "Process", lambda pid: type("P", (), {"create_time": lambda self: 1.0 * pid})())
    observer = watch.Watch(made)
    for pid in (100, 100, 200, 300, 300):
        states = recorder.processes()
        states["intake"]["pid"] = pid
        observer.look(states, 0.0)
    assert observer.seen["intake"].restarts == 2
    assert supervision.recall(made)["intake"].restarts == 2, "kept for status"


def test_a_process_killed_this_moment_is_not_called_running(made, recorder):
    row = status._row("nats", "", {"statename": "RUNNING", "pid": 2**22 + 5}, None)
    assert (row["state"], row["pid"]) == ("killed", None)


def test_nothing_runs_in_an_unused_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ANLAN_HOME", str(tmp_path / "unused"))
    assert main.main(["status", "--json"]) == 3
    assert '"overall": "stopped"' in capsys.readouterr().out
    assert main.main(["stop"]) == 0


def test_start_of_a_running_node_says_so_and_starts_nothing(made, recorder, monkeypatch, capsys):
    monkeypatch.setenv("ANLAN_HOME", str(made.home))
    assert main.main(["start", "--background"]) == 0
    assert "runs already" in capsys.readouterr().out
    assert recorder.calls == []


def test_an_unknown_command_is_one_sentence(capsys):
    assert main.main(["strat"]) == 2
    assert "there is no command 'strat'" in capsys.readouterr().err
