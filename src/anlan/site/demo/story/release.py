"""T−20 to T+5: a pressure drifts, three detectors ring, the works reports, the county signs for it and merges what two callers smell."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from anlan.kernel.access import system_actor
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.report.filings import queries as filing_queries
from anlan.report.filings import services as reporting
from anlan.sense.alarms import detecting
from anlan.sense.alarms import door as alarms
from anlan.site.demo.story import drifting
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.stage import Stage
from anlan.wire.blocks import EXERCISE
from anlan.wire.detections import CLEAR, RAISE, Transition

DETECTOR = system_actor("detector")
HIGH_PPM, HIGH_HIGH_PPM, PEAK_PPM = 0.34, 0.68, 60.0
"""Limits of the works' chlorine detectors, and what the story lets them read."""
DRIFT_MINUTES, HINT_MINUTES = -20, -15
"""The pressure drifts from the first on; by the second the detector has told it."""


def _say(
    stage: Stage, point: str, kind: str, level: int, *, after_s: float = 0, value: float, limit: float, change: str = RAISE
) -> list[detecting.Alarm]:
    at = round((stage.now + timedelta(seconds=after_s)).timestamp() * 1000)
    told = Transition(
        change=change,
        channel=stage.cast.works.points[point],
        kind=kind,
        level=level,
        limit=limit,
        raised_ms=at,
        time_ms=at,
        value=value,
        peak=value,
        quality=EXERCISE,
    )
    raised = detecting.take([told], actor=DETECTOR, now=stage.now + timedelta(seconds=after_s)).raised
    stage.made.alarms += [each.pk for each in raised]
    return raised


def drift(stage: Stage) -> None:
    """The pressure leaves its temperature: a hint of the lowest level, which rings nowhere."""
    told = drifting.hint(stage.cast.works.points, stage.moment(DRIFT_MINUTES), stage.now)
    assert told is not None, "the detector finds this drift"
    stage.made.hint = told
    stage.made.alarms += [each.pk for each in detecting.take([told], actor=DETECTOR, now=stage.now).raised]


def detectors_ring(stage: Stage) -> None:
    """G3 passes both limits in seconds, G1 and G4 follow within a minute."""
    _say(stage, "G3", "H", 2, value=1.2, limit=HIGH_PPM)
    _say(stage, "G3", "HH", 1, after_s=5, value=PEAK_PPM, limit=HIGH_HIGH_PPM)
    _say(stage, "G1", "HH", 1, after_s=30, value=4.0, limit=HIGH_HIGH_PPM)
    _say(stage, "G4", "HH", 1, after_s=60, value=18.0, limit=HIGH_HIGH_PPM)


def operator_owns(stage: Stage) -> None:
    """The control room acknowledges all that rings and the hint before it, with what it saw and did."""
    for key in stage.made.alarms:
        alarms.acknowledge(key, "V-102 阀门泄漏，水幕已开", actor=stage["operator"], now=stage.now)


def sensor_falls_silent(stage: Stage) -> None:
    """The cable of G1 is burnt: that one point says nothing more, while the link lives."""
    (silent,) = _say(stage, "G1", "SILENT", 3, value=0.0, limit=60.0)
    alarms.acknowledge(silent.pk, "G1 电缆烧毁，其余探测器在线", actor=stage["operator"], now=stage.now)


def works_reports(stage: Stage) -> None:
    """The safety manager's report from the alarm, two workers coughing."""
    works = stage.cast.works
    values = {
        "kind": "hazchem_leak",
        "title": f"{works.name}氯气泄漏",
        "occurred_at": stage.began,
        "known_at": stage.moment(1),
        "place_code": works.place_code,
        "location": "液氯储存区",
        "longitude": works.longitude,
        "latitude": works.latitude,
        "alarm_id": stage.made.alarms[1],
        "unit_profile": "氯碱企业，液氯储存构成重大危险源",
        "scene": "V-102 阀门泄漏，东北风",
        "brief_course": "储罐压力升高后阀门泄漏",
        "injured": 2,
        "deaths": 0,
        "serious_injured": 0,
        "missing": 0,
        "unknown": ["direct_loss", "evacuated"],
        "measures_taken": "水幕、切断上游",
        "exercise": True,
    }
    stage.made.filing = filings.create_filing(values, actor=stage["manager"], now=stage.now)
    filings.submit(stage.made.filing, actor=stage["manager"], now=stage.now)


def county_signs(stage: Stage) -> None:
    """The county's two hours run from its signature; two callers of the same smell become part of the one report."""
    filing = filing_of(stage)
    filings.receive(filing.pk, actor=stage["officer"], now=stage.now)
    works = stage.cast.works
    for caller, phone in (("周边居民甲", "13800000011"), ("周边居民乙", "13800000012")):
        told = {
            "kind": "hazchem_leak",
            "title": f"{caller}反映刺鼻气味",
            "occurred_at": stage.moment(2),
            "known_at": stage.now,
            "place_code": works.place_code,
            "location": "化工路",
            "longitude": works.longitude + 0.003,
            "latitude": works.latitude,
            "source": "phone",
            "reporter_phone": phone,
            "exercise": True,
        }
        taken = filings.intake(told, actor=stage["officer"], now=stage.now)
        filings.merge(taken.filing_id, filing.pk, "同一事件", actor=stage["officer"], now=stage.now)
    tell_whom_the_law_names(stage)


def readings_fall(stage: Stage) -> None:
    """The valve is capped: the tank is what it was, the detectors clear, the lower limit last."""
    assert stage.made.hint is not None
    over = structs.replace(stage.made.hint, change=CLEAR, time_ms=round(stage.now.timestamp() * 1000), value=0.4)
    detecting.take([over], actor=DETECTOR, now=stage.now)
    # G1 speaks again by a new cable.
    ends = (("G4", "HH", 60), ("G1", "HH", 30), ("G1", "SILENT", 180), ("G3", "HH", 5), ("G3", "H", 0))
    for point, kind, after_s in ends:
        _clear(stage, point, kind, after_s)


def _clear(stage: Stage, point: str, kind: str, raised_s: float) -> None:
    """What was raised ``raised_s`` after T0 is over now."""
    told = Transition(
        change=CLEAR,
        channel=stage.cast.works.points[point],
        kind=kind,
        level=1,
        limit=HIGH_HIGH_PPM,
        raised_ms=round((stage.began + timedelta(seconds=raised_s)).timestamp() * 1000),
        time_ms=round(stage.now.timestamp() * 1000),
        value=0.1,
        peak=PEAK_PPM,
        quality=EXERCISE,
    )
    detecting.take([told], actor=DETECTOR, now=stage.now)


def filing_of(stage: Stage) -> filing_queries.Filing:
    """The report as it stands."""
    assert stage.made.filing is not None
    return filing_queries.filing(stage.made.filing, None)


DUTY_ROOMS = {3: "officer", 2: "city", 1: "province", 0: "nation"}
"""Who speaks for a level."""


def tell_whom_the_law_names(stage: Stage) -> None:
    """Each level tells the departments that it must."""
    filing = filing_of(stage)
    for notice in filing.notices.filter(done_at__isnull=True):
        if notice.sender_level is not None:
            reporting.note_told(filing, notice.pk, "值班室", actor=stage[DUTY_ROOMS[notice.sender_level]], now=stage.now)


ACTS = (
    Act(
        "drift",
        HINT_MINUTES,
        drift,
        N_("A 罐压力每分钟偏离 0.4%：工艺单元整体异常的提示，贡献最大的是压力和温度，不响铃"),
        "plant.operator",
        "drift",
    ),
    Act("detectors", 0, detectors_ring, N_("氯气探测器 G3 越过两级限值，G1、G4 随后报警，归为一次事件"), "plant.operator", "alarm"),
    Act("owned", 2, operator_owns, N_("中控员确认报警：V-102 阀门泄漏，水幕已开"), "plant.operator", "alarm"),
    Act("silent", 3, sensor_falls_silent, N_("G1 电缆烧毁：判为测点无数据，而不是链路中断"), "plant.operator", "alarm"),
    Act("reported", 4, works_reports, N_("企业安全管理员由报警一键报送，两人咳嗽；时限开始计时"), "plant.manager", "filing"),
    Act("signed", 5, county_signs, N_("县值班员签收，两小时时限起算；两位居民的电话并入同一起"), "county.duty", "filing"),
)
"""Acts of the release and its report."""
