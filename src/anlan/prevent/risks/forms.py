"""Forms of the register: objects, units, events with the factors of their method, what remains, measures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.prevent.risks import queries, rules, services

Choices = list[tuple[str, str]]


def _degrees(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))


def _coded(rows: Iterable[rules.CodeRow | rules.LevelRow]) -> Choices:
    return [(row.code, queries.worded(row)) for row in rows]


class RiskForm(ResourceForm):
    """Base: choices are filled in when the form is shown."""

    def offer(self, name: str, choices: Choices) -> None:
        """Fill in what a field may take."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As the verbs take them: keys as UUIDs, nothing chosen as ``None``."""
        found = dict(self.cleaned_data)
        for name in ("site_id", "source_id", "person_id"):
            if name in found:
                found[name] = UUID(found[name]) if found[name] else None
        return found


class ObjectForm(RiskForm):
    """An object: what it is and where."""

    code = forms.CharField(label=_("编号"), max_length=40)
    name = forms.CharField(label=_("风险分析对象"), max_length=120, help_text=_("如：液氯储罐区、电解装置、成品库"))
    location = forms.CharField(label=_("位置"), max_length=160, required=False)
    responsible_name = forms.CharField(label=_("责任人"), max_length=60, required=False)
    source_id = forms.ChoiceField(label=_("危险源"), required=False, help_text=_("选了危险源而不填坐标时，用危险源的坐标"))
    site_id = forms.ChoiceField(label=_("厂区"), required=False)
    longitude = _degrees(_("经度"))
    latitude = _degrees(_("纬度"))

    def __init__(self, *args: Any, enterprise_id: UUID, actor: Actor, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("site_id", [("", "—"), *((str(row.id), row.name) for row in enterprises.sites_of(enterprise_id))])
        sources = risksources.of_enterprise(enterprise_id, actor)
        self.offer("source_id", [("", "—"), *((str(row.id), f"{row.code} {row.name}") for row in sources)])
        if known:
            self.fields["in_use"] = forms.BooleanField(label=_("在用"), required=False, help_text=_("停用后不再生成排查任务"))


class UnitForm(RiskForm):
    """A unit of an object."""

    code = forms.CharField(label=_("编号"), max_length=40)
    name = forms.CharField(label=_("风险分析单元"), max_length=120, help_text=_("相对独立的一部分，如：卸车作业、1#液氯储罐"))
    responsible_name = forms.CharField(label=_("责任人"), max_length=60, required=False)


class FactorForm(RiskForm):
    """Base: one choice for each factor of a method, the gravest first."""

    def add_factors(self, method: rules.Method) -> None:
        """Add the factors of a method as fields named ``f-<factor>``."""
        self.method = method
        for factor, scale in method.scales.items():
            choices = [
                ("", "—"),
                *((rules.plain(row.value), f"{rules.plain(row.value)}　{queries.worded(row, 'meaning')}") for row in scale),
            ]
            self.fields[f"f-{factor}"] = forms.ChoiceField(label=f"{factor} {queries.worded(scale[0])}", choices=choices)

    def values(self) -> dict[str, Any]:
        """The factors under ``factors``, all else as it is."""
        found = super().values()
        return {name: value for name, value in found.items() if not name.startswith("f-")} | {
            "factors": {name[2:]: value for name, value in found.items() if name.startswith("f-")}
        }


class EventForm(FactorForm):
    """What may go wrong, how grave it is before measures, who answers for it."""

    title = forms.CharField(label=_("风险事件"), max_length=160, help_text=_("如：液氯卸车软管脱落，氯气泄漏中毒"))
    consequence = forms.CharField(label=_("可能的后果"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, method: rules.Method, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_factors(method)
        levels = queries.levels(now)
        told = "；".join(f"{gettext(rules.GRADES[row.from_grade])} → {queries.worded(row)}" for row in levels)
        self.fields["level"] = forms.ChoiceField(label=gettext("管控层级"), choices=_coded(levels), help_text=told)
        self.fields["responsible_name"] = forms.CharField(label=gettext("责任人"), max_length=60, required=False)

    def values(self) -> dict[str, Any]:
        """As the verbs take them."""
        return super().values() | {"method": self.method.row.code}


class ResidualForm(FactorForm):
    """What remains behind the measures."""

    def __init__(self, *args: Any, method: rules.Method, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_factors(method)


class MeasureForm(RiskForm):
    """A measure and its check."""

    kind = forms.ChoiceField(label=_("措施类别"))
    text = forms.CharField(label=_("管控措施"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    check_text = forms.CharField(
        label=_("排查内容"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("看什么、怎样算正常，如：压力表指针在绿区，检定在有效期内"),
    )
    period = forms.ChoiceField(label=_("排查周期"))
    level = forms.ChoiceField(label=_("管控层级"))
    post_kind = forms.ChoiceField(label=_("排查岗位"), required=False, help_text=_("不选时按管控层级分派"))
    person_id = forms.ChoiceField(label=_("排查人"), required=False, help_text=_("指定到人时，只出现在此人的任务里"))

    def __init__(self, *args: Any, enterprise_id: UUID, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", _coded(queries.classes(now)))
        self.offer("period", _coded(queries.periods(now)))
        self.offer("level", _coded(queries.levels(now)))
        kinds = people.post_kinds()
        self.offer("post_kind", [("", "—"), *((code, gettext(kinds[code])) for code in services.POSTS)])
        named = {str(key): name for _kind, key, name in services.colleagues(enterprise_id, now)}
        self.offer("person_id", [("", "—"), *named.items()])
