"""T+8 to T+36: the zone becomes a red bulletin, it goes out, whom no channel reached is reached by people; the update; at T+300 the all-clear."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from anlan.command.incidents import door as incidents
from anlan.command.judgement import door as judgements
from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.models import Recipient
from anlan.ground.places import door as places
from anlan.kernel.words import N_
from anlan.site.demo.cast import DEMONSTRATION, PLANT_TOWN
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.stage import Stage
from anlan.warn.bulletins import grounds, hygiene, rules, services, templating
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.warn.channels import calling
from anlan.warn.channels.adapters.contract import Told
from anlan.warn.channels.models import Call, Message

HAZARD, LEVEL, ZONE = "12D00", "red", "AEGL-2"
ISSUER, CONTACT = "章丘区应急管理局（演示）", "000-0000000"
STANDS = timedelta(hours=6)
BEIJING = ZoneInfo("Asia/Shanghai")
PRESENT = 40
AT_ONCE, LATE = range(34), range(34, 38)
"""Of the residents the first are told at once, four late; two more press a key when the machine calls. Three pick up no telephone at all."""
UNREACHED = ("王一", "王二", "王三")
HEAD = 300


def number(n: int) -> str:
    """The telephone of a resident: no number in the country begins so, and no other person of the demonstration has one like it."""
    return f"1009{n:07d}"


def enter_register(stage: Stage) -> None:
    """Residents along the axis of the cloud, the head of their village, and five people a few streets aside. Known ones are left as they are."""
    works = stage.cast.works

    def somebody(n: int, name: str, along: float, aside: float = 0.0, role: str = "resident") -> dict[str, Any]:
        # The wind comes from the north-east.
        at = {"longitude": works.longitude - along - aside, "latitude": works.latitude - along * 0.8 + aside}
        told = {"place_code": PLANT_TOWN, "phone": number(n), "consented": True, "source_note": "演习人员，均为虚构"}
        return {"name": name, "role": role, **told, **at}

    inside = [somebody(n, f"演习居民{n}", 0.002 + n * 0.0002) for n in range(PRESENT)]
    missed = [somebody(100 + n, name, 0.006) for n, name in enumerate(UNREACHED)]
    beside = [somebody(200 + n, f"演习旁邻{n}", 0.006, 0.05) for n in range(5)]
    head = somebody(HEAD, "演习村主任", 0.004, role="village_head")
    everybody = [*inside, *missed, *beside, head]
    known = set(Recipient.objects.filter(phone__in=[each["phone"] for each in everybody]).values_list("phone", flat=True))
    fresh = [each for each in everybody if each["phone"] not in known]
    audiences.bring_in(fresh, actor=DEMONSTRATION, now=stage.now)


def draft(stage: Stage) -> None:
    """The officer takes the zone of the judgement and the words of the template in two languages, and submits."""
    zone = next(each for each in judgements.zones_of(stage.made.runs[0], stage["officer"]) if each.code == ZONE)
    shape = {"type": "MultiPolygon", "coordinates": zone.area}
    until = stage.now + STANDS
    content: dict[str, Any] = {
        "event_code": HAZARD,
        "level": LEVEL,
        "area": shape,
        "area_origin": f"研判“{zone.title}”第 1 次：{zone.label}"[:200],
        "subject": zone.title[:100],
        "onset": stage.now,
        "expires": until,
        "issuer_name": ISSUER,
        "contact": CONTACT,
        **_words(zone.title, shape, stage.now, until),
    }
    made = services.draft(actor=stage["officer"], now=stage.now, exercise=True, **content)
    stage.made.bulletins.append(made.pk)
    _answer_others(stage, made)
    services.submit(made, actor=stage["officer"], now=stage.now)


def _words(subject: str, shape: dict[str, Any], onset: datetime, expires: datetime) -> dict[str, str]:
    kind = next(row for row in rules.event_types() if row.code == HAZARD)
    level = next(row for row in rules.levels() if row.code == LEVEL)
    towns = grounds.townships_in(shapely.geometry.shape(shape))
    facts = {
        "issuer": ISSUER,
        "event": kind.name_zh,
        "event_en": kind.name_en.lower(),
        "subject": subject,
        "area": "、".join(places.place_name(code) for code in towns[:8]) or places.place_name(PLANT_TOWN),
        "onset": f"{onset.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "expires": f"{expires.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "contact": CONTACT,
    }
    words = {}
    for language, ending, name in (("zh", "", level.name_zh), ("en", "_en", level.name_en)):
        chosen = templating.template(HAZARD, LEVEL, language, onset.astimezone(BEIJING).date())
        if chosen is not None:
            filled = templating.fill(chosen, {**facts, "level": name})
            words |= {f"{part}{ending}": getattr(filled, part) for part in ("headline", "description", "instruction")}
    return words


def _answer_others(stage: Stage, made: Bulletin) -> None:
    """Live bulletins of today that say otherwise are none of the story's: it is issued beside them."""
    others = grounds.contradicting(made)
    if others:
        answers = {str(other.pk): {"answer": hygiene.BESIDE, "reason": "往日演习，另行发布"} for other in others}
        services.edit(made, actor=stage["officer"], now=stage.now, answers=answers)


def bulletin_of(stage: Stage, at: int = 0) -> Bulletin:
    """The first bulletin, the update or the all-clear, as it stands."""
    return Bulletin.objects.get(pk=stage.made.bulletins[at])


def approve(stage: Stage) -> None:
    """A second person approves; it belongs to the incident."""
    made = services.approve(bulletin_of(stage), actor=stage["approver"], now=stage.now)
    _link(stage, made)


def _link(stage: Stage, made: Bulletin) -> None:
    assert stage.made.incident is not None
    incidents.link(stage.made.incident, "bulletin", made.pk, actor=stage["officer"], now=stage.now)


def send(stage: Stage) -> None:
    """What was planned since the approval is handed to the carriers."""
    stage.made.message = Message.objects.get(source_kind="bulletin", source_id=stage.made.bulletins[0]).pk
    stage.hand_over()


_NAMED = {number(n) for n in (*LATE, 38, 39, 100, 101, 102)}


def hear_first(stage: Stage) -> None:
    """Receipts of whoever is awake."""
    _hear(stage, Told.DELIVERED, lambda address: address not in _NAMED)
    for channel in ("broadcast", "led"):
        stage.carriers.hear(channel, Told.CONFIRMED, lambda _address: True, stage.now)


def hear_late(stage: Stage) -> None:
    """Four receipts come two minutes late."""
    _hear(stage, Told.DELIVERED, {number(n) for n in LATE}.__contains__)


def _hear(stage: Stage, told: Told, whose: Callable[[str], bool], channel: str = "sms") -> None:
    stage.carriers.hear(channel, told, whose, stage.now)


def carrier_hangs(stage: Stage) -> None:
    """The carrier of text messages answers nothing for six minutes; it is left alone."""
    stage.carriers.hang("sms", "短信网关 6 分钟无应答", stage.now)


def machine_calls(stage: Stage) -> None:
    """Whom no receipt came for is called by the machine; two press the key, one picks up and says nothing."""
    stage.hand_over()
    _hear(stage, Told.DELIVERED, {number(100)}.__contains__, "voice")
    _hear(stage, Told.CONFIRMED, {number(38), number(39)}.__contains__, "voice")


def carrier_answers(stage: Stage) -> None:
    """The carrier is back."""
    stage.carriers.answer("sms", stage.now)


def clerk_calls(stage: Stage) -> None:
    """The village reaches two of the three who are left."""
    calls = calls_of(stage)
    for call, outcome in zip(calls, (calling.TOLD, calling.VISITED, calling.NO_ANSWER), strict=True):
        calling.attempt(call.pk, outcome=outcome, actor=stage["clerk"], now=stage.now)


def calls_of(stage: Stage) -> list[Call]:
    """Who of the story's residents is called by people, by name."""
    return list(Call.objects.filter(message_id=stage.made.message, name__in=UNREACHED).order_by("name"))


def at_the_door(stage: Stage) -> None:
    """The third rose to the township, where somebody goes to the door."""
    calling.attempt(calls_of(stage)[2].pk, outcome=calling.VISITED, note="到户", actor=stage["township"], now=stage.now)


def draft_update(stage: Stage) -> None:
    """The zone shrinks: an update that names what it changes."""
    works = stage.cast.works
    near = shapely.box(works.longitude - 0.006, works.latitude - 0.005, works.longitude + 0.001, works.latitude + 0.001)
    area = json.loads(json.dumps(shapely.geometry.mapping(near)))
    made = services.draft_follower(
        bulletin_of(stage), MessageKind.UPDATE, actor=stage["officer"], now=stage.now, area=area, area_drawn=None
    )
    stage.made.bulletins.append(made.pk)
    _answer_others(stage, made)
    services.submit(made, actor=stage["officer"], now=stage.now)


def approve_update(stage: Stage) -> None:
    """The second person again."""
    made = services.approve(bulletin_of(stage, 1), actor=stage["approver"], now=stage.now)
    _link(stage, made)


def send_update(stage: Stage) -> None:
    """It goes to those who are still concerned."""
    stage.hand_over()
    _hear(stage, Told.DELIVERED, lambda _address: True)
    for channel in ("broadcast", "led"):
        stage.carriers.hear(channel, Told.CONFIRMED, lambda _address: True, stage.now)


def draft_all_clear(stage: Stage) -> None:
    """The danger is over."""
    made = services.draft_follower(bulletin_of(stage, 1), MessageKind.CANCEL, actor=stage["officer"], now=stage.now)
    stage.made.bulletins.append(made.pk)
    services.submit(made, actor=stage["officer"], now=stage.now)


def approve_all_clear(stage: Stage) -> None:
    """The second person once more."""
    made = services.approve(bulletin_of(stage, 2), actor=stage["approver"], now=stage.now)
    _link(stage, made)


ACTS = (
    Act("registered", -720, enter_register),
    Act("drafted", 8, draft, N_("由影响区起草红色预警，中英两种文字，送审"), "county.duty", "bulletin"),
    Act("published", 9, approve, N_("另一人审批发布：起草人不能批准自己的预警"), "county.approver", "bulletin"),
    Act("sent", 9.1, send, N_("预警发往登记的受众：短信、广播、显示屏"), "county.duty", "monitor"),
    Act("receipts", 9.5, hear_first),
    Act("late_receipts", 11, hear_late),
    Act("hangs", 12, carrier_hangs, N_("短信网关 6 分钟无应答：通道标红，语音外呼接手，同一人不重复"), "county.duty", "monitor"),
    Act("machine", 12.5, machine_calls),
    Act("answers", 18, carrier_answers, N_("三户无人应答：列入叫应名单，通知村里"), "village.clerk", "monitor"),
    Act("clerk", 21, clerk_calls, N_("村值班员叫应两户；第三户升到镇里"), "village.clerk", "monitor"),
    Act("rose", 29, lambda _stage: None),
    Act("door", 33, at_the_door, N_("镇里派人到户，最后一户叫应到位"), "town.leader", "monitor"),
    Act("update", 35, draft_update),
    Act("updated", 36, approve_update, N_("范围缩小，发布更新预警，注明所更新的预警"), "county.approver", "update"),
    Act("update_sent", 36.1, send_update),
    Act("clearing", 300, draft_all_clear),
    Act("cleared", 301, approve_all_clear, N_("空气恢复正常，发布解除预警"), "county.approver", "all_clear"),
)
"""Acts of the warning."""
