"""The trades of the demonstration and what each keeps. Everything is invented.

A trade speaks of its own places and things alone; the items that make a danger major are those of its own sector's published criteria. Limits of
factors at work are typed as the enterprise would where the catalogue of chemicals holds none.
"""

from __future__ import annotations

from anlan.site.demo.profile import Factor, Profile, Risk, Seen, dust, noise

_HIGH, _GRAVE, _MEDIUM = ("3", "6", "15"), ("3", "6", "40"), ("3", "6", "7")
_GONGMAO = {"ammonia": "false", "dust": "false"}

PROFILES: dict[str, Profile] = {
    "chlorine": Profile(
        dangers=(
            Seen("液氯钢瓶瓶阀防护帽缺失", "液氯充装间", "已补齐防护帽"),
            Seen("氯气管道色环标识脱落", "液氯汽化间", "已重新涂刷"),
            Seen("事故氯吸收碱液浓度记录不全", "事故氯处理", "已补记，每班化验"),
            Seen("整流柜冷却风扇异响", "电解厂房", "已更换轴承"),
        ),
        rooms=("变配电所", "成品库", "安全环保部"),
        answers={"hazchem": {"activity": "production", "in_park": "true", "processes": 2, "regulated": 3, "class_a_places": 4, "class_b_places": 6, "explosive_nature": "false"}},
    ),
    "chemical": Profile(
        dangers=(
            Seen("可燃气体探测器超期未检", "甲醇罐区", "已送检并换装"),
            Seen("动火作业票监护人未签字", "检修现场", "已停工补办，人员再培训"),
            Seen("罐区围堰有渗漏", "甲醇储罐 T-101", "已修补并做闭水试验"),
            Seen("装置区阀门盲板无编号牌", "合成装置", "已挂牌并更新台账"),
            Seen("安全阀前手阀关闭，安全阀未投用", "合成装置", "已开启并铅封", ("hazchem_2017-15",)),
            Seen("有毒气体报警未接入控制室", "合成装置泵区", "已接入并联调", ("hazchem_2017-12",)),
        ),
        rooms=("变配电室", "原料库", "安全环保部"),
        papers=("work_safety_permit", "hazchem_registration", "safety_assessment", "standardization_3"),
        posts=("烷基化工艺作业", "低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("甲醇罐区", "甲醇储罐", "储罐泄漏，遇火源爆炸", _GRAVE, "0.5", "液位联锁投用，呼吸阀、阻火器完好"),
            Risk("甲醇罐区", "装卸泵区", "机泵密封泄漏起火", _HIGH, "1", "密封无渗漏，气体探测器在检定期内"),
            Risk("合成装置", "合成反应器", "超温超压，物料喷出", _GRAVE, "0.5", "温度、压力联锁投用，紧急停车试验合格"),
        ),
        factors=(Factor("甲醇罐区", "chemical", "甲醇", "methanol", 0.1, "PC-TWA", usual=9.0), noise("压缩机房", 0.08, 82.0)),
        answers={"hazchem": {"activity": "production", "in_park": "true", "processes": 1, "regulated": 2, "class_a_places": 3, "class_b_places": 4, "explosive_nature": "false"}},
        business="use",
    ),
    "storage": Profile(
        dangers=(
            Seen("浮盘密封圈老化", "汽油储罐 T-01", "已更换密封圈"),
            Seen("装车鹤管静电夹接触不良", "装卸站台", "已更换静电夹"),
            Seen("防火堤排水阀常开", "汽油罐区", "已关闭并上锁"),
            Seen("不同类别危险化学品混存", "桶装库", "已分区存放", ("hazchem_2017-20",)),
        ),
        rooms=("变配电室", "桶装库", "安全环保部"),
        papers=("hazchem_business", "safety_assessment", "standardization_2"),
        posts=("低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("汽油罐区", "汽油储罐", "浮盘沉没，油气积聚起火", _GRAVE, "0.5", "浮盘无倾斜，密封完好，液位报警投用"),
            Risk("装卸站台", "鹤位", "装车溢油，静电引燃", _HIGH, "1", "静电接地报警投用，防溢联锁有效"),
        ),
        factors=(noise("装卸泵房", 0.2, 79.0),),
        answers={"hazchem": {"activity": "storage", "in_park": "false", "processes": 0, "regulated": 1, "class_a_places": 2, "class_b_places": 1}},
        business="trade",
    ),
    "filling": Profile(
        dangers=(
            Seen("加油机接地端子松动", "加油区", "已紧固并复测"),
            Seen("卸油口未上锁", "油罐区", "已上锁，专人保管钥匙"),
            Seen("应急沙箱沙量不足", "加油区", "已补足"),
            Seen("加油区手机支付无防爆隔离标识", "加油区", "已补划标识并告知顾客"),
            Seen("站房内存放桶装汽油", "站房", "已清出", ("hazchem_2017-20",)),
        ),
        rooms=("站房配电间", "便利店库房", "站房办公室"),
        papers=("hazchem_business", "standardization_3"),
        posts=(),
        factors=(),
        answers={"hazchem": {"activity": "business", "in_park": "false", "processes": 0, "regulated": 1}},
        business="trade",
    ),
    "cold": Profile(
        dangers=(
            Seen("氨机房排风机故障", "制冷机房", "已修复，与报警联锁试验正常"),
            Seen("氨气报警器探头积尘", "制冷机房", "已清洁并标定"),
            Seen("冷库门内侧应急开关失灵", "冷库", "已修复并每班试验"),
            Seen("叉车转向灯损坏", "装卸区", "已修复"),
            Seen("制冷工未取得特种作业操作证上岗", "制冷机房", "已停岗，取证后上岗", ("gongmao_2023-3.2",)),
        ),
        rooms=("制冷配电间", "冷库", "办公楼"),
        papers=("standardization_3",),
        posts=("制冷与空调设备运行操作作业", "低压电工作业"),
        risks=(
            Risk("制冷机房", "高压贮液器", "液氨泄漏，人员中毒", _GRAVE, "0.5", "氨气报警与排风联锁投用，防护器材齐全"),
            Risk("冷库", "速冻间", "人员被困冻伤", _MEDIUM, "1", "门内应急开关有效，进出登记"),
        ),
        factors=(Factor("制冷机房", "chemical", "氨", "ammonia", 0.06, "PC-TWA", usual=7.0), noise("制冷机房", 0.06, 83.0)),
        answers={
            "gongmao": {"trade": "light", "ammonia": "true", "dust": "false", "confined": 2},
            "ammonia": {"charge": 6.5, "receiver": 3.2, "cold_store": 8600, "workroom_people": 8, "direct": "false"},
        },
        marked={"ammonia": "采用液氨制冷系统"},
        business="use",
    ),
    "wood": Profile(
        dangers=(
            Seen("砂光机除尘管道积尘", "砂光车间", "已清扫，纳入每班清理"),
            Seen("木粉清扫使用压缩空气吹扫", "砂光车间", "已改用防爆吸尘器"),
            Seen("砂光机火花探测器未投用", "砂光车间", "已投用并试验"),
            Seen("叉车转向灯损坏", "装卸区", "已修复"),
            Seen("干式除尘器未设泄爆装置", "砂光车间", "已加装泄爆片", ("gongmao_2023-11.3",)),
        ),
        rooms=("车间配电间", "板材库", "办公楼"),
        papers=("standardization_3",),
        posts=("低压电工作业",),
        risks=(Risk("砂光车间", "除尘系统", "木粉尘爆炸", _GRAVE, "0.5", "除尘系统先开后停，火花探测投用，积尘每班清理"),),
        factors=(dust("砂光车间", "木粉尘", 0.25, 1.9, 3.0), noise("砂光车间", 0.25, 86.5)),
        answers={
            "gongmao": {"trade": "light", "ammonia": "false", "dust": "true", "confined": 1},
            "dust": {"dust": "木粉尘", "metal": "false", "people": 12, "systems": 2, "kind": "dry"},
        },
        marked={"dust": "砂光工序产生木粉尘"},
    ),
    "metal": Profile(
        dangers=(
            Seen("打磨工位未设防护罩", "抛光车间", "已加装防护罩"),
            Seen("粉尘清扫记录不全", "抛光车间", "已补齐，班组长每日签字"),
            Seen("湿式除尘器水位偏低", "抛光车间", "已补水，增设水位联锁"),
            Seen("冲床双手按钮失灵", "冲压车间", "已修复并试验"),
            Seen("抛光除尘风机正压吹送", "抛光车间", "已改为负压除尘", ("gongmao_2023-11.4",)),
        ),
        rooms=("车间配电间", "原料库", "办公楼"),
        papers=("standardization_3",),
        posts=("低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("抛光车间", "除尘系统", "铝镁粉尘爆炸", _GRAVE, "0.5", "湿式除尘水位、风压联锁投用，停产清扫有记录"),
            Risk("冲压车间", "冲床", "手部被压", _MEDIUM, "1", "双手按钮、光电保护有效"),
        ),
        factors=(dust("抛光车间", "铝金属粉尘", 0.2, 1.6, 3.0), noise("冲压车间", 0.15, 87.0)),
        answers={
            "gongmao": {"trade": "machinery", "ammonia": "false", "dust": "true", "confined": 1},
            "dust": {"dust": "铝合金粉尘", "metal": "true", "people": 18, "systems": 3, "kind": "wet"},
        },
        marked={"dust": "抛光工序产生铝合金粉尘"},
    ),
    "steel": Profile(
        dangers=(
            Seen("煤气柜区一氧化碳报警未标定", "高炉煤气柜", "已标定"),
            Seen("煤气水封水位偏低", "煤气管网", "已补水，增设巡检点"),
            Seen("铁水罐吊具未按期探伤", "炼钢车间", "已探伤合格"),
            Seen("休息室位于铁水吊运影响范围内", "炼钢车间", "已搬离", ("gongmao_2023-4.1",)),
        ),
        rooms=("高压配电室", "备件库", "安全管理部"),
        papers=("standardization_2", "safety_assessment"),
        posts=("煤气作业", "高压电工作业", "熔化焊接与热切割作业", "低压电工作业"),
        risks=(
            Risk("高炉煤气柜", "煤气柜本体", "煤气泄漏，人员中毒", _GRAVE, "0.5", "柜位联锁投用，一氧化碳报警在检定期内"),
            Risk("炼钢车间", "铁水吊运", "钢包倾翻，高温熔融金属喷溅", _GRAVE, "0.5", "吊具探伤合格，吊运区无人员聚集"),
            Risk("煤气管网", "水封", "水封击穿，煤气外泄", _HIGH, "0.5", "水封水位正常，溢流有水"),
        ),
        factors=(
            Factor("高炉煤气区", "chemical", "一氧化碳", "carbon_monoxide", 0.08, "PC-TWA", usual=8.0),
            noise("轧钢车间", 0.2, 88.0),
        ),
        answers={
            "gongmao": {"trade": "metallurgy", **_GONGMAO, "confined": 14, "furnaces": 3},
            "metallurgy": {"furnaces": 3, "kinds": "高炉、转炉、LF 炉", "gas": "高炉煤气、转炉煤气", "gas_holder": 8, "molten_crane": 6},
        },
    ),
    "coal": Profile(
        dangers=(
            Seen("回风流甲烷传感器未按期调校", "采煤工作面", "已调校"),
            Seen("运输巷堆放材料影响行人", "运输大巷", "已清理"),
            Seen("隔爆水棚水量不足", "回风巷", "已补水"),
            Seen("带式输送机防跑偏装置失灵", "运输大巷", "已更换并试验"),
            Seen("通风设施损坏，风流短路", "采区联络巷", "已修复风门并测风", ("coal_2026-a3.5", "coal_2024-5")),
        ),
        rooms=("地面变电所", "材料库", "安监处"),
        papers=("work_safety_permit", "standardization_2"),
        posts=("煤矿瓦斯检查作业", "煤矿安全监测监控作业", "煤矿井下电气作业", "煤矿安全检查作业"),
        risks=(
            Risk("采煤工作面", "回风隅角", "瓦斯积聚，遇火源爆炸", _GRAVE, "0.5", "甲烷传感器吊挂、断电试验合格，风量满足需要"),
            Risk("采煤工作面", "液压支架", "顶板冒落伤人", _HIGH, "1", "支架初撑力达标，超前支护到位"),
            Risk("主排水系统", "主水泵房", "突水淹井", _GRAVE, "0.2", "水泵联合试运转合格，水仓清挖"),
        ),
        factors=(dust("采煤工作面", "煤尘（呼尘）", 0.35, 1.8, 2.5), noise("采煤工作面", 0.3, 88.5)),
        answers={"coal": {"mining_method": "underground", "approved_capacity": 60, "gas_class": "low", "people_limit": 120, "working_faces": 1, "headings": 2, "water_class": "medium"}},
    ),
    "pond": Profile(
        dangers=(
            Seen("排洪系统进水口有杂物", "尾矿库", "已清理"),
            Seen("浸润线观测孔损坏", "尾矿坝", "已修复并补测"),
            Seen("井下避灾路线标识不清", "运输平巷", "已更换反光标识"),
            Seen("提升机制动闸间隙超差", "提升机房", "已调整并试验"),
            Seen("坝体外坡比局部陡于设计", "尾矿坝", "已削坡，复测合格", ("noncoal_2022-t.x2",)),
        ),
        rooms=("地面变电所", "备件库", "安全科"),
        papers=("work_safety_permit", "standardization_3", "safety_assessment"),
        posts=("尾矿作业", "金属非金属矿山安全检查作业", "金属非金属矿井通风作业"),
        risks=(
            Risk("尾矿库", "尾矿坝", "坝体溃决", ("1", "6", "100"), "0.2", "干滩长度、浸润线在设计范围内，坝体无裂缝"),
            Risk("井下采场", "采场顶板", "冒顶片帮伤人", _HIGH, "1", "先敲帮问顶后作业，支护到位"),
        ),
        factors=(dust("选矿破碎", "其他粉尘（总尘）", 0.2, 5.2, 8.0), noise("破碎车间", 0.2, 87.0)),
        answers={
            "mines": {"mining_method": "underground", "mineral": "铁矿石", "annual_output": 45, "exits": 2, "goaf": "false"},
            "tailings": {"pond_name": "一号尾矿库", "dam_height": 38, "volume": 240, "discharge": "wet", "overhead": "false", "pond_state": "operating"},
        },
        marked={"tailings": "有在用尾矿库"},
    ),
    "pharma": Profile(
        dangers=(
            Seen("溶剂库防爆灯具破损", "溶剂库", "已更换"),
            Seen("反应釜人孔盖螺栓缺失", "合成车间", "已补齐紧固"),
            Seen("静电跨接线断开", "溶剂输送管道", "已接通并测试"),
            Seen("离心机氮封压力偏低", "合成车间", "已调整，增设低压报警"),
            Seen("溶剂库未设可燃气体检测报警", "溶剂中转间", "已安装并联调", ("hazchem_2017-12",)),
        ),
        rooms=("变配电室", "原辅料库", "安全环保部"),
        papers=("hazchem_use", "safety_assessment", "standardization_3"),
        posts=("低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("溶剂库", "丙酮储存区", "溶剂泄漏起火", _HIGH, "0.5", "通风运行，气体报警投用，静电接地良好"),
            Risk("合成车间", "反应釜", "反应失控超压", _GRAVE, "0.5", "温度联锁、紧急冷却试验合格"),
        ),
        factors=(Factor("合成车间", "chemical", "丙酮", "acetone", 0.15, "PC-TWA", usual=62.0, limit=300.0, basis="GBZ 2.1-2019 表 1"),),
        answers={
            "hazchem": {"activity": "use", "in_park": "true", "processes": 1, "regulated": 1, "class_a_places": 2},
            "pharma": {"kind": "synthesis", "solvents": "丙酮、乙醇", "solvent_store": 40, "processes": 1, "reaction_assessed": "true"},
        },
        business="use",
    ),
    "fireworks": Profile(
        dangers=(
            Seen("库房温湿度记录中断", "烟花库房", "已恢复记录"),
            Seen("库房门口消除静电装置失效", "烟花库房", "已更换并测试"),
            Seen("防护堤局部塌落", "烟花库区", "已修复"),
            Seen("库房实际存药量超过核定药量", "烟花库房", "超量产品已转移", ("fireworks_2017-5",)),
        ),
        rooms=("值班室配电箱", "包装物料间", "值班室"),
        papers=("fireworks_wholesale",),
        posts=("烟花爆竹储存作业",),
        risks=(Risk("烟花库房", "储存", "产品受潮自燃，引发爆炸", _GRAVE, "0.5", "温湿度在限值内，堆垛、通道符合要求"),),
        answers={"fireworks": {"activity": "wholesale", "licence": "（鲁）PF〔2025〕演示", "stores": 2, "quantity": 10000}},
    ),
    "food": Profile(
        dangers=(
            Seen("锅炉安全阀校验标识脱落", "锅炉房", "已补贴标识"),
            Seen("燃气阀组间通风不良", "锅炉房", "已加装防爆排风"),
            Seen("磨粉车间地面积粉", "磨粉车间", "已清扫，纳入每班清理"),
            Seen("污水池未设有限空间警示牌", "污水站", "已设牌上锁"),
            Seen("锅炉房燃气报警装置失效", "锅炉房", "已更换并联锁试验", ("gongmao_2023-14",)),
        ),
        rooms=("车间配电间", "成品库", "办公楼"),
        papers=("standardization_3",),
        posts=("低压电工作业",),
        risks=(
            Risk("锅炉房", "蒸汽锅炉", "缺水、超压爆炸", _HIGH, "0.5", "水位计清楚，安全阀在校验期内"),
            Risk("污水站", "污水池", "清淤时硫化氢中毒", _HIGH, "0.5", "先通风、再检测、后作业，专人监护"),
        ),
        factors=(dust("磨粉车间", "谷物粉尘", 0.15, 2.1, 4.0), noise("磨粉车间", 0.15, 84.0)),
        answers={"gongmao": {"trade": "light", "ammonia": "false", "dust": "true", "confined": 3}},
    ),
    "aluminium": Profile(
        dangers=(
            Seen("熔铝炉炉眼备用堵头不足", "熔铸车间", "已补足"),
            Seen("铸造井周边积水", "熔铸车间", "已排干，增设挡水"),
            Seen("铝灰库防潮不良", "铝灰库", "已封闭屋面渗漏点"),
            Seen("主要负责人未经安全生产考核合格", "熔铸车间", "已考核合格", ("gongmao_2023-3.3",)),
            Seen("熔铝炉液位报警失效", "熔铸车间", "已更换并试验", ("gongmao_2023-14",)),
        ),
        rooms=("车间配电室", "铝锭库", "安全管理部"),
        papers=("standardization_3",),
        posts=("低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("熔铸车间", "深井铸造", "铝液遇水爆炸", _GRAVE, "0.5", "冷却水流量、水温报警投用，应急停铸试验合格"),
            Risk("铝灰库", "铝灰储存", "受潮放出可燃气体", _HIGH, "0.5", "防潮完好，气体检测正常"),
        ),
        factors=(dust("熔铸车间", "铝金属粉尘", 0.2, 1.4, 3.0), noise("轧制车间", 0.2, 86.0)),
        answers={
            "gongmao": {"trade": "nonferrous", **_GONGMAO, "confined": 5, "furnaces": 4},
            "metallurgy": {"furnaces": 4, "kinds": "熔铝炉、保温炉", "gas": "天然气", "molten_crane": 2},
        },
    ),
    "quarry": Profile(
        dangers=(
            Seen("台阶坡面浮石未清理", "石灰岩采场", "已清理"),
            Seen("运输道路临边挡墙缺口", "采场道路", "已补筑"),
            Seen("破碎机传动部位防护罩缺失", "破碎站", "已加装"),
            Seen("截水沟淤堵", "石灰岩采场", "已清挖"),
            Seen("未按自上而下顺序分台阶开采", "石灰岩采场", "已停采整改，按设计恢复台阶", ("noncoal_2022-o.3",)),
        ),
        rooms=("破碎站配电室", "备件库", "安全科"),
        papers=("work_safety_permit", "standardization_3"),
        posts=("金属非金属矿山安全检查作业", "低压电工作业"),
        risks=(
            Risk("石灰岩采场", "工作边坡", "边坡滑塌伤人", _GRAVE, "0.5", "边坡位移在线监测正常，无裂缝、浮石"),
            Risk("采场道路", "矿用卡车", "车辆坠落", _HIGH, "1", "挡墙完好，制动试验合格"),
        ),
        factors=(dust("破碎站", "石灰石粉尘", 0.3, 5.6, 8.0), noise("破碎站", 0.3, 88.0)),
        answers={"mines": {"mining_method": "open_pit", "mineral": "石灰岩", "annual_output": 120, "slope_height": 96, "goaf": "false"}},
    ),
    "gas": Profile(
        dangers=(
            Seen("调压箱铅封缺失", "调压站", "已重新铅封"),
            Seen("储罐紧急切断阀远控失灵", "液化天然气储罐区", "已修复并试验"),
            Seen("燃气管道占压未清理", "中压管线", "已协调拆除"),
            Seen("卸车软管超过使用期限", "卸车区", "已更换"),
        ),
        rooms=("站控配电间", "工具库", "安全部"),
        papers=("standardization_3",),
        posts=("低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("液化天然气储罐区", "低温储罐", "泄漏形成蒸气云爆炸", _GRAVE, "0.2", "紧急切断远控有效，气体报警投用"),
            Risk("中压管线", "阀井", "燃气泄漏进入密闭空间", _HIGH, "0.5", "阀井检漏合格，占压清零"),
        ),
        factors=(noise("调压区", 0.1, 80.0),),
        business="trade",
    ),
    "grain": Profile(
        dangers=(
            Seen("平房仓熏蒸期间警戒线缺失", "1 号平房仓", "已设警戒，专人值守"),
            Seen("提升塔清扫孔未关闭", "提升塔", "已关闭，清除积粉"),
            Seen("进仓作业未系安全绳", "1 号平房仓", "已停止作业，人员再培训"),
            Seen("磷化铝药剂台账签字不全", "药品库", "已补齐双人签字"),
        ),
        rooms=("配电室", "药品库", "仓储科"),
        papers=("standardization_3",),
        posts=("低压电工作业",),
        risks=(
            Risk("1 号平房仓", "出仓作业", "粮堆塌方掩埋", _HIGH, "0.5", "系安全绳，专人监护，出粮口格栅完好"),
            Risk("1 号平房仓", "熏蒸", "磷化氢中毒", _GRAVE, "0.5", "气体检测合格后进仓，呼吸防护有效"),
            Risk("提升塔", "斗式提升机", "粮食粉尘爆炸", _GRAVE, "0.5", "跑偏、测速报警有效，积粉每班清理"),
        ),
        factors=(dust("提升塔", "谷物粉尘", 0.3, 2.6, 4.0),),
    ),
    "power": Profile(
        dangers=(
            Seen("输煤栈桥积粉", "输煤系统", "已冲洗，纳入每班清理"),
            Seen("氢气系统漏氢检测仪未标定", "制氢站", "已标定"),
            Seen("高压开关柜五防闭锁失灵", "6 kV 配电室", "已修复并试验"),
            Seen("汽机油系统渗油", "汽机房", "已消除渗漏"),
        ),
        rooms=("6 kV 配电室", "备品库", "安监部"),
        papers=("standardization_2", "safety_assessment"),
        posts=("高压电工作业", "低压电工作业", "熔化焊接与热切割作业"),
        risks=(
            Risk("锅炉房", "燃煤锅炉", "炉膛爆燃", _GRAVE, "0.5", "灭火保护投用，联锁试验合格"),
            Risk("制氢站", "储氢罐", "氢气泄漏爆炸", _GRAVE, "0.2", "漏氢检测正常，防静电、防雷检测合格"),
            Risk("输煤系统", "输煤栈桥", "煤粉自燃爆炸", _HIGH, "0.5", "积粉清理，喷淋有效"),
        ),
        factors=(dust("输煤系统", "煤尘（总尘）", 0.1, 2.7, 4.0), noise("汽机房", 0.25, 86.0)),
        business="use",
    ),
    "building": Profile(
        dangers=(
            Seen("脚手架连墙件缺失", "在建主楼", "已补设并验收"),
            Seen("塔式起重机力矩限制器失灵", "塔式起重机", "已修复并试验"),
            Seen("基坑临边防护栏杆缺口", "深基坑", "已补设"),
            Seen("二级配电箱未装漏电保护器", "在建主楼", "已安装并试跳"),
        ),
        rooms=("施工配电箱", "材料堆场", "项目部"),
        papers=("work_safety_permit",),
        posts=("低压电工作业", "熔化焊接与热切割作业", "高处安装、维护、拆除作业"),
        risks=(
            Risk("深基坑", "基坑支护", "坑壁坍塌", _GRAVE, "0.5", "水平位移监测正常，坑边无堆载"),
            Risk("在建主楼", "脚手架", "高处坠落", _HIGH, "1", "连墙件、脚手板、安全网验收合格"),
            Risk("塔式起重机", "起重吊装", "吊物坠落、倾覆", _HIGH, "0.5", "限位、力矩限制器有效，风速低于限值"),
        ),
        factors=(noise("钢筋加工棚", 0.1, 87.0), dust("木工棚", "木粉尘", 0.05, 1.7, 3.0)),
    ),
    "haulage": Profile(
        dangers=(
            Seen("危货车辆卫星定位掉线未处理", "监控室", "已恢复在线，处理记录补齐"),
            Seen("罐车紧急切断阀行驶中未关闭", "危险货物车辆停车场", "已关闭，驾驶员再培训"),
            Seen("车辆未随车携带安全卡", "危险货物车辆停车场", "已补发"),
            Seen("驾驶员疲劳驾驶报警未闭环", "监控室", "已约谈并补记"),
        ),
        rooms=("监控室配电箱", "车辆检修间", "安全部"),
        papers=(),
        posts=("低压电工作业",),
        risks=(
            Risk("运输途中", "罐车", "侧翻泄漏", _GRAVE, "0.5", "出车前检查合格，动态监控在线"),
            Risk("停车场", "停车场", "罐体泄漏起火", _HIGH, "0.5", "气体报警投用，值守在岗"),
        ),
        factors=(noise("车辆检修间", 0.05, 81.0),),
    ),
    "explosives": Profile(
        dangers=(
            Seen("乳化器断料保护未试验", "乳化炸药生产线", "已试验合格"),
            Seen("工房防雷接地电阻记录过期", "装药工房", "已复测合格"),
            Seen("生产线在线人数超过定员", "装药工房", "已清退，安装定员门禁", ("civil_explosives_2023-4",)),
        ),
        rooms=("生产区配电间", "包装材料库", "安全技术部"),
        papers=("work_safety_permit", "safety_assessment"),
        posts=("低压电工作业",),
        risks=(Risk("乳化炸药生产线", "乳化器", "摩擦、超温引发爆炸", ("1", "6", "100"), "0.2", "断料、超温联锁投用，人机隔离有效"),),
        factors=(noise("乳化工房", 0.1, 82.0),),
    ),
    "oilfield": Profile(
        dangers=(
            Seen("抽油机防护栏损坏", "井场", "已修复"),
            Seen("储罐呼吸阀冻堵", "联合站", "已解冻，加装伴热"),
            Seen("便携式硫化氢检测仪超期", "联合站", "已送检"),
            Seen("联合站可燃气体报警失效", "联合站", "已更换并联调", ("hazchem_2017-12",)),
        ),
        rooms=("变电所", "材料库", "安全环保部"),
        papers=("work_safety_permit", "safety_assessment", "standardization_2"),
        posts=("石油天然气司钻作业", "低压电工作业"),
        risks=(
            Risk("井场", "修井作业", "井喷", _GRAVE, "0.5", "防喷器试压合格，压井液储备足够"),
            Risk("联合站", "原油储罐", "油气泄漏起火", _GRAVE, "0.5", "呼吸阀、泡沫系统完好，气体报警投用"),
        ),
        factors=(Factor("联合站", "chemical", "硫化氢", "hydrogen_sulfide", 0.2, "MAC", usual=1.2),),
        answers={
            "hazchem": {"activity": "production", "in_park": "false", "processes": 0, "regulated": 2, "class_a_places": 2},
            "oil_gas": {"offshore": "onshore", "wells": 86, "sour": "true", "h2s_max": 45, "stations": 2},
        },
        business="produce",
    ),
}  # fmt: skip


def profile_of(trade: str) -> Profile:
    """What the enterprises of a trade keep. Raises ``KeyError``."""
    return PROFILES[trade]
