"""The one verb of the room: the mirror of the data files is brought up to date."""

from __future__ import annotations

from datetime import datetime

from anlan.ground.chemicals import catalogue, rules
from anlan.ground.chemicals.catalogue import Entry
from anlan.ground.chemicals.models import Chemical
from anlan.kernel.access import Actor, Classification
from anlan.kernel.levels import NATION
from anlan.ledger.changes import change


def mirror(*, actor: Actor, now: datetime) -> int:
    """Make the table equal to the data files; returns how many rows were made, changed or taken away. The second time there is nothing to do."""
    known = {row.code: row for row in Chemical.objects.all()}
    wanted = {each.code: _values(each) for each in catalogue.entries()}
    gone = [row.pk for code, row in known.items() if code not in wanted]
    new = [Chemical(place_code=NATION, created_at=now, updated_at=now, **values) for code, values in wanted.items() if code not in known]
    other = [
        row for code, row in known.items() if code in wanted and any(getattr(row, name) != value for name, value in wanted[code].items())
    ]
    if not (gone or new or other):
        return 0
    with change(actor, "chemicals.load", now=now, place_code=NATION) as made:
        Chemical.objects.filter(pk__in=gone).delete()
        Chemical.objects.bulk_create(new)
        for row in other:
            for name, value in wanted[row.code].items():
                setattr(row, name, value)
            row.updated_at, row.version = now, row.version + 1
            row.save()
        made.facts.update(version=catalogue.version(), new=len(new), changed=len(other), gone=len(gone))
    return len(gone) + len(new) + len(other)


def _values(each: Entry) -> dict[str, object]:
    notice = catalogue.regulated(each.code)
    return {
        "code": each.code,
        "name": each.name_zh,
        "name_en": each.name_en,
        "aliases": each.aliases,
        "formula": each.formula,
        "cas": each.cas,
        "un": each.un,
        "hazard_class": each.hazard_class,
        "main_class": rules.main_class(each.hazard_class),
        "guide": each.guide,
        "form": each.form,
        "regulated": notice is not None,
        "regulated_by": notice.notice if notice else "",
        "source": each.source,
        "status": each.status,
        "classification": int(Classification.PUBLIC),
    }
