"""Invented posts with what a reader finds in them: kind and how it is meant, place, casualties as told now. Written before the rules saw them.

``None`` as kind: tells of no event. Places are codes, ``AMBIGUOUS`` where a reader cannot know which. Casualties by class as (lowest, highest).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anlan.sense.opinion.extraction.localities import NamedPlace

HOME = "370100"
AMBIGUOUS = "?"
PLACES = tuple(
    NamedPlace(*row)
    for row in (
        ("110000", "北京市", "北京"),
        ("110105", "朝阳区", "朝阳"),
        ("120000", "天津市", "天津"),
        ("210000", "辽宁省", "辽宁"),
        ("211300", "朝阳市", "朝阳"),
        ("220100", "长春市", "长春"),
        ("220104", "朝阳区", "朝阳"),
        ("320000", "江苏省", "江苏"),
        ("320100", "南京市", "南京"),
        ("320106", "鼓楼区", "鼓楼"),
        ("320302", "鼓楼区", "鼓楼"),
        ("320300", "徐州市", "徐州"),
        ("350102", "鼓楼区", "鼓楼"),
        ("350100", "福州市", "福州"),
        ("370000", "山东省", "山东"),
        ("370100", "济南市", "济南"),
        ("370102", "历下区", "历下"),
        ("370103", "市中区", "市中"),
        ("370112", "历城区", "历城"),
        ("370114", "章丘区", "章丘"),
        ("370114001", "明水街道", "明水街道"),
        ("370114105", "刁镇街道", "刁镇街道"),
        ("370124", "平阴县", "平阴"),
        ("370200", "青岛市", "青岛"),
        ("370300", "淄博市", "淄博"),
        ("370402", "市中区", "市中"),
        ("370400", "枣庄市", "枣庄"),
        ("410000", "河南省", "河南"),
        ("410100", "郑州市", "郑州"),
        ("500000", "重庆市", "重庆"),
        ("510000", "四川省", "四川"),
        ("511102", "市中区", "市中"),
        ("511500", "宜宾市", "宜宾"),
        ("610000", "陕西省", "陕西"),
        ("610100", "西安市", "西安"),
        ("620000", "甘肃省", "甘肃"),
        ("620100", "兰州市", "兰州"),
        ("620102", "城关区", "城关"),
        ("540102", "城关区", "城关"),
    )
)


@dataclass(frozen=True)
class Sentence:
    """One post and what it says."""

    text: str
    kind: str | None = None
    stance: str = ""
    place: str = ""
    harm: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


def s(text: str, kind: str | None = None, stance: str = "told", place: str = "", **harm: tuple[int | None, int | None]) -> Sentence:
    return Sentence(text, kind, stance if kind else "", place, harm)


SENTENCES = (
    # told plainly
    s("昨晚8点，章丘区明水街道一化工厂发生液氯泄漏，3人中毒送医。", "hazchem_leak", place="370114001", injured=(3, 3)),
    s("山东济南历城区一仓库起火，现场浓烟滚滚，消防已到场。", "fire", place="370112"),
    s("11月26日6时许，平阴县一煤矿发生透水事故，7人被困井下。", "mine", place="370124", trapped=(7, 7)),
    s("刚刚，历下区一工地塔吊倒塌，2名工人死亡，1人受伤。", "construction", place="370102", dead=(2, 2), injured=(1, 1)),
    s("济南绕城高速三车追尾，造成1死3伤。", "road_traffic", place="370100", dead=(1, 1), injured=(3, 3)),
    s("宜宾市一企业发生爆炸，死亡人数升至八人，另有十五人受伤。", "explosion", place="511500", dead=(8, 8), injured=(15, 15)),
    s("四川省宜宾市突发山体滑坡，12人失联，已转移群众300余人。", "natural_disaster", place="511500", missing=(12, 12), moved=(301, 399)),
    s("刁镇街道一养殖场沼气中毒，两人窒息，一人抢救无效死亡。", "poisoning", place="370114105", dead=(1, 1)),
    s("徐州鼓楼区某小区天然气泄漏爆燃，十余人受伤。", "explosion", place="320302", injured=(11, 19)),
    s("南京市鼓楼区一写字楼火灾，无人员伤亡。", "fire", place="320106", dead=(0, 0), injured=(0, 0)),
    s("福州鼓楼一餐馆闪爆，玻璃碎了一地，5人受伤。", "explosion", place="350102", injured=(5, 5)),
    s("兰州城关区一老旧楼房垮塌，至少3人被埋。", "construction", place="620102", trapped=(3, None)),
    s("章丘氯碱厂跑氯了，厂门口全是黄绿色的烟，快跑！", "hazchem_leak", place="370114"),
    s("市中区一车间工人被机器绞伤，右手卷入搅拌机。", "machinery", place="370103"),
    s("郑州一大巴侧翻，车上30多人，目前已有6人遇难、20余人受伤。", "road_traffic", place="410100", dead=(6, 6), injured=(21, 29)),
    s("重庆一工厂粉尘爆炸致4死7伤，事故原因正在调查。", "explosion", place="500000", dead=(4, 4), injured=(7, 7)),
    s("西安市一在建大楼脚手架坍塌，数十人被困。", "construction", place="610100", trapped=(20, 99)),
    s("青岛一冷库氨气泄漏，周边居民紧急疏散，约200人撤离。", "hazchem_leak", place="370200", moved=(200, 200)),
    s("淄博某化工园区大火，火光冲天，爆炸声不断。", "fire", place="370300"),
    s("历下区突发地震？不是，是隔壁工地爆破。", None, place="370102"),
    s("甘肃发生5.9级地震，已致3人遇难。", "natural_disaster", place="620000", dead=(3, 3)),
    s(
        "山东省济南市章丘区一烟花厂爆炸，死亡3人，受伤9人，失联2人。",
        "explosion",
        place="370114",
        dead=(3, 3),
        injured=(9, 9),
        missing=(2, 2),
    ),
    s("天津一化工厂起火爆炸，3名消防员牺牲。", "explosion", place="120000", dead=(3, 3)),
    s("枣庄市市中区一铁矿冒顶，2名矿工被困。", "mine", place="370402", trapped=(2, 2)),
    s("平阴县一企业有限空间作业3人中毒，其中2人经抢救无效死亡。", "poisoning", place="370124", injured=(3, 3), dead=(2, 2)),
    s("今天上午历城区两车相撞，一人被困驾驶室。", "road_traffic", place="370112", trapped=(1, 1)),
    s("济南暴雨，多处路段内涝，有车被淹。", "natural_disaster", place="370100"),
    s("章丘区一粮仓坍塌，一家三口被埋，两人不幸遇难。", "construction", place="370114", trapped=(3, 3), dead=(2, 2)),
    s("北京朝阳区一地下室着火，近百人被疏散。", "fire", place="110105", moved=(None, 100)),
    s("长春朝阳区一饭店燃气爆炸，3至5人受伤。", "explosion", place="220104", injured=(3, 5)),
    # several of one name
    s("朝阳区一栋居民楼着火了，消防车来了好几辆。", "fire", place=AMBIGUOUS),
    s("鼓楼区这边有楼塌了，倒塌的是老厂房。", "construction", place=AMBIGUOUS),
    s("城关区一家工厂爆炸了，巨响！", "explosion", place=AMBIGUOUS),
    s("市中区经七路一仓库起火。", "fire", place="370103"),
    # doubt
    s("听说章丘那边化工厂爆炸了，是真的吗？", "explosion", "unsure", "370114"),
    s("网传历城区氯气泄漏死了30多人，求辟谣！！！", "hazchem_leak", "unsure", "370112", dead=(31, 39)),
    s("有没有人知道明水街道怎么了，好像有厂子着火了", "fire", "unsure", "370114001"),
    s("疑似有化学品泄漏，历下区这边空气很刺鼻", "hazchem_leak", "unsure", "370102"),
    s("朋友圈都在传平阴煤矿透水，不知道是不是真的", "mine", "unsure", "370124"),
    s("章丘是不是又地震了？床晃了一下", "natural_disaster", "unsure", "370114"),
    # denied
    s("【辟谣】网传章丘区氯气泄漏致30人死亡系谣言，请勿传播。", "hazchem_leak", "denied", "370114"),
    s("关于历城区某厂爆炸的视频，经核实不属实。", "explosion", "denied", "370112"),
    s("网传济南一商场火灾死亡20人。经警方核实，该信息为谣言。", "fire", "denied", "370100"),
    s("辟谣：平阴县未发生透水事故，网传视频系移花接木。", "mine", "denied", "370124"),
    s("网上说章丘氯碱厂爆炸的消息是假的，大家不要信。", "explosion", "denied", "370114"),
    s("“历下区化工厂爆炸”系旧闻，相关部门已辟谣。", "explosion", "denied", "370102"),
    # said not to be
    s("应急部门通报：章丘区上午的巨响是施工爆破，没有发生爆炸事故，无人员伤亡。", None, place="370114", dead=(0, 0), injured=(0, 0)),
    s("历城区消防：仓库冒烟系检修所致，未发生火灾。", None, place="370112"),
    s("经排查，历下区未发现燃气泄漏。", None, place="370102"),
    # exercises
    s("章丘区开展危险化学品泄漏应急演练，模拟5人中毒、2人被困。", "hazchem_leak", "exercise", "370114"),
    s("历下区举行消防演习，“大楼起火”后300名员工有序疏散。", "fire", "exercise", "370102"),
    s("今天上午，济南市组织地震应急演练。演练模拟章丘发生6.0级地震，造成10人死亡。", "natural_disaster", "exercise", "370100"),
    s("平阴县煤矿透水事故救援实战演练今日举行。", "mine", "exercise", "370124"),
    s("这不是演练！章丘区化工厂真的着火了！", "fire", "told", "370114"),
    # past
    s("2015年天津港爆炸造成165人遇难，教训深刻。", "explosion", "past", "120000"),
    s("去年平阴县煤矿透水致5人死亡，事故调查报告公布。", "mine", "past", "370124"),
    s("五年前的今天，宜宾一化工厂爆炸，19人遇难。", "explosion", "past", "511500"),
    s("章丘爆炸案一审宣判，企业负责人获刑五年。", "explosion", "past", "370114"),
    s("回顾历下区商场火灾：为何造成8人死亡？", "fire", "past", "370102"),
    # warnings and knowledge
    s("冬季取暖谨防一氧化碳中毒，章丘区应急局提醒您。", "poisoning", "might"),
    s("如果发生液氯泄漏，应向上风向撤离。", "hazchem_leak", "might"),
    s("家中起火怎么办？消防员教你自救。", "fire", "might"),
    s("济南市开展燃气爆炸隐患排查整治。", "explosion", "might", "370100"),
    s("严防高处坠落，历城区召开建筑施工安全培训会。", "construction", "might", "370112"),
    s("电动车入户充电极易引发火灾。", "fire", "might"),
    s("气象台发布暴雨预警信号，章丘可能出现山洪。", "natural_disaster", "might", "370114"),
    # figures of speech, other meanings
    s("爆炸性新闻！这部剧彻底大火了，全网炸了锅。"),
    s("某平台用户信息泄露，涉及上百万人。"),
    s("这首歌我已经中毒太深，美到窒息。"),
    s("新赛季人气爆炸，济南球迷热情高涨。", place="370100"),
    s("股市地震，金矿股暴跌。"),
    s("西安全会议今天召开，四川籍工人代表发言。"),
    s("北京路上的那家店真好吃，推荐大家去南京东路分店。"),
    s("智慧工地建设让安全看得见，历下区又添新项目。", place="370102"),
    s("他的人设坍塌了，粉丝心态炸了。"),
    s("行车安全讲座在历城区举行。", place="370112"),
    s("今年双十一手机爆炸式增长，快递小哥忙到飞起。"),
    s("领导调研章丘化工企业，强调安全生产。", place="370114"),
    # numbers that are no casualties
    s("3人获得见义勇为奖，奖金2万元，历下区表彰大会举行。", place="370102"),
    s("历城区一仓库起火，出动12辆消防车60名消防员，明火已扑灭。", "fire", place="370112"),
    s("章丘区一厂房着火，过火面积200平方米，20小时后明火扑灭。", "fire", place="370114"),
    s("济南一男子坠落受伤，从5楼掉下来的，命大。", "construction", place="370100"),
    # numbers said in many ways
    s("平阴县一工厂爆炸，遇难者增至十二人，仍有三人失踪。", "explosion", place="370124", dead=(12, 12), missing=(3, 3)),
    s("宜宾地震已造成１３人遇难，近２００人受伤。", "natural_disaster", place="511500", dead=(13, 13), injured=(None, 200)),
    s("章丘化工厂爆炸，伤亡人数不明。", "explosion", place="370114", harmed=(None, None)),
    s("历下区一大楼火灾，几十人被困楼顶，不到10人受伤。", "fire", place="370102", trapped=(20, 99), injured=(None, 10)),
    s("青岛一渔船翻船，船上11人，2人获救，9人失联。", "other", place="370200", missing=(9, 9)),
    s("西安一客车坠崖，超过20人受伤，两三人重伤。", "road_traffic", place="610100", injured=(20, None)),
    s("历城区工地坍塌，一百二十人紧急撤离。", "construction", place="370112", moved=(120, 120)),
    s("郑州一化工厂火灾，未造成人员伤亡。", "fire", place="410100", dead=(0, 0), injured=(0, 0)),
    s("章丘区车祸致2人当场死亡，7人送医，其中1人伤势严重。", "road_traffic", place="370114", dead=(2, 2), injured=(7, 7)),
    # hard ones
    s("没有及时报警导致爆炸，章丘一小作坊老板被烧伤。", "explosion", place="370114"),
    s("济南消防通报：章丘区一企业火灾已扑灭，网传死亡8人系谣言，实际2人轻伤。", "fire", "told", "370114", injured=(2, 2)),
    s("章丘日报：全区安全形势平稳，未发生生产安全事故。"),
    s("历下区一小区电梯坠落，5人被困，已全部救出。", "other", place="370102", trapped=(5, 5)),
    s("救命！我们厂氨气漏了，在章丘刁镇街道，里面还有人没出来！", "hazchem_leak", place="370114105"),
    s("章丘那个厂又冒烟了，味道刺鼻，环保不管管吗？", "hazchem_leak", "unsure", "370114"),
    s("济南路上看到一起追尾，人没事。", "road_traffic"),
    s("昨天章丘爆炸的厂子，去年就因隐患被罚过。", "explosion", place="370114"),
    s("平阴县矿难遇难者家属已得到安置，5名遇难矿工身份确认。", "mine", place="370124", dead=(5, 5)),
)

UNSEEN = (
    s("平阴县安城镇附近一辆危化品罐车侧翻，有液体流出，司机受轻伤。", "road_traffic", place="370124"),
    s("济南章丘：一食品厂制冷车间漏氨，4名工人被送医，目前情况稳定。", "hazchem_leak", place="370114", injured=(4, 4)),
    s("历下区解放路一临街商铺半夜起了大火，住在楼上的一对老夫妻没能逃出来。", "fire", place="370102"),
    s("西安地铁施工现场塌方，五名作业人员失去联系，搜救仍在进行。", "construction", place="610100", missing=(5, 5)),
    s("惊！青岛港一堆场集装箱炸了，离得老远都能感觉到震动。", "explosion", place="370200"),
    s("宜宾山洪冲走露营车辆，4人下落不明，另有两人已获救。", "natural_disaster", place="511500", missing=(4, 4)),
    s("历城区一养鸡场失火烧死上万只鸡，没伤着人。", "fire", place="370112"),
    s("郑州市应急管理局：火灾造成2人死亡、16人不同程度受伤。", "fire", place="410100", dead=(2, 2), injured=(16, 16)),
    s("今早章丘高速口一辆大货车撞上护栏，驾驶员当场身亡。", "road_traffic", place="370114"),
    s("兰州一高校实验室爆燃事故已致1死，2名学生烧伤。", "explosion", place="620100", dead=(1, 1), injured=(2, 2)),
    s("枣庄一煤矿发生顶板事故，井下作业的6人中4人安全升井，2人遇难。", "mine", place="370400", dead=(2, 2)),
    s("重庆一酒店浓烟滚滚，住客纷纷逃生，暂无人员伤亡报告。", "fire", place="500000", dead=(0, 0), injured=(0, 0)),
    s("徐州某工地工人触电倒地，工友施救时也被电倒，一死一伤。", "machinery", place="320300", dead=(1, 1), injured=(1, 1)),
    s("淄博一化工企业夜间排放黄烟，居民被熏得睡不着。", None, place="370300"),
    s("济南地震了吗，刚才楼晃得厉害", "natural_disaster", "unsure", "370100"),
    s("有人说平阴那边矿上出事了埋了好几个人，也不知真假", "mine", "unsure", "370124", trapped=(2, 9)),
    s("警方通报：编造“章丘爆炸死亡百人”谣言的网民已被行政拘留。", "explosion", "denied", "370114"),
    s("经了解，网传历城区某医院起火视频并非发生在本地。", "fire", "denied", "370112"),
    s("历下区：所谓“毒气泄漏”不实，实为下水道异味。", "hazchem_leak", "denied", "370102"),
    s("济南市中区消防大队走进校园，带孩子们体验火灾逃生。", "fire", "might", "370103"),
    s("模拟客车侧翻、罐车泄漏，平阴县多部门联合开展实战化演练。", "road_traffic", "exercise", "370124"),
    s("二十年前那场矿难，改变了这个村子。", "mine", "past"),
    s("2023年平阴县发生的那起中毒事故，5名责任人被处分。", "poisoning", "past", "370124"),
    s("雷电天气里不要在树下避雨，以免触电。", "machinery", "might"),
    s("这家火锅店火爆全城，排队两小时，辣到冒烟。"),
    s("历下区泉城广场灯光秀美爆了，人山人海，注意踩踏。", "other", "might", "370102"),
    s("新能源板块集体爆发，龙头股封死涨停。"),
    s("章丘大葱开镰，喜获丰收，每亩增收300余元。", place="370114"),
    s("黄河路上车祸，交警正在处理，没人受伤。", "road_traffic", injured=(0, 0)),
    s("历城区举办叉车司机技能大赛，8人进入决赛。", place="370112"),
)
"""Written after the rules were done and never tuned on: how much the figures of the first set are worth."""
