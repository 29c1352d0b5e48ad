"""Evidence as the desk shows it: the list of exhibits, the page of one, and the panel on enterprises and hazard sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import (
    Actions,
    Choice,
    Column,
    DateRange,
    Field,
    Fragment,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.addresses import resource_of_label, subject_url
from anlan.ground.evidence import door
from anlan.ground.evidence.models import Exhibit
from anlan.ground.evidence.panel import panel_context
from anlan.ground.evidence.templatetags.evidence import file_size
from anlan.kernel.access import Classification


def subject_label(row: Exhibit) -> str:
    """What kind of record the file belongs to."""
    resource = resource_of_label(row.subject_type)
    return str(resource.label) if resource is not None else row.subject_type


def exhibit_context(row: Exhibit, request: HttpRequest) -> Mapping[str, Any]:
    """The picture or player of one exhibit, the way to its record, and raising its class."""
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "exhibit": door.summary_of(row),
        "subject_label": subject_label(row),
        "subject_url": subject_url(row.subject_type, row.subject_id),
        "classes": [(int(c), _(c.label)) for c in Classification if c > row.classification],
        "may_classify": actor.may(
            "evidence.classify",
            place_code=row.place_code,
            enterprise_id=row.enterprise_id,
            classification=row.classification,
        ),
    }


RESOURCE = register(
    Resource(
        code="evidence",
        label=_("证据"),
        model=Exhibit,
        actions=Actions(view="evidence.view"),
        title="filename",
        columns=(
            Column("filename", link=True),
            Column("caption"),
            Column("kind"),
            Column("subject_type", label=_("所属记录"), value=subject_label),
            Column("size", label=_("大小"), value=lambda row: file_size(row.size), numeric=True),
            Column("place_code", label=_("所在地"), place=True),
            Column("classification", hidden=True),
            Column("added_by_name"),
            Column("created_at", label=_("提交时间"), sort=True),
        ),
        filters=(
            PlaceFilter(label=_("所在地")),
            Choice("kind", label=_("类别")),
            Choice("origin", label=_("来源")),
            DateRange("added", label=_("提交时间"), field="created_at"),
        ),
        order="-created_at",
        detail=(
            Fragment(label=_("内容"), template="evidence/_exhibit.html", context=exhibit_context),
            Section(
                _("来历"),
                (
                    "caption",
                    "media_type",
                    Field("size", value=lambda row: f"{row.size:,} B ({file_size(row.size)})"),
                    "sha256",
                    "origin",
                    "added_by_name",
                    Field("created_at", label=_("提交时间")),
                    "device",
                    "taken_at",
                    "longitude",
                    "latitude",
                    "place_code",
                    "classification",
                ),
            ),
        ),
        empty=_("在企业、危险源、事件等记录的页面上可以添加证据。"),
    )
)


def record_panel(subject: Any, request: HttpRequest) -> Mapping[str, Any]:
    """The files of the record on its page."""
    return panel_context(subject, request.actor)  # type: ignore[attr-defined]


for page in ("enterprises.detail", "risksources.detail"):
    panels.register(
        page,
        "evidence",
        label=_("证据材料"),
        order=80,
        template="evidence/_panel.html",
        provider=record_panel,
        action="evidence.view",
        shape="folded",
    )
