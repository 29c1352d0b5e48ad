"""Forms of the links: what this node is called, the address of a node above, an exercise that cuts a link, sending again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import PlaceField, ResourceForm
from anlan.kernel.access import Actor
from anlan.kernel.levels import Level, level_of


class OwnForm(ResourceForm):
    """What this node is called, where it is, and whose bureaus work on it. Its level is that of its place."""

    name = forms.CharField(label=_("节点名称"), max_length=100, help_text=_("其他节点看到的名称，例如“济南市应急管理局”。"))
    place_code = PlaceField(label=_("所在地"), help_text=_("本节点的层级由所在地决定：选省即省级，选市即市级，选县（区）即县级。"))
    levels = forms.TypedMultipleChoiceField(
        label=_("服务的层级"), required=False, coerce=lambda value: Level(int(value)), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["levels"].choices = [(int(level), _(level.label)) for level in Level if level >= actor.level]

    def clean(self) -> dict[str, Any]:
        """A node serves its own level and those below, never one above."""
        values = super().clean() or {}
        if (place := values.get("place_code")) and any(level < level_of(place) for level in values.get("levels", ())):
            self.add_error("levels", _("只能服务本级及以下的层级，请取消更高的层级。"))
        return values


class AddressForm(ResourceForm):
    """Where the node above is reached."""

    address = forms.CharField(
        label=_("上级节点地址"),
        max_length=300,
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}),
        help_text=_("由上级节点管理员提供，以 https:// 或 http:// 开头，例如 https://10.37.0.1:8443。"),
    )


class CutForm(ResourceForm):
    """Why an exercise cuts a link."""

    reason = forms.CharField(label=_("断链事由"), max_length=200, help_text=_("例如演练名称和科目，将写入审计日志。"))


class AgainForm(ResourceForm):
    """From when on a neighbour gets everything once more."""

    since = forms.DateTimeField(
        label=_("从何时起重发"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )


def chosen_place(data: Any) -> dict[str, Any]:
    """What was posted, a code that was typed and not picked counting too."""
    values = data.copy()
    if not values.get("place_code") and values.get("q", "").strip():
        values["place_code"] = values["q"].strip()
    return values


def refuse_at(form: ResourceForm, name: str, refusal: Any) -> None:
    """Show a refusal at the field that it is about."""
    form.add_error(name, sentence(refusal))
