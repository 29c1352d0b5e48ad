"""Forms of plans."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.plans import law, rules, standard
from anlan.command.plans.models import PlanAction, PlanChapter, PlanLevel, PlanRole, PlanTemplate
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings


class _Part(forms.ModelForm):  # type: ignore[type-arg]
    """One part of a draft; ``plan`` gives what it may refer to."""

    def __init__(self, *args: Any, plan: PlanTemplate, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.offer(self.fields)

    def offer(self, fields: dict[str, Any]) -> None:
        """Fill the choices that depend on the plan."""

    def clean_levels(self) -> str:
        return ";".join(self.cleaned_data["levels"])

    def clean_depends_on(self) -> str:
        return ";".join(self.cleaned_data["depends_on"])


class _Codes(forms.MultipleChoiceField):
    """Codes kept as one ``;``-separated column, ticked one by one."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return list(rules.listed(value)) if isinstance(value, str) else value


def _levels() -> list[tuple[str, Any]]:
    return [(code, _(label)) for code, label in rules.RESPONSE_LEVELS.items()]


class LevelForm(_Part):
    """One response level."""

    class Meta:
        model = PlanLevel
        fields = ("level", "condition", "decided_by", "expected_hours", "measures")
        widgets: Final = {"condition": forms.Textarea(attrs={"rows": 3}), "measures": forms.Textarea(attrs={"rows": 3})}

    def offer(self, fields: dict[str, Any]) -> None:
        taken = {row.level for row in self.plan.levels.all() if row.pk != self.instance.pk}
        fields["level"].choices = [pair for pair in _levels() if pair[0] not in taken]


class RoleForm(_Part):
    """One group of the command structure."""

    levels = _Codes(label=_("设立级别"), required=False, help_text=_("不选表示各级响应都设立"))

    class Meta:
        model = PlanRole
        fields = ("name", "filled_by", "parent", "levels", "duty")
        widgets: Final = {"duty": forms.Textarea(attrs={"rows": 3})}

    def offer(self, fields: dict[str, Any]) -> None:
        fields["levels"].choices = _levels()
        others = [(role.code, role.name) for role in self.plan.roles.all() if role.pk != self.instance.pk]
        fields["parent"] = forms.ChoiceField(
            label=_("上级组"), required=False, choices=[("", _("第一个角色（现场指挥）")), *others], initial=self.instance.parent
        )


class ActionForm(_Part):
    """One action."""

    levels = _Codes(label=_("响应级别"))
    depends_on = _Codes(label=_("前置行动"), required=False)

    class Meta:
        model = PlanAction
        fields = ("text", "role_code", "levels", "deadline_min", "depends_on", "resource", "capability", "form", "done_when")

    def offer(self, fields: dict[str, Any]) -> None:
        fields["levels"].choices = [pair for pair in _levels() if pair[0] in {level.level for level in self.plan.levels.all()}]
        fields["role_code"] = forms.ChoiceField(
            label=_("角色"), choices=[(role.code, role.name) for role in self.plan.roles.all()], initial=self.instance.role_code
        )
        fields["depends_on"].choices = [(row.code, row.text) for row in self.plan.actions.all() if row.pk != self.instance.pk]


class ChapterForm(_Part):
    """One chapter; ``adding``: text that may be added to a chapter that is there already."""

    class Meta:
        model = PlanChapter
        fields = ("clause", "heading", "text")
        widgets: Final = {"text": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args: Any, adding: bool = False, **kwargs: Any) -> None:
        self.adding = adding
        super().__init__(*args, **kwargs)

    def offer(self, fields: dict[str, Any]) -> None:
        taken = set() if self.adding else {row.clause for row in self.plan.chapters.all() if row.pk != self.instance.pk}
        offered = [row for row in standard.chapters(self.plan.plan_type, law_day(clock.now())) if row.clause not in taken]
        fields["clause"] = forms.ChoiceField(
            label=_("标准条款"),
            required=False,
            choices=[("", _("标准未要求的章节")), *((row.clause, f"{row.clause} {row.title}") for row in offered)],
            initial=self.instance.clause,
        )


PART_FORMS: Final[dict[str, type[_Part]]] = {"level": LevelForm, "role": RoleForm, "action": ActionForm, "chapter": ChapterForm}


class AboutForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a draft says of itself."""

    kind = forms.ChoiceField(label=_("事件类别"))
    subject = forms.ChoiceField(label=_("单位类别"))

    class Meta:
        model = PlanTemplate
        fields = ("title", "plan_type", "kind", "subject", "trigger", "purpose")
        widgets: Final = {"trigger": forms.Textarea(attrs={"rows": 3}), "purpose": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        kinds = filings.event_kinds(law_day(clock.now()))
        fields["subject"].choices = [(row.code, row.title) for row in law.subjects(law_day(clock.now()))]
        fields["kind"].choices = [(row.code, row.name_en if get_language() == "en" else row.name_zh) for row in kinds]


class CopyForm(forms.Form):
    """A plan of one's own from another."""

    code = forms.CharField(label=_("预案编号"), max_length=60)
    title = forms.CharField(label=_("预案名称"), max_length=120)
    place_code = forms.ChoiceField(label=_("适用地区"))
    subject = forms.ChoiceField(label=_("单位类别"))

    def __init__(self, *args: Any, own: list[str], of_enterprise: bool, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        fields: dict[str, Any] = self.fields
        kinds = law.subjects(law_day(clock.now()))
        fields["subject"].choices = [(row.code, row.title) for row in kinds if (row.kind == law.BUREAU) != of_enterprise]
        fields["place_code"].choices = [(code, places.full_name(code)) for code in own]
