"""The form of a hazard source: the same for all kinds, and below it the attributes that the kind declares."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import kinds, rules, wording
from anlan.ground.risksources.kinds import AttributeRow

_ = gettext_lazy


def _text(label: str | Promise, limit: int, *, required: bool = False, mode: str = "", help_text: str | Promise = "") -> forms.CharField:
    attrs = {"inputmode": mode} if mode else {}
    return forms.CharField(
        label=cast("Any", label), max_length=limit, required=required, widget=forms.TextInput(attrs), help_text=cast("Any", help_text)
    )


class RiskSourceForm(ResourceForm):
    """Inputs of a hazard source of one enterprise; numbers stay text so that the room's own refusals are shown."""

    groups: Any = {
        **dict.fromkeys(("code", "name", "site_id", "state", "commissioned_on", "longitude", "latitude"), _("基本信息")),
        **dict.fromkeys(("substance_name", "substance_cas", "quantity_t", "design_max_t"), _("物质与数量")),
        **dict.fromkeys(("is_major", "major_level", "major_basis"), _("重大危险源")),
        **dict.fromkeys(
            (f"{role}_{part}" for role in ("principal", "technical", "operation") for part in ("name", "phone")),
            _("安全包保责任人"),
        ),
    }

    code = _text(_("编号"), 40, required=True, help_text=_("企业内唯一，如 V-101。"))
    name = _text(_("名称"), 120, required=True)
    site_id = forms.ChoiceField(label=_("厂区"), required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[(code, _(label)) for code, label in rules.STATES.items()])
    longitude = _text(_("经度"), 24, mode="decimal", help_text=_("十进制度，CGCS2000 / WGS-84。"))
    latitude = _text(_("纬度"), 24, mode="decimal")
    commissioned_on = forms.DateField(label=_("投用日期"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    substance_name = _text(_("物质"), 120)
    substance_cas = _text(_("CAS 号"), 16)
    quantity_t = _text(_("现存量（t）"), 20, mode="decimal")
    design_max_t = _text(_("设计最大量（t）"), 20, mode="decimal")
    is_major = forms.BooleanField(label=_("构成重大危险源"), required=False)
    major_level = forms.ChoiceField(
        label=_("重大危险源等级"),
        required=False,
        choices=[("", _("未定级")), *((level, _(label)) for level, label in rules.MAJOR_LEVELS.items())],
    )
    major_basis = _text(_("定级依据"), 200, help_text=_("如：安全评估报告名称、编号和日期（GB 18218-2018）。"))
    principal_name = _text(_("主要负责人"), 60)
    principal_phone = _text(_("主要负责人电话"), 20, mode="tel")
    technical_name = _text(_("技术负责人"), 60)
    technical_phone = _text(_("技术负责人电话"), 20, mode="tel")
    operation_name = _text(_("操作负责人"), 60)
    operation_phone = _text(_("操作负责人电话"), 20, mode="tel")

    def __init__(self, kind: str, enterprise_id: UUID, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        sites = [(str(site.id), site.name) for site in enterprises.sites_of(enterprise_id)]
        self.fields["site_id"].choices = [("", gettext("未指定")), *sites]  # type: ignore[attr-defined]
        self.groups = dict(self.groups)
        for row in kinds.attributes_of(kind):
            name = f"attributes.{row.code}"
            self.fields[name] = _attribute_field(row)
            self.groups[name] = gettext("%(kind)s属性") % {"kind": wording.kind_label(kind)}

    def values(self) -> dict[str, Any]:
        """What the services take: plain fields, and the attributes by code."""
        cleaned = dict(self.cleaned_data)
        attributes = {name.removeprefix("attributes."): cleaned.pop(name) for name in list(cleaned) if name.startswith("attributes.")}
        return {**cleaned, "site_id": cleaned["site_id"] or None, "kind": self.kind, "attributes": attributes}


def _attribute_field(row: AttributeRow) -> forms.Field:
    label = wording.attribute_label(row)
    english = wording.english()
    if row.type == "choice":
        options = [(code, en if english else zh) for code, zh, en in row.options]
        return forms.ChoiceField(label=label, required=row.required, choices=[("", "—"), *options])
    if row.type == "yes_no":
        options = [("", "—"), ("true", gettext("是")), ("false", gettext("否"))]
        return forms.ChoiceField(label=label, required=row.required, choices=options)
    mode = {"number": "decimal", "integer": "numeric"}.get(row.type, "text")
    return _text(label, 200, required=row.required, mode=mode)


def initial_of(source: Any) -> dict[str, Any]:
    """Present values of a hazard source for its form."""
    found = {name: getattr(source, name) for name in RiskSourceForm.base_fields}
    found["site_id"] = str(source.site_id or "")
    for row in kinds.attributes_of(source.kind):
        value = source.attributes.get(row.code)
        found[f"attributes.{row.code}"] = ("true" if value else "false") if isinstance(value, bool) else value
    return found
