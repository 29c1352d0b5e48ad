"""Verbs of carriers: who carries which channel, by which adapter, at which price. Secrets are named here and kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.warn.channels import gate, rules
from anlan.warn.channels.adapters import KINDS
from anlan.warn.channels.models import Carrier


class UnknownAdapter(Refusal):
    code: ClassVar[str] = "channels.unknown_adapter"
    sentence: ClassVar[str] = N_("没有这种接入方式，或它不能承担该渠道。")
    status: ClassVar[int] = 422


class NotOptions(Refusal):
    code: ClassVar[str] = "channels.not_options"
    sentence: ClassVar[str] = N_("接口参数应为 JSON 对象，例如 {example}。")
    status: ClassVar[int] = 422


class SecretInOptions(Refusal):
    code: ClassVar[str] = "channels.secret_in_options"
    sentence: ClassVar[str] = N_("接口参数里不能写口令或令牌（“{name}”）；请交运维人员放入节点的 secrets/carriers 目录，此处只填密钥名称。")
    status: ClassVar[int] = 422


_SECRET_WORDS = ("password", "secret", "token", "passwd", "apikey", "api_key")


def register_carrier(*, actor: Actor, now: datetime, **values: Any) -> Carrier:
    """Enter a carrier. Needs ``carriers.register``. ``name, channel, adapter, place_code`` are needed. Raises ``Invalid``."""
    row = Carrier(created_at=now, updated_at=now)
    _fill(row, values)
    with change(actor, "carriers.register", now=now, place_code=row.place_code) as made:
        row.save(force_insert=True)
        made.subject = row
    return row


def change_carrier(
    carrier_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: Any
) -> Carrier:
    """Change or switch off a carrier. Needs ``carriers.change``. Raises ``Invalid``, ``Conflict``, ``NotFound``."""
    with transaction.atomic():
        row = Carrier.objects.select_for_update().filter(pk=carrier_id).first()
        if row is None:
            raise NotFound(what=str(carrier_id))
        with change(actor, "carriers.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.name)
            _fill(row, values)
            # What was held against it counts no more: it is tried again at once.
            row.failures, row.failing_since, row.closed_until, row.updated_at = 0, None, None, now
            row.save()
            if reason:
                made.facts["reason"] = reason
    row.refresh_from_db()
    return row


def _fill(row: Carrier, values: Mapping[str, Any]) -> None:
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        try:
            setattr(row, name, _one(name, value))
        except Refusal as refusal:
            wrong[name] = refusal
    kind = KINDS.get(row.adapter)
    if kind is None or row.channel not in kind.channels:
        wrong["adapter"] = UnknownAdapter()
    elif not wrong and row.enabled:
        try:
            # Opening connects to nothing: it judges address, options and secret.
            gate.opened(row).close()
        except Refusal as refusal:
            wrong["endpoint"] = refusal
    if wrong:
        raise Invalid(wrong)


def _one(name: str, value: Any) -> Any:
    if name == "options":
        return _options(value)
    if name == "channel" and value not in rules.channels():
        raise rules.UnknownChannel(value=value)
    if name == "rate_per_s":
        return value or None
    if name == "cost_fen":
        return Decimal(str(value)) if value not in (None, "") else None
    if name == "batch_size":
        return value or 500
    if isinstance(value, str):
        return value.strip()
    return value


def _options(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except ValueError:
            raise NotOptions(example='{"source": "10690000"}') from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotOptions(example='{"source": "10690000"}')
    for name in value:
        if any(word in str(name).lower() for word in _SECRET_WORDS):
            raise SecretInOptions(name=name)
    return value
