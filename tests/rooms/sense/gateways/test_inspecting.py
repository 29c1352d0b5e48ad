"""``anlan wire``: what frames say, and samples held against their labels."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from anlan.sense.gateways.inspecting import main
from anlan.sense.gateways.inspectors import INSPECTORS, inspect
from anlan.site.launcher.main import main as anlan

HJ212 = "##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200"
SL651 = "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F0591011154920190000052619000005392300000127381211150320FA"


@pytest.fixture
def samples(shared: Path, tmp_path: Path) -> Path:
    """A copy of the samples that may be changed."""
    for protocol in INSPECTORS:
        shutil.copytree(shared / "samples" / protocol, tmp_path / protocol, copy_function=shutil.copyfile)
    for path in tmp_path.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path


def relabel(path: Path, number: int, **label: object) -> None:
    lines = path.read_text().splitlines()
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | label)
    path.write_text("\n".join(lines))


def test_every_sample_is_judged_as_its_label_says(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert anlan(["wire", "check", str(shared / "samples")]) == 0
    said = capsys.readouterr().out
    assert "DISAGREES" not in said
    summary = {line.split(":")[0]: line for line in said.splitlines() if line.endswith("disagree")}
    assert set(summary) == set(INSPECTORS)
    assert summary["jt808"] == "jt808: 321 samples, 307 accepted, 14 refused (jt808_check_byte 11, jt808_length 3), 0 disagree"
    # Frames with the check sum of Modbus are refused and counted for themselves.
    assert (
        summary["hj212"]
        == "hj212: 55 samples, 45 accepted, 10 refused (hj212_bad_crc 5, hj212_bad_length 2, hj212_crc_modbus 3), 0 disagree"
    )
    assert "sl651  frames.jsonl:4  refused sl651_bad_checksum\n" in said


@pytest.mark.parametrize(
    ("protocol", "number", "label", "complaint"),
    [
        ("hj212", 4, {"crc_ok": False}, "accepted  DISAGREES: its label says refused"),
        ("hj212", 9, {"crc_is_plain_modbus": False}, "refused hj212_crc_modbus  DISAGREES: its label says hj212_bad_crc"),
        ("sl651", 4, {"crc_ok": True}, "refused sl651_bad_checksum  DISAGREES: its label says accepted"),
        ("jt808", 1, {"valid": False}, "accepted  DISAGREES: its label says refused"),
        ("gb26875", 2, {"valid": True}, "refused gb26875_bad_checksum  DISAGREES: its label says accepted"),
        ("gb26875", 1, {"valid": None}, "DISAGREES"),
        ("gb26875", 1, {"frame": "4G"}, "DISAGREES"),
        ("gb26875", 1, {"frame": ""}, "DISAGREES: its label says accepted"),
    ],
)
def test_a_wrong_label_is_told_and_fails(
    samples: Path, capsys: pytest.CaptureFixture[str], protocol: str, number: int, label: dict[str, object], complaint: str
) -> None:
    relabel(samples / protocol / "frames.jsonl", number, **label)
    assert main(["check", str(samples), "--summary"]) == 1
    said = capsys.readouterr().out.splitlines()
    (told,) = [line for line in said if "DISAGREES" in line]
    assert complaint in told
    assert f"frames.jsonl:{number}" in told
    assert [line.startswith(protocol) for line in said if line.endswith("1 disagree")] == [True]


def test_a_damaged_file_without_labels_fails_too(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (samples / "gb28181" / "Notify_Keepalive_51489b46.xml").write_text("<Notify><CmdType>Keepalive</CmdType>")
    assert main(["check", str(samples), "--summary"]) == 1
    assert "refused gb28181_" in capsys.readouterr().out


def test_a_folder_without_samples_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert main(["check", str(tmp_path / "none")]) == 2
    assert "no folder" in capsys.readouterr().err


def decode(capsys: pytest.CaptureFixture[str], protocol: str, path: Path, *options: str) -> tuple[int, str]:
    code = main(["decode", protocol, str(path), *options])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("form", ["raw", "hex", "spaced hex", "lines of frame", "lines of hex"])
def test_a_frame_is_said_in_whatever_form_it_is_at_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    path, data = tmp_path / "input", bytes.fromhex(SL651)
    match form:
        case "raw":
            path.write_bytes(data)
        case "hex":
            path.write_text(SL651 + "\n")
        case "spaced hex":
            path.write_text(data[:20].hex(" ") + "\n" + data[20:].hex(" "))
        case _:
            path.write_text(json.dumps({form.rpartition(" ")[2]: SL651}) + "\n\n")
    code, said = decode(capsys, "sl651", path)
    assert code == 0
    assert "   station   0012345678\n" in said
    assert "PT  降水量累计值  0.5  mm\n" in said


def test_every_form_of_a_text_protocol_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "input"
    for text in (
        HJ212,
        HJ212 + "\r\n" + HJ212,
        HJ212.encode().hex(),
        json.dumps({"frame": HJ212}),
        json.dumps({"hex": HJ212.encode().hex()}),
    ):
        path.write_text(text)
        code, said = decode(capsys, "hj212", path)
        assert code == 0, text
        assert "address  010000A8900016F000169DC0" in said
    # Digits alone are no frame of a protocol that is text, but they are its bytes and no hexadecimal ones.
    path.write_text("12345678")
    assert decode(capsys, "hj212", path)[0] == 1


def test_what_is_refused_is_told_with_its_reason_and_the_rest_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, data = tmp_path / "input", bytes.fromhex(SL651)
    path.write_bytes(b"noise" + data + data[:-1] + b"\0" + data[:30])
    code, said = decode(capsys, "sl651", path)
    assert code == 1
    assert [line for line in said.splitlines() if line[:1].isdigit()] == [
        "1  sl651  5 bytes  refused",
        "2  sl651  60 bytes  accepted",
        "3  sl651  60 bytes  refused",
        "4  sl651  30 bytes  refused",
    ]
    assert "! sl651_bad_checksum: 水文报文校验不符" in said
    assert "! sl651_broken_frame" in said


def test_json_says_the_same_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "input"
    path.write_text(HJ212[:-4] + "0000\r\n" + HJ212.replace("CP=&&", "CP=&&x") + "\r\n")
    code, said = decode(capsys, "hj212", path, "--json")
    found = [json.loads(line) for line in said.splitlines()]
    assert (code, [each["accepted"] for each in found]) == (1, [False, False])
    assert [each["refused"][0]["code"] for each in found] == ["hj212_bad_crc", "hj212_bad_length"]
    path.write_text(HJ212)
    (found,) = [json.loads(line) for line in decode(capsys, "hj212", path, "--json")[1].splitlines()]
    assert (found["accepted"], found["refused"], found["said"]["command"]) == (True, [], "1011")
    assert bytes.fromhex(found["hex"]).decode() == HJ212


def test_standard_input_is_read_and_nothing_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HJ212.encode())))
    assert main(["decode", "hj212"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["decode", "hj212"]) == 2
    assert anlan(["wire", "decode", "hj212", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_a_line_that_cannot_be_used_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "input"
    path.write_text('{"frame": 7}\n{broken}\n' + json.dumps({"frame": HJ212}))
    code, said = decode(capsys, "hj212", path)
    assert (code, said.count("wire_bad_sample"), said.count("accepted")) == (1, 2, 1)


@pytest.mark.parametrize("protocol", sorted(INSPECTORS))
def test_everything_that_a_sample_says_can_be_shown(
    shared: Path, protocol: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (shared / "samples" / protocol).iterdir():
        for option in ((), ("--json",)):
            code, said = decode(capsys, protocol, path, *option)
            assert code in (0, 1)
            assert said


@pytest.mark.parametrize("protocol", ["hj212", "sl651", "jt808", "gb26875"])
def test_no_byte_of_an_input_goes_untold(protocol: str) -> None:
    data = bytes(range(256)) * 3 + b"\x7e\x7e\x01@@##"
    # Only the line ends between frames of HJ 212 say nothing.
    told = b"".join(found.data for found in inspect(protocol, data))
    assert len(told) >= len(data) - 2 * data.count(b"\x7e")
