"""The inventory of a unit from an enterprise's own system: the whole of it each time, by the code of the unit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from anlan.desk.sending import Body, Sendable, Sent, register
from anlan.desk.sending.refusals import FieldMissing
from anlan.kernel.errors import Invalid
from anlan.prevent.hazardsources import queries, rules, services
from anlan.prevent.hazardsources.inventory import line_of
from anlan.prevent.hazardsources.models import HazardUnit


class LineContent(BaseModel):
    """One substance as typed; ``quantity`` is the design maximum, in ``unit``."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    substance: str = ""
    cas: str = ""
    quantity: str = ""
    unit: str = ""
    seq: str = ""
    symbols: str | list[str] = ""
    mixture: str = ""
    note: str = ""


class InventoryContent(Body):
    """The whole inventory of a unit (GB 18218-2018). ``name`` and ``kind`` register a unit that is not known yet."""

    lines: list[LineContent] = Field(max_length=500)
    note: str | None = None
    name: str | None = None
    kind: str | None = Field(None, description="production or storage")
    extent: str | None = None
    longitude: float | None = None
    latitude: float | None = None


def _like(enterprise_id: UUID, external_id: str, _body: InventoryContent | None) -> HazardUnit | None:
    return HazardUnit.objects.filter(enterprise_id=enterprise_id, code=external_id).first()


def put(sent: Sent[InventoryContent, HazardUnit]) -> tuple[HazardUnit, bool]:
    """Register the unit where it is not known, and replace its inventory; the same lines again change nothing."""
    unit = sent.record if sent.record is not None else _registered(sent)
    lines = [line_of(_plain(line)) for line in sent.body.lines]
    _version, fresh = services.write_inventory(unit.pk, lines, actor=sent.actor, now=sent.now, note=sent.body.note or "")
    if fresh:
        # So that whoever asks what changed finds the unit, whose own columns say nothing of its lines.
        HazardUnit.objects.filter(pk=unit.pk).update(updated_at=sent.now)
    return unit, fresh or sent.record is None


def _plain(line: LineContent) -> dict[str, str]:
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in line.model_dump().items()}


def _registered(sent: Sent[InventoryContent, HazardUnit]) -> HazardUnit:
    missing = [name for name in ("name", "kind") if not getattr(sent.body, name)]
    if missing:
        raise Invalid({name: FieldMissing() for name in missing})
    known = ("name", "kind", "extent", "longitude", "latitude")
    values = {name: value for name, value in sent.body.values().items() if name in known and value is not None}
    return services.register_unit(sent.enterprise_id, actor=sent.actor, now=sent.now, code=sent.external_id, **values)


def _told(unit: HazardUnit, _actor: object) -> dict[str, Any]:
    held = queries.newest_inventory(unit.pk)
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "number": held.number if held is not None else 0,
        "at": held.at if held is not None else None,
        "lines": held.lines if held is not None else [],
        "level": unit.major_level,
        "to_reassess": unit.to_reassess,
    }


register(
    Sendable(
        code="hazard-inventories",
        label=_("重大危险源单元物质清单"),
        view=queries.VIEW,
        write=rules.SENDABLE[0],
        body=InventoryContent,
        rows=lambda actor, enterprise_id: queries.units(actor).filter(enterprise_id=enterprise_id),
        told=_told,
        put=put,
        like=_like,
        never=("level", "r", "s"),
    )
)
