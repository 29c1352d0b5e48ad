"""What a fetcher keeps, in memory: the stream's part in tests that need no stream."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from anlan.sense.gateways.apart import Apart
from anlan.sense.gateways.directory import Directory, Sender
from anlan.sense.gateways.fetching import Keeper
from anlan.sense.gateways.lines import Lines
from anlan.sense.gateways.rules import NotFinite, NotStored
from anlan.sense.gateways.session import Happened, Measured
from anlan.sense.gateways.storing import as_samples
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.readings import Sample
from anlan.wire.registry import DeviceEntry, Entry


class Memory:
    """A store that remembers; ``away``: it takes nothing."""

    def __init__(self) -> None:
        self.samples: list[tuple[str, Sample]] = []
        self.happened: list[tuple[str, Happened]] = []
        self.away = False

    async def keep(self, sender: Sender, measured: Sequence[Measured], happened: Sequence[Happened]) -> list[NotFinite]:
        if self.away:
            raise NotStored(reason="away")
        samples, refused = as_samples(sender, measured)
        self.samples += [(sender.device, sample) for sample in samples]
        self.happened += [(sender.device, each) for each in happened]
        return refused

    def of(self, device: str) -> list[Sample]:
        return [sample for named, sample in self.samples if named == device]


class Kept:
    """A keeper with its memory and what it told."""

    def __init__(self, *devices: DeviceEntry) -> None:
        self.stop, self.memory = asyncio.Event(), Memory()
        self.directory, self.lines, self.apart = Directory(), Lines(frozenset({"modbus", "opcua", "coalfile"})), Apart()
        self.register(*devices)
        self.keeper = Keeper(self.directory, self.memory, self.lines, self.apart, self.stop)  # type: ignore[arg-type]

    def register(self, *devices: DeviceEntry) -> None:
        self.directory.apply(Entry("c1", True, devices))

    def senders(self, protocol: str) -> list[Sender]:
        return self.directory.of_protocol(protocol)

    def line(self, device: str) -> tuple[str, str]:
        link = self.lines.state("c1", device)
        return ("", "") if link is None else (link.state, link.reason)

    def refused(self) -> dict[tuple[str, str], int]:
        """Counts by device and reason."""
        return {(device, reason): seen.count for (_credential, device, reason), seen in self.apart._seen.items()}

    async def until(self, true, what, seconds=20.0):
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.02)
        assert true(), what


def device(code: str, protocol: str, address: str, *points: PointEntry, interval_s: float = 0.2, in_use: bool = True) -> DeviceEntry:
    return DeviceEntry(code, in_use, addresses=(AddressEntry(protocol, address, points=points, interval_s=interval_s),))
