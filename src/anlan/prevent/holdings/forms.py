"""Forms of the ledger: a product, a place, a movement, a load, its arrival, a search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.chemicals import door as chemicals
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.prevent.holdings import positions, queries, registering, rules
from anlan.prevent.holdings.loading import Freight
from anlan.prevent.holdings.models import Product, Store
from anlan.prevent.holdings.recording import Entry

MOMENT = "%Y-%m-%dT%H:%M"
Choices = list[tuple[str, str]]


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        **more,
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _line(label: Any, limit: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=required, help_text=help_text)


def _decimal(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    # Text, not a number field: what is refused is said by the verb, and what was typed stays.
    return forms.CharField(
        label=label, max_length=40, required=required, help_text=help_text, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )


def _degrees(label: Any, *, required: bool = False) -> forms.FloatField:
    return forms.FloatField(label=label, required=required, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))


def shown(moment: datetime | None) -> str:
    """A moment as its input takes it."""
    return timezone.localtime(moment).strftime(MOMENT) if moment is not None else ""


def _worded(words: Iterable[tuple[str, str]], *, first: str | None = None) -> Choices:
    found = [(code, gettext(label)) for code, label in words]
    return found if first is None else [("", first), *found]


class ProductForm(ResourceForm):
    """A product: which entry of the catalogue, under which registration."""

    chemical = forms.ChoiceField(
        label=_("目录条目"), required=False, help_text=_("按条目选择，不按 CAS 号：同一 CAS 号可能有几个条目（如氟化氢与氢氟酸）")
    )
    name = _line(_("品种名称"), 120, help_text=_("留空则用目录名称"))
    specification = _line(_("规格或浓度"), 60, help_text=_("如：99.6%、31% 溶液"))
    business = forms.ChoiceField(label=_("涉及环节"))
    phone = _line(_("24小时应急电话"), 30, required=True, help_text=_("印在标签上，扫码的人都能看到"))
    certificate_number = _line(_("危险化学品登记证编号"), 60)
    certificate_from = _day(_("登记证有效期起"))
    certificate_until = _day(_("登记证有效期止"))
    licence_number = _line(_("许可证编号"), 60, help_text=_("安全生产、使用或经营许可证"))
    licence_until = _day(_("许可证有效期止"))
    density_kg_m3 = _decimal(_("密度（千克每立方米）"), required=False, help_text=_("只有按立方米登记时才用；留空则用目录中常温液体的密度"))
    density_source = _line(_("密度依据"), 120)
    cas = _line(_("CAS 号"), 16, help_text=_("目录外的品种填写"))
    un = _line(_("UN 号"), 4)
    hazard_class = _line(_("危险货物类别"), 40)
    hazards = forms.CharField(label=_("危险性"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    measures = forms.CharField(label=_("应急措施"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    in_use = forms.BooleanField(label=_("在用"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = chemicals_in_english()
        entries = [(row.code, f"{row.name_en if english else row.name_zh} · {row.cas or '—'}") for row in chemicals.chemicals()]
        first = [("", gettext("按下面的名称查找")), (registering.OUTSIDE, gettext("目录外的化学品"))]
        self.fields["chemical"].choices = [*first, *entries]  # type: ignore[attr-defined]
        self.fields["business"].choices = _worded(rules.BUSINESSES.items())  # type: ignore[attr-defined]

    @staticmethod
    def first(row: Product) -> dict[str, Any]:
        """A product as its form shows it."""
        names = [name for name in ProductForm.base_fields if name != "chemical"]
        return {**{name: getattr(row, name) for name in names}, "chemical": row.chemical_code or registering.OUTSIDE}


def chemicals_in_english() -> bool:
    """Whether names of the catalogue are shown in English."""
    from django.utils.translation import get_language

    return (get_language() or "").startswith("en")


class StoreForm(ResourceForm):
    """A place of storage."""

    code = _line(_("场所编号"), 40, required=True)
    name = _line(_("场所名称"), 120, required=True, help_text=_("如：1#液氯储罐、甲类库房东间"))
    kind = forms.ChoiceField(label=_("场所类型"))
    source_id = forms.ChoiceField(label=_("危险源"), required=False, help_text=_("选了危险源，存量超过其设计最大量时会报警并提示重新评估"))
    longitude = _degrees(_("经度"))
    latitude = _degrees(_("纬度"))
    in_use = forms.BooleanField(label=_("在用"), required=False, initial=True)

    def __init__(self, *args: Any, enterprise_id: UUID, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = [(str(row.id), f"{row.code} {row.name}") for row in risksources.of_enterprise(enterprise_id, actor)]
        self.fields["source_id"].choices = [("", "—"), *sources]  # type: ignore[attr-defined]
        self.fields["kind"].choices = _worded(rules.STORE_KINDS.items())  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As the verbs take them."""
        chosen = self.cleaned_data["source_id"]
        return {**self.cleaned_data, "source_id": UUID(chosen) if chosen else None}

    @staticmethod
    def first(row: Store) -> dict[str, Any]:
        """A place as its form shows it."""
        return {**{name: getattr(row, name) for name in StoreForm.base_fields}, "source_id": str(row.source_id or "")}


class EntryForm(ResourceForm):
    """One movement that no truck carries."""

    kind = forms.ChoiceField(label=_("类别"))
    product_id = forms.ChoiceField(label=_("品种"))
    store_id = forms.ChoiceField(label=_("储存场所"), help_text=_("移库时是移出场所"))
    other_store_id = forms.ChoiceField(label=_("移入场所"), required=False, help_text=_("只有移库要选"))
    quantity = _decimal(_("数量"), help_text=_("盘点时填实物数量"))
    unit = forms.ChoiceField(label=_("单位"), choices=[("t", _("吨 t")), ("kg", _("千克 kg")), ("m3", _("立方米 m³"))])
    at = _moment(_("发生时间"))
    counterpart = _line(_("往来单位"), 120, help_text=_("供货、购买、使用部门或处置单位"))
    note = _line(_("说明"), 400)
    density_kg_m3 = _decimal(_("密度（千克每立方米）"), required=False, help_text=_("按立方米登记且与品种密度不同时填写"))
    density_source = _line(_("密度依据"), 120)

    kinds: Choices | None = None

    def __init__(self, *args: Any, enterprise_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = [(str(row.pk), str(row)) for row in queries.stores_of(enterprise_id)]
        for name, offered in {
            "kind": [(each.code, gettext(each.label)) for each in rules.KINDS.values() if each.by_hand and each.code != rules.SENT],
            "product_id": [(str(row.pk), row.title) for row in queries.products_of(enterprise_id)],
            "store_id": stores,
            "other_store_id": [("", "—"), *stores],
        }.items():
            if name in self.fields:
                self.fields[name].choices = offered  # type: ignore[attr-defined]

    def entry(self, kind: str = "") -> Entry:
        """As the verbs take it."""
        given = self.cleaned_data
        other = given.get("other_store_id")
        return Entry(
            kind=kind or given["kind"],
            product_id=UUID(given["product_id"]),
            store_id=UUID(given["store_id"]),
            other_store_id=UUID(other) if other else None,
            **{name: given.get(name) or "" for name in ("unit", "quantity", "counterpart", "note", "density_source")},
            at=given["at"],
            density_kg_m3=given.get("density_kg_m3"),
        )


class LoadForm(EntryForm):
    """A load that leaves by truck."""

    receiver_uscc = _line(
        _("收货企业信用代码"), 18, help_text=_("收货方在平台上时填写，由收货方用自己的数量签收；不在平台上的留空并填单位名称")
    )
    receiver_name = _line(_("收货单位"), 200)
    plate = _line(_("车牌号"), 16, required=True)
    driver = _line(_("驾驶员"), 60, required=True)
    driver_phone = _line(_("驾驶员电话"), 20)
    escort = _line(_("押运员"), 60)
    carrier = _line(_("承运单位"), 120)
    device_id = forms.ChoiceField(label=_("车载终端"), required=False, help_text=_("选定后显示车辆实时位置"))
    route = _line(_("计划路线"), 400)
    expected_at = _moment(_("预计到达"))

    field_order = ["product_id", "store_id", "quantity", "unit", "receiver_uscc", "receiver_name", "at", "expected_at", "plate", "driver"]

    def __init__(self, *args: Any, enterprise_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, enterprise_id=enterprise_id, **kwargs)
        for name in ("kind", "other_store_id", "counterpart"):
            del self.fields[name]
        self.fields["store_id"].help_text = ""
        self.fields["quantity"].help_text = ""
        self.fields["at"].label = gettext("发车时间")
        terminals = [(str(row.id), f"{row.code} {row.name}") for row in positions.terminals_of(enterprise_id)]
        self.fields["device_id"].choices = [("", "—"), *terminals]  # type: ignore[attr-defined]

    def freight(self, receiver_id: UUID | None) -> Freight:
        """Who carries it, as the verb takes it."""
        given = self.cleaned_data
        names = ("plate", "driver", "driver_phone", "escort", "carrier", "route", "receiver_name", "expected_at")
        device = given.get("device_id")
        return Freight(**{name: given[name] for name in names}, receiver_id=receiver_id, device_id=UUID(device) if device else None)


class ArrivalForm(EntryForm):
    """What the receiver of a load signs for."""

    def __init__(self, *args: Any, enterprise_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, enterprise_id=enterprise_id, **kwargs)
        for name in ("kind", "other_store_id", "counterpart"):
            del self.fields[name]
        self.fields["store_id"].help_text = gettext("收入哪个场所")
        self.fields["quantity"].help_text = gettext("以本企业过磅或计量为准")
        self.fields["at"].label = gettext("到货时间")


class WhereForm(ResourceForm):
    """What is searched, how much of it, how far from where."""

    q = _line(_("化学品"), 60, required=True, help_text=_("名称、别名、UN 号或 CAS 号"))
    centre = _line(_("以哪里为中心"), 80, required=True, help_text=_("企业名称、行政区名称，或“经度,纬度”"))
    least = _decimal(_("至少多少吨"), required=False)
    radius = forms.FloatField(label=_("半径（公里）"), min_value=0.1, max_value=2000, initial=30)
    per = forms.ChoiceField(label=_("数量按"), required=False, choices=[("", _("企业合计")), ("place", _("单个场所"))])
