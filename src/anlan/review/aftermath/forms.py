"""Forms of looking back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class WordsForm(forms.Form):
    """What is said of the work."""

    achieved = forms.CharField(label=_("做得好的"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    failed = forms.CharField(label=_("存在的问题"), required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class LessonForm(forms.Form):
    """One thing to be better."""

    area = forms.ChoiceField(label=_("能力"))
    problem = forms.CharField(label=_("问题"), widget=forms.Textarea(attrs={"rows": 2}))
    measure = forms.CharField(label=_("改进措施"), widget=forms.Textarea(attrs={"rows": 2}))
    owner_name = forms.CharField(label=_("责任人"), max_length=100)
    due = forms.DateField(label=_("期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, areas: dict[str, str], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["area"].choices = list(areas.items())
