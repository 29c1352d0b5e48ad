"""Whatever belongs to an enterprise is declared: a table that nobody declared would be left behind when two files are merged."""

import pytest
from django.apps import apps
from django.db import models

from anlan.ground.enterprises import belongings
from anlan.ground.enterprises.models import Enterprise


def columns() -> dict[tuple[str, str], type[models.Model]]:
    """Every column of a stored table that holds the id of an enterprise."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            refers = isinstance(field, models.ForeignKey) and field.related_model is Enterprise
            if refers or field.attname.endswith("enterprise_id"):
                found[model._meta.label, field.attname] = model
    return found


def test_every_table_that_belongs_to_an_enterprise_is_declared():
    declared = {(belonging.table._meta.label, belonging.column) for belonging in belongings.declared() if not belonging.where}
    assert set(columns()) == declared


def moving() -> list[belongings.Belonging]:
    return [belonging for belonging in belongings.declared() if belonging.stays is None]


@pytest.mark.parametrize("belonging", moving(), ids=lambda one: f"{one.model}.{one.column}")
def test_what_is_handed_over_is_found_by_an_index_and_says_what_happens_to_twins(belonging):
    meta = belonging.table._meta
    assert all(meta.get_field(name.split("__")[0]) for name in (*belonging.alike, *belonging.among, *belonging.where))
    own = next(field for field in meta.concrete_fields if field.attname == belonging.column)
    constraints = [
        set(c.fields) for c in meta.constraints if isinstance(c, models.UniqueConstraint) and {own.name, own.attname} & set(c.fields)
    ]
    for fields in constraints:
        assert belonging.conflicts, fields
        assert set(belonging.alike) <= fields
    first = [c.fields[0] for c in meta.constraints if isinstance(c, models.UniqueConstraint)] + [
        i.fields[0] for i in meta.indexes if i.fields
    ]
    assert own.db_index or own.unique or {own.name, own.attname} & set(first) or belonging.where
    for conflict in belonging.conflicts:
        match conflict:
            case belongings.Rename(column, suffix):
                assert (meta.get_field(column).max_length or 0) > len(suffix.format("000000")) + 4
                assert column in belonging.alike
            case belongings.SetAside(values):
                assert all(meta.get_field(name) for name in values)
            case belongings.Refuse(column, advice, when):
                assert advice
                assert all(meta.get_field(name.split("__")[0]) for name in (column, *when))
