"""A major hidden danger from the phone that found it to the quarter's table that counts it, with every refusal on the way."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.accounts import client_of
from tests.rooms.prevent.dangers.works import CRITERION, PLAN, Picture, Works

from anlan.desk import todo
from anlan.ledger.models import AuditEntry, Clock, ClockState, FlowStep
from anlan.prevent.dangers import door, rules, sweeping
from anlan.prevent.dangers.models import Danger, Escalation, PeriodReport
from anlan.prevent.risks import checking
from anlan.prevent.risks import rules as risk_rules
from anlan.prevent.risks import services as risks
from anlan.prevent.risks.models import CheckTask

pytestmark = pytest.mark.django_db
TITLE = "储罐区紧急停车系统未投用"


def photograph(colour: tuple[int, int, int], name: str = "现场.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, Picture(colour).getvalue(), "image/jpeg")


class Story:
    """The works of the story, and everybody's browser."""

    def __init__(self, works: Works) -> None:
        self.works = works
        self.browsers: dict[str, Client] = {}

    def browser(self, name: str) -> Client:
        # Who was away for weeks signs in anew.
        return client_of(self.works.accounts[name])

    @property
    def danger(self) -> Danger:
        return Danger.objects.get()

    def check(self) -> CheckTask:
        """The day's check of the measure that the works keep against the risk of their tanks."""
        by = self.works.by("manager")
        tanks = risks.register_object(self.works.enterprise.pk, code="D-01", name="储罐区", **by)
        unit = risks.add_unit(tanks.pk, code="1", name="3#储罐", **by)
        event = risks.add_event(
            unit.pk, title="泄漏后不能紧急停车", method="lec", factors={"L": "3", "E": "6", "C": "40"}, level="company", **by
        )
        shift = {"kind": "engineering", "period": "day", "level": "post"}
        risks.add_measure(event.pk, text="紧急停车系统投用", check_text="紧急停车系统投用，未旁路", **shift, **by)
        checking.sweep(self.works.now)
        return CheckTask.objects.get()

    def do(self, name: str, code: str, status: int = 302, *, seen: int | None = None, **values: object):
        """One move or act by a form of the page; the answer when it was refused."""
        danger = self.danger
        data = {f"{code}-{key}": value for key, value in values.items() if key not in ("photo", "file")}
        data |= {key: value for key, value in values.items() if key in ("photo", "file")}
        data["seen"] = danger.version if seen is None else seen
        answer = self.browser(name).post(f"/dangers/{danger.pk}/do/{code}/", data)
        assert answer.status_code == status, (code, answer.status_code, answer.content.decode()[:3000])
        return answer

    def refused(self, name: str, code: str, words: str, status: int = 409, **values: object) -> None:
        """A move that is refused says why and changes nothing."""
        before = self.danger.version
        answer = self.do(name, code, status, **values)
        assert words in answer.content.decode(), answer.content.decode()[:4000]
        assert self.danger.version == before

    def at(self, moment: datetime) -> str:
        return f"{moment.astimezone(rules_zone()):%Y-%m-%dT%H:%M}"


def rules_zone():
    from anlan.prevent.dangers.periods import CHINA

    return CHINA


@pytest.fixture
def story(db, clock) -> Story:
    clock.set(datetime(2026, 8, 3, 1, 0, tzinfo=UTC))
    return Story(Works(clock))


def test_a_major_danger_from_the_phone_that_found_it_to_the_table_that_counts_it(story):
    works = story.works

    # The risk register asks for the stop system to be looked at each day: the check stands on the phone of whoever is on shift.
    task = story.check()
    phone = story.browser("operator")
    assert task.title in phone.get("/risk-checks/today/").content.decode()
    page = phone.get(f"/risk-checks/{task.pk}/").content.decode()
    assert 'capture="environment"' in page and 'data-offline="' in page

    # What is abnormal is told in words; made without a network and sent twice, it is one result and one danger, found when it was seen.
    answer = {"outcome": "abnormal", "note": ""}
    assert phone.post(f"/risk-checks/{task.pk}/do/", answer).status_code == 422
    assert not Danger.objects.exists()
    result = str(uuid4())
    answer = {"outcome": "abnormal", "note": f"{TITLE}\n钥匙开关在旁路位", "once": result, "seconds_ago": "1200"}
    for _ in range(2):
        assert phone.post(f"/risk-checks/{task.pk}/do/", answer, HTTP_ACCEPT="application/json").status_code == 200
    assert (story.danger.title, story.danger.source, story.danger.state) == (TITLE, rules.SELF_CHECK, rules.FOUND)
    assert story.danger.found_at == works.now - timedelta(minutes=20) and not story.danger.found_by_bureau
    task.refresh_from_db()
    assert task.state == risk_rules.DONE and task.outcome == risk_rules.ABNORMAL

    # Its picture is kept with the danger; a program under a picture's name is not, and what is there stays.
    program = SimpleUploadedFile("照片2.jpg", b"MZ" + bytes(3000), "image/jpeg")
    assert phone.post(f"/risk-results/{result}/picture/", {"photo": photograph((200, 0, 0))}).status_code < 400
    bad = phone.post(f"/risk-results/{result}/picture/", {"photo": program}, HTTP_ACCEPT="application/json")
    assert bad.status_code == 415 and "程序" in bad.content.decode()
    pictures = story.browser("inspector").get(f"/dangers/{story.danger.pk}/").content.decode()
    assert "现场.jpg" in pictures and "照片2.jpg" not in pictures

    # Nor can anybody register by hand what is still to be found.
    told = {
        "enterprise_id": works.enterprise.pk,
        "title": "明天的隐患",
        "location": "3#储罐",
        "source": rules.INSPECTION,
        "sector": "hazchem",
    }
    told["found_at"] = story.at(works.now + timedelta(days=1))
    assert "不能晚于当前时间" in story.browser("inspector").post("/dangers/report/", told).content.decode()

    # Nobody beyond the county line sees it; the enterprise's operator may look and not judge.
    assert story.browser("neighbour").get(f"/dangers/{story.danger.pk}/").status_code == 404
    assert story.do("operator", "grade", 403, grade=rules.GENERAL)

    # Graded by an item in force that day, and only by one.
    story.refused("inspector", "grade", "须选择发现当日有效", 422, grade=rules.MAJOR)
    story.refused("inspector", "close", "当前状态为“待判定”")
    story.do("inspector", "grade", grade=rules.MAJOR, criterion=CRITERION)
    assert works.told("dangers.graded") == {"inspector", "colleague", "manager", "principal"}
    story.refused("manager", "report_up", "必填", 422, situation="", harm="", plan="")
    story.do("manager", "report_up", situation="停车系统旁路", harm="可致罐区泄漏，整改难度中等", plan="更换控制器后联锁试验")
    assert Clock.objects.get(subject_id=story.danger.pk, rule_code="report_major").state == ClockState.MET

    # Ordered with a deadline and its basis; two people at one page: the second sees what changed.
    seen = story.danger.version
    deadline = works.now + timedelta(days=10)
    story.refused(
        "inspector",
        "order",
        "须晚于当前时间",
        422,
        order_text="恢复投用",
        order_basis="安全生产法第四十一条",
        deadline=story.at(works.now - timedelta(hours=1)),
    )
    story.do("inspector", "order", order_text="恢复投用", order_basis="安全生产法第四十一条", deadline=story.at(deadline))
    late = story.do("colleague", "order", 409, seen=seen, order_text="停用", order_basis="法", deadline=story.at(deadline))
    assert "已被修改" in late.content.decode() and "停用" in late.content.decode()
    assert works.told("dangers.ordered") == {"manager", "principal"}

    # No work on a major danger without five fixes and six parts; nor on the spot; nor stopped by the enterprise itself.
    fixes = {"responsible_name": "王强", "measures": "更换控制器", "funds_yuan": "80000", "contingency": "停车撤人"}
    plan = {f"plan_{part}": text for part, text in PLAN.items()}
    story.refused("manager", "start", "五落实", 422, **(fixes | {"contingency": ""}), **plan)
    story.refused("manager", "start", "治理方案", 422, **fixes, **(plan | {"plan_safety": ""}))
    story.refused("manager", "fix_at_once", "不能当场销项", outcome="好了")
    story.do("manager", "suspend", 403, until=story.at(deadline), reason="x")
    story.do("manager", "start", **fixes, **plan)

    # Extended once: asked before the deadline, decided by who ordered.
    works.pass_time(days=7, hours=1)
    assert works.told("dangers.escalated") == {"manager"}  # the reminder
    story.refused("manager", "ask_extension", "须晚于现在的整改期限", 422, wanted=story.at(deadline), reason="控制器缺货")
    story.do("manager", "ask_extension", wanted=story.at(deadline + timedelta(days=5)), reason="控制器缺货")
    story.refused("manager", "decide_extension", "不能自己批准", 403, approve="yes")
    story.refused("principal", "decide_extension", "须由监管部门办理", 403, approve="yes")
    story.do("inspector", "decide_extension", approve="yes", note="同意一次")
    assert story.danger.deadline == deadline + timedelta(days=5) and story.danger.extended == 1
    deadline = story.danger.deadline

    # Overdue: the enterprise, the county, the city, each told once however often time is looked at.
    works.pass_time(days=6)
    works.pass_time(days=2)
    assert story.danger.overdue
    story.refused("manager", "ask_extension", "期限已过", wanted=story.at(works.now + timedelta(days=3)), reason="再缓")
    for _ in range(3):
        works.pass_time(hours=24)
    works.pass_time(minutes=1)
    steps = list(Escalation.objects.filter(deadline=deadline).values_list("step", "place_code", "names"))
    assert [(step, place) for step, place, _ in steps] == [
        ("remind", ""),
        ("enterprise", ""),
        ("county", "370102"),
        ("city_major", "370100"),
    ]
    assert steps[-1][2] == ["City", "City2"]
    assert {"city", "city2"} <= works.told("dangers.escalated")
    mine = [item for item in todo.items(works.actor("city"), works.now) if item.subject == story.danger.pk]
    assert mine and any(item.overdue for item in mine)
    assert len(mine) == len({(item.what, item.until) for item in mine})
    listing = story.browser("city").get("/dangers/?overdue=1").content.decode()
    assert TITLE in listing

    # Listed by the city, with a time of its own.
    story.do("city", "list", until=story.at(works.now + timedelta(days=30)), reason="逾期未改")
    story.refused("inspector", "list", "已由市级挂牌督办", until=story.at(works.now + timedelta(days=30)), reason="再挂")
    assert "listed" in works.clocks(story.danger)

    # Removed: not without a picture; verified by another, of the level that listed it, when the unit asks.
    story.refused("manager", "rectify", "至少 1 张", 422, outcome="控制器已更换")
    story.do("manager", "rectify", outcome="控制器已更换", photo=photograph((0, 200, 0), "整改后.jpg"))
    story.refused("manager", "verify", "须由监管部门办理", 403, verdict="合格")
    story.refused("principal", "verify", "须由监管部门办理", 403, verdict="合格")
    story.refused("inspector", "verify", "须由挂牌机关或其上级办理", 403, verdict="合格")
    story.refused("city", "verify", "须先由企业申请验收核销", verdict="合格")
    story.do("manager", "ask_acceptance")
    acceptance = Clock.objects.get(subject_id=story.danger.pk, rule_code="acceptance")
    assert acceptance.until - acceptance.since == timedelta(days=10)

    # The first verification fails; the next round has its own picture.
    story.refused("city", "send_back", "必填", 422, reason="")
    story.do("city", "send_back", reason="联锁试验记录缺失", deadline=story.at(works.now + timedelta(days=4)))
    assert works.told("dangers.sent_back") == {"manager", "principal"}
    story.refused("manager", "rectify", "至少 1 张", 422, outcome="补做试验")
    story.do("manager", "rectify", outcome="补做试验并记录", photo=photograph((0, 0, 200), "试验.jpg"))
    story.do("manager", "ask_acceptance")
    story.do("city", "verify", verdict="现场验收合格")
    assert story.danger.rounds.count() == 2

    # Closed once it is off the list; closed dangers owe nothing and leave the map.
    story.refused("city", "close", "仍在挂牌督办")
    story.refused("inspector", "delist", "须由挂牌机关或其上级办理", 403, reason="验收合格")
    story.do("city2", "delist", reason="验收合格，核销")
    story.do("inspector", "close")
    assert story.danger.state == rules.CLOSED and story.danger.open_longitude is None
    assert works.clocks(story.danger) == set()
    assert not [item for item in todo.items(works.actor("city"), works.now) if item.subject == story.danger.pk]
    story.refused("inspector", "cancel", "当前状态为“已销号”", reason="误报")

    # Published without names.
    story.refused("inspector", "publish", "个人信息", 422, public_text="责任人王强 13800000000 已整改")
    story.do("inspector", "publish", public_text="示范化工有限公司储罐区重大隐患已整改销号。")
    assert [each.closed for each in door.published("370100")] == [True]

    # Counted in the quarter's table, signed by the principal, printed.
    works.clock.set(datetime(2026, 10, 1, 2, 0, tzinfo=UTC))
    assert sweeping.open_reports(works.now) == 1
    report = PeriodReport.objects.get(period="2026Q3")
    address = f"/danger-reports/{report.pk}/"
    assert story.browser("manager").post(address, {"analysis": "一项", "principal_name": "李明"}).status_code == 403
    assert story.browser("principal").post(address, {"analysis": "", "principal_name": "李明"}).status_code == 422
    assert story.browser("principal").post(address, {"analysis": "一项重大隐患已销号", "principal_name": "李明"}).status_code == 302
    report.refresh_from_db()
    major = next(line for line in report.figures["lines"] if line["grade"] == rules.MAJOR)
    assert (major["found"], major["closed"], major["left"], major["overdue"]) == (1, 1, 0, 1)
    assert Clock.objects.get(subject_id=report.pk).state == ClockState.MET
    sheet = story.browser("inspector").get(f"{address}table.csv")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[2][:4] == ["重大隐患", "0", "1", "1"]
    assert story.browser("inspector").get(f"{address}table.pdf").content[:5] == b"%PDF-"
    assert story.browser("inspector").get(f"{address}table.docx").content[:2] == b"PK"

    # Each move stands in the record and in the audit with who did it.
    moves = list(FlowStep.objects.filter(subject_id=story.danger.pk).values_list("move", flat=True))
    assert moves == [
        "open", "grade", "report_up", "order", "start", "ask_extension", "decide_extension", "list", "rectify", "ask_acceptance",
        "send_back", "rectify", "ask_acceptance", "verify", "delist", "close", "publish",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(subject_id=str(story.danger.pk), action="dangers.verify").count() == 2
    page = story.browser("inspector").get(f"/dangers/{story.danger.pk}/").content.decode()
    for words in ("整改前", "整改后", "逾期，升级到市级", "现场验收合格", "联锁试验记录缺失", "控制器缺货"):
        assert words in page
