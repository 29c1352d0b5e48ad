"""Files of the demonstration: whom to call by day and night, licences and certificates, some near their end and some past it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from anlan.ground.enterprises import certificates, certifying, joining
from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises.models import EnterpriseContact
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION
from anlan.site.demo.names import person

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
_SMALL, _LARGE = 20, 300
"""Below so many people the owner runs the works himself; from so many on there are more certificates."""
_ANSWERS = (("manager_assessment", "主要负责人"), ("manager_assessment", "安全生产管理人员"))


def build(plant: UUID, *, now: datetime) -> None:
    """Complete the plant's file, invite two enterprises beside it (one has sent its file in), give every other enterprise people to call and papers."""
    draw = random.Random(_SEED)
    for role in ("safety_director", "control_room"):
        phone = "0531-00008800" if role == "control_room" else "13900000801"
        enterprises.add_contact(
            plant,
            role=role,
            name="中控室" if role == "control_room" else person(draw),
            phone=phone,
            actor=DEMONSTRATION,
            now=now - timedelta(days=190),
        )
    _hold(plant, draw, now)
    _invite(enterprises.enterprise(plant).place_code, draw, now)
    others = bulk.owners(but=plant)
    _people(others, draw, now)
    _papers(others, draw, now)


def _invite(place_code: str, draw: random.Random, now: datetime) -> None:
    """Two enterprises that nobody knows yet: one has its link, of the other the bureau is to judge what it wrote."""
    for number, name in enumerate(("海棠（演示）日用化工有限公司", "示范云河建材有限公司")):
        uscc = enterprises.complete_credit_code(f"91{place_code[:6]}MA3D0005{number + 3}")
        who = {"contact_name": person(draw), "contact_phone": f"1390000005{number + 3}"}
        _key, token = enterprises.invite(
            name=name, uscc=uscc, place_code=place_code, **who, actor=DEMONSTRATION, now=now - timedelta(days=3)
        )
        if number:
            values = {"legal_representative": who["contact_name"], "registered_address": "章丘区示范路 12 号", "staff_count": "46"}
            contacts = {role: {"name": person(draw), "phone": "13900000054"} for role in ("principal", "safety_manager")}
            joining.save_draft(token, values, contacts, now=now - timedelta(days=1))
            joining.submit(token, now=now - timedelta(days=1))


def _people(others: Sequence[bulk.Owner], draw: random.Random, now: datetime) -> None:
    """Who is in charge of safety, and whom one reaches at night: a control room where there are enough people for one."""
    rows = []
    for owner in others:
        room = owner.staff >= _SMALL * 4
        night = ("control_room", "值班室", f"0531-0000{draw.randrange(1000, 9999)}") if room else ("emergency", person(draw), _phone(draw))
        for role, name, phone in (("safety_manager", person(draw), _phone(draw)), night):
            rows.append(EnterpriseContact(**owner.base(now), role=role, name=name, phone=phone))
    bulk.keep("enterprises.change", (rows,), now=now)


def _phone(draw: random.Random) -> str:
    """A number that cannot ring: the subscriber part is all zeros."""
    return f"1{draw.choice('38')}{draw.randint(0, 9)}00000000"


def _papers(others: Sequence[bulk.Owner], draw: random.Random, now: datetime) -> None:
    """Licences of the trade, certificates of those in charge and of those who do dangerous work, by the import of spreadsheets."""
    called = dict(EnterpriseContact.objects.filter(role="principal").values_list("enterprise_id", "name"))
    rows: list[dict[str, Any]] = []
    for owner in others:
        names = (called.get(owner.file.id, ""), person(draw))
        rows += [_paper(owner, kind, "", "", draw, now) for kind in owner.profile.papers]
        rows += [_paper(owner, kind, name or person(draw), post, draw, now) for (kind, post), name in zip(_ANSWERS, names, strict=True)]
        for post in owner.profile.posts:
            for _ in range(1 if owner.staff < _LARGE else 2):
                rows.append(_paper(owner, "special_operation", person(draw), post, draw, now))
    _take_over(rows, now)


def _paper(owner: bulk.Owner, code: str, name: str, post: str, draw: random.Random, now: datetime) -> dict[str, Any]:
    """One certificate with days as its kind has them; one in twenty is over, one in twelve nears its end."""
    kind, today = certificates.kind(code), now.astimezone(_CHINA).date()
    first, whole = kind.review_months or kind.validity_months or 36, kind.validity_months or 36
    fate = draw.random()
    left = draw.randint(-70, -2) if fate < 0.05 else draw.randint(4, 55) if fate < 0.13 else draw.randint(95, max(96, first * 30 - 5))
    issued = certificates.add_months(today + timedelta(days=left), -first)
    number = f"{draw.randrange(10**11, 10**12)}"
    return {
        "uscc": owner.file.uscc,
        "kind": code,
        "number": f"T{number}" if name else f"鲁演示 {number}",
        "person_name": name,
        "person_post": post,
        "issued_on": issued,
        "valid_until": certificates.add_months(issued, whole),
        "review_due": certificates.add_months(issued, first) if kind.review_months else None,
    }


def _hold(plant: UUID, draw: random.Random, now: datetime) -> None:
    """The plant's own certificates, some near their end and one past it."""
    today, uscc = now.astimezone(_CHINA).date(), enterprises.enterprise(plant).uscc
    rows: list[dict[str, Any]] = []
    for kind, days, by_person, post in _HELD:
        number = f"{draw.randrange(10**11, 10**12)}"
        rows.append(
            {
                "uscc": uscc,
                "kind": kind,
                "number": f"T{number}" if by_person else f"鲁演示 {number}",
                "person_name": person(draw) if by_person else "",
                "person_post": post,
                "issued_on": today - timedelta(days=600),
                "valid_until": today + timedelta(days=days),
            }
        )
    _take_over(rows, now)


def _take_over(rows: list[dict[str, Any]], now: datetime) -> None:
    """Certificates by the import of spreadsheets. Raises ``ValueError`` where a line is refused."""
    for row in (refused := certifying.resolve(rows, actor=DEMONSTRATION, now=now)).items():
        raise ValueError(f"{len(refused)} certificates are refused, the first is {row}")
    certifying.import_certificates(rows, actor=DEMONSTRATION, now=now)
