"""What kinds of enterprise the demonstration has, what endangers people there, and which instruments watch it.

All figures describe invented plants. Gas limits follow GB/T 50493-2019 clause 5.5.2 (secondary source); limits of tanks and vessels are
those an invented design document would give, so they carry the basis ``enterprise`` and the status ``unverified``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anlan.site.demo.cast import PLANT_NAME

HH, H, L, LL = "HH", "H", "L", "LL"
Limits = dict[str, float]


@dataclass(frozen=True)
class Point:
    """One measuring point: its class, where it idles, how it moves, and its limits in the class's unit.

    ``daily``: amplitude of the daily rhythm; ``noise``: standard deviation of one reading; ``drift``: how far it wanders slowly.
    """

    code: str
    name: str
    sensor_class: str
    base: float
    noise: float
    limits: Limits
    daily: float = 0.0
    drift: float = 0.0
    low: float | None = None
    high: float | None = None
    decimals: int = 2


@dataclass(frozen=True)
class Equipment:
    """One device with its points."""

    code: str
    name: str
    device_class: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Hazard:
    """One hazard source with its instruments. ``major_level`` 1–4 as entered by the invented enterprise, ``None``: not major."""

    code: str
    name: str
    kind: str
    substance: str = ""
    cas: str = ""
    quantity_t: float | None = None
    design_max_t: float | None = None
    major_level: int | None = None
    attributes: dict[str, object] = field(default_factory=dict)
    equipment: tuple[Equipment, ...] = ()


@dataclass(frozen=True)
class Trade:
    """One kind of enterprise: how many there are, where, and what they have.

    ``words``: how such enterprises call themselves; ``staff``: fewest and most people, many being near the fewest; ``sizes``: from how many people
    on one counts as large, medium, small (after 国统字〔2017〕213号, by people alone: the demonstration invents no turnover).
    """

    code: str
    words: tuple[str, ...]
    count: int
    sector: str
    industry: str
    staff: tuple[int, int]
    counties: tuple[str, ...]
    hazards: tuple[Hazard, ...]
    sizes: tuple[int, int, int] = (1000, 300, 20)

    def scale(self, staff: int) -> str:
        """Whether an enterprise of the trade with so many people is large, medium, small or micro."""
        for at_least, scale in zip(self.sizes, ("large", "medium", "small"), strict=True):
            if staff >= at_least:
                return scale
        return "micro"


def _gas(code: str, name: str) -> Point:
    """A combustible-gas detector: level 1 alarm at 25 %LEL, level 2 at 50 %LEL."""
    return Point(code, name, "gas_combustible", 1.2, 0.35, {H: 25.0, HH: 50.0}, low=0.0, high=100.0, decimals=1)


def _tank(code: str, name: str, level_m: float, top_m: float, kpa: float) -> Equipment:
    return Equipment(
        code,
        f"{name}测量装置",
        "tank_gauge",
        (
            Point("LT", f"{name}液位", "level", level_m, 0.01, {LL: 0.6, L: 1.0, H: top_m * 0.85, HH: top_m * 0.9}, 0.15, 0.4, 0.0, top_m),
            Point("PT", f"{name}压力", "pressure_kpa", kpa, kpa * 0.004, {H: kpa * 1.25, HH: kpa * 1.4}, kpa * 0.02, kpa * 0.02),
            Point("TT", f"{name}温度", "temperature", 18.0, 0.08, {H: 38.0, HH: 45.0}, 3.5, 0.5, decimals=1),
        ),
    )


_URBAN = ("370102", "370103", "370104", "370105", "370112")
_OUTER = ("370112", "370113", "370114", "370115", "370116", "370117", "370124", "370126")
_CHEMICAL = ("370114", "370115", "370126", "370124", "370116")
_EVERYWHERE = _URBAN + _OUTER[1:]
_MINING = ("370114", "370116", "370117")
_OIL = ("370126", "370115")
_RETAIL, _WHOLESALE, _STORING = (300, 50, 10), (200, 20, 5), (200, 100, 20)

_TANK_ATTRIBUTES: dict[str, object] = {"shape": "vertical_fixed", "volume": 1000, "state_of_matter": "liquid"}

TRADES: tuple[Trade, ...] = (
    Trade("chemical", ("化工", "精细化工", "新材料", "助剂"), 36, "S26", "C26", (45, 620), _CHEMICAL, (
        Hazard("T-101", "甲醇储罐", "tank", "甲醇", "67-56-1", 620, 790, 4, _TANK_ATTRIBUTES,
               (_tank("TK101", "甲醇储罐", 7.2, 12.0, 2.1),
                Equipment("GD101", "甲醇罐区气体探测器", "gas_detector", (_gas("GD1", "罐区东侧可燃气体"), _gas("GD2", "罐区西侧可燃气体"))))),
        Hazard("R-201", "合成装置", "installation", "甲醇", "67-56-1", 18, 25, None, {"process": "合成工艺"},
               (Equipment("DCS201", "合成装置控制系统", "control_system", (
                   Point("TI", "反应温度", "temperature", 182.0, 0.6, {H: 205.0, HH: 215.0}, 0.0, 2.0, decimals=1),
                   Point("PI", "反应压力", "pressure_kpa", 480.0, 2.0, {H: 600.0, HH: 680.0}, 0.0, 8.0, decimals=1))),)),
    )),
    Trade("storage", ("石化仓储", "油品储运"), 10, "S26", "G59", (24, 180), ("370114", "370115", "370112", "370126"), (
        Hazard("T-01", "汽油储罐", "tank", "汽油", "86290-81-5", 1450, 1800, 3, {**_TANK_ATTRIBUTES, "shape": "floating", "volume": 2500},
               (_tank("TK01", "汽油储罐", 9.1, 14.5, 1.4),
                Equipment("GD01", "汽油罐区气体探测器", "gas_detector", (_gas("GD1", "罐区北侧可燃气体"), _gas("GD2", "泵房可燃气体"))))),
        Hazard("Z-01", "装卸站台", "loading_dock", "汽油", "86290-81-5", 60, 90, None, {"bay_count": 6, "transport": "road"},
               (Equipment("GD02", "装卸站台气体探测器", "gas_detector", (_gas("GD3", "鹤位可燃气体"),)),)),
    ), sizes=_STORING),
    Trade("filling", ("加油站", "能源销售", "石油销售"), 46, "S26", "F52", (6, 26), _EVERYWHERE, (
        Hazard("FS-1", "加油站罐区", "filling_station", "汽油", "86290-81-5", 66, 90, None, {"station_class": "second", "total_volume": 120},
               (Equipment("FS1", "站内监测装置", "gateway", (_gas("GD1", "加油区可燃气体"),
                   Point("LT", "油罐液位", "level", 1.6, 0.006, {LL: 0.2, L: 0.35, H: 2.25, HH: 2.4}, 0.25, 0.2, 0.0, 2.6))),)),
    ), sizes=_RETAIL),
    Trade("cold", ("冷链食品", "速冻食品", "水产冷藏"), 18, "S28", "C14", (18, 420), _EVERYWHERE, (
        Hazard("NH3-1", "涉氨制冷系统", "ammonia_refrigeration", "氨", "7664-41-7", 6.5, 9, None, {"charge": 6.5},
               (Equipment("AR1", "制冷机房监测装置", "gateway", (
                   Point("NH3", "机房氨气浓度", "gas_toxic_ppm", 1.5, 0.4, {H: 20.0, HH: 40.0}, 0.0, 0.3, 0.0, 100.0, 1),
                   Point("PT", "高压侧压力", "pressure_kpa", 1150.0, 6.0, {H: 1500.0, HH: 1650.0}, 60.0, 15.0, decimals=0))),)),
    )),
    Trade("wood", ("木业", "家居板材"), 22, "S28", "C20", (9, 160), _OUTER, (
        Hazard("D-1", "砂光车间", "dust_workshop", "", "", None, None, None, {"dust": "wood", "workers": 12, "collector": "dry"},
               (Equipment("DW1", "除尘系统监测装置", "gateway", (
                   Point("TT", "除尘器入口温度", "temperature", 32.0, 0.3, {H: 60.0, HH: 75.0}, 4.0, 1.5, decimals=1),
                   Point("DP", "滤袋压差", "pressure_kpa", 1.1, 0.03, {H: 1.9, HH: 2.3}, 0.0, 0.1))),)),
    )),
    Trade("metal", ("金属制品", "五金", "轮毂"), 32, "S28", "C33", (8, 360), _OUTER, (
        Hazard("D-1", "抛光车间", "dust_workshop", "", "", None, None, None, {"dust": "metal", "workers": 18, "collector": "wet"},
               (Equipment("DW1", "除尘系统监测装置", "gateway", (
                   Point("TT", "除尘器入口温度", "temperature", 34.0, 0.3, {H: 60.0, HH: 75.0}, 4.0, 1.5, decimals=1),)),)),
    )),
    Trade("steel", ("钢铁", "特钢"), 4, "S28", "C31", (900, 4200), ("370116", "370117"), (
        Hazard("G-1", "高炉煤气柜", "other", "煤气", "", 32, 40, 4, {"description": "8 万立方米高炉煤气柜"},
               (Equipment("CO1", "煤气区域探测器", "gas_detector", (
                   Point("CO", "煤气柜区一氧化碳", "gas_toxic_ppm", 3.0, 0.8, {H: 24.0, HH: 48.0}, 0.0, 0.6, 0.0, 500.0, 1),
                   Point("PT", "煤气柜压力", "pressure_kpa", 9.2, 0.05, {L: 6.0, LL: 4.5, H: 11.0, HH: 12.0}, 0.0, 0.3))),)),
    )),
    Trade("coal", ("煤业",), 6, "S46", "B06", (380, 1500), _MINING, (
        Hazard("M-1", "主采区", "mine", "", "", None, None, None, {"mineral": "煤", "approved_output": 60, "max_underground": 120},
               (Equipment("FZ1", "采煤工作面分站", "mine_station", (
                   Point("CH4-1", "工作面甲烷", "methane", 0.22, 0.02, {H: 1.0, HH: 1.5}, 0.0, 0.06, 0.0, 4.0),
                   Point("CH4-2", "回风流甲烷", "methane", 0.18, 0.02, {H: 1.0, HH: 1.5}, 0.0, 0.05, 0.0, 4.0))),)),
    )),
    Trade("pond", ("矿业", "铁矿"), 5, "S47", "B08", (60, 460), _MINING, (
        Hazard("W-1", "尾矿库", "tailings_pond", "", "", None, None, None,
               {"grade": "4", "dam_height": 38, "total_volume": 240, "overhead": "no"},
               (Equipment("WK1", "尾矿库监测站", "dam_station", (
                   Point("WL", "库水位", "level", 12.4, 0.01, {H: 14.5, HH: 15.2}, 0.0, 0.15, 0.0, 20.0),
                   Point("SL", "浸润线埋深", "phreatic_depth", 6.8, 0.02, {L: 4.5, LL: 3.8}, 0.0, 0.1, 0.0, 20.0))),)),
    )),
    Trade("pharma", ("医药", "制药"), 14, "S26", "C27", (60, 900), ("370102", "370112", "370114", "370105"), (
        Hazard("K-1", "溶剂库", "warehouse", "丙酮", "67-64-1", 26, 40, None, {"floor_area": 420, "fire_class": "a"},
               (Equipment("GD1", "溶剂库气体探测器", "gas_detector", (_gas("GD1", "库房可燃气体"),)),)),
    )),
    Trade("fireworks", ("烟花爆竹", "花炮销售"), 6, "S27", "F51", (6, 24), ("370126", "370124", "370113"), (
        Hazard("Y-1", "烟花爆竹库房", "fireworks_store", "", "", 12, 16, None, {"hazard_class": "1.3", "explosive_limit": 10000},
               (Equipment("YH1", "库房监测装置", "gateway", (
                   Point("TT", "库房温度", "temperature", 14.0, 0.1, {H: 35.0, HH: 40.0}, 3.0, 0.5, decimals=1),
                   Point("RH", "库房湿度", "humidity", 58.0, 0.6, {H: 80.0, HH: 85.0}, 6.0, 2.0, 0.0, 100.0, 1))),)),
    ), sizes=_WHOLESALE),
    Trade("food", ("面业", "粮油食品", "豆制品"), 16, "S28", "C13", (12, 320), _EVERYWHERE, (
        Hazard("B-1", "锅炉房", "boiler", "天然气", "74-82-8", None, None, None, {"rated_pressure": 1.25},
               (Equipment("BR1", "锅炉监测装置", "gateway", (_gas("GD1", "锅炉房可燃气体"),
                   Point("PT", "蒸汽压力", "pressure_kpa", 780.0, 4.0, {H: 950.0, HH: 1020.0}, 20.0, 12.0, decimals=0))),)),
    )),
    Trade("aluminium", ("铝业", "铜铝"), 6, "S28", "C32", (120, 1300), ("370114", "370116", "370124"), (
        Hazard("RZ-1", "熔铝炉", "molten_metal", "", "", None, None, None, {"metal": "铝", "capacity": 25},
               (Equipment("RL1", "熔铝炉控制系统", "control_system", (
                   Point("TI", "铝液温度", "temperature", 735.0, 1.2, {H: 780.0, HH: 800.0}, 0.0, 6.0, decimals=0),
                   Point("FI", "冷却水流量", "flow_volume", 62.0, 0.4, {L: 45.0, LL: 38.0}, 0.0, 2.0, 0.0, 120.0, 1))),)),
    )),
    Trade("quarry", ("石料", "建材矿业"), 7, "S47", "B10", (18, 130), _MINING, (
        Hazard("KC-1", "石灰岩露天采场", "open_pit", "", "", None, None, None, {"mineral": "石灰岩", "slope_height": 96},
               (Equipment("BP1", "边坡监测站", "gateway", (
                   Point("DX", "边坡累计位移", "displacement", 3.2, 0.05, {H: 20.0, HH: 40.0}, 0.0, 0.4, decimals=1),)),)),
    )),
    Trade("gas", ("燃气", "液化天然气"), 14, "S14", "D45", (16, 240), _EVERYWHERE, (
        Hazard("LNG-1", "液化天然气储罐", "tank", "天然气", "", 28, 38, None,
               {"shape": "cryogenic", "volume": 100, "state_of_matter": "liquefied_gas"},
               (_tank("LT1", "液化天然气储罐", 5.4, 10.0, 320.0),
                Equipment("GD1", "场站气体探测器", "gas_detector", (_gas("GD1", "调压区可燃气体"), _gas("GD2", "卸车区可燃气体"))))),
    )),
    Trade("grain", ("粮储", "粮食仓储"), 12, "S34", "G59", (12, 110), _OUTER, (
        Hazard("TS-1", "提升塔", "dust_workshop", "", "", None, None, None, {"dust": "grain", "workers": 6, "collector": "dry"},
               (Equipment("LK1", "粮库监测装置", "gateway", (
                   Point("PH3", "熏蒸仓外磷化氢浓度", "gas_toxic_ppm", 0.02, 0.005, {H: 0.2, HH: 0.4}, 0.0, 0.0, 0.0, 20.0),
                   Point("TT", "平房仓粮温", "temperature", 14.0, 0.05, {H: 28.0, HH: 32.0}, 0.5, 0.6, decimals=1))),)),
        Hazard("KJ-1", "1 号平房仓", "confined_space", "", "", None, None, None, {"space": "1 号平房仓", "hazard": "poison"}),
    ), sizes=_STORING),
    Trade("power", ("热电", "发电"), 6, "S35", "D44", (150, 1100), ("370102", "370112", "370114", "370116", "370124"), (
        Hazard("GL-1", "燃煤锅炉", "boiler", "", "", None, None, None, {"rated_pressure": 13.7, "rated_evaporation": 480},
               (Equipment("GL1", "锅炉控制系统", "control_system", (
                   Point("PT", "主蒸汽压力", "pressure_kpa", 12900.0, 30.0, {H: 13700.0, HH: 14100.0}, 60.0, 60.0, decimals=0),
                   Point("LT", "汽包水位", "level", 0.5, 0.004, {LL: 0.3, L: 0.4, H: 0.6, HH: 0.7}, 0.0, 0.02, 0.0, 1.0, 3))),)),
        Hazard("QZ-1", "制氢站储氢罐", "tank", "氢", "1333-74-0", 0.05, 0.09, None,
               {"shape": "horizontal", "volume": 40, "state_of_matter": "gas"},
               (Equipment("GD1", "制氢站气体探测器", "gas_detector", (_gas("GD1", "制氢站可燃气体"),)),)),
    )),
    Trade("building", ("建筑工程", "市政工程", "建设集团"), 22, "S12", "E47", (24, 900), _EVERYWHERE, (
        Hazard("GD-1", "在建工地", "other", "", "", None, None, None, {"description": "塔式起重机 2 台，深基坑 9.6 m"},
               (Equipment("TD1", "工地监测装置", "gateway", (
                   Point("WS", "塔机顶部风速", "wind_speed", 3.4, 0.3, {H: 12.0, HH: 17.0}, 1.2, 0.6, 0.0, 60.0, 1),
                   Point("DX", "基坑水平位移", "displacement", 6.0, 0.05, {H: 25.0, HH: 30.0}, 0.0, 0.6, decimals=1))),)),
    )),
    Trade("haulage", ("危货运输", "物流"), 14, "S18", "G54", (14, 260), _OUTER, (
        Hazard("CC-1", "危险货物车辆停车场", "other", "", "", None, None, None, {"description": "专用停车场，36 车位，设值守"},
               (Equipment("GD1", "停车场气体探测器", "gas_detector", (_gas("GD1", "停车场可燃气体"),)),)),
    )),
    Trade("explosives", ("民爆器材",), 1, "S02", "C26", (90, 160), ("370124",), (
        Hazard("RZ-1", "乳化炸药生产线", "installation", "", "", None, None, None, {"process": "乳化炸药制药、装药"},
               (Equipment("RH1", "生产线控制系统", "control_system", (
                   Point("TI", "乳化温度", "temperature", 88.0, 0.3, {H: 96.0, HH: 100.0}, 0.0, 1.5, decimals=1),)),)),
    )),
    Trade("oilfield", ("油气开采",), 2, "S26", "B07", (160, 420), _OIL, (
        Hazard("YG-1", "联合站原油储罐", "tank", "原油", "8002-05-9", 900, 1400, None, {**_TANK_ATTRIBUTES, "shape": "floating", "volume": 2000},
               (_tank("YG1", "联合站原油储罐", 7.8, 13.0, 1.2),
                Equipment("GD1", "联合站气体探测器", "gas_detector", (_gas("GD1", "罐区可燃气体"), _gas("GD2", "脱水区可燃气体"))))),
    )),
)  # fmt: skip

PLANT = Trade("chlorine", ("氯碱",), 1, "S26", "C26", (860, 860), ("370114",), (
    Hazard("CL-1", "液氯储罐区", "tank_farm", "氯", "7782-50-5", 50, 50, 2, {"tank_count": 2, "total_volume": 80},
           (Equipment("CLT1", "液氯储罐测量装置", "tank_gauge", (
                Point("LT-A", "A 罐液位", "level", 1.7, 0.004, {LL: 0.2, L: 0.3, H: 2.1, HH: 2.2}, 0.0, 0.02, 0.0, 2.6),
                Point("PT-A", "A 罐压力", "pressure_kpa", 620.0, 1.5, {H: 900.0, HH: 1000.0}, 12.0, 4.0, decimals=1),
                Point("TT-A", "A 罐温度", "temperature", 17.0, 0.08, {H: 35.0, HH: 40.0}, 3.0, 0.4, decimals=1))),
            Equipment("CLG", "液氯区域气体探测器", "gas_detector", tuple(
                # GB/T 50493-2019: level 1 at or below 100 % OEL, level 2 at or below 200 % OEL; the OEL used here is 1 mg/m³ ≈ 0.34 ppm.
                Point(f"G{i}", f"{i} 号氯气探测器（{where}）", "gas_toxic_ppm", 0.02, 0.008, {H: 0.34, HH: 0.68}, 0.0, 0.0, 0.0, 100.0)
                for i, where in enumerate(("充装间", "汽化间", "V-102 阀组", "罐区东门"), 1))),
            Equipment("WX1", "厂区气象站", "weather_station", (
                Point("WS", "风速", "wind_speed", 2.4, 0.25, {}, 0.6, 0.4, 0.0, 60.0, 1),
                Point("WD", "风向", "wind_direction", 45.0, 4.0, {}, 0.0, 6.0, 0.0, 360.0, 0))),
           )),
))  # fmt: skip
"""示范氯碱有限公司 of the drill: one 50-t liquid-chlorine storage of two 25-t tanks."""

_BY_LIST = {(trade.sector, trade.industry): trade for trade in TRADES}


def trade_of(sector: str, industry: str, name: str) -> Trade:
    """The trade of an enterprise of the demonstration by its sector, industry and name. Raises ``KeyError`` for one that is none of its own."""
    return PLANT if name == PLANT_NAME else _BY_LIST[sector, industry]
