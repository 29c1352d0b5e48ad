"""Subscribes to OPC UA servers, as the registry declares them (OPC 10000-4: subscriptions, monitored items, status codes).

One task per endpoint. A subscription tells what changes; besides, every node is read once per interval, because a value that stands still is a
reading too, and because only that proves that the server still answers. Sign-in is anonymous and without encryption. No Django.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import structlog
from asyncua import Client, Node, ua
from asyncua.common.subscription import DataChangeNotif

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.process import pause
from anlan.sense.gateways.directory import Sender
from anlan.sense.gateways.fetching import BAD_ANSWER, UNREACHABLE, Keeper, Pauses, now_ms
from anlan.sense.gateways.session import Measured
from anlan.wire.addresses import PointEntry

log = structlog.get_logger()

ANSWER_S = 5.0
QUEUE = 20
"""Values that the server keeps of one node between two deliveries."""
MOST_WAITING = 50_000
AHEAD_MS, BEHIND_MS = 60_000, 3_600_000
"""A source time farther from the node's is taken for a wrong clock: the value counts as of now. Project defaults."""
_LEAST_PERIOD_MS, _FLUSH_S = 100.0, 0.2


class OpcUaBad(Refusal):
    code: ClassVar[str] = "opcua_bad_status"
    sentence: ClassVar[str] = N_("节点 {node} 的值状态为 {status}，未采用。")
    status: ClassVar[int] = 422


class OpcUaNotANumber(Refusal):
    code: ClassVar[str] = "opcua_not_a_number"
    sentence: ClassVar[str] = N_("节点 {node} 的值不是数（类型 {kind}），未采用。")
    status: ClassVar[int] = 422


class OpcUaNoNode(Refusal):
    code: ClassVar[str] = "opcua_no_node"
    sentence: ClassVar[str] = N_("无法订阅节点 {node}：{status}。请核对节点标识。")
    status: ClassVar[int] = 422


class OpcUaTooMuch(Refusal):
    code: ClassVar[str] = "opcua_too_much"
    sentence: ClassVar[str] = N_("服务器推送快于保存，丢弃了较早的变化值；周期读取不受影响。")
    status: ClassVar[int] = 429


@dataclass(frozen=True, slots=True)
class Told:
    """One value as the server told it. ``time_ms``: ms since 1970 UTC; ``mark``: the status where it is uncertain."""

    point: PointEntry
    time_ms: int
    value: float
    mark: str = ""


def told(point: PointEntry, given: ua.DataValue, at_ms: int, *, by_source: bool) -> Told:
    """The value in ``given``, of its source time where that is credible, else of ``at_ms``. Raises :class:`OpcUaBad`, :class:`OpcUaNotANumber`."""
    status = given.StatusCode or ua.StatusCode(ua.UInt32(ua.StatusCodes.Good))
    if status.is_bad():
        raise OpcUaBad(node=point.code[:120], status=status.name)
    value = given.Value.Value if given.Value is not None else None
    if not isinstance(value, bool | int | float):
        raise OpcUaNotANumber(node=point.code[:120], kind=type(value).__name__)
    time_ms = at_ms
    if by_source and isinstance(given.SourceTimestamp, datetime):
        source = given.SourceTimestamp if given.SourceTimestamp.tzinfo else given.SourceTimestamp.replace(tzinfo=UTC)
        source_ms = round(source.timestamp() * 1000)
        if -BEHIND_MS <= source_ms - at_ms <= AHEAD_MS:
            time_ms = source_ms
    number = float(value) if abs(value) < 2**1023 or isinstance(value, float) else math.inf
    return Told(point, time_ms, number, "" if status.is_good() else status.name)


def measured(values: Sequence[Told]) -> tuple[Measured, ...]:
    """Values gathered by their time, each node once at a time; what came last holds."""
    found: dict[int, dict[str, Told]] = {}
    for each in values:
        found.setdefault(each.time_ms, {})[each.point.code] = each
    return tuple(
        Measured(time_ms, {code: one.value for code, one in at.items()}, {code: one.mark for code, one in at.items() if one.mark})
        for time_ms, at in sorted(found.items())
    )


class _Device:
    """One device behind the endpoint: hears its changes, reads it in turn. It is the handler of its subscription."""

    def __init__(self, sender: Sender, keeper: Keeper) -> None:
        self.sender, self._keeper = sender, keeper
        self._waiting: list[Told] = []
        self._points = {_canonical(point.code): point for point in sender.entry.points}
        self._nodes: list[Node] = []
        self.due = 0.0

    async def subscribe(self, client: Client) -> None:
        """Ask for changes of every node; a node that the server does not have is counted and left out."""
        self._nodes = [client.get_node(code) for code in self._points]
        if not self._nodes:
            return
        period_ms = max(_LEAST_PERIOD_MS, min(1000.0, self.sender.entry.interval_s * 500))
        subscription = await client.create_subscription(period_ms, self)
        answers = await subscription.subscribe_data_change(self._nodes, queuesize=QUEUE, sampling_interval=ua.Double(period_ms))
        for node, answer in zip(self._nodes, answers, strict=True):
            if isinstance(answer, ua.StatusCode):
                point = self._points[node.nodeid.to_string()]
                self._keeper.set_apart(self.sender, OpcUaNoNode(node=point.code, status=answer.name), point.code.encode())

    def datachange_notification(self, node: Node, val: Any, data: DataChangeNotif) -> None:
        """Called by the library with every change."""
        self._take(self._points[node.nodeid.to_string()], data.monitored_item.Value, by_source=True)

    async def read(self, client: Client) -> None:
        """Read every node once."""
        if not self._nodes:
            return
        given = await client.read_attributes(self._nodes)
        for node, value in zip(self._nodes, given, strict=True):
            self._take(self._points[node.nodeid.to_string()], value, by_source=False)
        self._keeper.heard(self.sender)

    def _take(self, point: PointEntry, given: ua.DataValue, *, by_source: bool) -> None:
        try:
            self._waiting.append(told(point, given, now_ms(), by_source=by_source))
        except Refusal as refusal:
            self._keeper.set_apart(self.sender, refusal, point.code.encode())
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[: MOST_WAITING // 2]
            self._keeper.set_apart(self.sender, OpcUaTooMuch(), b"")

    async def flush(self) -> None:
        """Store what has come."""
        if not self._waiting:
            return
        values, self._waiting = self._waiting, []
        await self._keeper.keep(self.sender, measured(values))


class Subscriber:
    """Everything behind one endpoint."""

    def __init__(self, endpoint: str, senders: Sequence[Sender], keeper: Keeper) -> None:
        self._endpoint, self._keeper = endpoint, keeper
        self._devices = [_Device(sender, keeper) for sender in senders]

    async def run(self) -> None:
        """Stay subscribed until cancelled or the node stops."""
        pauses, stop = Pauses(), self._keeper.stop
        while not stop.is_set():
            reason = UNREACHABLE
            try:
                async with Client(self._endpoint, timeout=ANSWER_S) as client:
                    reason = BAD_ANSWER
                    for device in self._devices:
                        await device.subscribe(client)
                    await self._serve(client, pauses)
            # The library lets through what lies below it: sockets, time-outs, and what it cannot decode.
            except (ua.UaError, OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as trouble:
                log.info("opc ua connection lost", endpoint=self._endpoint, reason=str(trouble)[:200] or type(trouble).__name__)
            for device in self._devices:
                if not stop.is_set():
                    self._keeper.lost(device.sender, reason)
                await device.flush()
            await pause(stop, pauses.failed())

    async def _serve(self, client: Client, pauses: Pauses) -> None:
        stop, loop = self._keeper.stop, asyncio.get_running_loop()
        while not stop.is_set():
            await client.check_connection()
            for device in self._devices:
                if device.due <= loop.time():
                    await device.read(client)
                    pauses.succeeded()
                    device.due = loop.time() + device.sender.entry.interval_s
                await device.flush()
            await pause(stop, _FLUSH_S)


def _canonical(code: str) -> str:
    """A node id as the library writes it, so that what comes back is recognised."""
    return ua.NodeId.from_string(code).to_string()
