"""T+16 to T+11 h 14 min: the report goes up, people die, leaders give instructions, and the city is fourteen minutes late."""

from __future__ import annotations

from datetime import timedelta

from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.report.filings import instructing, services
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.release import filing_of, tell_whom_the_law_names
from anlan.site.demo.story.stage import Stage

HOUR = 60
LATE = "值班员处置次生险情"
"""What the city says of its fourteen minutes."""


def sign(stage: Stage, role: str) -> None:
    """Somebody's level signs for everything that waits for it, one after the other as on the page."""
    filing = filing_of(stage)
    for _waiting in range(filing.steps.filter(received_at__isnull=True, receiver_level=stage[role].level).count()):
        filings.receive(filing.pk, actor=stage[role], now=stage.now)


def report_up(stage: Stage) -> None:
    """To the city, and directly to the ministry because it may become grave."""
    filings.report_up(filing_of(stage).pk, actor=stage["officer"], now=stage.now)
    services.report_directly(filing_of(stage), Level.NATION, actor=stage["officer"], now=stage.now, note="可能升级")


def sign_above(stage: Stage) -> None:
    """Both sign a minute later."""
    for role in ("city", "nation"):
        sign(stage, role)


def one_dies(stage: Stage) -> None:
    """One dead, four gravely poisoned: an ordinary accident; the supplement waits for the link to the city, before all that waits there."""
    officer, key = stage["officer"], filing_of(stage).pk
    filings.casualties_learned(key, stage.now, actor=officer, now=stage.now)
    filings.supplement(key, {"deaths": 1, "serious_injured": 4}, actor=officer, now=stage.now, reason="医院通报")


def instruct(stage: Stage) -> None:
    """One instruction of the city, one of the province, which the city passes down."""
    filing, due = filing_of(stage), stage.now + timedelta(hours=6)
    city, province = stage["city_leader"], stage["province_leader"]
    first = instructing.instruct(filing, "全力救治", "市长", actor=city, now=stage.now, to_level=Level.COUNTY, due=due)
    second = instructing.instruct(filing, "查明原因，严防次生", "副省长", actor=province, now=stage.now, to_level=Level.CITY, due=due)
    below = instructing.pass_down(filing, second.pk, "请县局查明阀门失效原因", actor=city, now=stage.now)
    stage.made.instructions = [first.pk, second.pk, below.pk]


def answer_instructions(stage: Stage) -> None:
    """All are answered and confirmed by whoever gave them."""
    filing, (first, second, below) = filing_of(stage), stage.made.instructions
    for each in (first, below):
        instructing.complete(filing, each, "已落实", actor=stage["officer"], now=stage.now)
    instructing.complete(filing, second, "县局已查明", actor=stage["city"], now=stage.now)
    instructing.confirm(filing, first, actor=stage["city_leader"], now=stage.now)
    instructing.confirm(filing, second, actor=stage["province_leader"], now=stage.now)


def two_more_die(stage: Stage) -> None:
    """Three dead: a relatively serious accident. Fewer gravely hurt than before is a reduction."""
    key = filing_of(stage).pk
    filings.casualties_learned(key, stage.now, actor=stage["officer"], now=stage.now)
    filings.supplement(key, {"deaths": 3, "serious_injured": 2}, actor=stage["manager"], now=stage.now, reason="医院通报")


def confirm_reduction(stage: Stage) -> None:
    """A second person confirms it: two who died are no longer gravely hurt."""
    services.confirm_reduction(filing_of(stage).reductions.get(), actor=stage["officer"], now=stage.now)


def flash(stage: Stage) -> None:
    """County and city telephone ahead; the city signs for the supplement."""
    for role in ("officer", "city"):
        services.record_flash(filing_of(stage), services.Spoken("省厅值班室"), actor=stage[role], now=stage.now)
    sign(stage, "city")


def city_is_late(stage: Stage) -> None:
    """The city's report reaches the province fourteen minutes after its deadline, with who and why."""
    services.report_up(filing_of(stage), actor=stage["city"], now=stage.now, note=LATE)
    sign(stage, "province")
    tell_whom_the_law_names(stage)


ACTS = (
    Act("up", 16, report_up, N_("县上报市，并因可能升级直报国家"), "county.duty", "filing"),
    Act("signed_above", 17, sign_above, N_("市和国家一分钟后签收，县级时限办结"), "nation.duty", "filing"),
    Act("one_dead", 75, one_dies, N_("一人死亡、四人重伤：定为一般事故；链路未通，续报在待发中排到最前"), "county.duty", "filing"),
    Act("instructed", 3 * HOUR, instruct, N_("市、省两级批示，省级批示由市转办到县"), "city.leader", "filing"),
    Act("obeyed", 4 * HOUR, answer_instructions, N_("批示逐级办结并由批示人核实"), "city.leader", "filing"),
    Act("three_dead", 9 * HOUR, two_more_die, N_("又有两人死亡，共三人：达到较大事故，续报须到省"), "plant.manager", "filing"),
    Act("reduced", 9 * HOUR, confirm_reduction),
    Act("flashed", 9 * HOUR + 20, flash, N_("县、市先电话快报"), "city.duty", "filing"),
    Act("late", 11 * HOUR + 14, city_is_late, N_("市级书面报告超时 14 分钟：谁、为何，均留痕"), "province.duty", "filing"),
)
"""Acts of the reports upward."""
