"""Objects and events as the desk lists them, the spreadsheet of the register, the four-colour layer, panels on pages of lower rooms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import offline, panels, todo
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.desk.todo import Todo
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.prevent.risks import door, presenting, queries, refusals, rules, services
from anlan.prevent.risks.models import CheckTask, RiskEvent, RiskObject

_GRADE_BADGE = Badge(cast("Mapping[Any, Tone]", rules.TONES))
_GRADES = [(code, _(label)) for code, label in rules.GRADES.items()]


def _codes(table: str, rows: Any) -> list[tuple[str, str]]:
    return [(row.code, queries.label(table, row.code)) for row in rows(clock.now())]


def _levels() -> list[tuple[str, str]]:
    return _codes("levels", queries.levels)


def _methods() -> list[tuple[str, str]]:
    return [(method.row.code, queries.worded(method.row)) for method in queries.methods(clock.now())]


# --- spreadsheet -----------------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def parse_factors(cell: str) -> list[str]:
    """``3×6×15``, ``L=3 E=6 C=15`` or ``3,6,15`` as numbers in the order of the method."""
    return _NUMBER.findall(cell)


def _parse_code(table: str, rows: Any) -> Any:
    def parse(cell: str) -> str:
        for row in rows(clock.now()):
            given = row.row if isinstance(row, rules.Method) else row
            if cell in (given.code, given.label_zh, given.label_en):
                return str(given.code)
        raise refusals.UnknownChoice(value=cell, field=table)

    return parse


def _named(method: rules.Method, numbers: list[str]) -> dict[str, str]:
    given = dict(zip(method.scales, numbers, strict=False)) if len(numbers) == len(method.scales) else {}
    return {name: rules.plain(value) for name, value in rules.assess(method, given).factors.items()}


def check_row(values: dict[str, Any]) -> None:
    """A whole row: the enterprise is known, both assessments stand on the scales of the method, the level is high enough, a measure has
    its check. Leaves the factors by name in the row. Raises ``Invalid``."""
    now, wrong = clock.now(), cast("dict[str, Refusal | str]", {})
    enterprise = enterprises.by_uscc(str(values.get("uscc", "")))
    if enterprise is None:
        wrong["uscc"] = refusals.EnterpriseUnknown(uscc=values.get("uscc"))
    else:
        values["enterprise_id"] = enterprise.id
    method = queries.method(values["method"], now)
    for name in ("initial", "residual"):
        if values.get(name):
            try:
                values[name] = _named(method, values[name])
            except Refusal as refusal:
                wrong[name] = refusal
    if "initial" not in wrong:
        first = rules.assess(method, values["initial"])
        try:
            rules.check_level(first.grade, values["level"], queries.levels(now))
            if values.get("residual") and "residual" not in wrong:
                rules.check_residual(first, rules.assess(method, values["residual"]), measures=1 if values.get("measure") else 0)
        except Refusal as refusal:
            wrong["level" if isinstance(refusal, refusals.LevelTooLow | refusals.UnknownChoice) else "residual"] = refusal
    if values.get("measure"):
        for name, label in (("kind", rules.CLASS_LABEL), ("check_text", rules.CHECK_LABEL), ("period", rules.PERIOD_LABEL)):
            if not values.get(name):
                wrong[name] = refusals.CheckNeeded(field=label)
    if wrong:
        raise Invalid(wrong)


def _place(values: Mapping[str, Any]) -> str:
    enterprise = enterprises.by_uscc(str(values.get("uscc", "")))
    return enterprise.place_code if enterprise is not None else ""


SHEET = Sheet(
    columns=(
        SheetColumn("uscc", _("企业统一社会信用代码"), enterprises.credit_code, required=True, example="91370102MA3C00000B"),
        SheetColumn("object_code", _("对象编号"), cells.text(40), required=True, example="D-01"),
        SheetColumn("object_name", _("风险分析对象"), cells.text(120), required=True, example="液氯储罐区"),
        SheetColumn("location", _("位置"), cells.text(160), example="厂区东北角"),
        SheetColumn("unit_code", _("单元编号"), cells.text(40), required=True, example="D-01-1"),
        SheetColumn("unit_name", _("风险分析单元"), cells.text(120), required=True, example="液氯卸车"),
        SheetColumn("title", _("风险事件"), cells.text(160), required=True, example="卸车软管脱落，氯气泄漏中毒"),
        SheetColumn("consequence", _("可能的后果"), cells.text(300), example="中毒"),
        SheetColumn("method", _("评价方法"), _parse_code(rules.METHOD_LABEL, queries.methods), required=True, example="lec"),
        SheetColumn("initial", _("初始风险取值"), parse_factors, required=True, example="3×6×40", help=_("按方法的顺序写各因子的值")),
        SheetColumn("residual", _("剩余风险取值"), parse_factors, example="0.5×6×40", help=_("低于初始风险时须有管控措施")),
        SheetColumn("level", _("管控层级"), _parse_code(rules.LEVEL_LABEL, queries.levels), required=True, example="公司级"),
        SheetColumn("responsible_name", _("责任人"), cells.text(60), example="王强"),
        SheetColumn("kind", _("措施类别"), _parse_code(rules.CLASS_LABEL, queries.classes), example="人员操作"),
        SheetColumn("measure", _("管控措施"), cells.text(300), example="卸车前检查软管和卡扣", help=_("同一事件有多条措施时，每条一行")),
        SheetColumn("check_text", _("排查内容"), cells.text(300), example="软管在检验期内、无破损，卡扣锁紧"),
        SheetColumn("period", _("排查周期"), _parse_code(rules.PERIOD_LABEL, queries.periods), example="每天"),
        SheetColumn("measure_level", _("措施管控层级"), _parse_code(rules.LEVEL_LABEL, queries.levels), example="岗位级"),
    ),
    write=services.import_rows,
    check=cast("Any", check_row),
    place=_place,
)


register(
    Resource(
        code="risk-events",
        label=_("风险分级管控清单"),
        model=RiskEvent,
        title="title",
        actions=Actions(view="risks.view", import_="risks.import", export="risks.export"),
        columns=(
            Column("title", link=True),
            Column("object.name", label=_("风险分析对象")),
            Column("unit.name", label=_("风险分析单元")),
            Column("initial_grade", badge=_GRADE_BADGE),
            Column("residual_grade", badge=_GRADE_BADGE, sort=True),
            Column("unverified"),
            Column("level", value=lambda row: queries.label("levels", row.level)),
            Column("responsible_name"),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("consequence", hidden=True),
            Column("method", value=lambda row: queries.label("methods", row.method), hidden=True),
            Column("initial_value", value=lambda row: rules.plain(row.initial_value), numeric=True, hidden=True),
            Column("residual_value", value=lambda row: rules.plain(row.residual_value), numeric=True, hidden=True),
            Column("assessed_at", sort=True, hidden=True),
            Column("assessed_by_name", hidden=True),
            Column("in_use", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("residual_grade", choices=_GRADES),
            Choice("initial_grade", choices=_GRADES),
            Choice("level", choices=_levels),
            Choice("method", choices=_methods),
            Flag("in_use"),
            DateRange("assessed_at"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
            Equals("object", label=_("风险分析对象"), field="object_id"),
        ),
        order="residual_grade",
        search=True,
        joins=("enterprise", "object", "unit"),
        sheet=SHEET,
        navigation="enterprise",
        detail_url="risks:event",
        empty=_("还没有风险事件。企业先登记风险分析对象和单元，再逐项评价；也可以下载模板批量导入。"),
        live=("risks.changed",),
    )
)


def _tone(row: RiskObject) -> Tone:
    return cast("Tone", queries.tone(row.residual_grade))


register(
    Resource(
        code="risk-objects",
        label=_("风险四色图"),
        model=RiskObject,
        actions=Actions(view="risks.view", create="risks.edit", export="risks.export"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("code"),
            Column("residual_grade", badge=_GRADE_BADGE),
            Column("initial_grade", badge=_GRADE_BADGE),
            Column("event_count", numeric=True),
            Column("responsible_name"),
            Column("location"),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("in_use", hidden=True),
            Column("source.name", label=_("危险源"), hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("residual_grade", choices=_GRADES),
            Choice("initial_grade", choices=_GRADES),
            Flag("in_use"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise", "source"),
        navigation="enterprise",
        detail_url="risks:object",
        create_url="risks:object_new",
        map=MapPoints(properties=("name", "code", "residual_grade"), tone=_tone, tone_by=("residual_grade",)),
        empty=_("还没有风险分析对象。企业点“新建”登记装置、罐区、库房，再逐项评价风险。"),
        live=("risks.changed",),
    )
)
layers.describe(
    "risk-objects",
    _("按剩余风险的最高等级着色"),
    {"red": _("重大风险"), "orange": _("较大风险"), "yellow": _("一般风险"), "blue": _("低风险"), "grey": _("未评价")},
)


register(
    Resource(
        code="risk-checks",
        label=_("隐患排查任务"),
        model=CheckTask,
        title="title",
        actions=Actions(view="risks.view", export="risks.export"),
        columns=(
            Column("title", link=True),
            Column("where"),
            Column("state", badge=Badge(cast("Mapping[Any, Tone]", rules.TASK_TONES))),
            Column("overdue"),
            Column("outcome", badge=Badge(cast("Mapping[Any, Tone]", rules.OUTCOME_TONES))),
            Column("due_at", sort=True),
            Column("post_kind", value=presenting.who),
            Column("done_by_name"),
            Column("done_at"),
            Column("contested"),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("measure_text", hidden=True),
            Column("period", value=lambda row: queries.label("periods", row.period), hidden=True),
            Column("window_from", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state"),
            Choice("outcome"),
            Flag("overdue", label=_("逾期")),
            Flag("contested"),
            DateRange("due_at"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-due_at",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="risks:check",
        empty=_("还没有排查任务。登记管控措施及其排查内容后，按周期自动生成。"),
        live=("risks.check_done", "risks.check_overdue", "risks.checks_opened"),
    )
)


# --- what a person has to do, and what his phone keeps ---------------------------------------------------------------------------


def waiting(actor: Actor, now: datetime) -> list[Todo]:
    """One line for all checks of the day that wait for this person."""
    if actor.enterprise_id is None or not actor.may_somewhere("risks.check"):
        return []
    rows = [row for row in queries.day_list(actor, presenting.posts(actor, now), now)[:200] if row.state != rules.DONE]
    if not rows:
        return []
    late = sum(row.overdue for row in rows)
    what = gettext("待办 %(open)s 项，逾期 %(late)s 项") % {"open": len(rows), "late": late}
    return [
        Todo(
            title=gettext("今日排查"),
            kind=gettext("隐患排查任务"),
            url=reverse("risks:today"),
            what=what,
            until=rows[0].due_at,
            overdue=late > 0,
        )
    ]


def needed_offline(actor: Actor, now: datetime) -> list[str]:
    """The list of the day and each check on it that is not done."""
    if actor.enterprise_id is None or not actor.may_somewhere("risks.check"):
        return []
    rows = queries.day_list(actor, presenting.posts(actor, now), now).exclude(state=rules.DONE)[: offline.MOST_PAGES]
    return [reverse("risks:today"), *(queries.task_url(row.pk) for row in rows)]


todo.register("risks", waiting)
offline.register("risks", needed_offline)


# --- panels ----------------------------------------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Grades and objects of the enterprise whose page is shown."""
    actor = _actor(request)
    counted = door.grade_counts(subject.pk)
    grades = [(presenting.Grade(queries.grade_label(grade), queries.tone(grade)), counted.get(grade, 0), grade) for grade in rules.GRADES]
    where = {"place_code": subject.place_code, "enterprise_id": subject.pk, "classification": subject.classification}
    return {
        "grades": grades,
        "objects": door.objects_of(subject.pk, actor)[:12],
        "checks": door.check_counts(subject.pk),
        "may_edit": actor.may("risks.edit", **where),
        "enterprise_id": subject.pk,
    }


def source_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Objects that stand for the hazard source that is shown."""
    found = door.objects_of_source(subject.pk, _actor(request))
    return {"objects": found} if found else None


panels.register(
    "enterprises.detail",
    "risks",
    label=_("风险分级管控"),
    order=30,
    template="risks/_enterprise.html",
    provider=enterprise_panel,
    action="risks.view",
    shape="half",
)
panels.register(
    "risksources.detail",
    "risks",
    label=_("风险分级管控"),
    order=30,
    template="risks/_source.html",
    provider=source_panel,
    action="risks.view",
)
