"""How the air of a mine divides itself: steady flow in a network of airways with fans (Atkinson's law and Kirchhoff's two).

Each branch loses ``h = R Q |Q|`` (R in N s²/m⁸, Q in m³/s, h in Pa); at every junction what comes in goes out; round every loop losses equal the pressures
of its fans. The flows of a spanning tree follow from those of the other branches, one loop each, so that junctions balance by construction, and Newton's
method finds the loop flows. What is solved is the minimum of ``Σ R|Q|³/3 - ∫ H dQ``, which is convex for falling fan curves: there is one answer, and
each step is shortened until it goes down (Hardy Cross 1936 solves loop by loop; the network form: Wang & Saperstein 1970, McPherson 1993, ch. 7).

Not in it: natural ventilation (give it as the pressure of a branch), change of density, fire, leakage that was not given as a branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

CODE, VERSION = "mine_airflow", "1"
CITATION = "Atkinson 1854; McPherson 1993, Subsurface Ventilation Engineering, ch. 7 (Newton on loop flows)"
MOST_STEPS, MOST_HALVINGS = 200, 60
TOLERANCE = 1e-10
"""What may be left of a loop's balance, as a share of the greatest pressure in the network."""

STEADY = N_("为稳定状态下的自然分风，未计火风压、密度变化和未列出的漏风；停机、火灾或爆炸后的过渡过程不适用。")
REVERSED = N_("有 {count} 条分支的风流方向与给定方向相反：{branches}。")
BLIND = N_("有 {count} 条分支为独头，没有贯穿风流：{branches}。独头巷道须靠局部通风机，另行核算。")
HUMP = N_("第 {branches} 条分支的风机曲线有上升段，可能存在不止一个工况点，请核对是否在稳定区运行。")


class Disconnected(Refusal):
    code: ClassVar[str] = "airflow_disconnected"
    sentence: ClassVar[str] = N_("通风网络不连通：节点 {junctions} 与其余节点之间没有分支。请补充分支或去掉孤立部分。")
    status: ClassVar[int] = 422


class WrongBranch(Refusal):
    code: ClassVar[str] = "airflow_branch"
    sentence: ClassVar[str] = N_("第 {branch} 条分支的起点和终点相同。请核对节点编号。")
    status: ClassVar[int] = 422


class WrongLists(Refusal):
    code: ClassVar[str] = "airflow_lists"
    sentence: ClassVar[str] = N_("{name} 有 {found} 项，分支有 {wanted} 条。各列表须一一对应。")
    status: ClassVar[int] = 422


class NoSuchJunction(Refusal):
    code: ClassVar[str] = "airflow_junction"
    sentence: ClassVar[str] = N_("总风量要从进风节点流到回风节点，但网络中没有节点 {junction}，或两者相同。请核对进、回风节点编号。")
    status: ClassVar[int] = 422


class NothingDrives(Refusal):
    code: ClassVar[str] = "airflow_no_drive"
    sentence: ClassVar[str] = N_("没有风机压力，也没有给出总风量，网络中不会有风流。请给出其中之一。")
    status: ClassVar[int] = 422


class FanOffCurve(Refusal):
    code: ClassVar[str] = "airflow_fan_off_curve"
    sentence: ClassVar[str] = N_(
        "第 {branch} 条分支的风机工况（{flow} m³/s）落在所给特性曲线之外。请核对曲线和风机方向，或补充该工况的数据。"
    )
    status: ClassVar[int] = 422


class NotBalanced(Refusal):
    code: ClassVar[str] = "airflow_not_balanced"
    sentence: ClassVar[str] = N_("解算 {steps} 步后仍未平衡。请核对风阻和风机曲线的数值与单位。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Network:
    """Branches as arrays: from and to junction numbers, resistance, and a fan pressure ``a + b Q + c Q²`` along the branch (0: no fan)."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    resistance: Figures
    fan: tuple[Figures, Figures, Figures]

    def __post_init__(self) -> None:
        for n in np.flatnonzero(self.start == self.end):
            raise WrongBranch(branch=int(n) + 1)

    @property
    def junctions(self) -> NDArray[np.int64]:
        """Every junction's number, ascending."""
        return np.unique(np.concatenate((self.start, self.end)))

    def fan_pressure(self, flow: Figures) -> Figures:
        """Pressure of the fans, Pa; against the fan its pressure at rest, so that the search has a way back."""
        a, b, c = self.fan
        forward = np.maximum(flow, 0.0)
        return a + b * forward + c * forward**2

    def fan_slope(self, flow: Figures) -> Figures:
        """How the pressure of the fans changes with flow, Pa s/m³."""
        _a, b, c = self.fan
        return np.where(flow > 0.0, b + 2.0 * c * flow, 0.0)

    def content(self, flow: Figures) -> float:
        """``Σ R|Q|³/3 - ∫ H dQ``, W: what is least where all loops balance."""
        a, b, c = self.fan
        forward = np.maximum(flow, 0.0)
        return float(np.sum(self.resistance * np.abs(flow) ** 3 / 3.0 - a * flow - b * forward**2 / 2.0 - c * forward**3 / 3.0))

    def imbalance(self, flow: Figures) -> Figures:
        """Loss less fan pressure of every branch, Pa."""
        return self.resistance * flow * np.abs(flow) - self.fan_pressure(flow)


@dataclass(frozen=True)
class Tree:
    """A spanning tree: junctions from the root outwards, to each its parent, the branch there (+1: it leads outwards), and the other branches."""

    order: tuple[int, ...]
    parent: dict[int, tuple[int, int, int]]
    chords: tuple[int, ...]


def spanning_tree(network: Network) -> Tree:
    """The tree of least resistances (Kruskal 1956). Raises :class:`Disconnected`."""
    group = {int(j): int(j) for j in network.junctions}

    def head(junction: int) -> int:
        while group[junction] != junction:
            group[junction] = group[group[junction]]
            junction = group[junction]
        return junction

    neighbours: dict[int, list[tuple[int, int, int]]] = {junction: [] for junction in group}
    chords = []
    for n in np.argsort(network.resistance, kind="stable"):
        a, b = int(network.start[n]), int(network.end[n])
        if head(a) == head(b):
            chords.append(int(n))
            continue
        group[head(a)] = head(b)
        neighbours[a].append((b, int(n), 1))
        neighbours[b].append((a, int(n), -1))
    root = int(network.start[0])
    parent: dict[int, tuple[int, int, int]] = {}
    order = [root]
    for junction in order:
        for other, branch, sign in neighbours[junction]:
            if other != root and other not in parent:
                parent[other] = (junction, branch, sign)
                order.append(other)
    lost = sorted(set(group) - set(order))
    if lost:
        raise Disconnected(junctions=", ".join(map(str, lost[:10])))
    return Tree(tuple(order), parent, tuple(chords))


def loops(network: Network, tree: Tree) -> Figures:
    """A row to each chord: the signs of the branches of its loop, the chord's own +1."""
    rows = np.zeros((len(tree.chords), len(network.start)))
    depth = {tree.order[0]: 0}
    for junction in tree.order[1:]:
        depth[junction] = depth[tree.parent[junction][0]] + 1
    for row, chord in zip(rows, tree.chords, strict=True):
        row[chord] = 1.0
        # From the chord's end back to its start through the tree.
        here, there = int(network.end[chord]), int(network.start[chord])
        while here != there:
            if depth[here] >= depth[there]:
                here, branch, sign = tree.parent[here]
                row[branch] -= sign
            else:
                there, branch, sign = tree.parent[there]
                row[branch] += sign
    return rows


def through_tree(network: Network, tree: Tree, injected: dict[int, float]) -> Figures:
    """Flows of the tree alone that carry what is put in at junctions (m³/s, in all 0) to where it is taken out."""
    flow = np.zeros(len(network.start))
    held = dict.fromkeys(tree.order, 0.0) | injected
    for junction in reversed(tree.order[1:]):
        upper, branch, sign = tree.parent[junction]
        flow[branch] -= sign * held[junction]
        held[upper] += held[junction]
    return flow


def flows(network: Network, injected: dict[int, float]) -> Figures:
    """The flow of every branch, m³/s, along its direction. Raises :class:`Disconnected`, :class:`NothingDrives`, :class:`NotBalanced`."""
    if not np.any(network.fan[0] > 0.0) and not any(injected.values()):
        raise NothingDrives()
    tree = spanning_tree(network)
    carried, around = through_tree(network, tree, injected), loops(network, tree)
    if not tree.chords:
        return carried
    # A first guess from losses that grow in step with flow: no branch that air can pass begins at rest, where the law has no slope.
    typical = max(*(abs(each) for each in injected.values()), float(np.sqrt(network.fan[0].max() / network.resistance.sum())), 1e-6)
    line = network.resistance * typical
    x = np.linalg.solve((around * line) @ around.T, around @ (network.fan[0] - line * carried))
    flow = carried + around.T @ x
    for _ in range(MOST_STEPS):
        rest = around @ network.imbalance(flow)
        scale = max(float(np.max(network.resistance * flow**2)), float(np.max(network.fan[0])))
        if np.max(np.abs(rest)) <= TOLERANCE * scale:
            return flow
        slope = 2.0 * network.resistance * np.abs(flow) - network.fan_slope(flow)
        slope = np.maximum(slope, 1e-9 * max(float(slope.max()), 1e-9))
        step = around.T @ np.linalg.solve((around * slope) @ around.T, -rest)
        flow = _downhill(network, flow, step)
    raise NotBalanced(steps=MOST_STEPS)


def _downhill(network: Network, flow: Figures, step: Figures) -> Figures:
    """The flow after the step, halved until the content is no greater; near the end rounding hides the difference, and the whole step is taken."""
    here = network.content(flow)
    share = 1.0
    for _ in range(MOST_HALVINGS):
        if network.content(flow + share * step) <= here + 1e-12 * abs(here):
            break
        share /= 2.0
    return flow + share * step


def pressures(network: Network, flow: Figures) -> Figures:
    """Pressure of every junction (ascending numbers) against that of the first branch's start, Pa: along the tree, where all ways agree."""
    tree = spanning_tree(network)
    falls = network.imbalance(flow)
    found = {tree.order[0]: 0.0}
    for junction in tree.order[1:]:
        upper, branch, sign = tree.parent[junction]
        found[junction] = found[upper] - sign * float(falls[branch])
    return np.array([found[int(junction)] for junction in network.junctions])


def blind_branches(network: Network, supplied: Sequence[int]) -> list[int]:
    """Branches (counted from 0) that end where no other begins: headings through which nothing passes."""
    names, ends = np.unique(np.concatenate((network.start, network.end)), return_inverse=True)
    start, end = np.split(ends, 2)
    fed = np.isin(names, np.asarray(supplied, np.int64))
    left = np.ones(len(start), bool)
    while True:
        uses = np.bincount(start[left], minlength=len(names)) + np.bincount(end[left], minlength=len(names))
        alone = (uses == 1) & ~fed
        gone = left & (alone[start] | alone[end])
        if not gone.any():
            return np.flatnonzero(~left).tolist()
        left &= ~gone


def reversals(flow: Figures) -> NDArray[np.bool_]:
    """Which branches flow against their direction; what is nought within what is left of the balance does not."""
    return flow < -np.sqrt(TOLERANCE) * float(np.max(np.abs(flow)))


# --- the model of the catalogue ------------------------------------------------------------------------------------------------------------


def _run(
    *,
    start: Figures,
    end: Figures,
    resistance: Figures,
    fan_pa: Figures,
    fan_linear: Figures,
    fan_square: Figures,
    supply_m3_s: float,
    inlet: float,
    outlet: float,
) -> Answer:
    count = np.atleast_1d(resistance).size
    given = {"start": start, "end": end, "resistance": resistance, "fan_pa": fan_pa, "fan_linear": fan_linear, "fan_square": fan_square}
    lists = {name: _listed(name, value, count) for name, value in given.items()}
    fan = (lists["fan_pa"], lists["fan_linear"], lists["fan_square"])
    network = Network(lists["start"].astype(np.int64), lists["end"].astype(np.int64), lists["resistance"], fan)
    injected = _injected(network, supply_m3_s, int(inlet), int(outlet))
    flow = flows(network, injected)
    head = network.fan_pressure(flow)
    for n in np.flatnonzero(fan[0] > 0.0):
        if flow[n] < 0.0 or head[n] < 0.0:
            raise FanOffCurve(branch=int(n) + 1, flow=f"{flow[n]:.4g}")
    at = pressures(network, flow)
    values: dict[str, object] = {
        "flow_m3_s": flow,
        "loss_pa": network.resistance * flow * np.abs(flow),
        "fan_pressure_pa": np.where(fan[0] > 0.0, head, 0.0),
        "reversed": reversals(flow),
        "junction": network.junctions,
        "pressure_pa": at,
    }
    if injected:
        of = dict(zip(network.junctions.tolist(), at.tolist(), strict=True))
        values["total_pressure_pa"] = of[int(inlet)] - of[int(outlet)]
    return Answer(values, Credentials(CODE, VERSION, CITATION), _cautions(network, flow, list(injected)))


def _listed(name: str, value: Figures, count: int) -> Figures:
    listed = np.atleast_1d(np.asarray(value, np.float64))
    if np.ndim(value) == 0 and name.startswith("fan_"):
        return np.full(count, listed[0])
    if listed.shape != (count,):
        raise WrongLists(name=name, found=listed.size, wanted=count)
    return listed


def _injected(network: Network, supply: float, inlet: int, outlet: int) -> dict[int, float]:
    if not supply:
        return {}
    known = set(network.junctions.tolist())
    for junction in (inlet, outlet):
        if junction not in known or inlet == outlet:
            raise NoSuchJunction(junction=junction)
    return {inlet: supply, outlet: -supply}


def _cautions(network: Network, flow: Figures, supplied: Sequence[int]) -> tuple[Caution, ...]:
    found = [Caution("steady_airflow", STEADY)]
    turned = [int(n) + 1 for n in np.flatnonzero(reversals(flow))]
    if turned:
        found.append(Caution("airflow_reversed", REVERSED, {"count": len(turned), "branches": ", ".join(map(str, turned))}))
    blind = [n + 1 for n in blind_branches(network, supplied)]
    if blind:
        found.append(Caution("blind_headings", BLIND, {"count": len(blind), "branches": ", ".join(map(str, blind))}))
    rising = [int(n) + 1 for n in np.flatnonzero((network.fan[0] > 0.0) & (network.fan[1] > 0.0))]
    if rising:
        found.append(Caution("fan_curve_rises", HUMP, {"branches": ", ".join(map(str, rising))}))
    return tuple(found)


_JUNCTION_LOW, _JUNCTION_HIGH = 1.0, 1e9

MODELS = (
    Model(
        code=CODE,
        title=N_("矿井通风网络解算"),
        version=VERSION,
        citation=CITATION,
        # Bounds are physical; a fan curve that rises with the square of the flow would give air without end, and is refused.
        inputs=(
            Input("start", "1", N_("各分支起点节点编号"), _JUNCTION_LOW, _JUNCTION_HIGH, many=True),
            Input("end", "1", N_("各分支终点节点编号"), _JUNCTION_LOW, _JUNCTION_HIGH, many=True),
            Input("resistance", "N·s²/m⁸", N_("各分支风阻"), 0.0, 1e6, many=True, open_low=True),
            Input("fan_pa", "Pa", N_("各分支风机零风量压力（无风机填 0）"), 0.0, 20_000.0, default=0.0, many=True),
            Input("fan_linear", "Pa·s/m³", N_("各分支风机曲线一次项"), -1e4, 1e4, default=0.0, many=True),
            Input("fan_square", "Pa·s²/m⁶", N_("各分支风机曲线二次项"), -1e4, 0.0, default=0.0, many=True),
            Input("supply_m3_s", "m³/s", N_("总风量（0 为由风机决定）"), 0.0, 5000.0, default=0.0),
            Input("inlet", "1", N_("进风节点编号"), 0.0, _JUNCTION_HIGH, default=0.0),
            Input("outlet", "1", N_("回风节点编号"), 0.0, _JUNCTION_HIGH, default=0.0),
        ),
        outputs=(
            Output("flow_m3_s", "m³/s", N_("各分支风量（负为反向）")),
            Output("loss_pa", "Pa", N_("各分支阻力")),
            Output("fan_pressure_pa", "Pa", N_("各分支风机压力")),
            Output("reversed", "", N_("各分支风流是否与给定方向相反")),
            Output("junction", "1", N_("节点编号")),
            Output("pressure_pa", "Pa", N_("各节点相对压力")),
            Output("total_pressure_pa", "Pa", N_("进、回风节点压差（给出总风量时才有）")),
        ),
        run=_run,
    ),
)
