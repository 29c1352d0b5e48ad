"""What an import tells: what was kept, and every feature with a trouble by its place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.routing.assembly import Way, Ways
from anlan.routing.network import Network
from anlan.routing.refusals import ImportCancelled, NoRoadsInFile

Progress = Callable[[int, int], None]
"""``progress(done, total)``; ``total`` is 0 while nobody knows it."""
ShouldStop = Callable[[], bool]
MOST_NAMED: Final = 200
"""Troubles named one by one; further ones are only counted. Project default."""
TELL_EVERY: Final = 2000


class Trouble(Refusal):
    """A feature with something wrong. ``kept``: it was imported all the same."""

    kept: ClassVar[bool] = False


class TooFewPoints(Trouble):
    code: ClassVar[str] = "road_too_few_points"
    sentence: ClassVar[str] = N_("要素 {where}：线上不同的点少于两个，未导入。")


class NoLength(Trouble):
    code: ClassVar[str] = "road_no_length"
    sentence: ClassVar[str] = N_("要素 {where}：起点和终点是同一点，长度为零，按原样导入。")
    kept: ClassVar[bool] = True


class NoLine(Trouble):
    code: ClassVar[str] = "road_no_line"
    sentence: ClassVar[str] = N_("要素 {where}：几何类型为“{kind}”，不是线，未导入。")


class OutsideWorld(Trouble):
    code: ClassVar[str] = "road_outside_world"
    sentence: ClassVar[str] = N_("要素 {where}：坐标“{text}”不是经纬度，未导入。")


class Unreadable(Trouble):
    code: ClassVar[str] = "road_unreadable"
    sentence: ClassVar[str] = N_("要素 {where}：无法读取（{reason}），未导入。")


class Reversible(Trouble):
    code: ClassVar[str] = "road_reversible"
    sentence: ClassVar[str] = N_("要素 {where}：潮汐或可变方向道路，方向随时间变化，未导入。")


class NodesMissing(Trouble):
    code: ClassVar[str] = "road_nodes_missing"
    sentence: ClassVar[str] = N_("要素 {where}：有 {count} 个点不在文件里，只导入了连续的部分。")
    kept: ClassVar[bool] = True


class ClassUnknown(Trouble):
    code: ClassVar[str] = "road_class_unknown"
    sentence: ClassVar[str] = N_("要素 {where}：不认识道路类别“{word}”，按一般道路导入。")
    kept: ClassVar[bool] = True


@dataclass(frozen=True)
class Imported:
    """A net with its report. ``read``: features that claim to be roads; ``kept``: imported; ``troubles``: the first ones, ``counts``: all, by code.

    ``directed``: the lines were taken as directed edges already, each for one direction.
    """

    network: Network
    file: str
    read: int
    kept: int
    troubles: tuple[Trouble, ...]
    counts: dict[str, int]
    directed: bool = False

    @property
    def bad(self) -> int:
        """How many troubles there were."""
        return sum(self.counts.values())


@dataclass
class Gathering:
    """Ways and troubles while a file is read."""

    file: str
    progress: Progress
    should_stop: ShouldStop
    ways: Ways = field(default_factory=Ways)
    read: int = 0
    kept: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def next(self, total: int = 0) -> None:
        """One feature more was read. Raises :class:`ImportCancelled`."""
        self.read += 1
        if self.read % TELL_EVERY == 0:
            self.tell(total)

    def tell(self, total: int = 0) -> None:
        """Say how far it is, and stop when asked to. Raises :class:`ImportCancelled`."""
        if self.should_stop():
            raise ImportCancelled()
        self.progress(self.read, total)

    def complain(self, trouble: Trouble) -> None:
        """Note a trouble."""
        self.counts[trouble.code] += 1
        if len(self.troubles) < MOST_NAMED:
            self.troubles.append(trouble)

    def take(self, way: Way) -> None:
        """Keep a way."""
        self.ways.add(way)
        self.kept += 1

    def finish(self, *, directed: bool = False) -> Imported:
        """Assemble what was gathered. Raises :class:`NoRoadsInFile`, :class:`ImportCancelled`."""
        if not len(self.ways):
            raise NoRoadsInFile(file=self.file, read=self.read, bad=sum(self.counts.values()))
        self.tell(self.read)
        network = self.ways.assemble()
        if not network.edges:
            raise NoRoadsInFile(file=self.file, read=self.read, bad=sum(self.counts.values()))
        return Imported(network, self.file, self.read, self.kept, tuple(self.troubles), dict(self.counts), directed)


def nothing(_done: int, _total: int) -> None:
    """Tell nobody."""


def never() -> bool:
    """Go on to the end."""
    return False
