"""Occupational health as the desk lists it: factors, results, examinations; things to do; what stands of it on the page of an enterprise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels, todo
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Field,
    Flag,
    Form,
    Fragment,
    Input,
    PlaceFilter,
    Related,
    Resource,
    Section,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.desk.todo import Todo
from anlan.ground.chemicals import door as chemicals
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.health import queries, rules, services
from anlan.prevent.health.models import Examination, Exposure, Result

_ENTERPRISE = Equals("enterprise", label=_("企业"), field="enterprise_id")
_UNVERIFIED = {"verified": _("已核实"), "secondary": _("二手资料"), "unverified": _("未核实")}


def _chemicals() -> forms.Field:
    english = (get_language() or "").startswith("en")
    rows = [(row.code, f"{row.name_en if english else row.name_zh} · {row.cas or '—'}") for row in chemicals.chemicals()]
    return forms.ChoiceField(label=_("目录条目"), required=False, choices=[("", "—"), *rows])


def _own_factors(actor: Actor, _present: Any) -> list[tuple[str, str]]:
    return [("", "—"), *queries.choices_of_own(actor)]


def _decimal(label: Any, *, required: bool) -> forms.Field:
    return forms.DecimalField(label=label, required=required, min_value=0, max_digits=14, decimal_places=4)


def _result_state(row: Result) -> str:
    return gettext("超限") if row.over else gettext("未超限")


def over_fragment(record: Result, request: HttpRequest) -> Mapping[str, Any]:
    """What to do about a result: where it is over its limit, the form of a hidden danger filled in, for a person to send."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    told = gettext("检测结果 {value} {unit}，限值 {limit} {unit}（{basis}），检测日期 {day}。").format(
        value=f"{record.value.normalize():f}",
        limit=f"{record.limit_value.normalize():f}",
        unit=record.unit,
        basis=record.limit_basis,
        day=record.measured_on,
    )
    title = gettext("{factor}检测超限").format(factor=record.exposure.factor)
    query = {"enterprise": record.enterprise_id, "title": title, "location": record.exposure.workplace, "description": told}
    may = record.over and actor.may("dangers.report", place_code=record.place_code, enterprise_id=record.enterprise_id)
    return {
        "record": record,
        "told": told,
        "status": _UNVERIFIED.get(record.limit_status, record.limit_status),
        "danger_url": f"{reverse('dangers:report')}?{urlencode(query)}" if may else "",
    }


register(
    Resource(
        code="health-factors",
        label=_("职业病危害因素"),
        model=Exposure,
        title="title",
        actions=Actions(view="health.view", create="health.register", change="health.register", export="health.export"),
        columns=(
            Column("factor", link=True, sort="factor_key"),
            Column("workplace"),
            Column("category"),
            Column("people", numeric=True),
            Column("last_measured", sort=True),
            Column("last_over", label=_("最近超限"), badge=Badge({True: "red"})),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("protection", hidden=True),
            Column("in_use", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("category"),
            Flag("last_over"),
            Flag("in_use"),
            DateRange("last_measured"),
            _ENTERPRISE,
        ),
        order="factor_key",
        search=True,
        joins=("enterprise",),
        detail=(
            Section(
                _("基本情况"),
                (
                    Field("enterprise.name", label=_("企业")),
                    "workplace",
                    "category",
                    "factor",
                    "chemical_code",
                    "people",
                    "protection",
                    "last_measured",
                    "last_over",
                ),
            ),
            Related("health-results", by="exposure"),
        ),
        form=Form(
            (
                "workplace",
                "category",
                "factor",
                Input("chemical_code", field=_chemicals, help=_("选了条目，资料中有的职业接触限值会自动带出")),
                "people",
                Input("protection", required=False),
                Input("in_use", on="change"),
            ),
            create=services.register_exposure,
            change=services.change_exposure,
        ),
        navigation="enterprise",
        empty=_("还没有危害因素。企业点“新建”按工作场所或岗位登记危害因素和接触人数。"),
        live=("health.changed", "health.over_limit"),
    )
)

register(
    Resource(
        code="health-results",
        label=_("职业病危害因素检测"),
        model=Result,
        title="title",
        actions=Actions(view="health.view", create="health.register", import_="health.register", export="health.export"),
        columns=(
            Column("exposure.factor", label=_("危害因素"), link=True),
            Column("exposure.workplace", label=_("工作场所或岗位")),
            Column("measured_on", sort=True),
            Column("limit_kind"),
            Column("value", numeric=True),
            Column("limit_value", numeric=True),
            Column("unit"),
            Column("over", label=_("结论"), value=_result_state, badge=Badge({True: "red"})),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("limit_basis", hidden=True),
            Column("limit_source", hidden=True),
            Column("limit_status", hidden=True),
            Column("agency", hidden=True),
            Column("report_number", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Flag("over"),
            Choice("limit_kind"),
            DateRange("measured_on"),
            _ENTERPRISE,
            Equals("exposure", label=_("危害因素"), field="exposure_id"),
        ),
        order="-measured_on",
        joins=("enterprise", "exposure"),
        detail=(
            Fragment(_("结论"), template="health/_over.html", context=over_fragment),
            Section(
                _("检测"),
                (
                    Field("exposure.title", label=_("危害因素")),
                    "measured_on",
                    "value",
                    "unit",
                    "limit_kind",
                    "limit_value",
                    "limit_basis",
                    "limit_source",
                    "agency",
                    "report_number",
                    "by_name",
                ),
            ),
        ),
        form=Form(
            (
                Input("exposure_id", field=lambda: forms.ChoiceField(label=_("危害因素")), choices=_own_factors),
                "measured_on",
                "limit_kind",
                Input("value", field=lambda: _decimal(_("检测结果"), required=True)),
                Input("unit", field=lambda: forms.CharField(label=_("计量单位"), max_length=16, initial="mg/m³")),
                Input(
                    "limit_value",
                    field=lambda: _decimal(_("限值"), required=False),
                    help=_("资料中有的限值（GBZ 2.1，二手资料）可不填；填写的以填写为准"),
                ),
                Input("limit_basis", required=False),
                Input("agency", required=False),
                Input("report_number", required=False),
            ),
            create=services.record_result,
        ),
        sheet=Sheet(
            (
                SheetColumn("workplace", _("工作场所或岗位"), parse=cells.text(120), required=True, example="电解厂房"),
                SheetColumn("factor", _("危害因素"), parse=cells.text(120), required=True, example="氯气"),
                SheetColumn("measured_on", _("检测日期"), parse=cells.day, required=True, example="2026-10-20"),
                SheetColumn("limit_kind", _("限值类别"), parse=cells.choice(rules.LIMIT_KINDS), required=True, example="MAC"),
                SheetColumn("value", _("检测结果"), parse=rules.figure, required=True, example="0.4"),
                SheetColumn("unit", _("计量单位"), parse=cells.text(16), required=True, example="mg/m³"),
                SheetColumn("limit_value", _("限值"), parse=rules.figure),
                SheetColumn("limit_basis", _("限值依据"), parse=cells.text(300)),
                SheetColumn("agency", _("检测机构"), parse=cells.text(120)),
                SheetColumn("report_number", _("报告编号"), parse=cells.text(60)),
            ),
            write=services.import_results,
            resolve=services.resolve_results,
        ),
        navigation="enterprise",
        empty=_("还没有检测结果。先登记危害因素，再点“新建”登记检测结果，超过限值会提示双方。"),
        live=("health.changed", "health.over_limit"),
    )
)

register(
    Resource(
        code="health-examinations",
        label=_("职业健康检查"),
        model=Examination,
        title="title",
        actions=Actions(
            view="health.people", create="health.arrange", change="health.arrange", import_="health.arrange", export="health.people"
        ),
        columns=(
            Column("worker", link=True),
            Column("kind"),
            Column("due_on", sort=True),
            Column("is_done"),
            Column("done_on"),
            Column("follow_up"),
            Column("people", numeric=True),
            Column("exposure.title", label=_("危害因素"), hidden=True),
        ),
        filters=(Choice("kind"), Flag("is_done"), Flag("follow_up"), DateRange("due_on")),
        order="due_on",
        joins=("exposure",),
        detail=(Section(_("检查"), ("worker", "people", "kind", "due_on", "done_on", "is_done", "follow_up")),),
        form=Form(
            (
                Input("worker", on="create", help=_("写工号或班组即可，不要写身份证号；不保存检查结果")),
                Input("people", on="create"),
                Input("kind", on="create"),
                Input("due_on", on="create"),
                Input(
                    "exposure_id",
                    field=lambda: forms.ChoiceField(label=_("危害因素"), required=False),
                    choices=_own_factors,
                    on="create",
                ),
                Input("done_on", required=True, on="change"),
                Input("follow_up", on="change", help=_("只记是否需要跟进，不写病名和结果")),
            ),
            create=services.plan_examination,
            change=services.complete_examination,
        ),
        sheet=Sheet(
            (
                SheetColumn("worker", _("工号或班组"), parse=cells.text(60), required=True, example="A-0132"),
                SheetColumn("people", _("人数"), parse=cells.whole(1, 10_000), required=True, example="1"),
                SheetColumn("kind", _("检查类别"), parse=cells.choice(rules.EXAMINATIONS), required=True, example="在岗期间"),
                SheetColumn("due_on", _("应检日期"), parse=cells.day, required=True, example="2026-12-20"),
                SheetColumn("workplace", _("工作场所或岗位"), parse=cells.text(120)),
                SheetColumn("factor", _("危害因素"), parse=cells.text(120)),
            ),
            write=services.import_examinations,
            resolve=services.resolve_examinations,
        ),
        navigation="enterprise",
        empty=_("还没有安排检查。点“新建”登记应检人员和日期；只记应检、已检和是否需要跟进，不保存检查结果。"),
        live=("health.changed",),
    )
)


def waiting(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Examinations that are due soon or overdue, for whoever arranges them."""
    today = law_day(now)
    soon = today + timedelta(days=rules.parameter("remind_days", today).value)
    rows = visible(Examination.objects.filter(is_done=False, due_on__lte=soon), actor, "health.arrange").order_by("due_on")
    for row in rows[: todo.PER_SOURCE]:
        until = datetime.combine(row.due_on, time.max, queries.CHINA)
        yield Todo(
            title=row.title,
            kind=gettext("职业健康检查"),
            url=reverse("desk:health-examinations-detail", args=[row.pk]),
            what=gettext("请安排检查并登记完成日期"),
            until=until,
            overdue=until < now,
            subject=row.pk,
        )


todo.register("health", waiting)


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Factors over their limit, how many people are exposed, and how many examinations are overdue: numbers, no people."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    rows = list(queries.exposures(actor).filter(enterprise_id=subject.pk, in_use=True).order_by("-last_over", "factor_key")[:50])
    return {
        "rows": rows[:8],
        "count": len(rows),
        "over": [row for row in rows if row.last_over],
        "overdue": queries.overdue_count(subject.pk, law_day(clock.now())),
        "enterprise_id": subject.pk,
    }


panels.register(
    "enterprises.detail",
    "occupational-health",
    label=_("职业健康"),
    order=32,
    template="health/_panel.html",
    provider=enterprise_panel,
    action="health.view",
    shape="half",
)
