"""Forms of boards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.command.plotting.models import Board
from anlan.desk.resource.forms import PlaceField, ResourceForm
from anlan.ground.people import door as people
from anlan.kernel import clock

_DRAWERS = ("duty_officer", "duty_leader", "commander", "rescue_team")
"""Kinds of posts that may draw at all."""


class BoardForm(ResourceForm):
    """A board's own facts and who may draw; with a board the place stays as it is."""

    title = forms.CharField(label=_("标绘图名称"), max_length=120)
    remark = forms.CharField(label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    place_code = PlaceField(label=_("行政区划代码"))
    longitude = forms.FloatField(
        label=_("经度"), required=False, min_value=-180, max_value=180, widget=forms.NumberInput(attrs={"step": "any"})
    )
    latitude = forms.FloatField(
        label=_("纬度"), required=False, min_value=-90, max_value=90, widget=forms.NumberInput(attrs={"step": "any"})
    )
    exercise = forms.BooleanField(label=_("演练"), required=False)
    restricted = forms.BooleanField(label=_("仅指定人员标绘"), required=False)
    editors = forms.MultipleChoiceField(
        label=_("标绘人员"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只在选中“仅指定人员标绘”时起作用；新建人和有管理权限的岗位始终可以标绘。"),
    )
    incident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, place: str, board: Board | None = None, of_incident: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = clock.now()
        holders = {holder.account_id: holder for kind in _DRAWERS for holder in people.holders_of(kind, place, now=now)}
        self.names: dict[UUID, str] = {pk: holder.name for pk, holder in holders.items()}
        choices = {str(pk): f"{holder.name}（{holder.post_name}）" for pk, holder in holders.items()}
        if board is not None:
            for editor in board.editors.all():
                self.names.setdefault(editor.account_id, editor.name)
                choices.setdefault(str(editor.account_id), editor.name)
        self.fields["editors"].choices = list(choices.items())  # type: ignore[attr-defined]
        if board is not None or of_incident:
            for name in ("place_code", "longitude", "latitude", "exercise"):
                del self.fields[name]

    def clean_editors(self) -> dict[UUID, str]:
        """Names by account."""
        return {UUID(value): self.names[UUID(value)] for value in self.cleaned_data["editors"]}
