"""Forms of mine rescue. What is told by telephone is typed as it is spoken: one field for the pressures of a whole squad, minutes ago in place of a time."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.minerescue import air, rules
from anlan.kernel import clock
from anlan.ledger.sources import law_day

_BETWEEN = re.compile(r"[\s,，、;；/]+")
MOST_PRESSURE = 40.0


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        fields: dict[str, Any] = self.fields
        fields[name].choices = choices


class Pressures(forms.CharField):
    """Pressures of a squad in MPa, by member in order; any blank or comma between them. Cleans to a list of numbers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)

    def clean(self, value: Any) -> Any:
        """The numbers."""
        told = [each for each in _BETWEEN.split(super().clean(value).strip()) if each]
        try:
            found = [float(each) for each in told]
        except ValueError:
            raise forms.ValidationError(_("请填写数字，以空格分隔，例如 20 19.5 19。")) from None
        if any(not 0 <= each <= MOST_PRESSURE for each in found):
            raise forms.ValidationError(_("压力应在 0 至 40 MPa 之间。"))
        return found


class ReportForm(_Form):
    """What is told from underground."""

    entry = forms.ChoiceField(label=_("小队"), required=False)
    place = forms.ChoiceField(label=_("地点"), required=False)
    methane = forms.FloatField(label="CH₄ %", min_value=0, max_value=100, required=False)
    monoxide = forms.FloatField(label="CO ppm", min_value=0, max_value=1_000_000, required=False)
    oxygen = forms.FloatField(label="O₂ %", min_value=0, max_value=25, required=False)
    dioxide = forms.FloatField(label="CO₂ %", min_value=0, max_value=100, required=False)
    hydrogen = forms.FloatField(label="H₂ %", min_value=0, max_value=100, required=False)
    temperature = forms.FloatField(label=_("气温 ℃"), min_value=-40, max_value=500, required=False)
    airflow = forms.FloatField(label=_("风速 m/s（反向填负数）"), min_value=-50, max_value=50, required=False)
    pressures = Pressures(label=_("氧气压力 MPa"), required=False)
    minutes_ago = forms.IntegerField(label=_("几分钟前"), min_value=0, max_value=600, required=False)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)
    replaces = forms.ChoiceField(label=_("更正哪一条"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("entry", "place", "replaces"):
            self._choose(name, [("", "—"), *choices[name]])
        for name in air.QUANTITIES:
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 6})


class SquadForm(_Form):
    """A squad with its members and apparatus."""

    name = forms.CharField(label=_("小队"), max_length=60)
    resource_id = forms.ChoiceField(label=_("登记在册的队伍"), required=False)
    unit = forms.CharField(label=_("或所属队伍名称"), max_length=120, required=False)
    phone = forms.CharField(label=_("电话或呼号"), max_length=40, required=False)
    members = forms.CharField(
        label=_("队员"), widget=forms.Textarea(attrs={"rows": 6}), help_text=_("每行一人：姓名 呼吸器编号。报告压力时按此顺序。")
    )
    full_pressure = forms.FloatField(label=_("额定压力（MPa）"), min_value=1, max_value=MOST_PRESSURE, required=False)
    rated_minutes = forms.IntegerField(label=_("额定防护时间（分钟）"), min_value=10, max_value=720, required=False)
    duty = forms.ChoiceField(label=_("状态"), choices=[(code, _(label)) for code, label in rules.DUTIES.items() if code != rules.AWAY])

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("resource_id", [("", "—"), *teams])

    def clean_members(self) -> list[dict[str, str]]:
        """Members in order."""
        rows = [line.split(maxsplit=1) for line in self.cleaned_data["members"].splitlines() if line.strip()]
        return [{"name": row[0][:40], "apparatus": row[1].strip()[:40] if len(row) > 1 else ""} for row in rows[:30]]


class EnterForm(_Form):
    """A squad that is to go in."""

    squad = forms.ChoiceField(label=_("小队"))
    place = forms.ChoiceField(label=_("目的地"))
    purpose = forms.CharField(label=_("任务"), max_length=120)
    pressures = Pressures(label=_("逐人氧气压力 MPa"), help_text=_("按队员顺序，以空格分隔。"))
    trip_minutes = forms.IntegerField(label=_("预计往返（分钟）"), min_value=1, max_value=600)
    turn_rule = forms.ChoiceField(label=_("返回规则"))
    grounds = forms.CharField(label=_("指挥员破例理由"), max_length=300, required=False)

    def __init__(self, *args: Any, squads: list[tuple[str, str]], places: list[tuple[str, str]], may_command: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = get_language() == "en"
        self._choose("squad", list(squads))
        self._choose("place", list(places))
        rows = rules.turn_rules(law_day(clock.now())).values()
        self._choose("turn_rule", [(row.code, row.label_en if english else row.label_zh) for row in rows])
        if not may_command:
            del self.fields["grounds"]


class HoldForm(_Form):
    """Something after which nobody goes in."""

    kind = forms.ChoiceField(label=_("原因"))
    minutes = forms.IntegerField(label=_("等待（分钟）"), min_value=1, max_value=20_000, required=False)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english, told = get_language() == "en", _("{name}（{minutes} 分钟）")
        rows = rules.hold_rules(law_day(clock.now())).values()
        self._choose("kind", [(r.code, str(told).format(name=r.label_en if english else r.label_zh, minutes=r.minutes)) for r in rows])
