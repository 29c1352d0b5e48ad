"""T+20 h to day 30: the response ends, the incident is closed, lessons get owners, the figures are locked."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from anlan.command.dispatch import aid
from anlan.command.incidents import door as incidents
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.review.aftermath import queries, services
from anlan.review.aftermath.models import Review
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.deaths import sign
from anlan.site.demo.story.release import filing_of
from anlan.site.demo.story.response import answer_of
from anlan.site.demo.story.stage import Stage

HOUR = 60
WINDOW = timedelta(days=30, hours=21, minutes=46)
"""From 02:14 of the day to the midnight that ends the thirtieth day after it."""
_MINUTE = timedelta(minutes=1)
LASTS = WINDOW + _MINUTE
"""From 02:14 to the moment at which the report is closed."""


def end_response(stage: Stage) -> None:
    """With grounds; the team of the next county goes home."""
    answer = aid.release(answer_of(stage), actor=stage["officer"], now=stage.now)
    aid.came_back(answer, Decimal("12800.00"), "药剂、油料", actor=stage["hazmat"], now=stage.now)
    assert stage.made.response is not None
    incidents.end_response(stage.made.response, "泄漏源封堵，监测连续达标，人员全部返回", actor=stage["leader"], now=stage.now)


def third_supplement(stage: Stage) -> None:
    """Within the day that the law gives."""
    filings.supplement(
        filing_of(stage).pk, {"brief_course": "阀门 V-102 填料失效"}, actor=stage["officer"], now=stage.now, reason="当日情况"
    )
    sign(stage, "province")


def close_incident(stage: Stage) -> None:
    """Nothing is open any more."""
    assert stage.made.incident is not None
    incidents.close_incident(stage.made.incident, "三人死亡，处置结束", actor=stage["leader"], now=stage.now)


def look_back(stage: Stage) -> None:
    """The officer writes the review with a lesson that has an owner, the leader passes it."""
    assert stage.made.incident is not None
    officer = stage["officer"]
    row = services.open_review(stage.made.incident, actor=officer, now=stage.now)
    services.write(row, {"achieved": "报警两分钟内有人处置", "failed": "市级向省级上报超时"}, actor=officer, now=stage.now)
    lesson = {
        "area": "reporting",
        "problem": "市级值班一人",
        "measure": "重大敏感时段双人值守",
        "owner_name": "市局指挥中心",
        "due": (stage.now + timedelta(days=60)).date(),
    }
    services.note_lesson(row, lesson, actor=officer, now=stage.now)
    services.submit(row, actor=officer, now=stage.now)
    stage.made.review = services.issue(row, actor=stage["leader"], now=stage.now).pk


def review_of(stage: Stage) -> Review:
    """The review as it stands."""
    return queries.review(str(stage.made.review), None)


def last_supplement(stage: Stage) -> None:
    """A minute before the window closes a word may still be added."""
    filings.supplement(filing_of(stage).pk, {"scene": "善后"}, actor=stage["officer"], now=stage.now)
    sign(stage, "province")


def window_closes(_stage: Stage) -> None:
    """Time alone closes it."""


def final_report(stage: Stage) -> None:
    """The response is over: the final report ends the daily supplements, not the window in which the dead are counted."""
    filings.supplement(
        filing_of(stage).pk,
        {"measures_taken": "泄漏源封堵，人员全部返回，处置结束", "direct_loss": 3_865_000, "missing": 0},
        actor=stage["officer"],
        now=stage.now,
        reason="处置结束",
        final=True,
    )
    sign(stage, "province")


def close_filing(stage: Stage) -> None:
    """Nothing can change any more: the report is closed."""
    filings.close(filing_of(stage).pk, actor=stage["leader"], now=stage.now)


ACTS = (
    Act("ended", 20 * HOUR, end_response, N_("理由充分，终止响应；邻县队伍归建，费用入账"), "county.leader", "timeline"),
    Act("supplemented", 32 * HOUR, third_supplement, N_("24 小时内再次续报"), "county.duty", "filing"),
    Act("closed", 36 * HOUR, close_incident, N_("事件办结，时间线可逐条回放"), "county.leader", "timeline"),
    Act("reviewed", 36 * HOUR, look_back, N_("复盘评估审定：指标、超时和有责任人的改进事项，可在地图上回放"), "county.leader", "review"),
    Act("final", 36 * HOUR, final_report, N_("终报：每日续报义务终止，伤亡窗口仍开着"), "county.duty", "filing"),
    Act("last_word", (WINDOW - _MINUTE).total_seconds() / 60, last_supplement),
    Act("locked", WINDOW.total_seconds() / 60, window_closes, N_("伤亡补报窗口关闭，数字锁定"), "county.duty", "filing"),
    Act("filed", LASTS.total_seconds() / 60, close_filing, N_("信息办结，不再欠报"), "county.leader", "filing"),
)
"""Acts of the end."""
