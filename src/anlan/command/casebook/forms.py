"""Forms of the books."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.command.casebook import rules


def _area(label: Any, *, required: bool = True, rows: int = 2) -> forms.CharField:
    return forms.CharField(label=label, required=required, widget=forms.Textarea(attrs={"rows": rows}))


class PersonForm(forms.Form):
    """Somebody hurt, missing or dead; what is unknown stays empty."""

    state = forms.ChoiceField(label=_("状况"), choices=[(s.code, _(s.label)) for s in rules.PERSON_FLOW.states if not s.final])
    role = forms.ChoiceField(label=_("人员类别"), choices=[(code, _(label)) for code, label in rules.ROLES.items()])
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    sex = forms.ChoiceField(label=_("性别"), required=False, choices=[("", "—"), ("male", _("男")), ("female", _("女"))])
    age = forms.IntegerField(label=_("年龄"), min_value=0, max_value=150, required=False)
    unit = forms.CharField(label=_("单位或住址"), max_length=120, required=False)
    hospital = forms.CharField(label=_("收治医院"), max_length=120, required=False)


class DecisionForm(forms.Form):
    """A decision and what it rests on."""

    text = _area(_("决策内容"))
    grounds = _area(_("依据"))
    facts = _area(_("所据事实"), required=False)
    options = _area(_("其他方案及未采用的理由"), required=False)
    decided_by = forms.CharField(label=_("决策人"), max_length=120, required=False)


class StatementForm(forms.Form):
    """What is to be said, and to whom."""

    audience = forms.ChoiceField(label=_("对象"), choices=[(code, _(label)) for code, label in rules.AUDIENCES.items()])
    title = forms.CharField(label=_("标题"), max_length=120)
    body = _area(_("内容"), rows=4)
    spokesperson = forms.CharField(label=_("发言人或发布单位"), max_length=120, required=False)


class CostForm(forms.Form):
    """One item of cost."""

    kind = forms.ChoiceField(label=_("类别"), choices=[(code, _(label)) for code, label in rules.COST_KINDS.items()])
    item = forms.CharField(label=_("项目"), max_length=200)
    amount = forms.DecimalField(label=_("金额（元）"), max_digits=14, decimal_places=2)
    borne_by = forms.ChoiceField(
        label=_("由谁承担"),
        required=False,
        choices=[(code, _(label)) for code, label in rules.PAYERS.items()],
        help_text=_("事故单位承担的救援费用可在信息报送的经济损失中采用"),
    )
    payer = forms.CharField(label=_("承担单位名称"), max_length=120, required=False)
    standing = forms.ChoiceField(label=_("状态"), choices=[(code, _(label)) for code, label in rules.COST_STATES.items()])
    document = forms.CharField(label=_("凭证"), max_length=120, required=False)
