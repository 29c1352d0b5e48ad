"""Watches the folder into which mines drop their exchange files: ``drop/<mine code>/``. No Django.

A file is read once it is whole: it has its end mark, or it has not changed for a while. What it says is stored first, then it is moved to
``done/<day>/``, or to ``refused/<day>/`` with the reason beside it. A process killed between the two reads it again and stores the very same
messages, which the stream and the store know by their names: nothing is lost and nothing counts twice. Of a mine only its own files are taken.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import msgspec
import structlog

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.process import pause
from anlan.sense.gateways import coalfiles
from anlan.sense.gateways.coalfiles import Taken
from anlan.sense.gateways.directory import Sender
from anlan.sense.gateways.fetching import Keeper, now_ms
from anlan.sense.gateways.rules import NotInUse, UnknownAddress
from anlan.sense.gateways.session import Deliver, SetApart
from anlan.wire import coalfiles as files
from anlan.wire.addresses import COALFILE
from anlan.wire.coalfiles import Profile, State

log = structlog.get_logger()

DONE, REFUSED = "done", "refused"
LOOK_EVERY_S = 1.0
SETTLED_S = 5.0
"""A file without an end mark counts as whole after it did not change for so long. Project default."""
SILENT_S, SILENT_INTERVALS = 300.0, 10
"""A mine's line is down after so long without a file, or ten of its intervals where that is longer. Project default."""
KEEP_DONE_DAYS, KEEP_REFUSED_DAYS = 7, 30
"""So long processed files are kept. Project default; ``ANLAN_DROP_KEEP_DAYS`` tells another number for both."""
NO_FILE = "no_file"
_STATE = ".anlan.json"
_AT_ONCE = 200
_SWEEP_EVERY_S = 3600.0
_BEING_WRITTEN = (".tmp", ".part", ".filepart", ".writing")


class OtherMine(Refusal):
    code: ClassVar[str] = "coalfile_other_mine"
    sentence: ClassVar[str] = N_("文件“{name}”放在煤矿 {folder} 的目录中，内容却属于 {mine}，未采用。")
    status: ClassVar[int] = 422


class NoProfile(Refusal):
    code: ClassVar[str] = "coalfile_no_profile"
    sentence: ClassVar[str] = N_("没有与文件名“{name}”相符的格式定义，未采用。")
    status: ClassVar[int] = 422


class _Kept(msgspec.Struct):
    """What a mine's next file needs of those before it."""

    states: dict[str, tuple[State, ...]] = {}
    areas: tuple[str, ...] = ()


@dataclass
class _Mine:
    """One mine's folder."""

    folder: Path
    seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    """Size, time of change and since when both stand, by file."""
    kept: _Kept = field(default_factory=_Kept)
    heard_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file came to. ``refusals``: of the whole file."""

    taken: Taken
    refusals: tuple[Refusal, ...] = ()


class Watcher:
    """Every mine's folder below ``drop``."""

    def __init__(self, drop: Path, keeper: Keeper, *, settled_s: float = SETTLED_S, look_every_s: float = LOOK_EVERY_S) -> None:
        self._drop, self._keeper = drop, keeper
        self._settled_s, self._look_every_s = settled_s, look_every_s
        self._mines: dict[str, _Mine] = {}
        self.done = self.refused = 0

    async def run(self) -> None:
        """Watch until the node stops."""
        stop, swept = self._keeper.stop, 0.0
        self._drop.mkdir(parents=True, exist_ok=True)
        while not stop.is_set():
            try:
                await self.look()
                if time.monotonic() - swept > _SWEEP_EVERY_S or not swept:
                    swept = time.monotonic()
                    await asyncio.to_thread(self.sweep, datetime.now(UTC))
            except OSError as trouble:
                # A full or unplugged disk: what lies there stays and is read when it is back.
                log.error("drop folder not usable", folder=str(self._drop), reason=str(trouble))
                await pause(stop, 5.0)
            await pause(stop, self._look_every_s)

    async def look(self) -> int:
        """Deal with every file that is whole; how many there were."""
        found = 0
        for folder in sorted(path for path in self._drop.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] != "."):
            mine = self._mines.get(folder.name)
            if mine is None:
                mine = self._mines[folder.name] = _Mine(folder, kept=_load(folder))
            found += await self._mine(mine)
        return found

    async def _mine(self, mine: _Mine) -> int:
        sender = self._keeper.directory.find(COALFILE, mine.folder.name)
        whole = 0
        for name, settled in await asyncio.to_thread(self._candidates, mine):
            if self._keeper.stop.is_set() or whole >= _AT_ONCE:
                break
            whole += await self._file(mine, sender, name, settled=settled)
        if sender is not None and sender.in_use and time.monotonic() - mine.heard_s > _silent_s(sender):
            self._keeper.lost(sender, NO_FILE)
        return whole

    def _candidates(self, mine: _Mine) -> list[tuple[str, bool]]:
        """Regular files in the order of their times, and whether each has stood still long enough."""
        now, seen, found = time.monotonic(), {}, []
        with os.scandir(mine.folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.endswith(_BEING_WRITTEN):
                    continue
                facts = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(facts.st_mode):
                    continue
                before = mine.seen.get(entry.name)
                same = before is not None and before[:2] == (facts.st_size, facts.st_mtime_ns)
                seen[entry.name] = (facts.st_size, facts.st_mtime_ns, before[2] if before is not None and same else now)
                found.append((facts.st_mtime_ns, entry.name, now - seen[entry.name][2] >= self._settled_s))
        mine.seen = seen
        return [(name, settled) for _time, name, settled in sorted(found)]

    async def _file(self, mine: _Mine, sender: Sender | None, name: str, *, settled: bool) -> int:
        """Deal with one file; 0 when it is not whole yet."""
        path = mine.folder / name
        try:
            data = await asyncio.to_thread(_read, path)
        except OSError as trouble:
            # Gone again, not ours to read, or a link: it costs the files beside it nothing.
            log.warning("dropped file not readable", mine=mine.folder.name, file=name, reason=str(trouble))
            return 0
        profile = files.profile_of(name, files.profiles())
        read = await asyncio.to_thread(self._take, mine, sender, name, data, profile, settled)
        if read.taken.later:
            return 0
        if read.refusals:
            for refusal in read.refusals:
                self._count(sender, refusal, data)
            await asyncio.to_thread(self._move, path, REFUSED, data, read.refusals)
            self.refused += 1
            return 1
        assert sender is not None and profile is not None
        apart = [action.reason for action in read.taken.actions if isinstance(action, SetApart)]
        for action in read.taken.actions:
            if isinstance(action, Deliver) and not await self._keeper.keep(sender, action.measured, action.happened):
                # The node stops before the stream confirmed: the file stays and is read again at the next start.
                return 0
        for action in read.taken.actions:
            if isinstance(action, SetApart):
                self._keeper.set_apart(sender, action.reason, action.data)
        mine.heard_s = time.monotonic()
        self._keeper.heard(sender)
        mine.kept = _Kept(dict(read.taken.states), _areas(mine.kept.areas, profile, read.taken))
        await asyncio.to_thread(self._settle, mine, path, data, apart)
        self.done += 1
        return 1

    def _take(self, mine: _Mine, sender: Sender | None, name: str, data: bytes, profile: Profile | None, settled: bool) -> _Read:
        code = mine.folder.name
        facts = {"protocol": COALFILE, "address": code[:64]}
        if sender is None:
            return _Read(Taken(), (UnknownAddress(**facts),))
        if not sender.in_use:
            return _Read(Taken(), (NotInUse(**facts),))
        if profile is None:
            # Perhaps the name is not the last one yet.
            return _Read(Taken(), (NoProfile(name=name[:120]),)) if settled else _Read(Taken(later=True))
        taken = coalfiles.take(name, data, profile, settled=settled, states=mine.kept.states, areas=mine.kept.areas)
        if taken.later:
            return _Read(taken)
        told = {getattr(action, "address", "") for action in taken.actions} - {""}
        if not told:
            return _Read(taken, tuple(action.reason for action in taken.actions if isinstance(action, SetApart)))
        if told != {code}:
            return _Read(taken, (OtherMine(name=name[:120], folder=code[:64], mine=min(told - {code})[:64]),))
        return _Read(taken)

    def _count(self, sender: Sender | None, refusal: Refusal, data: bytes) -> None:
        if sender is not None:
            self._keeper.set_apart(sender, refusal, data)
        else:
            self._keeper.apart.add("", "", refusal.code, str(refusal), data[:400], now_ms())

    def _settle(self, mine: _Mine, path: Path, data: bytes, apart: list[Refusal]) -> None:
        """Keep what the next file needs, then put this one away."""
        _write(mine.folder / _STATE, msgspec.json.encode(mine.kept))
        self._move(path, DONE, data, apart)

    def _move(self, path: Path, where: str, data: bytes, reasons: list[Refusal] | tuple[Refusal, ...]) -> None:
        day = path.parent / where / datetime.now(UTC).strftime("%Y%m%d")
        day.mkdir(parents=True, exist_ok=True)
        target = day / path.name
        if target.exists() and target.read_bytes() != data:
            # The mine sent another file under the same name; both are kept.
            target = day / f"{path.name}.{sha256(data).hexdigest()[:8]}"
        if reasons:
            # The reason first: a file in the folder always has it beside it.
            _write(target.with_name(target.name + ".reason.txt"), "".join(f"{reason}\n" for reason in reasons).encode())
        path.replace(target)

    def sweep(self, now: datetime) -> int:
        """Remove what was kept long enough; how many days' folders that were."""
        told = os.environ.get("ANLAN_DROP_KEEP_DAYS", "")
        removed = 0
        for where, days in ((DONE, KEEP_DONE_DAYS), (REFUSED, KEEP_REFUSED_DAYS)):
            kept = int(told) if told.isdigit() else days
            for day in self._drop.glob(f"*/{where}/[0-9]*"):
                try:
                    age = now - datetime.strptime(day.name, "%Y%m%d").replace(tzinfo=UTC)
                except ValueError:
                    continue
                if age.days > kept:
                    shutil.rmtree(day)
                    removed += 1
        return removed


def _silent_s(sender: Sender) -> float:
    return max(SILENT_S, SILENT_INTERVALS * sender.entry.interval_s)


def _areas(before: tuple[str, ...], profile: Profile, taken: Taken) -> tuple[str, ...]:
    """Every area in which somebody was ever seen: where nobody is any more, the number is 0."""
    if profile.content != "people":
        return before
    return tuple(sorted({*before, *(code for code in _codes(taken) if code != profile.total)}))


def _codes(taken: Taken) -> Iterator[str]:
    for action in taken.actions:
        if isinstance(action, Deliver):
            for measured in action.measured:
                yield from measured.values


def _read(path: Path) -> bytes:
    """The file itself, never what a link in its place points to; one byte more than is allowed tells that it is too large."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as handle:
        return handle.read(files.MOST_BYTES + 1)


def _load(folder: Path) -> _Kept:
    try:
        return msgspec.json.decode((folder / _STATE).read_bytes(), type=_Kept)
    except FileNotFoundError:
        return _Kept()
    except msgspec.MsgspecError as wrong:
        log.error("what was kept of a mine cannot be read, beginning anew", mine=folder.name, reason=str(wrong)[:120])
        return _Kept()


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
