"""``anlan wire``: look at frames of field protocols, and hold samples of them against their labels.

``anlan wire decode PROTOCOL [FILE]`` says what each frame says, or why it is refused; 1 is returned when anything was refused.
``anlan wire check DIR`` takes every folder of samples in DIR whose name is a protocol's; 1 is returned when a frame was judged otherwise than its
label says. Neither needs a node.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from anlan.kernel.errors import Refusal
from anlan.sense.gateways.inspectors import INSPECTORS, BadSample, Inspected, Inspector, Sample, frame_of, inspect

_HEX = re.compile(rb"[0-9A-Fa-f\s]+")
_SHOWN_HEX = 64
REFUSED, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command; returns the exit code."""
    given = _arguments(arguments)
    if given.action == "decode":
        return _decode(given.protocol, given.file, as_json=given.json)
    return _check(Path(given.directory), summary=given.summary)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="anlan wire", description="Look at frames of field protocols.")
    actions = parser.add_subparsers(dest="action", required=True)
    decode = actions.add_parser("decode", help="say what frames say, or why they are refused")
    decode.add_argument("protocol", choices=sorted(INSPECTORS))
    decode.add_argument(
        "file",
        nargs="?",
        default="-",
        help="raw bytes, hexadecimal digits, or lines of JSON with 'frame' or 'hex' (default: standard input)",
    )
    decode.add_argument("--json", action="store_true", help="one JSON object to a line")
    check = actions.add_parser("check", help="hold samples against their labels")
    check.add_argument("directory", help="folder with a folder of samples for each protocol")
    check.add_argument("--summary", action="store_true", help="only what disagrees, and a line for each protocol")
    return parser.parse_args(arguments)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


# --- decode ----------------------------------------------------------------------------------------------------------------------------


def _decode(protocol: str, file: str, *, as_json: bool) -> int:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    number = refused = 0
    for part in inputs(data, INSPECTORS[protocol]):
        for found in _inspected(protocol, part):
            number += 1
            refused += bool(found.refused)
            _line(_as_json(number, protocol, found) if as_json else "\n".join(_as_text(number, protocol, found)))
    if number == 0:
        sys.stderr.write("anlan: there is nothing in this input.\n")
        return USAGE
    if not as_json:
        _line(f"{protocol}: {number} frames or pieces, {refused} with something refused")
    return REFUSED if refused else 0


def _inspected(protocol: str, part: bytes | BadSample) -> Iterable[Inspected]:
    return [Inspected(b"", None, (part,))] if isinstance(part, BadSample) else inspect(protocol, part)


def inputs(data: bytes, inspector: Inspector) -> Iterator[bytes | BadSample]:
    """The frames in what somebody has at hand: lines of JSON, hexadecimal digits (whose blanks and line ends count for nothing), or bytes."""
    lines = [line for line in data.splitlines() if line.strip()]
    if lines and all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        for number, line in enumerate(lines, 1):
            try:
                yield frame_of(json.loads(line), text=inspector.text)
            except (ValueError, TypeError) as wrong:
                yield BadSample(reason=f"{number} {wrong}"[:200])
        return
    digits = b"".join(data.split())
    # Text that happens to be digits only begins like none of the frames that are text.
    is_hex = bool(_HEX.fullmatch(data)) and len(digits) % 2 == 0 and (not inspector.text or digits.startswith(b"2323"))
    if data:
        yield bytes.fromhex(digits.decode()) if is_hex else data


def _as_json(number: int, protocol: str, found: Inspected) -> str:
    said = {
        "number": number,
        "protocol": protocol,
        "accepted": found.accepted,
        "said": found.said,
        "refused": [{"code": refusal.code, "sentence": refusal.message()} for refusal in found.refused],
        "hex": found.data.hex().upper(),
    }
    return json.dumps(said, ensure_ascii=False, default=str)


def _as_text(number: int, protocol: str, found: Inspected) -> Iterator[str]:
    yield f"{number}  {protocol}  {len(found.data)} bytes  {'accepted' if found.accepted else 'refused'}"
    if found.said is None:
        shown = found.data[:_SHOWN_HEX]
        yield f"   {shown.hex(' ').upper()}{' …' if len(found.data) > len(shown) else ''}"
    else:
        yield from _indented(found.said, 1)
    for refusal in found.refused:
        yield f"   ! {refusal.code}: {refusal.message()}"


def _indented(said: object, depth: int) -> Iterator[str]:
    blank = "   " * depth
    if isinstance(said, Mapping):
        width = max((len(str(name)) for name in said), default=0)
        for name, value in said.items():
            if isinstance(value, (Mapping, list)) and value:
                yield f"{blank}{name}:"
                yield from _indented(value, depth + 1)
            elif value not in ({}, []):
                yield f"{blank}{str(name).ljust(width)}  {_word(value)}"
    elif isinstance(said, list):
        for each in said:
            words = list(each.values()) if isinstance(each, Mapping) else each
            if isinstance(words, list) and words and not any(isinstance(word, (Mapping, list)) for word in words):
                yield f"{blank}-  {'  '.join(_word(word) for word in words)}"
            elif isinstance(each, (Mapping, list)):
                first, *others = _indented(each, depth + 1) if each else [""]
                yield f"{blank}-  {first.lstrip()}"
                yield from others
            else:
                yield f"{blank}-  {_word(each)}"


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# --- check -----------------------------------------------------------------------------------------------------------------------------


def _check(directory: Path, *, summary: bool) -> int:
    if not directory.is_dir():
        sys.stderr.write(f"anlan: there is no folder {directory}.\n")
        return USAGE
    folders = [(protocol, directory / protocol) for protocol in INSPECTORS if (directory / protocol).is_dir()]
    if not folders:
        sys.stderr.write(f"anlan: {directory} has no folder of samples of {', '.join(INSPECTORS)}.\n")
        return USAGE
    disagreements = sum([_check_folder(protocol, folder, summary=summary) for protocol, folder in folders])
    return REFUSED if disagreements else 0


def _check_folder(protocol: str, folder: Path, *, summary: bool) -> int:
    reasons: Counter[str] = Counter()
    frames = accepted = disagreements = 0
    for sample in INSPECTORS[protocol].samples(folder):
        frames += 1
        if isinstance(sample, BadSample):
            disagreements += 1
            _line(f"{protocol}  DISAGREES  {sample.message()}")
            continue
        found = list(inspect(protocol, sample.data))
        verdict = _verdict(found)
        accepted += verdict is None
        reasons[verdict.code if verdict is not None else ""] += 1
        wrong = _disagreement(sample, verdict)
        disagreements += wrong is not None
        if wrong is not None or not summary:
            judged = "accepted" if verdict is None else f"refused {verdict.code}"
            _line(f"{protocol}  {sample.name}  {judged}" + (f"  DISAGREES: {wrong}" if wrong else ""))
    why = ", ".join(f"{code} {count}" for code, count in sorted(reasons.items()) if code)
    refused = sum(count for code, count in reasons.items() if code)
    _line(f"{protocol}: {frames} samples, {accepted} accepted, {refused} refused{f' ({why})' if why else ''}, {disagreements} disagree")
    return disagreements


def _verdict(found: Sequence[Inspected]) -> Refusal | None:
    """Why a sample is refused: the reason of its first piece that is no frame; ``None`` if all are frames."""
    reasons = [each.refused[0] for each in found if not each.accepted and each.refused]
    return reasons[0] if reasons else None if found else BadSample(reason="0")


def _disagreement(sample: Sample, verdict: Refusal | None) -> str | None:
    if sample.accepted != (verdict is None):
        return "its label says accepted" if sample.accepted else "its label says refused"
    if verdict is not None and sample.codes and verdict.code not in sample.codes:
        return f"its label says {' or '.join(sorted(sample.codes))}"
    return None
