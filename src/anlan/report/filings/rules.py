"""The law of information reporting: levels, serious near misses, who owes a report to whom and until when, and the life of a filing.

Figures and articles live in ``data/*.csv`` with source, status and dates; the functions here get the rows of the event's own day.
Sources: State Council Decree 493 (accident levels art. 3, reporting art. 9-13) and Order 21 of the former State Administration of
Work Safety (near misses art. 26, telephone flash art. 8-9, supplements art. 11).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.levels import Level, covers
from anlan.kernel.words import N_
from anlan.ledger.sources import CHINA, DatedRule, law_day

ACTIONS: dict[str, str] = {
    "filings.view": N_("查看信息报送"),
    "filings.create": N_("填报事故信息"),
    "filings.submit": N_("提交事故信息"),
    "filings.receive": N_("签收事故信息"),
    "filings.report_up": N_("上报事故信息"),
    "filings.supplement": N_("续报事故信息"),
    "filings.instruct": N_("作出批示"),
    "filings.close": N_("办结或核销事故信息"),
    "filings.merge": N_("合并、拆分事故信息"),
    "filings.mark": N_("认定迟报漏报谎报瞒报"),
}

UNKNOWN_LEVEL = "U"  # consequences not known yet: reported as if ordinary
NEAR_MISS = "N"  # serious near miss (较大涉险事故), reported like an ordinary accident (Order 21 art. 7)
NO_LEVEL = ""  # consequences known and below every level

SOURCE_PAGE, SOURCE_PHONE, SOURCE_ENTERPRISE, SOURCE_SENSOR, SOURCE_TIP, SOURCE_LOWER = (
    "page",
    "phone",
    "enterprise",
    "sensor",
    "tip",
    "lower",
)
CASUALTY_FIELDS = ("deaths", "serious_injured", "injured", "missing", "trapped", "endangered", "evacuated")


# --- rows of the rule tables -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AccidentLevel(DatedRule):
    """One row of the accident levels. Each band holds its lower bound and not its upper one (art. 3, last paragraph)."""

    code: str
    rank: int
    name_zh: str
    name_en: str
    colour: str
    deaths_from: int
    deaths_below: int | None
    serious_injuries_from: int
    serious_injuries_below: int | None
    direct_loss_from: int
    direct_loss_below: int | None
    report_up_to: str
    investigated_by_zh: str
    investigated_by_en: str
    article: str


@dataclass(frozen=True, kw_only=True)
class NearMissRule(DatedRule):
    """One criterion of a serious near miss: ``metric`` of the facts at or above ``min_value``."""

    code: str
    name_zh: str
    name_en: str
    metric: str
    min_value: int
    article: str


@dataclass(frozen=True, kw_only=True)
class ReportingStep(DatedRule):
    """One duty to report: what ``sender`` owes ``receiver`` at which levels, and until when.

    ``levels`` lists accident levels by ``;`` (I-IV, N near miss, U unknown, S and B for great and vile public effect; ``*``: whatever the level).
    ``events``: a kind of event, the domain of kinds, or ``tip``: what the duty is about (empty: everything). ``within``: how ``amount`` counts
    (:data:`WITHIN`). A row with a ``place_prefix`` replaces the general row of the same code below that place (provincial variants). ``rules`` names the
    rows of the source tables that it carries.
    """

    code: str
    rules: str
    label_zh: str
    label_en: str
    kind: str
    sender: str
    receiver: str
    levels: str
    events: str
    within: str
    amount: int | None
    counted_from: str
    place_prefix: str
    article: str

    def applies(self, level_code: str, impact: str = "") -> bool:
        """Whether the duty exists at ``level_code``, or by the event's effect on the public (``impact``: S, B or none)."""
        held = self.levels.split(";")
        return self.levels == "*" or level_code in held or (impact != "" and impact in held)

    def concerns(self, kind: EventKind | None, source: str = "") -> bool:
        """Whether the duty is about events of ``kind`` (``None``: not asked) that were learned from ``source``."""
        if self.events == SOURCE_TIP:
            return source == SOURCE_TIP
        return not self.events or kind is None or self.events in (kind.code, kind.domain)


MINUTES, DAYS, MONTHS, SAME_DAY, AT_ONCE, ALLOWED = "minutes", "days", "months", "same_day", "at_once", "allowed"
WITHIN: dict[str, str] = {
    MINUTES: N_("分钟"),
    DAYS: N_("日内"),
    MONTHS: N_("个月内"),
    SAME_DAY: N_("当日"),
    AT_ONCE: N_("立即"),
    ALLOWED: N_("可以"),
    "sanction": N_("处罚"),
}
GREAT_IMPACT, VILE_IMPACT = "S", "B"
IMPACTS: dict[str, str] = {"": N_("无"), GREAT_IMPACT: N_("社会影响重大"), VILE_IMPACT: N_("社会影响恶劣")}
"""Effect on the public, which brings the telephone flash at any level (Order 21 art. 8, 9). Vile effect is great effect too."""

ELSEWHERE: dict[str, str] = {
    "GOVERNMENT": N_("{place}人民政府"),
    "POLICE": N_("{place}公安机关"),
    "LABOUR": N_("{place}人力资源社会保障部门"),
    "UNION": N_("{place}总工会"),
    "PROCURATORATE": N_("{place}人民检察院"),
    "MINE_SAFETY": N_("矿山安全监察机构"),
    "STATE_COUNCIL": N_("国务院"),
    "STATE_COUNCIL_DUTY": N_("国务院总值班室"),
    "SCENE": N_("事故现场"),
    "UPPER": N_("上一级应急管理部门"),
    "NEXT": N_("上一级"),
}
"""Receivers that are no bureau of the chain: what is owed to them is told outside the node and noted here."""


@dataclass(frozen=True, kw_only=True)
class EventKind(DatedRule):
    """Kind of event that can be reported; ``casualty_days`` is the window in which casualty changes must be reported (art. 13).

    ``domain``: ``accident`` (Decree 493 and Order 21 hold) or ``disaster`` (突发事件应对法 art. 17, 自然灾害救助条例 art. 17).
    """

    code: str
    name_zh: str
    name_en: str
    casualty_days: int
    domain: str


@dataclass(frozen=True, kw_only=True)
class RequiredField(DatedRule):
    """One item that a report must hold (art. 12); it may be declared unknown where ``may_be_unknown`` says so."""

    field: str
    name_zh: str
    name_en: str
    may_be_unknown: bool
    article: str


@dataclass(frozen=True, kw_only=True)
class AccidentType(DatedRule):
    """One type of accident of a standard (GB 6441), named by the first inducing event: what happened first decides, not what followed."""

    code: str
    standard: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class TypesOfKind(DatedRule):
    """Types of accident that go with a kind of event, codes by ``;``; empty: any. A kind without a row is no accident of work."""

    kind: str
    types: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the types, none where any goes."""
        return tuple(self.types.split(";")) if self.types else ()


DIRECT, INDIRECT = "direct", "indirect"
ENTERPRISE_PAYS, ANYBODY_PAYS = "enterprise", "all"


@dataclass(frozen=True, kw_only=True)
class LossItem(DatedRule):
    """One item of loss of a standard (GB 6721): ``standing`` direct or indirect; only direct loss decides the level.

    ``rescue``: whose cost of the rescue the item holds (enterprise, all; empty: none).
    """

    code: str
    standard: str
    standing: str
    name_zh: str
    name_en: str
    rescue: str


@dataclass(frozen=True)
class Loss:
    """Direct loss by its items, CNY: what is known together (``None``: no item is), and how many items are not known yet."""

    direct: int | None
    unknown: int
    indirect: int


def add_losses(items: Iterable[LossItem], amounts: Mapping[str, int | None]) -> Loss:
    """Add up a ledger: ``amounts`` by code of item, ``None`` or absent not known yet. Only direct items count toward the level and as unknown."""
    rows = tuple(items)
    direct = [amounts.get(row.code) for row in rows if row.standing == DIRECT]
    known = [amount for amount in direct if amount is not None]
    indirect = sum(amounts.get(row.code) or 0 for row in rows if row.standing == INDIRECT)
    return Loss(sum(known) if known else None, len(direct) - len(known), indirect)


# --- judging the level -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Consequences:
    """What an event did as far as known: people, and direct loss in CNY (Chinese yuan). ``unknown`` names fields not known yet."""

    deaths: int = 0
    serious_injured: int = 0
    injured: int = 0
    missing: int = 0
    trapped: int = 0
    endangered: int = 0
    evacuated: int = 0
    direct_loss: int = 0
    serious_pollution: bool = False
    key_facility_threatened: bool = False
    other_near_miss: bool = False
    unknown: frozenset[str] = frozenset()

    def metric(self, name: str) -> int:
        """Value that a near-miss criterion looks at."""
        if name == "trapped_or_missing":
            return self.trapped + self.missing
        return int(getattr(self, name))


@dataclass(frozen=True)
class Reason:
    """Why a level was given: criterion, the value seen, the article and the standing of its text."""

    criterion: str
    value: int
    level_code: str
    article: str
    source: str
    status: str


@dataclass(frozen=True)
class Judgement:
    """Level of an event by the rules of its day.

    ``code`` is what the known figures establish. ``provisional`` is true while a figure that counts is unknown or people are
    missing; ``forecast`` is the level if the missing are dead (预判等级). Reports travel by :attr:`reporting_code`.
    """

    code: str
    forecast: str
    provisional: bool
    reasons: tuple[Reason, ...]
    near_miss: tuple[Reason, ...]

    @property
    def reporting_code(self) -> str:
        """The graver of established and forecast level; near miss and unknown count as ordinary for the chain."""
        if self.forecast:
            return self.forecast
        if self.near_miss:
            return NEAR_MISS
        return UNKNOWN_LEVEL if self.provisional else NO_LEVEL


LEVEL_CRITERIA: tuple[tuple[str, str, str], ...] = (
    ("deaths", "deaths_from", "deaths_below"),
    ("serious_injured", "serious_injuries_from", "serious_injuries_below"),
    ("direct_loss", "direct_loss_from", "direct_loss_below"),
)


def judge(seen: Consequences, levels: Iterable[AccidentLevel], near_misses: Iterable[NearMissRule]) -> Judgement:
    """Judge the level of an accident by the rows in force on its day (Decree 493 art. 3; near misses Order 21 art. 26).

    Each criterion is judged alone and the gravest wins ("或者"). A criterion whose value is 0 has caused nothing and gives no level.
    """
    rows = tuple(levels)
    reasons = _reasons(seen.deaths, seen, rows)
    with_missing = _reasons(seen.deaths + seen.missing, seen, rows)
    counting = {"deaths", "serious_injured", "direct_loss"}
    near = tuple(
        Reason(row.name_zh, seen.metric(row.metric), NEAR_MISS, row.article, row.source, row.status)
        for row in near_misses
        if seen.metric(row.metric) >= row.min_value
    )
    return Judgement(
        code=_gravest(reasons, rows),
        forecast=_gravest(with_missing, rows),
        provisional=bool(seen.missing or counting & seen.unknown),
        reasons=reasons,
        near_miss=near,
    )


def _reasons(deaths: int, seen: Consequences, rows: tuple[AccidentLevel, ...]) -> tuple[Reason, ...]:
    """One reason per criterion that gives a level, gravest first."""
    values = {"deaths": deaths, "serious_injured": seen.serious_injured, "direct_loss": seen.direct_loss}
    found = []
    for criterion, lower, upper in LEVEL_CRITERIA:
        value = values[criterion]
        for row in rows:
            top = getattr(row, upper)
            if value > 0 and value >= getattr(row, lower) and (top is None or value < top):
                found.append((row.rank, Reason(criterion, value, row.code, row.article, row.source, row.status)))
    return tuple(reason for _, reason in sorted(found, key=lambda pair: pair[0]))


def _gravest(reasons: tuple[Reason, ...], rows: tuple[AccidentLevel, ...]) -> str:
    rank = {row.code: row.rank for row in rows}
    return min((reason.level_code for reason in reasons), key=rank.__getitem__, default=NO_LEVEL)


def report_up_to(level_code: str, levels: Iterable[AccidentLevel]) -> Level:
    """Highest level that must hear of it (Decree 493 art. 10). Near miss and unknown: the city; no level: the county keeps it."""
    for row in levels:
        if row.code == level_code:
            return Level[row.report_up_to]
    return Level.CITY if level_code in (NEAR_MISS, UNKNOWN_LEVEL) else Level.COUNTY


def graver(one: str, other: str, levels: Iterable[AccidentLevel]) -> bool:
    """Whether level ``one`` is graver than ``other``."""
    rank = {row.code: row.rank for row in levels} | {NEAR_MISS: 5, UNKNOWN_LEVEL: 6, NO_LEVEL: 7}
    return rank[one] < rank[other]


# --- who owes what ---------------------------------------------------------------------------------------------------------------


def duties(
    steps: Iterable[ReportingStep],
    *,
    level_code: str,
    sender: str,
    place_code: str,
    kinds: tuple[str, ...] = (),
    event: EventKind | None = None,
    impact: str = "",
    source: str = "",
) -> tuple[ReportingStep, ...]:
    """Duties of ``sender`` (``ENTERPRISE``, ``COUNTY`` …, ``HOLDER``, ``BUREAU`` for every bureau) at a level, the most local variant of each."""
    chosen: dict[str, ReportingStep] = {}
    for row in steps:
        if row.sender != sender or (kinds and row.kind not in kinds) or not covers(row.place_prefix, place_code):
            continue
        known = chosen.get(row.code)
        if known is None or len(row.place_prefix) > len(known.place_prefix):
            chosen[row.code] = row
    # Vile effect is great effect too: what great effect brings is owed as well.
    impacts = (impact, GREAT_IMPACT) if impact == VILE_IMPACT else (impact,)
    return tuple(row for row in chosen.values() if any(row.applies(level_code, each) for each in impacts) and row.concerns(event, source))


def due(step: ReportingStep, counted_from: datetime) -> datetime | None:
    """When a duty falls due; ``None`` where the law says "at once" or "may", for which it gives no figure.

    Days and months end at midnight in China of their last day, the day of the start not counted (Civil Code art. 201, 202).
    """
    if step.within == MINUTES and step.amount is not None:
        return counted_from + timedelta(minutes=step.amount)
    if step.within == SAME_DAY:
        return end_of_day(counted_from)
    if step.within == DAYS and step.amount is not None:
        return end_of_day(counted_from + timedelta(days=step.amount))
    if step.within == MONTHS and step.amount is not None:
        return end_of_day(_months_later(counted_from, step.amount))
    return None


def end_of_day(moment: datetime) -> datetime:
    """The midnight in China that ends the day of ``moment``."""
    day = law_day(moment) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last day of a shorter month."""
    here = moment.astimezone(CHINA)
    years, month = divmod(here.month - 1 + months, 12)
    year = here.year + years
    return here.replace(year=year, month=month + 1, day=min(here.day, monthrange(year, month + 1)[1]))


def casualty_window_ends(kind: EventKind, occurred_at: datetime) -> datetime:
    """Until when a change in casualties counts and must be reported (Decree 493 art. 13: 30 days; road traffic and fire 7 days).

    The day of the event is not counted; the window ends with its last day.
    """
    return end_of_day(occurred_at + timedelta(days=kind.casualty_days))


# --- content ---------------------------------------------------------------------------------------------------------------------


def missing_content(values: Mapping[str, object], unknown: frozenset[str], required: Iterable[RequiredField]) -> tuple[RequiredField, ...]:
    """Items of art. 12 that are neither filled nor honestly declared unknown; 0 is an answer."""
    return tuple(row for row in required if values.get(row.field) in (None, "") and not (row.may_be_unknown and row.field in unknown))


def changed_fields(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Fields whose value differs: ``{field: (before, after)}``."""
    return {key: (before.get(key), after[key]) for key in after if before.get(key) != after[key]}


CASUALTIES = frozenset({"deaths", "serious_injured", "injured", "missing"})
"""Figures whose change is owed the same day and that are locked when the window is over."""


def uncounted(counted: Mapping[str, object], reported: Mapping[str, object]) -> dict[str, tuple[int | None, int]]:
    """Casualties that a ledger of people counts otherwise than was reported: ``{field: (reported, counted)}``; unknown and nobody agree."""
    told = {name: (reported.get(name), _number(counted[name])) for name in CASUALTY_FIELDS if name in CASUALTIES and name in counted}
    return {name: (before if isinstance(before, int) else None, now) for name, (before, now) in told.items() if _number(before) != now}


def falling_casualties(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """Casualty figures that fall from one version to the next; they need a stated reason."""
    return tuple(name for name in ("deaths", "serious_injured") if _number(after.get(name)) < _number(before.get(name)))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


# --- the life of a filing --------------------------------------------------------------------------------------------------------

DRAFT, SUBMITTED, RECEIVED, REPORTED_UP, CLOSED, WITHDRAWN, MERGED = (
    "draft",
    "submitted",
    "received",
    "reported_up",
    "closed",
    "withdrawn",
    "merged",
)
OVER = (CLOSED, WITHDRAWN, MERGED)
"""Nothing more is reported about these; one that was merged goes on in another and can be split off again."""

FLOW = Flow(
    code="filing",
    label=N_("信息报送"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("草稿")),
        State(SUBMITTED, N_("已报送，待签收")),
        State(RECEIVED, N_("已签收")),
        State(REPORTED_UP, N_("已上报，待上级签收")),
        State(MERGED, N_("已并入其他信息")),
        State(CLOSED, N_("已办结"), final=True),
        State(WITHDRAWN, N_("已核销"), final=True),
    ),
    moves=(
        Move(
            "submit",
            N_("报送"),
            (DRAFT,),
            SUBMITTED,
            "filings.submit",
            requires=("title", "occurred_at", "place_code", "kind"),
            announces="filings.submitted",
        ),
        Move("receive", N_("签收"), (SUBMITTED, REPORTED_UP), RECEIVED, "filings.receive", announces="filings.received"),
        Move("report_up", N_("上报"), (RECEIVED,), REPORTED_UP, "filings.report_up", announces="filings.reported_up"),
        Move("close", N_("办结"), (RECEIVED,), CLOSED, "filings.close", announces="filings.closed"),
        Move("merge", N_("并入"), (DRAFT, SUBMITTED, RECEIVED), MERGED, "filings.merge", reason_required=True, announces="filings.closed"),
        Move("split", N_("拆出"), (MERGED,), DRAFT, "filings.merge", reason_required=True, announces="filings.changed"),
        Move("discard", N_("作废草稿"), (DRAFT,), WITHDRAWN, "filings.create", reason_required=True, danger=True),
        # A report that has been sent is struck off only by somebody other than the one who wrote it.
        Move(
            "withdraw",
            N_("核销误报"),
            (SUBMITTED, RECEIVED, REPORTED_UP),
            WITHDRAWN,
            "filings.close",
            not_by=("reporter_id",),
            reason_required=True,
            danger=True,
            announces="filings.closed",
        ),
    ),
    field_labels={
        "title": N_("标题"),
        "occurred_at": N_("发生时间"),
        "place_code": N_("发生地"),
        "kind": N_("事件类别"),
    },
)

# --- falling figures, marks ------------------------------------------------------------------------------------------------------

PROPOSED, CONFIRMED, REFUSED = "proposed", "confirmed", "refused"

REDUCTION_FLOW = Flow(
    code="filing_reduction",
    label=N_("伤亡核减"),
    initial=PROPOSED,
    states=(State(PROPOSED, N_("待复核")), State(CONFIRMED, N_("已核减"), final=True), State(REFUSED, N_("不予核减"), final=True)),
    moves=(
        # Fewer dead than were reported is never one person's word.
        Move(
            "confirm",
            N_("复核同意"),
            (PROPOSED,),
            CONFIRMED,
            "filings.supplement",
            not_by=("proposed_by_id",),
            announces="filings.supplemented",
        ),
        Move("refuse", N_("不予核减"), (PROPOSED,), REFUSED, "filings.supplement", not_by=("proposed_by_id",), reason_required=True),
    ),
)

LATE, OMITTED, FALSE, CONCEALED = "late", "omitted", "false", "concealed"
MARKS: dict[str, str] = {LATE: N_("迟报"), OMITTED: N_("漏报"), FALSE: N_("谎报"), CONCEALED: N_("瞒报")}
RAISED, STATED, UPHELD, DISMISSED = "raised", "stated", "upheld", "dismissed"

MARK_FLOW = Flow(
    code="filing_mark",
    label=N_("报送违规"),
    initial=RAISED,
    states=(
        State(RAISED, N_("待说明")),
        State(STATED, N_("待认定")),
        State(UPHELD, N_("已认定"), final=True),
        State(DISMISSED, N_("不予认定"), final=True),
    ),
    moves=(
        Move("state", N_("说明情况"), (RAISED,), STATED, "filings.supplement", requires=("statement",), announces="filings.changed"),
        Move(
            "uphold",
            N_("认定"),
            (RAISED, STATED),
            UPHELD,
            "filings.mark",
            requires=("conclusion",),
            not_by=("raised_by_id",),
            announces="filings.changed",
        ),
        Move("dismiss", N_("不予认定"), (RAISED, STATED), DISMISSED, "filings.mark", requires=("conclusion",), not_by=("raised_by_id",)),
    ),
    field_labels={"statement": N_("情况说明"), "conclusion": N_("认定意见")},
)

# Who writes the report, and which version of it.
SOURCES: dict[str, str] = {
    SOURCE_PAGE: N_("网页填报"),
    SOURCE_PHONE: N_("电话接报"),
    SOURCE_ENTERPRISE: N_("企业上报"),
    SOURCE_SENSOR: N_("监测报警"),
    SOURCE_TIP: N_("群众举报"),
    SOURCE_LOWER: N_("下级上报"),
}
FIRST, SUPPLEMENT, FINAL = "first", "supplement", "final"
VERSION_KINDS: dict[str, str] = {FIRST: N_("首报"), SUPPLEMENT: N_("续报"), FINAL: N_("终报")}
NOTICED = timedelta(minutes=1)  # what was under way for less is told as sent (project default)
STEP_KINDS: dict[str, str] = {
    "written": N_("逐级上报"),
    "parallel": N_("同时上报"),
    "phone": N_("电话快报"),
    "direct": N_("越级直报"),
    "supplement": N_("续报"),
    "copy": N_("通报"),
    "attend": N_("赶赴现场"),
    "tip": N_("举报核查"),
}
