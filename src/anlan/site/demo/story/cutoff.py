"""T+52 to T+92: a cable is dug up. The county's link to the city is cut, and the phones at the scene have no network.

What the county writes for the city waits and goes, the dead first, when the link is back; what the team tells waits on its phone. All of it arrives once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from anlan.command.fieldapp import rules
from anlan.command.fieldapp import services as phone
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.report.relays import door as relays
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.deaths import sign
from anlan.site.demo.story.release import filing_of
from anlan.site.demo.story.stage import Stage

CUT, BACK = 52, 92


class Waiting(NamedTuple):
    """One thing told at T0 and so many ``minutes``."""

    minutes: float
    kind: str
    words: str


TOLD = (
    Waiting(56, rules.CHECK_IN, "侦检组 4 人，供气正常"),
    Waiting(70, "finish", "堵漏完成，人员撤出"),
    Waiting(78, rules.CHECK_IN, "全员撤至上风向集结点，平安"),
)
"""What waits, in the order in which it was told."""


def network_is_back(stage: Stage) -> None:
    """All that waited is sent in its order; the answers are lost on the way, so the phone sends all of it a second time."""
    assert stage.made.fire_task is not None
    spot = {"longitude": stage.cast.works.longitude, "latitude": stage.cast.works.latitude}
    keys = [new_id() for _ in TOLD]
    for _attempt in range(2):
        for key, each in zip(keys, TOLD, strict=True):
            ago = round((stage.now - stage.moment(each.minutes)).total_seconds())
            phone.tell(
                key,
                each.kind,
                task_id=stage.made.fire_task,
                words=each.words,
                spot=spot,
                seconds_ago=ago,
                actor=stage["captain"],
                now=stage.now,
            )


def link_is_cut(stage: Stage) -> None:
    """The exercise holds the county's link upward cut."""
    county, leader = stage.cast.works.place_code, stage["leader"]
    stage.made.cut = relays.cut(Level.COUNTY, county, "光缆被挖断", actor=leader, now=stage.now)


def county_writes_on(scene: str) -> Callable[[Stage], None]:
    """The county works on: a supplement, which waits for the link."""

    def write(stage: Stage) -> None:
        filings.supplement(filing_of(stage).pk, {"scene": scene}, actor=stage["officer"], now=stage.now, reason="续报")

    return write


def link_is_back(stage: Stage) -> None:
    """What waited goes over the link, the dead before what was written before them; then the city has it, and signs."""
    assert stage.made.cut is not None
    relays.mend(stage.made.cut, actor=stage["leader"], now=stage.now)


ACTS = (
    Act("link_cut", CUT, link_is_cut, N_("光缆被挖断：县到市的链路中断（演练注入），县里照常处置"), "county.leader", "links"),
    Act("first_waits", 60, county_writes_on("两岗出动，水幕稀释"), N_("县续报现场情况：在本节点待发"), "county.duty", "filing"),
    Act("second_waits", 71, county_writes_on("阀门已封堵，读数下降"), N_("县续报阀门已封堵：待发 2 件"), "county.duty", "filing"),
    Act("link_back", BACK, link_is_back, N_("链路恢复：待发 3 件全部送达，死亡续报最先，无一重复"), "county.duty", "filing"),
    Act("waited_signed", BACK, lambda stage: sign(stage, "city"), N_("市值班员签收补到的三件"), "city.duty", "filing"),
    Act(
        "network_back", BACK, network_is_back,
        N_("现场断网 40 分钟：救援队手机上的三件事各按自己的时刻补到，重复送达只记一次"), "team.captain", "timeline",
    ),
)  # fmt: skip
"""Acts of the cable; that the phones are cut off shows in nothing arriving."""
