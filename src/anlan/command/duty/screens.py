"""Lists of duty as the desk shows them: rotas, absences, swaps, what rang, and faults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.command.duty import planning, queries, rules, waking
from anlan.command.duty.models import Absence, Call, DutyLogEntry, DutyReport, Fault, Ring, Rota, Swap
from anlan.desk import panels
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Field,
    Flag,
    Form,
    Input,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.report.filings import door as filings

register(
    Resource(
        code="rotas",
        label=_("轮值表"),
        model=Rota,
        actions=Actions(view="duty.view", create="duty.plan", export="duty.view"),
        columns=(
            Column("name", link=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("starts_on", sort=True),
            Column("ends_on", sort=True),
            Column("published_at", sort=True),
            Column("published_by_name"),
        ),
        filters=(PlaceFilter(label=_("归属地")), DateRange("ends_on")),
        order="-starts_on",
        navigation="duty",
        detail_url="duty:rota",
        create_url="duty:rota_create",
        empty=_("还没有轮值表。新建后先看预览，再发布到值班表。"),
        live=("duty.rota_published",),
    )
)


def told_of(row: Ring) -> str:
    """The steps that something that rang took, in one line each."""
    return "\n".join(
        f"{timezone.localtime(datetime.fromisoformat(each['at'])):%m-%d %H:%M} {gettext(rules.WHOM[each['whom']])} "
        f"{'、'.join(each['names']) or gettext('无人在岗')}"
        for each in row.told
    )


def _people(actor: Actor, _present: Any) -> list[tuple[str, str]]:
    holders = [each for kind in ("leader", "officer") for each in queries.candidates(kind, actor.place_code, clock.now())]
    return list({str(each.account_id): each.name for each in holders}.items())


register(
    Resource(
        code="absences",
        label=_("请假外出"),
        model=Absence,
        title="account",
        actions=Actions(view="duty.view", create="duty.plan", change="duty.plan", export="duty.view"),
        columns=(
            Column("account", label=_("人员"), value=lambda row: row.account.display_name, link=True),
            Column("starts_at", sort=True),
            Column("ends_at", sort=True),
            Column("why"),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), DateRange("starts_at")),
        joins=("account",),
        order="-starts_at",
        navigation="duty",
        detail=(
            Section(
                _("请假外出"),
                (Field("account", label=_("人员"), value=lambda row: row.account.display_name), "starts_at", "ends_at", "why"),
            ),
        ),
        form=Form(
            (
                Input("account_id", field=lambda: forms.ChoiceField(label=_("人员")), choices=_people),
                "starts_at",
                "ends_at",
                "why",
            ),
            create=planning.note_absence,
            change=planning.change_absence,
        ),
        empty=_("没有登记请假外出。登记后，轮值表会跳过请假人员。"),
    )
)

register(
    Resource(
        code="swaps",
        label=_("换班申请"),
        model=Swap,
        title="title",
        actions=Actions(view="duty.view", export="duty.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Swap.get_state_label, badge=Badge()),
            Column("asked_by_name"),
            Column("asked_of_name"),
            Column("opened_at", label=_("申请时间"), sort=True),
            Column("decided_by_name"),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.SWAP_FLOW.states]),
            DateRange("opened_at"),
        ),
        order="-opened_at",
        navigation="duty",
        detail_url="duty:swap",
        empty=_("没有换班申请。值班人员可在“我的值班”申请换班。"),
        live=("duty.swap_changed",),
    )
)

register(
    Resource(
        code="duty-calls",
        label=_("电话接报"),
        model=Call,
        title="answered_by_name",
        actions=Actions(view="duty.view", export="duty.view"),
        columns=(
            Column("opened_at", label=_("来电时间"), sort=True, link=True),
            Column("state", label=_("状态"), value=Call.get_state_label, badge=Badge()),
            Column("event_kind", value=lambda row: filings.kind_name(row.event_kind)),
            Column("answers", label=_("事发地点"), value=lambda row: row.answers.get("place", "")),
            Column("answered_by_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.CALL_FLOW.states]),
            DateRange("opened_at"),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        navigation="duty",
        detail_url="duty:call",
        empty=_("没有电话接报。在值班台按 c 键开始接听。"),
        live=("duty.call",),
    )
)

register(
    Resource(
        code="duty-log",
        label=_("值班日志"),
        model=DutyLogEntry,
        title="text",
        actions=Actions(view="duty.view", export="duty.view"),
        columns=(
            Column("at", label=_("时间"), sort=True),
            Column("kind", label=_("类别"), badge=Badge()),
            Column("text", label=_("内容"), link=True),
            Column("caller", label=_("来电")),
            Column("author_name", label=_("记录人")),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", label=_("演练"), hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind", label=_("类别")),
            DateRange("at", label=_("时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-at",
        navigation="duty",
        detail=(
            Section(
                _("值班日志"),
                (
                    Field("at", label=_("时间")),
                    Field("kind", label=_("类别")),
                    Field("text", label=_("内容")),
                    Field("caller", label=_("来电")),
                    Field("author_name", label=_("记录人")),
                ),
            ),
        ),
        empty=_("还没有值班日志"),
        live=("duty.logged",),
    )
)

register(
    Resource(
        code="duty-reports",
        label=_("值班日报和要情"),
        model=DutyReport,
        title="title",
        actions=Actions(view="duty.view", create="duty.log", export="duty.view"),
        columns=(
            Column("title", link=True),
            Column("kind", badge=Badge()),
            Column("state", label=_("状态"), value=DutyReport.get_state_label, badge=Badge()),
            Column("day", sort=True),
            Column("drafted_by_name"),
            Column("issued_by_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind"),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.REPORT_FLOW.states]),
            DateRange("day"),
        ),
        order="-day",
        navigation="duty",
        detail_url="duty:report",
        create_url="duty:report_new",
        empty=_("没有值班日报。新建后自动汇集当日值班、信息、事件和日志，修改后签发。"),
        live=("duty.report_issued",),
    )
)

register(
    Resource(
        code="duty-rings",
        label=_("值班提醒"),
        model=Ring,
        title="title",
        actions=Actions(view="duty.view", export="duty.view"),
        columns=(
            Column("title", link=True),
            Column("kind", badge=Badge()),
            Column("since", sort=True),
            Column("answered_at"),
            Column("answered_by_name"),
            Column("answer_seconds", label=_("应答用时（秒）"), numeric=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Choice("kind"), DateRange("since"), Flag("exercise", label=_("演练"))),
        order="-since",
        navigation="duty",
        detail=(
            Section(
                _("值班提醒"),
                ("title", "kind", "since", "answered_at", "answered_by_name", Field("told", label=_("提醒经过"), value=told_of)),
            ),
        ),
        empty=_("没有值班提醒。待签收信息、到期未报和无人应答的报警会在这里留下记录。"),
        live=("duty.ring", "duty.ring_went_on"),
    )
)

register(
    Resource(
        code="duty-faults",
        label=_("值守问题"),
        model=Fault,
        title="detail",
        actions=Actions(view="duty.view", export="duty.view"),
        columns=(
            Column("detail", link=True),
            Column("kind", badge=Badge({"gap": "red", "unanswered": "orange"})),
            Column("happened_at", sort=True),
            Column("who"),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Choice("kind"), DateRange("happened_at"), Flag("exercise", label=_("演练"))),
        order="-happened_at",
        navigation="duty",
        detail=(Section(_("值守问题"), ("kind", "happened_at", "who", "detail")),),
        empty=_("没有值守问题。未交接班、岗位无人、未及时应答会自动登记。"),
        live=("duty.fault",),
    )
)

for page in ("filings.now", "incidents.detail"):
    panels.register(
        page, "wake", label=_("带班领导"), order=1, template="duty/_wake.html", provider=waking.leaders, action="duty.view", shape="half"
    )
