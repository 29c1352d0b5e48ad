"""The node's folder, ports and secrets, and the plain sentences when something is in the way."""

import errno
import json
import os
import socket
import stat
from dataclasses import replace

import pytest

from anlan.site.launcher import main, node, processes, say, start, stream_config
from anlan.site.launcher.node import ENGINE_VARIABLES


@pytest.fixture(autouse=True)
def no_foreign_engines(monkeypatch):
    for variable in (*ENGINE_VARIABLES.values(), "ANLAN_MQTT_URL", "ANLAN_FIELD_HOST", "ANLAN_FIELD_PORTS"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(autouse=True)
def field_ports_that_nobody_holds(monkeypatch):
    """A node may be running on this machine and hold the usual ones."""
    free: set[int] = set()
    for _ in node.FIELD_PORTS:
        free.add(node.free_port(free))
    monkeypatch.setattr(node, "FIELD_PORTS", dict(zip(node.FIELD_PORTS, sorted(free), strict=True)))


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def prepared(home, **choices):
    return node.prepare(home, **{"port": None, "host": None, "empty": True, **choices})


def test_a_first_start_chooses_ports_secrets_and_mode_and_a_second_keeps_them(home):
    first = prepared(home, port=node.free_port())
    second = prepared(home)
    assert (first.ports, first.code, first.demo) == (second.ports, second.code, second.demo)
    assert first.secret("secret-key") == second.secret("secret-key")
    assert len(set(first.ports.values())) == len(first.ports) == 1 + len(node.ENGINE_PORTS) + len(node.FIELD_PORTS)


def test_secrets_are_for_the_owner_only(home):
    made = prepared(home)
    for path in [made.secrets, *made.secrets.iterdir(), home / "node.json"]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_port_that_somebody_took_meanwhile_is_replaced_by_a_free_one(home):
    first = prepared(home)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        kept = json.loads((home / "node.json").read_text())
        kept["ports"]["nats"] = taken
        (home / "node.json").write_text(json.dumps(kept))
        second = prepared(home)
    assert second.ports["nats"] != taken
    assert second.ports["mqtt"] == first.ports["mqtt"]


def test_field_equipment_is_heard_on_loopback_unless_told_otherwise_and_what_was_told_is_kept(home, monkeypatch):
    assert set(prepared(home).field_ports) == set(node.FIELD_PORTS)
    free = node.free_port()
    monkeypatch.setenv("ANLAN_FIELD_PORTS", f"jt808={free}, hj212=0")
    monkeypatch.setenv("ANLAN_FIELD_HOST", "0.0.0.0")
    told = prepared(home)
    assert told.field_ports["jt808"] == free and "hj212" not in told.field_ports
    for variable in ("ANLAN_FIELD_PORTS", "ANLAN_FIELD_HOST"):
        monkeypatch.delenv(variable)
    kept = prepared(home)
    assert (kept.field_host, kept.field_ports["jt808"]) == ("0.0.0.0", free) and "hj212" not in kept.field_ports
    assert f"jt808=0.0.0.0:{free}" in kept.environment()["ANLAN_GATEWAY_LISTEN"].split(",")
    assert {service.name for service in processes.services(kept)} >= {"gateway", "fetcher"}
    monkeypatch.setenv("ANLAN_FIELD_PORTS", ",".join(f"{name}=0" for name in node.FIELD_PORTS))
    assert "gateway" not in {service.name for service in processes.services(prepared(home))}


def test_a_field_port_that_is_taken_is_said_and_tried_again_at_the_next_start(home, monkeypatch, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setenv("ANLAN_FIELD_PORTS", f"jt808={taken}")
        moved = prepared(home)
        assert moved.field_ports["jt808"] != taken
        assert f"Port {taken} for jt808" in capsys.readouterr().out
    monkeypatch.delenv("ANLAN_FIELD_PORTS")
    assert prepared(home).field_ports["jt808"] == taken


@pytest.mark.parametrize("told", ["telegraph=1", "jt808", "jt808=x", "jt808=70000"])
def test_a_field_port_that_makes_no_sense_is_refused_with_the_protocols_there_are(home, monkeypatch, told):
    monkeypatch.setenv("ANLAN_FIELD_PORTS", told)
    with pytest.raises(say.Trouble, match="jt808"):
        prepared(home)


def test_a_taken_public_port_is_refused_with_the_way_out(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        made = prepared(home, port=other.getsockname()[1])
        with pytest.raises(say.Trouble, match=r"already in use by another program.*--port"):
            node.check_web_port(made)


def test_a_number_that_is_no_port_is_refused(home):
    with pytest.raises(say.Trouble, match="not a port number"):
        node.check_web_port(prepared(home, port=99999))


def test_a_demonstration_never_becomes_an_empty_node(home):
    prepared(home, empty=False)
    with pytest.raises(say.Trouble, match="holds the demonstration"):
        prepared(home, empty=True)


def test_an_empty_node_stays_empty_when_started_without_the_word(home):
    prepared(home, empty=True)
    assert prepared(home, empty=False).demo is False


def test_an_address_in_the_environment_replaces_an_engine(home, monkeypatch):
    monkeypatch.setenv("ANLAN_DATABASE_URL", "postgres://db.example/anlan")
    made = prepared(home)
    assert not made.runs("postgres")
    assert made.runs("nats")
    assert made.environment()["ANLAN_DATABASE_URL"] == "postgres://db.example/anlan"
    monkeypatch.delenv("ANLAN_DATABASE_URL")
    assert not node.read(home).runs("postgres"), "a command in another shell knows what the node was started with"
    assert prepared(home).runs("postgres"), "the next start asks the environment again"


def test_the_processes_own_variables_do_not_look_like_foreign_engines(home, monkeypatch):
    made = prepared(home)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    assert node.read(home).runs("postgres")


def test_a_long_folder_gets_a_short_socket_folder_of_its_own(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    made = prepared(deep)
    assert len(str(made.sockets / "postgres" / ".s.PGSQL.5432.lock").encode()) < 107
    assert stat.S_IMODE(made.sockets.stat().st_mode) == 0o700
    assert made.sockets != prepared(tmp_path / ("d" * 60) / ("f" * 60)).sockets


def test_a_copied_folder_carries_no_path_of_its_old_place(home, tmp_path):
    made = prepared(home)
    copied = home.rename(tmp_path / "elsewhere")
    again = node.read(copied)
    assert again.code == made.code
    assert str(home) not in json.dumps(again.environment())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_one_plain_sentence(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(say.Trouble, match="No permission to write"):
        prepared(closed / "home")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "No permission to write"),
        (errno.EDQUOT, "quota"),
    ],
)
def test_a_refusing_file_system_is_one_plain_sentence(home, monkeypatch, number, sentence):
    def refuse(*_arguments, **_named):
        raise OSError(number, os.strerror(number), str(home))

    monkeypatch.setattr(type(home), "mkdir", refuse)
    with pytest.raises(say.Trouble, match=sentence):
        prepared(home)


def test_a_full_disk_stops_a_start_before_anything_runs(home, monkeypatch, capsys):
    monkeypatch.setenv("ANLAN_HOME", str(home))
    monkeypatch.setattr(start.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 5_000_000})())
    assert main.main(["start", "--empty", "--background"]) == 1
    said = capsys.readouterr().err
    assert "Only 5 MB are free" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: write failed: No space left on device (os error 28)", "The disk is full"),
        ("dns error: failed to lookup address information: Temporary failure in name resolution", "package index was not reached"),
        ("npm error code ENOTFOUND", "package index was not reached"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES: Expected … but hash mismatch", "not the one that was locked"),
        ("[Errno 13] Permission denied: '/srv/anlan/.venv'", "No permission"),
        ("something quite new\nlast words", "last words"),
    ],
)
def test_what_tools_print_becomes_one_sentence(tmp_path, output, sentence):
    assert sentence in say.explain_output(output, "Installing", tmp_path / "log")


def test_the_stream_asks_the_gatekeeper_about_everybody_but_the_nodes_own_processes(home):
    made = prepared(home)
    config = stream_config.nats_config(made)
    issuer = stream_config.issuer(made)
    assert issuer.startswith("A")
    assert f"issuer: {issuer}" in config
    assert f'listen: "127.0.0.1:{made.ports["nats"]}"' in config
    assert made.secret("nats-issuer.seed") not in config


def test_devices_of_the_network_reach_mqtt_only_when_the_node_serves_the_network(home):
    made = prepared(home)
    assert f'listen: "127.0.0.1:{made.ports["mqtt"]}"' in stream_config.nats_config(made)
    assert f'listen: "0.0.0.0:{made.ports["mqtt"]}"' in stream_config.nats_config(replace(made, host="0.0.0.0"))
