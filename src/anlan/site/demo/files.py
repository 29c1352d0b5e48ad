"""Files of the demonstration: whom to call by day and night, licences and certificates, some near their end and some past it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import system_actor
from anlan.site.demo.names import person

_ACTOR = system_actor("demo")
_SEED = 53
_CHINA = ZoneInfo("Asia/Shanghai")
# Kind, days until it falls due, who holds it (empty: the unit), for what.
_HELD = (
    ("work_safety_permit", 420, False, ""),
    ("hazchem_registration", 66, False, ""),
    ("standardization_2", 700, False, ""),
    ("safety_assessment", 250, False, ""),
    ("manager_assessment", 190, True, "主要负责人"),
    ("manager_assessment", 41, True, "安全生产管理人员"),
    ("special_operation", 900, True, "氯化工艺作业"),
    ("special_operation", -12, True, "低压电工作业"),
    ("special_operation", 27, True, "熔化焊接与热切割作业"),
)
_OTHERS = 12


def build(plant: UUID, *, now: datetime) -> None:
    """Complete the plant's file, invite an enterprise beside it, and give a few other enterprises of its place their licences. Invented people; quick."""
    draw = random.Random(_SEED)
    for role in ("safety_director", "control_room"):
        phone = f"0531-8800{draw.randrange(1000, 9999)}" if role == "control_room" else f"139{draw.randrange(10**7, 10**8)}"
        enterprises.add_contact(
            plant, role=role, name="中控室" if role == "control_room" else person(draw), phone=phone, actor=_ACTOR, now=now
        )
    _hold(plant, _HELD, draw, now)
    file = enterprises.enterprise(plant)
    enterprises.invite(
        name="海棠（演示）日用化工有限公司",
        uscc=enterprises.complete_credit_code(f"91{file.place_code[:6]}MA3D00053"),
        place_code=file.place_code,
        contact_name=person(draw),
        contact_phone="13900000053",
        actor=_ACTOR,
        now=now,
    )
    others = [one.id for one in enterprises.of_place(file.place_code[:4] + "00", None, limit=200) if one.id != plant]
    for each in draw.sample(others, min(_OTHERS, len(others))):
        _hold(each, draw.sample(_HELD, 3), draw, now)


def _hold(enterprise_id: UUID, held: Sequence[tuple[str, int, bool, str]], draw: random.Random, now: datetime) -> None:
    today = now.astimezone(_CHINA).date()
    for kind, days, by_person, post in held:
        number = f"{draw.randrange(10**11, 10**12)}"
        enterprises.add_certificate(
            enterprise_id,
            kind=kind,
            number=f"T{number}" if by_person else f"鲁演示 {number}",
            person_name=person(draw) if by_person else "",
            person_post=post,
            issued_on=today - timedelta(days=600),
            valid_until=today + timedelta(days=days),
            actor=_ACTOR,
            now=now,
        )
