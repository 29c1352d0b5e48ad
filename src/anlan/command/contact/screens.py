"""Lists of contact as the desk shows them, and the panel on an incident's page."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.contact import door, queries, rules, services
from anlan.command.contact.models import Contact, Group, Line, Notice
from anlan.desk import panels
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    Form,
    Input,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.kernel.access import Actor

register(
    Resource(
        code="contacts",
        label=_("外部联系人"),
        model=Contact,
        actions=Actions(view="contact.send", create="contact.keep", change="contact.keep", export="contact.keep"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("unit"),
            Column("duty"),
            Column("phone"),
            Column("email", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(PlaceFilter(label=_("归属地")),),
        order="name_key",
        search=True,
        detail=(Section(_("基本情况"), ("name", "unit", "duty", "phone", "email", "place_code", "remark")),),
        form=Form(
            inputs=("name", "unit", "duty", "phone", "email", "remark", Input("place_code", label=_("归属地"), place=True)),
            create=services.keep_contact,
            change=services.keep_contact,
        ),
        navigation="duty",
        empty=_("还没有外部联系人。医院、电网、新闻单位等不在平台内的联系人可在此登记。"),
    )
)
register(
    Resource(
        code="contact-groups",
        label=_("通讯分组"),
        model=Group,
        actions=Actions(view="contact.view", create="contact.keep"),
        columns=(
            Column("name", link=True, sort="name"),
            Column("size", label=_("成员"), numeric=True),
            Column("shared"),
            Column("owner_name"),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Flag("shared", label=_("共享"))),
        order="name",
        detail=(Section(_("基本情况"), ("name", "shared", "owner_name", "place_code")),),
        visible_to=queries.groups,
        create_url="contact:group",
        navigation="duty",
        empty=_("还没有分组。在通讯录勾选人员和岗位后可存为分组。"),
    )
)
register(
    Resource(
        code="contact-notices",
        label=_("通知与点名"),
        model=Notice,
        title="title",
        actions=Actions(view="contact.view", create="contact.send", export="contact.view"),
        columns=(
            Column("title", link=True),
            Column("kind"),
            Column("state", label=_("状态"), value=Notice.get_state_label, badge=Badge()),
            Column("opened_at", label=_("发起时间"), sort=True),
            Column("sent_by_name"),
            Column("due_at", sort=True),
            Column("subject_title", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind"),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("opened_at", label=_("发起时间")),
            Flag("exercise", label=_("演练")),
            Equals("subject", label=_("相关事项"), field="subject_id"),
        ),
        order="-opened_at",
        navigation="duty",
        detail_url="contact:detail",
        create_url="contact:compose",
        empty=_("还没有发出通知。可在通讯录勾选接收人后群发，或组织值守点名。"),
        live=("contact.changed",),
    )
)
register(
    Resource(
        code="contact-lines",
        label=_("接收情况"),
        model=Line,
        actions=Actions(view="contact.view", export="contact.view"),
        columns=(
            Column("name", link=True),
            Column("notice.title", label=_("所属通知")),
            Column("notice.kind", label=_("类别"), value=lambda line: line.notice.get_kind_display()),
            Column("place_code", label=_("归属地"), place=True),
            Column("post", hidden=True),
            Column("state", badge=Badge({rules.CONFIRMED: "green", rules.SILENT: "red", rules.NOBODY: "red", rules.NO_WAY: "orange"})),
            Column("called_at", sort=True),
            Column("confirmed_at", sort=True),
            Column("confirmed_name"),
            Column("confirmed_by", hidden=True),
            Column("seconds", numeric=True, sort=True),
            Column("whereabouts", hidden=True),
            Column("urged", numeric=True, hidden=True),
            Column("answer", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind", label=_("类别"), field="notice__kind", choices=[(code, _(label)) for code, label in rules.KINDS.items()]),
            Choice("state"),
            DateRange("called_at"),
            Equals("notice", label=_("所属通知"), field="notice_id"),
        ),
        joins=("notice",),
        detail=(
            Section(
                _("接收情况"),
                (
                    "name",
                    "post",
                    "place_code",
                    "state",
                    "called_at",
                    "told_at",
                    "told_by",
                    "confirmed_at",
                    "confirmed_by",
                    "confirmed_name",
                ),
            ),
            Section(_("反馈内容"), ("answer", "whereabouts", "seconds", "urged", "leader_told_at", "leader_names")),
        ),
        visible_to=queries.lines,
        navigation="duty",
        empty=_("还没有接收记录。"),
        live=("contact.changed",),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Notices about the incident whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = not subject.is_closed and actor.may("contact.send", place_code=actor.place_code)
    return {"notices": door.about(UUID(str(subject.pk)), actor), "may_send": may, "subject_id": subject.pk, "subject_title": str(subject)}


panels.register(
    "incidents.detail",
    "contact",
    label=_("通知与回执"),
    order=14,
    template="contact/_panel.html",
    provider=incident_panel,
    action="contact.view",
)
