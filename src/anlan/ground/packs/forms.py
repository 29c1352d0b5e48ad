"""The form of an enterprise's answers, built from the fields of a pack, and the form that says whom a pack concerns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.packs import queries
from anlan.ground.packs.rules import FieldRow

SEEN = "_seen"
"""Number of the answers that the form was filled from. No field of a pack can bear this code."""


class FactsForm(ResourceForm):
    """One input for each field of a pack, all optional to the browser: the law of answers says what is wrong."""

    def __init__(self, *args: Any, rows: Iterable[FieldRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEEN] = forms.IntegerField(widget=forms.HiddenInput)
        for row in rows:
            self.fields[row.code] = _input(row)


def _input(row: FieldRow) -> forms.Field:
    label = queries.worded(row, "name") + (f"（{row.unit}）" if row.unit else "") + (" *" if row.required else "")
    told: dict[str, Any] = {"label": label, "required": False, "help_text": queries.worded(row, "help")}
    empty = ("", gettext("未填写"))
    match row.type:
        case "choice":
            english = get_language() == "en"
            return forms.ChoiceField(choices=[empty, *((code, en if english else zh) for code, zh, en in row.options())], **told)
        case "yes_no":
            return forms.ChoiceField(choices=[empty, ("true", gettext("是")), ("false", gettext("否"))], **told)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **told)
        case "number" | "integer":
            return forms.CharField(max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **told)
        case _:
            return forms.CharField(max_length=500, **told)


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """Kept answers as the inputs take them."""
    return {code: ("true" if value else "false") if isinstance(value, bool) else value for code, value in values.items()}


class MarkForm(ResourceForm):
    pack = forms.ChoiceField(label=_("行业包"))
    applies = forms.ChoiceField(label=_("对本企业"), choices=[("yes", _("适用")), ("no", _("不适用"))])
    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("如：有铝粉打磨除尘系统；将写入审计日志"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.initial["day"]
        self.fields["pack"].choices = [(row.code, queries.worded(row, "name")) for row in queries.of_day(day)]  # type: ignore[attr-defined]
