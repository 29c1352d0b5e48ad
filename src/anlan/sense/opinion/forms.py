"""Forms of public opinion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import PlaceField, ResourceForm
from anlan.sense.opinion import queries, rules


class VerdictForm(ResourceForm):
    """What was found out, and from whom."""

    verdict = forms.ChoiceField(
        label=_("核查结论"), choices=[("", _("请选择")), *((code, _(label)) for code, label in rules.VERDICTS.items())]
    )
    grounds = forms.CharField(
        label=_("依据"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("向谁核实、何时、核实到什么。")
    )
    evidence = forms.CharField(label=_("证据"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reply = forms.CharField(
        label=_("官方回应"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("对外发布的原文。")
    )
    correction_url = forms.CharField(label=_("辟谣或通报地址"), max_length=1000, required=False, widget=forms.URLInput())


class SettleForm(ResourceForm):
    """A person's word in place of the guesses."""

    title = forms.CharField(label=_("事件"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("类别"))
    place_code = PlaceField(label=_("行政区划代码"))
    no_enterprise = forms.BooleanField(label=_("与该企业无关"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, queries.kind_name(code)) for code in rules.kinds()]  # type: ignore[attr-defined]
