"""Inputs and small forms of the enterprise file. They only carry text; the checks are those of :mod:`.intake`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import rules, wording
from anlan.ground.places import door as places
from anlan.kernel.levels import Level

_ = gettext_lazy


class SuggestingInput(forms.TextInput):
    """A text input with suggestions from a code list (``<datalist>``): typed by code or by name, chosen by keyboard or finger."""

    def __init__(self, suggestions: Callable[[], list[tuple[str, str]]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**(attrs or {}), "autocomplete": "off"})
        self.suggestions = suggestions

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The input, followed by its list."""
        list_id = f"{(attrs or {}).get('id', name)}-list"
        options = format_html_join("", '<option value="{}">{}</option>', self.suggestions())
        box = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        return SafeString(format_html('{}<datalist id="{}">{}</datalist>', box, list_id, options))


def industry_field() -> forms.Field:
    """A code of GB/T 4754 with the divisions as suggestions; groups and classes may be typed."""
    return forms.CharField(
        label=_("行业代码"),
        required=False,
        max_length=60,
        widget=SuggestingInput(wording.industry_choices, {"placeholder": "C26"}),
        help_text=_("国民经济行业分类（GB/T 4754-2017），输入代码或名称选择大类，也可填中类、小类，如 C2611。"),
    )


def sector_field() -> forms.Field:
    """A sector of the list."""
    return forms.ChoiceField(label=_("行业领域"), required=False, choices=lambda: [("", gettext("未填写")), *wording.sector_choices()])


class PlacePicker(forms.TextInput):
    """Find a place by name, pinyin, initials or code and pick it; a code that is typed and not picked counts too."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The search input and below it what it found, at first the present value."""
        code = str(value or "")
        found = places.place(code) if code else None
        chosen = found is not None and found.level >= Level.COUNTY
        # A city officer starts from his counties rather than from a code that no enterprise may have.
        offered = [] if found is None or chosen else [c.code for c in places.children(code) if c.level is Level.COUNTY]
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "described_by": (attrs or {}).get("aria-describedby", ""),
            "typed": code if found is None else "",
            "options": [(option, places.full_name(option)) for option in ([code] if chosen else offered)],
            "chosen": code if chosen else "",
        }
        return render_to_string("enterprises/_place_picker.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was picked, else what was typed."""
        return data.get(name) or data.get("q")


def place_field() -> forms.Field:
    """A place; the room's own check names the successor of a code out of force."""
    return forms.CharField(
        label=_("归属地"),
        max_length=40,
        widget=PlacePicker(),
        help_text=_("县（区）或乡镇（街道），按名称、拼音、首字母或代码查找。"),
    )


def degrees_field(label: str | Promise) -> Callable[[], forms.Field]:
    """Decimal degrees; kept as text so that the refusal of the room is shown, not the browser's."""

    def made() -> forms.Field:
        return forms.CharField(label=cast("Any", label), required=False, max_length=24, widget=forms.TextInput({"inputmode": "decimal"}))

    return made


def count_field() -> forms.Field:
    """A number of people."""
    return forms.CharField(label=_("从业人数"), required=False, max_length=10, widget=forms.TextInput({"inputmode": "numeric"}))


def scope_field() -> forms.Field:
    """The scope of business as on the licence."""
    return forms.CharField(label=_("经营范围"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3}))


class SiteForm(ResourceForm):
    """A plant area."""

    name = forms.CharField(label=_("厂区名称"), max_length=120)
    place_code = place_field()
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    longitude = degrees_field(_("经度"))()
    latitude = degrees_field(_("纬度"))()
    boundary = forms.CharField(
        label=_("厂界"),
        required=False,
        widget=forms.Textarea({"rows": 4, "class": "mono"}),
        help_text=_("GeoJSON 多边形，经度在前（CGCS2000 / WGS-84）。未填坐标时取厂界内一点。"),
    )
    is_main = forms.BooleanField(label=_("主厂区"), required=False)
    in_use = forms.BooleanField(label=_("在用"), required=False, initial=True)


class ContactForm(ResourceForm):
    """A person to call."""

    role = forms.ChoiceField(label=_("职责"), choices=[(code, _(label)) for code, label in rules.CONTACT_ROLES.items()])
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(
        label=_("电话"), max_length=20, widget=forms.TextInput({"inputmode": "tel"}), help_text=_("手机号，或“区号-号码”。")
    )
    is_current = forms.BooleanField(label=_("在任"), required=False, initial=True)


class CertificateForm(ResourceForm):
    """A licence of the unit or a certificate of a person."""

    kind = forms.ChoiceField(label=_("证照类别"), choices=lambda: [("", "—"), *wording.certificate_choices()])
    number = forms.CharField(label=_("证书编号"), max_length=60)
    person_name = forms.CharField(label=_("姓名"), max_length=60, required=False, help_text=_("人员证书必填。"))
    person_post = forms.CharField(label=_("岗位或作业项目"), max_length=80, required=False)
    issuer = forms.CharField(label=_("发证机关"), max_length=120, required=False)
    scope = forms.CharField(label=_("许可范围"), max_length=200, required=False)
    issued_on = forms.DateField(label=_("发证日期"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    valid_until = forms.DateField(label=_("有效期至"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    review_due = forms.DateField(label=_("应复审日期"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    in_use = forms.BooleanField(label=_("在用"), required=False, initial=True, help_text=_("换发新证或交回后取消勾选，记录保留。"))


class StateForm(ResourceForm):
    """Another state of operation, with the reason."""

    state = forms.ChoiceField(label=_("变更为"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("原因"), max_length=500, widget=forms.Textarea({"rows": 3}), help_text=_("将写入审计日志。"))

    def __init__(self, present: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = [code for code in rules.STATES if code in rules.STATE_MOVES[present]]
        self.fields["state"].choices = [(code, gettext(rules.STATES[code])) for code in targets]  # type: ignore[attr-defined]
