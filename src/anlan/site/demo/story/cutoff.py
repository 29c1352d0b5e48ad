"""T+52 to T+92: the phones at the scene have no network. What the team tells waits on its phone and arrives once, each at its own moment."""

from __future__ import annotations

from typing import NamedTuple

from anlan.command.fieldapp import rules
from anlan.command.fieldapp import services as phone
from anlan.kernel.ids import new_id
from anlan.kernel.words import N_
from anlan.site.demo.story.act import Act
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


ACTS = (
    Act(
        "network_back", BACK, network_is_back,
        N_("现场断网 40 分钟：救援队手机上的三件事各按自己的时刻补到，重复送达只记一次"), "team.captain", "timeline",
    ),
)  # fmt: skip
"""The act of the network that is back; that it was cut at :data:`CUT` shows in nothing arriving."""
