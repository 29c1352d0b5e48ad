"""Devices from a spreadsheet: each row names its enterprise by credit code and, where equipment signs in already, its credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from anlan.desk.resource import Sheet, SheetColumn, cells
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.sense.devices import rules, services
from anlan.sense.devices.models import Device, DeviceCredential

_ = gettext_lazy


def _device_class(cell: str) -> str:
    """A class of devices by its code or its name."""
    for code, label in rules.DEVICE_CLASSES.items():
        if cell in {code, label, gettext(label)}:
            return code
    raise cells.NotAChoice(value=cell, choices="、".join(gettext(label) for label in rules.DEVICE_CLASSES.values()))


def _check(values: Mapping[str, Any]) -> None:
    """A whole row: the enterprise is registered, the code is free there, the credential is the enterprise's own."""
    owner = enterprises.by_uscc(str(values.get("uscc", "")))
    if owner is None:
        raise Invalid({"uscc": NotFound(what=str(values.get("uscc")))})
    wrong: dict[str, Refusal | str] = {}
    if Device.objects.filter(enterprise_id=owner.id, code=values.get("code")).exists():
        wrong["code"] = rules.CodeTaken(value=str(values.get("code")))
    username = values.get("credential")
    if username and not DeviceCredential.objects.filter(enterprise_id=owner.id, username=username, state=rules.ACTIVE).exists():
        wrong["credential"] = rules.CredentialOfAnother(username=username)
    if values.get("longitude") is not None or values.get("latitude") is not None:
        try:
            enterprises.check_point(owner.place_code, values.get("longitude"), values.get("latitude"))
        except Refusal as refusal:
            wrong["longitude"] = refusal
    if wrong:
        raise Invalid(wrong)


def _place(values: Mapping[str, Any]) -> str:
    owner = enterprises.by_uscc(str(values.get("uscc", "")))
    return owner.place_code if owner is not None else ""


def import_devices(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Register checked rows; the caller's transaction keeps all or none. Raises what ``services.register_device`` raises."""
    for values in rows:
        facts = dict(values)
        uscc, username = str(facts.pop("uscc")), facts.pop("credential", "") or ""
        owner = enterprises.by_uscc(uscc, actor)
        if owner is None:
            raise NotFound(what=uscc)
        if username:
            credential = DeviceCredential.objects.filter(enterprise_id=owner.id, username=username, state=rules.ACTIVE).first()
            if credential is None:
                raise Invalid({"credential": rules.CredentialOfAnother(username=username)})
            facts["credential_id"] = credential.pk
        services.register_device(owner.id, {name: value for name, value in facts.items() if value not in (None, "")}, actor=actor, now=now)
    return len(rows)


DEVICES = Sheet(
    columns=(
        SheetColumn("uscc", _("企业统一社会信用代码"), enterprises.credit_code, required=True, example="91370102MA3C00000B"),
        SheetColumn("code", _("设备编号"), rules.checked_code, required=True, example="GDS-101"),
        SheetColumn("name", _("设备名称"), cells.text(120), required=True, example="1# 罐区可燃气体探测器"),
        SheetColumn("device_class", _("设备类型"), _device_class, required=True, example="气体探测器"),
        SheetColumn("credential", _("接入用户名"), cells.text(64), help=_("该企业已发放的接入凭证；没有则留空，以后再指定。")),
        SheetColumn("manufacturer", _("生产厂家"), cells.text(120)),
        SheetColumn("model_number", _("型号"), cells.text(120)),
        SheetColumn("location_note", _("安装位置"), cells.text(200), example="罐区东侧围堰"),
        SheetColumn("longitude", _("经度"), cells.number(-180, 180), example="117.0514"),
        SheetColumn("latitude", _("纬度"), cells.number(-90, 90), example="36.6636"),
        SheetColumn("commissioned_on", _("投用日期"), cells.day, example="2024-06-01"),
    ),
    write=import_devices,
    check=_check,
    place=_place,
)
