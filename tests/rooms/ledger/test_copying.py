"""Rows that come in by COPY are those that would have been inserted, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.ids import new_id
from anlan.ledger.copying import Blank, copy_in

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=30)


def made(**values: object) -> Enterprise:
    code = f"{new_id().int % 10**18:018d}"
    return Enterprise(**({"uscc": code, "name": "示例厂", "place_code": "370102", "created_at": NOW, "updated_at": NOW} | values))


class Copied(TestCase):
    @settings(max_examples=60)
    @given(TEXT, TEXT, st.lists(st.fixed_dictionaries({"name": TEXT, "until": TEXT}), max_size=2))
    def test_every_text_comes_back_as_it_was_given_and_is_found_like_an_inserted_one(self, name, address, former):
        name = name or "x"
        told = []
        for insert in (copy_in, Enterprise.objects.bulk_create):
            row = made(uscc="9" * 18, name=name, registered_address=address, former_names=former)
            insert([row])
            back = Enterprise.objects.extra(select={"tokens": "search_tokens::text"}).get(pk=row.pk)
            assert (back.name, back.registered_address, back.former_names) == (name, address, former)
            told.append((back.search_text, back.name_key, back.tokens, back.created_at, back.longitude))
            back.delete()
        assert told[0] == told[1]


@pytest.mark.django_db
def test_what_the_table_forbids_is_refused_as_of_an_insert_and_nothing_of_the_batch_stays():
    first = made(uscc="1" * 18)
    assert copy_in([first]) == 1 and not first._state.adding
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in([made(), made(uscc="1" * 18)])
    assert Enterprise.objects.count() == 1
    assert copy_in([]) == 0


def test_a_blank_row_is_what_the_model_would_have_made_and_shares_nothing_with_the_next():
    told = {"uscc": "1" * 18, "name": "示例厂", "place_code": "370102", "supervisor_id": new_id()}
    blank = Blank(Enterprise)
    row, other, usual = blank(**told), blank(**told), Enterprise(**told)
    fresh = {"id", "created_at", "updated_at"}
    columns = {field.attname for field in Enterprise._meta.concrete_fields} - fresh
    assert {name: getattr(row, name) for name in columns} == {name: getattr(usual, name) for name in columns}
    assert row._state.adding and row.pk != other.pk and row.former_names is not other.former_names
    with pytest.raises(TypeError, match="nmae"):
        blank(nmae="示例厂")


@pytest.mark.django_db
def test_a_blank_row_is_saved_like_any_other():
    row = Blank(Enterprise)(uscc="2" * 18, name="示例厂", place_code="370102", created_at=NOW, updated_at=NOW)
    row.save()
    assert Enterprise.objects.get(pk=row.pk).name == "示例厂"
