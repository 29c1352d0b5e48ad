"""Verbs of sector packs: load a version, say that a pack concerns an enterprise, save an enterprise's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.packs import door, queries, reading, rules
from anlan.ground.packs.joints import joints
from anlan.ground.packs.models import Pack, PackMark, SectorFacts
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import NATION
from anlan.ledger.changes import change, permit
from anlan.ledger.sources import law_day

DATA = Path(__file__).parent / "data"
"""The packs that come with the platform, one folder each."""


def check_folder(folder: Path) -> reading.Read:
    """Read a folder and find everything that is wrong; nothing is kept. Codes of sectors: the register's, and those of other packs."""
    known = {row.code for row in organisations.listed_sectors()}
    peek = reading.read(folder, known)
    known |= set(queries.sector_codes(but=peek.content.head.code if peek.content else folder.name))
    return reading.read(
        folder,
        known,
        sensor_check=joints.sensor_check,
        criteria_lists=joints.criteria_lists,
        rule_groups=joints.rule_groups,
    )


def load_folder(folder: Path, *, built_in: bool = False, actor: Actor, now: datetime) -> tuple[Pack, bool]:
    """Load a folder, the whole pack or nothing; the version and whether it is new. Raises ``PackBroken`` and as :func:`load`."""
    found = check_folder(folder)
    if found.content is None:
        raise rules.PackBroken(count=len(found.problems), first=found.problems[0].told(gettext))
    return load(found.content, built_in=built_in, actor=actor, now=now)


@transaction.atomic
def load(given: rules.Content, *, built_in: bool = False, actor: Actor, now: datetime) -> tuple[Pack, bool]:
    """Keep a version of a pack. The same content again changes nothing.

    Raises ``VersionTaken`` (other content under the same version), ``VersionTooEarly``, ``SectorTaken``, ``NotPermitted``.
    """
    permit(actor, "packs.load", place_code=NATION)
    head, told = given.head, reading.packed(given)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"packs:{head.code}"])
    digest = reading.digest(given)
    kept = queries.versions(head.code)
    same = next((row for row in kept if row.edition == head.version), None)
    if same is not None:
        if same.digest == digest:
            return same, False
        raise rules.VersionTaken(pack=head.name_zh, version=head.version)
    begins = rules.begins(head.effective_from, today=law_day(now), first=not kept)
    if kept and begins <= kept[0].in_force_from:
        raise rules.VersionTooEarly(pack=head.name_zh, version=head.version, day=begins, other=kept[0].edition, since=kept[0].in_force_from)
    taken = queries.sector_codes(but=head.code)
    for each in head.new_sectors:
        if each.code in taken:
            raise rules.SectorTaken(sector=each.code, pack=taken[each.code])
    with change(actor, "packs.load", now=now, place_code=NATION) as made:
        row = Pack(
            place_code=NATION,
            classification=int(Classification.PUBLIC),
            created_at=now,
            updated_at=now,
            code=head.code,
            edition=head.version,
            name_zh=head.name_zh,
            name_en=head.name_en,
            effective_from=head.effective_from,
            in_force_from=begins,
            head=told["head"],
            tables=told["tables"],
            counts={name: len(rows) for name, rows in told["tables"].items()},
            digest=digest,
            built_in=built_in,
            loaded_by_name=actor.name,
            source=head.source,
            status=head.status,
        )
        row.save(force_insert=True)
        made.facts.update(code=row.code, edition=row.edition, digest=digest, counts=row.counts, in_force_from=begins.isoformat())
        made.announce(
            door.PackLoaded(
                subject_id=row.pk,
                place_code=NATION,
                classification=Classification.PUBLIC,
                at=now,
                code=row.code,
                edition=row.edition,
                name=row.name_zh,
                in_force_from=begins.isoformat(),
            )
        )
    return row, True


def load_built_in(*, actor: Actor, now: datetime) -> tuple[int, int]:
    """Load the packs that come with the platform: how many there are, how many were new."""
    folders = sorted(path for path in DATA.iterdir() if path.is_dir())
    return len(folders), sum(load_folder(folder, built_in=True, actor=actor, now=now)[1] for folder in folders)


@transaction.atomic
def mark(enterprise_id: UUID, pack_code: str, applies: bool, *, reason: str, actor: Actor, now: datetime) -> PackMark:
    """Say that a pack concerns an enterprise, or does not. Raises ``NotFound``, ``MarkNeedsReason``, ``NotPermitted``."""
    chosen = enterprises.enterprise(enterprise_id, actor)
    _permit(actor, chosen)
    if not queries.versions(pack_code):
        raise NotFound(what=pack_code)
    if not reason.strip():
        raise rules.MarkNeedsReason()
    before = PackMark.objects.select_for_update().filter(enterprise_id=chosen.id, pack_code=pack_code).first()
    with change(actor, "packs.fill", now=now, record=before, place_code=chosen.place_code, enterprise_id=chosen.id) as made:
        row = before or PackMark(enterprise_id=chosen.id, pack_code=pack_code, created_at=now)
        row.place_code, row.classification = chosen.place_code, chosen.classification
        row.applies, row.reason, row.by_name, row.updated_at = applies, reason.strip()[:300], actor.name, now
        row.save()
        made.subject = row
        made.announce(_changed(row.pk, chosen, pack_code, ("applies",), now))
    return row


@transaction.atomic
def save_facts(
    enterprise_id: UUID, pack_code: str, given: Mapping[str, object], *, seen: int | None = None, actor: Actor, now: datetime
) -> SectorFacts:
    """Save an enterprise's answers to a pack's fields; unchanged ones are not saved again.

    ``seen``: number of the answers that the form had shown (0: none; ``None``: not asked). Answers to fields that the version of today
    no longer asks are kept as they were. Raises ``Invalid`` naming fields, ``NotConcerned``, ``FactsChanged``, ``NotFound``, ``NotPermitted``.
    """
    chosen = enterprises.enterprise(enterprise_id, actor)
    _permit(actor, chosen)
    day = law_day(now)
    pack = next((row for row in queries.of_enterprise(chosen.id, day) if row.code == pack_code), None)
    if pack is None:
        raise rules.NotConcerned(pack=queries.edition(pack_code, day=day).name_zh)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"facts:{chosen.id}:{pack_code}"])
    fields = queries.rows_of(pack, "fields", rules.FieldRow, day)
    before = next(iter(queries.facts(chosen.id, pack_code)), None)
    if before is not None and seen is not None and seen < before.number:
        names = {row.code: row.name_zh for row in fields}
        raise rules.FactsChanged(
            name=before.by_name,
            at=f"{before.created_at.astimezone(queries.CHINA):%Y-%m-%d %H:%M}",
            fields="、".join(names.get(code, code) for code in before.changed),
        )
    asked = {row.code for row in fields}
    old: dict[str, Any] = before.values if before is not None else {}
    values = {code: value for code, value in old.items() if code not in asked} | rules.answers(fields, given)
    changed = sorted(code for code in old.keys() | values.keys() if old.get(code) != values.get(code))
    if before is not None and not changed:
        return before
    with change(actor, "packs.fill", now=now, place_code=chosen.place_code, enterprise_id=chosen.id) as made:
        row = SectorFacts(
            enterprise_id=chosen.id,
            place_code=chosen.place_code,
            classification=chosen.classification,
            created_at=now,
            updated_at=now,
            pack_code=pack_code,
            edition=pack.edition,
            number=before.number + 1 if before is not None else 1,
            values=values,
            changed=changed,
            by_name=actor.name,
        )
        row.save(force_insert=True)
        made.subject = row
        made.facts.update(pack=pack_code, edition=pack.edition, before={code: old.get(code) for code in changed})
        made.announce(_changed(row.pk, chosen, pack_code, tuple(changed), now))
    return row


def _permit(actor: Actor, chosen: enterprises.EnterpriseSummary) -> None:
    permit(actor, "packs.fill", place_code=chosen.place_code, enterprise_id=chosen.id, classification=chosen.classification)


def _changed(
    key: UUID, chosen: enterprises.EnterpriseSummary, pack: str, fields: tuple[str, ...], now: datetime
) -> door.SectorFactsChanged:
    return door.SectorFactsChanged(
        subject_id=key,
        place_code=chosen.place_code,
        enterprise_id=chosen.id,
        classification=Classification(chosen.classification),
        at=now,
        pack=pack,
        changed=fields,
    )
