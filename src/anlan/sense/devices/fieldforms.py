"""Forms of a device's names in field protocols."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from anlan.desk.resource.forms import ResourceForm
from anlan.sense.devices import addressing, rules
from anlan.sense.devices.door import PlannedPoint
from anlan.sense.devices.models import DeviceAddress, Sensor
from anlan.wire import addresses

_ = gettext_lazy


class AddressForm(ResourceForm):
    """A new name. The secret may be left empty: the platform then draws one."""

    protocol = forms.ChoiceField(label=_("协议"), choices=[(code, _(label)) for code, label in rules.PROTOCOLS.items()])
    address = forms.CharField(
        label=_("地址"),
        max_length=255,
        help_text=_("设备在该协议中的标识，如 MN、测站编码、终端手机号；Modbus 写“主机:端口/从站号”，OPC UA 写“opc.tcp://主机:端口/”。"),
    )
    secret = forms.CharField(
        label=_("访问密码"),
        max_length=addressing.LONGEST_SECRET,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("设备已有密码时填写（JT/T 808 填终端标识）；HJ 212 与 SL 651 留空则由平台生成，只显示一次。"),
    )
    open = forms.BooleanField(
        label=_("不核对密码"), required=False, help_text=_("仅用于不发送密码的设备：任何知道该地址的人都能以它的名义上报。")
    )
    interval_s = forms.FloatField(
        label=_("采集间隔（秒）"),
        initial=10,
        required=False,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
        help_text=_("仅用于由平台主动采集的协议（Modbus、OPC UA）。"),
    )

    def clean_interval_s(self) -> float:
        """Ten seconds where nothing was entered."""
        value = self.cleaned_data.get("interval_s")
        return 10.0 if value is None else float(value)


class KeyForm(ResourceForm):
    """The SM4 key of an HJ 212 station, written and never read."""

    key = forms.CharField(
        label=_("SM4 密钥"),
        max_length=80,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("32 位十六进制数字，与监测设备中设置的相同。保存后不再显示；更换后旧密钥再有效 7 天。"),
    )


class MappingForm(ResourceForm):
    """Which code each point of the device has in the protocol; a point without a code is not taken from it."""

    def __init__(self, *args: Any, row: DeviceAddress, sensors: list[Sensor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._row, self._sensors = row, sensors
        self.groups = {}
        self._add(gettext("地址"), "address", forms.CharField(label=gettext("地址"), max_length=255, initial=row.address))
        if row.protocol in addresses.CALLED and row.protocol != addresses.COALFILE:
            self._add(gettext("地址"), "interval_s", _number(gettext("采集间隔（秒）"), row.interval_s, required=True))
        mapped = {point.sensor_id: point for point in row.points.all()}
        for sensor in sensors:
            point = mapped.get(sensor.pk)
            group = f"{sensor.name}（{sensor.code}）{sensor.unit}"
            code = forms.CharField(
                label=gettext("协议中的代码"), max_length=120, required=False, initial=point.code if point else "", help_text=self._hint()
            )
            self._add(group, f"{sensor.pk}_code", code)
            self._add(group, f"{sensor.pk}_scale", _number(gettext("倍率"), point.scale if point else 1.0))
            self._add(group, f"{sensor.pk}_offset", _number(gettext("偏移"), point.offset if point else 0.0))
            if row.protocol == addresses.MODBUS:
                form = forms.ChoiceField(
                    label=gettext("数据类型"),
                    required=False,
                    choices=[(x, x) for x in addresses.FORMS],
                    initial=(point.form if point else "") or addresses.FORMS[0],
                )
                orders = {"big": gettext("高字在前"), "little": gettext("低字在前")}
                order = forms.ChoiceField(
                    label=gettext("字序"), required=False, choices=list(orders.items()), initial=point.order if point else "big"
                )
                self._add(group, f"{sensor.pk}_form", form)
                self._add(group, f"{sensor.pk}_order", order)

    def _add(self, group: str, name: str, field: forms.Field) -> None:
        self.fields[name] = field
        self.groups[name] = group

    def _hint(self) -> str:
        match self._row.protocol:
            case addresses.MODBUS:
                return gettext("表:地址，地址从 0 起，例如 holding:0、input:12、coil:3、discrete:1。")
            case addresses.OPCUA:
                return gettext("节点标识，例如 ns=2;s=Tank1.Level。")
            case _:
                return gettext("留空即不从该协议取值。")

    def points(self) -> tuple[PlannedPoint, ...]:
        """The points that have a code."""
        data = self.cleaned_data
        return tuple(
            PlannedPoint(
                sensor.pk,
                data[f"{sensor.pk}_code"],
                _or(data.get(f"{sensor.pk}_scale"), 1.0),
                _or(data.get(f"{sensor.pk}_offset"), 0.0),
                data.get(f"{sensor.pk}_form", ""),
                data.get(f"{sensor.pk}_order") or "big",
            )
            for sensor in self._sensors
            if data.get(f"{sensor.pk}_code")
        )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _number(label: str, initial: float, *, required: bool = False) -> forms.FloatField:
    widget = forms.NumberInput({"step": "any", "inputmode": "decimal"})
    return forms.FloatField(label=label, required=required, initial=initial, widget=widget)
